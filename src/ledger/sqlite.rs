//! The ledger on SQLite: one file, one writer, every commit on the disk before it returns.

mod copy;
mod format;
mod human;
mod signs;
mod steps;

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use sqlx::{
    Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use tokio::sync::{Mutex, MutexGuard};

use steps::{Ended, drop_held, end_message, end_reply, enter_one, full_until, move_up, pass_on};

pub use copy::{Contents, copy_of};
pub use signs::Signs;

use super::{
    Begun, Ending, Entry, FeedMark, Figures, InDoubt, LedgerError, Limits, OpenReply, OutcomeCount, Pause, Pending,
    Store, sends::SendCount,
};
use crate::{
    clock::before,
    model::{Feed, History, Platform},
};

/// How long a reader outside (a back-up, an auditor) may hold the file before a write fails.
const BUSY: Duration = Duration::from_secs(10);

/// So many pending replies are read at once, so that a restart in a storm does not hold them all in memory.
const MOST_AT_ONCE: i64 = 500;

/// The ledger in one SQLite file.
///
/// A single connection behind a lock is the one writer; queries take microseconds, a commit one fsync.
pub struct SqliteStore {
    options: SqliteConnectOptions,
    connection: Mutex<SqliteConnection>,
    /// Where the sends are counted a second time, beside the file.
    beside: Option<SendCount>,
}

type Transaction<'a> = sqlx::Transaction<'a, sqlx::Sqlite>;

impl SqliteStore {
    /// Opens the file, makes it when it is not there, and brings its format up to date. A copy of an older format is
    /// kept beside it.
    ///
    /// # Errors
    /// [`LedgerError::TooNew`] for a ledger of a later version, [`LedgerError::Damaged`] for a file that is
    /// no ledger or a damaged one, [`LedgerError::Unavailable`] when the disk refuses.
    pub async fn open(file: &Path) -> Result<Self, LedgerError> {
        let store = Self::connect(file, true).await?;
        {
            let mut connection = store.lock().await?;
            format::check(&mut connection).await?;
            format::bring_up_to_date(&mut connection, file).await?;
        }
        Ok(store)
    }

    async fn connect(file: &Path, create: bool) -> Result<Self, LedgerError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("secure_delete", "ON");
        let connection = SqliteConnection::connect_with(&options).await?;
        Ok(Self { options, connection: Mutex::new(connection), beside: None })
    }

    /// Counts the sends beside the file too, from now on.
    #[must_use]
    pub(super) fn counting(mut self, beside: SendCount) -> Self {
        self.beside = Some(beside);
        self
    }

    /// The one connection, in good order.
    async fn lock(&self) -> Result<MutexGuard<'_, SqliteConnection>, LedgerError> {
        let mut connection = self.connection.lock().await;
        if connection.is_in_transaction() {
            // A transaction that was dropped is rolled back with the next command.
            connection.ping().await?;
        }
        if connection.is_in_transaction() {
            // SQLite gave a transaction up by itself (a full disk), and the library still believes in it.
            let mut fresh = SqliteConnection::connect_with(&self.options).await?;
            // A file that cannot be written is opened for reading only, and would stay so when it can be written again.
            // This changes nothing, and fails there; `BEGIN IMMEDIATE` does not.
            sqlx::query("DELETE FROM notes WHERE name IS NULL").execute(&mut fresh).await?;
            *connection = fresh;
        }
        Ok(connection)
    }
}

/// Starts a transaction that takes the write lock at once.
async fn write(connection: &mut SqliteConnection) -> Result<Transaction<'_>, LedgerError> {
    Ok(connection.begin_with("BEGIN IMMEDIATE").await?)
}

fn time(row: &SqliteRow, column: &str) -> Result<Timestamp, LedgerError> {
    optional_time(row, column)?.ok_or_else(|| LedgerError::Damaged(format!("{column} is empty")))
}

