//! Staying inside what a platform allows, in calls and in money.
//!
//! Nothing here does I/O or reads the time. An adapter asks for a call before it makes it, and shows the answer's headers
//! afterwards; the service saves what a restart must not forget.

mod costs;
mod forecast;
mod hours;
mod keeping;
mod meta;
mod moment;
mod money;
mod months;
mod pace;
mod pool;
mod prices;
mod saved;
mod shown;
mod tempo;
mod usage;
mod windows;
mod x;

pub use costs::Costs;
pub use forecast::{Allowance, Forecast, Planned, Taken};
pub use meta::MetaQuota;
pub use money::{Held, Level, Money, Spending};
pub use pace::Pace;
pub use prices::{Priced, Sent, Usd};
pub use saved::Saved;
pub use shown::{Headers, Shown};
pub use tempo::Tempo;
pub use usage::Pool;
pub use windows::Windows;
pub use x::XQuota;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a call is for: the less it matters, the sooner it gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A read that can be done without: a slow sweep of further folders.
    Optional,
    /// A poll of a feed, and the pages that belong to it.
    Poll,
    /// A look for a reply whose result is unknown.
    ReadBack,
    /// A reply.
    Send,
}

/// The longest stretch of an interval.
const SLOWEST: f64 = 8.0;

/// By how much to lengthen an interval at a percentage: 1 until `from`, growing evenly to [`SLOWEST`] at `full`.
fn slower(percent: f64, from: f64, full: f64) -> f64 {
    SLOWEST.powf(((percent - from) / (full - from)).clamp(0.0, 1.0))
}

/// Which share of a whole a part is, from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a share is for the eye")]
fn share(part: u64, whole: u64) -> f64 {
    (part as f64 / whole.max(1) as f64).min(1.0)
}

/// A poisoned lock only means that another task panicked; the numbers inside are still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod properties;
