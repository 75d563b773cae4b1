//! One of Meta's pools as it was last seen.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Purpose,
    hours::{Hours, next_hour},
    moment::{Moment, Until},
    usage::Pool,
};
use crate::clock::{after, between};

/// From here the service does without what it can do without, and slows down (`platforms/meta.md` 6).
pub(super) const OPTIONAL_STOP: f64 = 80.0;
/// From here nothing is polled (`platforms/meta.md` 6).
pub(super) const POLL_STOP: f64 = 95.0;
/// From here nothing is sent; at 100 Meta refuses.
const SEND_STOP: f64 = 99.0;
/// What a pool counts as after a block whose end has come: polled again, slowly, until a header says more.
const REGAINED: f64 = POLL_STOP - 1.0;

/// The pauses before a probe, and of a block whose end nobody named.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(15 * 60), Duration::from_secs(30 * 60), Duration::from_secs(60 * 60)];
/// From here a probe may take what is left for sends, so it waits for half of the rolling day.
const LAST_PROBES: f64 = 98.0;
const LAST_PAUSE: Duration = Duration::from_secs(12 * 3600);
/// A block so long after another one begins with the short pause again.
const QUIET: Duration = Duration::from_secs(2 * 3600);

/// The rolling window of the app's own pool, and of all others.
const APP_WINDOW: Duration = Duration::from_secs(3600);
const WINDOW: Duration = Duration::from_secs(24 * 3600);

/// What is known of one pool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PoolState {
    reading: Option<Reading>,
    closed: Option<Until>,
    /// Whether nothing was read since that block began, but what was true before its end.
    regains: bool,
    last_poll: Option<Moment>,
    /// How many pauses were taken in a row.
    pauses: usize,
    hours: Hours,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Reading {
    percent: u16,
    at: Moment,
    /// Our own calls of the day before it.
    calls: u32,
}

impl PoolState {
    /// The time before which a call must not be made, if it must not be made now.
    ///
    /// Where no end is known, the time is that of the next probe, or when another hour of calls leaves the window.
    pub fn refusal(&mut self, pool: Pool, purpose: Purpose, now: Timestamp) -> Option<Timestamp> {
        if let Some(end) = self.closed(now) {
            return Some(end);
        }
        let counted = self.counted(pool, now);
        let stop = match purpose {
            Purpose::Optional => OPTIONAL_STOP,
            Purpose::Poll => POLL_STOP,
            Purpose::ReadBack | Purpose::Send => SEND_STOP,
        };
        if counted < stop {
            return None;
        }
        let again = match pool {
            Pool::App => after(self.read_at(now), APP_WINDOW),
            _ => next_hour(now),
        };
        if purpose != Purpose::Poll {
            return Some(again);
        }
        let probe = self.probe(counted, now);
        (probe > now).then(|| probe.min(again))
    }

    /// A call goes out.
    pub fn admitted(&mut self, pool: Pool, purpose: Purpose, now: Timestamp) {
        if purpose == Purpose::Poll {
            if self.counted(pool, now) >= POLL_STOP {
                self.pauses = self.pauses.saturating_add(1);
            }
            self.last_poll = Some(now.into());
        }
        self.hours.count(now);
    }

    /// Takes in what a header said.
    pub fn read(&mut self, percent: u16, regained_in: Duration, now: Timestamp) {
        if f64::from(percent) < POLL_STOP {
            self.pauses = 0;
        }
        if self.closed(now).is_none() {
            self.regains = false;
        }
        self.reading = Some(Reading { percent, at: now.into(), calls: self.hours.total(now) });
        if !regained_in.is_zero() {
            self.close(Some(after(now, regained_in)), now);
        }
    }

    /// Closes the pool until a named end, or for a pause that grows. It never ends sooner than was known before.
    pub fn close(&mut self, end: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let known = self.closed(now);
        let end = end.unwrap_or_else(|| {
            if self.closed.is_none_or(|closed| between(closed.named().at(), now) > QUIET) {
                self.pauses = 0;
            }
            let pause = self.pause();
            self.pauses = self.pauses.saturating_add(1);
            after(now, pause)
        });
        self.closed = Some(Until::new(end.max(known.unwrap_or(now)), now));
        self.regains = true;
        self.closed(now).unwrap_or(now)
    }

    /// The end of a block that lasts.
    pub fn closed(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.closed.as_mut()?.ahead(now)
    }

    /// The percentage that counts now.
    ///
    /// Meta counts over a rolling day. What a header showed was spent by the calls of the day before it, and falls as
    /// these leave the day: so much of it counts as our own calls of that day are still in the window. It counts in full
    /// where we made none, and nothing of it counts after a day. The app's window is an hour and shared with
    /// others, so its reading simply lasts an hour.
    pub fn counted(&mut self, pool: Pool, now: Timestamp) -> f64 {
        let calls = self.hours.total(now);
        let age = between(self.read_at(now), now);
        let Some(reading) = self.reading else { return 0.0 };
        let window = if pool == Pool::App { APP_WINDOW } else { WINDOW };
        let left = match reading.calls {
            _ if age >= window => 0.0,
            0 => 1.0,
            _ if pool == Pool::App => 1.0,
            then => (f64::from(calls) / f64::from(then)).min(1.0),
        };
        let counted = f64::from(reading.percent) * left;
        if self.regains && self.closed(now).is_none() { counted.min(REGAINED) } else { counted }
    }

    /// How many of the stops the pool has passed.
    pub fn stops_passed(&mut self, pool: Pool, now: Timestamp) -> usize {
        let counted = self.counted(pool, now);
        [OPTIONAL_STOP, POLL_STOP, SEND_STOP].into_iter().filter(|stop| counted >= *stop).count()
    }

    /// When one poll may try whether the pool has room again.
    fn probe(&mut self, counted: f64, now: Timestamp) -> Timestamp {
        // A clock set back must not leave the last poll ahead.
        self.last_poll = self.last_poll.map(|at| at.min(now.into()));
        let since = self.last_poll.map_or_else(|| self.read_at(now), Moment::at);
        after(since, if counted < LAST_PROBES { self.pause() } else { LAST_PAUSE })
    }

    fn pause(&self) -> Duration {
        PAUSES[self.pauses.min(PAUSES.len() - 1)]
    }

    /// When the last header was read, `now` if never. A clock set back must not leave it ahead.
    fn read_at(&mut self, now: Timestamp) -> Timestamp {
        let Some(reading) = &mut self.reading else { return now };
        reading.at = reading.at.min(now.into());
        reading.at.at()
    }
}

#[cfg(test)]
mod tests;
