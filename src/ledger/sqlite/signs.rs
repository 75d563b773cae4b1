//! Signs in the ledger by which the next start sees whether it is the one that was used last.

use jiff::Timestamp;
use sqlx::{Row as _, SqliteConnection};

use super::{SqliteStore, Transaction, optional_time, write};
use crate::ledger::{LedgerError, Lost, Store as _};

/// How many sends were allowed.
const SENDS: &str = "sends";
/// When the copy was made, in a copy.
const COPY: &str = "copy made at";
/// When the service stopped in order.
const STOPPED: &str = "stopped at";
/// The zone's key, hashed with itself.
const KEY: &str = "key";

/// What a ledger says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// Whether a feed was ever read into it.
    pub used: bool,
    /// How many sends it has allowed; zero in one of a version that did not count them.
    pub sends: u64,
    /// When it was copied, if it is a copy.
    pub copied_at: Option<Timestamp>,
    /// The key whose hashes it holds.
    pub key: Option<String>,
    /// The last time at which it was surely the one in use.
    pub alive_at: Option<Timestamp>,
    /// What it had lost before.
    pub lost: Option<Lost>,
}

impl SqliteStore {
    /// What the ledger says of itself.
    pub(in crate::ledger) async fn signs(&self) -> Result<Signs, LedgerError> {
        let second = |text: String| Timestamp::from_second(text.parse().ok()?).ok();
        let stopped_at = self.note(STOPPED).await?.and_then(second);
        let row = sqlx::query("SELECT COUNT(*) AS feeds, MAX(complete_at) AS complete_at FROM feeds")
            .fetch_one(&mut *self.lock().await?)
            .await?;
        Ok(Signs {
            used: row.try_get::<i64, _>("feeds")? > 0,
            sends: self.note(SENDS).await?.and_then(|text| text.parse().ok()).unwrap_or(0),
            copied_at: self.note(COPY).await?.map(|text| second(text).unwrap_or(Timestamp::MIN)),
            key: self.note(KEY).await?,
            alive_at: optional_time(&row, "complete_at")?.max(stopped_at),
            lost: self.note(Lost::NOTE).await?.and_then(|text| text.parse().ok()),
        })
    }

    /// Goes on as the one in use: what it has lost is remembered, and it is no copy any more.
    pub(in crate::ledger) async fn settle(&self, lost: Option<Lost>, sends: u64, key: &str) -> Result<(), LedgerError> {
        let mut connection = self.lock().await?;
        let mut transaction = write(&mut connection).await?;
        let mut notes = vec![(SENDS, sends.to_string()), (KEY, key.to_owned())];
        notes.extend(lost.map(|lost| (Lost::NOTE, lost.to_string())));
        for (name, text) in notes {
            set(&mut transaction, name, &text).await?;
        }
        sqlx::query("DELETE FROM notes WHERE name = $1").bind(COPY).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The service has stopped in order: the time is written down, and everything stands in the one file.
    ///
    /// # Errors
    /// When the ledger cannot be written. Nothing is lost by that.
    pub async fn rest(&self, now: Timestamp) -> Result<(), LedgerError> {
        self.keep_note(STOPPED, &now.as_second().to_string()).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *self.lock().await?).await?;
        Ok(())
    }
}

/// One more send; returns how many there were.
pub async fn count_send(transaction: &mut Transaction<'_>) -> Result<u64, LedgerError> {
    let row = sqlx::query(
        "INSERT INTO notes (name, text) VALUES ($1, '1')
         ON CONFLICT (name) DO UPDATE SET text = CAST(CAST(notes.text AS BIGINT) + 1 AS TEXT)
         RETURNING CAST(text AS BIGINT) AS sends",
    )
    .bind(SENDS)
    .fetch_one(&mut **transaction)
    .await?;
    super::count(&row, "sends")
}

/// Marks a copy as one.
pub async fn mark_as_copy(copy: &mut SqliteConnection, made_at: Timestamp) -> Result<(), LedgerError> {
    set(copy, COPY, &made_at.as_second().to_string()).await
}

async fn set(connection: &mut SqliteConnection, name: &str, text: &str) -> Result<(), LedgerError> {
    sqlx::query("INSERT INTO notes (name, text) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = excluded.text")
        .bind(name)
        .bind(text)
        .execute(connection)
        .await?;
    Ok(())
}
