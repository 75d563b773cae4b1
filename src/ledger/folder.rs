//! The state folder of one zone: locked against a second process, with the zone's secret key in it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::{Keys, LedgerError, keys::KEY_BYTES};

/// A state folder that this process alone works on, as long as the value lives.
#[derive(Debug)]
pub struct StateFolder {
    path: PathBuf,
    /// Holding it open holds the lock; the system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl StateFolder {
    /// Makes the folder if need be and locks it.
    ///
    /// # Errors
    /// [`LedgerError::Folder`] when it cannot be made or written, [`LedgerError::Locked`] when another
    /// process has it.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let fail =
            |error: &io::Error| LedgerError::Folder { folder: path.display().to_string(), why: error.to_string() };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| fail(&error))?;
        let lock = private_file().create(true).truncate(false).open(path.join("lock")).map_err(|error| fail(&error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(LedgerError::Locked { folder: path.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(fail(&error)),
        }
    }

    /// The file of the ledger, made empty when it is not there, readable by its owner only.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn ledger(&self) -> Result<PathBuf, LedgerError> {
        let path = self.path.join("ledger.sqlite");
        private_file().create(true).truncate(false).open(&path).map_err(|error| self.fail(&error))?;
        Ok(path)
    }

    pub(super) fn fail(&self, error: &io::Error) -> LedgerError {
        LedgerError::Folder { folder: self.path.display().to_string(), why: error.to_string() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The zone's key: `given` by the administrator (`hash.key`), else the one in this folder, made at the
    /// first start.
    ///
    /// # Errors
    /// [`LedgerError::Folder`] when the key cannot be read or made, [`LedgerError::Key`] when it is not 32 bytes
    /// (or 64 hexadecimal digits).
    pub fn keys(&self, given: Option<&[u8]>) -> Result<Keys, LedgerError> {
        let (secret, place) = match given {
            Some(bytes) => (bytes.to_vec(), "hash.key among the credentials".to_owned()),
            None => (
                self.own_secret().map_err(|error| self.fail(&error))?,
                self.path.join("hash.key").display().to_string(),
            ),
        };
        let keys = parse_secret(&secret).and_then(|secret| Keys::new(&secret).ok());
        keys.ok_or(LedgerError::Key { place })
    }

    fn own_secret(&self) -> io::Result<Vec<u8>> {
        let path = self.path.join("hash.key");
        match File::open(&path) {
            Ok(mut file) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secret = Keys::fresh_secret().map_err(io::Error::other)?;
                write_whole(&path, &secret)?;
                Ok(secret.to_vec())
            }
            Err(error) => Err(error),
        }
    }
}

/// Writes a file so that after a power cut it is there whole or not at all; only the owner can read it.
///
/// # Errors
/// What the system says.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = private_file().create(true).truncate(true).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Opens for writing; a file that is made can be read by its owner only.
pub(super) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Whether bytes can be a zone's key: 32 of them, or 64 hexadecimal digits.
pub fn is_key(bytes: &[u8]) -> bool {
    parse_secret(bytes).is_some()
}

fn parse_secret(bytes: &[u8]) -> Option<[u8; KEY_BYTES]> {
    if let Ok(secret) = bytes.try_into() {
        return Some(secret);
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let mut secret = [0; KEY_BYTES];
    if text.len() != KEY_BYTES * 2 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in secret.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok()?;
    }
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_refused_and_the_key_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zone");
        let first = StateFolder::open(&path).unwrap();
        assert!(matches!(StateFolder::open(&path), Err(LedgerError::Locked { .. })));
        let hash = first.keys(None).unwrap().post(crate::model::Platform::X, "1");
        drop(first);
        let again = StateFolder::open(&path).unwrap();
        assert_eq!(again.keys(None).unwrap().post(crate::model::Platform::X, "1"), hash);
    }

    #[test]
    fn a_given_key_may_be_bytes_or_hexadecimal_digits() {
        assert_eq!(parse_secret(&[9; 32]), Some([9; 32]));
        assert_eq!(parse_secret(format!("{}\n", "0a".repeat(32)).as_bytes()), Some([10; 32]));
        assert_eq!(parse_secret(b"short"), None);
    }
}
