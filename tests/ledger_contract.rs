//! What every store must keep, told as the life of replies; and the same under any order of events.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the failure that the test reports")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use formez101::{
    clock::{after, before},
    ledger::{
        Begun, Ending, Entry, LedgerError, Limits, Part, Plan, ReplyPlan, Shown, SqliteStore, StateFolder, Store,
        back_up,
    },
    model::{Feed, Kind, Language, Outcome, Platform, Silence, Ways},
};
use jiff::{Timestamp, civil::Date};
use proptest::prelude::*;

const LIMITS: Limits = Limits { silence: Duration::from_secs(1800), public_cap: 60, left: false };

struct Ledger {
    store: SqliteStore,
    _folder: StateFolder,
    disk: tempfile::TempDir,
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
    Ledger { store, _folder: folder, disk }
}

fn entry(message: &str, plan: Plan) -> Entry {
    Entry {
        message: message.into(),
        feed: Feed::FacebookInbox,
        created_at: noon(),
        plan,
        language: Language::Fr,
        shown: None,
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
        self.store.begin(seq, "text", noon(), LIMITS).await.unwrap()
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
    ledger.store.reopen(seq, false).await.unwrap();
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
async fn what_was_left_to_a_colleague_is_stopped_by_any_answer_after_the_message() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let seq = ledger.pending().await[0];
    let later = noon() + Duration::from_secs(7200);
    let limits = |left| Limits { left, ..LIMITS };
    ledger.store.colleague("thread of jan", before(noon(), Duration::from_secs(1))).await.unwrap();
    assert_eq!(ledger.store.begin(seq, "text", later, limits(true)).await.unwrap(), Begun::Go);
    ledger.store.reopen(seq, true).await.unwrap();
    ledger.store.colleague("thread of jan", noon()).await.unwrap();
    assert_eq!(ledger.store.begin(seq, "text", later, limits(true)).await.unwrap(), Begun::Colleague);
    assert_eq!(ledger.store.begin(seq, "text", later, limits(false)).await.unwrap(), Begun::Go);
}

#[tokio::test]
async fn who_is_in_need_overtakes_what_waits_and_what_that_held() {
    let ledger = ledger().await;
    ledger.enter("can wait", Plan::Reply(by("jan", Ways::Both))).await;
    let waiting = ledger.pending().await;
    ledger.enter("can wait too", Plan::Hold(to("jan"), waiting[1])).await;
    ledger.enter("urgent", Plan::Overtake(to("jan"), waiting[1])).await;
    let [urgent] = ledger.pending().await[..] else { panic!("one reply is intended") };
    assert!(urgent > waiting[1]);
    ledger.finish(urgent, Outcome::Sent).await;
    assert!(ledger.pending().await.is_empty());
    assert_eq!(ledger.outcomes().await, ["sent/: 1", "silent/cooldown: 2"]);
}

#[tokio::test]
async fn what_was_overtaken_moves_up_when_the_urgent_one_is_not_answered() {
    let ledger = ledger().await;
    ledger.enter("can wait", Plan::Reply(to("jan"))).await;
    let [waiting] = ledger.pending().await[..] else { panic!("one reply is intended") };
    ledger.enter("urgent", Plan::Overtake(to("jan"), waiting)).await;
    ledger.finish(ledger.pending().await[0], Outcome::Refused).await;
    assert_eq!(ledger.pending().await.len(), 1);
    ledger.finish(ledger.pending().await[0], Outcome::Sent).await;
    assert_eq!(ledger.outcomes().await, ["refused/: 1", "sent/: 1"]);
}

#[tokio::test]
async fn what_is_being_posted_or_was_is_overtaken_by_nobody() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let [first] = ledger.pending().await[..] else { panic!("one reply is intended") };
    assert_eq!(ledger.begin(first).await, Begun::Go);
    ledger.enter("urgent", Plan::Overtake(to("jan"), first)).await;
    assert_eq!(ledger.pending().await, [first], "it is held");
    ledger.finish(first, Outcome::Sent).await;
    ledger.enter("urgent too", Plan::Overtake(to("jan"), first)).await;
    assert_eq!(ledger.outcomes().await, ["sent/: 1", "silent/cooldown: 2"]);
}

