//! What `check` shows when all is well: the shipped examples, and the same zone in its other moods.

#![allow(clippy::expect_used, reason = "a failed expect is the failure that the test reports")]

use std::path::PathBuf;

use formez101::{
    cli::{check, preview},
    config::{Mode, load, load_all},
    model::{Feed, Language},
    reply::{self, Facts, Texts},
};
use jiff::Timestamp;

/// The time of day in texts, and a day on which nothing in the examples is to be looked at.
fn moment() -> (&'static str, Timestamp) {
    ("03:12:45", "2026-11-25T12:00:00Z".parse().expect("a time"))
}

fn examples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/config"))
}

fn page(zone: &str, environment: &[(&str, &str)]) -> String {
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    check::run(&examples(), Some(zone), &environment, moment()).unwrap_or_else(|report| panic!("{report}"))
}

#[test]
fn the_shipped_examples_have_no_mistake_and_post_nothing() {
    for (zone, feeds) in [("bruxelles-exemple", 8), ("eupen-beispiel", 5)] {
        let loaded = load(&examples(), zone, &[], &[]).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(loaded.zone.mode, Mode::Observe);
        assert_eq!(loaded.zone.feeds.len(), feeds);
    }
    let all = check::run(&examples(), None, &[], moment()).unwrap_or_else(|report| panic!("{report}"));
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
    check::run(folder.path(), None, &[], moment()).unwrap_or_else(|report| panic!("{report}"));
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
  one reply per contact in 12h (15m when urgent), nothing older than 2h, silent for 30m after a colleague wrote, at most 60 public replies an hour, hashes kept for 30d
  office: Monday to Friday 08:00-12:00, 13:00-17:00; Saturday 09:00-12:00; closed on the ten legal holidays, the day of the Brussels-Capital Region; 2 exceptions"
    );
    let mentions = feeds.split("\n\n").find(|part| part.contains("x.mentions")).expect("the mentions on X");
    let begins = "  x.mentions (@ZPBruxEx), read every 1m, reply_to = \"all\", public_replies = \"public\"
    not seen here: posts of protected accounts, and posts that name the zone without its handle
    answered in public:
    fr: 117 of 280
      PAS d'appels urgents via ce canal, formez le 101. Zone de police Bruxelles-Exemple (03:12:45, stop = plus de réponse)
";
    assert!(mentions.starts_with(begins), "{mentions}");
    assert!(mentions.contains("    fr (medical, fire): "), "{mentions}");
    assert!(mentions.contains("    nl: 116 of 280\n"), "{mentions}");
    assert!(feeds.contains("not seen here: encrypted X chats\n"));
    assert!(feeds.contains("the Page named in comments elsewhere, and posts that are not public; authors may be hidden on posts that tag the Page\n"));
}

#[test]
fn a_bilingual_zone_shows_the_texts_below_each_other_too() {
    let page = page("eupen-beispiel", &[]);
    assert!(page.contains("  languages: de, fr, every reply in all of them\n"), "{page}");
    let together = "    de+fr: 221 of 280
      KEINE dringenden Notrufe über diesen Kanal, wählen Sie 101. Polizeizone Eupen-Beispiel
      PAS d'appels urgents via ce canal, formez le 101. Zone de police Eupen-Exemple (03:12:45, stop = keine Antwort mehr / plus de réponse)
";
    assert!(page.contains(together), "{page}");
    assert!(page.contains("    de: 124 of 280\n"), "{page}");
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

/// One text of a preview with its head and its places, by the beginning of its head.
#[track_caller]
fn block<'a>(preview: &'a str, head: &str) -> &'a str {
    preview.split("\n\n").find(|block| block.trim_start().starts_with(head)).unwrap_or_else(|| panic!("{preview}"))
}

