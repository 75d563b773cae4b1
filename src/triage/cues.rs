//! The cue words: words that exist in one of the four languages only, as files that a comms officer can read and extend.

use std::{collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use crate::model::Language;

/// The files, one per language.
const FILES: [(Language, &str); 4] = [
    (Language::Fr, include_str!("cues/fr.txt")),
    (Language::Nl, include_str!("cues/nl.txt")),
    (Language::De, include_str!("cues/de.txt")),
    (Language::En, include_str!("cues/en.txt")),
];

/// The longest phrase in the files, in words.
const LONGEST_PHRASE: usize = 3;

/// The files as a table. A constant, only computed at its first use, since the compiler cannot: nothing ever changes it.
static TABLE: LazyLock<HashMap<&'static str, Language, FixedState>> = LazyLock::new(|| {
    FILES.into_iter().flat_map(|(language, file)| lines(file).map(move |line| (line, language))).collect()
});

/// The words and phrases of a file, without its comments.
fn lines(file: &str) -> impl Iterator<Item = &str> {
    file.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty())
}

/// How much a text shows of each language, in the order of [`Language::ALL`].
///
/// `words` are in lower case. A long cue tells more than a short one, a phrase more than a word.
pub fn count(words: &[&str]) -> [u32; 4] {
    let mut counts = [0; 4];
    let mut add = |cue: &str, weight: u32| {
        if let Some(language) = TABLE.get(cue) {
            counts[*language as usize] += weight;
        }
    };
    let mut phrase = String::new();
    for (index, word) in words.iter().enumerate() {
        let letters = word.chars().count();
        add(word, if letters < 3 { 1 } else { 2 });
        // Elided words: `l'école` shows French by its `l'`, whatever follows.
        if let Some((elided, rest)) = word.split_once('\'') {
            add(&word[..=elided.len()], 1);
            add(rest, 1);
        }
        phrase.clear();
        phrase.push_str(word);
        for next in words[index + 1..].iter().take(LONGEST_PHRASE - 1) {
            phrase.push(' ');
            phrase.push_str(next);
            add(&phrase, 3);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_stands_in_two_files_or_twice_in_one() {
        let mut seen = HashMap::new();
        for (language, file) in FILES {
            for line in lines(file) {
                assert_eq!(seen.insert(line, language), None, "`{line}` in {language}");
            }
        }
    }

    #[test]
    fn every_line_can_be_found_in_a_message() {
        for (language, file) in FILES {
            for line in lines(file) {
                assert_eq!(line, line.to_lowercase(), "{language}");
                let words: Vec<&str> = line.split(' ').collect();
                assert!((1..=LONGEST_PHRASE).contains(&words.len()), "`{line}` is too long a phrase");
                assert!(count(&words)[language as usize] > 0, "`{line}`");
                let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '\'' | '-' | ' ');
                assert!(line.chars().all(allowed), "`{line}` holds a sign that messages are cut at");
            }
        }
    }
}
