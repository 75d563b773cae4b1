//! How a line of a lexicon is taken apart, and in which spellings its words are looked for.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::fold;

/// A word shorter than this must be spelt right.
pub const SHORTEST_MISSPELT: usize = 6;

/// Every order of so many sides.
pub fn orders(sides: usize) -> Vec<Vec<usize>> {
    (0..sides).fold(vec![Vec::new()], |orders, side| {
        let with = |order: &Vec<usize>| {
            (0..=order.len()).map(|at| [&order[..at], &[side], &order[at..]].concat()).collect::<Vec<_>>()
        };
        orders.iter().flat_map(with).collect()
    })
}

/// A step with the names of lists replaced by their words.
pub fn expand(part: &str, lists: &HashMap<&str, String>) -> Result<String, String> {
    let alternatives: Vec<&str> = part
        .split('|')
        .map(|word| match word.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
            Some(name) => lists.get(name).map(String::as_str).ok_or_else(|| format!("no list `{name}`")),
            None => Ok(word),
        })
        .collect::<Result<_, _>>()?;
    Ok(alternatives.join("|"))
}

/// An alternative cut at its apostrophes, as a message would be; its `*` stays with the last piece.
pub fn pieces(alternative: &str) -> Vec<String> {
    if !alternative.contains(['\'', '’']) {
        return vec![alternative.to_owned()];
    }
    let mut pieces = fold::words(alternative.trim_end_matches('*'));
    if let (Some(last), true) = (pieces.last_mut(), alternative.ends_with('*')) {
        last.push('*');
    }
    pieces
}

/// A word as written, and as written without umlauts on the keyboard.
pub fn spellings(word: &str) -> Vec<String> {
    let mut spellings = vec![word.to_owned()];
    if word.contains(['ä', 'ö', 'ü']) {
        spellings.push(word.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue"));
    }
    spellings
}

/// A number that stands for a text.
pub fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// A long word with one letter missing, in every way; none for a short one.
pub fn shortened(word: &str) -> Vec<String> {
    if word.len() < SHORTEST_MISSPELT || !word.is_ascii() {
        return Vec::new();
    }
    let without = |index: usize| format!("{}{}", &word[..index], &word[index + 1..]);
    (1..word.len()).map(without).chain(std::iter::once(word.to_owned())).collect()
}
