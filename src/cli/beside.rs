//! A zone's ledger as another process finds it, beside a running service or without one.

use std::path::PathBuf;

use super::{Exit, options::Folders, stop::Stop};
use crate::ledger::SqliteStore;

/// The state folder of a zone that has run.
///
/// # Errors
/// When there is no ledger in it, or it cannot be read.
pub fn state(folders: &Folders, zone: &str) -> Result<PathBuf, Stop> {
    let state = folders.state(zone);
    match state.join("ledger.sqlite").try_exists() {
        Ok(true) => Ok(state),
        Ok(false) => {
            let why = format!("there is no ledger in {}: has the zone {zone} ever run?", state.display());
            Err(Stop::new(Exit::Usage, why))
        }
        Err(error) => Err(Stop::new(Exit::Permission, format!("{} cannot be read: {error}", state.display()))),
    }
}

/// The ledger of a zone that has run.
///
/// # Errors
/// When it is not there, or cannot be read.
pub async fn ledger(folders: &Folders, zone: &str) -> Result<SqliteStore, Stop> {
    Ok(SqliteStore::beside(&state(folders, zone)?.join("ledger.sqlite")).await?)
}

/// Says what was done, or why it was not.
pub fn said(done: Result<String, Stop>, undone: &str) -> Exit {
    match done {
        Ok(said) => {
            super::tell(&said);
            Exit::Well
        }
        Err(stop) => {
            eprintln!("formez101: {undone}: {}", stop.why);
            stop.exit
        }
    }
}
