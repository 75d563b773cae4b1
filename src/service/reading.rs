//! Which page of a feed is read next. Pure.
//!
//! A turn reads a list from its top down to what was read before. In a storm that takes minutes, and whoever writes
//! meanwhile stands above where the turn is. So its top is looked at again from time to time, down to where it was looked
//! at last; then the turn goes on where it was.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

use crate::{
    clock::{before, between},
    platform::Cursor,
};

/// The top of a list is not looked at again sooner than this. What a look costs grows with how far it reaches back.
const SOONEST: Duration = Duration::from_secs(10);
/// A look at the top reaches so far behind the last one: the platform's times are whole seconds, and its clock is another.
const SLACK: Duration = Duration::from_secs(5);
/// So many pages in a row that bring nothing new are followed, then the next poll begins anew. A platform whose
/// pages lead in a circle must not hold the feed for ever, and a storm that goes on bringing news must not end here.
const MOST_BARREN: usize = 500;

/// The pages of one turn that are still to be read.
pub struct Reading {
    /// The last one is read first.
    ways: Vec<Way>,
    since: Timestamp,
    every: Duration,
    looked_at: Timestamp,
    barren: usize,
}

/// A way down the list, to where it was read before.
struct Way {
    since: Timestamp,
    pages: VecDeque<Option<Cursor>>,
}

impl Way {
    fn from_the_top(since: Timestamp) -> Self {
        Self { since, pages: VecDeque::from([None]) }
    }
}

impl Reading {
    /// A turn that reads down to `since`, and looks at the top again every so often while it lasts.
    pub fn new(since: Timestamp, every: Duration, now: Timestamp) -> Self {
        Self { ways: vec![Way::from_the_top(since)], since, every: every.max(SOONEST), looked_at: now, barren: 0 }
    }

    /// The next page and how far back it is of interest; `None` when everything has been read. The first page of a list
    /// has no cursor.
    pub fn next(&mut self, now: Timestamp) -> Option<(Timestamp, Option<Cursor>)> {
        self.ways.retain(|way| !way.pages.is_empty());
        if !self.ways.is_empty() && between(self.looked_at, now) >= self.every {
            self.ways.push(Way::from_the_top(before(self.looked_at, SLACK).max(self.since)));
            self.looked_at = now;
        }
        let way = self.ways.last_mut()?;
        way.pages.pop_front().map(|cursor| (way.since, cursor))
    }

    /// What the page brought: the pages after it, and whether anything on it was new. Says whether to go on.
    pub fn has_read(&mut self, next: Vec<Cursor>, news: bool) -> bool {
        if let Some(way) = self.ways.last_mut() {
            way.pages.extend(next.into_iter().map(Some));
        }
        self.barren = if news { 0 } else { self.barren + 1 };
        self.barren < MOST_BARREN || self.ways.iter().all(|way| way.pages.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(15);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A list that always has one more page: what is read at each second, as (since, top or further down).
    fn story(
        seconds: impl IntoIterator<Item = i64>,
        mut goes_on: impl FnMut(Timestamp) -> bool,
    ) -> Vec<(i64, &'static str)> {
        let mut reading = Reading::new(at(1000), EVERY, at(2000));
        let mut read = Vec::new();
        for second in seconds {
            let Some((since, cursor)) = reading.next(at(second)) else { break };
            read.push((since.as_second(), if cursor.is_none() { "top" } else { "down" }));
            let more = if goes_on(since) { vec![Cursor::default()] } else { Vec::new() };
            assert!(reading.has_read(more, true));
        }
        read
    }

    #[test]
    fn the_top_is_looked_at_again_while_a_turn_lasts_and_then_it_goes_on_below() {
        let (down, top) = ((1000, "down"), "top");
        let all = story([2000, 2005, 2014, 2015, 2016, 2030, 2031], |since| since == at(1000));
        assert_eq!(all, [(1000, top), down, down, (1995, top), down, (2010, top), down]);
    }

    #[test]
    fn a_look_at_the_top_reaches_down_to_the_one_before_however_long_that_takes() {
        let all = story([2000, 2015, 2016, 2017, 2031, 2032], |_| true);
        let names = [(1000, "top"), (1995, "top"), (1995, "down"), (1995, "down"), (2010, "top"), (2010, "down")];
        assert_eq!(all, names);
    }

    #[test]
    fn a_short_turn_looks_once() {
        assert_eq!(story([2000, 2100], |_| false), [(1000, "top")]);
    }

    #[test]
    fn only_pages_without_news_are_counted() {
        let mut reading = Reading::new(at(1000), EVERY, at(2000));
        let mut page = |news| {
            reading.next(at(2000)).unwrap();
            reading.has_read(vec![Cursor::default()], news)
        };
        assert!((0..5000).all(|_| page(true)), "a storm goes on bringing news");
        assert!((1..MOST_BARREN).all(|_| page(false)));
        assert!(!page(false), "pages that lead in a circle do not");
    }

    proptest::proptest! {
        #[test]
        fn every_page_is_read_once_and_the_looks_at_the_top_leave_no_gap(
            turn in proptest::collection::vec((0_i64..30, 0_usize..3), 1..60),
        ) {
            let mut reading = Reading::new(at(1000), EVERY, at(2000));
            let (mut now, mut looked, mut named, mut read) = (2000, at(1000), 0, 0);
            let mut turn = turn.into_iter();
            while let Some((since, cursor)) = reading.next(at(now)) {
                proptest::prop_assert!(since >= at(1000) && since <= at(now));
                if cursor.is_some() {
                    read += 1;
                } else {
                    proptest::prop_assert!(since <= looked, "nobody looks between {looked} and {since}");
                    looked = at(now);
                }
                // In the end nothing more is named.
                let (seconds, pages) = turn.next().unwrap_or((1, 0));
                now += seconds;
                named += pages;
                reading.has_read(vec![Cursor::default(); pages], true);
            }
            proptest::prop_assert_eq!(read, named);
        }
    }
}
