//! The spelling of a message, folded: what two people write differently and mean alike becomes the same word.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use crate::text::links;

/// Signs that stand for an apostrophe.
const APOSTROPHES: [char; 4] = ['\'', '’', '`', '´'];

/// How many bytes of a message are looked at: enough to understand it, and a bound on the cost.
pub const LONGEST_LOOKED_AT: usize = 4_000;

/// The word that stands for the end of a sentence.
pub const END: &str = ".";

/// Endings, folded, that belong to the word before the apostrophe (don't, auto's, he'll), not to the one after it (j'ai, l'eau).
const ENDINGS: [&str; 7] = ["t", "s", "m", "re", "l", "ve", "d"];

/// The beginning of a text, cut between two letters.
pub fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The words of a message in order, each emoji a word of its own, [`END`] where a sentence ends.
///
/// Small letters without accents, no consonant twice in a row, no links, no handles. A hashtag is a word.
pub fn words(text: &str) -> Vec<String> {
    let text = beginning(text);
    let mut words = Vec::with_capacity(text.len() / 5 + 2);
    let mut at = 0;
    for link in links(text).into_iter().chain(std::iter::once(text.len()..text.len())) {
        for line in text[at..link.start].split_inclusive(['\n', '\r']) {
            for chunk in line.split_whitespace().filter(|chunk| !chunk.starts_with('@')) {
                cut(chunk, &mut words);
            }
            if line.ends_with(['\n', '\r']) {
                end(&mut words);
            }
        }
        at = link.end;
    }
    words
}

/// A single word as [`words`] would make it: for what stands in a file.
///
/// A consonant stands once, a vowel once or twice (boom is not bom), and three in a row are a cry for one.
pub fn word(text: &str) -> String {
    let mut folded = Folded { word: String::with_capacity(text.len()), last: None, times: 0 };
    for sign in text.chars() {
        match sign {
            // Most letters are such, with nothing to take apart.
            'a'..='z' | '0'..='9' => folded.letter(sign),
            _ => unmark(sign, &mut folded),
        }
    }
    folded.close();
    folded.word
}

/// Cuts what stands between two spaces.
fn cut(chunk: &str, words: &mut Vec<String>) {
    let mut rest = chunk;
    while !rest.is_empty() {
        let length = rest.find(|letter: char| !is_of_a_word(letter)).unwrap_or(rest.len());
        if length > 0 {
            elisions(&rest[..length], words);
        }
        rest = &rest[length..];
        let Some(sign) = rest.chars().next() else { break };
        rest = &rest[sign.len_utf8()..];
        match sign {
            '.' | '!' | '?' | '…' | ';' | ':' => end(words),
            sign if is_picture(sign) => words.push(sign.to_string()),
            _ => {}
        }
    }
}

fn is_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || APOSTROPHES.contains(&letter) || is_combining_mark(letter)
}

fn is_picture(sign: char) -> bool {
    matches!(sign as u32, 0x2190..=0x2BFF | 0x1F000..=0x1FAFF) && !matches!(sign as u32, 0x1F3FB..=0x1F3FF)
}

/// Parts a word at its apostrophes, unless what follows is one of [`ENDINGS`].
fn elisions(chunk: &str, words: &mut Vec<String>) {
    let mut parts = chunk.split(APOSTROPHES).map(word).filter(|part| !part.is_empty()).peekable();
    let mut first = true;
    while let Some(part) = parts.next() {
        if !first
            && parts.peek().is_none()
            && ENDINGS.contains(&part.as_str())
            && let Some(before) = words.last_mut()
            && (before.len() > 1 || before == "i")
        {
            before.push_str(&part);
        } else {
            words.push(part);
        }
        first = false;
    }
}

fn end(words: &mut Vec<String>) {
    if words.last().is_some_and(|last| last != END) {
        words.push(END.to_owned());
    }
}

/// A word of which the letters come one by one.
struct Folded {
    word: String,
    last: Option<char>,
    /// How often the last letter came in a row.
    times: usize,
}

impl Folded {
    fn letter(&mut self, letter: char) {
        if self.last == Some(letter) && !letter.is_numeric() {
            self.times += 1;
            return;
        }
        self.close();
        self.word.push(letter);
        (self.last, self.times) = (Some(letter), 1);
    }

    /// No more of the last letter will come.
    fn close(&mut self) {
        if self.times == 2
            && let Some(vowel @ ('a' | 'e' | 'o' | 'u')) = self.last
        {
            self.word.push(vowel);
        }
    }
}

/// Tells what a sign is made of, small and without its marks.
fn unmark(sign: char, folded: &mut Folded) {
    decompose_compatible(sign, |part| {
        for letter in part.to_lowercase().filter(|letter| !is_combining_mark(*letter)) {
            match letter {
                'ß' => folded.letter('s'),
                'œ' => "oe".chars().for_each(|letter| folded.letter(letter)),
                'æ' => "ae".chars().for_each(|letter| folded.letter(letter)),
                'ø' => folded.letter('o'),
                'ł' => folded.letter('l'),
                'ı' => folded.letter('i'),
                'đ' => folded.letter('d'),
                letter if letter.is_alphanumeric() => folded.letter(letter),
                _ => {}
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_alike_is_written_alike() {
        for (text, expected) in [
            ("AU SECOURRRS !!!", "au secours ."),
            ("j'étouffe", "j etoufe"),
            ("don’t call, he's here", "dont cal hes here"),
            ("m'n auto's", "m n autos"),
            ("Straße über uns", "strase uber uns"),
            ("🆘🔥 rue Haute 22", "🆘 🔥 rue haute 22"),
            ("@ZPExemple help https://example.com/hulp", "help"),
            ("#inbraak\nnu", "inbraak . nu"),
            ("heeeelp, een boom", "help een boom"),
            ("porte-clés", "porte cles"),
            ("", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }
}
