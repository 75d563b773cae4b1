//! What every store must keep, told as the life of replies; and the same under any order of events.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the failure that the test reports")]

use std::time::Duration;

use formez101::{
    clock::{after, before},
    ledger::{Begun, Ending, Entry, LedgerError, Part, Plan, ReplyPlan, SqliteStore, StateFolder, Store},
    model::{Feed, Kind, Language, Outcome, Platform, Silence, Ways},
};
use jiff::{Timestamp, civil::Date};
use proptest::prelude::*;

const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

struct Ledger {
    store: SqliteStore,
    _folder: StateFolder,
    _disk: tempfile::TempDir,
}

fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn day() -> Date {
    "2026-11-20".parse().unwrap()
}

async fn ledger() -> Ledger {
    let disk = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(disk.path()).unwrap();
    let store = SqliteStore::open(&folder.ledger().unwrap()).await.unwrap();
    store.open_feed(Feed::FacebookInbox, noon()).await.unwrap();
    Ledger { store, _folder: folder, _disk: disk }
}

fn entry(message: &str, plan: Plan) -> Entry {
    Entry {
        message: message.into(),
        feed: Feed::FacebookInbox,
        created_at: noon(),
        plan,
        language: Language::Fr,
        kind: Kind::None,
        urgent: false,
        day: day(),
        now: noon(),
    }
}

fn to(contact: &str) -> ReplyPlan {
    by(contact, Ways::Direct)
}

fn by(contact: &str, ways: Ways) -> ReplyPlan {
    let parts = ways.routes().iter().map(|route| Part { route: *route, sealed: vec![1, 2, 3] }).collect();
    ReplyPlan { contact: contact.into(), thread: format!("thread of {contact}"), parts }
}

impl Ledger {
    async fn enter(&self, message: &str, plan: Plan) -> bool {
        self.store.enter(vec![entry(message, plan)]).await.unwrap()[0]
    }

    async fn pending(&self) -> Vec<i64> {
        self.store.pending(Platform::Facebook, 0).await.unwrap().into_iter().map(|pending| pending.seq).collect()
    }

    async fn begin(&self, seq: i64) -> Begun {
        self.store.begin(seq, "text", noon(), HALF_AN_HOUR).await.unwrap()
    }

    async fn finish(&self, seq: i64, outcome: Outcome) {
        let post = matches!(outcome, Outcome::Sent).then(|| format!("post {seq}"));
        self.store.finish(seq, Ending { post, ..outcome.into() }, noon(), day()).await.unwrap();
    }

    /// The replies whose posting began in the conversation with a contact.
    async fn posted_to(&self, contact: &str) -> usize {
        let thread = format!("thread of {contact}");
        self.store.posted_in(Platform::Facebook, &thread, Timestamp::MIN).await.unwrap().len()
    }

    /// Outcomes as `name/reason: total`.
    async fn outcomes(&self) -> Vec<String> {
        let figures = self.store.figures().await.unwrap();
        figures
            .outcomes
            .into_iter()
            .map(|count| format!("{}/{}: {}", count.outcome, count.reason, count.total))
            .collect()
    }
}

#[tokio::test]
async fn a_message_is_recorded_once_and_counted_once() {
    let ledger = ledger().await;
    assert!(ledger.enter("m1", Plan::Silence(Silence::Baseline)).await);
    assert!(!ledger.enter("m1", Plan::Reply(to("jan"))).await);
    assert!(ledger.store.has_seen("m1").await.unwrap());
    assert!(ledger.pending().await.is_empty());
    assert_eq!(ledger.outcomes().await, ["silent/baseline: 1"]);
}

#[tokio::test]
async fn a_reply_is_allowed_once_and_ends_once() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let [seq] = ledger.pending().await[..] else { panic!("one reply is intended") };
    assert_eq!(ledger.begin(seq).await, Begun::Go);
    assert_eq!(ledger.begin(seq).await, Begun::NotOpen);
    ledger.finish(seq, Outcome::Sent).await;
    ledger.finish(seq, Outcome::Refused).await;
    assert_eq!(ledger.begin(seq).await, Begun::NotOpen);
    assert!(ledger.store.knows_post(&format!("post {seq}")).await.unwrap());
    assert_eq!(ledger.outcomes().await, ["sent/: 1"]);
}

