//! Logins in the state folder: one file for each account, whole or not at all, for its owner only, one writer at a
//! time.
//!
//! Readers need no lock, since a file is replaced whole. Whoever reads, asks the platform and writes holds the lock
//! all the while: a refresh token that two processes spend is a login lost.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, after};

/// How often the lock is tried.
const TRY: Duration = Duration::from_millis(100);

/// What a login gave.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Goes with each call.
    pub access: SecretString,
    /// Renews both, once; `None` where nothing renews the access token, or where it renews itself.
    pub refresh: Option<SecretString>,
    /// When the access token was given, where that is known.
    pub obtained_at: Option<Timestamp>,
    /// When the access token ends, where that is known.
    pub ends_at: Option<Timestamp>,
    /// When the platform stops showing data until a human confirms (`platforms/meta.md` 2), where that is known.
    pub data_ends_at: Option<Timestamp>,
    /// A renewal was begun, and its answer is not on the disk: the refresh token may be spent.
    pub in_flight: bool,
    /// When the platform refused the refresh token for good.
    pub refused_at: Option<Timestamp>,
}

impl Grant {
    /// A token of which nothing else is known.
    pub const fn fixed(access: SecretString) -> Self {
        Self {
            access,
            refresh: None,
            obtained_at: None,
            ends_at: None,
            data_ends_at: None,
            in_flight: false,
            refused_at: None,
        }
    }
}

/// The file of one account's login.
#[derive(Debug, Clone)]
pub struct Vault {
    path: PathBuf,
    /// Whose login it must be: a Page's id, a handle.
    account: String,
    /// What stands in the credentials for this account.
    credential: Option<SecretString>,
}

/// A vault that this process alone may write, as long as the value lives.
#[derive(Debug)]
pub struct Locked<'a> {
    vault: &'a Vault,
    /// The system lets go of the lock when the process ends, however it ends.
    _lock: File,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    /// The credential that a human gave and that this login is newer than; another one there is newer than this
    /// file. Empty for none; `null` when a human logged in without seeing the credentials.
    origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    obtained_at: Option<i64>,
    #[serde(default)]
    ends_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data_ends_at: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    in_flight: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_at: Option<i64>,
}

impl Vault {
    /// The vault of an account in a state folder, in the file `NAME.tokens`. `credential` is what stands in the
    /// credentials: a login that does not descend from it is older and is passed over.
    pub fn new(folder: &Path, name: &str, account: &str, credential: Option<SecretString>) -> Self {
        Self { path: folder.join(format!("{name}.tokens")), account: account.to_owned(), credential }
    }

    /// The login last written, if it is this account's and newer than the credential.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(&self) -> io::Result<Option<Grant>> {
        let stored = self.stored()?.filter(|stored| self.is_ours(stored));
        Ok(stored.map(Stored::grant))
    }

    /// Waits for at most `patience` until no other process works on this vault.
    ///
    /// # Errors
    /// When another process has it all the while, or the folder cannot be written.
    pub async fn lock(&self, clock: Clock, patience: Duration) -> io::Result<Locked<'_>> {
        let file = self.lock_file()?;
        let until = after(clock.now(), patience);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked { vault: self, _lock: file }),
                Err(TryLockError::WouldBlock) if clock.now() < until => clock.sleep(TRY).await,
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "another process works on the vault"));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    fn lock_file(&self) -> io::Result<File> {
        let path = self.path.with_extension("lock");
        match fresh_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                OpenOptions::new().read(true).write(true).open(&path)
            }
            made => made,
        }
    }

    fn stored(&self) -> io::Result<Option<Stored>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // A message of the parser could quote the file.
        serde_json::from_slice(&bytes).map(Some).map_err(|_| io::Error::other("the vault is damaged"))
    }

    fn is_ours(&self, stored: &Stored) -> bool {
        let account = stored.account.as_ref().is_none_or(|account| account.eq_ignore_ascii_case(&self.account));
        account && stored.origin.as_ref().is_none_or(|origin| *origin == self.origin())
    }

    fn origin(&self) -> String {
        self.credential.as_ref().map(|credential| credential.expose_secret().to_owned()).unwrap_or_default()
    }
}

