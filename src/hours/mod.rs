//! When the office is open: a pure function of its hours and a point in time.
//!
//! A dated exception beats a holiday, and a holiday beats the day of the week. Times are those of the zone's own clock, with
//! its two nights on which that is set: a window has the length that the clock gives it.

mod holidays;
mod window;

use std::collections::BTreeMap;

use jiff::{
    Span, Timestamp,
    civil::{Date, Weekday},
    tz::{AmbiguousOffset, AmbiguousTimestamp, TimeZone},
};

pub use holidays::Holiday;
pub use window::{DAY, Exception, Window, in_order};

/// No further than this is looked ahead for a change.
const AHEAD: i64 = 400;

/// The opening hours of a zone's office.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours {
    /// The openings of each day of the week, in order; a day that is missing is closed.
    pub week: BTreeMap<i8, Vec<Window>>,
    /// The holidays on which it is closed.
    pub holidays: Vec<Holiday>,
    /// Days of their own.
    pub exceptions: Vec<Exception>,
}

/// Why the office is open or closed on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The hours of the day of the week.
    Weekday(Weekday),
    /// A holiday.
    Holiday(Holiday),
    /// An exception of that date.
    Exception(Date),
}

/// How it is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Whether somebody is there.
    pub open: bool,
    /// When that changes; `None` if not within a year.
    pub until: Option<Timestamp>,
    /// What decides it.
    pub why: Why,
    /// Closed, but open before and after on the same day.
    pub between: bool,
}

impl Hours {
    /// How it is at `now`, on the clock of `tz`.
    pub fn at(&self, tz: &TimeZone, now: Timestamp) -> State {
        let today = tz.to_datetime(now).date();
        let spans = self.spans(tz, today);
        let open = spans.iter().position(|span| span.from <= now && now < span.to);
        // What reaches as far as was looked does not end there.
        let horizon = today.checked_add(Span::new().days(AHEAD)).ok().and_then(|date| ends(tz, date, 0));
        let (until, why) = match open {
            Some(at) => (Some(spans[at].to).filter(|to| horizon.is_none_or(|end| *to < end)), spans[at].why),
            None => (spans.iter().map(|span| span.from).find(|from| *from > now), self.day(today).1),
        };
        let is_today = |at: Timestamp| tz.to_datetime(at).date() == today;
        let between = open.is_none()
            && spans.iter().any(|span| span.to <= now && is_today(span.to))
            && until.is_some_and(is_today);
        State { open: open.is_some(), until, why, between }
    }

    /// When it opens next after `now`, if it does within a year.
    pub fn next_opening(&self, tz: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        self.spans(tz, tz.to_datetime(now).date()).iter().map(|span| span.from).find(|from| *from > now)
    }

    /// The openings of a day, and what decides them.
    fn day(&self, date: Date) -> (&[Window], Why) {
        // The shortest that holds the date: a day within a week that is closed may have openings of its own.
        let exceptions = self.exceptions.iter().filter(|days| days.first <= date && date <= days.last);
        if let Some(exception) = exceptions.min_by_key(|days| days.last.duration_since(days.first)) {
            return (&exception.windows, Why::Exception(date));
        }
        if let Some(holiday) = self.holidays.iter().find(|day| day.date(date.year()) == Some(date)) {
            return (&[], Why::Holiday(*holiday));
        }
        let windows = self.week.get(&date.weekday().to_monday_one_offset()).map_or(&[][..], Vec::as_slice);
        (windows, Why::Weekday(date.weekday()))
    }

    /// The stretches of time in which it is open, from the day before, in order; those that touch are one.
    fn spans(&self, tz: &TimeZone, today: Date) -> Vec<Open> {
        let mut spans: Vec<Open> = Vec::new();
        let mut later = 0;
        for offset in -1..AHEAD {
            let Ok(date) = today.checked_add(Span::new().days(offset)) else { continue };
            let (windows, why) = self.day(date);
            for window in windows {
                let (Some(from), Some(to)) = (begins(tz, date, window.from), ends(tz, date, window.to)) else {
                    continue;
                };
                match spans.last_mut() {
                    Some(last) if from <= last.to => last.to = last.to.max(to),
                    _ if from < to => {
                        later += usize::from(offset > 0);
                        spans.push(Open { from, to, why });
                    }
                    _ => {}
                }
            }
            // Once a second one begins on a later day, nothing can touch the first any more.
            if later > 1 {
                break;
            }
        }
        spans
    }
}

struct Open {
    from: Timestamp,
    to: Timestamp,
    why: Why,
}

/// A minute of a day that the clock shows twice begins the first time; one that it leaves out, where the gap is.
fn begins(tz: &TimeZone, date: Date, minute: u16) -> Option<Timestamp> {
    let at = tz.to_ambiguous_timestamp(civil(date, minute)?);
    if matches!(at.offset(), AmbiguousOffset::Gap { .. }) { gap(tz, at) } else { at.compatible().ok() }
}

/// A minute of a day that the clock shows twice is over the second time; one that it leaves out, where the gap is.
fn ends(tz: &TimeZone, date: Date, minute: u16) -> Option<Timestamp> {
    let at = tz.to_ambiguous_timestamp(civil(date, minute)?);
    if matches!(at.offset(), AmbiguousOffset::Gap { .. }) { gap(tz, at) } else { at.later().ok() }
}

/// The point in time at which the clock jumps over a minute.
fn gap(tz: &TimeZone, at: AmbiguousTimestamp) -> Option<Timestamp> {
    let before = at.earlier().ok()?;
    tz.following(before).next().map(|change| change.timestamp())
}

fn civil(date: Date, minute: u16) -> Option<jiff::civil::DateTime> {
    date.at(0, 0, 0, 0).checked_add(Span::new().minutes(i64::from(minute))).ok()
}

#[cfg(test)]
mod tests;
