//! The word book: which words of the four languages mean the same, so that what messages in one language teach holds in all.
//!
//! One file a language, and one for all others, which is looked at where a message seems to be in none of the four. Each line is a
//! concept and its words; the name joins the lines of the files:
//!
//! ```text
//! knife = couteau* canif coup_de_couteau      // a * for any ending, _ joins words
//! ```

use std::collections::HashMap;

use super::{
    fold,
    grammar::{Fingerprint, spellings},
    language::Look,
    own::code,
    table::Table,
};
use crate::model::Language;

/// The files, one per language, and one for all languages that no zone answers in.
const FILES: [(Book, &str); 5] = [
    (Book::Of(Language::Fr), include_str!("concepts/fr.txt")),
    (Book::Of(Language::Nl), include_str!("concepts/nl.txt")),
    (Book::Of(Language::De), include_str!("concepts/de.txt")),
    (Book::Of(Language::En), include_str!("concepts/en.txt")),
    (Book::Foreign, include_str!("concepts/other.txt")),
];

/// In which language a word is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Book {
    /// One of the four.
    Of(Language),
    /// Any other.
    Foreign,
}

impl Book {
    /// The books of which a message may be.
    pub fn of(look: Look) -> Vec<Self> {
        let shown = look.shown();
        let four = Language::ALL.into_iter().filter(|language| shown[*language as usize]).map(Self::Of);
        look.is_foreign().then_some(Self::Foreign).into_iter().chain(four).collect()
    }

    /// That of several words, with one more.
    fn join(self, joined: Fingerprint, word: &str) -> Fingerprint {
        if joined == self.begin() { joined } else { joined.with(" ") }.with(word)
    }

    /// Where the fingerprints of its words begin.
    fn begin(self) -> Fingerprint {
        match self {
            Self::Of(language) => Fingerprint::of(language),
            Self::Foreign => Fingerprint::EMPTY.and(u8::MAX),
        }
    }
}

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

/// The word book, ready to be looked up in.
#[derive(Debug)]
pub struct Concepts {
    names: Vec<&'static str>,
    /// The number of the concept of each entry.
    entries: Table<u16>,
    /// The same of entries that any ending may follow.
    beginnings: Table<u16>,
}

impl Concepts {
    /// The word book as shipped.
    ///
    /// # Errors
    /// The first line that cannot be understood.
    pub fn shipped() -> Result<Self, String> {
        let (mut names, mut entries, mut beginnings) = (Vec::new(), Vec::new(), Vec::new());
        let mut numbers = HashMap::new();
        for (book, file) in FILES {
            for line in file.lines().map(code).filter(|line| !line.is_empty()) {
                let (name, words) = line.split_once(" = ").ok_or_else(|| format!("{book:?}: {line}"))?;
                let next = u16::try_from(names.len()).map_err(|_| "too many concepts".to_owned())?;
                let number = *numbers.entry(name).or_insert(next);
                if number == next {
                    names.push(name);
                }
                for word in words.split_whitespace().flat_map(spellings) {
                    let begun = word.strip_suffix('*');
                    let parts = begun.unwrap_or(&word).split('_').flat_map(folded);
                    let entry = parts.fold(book.begin(), |joined, part| book.join(joined, &part));
                    if begun.is_some() { &mut beginnings } else { &mut entries }.push((entry.short(), number));
                }
            }
        }
        Ok(Self { names, entries: Table::of(entries), beginnings: Table::of(beginnings) })
    }

    /// The concepts of a message in order, each with its place; words that the book does not know are passed over.
    ///
    /// An entry of several words goes before one of fewer, a whole word before a beginning, a long beginning before a short one.
    ///
    /// Of entries as long, the one of the first book is taken.
    pub fn search(&self, words: &[String], books: &[Book]) -> Vec<(usize, Token<'_>)> {
        // `max_by_key` takes the last one of equals.
        let books = || books.iter().copied().rev();
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            if words[at] == fold::END {
                found.push((at, Token::End));
                at += 1;
                continue;
            }
            let whole = books().filter_map(|book| self.entry(book, &words[at..])).max_by_key(|(_, long)| *long);
            let known = whole.or_else(|| {
                let begun = books().filter_map(|book| self.beginning(book, &words[at]));
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
    fn entry(&self, book: Book, words: &[String]) -> Option<(u16, usize)> {
        let mut joined = book.begin();
        let mut known = None;
        for (index, word) in words.iter().take(LONGEST_ENTRY).enumerate() {
            joined = book.join(joined, word);
            known = self.entries.get(joined.short()).map(|number| (number, index + 1)).or(known);
        }
        known
    }

    /// The longest beginning of a word that is known, and its length.
    fn beginning(&self, book: Book, word: &str) -> Option<(u16, usize)> {
        let mut begun = book.begin();
        let mut known = None;
        for (index, byte) in word.bytes().enumerate() {
            begun = begun.and(byte);
            if index + 1 >= SHORTEST_BEGINNING {
                known = self.beginnings.get(begun.short()).map(|number| (number, index + 1)).or(known);
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

    fn found(text: &str, book: Book) -> Vec<String> {
        let said = |token| if let Token::Concept(name) = token { name } else { "." };
        let concepts = Concepts::shipped().unwrap();
        let tokens = concepts.search(&fold::words(text), &[book]);
        tokens.into_iter().map(|(_, token)| said(token).to_owned()).collect()
    }

    #[test]
    fn words_that_mean_the_same_are_one_concept_in_every_language() {
        let knives = ["couteaux", "mes", "Messer", "knife"];
        for (language, text) in Language::ALL.into_iter().zip(knives) {
            assert_eq!(found(text, Book::Of(language)), ["knife"], "{text}");
        }
        for text in ["cuchillo", "coltello", "bıçak", "нож", "ніж", "nóż", "سكين"] {
            assert_eq!(found(text, Book::Foreign), ["knife"], "{text}");
        }
        assert_ne!(found("mes", Book::Of(Language::Fr)), ["knife"], "a word is looked up in its own language");
    }

    #[test]
    fn a_longer_entry_goes_before_a_shorter_one_and_sentences_end() {
        assert_eq!(found("he. knife!", Book::Of(Language::En)), ["he", ".", "knife", "."]);
        assert_eq!(found("no longer", Book::Of(Language::En)), ["no_more"]);
    }

    #[test]
    fn every_line_can_be_found_in_a_message_and_no_word_stands_twice_in_a_language() {
        for (book, file) in FILES {
            let mut seen = HashMap::new();
            for line in file.lines().map(code).filter(|line| !line.is_empty()) {
                let (name, words) = line.split_once(" = ").unwrap_or_else(|| panic!("{book:?}: {line}"));
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()));
                for word in words.split(' ') {
                    let parts: Vec<String> = word.split('_').flat_map(fold::words).collect();
                    assert!((1..=LONGEST_ENTRY).contains(&parts.len()), "{book:?} {name}: {word}");
                    let beginning = word.ends_with('*');
                    assert!(!beginning || parts[0].len() >= SHORTEST_BEGINNING, "{book:?} {name}: {word}");
                    let twice = seen.insert((parts, beginning), name);
                    assert!(twice.is_none(), "{book:?}: {word} in {name} and {twice:?}");
                }
            }
        }
    }
}
