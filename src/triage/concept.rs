//! The word book: which words of the four languages mean the same, so that what messages in one language teach holds in all.
//!
//! One file a language, each line a concept and its words; the name joins the lines of the four files:
//!
//! ```text
//! knife = couteau* canif coup_de_couteau      // a * for any ending, _ joins words
//! ```

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::{
    fold,
    grammar::{Fingerprint, spellings},
    own::code,
};
use crate::model::Language;

/// The files, one per language.
const FILES: [(Language, &str); 4] = [
    (Language::Fr, include_str!("concepts/fr.txt")),
    (Language::Nl, include_str!("concepts/nl.txt")),
    (Language::De, include_str!("concepts/de.txt")),
    (Language::En, include_str!("concepts/en.txt")),
];

/// An entry joins at most so many words.
const LONGEST_ENTRY: usize = 3;

/// A word that any ending may follow has at least so many letters.
const SHORTEST_BEGINNING: usize = 3;

/// What stands at a place of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A word of this concept.
    Concept(&'a str),
    /// The end of a sentence.
    End,
}

/// The concepts of words, by fingerprint of the language and the word.
type Book = HashMap<Fingerprint, u16, FixedState>;

/// The word book, ready to be looked up in.
#[derive(Debug, Default)]
pub struct Concepts {
    names: Vec<&'static str>,
    entries: Book,
    /// Entries that any ending may follow.
    beginnings: Book,
}

impl Concepts {
    /// The word book as shipped.
    ///
    /// # Errors
    /// The first line that cannot be understood.
    pub fn shipped() -> Result<Self, String> {
        let mut concepts = Self::default();
        let mut numbers = HashMap::new();
        for (language, file) in FILES {
            for line in file.lines().map(code).filter(|line| !line.is_empty()) {
                let (name, words) = line.split_once(" = ").ok_or_else(|| format!("{language}: {line}"))?;
                let next = u16::try_from(concepts.names.len()).map_err(|_| "too many concepts".to_owned())?;
                let number = *numbers.entry(name).or_insert(next);
                if number == next {
                    concepts.names.push(name);
                }
                for word in words.split_whitespace().flat_map(spellings) {
                    concepts.enter(language, &word, number);
                }
            }
        }
        concepts.entries.shrink_to_fit();
        concepts.beginnings.shrink_to_fit();
        Ok(concepts)
    }

    fn enter(&mut self, language: Language, word: &str, number: u16) {
        let (book, word) =
            word.strip_suffix('*').map_or((&mut self.entries, word), |word| (&mut self.beginnings, word));
        let parts: Vec<String> = word.split('_').flat_map(folded).collect();
        // Where a word stands twice, the first holds.
        book.entry(Fingerprint::of(language).with(&parts.join(" "))).or_insert(number);
    }

    /// The concepts of a message in order, each with its place; words that the book does not know are passed over.
    ///
    /// An entry of several words goes before one of fewer, a whole word before a beginning, a long beginning before a short one.
    pub fn search(&self, words: &[String], shown: [bool; 4]) -> Vec<(usize, Token<'_>)> {
        // Of equals, the last one is taken: so it is the first language.
        let languages = || Language::ALL.into_iter().rev().filter(|language| shown[*language as usize]);
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            if words[at] == fold::END {
                found.push((at, Token::End));
                at += 1;
                continue;
            }
            let whole =
                languages().filter_map(|language| self.entry(language, &words[at..])).max_by_key(|(_, long)| *long);
            let known = whole.or_else(|| {
                let begun = languages().filter_map(|language| self.beginning(language, &words[at]));
                begun.max_by_key(|(_, long)| *long).map(|(number, _)| (number, 1))
            });
            if let Some((number, _)) = known {
                found.push((at, Token::Concept(self.names[usize::from(number)])));
            }
            at += known.map_or(1, |(_, long)| long);
        }
        found
    }

    /// The longest entry that a message goes on with, and how many words it joins.
    fn entry(&self, language: Language, words: &[String]) -> Option<(u16, usize)> {
        let mut joined = Fingerprint::of(language);
        let mut known = None;
        for (index, word) in words.iter().take(LONGEST_ENTRY).enumerate() {
            joined = if index == 0 { joined } else { joined.with(" ") }.with(word);
            known = self.entries.get(&joined).map(|number| (*number, index + 1)).or(known);
        }
        known
    }

    /// The longest beginning of a word that is known, and its length.
    fn beginning(&self, language: Language, word: &str) -> Option<(u16, usize)> {
        let mut begun = Fingerprint::of(language);
        let mut known = None;
        for (index, byte) in word.bytes().enumerate() {
            begun = begun.and(byte);
            if index + 1 >= SHORTEST_BEGINNING {
                known = self.beginnings.get(&begun).map(|number| (*number, index + 1)).or(known);
            }
        }
        known
    }
}

/// A part of an entry as a message would have it. Most are letters alone, with nothing to be cut at.
fn folded(part: &str) -> Vec<String> {
    if part.chars().all(char::is_alphanumeric) { vec![fold::word(part)] } else { fold::words(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, language: Language) -> Vec<String> {
        let said = |token| if let Token::Concept(name) = token { name } else { "." };
        let tokens = Concepts::shipped().unwrap();
        let tokens = tokens.search(&fold::words(text), Language::ALL.map(|shown| shown == language));
        tokens.into_iter().map(|(_, token)| said(token).to_owned()).collect()
    }

    #[test]
    fn words_that_mean_the_same_are_one_concept_in_every_language() {
        let knives = ["couteaux", "mes", "Messer", "knife"];
        for (language, text) in Language::ALL.into_iter().zip(knives) {
            assert_eq!(found(text, language), ["knife"], "{text}");
        }
        assert_ne!(found("mes", Language::Fr), ["knife"], "a word is looked up in its own language");
    }

    #[test]
    fn a_longer_entry_goes_before_a_shorter_one_and_sentences_end() {
        assert_eq!(found("he. knife!", Language::En), ["he", ".", "knife", "."]);
        assert_eq!(found("no longer", Language::En), ["no_more"]);
    }

    #[test]
    fn every_line_can_be_found_in_a_message_and_no_word_stands_twice_in_a_language() {
        for (language, file) in FILES {
            let mut seen = HashMap::new();
            for line in file.lines().map(code).filter(|line| !line.is_empty()) {
                let (name, words) = line.split_once(" = ").unwrap_or_else(|| panic!("{language}: {line}"));
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()));
                for word in words.split(' ') {
                    let parts: Vec<String> = word.split('_').flat_map(fold::words).collect();
                    assert!((1..=LONGEST_ENTRY).contains(&parts.len()), "{language} {name}: {word}");
                    let beginning = word.ends_with('*');
                    assert!(!beginning || parts[0].len() >= SHORTEST_BEGINNING, "{language} {name}: {word}");
                    let twice = seen.insert((parts, beginning), name);
                    assert!(twice.is_none(), "{language}: {word} in {name} and {twice:?}");
                }
            }
        }
    }
}
