//! What a human asks of a ledger on which a service may be working: another process, another connection.

use std::path::Path;

use jiff::Timestamp;
use sqlx::Row as _;

use super::{SqliteStore, format, optional_time};
use crate::ledger::LedgerError;

impl SqliteStore {
    /// Opens a ledger that is there, beside the service that may be using it, and changes nothing by that.
    ///
    /// # Errors
    /// [`LedgerError::TooNew`] and [`LedgerError::TooOld`] for another format than this version's, [`LedgerError::Damaged`] and
    /// [`LedgerError::Unavailable`] when it cannot be read.
    pub async fn beside(file: &Path) -> Result<Self, LedgerError> {
        let store = Self::connect(file, false).await?;
        format::is_current(&mut *store.lock().await?, file).await?;
        Ok(store)
    }

    /// Whether every page of the file can be read and has its place.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when not.
    pub async fn examine(&self) -> Result<(), LedgerError> {
        format::check(&mut *self.lock().await?).await
    }

    /// Up to when each feed was surely read.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn marks(&self) -> Result<Vec<(String, Option<Timestamp>)>, LedgerError> {
        let rows = sqlx::query("SELECT feed, complete_at FROM feeds ORDER BY feed")
            .fetch_all(&mut *self.lock().await?)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("feed")?, optional_time(row, "complete_at")?))).collect()
    }

    /// A reply in doubt is looked for once more, and posted if it is surely not there. Says whether there is such a reply.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn look_again(&self, seq: i64) -> Result<bool, LedgerError> {
        self.decide(seq, "state = 'sending'").await
    }

    /// A human has seen that a reply in doubt does not stand there: it is posted. Says whether there is such a reply.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn not_there(&self, seq: i64) -> Result<bool, LedgerError> {
        self.decide(seq, "state = 'intended', sending_at = NULL, attempts = 0").await
    }

    /// A reply in doubt stays what it is, and waits for nobody any more. Says whether there is such a reply.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn leave(&self, seq: i64) -> Result<bool, LedgerError> {
        let left = sqlx::query(
            "UPDATE replies SET sealed = NULL WHERE seq = $1 AND state = 'in_doubt' AND sealed IS NOT NULL",
        )
        .bind(seq)
        .execute(&mut *self.lock().await?)
        .await?;
        Ok(left.rows_affected() == 1)
    }

    /// It gets a fresh number, so that a sender who looks above the last number it knows will find it.
    async fn decide(&self, seq: i64, change: &'static str) -> Result<bool, LedgerError> {
        let statement = format!(
            "UPDATE replies SET {change}, sent_at = NULL, seq = (SELECT MAX(seq) + 1 FROM replies)
             WHERE seq = $1 AND state = 'in_doubt' AND sealed IS NOT NULL"
        );
        let changed = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(seq).execute(&mut *self.lock().await?).await?;
        Ok(changed.rows_affected() == 1)
    }
}
