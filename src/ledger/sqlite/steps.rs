//! Steps inside a transaction; none of them commits.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};
use sqlx::Row as _;

use super::{Transaction, optional_time};
use crate::{
    clock::{after, before},
    ledger::{Ending, Entry, LedgerError, Plan, ReplyPlan, Shown},
    model::{Outcome, Route, Silence, Surface},
};

const HOUR: Duration = Duration::from_secs(3600);
pub const DAY: Duration = Duration::from_secs(86_400);

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
    if let Some(shown) = &entry.shown {
        remember(transaction, shown, entry.created_at).await?;
    }
    match &entry.plan {
        Plan::Silence(silence) => {
            end_message(transaction, &entry.message, entry.feed.name(), Outcome::Silent(*silence), entry.day).await?;
        }
        Plan::OptOut { contact, until } => {
            opt_out(transaction, contact, *until).await?;
            let outcome = Outcome::Silent(Silence::OptOut);
            end_message(transaction, &entry.message, entry.feed.name(), outcome, entry.day).await?;
        }
        Plan::Reply(reply) => insert_replies(transaction, entry, reply, None).await?,
        Plan::Hold(reply, holder) => hold(transaction, entry, reply, *holder).await?,
        Plan::Overtake(reply, waiting) => overtake(transaction, entry, reply, *waiting).await?,
    }
    Ok(true)
}

