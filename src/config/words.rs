//! Settings with a closed list of words: one table each, used for reading, for showing and for suggestions.

use serde::{Deserialize, Deserializer, de::Error};

use super::zone::{Mode, ReplyTo, Vocabulary};

/// A setting whose value is one of a few words.
pub trait Word: Copy + PartialEq + 'static {
    /// Every word with its meaning, the default first.
    const WORDS: &'static [(&'static str, Self)];

    /// The meaning of a word.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
    }

    /// The word for a meaning.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
    }
}

impl Word for Mode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("observe", Self::Observe), ("reply", Self::Reply), ("pause", Self::Pause)];
}

impl Word for ReplyTo {
    const WORDS: &'static [(&'static str, Self)] =
        &[("all", Self::All), ("urgent", Self::Urgent), ("none", Self::None)];
}

impl Word for Vocabulary {
    const WORDS: &'static [(&'static str, Self)] = &[("tweet", Self::Tweet), ("post", Self::Post)];
}

/// The words alone.
pub fn names<W: Word>() -> Vec<&'static str> {
    W::WORDS.iter().map(|(name, _)| *name).collect()
}

/// Reads a word through serde.
pub fn deserialize<'de, W: Word, D: Deserializer<'de>>(deserializer: D) -> Result<W, D::Error> {
    let word = String::deserialize(deserializer)?;
    W::from_word(&word).ok_or_else(|| D::Error::custom(format!("unknown word {word:?}")))
}
