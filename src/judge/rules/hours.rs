//! While the office is open a colleague answers, where the zone wants it so. Who is in need is never left to wait for one.

use crate::{config::When, judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    let zone = case.zone;
    let waits = zone.policy.when == When::Closed && !case.verdict.urgent;
    // What counts is the time at which it is judged: after an outage at night, whoever wrote then is answered by the
    // colleague who is there now.
    let open = || zone.hours.as_ref().is_some_and(|hours| hours.at(&zone.timezone, case.now).open);
    (waits && open()).then_some(Silence::Open)
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
        Given::default().expect(check, None);
    }
}
