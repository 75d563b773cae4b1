//! The quota of one Page, with its Instagram account.

use std::{sync::Mutex, time::Duration};

use http::HeaderMap;
use jiff::Timestamp;

use super::{
    Purpose, Saved,
    keeping::Keeping,
    lock,
    pool::{OPTIONAL_STOP, POLL_STOP, PoolState},
    slower,
    usage::{Pool, usages},
};
use crate::platform::Limit;

/// Of what Meta's formula allows, so many per cent are for polls; the rest is for sends and looks.
const POLL_SHARE: u64 = 80;
const DAY_IN_MILLISECONDS: u64 = 24 * 3600 * 1000;

/// How much of Meta's pools is used, learnt from its headers and counted beside them.
pub struct MetaQuota {
    people: Option<u64>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    pools: [PoolState; Pool::ALL.len()],
    keeping: Keeping,
}

impl MetaQuota {
    /// Nothing known yet; `people` is how many the Page can reach, where the zone says so.
    pub fn new(people: Option<u64>) -> Self {
        Self { people, known: Mutex::default() }
    }

    /// Asks for one call, and counts it when it may be made.
    ///
    /// # Errors
    /// The time before which it must not be made. Ask again then: it may still be too early.
    pub fn admit(&self, pool: Pool, purpose: Purpose, now: Timestamp) -> Result<(), Timestamp> {
        let known = &mut *lock(&self.known);
        let refusals = concerned(pool).map(|pool| known.pools[pool as usize].refusal(pool, purpose, now));
        if let Some(until) = refusals.max().flatten() {
            return Err(until);
        }
        concerned(pool).for_each(|pool| known.pools[pool as usize].admitted(pool, purpose, now));
        known.keeping.noted(false);
        Ok(())
    }

    /// Takes in the headers of an answer, whatever its status.
    pub fn learn(&self, headers: &HeaderMap, now: Timestamp) {
        let known = &mut *lock(&self.known);
        let before = known.standing(now);
        for usage in usages(headers) {
            known.pools[usage.pool as usize].read(usage.percent, usage.regained_in, now);
        }
        let important = known.standing(now) != before;
        known.keeping.noted(important);
    }

    /// Closes a pool after Meta refused a call for it (codes 4, 17, 32, 341: [`Pool::App`]; 80001 to 80014: the pool).
    ///
    /// Without a named end: 15 min, then 30, then 60. Returns the end, never earlier than one that was known before.
    pub fn close(&self, pool: Pool, end: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let known = &mut *lock(&self.known);
        known.keeping.noted(true);
        known.pools[pool as usize].close(end, now)
    }

    /// By how much to lengthen the interval of polls: 1 below 80 %, twice as much with every 5 % more, 8 at 95 %.
    pub fn stretch(&self, pool: Pool, now: Timestamp) -> f64 {
        let known = &mut *lock(&self.known);
        let counted = concerned(pool).map(|pool| known.pools[pool as usize].counted(pool, now)).fold(0.0, f64::max);
        slower(counted, OPTIONAL_STOP, POLL_STOP)
    }

    /// The shortest interval that Meta's formula allows to each of `feeds` feeds of one pool, with so many calls a turn.
    ///
    /// Zero where the number of people is not known.
    pub fn least_interval(&self, pool: Pool, calls_per_turn: u32, feeds: u32) -> Duration {
        let Some(polls) = self.people.and_then(|people| polls_a_day(pool, people)) else { return Duration::ZERO };
        let calls = u64::from(calls_per_turn).saturating_mul(feeds.into());
        Duration::from_millis(DAY_IN_MILLISECONDS.saturating_mul(calls).div_ceil(polls))
    }

    /// What is left of the pools that were ever shown or closed.
    pub fn limits(&self, now: Timestamp) -> Vec<Limit> {
        let known = &mut *lock(&self.known);
        let limit = |pool: Pool| {
            let state = &mut known.pools[pool as usize];
            let (left, closed_until) = (1.0 - state.counted(pool, now) / 100.0, state.closed(now));
            let shown = left < 1.0 || closed_until.is_some();
            shown.then(|| Limit { name: pool.name().to_owned(), left: left.max(0.0), closed_until })
        };
        Pool::ALL.into_iter().filter_map(limit).collect()
    }

