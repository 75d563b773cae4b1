//! What each piece of evidence weighs: one line a piece, in a file made by `examples/triage_weights.rs` from labelled messages.
//!
//! ```text
//! 210 0 10 320 0 [fire]          // a family; or what the families and the form of the message amount to
//! 45 20 0 10 5 depuis            // a word; `depui*` its beginning, `il y` a pair of words
//! 60 90 -20 0 10 {knife}         // a concept; `{with knife}` a pair of concepts
//! ```
//!
//! The five columns speak, in hundredths, for: urgent at all; a matter for the police; for the ambulance; for the fire brigade;
//! self-harm.

use super::{family::Role, grammar::Fingerprint, table::Table};
use crate::model::Kind;

/// Beginning of every sum.
pub const BASE: &str = "[base]";

/// All words and concepts of a message together move a sum by at most this: they may tip the scales, never outweigh the families.
pub const MOST_OF_WORDS: f32 = 4.0;

/// The kinds in the order of their columns.
pub const KINDS: [Kind; 4] = [Kind::Police, Kind::Medical, Kind::Fire, Kind::SelfHarm];

/// One number for urgency, then one a kind, in hundredths.
pub type Row = [i16; COLUMNS];

/// The sums of the columns.
type Totals = [f32; COLUMNS];

/// Urgency and the kinds.
const COLUMNS: usize = 1 + KINDS.len();

/// Somebody who may die is answered on less evidence than anybody else: so much is added to that sum.
const GRAVER: f32 = 1.0;

/// What a zone's own phrases weigh, of which no labelled message can tell: one that says what happens, now or here, or that speaks
/// against it.
const OWN: (f32, f32, f32) = (3.0, 1.0, -3.0);

/// The weights of all evidence.
#[derive(Debug, Clone)]
pub struct Weights(Table<Row>);

impl Weights {
    /// Reads a file of weights. A line that is none is passed over; a test sees to it that there is none.
    pub fn read(file: &str) -> Self {
        // Its size is asked for at once: a list that grows takes twice its memory meanwhile.
        let mut weights = Vec::with_capacity(file.lines().count());
        weights.extend(lines(file).filter_map(parse).map(|(name, row)| (Fingerprint::named(name).short(), row)));
        Self(Table::of(weights))
    }

    /// What a piece weighs; nothing for one that is not known.
    pub fn of(&self, piece: Fingerprint) -> Row {
        self.0.get(piece.short()).unwrap_or_default()
    }

    /// The sums for a message of these signs and pieces, each of which counts once.
    pub fn sums(&self, signs: &[Fingerprint], pieces: &mut Vec<Fingerprint>) -> Sums {
        pieces.sort_unstable();
        pieces.dedup();
        let base = Fingerprint::named(BASE);
        let signs = self.total(signs.iter().chain(std::iter::once(&base)));
        let words = self.total(pieces.iter()).map(|total| total.clamp(-MOST_OF_WORDS, MOST_OF_WORDS));
        let mut sums = signs;
        sums.iter_mut().zip(words).for_each(|(sum, words)| *sum += words);
        Sums(sums)
    }

    fn total<'a>(&self, pieces: impl Iterator<Item = &'a Fingerprint>) -> Totals {
        pieces.fold(Totals::default(), |mut totals, piece| {
            totals.iter_mut().zip(self.of(*piece)).for_each(|(total, weight)| *total += f32::from(weight) / 100.0);
            totals
        })
    }
}

/// What all pieces of a message weigh together: for urgency, then for each kind.
#[derive(Debug, Clone, Copy)]
pub struct Sums(Totals);

impl Sums {
    /// Adds what a zone's own phrase of a family weighs.
    pub fn lean(&mut self, role: Role) {
        let (event, sign, doubt) = OWN;
        let weight = match role {
            Role::Event(_) => event,
            Role::Sign => sign,
            Role::Doubt => doubt,
            Role::Figure => return,
        };
        let Self([urgent, of_kinds @ ..]) = self;
        *urgent += weight;
        for (sum, kind) in of_kinds.iter_mut().zip(KINDS) {
            if !matches!(role, Role::Event(about) if about != kind) {
                *sum += weight;
            }
        }
    }

    /// Above 0 it is more likely urgent than not.
    ///
    /// The mean of two views: the sum for urgency, and how likely it is one of the kinds. Self-harm alone suffices.
    pub fn urgency(self) -> f32 {
        let Self([urgent, of_kinds @ ..]) = self;
        // Minus the logarithm of the chance that it is of no kind.
        let none: f32 = of_kinds.iter().map(|sum| sum.exp().ln_1p()).sum();
        let any = none.exp_m1().ln();
        let self_harm = of_kinds[KINDS.len() - 1];
        f32::midpoint(urgent, any).max(self_harm + GRAVER)
    }

    /// The kind that it is most likely of.
    pub fn kind(self) -> Kind {
        let Self([_, mut of_kinds @ ..]) = self;
        of_kinds[KINDS.len() - 1] += GRAVER;
        let most = of_kinds.iter().zip(KINDS).max_by(|(one, _), (other, _)| one.total_cmp(other));
        most.map_or(Kind::Police, |(_, kind)| kind)
    }
}

fn lines(file: &str) -> impl Iterator<Item = &str> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with("//"))
}

/// The name of a piece and what it weighs.
fn parse(line: &str) -> Option<(&str, Row)> {
    let (mut row, mut rest) = (Row::default(), line);
    for weight in &mut row {
        let (number, after) = rest.split_once(' ')?;
        *weight = number.parse().ok()?;
        rest = after.trim_start();
    }
    Some((rest, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_is_a_weight() {
        for line in lines(include_str!("weights.txt")) {
            assert!(parse(line).is_some_and(|(_, row)| row.iter().all(|weight| weight.abs() < 800)), "{line}");
        }
    }

    #[test]
    fn a_zone_s_own_phrase_speaks_for_its_kind_and_a_doubt_against_all() {
        let mut sums = Sums([-3.0; COLUMNS]);
        sums.lean(Role::Event(Kind::Fire));
        assert!(sums.urgency() > -0.7 && sums.kind() == Kind::Fire, "{sums:?} {}", sums.urgency());
        sums.lean(Role::Doubt);
        assert!(sums.urgency() < -2.0, "{sums:?} {}", sums.urgency());
    }

    #[test]
    fn one_kind_that_is_likely_makes_a_message_urgent_and_self_harm_does_alone() {
        let calm = Sums([-2.0, -4.0, -4.0, -4.0, -4.0]);
        assert!(calm.urgency() < -2.0);
        let fire = Sums([1.0, -3.0, -3.0, 2.0, -5.0]);
        assert!(fire.urgency() > 1.0 && fire.kind() == Kind::Fire);
        let hint = Sums([-4.0, -4.0, -4.0, -4.0, 0.6]);
        assert!(hint.urgency() > 0.5 && hint.kind() == Kind::SelfHarm);
    }
}
