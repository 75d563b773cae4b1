//! What must hold whatever happens.

use std::{collections::VecDeque, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::clock::{after, before};

const DAY: i64 = 24 * 3600;
const START: i64 = 1_794_000_000;
const PURPOSES: [Purpose; 4] = [Purpose::Optional, Purpose::Poll, Purpose::ReadBack, Purpose::Send];

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect()
}

fn usage(kind: &str, percent: i64, minutes: i64) -> HeaderMap {
    let line =
        format!(r#"{{"1":[{{"type":"{kind}","call_count":{percent},"estimated_time_to_regain_access":{minutes}}}]}}"#);
    headers(&[("x-business-use-case-usage", line)])
}

fn window(remaining: i64, reset: i64) -> HeaderMap {
    headers(&[
        ("x-rate-limit-limit", "15".into()),
        ("x-rate-limit-remaining", remaining.to_string()),
        ("x-rate-limit-reset", (START + reset).to_string()),
    ])
}

/// Meta as it counts: each call of the last 24 hours is so much of the allowance.
struct Meta {
    calls: VecDeque<i64>,
    allowance: i64,
}

impl Meta {
    fn call(&mut self, second: i64) -> i64 {
        while self.calls.front().is_some_and(|at| *at <= second - DAY) {
            self.calls.pop_front();
        }
        self.calls.push_back(second);
        i64::try_from(self.calls.len()).unwrap() * 100 / self.allowance
    }
}

#[derive(Debug, Clone)]
enum Event {
    Usage(i64),
    Blocked(i64),
    Closed(Option<i64>),
    Restart,
    Ask,
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let event = prop_oneof![
        (0i64..=100).prop_map(Event::Usage),
        (1i64..300).prop_map(Event::Blocked),
        prop::option::of(0i64..20_000).prop_map(Event::Closed),
        Just(Event::Restart),
        Just(Event::Ask),
    ];
    vec((0i64..4000, event), 1..60)
}

fn restarted(quota: &MetaQuota, now: Timestamp) -> MetaQuota {
    let again = MetaQuota::new(None);
    again.restore(serde_json::from_str(&serde_json::to_string(&quota.saved()).unwrap()).unwrap(), now);
    again
}

proptest! {
    // Each case is days of polling.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn polls_alone_never_use_a_pool_up(
        allowance in 100i64..2000,
        interval in 5i64..900,
        feeds in 1usize..4,
        restarts in vec(0usize..1500, 0..5),
    ) {
        let mut quota = MetaQuota::new(None);
        let mut meta = Meta { calls: VecDeque::new(), allowance };
        let mut now = 0;
        for turn in 0..1500 {
            if restarts.contains(&turn) {
                quota = restarted(&quota, at(now));
            }
            for _ in 0..feeds {
                if quota.admit(Pool::Pages, Purpose::Poll, at(now)).is_ok() {
                    let percent = meta.call(now);
                    prop_assert!(percent < 100, "call at {now}");
                    quota.learn(&usage("pages", percent, 0), at(now));
                }
            }
            // As fast as the file says, heedless of the stretch.
            now += interval;
        }
    }
}