fn optional_time(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, LedgerError> {
    let milliseconds: Option<i64> = row.try_get(column)?;
    milliseconds.map(Timestamp::from_millisecond).transpose().map_err(|error| LedgerError::Damaged(error.to_string()))
}

/// Whether somebody has paused the zone.
fn paused(row: &SqliteRow, now: Timestamp) -> Result<bool, LedgerError> {
    Ok(Pause::read(row.try_get("pause")?).holds(now))
}

fn pending(row: &SqliteRow) -> Result<Pending, LedgerError> {
    Ok(Pending {
        seq: row.try_get("seq")?,
        message: row.try_get("message")?,
        sealed: row.try_get::<Option<Vec<u8>>, _>("sealed")?.unwrap_or_default(),
        sending_at: optional_time(row, "sending_at")?,
        attempts: u32::try_from(count(row, "attempts")?).unwrap_or(u32::MAX),
        created_at: time(row, "created_at")?,
        intended_at: time(row, "intended_at")?,
    })
}

fn count(row: &SqliteRow, column: &str) -> Result<u64, LedgerError> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

#[async_trait]
impl Store for SqliteStore {
    async fn open_feed(&self, feed: Feed, now: Timestamp) -> Result<FeedMark, LedgerError> {
        let mut connection = self.lock().await?;
        let mut transaction = write(&mut connection).await?;
        sqlx::query("INSERT INTO feeds (feed, baseline_at) VALUES ($1, $2) ON CONFLICT (feed) DO NOTHING")
            .bind(feed.name())
            .bind(now.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        let row = sqlx::query("SELECT baseline_at, complete_at FROM feeds WHERE feed = $1")
            .bind(feed.name())
            .fetch_one(&mut *transaction)
            .await?;
        let mark = FeedMark { baseline: time(&row, "baseline_at")?, complete: optional_time(&row, "complete_at")? };
        transaction.commit().await?;
        Ok(mark)
    }

    async fn complete_feed(&self, feed: Feed, at: Timestamp) -> Result<(), LedgerError> {
        sqlx::query("UPDATE feeds SET complete_at = $2 WHERE feed = $1")
            .bind(feed.name())
            .bind(at.as_millisecond())
            .execute(&mut *self.lock().await?)
            .await?;
        Ok(())
    }

    async fn has_seen(&self, message: &str) -> Result<bool, LedgerError> {
        let row = sqlx::query("SELECT 1 FROM messages WHERE message = $1")
            .bind(message)
            .fetch_optional(&mut *self.lock().await?)
            .await?;
        Ok(row.is_some())
    }

    async fn history(&self, feed: Feed, contact: &str, thread: &str, now: Timestamp) -> Result<History, LedgerError> {
        let hour_ago = before(now, Duration::from_secs(3600));
        // The states stand in no condition: SQLite would search by them, through every reply ever sent.
        let row = sqlx::query(
            "SELECT baseline_at, complete_at,
                (SELECT colleague_at FROM threads WHERE thread = $2) AS colleague_at,
                (SELECT MAX(CASE WHEN state IN ('sent', 'in_doubt') THEN sent_at END) FROM replies
                    WHERE contact = $3 OR recipient = $3) AS answered_at,
                (SELECT MAX(CASE WHEN state IN ('intended', 'sending') THEN seq END) FROM replies
                    WHERE contact = $3) AS open_reply,
                (SELECT COUNT(*) FROM replies WHERE public = 1 AND intended_at > $4
                    AND state IN ('intended', 'sending', 'sent', 'in_doubt')) AS public_replies,
                (SELECT until_at FROM opt_outs WHERE contact = $3) AS opted_out_until,
                (SELECT language FROM languages WHERE contact = $3 AND thread = $2) AS language,
                (SELECT text FROM notes WHERE name = 'pause') AS pause
             FROM feeds WHERE feed = $1",
        )
        .bind(feed.name())
        .bind(thread)
        .bind(contact)
        .bind(hour_ago.as_millisecond())
        .fetch_one(&mut *self.lock().await?)
        .await?;
        Ok(History {
            baseline: time(&row, "baseline_at")?,
            first_view: optional_time(&row, "complete_at")?.is_none(),
            colleague_at: optional_time(&row, "colleague_at")?,
            answered_at: optional_time(&row, "answered_at")?,
            open_reply: row.try_get("open_reply")?,
            open_waits: false,
            public_replies: u32::try_from(count(&row, "public_replies")?).unwrap_or(u32::MAX),
            opted_out_until: optional_time(&row, "opted_out_until")?,
            paused: paused(&row, now)?,
            // What another version wrote and this one does not know is as good as nothing.
            language: row.try_get::<Option<&str>, _>("language")?.and_then(|code| code.parse().ok()),
        })
    }

    async fn enter(&self, entries: Vec<Entry>) -> Result<Vec<bool>, LedgerError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.lock().await?;
        let mut transaction = write(&mut connection).await?;
        let mut new = Vec::with_capacity(entries.len());
        for entry in &entries {
            new.push(enter_one(&mut transaction, entry).await?);
        }
        transaction.commit().await?;
        Ok(new)
    }

    async fn knows_post(&self, post: &str) -> Result<bool, LedgerError> {
        let row = sqlx::query("SELECT 1 FROM replies WHERE post = $1")
            .bind(post)
            .fetch_optional(&mut *self.lock().await?)
            .await?;
        Ok(row.is_some())
    }

    async fn posted_in(
        &self,
        platform: Platform,
        thread: &str,
        since: Timestamp,
    ) -> Result<Vec<OpenReply>, LedgerError> {
        // One in doubt counts too: if it does stand there after all, it is ours and no colleague's.
        let rows = sqlx::query(
            "SELECT fingerprint, created_at, sending_at, post IS NOT NULL AS settled FROM replies
             WHERE sending_at >= $1 AND (thread = $2 OR route = 'private' AND feed LIKE $3 || '.%')",
        )
        .bind(since.as_millisecond())
        .bind(thread)
        .bind(platform.name())
        .fetch_all(&mut *self.lock().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(OpenReply {
                    fingerprint: row.try_get("fingerprint")?,
                    created_at: time(row, "created_at")?,
                    sending_at: time(row, "sending_at")?,
                    settled: row.try_get::<i64, _>("settled")? != 0,
                })
            })
            .collect()
    }

    async fn colleague(&self, thread: &str, at: Timestamp) -> Result<(), LedgerError> {
        sqlx::query(
            "INSERT INTO threads (thread, colleague_at) VALUES ($1, $2)
             ON CONFLICT (thread) DO UPDATE SET colleague_at = excluded.colleague_at WHERE excluded.colleague_at > threads.colleague_at",
        )
        .bind(thread)
        .bind(at.as_millisecond())
        .execute(&mut *self.lock().await?)
        .await?;
        Ok(())
    }

    async fn pending(&self, platform: Platform, after: i64) -> Result<Vec<Pending>, LedgerError> {
        let rows = sqlx::query(
            "SELECT seq, message, sealed, sending_at, attempts, created_at, intended_at FROM replies
             WHERE state IN ('intended', 'sending') AND seq > $1 AND feed LIKE $2 || '.%' ORDER BY seq LIMIT $3",
        )
        .bind(after)
        .bind(platform.name())
        .bind(MOST_AT_ONCE)
        .fetch_all(&mut *self.lock().await?)
        .await?;
        rows.iter().map(pending).collect()
    }

    async fn pending_reply(&self, seq: i64) -> Result<Option<Pending>, LedgerError> {
        let row = sqlx::query(
            "SELECT seq, message, sealed, sending_at, attempts, created_at, intended_at FROM replies
             WHERE seq = $1 AND state IN ('intended', 'sending')",
        )
        .bind(seq)
        .fetch_optional(&mut *self.lock().await?)
        .await?;
        row.as_ref().map(pending).transpose()
    }

    async fn begin(&self, seq: i64, fingerprint: &str, now: Timestamp, limits: Limits) -> Result<Begun, LedgerError> {
        let mut connection = self.lock().await?;
        let mut transaction = write(&mut connection).await?;
        let row = sqlx::query(
            "SELECT public, created_at, (SELECT colleague_at FROM threads WHERE threads.thread = replies.thread) AS colleague_at,
                (SELECT until_at FROM opt_outs WHERE opt_outs.contact = replies.contact) AS opted_out_until,
                (SELECT text FROM notes WHERE name = 'pause') AS pause,
                (SELECT outcome FROM messages WHERE messages.message = replies.message) IS NOT NULL AS decided
             FROM replies WHERE seq = $1 AND state = 'intended'",
        )
        .bind(seq)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(Begun::NotOpen) };
        if paused(&row, now)? {
            return Ok(Begun::Paused);
        }
        let (silent_since, written) = (before(now, limits.silence), time(&row, "created_at")?);
        // A message that has ended had its reply in doubt, and a human asked for it much later: a colleague had time too.
        let left = limits.left || row.try_get::<i64, _>("decided")? != 0;
        let stops = |at| at > silent_since || (left && at >= written);
        if optional_time(&row, "colleague_at")?.is_some_and(stops) {
            return Ok(Begun::Colleague);
        }
        if optional_time(&row, "opted_out_until")?.is_some_and(|until| now < until) {
            return Ok(Begun::OptedOut);
        }
        if row.try_get::<i64, _>("public")? != 0
            && let Some(until) = full_until(&mut transaction, now, limits.public_cap).await?
        {
            return Ok(Begun::Full { until });
        }
        sqlx::query("UPDATE replies SET state = 'sending', fingerprint = $2, sending_at = $3, attempts = attempts + 1 WHERE seq = $1")
            .bind(seq)
            .bind(fingerprint)
            .bind(now.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        let sends = signs::count_send(&mut transaction).await?;
        transaction.commit().await?;
        // What cannot be counted beside is not posted: it stands as sending, and is looked for like any unknown result.
        self.beside.as_ref().map_or(Ok(()), |beside| beside.write(sends))?;
        Ok(Begun::Go)
    }

    async fn reopen(&self, seq: i64, refused: bool) -> Result<(), LedgerError> {
        sqlx::query("UPDATE replies SET state = 'intended', sending_at = NULL, attempts = attempts - $2 WHERE seq = $1 AND state = 'sending'")
            .bind(seq)
            .bind(i64::from(refused))
            .execute(&mut *self.lock().await?)
            .await?;
        Ok(())
    }

    async fn finish(&self, seq: i64, ending: Ending, now: Timestamp, day: Date) -> Result<(), LedgerError> {
        let mut connection = self.lock().await?;
        let mut transaction = write(&mut connection).await?;
        match end_reply(&mut transaction, seq, &ending, now).await? {
            Ended::Before => return Ok(()),
            // The message has another reply to come: what was held by this one is held by that one.
            Ended::Part { next } => pass_on(&mut transaction, seq, next).await?,
            Ended::Whole { message, feed, outcome } => {
                end_message(&mut transaction, &message, &feed, outcome, day).await?;
                if outcome.may_have_answered() {
                    drop_held(&mut transaction, seq, day).await?;
                } else {
                    move_up(&mut transaction, seq, now).await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn note(&self, name: &str) -> Result<Option<String>, LedgerError> {
        let row = sqlx::query("SELECT text FROM notes WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *self.lock().await?)
            .await?;
        Ok(row.map(|row| row.try_get("text")).transpose()?)
    }

    async fn keep_note(&self, name: &str, text: &str) -> Result<(), LedgerError> {
        sqlx::query(
            "INSERT INTO notes (name, text) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
        )
        .bind(name)
        .bind(text)
        .execute(&mut *self.lock().await?)
        .await?;
        Ok(())
    }

    async fn figures(&self) -> Result<Figures, LedgerError> {
        let mut connection = self.lock().await?;
        let rows =
            sqlx::query("SELECT day, feed, outcome, reason, total FROM outcomes ORDER BY day, feed, outcome, reason")
                .fetch_all(&mut *connection)
                .await?;
        let outcomes = rows
            .iter()
            .map(|row| {
                Ok(OutcomeCount {
                    day: row.try_get("day")?,
                    feed: row.try_get("feed")?,
                    outcome: row.try_get("outcome")?,
                    reason: row.try_get("reason")?,
                    total: count(row, "total")?,
                })
            })
            .collect::<Result<_, LedgerError>>()?;
        let row = sqlx::query("SELECT COUNT(*) AS messages, COUNT(*) - COUNT(outcome) AS open FROM messages")
            .fetch_one(&mut *connection)
            .await?;
        Ok(Figures { outcomes, messages: count(&row, "messages")?, open: count(&row, "open")? })
    }

    async fn forget(&self, before: Timestamp, now: Timestamp) -> Result<u64, LedgerError> {
        let mut connection = self.lock().await?;
        let mut transaction = write(&mut connection).await?;
        let day_ago = crate::clock::before(now, steps::DAY).as_millisecond();
        let before = before.as_millisecond();
        sqlx::query("DELETE FROM replies WHERE created_at < $1 AND state NOT IN ('intended', 'sending', 'held')")
            .bind(before)
            .execute(&mut *transaction)
            .await?;
        // No reply is posted a day after it was intended, so that nobody needs its address any more.
        sqlx::query(
            "UPDATE replies SET sealed = NULL WHERE state = 'in_doubt' AND sealed IS NOT NULL AND intended_at < $1",
        )
        .bind(day_ago)
        .execute(&mut *transaction)
        .await?;
        let gone = sqlx::query("DELETE FROM messages WHERE created_at < $1 AND outcome IS NOT NULL AND message NOT IN (SELECT message FROM replies)")
            .bind(before)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM threads WHERE colleague_at < $1").bind(before).execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM languages WHERE shown_at < $1").bind(before).execute(&mut *transaction).await?;
        let opt_outs = sqlx::query("DELETE FROM opt_outs WHERE until_at <= $1")
            .bind(now.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(gone.rows_affected() + opt_outs.rows_affected())
    }

    async fn in_doubt(&self) -> Result<Vec<InDoubt>, LedgerError> {
        let rows = sqlx::query(
            "SELECT seq, feed, created_at, sending_at FROM replies WHERE state = 'in_doubt' AND sealed IS NOT NULL ORDER BY seq",
        )
        .fetch_all(&mut *self.lock().await?)
        .await?;
        let in_doubt = |row: &SqliteRow| {
            Ok(InDoubt {
                seq: row.try_get("seq")?,
                feed: row.try_get("feed")?,
                created_at: time(row, "created_at")?,
                sending_at: optional_time(row, "sending_at")?,
            })
        };
        rows.iter().map(in_doubt).collect()
    }

    async fn ping(&self) -> Result<(), LedgerError> {
        self.lock().await?.ping().await?;
        Ok(())
    }
}
