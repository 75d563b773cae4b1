//! What a server's headers say of its limits: absolute Unix seconds, for the tightest limit of that call.
//!
//! Source: `platforms/bluesky.md` 6. Reading and writing have limits of their own.

use http::HeaderMap;
use jiff::Timestamp;

use crate::{
    http::{retry_after, unix_seconds},
    platform::quota::Headers,
};

/// Where a server shows them.
pub const HEADERS: Headers = Headers { limit: "ratelimit-limit", left: "ratelimit-remaining", reset, reopens: reset };

/// When a limit begins anew.
pub fn reset(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    retry_after(headers, now).or_else(|| unix_seconds(headers, "ratelimit-reset")).filter(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::{http::Answer, platform::quota::Shown};

    fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> Answer {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Answer { status, headers: headers.collect(), body: Bytes::new() }
    }

    #[test]
    fn polls_wait_while_little_is_left_and_everything_waits_after_a_refusal() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let shown = |left| [("ratelimit-limit", "3000"), ("ratelimit-remaining", left), ("ratelimit-reset", "300")];
        let limits = Shown::new(&HEADERS);
        limits.learn(false, &answer(200, &shown("301")), at(0));
        assert_eq!(limits.next_poll(at(0)), None);
        limits.learn(false, &answer(200, &shown("299")), at(0));
        assert_eq!((limits.next_poll(at(0)), limits.closed_until(false, at(0))), (Some(at(300)), None));
        limits.learn(false, &answer(429, &[("retry-after", "89"), ("ratelimit-reset", "300")]), at(1));
        assert_eq!(limits.closed_until(false, at(1)), Some(at(90)));
        assert_eq!(limits.closed_until(true, at(1)), None, "writing has a limit of its own");
        assert_eq!(limits.closed_until(false, at(90)), None);
        limits.learn(false, &answer(200, &shown("2999")), at(301));
        assert_eq!(limits.next_poll(at(301)), None);
    }
}
