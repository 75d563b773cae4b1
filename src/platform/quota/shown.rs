//! Limits that a server shows in the headers of each answer: reading and writing have limits of their own.

use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use jiff::Timestamp;

use super::share;
use crate::{http::Answer, platform::Limit};

/// Below this share of a limit, polls wait for its reset and leave the rest to replies.
const SCARCE: u64 = 10;

/// Where a platform shows its limits.
pub struct Headers {
    /// How many calls a window allows.
    pub limit: &'static str,
    /// How many of them are left.
    pub left: &'static str,
    /// When the window ends, as far as the headers say.
    pub reset: fn(&HeaderMap, Timestamp) -> Option<Timestamp>,
    /// When a server that has refused a call takes calls again.
    pub reopens: fn(&HeaderMap, Timestamp) -> Option<Timestamp>,
}

/// The limits of one account, as last shown.
pub struct Shown {
    headers: &'static Headers,
    known: Mutex<[Known; 2]>,
}

#[derive(Clone, Copy, Default)]
struct Known {
    /// Nothing may be called before.
    closed: Option<Timestamp>,
    /// Nothing should be polled before.
    scarce: Option<Timestamp>,
    /// How many calls the window allows, and how many are left.
    shown: Option<(u64, u64)>,
}

impl Shown {
    /// Nothing shown yet.
    pub const fn new(headers: &'static Headers) -> Self {
        let nothing = Known { closed: None, scarce: None, shown: None };
        Self { headers, known: Mutex::new([nothing, nothing]) }
    }

    /// Takes in what an answer says.
    pub fn learn(&self, writes: bool, answer: &Answer, now: Timestamp) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut known[usize::from(writes)];
        if answer.status == 429 {
            known.closed = (self.headers.reopens)(&answer.headers, now);
            return;
        }
        let number = |name| answer.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        if let (Some(limit), Some(left)) = (number(self.headers.limit), number(self.headers.left)) {
            known.shown = Some((limit, left));
            let is_scarce = left.saturating_mul(SCARCE) < limit;
            known.scarce = is_scarce.then(|| (self.headers.reset)(&answer.headers, now)).flatten();
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

    /// What is left of both limits, as far as they were shown.
    pub fn limits(&self, now: Timestamp) -> Vec<Limit> {
        let limit = |(name, writes): (&str, bool)| {
            let (known, closed_until) = (self.known(writes), self.closed_until(writes, now));
            let left = known.shown.map(|(limit, left)| share(left, limit));
            let left = if closed_until.is_some() { Some(0.0) } else { left };
            left.map(|left| Limit { name: name.to_owned(), left, closed_until })
        };
        [("reading", false), ("writing", true)].into_iter().filter_map(limit).collect()
    }

    fn known(&self, writes: bool) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)[usize::from(writes)]
    }
}