impl Locked<'_> {
    /// As [`Vault::read`]. A login made without the credentials in sight is from now on newer than those of today.
    ///
    /// # Errors
    /// When the file is there and cannot be read, or cannot be written.
    pub fn read(&self) -> io::Result<Option<Grant>> {
        let Some(mut stored) = self.vault.stored()?.filter(|stored| self.vault.is_ours(stored)) else {
            return Ok(None);
        };
        if stored.origin.is_none() {
            stored.origin = Some(self.vault.origin());
            write_private(&self.vault.path, &serde_json::to_vec(&stored)?)?;
        }
        Ok(Some(stored.grant()))
    }

    /// Writes what descends from the credential or from the login that is there; it is on the disk when this returns.
    ///
    /// # Errors
    /// What the system says; then the login must not be relied on to survive a restart.
    pub fn write(&self, grant: &Grant) -> io::Result<()> {
        self.put(grant, Some(self.vault.origin()))
    }

    /// Writes what a human has just logged in for: it wins over every credential that stands there today.
    ///
    /// # Errors
    /// What the system says; then there is no new login.
    pub fn write_login(&self, grant: &Grant) -> io::Result<()> {
        self.put(grant, self.vault.credential.as_ref().map(|_| self.vault.origin()))
    }

    fn put(&self, grant: &Grant, origin: Option<String>) -> io::Result<()> {
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        let stored = Stored {
            origin,
            account: Some(self.vault.account.clone()),
            access: grant.access.expose_secret().to_owned(),
            refresh: grant.refresh.as_ref().map(|refresh| refresh.expose_secret().to_owned()),
            obtained_at: seconds(grant.obtained_at),
            ends_at: seconds(grant.ends_at),
            data_ends_at: seconds(grant.data_ends_at),
            in_flight: grant.in_flight,
            refused_at: seconds(grant.refused_at),
        };
        write_private(&self.vault.path, &serde_json::to_vec(&stored)?)
    }
}

impl Stored {
    fn grant(self) -> Grant {
        let time = |seconds: Option<i64>| seconds.and_then(|second| Timestamp::from_second(second).ok());
        Grant {
            access: self.access.into(),
            refresh: self.refresh.map(SecretString::from),
            obtained_at: time(self.obtained_at),
            ends_at: time(self.ends_at),
            data_ends_at: time(self.data_ends_at),
            in_flight: self.in_flight,
            refused_at: time(self.refused_at),
        }
    }
}

