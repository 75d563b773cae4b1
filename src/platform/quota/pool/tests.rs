use super::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
/// An hour that begins at a whole hour.
const START: i64 = 1000 * HOUR;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

/// A pool after one call whose answer showed `percent`.
fn seen(percent: u16) -> PoolState {
    let mut pool = PoolState::default();
    pool.admitted(Pool::Pages, Purpose::Poll, at(0));
    pool.read(percent, Duration::ZERO, at(0));
    pool
}

fn may(pool: &mut PoolState, purpose: Purpose, second: i64) -> bool {
    pool.refusal(Pool::Pages, purpose, at(second)).is_none()
}

#[test]
fn the_less_a_call_matters_the_sooner_it_gives_way() {
    let allowed = |percent| {
        [Purpose::Optional, Purpose::Poll, Purpose::ReadBack, Purpose::Send]
            .map(|purpose| may(&mut seen(percent), purpose, 1))
    };
    assert_eq!(allowed(79), [true, true, true, true]);
    assert_eq!(allowed(80), [false, true, true, true]);
    assert_eq!(allowed(94), [false, true, true, true]);
    assert_eq!(allowed(95), [false, false, true, true]);
    assert_eq!(allowed(98), [false, false, true, true]);
    assert_eq!(allowed(99), [false, false, false, false]);
}

#[test]
fn a_stopped_pool_is_probed_by_one_poll_after_pauses_that_grow() {
    let mut pool = seen(96);
    let mut probes = Vec::new();
    for minute in 0..240 {
        if may(&mut pool, Purpose::Poll, minute * MINUTE) {
            probes.push(minute);
            pool.admitted(Pool::Pages, Purpose::Poll, at(minute * MINUTE));
            pool.read(96, Duration::ZERO, at(minute * MINUTE));
            assert!(!may(&mut pool, Purpose::Poll, minute * MINUTE), "one probe only");
        }
    }
    assert_eq!(probes, [15, 45, 105, 165, 225]);
}

#[test]
fn a_header_that_shows_room_ends_the_growing() {
    let mut pool = seen(96);
    for second in [15 * MINUTE, 45 * MINUTE] {
        assert!(may(&mut pool, Purpose::Poll, second));
        pool.admitted(Pool::Pages, Purpose::Poll, at(second));
    }
    pool.read(90, Duration::ZERO, at(45 * MINUTE));
    assert!(may(&mut pool, Purpose::Poll, 45 * MINUTE));
    pool.admitted(Pool::Pages, Purpose::Poll, at(46 * MINUTE));
    pool.read(96, Duration::ZERO, at(46 * MINUTE));
    assert!(!may(&mut pool, Purpose::Poll, 60 * MINUTE) && may(&mut pool, Purpose::Poll, 61 * MINUTE));
}

#[test]
fn the_last_per_cents_are_left_to_sends() {
    let mut pool = seen(98);
    assert!(!may(&mut pool, Purpose::Poll, 12 * HOUR - 1));
    assert!(may(&mut pool, Purpose::Poll, 12 * HOUR));
}

#[test]
fn a_refused_call_is_told_when_to_ask_again() {
    let mut pool = seen(96);
    assert_eq!(pool.refusal(Pool::Pages, Purpose::Poll, at(MINUTE)), Some(at(15 * MINUTE)), "the probe");
    assert_eq!(pool.refusal(Pool::Pages, Purpose::Optional, at(MINUTE)), Some(at(HOUR)), "the next hour");
    let mut app = PoolState::default();
    app.read(100, Duration::ZERO, at(600));
    assert_eq!(app.refusal(Pool::App, Purpose::Send, at(700)), Some(at(600 + HOUR)), "the reading is over");
    assert_eq!(app.refusal(Pool::App, Purpose::Send, at(600 + HOUR)), None);
}

#[test]
fn a_reading_falls_as_the_calls_that_it_counted_leave_the_day() {
    let mut pool = PoolState::default();
    for hour in 0..10 {
        for _ in 0..10 {
            pool.admitted(Pool::Pages, Purpose::Poll, at(hour * HOUR));
        }
    }
    pool.read(90, Duration::ZERO, at(9 * HOUR));
    let mut counted = |hour| pool.counted(Pool::Pages, at(hour * HOUR));
    assert!((counted(24) - 90.0).abs() < 1e-9);
    assert!((counted(25) - 81.0).abs() < 1e-9, "the calls of the first hour have left");
    assert!((counted(30) - 36.0).abs() < 1e-9);
    assert!(counted(33) < 1e-9, "after a day it says nothing");
}

