//! The zone's own texts: gathered from `[reply]`, checked by `reply`, and what is wrong told at its place in the file.

use std::{collections::BTreeMap, ops::Range};

use super::{diagnostic::Diagnostic, layer::Places, place::Place, text_key, wire::TextTree, zone::Zone};
use crate::{
    model::Language,
    reply::{self, Finding, Texts},
};

/// Every text below `[reply]` under its key.
///
/// A text of the administrator's in a language that this zone does not serve is left out: other zones may need it.
/// The same in the zone's own file is a mistake, which `reply::check` tells.
pub fn collect(tree: BTreeMap<String, TextTree>, languages: &[Language], places: &Places) -> Texts {
    let mut texts = Texts::default();
    let mistakes_count = !places.explained("zone.languages");
    for (path, text) in flat(tree) {
        let parts: Vec<&str> = path.split('.').collect();
        let Some(key) = text_key::parse(&parts) else { continue };
        let own = mistakes_count && places.in_zone_file(&text_key::path(key));
        if own || languages.contains(&key.language) {
            texts.set(key, text);
        }
    }
    texts
}

fn flat(tree: BTreeMap<String, TextTree>) -> Vec<(String, String)> {
    tree.into_iter()
        .flat_map(|(name, below)| match below {
            TextTree::Text(text) => vec![(name, text)],
            TextTree::Below(tree) => {
                flat(tree).into_iter().map(|(path, text)| (format!("{name}.{path}"), text)).collect()
            }
        })
        .collect()
}

/// What is wrong with the texts on the feeds that would post them.
pub fn check(zone: &Zone, places: &Places) -> Vec<Diagnostic> {
    if zone.languages.is_empty() {
        return Vec::new();
    }
    let feeds = zone.places();
    let own_handle = zone.x.as_ref().map(|x| x.account.as_str());
    reply::check(&zone.texts, &zone.facts, &zone.languages, zone.bilingual, &feeds, own_handle)
        .into_iter()
        .map(|finding| diagnostic(finding, places))
        .collect()
}

fn diagnostic(finding: Finding, places: &Places) -> Diagnostic {
    let path = text_key::path(finding.key);
    let place = match (places.given(&path), finding.at) {
        (Some(place), Some(at)) => within(place, at),
        _ => places.of(&path),
    };
    Diagnostic::new(place, in_line(&finding.problem)).help(in_line(&finding.help))
}

/// A sentence as a diagnostic has it: without a capital and without a full stop, but the name X stays.
fn in_line(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) if !sentence.starts_with("X ") => first.to_lowercase().chain(letters).collect(),
        _ => sentence.to_owned(),
    }
}

/// Bytes of a text as bytes of the file: exact where the text is written without escapes, else the whole text.
fn within(place: &Place, at: Range<usize>) -> Place {
    let literal = place.origin.text.get(place.span.clone()).unwrap_or_default();
    let quotes = if literal.starts_with("\"\"\"") || literal.starts_with("'''") {
        3
    } else {
        usize::from(literal.starts_with(['"', '\'']))
    };
    let inner = literal.get(quotes..literal.len().saturating_sub(quotes)).unwrap_or_default();
    // A line break right after the opening quotes does not belong to the text.
    let dropped =
        if quotes == 3 { inner.len() - inner.trim_start_matches('\r').trim_start_matches('\n').len() } else { 0 };
    let escaped = literal.starts_with('"') && inner.contains('\\') || inner.contains('\r');
    let start = place.span.start + quotes + dropped;
    if escaped || start + at.end > place.span.end - quotes {
        return place.clone();
    }
    Place::new(&place.origin, start + at.start..start + at.end)
}
