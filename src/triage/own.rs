//! What a zone changes in the phrases that triage knows: its own words, and what it takes away.

use std::collections::HashMap;

use super::{
    LEXICONS,
    family::Family,
    lexicon::{Draft, Sense},
};

/// A zone's own phrases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnPhrases {
    /// Phrases and what each speaks for.
    pub add: Vec<(Family, String)>,
    /// Phrases of the shipped lexicons that do not count here, as they stand there.
    pub remove: Vec<String>,
}

/// Whether a phrase can be looked for.
///
/// # Errors
/// When it cannot be understood, in a few words.
pub fn understood(phrase: &str) -> Result<(), String> {
    Draft::default().add_phrase(Sense { family: Family::Here, weak: false, own: true }, phrase)
}

/// Every phrase of the shipped lexicons, as it stands there.
pub fn shipped() -> impl Iterator<Item = &'static str> {
    let lines = LEXICONS.iter().flat_map(|(_, file)| file.lines()).map(code);
    lines.filter(|line| !line.is_empty() && !line.starts_with('[') && !line.contains(" = "))
}

/// A line without its comment.
pub(super) fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default().trim()
}

/// The phrases to leave out, each with whether one like it was met.
pub(super) struct Without<'a>(HashMap<&'a str, bool>);

impl<'a> Without<'a> {
    pub(super) fn new(own: &'a OwnPhrases) -> Self {
        Self(own.remove.iter().map(|phrase| (phrase.trim(), false)).collect())
    }

    /// Whether a line of a lexicon is to be left out.
    pub(super) fn takes(&mut self, line: &str) -> bool {
        self.0.get_mut(line).map(|met| *met = true).is_some()
    }

    /// A phrase that stands in no lexicon.
    pub(super) fn unmet(&self) -> Option<&str> {
        self.0.iter().find_map(|(phrase, met)| (!met).then_some(*phrase))
    }
}
