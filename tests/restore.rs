//! A back-up, a plain copy, nothing at all: whatever is put in the ledger's place, nobody is answered twice.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use formez101::sandbox::{Feed, Said, Setup};
use stage::{DUTCH, Stage};

/// A stage on which a colleague's silence hides nothing: an unknown post of our own silences nobody.
async fn stage() -> Stage {
    let mut stage = Stage::new().await;
    stage.policy("colleague_silence = \"0s\"");
    stage.start();
    stage.read_again().await;
    stage
}

/// Starts it; what is written from now on is new to it, whatever ledger it has.
async fn starts_again(stage: &mut Stage) {
    stage.start();
    stage.read_again().await;
    // Within the second of a new baseline a time alone cannot tell old from new.
    stage.pass(Duration::from_secs(1)).await;
}

fn backs_up(stage: &Stage, to: &Path, messages: usize) -> PathBuf {
    let made = stage.command(&["backup".as_ref(), "--to".as_ref(), to.as_os_str()]);
    let (said, wrong) = (String::from_utf8_lossy(&made.stdout), String::from_utf8_lossy(&made.stderr));
    assert_eq!(made.status.code(), Some(0), "{said}{wrong}");
    let messages = format!("{messages} messages, 0 of them not ended");
    for words in [messages.as_str(), "hash.key", "Not in it: tokens", "To put it back: stop the zone"] {
        assert!(said.contains(words), "{words:?} is not in:\n{said}");
    }
    PathBuf::from(said.lines().next().unwrap())
}

fn ledger_files(stage: &Stage) -> Vec<PathBuf> {
    ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"].map(|name| stage.state().join(name)).to_vec()
}

fn delete_ledger(stage: &Stage) {
    for file in ledger_files(stage).into_iter().filter(|file| file.exists()) {
        fs::remove_file(file).unwrap();
    }
}

/// The new ones are answered, the old ones were answered once, and one of those who writes again is not told again.
async fn expect_once(stage: &mut Stage, old: &[Said]) {
    let again = stage.say(Feed::FacebookInbox, "Tweede 0", "Hij staat er nog altijd, wat moet ik doen");
    let new = stage.answers("Nieuw", 4).await;
    stage.read_again().await;
    stage.nothing_open().await;
    stage.expect_one_reply_each(old.iter().chain(&new).map(|said| (said, DUTCH)));
    assert!(stage.replies(&again).is_empty(), "told again within the cool-down\n{}", stage.log());
    assert_eq!(stage.posted().len(), old.len() + new.len());
    stage.expect_no_violation_but_haste();
    stage.expect_no_panic();
}

#[tokio::test]
async fn a_back_up_made_beside_the_running_service_is_put_back() {
    let mut stage = stage().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut said = stage.answers("Eerste", 20).await;
    let backup = backs_up(&stage, elsewhere.path(), 20);
    said.extend(stage.answers("Tweede", 20).await);
    stage.stop().await;
    delete_ledger(&stage);
    for name in ["ledger.sqlite", "hash.key"] {
        fs::copy(backup.join(name), stage.state().join(name)).unwrap();
    }
    starts_again(&mut stage).await;
    assert_eq!(stage.lines(&["a back-up of the ledger, made at", "was put back"]).len(), 1, "{}", stage.log());
    expect_once(&mut stage, &said).await;

    stage.stop().await;
    starts_again(&mut stage).await;
    assert_eq!(stage.lines(&["was put back"]).len(), 1, "it is no copy any more");
}

#[tokio::test]
async fn a_back_up_is_put_into_the_state_folder_of_another_machine() {
    let mut stage = stage().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut said = stage.answers("Eerste", 8).await;
    let backup = backs_up(&stage, elsewhere.path(), 8);
    said.extend(stage.answers("Tweede", 8).await);
    stage.kill();
    fs::remove_dir_all(stage.state()).unwrap();
    fs::create_dir(stage.state()).unwrap();
    for name in ["ledger.sqlite", "hash.key"] {
        fs::copy(backup.join(name), stage.state().join(name)).unwrap();
    }
    starts_again(&mut stage).await;
    expect_once(&mut stage, &said).await;
}

#[tokio::test]
async fn a_plain_copy_of_the_files_is_put_back() {
    let mut stage = stage().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut said = stage.answers("Eerste", 8).await;
    stage.stop().await;
    fs::copy(stage.state().join("ledger.sqlite"), elsewhere.path().join("ledger.sqlite")).unwrap();
    stage.start();
    stage.read_again().await;
    said.extend(stage.answers("Tweede", 8).await);
    stage.stop().await;
    // Only the one file, over the one that is there: a stop leaves nothing of value beside it.
    fs::copy(elsewhere.path().join("ledger.sqlite"), stage.state().join("ledger.sqlite")).unwrap();
    starts_again(&mut stage).await;
    assert_eq!(stage.lines(&["the ledger is older than the one last used here"]).len(), 1, "{}", stage.log());
    expect_once(&mut stage, &said).await;
}

