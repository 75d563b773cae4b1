//! Windows that reset.

use std::{collections::HashMap, sync::Mutex};

use http::HeaderMap;
use jiff::Timestamp;

use crate::{
    clock::{after, between},
    http::unix_seconds,
};

/// The windows of `x-rate-limit-*` headers, one per route.
#[derive(Default)]
pub struct Windows(Mutex<HashMap<&'static str, Window>>);

#[derive(Clone, Copy)]
struct Window {
    limit: i64,
    remaining: i64,
    reset: Timestamp,
}

/// Below this share of its limit a window's rest is spread evenly until the reset.
const SPREAD_BELOW: i64 = 5;

impl Windows {
    /// The time before which a route must not be called, if its window is used up.
    pub fn closed_until(&self, route: &str, now: Timestamp) -> Option<Timestamp> {
        let window = *lock(&self.0).get(route)?;
        (window.remaining <= 0 && window.reset > now).then_some(window.reset)
    }

    /// The time before which a route should not be called, so that what is left lasts until the reset.
    pub fn next_call(&self, route: &str, now: Timestamp) -> Option<Timestamp> {
        let window = *lock(&self.0).get(route)?;
        let scarce = window.remaining * SPREAD_BELOW <= window.limit && window.reset > now;
        let share = u32::try_from(window.remaining.max(0) + 1).unwrap_or(u32::MAX);
        scarce.then(|| after(now, between(now, window.reset) / share))
    }

    /// Takes in the headers of an answer. A missing header says nothing (X leaves them out of a 401).
    pub fn learn(&self, route: &'static str, headers: &HeaderMap) {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        if let (Some(remaining), Some(reset)) =
            (number("x-rate-limit-remaining"), unix_seconds(headers, "x-rate-limit-reset"))
        {
            let limit = number("x-rate-limit-limit").unwrap_or(remaining);
            lock(&self.0).insert(route, Window { limit, remaining, reset });
        }
    }
}

/// A poisoned lock only means that another task panicked; the numbers inside are still good.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn headers(limit: &str, remaining: &str, reset: &str) -> HeaderMap {
        [("x-rate-limit-limit", limit), ("x-rate-limit-remaining", remaining), ("x-rate-limit-reset", reset)]
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn a_used_up_window_is_closed_until_its_reset_and_not_longer() {
        let windows = Windows::default();
        assert_eq!(windows.closed_until("dm", at(1000)), None);
        windows.learn("dm", &headers("15", "0", "1900"));
        assert_eq!(windows.closed_until("dm", at(1000)), Some(at(1900)));
        assert_eq!(windows.closed_until("dm", at(1900)), None);
        assert_eq!(windows.closed_until("mentions", at(1000)), None);
    }

    #[test]
    fn what_is_left_of_a_scarce_window_is_spread_to_its_end() {
        let windows = Windows::default();
        windows.learn("dm", &headers("15", "14", "1900"));
        assert_eq!(windows.next_call("dm", at(1000)), None);
        windows.learn("dm", &headers("15", "2", "1900"));
        assert_eq!(windows.next_call("dm", at(1000)), Some(at(1300)));
    }

    #[test]
    fn an_answer_without_headers_does_not_reopen_a_window() {
        let windows = Windows::default();
        windows.learn("dm", &headers("15", "0", "1900"));
        windows.learn("dm", &HeaderMap::new());
        assert_eq!(windows.closed_until("dm", at(1000)), Some(at(1900)));
    }
}
