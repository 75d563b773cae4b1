//! The texts that may be posted: which one, in which language, how long; and how our own words are known again.
//!
//! Everything here is pure. A text is chosen (`selection`), filled in (`template`) and measured (`length`) in the same way
//! when it is checked before the start and when it is posted, so that what passed the check can be posted.

mod advice;
mod builtin;
mod check;
mod length;
mod own_words;
mod present;
mod selection;
mod template;
mod x_length;

use std::collections::BTreeMap;

use crate::model::{Feed, Kind, Language, LanguageChoice, Surface};

pub use advice::{advice, stands_in_a_text};
pub use check::check;
pub use length::{Length, measure};
pub use own_words::{OwnWords, recognisable};
pub use present::{Present, opening_hours};
pub use template::zone_name;

/// Where a text applies; the most specific wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere: `[reply]`.
    General,
    /// On one surface: `[reply.public]`.
    Surface(Surface),
    /// On one feed: `[reply.x.mentions]`.
    Feed(Feed),
}

/// The place of one text in the zone's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextKey {
    /// Where it applies.
    pub scope: Scope,
    /// For which kind only: `[reply.medical]`, `[reply.public.medical]`; `None` is the standard text.
    pub kind: Option<Kind>,
    /// Its language.
    pub language: Language,
}

/// What a text may name, as `{{ zone.name }}`, `{{ zone.phone }}`, `{{ zone.website }}`, `{{ opening_hours }}`.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The zone's name in each of its languages.
    pub names: BTreeMap<Language, String>,
    /// The telephone number for what is not urgent.
    pub phone: Option<String>,
    /// The website; refused in public replies on X, where a link costs thirteen times a reply.
    pub website: Option<String>,
    /// The office's ordinary week in each of the zone's languages; empty without opening hours.
    pub opening_hours: BTreeMap<Language, String>,
}

/// Every text of a zone: its own, and the built-in ones below them.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    own: BTreeMap<TextKey, String>,
}

impl Texts {
    /// Adds a text of the zone's own.
    pub fn set(&mut self, key: TextKey, source: String) {
        self.own.insert(key, source);
    }
}

/// A text that must not be posted as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which text.
    pub key: TextKey,
    /// Where in its source, in bytes, when a place can be named.
    pub at: Option<std::ops::Range<usize>>,
    /// What is wrong, in one sentence.
    pub problem: String,
    /// What to write instead.
    pub help: String,
}

/// Why no text could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct TextError {
    /// What is wrong, in one sentence; never contains a citizen's words.
    pub problem: String,
}

/// The text to post on `feed`, for a message of this kind, in these languages.
///
/// The texts in several languages stand below each other.
/// When together they are too long for the feed, the last ones are left out rather than the citizen left without an
/// answer; [`check()`] has already refused a bilingual zone whose texts do not fit together.
///
/// # Errors
/// When a template names something that does not exist, or the text is empty or too long for the feed even in one language.
pub fn render(
    texts: &Texts,
    facts: &Facts,
    feed: Feed,
    kind: Kind,
    languages: &LanguageChoice,
    present: &Present,
) -> Result<String, TextError> {
    let languages = languages.as_slice();
    let mut refusal = TextError { problem: "No language was chosen for the text.".to_owned() };
    for count in (1..=languages.len()).rev() {
        let text = compose(texts, facts, feed, kind, &languages[..count], present)?;
        match length::refusal(feed, &text) {
            None => return Ok(text),
            Some(problem) => refusal = TextError { problem },
        }
    }
    Err(refusal)
}

/// Where the text for a message of this kind on this feed comes from: its place in the zone's file, or `None` for a built-in
/// one.
pub fn own_text(texts: &Texts, feed: Feed, kind: Kind, language: Language) -> Option<TextKey> {
    let chosen = selection::select(texts, feed, kind, language);
    chosen.own.then_some(chosen.key)
}

/// The texts in all these languages, below each other, whatever their length.
fn compose(
    texts: &Texts,
    facts: &Facts,
    feed: Feed,
    kind: Kind,
    languages: &[Language],
    present: &Present,
) -> Result<String, TextError> {
    let chosen: Vec<_> = languages.iter().map(|language| selection::select(texts, feed, kind, *language)).collect();
    // One mark is enough for the whole post. It speaks the languages of the built-in texts; an own text says for itself
    // what it wants to say.
    let built_in: Vec<Language> =
        chosen.iter().filter(|chosen| !chosen.own).map(|chosen| chosen.key.language).collect();
    let marked = chosen.iter().rposition(|chosen| !chosen.own);
    let mut lines = Vec::with_capacity(chosen.len());
    for (index, chosen) in chosen.iter().enumerate() {
        let mark = if marked == Some(index) { builtin::mark(feed, &built_in) } else { String::new() };
        let source = format!("{}{mark}", chosen.source);
        lines.push(template::fill(&source, facts, chosen.key.language, present)?);
    }
    Ok(lines.join(match feed.surface() {
        Surface::Private => "\n\n",
        Surface::Public => "\n",
    }))
}

#[cfg(test)]
mod tests;