#[test]
fn a_reading_without_own_calls_counts_in_full_for_a_day() {
    let mut pool = PoolState::default();
    pool.read(90, Duration::ZERO, at(0));
    assert!((pool.counted(Pool::Pages, at(24 * HOUR - 1)) - 90.0).abs() < 1e-9);
    assert!(pool.counted(Pool::Pages, at(24 * HOUR)) < 1e-9);
}

#[test]
fn a_named_block_is_obeyed_to_the_second_and_then_polled_slowly() {
    let mut pool = PoolState::default();
    pool.read(100, Duration::from_secs(7 * 60), at(0));
    for purpose in [Purpose::Optional, Purpose::Poll, Purpose::ReadBack, Purpose::Send] {
        assert_eq!(pool.refusal(Pool::Pages, purpose, at(419)), Some(at(420)));
    }
    assert!(may(&mut pool, Purpose::Poll, 420) && may(&mut pool, Purpose::Send, 420));
    assert!(!may(&mut pool, Purpose::Optional, 420), "it is still nearly full");
    pool.read(100, Duration::ZERO, at(421));
    assert!(!may(&mut pool, Purpose::Send, 422), "a new header counts for itself");
}

#[test]
fn a_block_without_an_end_lasts_longer_each_time_until_there_was_quiet() {
    let mut pool = PoolState::default();
    let mut now = 0;
    for minutes in [15, 30, 60, 60] {
        assert_eq!(pool.close(None, at(now)), at(now + minutes * MINUTE));
        now += minutes * MINUTE;
    }
    assert_eq!(pool.close(None, at(now + 3 * HOUR)), at(now + 3 * HOUR + 15 * MINUTE));
}

#[test]
fn a_block_never_ends_sooner_than_was_known_before() {
    let mut pool = PoolState::default();
    pool.close(Some(at(HOUR)), at(0));
    assert_eq!(pool.close(Some(at(60)), at(1)), at(HOUR));
    pool.read(5, Duration::ZERO, at(2));
    assert_eq!(pool.closed(at(3)), Some(at(HOUR)), "an answer under way does not open it");
}

#[test]
fn a_clock_set_back_keeps_nobody_waiting() {
    let mut pool = seen(96);
    assert!(!may(&mut pool, Purpose::Poll, -1000 * HOUR));
    assert!(may(&mut pool, Purpose::Poll, -1000 * HOUR + 15 * MINUTE));
    pool.close(Some(at(600)), at(0));
    assert_eq!(pool.closed(at(-1000 * HOUR)), Some(at(-1000 * HOUR + 600)));
}

#[test]
fn a_clock_set_back_while_a_block_lasts_does_not_make_it_last() {
    let mut pool = PoolState::default();
    pool.read(100, Duration::from_secs(120), at(HOUR));
    assert_eq!(pool.closed(at(HOUR + 120)), None);
    assert!(may(&mut pool, Purpose::Send, HOUR - 480), "it was over when the clock was set back");
    assert!(may(&mut pool, Purpose::Poll, HOUR + 120), "and when it is right again");
}

#[test]
fn a_clock_that_was_wrong_while_a_block_lasted_leaves_the_pool_open() {
    for wrong in [-40 * MINUTE, 40 * MINUTE] {
        let mut pool = PoolState::default();
        pool.read(100, Duration::from_secs(120), at(wrong));
        pool.closed(at(wrong + 60));
        let right = 60;
        pool.closed(at(right));
        assert!(may(&mut pool, Purpose::Poll, right + 120), "it has its room back, by whatever clock: {wrong}");
        let mut pool = PoolState::default();
        pool.read(100, Duration::from_secs(120), at(0));
        pool.closed(at(wrong + 60));
        assert!(may(&mut pool, Purpose::Poll, 240), "and when the clock is right again: {wrong}");
    }
}