#[tokio::test]
async fn a_reply_known_to_be_absent_may_be_sent_again() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let seq = ledger.pending().await[0];
    ledger.begin(seq).await;
    assert_eq!(ledger.posted_to("jan").await, 1);
    ledger.store.reopen(seq).await.unwrap();
    assert_eq!(ledger.begin(seq).await, Begun::Go);
    assert_eq!(ledger.store.pending(Platform::Facebook, 0).await.unwrap()[0].attempts, 2);
}

#[tokio::test]
async fn a_colleague_who_comes_in_between_stops_the_send() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let seq = ledger.pending().await[0];
    ledger.store.colleague("thread of jan", before(noon(), Duration::from_secs(1799))).await.unwrap();
    assert_eq!(ledger.begin(seq).await, Begun::Colleague);
    // An older word of a colleague does not shorten the silence.
    ledger.store.colleague("thread of jan", before(noon(), Duration::from_secs(3600))).await.unwrap();
    assert_eq!(ledger.begin(seq).await, Begun::Colleague);
}

#[tokio::test]
async fn held_messages_end_with_the_reply_or_take_its_place() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let first = ledger.pending().await[0];
    ledger.enter("m2", Plan::Hold(to("jan"), first)).await;
    ledger.enter("m3", Plan::Hold(to("jan"), first)).await;
    assert_eq!(ledger.pending().await, [first]);
    ledger.finish(first, Outcome::Refused).await;
    let [second] = ledger.pending().await[..] else { panic!("the next one takes its place") };
    assert!(second > first);
    ledger.finish(second, Outcome::Sent).await;
    assert!(ledger.pending().await.is_empty());
    assert_eq!(ledger.outcomes().await, ["refused/: 1", "sent/: 1", "silent/cooldown: 1"]);
}

#[tokio::test]
async fn a_message_answered_in_two_ways_ends_once_with_the_better_of_both() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(by("jan", Ways::Both))).await;
    let [private, public] = ledger.pending().await[..] else { panic!("two replies are intended") };
    ledger.enter("m2", Plan::Hold(by("jan", Ways::Both), public)).await;
    ledger.begin(private).await;
    ledger.finish(private, Outcome::Sent).await;
    assert!(ledger.outcomes().await.is_empty(), "the message has another reply to come");
    ledger.finish(public, Outcome::Refused).await;
    assert_eq!(ledger.outcomes().await, ["sent/: 1", "silent/cooldown: 1"]);
    assert!(ledger.pending().await.is_empty());
}

#[tokio::test]
async fn what_was_held_moves_up_only_when_neither_way_was_open() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(by("jan", Ways::Both))).await;
    let [private, public] = ledger.pending().await[..] else { panic!("two replies are intended") };
    ledger.enter("m2", Plan::Hold(by("jan", Ways::Both), private)).await;
    ledger.finish(private, Outcome::Refused).await;
    assert_eq!(ledger.pending().await, [public], "nothing moves up before the other reply has ended");
    ledger.finish(public, Outcome::Refused).await;
    let moved = ledger.pending().await;
    assert_eq!(moved.len(), 2, "both replies of the held message move up");
    for seq in moved {
        ledger.finish(seq, Outcome::Sent).await;
    }
    assert_eq!(ledger.outcomes().await, ["refused/: 1", "sent/: 1"]);
}

#[tokio::test]
async fn the_contact_under_which_a_private_reply_arrived_was_answered_too() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(by("jan in comments", Ways::Private))).await;
    let seq = ledger.pending().await[0];
    ledger.begin(seq).await;
    assert_eq!(ledger.posted_to("jan in the inbox").await, 1, "it may arrive in any conversation");
    let ending = Ending { recipient: Some("jan in the inbox".into()), ..Outcome::Sent.into() };
    ledger.store.finish(seq, ending, noon(), day()).await.unwrap();
    for contact in ["jan in comments", "jan in the inbox"] {
        let history = ledger.store.history(Feed::FacebookInbox, contact, "another thread", noon()).await.unwrap();
        assert_eq!(history.answered_at, Some(noon()), "{contact}");
    }
}