#[tokio::test]
async fn a_copy_of_the_running_services_files_is_put_back_after_a_crash() {
    let mut stage = stage().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut said = stage.answers("Eerste", 8).await;
    for file in ledger_files(&stage) {
        fs::copy(&file, elsewhere.path().join(file.file_name().unwrap())).unwrap();
    }
    said.extend(stage.answers("Tweede", 8).await);
    stage.kill();
    delete_ledger(&stage);
    for file in ledger_files(&stage) {
        fs::copy(elsewhere.path().join(file.file_name().unwrap()), &file).unwrap();
    }
    starts_again(&mut stage).await;
    assert_eq!(stage.lines(&["the ledger is older than the one last used here"]).len(), 1, "{}", stage.log());
    expect_once(&mut stage, &said).await;
}

#[tokio::test]
async fn the_ledger_is_deleted() {
    let mut stage = stage().await;
    let mut said = stage.answers("Eerste", 8).await;
    said.extend(stage.answers("Tweede", 8).await);
    stage.stop().await;
    delete_ledger(&stage);
    starts_again(&mut stage).await;
    assert_eq!(stage.lines(&["ERROR", "the ledger was gone: a new one begins"]).len(), 1, "{}", stage.log());
    expect_once(&mut stage, &said).await;
}

#[tokio::test]
async fn the_key_is_deleted_so_that_nobody_in_the_ledger_is_known_again() {
    let mut stage = stage().await;
    let mut said = stage.answers("Eerste", 8).await;
    said.extend(stage.answers("Tweede", 8).await);
    stage.stop().await;
    fs::remove_file(stage.state().join("hash.key")).unwrap();
    starts_again(&mut stage).await;
    assert_eq!(stage.lines(&["written with another hash.key"]).len(), 1, "{}", stage.log());
    expect_once(&mut stage, &said).await;
}

#[tokio::test]
async fn an_ordinary_restart_and_a_crash_raise_no_doubt() {
    let mut stage = stage().await;
    stage.answers("Eerste", 8).await;
    stage.stop().await;
    stage.start();
    stage.read_again().await;
    stage.answers("Tweede", 8).await;
    stage.kill();
    stage.start();
    stage.read_again().await;
    stage.answers("Derde", 8).await;
    assert!(stage.lines(&["each reply is looked for on the platform"]).is_empty(), "{}", stage.log());
}

#[tokio::test]
async fn a_back_up_of_a_stopped_zone_is_whole_and_private() {
    let mut stage = stage().await;
    stage.answers("Eerste", 8).await;
    stage.stop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let to = elsewhere.path().join("daily");
    let first = backs_up(&stage, &to, 8);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&to), mode(&first)), (0o700, 0o700));
    let mut names: Vec<String> =
        fs::read_dir(&first).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["hash.key", "ledger.sqlite"]);
    for name in names {
        assert_eq!(mode(&first.join(&name)), 0o600, "{name}");
        let bytes = fs::read(first.join(&name)).unwrap();
        let token = Setup::default().facebook_token.into_bytes();
        assert!(!bytes.windows(token.len()).any(|window| window == token), "a token is in {name}");
    }
    // The zone was not disturbed.
    stage.start();
    stage.read_again().await;
    assert!(stage.lines(&["each reply is looked for on the platform"]).is_empty(), "{}", stage.log());
}

#[tokio::test]
async fn a_back_up_that_cannot_be_made_leaves_nothing_behind_and_says_why() {
    let mut stage = stage().await;
    let elsewhere = tempfile::tempdir().unwrap();
    stage.answers("Eerste", 4).await;
    stage.stop().await;
    let file = stage.state().join("ledger.sqlite");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0);
    fs::write(&file, bytes).unwrap();
    let made = stage.command(&["backup".as_ref(), "--to".as_ref(), elsewhere.path().as_os_str()]);
    let wrong = String::from_utf8_lossy(&made.stderr);
    assert_eq!(made.status.code(), Some(69), "{wrong}");
    assert!(wrong.contains("no back-up was made") && wrong.contains("cannot be read"), "{wrong}");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);

    delete_ledger(&stage);
    let made = stage.command(&["backup".as_ref(), "--to".as_ref(), elsewhere.path().as_os_str()]);
    let wrong = String::from_utf8_lossy(&made.stderr);
    assert_eq!(made.status.code(), Some(64), "{wrong}");
    assert!(wrong.contains("there is no ledger in"), "{wrong}");
}
