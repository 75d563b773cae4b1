//! What a server's headers say of its limits: a reset as a date, not in seconds; some servers send none.
//!
//! Source: `platforms/mastodon.md` 6. Reading and posting have limits of their own.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

use crate::{clock::after, http::retry_after, platform::quota::Headers};

/// A refusal that names no time holds so long: the shortest window there is.
const UNNAMED: Duration = Duration::from_secs(300);
/// No window is longer; a date beyond it is a wrong clock.
const LONGEST: Duration = Duration::from_secs(3 * 3600 + 300);

/// Where a server shows them.
pub const HEADERS: Headers = Headers {
    limit: "x-ratelimit-limit",
    left: "x-ratelimit-remaining",
    reset,
    reopens: |headers, now| Some(reopens(headers, now)),
};

/// When a limit begins anew, as far as the headers say.
pub fn reset(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let date = || headers.get("x-ratelimit-reset")?.to_str().ok()?.trim().parse::<Timestamp>().ok();
    retry_after(headers, now).or_else(date).filter(|at| *at > now && *at <= after(now, LONGEST))
}

/// When a server that refuses takes calls again.
pub fn reopens(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    reset(headers, now).unwrap_or_else(|| after(now, UNNAMED))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::{http::Answer, platform::quota::Shown};

    #[test]
    fn a_reset_is_a_date_and_a_refusal_without_one_holds_for_five_minutes() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let answer = |status, left, reset| {
            let headers = [("x-ratelimit-limit", "300"), ("x-ratelimit-remaining", left), ("x-ratelimit-reset", reset)];
            let headers = headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            Answer { status, headers: headers.into_iter().collect(), body: Bytes::new() }
        };
        let limits = Shown::new(&HEADERS);
        limits.learn(false, &answer(200, "31", "1970-01-01T00:05:00.123456Z"), at(0));
        assert_eq!(limits.next_poll(at(0)), None);
        limits.learn(false, &answer(200, "29", "1970-01-01T00:05:00.000Z"), at(0));
        assert_eq!((limits.next_poll(at(0)), limits.closed_until(false, at(0))), (Some(at(300)), None));
        limits.learn(true, &answer(429, "0", "1970-01-01T02:00:00.000Z"), at(1));
        assert_eq!((limits.closed_until(true, at(1)), limits.closed_until(false, at(1))), (Some(at(7200)), None));
        limits.learn(false, &answer(429, "0", "soon"), at(10));
        assert_eq!(limits.closed_until(false, at(11)), Some(at(310)));
    }
}
