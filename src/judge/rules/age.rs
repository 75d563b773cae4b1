//! Nothing older than the allowed age is answered.

use crate::{clock::before, judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    (case.message.created_at < before(case.now, case.zone.policy.max_age)).then_some(Silence::TooOld)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn two_hours_is_the_limit_unless_the_zone_says_otherwise() {
        Given::default().written_seconds_ago(7200).expect(check, None);
        Given::default().written_seconds_ago(7201).expect(check, Some(Silence::TooOld));
    }
}