    /// What a restart must not forget.
    pub fn saved(&self) -> Saved {
        let known = lock(&self.known);
        let pools = Pool::ALL.into_iter().map(|pool| (pool.name().to_owned(), known.pools[pool as usize].clone()));
        Saved { pools: pools.collect(), ..Saved::default() }
    }

    /// Starts with what was saved. Whatever of it lies ahead of `now` is held within a day.
    pub fn restore(&self, saved: Saved, now: Timestamp) {
        let known = &mut *lock(&self.known);
        let mut pools = saved.pools;
        for pool in Pool::ALL {
            known.pools[pool as usize] = pools.remove(pool.name()).unwrap_or_default();
        }
        known.standing(now);
    }

    /// Whether to write [`MetaQuota::saved`] down now; a yes counts as done.
    ///
    /// At once when a pool closed or its usage passed 80, 95 or 99 %, else once a minute when anything changed.
    pub fn worth_saving(&self, now: Timestamp) -> bool {
        lock(&self.known).keeping.due(now)
    }
}

impl Known {
    /// What is important about each pool: whether it is closed, and which of its stops is passed.
    fn standing(&mut self, now: Timestamp) -> [(Option<Timestamp>, usize); Pool::ALL.len()] {
        Pool::ALL.map(|pool| {
            let state = &mut self.pools[pool as usize];
            (state.closed(now), state.stops_passed(pool, now))
        })
    }
}

/// The calls that Meta's formula leaves for polls in 24 hours; never none, since what it allows a Page without anybody is
/// not known.
fn polls_a_day(pool: Pool, people: u64) -> Option<u64> {
    Some(polls_per_person(pool)?.saturating_mul(people.max(1)))
}

/// How many people the formula must count so that it leaves so many calls for polls in 24 hours.
pub(super) fn people_for(pool: Pool, polls_a_day: u64) -> Option<u64> {
    Some(polls_a_day.div_ceil(polls_per_person(pool)?))
}

fn polls_per_person(pool: Pool) -> Option<u64> {
    Some(pool.calls_per_person()? * POLL_SHARE / 100)
}

