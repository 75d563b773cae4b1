//! Copies of the ledger: whole or not at all, checked, and marked as copies.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use jiff::Timestamp;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{BUSY, format, signs};
use crate::ledger::{LedgerError, folder::private_file};

/// What stands in a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// Messages recorded.
    pub messages: u64,
    /// Messages that have not ended.
    pub open: u64,
}

/// Copies a ledger that another process may be working on, as it stands at one moment, and marks the copy with the time.
///
/// # Errors
/// [`LedgerError::Damaged`] when the ledger or its copy is not in order, [`LedgerError::Unavailable`] when
/// the system refuses; then no copy is left behind.
pub async fn copy_of(file: &Path, target: &Path, now: Timestamp) -> Result<Contents, LedgerError> {
    let mut connection = SqliteConnectOptions::new().filename(file).busy_timeout(BUSY).connect().await?;
    let kept = keep(&mut connection, target, Some(now)).await;
    connection.close().await?;
    kept
}

/// The same through an open connection. Without a time the copy is not marked.
pub async fn keep(
    connection: &mut SqliteConnection,
    target: &Path,
    made_at: Option<Timestamp>,
) -> Result<Contents, LedgerError> {
    let fresh = target.with_extension("new");
    let kept = match write(connection, &fresh, made_at).await {
        Ok(contents) => put_in_place(&fresh, target).map(|()| contents).map_err(LedgerError::from),
        Err(error) => Err(error),
    };
    if kept.is_err() {
        // It may not have been made at all; what went wrong before is what counts.
        let _ = fs::remove_file(&fresh);
    }
    kept
}

async fn write(
    connection: &mut SqliteConnection,
    fresh: &Path,
    made_at: Option<Timestamp>,
) -> Result<Contents, LedgerError> {
    // SQLite writes into an empty file that is there, and so for its owner only; what an interrupted copy left is emptied.
    private_file().create(true).truncate(true).open(fresh)?;
    sqlx::query("VACUUM INTO $1").bind(fresh.to_string_lossy().into_owned()).execute(connection).await?;
    let mut copy = SqliteConnectOptions::new().filename(fresh).connect().await?;
    // A back-up is compared with its indexes too; an upgrade holds up a start, so its copy is only read through.
    let check = if made_at.is_some() { "PRAGMA integrity_check(1)" } else { "PRAGMA quick_check(1)" };
    let verdict: String = sqlx::query_scalar(check).fetch_one(&mut copy).await?;
    format::in_order(&verdict)?;
    if let Some(made_at) = made_at {
        signs::mark_as_copy(&mut copy, made_at).await?;
    }
    let (messages, open): (i64, i64) =
        sqlx::query_as("SELECT COUNT(*), COUNT(*) - COUNT(outcome) FROM messages").fetch_one(&mut copy).await?;
    copy.close().await?;
    Ok(Contents { messages: u64::try_from(messages).unwrap_or(0), open: u64::try_from(open).unwrap_or(0) })
}

fn put_in_place(fresh: &Path, target: &Path) -> io::Result<()> {
    File::open(fresh)?.sync_all()?;
    fs::rename(fresh, target)?;
    target.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
