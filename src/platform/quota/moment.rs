//! Points in time as they are kept across a restart.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::{after, before, between};

/// No window of Meta or X is longer than a day; an hour for clocks that differ. A later end is taken for nonsense.
const LONGEST: Duration = Duration::from_secs(25 * 3600);
/// A clock is corrected by less than this all the time.
const CORRECTION: Duration = Duration::from_secs(60);

/// A point in time in whole milliseconds, rounded up, so that it can be kept as a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Moment(i64);

impl Moment {
    /// The same as a timestamp; a number out of range is the end of time on its side.
    pub fn at(self) -> Timestamp {
        let beyond = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_millisecond(self.0).unwrap_or(beyond)
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        let whole = Self(at.as_millisecond());
        if whole.at() < at { Self(whole.0 + 1) } else { whole }
    }
}

/// The end of a wait. A clock set back in the meantime does not lengthen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Until {
    at: Moment,
    /// When this was last looked at.
    seen: Moment,
}

impl Until {
    /// A wait until `at`, a little more than a day at most.
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { at: at.min(after(now, LONGEST)).into(), seen: now.into() }
    }

    /// The end as it was named.
    pub const fn named(&self) -> Moment {
        self.at
    }

    /// The end, while it lies ahead.
    pub fn ahead(&mut self, now: Timestamp) -> Option<Timestamp> {
        let back = between(now, self.seen.at());
        if back > CORRECTION {
            self.at = before(self.at.at(), back).into();
        }
        self.at = self.at.min(after(now, LONGEST).into());
        self.seen = now.into();
        (self.at.at() > now).then(|| self.at.at())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_kept_moment_is_never_earlier_than_the_real_one() {
        let odd = Timestamp::new(1000, 1).unwrap();
        assert_eq!(Moment::from(odd).at(), Timestamp::from_millisecond(1_000_001).unwrap());
        assert_eq!(Moment::from(at(1000)).at(), at(1000));
        assert_eq!(Moment::from(Timestamp::MAX).at(), Timestamp::MAX);
        assert_eq!(Moment(i64::MIN).at(), Timestamp::MIN);
    }

    #[test]
    fn a_wait_ends_when_it_was_to_end() {
        let mut until = Until::new(at(1900), at(1000));
        assert_eq!(until.ahead(at(1899)), Some(at(1900)));
        assert_eq!(until.ahead(at(1900)), None);
    }

    #[test]
    fn a_clock_set_back_neither_lengthens_a_wait_nor_ends_it() {
        let mut until = Until::new(at(101_000), at(100_000));
        assert_eq!(until.ahead(at(100_400)), Some(at(101_000)));
        assert_eq!(until.ahead(at(50_400)), Some(at(51_000)), "600 seconds were left and are left");
        assert_eq!(until.ahead(at(50_399)), Some(at(51_000)), "a small correction changes nothing");
    }

    #[test]
    fn an_end_far_beyond_any_window_is_not_believed() {
        assert_eq!(Until::new(Timestamp::MAX, at(0)).ahead(at(0)), Some(after(at(0), LONGEST)));
        let mut broken = Until { at: Moment(i64::MAX), seen: at(0).into() };
        assert_eq!(broken.ahead(at(0)), Some(after(at(0), LONGEST)));
    }
}