/// A pool and the app's above it.
fn concerned(pool: Pool) -> impl Iterator<Item = Pool> {
    std::iter::once(pool).chain((pool != Pool::App).then_some(Pool::App))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::clock::after;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn header(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())])
    }

    fn business(kind: &str, percent: u16) -> HeaderMap {
        let line =
            format!(r#"{{"1":[{{"type":"{kind}","call_count":{percent},"estimated_time_to_regain_access":0}}]}}"#);
        header("x-business-use-case-usage", &line)
    }

    #[test]
    fn one_full_pool_leaves_the_others_alone_and_the_apps_stops_them_all() {
        let quota = MetaQuota::new(None);
        quota.learn(&business("pages", 99), at(0));
        assert!(quota.admit(Pool::Pages, Purpose::Send, at(1)).is_err());
        assert!(quota.admit(Pool::Messenger, Purpose::Poll, at(1)).is_ok());
        quota.learn(&header("x-app-usage", r#"{"call_count":99}"#), at(2));
        assert!(quota.admit(Pool::Messenger, Purpose::Send, at(3)).is_err());
        assert!(quota.admit(Pool::Instagram, Purpose::Send, at(3)).is_err());
    }

    #[test]
    fn a_closed_app_closes_every_pool() {
        let quota = MetaQuota::new(None);
        let end = quota.close(Pool::App, None, at(0));
        assert_eq!(end, at(900));
        assert_eq!(quota.admit(Pool::Messenger, Purpose::Send, at(899)), Err(at(900)));
        assert_eq!(quota.admit(Pool::Messenger, Purpose::Send, at(900)), Ok(()));
    }

    #[test]
    fn polls_slow_down_smoothly_from_80_to_95_per_cent() {
        let stretch = |percent| {
            let quota = MetaQuota::new(None);
            quota.learn(&business("messenger", percent), at(0));
            quota.stretch(Pool::Messenger, at(1))
        };
        let shown = [0, 80, 85, 90, 95, 200].map(|percent| format!("{:.3}", stretch(percent)));
        assert_eq!(shown, ["1.000", "1.000", "2.000", "4.000", "8.000", "8.000"]);
        assert!(stretch(81) > 1.0 && stretch(82) > stretch(81));
    }

    #[test]
    fn the_formula_gives_each_feed_its_share() {
        let quota = MetaQuota::new(Some(36));
        // 200 calls for each of 36 people, of these 80 % for polls: 5,760 a day, one every 15 s.
        assert_eq!(quota.least_interval(Pool::Messenger, 1, 1), Duration::from_secs(15));
        assert_eq!(quota.least_interval(Pool::Messenger, 2, 3), Duration::from_secs(90));
        assert_eq!(quota.least_interval(Pool::Pages, 1, 1), Duration::from_millis(625));
        assert_eq!(quota.least_interval(Pool::App, 1, 1), Duration::ZERO);
        assert_eq!(MetaQuota::new(None).least_interval(Pool::Messenger, 1, 1), Duration::ZERO);
        assert_eq!(MetaQuota::new(Some(0)).least_interval(Pool::Messenger, 1, 1), Duration::from_secs(540));
    }

    #[test]
    fn what_matters_is_saved_at_once() {
        let quota = MetaQuota::new(None);
        assert!(!quota.worth_saving(at(0)));
        quota.learn(&business("pages", 10), at(0));
        assert!(quota.worth_saving(at(0)));
        quota.learn(&business("pages", 79), at(1));
        assert!(!quota.worth_saving(at(1)), "within the minute");
        for (second, percent) in [(2, 80), (3, 95), (4, 99)] {
            quota.learn(&business("pages", percent), at(second));
            assert!(quota.worth_saving(at(second)), "{percent} %");
        }
        quota.close(Pool::Messenger, Some(at(500)), at(5));
        assert!(quota.worth_saving(at(5)) && !quota.worth_saving(at(6)));
    }

    #[test]
    fn a_restart_forgets_nothing() {
        let quota = MetaQuota::new(None);
        quota.admit(Pool::Pages, Purpose::Poll, at(1000)).unwrap();
        quota.learn(&business("pages", 96), at(1000));
        quota.close(Pool::Messenger, Some(at(5000)), at(1000));
        let written = serde_json::to_string(&quota.saved()).unwrap();
        let restarted = MetaQuota::new(None);
        restarted.restore(serde_json::from_str(&written).unwrap(), at(1100));
        assert!(!restarted.worth_saving(at(1100)), "nothing has changed");
        assert_eq!(restarted.admit(Pool::Messenger, Purpose::Send, at(4999)), Err(at(5000)));
        assert_eq!(restarted.admit(Pool::Pages, Purpose::Poll, at(1899)), Err(at(1900)));
        assert_eq!(restarted.admit(Pool::Pages, Purpose::Poll, at(1900)), Ok(()));
    }

    #[test]
    fn odd_saved_values_do_no_harm() {
        let broken = r#"{"pools":{"pages":{"reading":{"percent":9999,"at":9223372036854775807,"calls":0},
            "closed":{"at":9223372036854775807,"seen":-9223372036854775808},"last_poll":9223372036854775807,
            "pauses":4000000000,"hours":{"hour":9223372036854775807,"calls":[4294967295,4294967295]}},"unknown":{}},"later":1}"#;
        let quota = MetaQuota::new(None);
        quota.restore(serde_json::from_str(broken).unwrap(), at(1000));
        let closed = quota.admit(Pool::Pages, Purpose::Send, at(1000)).unwrap_err();
        assert!(closed <= after(at(1000), Duration::from_secs(25 * 3600)));
        assert_eq!(quota.admit(Pool::Pages, Purpose::Poll, closed), Ok(()));
        assert_eq!(quota.admit(Pool::Messenger, Purpose::Poll, at(1000)), Ok(()));
    }
}
