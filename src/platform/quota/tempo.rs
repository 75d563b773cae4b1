//! How often a feed is polled.

use std::{sync::Mutex, time::Duration};

use jiff::Timestamp;

use super::lock;
use crate::clock::after;

/// A citizen in need writes again: so long after a message a feed is polled faster, by this factor.
const LIVELY: Duration = Duration::from_secs(5 * 60);
const FASTER: u32 = 3;

/// The interval of one feed: slower when its quota runs short, faster for some minutes after a message came.
pub struct Tempo {
    base: Duration,
    floor: Duration,
    last_message: Mutex<Option<Timestamp>>,
}

/// A feed that is read no more often than this costs hardly anything: the quota does not make it rarer.
const RARE: Duration = Duration::from_secs(15 * 60);

impl Tempo {
    /// `base` is the interval of an ordinary day; it is never below `floor`.
    pub const fn new(base: Duration, floor: Duration) -> Self {
        Self { base, floor, last_message: Mutex::new(None) }
    }

    /// A citizen's message was seen for the first time.
    pub fn message_came(&self, now: Timestamp) {
        *lock(&self.last_message) = Some(now);
    }

    /// The time from one poll to the next.
    ///
    /// `stretch` comes from the quota; above 1 there is no hurry. `least` is what Meta's formula leaves to the feed on
    /// average, zero where it is not known. X's windows have the last word: `Windows::next_call`.
    pub fn interval(&self, stretch: f64, least: Duration, now: Timestamp) -> Duration {
        let usual = self.base.max(least);
        let wanted = if stretch > 1.0 {
            let stretched = Duration::try_from_secs_f64(usual.as_secs_f64() * stretch).unwrap_or(Duration::MAX);
            stretched.min(RARE.max(usual))
        } else if self.is_lively(now) {
            usual / FASTER
        } else {
            usual
        };
        wanted.max(self.floor)
    }

    /// The shortest interval.
    pub const fn floor(&self) -> Duration {
        self.floor
    }

    fn is_lively(&self, now: Timestamp) -> bool {
        // A message from the future means a clock set back: no hurry for an unknown time.
        lock(&self.last_message).is_some_and(|came| came <= now && now < after(came, LIVELY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn later(seconds: u64) -> Timestamp {
        after(NOW, Duration::from_secs(seconds))
    }

    #[test]
    fn an_ordinary_day_has_the_interval_of_the_file() {
        let tempo = Tempo::new(seconds(15), seconds(5));
        assert_eq!(tempo.interval(1.0, Duration::ZERO, NOW), seconds(15));
        assert_eq!(tempo.interval(8.0, Duration::ZERO, NOW), seconds(120));
        assert_eq!(tempo.interval(1.0, seconds(40), NOW), seconds(40), "the formula allows no more");
        assert_eq!(tempo.interval(2.0, seconds(40), NOW), seconds(80));
        assert_eq!(Tempo::new(seconds(3), seconds(5)).interval(1.0, Duration::ZERO, NOW), seconds(5));
    }

    #[test]
    fn after_a_message_polls_come_faster_for_some_minutes() {
        let tempo = Tempo::new(seconds(60), seconds(5));
        tempo.message_came(NOW);
        assert_eq!(tempo.interval(1.0, Duration::ZERO, later(0)), seconds(20));
        assert_eq!(tempo.interval(1.0, Duration::ZERO, later(299)), seconds(20));
        assert_eq!(tempo.interval(1.0, Duration::ZERO, later(300)), seconds(60));
        tempo.message_came(later(290));
        assert_eq!(
            tempo.interval(1.0, Duration::ZERO, later(500)),
            seconds(20),
            "another message, another five minutes"
        );
    }

    #[test]
    fn hurry_ends_at_the_floor_and_where_the_quota_runs_short() {
        let tempo = Tempo::new(seconds(90), seconds(60));
        tempo.message_came(NOW);
        assert_eq!(tempo.interval(1.0, Duration::ZERO, NOW), seconds(60));
        assert_eq!(tempo.interval(1.01, Duration::ZERO, NOW).as_millis(), 90_900);
    }

    #[test]
    fn a_clock_set_back_brings_no_hurry_without_end() {
        let tempo = Tempo::new(seconds(60), seconds(5));
        tempo.message_came(later(100_000));
        assert_eq!(tempo.interval(1.0, Duration::ZERO, NOW), seconds(60));
    }

    #[test]
    fn a_feed_that_is_seldom_read_is_not_read_still_less_often() {
        let stretched = |usual| Tempo::new(seconds(usual), seconds(5)).interval(8.0, Duration::ZERO, NOW);
        assert_eq!(stretched(15), seconds(120));
        assert_eq!(stretched(300), RARE);
        assert_eq!(stretched(3600), seconds(3600));
    }

    #[test]
    fn odd_numbers_do_no_harm() {
        let tempo = Tempo::new(seconds(60), seconds(5));
        for stretch in [f64::NAN, -1.0, 0.0] {
            assert_eq!(tempo.interval(stretch, Duration::ZERO, NOW), seconds(60), "{stretch}");
        }
        assert_eq!(tempo.interval(f64::INFINITY, Duration::ZERO, NOW), RARE);
        assert_eq!(tempo.interval(2.0, Duration::MAX, NOW), Duration::MAX);
    }
}
