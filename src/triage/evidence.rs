//! What a message shows: the families found in it, and what they and its form amount to, by names that people can read.

use std::fmt::{self, Write as _};

use super::{
    family::{Family, Role},
    fold::END,
    lexicon::Lexicon,
};

/// A message longer than this many words tells a story.
const LONG: usize = 45;

/// A message of at most this many words is a cry or a nod.
const SHORT: usize = 4;

/// What was found in a message.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Families found, in their order.
    pub strong: Vec<Family>,
    /// Families merely mentioned, in their order.
    pub weak: Vec<Family>,
    /// Families found by phrases that the zone itself has added.
    pub own: Vec<Family>,
}

impl Evidence {
    /// Looks for families in the folded words of a message; `shown` says which of the four languages it may be written in.
    pub fn of(words: &[String], lexicon: &Lexicon, shown: [bool; 4]) -> Self {
        let mut evidence = Self::default();
        for hit in lexicon.search(words, shown) {
            let list = if hit.sense.weak { &mut evidence.weak } else { &mut evidence.strong };
            enter(list, hit.sense.family);
            if hit.sense.own {
                enter(&mut evidence.own, hit.sense.family);
            }
        }
        evidence.strong.sort_unstable();
        evidence.weak.retain(|family| !evidence.strong.contains(family));
        evidence.weak.sort_unstable();
        evidence
    }

    /// Whether one of these families was found.
    pub fn has(&self, family: Family) -> bool {
        self.strong.contains(&family)
    }

    /// Names each sign that the families and the form of the message amount to, once.
    pub fn signs(&self, text: &str, words: &[String], each: &mut dyn FnMut(&str)) {
        let mut name = String::new();
        let mut tell = |sign: fmt::Arguments<'_>| {
            name.clear();
            // Writing to a String cannot fail.
            let _ = name.write_fmt(sign);
            each(&name);
        };
        let found: Vec<Found> = self
            .strong
            .iter()
            .map(|family| Found { family: *family, weak: false })
            .chain(self.weak.iter().map(|family| Found { family: *family, weak: true }))
            .collect();
        for (index, one) in found.iter().enumerate() {
            tell(format_args!("[{one}]"));
            for other in &found[index + 1..] {
                tell(format_args!("[{one} & {other}]"));
            }
        }
        let event = |list: &[Family]| list.iter().filter(|family| matches!(family.role(), Role::Event(_))).count();
        let level = match (event(&self.strong), event(&self.weak)) {
            (0, 0) => "nothing",
            (0, _) => "mention",
            (1, _) => "event",
            _ => "events",
        };
        tell(format_args!("[{level}]"));
        for family in self.strong.iter().filter(|family| !matches!(family.role(), Role::Event(_) | Role::Figure)) {
            tell(format_args!("[{level} & {}]", family.code()));
        }
        let count = |role: fn(Role) -> bool| self.strong.iter().filter(|family| role(family.role())).count();
        let marks = count(|role| matches!(role, Role::Sign)).min(5);
        let doubts = count(|role| matches!(role, Role::Doubt)).min(4);
        tell(format_args!("[{level} & {doubts} doubts]"));
        tell(format_args!("[{level} & {marks} signs]"));
        let said = words.iter().filter(|word| *word != END).count();
        if said <= SHORT {
            tell(format_args!("[short & {level}]"));
        } else if said >= LONG {
            tell(format_args!("[long & {level}]"));
        }
        // Whoever tells what happens may ask what to do: then it says nothing.
        if level == "nothing" && text.contains('?') {
            tell(format_args!("[question]"));
        }
        if text.contains("!!") {
            tell(format_args!("[exclaims]"));
        }
        let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
        let capitals = text.chars().filter(|letter| letter.is_uppercase()).count();
        if letters >= 8 && capitals * 2 > letters {
            tell(format_args!("[capitals]"));
        }
    }
}

fn enter(list: &mut Vec<Family>, family: Family) {
    if !list.contains(&family) {
        list.push(family);
    }
}

/// A family that was found.
struct Found {
    family: Family,
    weak: bool,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family.code())?;
        if self.weak { f.write_str(" weak") } else { Ok(()) }
    }
}
