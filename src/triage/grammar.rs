//! How a line of a lexicon is taken apart, and in which spellings its words are looked for.

use std::{borrow::Cow, collections::HashMap, iter};

use super::fold;
use crate::model::Language;

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
pub fn spellings(word: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let parted = word.contains(['ä', 'ö', 'ü']);
    let parted = parted.then(|| word.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue"));
    iter::once(Cow::Borrowed(word)).chain(parted.map(Cow::Owned))
}

/// A number that stands for a text: the Fowler-Noll-Vo hash, 1a.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// That of nothing.
    pub const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// That of nothing yet, in a language.
    pub fn of(language: Language) -> Self {
        Self::EMPTY.and(language as u8)
    }

    /// That of a name.
    pub fn named(name: &str) -> Self {
        Self::EMPTY.with(name)
    }

    /// With one more byte.
    pub const fn and(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(0x0100_0000_01b3))
    }

    /// Its upper half, in which all bytes show best.
    pub const fn short(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// With a text more.
    pub fn with(self, text: &str) -> Self {
        text.bytes().fold(self, Self::and)
    }
}

/// What stands for a long word with one letter missing, in every way, and for the whole of it; nothing for a short one.
///
/// These numbers are short: two words may have the same one.
pub fn shortened(word: &str) -> impl Iterator<Item = u32> {
    let long = word.len() >= SHORTEST_MISSPELT && word.is_ascii();
    let last = if long { word.len() } else { 0 };
    // The first letter is nearly always right; behind the last one nothing is missing.
    (1..=last).map(|missing| {
        let left = word.bytes().enumerate().filter(|(at, _)| *at != missing);
        left.fold(Fingerprint::EMPTY, |left, (_, byte)| left.and(byte)).short()
    })
}
