//! An even pace: one call after the other, with a gap between them.

use std::{sync::Mutex, time::Duration};

use jiff::Timestamp;

use super::lock;
use crate::clock::{Clock, after};

/// The two inboxes, their two senders, and looks at several conversations at once.
const LONGEST_LINE: u32 = 16;

/// Lets calls through one by one with a gap between them.
///
/// Meta allows two conversation calls a second for a Page (`platforms/meta.md` 6); whether its Instagram account has two
/// of its own is not certain, so both share one pace.
pub struct Pace {
    clock: Clock,
    gap: Duration,
    next: Mutex<Timestamp>,
}

impl Pace {
    /// At most one call per `gap`; the first one a gap from now, since the process may just have been restarted.
    pub fn new(clock: Clock, gap: Duration) -> Self {
        Self { clock, gap, next: Mutex::new(after(clock.now(), gap)) }
    }

    /// Waits for the next free place.
    pub async fn turn(&self) {
        let now = self.clock.now();
        let place = {
            let mut next = lock(&self.next);
            // A clock set back must not leave a place far in the future; more than so many never wait in line.
            let place = (*next).clamp(now, after(now, self.gap * LONGEST_LINE));
            *next = after(place, self.gap);
            place
        };
        if place > now {
            self.clock.sleep_until(place).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::between;

    #[tokio::test(start_paused = true)]
    async fn calls_leave_one_by_one() {
        let start = Timestamp::from_second(1000).unwrap();
        let clock = Clock::starting_at(start);
        let pace = Pace::new(clock, Duration::from_millis(600));
        for _ in 0..3 {
            pace.turn().await;
        }
        assert_eq!(between(start, clock.now()), Duration::from_millis(1800));
    }
}