/// Writes a file so that after a power cut it is there whole or not at all; only the folder's owner can read it.
///
/// # Errors
/// What the system says.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fresh_file(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Makes a file that was not there. Root, who logs in by hand, gives it to the folder's owner, the service; and
/// follows no link that such a user could have laid.
fn fresh_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    if let Some(folder) = path.parent() {
        let folder = fs::metadata(folder)?;
        if folder.uid() != file.metadata()?.uid() {
            fchown(&file, Some(folder.uid()), Some(folder.gid()))?;
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn grant(access: &str, refresh: &str) -> Grant {
        Grant { refresh: Some(refresh.into()), ..Grant::fixed(access.into()) }
    }

    /// The access token that a vault with this credential gives.
    fn found(folder: &Path, account: &str, credential: Option<&str>) -> Option<String> {
        let vault = Vault::new(folder, "x", account, credential.map(SecretString::from));
        vault.read().unwrap().map(|grant| grant.access.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn what_was_renewed_wins_until_a_human_gives_another_credential() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::new(folder.path(), "x", "ZPExemple", Some("given".into()));
        assert!(vault.read().unwrap().is_none());
        let written = Grant {
            obtained_at: Some(Timestamp::UNIX_EPOCH),
            ends_at: Some(Timestamp::from_second(7_200).unwrap()),
            in_flight: true,
            ..grant("a1", "r1")
        };
        vault.lock(Clock::system(), Duration::ZERO).await.unwrap().write(&written).unwrap();
        let read = vault.read().unwrap().unwrap();
        assert_eq!(read.refresh.unwrap().expose_secret(), "r1");
        assert_eq!((read.obtained_at, read.ends_at, read.in_flight), (written.obtained_at, written.ends_at, true));

        assert_eq!(found(folder.path(), "zpexemple", Some("given")).as_deref(), Some("a1"));
        assert_eq!(found(folder.path(), "ZPExemple", Some("given anew")), None);
        assert_eq!(found(folder.path(), "ZPExemple", None), None);
        assert_eq!(found(folder.path(), "ZPAutre", Some("given")), None, "the login of another account");
        for file in ["x.tokens", "x.lock"] {
            let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        assert!(!folder.path().join("x.new").exists());
    }

    #[tokio::test]
    async fn a_login_wins_over_the_credentials_of_its_day_and_not_over_later_ones() {
        let folder = tempfile::tempdir().unwrap();
        // The human's shell cannot see what the service has among its credentials.
        let blind = Vault::new(folder.path(), "x", "ZPExemple", None);
        blind.lock(Clock::system(), Duration::ZERO).await.unwrap().write_login(&grant("a1", "r1")).unwrap();
        assert_eq!(found(folder.path(), "ZPExemple", Some("given")).as_deref(), Some("a1"));

        let service = Vault::new(folder.path(), "x", "ZPExemple", Some("given".into()));
        assert!(service.lock(Clock::system(), Duration::ZERO).await.unwrap().read().unwrap().is_some());
        assert_eq!(found(folder.path(), "ZPExemple", Some("given")).as_deref(), Some("a1"));
        assert_eq!(found(folder.path(), "ZPExemple", Some("given anew")), None);
    }

    #[test]
    fn a_vault_of_the_first_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let old = r#"{"origin":"given","access":"a1","refresh":"r1","ends_at":7200}"#;
        fs::write(folder.path().join("x.tokens"), old).unwrap();
        assert_eq!(found(folder.path(), "ZPExemple", Some("given")).as_deref(), Some("a1"));
    }

    #[test]
    fn a_damaged_vault_is_an_error_that_quotes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.tokens"), r#"{"origin":"secret"#).unwrap();
        let error = Vault::new(folder.path(), "x", "ZPExemple", None).read().unwrap_err();
        assert_eq!(error.to_string(), "the vault is damaged");
    }

    #[tokio::test(start_paused = true)]
    async fn two_processes_never_hold_the_lock_together() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::starting_at(Timestamp::UNIX_EPOCH);
        let vault = Vault::new(folder.path(), "x", "ZPExemple", None);
        let first = vault.lock(clock, Duration::from_secs(60)).await.unwrap();
        let refused = vault.lock(clock, Duration::from_secs(60)).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
        assert_eq!(clock.now().as_second(), 60, "a renewal under way is waited for");
        drop(first);
        vault.lock(clock, Duration::from_secs(60)).await.unwrap();
    }

    #[test]
    fn what_root_writes_belongs_to_the_service() {
        const NOBODY: u32 = 65_534;
        let folder = tempfile::tempdir().unwrap();
        if std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).is_err() {
            println!("skipped: only root can give a folder away");
            return;
        }
        let path = folder.path().join("x.tokens");
        write_private(&path, b"ours").unwrap();
        let written = fs::metadata(&path).unwrap();
        assert_eq!((written.uid(), written.gid(), written.permissions().mode() & 0o777), (NOBODY, NOBODY, 0o600));
    }

    #[test]
    fn a_link_in_the_way_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "not ours").unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.path().join("x.new")).unwrap();
        write_private(&folder.path().join("x.tokens"), b"ours").unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"not ours");
        assert_eq!(fs::read(folder.path().join("x.tokens")).unwrap(), b"ours");
    }
}
