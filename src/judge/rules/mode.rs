//! The zone's switch. It comes last, so that observe mode counts what would have been answered.

use crate::{config::Mode, judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    match case.zone.mode {
        Mode::Reply => case.history.paused.then_some(Silence::Paused),
        Mode::Observe => Some(Silence::Observed),
        Mode::Pause => Some(Silence::Paused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn only_reply_mode_posts() {
        Given::default().mode(Mode::Observe).expect(check, Some(Silence::Observed));
        Given::default().mode(Mode::Pause).expect(check, Some(Silence::Paused));
        Given::default().mode(Mode::Reply).expect(check, None);
        Given::default().mode(Mode::Reply).paused().expect(check, Some(Silence::Paused));
    }
}
