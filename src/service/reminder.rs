//! Tells in the log what a human should look at in the zone's file, at the start and once a day, and when a quiet period
//! begins and ends.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::{
    clock::Clock,
    config::{Zone, advice},
};

const DAY: Duration = Duration::from_hours(24);

/// What has been told.
pub struct Reminder {
    clock: Clock,
    /// By a clock that nobody can set, so that setting it repeats nothing.
    told_at: Option<Instant>,
    quiet: bool,
}

impl Reminder {
    /// Nothing told yet.
    pub const fn new(clock: Clock) -> Self {
        Self { clock, told_at: None, quiet: false }
    }

    /// Tells what is due.
    pub fn look(&mut self, zone: &Zone, now: Timestamp) {
        let quiet = zone.policy.quiet_period.as_ref().is_some_and(|quiet| quiet.is_on(now));
        let turned = std::mem::replace(&mut self.quiet, quiet) != quiet;
        if turned && !quiet {
            info!("the quiet period is over: all is answered as usual");
        }
        let steady = self.clock.steady();
        let due = self.told_at.is_none_or(|at| steady.saturating_duration_since(at) >= DAY);
        // A period that begins is told with everything else.
        if due || (turned && quiet) {
            self.told_at = Some(steady);
            for words in advice(zone, now) {
                warn!("to look at: {words}");
            }
        }
    }
}
