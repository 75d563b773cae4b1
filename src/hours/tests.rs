use super::*;

fn brussels() -> TimeZone {
    TimeZone::get("Europe/Brussels").unwrap()
}

fn windows(texts: &[&str]) -> Vec<Window> {
    in_order(texts.iter().map(|text| Window::parse(text).unwrap()).collect()).unwrap()
}

/// Monday to Friday from 8 to 12 and from 13 to 17, Saturday morning.
fn office() -> Hours {
    let mut week: BTreeMap<i8, Vec<Window>> =
        (1..=5).map(|day| (day, windows(&["08:00-12:00", "13:00-17:00"]))).collect();
    week.insert(6, windows(&["09:00-12:00"]));
    Hours { week, holidays: Holiday::LEGAL.to_vec(), exceptions: Vec::new() }
}

/// The state at a local time, as `open until ...` or `closed until ...`, and why.
fn state(hours: &Hours, local: &str) -> (String, Why) {
    let tz = brussels();
    let at: jiff::civil::DateTime = local.parse().unwrap();
    let state = hours.at(&tz, tz.to_ambiguous_timestamp(at).compatible().unwrap());
    let until =
        state.until.map(|until| tz.to_datetime(until).strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
    let word = match (state.open, state.between) {
        (true, _) => "open",
        (false, true) => "pause",
        (false, false) => "closed",
    };
    (format!("{word} until {until}"), state.why)
}

#[track_caller]
fn expect(hours: &Hours, local: &str, wanted: &str) {
    assert_eq!(state(hours, local).0, wanted, "{local}");
}

#[test]
fn an_ordinary_week() {
    let hours = office();
    expect(&hours, "2026-11-25T07:59:59", "closed until 2026-11-25 08:00");
    expect(&hours, "2026-11-25T08:00:00", "open until 2026-11-25 12:00");
    expect(&hours, "2026-11-25T12:00:00", "pause until 2026-11-25 13:00");
    expect(&hours, "2026-11-25T16:59:59", "open until 2026-11-25 17:00");
    expect(&hours, "2026-11-25T17:00:00", "closed until 2026-11-26 08:00");
    expect(&hours, "2026-11-27T18:00:00", "closed until 2026-11-28 09:00");
    expect(&hours, "2026-11-28T13:00:00", "closed until 2026-11-30 08:00");
    expect(&hours, "2028-02-29T09:00:00", "open until 2028-02-29 12:00");
}

#[test]
fn holidays_exceptions_and_a_bridge() {
    let mut hours = office();
    assert_eq!(
        state(&hours, "2026-04-06T10:00:00"),
        ("closed until 2026-04-07 08:00".into(), Why::Holiday(Holiday::EasterMonday))
    );
    assert_eq!(state(&hours, "2026-05-14T10:00:00").1, Why::Holiday(Holiday::Ascension));
    expect(&hours, "2026-05-15T10:00:00", "open until 2026-05-15 12:00");
    expect(&hours, "2026-12-25T23:30:00", "closed until 2026-12-26 09:00");
    hours.holidays.push(Holiday::BoxingDay);
    expect(&hours, "2026-12-25T23:30:00", "closed until 2026-12-28 08:00");
    hours.exceptions.push(Exception::parse("2026-05-15 closed").unwrap());
    hours.exceptions.push(Exception::parse("2026-12-25 to 2026-12-27 10:00-11:00").unwrap());
    assert_eq!(state(&hours, "2026-05-14T10:00:00").0, "closed until 2026-05-16 09:00", "the bridge is closed too");
    assert_eq!(state(&hours, "2026-12-25T10:30:00").0, "open until 2026-12-25 11:00", "an exception beats a holiday");
}

#[test]
fn windows_that_touch_are_one_and_may_go_over_midnight() {
    let mut hours = office();
    hours.week = (1..=7).map(|day| (day, windows(&["00:00-24:00"]))).collect();
    hours.holidays.clear();
    let state = hours.at(&brussels(), "2026-11-25T10:00:00Z".parse().unwrap());
    assert_eq!((state.open, state.until), (true, None), "day and night");
    hours.week = BTreeMap::from([(5, windows(&["22:00-02:00"]))]);
    expect(&hours, "2026-11-27T23:00:00", "open until 2026-11-28 02:00");
    expect(&hours, "2026-11-28T01:59:00", "open until 2026-11-28 02:00");
    expect(&hours, "2026-11-28T02:00:00", "closed until 2026-12-04 22:00");
    hours.week.insert(5, windows(&["08:00-09:00", "10:00-11:00", "12:00-13:00", "14:00-15:00"]));
    expect(&hours, "2026-11-27T18:00:00", "closed until 2026-12-04 08:00");
    hours.week.clear();
    expect(&hours, "2026-11-28T02:00:00", "closed until ");
}

#[test]
fn the_night_on_which_an_hour_is_left_out() {
    let mut hours = office();
    hours.week.insert(7, windows(&["02:00-03:00", "03:30-05:00"]));
    // The clock goes from 02:00 to 03:00: that window has no length.
    expect(&hours, "2026-03-29T01:59:59", "closed until 2026-03-29 03:30");
    expect(&hours, "2026-03-29T03:00:00", "closed until 2026-03-29 03:30");
    hours.week.insert(7, windows(&["01:00-04:00"]));
    let tz = brussels();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let state = hours.at(&tz, at("2026-03-29T00:30:00Z"));
    assert_eq!((state.open, state.until), (true, Some(at("2026-03-29T02:00:00Z"))), "two hours long");
}

#[test]
fn a_window_that_begins_or_ends_in_the_hour_that_is_left_out() {
    let mut hours = office();
    let tz = brussels();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    // 01:00Z is the moment at which 02:00 becomes 03:00.
    for (window, open) in [
        ("02:15-02:45", None),
        ("01:00-02:30", Some(("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"))),
        ("02:30-04:00", Some(("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"))),
        ("02:15-03:15", Some(("2026-03-29T01:00:00Z", "2026-03-29T01:15:00Z"))),
    ] {
        hours.week.insert(7, windows(&[window]));
        let before = hours.at(&tz, at("2026-03-28T22:00:00Z"));
        let Some((from, to)) = open else {
            assert!(before.until > Some(at("2026-03-29T10:00:00Z")), "{window}: {before:?}");
            continue;
        };
        assert_eq!(before.until, Some(at(from)), "{window}");
        assert_eq!(hours.at(&tz, at(from)).until, Some(at(to)), "{window}");
    }
}

#[test]
fn the_shorter_of_two_exceptions_counts_whichever_stands_first() {
    let mut hours = office();
    for texts in [
        ["2026-12-21 to 2026-12-31 closed", "2026-12-24 08:00-10:00"],
        ["2026-12-24 08:00-10:00", "2026-12-21 to 2026-12-31 closed"],
    ] {
        hours.exceptions = texts.iter().map(|text| Exception::parse(text).unwrap()).collect();
        expect(&hours, "2026-12-24T09:00:00", "open until 2026-12-24 10:00");
        expect(&hours, "2026-12-23T09:00:00", "closed until 2026-12-24 08:00");
    }
}

#[test]
fn the_night_on_which_an_hour_comes_twice() {
    let mut hours = office();
    hours.week.insert(7, windows(&["02:00-03:00"]));
    let tz = brussels();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for inside in ["2026-10-25T00:00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-10-25T01:59:59Z"] {
        let state = hours.at(&tz, at(inside));
        assert_eq!((state.open, state.until), (true, Some(at("2026-10-25T02:00:00Z"))), "{inside}");
    }
    assert!(!hours.at(&tz, at("2026-10-24T23:59:59Z")).open && !hours.at(&tz, at("2026-10-25T02:00:00Z")).open);
    hours.week.insert(7, windows(&["01:00-02:30"]));
    assert_eq!(
        hours.at(&tz, at("2026-10-25T00:45:00Z")).until,
        Some(at("2026-10-25T01:30:00Z")),
        "over the second time"
    );
}

proptest::proptest! {
    #[test]
    fn a_state_lasts_until_the_time_that_it_names(second in 1_700_000_000_i64..2_100_000_000, step in 1_i64..100) {
        let (hours, tz) = (office(), brussels());
        let now = Timestamp::from_second(second).unwrap();
        let state = hours.at(&tz, now);
        let until = state.until.unwrap();
        proptest::prop_assert!(until > now);
        let before = Timestamp::from_second(now.as_second() + (until.as_second() - now.as_second()) * step / 101).unwrap();
        proptest::prop_assert_eq!(hours.at(&tz, before).open, state.open);
        proptest::prop_assert_ne!(hours.at(&tz, until).open, state.open);
    }
}