proptest! {
    #[test]
    fn no_call_of_graph_goes_out_while_its_pool_is_closed(events in events()) {
        let (mut quota, mut now, mut closed) = (MetaQuota::new(None), 0, 0);
        for (passed, event) in events {
            now += passed;
            match event {
                Event::Usage(percent) => quota.learn(&usage("messenger", percent, 0), at(now)),
                Event::Blocked(minutes) => {
                    quota.learn(&usage("messenger", 100, minutes), at(now));
                    closed = closed.max(now + minutes * 60);
                }
                Event::Closed(seconds) => {
                    let end = quota.close(Pool::Messenger, seconds.map(|seconds| at(now + seconds)), at(now));
                    prop_assert!(end >= at(now + seconds.unwrap_or(15 * 60)));
                    closed = closed.max(end.as_second() - START);
                }
                Event::Restart => quota = restarted(&quota, at(now)),
                Event::Ask => {}
            }
            for purpose in PURPOSES {
                match quota.admit(Pool::Messenger, purpose, at(now)) {
                    Ok(()) => prop_assert!(now >= closed, "{purpose:?} at {now}, closed until {closed}"),
                    Err(until) => prop_assert!(until >= at(closed) && until > at(now), "no time that helps"),
                }
            }
        }
    }

    #[test]
    fn a_stopped_pool_is_never_left_for_more_than_half_a_day(percent in 0i64..=100, calls in 0usize..50) {
        let quota = MetaQuota::new(None);
        for _ in 0..calls {
            let _ = quota.admit(Pool::Pages, Purpose::Poll, at(0));
        }
        quota.learn(&usage("pages", percent, 0), at(0));
        prop_assert!(quota.admit(Pool::Pages, Purpose::Poll, at(DAY / 2)).is_ok());
    }

    #[test]
    fn no_call_of_x_goes_out_before_the_reset(
        answers in vec((0i64..400, 0i64..4, 0i64..1000, any::<bool>(), any::<bool>()), 1..60),
    ) {
        let (mut quota, mut now, mut closed) = (XQuota::new(None, false), 0, 0);
        for (passed, remaining, reset, refused, restart) in answers {
            now += passed;
            quota.windows.learn("dm_events", if refused { 429 } else { 200 }, &window(remaining, now + reset), at(now));
            if remaining == 0 {
                closed = closed.max(now + reset);
            }
            if restart {
                let again = XQuota::new(None, false);
                again.restore(quota.saved(), at(now));
                quota = again;
            }
            let until = quota.windows.closed_until("dm_events", at(now));
            prop_assert!(remaining > 0 || reset == 0 || until.is_some_and(|until| until >= at(now + reset)));
            for purpose in PURPOSES {
                let admitted = quota.windows.admit("dm_events", purpose, at(now));
                prop_assert!(admitted.is_err() || until.is_none(), "{purpose:?} at {now}");
                prop_assert!(admitted.is_ok() || admitted.is_err_and(|until| until > at(now)));
            }
        }
    }

    #[test]
    fn polls_as_the_windows_ask_leave_calls_for_looks(limit in 11i64..30, pages in vec(0u8..3, 1..80)) {
        let windows = Windows::default();
        let (mut now, mut remaining, mut reset) = (0, limit, 900);
        for pages in pages {
            for _ in 0..=pages {
                if windows.admit("dm_events", Purpose::Poll, at(now)).is_ok() {
                    if now >= reset {
                        (remaining, reset) = (limit, now + 900);
                    }
                    remaining -= 1;
                    windows.learn("dm_events", 200, &window(remaining, reset), at(now));
                }
            }
            prop_assert!(remaining >= 2, "{remaining} left at {now}");
            let next = windows.next_call("dm_events", at(now)).unwrap_or(at(now)).max(at(now + 60));
            now = next.as_second() - START + 1;
        }
    }

    #[test]
    fn whoever_asks_first_never_overspends(
        budget in 0u32..3_000_000,
        owned: bool,
        calls in vec((0i64..2 * DAY, 0u8..4, 1usize..200, 1usize..20, any::<bool>()), 1..200),
    ) {
        let budget = Usd::from_dollars(f64::from(budget) / 1e6);
        let mut quota = XQuota::new(Some(budget), owned);
        let (mut now, mut id) = (0, 0);
        for (passed, kind, most, least, restart) in calls {
            now += passed;
            if restart {
                let again = XQuota::new(Some(budget), owned);
                again.restore(quota.saved(), at(now));
                quota = again;
            }
            let money = &quota.money;
            let each: &[Priced] = match kind {
                0 => &[Priced::Post],
                1 => &[Priced::Post, Priced::User],
                2 => &[Priced::Event],
                _ => &[],
            };
            if each.is_empty() {
                let _ = money.affordable_send(Sent::Reply, at(now)).map(|()| money.charge_send(Sent::Reply, at(now)));
            } else if let Ok((count, _held)) = money.affordable(each, most, least, at(now)) {
                prop_assert!(count <= most);
                let ids: Vec<String> = (id..id + count).map(|id| id.to_string()).collect();
                id += count;
                for what in each {
                    money.charge(*what, "somewhere", ids.iter().map(String::as_str), at(now));
                }
            }
            let spending = money.state(at(now));
            prop_assert!(spending.spent <= budget, "{} of {budget}", spending.spent);
            prop_assert!((1.0..=8.0).contains(&money.stretch(at(now))));
        }
    }

    #[test]
    fn no_feed_is_polled_below_its_floor(
        base in 0u64..100_000, floor in 0u64..100_000, least in 0u64..100_000,
        stretch in -1.0..9.0, came in prop::option::of(-1000i64..1000),
    ) {
        let tempo = Tempo::new(Duration::from_millis(base), Duration::from_millis(floor));
        if let Some(came) = came {
            tempo.message_came(at(came));
        }
        let interval = tempo.interval(stretch, Duration::from_millis(least), at(0));
        prop_assert!(interval >= Duration::from_millis(floor));
        prop_assert!(interval >= Duration::from_millis(base.max(least)) / 3);
    }

    #[test]
    fn what_is_saved_reads_back_the_same(
        events in events(), ids in vec(0u64..1000, 0..50), remaining in 0i64..15, back in 0u64..200_000,
    ) {
        let (meta, x, mut now) = (MetaQuota::new(None), XQuota::new(None, false), 0);
        for (passed, event) in events {
            now += passed;
            let _ = meta.admit(Pool::Messenger, Purpose::Poll, at(now));
            match event {
                Event::Usage(percent) => meta.learn(&usage("messenger", percent, 0), at(now)),
                Event::Blocked(minutes) => meta.learn(&usage("pages", 100, minutes), at(now)),
                Event::Closed(end) => drop(meta.close(Pool::App, end.map(|seconds| at(now + seconds)), at(now))),
                Event::Restart | Event::Ask => {}
            }
        }
        x.windows.learn("dm_events", 200, &window(remaining, now + 500), at(now));
        x.windows.learn("dm_messages", 429, &HeaderMap::new(), at(now));
        x.money.charge(Priced::Event, "dm_events", ids.iter().map(u64::to_string).collect::<Vec<_>>().iter().map(String::as_str), at(now));
        let again = XQuota::new(None, false);
        again.restore(serde_json::from_str(&serde_json::to_string(&x.saved()).unwrap()).unwrap(), at(now));
        prop_assert_eq!(again.saved(), x.saved());
        prop_assert_eq!(again.money.state(at(now)), x.money.state(at(now)));

        let again = restarted(&meta, at(now));
        for pool in Pool::ALL {
            for purpose in PURPOSES {
                prop_assert_eq!(again.admit(pool, purpose, at(now)), meta.admit(pool, purpose, at(now)));
            }
        }
        prop_assert_eq!(restarted(&again, at(now)).saved(), restarted(&meta, at(now)).saved());

        // A clock set back while nothing ran: what was closed opens within a day and an hour.
        let earlier = before(at(now), Duration::from_secs(back));
        let again = restarted(&meta, earlier);
        let opens = after(earlier, Duration::from_secs(25 * 3600));
        prop_assert!(again.admit(Pool::Messenger, Purpose::Send, opens).is_ok());
    }
}