/// The language of somebody's latest message in a conversation.
async fn remember(transaction: &mut Transaction<'_>, shown: &Shown, at: Timestamp) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO languages (contact, thread, language, shown_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (contact, thread) DO UPDATE SET language = excluded.language, shown_at = excluded.shown_at
         WHERE excluded.shown_at >= languages.shown_at",
    )
    .bind(&shown.contact)
    .bind(&shown.thread)
    .bind(shown.language.code())
    .bind(at.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// A contact gets no automatic reply until a time; the latest one counts.
async fn opt_out(transaction: &mut Transaction<'_>, contact: &str, until: Timestamp) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO opt_outs (contact, until_at) VALUES ($1, $2)
         ON CONFLICT (contact) DO UPDATE SET until_at = excluded.until_at WHERE excluded.until_at > opt_outs.until_at",
    )
    .bind(contact)
    .bind(until.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// A message waits for another reply to its contact, unless that one has ended since the message was judged.
async fn hold(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    reply: &ReplyPlan,
    holder: i64,
) -> Result<(), LedgerError> {
    let row = sqlx::query(
        "SELECT (SELECT MAX(seq) FROM replies WHERE contact = $1 AND state IN ('intended', 'sending')) AS open,
                (SELECT state IN ('sent', 'in_doubt') FROM replies WHERE seq = $2) AS answered",
    )
    .bind(&reply.contact)
    .bind(holder)
    .fetch_one(&mut **transaction)
    .await?;
    let open: Option<i64> = row.try_get("open")?;
    let answered = row.try_get::<Option<i64>, _>("answered")?.unwrap_or(0) != 0;
    if open.is_none() && answered {
        let outcome = Outcome::Silent(Silence::Cooldown);
        return end_message(transaction, &entry.message, entry.feed.name(), outcome, entry.day).await;
    }
    insert_replies(transaction, entry, reply, open).await
}

/// A reply that is not to be posted yet is held by the one to a message that cannot wait, and what it held is too; unless its
/// posting has begun or ended since the message was judged.
async fn overtake(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    reply: &ReplyPlan,
    waiting: i64,
) -> Result<(), LedgerError> {
    let rows =
        sqlx::query("SELECT seq, state FROM replies WHERE message = (SELECT message FROM replies WHERE seq = $1)")
            .bind(waiting)
            .fetch_all(&mut **transaction)
            .await?;
    let states = rows.iter().map(|row| row.try_get("state")).collect::<Result<Vec<&str>, _>>()?;
    if states.is_empty() || states.iter().any(|state| *state != "intended") {
        return hold(transaction, entry, reply, waiting).await;
    }
    insert_replies(transaction, entry, reply, None).await?;
    let row = sqlx::query("SELECT MIN(seq) AS first FROM replies WHERE message = $1")
        .bind(&entry.message)
        .fetch_one(&mut **transaction)
        .await?;
    let first: i64 = row.try_get("first")?;
    for row in &rows {
        let seq: i64 = row.try_get("seq")?;
        sqlx::query("UPDATE replies SET state = 'held', held_by = $2 WHERE seq = $1")
            .bind(seq)
            .bind(first)
            .execute(&mut **transaction)
            .await?;
        pass_on(transaction, seq, first).await?;
    }
    Ok(())
}

async fn insert_replies(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    reply: &ReplyPlan,
    holder: Option<i64>,
) -> Result<(), LedgerError> {
    for part in &reply.parts {
        let public = entry.feed.surface() == Surface::Public && part.route == Route::Direct;
        sqlx::query(
            "INSERT INTO replies (seq, message, route, feed, contact, thread, public, state, held_by, sealed, attempts, created_at, intended_at)
             VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM replies), $1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)",
        )
        .bind(&entry.message)
        .bind(part.route.name())
        .bind(entry.feed.name())
        .bind(&reply.contact)
        .bind(&reply.thread)
        .bind(i64::from(public))
        .bind(if holder.is_some() { "held" } else { "intended" })
        .bind(holder)
        .bind(&part.sealed)
        .bind(entry.created_at.as_millisecond())
        .bind(entry.now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// What the end of one reply means for its message.
pub enum Ended {
    /// It had ended before.
    Before,
    /// Another reply to the same message is still to come.
    Part { next: i64 },
    /// The message ends, with the best that its replies came to.
    Whole { message: String, feed: String, outcome: Outcome },
}

/// Ends one reply. Where it goes is forgotten, unless it is in doubt: a human may have it looked for again.
pub async fn end_reply(
    transaction: &mut Transaction<'_>,
    seq: i64,
    ending: &Ending,
    now: Timestamp,
) -> Result<Ended, LedgerError> {
    let outcome = ending.outcome;
    let state = if matches!(outcome, Outcome::Silent(_)) { "dropped" } else { outcome.name() };
    let row = sqlx::query(
        "UPDATE replies SET state = $2, post = $3, recipient = $4, sent_at = $5,
                sealed = CASE WHEN $2 = 'in_doubt' THEN sealed END
         WHERE seq = $1 AND state IN ('intended', 'sending') RETURNING message, feed",
    )
    .bind(seq)
    .bind(state)
    .bind(&ending.post)
    .bind(&ending.recipient)
    .bind(outcome.may_have_answered().then(|| now.as_millisecond()))
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else { return Ok(Ended::Before) };
    let (message, feed): (String, String) = (row.try_get("message")?, row.try_get("feed")?);
    let row = sqlx::query(
        "SELECT MIN(CASE WHEN state IN ('intended', 'sending') THEN seq END) AS next,
                SUM(state = 'sent') AS sent, SUM(state = 'in_doubt') AS in_doubt FROM replies WHERE message = $1",
    )
    .bind(&message)
    .fetch_one(&mut **transaction)
    .await?;
    if let Some(next) = row.try_get("next")? {
        return Ok(Ended::Part { next });
    }
    let outcome = if row.try_get::<i64, _>("sent")? > 0 {
        Outcome::Sent
    } else if row.try_get::<i64, _>("in_doubt")? > 0 {
        Outcome::InDoubt
    } else {
        outcome
    };
    Ok(Ended::Whole { message, feed, outcome })
}

/// When the public replies of the last hour leave room for another one, if they do not now.
pub async fn full_until(
    transaction: &mut Transaction<'_>,
    now: Timestamp,
    cap: u32,
) -> Result<Option<Timestamp>, LedgerError> {
    // No reply is posted a day after it was intended; the index goes by that time. A post may hang before everybody sees
    // it, so that its hour begins when it is known to stand there.
    let row = sqlx::query(
        "SELECT COUNT(*) AS total, MIN(COALESCE(sent_at, sending_at)) AS first FROM replies
         WHERE public = 1 AND intended_at > $1 AND COALESCE(sent_at, sending_at) > $2
         AND state IN ('sending', 'sent', 'in_doubt')",
    )
    .bind(before(now, DAY).as_millisecond())
    .bind(before(now, HOUR).as_millisecond())
    .fetch_one(&mut **transaction)
    .await?;
    let full = row.try_get::<i64, _>("total")? >= i64::from(cap);
    // A clock that was set back has left times ahead of it.
    let first = optional_time(&row, "first")?.map_or(now, |first| first.min(now));
    Ok(full.then(|| after(first, HOUR)))
}

/// What one reply held back is held back by another one.
pub async fn pass_on(transaction: &mut Transaction<'_>, from: i64, to: i64) -> Result<(), LedgerError> {
    sqlx::query("UPDATE replies SET held_by = $2 WHERE held_by = $1 AND state = 'held'")
        .bind(from)
        .bind(to)
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

/// The contact was not answered: the oldest held message takes the place of the one that ended. Its replies get
/// fresh numbers, so that a sender who looks above the last number it knows will find them.
pub async fn move_up(transaction: &mut Transaction<'_>, holder: i64, now: Timestamp) -> Result<(), LedgerError> {
    let rows = sqlx::query(
        "SELECT seq FROM replies WHERE held_by = $1 AND state = 'held' AND message =
            (SELECT message FROM replies WHERE held_by = $1 AND state = 'held' ORDER BY seq LIMIT 1) ORDER BY seq",
    )
    .bind(holder)
    .fetch_all(&mut **transaction)
    .await?;
    let mut first = None;
    for row in &rows {
        let moved = sqlx::query(
            "UPDATE replies SET state = 'intended', held_by = NULL, intended_at = $2,
                    seq = (SELECT MAX(seq) + 1 FROM replies)
             WHERE seq = $1 RETURNING seq",
        )
        .bind(row.try_get::<i64, _>("seq")?)
        .bind(now.as_millisecond())
        .fetch_one(&mut **transaction)
        .await?;
        first = first.or(Some(moved.try_get::<i64, _>("seq")?));
    }
    match first {
        Some(first) => pass_on(transaction, holder, first).await,
        None => Ok(()),
    }
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
        .bind(outcome.beside_message().reason())
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
