//! `init`: a new zone's file, from flags or from answers, in the zone's first language.

#![allow(clippy::unwrap_used, reason = "in a test, a failed `unwrap` is the failure that it reports")]

mod process;

use std::{fs, io::Write as _, path::Path, process::Stdio};

use process::{Ended, program};

/// Runs it in a folder, with these answers typed.
fn init(folder: &Path, arguments: &[&str], answers: &str) -> Ended {
    let mut command = program(&["init", "--config-dir"]);
    command.arg(folder).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Where nothing is asked nobody reads.
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    Ended::from(child.wait_with_output().unwrap())
}

#[test]
fn a_file_in_each_language_is_one_that_the_service_takes() {
    let folder = tempfile::tempdir().unwrap();
    for (code, comment) in [
        ("fr", "# Le nom de la zone dans chacune de ses langues."),
        ("nl", "# De naam van de zone in elk van haar talen."),
        ("de", "# Der Name der Zone in jeder ihrer Sprachen."),
        ("en", "# The zone's name in each of its languages."),
    ] {
        let zone = format!("zone-{code}");
        let (name, page) = (format!("{code}=Zone \"{code}\" é\\"), format!("10000000000000{}", code.len()));
        let made = init(
            folder.path(),
            &["--zone", &zone, "--languages", code, "--name", &name, "--facebook", &page, "--x", "@ZPExemple"],
            "",
        );
        made.with(0, &[]);
        for words in [
            "mode = \"observe\", so that nothing is posted yet.".to_owned(),
            format!("  formez101 login facebook --zone {zone}\n  formez101 login x --zone {zone}\n"),
            format!("  formez101 doctor --zone {zone}\n  systemctl enable --now formez101@{zone}\n"),
        ] {
            assert!(made.out.contains(&words), "{words:?} is not in:\n{}", made.out);
        }
        let text = fs::read_to_string(folder.path().join(format!("zones/{zone}.toml"))).unwrap();
        assert!(text.contains(comment) && text.contains("mode = \"observe\""), "{text}");
        let checked =
            Ended::from(program(&["check", "--zone", &zone, "--config-dir"]).arg(folder.path()).output().unwrap());
        checked.with(0, &[]);
        assert!(checked.out.starts_with(&format!("Zone {zone}: Zone \"{code}\" é\\\n")), "{}", checked.out);
    }
}

#[test]
fn what_is_not_given_is_asked_for_in_the_zones_language() {
    let folder = tempfile::tempdir().unwrap();
    let answers = "nl, fr\nPolitiezone Voorbeeld\nZone de police Exemple\n100000000000001\n\nZPVoorbeeld\n\nzpvoorbeeld@mastodon.example\n";
    let made = init(folder.path(), &["--zone", "voorbeeld"], answers);
    made.with(0, &[]);
    for words in ["De naam van de zone in \"fr\": ", "bluesky: het account van de zone, leeg als er geen is: "] {
        assert!(made.out.contains(words), "{words:?} is not in:\n{}", made.out);
    }
    let text = fs::read_to_string(folder.path().join("zones/voorbeeld.toml")).unwrap();
    for line in [
        "name = { nl = \"Politiezone Voorbeeld\", fr = \"Zone de police Exemple\" }",
        "languages = [\"nl\", \"fr\"]",
        "page = \"100000000000001\"",
        "account = \"ZPVoorbeeld\"",
        "account = \"zpvoorbeeld@mastodon.example\"",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} is not in:\n{text}");
    }
    assert!(!text.contains("[bluesky]") && !text.contains("[instagram]"), "{text}");
}

#[test]
fn a_file_that_is_there_stays_and_one_that_no_service_takes_is_not_left() {
    let folder = tempfile::tempdir().unwrap();
    let flags =
        ["--zone", "exemple", "--languages", "fr", "--name", "Zone de police Exemple", "--facebook", "100000000000001"];
    init(folder.path(), &flags, "").with(0, &[]);
    let path = folder.path().join("zones/exemple.toml");
    fs::write(&path, "# mine\n").unwrap();
    init(folder.path(), &flags, "").with(64, &["no file was written", "exists"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n");

    let mut wrong = flags;
    (wrong[1], wrong[7]) = ("autre", "pz-voorbeeld");
    init(folder.path(), &wrong, "").with(78, &["must be the Page's number, digits only", "no file was written"]);
    assert!(!folder.path().join("zones/autre.toml").exists());
    wrong[1] = "../autre";
    init(folder.path(), &wrong, "").with(64, &["at most 21 characters of a-z, 0-9 and -"]);
    init(folder.path(), &["--zone", "leeg"], "").with(64, &["--languages is not given"]);
    init(folder.path(), &["--zone", "leeg"], "klingon\n").with(64, &["\"klingon\" names no languages"]);
}
