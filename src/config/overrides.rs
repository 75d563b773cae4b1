//! Single settings from outside the files: the environment, and what a caller lays on top.
//!
//! `FORMEZ101__POLICY__COOLDOWN=1h` is shown, and where needed parsed, as the one-line text that it is.

use std::sync::Arc;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    diagnostic::Diagnostic,
    layer::Layer,
    place::{Origin, Place},
    schema::{self, Key, Leaf, Shape, joined},
    strict::{Author, Walk, stranger},
};

/// What every variable of ours begins with; the same sign separates tables and keys.
const PREFIX: &str = "FORMEZ101__";

/// Settings that a caller lays over files and environment.
#[derive(Debug, Clone)]
pub struct Overrides {
    /// What to call them in a diagnostic, such as `demo`.
    pub name: String,
    /// Dotted paths, such as `facebook.api_base`, and values as they would stand in the environment.
    pub settings: Vec<(String, String)>,
}

/// Reads the variables that are ours; all others are left alone.
pub fn environment(variables: &[(String, String)]) -> (Layer, Vec<Diagnostic>) {
    let ours = variables.iter().filter_map(|(name, value)| {
        let path = name.strip_prefix(PREFIX)?.split("__").map(str::to_ascii_lowercase).collect();
        Some((name.as_str(), path, value.as_str()))
    });
    read("environment", ours)
}

/// Reads a caller's settings.
pub fn caller(overrides: &Overrides) -> (Layer, Vec<Diagnostic>) {
    let settings = overrides
        .settings
        .iter()
        .map(|(name, value)| (name.as_str(), name.split('.').map(str::to_owned).collect(), value.as_str()));
    read(&overrides.name, settings)
}

fn read<'a>(origin: &str, settings: impl Iterator<Item = (&'a str, Vec<String>, &'a str)>) -> (Layer, Vec<Diagnostic>) {
    let mut layer = Layer::default();
    let mut found = Vec::new();
    for (name, path, value) in settings {
        let origin = Origin::new(origin, format!("{name}={value}"));
        let mut walk = Walk::new(&origin, Author::Officer);
        walk.layer = layer;
        one(&mut walk, &origin, name, &path, value);
        layer = walk.layer;
        found.append(&mut walk.found);
    }
    (layer, found)
}

/// One setting: finds its key, gives the value the type that the key wants, and reads it like a file's.
fn one(walk: &mut Walk<'_>, origin: &Arc<Origin>, name: &str, path: &[String], value: &str) {
    let whole_name = 0..name.len();
    let mut keys = schema::FILE;
    let mut above = String::new();
    for (depth, part) in path.iter().enumerate() {
        let Some(key) = schema::find(keys, part) else {
            let (mut diagnostic, meant) = stranger(Place::new(origin, whole_name), &above, keys, part);
            diagnostic.problem =
                format!("{name} is no setting: {}", diagnostic.problem.replace(" at the top of the file", ""));
            walk.layer.doubtful.insert(joined(&above, meant.map_or(part, |key| key.name)));
            walk.found.push(diagnostic);
            return;
        };
        match key.shape {
            Shape::Table(below) => keys = below,
            Shape::PerLanguage if depth + 1 < path.len() => keys = schema::BY_LANGUAGE,
            _ if depth + 1 == path.len() => return last(walk, origin, &above, key, name, value),
            _ => {
                let problem = format!("{name} is no setting: `{part}` is a value, with nothing below it");
                walk.found.push(
                    Diagnostic::new(Place::new(origin, whole_name), problem)
                        .help(format!("remove what follows `{part}` in the name")),
                );
                return;
            }
        }
        above = joined(&above, key.name);
    }
    let known = schema::names(keys).join(", ");
    let problem = format!("{name} is no setting: [{above}] is a table");
    walk.found.push(
        Diagnostic::new(Place::new(origin, whole_name), problem).help(format!("name one of its keys as well: {known}")),
    );
}

fn last(walk: &mut Walk<'_>, origin: &Arc<Origin>, above: &str, key: &'static Key, name: &str, value: &str) {
    let start = name.len() + 1;
    let text = Spanned::new(start..start + value.len(), DeValue::String(value.into()));
    let typed = match key.shape {
        Shape::Leaf(Leaf::Flag | Leaf::Count | Leaf::Money) | Shape::AdministratorOnly(..) => parsed(&origin.text),
        Shape::Leaf(Leaf::PublicReplies) if matches!(value, "true" | "false") => parsed(&origin.text),
        Shape::Leaf(leaf) if leaf.is_list() && value.trim_start().starts_with('[') => parsed(&origin.text),
        Shape::Leaf(leaf) if leaf.is_list() => Some(split(value, start)),
        _ => None,
    };
    walk.entry(above, key, 0..name.len(), &typed.unwrap_or(text));
}

/// The value of `NAME=value` as TOML sees it; the name is a valid key by chance of its letters.
fn parsed(line: &str) -> Option<Spanned<DeValue<'_>>> {
    let mut table = DeTable::parse(line).ok()?.into_inner();
    loop {
        let (_, value) = table.into_iter().next()?;
        match value.get_ref() {
            DeValue::Table(_) => match value.into_inner() {
                DeValue::Table(below) => table = below,
                _ => return None,
            },
            _ => return Some(value),
        }
    }
}

/// `fr,nl` as a list, each item with its place.
fn split(value: &str, start: usize) -> Spanned<DeValue<'_>> {
    let mut at = start;
    let mut items = toml::de::DeArray::new();
    for item in value.split(',') {
        let text = item.trim();
        let from = at + (item.len() - item.trim_start().len());
        items.push(Spanned::new(from..from + text.len(), DeValue::String(text.into())));
        at += item.len() + 1;
    }
    Spanned::new(start..start + value.len(), DeValue::Array(items))
}
