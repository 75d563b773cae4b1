//! When a platform says "come back later", when is that?

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

use crate::clock::after;

/// The time named by `Retry-After`: seconds, or an HTTP date (RFC 9110, section 10.2.3).
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(after(now, Duration::from_secs(seconds)));
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp())
}

/// A header that holds Unix seconds, such as `x-rate-limit-reset`.
pub fn unix_seconds(headers: &HeaderMap, name: &str) -> Option<Timestamp> {
    let seconds = headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok()?;
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), http::HeaderValue::from_static(value))])
    }

    #[test]
    fn both_forms_of_retry_after_are_read_and_nonsense_is_not() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let read = |value| retry_after(&headers("retry-after", value), now).map(|at| at.to_string());
        assert_eq!(read("90"), Some("2026-11-20T18:01:30Z".into()));
        assert_eq!(read("Fri, 20 Nov 2026 18:05:00 GMT"), Some("2026-11-20T18:05:00Z".into()));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
    }

    #[test]
    fn a_reset_header_holds_unix_seconds() {
        let read =
            |value| unix_seconds(&headers("x-rate-limit-reset", value), "x-rate-limit-reset").map(|at| at.as_second());
        assert_eq!(read("1763661600"), Some(1_763_661_600));
        assert_eq!(read("never"), None);
    }
}
