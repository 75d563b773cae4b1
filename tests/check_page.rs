//! What `check` shows when all is well: the shipped examples, and the same zone in its other moods.

#![allow(clippy::expect_used, reason = "a failed expect is the failure that the test reports")]

use std::path::PathBuf;

use formez101::{
    cli::check,
    config::{Mode, load},
};

const TIME: &str = "03:12:45";

fn examples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/config"))
}

fn page(zone: &str, environment: &[(&str, &str)]) -> String {
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    check::run(&examples(), Some(zone), &environment, TIME).unwrap_or_else(|report| panic!("{report}"))
}

#[test]
fn the_shipped_examples_have_no_mistake_and_post_nothing() {
    for (zone, feeds) in [("bruxelles-exemple", 8), ("eupen-beispiel", 5)] {
        let loaded = load(&examples(), zone, &[], &[]).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(loaded.zone.mode, Mode::Observe);
        assert_eq!(loaded.zone.feeds.len(), feeds);
    }
    let all = check::run(&examples(), None, &[], TIME).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(all, format!("{}\n{}", page("bruxelles-exemple", &[]), page("eupen-beispiel", &[])));
}

/// A settings line that is switched off, as opposed to a comment.
fn switched_on(line: &str) -> Option<&str> {
    let line = line.strip_prefix("# ")?;
    let key = line.split(" = ").next().unwrap_or_default();
    let setting = line.contains(" = ") && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let header = line.starts_with('[') && line.ends_with(']');
    (setting || header).then_some(line)
}

#[test]
fn every_line_that_is_switched_off_in_the_examples_may_be_switched_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("zones")).expect("a folder for zones");
    for file in ["formez101.toml", "zones/bruxelles-exemple.toml", "zones/eupen-beispiel.toml"] {
        let text = std::fs::read_to_string(examples().join(file)).expect("a shipped file");
        let (mut on, mut count) = (String::new(), 0);
        for line in text.lines() {
            count += usize::from(switched_on(line).is_some());
            on.push_str(switched_on(line).unwrap_or(line));
            on.push('\n');
        }
        assert!(count >= 12, "{file}: {count}");
        std::fs::write(folder.path().join(file), on).expect("a file");
    }
    check::run(folder.path(), None, &[], TIME).unwrap_or_else(|report| panic!("{report}"));
}

#[test]
fn each_feed_shows_its_interval_its_texts_and_what_cannot_be_seen_there() {
    let page = page("bruxelles-exemple", &[]);
    let (top, feeds) = page.split_once("\n\n").expect("a first part");
    assert_eq!(
        top,
        "Zone bruxelles-exemple: Zone de police Bruxelles-Exemple / Politiezone Brussel-Voorbeeld
  mode = \"observe\": decides and counts, posts nothing
  languages: fr, nl
  one reply per contact in 12h (15m when urgent), nothing older than 2h, silent for 30m after a colleague wrote, at most 60 public replies an hour, hashes kept for 30d"
    );
    let mentions = feeds.split("\n\n").find(|part| part.contains("x.mentions")).expect("the mentions on X");
    let begins = "  x.mentions (@ZPBruxEx), read every 1m, reply_to = \"all\", public_replies = \"public\"
    not seen here: posts of protected accounts, and posts that name the zone without its handle
    answered in public:
    fr: 82 of 280
      PAS d'appels urgents via ce canal, formez le 101. Zone de police Bruxelles-Exemple
";
    assert!(mentions.starts_with(begins), "{mentions}");
    assert!(mentions.contains("    fr (medical, fire): "), "{mentions}");
    assert!(mentions.contains("    nl: 78 of 280\n"), "{mentions}");
    assert!(feeds.contains("not seen here: encrypted X chats\n"));
    assert!(feeds.contains("the Page named in comments elsewhere, and posts that are not public; authors may be hidden on posts that tag the Page\n"));
}

#[test]
fn a_bilingual_zone_shows_the_texts_below_each_other_too() {
    let page = page("eupen-beispiel", &[]);
    assert!(page.contains("  languages: de, fr, every reply in all of them\n"), "{page}");
    let together = "    de+fr: 169 of 280
      KEINE dringenden Notrufe über diesen Kanal, wählen Sie die 101. Polizeizone Eupen-Beispiel
      PAS d'appels urgents via ce canal, formez le 101. Zone de police Eupen-Exemple
";
    assert!(page.contains(together), "{page}");
    assert!(page.contains("    de: 90 of 280\n"), "{page}");
}

#[test]
fn a_feed_that_only_counts_shows_no_text() {
    let page = page(
        "bruxelles-exemple",
        &[("FORMEZ101__X__MENTIONS__PUBLIC_REPLIES", "false"), ("FORMEZ101__FACEBOOK__INBOX__REPLY_TO", "none")],
    );
    for head in [
        "facebook.inbox (Page 100000000000001), read every 15s, reply_to = \"none\"",
        "x.mentions (@ZPBruxEx), read every 1m, reply_to = \"all\", public_replies = \"none\"",
    ] {
        let part = page.split("\n\n").find(|part| part.contains(head)).unwrap_or_else(|| panic!("{page}"));
        assert!(part.ends_with("nothing is posted here"), "{part}");
    }
    assert!(page.contains("1 post muted"));
}
