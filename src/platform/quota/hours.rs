//! Our own calls of the last day, hour by hour.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The running hour and the 24 before it: never less than a rolling day.
const KEPT: usize = 25;
const HOUR: i64 = 3600;

/// How many calls were made in each hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Hours {
    /// The running hour, counted from 1970.
    hour: i64,
    /// The running hour first.
    calls: VecDeque<u32>,
}

impl Hours {
    /// Counts one call.
    pub fn count(&mut self, now: Timestamp) {
        self.turn(now);
        if let Some(running) = self.calls.front_mut() {
            *running = running.saturating_add(1);
        }
    }

    /// The calls of the last 24 to 25 hours.
    pub fn total(&mut self, now: Timestamp) -> u32 {
        self.turn(now);
        self.calls.iter().fold(0, |sum, calls| sum.saturating_add(*calls))
    }

    /// A clock set back forgets nothing: what was counted then counts as of now.
    fn turn(&mut self, now: Timestamp) {
        let hour = now.as_second().div_euclid(HOUR);
        let passed = usize::try_from(hour.saturating_sub(self.hour)).unwrap_or(0).min(KEPT);
        for _ in 0..passed.max(usize::from(self.calls.is_empty())) {
            self.calls.push_front(0);
        }
        self.calls.truncate(KEPT);
        self.hour = hour;
    }
}

/// When the next hour begins, and the oldest one is forgotten.
pub(super) fn next_hour(now: Timestamp) -> Timestamp {
    Timestamp::from_second((now.as_second().div_euclid(HOUR) + 1) * HOUR).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_call_counts_for_a_whole_day_and_an_hour_at_most() {
        let mut hours = Hours::default();
        hours.count(at(10 * HOUR + 3599));
        hours.count(at(11 * HOUR));
        assert_eq!(hours.total(at(34 * HOUR + 3599)), 2);
        assert_eq!(hours.total(at(35 * HOUR)), 1);
        assert_eq!(hours.total(at(36 * HOUR)), 0);
        hours.count(at(500_000 * HOUR));
        assert_eq!(hours.total(at(500_000 * HOUR)), 1);
    }

    #[test]
    fn a_clock_set_back_forgets_no_call() {
        let mut hours = Hours::default();
        hours.count(at(500 * HOUR));
        assert_eq!(hours.total(at(100 * HOUR)), 1);
        assert_eq!(hours.total(at(124 * HOUR)), 1);
        assert_eq!(hours.total(at(125 * HOUR)), 0);
    }

    #[test]
    fn the_next_hour_is_always_ahead() {
        assert_eq!(next_hour(at(2 * HOUR)), at(3 * HOUR));
        assert_eq!(next_hour(at(2 * HOUR + 3599)), at(3 * HOUR));
        assert_eq!(next_hour(at(-1)), at(0));
    }
}
