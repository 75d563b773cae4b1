//! The schema, the built-in defaults and the structs that serde fills cannot drift apart: each test here walks one against another.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    layer::Layer,
    merge,
    overrides::{self, Overrides},
    place::Origin,
    schema::{self, FILE, Key, Leaf, Shape, joined},
    strict::{self, Author},
    text_key,
};

/// A sound value for every kind of leaf, as TOML.
fn sample(leaf: Leaf) -> String {
    match leaf {
        Leaf::Text => "\"Formez le 101\"".to_owned(),
        Leaf::Word(words) => format!("\"{}\"", words().last().expect("at least one word")),
        Leaf::Words(words) => format!("[\"{}\"]", words().last().expect("at least one word")),
        Leaf::PublicReplies => "\"both\"".to_owned(),
        Leaf::Languages => "[\"de\", \"fr\"]".to_owned(),
        Leaf::Flag => "true".to_owned(),
        Leaf::Count => "7".to_owned(),
        Leaf::Money => "7.5".to_owned(),
        Leaf::Duration(_) => "\"90m\"".to_owned(),
        Leaf::Accounts | Leaf::Posts => "[\"1\", \"2\"]".to_owned(),
        Leaf::Page | Leaf::MetaId => "\"1\"".to_owned(),
        Leaf::Handle => "\"@ZPExemple\"".to_owned(),
        Leaf::DomainHandle => "\"@zpexemple.bsky.social\"".to_owned(),
        Leaf::ServerHandle => "\"@zpexemple@mastodon.example\"".to_owned(),
        Leaf::Address => "\"https://api.x.com\"".to_owned(),
        Leaf::Listen => "\"127.0.0.1:9101\"".to_owned(),
        Leaf::Mailbox => "\"formez101@example.org\"".to_owned(),
        Leaf::Mailboxes => "[\"one@example.org\", \"two@example.org\"]".to_owned(),
        Leaf::Server => "\"mail.example.org\"".to_owned(),
        Leaf::Phrases => "[\"place du marché\", \"knettergek .. bist\"]".to_owned(),
        Leaf::ShippedPhrases => "[\"je saute\"]".to_owned(),
        Leaf::Version => "\"v27.0\"".to_owned(),
        Leaf::TimeZone => "\"Europe/Paris\"".to_owned(),
        Leaf::Moment => "\"2026-11-25 18:00\"".to_owned(),
        Leaf::DatedNumbers => "[\"101 until 2027-06-30\"]".to_owned(),
        Leaf::Windows => "[\"08:00-12:00\"]".to_owned(),
        Leaf::Exceptions => "[\"2026-12-24 closed\"]".to_owned(),
    }
}

/// Every path that a file may hold, with a sound value.
fn leaves(path: &str, keys: &'static [Key]) -> Vec<(String, String)> {
    keys.iter()
        .flat_map(|key| {
            let path = joined(path, key.name);
            match key.shape {
                Shape::Table(below) => leaves(&path, below),
                Shape::Leaf(leaf) | Shape::AdministratorOnly(leaf, _) => vec![(path, sample(leaf))],
                Shape::PerLanguage => {
                    [vec![(path.clone(), sample(Leaf::Text))], leaves(&path, schema::BY_LANGUAGE)].concat()
                }
                Shape::Refused(_) => Vec::new(),
            }
        })
        .collect()
}

fn read(text: &str) -> Layer {
    let origin: Arc<Origin> = Origin::new("test.toml", text);
    let (layer, found) = strict::read(&origin, Author::Administrator);
    assert!(found.is_empty(), "{text}: {found:?}");
    layer
}

fn defaults() -> Layer {
    read(include_str!("defaults.toml"))
}

#[test]
fn every_key_of_the_schema_is_read_merged_and_taken_by_serde() {
    let leaves = leaves("", FILE);
    assert!(leaves.len() > 150, "{}", leaves.len());
    for (path, value) in leaves {
        let layer = read(&format!("{path} = {value}"));
        assert!(!layer.values.is_empty(), "{path}");
        merge(vec![defaults(), layer]).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

#[test]
fn every_key_of_the_schema_can_be_given_by_the_environment() {
    for (path, value) in leaves("", FILE).into_iter().filter(|(path, _)| path != "allow_other_hosts") {
        let name = format!("FORMEZ101__{}", path.to_uppercase().replace('.', "__"));
        let (from_environment, found) = overrides::environment(&[(name, value.trim_matches('"').to_owned())]);
        assert!(found.is_empty(), "{path}: {found:?}");
        let from_file = read(&format!("{path} = {value}"));
        let plain = |layer: &Layer| {
            layer.values.iter().map(|(path, (value, _))| format!("{path} {:?}", value.kind)).collect::<Vec<_>>()
        };
        assert_eq!(plain(&from_environment), plain(&from_file), "{path}");
    }
}

#[test]
fn every_text_of_the_schema_has_a_key_and_every_key_its_path() {
    for (path, _) in leaves("reply", schema::table_at("reply").expect("a table")) {
        if path == "reply.bilingual" {
            continue;
        }
        let parts: Vec<&str> = path.split('.').skip(1).collect();
        let key = text_key::parse(&parts).unwrap_or_else(|| panic!("{path} means no text"));
        assert_eq!(text_key::path(key), path);
    }
}

/// serde's own list of a struct's fields, taken from its complaint about a field that no struct has.
fn fields(table: &str) -> BTreeSet<String> {
    let mut stranger = Layer::default();
    let place = super::Place::first_line(&Origin::new("test.toml", ""));
    stranger.values.insert(joined(table, "stranger"), ("x".into(), place));
    let complaint = merge(vec![defaults(), stranger]).expect_err("a field that no struct has").to_string();
    let (_, expected) = complaint.split_once("expected").unwrap_or_else(|| panic!("serde says: {complaint}"));
    let (expected, _) = expected.split_once(" for key").unwrap_or((expected, ""));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_field_that_serde_takes_stands_in_the_schema() {
    for table in
        ["", "zone", "policy", "facebook", "facebook.mentions", "instagram", "instagram.mentions", "x", "x.mentions"]
    {
        let keys = schema::table_at(table).expect("a table");
        let unknown: Vec<String> =
            fields(table).into_iter().filter(|field| schema::find(keys, field).is_none()).collect();
        assert!(unknown.is_empty(), "[{table}] {unknown:?}");
        assert!(fields(table).len() > 3, "[{table}] {:?}", fields(table));
    }
}

#[test]
fn no_key_of_ours_looks_like_a_secret() {
    for (path, _) in leaves("", FILE) {
        assert!(!super::secrets::looks_secret(&path), "{path}");
    }
}

#[test]
fn a_caller_s_settings_are_read_like_the_environment() {
    let demo =
        Overrides { name: "demo".to_owned(), settings: vec![("facebook.inbox.poll".to_owned(), "200ms".to_owned())] };
    let (layer, found) = overrides::caller(&demo);
    assert!(found.is_empty());
    assert_eq!(layer.values.keys().collect::<Vec<_>>(), ["facebook.inbox.poll"]);
}
