//! Lanes whose replies must wait, after a failure or because an hour has had its public ones.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::queue::Lane;
use crate::{
    clock::{after, shifted},
    service::backoff::{Backoff, believed},
};

/// Pauses after failures.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// The lanes of one account that are held back.
pub struct Holds {
    random: fastrand::Rng,
    held: BTreeMap<Lane, Held>,
    full: BTreeMap<Lane, Timestamp>,
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
        Self { random, held: BTreeMap::new(), full: BTreeMap::new() }
    }

    /// Randomness for another pause.
    pub fn fork(&mut self) -> fastrand::Rng {
        self.random.fork()
    }

    /// Before this time nothing is posted in a lane.
    pub fn until(&self, lane: Lane) -> Timestamp {
        let held = self.held.get(&lane).map_or(Timestamp::MIN, |held| held.until);
        self.full.get(&lane).map_or(held, |full| held.max(*full))
    }

    /// Whether a failure is remembered that no success has followed.
    pub fn has(&self, lane: Lane) -> bool {
        self.held.contains_key(&lane)
    }

    /// A lane waits until a time without having failed.
    pub fn keep(&mut self, lane: Lane, until: Timestamp) {
        self.full.insert(lane, until);
    }

    /// A call that began at `began` failed: the lane waits, at least until `at`. Of several that were under way together
    /// only the first makes the pause longer.
    pub fn hold(&mut self, lane: Lane, began: Timestamp, at: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let at = at.map_or(now, |at| believed(at, now));
        let random = self.random.fork();
        let entry = self.held.entry(lane).or_insert_with(|| Held {
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

    /// The clock was set: every pause is as long as it was.
    pub fn shift(&mut self, by: SignedDuration) {
        for held in self.held.values_mut() {
            (held.since, held.until) = (shifted(held.since, by), shifted(held.until, by));
        }
        for until in self.full.values_mut() {
            *until = shifted(*until, by);
        }
    }

    /// A call succeeded: the lane is open again, unless it failed after this call had begun.
    pub fn open(&mut self, lane: Lane, began: Timestamp) {
        if self.held.get(&lane).is_some_and(|held| held.since < began) {
            self.held.remove(&lane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Feed, Route};

    const LANE: Lane = (Feed::FacebookInbox, Route::Direct);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn many_failures_of_one_moment_are_one_failure() {
        let mut holds = Holds::new(fastrand::Rng::with_seed(1));
        let first = holds.hold(LANE, at(100), None, at(101));
        for _ in 0..7 {
            assert_eq!(holds.hold(LANE, at(100), None, at(101)), first);
        }
        assert!(first <= at(102));
        let second = holds.hold(LANE, at(102), None, at(103));
        assert!(second > at(103) && second <= at(105), "the next attempt fails too: twice as long");
    }

    #[test]
    fn a_clock_that_is_set_neither_lengthens_a_pause_nor_ends_it() {
        let mut holds = Holds::new(fastrand::Rng::with_seed(1));
        holds.hold(LANE, at(10_000), Some(at(10_600)), at(10_001));
        holds.keep((Feed::XMentions, Route::Direct), at(10_900));
        holds.shift(SignedDuration::from_secs(-7_200));
        assert_eq!(holds.until(LANE), at(3_400));
        assert_eq!(holds.until((Feed::XMentions, Route::Direct)), at(3_700));
        holds.open(LANE, at(3_000));
        assert!(!holds.has(LANE), "a call that began after the failure, by the new clock");
    }

    #[test]
    fn a_success_that_began_before_the_failure_proves_nothing() {
        let mut holds = Holds::new(fastrand::Rng::with_seed(1));
        holds.hold(LANE, at(100), Some(at(500)), at(101));
        holds.open(LANE, at(100));
        assert_eq!(holds.until(LANE), at(500));
        holds.open(LANE, at(501));
        assert!(!holds.has(LANE));
        assert_eq!(holds.until(LANE), Timestamp::MIN);
    }
}
