//! A damaged ledger is set aside, the service goes on with a new one, and nobody is answered twice.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
    path::PathBuf,
    time::Duration,
};

use formez101::sandbox::{Feed, Said};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use stage::{DUTCH, Stage};

const PAGE: usize = 4096;

/// A stage on which a colleague's silence hides nothing.
async fn stage() -> Stage {
    let mut stage = Stage::new().await;
    stage.policy("colleague_silence = \"0s\"");
    stage.start();
    stage.read_again().await;
    stage
}

fn ledger(stage: &Stage) -> PathBuf {
    stage.state().join("ledger.sqlite")
}

fn set_aside(stage: &Stage) -> Vec<String> {
    let names = fs::read_dir(stage.state()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("ledger.damaged-") && name.ends_with(".sqlite")).collect()
}

/// After the start on a damaged ledger: the old ones keep their one reply, new ones get theirs.
async fn expect_once(stage: &mut Stage, old: &[Said]) {
    stage.read_again().await;
    // Within the second of a new baseline a time alone cannot tell old from new.
    stage.pass(Duration::from_secs(1)).await;
    let again = stage.say(Feed::FacebookInbox, "Eerste 0", "Hij staat er nog altijd, wat moet ik doen");
    let new = stage.answers("Nieuw", 4).await;
    stage.read_again().await;
    stage.nothing_open().await;
    stage.expect_one_reply_each(old.iter().chain(&new).map(|said| (said, DUTCH)));
    assert!(stage.replies(&again).is_empty(), "told again within the cool-down\n{}", stage.log());
    stage.expect_no_violation_but_haste();
    stage.expect_no_panic();
}

/// Eight are answered, the file is damaged while the service is down, and it starts again.
async fn damaged_while_down(damage: impl FnOnce(&mut Vec<u8>)) {
    let mut stage = stage().await;
    let said = stage.answers("Eerste", 8).await;
    stage.stop().await;
    let mut bytes = fs::read(ledger(&stage)).unwrap();
    damage(&mut bytes);
    fs::write(ledger(&stage), bytes).unwrap();
    stage.start();
    expect_once(&mut stage, &said).await;
    let told = stage.lines(&["ERROR", "the ledger was damaged", "lies aside as ledger.damaged-"]);
    assert_eq!((told.len(), set_aside(&stage).len()), (1, 1), "{}", stage.log());

    stage.stop().await;
    stage.start();
    stage.read_again().await;
    assert_eq!(stage.lines(&["the ledger was damaged"]).len(), 1, "said once");
}

#[tokio::test]
async fn a_file_that_is_no_database() {
    damaged_while_down(|bytes| *bytes = b"This is a shopping list and no database.\n".repeat(100)).await;
}

#[tokio::test]
async fn a_file_cut_in_half() {
    damaged_while_down(|bytes| bytes.truncate(bytes.len() / 2)).await;
}

#[tokio::test]
async fn a_page_of_zeroes_in_the_middle() {
    damaged_while_down(|bytes| {
        let middle = bytes.len() / 2 / PAGE * PAGE;
        bytes[middle..middle + PAGE].fill(0);
    })
    .await;
}

#[tokio::test]
async fn a_file_of_nothing_but_zeroes() {
    damaged_while_down(|bytes| bytes.fill(0)).await;
}

#[tokio::test]
async fn a_write_ahead_log_that_broke_off() {
    let mut stage = stage().await;
    let said = stage.answers("Eerste", 8).await;
    stage.kill();
    let log = stage.state().join("ledger.sqlite-wal");
    let length = fs::metadata(&log).unwrap().len();
    assert!(length > 100_000, "what was written stands there: {length}");
    OpenOptions::new().write(true).open(&log).unwrap().set_len(length / 2 + 77).unwrap();
    stage.start();
    expect_once(&mut stage, &said).await;
    assert_eq!(stage.lines(&["the ledger is older than the one last used here"]).len(), 1, "{}", stage.log());
}

#[tokio::test]
async fn an_empty_file() {
    let mut stage = stage().await;
    let said = stage.answers("Eerste", 8).await;
    stage.stop().await;
    fs::write(ledger(&stage), "").unwrap();
    stage.start();
    expect_once(&mut stage, &said).await;
    assert_eq!(stage.lines(&["ERROR", "the ledger was gone"]).len(), 1, "{}", stage.log());
}

#[tokio::test]
async fn damage_that_is_found_while_running_ends_the_process_and_the_next_start_begins_anew() {
    let mut stage = stage().await;
    let said = stage.answers("Eerste", 8).await;
    stage.stop().await;
    stage.start();
    stage.read_again().await;
    // Another connection's change makes the service read from the disk again what it had in memory.
    let options = SqliteConnectOptions::new().filename(ledger(&stage)).busy_timeout(Duration::from_secs(10));
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE; INSERT INTO notes (name, text) VALUES ('test', '1')")
        .execute(&mut other)
        .await
        .unwrap();
    let file = OpenOptions::new().write(true).open(ledger(&stage)).unwrap();
    let pages = usize::try_from(file.metadata().unwrap().len()).unwrap() / PAGE;
    file.write_all_at(&vec![0; (pages - 1) * PAGE], PAGE as u64).unwrap();
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    stage.say(Feed::FacebookInbox, "Tijdens", "Goedenavond, er staat een dronken man aan mijn deur");

    assert_eq!(stage.ends().await, Some(69), "{}", stage.log());
    drop(other);
    assert_eq!(stage.lines(&["ERROR", "the ledger is damaged", "lies aside as"]).len(), 1, "{}", stage.log());
    assert_eq!(set_aside(&stage).len(), 1);
    stage.start();
    expect_once(&mut stage, &said).await;
}
