//! What each piece of evidence weighs: one line a piece, in a file made by `examples/triage_weights.rs` from labelled messages.
//!
//! ```text
//! 2.10 [fire]                   // a family; or what the families and the form of the message amount to
//! 0.45 depuis                   // a word; `depui*` its beginning, `il y` a pair of words
//! ```

use std::collections::HashMap;

use super::evidence::Evidence;

/// Beginning of every sum.
pub const BASE: &str = "[base]";

/// All words of a message together move its sum by at most this: they may tip the scales, never outweigh the families.
pub const MOST_OF_WORDS: f32 = 3.0;

/// The weights of all evidence.
#[derive(Debug, Clone, Default)]
pub struct Weights(HashMap<Box<str>, f32>);

impl Weights {
    /// Reads a file of weights. A line that is none is passed over; a test sees to it that there is none.
    pub fn read(file: &str) -> Self {
        Self(lines(file).filter_map(parse).collect())
    }

    fn of(&self, name: &str) -> f32 {
        self.0.get(name).copied().unwrap_or(0.0)
    }

    /// The sum for a message: above 0 it is more likely urgent than not.
    pub fn sum(&self, evidence: &Evidence) -> f32 {
        let signs: f32 = evidence.signs.iter().map(|name| self.of(name)).sum();
        let words: f32 = evidence.words.iter().map(|name| self.of(name)).sum();
        self.of(BASE) + signs + words.clamp(-MOST_OF_WORDS, MOST_OF_WORDS)
    }
}

fn lines(file: &str) -> impl Iterator<Item = &str> {
    file.lines().map(|line| line.split("//").next().unwrap_or_default().trim()).filter(|line| !line.is_empty())
}

fn parse(line: &str) -> Option<(Box<str>, f32)> {
    let (weight, name) = line.split_once(' ')?;
    Some((name.into(), weight.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_is_a_weight() {
        for line in lines(include_str!("weights.txt")) {
            assert!(parse(line).is_some_and(|(_, weight)| weight.abs() < 6.0), "{line}");
        }
    }
}
