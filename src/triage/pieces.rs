//! What the words of a message give to the scales: each word, its beginnings and pairs of words; and each concept and pairs of them.
//!
//! `couteau` is a word, `coute*` the beginning of one, `un couteau` a pair of words, `{knife}` a concept and `{with knife}`
//! a pair of concepts. The end of a sentence is a dot.

use super::{concept::Token, fold::END};

/// Longer words also count by their beginnings of so many letters.
const STEMS: [usize; 3] = [3, 4, 6];

/// Two concepts are a pair when fewer words than this stand between the beginnings of both.
const NEAR: usize = 3;

/// Names every piece of a message, those that stand twice twice.
pub fn pieces(words: &[String], concepts: &[(usize, Token<'_>)], each: &mut dyn FnMut(&str)) {
    let mut name = String::new();
    let mut tell = |parts: &[&str]| {
        name.clear();
        name.extend(parts.iter().copied());
        each(&name);
    };
    for (index, word) in words.iter().enumerate() {
        if word != END {
            tell(&[word]);
            for length in STEMS {
                if word.is_ascii() && word.len() > length {
                    tell(&[&word[..length], "*"]);
                }
            }
        }
        if let Some(next) = words.get(index + 1) {
            tell(&[word, " ", next]);
        }
    }
    for (index, (at, token)) in concepts.iter().enumerate() {
        if *token != Token::End {
            tell(&["{", said(*token), "}"]);
        }
        if let Some((then, next)) = concepts.get(index + 1)
            && then - at < NEAR
        {
            tell(&["{", said(*token), " ", said(*next), "}"]);
        }
    }
}

fn said(token: Token<'_>) -> &str {
    if let Token::Concept(name) = token { name } else { END }
}