#[tokio::test]
async fn the_public_cap_holds_at_the_send() {
    let ledger = ledger().await;
    for contact in ["jan", "piet"] {
        let plan = Plan::Reply(to(contact));
        let comment = Entry { feed: Feed::FacebookComments, ..entry(&format!("comment of {contact}"), plan) };
        ledger.store.enter(vec![comment]).await.unwrap();
    }
    ledger.enter("message of els", Plan::Reply(to("els"))).await;
    let [jan, piet, els] = ledger.pending().await[..] else { panic!("three replies are intended") };
    let one = Limits { public_cap: 1, ..LIMITS };
    let begin = async |seq, now| ledger.store.begin(seq, "text", now, one).await.unwrap();
    let hour = after(noon(), Duration::from_secs(3600));
    assert_eq!(begin(jan, noon()).await, Begun::Go);
    assert_eq!(begin(piet, noon()).await, Begun::Full { until: hour });
    assert_eq!(begin(els, noon()).await, Begun::Go, "an inbox is not public");
    // The post hung: its hour begins when it stands there.
    let stands = after(noon(), Duration::from_secs(17));
    ledger.store.finish(jan, Outcome::Sent.into(), stands, day()).await.unwrap();
    let hour = after(stands, Duration::from_secs(3600));
    assert_eq!(begin(piet, before(hour, Duration::from_secs(1))).await, Begun::Full { until: hour });
    assert_eq!(begin(piet, hour).await, Begun::Go);
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
async fn a_message_is_not_held_by_a_reply_that_ended_while_it_was_judged() {
    let ledger = ledger().await;
    for (contact, outcome) in [("jan", Outcome::Sent), ("piet", Outcome::InDoubt), ("els", Outcome::Refused)] {
        ledger.enter(&format!("first of {contact}"), Plan::Reply(to(contact))).await;
        let [first] = ledger.pending().await[..] else { panic!("one reply is intended") };
        ledger.finish(first, outcome).await;
        ledger.enter(&format!("second of {contact}"), Plan::Hold(to(contact), first)).await;
    }
    assert_eq!(ledger.pending().await.len(), 1, "els was not answered, so her second message is");
    assert_eq!(ledger.outcomes().await, ["in_doubt/: 1", "refused/: 1", "sent/: 1", "silent/cooldown: 2"]);
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

/// Version, migration and seed of each format that there ever was: what a ledger of it holds after real use.
fn formats() -> Vec<(i64, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> =
        fs::read_dir(root.join("src/ledger/migrations")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let format = |file: &PathBuf| {
        let number = &file.file_name().unwrap().to_str().unwrap()[..4];
        let seed = root.join(format!("tests/data/ledger/{number}.sql"));
        let seed = fs::read_to_string(&seed).unwrap_or_else(|error| {
            panic!("{}: {error}; a new format needs what a ledger of it holds after real use", seed.display())
        });
        (number.parse().unwrap(), fs::read_to_string(file).unwrap(), seed)
    };
    files.iter().map(format).collect()
}

/// A ledger as the version with this format left it.
async fn ledger_of_format(file: &Path, format: i64) {
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut old = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let (mut migrations, mut seed) = (Vec::new(), String::new());
    for (version, sql, holds) in formats().into_iter().filter(|(version, ..)| *version <= format) {
        let name = if version == 1 { "ledger" } else { "later" };
        let sql = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(sql));
        let simple = sqlx::migrate::MigrationType::Simple;
        migrations.push(sqlx::migrate::Migration::new(version, name.into(), simple, sql, false));
        seed = holds;
    }
    sqlx::migrate::Migrator::with_migrations(migrations).run(&mut old).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(seed)).execute(&mut old).await.unwrap();
    sqlx::Connection::close(old).await.unwrap();
}

/// What every seed tells: eight citizens in the night of 20 November, and how far the service had come with each.
async fn expect_the_night(store: &SqliteStore, format: i64) {
    let mark = store.open_feed(Feed::FacebookInbox, noon()).await.unwrap();
    let at = |time: &str| time.parse::<Timestamp>().unwrap();
    assert_eq!((mark.baseline, mark.complete), (at("2026-11-19T12:00:00Z"), Some(at("2026-11-20T11:59:00Z"))));
    for message in ["sent", "silent", "refused", "in doubt", "sending", "intended", "held", "expired"] {
        assert!(
            store.has_seen(message).await.unwrap(),
            "{format}: {message} is forgotten, and would be answered again"
        );
    }
    let pending = store.pending(Platform::Facebook, 0).await.unwrap();
    let pending: Vec<_> = pending
        .iter()
        .map(|reply| (reply.seq, reply.message.as_str(), reply.sealed.as_slice(), reply.attempts, reply.sending_at))
        .collect();
    let sending_at = Some(at("2026-11-20T11:58:30Z"));
    assert_eq!(
        pending,
        [(4, "sending", &[1, 2][..], 1, sending_at), (5, "intended", &[3, 4][..], 0, None)],
        "{format}"
    );
    assert!(store.knows_post("post of sent").await.unwrap(), "{format}: our own post would be a colleague's");
    let posted = store.posted_in(Platform::Facebook, "thread of sending", Timestamp::MIN).await.unwrap();
    assert_eq!((posted.len(), posted[0].fingerprint.as_str()), (1, "text of sending"), "{format}");
    let history = async |who: &str| {
        store
            .history(Feed::FacebookInbox, &format!("contact of {who}"), &format!("thread of {who}"), noon())
            .await
            .unwrap()
    };
    assert_eq!(history("sent").await.answered_at, Some(at("2026-11-20T11:50:02Z")), "{format}");
    assert_eq!(history("in doubt").await.answered_at, Some(at("2026-11-20T11:55:02Z")), "{format}");
    assert_eq!(history("intended").await.open_reply, Some(5), "{format}");
    assert_eq!(history("silent").await.colleague_at, Some(at("2026-11-20T11:45:00Z")), "{format}");
    let language = (format >= 4).then_some(Language::Nl);
    assert_eq!(history("sent").await.language, language, "{format}");
    let opted_out_until = (format >= 3).then(|| at("2027-02-18T12:00:00Z"));
    assert_eq!(history("silent").await.opted_out_until, opted_out_until, "{format}");
    let figures = store.figures().await.unwrap();
    let counted: Vec<_> = figures.outcomes.iter().map(|count| (count.outcome.as_str(), count.total)).collect();
    let ended = [("expired", 1), ("in_doubt", 1), ("refused", 1), ("sent", 41), ("silent", 7)];
    assert_eq!((counted.as_slice(), figures.messages, figures.open), (&ended[..], 8, 3), "{format}");
    // It goes on where it was: what was held moves up, and everything comes to one end.
    store.finish(5, Outcome::Refused.into(), noon(), day()).await.unwrap();
    let moved = store.pending(Platform::Facebook, 5).await.unwrap();
    assert_eq!(moved.iter().map(|reply| reply.message.as_str()).collect::<Vec<_>>(), ["held"], "{format}");
    assert_eq!(store.begin(moved[0].seq, "text", noon(), LIMITS).await.unwrap(), Begun::Go);
    assert_eq!(store.begin(moved[0].seq, "text", noon(), LIMITS).await.unwrap(), Begun::NotOpen);
}

#[tokio::test]
async fn a_ledger_of_every_past_version_is_brought_up_to_date_with_everything_in_it() {
    let newest = formats().last().unwrap().0;
    for (format, ..) in formats() {
        let disk = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(disk.path()).unwrap();
        let file = folder.ledger().unwrap();
        ledger_of_format(&file, format).await;
        expect_the_night(&SqliteStore::open(&file).await.unwrap(), format).await;
        let kept = disk.path().join(format!("ledger.format-{format}.sqlite"));
        assert_eq!(kept.exists(), format < newest, "a copy of an older format is kept, of this one there is no need");
        if format < newest {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&kept).unwrap().permissions());
            assert_eq!(format!("{:o}", mode & 0o777), "600");
            expect_the_night(&SqliteStore::open(&kept).await.unwrap(), format).await;
            folder.sweep(Timestamp::MAX).unwrap();
            assert!(!kept.exists(), "it is deleted by age");
        }
    }
}

