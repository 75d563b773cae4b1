//! X's windows: so many calls of a route until a time that its headers name.
//!
//! Source: `platforms/x.md` 4.1 and 4.2.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Purpose, Saved, keeping::Keeping, lock, moment::Until};
use crate::{
    clock::{after, between},
    http::{retry_after, unix_seconds},
    platform::Limit,
};

/// The headers of each kind of window: limit, remaining, reset.
const HEADERS: [[&str; 3]; 3] = [
    ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
    ["x-app-limit-24hour-limit", "x-app-limit-24hour-remaining", "x-app-limit-24hour-reset"],
    ["x-user-limit-24hour-limit", "x-user-limit-24hour-remaining", "x-user-limit-24hour-reset"],
];

/// The pause after a refusal that names no end, doubling up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// Below this share of its limit a window's rest is spread evenly until the reset.
const SCARCE: u32 = 5;
/// A window of so few calls is spread from its half, so that further pages have room.
const SMALL: u32 = 30;
/// So many calls of a window are kept from polls, for looks after a reply whose result is unknown.
const READ_BACKS: u32 = 2;

/// What the headers of each route said last, one entry for each route of one account.
#[derive(Default)]
pub struct Windows(Mutex<Known>);

#[derive(Default)]
struct Known {
    routes: BTreeMap<String, Route>,
    keeping: Keeping,
}

/// What is known of one route.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Route {
    windows: [Option<Window>; HEADERS.len()],
    pause: Option<Until>,
    /// How many pauses were taken in a row.
    pauses: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    limit: u32,
    remaining: u32,
    reset: Until,
}

impl Windows {
    /// Asks for one call of a route, and counts it when it may be made.
    ///
    /// # Errors
    /// The time before which it must not be made. A poll leaves the last calls of a window to looks and replies.
    pub fn admit(&self, route: &str, purpose: Purpose, now: Timestamp) -> Result<(), Timestamp> {
        let known = &mut *lock(&self.0);
        let Some(state) = known.routes.get_mut(route) else { return Ok(()) };
        if let Some(until) = state.refusal(purpose, now) {
            return Err(until);
        }
        state.windows.iter_mut().flatten().for_each(|window| window.remaining = window.remaining.saturating_sub(1));
        known.keeping.noted(state.closed(now).is_some());
        Ok(())
    }

    /// Takes in the headers of an answer. A missing header says nothing (X leaves them out of a 401).
    pub fn learn(&self, route: &str, status: u16, headers: &HeaderMap, now: Timestamp) {
        let known = &mut *lock(&self.0);
        let state = known.routes.entry(route.to_owned()).or_default();
        let before = state.closed(now);
        for (known, names) in state.windows.iter_mut().zip(HEADERS) {
            if let Some(new) = Window::read(names, status, headers, now) {
                *known = Some(new.beside(known.take()));
            }
        }
        if status == StatusCode::TOO_MANY_REQUESTS.as_u16() {
            state.refused(headers, now);
        } else if status < 400 {
            // A pause that lasts goes on: this answer was under way when it began.
            state.pauses = 0;
        }
        let closed = state.closed(now);
        known.keeping.noted(closed.is_some() && closed != before);
    }

    /// The time before which no call of a route must be made, if there is one.
    pub fn closed_until(&self, route: &str, now: Timestamp) -> Option<Timestamp> {
        lock(&self.0).routes.get_mut(route)?.closed(now)
    }

    /// The time before which a route should not be polled again, so that what is left lasts until the reset.
    ///
    /// A window is spread evenly once it is scarce, a small one from its half; a quarter of the rest is left to further
    /// pages.
    pub fn next_call(&self, route: &str, now: Timestamp) -> Option<Timestamp> {
        lock(&self.0).routes.get_mut(route)?.next_poll(now)
    }

    /// What is left of each route, of the window that has the least.
    pub fn limits(&self, now: Timestamp) -> Vec<Limit> {
        let limit = |(name, route): (&String, &mut Route)| {
            let left = |window: &mut Window| {
                window.reset.ahead(now)?;
                Some(f64::from(window.remaining) / f64::from(window.limit.max(1)))
            };
            let left = route.windows.iter_mut().flatten().filter_map(left).fold(1.0, f64::min);
            Limit { name: name.clone(), left, closed_until: route.closed(now) }
        };
        lock(&self.0).routes.iter_mut().map(limit).collect()
    }

