//! Who wins: built-in defaults, the administrator's file, the zone's file, the environment, the caller; and what a zone becomes.

#![allow(clippy::expect_used, reason = "a failed expect is the failure that the test reports")]

use std::{fs, path::Path, time::Duration};

use formez101::{
    config::{Mode, Overrides, PublicReplies, ReplyTo, Report, Vocabulary, Zone, load, load_all, zone_ids},
    model::{Feed, Language, LanguageChoice},
    reply::{self, Present},
};

const ZONE: &str = r#"
[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "@ZPExemple"
"#;

/// A configuration folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("zones")).expect("a folder for zones");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

#[track_caller]
fn zone(folder: &Path, environment: &[(&str, &str)], overrides: &[Overrides]) -> Zone {
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    load(folder, "exemple", &environment, overrides).unwrap_or_else(|report| panic!("{report}")).zone
}

fn said(report: &Report, folder: &Path) -> String {
    report.render(false).replace(&format!("{}/", folder.display()), "")
}

#[test]
fn a_short_file_makes_a_whole_zone() {
    let folder = folder(&[("zones/exemple.toml", ZONE)]);
    let zone = zone(folder.path(), &[], &[]);
    assert_eq!(zone.id, "exemple");
    assert_eq!(zone.mode, Mode::Observe);
    assert_eq!(zone.languages, [Language::Fr, Language::Nl]);
    assert!(!zone.bilingual);
    assert_eq!(zone.timezone.iana_name(), Some("Europe/Brussels"));
    assert_eq!(zone.policy.cooldown, Duration::from_hours(12));
    assert_eq!(zone.policy.cooldown_urgent, Duration::from_mins(15));
    assert_eq!(zone.policy.max_age, Duration::from_hours(2));
    assert_eq!(zone.policy.colleague_silence, Duration::from_mins(30));
    assert_eq!(zone.policy.public_cap_per_hour, 60);
    assert_eq!(zone.policy.retention, Duration::from_hours(30 * 24));
    let facebook = zone.facebook.expect("a Page");
    assert_eq!((facebook.page.as_str(), facebook.version.as_str()), ("100000000000001", "v26.0"));
    assert_eq!(facebook.api_base, "https://graph.facebook.com");
    let x = zone.x.expect("an account");
    assert_eq!(
        (x.account.as_str(), x.api_base.as_str(), x.vocabulary),
        ("ZPExemple", "https://api.x.com", Vocabulary::Tweet)
    );
    let intervals: Vec<_> = zone.feeds.iter().map(|(feed, settings)| (*feed, settings.poll.as_secs())).collect();
    assert_eq!(
        intervals,
        [
            (Feed::FacebookInbox, 15),
            (Feed::FacebookMentions, 60),
            (Feed::FacebookComments, 60),
            (Feed::XMentions, 60),
            (Feed::XInbox, 90)
        ]
    );
    assert!(zone.feeds.values().all(|settings| settings.reply_to == ReplyTo::All
        && settings.public_replies != PublicReplies::None
        && settings.muted_posts.is_empty()));
}

#[test]
fn each_layer_wins_over_the_one_below_and_leaves_the_rest() {
    let shared = "[policy]\ncooldown = \"1h\"\nmax_age = \"1h\"\ncolleague_silence = \"1h\"\n[facebook]\nbots = [\"1\", \"2\"]\n[facebook.inbox]\nreply_to = \"none\"\n";
    let own = format!("max_age = \"3h\"\ncolleague_silence = \"3h\"\n{ZONE}[facebook.inbox]\npoll = \"30s\"\n")
        .replace("account", "bots = [\"3\"]\naccount");
    let folder = folder(&[("formez101.toml", shared), ("zones/exemple.toml", &own)]);
    let demo =
        Overrides { name: "demo".to_owned(), settings: vec![("policy.colleague_silence".to_owned(), "0s".to_owned())] };
    let zone = zone(
        folder.path(),
        &[("FORMEZ101__POLICY__COLLEAGUE_SILENCE", "4h"), ("PATH", "/bin"), ("FORMEZ101_CONFIG_DIR", "x")],
        &[demo],
    );
    assert_eq!(zone.policy.cooldown_urgent, Duration::from_mins(15));
    assert_eq!(zone.policy.cooldown, Duration::from_hours(1));
    assert_eq!(zone.policy.max_age, Duration::from_hours(3));
    assert_eq!(zone.policy.colleague_silence, Duration::ZERO);
    let inbox = &zone.feeds[&Feed::FacebookInbox];
    assert_eq!((inbox.reply_to, inbox.poll), (ReplyTo::None, Duration::from_secs(30)));
    assert_eq!(zone.facebook.expect("a Page").known.bots, ["1", "2"]);
    assert_eq!(zone.x.expect("an account").known.bots, ["3"]);
}

#[test]
fn a_list_is_replaced_and_not_lengthened() {
    let own = ZONE.replace("[x]", "bots = [\"@Trois\"]\n[x]");
    let folder = folder(&[("formez101.toml", "[facebook]\nbots = [\"1\", \"2\"]\n"), ("zones/exemple.toml", &own)]);
    assert_eq!(zone(folder.path(), &[], &[]).facebook.expect("a Page").known.bots, ["Trois"]);
}

#[test]
fn the_environment_speaks_in_words_numbers_and_lists() {
    let folder = folder(&[("zones/exemple.toml", ZONE)]);
    let environment = [
        ("FORMEZ101__MODE", "reply"),
        ("FORMEZ101__BILINGUAL", "true"),
        ("FORMEZ101__POLICY__PUBLIC_CAP_PER_HOUR", "5"),
        ("FORMEZ101__X__SISTERS", "@ZPNord, ZPSud"),
        ("FORMEZ101__X__BOTS", "[\"a\", \"b\"]"),
        ("FORMEZ101__ZONE__NAME", "Zone 101"),
    ];
    let zone = zone(folder.path(), &environment, &[]);
    assert_eq!((zone.mode, zone.bilingual, zone.policy.public_cap_per_hour), (Mode::Reply, true, 5));
    let known = zone.x.expect("an account").known;
    assert_eq!(
        (known.sisters, known.bots),
        (vec!["ZPNord".to_owned(), "ZPSud".to_owned()], vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(zone.facts.names[&Language::Nl], "Zone 101");
}

#[test]
fn a_platform_s_poll_holds_for_its_feeds_until_one_says_otherwise() {
    let own = ZONE.replace("[x]", "poll = \"20s\"\nmentions = { poll = \"40s\" }\n[x]");
    let folder = folder(&[("zones/exemple.toml", &own)]);
    let feeds = zone(folder.path(), &[], &[]).feeds;
    assert_eq!(feeds[&Feed::FacebookInbox].poll, Duration::from_secs(20));
    assert_eq!(feeds[&Feed::FacebookMentions].poll, Duration::from_secs(40));
    assert_eq!(feeds[&Feed::XInbox].poll, Duration::from_secs(90));
}

#[test]
fn the_caller_may_point_a_zone_at_this_machine_and_poll_fast_there() {
    let folder = folder(&[("zones/exemple.toml", ZONE)]);
    let settings = [("facebook.api_base", "http://127.0.0.1:4010/"), ("facebook.poll", "50ms"), ("mode", "reply")];
    let demo = Overrides {
        name: "demo".to_owned(),
        settings: settings.map(|(path, value)| (path.to_owned(), value.to_owned())).to_vec(),
    };
    let zone = zone(folder.path(), &[], &[demo]);
    assert_eq!(zone.facebook.expect("a Page").api_base, "http://127.0.0.1:4010");
    assert_eq!(zone.feeds[&Feed::FacebookInbox].poll, Duration::from_millis(50));
    assert_eq!(zone.mode, Mode::Reply);
}

#[test]
fn the_administrator_may_allow_another_host() {
    let own = ZONE.replace("[x]", "api_base = \"https://graph.standin.example\"\n[x]");
    let folder = folder(&[("formez101.toml", "allow_other_hosts = true\n"), ("zones/exemple.toml", &own)]);
    assert_eq!(zone(folder.path(), &[], &[]).facebook.expect("a Page").api_base, "https://graph.standin.example");
}

#[test]
fn a_feed_that_is_switched_off_and_an_account_that_is_not_there_are_not_polled() {
    let own = "[zone]\nname = \"Zone Exemple\"\nlanguages = [\"fr\"]\n[x]\naccount = \"ZPExemple\"\ninbox = { enabled = false }\n";
    let folder = folder(&[("formez101.toml", "[facebook]\npoll = \"20s\"\n"), ("zones/exemple.toml", own)]);
    let zone = zone(folder.path(), &[], &[]);
    assert!(zone.facebook.is_none());
    assert_eq!(zone.feeds.keys().collect::<Vec<_>>(), [&Feed::XMentions]);
}

#[test]
fn the_most_specific_text_of_any_layer_wins_and_other_languages_of_the_administrator_do_no_harm() {
    let shared = "[reply]\nfr = \"Formez le 101. {{ zone.name }}\"\nde = \"101. {{ zone.name }}\"\n";
    let own = format!("{ZONE}[reply.x.mentions.medical]\nfr = \"Formez le 112 ! {{{{ zone.name }}}}\"\n");
    let folder = folder(&[("formez101.toml", shared), ("zones/exemple.toml", &own)]);
    let zone = zone(folder.path(), &[], &[]);
    let text = |feed, kind| {
        reply::render(
            &zone.texts,
            &zone.facts,
            feed,
            kind,
            &LanguageChoice::one(Language::Fr),
            &Present::example("03:12:45"),
        )
        .expect("a text")
    };
    assert_eq!(text(Feed::FacebookInbox, formez101::model::Kind::None), "Formez le 101. Zone de police Exemple");
    assert_eq!(text(Feed::XMentions, formez101::model::Kind::Medical), "Formez le 112 ! Zone de police Exemple");
}

#[test]
fn a_zone_that_does_not_exist_is_answered_with_those_that_do() {
    let folder = folder(&[
        ("zones/exemple.toml", ZONE),
        ("zones/eupen.toml", ZONE),
        ("zones/.eupen.toml.swp", ""),
        ("zones/notes.txt", ""),
    ]);
    assert_eq!(zone_ids(folder.path()).expect("two zones"), ["eupen", "exemple"]);
    let report = load(folder.path(), "exmple", &[], &[]).expect_err("no such zone");
    assert_eq!(
        said(&report, folder.path()),
        "error: zones/exmple.toml:1:1: there is no zone \"exmple\"\n  |\n  = help: did you mean \"exemple\"?\n  = help: zones with a file: eupen, exemple\n\n1 mistake found.\n"
            .replace("  |\n  =", " |\n =")
            .replace("\n  = help: zones", "\n = help: zones")
    );
}

#[test]
fn a_zone_s_name_stays_within_its_folder() {
    let folder = folder(&[("zones/exemple.toml", ZONE)]);
    for id in ["../formez101", "", "Exemple", "a-name-that-is-far-too-long", "-a", "a b"] {
        let report = load(folder.path(), id, &[], &[]).expect_err("no zone id");
        assert!(report.render(false).contains("cannot be the name of a zone"), "{report}");
    }
}

#[test]
fn two_zones_on_one_account_are_refused() {
    let folder =
        folder(&[("zones/exemple.toml", ZONE), ("zones/voisine.toml", &ZONE.replace("@ZPExemple", "ZPVoisine"))]);
    let report = load_all(folder.path(), &[], &[]).expect_err("one Page, two zones");
    let said = said(&report, folder.path());
    assert!(
        said.contains(
            "zones/voisine.toml:6:8: zone voisine has the same `facebook.page` as zone exemple: a citizen would be answered twice"
        ),
        "{said}"
    );
    assert!(said.contains("help: the other one stands here: zones/exemple.toml:6:8"), "{said}");
    assert!(said.ends_with("1 mistake found.\n"), "{said}");
}

#[test]
fn a_mistake_in_the_shared_file_is_told_once_for_all_zones() {
    let other = ZONE.replace("100000000000001", "2").replace("@ZPExemple", "ZPVoisine");
    let folder =
        folder(&[("formez101.toml", "colour = 1\n"), ("zones/exemple.toml", ZONE), ("zones/voisine.toml", &other)]);
    let report = load_all(folder.path(), &[], &[]).expect_err("an unknown key");
    assert_eq!(report.diagnostics().len(), 1, "{report}");
}

#[test]
fn a_file_that_is_not_text_is_told() {
    let folder = folder(&[]);
    fs::write(folder.path().join("zones/exemple.toml"), b"mode = \"reply\"\n[zone]\nname = \"\xe9\"\n")
        .expect("a file");
    let report = load(folder.path(), "exemple", &[], &[]).expect_err("not UTF-8");
    let said = said(&report, folder.path());
    assert!(said.starts_with("error: zones/exemple.toml:3:9: this file is not UTF-8 text"), "{said}");
}

#[test]
fn a_file_cut_off_anywhere_is_told_or_read_and_never_panics() {
    let whole = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/zones/eupen-beispiel.toml"))
        .expect("the example");
    let plain = whole.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join(
        "
",
    );
    let folder = folder(&[]);
    // Not at every byte, to be done in a few seconds; eleven divides no period of the file.
    for end in (0..plain.len()).step_by(11).filter(|end| plain.is_char_boundary(*end)) {
        for text in
            [plain[..end].to_owned(), format!("{}{}", &plain[..end], plain[end..].chars().skip(1).collect::<String>())]
        {
            fs::write(folder.path().join("zones/exemple.toml"), text).expect("a file");
            if let Err(report) = load(folder.path(), "exemple", &[], &[]) {
                assert!(!report.is_empty());
                assert!(report.render(true).contains("zones/exemple.toml:"));
            }
        }
    }
}
