//! Staying inside what a platform allows, in calls and in money.

mod pace;

pub use pace::Pace;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A poisoned lock only means that another task panicked; the numbers inside are still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
