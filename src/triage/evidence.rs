//! What a message shows: the families found in it, and its words. Each piece of evidence has a name that people can read.

use super::{
    family::{Family, Role},
    fold::{self, END},
    lexicon::Lexicon,
};
use crate::model::Kind;

/// A message longer than this many words tells a story.
const LONG: usize = 45;

/// A message of at most this many words is a cry or a nod.
const SHORT: usize = 4;

/// Longer words also count by their beginnings of so many letters.
const STEMS: [usize; 3] = [3, 4, 6];

/// What was found in a message.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Families found, in their order.
    pub strong: Vec<Family>,
    /// Families merely mentioned, in their order.
    pub weak: Vec<Family>,
    /// What the families and the form of the message amount to, by name.
    pub signs: Vec<String>,
    /// The message's words, pairs of words and beginnings of words, each once.
    pub words: Vec<String>,
}

impl Evidence {
    /// Looks at a message; `shown` says which of the four languages it may be written in.
    pub fn of(text: &str, lexicon: &Lexicon, shown: [bool; 4]) -> Self {
        let words = fold::words(text);
        let mut evidence = Self::default();
        for hit in lexicon.search(&words, shown) {
            let list = if hit.sense.weak { &mut evidence.weak } else { &mut evidence.strong };
            if !list.contains(&hit.sense.family) {
                list.push(hit.sense.family);
            }
        }
        evidence.strong.sort_unstable();
        evidence.weak.retain(|family| !evidence.strong.contains(family));
        evidence.weak.sort_unstable();
        evidence.signs = evidence.signs_of(text, &words);
        evidence.words = parts(&words);
        evidence
    }

    /// Whether one of these families was found.
    pub fn has(&self, family: Family) -> bool {
        self.strong.contains(&family)
    }

    fn signs_of(&self, text: &str, words: &[String]) -> Vec<String> {
        let event = |list: &[Family]| list.iter().filter(|family| matches!(family.role(), Role::Event(_))).count();
        let (events, mentions) = (event(&self.strong), event(&self.weak));
        let mut signs: Vec<String> = self.strong.iter().map(|family| format!("[{}]", family.code())).collect();
        signs.extend(self.weak.iter().map(|family| format!("[{} weak]", family.code())));
        let level = match (events, mentions) {
            (0, 0) => "nothing",
            (0, _) => "mention",
            (1, _) => "event",
            _ => "events",
        };
        signs.push(format!("[{level}]"));
        for family in self.strong.iter().filter(|family| !matches!(family.role(), Role::Event(_) | Role::Figure)) {
            signs.push(format!("[{level} & {}]", family.code()));
        }
        let count = |role: fn(Role) -> bool| self.strong.iter().filter(|family| role(family.role())).count();
        let marks = count(|role| matches!(role, Role::Sign)).min(5);
        let doubts = count(|role| matches!(role, Role::Doubt)).min(4);
        signs.push(format!("[{level} & {doubts} doubts]"));
        signs.push(format!("[{level} & {marks} signs]"));
        let said = words.iter().filter(|word| *word != END).count();
        if said <= SHORT {
            signs.push(format!("[short & {level}]"));
        } else if said >= LONG {
            signs.push(format!("[long & {level}]"));
        }
        if text.contains('?') {
            signs.push("[question]".into());
        }
        if text.contains("!!") {
            signs.push("[exclaims]".into());
        }
        let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
        let capitals = text.chars().filter(|letter| letter.is_uppercase()).count();
        if letters >= 8 && capitals * 2 > letters {
            signs.push("[capitals]".into());
        }
        signs
    }

    /// What it is about: the kind for which the families speak loudest; [`Kind::Police`] when they say nothing.
    pub fn kind(&self) -> Kind {
        let mut votes = [0_u32; 5];
        let mut vote = |family: &Family, weight: u32| {
            if let Role::Event(kind) = family.role() {
                votes[kind as usize] += weight * family.voice();
            }
        };
        self.strong.iter().for_each(|family| vote(family, 3));
        self.weak.iter().for_each(|family| vote(family, 1));
        // Between equals, the kind where minutes count most.
        let order = [Kind::SelfHarm, Kind::Fire, Kind::Medical, Kind::Police];
        let most = order.iter().map(|kind| votes[*kind as usize]).max().unwrap_or(0);
        if most == 0 {
            return Kind::Police;
        }
        order.into_iter().find(|kind| votes[*kind as usize] == most).unwrap_or(Kind::Police)
    }
}

/// The words of a message, its pairs of words and the beginnings of its long words, each once.
fn parts(words: &[String]) -> Vec<String> {
    let mut parts: Vec<String> = words.iter().filter(|word| *word != END).cloned().collect();
    for word in words {
        for length in STEMS {
            if word.is_ascii() && word.len() > length {
                parts.push(format!("{}*", &word[..length]));
            }
        }
    }
    parts.extend(words.windows(2).map(|pair| format!("{} {}", pair[0], pair[1])));
    parts.sort_unstable();
    parts.dedup();
    parts
}
