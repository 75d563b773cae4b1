//! A back-up: the ledger and the zone's key in a new folder, whole or not at all.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{LedgerError, sqlite, write_whole};

/// A back-up that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackUp {
    /// Its folder.
    pub folder: PathBuf,
    /// What its ledger holds.
    pub contents: sqlite::Contents,
    /// Whether the zone's key is in it; else it stands among the credentials.
    pub has_key: bool,
}

/// Copies what a state folder must not lose into a new folder `name` below `to`. Another process may be working on it.
///
/// # Errors
/// [`LedgerError::BackUp`] when the folder is there already or cannot be written, [`LedgerError::Damaged`] when the
/// ledger is not in order. Then nothing is left behind.
pub async fn back_up(state: &Path, to: &Path, name: &str, now: Timestamp) -> Result<BackUp, LedgerError> {
    let (folder, fresh) = (to.join(name), to.join(format!(".{name}.new")));
    let fail = |error: &io::Error| LedgerError::BackUp { folder: folder.display().to_string(), why: error.to_string() };
    if folder.exists() {
        return Err(fail(&io::Error::other("it is there already, and a back-up is never written over")));
    }
    DirBuilder::new().recursive(true).mode(0o700).create(to).map_err(|error| fail(&error))?;
    DirBuilder::new().mode(0o700).create(&fresh).map_err(|error| fail(&error))?;
    let made = async {
        let contents = sqlite::copy_of(&state.join("ledger.sqlite"), &fresh.join("ledger.sqlite"), now).await?;
        let has_key = copy_key(state, &fresh).map_err(|error| fail(&error))?;
        fs::rename(&fresh, &folder).map_err(|error| fail(&error))?;
        File::open(to).and_then(|parent| parent.sync_all()).map_err(|error| fail(&error))?;
        Ok(BackUp { folder: folder.clone(), contents, has_key })
    };
    let made = made.await;
    if made.is_err() {
        // What went wrong before is what counts.
        let _ = fs::remove_dir_all(&fresh);
    }
    made
}

fn copy_key(state: &Path, fresh: &Path) -> io::Result<bool> {
    match fs::read(state.join("hash.key")) {
        Ok(key) => write_whole(&fresh.join("hash.key"), &key).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
