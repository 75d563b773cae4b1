//! The four languages a Belgian zone can answer in.

use std::{fmt, str::FromStr};

/// A language of the service. A zone serves one or more of them, in legal order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    En,
}

impl Language {
    /// Every language known, in the order of the Belgian constitution, English last.
    pub const ALL: [Self; 4] = [Self::Fr, Self::Nl, Self::De, Self::En];

    /// The two-letter ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::Nl => "nl",
            Self::De => "de",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is not one of the four codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of fr, nl, de, en")]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|language| language.code() == text).ok_or(UnknownLanguage)
    }
}

/// The language or languages a reply is written in: at least one, in the zone's legal order when several.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct LanguageChoice(Vec<Language>);

impl LanguageChoice {
    /// One language.
    pub fn one(language: Language) -> Self {
        Self(vec![language])
    }

    /// Several languages in the given order; `None` when the list is empty.
    pub fn several(languages: &[Language]) -> Option<Self> {
        (!languages.is_empty()).then(|| Self(languages.to_vec()))
    }

    /// The languages, never empty.
    pub fn as_slice(&self) -> &[Language] {
        &self.0
    }
}

impl fmt::Display for LanguageChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, language) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            language.fmt(f)?;
        }
        Ok(())
    }
}
