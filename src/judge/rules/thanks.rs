//! Whoever thanks us for an answer, or sends a thumb, is not told again.

use crate::{
    judge::Case,
    model::{Aside, Silence},
};

/// The ledger forgets whom it answered after `retention`; thanks that come later are answered like any message.
pub fn check(case: &Case<'_>) -> Option<Silence> {
    let thanks = case.verdict.aside == Some(Aside::Thanks) && !case.verdict.urgent;
    (thanks && case.history.answered_at.is_some()).then_some(Silence::Thanks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn only_somebody_who_was_answered_thanks_us_for_an_answer() {
        let thanks = Given::default().aside(Aside::Thanks);
        thanks.clone().answered_seconds_ago(86_400).expect(check, Some(Silence::Thanks));
        thanks.clone().expect(check, None);
        thanks.answered_seconds_ago(86_400).urgent().expect(check, None);
        Given::default().answered_seconds_ago(86_400).expect(check, None);
    }
}
