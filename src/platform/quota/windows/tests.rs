use http::{HeaderName, HeaderValue};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn headers(limit: &str, remaining: &str, reset: &str) -> HeaderMap {
    of(&[("x-rate-limit-limit", limit), ("x-rate-limit-remaining", remaining), ("x-rate-limit-reset", reset)])
}

fn of(headers: &[(&'static str, &str)]) -> HeaderMap {
    let header =
        |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    headers.iter().map(header).collect()
}

fn seen(limit: &str, remaining: &str) -> Windows {
    let windows = Windows::default();
    windows.learn("dm", 200, &headers(limit, remaining, "1900"), at(1000));
    windows
}

const READS: [Purpose; 3] = [Purpose::Optional, Purpose::Poll, Purpose::ReadBack];

#[test]
fn a_used_up_window_is_closed_until_its_reset_and_not_longer() {
    let windows = seen("15", "0");
    assert_eq!(windows.closed_until("dm", at(1000)), Some(at(1900)));
    assert_eq!(windows.closed_until("dm", at(1900)), None);
    assert_eq!(windows.closed_until("mentions", at(1000)), None);
    for purpose in [Purpose::Optional, Purpose::Poll, Purpose::ReadBack, Purpose::Send] {
        let almost = Timestamp::from_millisecond(1_899_999).unwrap();
        assert_eq!(windows.admit("dm", purpose, almost), Err(at(1900)));
        assert_eq!(windows.admit("dm", purpose, at(1900)), Ok(()));
    }
}

#[test]
fn the_last_calls_of_a_window_are_for_looks_and_replies() {
    let admitted = |remaining| READS.map(|purpose| seen("15", remaining).admit("dm", purpose, at(1001)).is_ok());
    assert_eq!(admitted("4"), [true, true, true]);
    assert_eq!(admitted("3"), [false, true, true]);
    assert_eq!(admitted("2"), [false, false, true]);
    assert_eq!(admitted("0"), [false, false, false]);
    assert!(
        seen("1", "1").admit("dm", Purpose::Poll, at(1001)).is_ok(),
        "where there is one call only, it is the poll's"
    );
}

#[test]
fn calls_under_way_are_counted_before_their_answers_come() {
    let windows = seen("15", "3");
    assert_eq!([(); 4].map(|()| windows.admit("dm", Purpose::ReadBack, at(1001)).is_ok()), [true, true, true, false]);
    windows.learn("dm", 200, &headers("15", "2", "1900"), at(1002));
    assert!(windows.closed_until("dm", at(1002)).is_some(), "two answers are still to come");
    windows.learn("dm", 200, &headers("15", "14", "2800"), at(1901));
    assert_eq!(windows.closed_until("dm", at(1901)), None, "a new window begins");
}

#[test]
fn what_is_left_of_a_scarce_window_is_spread_to_its_end() {
    assert_eq!(seen("300", "61").next_call("dm", at(1000)), None);
    // 10 left, of which 2 for looks and a quarter for further pages: 6 polls.
    assert_eq!(seen("300", "10").next_call("dm", at(1200)), Some(at(1300)));
    assert_eq!(seen("300", "0").next_call("dm", at(1000)), Some(at(1900)));
    assert_eq!(seen("300", "10").next_call("dm", at(1900)), None);
}

#[test]
fn an_inbox_in_a_hurry_slows_down_in_time_and_leaves_room_for_pages_and_looks() {
    let windows = seen("15", "14");
    let (mut now, mut remaining, mut polls) = (1000, 14, vec![0]);
    loop {
        let hurried = at(now + 60);
        now = windows.next_call("dm", at(now)).map_or(hurried, |next| next.max(hurried)).as_second();
        if now >= 1900 {
            break;
        }
        polls.push(now - 1000);
        windows.admit("dm", Purpose::Poll, at(now)).unwrap();
        remaining -= 1;
        windows.learn("dm", 200, &headers("15", &remaining.to_string(), "1900"), at(now));
    }
    assert_eq!(polls, [0, 60, 120, 180, 240, 300, 360, 420, 540, 630, 720, 810]);
    assert_eq!(remaining, 3);
}

#[test]
fn an_answer_without_headers_does_not_reopen_a_window() {
    let windows = seen("15", "0");
    windows.learn("dm", 401, &HeaderMap::new(), at(1001));
    assert_eq!(windows.closed_until("dm", at(1001)), Some(at(1900)));
}

#[test]
fn the_day_of_a_sending_route_counts_beside_its_quarter_of_an_hour() {
    for name in ["x-app-limit-24hour", "x-user-limit-24hour"] {
        let day = |part: &str| &*format!("{name}-{part}").leak();
        let windows = Windows::default();
        let mut answer = headers("15", "12", "1900");
        answer.extend(of(&[(day("limit"), "1440"), (day("remaining"), "0"), (day("reset"), "80000")]));
        windows.learn("send", 201, &answer, at(1000));
        assert_eq!(windows.admit("send", Purpose::Send, at(1901)), Err(at(80_000)), "{name}");
        assert_eq!(windows.admit("send", Purpose::Send, at(80_000)), Ok(()));
    }
}

#[test]
fn a_refusal_without_an_end_is_waited_out_for_longer_each_time() {
    let windows = Windows::default();
    let mut now = 1000;
    for pause in [60, 120, 240, 480, 900, 900] {
        windows.learn("dm", 429, &HeaderMap::new(), at(now));
        now += pause;
        assert_eq!(windows.admit("dm", Purpose::Send, at(now - 1)), Err(at(now)));
        assert_eq!(windows.admit("dm", Purpose::Send, at(now)), Ok(()));
    }
    windows.learn("dm", 200, &HeaderMap::new(), at(now));
    windows.learn("dm", 429, &HeaderMap::new(), at(now));
    assert_eq!(windows.closed_until("dm", at(now)), Some(at(now + 60)));
    windows.learn("dm", 200, &HeaderMap::new(), at(now));
    assert_eq!(windows.closed_until("dm", at(now)), Some(at(now + 60)), "an answer under way does not end it");
}

#[test]
fn a_refusal_names_its_end_in_several_ways() {
    let end = |answer: &[(&'static str, &str)]| {
        let windows = Windows::default();
        windows.learn("dm", 429, &of(answer), at(1000));
        windows.closed_until("dm", at(1000))
    };
    assert_eq!(end(&[("x-rate-limit-reset", "1300")]), Some(at(1300)));
    assert_eq!(end(&[("retry-after", "7")]), Some(at(1007)));
    // Calls remain in the quarter of an hour, so another limit speaks, and its end is not named.
    assert_eq!(end(&[("x-rate-limit-remaining", "5"), ("x-rate-limit-reset", "1300")]), Some(at(1060)));
    assert_eq!(end(&[("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "900")]), Some(at(1060)), "long over");
    assert_eq!(end(&[("x-rate-limit-remaining", "-1"), ("x-rate-limit-reset", "1300")]), Some(at(1300)));
}

#[test]
fn a_window_that_is_used_up_is_saved_at_once() {
    let windows = seen("15", "14");
    assert!(windows.worth_saving(at(1000)), "the first change");
    windows.learn("dm", 200, &headers("15", "3", "1900"), at(1001));
    assert!(!windows.worth_saving(at(1001)), "within the minute");
    windows.learn("dm", 200, &headers("15", "0", "1900"), at(1002));
    assert!(windows.worth_saving(at(1002)) && !windows.worth_saving(at(1003)));
    let windows = seen("15", "1");
    assert!(windows.worth_saving(at(1000)));
    windows.admit("dm", Purpose::ReadBack, at(1001)).unwrap();
    assert!(windows.worth_saving(at(1001)), "the last call is under way");
    windows.learn("send", 429, &HeaderMap::new(), at(1002));
    assert!(windows.worth_saving(at(1002)));
}
