//! What a human should look at in a zone that is without a mistake: the service runs with it, and somebody may wonder.

use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::{
    text_key,
    zone::{QuietAnswer, When, Zone},
};
use crate::{hours::Hours, reply};

/// So many days before and after its last day a number is warned of.
const DAYS: i64 = 30;

/// What a human should look at `now`, a sentence each; empty on an ordinary day.
pub fn advice(zone: &Zone, now: Timestamp) -> Vec<String> {
    let today = now.to_zoned_datetime(zone.timezone.clone()).date();
    let mut advice: Vec<String> = quiet_period(zone, now).into_iter().collect();
    let opens = |hours: &Hours| {
        let exceptions = hours.exceptions.iter().map(|days| &days.windows);
        hours.week.values().chain(exceptions).any(|windows| !windows.is_empty())
    };
    if zone.policy.when != When::Always && !zone.hours.as_ref().is_some_and(opens) {
        advice
            .push("`when` asks for an office that [hours] never opens: everything is answered at any time".to_owned());
    }
    advice.extend(zone.valid_until.iter().filter_map(|number| validity(&number.number, number.until, today)));
    for number in &zone.valid_until {
        let phone = zone.facts.phone.as_deref();
        if phone != Some(number.number.as_str()) && !reply::stands_in_a_text(&zone.texts, &number.number) {
            advice.push(format!(
                "`valid_until` names {}, which is neither the zone's `phone` nor stands in a text",
                number.number
            ));
        }
    }
    let feeds = zone.places();
    let told = reply::advice(&zone.texts, &zone.facts, &zone.languages, &feeds);
    advice.extend(told.into_iter().map(|(key, words)| format!("`{}` {words}", text_key::path(key))));
    advice
}

/// What is to be said of a number that is known to hold until a day.
fn validity(number: &str, until: Date, today: Date) -> Option<String> {
    let (first, last) = (until.saturating_sub(DAYS.days()), until.saturating_add(DAYS.days()));
    if today < first || today > last {
        return None;
    }
    let change = "ask whether it still holds, and change the number or its day in `valid_until`";
    Some(if today <= until {
        format!("the number {number} is known to hold until {until} only: {change}")
    } else {
        format!("the number {number} was known to hold until {until}, and still goes out: {change}")
    })
}

/// What is to be said of a quiet period: that it comes, that it is on, that its lines can go.
fn quiet_period(zone: &Zone, now: Timestamp) -> Option<String> {
    let quiet = zone.policy.quiet_period?;
    let local = |at: Timestamp| at.to_zoned_datetime(zone.timezone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let what = match quiet.answer {
        QuietAnswer::Urgent => "only urgent messages are answered",
        QuietAnswer::None => "nobody is answered",
    };
    let until = local(quiet.until);
    Some(if quiet.is_on(now) {
        format!("a quiet period is on until {until}: {what}")
    } else if quiet.until <= now {
        format!("the quiet period ended on {until}, and all is answered as usual: remove `quiet_period`")
    } else {
        let from = quiet.from.map(local).unwrap_or_default();
        format!("a quiet period begins on {from} and ends on {until}: then {what}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::QuietPeriod, hours::Window};

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn told(change: impl FnOnce(&mut Zone), now: &str) -> String {
        let mut zone = Zone::for_testing();
        change(&mut zone);
        advice(&zone, at(now)).join("\n")
    }

    #[test]
    fn an_ordinary_zone_needs_no_advice() {
        assert_eq!(told(|_| {}, "2026-11-25T12:00:00Z"), "");
    }

    #[test]
    fn a_number_is_warned_of_thirty_days_before_and_after_its_last_day() {
        let on = |now: &str| {
            let dated = |zone: &mut Zone| {
                zone.facts.phone = Some("02 555 01 01".to_owned());
                zone.valid_until = vec!["02 555 01 01 until 2027-06-30".parse().unwrap()];
            };
            told(dated, &format!("{now}T12:00:00Z"))
        };
        assert_eq!(on("2027-05-30"), "");
        let change = "ask whether it still holds, and change the number or its day in `valid_until`";
        let before = format!("the number 02 555 01 01 is known to hold until 2027-06-30 only: {change}");
        assert_eq!((on("2027-05-31"), on("2027-06-30")), (before.clone(), before));
        let after = format!("the number 02 555 01 01 was known to hold until 2027-06-30, and still goes out: {change}");
        assert_eq!((on("2027-07-01"), on("2027-07-30")), (after.clone(), after));
        assert_eq!(on("2027-07-31"), "");
    }

    #[test]
    fn a_day_for_a_number_that_stands_nowhere_is_told() {
        let stray = |zone: &mut Zone| zone.valid_until = vec!["0800 99 999 until 2030-01-01".parse().unwrap()];
        assert_eq!(
            told(stray, "2026-11-25T12:00:00Z"),
            "`valid_until` names 0800 99 999, which is neither the zone's `phone` nor stands in a text"
        );
        let built_in = |zone: &mut Zone| zone.valid_until = vec!["0800 32 123 until 2030-01-01".parse().unwrap()];
        assert_eq!(told(built_in, "2026-11-25T12:00:00Z"), "");
    }

    #[test]
    fn an_office_that_never_opens_is_told_where_the_answers_depend_on_it() {
        let office = |windows: &[&str]| {
            let week = [(1, windows.iter().map(|text| Window::parse(text).unwrap()).collect())].into();
            let when = |zone: &mut Zone| {
                zone.policy.when = When::Closed;
                zone.hours = Some(Hours { week, ..Hours::default() });
            };
            told(when, "2026-11-25T12:00:00Z")
        };
        assert_eq!(
            office(&[]),
            "`when` asks for an office that [hours] never opens: everything is answered at any time"
        );
        assert_eq!(office(&["08:00-12:00"]), "");
    }

    #[test]
    fn a_quiet_period_is_told_before_during_and_after() {
        let on = |now: &str| {
            let quiet = |zone: &mut Zone| {
                zone.policy.quiet_period = Some(QuietPeriod {
                    from: Some(at("2026-11-25T17:00:00Z")),
                    until: at("2026-11-26T05:00:00Z"),
                    answer: QuietAnswer::Urgent,
                });
            };
            told(quiet, now)
        };
        insta::assert_snapshot!(on("2026-11-25T16:59:59Z"), @"a quiet period begins on 2026-11-25 17:00 and ends on 2026-11-26 05:00: then only urgent messages are answered");
        insta::assert_snapshot!(on("2026-11-25T17:00:00Z"), @"a quiet period is on until 2026-11-26 05:00: only urgent messages are answered");
        insta::assert_snapshot!(on("2026-11-26T05:00:00Z"), @"the quiet period ended on 2026-11-26 05:00, and all is answered as usual: remove `quiet_period`");
    }
}
