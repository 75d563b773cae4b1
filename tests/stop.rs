//! Told to stop in the worst moment, or started twice: it stops in ten seconds, and the next start looks first.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::time::Duration;

use formez101::sandbox::{Fault, FaultKind, Feed, Said};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use stage::{DUTCH, FEEDS, Stage, name, paths};

const TEXT: &str = "Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan";

/// A stop lasts ten seconds at most; a busy machine may take two more to end a process. systemd waits for thirty.
const IN_TIME: Duration = Duration::from_secs(12);

/// A platform that takes a post and says nothing for this many milliseconds: longer than a stop may last.
const SILENCE: u64 = 25_000;

fn one_on_each_feed(stage: &Stage, group: &str) -> Vec<Said> {
    FEEDS.into_iter().map(|feed| stage.say(feed, &format!("{group} {}", name(feed)), TEXT)).collect()
}

/// Each platform takes no notice of a post, or does what was asked, and is silent either way.
async fn silent_platforms(processed: bool) -> (Stage, Vec<Said>) {
    let mut stage = Stage::running().await;
    for feed in [Feed::FacebookInbox, Feed::XMentions] {
        let (platform, path, _) = paths(feed);
        let silence = FaultKind::Timeout { ms: SILENCE, processed };
        stage.sandbox.fault(Fault::new(silence).on(platform, "POST", path));
    }
    let written = [Feed::FacebookInbox, Feed::XMentions].map(|feed| stage.say(feed, "Burger", TEXT));
    // A misfortune is used up as soon as its call arrives.
    stage.until("both posts are under way", |stage| stage.sandbox.snapshot()["faults"] == serde_json::json!([])).await;
    (stage, written.to_vec())
}

async fn stopped_in_the_middle_of_a_post(processed: bool) {
    let (mut stage, written) = silent_platforms(processed).await;
    let (status, took) = stage.stop().await;
    assert!(status.success() && took <= IN_TIME, "{status} after {took:?}\n{}", stage.log());
    assert_eq!(stage.lines(&["WARN", "a post under way has not been answered"]).len(), 1, "{}", stage.log());
    let others = one_on_each_feed(&stage, "Later");

    stage.start();
    stage.ended(6).await;
    stage.expect_one_reply_each(written.iter().chain(&others).map(|said| (said, DUTCH)));
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), 6)]);
    let found = if processed { "the reply stands on the platform" } else { "the reply does not stand on the platform" };
    assert_eq!(stage.lines(&[found]).len(), 2, "{}", stage.log());
    stage.expect_no_violation_but_haste();
    stage.expect_no_panic();
}

#[tokio::test]
async fn told_to_stop_while_a_platform_has_taken_a_post_and_is_silent() {
    stopped_in_the_middle_of_a_post(true).await;
}

#[tokio::test]
async fn told_to_stop_while_a_platform_has_not_taken_notice_of_a_post() {
    stopped_in_the_middle_of_a_post(false).await;
}

#[tokio::test]
async fn told_to_stop_twice_it_stops_once_and_as_well() {
    let (mut stage, written) = silent_platforms(true).await;
    stage.ask_to_stop();
    stage.until("it has heard", |stage| !stage.lines(&["stopping"]).is_empty()).await;
    stage.ask_to_stop();
    let (status, took) = stage.stopped().await;
    assert!(status.success() && took <= IN_TIME, "{status} after {took:?}\n{}", stage.log());
    stage.start();
    stage.ended(2).await;
    stage.expect_one_reply_each(written.iter().map(|said| (said, DUTCH)));
}

#[tokio::test]
async fn told_to_stop_while_another_process_holds_the_ledger() {
    let mut stage = Stage::running().await;
    let options = SqliteConnectOptions::new().filename(stage.state().join("ledger.sqlite"));
    let mut other = SqliteConnection::connect_with(&options).await.expect("opened");
    let held = other.begin_with("BEGIN IMMEDIATE").await.expect("the lock");
    let posted = stage.posted().len();
    let written = one_on_each_feed(&stage, "Bezet");
    stage.pass(Duration::from_secs(2)).await;
    let (status, took) = stage.stop().await;
    assert!(status.success() && took <= IN_TIME, "{status} after {took:?}\n{}", stage.log());
    assert_eq!(stage.posted().len(), posted, "nothing is posted that cannot be recorded");
    held.rollback().await.expect("given back");
    drop(other);

    stage.start();
    stage.ended(written.len() as u64).await;
    stage.expect_one_reply_each(written.iter().map(|said| (said, DUTCH)));
    stage.expect_no_panic();
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_is_refused_and_the_first_goes_on() {
    let mut stage = Stage::running().await;
    let refused = stage.one_more().wait().expect("it ends");
    assert_eq!(refused.code(), Some(69), "{}", stage.log());
    assert_eq!(stage.lines(&["ERROR", "another formez101 is running on the state folder"]).len(), 1, "{}", stage.log());
    let written = one_on_each_feed(&stage, "Daarna");
    stage.ended(written.len() as u64).await;
    stage.expect_one_reply_each(written.iter().map(|said| (said, DUTCH)));
    stage.expect_no_violation();
    stage.expect_no_panic();
}
