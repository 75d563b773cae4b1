//! The tokens that the service renewed itself: in the state folder, whole or not at all, for its owner only.

use std::{fs, io, path::PathBuf};

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::ledger::write_whole;

/// An access token and the single-use token that renews it.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Goes with each call.
    pub access: SecretString,
    /// Renews both, once.
    pub refresh: SecretString,
    /// When the access token ends, where that is known.
    pub ends_at: Option<Timestamp>,
}

/// The file of one account's renewed tokens.
#[derive(Debug, Clone)]
pub struct Vault {
    path: PathBuf,
    /// The refresh token that the administrator gave.
    origin: SecretString,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The refresh token that a human gave and this pair descends from; another one there is newer than this file.
    origin: String,
    access: String,
    refresh: String,
    ends_at: Option<i64>,
}

impl Vault {
    /// The vault in a file. `origin` is the refresh token in the credentials: a pair that descends from
    /// another one is older than it and is passed over.
    pub const fn new(path: PathBuf, origin: SecretString) -> Self {
        Self { path, origin }
    }

    /// The pair last written, if it descends from the credential.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(&self) -> io::Result<Option<Pair>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // A message of the parser could quote the file.
        let file: File = serde_json::from_slice(&bytes).map_err(|_| io::Error::other("the vault is damaged"))?;
        Ok((file.origin == self.origin.expose_secret()).then(|| Pair {
            access: file.access.into(),
            refresh: file.refresh.into(),
            ends_at: file.ends_at.and_then(|second| Timestamp::from_second(second).ok()),
        }))
    }

    /// Writes a pair; it is on the disk when this returns.
    ///
    /// # Errors
    /// What the system says; then the pair must not be relied on to survive a restart.
    pub fn write(&self, pair: &Pair) -> io::Result<()> {
        let file = File {
            origin: self.origin.expose_secret().to_owned(),
            access: pair.access.expose_secret().to_owned(),
            refresh: pair.refresh.expose_secret().to_owned(),
            ends_at: pair.ends_at.map(Timestamp::as_second),
        };
        write_whole(&self.path, &serde_json::to_vec(&file)?)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_renewed_pair_wins_until_a_human_gives_another_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.tokens");
        let vault = Vault::new(path.clone(), "given".into());
        assert!(vault.read().unwrap().is_none());
        vault.write(&Pair { access: "a1".into(), refresh: "r1".into(), ends_at: Some(Timestamp::UNIX_EPOCH) }).unwrap();
        assert_eq!(vault.read().unwrap().unwrap().refresh.expose_secret(), "r1");
        assert!(Vault::new(path.clone(), "given anew".into()).read().unwrap().is_none());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_vault_is_an_error_that_quotes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.tokens");
        fs::write(&path, r#"{"origin":"secret"#).unwrap();
        let error = Vault::new(path, "given".into()).read().unwrap_err();
        assert_eq!(error.to_string(), "the vault is damaged");
    }
}
