//! What a server's headers say of its limits: absolute Unix seconds, for the tightest limit of that call.
//!
//! Source: `platforms/bluesky.md` 6. Reading and writing have limits of their own.

use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use jiff::Timestamp;

use crate::http::{Answer, retry_after, unix_seconds};

/// Below this share of a limit, polls wait for its reset and leave the rest to replies.
const SCARCE: u64 = 10;

/// The limits of one account, as last shown.
#[derive(Default)]
pub struct Limits(Mutex<[Known; 2]>);

#[derive(Clone, Copy, Default)]
struct Known {
    /// Nothing may be called before.
    closed: Option<Timestamp>,
    /// Nothing should be polled before.
    scarce: Option<Timestamp>,
}

impl Limits {
    /// Takes in what an answer says.
    pub fn learn(&self, writes: bool, answer: &Answer, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut known[usize::from(writes)];
        if answer.status == 429 {
            known.closed = reset(&answer.headers, now);
            return;
        }
        let number = |name| answer.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        if let (Some(limit), Some(left)) = (number("ratelimit-limit"), number("ratelimit-remaining")) {
            known.scarce = (left.saturating_mul(SCARCE) < limit).then(|| reset(&answer.headers, now)).flatten();
        }
    }

    /// The time before which nothing of a kind may be called.
    pub fn closed_until(&self, writes: bool, now: Timestamp) -> Option<Timestamp> {
        self.known(writes).closed.filter(|at| *at > now)
    }

    /// The time before which nothing should be polled.
    pub fn next_poll(&self, now: Timestamp) -> Option<Timestamp> {
        self.known(false).scarce.filter(|at| *at > now)
    }

    fn known(&self, writes: bool) -> Known {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[usize::from(writes)]
    }
}

/// When a limit begins anew.
pub fn reset(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    retry_after(headers, now).or_else(|| unix_seconds(headers, "ratelimit-reset")).filter(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> Answer {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Answer { status, headers: headers.collect(), body: Bytes::new() }
    }

    #[test]
    fn polls_wait_while_little_is_left_and_everything_waits_after_a_refusal() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let shown = |left| [("ratelimit-limit", "3000"), ("ratelimit-remaining", left), ("ratelimit-reset", "300")];
        let limits = Limits::default();
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
