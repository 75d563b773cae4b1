//! Steps inside a transaction; none of them commits.

use jiff::{Timestamp, civil::Date};
use sqlx::Row as _;

use super::Transaction;
use crate::{
    ledger::{Entry, LedgerError, Plan, ReplyPlan},
    model::{Outcome, Silence, Surface},
};

/// Records a message that is not known yet, with its plan; says whether it was new.
pub async fn enter_one(transaction: &mut Transaction<'_>, entry: &Entry) -> Result<bool, LedgerError> {
    let inserted = sqlx::query(
        "INSERT INTO messages (message, feed, created_at) VALUES ($1, $2, $3) ON CONFLICT (message) DO NOTHING",
    )
    .bind(&entry.message)
    .bind(entry.feed.name())
    .bind(entry.created_at.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    count_verdict(transaction, entry).await?;
    match &entry.plan {
        Plan::Silence(silence) => {
            end_message(transaction, &entry.message, entry.feed.name(), Outcome::Silent(*silence), entry.day).await?;
        }
        Plan::Reply(reply) => insert_reply(transaction, entry, reply, None).await?,
        Plan::Hold(reply, holder) => insert_reply(transaction, entry, reply, Some(*holder)).await?,
    }
    Ok(true)
}

async fn insert_reply(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    reply: &ReplyPlan,
    holder: Option<i64>,
) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO replies (seq, message, feed, contact, thread, public, state, held_by, sealed, attempts, created_at, intended_at)
         VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM replies), $1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)",
    )
    .bind(&entry.message)
    .bind(entry.feed.name())
    .bind(&reply.contact)
    .bind(&reply.thread)
    .bind(i64::from(entry.feed.surface() == Surface::Public))
    .bind(if holder.is_some() { "held" } else { "intended" })
    .bind(holder)
    .bind(&reply.sealed)
    .bind(entry.created_at.as_millisecond())
    .bind(entry.now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The held replies of an answered contact end in silence.
pub async fn drop_held(transaction: &mut Transaction<'_>, holder: i64, day: Date) -> Result<(), LedgerError> {
    let rows = sqlx::query("UPDATE replies SET state = 'dropped', sealed = NULL WHERE held_by = $1 AND state = 'held' RETURNING message, feed")
        .bind(holder)
        .fetch_all(&mut **transaction)
        .await?;
    for row in &rows {
        end_message(
            transaction,
            row.try_get("message")?,
            row.try_get("feed")?,
            Outcome::Silent(Silence::Cooldown),
            day,
        )
        .await?;
    }
    Ok(())
}

/// The contact was not answered: the oldest held reply takes the place of the one that ended. It gets a
/// fresh number, so that a sender who looks above the last number it knows will find it.
pub async fn move_up(
    transaction: &mut Transaction<'_>,
    holder: i64,
    now: Timestamp,
) -> Result<Option<i64>, LedgerError> {
    let row = sqlx::query(
        "UPDATE replies SET state = 'intended', held_by = NULL, intended_at = $2,
                seq = (SELECT MAX(seq) + 1 FROM replies)
         WHERE seq = (SELECT MIN(seq) FROM replies WHERE held_by = $1 AND state = 'held') RETURNING seq",
    )
    .bind(holder)
    .bind(now.as_millisecond())
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let seq: i64 = row.try_get("seq")?;
    sqlx::query("UPDATE replies SET held_by = $2 WHERE held_by = $1 AND state = 'held'")
        .bind(holder)
        .bind(seq)
        .execute(&mut **transaction)
        .await?;
    Ok(Some(seq))
}

/// A message ends once and is counted once, in one transaction.
pub async fn end_message(
    transaction: &mut Transaction<'_>,
    message: &str,
    feed: &str,
    outcome: Outcome,
    day: Date,
) -> Result<(), LedgerError> {
    let ended = sqlx::query("UPDATE messages SET outcome = $2, reason = $3 WHERE message = $1 AND outcome IS NULL")
        .bind(message)
        .bind(outcome.name())
        .bind(outcome.reason())
        .execute(&mut **transaction)
        .await?;
    if ended.rows_affected() == 1 {
        sqlx::query(
            "INSERT INTO outcomes (day, feed, outcome, reason, total) VALUES ($1, $2, $3, $4, 1)
             ON CONFLICT (day, feed, outcome, reason) DO UPDATE SET total = outcomes.total + 1",
        )
        .bind(day.to_string())
        .bind(feed)
        .bind(outcome.name())
        .bind(outcome.reason())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn count_verdict(transaction: &mut Transaction<'_>, entry: &Entry) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO verdicts (day, feed, language, kind, urgent, total) VALUES ($1, $2, $3, $4, $5, 1)
         ON CONFLICT (day, feed, language, kind, urgent) DO UPDATE SET total = verdicts.total + 1",
    )
    .bind(entry.day.to_string())
    .bind(entry.feed.name())
    .bind(entry.language.code())
    .bind(entry.kind.name())
    .bind(i64::from(entry.urgent))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
