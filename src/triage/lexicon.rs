//! The lexicons: phrases by family, as files that a comms officer can read and extend, and the search for them.
//!
//! A file holds word lists and families of phrases:
//!
//! ```text
//! weapon = couteau* pistolet* arme|armes     // a list; a name in < > stands for any of its words
//! [violence]                                 // the phrases of a family follow
//! frapp* .. femme|enfant                     // a * for any ending, | for either, .. for up to 3 words between
//! crie & femme|petite_fille                  // & for near each other in either order, _ joins words
//! [violence weak]                            // weaker evidence of the same
//! <weapon>
//! ```

use std::collections::HashMap;

use super::{
    family::{Family, Role},
    fold,
    grammar::{expand, orders, pieces},
    own::code,
    vocabulary::{Gathered, Vocabulary},
};
use crate::model::Language;

/// How many words `..` and `...` may stand for.
const GAPS: [(&str, u8); 2] = [("..", 3), ("...", 8)];

/// How many words may stand between the two sides of `&`.
const NEAR: u8 = 6;

/// Sides of `&` are looked for in every order, of which more sides than this have too many.
const MOST_SIDES: usize = 4;

/// A phrase that its alternatives of several words would turn into more than this many is too complicated.
const MOST_VARIANTS: usize = 200;

/// A denial of more words than this may hold more than what it denies.
const LONGEST_DENIAL: usize = 4;

/// Strong or weak evidence of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sense {
    /// The family.
    pub family: Family,
    /// Whether it is mere mention, which takes other evidence to count.
    pub weak: bool,
    /// Whether a zone has added it.
    pub own: bool,
}

/// A phrase that was found.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// What it is evidence of.
    pub sense: Sense,
    /// The first word and the one after the last.
    pub span: (usize, usize),
}

/// One step of a phrase.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// One word of a group.
    Word(u16),
    /// One word of a group, or nothing.
    Maybe(u16),
    /// Up to so many words of any kind.
    Gap(u8),
}

#[derive(Debug)]
struct Phrase {
    sense: Sense,
    /// The language of its file; none for signs that all share.
    language: Option<Language>,
    /// The group of its first word, and that of its last: most phrases are ruled out by these alone.
    first: u16,
    last: u16,
    /// Where its steps stand among all.
    steps: (u32, u32),
}

/// Whether every word of a phrase stands somewhere in a message; most phrases are ruled out by this.
fn may_stand(steps: &[Step], present: &[bool]) -> bool {
    steps.iter().all(|step| !matches!(step, Step::Word(group) if !present[usize::from(*group)]))
}

/// What is wrong in a lexicon: the line and the words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct LexiconError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// Lexicons that are being read.
#[derive(Debug, Default)]
pub struct Draft {
    phrases: Vec<Phrase>,
    steps: Vec<Step>,
    words: Gathered,
}

