//! Humans first: where a colleague wrote a short time ago, the service is silent.

use crate::{clock::before, judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    let at = case.history.colleague_at?;
    (at > before(case.now, case.zone.policy.colleague_silence)).then_some(Silence::Colleague)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn silence_lasts_half_an_hour_after_the_colleagues_last_word() {
        Given::default().colleague_seconds_ago(1799).expect(check, Some(Silence::Colleague));
        Given::default().colleague_seconds_ago(1800).expect(check, None);
        Given::default().expect(check, None);
    }
}
