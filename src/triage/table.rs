//! A table that is built once and then only read: values by short fingerprint, one or several under each, in as little memory as they take.
//!
//! A hash table of the standard library takes up to twice as much for what it may still be given, and as much again while it grows.

/// So many bits for each drawer has a sieve: less than one in four of the wrong ones passes.
const SPARSE: usize = 8;

/// Values by fingerprint.
#[derive(Debug, Clone)]
pub struct Table<V> {
    /// A bit for what each fingerprint ends with: most of what is asked for is not there, which is seen here at once.
    sieve: Box<[u64]>,
    /// Fingerprints that begin with the same so many bits stand in one drawer: one or two of them.
    bits: u32,
    /// Where each drawer begins, and behind them the end.
    drawers: Box<[u32]>,
    /// The fingerprints, sorted.
    keys: Box<[u32]>,
    /// The value of each.
    values: Box<[V]>,
}

impl<V: Copy> Table<V> {
    /// A table of these.
    pub fn of(mut entries: Vec<(u32, V)>) -> Self {
        entries.sort_unstable_by_key(|(key, _)| *key);
        let bits = entries.len().max(2).ilog2();
        let mut drawers = vec![0_u32; (1 << bits) + 1];
        for (key, _) in &entries {
            drawers[drawer(*key, bits) + 1] += 1;
        }
        for next in 1..drawers.len() {
            drawers[next] += drawers[next - 1];
        }
        let mut sieve = vec![0_u64; (SPARSE << bits).div_ceil(64)];
        for (key, _) in &entries {
            let (word, bit) = sieved(*key, sieve.len());
            sieve[word] |= bit;
        }
        let keys = entries.iter().map(|(key, _)| *key).collect();
        let values = entries.iter().map(|(_, value)| *value).collect();
        Self { sieve: sieve.into(), bits, drawers: drawers.into(), keys, values }
    }

    /// A value under a fingerprint, where there is one; of several, any.
    pub fn get(&self, key: u32) -> Option<V> {
        self.all(key).first().copied()
    }

    /// All values under a fingerprint, in no order.
    pub fn all(&self, key: u32) -> &[V] {
        let (word, bit) = sieved(key, self.sieve.len());
        if self.sieve[word] & bit == 0 {
            return &[];
        }
        let drawer = drawer(key, self.bits);
        let (begin, end) = (self.drawers[drawer] as usize, self.drawers[drawer + 1] as usize);
        let keys = &self.keys[begin..end];
        let first = keys.iter().position(|known| *known == key).unwrap_or(keys.len());
        let alike = keys[first..].iter().take_while(|known| **known == key).count();
        &self.values[begin + first..][..alike]
    }
}

/// Where a fingerprint leaves its mark in a sieve of so many words, a power of two: a division would take longer than all else.
const fn sieved(key: u32, words: usize) -> (usize, u64) {
    ((key as usize / 64) & (words - 1), 1 << (key % 64))
}

/// The drawer of a fingerprint.
const fn drawer(key: u32, bits: u32) -> usize {
    (key >> (u32::BITS - bits)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::grammar::Fingerprint;

    fn named(name: &str) -> u32 {
        Fingerprint::named(name).short()
    }

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let piece = |number: u32| named(&format!("piece {number}"));
        let table = Table::of((0..20_000).map(|number| (piece(number), number)).collect());
        for number in 0..20_000 {
            assert_eq!(table.get(piece(number)), Some(number));
            assert_eq!(table.get(piece(number + 20_000)), None);
        }
    }

    #[test]
    fn of_two_under_one_name_both_are_found_and_an_empty_table_has_none() {
        let (knife, other) = (named("knife"), named("knives"));
        let table = Table::of(vec![(knife, 1), (other, 3), (knife, 2)]);
        let mut both = table.all(knife).to_vec();
        both.sort_unstable();
        assert_eq!((both, table.all(other), table.get(other)), (vec![1, 2], &[3][..], Some(3)));
        let none = Table::<u16>::of(Vec::new());
        assert_eq!((none.get(knife), none.all(knife)), (None, &[][..]));
    }
}
