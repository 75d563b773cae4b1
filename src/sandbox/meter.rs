//! Quotas: what was used in which window, and what is blocked until when.

use std::collections::{HashMap, VecDeque};

use super::time::{DAY, MINUTE, SECOND};

/// The length of an X window, milliseconds.
const X_WINDOW: i64 = 15 * MINUTE;

/// Two calls in a second, with room for the jitter of a real clock (milliseconds).
const CONVERSATION_WINDOW: i64 = 950;

/// All counters.
#[derive(Default)]
pub struct Meters {
    conversation_calls: HashMap<&'static str, VecDeque<i64>>,
    pools: HashMap<&'static str, VecDeque<i64>>,
    rising: HashMap<&'static str, (u32, u32)>,
    windows: HashMap<String, Window>,
    blocked: HashMap<String, i64>,
}

/// One X quota as its headers show it.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub limit: u32,
    pub remaining: u32,
    /// End of the window, unix seconds.
    pub reset: i64,
}

impl Meters {
    /// Counts a call to the conversations of an account and gives how many there were within a second, with this one.
    pub fn conversation_call(&mut self, account: &'static str, now: i64) -> usize {
        let calls = self.conversation_calls.entry(account).or_default();
        while calls.front().is_some_and(|&at| at <= now - CONVERSATION_WINDOW) {
            calls.pop_front();
        }
        calls.push_back(now);
        calls.len()
    }

    /// Counts a call against a rolling day and gives the percentage used, or `None` when the pool has no limit.
    pub fn pool_call(&mut self, pool: &'static str, size: Option<u32>, now: i64) -> Option<u32> {
        let size = size?.max(1);
        let calls = self.pools.entry(pool).or_default();
        while calls.front().is_some_and(|&at| at <= now - DAY) {
            calls.pop_front();
        }
        calls.push_back(now);
        let used = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        Some(used.saturating_mul(100) / size)
    }

    /// Counts a call in a pool that begins at `base` percent and rises by `step` with each call; gives the percentage.
    /// A new base begins anew.
    pub fn rising(&mut self, pool: &'static str, base: u32, step: f64) -> u32 {
        let entry = self.rising.entry(pool).or_insert((base, 0));
        if entry.0 != base {
            *entry = (base, 0);
        }
        let risen = f64::from(entry.1) * step.max(0.0);
        entry.1 = entry.1.saturating_add(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
        let risen = risen.min(1_000.0) as u32;
        base.saturating_add(risen)
    }

    /// Lets a rising pool begin anew.
    pub fn fall(&mut self, pool: &'static str) {
        self.rising.remove(pool);
    }

    /// Counts a call against an X window; `Err` when nothing remained.
    pub fn window_call(&mut self, group: &str, limit: u32, now: i64, day: bool) -> Result<Window, Window> {
        let length = if day { DAY } else { X_WINDOW };
        let fresh = Window { limit, remaining: limit, reset: (now + length) / SECOND };
        let window = self.windows.entry(group.to_owned()).or_insert(fresh);
        if now / SECOND >= window.reset {
            *window = fresh;
        }
        if window.limit != limit {
            // The limit was set anew in the middle of a window: what was used stays used.
            let used = window.limit.saturating_sub(window.remaining);
            window.remaining = limit.saturating_sub(used);
            window.limit = limit;
        }
        if window.remaining == 0 {
            return Err(*window);
        }
        window.remaining -= 1;
        Ok(*window)
    }

    /// Uses up an X window, which then ends after so many seconds.
    pub fn exhaust(&mut self, group: &str, limit: u32, seconds: u32, now: i64) -> Window {
        let reset = (now + i64::from(seconds) * SECOND + SECOND - 1) / SECOND;
        let window = Window { limit, remaining: 0, reset };
        self.windows.insert(group.to_owned(), window);
        window
    }

    /// Blocks a Graph pool for so many seconds.
    pub fn block(&mut self, pool: &str, seconds: u32, now: i64) {
        self.blocked.insert(pool.to_owned(), now + i64::from(seconds) * SECOND);
    }

    /// Milliseconds for which a Graph pool is still blocked.
    pub fn blocked_for(&self, pool: &str, now: i64) -> Option<i64> {
        self.blocked.get(pool).map(|until| until - now).filter(|&left| left > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_conversation_call_within_a_second_is_noticed() {
        let mut meters = Meters::default();
        let calls = [0, 500, 1_000].map(|at| meters.conversation_call("page", at));
        assert_eq!(calls, [1, 2, 2], "evenly paced at two a second");
        assert_eq!(meters.conversation_call("instagram", 1_100), 1, "another account");
        assert_eq!(meters.conversation_call("page", 1_100), 3);
    }

    #[test]
    fn a_window_is_full_until_its_reset_and_not_longer() {
        let mut meters = Meters::default();
        assert_eq!(meters.window_call("mentions", 2, 0, false).map(|w| w.remaining).ok(), Some(1));
        assert!(meters.window_call("mentions", 2, 1, false).is_ok());
        let full = meters.window_call("mentions", 2, 2, false).expect_err("two were allowed");
        assert_eq!(full.reset, 900);
        assert!(meters.window_call("mentions", 2, 899_999, false).is_err());
        assert!(meters.window_call("mentions", 2, 900_000, false).is_ok());
    }
}
