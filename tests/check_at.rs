//! `check --at`: what would happen at a moment, feed by feed, and why.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

use std::{fs, path::Path};

use formez101::cli::moment;

const FILE: &str = r#"
mode = "reply"
when = "closed"
[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[hours]
mon-fri = ["08:00-12:00", "13:00-17:00"]
fri = ["08:00-12:00"]
sat = ["22:00-02:00"]
sun = ["02:00-03:00", "09:00-10:00"]
also_closed = ["flemish-community", "boxing-day"]
exceptions = ["2026-05-15 closed", "2026-12-24 08:00-10:00", "2026-12-28 to 2026-12-31 09:00-12:00", "2027-01-01 10:00-11:00"]
[facebook]
page = "100000000000001"
[facebook.comments]
reply_to = "urgent"
[instagram]
account = "17841400000000001"
[x]
account = "ZPExemple"
[x.mentions]
public_replies = "none"
"#;

fn told(folder: &Path, at: &str) -> String {
    moment::run(folder, None, &[], at.parse().unwrap()).unwrap_or_else(|report| panic!("{report}"))
}

fn with(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("zones")).unwrap();
    fs::write(folder.path().join("zones/exemple.toml"), file).unwrap();
    folder
}

/// The line on the office, without its first word.
#[track_caller]
fn office(folder: &Path, at: &str) -> String {
    let told = told(folder, at);
    let line = told.lines().find_map(|line| line.trim_start().strip_prefix("office: ")).unwrap();
    line.to_owned()
}

#[test]
fn forty_moments() {
    let folder = with(FILE);
    for (at, wanted) in [
        // An ordinary week, to the second.
        ("2026-11-25 00:00", "closed, opens Wednesday 2026-11-25 08:00 (UTC+01:00)"),
        ("2026-11-25 07:59:59", "closed, opens Wednesday 2026-11-25 08:00 (UTC+01:00)"),
        ("2026-11-25 08:00", "open until Wednesday 2026-11-25 12:00 (UTC+01:00)"),
        ("2026-11-25 11:59:59", "open until Wednesday 2026-11-25 12:00 (UTC+01:00)"),
        ("2026-11-25 12:00", "closed (between two openings), opens Wednesday 2026-11-25 13:00 (UTC+01:00)"),
        ("2026-11-25 12:59:59", "closed (between two openings), opens Wednesday 2026-11-25 13:00 (UTC+01:00)"),
        ("2026-11-25 13:00", "open until Wednesday 2026-11-25 17:00 (UTC+01:00)"),
        ("2026-11-25 17:00", "closed, opens Thursday 2026-11-26 08:00 (UTC+01:00)"),
        ("2026-11-27 11:00", "open until Friday 2026-11-27 12:00 (UTC+01:00)"),
        ("2026-11-27 14:00", "closed, opens Saturday 2026-11-28 22:00 (UTC+01:00)"),
        // Over midnight, into an opening that begins there.
        ("2026-11-28 23:00", "open until Sunday 2026-11-29 03:00 (UTC+01:00)"),
        ("2026-11-29 01:00", "open until Sunday 2026-11-29 03:00 (UTC+01:00)"),
        ("2026-11-29 02:30", "open until Sunday 2026-11-29 03:00 (UTC+01:00)"),
        ("2026-11-29 03:00", "closed (between two openings), opens Sunday 2026-11-29 09:00 (UTC+01:00)"),
        // The night on which an hour is left out, and the one on which it comes twice.
        ("2026-03-29 01:30", "open until Sunday 2026-03-29 03:00 (UTC+02:00)"),
        ("2026-03-29 02:30", "closed (between two openings), opens Sunday 2026-03-29 09:00 (UTC+02:00)"),
        ("2026-03-29 03:00", "closed (between two openings), opens Sunday 2026-03-29 09:00 (UTC+02:00)"),
        ("2026-10-25 01:59:59", "open until Sunday 2026-10-25 03:00 (UTC+01:00)"),
        ("2026-10-25 02:30", "open until Sunday 2026-10-25 03:00 (UTC+01:00)"),
        ("2026-10-25T02:30:00+01:00", "open until Sunday 2026-10-25 03:00 (UTC+01:00)"),
        ("2026-10-25T01:59:59Z", "open until Sunday 2026-10-25 03:00 (UTC+01:00)"),
        ("2026-10-25T02:00:00Z", "closed (between two openings), opens Sunday 2026-10-25 09:00 (UTC+01:00)"),
        // Holidays, fixed and moving.
        ("2026-01-01 10:00", "closed (New Year's Day), opens Friday 2026-01-02 08:00 (UTC+01:00)"),
        ("2026-04-05 09:30", "open until Sunday 2026-04-05 10:00 (UTC+02:00)"),
        ("2026-04-06 10:00", "closed (Easter Monday), opens Tuesday 2026-04-07 08:00 (UTC+02:00)"),
        ("2027-03-29 10:00", "closed (Easter Monday), opens Tuesday 2027-03-30 08:00 (UTC+02:00)"),
        ("2026-05-01 09:00", "closed (Labour Day), opens Saturday 2026-05-02 22:00 (UTC+02:00)"),
        ("2026-05-14 10:00", "closed (Ascension Day), opens Saturday 2026-05-16 22:00 (UTC+02:00)"),
        ("2026-05-25 10:00", "closed (Whit Monday), opens Tuesday 2026-05-26 08:00 (UTC+02:00)"),
        ("2026-07-21 10:00", "closed (National Day), opens Wednesday 2026-07-22 08:00 (UTC+02:00)"),
        ("2026-08-15 23:00", "closed (Assumption Day), opens Sunday 2026-08-16 02:00 (UTC+02:00)"),
        ("2026-11-11 10:00", "closed (Armistice Day), opens Thursday 2026-11-12 08:00 (UTC+01:00)"),
        ("2026-12-25 23:30", "closed (Christmas Day), opens Sunday 2026-12-27 02:00 (UTC+01:00)"),
        ("2027-07-11 09:30", "closed (the day of the Flemish Community), opens Monday 2027-07-12 08:00 (UTC+02:00)"),
        ("2026-11-02 10:00", "open until Monday 2026-11-02 12:00 (UTC+01:00)"),
        // Dates of their own: a bridge, a short day, a week, one that opens on a holiday.
        ("2026-05-15 10:00", "closed (an exception for this date), opens Saturday 2026-05-16 22:00 (UTC+02:00)"),
        ("2026-12-24 09:00", "open (an exception for this date) until Thursday 2026-12-24 10:00 (UTC+01:00)"),
        ("2026-12-24 11:00", "closed (an exception for this date), opens Sunday 2026-12-27 02:00 (UTC+01:00)"),
        ("2026-12-30 15:00", "closed (an exception for this date), opens Thursday 2026-12-31 09:00 (UTC+01:00)"),
        ("2027-01-01 10:30", "open (an exception for this date) until Friday 2027-01-01 11:00 (UTC+01:00)"),
    ] {
        assert_eq!(office(folder.path(), at), wanted, "{at}");
    }
}

