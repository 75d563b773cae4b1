//! The plain types of the field: what a message is, what is decided, how it ends.
//!
//! Nothing here does I/O, reads the time or knows a platform's JSON.

mod decision;
mod feed;
mod history;
mod language;
mod message;
mod private;

pub use decision::{Answer, Decision, Due, Outcome, Silence, Ways};
pub use feed::{Feed, Platform, Surface};
pub use history::History;
pub use language::{Language, LanguageChoice};
pub use message::{Author, Barrier, Message, OwnPost, Route, Target};
pub use private::Private;

use std::fmt;

/// What a message is about, as triage says it; it chooses the text of the reply.
///
/// Never stored beside a contact (X forbids it): it travels sealed with a pending reply and is counted without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A matter for the police: the standard text, 101.
    Police,
    /// Someone is hurt or ill: 112.
    Medical,
    /// Fire, rescue, gas: 112.
    Fire,
    /// Someone may harm themselves: the help lines, in a calm text.
    SelfHarm,
    /// Nothing of the above was recognised: the standard text.
    None,
}

impl Kind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Police, Self::Medical, Self::Fire, Self::SelfHarm, Self::None];

    /// The name used in files and figures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Police => "police",
            Self::Medical => "medical",
            Self::Fire => "fire",
            Self::SelfHarm => "self_harm",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What triage says of a message. Pure data, made by `triage`, used by `judge`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The language or languages to answer in, never empty.
    pub languages: LanguageChoice,
    /// The one language that it shows by itself, if it does.
    pub shown: Option<Language>,
    /// Whether the author seems to need help at this moment.
    pub urgent: bool,
    /// Whether a human should be told at once: the same, on stricter evidence.
    pub alert: bool,
    /// What it is about.
    pub kind: Kind,
    /// How urgent, from 0 to 100.
    pub score: u8,
    /// The names of what was found in it; never its words.
    pub reasons: Vec<&'static str>,
    /// What it is made of, where that asks for nothing. What is urgent is never thanks; a bare "stop" may be both, a cry and a
    /// wish to be left alone.
    pub aside: Option<Aside>,
}

/// A message that asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// Thanks, praise, agreement, or only friendly signs.
    Thanks,
    /// Its author wants no automatic reply any more.
    Stop,
}