#[tokio::test]
async fn an_upgrade_that_is_interrupted_and_begun_again_keeps_the_old_format_whole() {
    let disk = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(disk.path()).unwrap();
    let file = folder.ledger().unwrap();
    ledger_of_format(&file, 1).await;
    // What a copy leaves behind that was cut off, and one of an earlier upgrade that was taken back.
    fs::write(disk.path().join("ledger.format-1.new"), "half a copy").unwrap();
    fs::write(disk.path().join("ledger.format-1.sqlite"), "an old copy").unwrap();
    expect_the_night(&SqliteStore::open(&file).await.unwrap(), 1).await;
    expect_the_night(&SqliteStore::open(&disk.path().join("ledger.format-1.sqlite")).await.unwrap(), 1).await;
    assert!(!disk.path().join("ledger.format-1.new").exists());
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
async fn the_language_that_somebody_showed_is_known_in_that_conversation_until_it_is_too_old() {
    let ledger = ledger().await;
    let known = async |contact, thread| {
        ledger.store.history(Feed::FacebookInbox, contact, thread, noon()).await.unwrap().language
    };
    let shows = async |message: &str, language, seconds| {
        let shown = Some(Shown { contact: "jan".into(), thread: "his thread".into(), language });
        let created_at = after(noon(), Duration::from_secs(seconds));
        let plan = Plan::Silence(Silence::Observed);
        ledger.store.enter(vec![Entry { created_at, shown, ..entry(message, plan) }]).await.unwrap();
    };
    assert_eq!(known("jan", "his thread").await, None);
    shows("m2", Language::Nl, 20).await;
    shows("m1", Language::Fr, 10).await;
    assert_eq!(
        known("jan", "his thread").await,
        Some(Language::Nl),
        "an older message that comes late changes nothing"
    );
    assert_eq!((known("jan", "another").await, known("an", "his thread").await), (None, None));
    ledger.store.forget(after(noon(), Duration::from_secs(20)), noon()).await.unwrap();
    assert_eq!(known("jan", "his thread").await, Some(Language::Nl));
    ledger.store.forget(after(noon(), Duration::from_secs(21)), noon()).await.unwrap();
    assert_eq!(known("jan", "his thread").await, None);
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
async fn whoever_wants_no_automatic_reply_is_known_until_the_time_is_over() {
    let ledger = ledger().await;
    let days = |number: u64| after(noon(), Duration::from_secs(number * 86_400));
    let until = async || {
        ledger.store.history(Feed::FacebookInbox, "jan", "thread of jan", noon()).await.unwrap().opted_out_until
    };
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let [seq] = ledger.pending().await[..] else { panic!("one reply is intended") };
    let opt_out = |until| Plan::OptOut { contact: "jan".into(), until };
    ledger.enter("m2", opt_out(days(90))).await;
    assert_eq!(ledger.begin(seq).await, Begun::OptedOut, "what waits for him is not posted either");
    ledger.finish(seq, Outcome::Silent(Silence::OptedOut)).await;
    ledger.enter("m3", opt_out(days(80))).await;
    assert_eq!(until().await, Some(days(90)), "the latest time counts");
    ledger.store.forget(days(60), days(89)).await.unwrap();
    assert_eq!(until().await, Some(days(90)), "it is kept longer than what else is known of him");
    ledger.enter("m4", Plan::Reply(to("jan"))).await;
    let [seq] = ledger.pending().await[..] else { panic!("one reply is intended") };
    assert_eq!(ledger.store.begin(seq, "text", days(90), LIMITS).await.unwrap(), Begun::Go);
    ledger.store.forget(days(60), days(90)).await.unwrap();
    assert_eq!(until().await, None);
    assert_eq!(ledger.outcomes().await, ["silent/opt_out: 2", "silent/opted_out: 1"]);
}

#[tokio::test]
async fn that_a_message_was_urgent_is_counted_and_not_written_beside_it() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Silence(Silence::OptedOutUrgent)).await;
    assert_eq!(ledger.outcomes().await, ["silent/opted_out_urgent: 1"]);
    let url = format!("sqlite://{}", ledger.disk.path().join("ledger.sqlite").display());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let reason: String = sqlx::query_scalar("SELECT reason FROM messages WHERE message = 'm1'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(reason, "opted_out");
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
    ledger.store.forget(after(noon(), Duration::from_secs(1)), noon()).await.unwrap();
    assert!(!ledger.store.has_seen("m1").await.unwrap() && !ledger.store.has_seen("m2").await.unwrap());
    assert!(ledger.store.has_seen("m3").await.unwrap(), "what has not ended is kept");
    assert_eq!(ledger.outcomes().await, ["sent/: 1", "silent/too_old: 1"]);
}

#[tokio::test]
async fn a_back_up_is_never_written_over() {
    let ledger = ledger().await;
    ledger.enter("m1", Plan::Reply(to("jan"))).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let back_up = || back_up(ledger.disk.path(), elsewhere.path(), "zone-1", noon());
    let made = back_up().await.unwrap();
    assert_eq!((made.contents.messages, made.contents.open, made.has_key), (1, 1, false));
    let bytes = || fs::read(made.folder.join("ledger.sqlite")).unwrap();
    let before = bytes();
    ledger.enter("m2", Plan::Reply(to("marie"))).await;
    let refused = back_up().await.err().unwrap();
    assert!(refused.to_string().contains("never written over"), "{refused}");
    assert!(bytes() == before, "it stays as it was");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1, "nothing else is left behind");
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
    assert!(refused.to_string().contains("a back-up that this version made"), "{refused}");
    let kept = disk.path().join("ledger.format-2.sqlite");
    fs::write(&kept, "").unwrap();
    fs::write(disk.path().join("ledger.format-7.sqlite"), "").unwrap();
    let refused = SqliteStore::open(&file).await.err().unwrap().to_string();
    assert!(refused.contains(&kept.display().to_string()), "the newest that this version can read: {refused}");
    assert!(fs::metadata(&kept).unwrap().len() == 0, "nothing is touched");
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
                (_, Some(holder)) if *number % 4 == 0 => Plan::Overtake(by(&contact, ways), holder),
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
            ledger.store.reopen(nth(&pending, *number)?, false).await.unwrap();
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