#[tokio::test]
async fn a_note_is_kept_over_a_restart_and_the_last_one_counts() {
    let disk = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(disk.path()).unwrap();
    let file = folder.ledger().unwrap();
    let store = SqliteStore::open(&file).await.unwrap();
    assert_eq!(store.note("quota").await.unwrap(), None);
    store.keep_note("quota", "one").await.unwrap();
    store.keep_note("quota", "two").await.unwrap();
    drop(store);
    assert_eq!(SqliteStore::open(&file).await.unwrap().note("quota").await.unwrap().as_deref(), Some("two"));
}

#[tokio::test]
async fn a_ledger_of_the_first_version_is_brought_up_to_date_with_everything_in_it() {
    let disk = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(disk.path()).unwrap();
    let file = folder.ledger().unwrap();
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut old = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let first = sqlx::migrate::Migration::new(
        1,
        "ledger".into(),
        sqlx::migrate::MigrationType::Simple,
        sqlx::SqlSafeStr::into_sql_str(include_str!("../src/ledger/migrations/0001_ledger.sql")),
        false,
    );
    sqlx::migrate::Migrator::with_migrations(vec![first]).run(&mut old).await.unwrap();
    for statement in [
        "INSERT INTO feeds VALUES ('facebook.inbox', 1, 2)",
        "INSERT INTO messages VALUES ('m1', 'facebook.inbox', 1763640000000, 'sent', ''), ('m2', 'facebook.inbox', 1763640000000, NULL, NULL)",
        "INSERT INTO replies VALUES (1, 'm1', 'facebook.inbox', 'jan', 't1', 0, 'sent', NULL, NULL, 'f', 1, 1763640000000, 1, 2, 1763640001000, 'p1')",
        "INSERT INTO replies VALUES (2, 'm2', 'facebook.inbox', 'marie', 't2', 0, 'sending', NULL, x'0102', 'f', 1, 1763640000000, 1, 1763640001000, NULL, NULL)",
    ] {
        sqlx::query(statement).execute(&mut old).await.unwrap();
    }
    drop(old);
    let store = SqliteStore::open(&file).await.unwrap();
    assert!(store.knows_post("p1").await.unwrap() && store.has_seen("m2").await.unwrap());
    let pending = store.pending(Platform::Facebook, 0).await.unwrap();
    assert_eq!((pending.len(), pending[0].seq, pending[0].attempts, pending[0].sending_at.is_some()), (1, 2, 1, true));
    let history = store.history(Feed::FacebookInbox, "jan", "t1", noon()).await.unwrap();
    assert!(history.answered_at.is_some());
}

#[tokio::test]
async fn the_cool_down_counts_from_the_confirmed_send() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let seq = ledger.pending().await[0];
    ledger.begin(seq).await;
    let history = ledger.store.history(Feed::FacebookInbox, "jan", "thread of jan", noon()).await.unwrap();
    assert_eq!((history.answered_at, history.open_reply), (None, Some(seq)));
    ledger.finish(seq, Outcome::Sent).await;
    let history = ledger.store.history(Feed::FacebookInbox, "jan", "thread of jan", noon()).await.unwrap();
    assert_eq!((history.answered_at, history.open_reply), (Some(noon()), None));
}

#[tokio::test]
async fn the_baseline_is_set_once_for_ever() {
    let ledger = ledger().await;
    let later = after(noon(), Duration::from_secs(60));
    let mark = ledger.store.open_feed(Feed::FacebookInbox, later).await.unwrap();
    assert_eq!((mark.baseline, mark.complete), (noon(), None));
    ledger.store.complete_feed(Feed::FacebookInbox, later).await.unwrap();
    let mark = ledger.store.open_feed(Feed::FacebookInbox, later).await.unwrap();
    assert_eq!((mark.baseline, mark.complete), (noon(), Some(later)));
}

#[tokio::test]
async fn hashes_are_deleted_by_age_and_figures_stay() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    ledger.enter("m2", Plan::Silence(Silence::TooOld)).await;
    ledger.enter("m3", Plan::Reply(to("marie"))).await;
    let seq = ledger.pending().await[0];
    ledger.finish(seq, Outcome::Sent).await;
    ledger.store.colleague("thread of luc", noon()).await.unwrap();
    ledger.store.forget(after(noon(), Duration::from_secs(1))).await.unwrap();
    assert!(!ledger.store.has_seen("m1").await.unwrap() && !ledger.store.has_seen("m2").await.unwrap());
    assert!(ledger.store.has_seen("m3").await.unwrap(), "what has not ended is kept");
    assert_eq!(ledger.outcomes().await, ["sent/: 1", "silent/too_old: 1"]);
}

