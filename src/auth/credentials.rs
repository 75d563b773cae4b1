//! The credentials folder: one secret a file, read at start, never shown.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use secrecy::SecretString;

/// The folder that holds a zone's secrets.
#[derive(Debug, Clone)]
pub struct Credentials {
    folder: Option<PathBuf>,
}

/// A secret that is needed cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// No folder was named.
    #[error("no credentials folder: give --credentials-dir, or run under systemd with LoadCredential=")]
    NoFolder,
    /// The file is not there or empty.
    #[error("the credential {name} is missing in {folder}: put the token there (one line, mode 0600)")]
    Missing {
        /// The file's name.
        name: String,
        /// The folder looked in.
        folder: String,
    },
    /// The file is there and cannot be read.
    #[error("the credential {name} in {folder} cannot be read: {why}")]
    Unreadable {
        /// The file's name.
        name: String,
        /// The folder looked in.
        folder: String,
        /// What the system says.
        why: String,
    },
}

impl Credentials {
    /// A folder, or none.
    pub fn new(folder: Option<&Path>) -> Self {
        Self { folder: folder.map(Path::to_owned) }
    }

    /// A secret in text form; a trailing newline is ignored.
    ///
    /// # Errors
    /// When there is no folder, no such file, nothing in it, or it cannot be read.
    pub fn secret(&self, name: &str) -> Result<SecretString, CredentialError> {
        let bytes = self.bytes(name)?.ok_or_else(|| self.missing(name))?;
        let text = String::from_utf8(bytes).map_err(|_| self.unreadable(name, "it is not text"))?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() { Err(self.missing(name)) } else { Ok(SecretString::from(text)) }
    }

    /// A secret that need not be there.
    ///
    /// # Errors
    /// When there is no folder or the file is there and cannot be read.
    pub fn optional(&self, name: &str) -> Result<Option<SecretString>, CredentialError> {
        match self.secret(name) {
            Ok(secret) => Ok(Some(secret)),
            Err(CredentialError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A file's bytes; `None` when it is not there or holds an empty line only, as systemd's default does.
    ///
    /// # Errors
    /// When there is no folder or the file cannot be read.
    pub fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, CredentialError> {
        let folder = self.folder.as_ref().ok_or(CredentialError::NoFolder)?;
        // Neither owner nor mode is checked: systemd 257 gives credentials to root with an ACL.
        match fs::read(folder.join(name)) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => Ok(None),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unreadable(name, &error.to_string())),
        }
    }

    fn shown(&self) -> String {
        self.folder.as_deref().unwrap_or_else(|| Path::new("")).display().to_string()
    }

    fn missing(&self, name: &str) -> CredentialError {
        CredentialError::Missing { name: name.to_owned(), folder: self.shown() }
    }

    fn unreadable(&self, name: &str, why: &str) -> CredentialError {
        CredentialError::Unreadable { name: name.to_owned(), folder: self.shown(), why: why.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_trailing_newline_is_no_part_of_a_token() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.token"), "abc\r\n").unwrap();
        fs::write(folder.path().join("facebook.token"), "\n").unwrap();
        let credentials = Credentials::new(Some(folder.path()));
        assert_eq!(credentials.secret("x.token").unwrap().expose_secret(), "abc");
        assert!(matches!(credentials.secret("facebook.token"), Err(CredentialError::Missing { .. })));
        assert!(matches!(credentials.secret("instagram.token"), Err(CredentialError::Missing { .. })));
        assert!(matches!(Credentials::new(None).secret("x.token"), Err(CredentialError::NoFolder)));
    }
}
