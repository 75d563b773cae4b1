//! The program as systemd and an administrator see it: real processes, exit codes, signals, and what is said on stderr.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, a failed `unwrap` is the failure that it reports"
)]

mod process;

use std::{fs, path::Path, time::Duration};

use formez101::{
    clock::{Clock, between},
    sandbox::{Feed, Say, Setup},
};
use process::{Ended, TOKEN, Zone, ended, program};

#[test]
fn check_shows_every_feed_and_every_text_with_its_length() {
    let checked = ended(&["check", "--config-dir", "config"]);
    checked.with(0, &[]);
    assert_eq!(checked.err, "");
    for words in [
        "Zone bruxelles-exemple: ",
        "Zone eupen-beispiel: ",
        "facebook.inbox (Page 100000000000001), read every 15s, reply_to = \"all\"",
        "facebook.mentions (Page 100000000000001), read every 1m, reply_to = \"all\", public_replies = \"public\", 1 post muted",
        "x.mentions (@ZPBruxEx), read every 1m, reply_to = \"all\"",
        "x.inbox (@ZPBruxEx), read every 1m 30s, reply_to = \"all\"",
        "PAS d'appels urgents via ce canal, formez le 101. Zone de police Bruxelles-Exemple (",
    ] {
        assert!(checked.out.contains(words), "{words:?} is not in:\n{}", checked.out);
    }
    let lengths: Vec<&str> = checked.out.lines().filter(|line| line.ends_with(" of 280")).collect();
    assert!(lengths.contains(&"    fr: 117 of 280"), "{lengths:?}");
    assert!(lengths.iter().any(|line| line.starts_with("    de")), "{lengths:?}");
}

#[test]
fn preview_shows_every_text_or_the_mistakes() {
    let shown = ended(&["preview", "--config-dir", "config", "--zone", "bruxelles-exemple"]);
    shown.with(0, &[]);
    assert!(shown.out.contains("    -> facebook.inbox 82 of 1999; "), "{}", shown.out);
    ended(&["preview", "--config-dir", "config", "--zone", "nowhere"]).with(78, &["nowhere"]);
}

#[test]
fn check_of_one_zone_shows_that_zone_alone() {
    let checked = ended(&["check", "--config-dir", "config", "--zone", "eupen-beispiel"]);
    checked.with(0, &[]);
    assert!(checked.out.starts_with("Zone eupen-beispiel: ") && !checked.out.contains("bruxelles"), "{}", checked.out);
}

#[test]
fn triage_of_a_zone_speaks_with_its_own_phrases_and_languages() {
    let zone = Zone::new();
    zone.file(&format!(
        "{}[triage.add]\nviolence = [\"margaille au|à_la ducasse\"]\nnow = [\"asteure\"]\n",
        zone.sound("observe")
    ));
    let folder = zone.path("config");
    let words = "grosse margaille à la ducasse asteure";
    let local = ended(&["triage", "--config-dir", folder.to_str().unwrap(), "--zone", "exemple", words]);
    local.with(0, &[]);
    assert!(local.out.starts_with("urgent") && local.out.contains("  violence: "), "{}", local.out);
    let shipped = ended(&["triage", words]);
    assert!(!shipped.out.contains("  violence: "), "{}", shipped.out);
    let dutch =
        ended(&["triage", "--config-dir", folder.to_str().unwrap(), "--zone", "exemple", "goedenavond, een vraag"]);
    assert!(dutch.out.contains("answered in: fr"), "the zone serves French alone: {}", dutch.out);
    ended(&["triage", "--zone", "exemple", "--languages", "fr", words]).with(64, &["--languages"]);
}

#[test]
fn a_wrong_command_line_ends_with_64() {
    ended(&["chekc"]).with(64, &["chekc", "check"]);
    ended(&["check", "--zon", "exemple"]).with(64, &["--zon", "--zone"]);
    ended(&["run"]).with(64, &["--zone"]);
    ended(&["backup", "--zone", "exemple"]).with(64, &["--to <DIR>"]);
    ended(&[]).with(64, &["Usage: formez101"]);
    ended(&["sandbox", "--listen", "0.0.0.0:0"]).with(64, &["loopback only"]);
}

