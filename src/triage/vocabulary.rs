//! The words of all phrases, and the groups that each belongs to: what a phrase asks for is one word of a group.

use std::collections::HashMap;

use super::{
    fold,
    grammar::{Fingerprint, shortened, spellings},
    table::Table,
};

/// Words that are being gathered.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Groups by the fingerprint of their source, so that each is made once.
    groups: HashMap<Fingerprint, u16>,
    /// A word, as a fingerprint, and a group that it belongs to.
    exact: Vec<(u32, u16)>,
    /// A beginning of words, and a group that they belong to.
    beginnings: Vec<(u32, u16)>,
    /// The length of the longest beginning.
    longest: usize,
    /// Words long enough to be misspelt.
    long: Vec<Box<str>>,
    /// The groups of any number.
    numbers: Vec<u16>,
}

impl Gathered {
    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The group of words that stand there with `|` between them.
    ///
    /// # Errors
    /// When there are more groups than can be counted.
    pub fn group(&mut self, source: &str) -> Result<u16, String> {
        let known = Fingerprint::named(source);
        if let Some(group) = self.groups.get(&known) {
            return Ok(*group);
        }
        let group = u16::try_from(self.groups.len()).map_err(|_| "too many different words".to_owned())?;
        self.groups.insert(known, group);
        for word in source.split('|') {
            if word == "#" {
                self.numbers.push(group);
            } else {
                spellings(word).for_each(|spelling| self.add(&spelling, group));
            }
        }
        Ok(group)
    }

    fn add(&mut self, spelling: &str, group: u16) {
        let begun = spelling.strip_suffix('*');
        let word = fold::word(begun.unwrap_or(spelling));
        // An emoji is no letter to fold.
        let word = if word.is_empty() { spelling.to_owned() } else { word };
        let entry = (Fingerprint::named(&word).short(), group);
        if begun.is_some() {
            self.longest = self.longest.max(word.len());
            self.beginnings.push(entry);
            return;
        }
        self.exact.push(entry);
        if shortened(&word).next().is_some() {
            self.long.push(word.into());
        }
    }

    /// All of them, ready to be looked up in.
    pub fn close(self) -> Vocabulary {
        let Self { groups, exact, beginnings, mut long, longest, numbers } = self;
        // One after the other, so that what making one takes is given back before the next is made.
        drop(groups);
        let (exact, beginnings) = (table(exact), table(beginnings));
        long.sort_unstable();
        long.dedup();
        let mut misspelt = Vec::with_capacity(long.iter().map(|word| shortened(word).count()).sum());
        let mut place = 0;
        for word in &long {
            misspelt.extend(shortened(word).map(|rest| (rest, place)));
            place += u32::try_from(word.len() + 1).unwrap_or(u32::MAX);
        }
        let long = long.join(" ").into();
        Vocabulary { exact, beginnings, longest, long, misspelt: table(misspelt), numbers }
    }
}

/// What stands under each fingerprint, each once and in order.
fn table<V: Copy + Ord>(mut entries: Vec<(u32, V)>) -> Table<V> {
    entries.sort_unstable();
    entries.dedup();
    Table::of(entries)
}

/// The words of all phrases, ready to be looked up in.
#[derive(Debug)]
pub struct Vocabulary {
    /// The groups that a word belongs to.
    exact: Table<u16>,
    /// The groups that every word with this beginning belongs to.
    beginnings: Table<u16>,
    /// The length of the longest beginning.
    longest: usize,
    /// Long words, a space between them: a box for each would take more than the word.
    long: Box<str>,
    /// What is left of a long word when a letter is missing, with its place in `long`.
    misspelt: Table<u32>,
    /// The groups of any number.
    numbers: Vec<u16>,
}

impl Vocabulary {
    /// The groups that a folded word belongs to, in their order. A long word that belongs to none may be misspelt.
    pub fn groups_of(&self, word: &str) -> Vec<u16> {
        let mut groups = self.exact.all(Fingerprint::named(word).short()).to_vec();
        if word.starts_with(|letter: char| letter.is_ascii_digit()) {
            groups.extend(&self.numbers);
        }
        let mut beginning = Fingerprint::EMPTY;
        for byte in word.bytes().take(self.longest) {
            beginning = beginning.and(byte);
            groups.extend(self.beginnings.all(beginning.short()));
        }
        if groups.is_empty() {
            self.meant(word).for_each(|meant| groups.extend(self.exact.all(Fingerprint::named(meant).short())));
        }
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// The words of which this one is a misspelling.
    fn meant(&self, word: &str) -> impl Iterator<Item = &str> {
        let known = shortened(word).flat_map(|rest| self.misspelt.all(rest));
        let word_at = |place: &u32| self.long[*place as usize..].split(' ').next().unwrap_or_default();
        known.map(word_at).filter(move |meant| strsim::osa_distance(word, meant) <= 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_whole_by_its_beginning_and_when_misspelt() {
        let mut gathered = Gathered::default();
        let [fire, knife, number] = ["feu|brûle|incendie", "couteau*|mes", "#"].map(|it| gathered.group(it).unwrap());
        assert_eq!(gathered.group("couteau*|mes"), Ok(knife), "each group is made once");
        let all = gathered.close();
        for (word, group) in [
            ("feu", Some(fire)),
            ("feux", None),
            ("brule", Some(fire)),
            ("incendie", Some(fire)),
            ("icendie", Some(fire)),
            ("inecndie", Some(fire)),
            ("incendier", Some(fire)),
            ("incndi", None),
            ("couteaux", Some(knife)),
            ("mes", Some(knife)),
            ("mess", None),
            ("12", Some(number)),
        ] {
            assert_eq!(all.groups_of(word), group.as_slice(), "{word}");
        }
    }
}
