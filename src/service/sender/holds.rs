//! Feeds whose replies must wait after a failure.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{clock::after, model::Feed, service::backoff::Backoff};

/// Pauses after failures.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// The feeds of one account that are held back.
pub struct Holds {
    random: fastrand::Rng,
    held: BTreeMap<Feed, Held>,
}

struct Held {
    /// When the last failure was seen.
    since: Timestamp,
    until: Timestamp,
    backoff: Backoff,
}

impl Holds {
    /// None held yet.
    pub const fn new(random: fastrand::Rng) -> Self {
        Self { random, held: BTreeMap::new() }
    }

    /// Before this time nothing is posted on a feed.
    pub fn until(&self, feed: Feed) -> Timestamp {
        self.held.get(&feed).map_or(Timestamp::MIN, |held| held.until)
    }

    /// Whether a failure is remembered that no success has followed.
    pub fn has(&self, feed: Feed) -> bool {
        self.held.contains_key(&feed)
    }

    /// A call that began at `began` failed: the feed waits, at least until `at`. Of several that were under way together
    /// only the first makes the pause longer.
    pub fn hold(&mut self, feed: Feed, began: Timestamp, at: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let at = at.unwrap_or(now);
        let random = self.random.fork();
        let entry = self.held.entry(feed).or_insert_with(|| Held {
            since: Timestamp::MIN,
            until: Timestamp::MIN,
            backoff: Backoff::new(PAUSES.0, PAUSES.1, random),
        });
        if entry.since < began || entry.since > now {
            entry.since = now;
            entry.until = after(now, entry.backoff.next()).max(at);
        } else {
            entry.until = entry.until.max(at);
        }
        entry.until
    }

    /// A call succeeded: the feed is open again, unless it failed after this call had begun.
    pub fn open(&mut self, feed: Feed, began: Timestamp) {
        if self.held.get(&feed).is_some_and(|held| held.since < began) {
            self.held.remove(&feed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: Feed = Feed::FacebookInbox;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn eight_failures_of_one_moment_are_one_failure() {
        let mut holds = Holds::new(fastrand::Rng::with_seed(1));
        let first = holds.hold(FEED, at(100), None, at(101));
        for _ in 0..7 {
            assert_eq!(holds.hold(FEED, at(100), None, at(101)), first);
        }
        assert!(first <= at(102));
        let second = holds.hold(FEED, at(102), None, at(103));
        assert!(second > at(103) && second <= at(105), "the next attempt fails too: twice as long");
    }

    #[test]
    fn a_success_that_began_before_the_failure_proves_nothing() {
        let mut holds = Holds::new(fastrand::Rng::with_seed(1));
        holds.hold(FEED, at(100), Some(at(500)), at(101));
        holds.open(FEED, at(100));
        assert_eq!(holds.until(FEED), at(500));
        holds.open(FEED, at(501));
        assert!(!holds.has(FEED));
        assert_eq!(holds.until(FEED), Timestamp::MIN);
    }
}