impl Draft {
    /// Adds the lists and phrases of a file, but for phrases that are `left_out`.
    ///
    /// # Errors
    /// At the first line that cannot be understood.
    pub fn read(
        &mut self,
        file: &str,
        language: Option<Language>,
        mut left_out: impl FnMut(&str) -> bool,
    ) -> Result<(), LexiconError> {
        let mut lists: HashMap<&str, String> = HashMap::new();
        let mut sense = None;
        for (index, line) in file.lines().enumerate() {
            let wrong = |what: String| LexiconError { line: index + 1, what };
            let line = code(line);
            if line.is_empty() || left_out(line) {
                continue;
            }
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                let (code, weak) = header.strip_suffix(" weak").map_or((header, false), |code| (code, true));
                let family = Family::named(code).ok_or_else(|| wrong(format!("no family `{code}`")))?;
                sense = Some(Sense { family, weak, own: false });
            } else if let Some((name, words)) = line.split_once(" = ") {
                let words: Vec<String> = words
                    .split_whitespace()
                    .map(|word| expand(word, &lists))
                    .collect::<Result<_, _>>()
                    .map_err(wrong)?;
                let list = lists.entry(name).or_default();
                for word in words {
                    if !list.is_empty() {
                        list.push('|');
                    }
                    list.push_str(&word);
                }
            } else {
                let sense = sense.ok_or_else(|| wrong("a phrase before the first family".into()))?;
                for steps in self.phrase(line, &lists).map_err(wrong)? {
                    self.add(sense, language, &steps);
                }
            }
        }
        Ok(())
    }

    /// All that was read, ready to be searched.
    pub fn close(mut self) -> Lexicon {
        self.phrases.sort_by_key(|phrase| phrase.first);
        let starts = (0..=self.words.groups())
            .map(|group| self.phrases.partition_point(|phrase| usize::from(phrase.first) < group))
            .collect();
        Lexicon { phrases: self.phrases.into(), steps: self.steps.into(), starts, words: self.words.close() }
    }

    /// Adds a phrase to a family, as a zone may; without lists.
    ///
    /// # Errors
    /// When the phrase cannot be understood.
    pub fn add_phrase(&mut self, sense: Sense, phrase: &str) -> Result<(), String> {
        for steps in self.phrase(phrase, &HashMap::new())? {
            self.add(sense, None, &steps);
        }
        Ok(())
    }

    /// Every way in which a line can be written in a message.
    fn phrase(&mut self, line: &str, lists: &HashMap<&str, String>) -> Result<Vec<Box<[Step]>>, String> {
        if line.split(" & ").count() > MOST_SIDES {
            return Err(format!("has `&` more than {} times", MOST_SIDES - 1));
        }
        let mut sides: Vec<Vec<Vec<Step>>> = Vec::new();
        for side in line.split(" & ") {
            sides.push(self.variants(side, lists)?);
        }
        let all: Vec<Vec<Step>> = orders(sides.len())
            .into_iter()
            .flat_map(|order| {
                order.into_iter().fold(vec![Vec::new()], |begun: Vec<Vec<Step>>, side| {
                    let continued = |steps: &Vec<Step>| {
                        let gap = if steps.is_empty() { &[][..] } else { &[Step::Gap(NEAR)][..] };
                        sides[side].iter().map(|next| [&steps[..], gap, next].concat()).collect::<Vec<_>>()
                    };
                    begun.iter().flat_map(continued).collect()
                })
            })
            .collect();
        if all.len() > MOST_VARIANTS {
            return Err("too many alternatives of several words".into());
        }
        Ok(all.into_iter().map(Into::into).collect())
    }

    /// The ways in which one side of `&` can be written.
    fn variants(&mut self, side: &str, lists: &HashMap<&str, String>) -> Result<Vec<Vec<Step>>, String> {
        let mut variants: Vec<Vec<Step>> = vec![Vec::new()];
        for part in side.split_whitespace() {
            if let Some((_, most)) = GAPS.iter().find(|(sign, _)| *sign == part) {
                for steps in &mut variants {
                    steps.push(Step::Gap(*most));
                }
                continue;
            }
            variants = match &self.ways(part, lists)?[..] {
                [way] => {
                    for steps in &mut variants {
                        steps.extend(way);
                    }
                    continue;
                }
                ways => variants.iter().flat_map(|steps| ways.iter().map(|way| [&steps[..], way].concat())).collect(),
            };
            if variants.len() > MOST_VARIANTS {
                return Err("too many alternatives of several words".into());
            }
        }
        if variants.iter().all(|steps| matches!(steps.first(), Some(Step::Word(_)))) {
            Ok(variants)
        } else {
            Err("begins with no word".into())
        }
    }

    /// The ways in which what stands between two spaces can be written.
    fn ways(&mut self, part: &str, lists: &HashMap<&str, String>) -> Result<Vec<Vec<Step>>, String> {
        let (part, maybe) = part.strip_suffix('?').map_or((part, false), |part| (part, true));
        let expanded = expand(part, lists)?;
        let mut single: Vec<String> = Vec::new();
        let mut ways: Vec<Vec<Step>> = Vec::new();
        for alternative in expanded.split('|').filter(|alternative| !alternative.is_empty()) {
            let words: Vec<String> = alternative.split('_').flat_map(pieces).collect();
            if let [word] = &words[..] {
                single.push(word.clone());
            } else {
                let steps: Result<Vec<Step>, String> =
                    words.iter().map(|word| self.words.group(word).map(Step::Word)).collect();
                ways.push(steps?);
            }
        }
        if !single.is_empty() {
            let group = self.words.group(&single.join("|"))?;
            ways.push(vec![if maybe { Step::Maybe(group) } else { Step::Word(group) }]);
        }
        Ok(ways)
    }

    fn add(&mut self, sense: Sense, language: Option<Language>, steps: &[Step]) {
        let Some(Step::Word(first)) = steps.first().copied() else { return };
        let last = steps.iter().rev().find_map(|step| if let Step::Word(group) = step { Some(*group) } else { None });
        let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let begin = place(self.steps.len());
        self.steps.extend(steps);
        let steps = (begin, place(self.steps.len()));
        self.phrases.push(Phrase { sense, language, first, last: last.unwrap_or(first), steps });
    }
}