#[test]
fn each_feed_has_its_answer_and_its_reason() {
    let folder = with(FILE);
    let told = told(folder.path(), "2026-11-25 09:00");
    let open = "silence: the office is open: a colleague answers what is not urgent";
    for (feed, wanted) in [
        ("facebook.inbox, not urgent", open),
        ("facebook.inbox, urgent", "answered in private"),
        ("facebook.comments, not urgent", "silence: this feed is only counted"),
        ("facebook.comments, urgent", "answered in private"),
        ("x.mentions, urgent", "silence: public replies are switched off on this feed"),
        ("x.inbox, not urgent", open),
        ("instagram.mentions, urgent", "silence: the platform offers no way to answer it"),
    ] {
        assert!(told.contains(&format!("  {feed}: {wanted}\n")), "{feed}: {told}");
    }
}

#[test]
fn what_is_left_to_a_colleague_is_said_with_its_time() {
    let folder = with(&FILE.replace("\"closed\"\n[zone]", "\"closed-or-unanswered\"\n[zone]"));
    let at = |at| told(folder.path(), at);
    let open = at("2026-11-25 09:00");
    let wanted = "facebook.inbox, not urgent: answered in private at 09:10, unless a colleague has answered by then\n";
    assert!(open.contains(wanted), "{open}");
    assert!(open.contains("facebook.inbox, urgent: answered in private\n"), "{open}");
    assert!(at("2026-11-25 11:55").contains("in private at 12:00, unless"), "the office closes before that");
    assert!(at("2026-11-25 12:00").contains("facebook.inbox, not urgent: answered in private\n"));
}

#[test]
fn what_the_mode_does_is_said() {
    let at = |mode: &str| told(with(&FILE.replace("\"reply\"", mode)).path(), "2026-12-25 23:30");
    assert!(
        at("\"observe\"")
            .contains("facebook.inbox, urgent: counted only: mode = \"observe\", else it would be answered\n")
    );
    assert!(at("\"pause\"").contains("facebook.inbox, urgent: silence: mode = \"pause\", else it would be answered\n"));
}

#[test]
fn a_time_that_comes_twice_or_not_at_all_is_explained() {
    let folder = with(FILE);
    let twice = told(folder.path(), "2026-10-25 02:30");
    assert_eq!(twice.matches("the clock shows this time twice that night").count(), 2);
    assert!(twice.contains("02:30 (UTC+02:00)") && twice.contains("02:30 (UTC+01:00)"), "{twice}");
    let never = told(folder.path(), "2026-03-29 02:30");
    assert!(never.contains("03:30 (UTC+02:00)\n  the clock leaves this time out that night"), "{never}");
    assert!("tomorrow".parse::<moment::Moment>().is_err());
}
