//! `formez101 check --at TIME`: what would happen at a moment to somebody who writes, feed by feed, and why.
//!
//! The judge itself is asked, with a message that nothing but the zone's file speaks against.

use std::{fmt::Write as _, path::Path, sync::Arc, time::Duration};

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

use crate::{
    clock::before,
    config::{self, Report, When, Zone, written_duration},
    hours::{Holiday, State, Why},
    judge::Judge,
    model::{
        Author, Barrier, Decision, Due, Feed, History, Kind, Language, LanguageChoice, Message, Silence, Surface,
        Verdict, Ways,
    },
    reply::opening_hours,
};

/// The zone was started so long before.
const A_DAY: Duration = Duration::from_secs(24 * 3600);

/// A point in time as somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// By the zone's own clock.
    Local(DateTime),
    /// The same everywhere.
    Exact(Timestamp),
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(exact) = text.parse() {
            return Ok(Self::Exact(exact));
        }
        text.parse::<DateTime>().map(Self::Local).map_err(|_| {
            "write a date and a time of the zone's clock, such as \"2026-12-25 23:30\", or with an offset, such as \
             \"2026-12-25T23:30:00+01:00\""
                .to_owned()
        })
    }
}

impl Moment {
    /// The points in time that are meant: two where the clock shows that time twice.
    fn instants(self, tz: &TimeZone) -> (Vec<Timestamp>, Option<&'static str>) {
        let local = match self {
            Self::Exact(at) => return (vec![at], None),
            Self::Local(local) => local,
        };
        let ambiguous = tz.to_ambiguous_timestamp(local);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => (ambiguous.compatible().into_iter().collect(), None),
            AmbiguousOffset::Gap { .. } => (
                ambiguous.compatible().into_iter().collect(),
                Some("the clock leaves this time out that night: taken as an hour later"),
            ),
            AmbiguousOffset::Fold { .. } => {
                let both = [tz.to_ambiguous_timestamp(local).earlier(), ambiguous.later()];
                (both.into_iter().flatten().collect(), Some("the clock shows this time twice that night"))
            }
        }
    }
}

/// Says for one zone, or all of them, what would happen.
///
/// # Errors
/// Every mistake in the files.
pub fn run(dir: &Path, zone: Option<&str>, environment: &[(String, String)], at: Moment) -> Result<String, Report> {
    let loaded = match zone {
        Some(zone) => vec![config::load(dir, zone, environment, &[])?],
        None => config::load_all(dir, environment, &[])?,
    };
    let told: Vec<String> = loaded.into_iter().map(|loaded| describe(loaded.zone, at)).collect();
    Ok(told.join("\n"))
}

/// One zone at that moment.
pub fn describe(zone: Zone, at: Moment) -> String {
    let (instants, remark) = at.instants(&zone.timezone);
    let zone = Arc::new(zone);
    let judge = Judge::new(Arc::clone(&zone));
    let mut text = String::new();
    for now in instants {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "Zone {} on {}", zone.id, shown(&zone.timezone, now));
        if let Some(remark) = remark {
            let _ = writeln!(text, "  {remark}");
        }
        let _ = writeln!(text, "  {}", office(&zone, now));
        for feed in zone.feeds.keys() {
            for (what, urgent) in [("not urgent", false), ("urgent", true)] {
                let _ = writeln!(text, "  {feed}, {what}: {}", outcome(&zone, &judge, *feed, urgent, now));
            }
        }
    }
    text
}

/// `Friday 2026-12-25 23:30 (UTC+01:00)`, seconds only where there are some.
fn shown(tz: &TimeZone, at: Timestamp) -> String {
    let form = if at.as_second() % 60 == 0 { "%A %Y-%m-%d %H:%M" } else { "%A %Y-%m-%d %H:%M:%S" };
    let seconds = tz.to_offset(at).seconds();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
    format!("{} (UTC{sign}{:02}:{:02})", tz.to_datetime(at).strftime(form), minutes / 60, minutes % 60)
}

/// The time of day.
fn clock(tz: &TimeZone, at: Timestamp) -> String {
    let form = if at.as_second() % 60 == 0 { "%H:%M" } else { "%H:%M:%S" };
    tz.to_datetime(at).strftime(form).to_string()
}