/// All lexicons, ready to be searched in one pass.
#[derive(Debug)]
pub struct Lexicon {
    /// All phrases, by the group of their first word.
    phrases: Box<[Phrase]>,
    /// The steps of all phrases, one after the other.
    steps: Box<[Step]>,
    /// Where the phrases of each group begin, and behind them the end.
    starts: Box<[usize]>,
    words: Vocabulary,
}

impl Lexicon {
    /// Every phrase that stands in a message, without those whose words belong to a figure of speech.
    ///
    /// A phrase of a single word counts only where the message shows its language; two words or more speak for
    /// themselves.
    pub fn search(&self, words: &[String], shown: [bool; 4]) -> Vec<Hit> {
        let groups: Vec<Vec<u16>> = words.iter().map(|word| self.words.groups_of(word)).collect();
        let mut present = vec![false; self.starts.len()];
        groups.iter().flatten().for_each(|group| present[usize::from(*group)] = true);
        let mut hits = Vec::new();
        for (start, of_word) in groups.iter().enumerate() {
            for phrase in of_word.iter().flat_map(|group| self.beginning(*group)) {
                if !present[usize::from(phrase.last)] {
                    continue;
                }
                let language_shown = phrase.language.is_none_or(|language| shown[language as usize]);
                let steps = &self.steps[phrase.steps.0 as usize..phrase.steps.1 as usize];
                if !language_shown || !may_stand(steps, &present) {
                    continue;
                }
                if let Some(end) = follow(&steps[1..], &groups, words, start + 1) {
                    hits.push(Hit { sense: phrase.sense, span: (start, end) });
                }
            }
        }
        drop_figures(&mut hits);
        hits
    }

    /// The phrases that begin with a word of a group.
    fn beginning(&self, group: u16) -> &[Phrase] {
        let group = usize::from(group);
        &self.phrases[self.starts[group]..self.starts[group + 1]]
    }
}

/// Drops what belongs to a figure of speech, and what is said only to be denied (no emergency, false alarm).
fn drop_figures(hits: &mut Vec<Hit>) {
    let length = |span: (usize, usize)| span.1 - span.0;
    let figures: Vec<(Role, (usize, usize))> = hits
        .iter()
        .filter(|hit| match hit.sense.family.role() {
            Role::Figure => true,
            Role::Doubt => (2..=LONGEST_DENIAL).contains(&length(hit.span)),
            _ => false,
        })
        .map(|hit| (hit.sense.family.role(), hit.span))
        .collect();
    hits.retain(|hit| {
        let span = hit.span;
        !matches!(hit.sense.family.role(), Role::Event(_) | Role::Sign)
            || !figures.iter().any(|(role, (start, end))| match role {
                Role::Figure => span.0 < *end && *start < span.1 && length(span) <= end - start,
                _ => *start <= span.0 && span.1 <= *end,
            })
    });
}

/// Where the steps lead from a word; none when they lead nowhere.
fn follow(steps: &[Step], groups: &[Vec<u16>], words: &[String], at: usize) -> Option<usize> {
    let Some((step, rest)) = steps.split_first() else { return Some(at) };
    match step {
        Step::Word(group) => {
            groups.get(at)?.binary_search(group).ok()?;
            follow(rest, groups, words, at + 1)
        }
        Step::Maybe(group) => {
            let stands = groups.get(at).is_some_and(|of_word| of_word.binary_search(group).is_ok());
            stands.then(|| follow(rest, groups, words, at + 1)).flatten().or_else(|| follow(rest, groups, words, at))
        }
        Step::Gap(most) => {
            for skipped in 0..=usize::from(*most) {
                if let Some(end) = follow(rest, groups, words, at + skipped) {
                    return Some(end);
                }
                if words.get(at + skipped).is_none_or(|word| word == fold::END) {
                    break;
                }
            }
            None
        }
    }
}
