//! A table that is built once and then only read: values by short fingerprint, in as little memory as they take.
//!
//! A hash table of the standard library takes up to twice as much for what it may still be given, and as much again while it grows.

use super::grammar::Fingerprint;

/// Values by fingerprint.
#[derive(Debug, Clone)]
pub struct Table<V> {
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
    /// A table of these; of equal fingerprints, the first one counts.
    pub fn of(mut entries: Vec<(u32, V)>) -> Self {
        entries.sort_by_key(|(key, _)| *key);
        entries.dedup_by_key(|(key, _)| *key);
        let bits = entries.len().max(2).ilog2();
        let mut drawers = vec![0_u32; (1 << bits) + 1];
        for (key, _) in &entries {
            drawers[drawer(*key, bits) + 1] += 1;
        }
        for next in 1..drawers.len() {
            drawers[next] += drawers[next - 1];
        }
        let keys = entries.iter().map(|(key, _)| *key).collect();
        let values = entries.iter().map(|(_, value)| *value).collect();
        Self { bits, drawers: drawers.into(), keys, values }
    }

    /// The value under a fingerprint.
    pub fn get(&self, piece: Fingerprint) -> Option<V> {
        let key = piece.short();
        let drawer = drawer(key, self.bits);
        let (begin, end) = (self.drawers[drawer] as usize, self.drawers[drawer + 1] as usize);
        let place = self.keys[begin..end].iter().position(|known| *known == key)?;
        Some(self.values[begin + place])
    }
}

/// The drawer of a fingerprint.
const fn drawer(key: u32, bits: u32) -> usize {
    (key >> (u32::BITS - bits)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let named = |number: u32| Fingerprint::named(&format!("piece {number}"));
        let table = Table::of((0..20_000).map(|number| (named(number).short(), number)).collect());
        for number in 0..20_000 {
            assert_eq!(table.get(named(number)), Some(number));
            assert_eq!(table.get(named(number + 20_000)), None);
        }
    }

    #[test]
    fn of_two_under_one_name_the_first_counts_and_an_empty_table_has_none() {
        let name = Fingerprint::named("knife");
        assert_eq!(Table::of(vec![(name.short(), 1), (name.short(), 2)]).get(name), Some(1));
        assert_eq!(Table::<u16>::of(Vec::new()).get(name), None);
    }
}
