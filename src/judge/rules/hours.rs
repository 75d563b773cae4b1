//! While the office is open a colleague answers, where the zone wants it so. Who is in need is never left to wait for one.

use jiff::Timestamp;

use crate::{clock::after, config::When, hours::State, judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    (case.zone.policy.when == When::Closed && open(case).is_some()).then_some(Silence::Open)
}

/// How long a colleague has to answer it, where the zone gives them time: until it has stood there for so long, or the office
/// closes. `None` where it is answered at once.
pub fn not_before(case: &Case<'_>) -> Option<Timestamp> {
    let policy = &case.zone.policy;
    if policy.when != When::ClosedOrUnanswered {
        return None;
    }
    let unanswered = after(case.message.created_at, policy.unanswered_after);
    let until = open(case)?.until.map_or(unanswered, |closes| closes.min(unanswered));
    (until > case.now).then_some(until)
}

/// How it is at an office that is open, for a message that can wait.
///
/// What counts is the time at which it is judged: after an outage at night, whoever wrote then is answered by the colleague
/// who is there now.
fn open(case: &Case<'_>) -> Option<State> {
    let zone = case.zone;
    let hours = zone.hours.as_ref().filter(|_| !case.verdict.urgent)?;
    Some(hours.at(&zone.timezone, case.now)).filter(|state| state.open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn only_what_is_not_urgent_waits_for_a_colleague_and_only_while_one_is_there() {
        Given::default().office(When::Closed, "22:00-24:00").expect(check, Some(Silence::Open));
        Given::default().office(When::Closed, "22:00-24:00").urgent().expect(check, None);
        Given::default().office(When::Closed, "08:00-17:00").expect(check, None);
        Given::default().office(When::Always, "22:00-24:00").expect(check, None);
        Given::default().office(When::ClosedOrUnanswered, "22:00-24:00").expect(check, None);
        Given::default().expect(check, None);
    }

    /// For how many seconds; it is 23:00, and the message was written so many seconds ago.
    fn waits(given: Given, written: u64) -> Option<i64> {
        given.written_seconds_ago(written).ask(|case| Some(not_before(case)?.duration_since(case.now).as_secs()))
    }

    #[test]
    fn a_colleague_has_ten_minutes_or_what_is_left_of_them() {
        let office = |hours| Given::default().office(When::ClosedOrUnanswered, hours);
        assert_eq!(waits(office("22:00-24:00"), 0), Some(600));
        assert_eq!(waits(office("22:00-24:00"), 599), Some(1));
        assert_eq!(waits(office("22:00-24:00"), 600), None, "it has stood there for long enough");
        assert_eq!(waits(office("21:00-23:05"), 60), Some(300), "at five past the office closes");
        assert_eq!(waits(office("22:00-24:00").urgent(), 0), None);
        assert_eq!(waits(office("08:00-17:00"), 0), None);
        assert_eq!(waits(Given::default().office(When::Always, "22:00-24:00"), 0), None);
        assert_eq!(waits(Given::default().office(When::Closed, "22:00-24:00"), 0), None);
    }
}
