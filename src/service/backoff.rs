//! How long to wait after a failure: doubling, bounded, with jitter so that zones do not march in step.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::after;

/// No pause that a platform names is obeyed for longer before it is asked again.
const LONGEST: Duration = Duration::from_secs(25 * 3600);

/// A growing pause. Starts again after [`Backoff::reset`].
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
    random: fastrand::Rng,
}

impl Backoff {
    /// From `first`, doubling up to `most`.
    pub const fn new(first: Duration, most: Duration, random: fastrand::Rng) -> Self {
        Self { first, most, failures: 0, random }
    }

    /// The next pause: between half and the whole of the doubled length.
    pub fn next(&mut self) -> Duration {
        let whole = self.first.saturating_mul(1 << self.failures.min(16)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        whole.mul_f64(0.5 + self.random.f64() / 2.0)
    }

    /// Whether one pause was taken since the last success.
    pub const fn is_first(&self) -> bool {
        self.failures == 1
    }

    /// A success: the next pause is a short one again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

/// The end of a pause that a platform named, as far as it is believed: a nonsense must not silence anybody for good.
pub fn believed(end: Timestamp, now: Timestamp) -> Timestamp {
    end.min(after(now, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_bound_and_start_again_after_a_success() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), fastrand::Rng::with_seed(1));
        let bounds = [1, 2, 4, 8, 16, 32, 60, 60].map(Duration::from_secs);
        for bound in bounds {
            let pause = backoff.next();
            assert!(pause <= bound && pause >= bound / 2, "{pause:?} is not within {bound:?}");
        }
        backoff.reset();
        assert!(backoff.next() <= Duration::from_secs(1));
    }

    #[test]
    fn a_pause_of_centuries_lasts_a_day() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let hour = after(now, Duration::from_secs(3600));
        assert_eq!(believed(hour, now), hour);
        assert_eq!(believed(Timestamp::MAX, now), after(now, LONGEST));
    }
}
