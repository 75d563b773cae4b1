//! One contact, one reply per cool-down, counted from the confirmed send.

use crate::{clock::before, judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    let policy = &case.zone.policy;
    let length = if case.verdict.urgent { policy.cooldown_urgent } else { policy.cooldown };
    let answered = case.history.answered_at?;
    (answered > before(case.now, length)).then_some(Silence::Cooldown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn a_second_message_within_twelve_hours_gets_no_second_reply() {
        Given::default().answered_seconds_ago(60).expect(check, Some(Silence::Cooldown));
        Given::default().answered_seconds_ago(12 * 3600).expect(check, None);
    }

    #[test]
    fn an_urgent_message_waits_a_quarter_of_an_hour_only() {
        Given::default().urgent().answered_seconds_ago(899).expect(check, Some(Silence::Cooldown));
        Given::default().urgent().answered_seconds_ago(900).expect(check, None);
    }
}
