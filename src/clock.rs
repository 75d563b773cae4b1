//! The only reader of time. Everything else is handed a [`Clock`] or a [`Timestamp`].

use std::{
    future::Future,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Who waits for a point in time looks this often whether the clock was set.
const LOOK: Duration = Duration::from_secs(5);

/// Where "now" comes from. Cheap to copy.
///
/// Waiting always goes through tokio's timer, so that a test can pause it.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// `None` is the system's clock, read at each call, so that a corrected clock is followed.
    simulated: Option<Start>,
}

#[derive(Debug, Clone, Copy)]
struct Start {
    at: Timestamp,
    origin: Instant,
    /// By how many milliseconds somebody has set the clock wrong.
    hand: Option<&'static AtomicI64>,
}

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Self { simulated: None }
    }

    /// A clock that reads `at` now and moves with tokio's timer, paused or not.
    pub fn starting_at(at: Timestamp) -> Self {
        Self { simulated: Some(Start { at, origin: Instant::now(), hand: None }) }
    }

    /// The same, set wrong by as many milliseconds as `hand` says at each reading: a clock that somebody sets while it runs.
    pub fn set_by(at: Timestamp, hand: &'static AtomicI64) -> Self {
        Self { simulated: Some(Start { at, origin: Instant::now(), hand: Some(hand) }) }
    }

    /// The time now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the time is read")]
    pub fn now(&self) -> Timestamp {
        match self.simulated {
            None => Timestamp::now(),
            Some(start) => {
                let wrong = start.hand.map_or(0, |hand| hand.load(Ordering::Relaxed));
                start.at + Instant::now().saturating_duration_since(start.origin) + SignedDuration::from_millis(wrong)
            }
        }
    }

    /// A clock that nobody can set; only differences of its readings mean something.
    pub fn steady(&self) -> Instant {
        Instant::now()
    }

    /// Waits for a length of time.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where anything sleeps")]
    pub async fn sleep(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }

    /// Waits until a point in time; returns at once when it has passed.
    ///
    /// A clock that is set meanwhile may end the wait, within five seconds, and never makes it longer.
    pub async fn sleep_until(&self, at: Timestamp) {
        let mut left = between(self.now(), at);
        while !left.is_zero() {
            let piece = left.min(LOOK);
            self.sleep(piece).await;
            left = left.saturating_sub(piece).min(between(self.now(), at));
        }
    }

    /// Runs `work` for at most `limit`; `None` when it did not end in time.
    pub async fn within<F: Future>(&self, limit: Duration, work: F) -> Option<F::Output> {
        tokio::time::timeout(limit, work).await.ok()
    }
}

/// Finds out that somebody has set the machine's clock.
#[derive(Debug)]
pub struct Hands {
    clock: Clock,
    shown: Timestamp,
    steady: Instant,
}

impl Hands {
    /// Looks at the clock for the first time.
    pub fn new(clock: Clock) -> Self {
        Self { clock, shown: clock.now(), steady: clock.steady() }
    }

    /// By how much the clock was set since the last look, if by more than `least`.
    pub fn set(&mut self, least: Duration) -> Option<SignedDuration> {
        let (shown, steady) = (self.clock.now(), self.clock.steady());
        let went =
            SignedDuration::try_from(steady.saturating_duration_since(self.steady)).unwrap_or(SignedDuration::MAX);
        let set = shown.duration_since(self.shown).saturating_sub(went);
        (self.shown, self.steady) = (shown, steady);
        (set.unsigned_abs() > least).then_some(set)
    }
}

/// A point in time of a clock that was set `by` so much, by the clock as it goes now.
pub fn shifted(at: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(by).unwrap_or(end)
}

/// The time from `earlier` to `later`, zero when it is the other way round.
pub fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or(Duration::ZERO)
}

/// `at` less `length`, held at the earliest time there is.
pub fn before(at: Timestamp, length: Duration) -> Timestamp {
    at.checked_sub(length).unwrap_or(Timestamp::MIN)
}

/// `at` plus `length`, held at the latest time there is.
pub fn after(at: Timestamp, length: Duration) -> Timestamp {
    at.checked_add(length).unwrap_or(Timestamp::MAX)
}
