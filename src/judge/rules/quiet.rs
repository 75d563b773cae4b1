//! In a crisis staff may choose a quiet period, in which only who is in need is answered, or nobody.

use crate::{judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    let quiet = case.zone.policy.quiet_period.as_ref()?;
    quiet.silences(case.verdict.urgent, case.now).then_some(Silence::QuietPeriod)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::QuietAnswer, judge::rules::case::Given};

    #[test]
    fn in_it_only_urgent_messages_are_answered_or_none() {
        let in_it = |answer| Given::default().quiet(-60, 60, answer);
        in_it(QuietAnswer::Urgent).expect(check, Some(Silence::QuietPeriod));
        in_it(QuietAnswer::Urgent).urgent().expect(check, None);
        in_it(QuietAnswer::None).urgent().expect(check, Some(Silence::QuietPeriod));
    }

    #[test]
    fn before_and_after_it_all_is_as_always() {
        Given::default().quiet(1, 60, QuietAnswer::None).expect(check, None);
        Given::default().quiet(0, 60, QuietAnswer::None).expect(check, Some(Silence::QuietPeriod));
        Given::default().quiet(-60, 0, QuietAnswer::None).expect(check, None);
        Given::default().expect(check, None);
    }
}