#[test]
fn help_and_version_end_well() {
    let help = ended(&["--help"]);
    help.with(0, &[]);
    for words in ["demo", "run", "check", "backup", "sandbox", "--config-dir"] {
        assert!(help.out.contains(words), "{}", help.out);
    }
    let version = ended(&["--version"]);
    version.with(0, &[]);
    assert_eq!(version.out, format!("formez101 {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_file_ends_a_start_with_78() {
    let zone = Zone::new();
    zone.file("mode = reply\n");
    zone.fails().with(78, &["the configuration is wrong", "zones/exemple.toml:1:8: text must stand in quotes"]);
}

#[test]
fn a_missing_token_ends_with_77_and_names_the_file() {
    let zone = Zone::new();
    zone.credential("x.token", TOKEN);
    fs::remove_file(zone.path("credentials/facebook.token")).unwrap();
    let folder = zone.path("credentials").display().to_string();
    zone.fails().with(77, &["facebook.token is missing", &folder]);

    zone.credential("facebook.token", "\n");
    zone.fails().with(77, &["facebook.token is missing", &folder]);

    fs::remove_dir_all(&folder).unwrap();
    zone.fails().with(77, &["facebook.token is missing", &folder]);
}

#[test]
fn without_a_credentials_folder_it_says_how_to_give_one() {
    let zone = Zone::new();
    let mut command = program(&["run", "--zone", "exemple"]);
    command.arg("--config-dir").arg(zone.path("config")).arg("--state-dir").arg(zone.path("state"));
    Ended::from(command.output().unwrap()).with(77, &["--credentials-dir", "LoadCredential="]);
}

#[test]
fn a_state_folder_that_cannot_be_written_ends_with_77() {
    let zone = Zone::new();
    fs::write(zone.path("state"), "a file in the folder's place").unwrap();
    zone.fails().with(77, &["the state folder", &zone.path("state").display().to_string(), "cannot be used"]);
}

#[test]
fn a_second_run_on_the_same_state_folder_ends_with_69() {
    let zone = Zone::new();
    let mut first = zone.runs();
    zone.fails().with(69, &["another formez101 is running on the state folder"]);
    first.signal("TERM");
    assert_eq!(first.end(), Some(0), "the first one goes on and ends well:\n{}", first.said);
    zone.has_a_ledger();
}

#[test]
fn a_ledger_of_a_newer_version_ends_with_78_and_says_how_to_go_back() {
    let zone = Zone::new();
    let ledger = zone.has_a_ledger();
    zone.runtime.block_on(migrate_to_the_future(&ledger));
    fs::write(zone.path("state/ledger.format-2.sqlite"), "").unwrap();
    let kept = zone.path("state/ledger.format-2.sqlite").display().to_string();
    zone.fails().with(78, &["written by a newer formez101", "Install that version again. Or go back", &kept]);
}

/// Notes a migration that this version does not know, as a later version would have done.
async fn migrate_to_the_future(ledger: &Path) {
    use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

    let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(ledger)).await.unwrap();
    let row = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'future', TRUE, x'00', 0)";
    sqlx::query(row).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn a_key_of_the_wrong_length_ends_with_78_and_says_where_it_is() {
    let zone = Zone::new();
    zone.credential("hash.key", "much too short");
    let given = zone.fails();
    given.with(78, &["hash.key among the credentials", "32 bytes or 64 hexadecimal digits"]);
    assert!(!given.err.contains("much too short"), "{}", given.err);

    fs::remove_file(zone.path("credentials/hash.key")).unwrap();
    fs::write(zone.path("state/hash.key"), "much too short").unwrap();
    zone.fails().with(78, &[&zone.path("state/hash.key").display().to_string(), "32 bytes or 64 hexadecimal digits"]);
}

#[test]
fn sigterm_ends_a_run_well_within_two_seconds() {
    let zone = Zone::new();
    let mut running = zone.runs();
    let clock = Clock::system();
    let asked = clock.now();
    running.signal("TERM");
    let code = running.end();
    let took = between(asked, clock.now());
    assert_eq!(code, Some(0), "{}", running.said);
    assert!(took < Duration::from_secs(2), "it took {took:?}:\n{}", running.said);
    assert!(running.said.contains("stopping"), "{}", running.said);
    for token in [Setup::default().facebook_token, Setup::default().x_token] {
        assert!(!running.said.contains(&token), "a token is in the log:\n{}", running.said);
    }
}

#[test]
fn sighup_takes_over_a_good_file_and_keeps_the_old_one_when_it_is_bad() {
    let zone = Zone::new();
    let mut running = zone.runs();
    assert!(running.said.contains("observe mode, nothing is posted"), "{}", running.said);

    zone.file("mode = reply\n");
    running.signal("HUP");
    running.says("reload refused, the old configuration stays in force");
    running.says("zones/exemple.toml:1:8: text must stand in quotes");

    zone.file(&zone.sound("reply"));
    running.signal("HUP");
    running.says("configuration read again");
    running.says("zone exemple: replies are posted");
    let said = zone.sandbox.say(Say::new(Feed::FacebookInbox, "Jeanne Exemple", "Quelqu'un crie dans la rue")).unwrap();
    zone.wait("an answer", |sandbox| !sandbox.replies_in(&said.thread_id).is_empty());

    running.signal("TERM");
    assert_eq!(running.end(), Some(0), "{}", running.said);
    assert!(!running.said.contains("Jeanne") && !running.said.contains("crie"), "{}", running.said);
}