    /// Whether to write the windows down now; a yes counts as done. At once when a route closed, else once a minute.
    pub fn worth_saving(&self, now: Timestamp) -> bool {
        lock(&self.0).keeping.due(now)
    }

    pub(super) fn save_into(&self, saved: &mut Saved) {
        saved.windows.clone_from(&lock(&self.0).routes);
    }

    pub(super) fn restore(&self, saved: BTreeMap<String, Route>, now: Timestamp) {
        let routes = saved.into_iter().map(|(name, route)| (name, route.without_past(now)));
        lock(&self.0).routes = routes.collect();
    }
}

impl Route {
    fn without_past(mut self, now: Timestamp) -> Self {
        for window in &mut self.windows {
            window.take_if(|window| window.reset.ahead(now).is_none());
        }
        self.pause.take_if(|pause| pause.ahead(now).is_none());
        self
    }

    fn refusal(&mut self, purpose: Purpose, now: Timestamp) -> Option<Timestamp> {
        let used_up =
            |window: &mut Window| window.reset.ahead(now).filter(|_| window.remaining <= window.kept(purpose));
        let used_up = self.windows.iter_mut().flatten().filter_map(used_up).max();
        used_up.max(self.pause.as_mut().and_then(|pause| pause.ahead(now)))
    }

    /// The end of what closes the route even for replies.
    fn closed(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.refusal(Purpose::Send, now)
    }

    /// X refused: where no window says until when, `Retry-After` does, or a pause that grows.
    fn refused(&mut self, headers: &HeaderMap, now: Timestamp) {
        if self.closed(now).is_none() {
            let pause = FIRST_PAUSE.saturating_mul(1 << self.pauses.min(8)).min(LONGEST_PAUSE);
            self.pauses = self.pauses.saturating_add(1);
            let named = retry_after(headers, now).filter(|at| *at > now);
            self.pause = Some(Until::new(named.unwrap_or_else(|| after(now, pause)), now));
        }
    }

    fn next_poll(&mut self, now: Timestamp) -> Option<Timestamp> {
        let spread = |window: &mut Window| {
            let reset = window.reset.ahead(now)?;
            let part = if window.limit <= SMALL { 2 } else { SCARCE };
            let scarce = window.remaining.saturating_mul(part) <= window.limit;
            let free = window.remaining.saturating_sub(window.kept(Purpose::Poll));
            scarce.then(|| after(now, between(now, reset) / (free - free.div_ceil(4) + 1)))
        };
        let spread = self.windows.iter_mut().flatten().filter_map(spread).max();
        spread.max(self.closed(now))
    }
}

impl Window {
    /// What an answer says of one kind of window. Of a refusal without a number nothing remains.
    fn read([limit, remaining, reset]: [&str; 3], status: u16, headers: &HeaderMap, now: Timestamp) -> Option<Self> {
        let number = |name: &str| {
            let number = headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok()?;
            u32::try_from(number.clamp(0, u32::MAX.into())).ok()
        };
        let refused = (status == StatusCode::TOO_MANY_REQUESTS.as_u16()).then_some(0);
        let remaining = number(remaining).or(refused)?;
        let reset = unix_seconds(headers, reset).filter(|reset| *reset > now)?;
        Some(Self { limit: number(limit).unwrap_or(remaining), remaining, reset: Until::new(reset, now) })
    }

    /// Answers may come in another order than their calls were made: within one window the smaller number counts.
    fn beside(self, known: Option<Self>) -> Self {
        let same = known.filter(|known| known.reset.named() == self.reset.named());
        Self { remaining: same.map_or(self.remaining, |known| known.remaining.min(self.remaining)), ..self }
    }

    /// How many calls of the window are not for this purpose.
    fn kept(&self, purpose: Purpose) -> u32 {
        match purpose {
            Purpose::Optional => self.limit / SCARCE,
            Purpose::Poll => READ_BACKS.min(self.limit / SCARCE),
            Purpose::ReadBack | Purpose::Send => 0,
        }
    }
}

#[cfg(test)]
mod tests;
