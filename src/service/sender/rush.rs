//! The summary of a rush: how many wait, in which order they are answered, and how long it took. Counts only.

use std::time::Duration;

use jiff::Timestamp;
use tracing::{info, warn};

use crate::{
    clock::between,
    model::{Outcome, Platform},
};

/// From so many waiting replies on it is a rush.
const MANY: usize = 100;
/// A rush is over when fewer have been waiting for so long.
const QUIET: Duration = Duration::from_secs(60);
/// How often a rush is told of while it lasts.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// Longest waits are told in steps of so many seconds, so that none can be matched with a single line of the log.
const STEP_SECONDS: u64 = 10;

/// Whether very many wait for an answer at once, and what became of them.
pub struct Rush {
    account: Platform,
    now: Option<Tally>,
}

struct Tally {
    began: Timestamp,
    told: Timestamp,
    /// When many were last waiting.
    many: Timestamp,
    most: usize,
    answered: u64,
    urgent: u64,
    unanswered: u64,
    longest: Duration,
    longest_urgent: Duration,
}

impl Rush {
    /// All quiet.
    pub const fn new(account: Platform) -> Self {
        Self { account, now: None }
    }

    /// Sees how many wait, and how many of them are urgent; tells when a rush begins, goes on and ends. Returns how many
    /// wait while it lasts.
    pub fn see(&mut self, (waiting, urgent): (usize, usize), now: Timestamp) -> Option<usize> {
        if waiting >= MANY && self.now.is_none() {
            warn!(
                account = self.account.name(),
                waiting, urgent, "many replies wait: urgent ones are posted first, then the oldest"
            );
            self.now = Some(Tally::new(now));
        }
        let account = self.account;
        let tally = self.now.as_mut()?;
        tally.most = tally.most.max(waiting);
        if waiting >= MANY {
            tally.many = now;
        }
        if between(tally.many, now) >= QUIET {
            self.stop((waiting, urgent), now);
            return None;
        }
        if between(tally.told, now) >= EVERY {
            tally.told = now;
            tally.tell(account, (waiting, urgent), now, "many replies still wait");
        }
        Some(waiting)
    }

    /// A reply ended that had waited so long.
    pub fn ended(&mut self, outcome: Outcome, urgent: bool, waited: Duration) {
        let Some(tally) = &mut self.now else { return };
        if outcome != Outcome::Sent {
            tally.unanswered += 1;
            return;
        }
        tally.answered += 1;
        tally.longest = tally.longest.max(waited);
        if urgent {
            tally.urgent += 1;
            tally.longest_urgent = tally.longest_urgent.max(waited);
        }
    }

    /// The rush is over, or the service stops in it: its sum.
    pub fn stop(&mut self, waiting: (usize, usize), now: Timestamp) {
        if let Some(tally) = self.now.take() {
            tally.tell(self.account, waiting, now, "the rush of replies is over");
        }
    }
}

impl Tally {
    const fn new(now: Timestamp) -> Self {
        Self {
            began: now,
            told: now,
            many: now,
            most: 0,
            answered: 0,
            urgent: 0,
            unanswered: 0,
            longest: Duration::ZERO,
            longest_urgent: Duration::ZERO,
        }
    }

    fn tell(&self, account: Platform, (waiting, urgent): (usize, usize), now: Timestamp, what: &str) {
        info!(
            account = account.name(),
            waiting,
            urgent,
            answered = self.answered,
            urgent_answered = self.urgent,
            unanswered = self.unanswered,
            most_waiting = self.most,
            longest_seconds = stepped(self.longest),
            urgent_longest_seconds = stepped(self.longest_urgent),
            lasted_seconds = between(self.began, now).as_secs(),
            "{what}: urgent ones are posted first, then the oldest"
        );
    }
}

/// Whole steps, never less than the wait itself.
const fn stepped(waited: Duration) -> u64 {
    waited.as_secs().div_ceil(STEP_SECONDS) * STEP_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_rush_begins_with_many_and_ends_after_a_quiet_minute() {
        let mut rush = Rush::new(Platform::Facebook);
        assert_eq!(rush.see((MANY - 1, 3), at(0)), None);
        assert_eq!(rush.see((MANY, 3), at(1)), Some(MANY));
        rush.ended(Outcome::Sent, true, Duration::from_secs(4));
        rush.ended(Outcome::Sent, false, Duration::from_secs(31));
        rush.ended(Outcome::Expired, false, Duration::from_secs(7200));
        assert_eq!(rush.see((2, 0), at(60)), Some(2), "a page drained quickly is no end");
        let tally = rush.now.as_ref().unwrap();
        assert_eq!((tally.answered, tally.urgent, tally.unanswered, tally.most), (2, 1, 1, MANY));
        assert_eq!((stepped(tally.longest), stepped(tally.longest_urgent)), (40, 10));
        assert_eq!(rush.see((2, 0), at(61)), None);
        assert!(rush.now.is_none());
    }
}