#[test]
fn a_preview_shows_each_text_once_with_its_places_its_lengths_and_where_it_comes_from() {
    let preview = preview::run(&examples(), Some("bruxelles-exemple"), &[], moment().0)
        .unwrap_or_else(|report| panic!("{report}"));
    insta::assert_snapshot!(block(&preview, "fr, standard"), @"
    fr, standard (built in)
      PAS d'appels urgents via ce canal, formez le 101. Zone de police Bruxelles-Exemple
      -> facebook.inbox 82 of 1999; facebook.mentions 82 of 8000; instagram.inbox 82 of 1000
    ");
    insta::assert_snapshot!(block(&preview, "nl, self_harm"), @"
    nl, self_harm (built in)
      Er luistert iemand, dag en nacht: 1813. In direct gevaar: 112. Politiezone Brussel-Voorbeeld
      -> facebook.inbox 92 of 1999; facebook.mentions 92 of 8000; instagram.inbox 92 of 1000
    ");
    let texts = preview.matches("Zone de police Bruxelles-Exemple\n").count();
    assert_eq!(texts, 3, "each French text off X stands here once: {preview}");
    let own = [("FORMEZ101__REPLY__X__MENTIONS__MEDICAL__FR", "Formez le 112. {{ zone.name }} (stop = fin)")];
    let own: Vec<_> = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let preview = preview::run(&examples(), Some("bruxelles-exemple"), &own, moment().0)
        .unwrap_or_else(|report| panic!("{report}"));
    insta::assert_snapshot!(block(&preview, "fr, medical (`"), @"
    fr, medical (`reply.x.mentions.medical.fr`)
      Formez le 112. Zone de police Bruxelles-Exemple (stop = fin)
      -> x.mentions 60 of 280
    ");
}

#[test]
fn a_preview_of_a_bilingual_zone_shows_the_texts_together_as_they_are_posted() {
    let preview =
        preview::run(&examples(), Some("eupen-beispiel"), &[], moment().0).unwrap_or_else(|report| panic!("{report}"));
    let together = "
    KEINE Notrufe hier. Krankenwagen oder Feuerwehr: wählen Sie 112. Polizeizone Eupen-Beispiel
    PAS d'appels urgents ici. Ambulance ou pompiers : formez le 112. Zone de police Eupen-Exemple (03:12:45, stop = keine Antwort mehr / plus de réponse)
    -> x.mentions 241 of 280
";
    assert!(preview.contains(together), "{preview}");
}

#[test]
fn what_a_human_should_look_at_stands_below_the_page() {
    let looked_at = |environment: &[(&str, &str)]| {
        let page = page("bruxelles-exemple", environment);
        page.split_once("\n  to look at:\n").map(|(_, advice)| advice.to_owned())
    };
    assert_eq!(looked_at(&[]), None);
    let advice = looked_at(&[
        ("FORMEZ101__ZONE__VALID_UNTIL", "02 555 01 01 until 2026-12-01"),
        ("FORMEZ101__POLICY__QUIET_PERIOD__UNTIL", "2026-11-26 06:00"),
        ("FORMEZ101__REPLY__PUBLIC__FR", "URGENT : formez le 101. {{ zone.name }}"),
    ]);
    insta::assert_snapshot!(advice.unwrap_or_default(), @r#"
    a quiet period is on until 2026-11-26 06:00: only urgent messages are answered
    the number 02 555 01 01 is known to hold until 2026-12-01 only: ask whether it still holds, and change the number or its day in `valid_until`
    `reply.public.fr` is partly in capitals, which are hard to read and sound like shouting: URGENT
    `reply.public.fr` is posted on X and does not say how to get no more automatic replies, as X's rules want: add "stop = plus de réponse", or leave it to the built-in text
    "#);
}

#[test]
fn every_standard_text_fits_everywhere_with_the_longest_name_of_the_examples() {
    let zones = load_all(&examples(), &[], &[]).unwrap_or_else(|report| panic!("{report}"));
    let names = zones.iter().flat_map(|loaded| loaded.zone.facts.names.values());
    let longest = names.max_by_key(|name| name.chars().count()).expect("a name").clone();
    let facts = Facts { names: Language::ALL.map(|language| (language, longest.clone())).into(), ..Facts::default() };
    let check = |languages: &[Language]| {
        reply::check(&Texts::default(), &facts, languages, languages.len() > 1, &Feed::ALL, None)
    };
    for first in Language::ALL {
        assert_eq!(check(&[first]), [], "{first}");
        for second in Language::ALL.into_iter().filter(|second| *second != first) {
            // English is nobody's second legal language, and its text names two help lines.
            if first != Language::En && second != Language::En {
                assert_eq!(check(&[first, second]), [], "{first} and {second}");
            }
        }
    }
}