#[tokio::test]
async fn a_ledger_of_a_later_version_is_refused() {
    let disk = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(disk.path()).unwrap();
    let file = folder.ledger().unwrap();
    drop(SqliteStore::open(&file).await.unwrap());
    let url = format!("sqlite://{}", file.display());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations VALUES (999, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 1)")
        .execute(&mut connection)
        .await
        .unwrap();
    drop(connection);
    let refused = SqliteStore::open(&file).await.err().unwrap();
    assert!(matches!(refused, LedgerError::TooNew { found: 999, .. }), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_no_ledger_is_refused() {
    let disk = tempfile::tempdir().unwrap();
    let file = disk.path().join("ledger.sqlite");
    std::fs::write(
        &file,
        "this is no database, and longer than a header of one hundred bytes would have to be, surely so",
    )
    .unwrap();
    let refused = SqliteStore::open(&file).await.err().unwrap();
    assert!(matches!(refused, LedgerError::Damaged(_)), "{refused}");
}

/// What can happen to a ledger, in any order.
#[derive(Debug, Clone)]
enum Event {
    Message { number: u8, contact: u8 },
    Begin(u8),
    Reopen(u8),
    Finish(u8, Outcome),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let outcome = prop_oneof![
        Just(Outcome::Sent),
        Just(Outcome::Refused),
        Just(Outcome::Expired),
        Just(Outcome::InDoubt),
        Just(Outcome::Silent(Silence::Colleague)),
    ];
    let event = prop_oneof![
        (0..12u8, 0..3u8).prop_map(|(number, contact)| Event::Message { number, contact }),
        (0..12u8).prop_map(Event::Begin),
        (0..12u8).prop_map(Event::Reopen),
        (0..12u8, outcome).prop_map(|(number, outcome)| Event::Finish(number, outcome)),
    ];
    proptest::collection::vec(event, 1..60)
}

/// Applies an event as desk and sender would, and returns whether a send was allowed.
async fn apply(ledger: &Ledger, event: &Event) -> Option<i64> {
    let nth = |pending: &[i64], number: u8| pending.get(usize::from(number) % pending.len().max(1)).copied();
    let pending = ledger.pending().await;
    match event {
        Event::Message { number, contact } => {
            let contact = format!("contact {contact}");
            let history = ledger.store.history(Feed::FacebookInbox, &contact, "", noon()).await.unwrap();
            let ways = [Ways::Direct, Ways::Private, Ways::Both][usize::from(*number) % 3];
            let plan = match (history.answered_at, history.open_reply) {
                (_, Some(holder)) => Plan::Hold(by(&contact, ways), holder),
                (Some(_), None) => Plan::Silence(Silence::Cooldown),
                (None, None) => Plan::Reply(by(&contact, ways)),
            };
            ledger.enter(&format!("m{number} {contact}"), plan).await;
            None
        }
        Event::Begin(number) => {
            let seq = nth(&pending, *number)?;
            (ledger.begin(seq).await == Begun::Go).then_some(seq)
        }
        Event::Reopen(number) => {
            ledger.store.reopen(nth(&pending, *number)?).await.unwrap();
            None
        }
        Event::Finish(number, outcome) => {
            ledger.finish(nth(&pending, *number)?, *outcome).await;
            None
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_every_message_ends_once_and_no_contact_is_answered_twice(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ledger = ledger().await;
            for event in &events {
                apply(&ledger, event).await;
                let replies = ledger.pending().await.len();
                prop_assert!(replies <= 6, "a contact has two answers under way");
            }
            // Everything still under way comes to its end; each end may move a held reply up.
            while let Some(&seq) = ledger.pending().await.first() {
                ledger.finish(seq, Outcome::Expired).await;
            }
            let figures = ledger.store.figures().await.unwrap();
            let counted: u64 = figures.outcomes.iter().map(|count| count.total).sum();
            prop_assert_eq!(figures.open, 0);
            prop_assert_eq!(counted, figures.messages);
            let answered: u64 =
                figures.outcomes.iter().filter(|count| matches!(count.outcome.as_str(), "sent" | "in_doubt")).map(|count| count.total).sum();
            prop_assert!(answered <= 3, "a contact was answered twice");
            Ok(())
        })?;
    }
}
