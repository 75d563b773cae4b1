//! What stood there before the very first start is never answered.

use jiff::{Timestamp, Unit};

use crate::{judge::Case, model::Silence};

/// Platforms give whole seconds, so within the second of the start a time alone cannot tell; what the
/// very first look shows there is taken to have stood there before.
pub fn check(case: &Case<'_>) -> Option<Silence> {
    let start = whole_second(case.history.baseline);
    let written = whole_second(case.message.created_at);
    let before = written < start || (case.history.first_view && written == start);
    before.then_some(Silence::Baseline)
}

fn whole_second(at: Timestamp) -> Timestamp {
    // Rounding down to a second can only fail at the end of time.
    at.round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn what_is_older_than_the_first_start_stays_unanswered() {
        Given::default().written_seconds_ago(61).baseline_seconds_ago(60).expect(check, Some(Silence::Baseline));
        Given::default().written_seconds_ago(59).baseline_seconds_ago(60).expect(check, None);
    }

    #[test]
    fn in_the_second_of_the_start_only_the_first_look_is_taken_for_old() {
        let same = Given::default().written_seconds_ago(60).baseline_seconds_ago(60);
        same.clone().first_view().expect(check, Some(Silence::Baseline));
        same.expect(check, None);
    }
}
