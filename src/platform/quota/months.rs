//! What was spent in each month of the UTC calendar, as X bills it.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// So many months are kept, so that a clock that was wrong for a while loses none that counts.
const KEPT: usize = 12;

/// Millionths of a dollar by month, such as `202611`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Months(BTreeMap<i32, u64>);

impl Months {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was spent in the month of `now`.
    pub fn spent(&self, now: Timestamp) -> u64 {
        self.0.get(&name(now)).copied().unwrap_or(0)
    }

    /// Adds to the month of `now`.
    pub fn add(&mut self, amount: u64, now: Timestamp) {
        let month = name(now);
        let spent = self.0.entry(month).or_default();
        *spent = spent.saturating_add(amount);
        while self.0.len() > KEPT {
            let Some(oldest) = self.0.keys().copied().find(|kept| *kept != month) else { return };
            self.0.remove(&oldest);
        }
    }
}

fn date(now: Timestamp) -> Date {
    now.to_zoned_datetime(TimeZone::UTC).date()
}

/// The month of `now` as a number.
pub(super) fn name(now: Timestamp) -> i32 {
    let date = date(now);
    i32::from(date.year()) * 100 + i32::from(date.month())
}

/// The day of `now`, counted from 1970.
pub(super) fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(24 * 3600)
}

/// When the month of `now` began, and when the next one begins.
pub(super) fn bounds(now: Timestamp) -> (Timestamp, Timestamp) {
    let first = date(now).first_of_month();
    let midnight = |date: Date| date.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let next = first.checked_add(1.month()).ok().and_then(midnight).unwrap_or(Timestamp::MAX);
    (midnight(first).unwrap_or(Timestamp::MIN), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_those_of_utc() {
        assert_eq!(name(at("2026-12-01T00:30:00+01:00")), 202_611);
        assert_eq!(bounds(at("2026-12-31T23:59:59Z")), (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z")));
        assert_eq!(bounds(Timestamp::MAX).1, Timestamp::MAX);
    }

    #[test]
    fn a_clock_that_jumps_between_months_loses_nothing() {
        let mut months = Months::default();
        months.add(5, at("2027-01-31T23:00:00Z"));
        months.add(7, at("2038-01-19T03:14:07Z"));
        assert_eq!(months.spent(at("2027-01-31T23:00:00Z")), 5);
        assert_eq!(months.spent(at("2027-02-01T00:00:00Z")), 0);
    }

    #[test]
    fn old_months_are_let_go_but_never_the_running_one() {
        let mut months = Months::default();
        for month in 1..=12 {
            months.add(1, at(&format!("2026-{month:02}-05T00:00:00Z")));
        }
        months.add(3, at("1970-01-01T00:00:00Z"));
        assert_eq!(months.spent(at("1970-01-01T00:00:00Z")), 3);
        assert_eq!((months.0.len(), months.spent(at("2026-01-05T00:00:00Z"))), (12, 0));
    }
}