/// When the office is open, and what that means for the answers; nothing where it means nothing and nothing is known.
pub fn office_hours(zone: &Zone) -> Vec<String> {
    let left = written_duration(zone.policy.unanswered_after);
    let when = match zone.policy.when {
        When::Always => None,
        When::Closed => Some("what is not urgent is answered only while the office is closed".to_owned()),
        When::ClosedOrUnanswered => Some(format!(
            "what is not urgent is answered while the office is closed; while it is open, when no colleague has answered within {left}"
        )),
    };
    let hours = zone.hours.as_ref().map(|hours| {
        let week = opening_hours(hours, Language::En);
        let mut line = format!("office: {}", if week.is_empty() { "never open in an ordinary week" } else { &week });
        let legal = Holiday::LEGAL.iter().all(|day| hours.holidays.contains(day));
        let others = hours.holidays.iter().filter(|day| !Holiday::LEGAL.contains(day)).map(|day| day.words());
        let closed: Vec<&str> = legal.then_some("the ten legal holidays").into_iter().chain(others).collect();
        if !closed.is_empty() {
            let _ = write!(line, "; closed on {}", closed.join(", "));
        }
        match hours.exceptions.len() {
            0 => {}
            1 => line.push_str("; one exception"),
            many => {
                let _ = write!(line, "; {many} exceptions");
            }
        }
        line
    });
    hours.into_iter().chain(when).collect()
}

/// Whether the office is open, why, and until when.
fn office(zone: &Zone, now: Timestamp) -> String {
    let Some(hours) = &zone.hours else { return "office: no [hours] in the file, so it counts as closed".to_owned() };
    let State { open, until, why, between } = hours.at(&zone.timezone, now);
    let reason = match why {
        Why::Holiday(holiday) => format!(" ({})", holiday.words()),
        Why::Exception(_) => " (an exception for this date)".to_owned(),
        Why::Weekday(_) if between => " (between two openings)".to_owned(),
        Why::Weekday(_) => String::new(),
    };
    let until = until.map(|until| shown(&zone.timezone, until));
    match (open, until) {
        (true, Some(until)) => format!("office: open{reason} until {until}"),
        (true, None) => format!("office: always open{reason}"),
        (false, Some(until)) => format!("office: closed{reason}, opens {until}"),
        (false, None) => format!("office: closed{reason}, with no opening within a year"),
    }
}

/// What the judge says of somebody who writes there for the first time.
fn outcome(zone: &Zone, judge: &Judge, feed: Feed, urgent: bool, now: Timestamp) -> String {
    let decision = judge.decide(&message(feed, now), &verdict(zone, urgent), &History::since(before(now, A_DAY)), now);
    match decision {
        Decision::Reply(Due { ways, not_before, .. }) | Decision::Hold(Due { ways, not_before, .. }) => {
            let way = way(feed, ways);
            match not_before {
                None => format!("answered {way}"),
                Some(until) => {
                    format!(
                        "answered {way} at {}, unless a colleague has answered by then",
                        clock(&zone.timezone, until)
                    )
                }
            }
        }
        Decision::Silence(Silence::Observed) => {
            "counted only: mode = \"observe\", else it would be answered".to_owned()
        }
        Decision::Silence(Silence::Paused) => "silence: mode = \"pause\", else it would be answered".to_owned(),
        Decision::Silence(silence) => format!("silence: {}", silence.words()),
    }
}

const fn way(feed: Feed, ways: Ways) -> &'static str {
    match ways {
        Ways::Both => "in private and in public",
        Ways::Private => "in private",
        Ways::Direct => match feed.surface() {
            Surface::Private => "in private",
            Surface::Public => "in public",
        },
    }
}

fn message(feed: Feed, now: Timestamp) -> Message {
    Message {
        feed,
        id: String::new().into(),
        current: String::new().into(),
        thread: String::new().into(),
        post: None,
        author: Some(Author { id: String::new().into(), handle: None, is_self: false }),
        text: String::new().into(),
        created_at: now,
        barrier: (!feed.can_be_answered()).then_some(Barrier::NoWay),
        bystanders: Vec::new(),
    }
}

fn verdict(zone: &Zone, urgent: bool) -> Verdict {
    let kind = if urgent { Kind::Police } else { Kind::None };
    let languages = LanguageChoice::several(&zone.languages).unwrap_or(LanguageChoice::one(Language::Fr));
    Verdict { languages, shown: None, urgent, alert: false, kind, score: 0, reasons: Vec::new(), aside: None }
}
