//! Grouping, so that a storm is one notice and not a thousand; pure.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Cry, Notice};
use crate::model::{Feed, Kind};

/// A first message waits so long for others that come with it.
const GATHER: Duration = Duration::from_secs(15);
/// So many links a notice holds at most; those about people who may harm themselves first.
pub const MOST_LINKS: usize = 10;
/// While a storm goes on, notices come more and more rarely: at most so many times the usual distance.
const RAREST: u32 = 6;

/// What has been noted and not told. Bounded: counts, and a few links.
#[derive(Debug)]
pub struct Group {
    /// The shortest time between two notices.
    distance: Duration,
    counts: BTreeMap<(Feed, Kind), u64>,
    links: Vec<Cry>,
    span: Option<(Timestamp, Timestamp)>,
    first: Option<Instant>,
    told: Option<Instant>,
    /// How many times the distance the next notice waits.
    times: u32,
}

impl Group {
    /// Nothing noted; notices come at least so far apart.
    pub const fn new(distance: Duration) -> Self {
        Self { distance, counts: BTreeMap::new(), links: Vec::new(), span: None, first: None, told: None, times: 1 }
    }

    /// Notes a message.
    pub fn add(&mut self, cry: Cry, now: Instant) {
        self.first.get_or_insert(now);
        *self.counts.entry((cry.feed, cry.kind)).or_default() += 1;
        let (from, until) = self.span.unwrap_or((cry.at, cry.at));
        self.span = Some((from.min(cry.at), until.max(cry.at)));
        self.links.push(cry);
        // The gravest first, then the oldest; the rest is counted.
        self.links.sort_by_key(|cry| (cry.link.is_none(), cry.kind != Kind::SelfHarm, cry.at));
        self.links.truncate(MOST_LINKS);
    }

    /// When the next notice is due, if there is anything to tell.
    pub fn due(&self) -> Option<Instant> {
        let gathered = self.first? + GATHER;
        Some(self.told.map_or(gathered, |told| gathered.max(told + self.distance * self.times)))
    }

    /// What is to be told now, if it is time.
    pub fn take(&mut self, now: Instant) -> Option<Notice> {
        if self.due()? > now {
            return None;
        }
        // Who cries on and on is told of more rarely; after a quiet time the next one is told of at once.
        let quiet = self.told.is_none_or(|told| now.saturating_duration_since(told) > self.distance * self.times * 2);
        self.times = if quiet { 1 } else { (self.times * 2).min(RAREST) };
        self.told = Some(now);
        self.rest()
    }

    /// Whatever has been noted, whether it is time or not.
    pub fn rest(&mut self) -> Option<Notice> {
        self.first.take()?;
        let (from, until) = self.span.take()?;
        let links = std::mem::take(&mut self.links).into_iter().filter(|cry| cry.link.is_some()).collect();
        Some(Notice::new(from, until, std::mem::take(&mut self.counts), links))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cry(second: i64, kind: Kind) -> Cry {
        let at = Timestamp::from_second(second).unwrap();
        Cry { feed: Feed::FacebookInbox, kind, at, link: Some(format!("https://example.org/{second}")) }
    }

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_storm_of_an_hour_is_a_few_notices_and_a_burst_is_one() {
        let (start, mut group, mut told) = (Instant::now(), Group::new(seconds(600)), Vec::new());
        for second in 0..3600 {
            let now = start + seconds(second);
            (0..3).for_each(|_| group.add(cry(i64::try_from(second).unwrap(), Kind::Police), now));
            told.extend(group.take(now).map(|notice| (second, notice.total(), notice.links.len())));
        }
        assert_eq!(told, [(15, 48, 10), (615, 1800, 10), (1815, 3600, 10)]);
        let rest = group.rest().expect("what came since");
        assert_eq!(rest.total(), 3 * 3600 - 48 - 1800 - 3600);
        assert_eq!((group.rest(), group.due()), (None, None));
    }

    #[test]
    fn after_a_quiet_time_the_next_one_is_told_at_once() {
        let (start, mut group) = (Instant::now(), Group::new(seconds(600)));
        for begin in [0, 7200, 14_400] {
            let now = start + seconds(begin);
            group.add(cry(0, Kind::Police), now);
            assert_eq!(group.due(), Some(now + GATHER));
            assert_eq!(group.take(now + seconds(14)), None);
            assert_eq!(group.take(now + GATHER).map(|notice| notice.total()), Some(1));
        }
    }

    #[test]
    fn those_who_may_harm_themselves_are_among_the_links_whenever_they_wrote() {
        let (now, mut group) = (Instant::now(), Group::new(seconds(600)));
        (0..50).for_each(|second| group.add(cry(second, Kind::Fire), now));
        group.add(cry(99, Kind::SelfHarm), now);
        let notice = group.rest().expect("a notice");
        assert_eq!((notice.links[0].kind, notice.links.len(), notice.total()), (Kind::SelfHarm, 10, 51));
    }
}
