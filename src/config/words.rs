//! Settings with a closed list of words: one table each, used for reading, for showing and for suggestions.

use serde::{Deserialize, Deserializer, de::Error};

use super::alerts::MailSecurity;
use super::zone::{Folder, InstagramLogin, Mode, PublicReplies, QuietAnswer, ReplyTo, Vocabulary, When};
use crate::hours::Holiday;

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

impl Word for PublicReplies {
    const WORDS: &'static [(&'static str, Self)] =
        &[("private", Self::Private), ("public", Self::Public), ("both", Self::Both), ("none", Self::None)];
}

impl Word for Folder {
    const WORDS: &'static [(&'static str, Self)] =
        &[("spam", Self::Spam), ("other", Self::Other), ("pending", Self::Pending)];
}

impl Word for InstagramLogin {
    const WORDS: &'static [(&'static str, Self)] = &[("facebook", Self::Facebook), ("instagram", Self::Instagram)];
}

impl Word for Vocabulary {
    const WORDS: &'static [(&'static str, Self)] = &[("tweet", Self::Tweet), ("post", Self::Post)];
}

impl Word for QuietAnswer {
    const WORDS: &'static [(&'static str, Self)] = &[("urgent", Self::Urgent), ("none", Self::None)];
}

impl Word for MailSecurity {
    const WORDS: &'static [(&'static str, Self)] =
        &[("starttls", Self::Starttls), ("tls", Self::Tls), ("none", Self::None)];
}

impl Word for When {
    const WORDS: &'static [(&'static str, Self)] =
        &[("always", Self::Always), ("closed", Self::Closed), ("closed-or-unanswered", Self::ClosedOrUnanswered)];
}

/// The days on which an office may be closed besides the legal holidays.
impl Word for Holiday {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("flemish-community", Self::Flemish),
        ("french-community", Self::French),
        ("german-community", Self::German),
        ("brussels", Self::Brussels),
        ("all-souls", Self::AllSouls),
        ("dynasty", Self::Dynasty),
        ("boxing-day", Self::BoxingDay),
    ];
}

/// The words alone.
pub fn names<W: Word>() -> Vec<&'static str> {
    W::WORDS.iter().map(|(name, _)| *name).collect()
}

/// Reads a word that may be missing through serde.
pub fn optional<'de, W: Word, D: Deserializer<'de>>(deserializer: D) -> Result<Option<W>, D::Error> {
    deserialize(deserializer).map(Some)
}

/// Reads a list of words through serde.
pub fn list<'de, W: Word, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<W>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    let read = |word: &String| W::from_word(word).ok_or_else(|| D::Error::custom(format!("unknown word {word:?}")));
    words.iter().map(read).collect()
}

/// Reads a word through serde.
pub fn deserialize<'de, W: Word, D: Deserializer<'de>>(deserializer: D) -> Result<W, D::Error> {
    let word = String::deserialize(deserializer)?;
    W::from_word(&word).ok_or_else(|| D::Error::custom(format!("unknown word {word:?}")))
}
