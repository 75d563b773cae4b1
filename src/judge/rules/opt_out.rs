//! X lets nobody be answered automatically who does not want it (`platforms/x.md` 6): who says so there is left alone.

use crate::{
    judge::Case,
    model::{Aside, Platform, Silence},
};

/// It is asked before the age of a message: who says stop while the service is down is heard afterwards.
///
/// A bare "stop" may be a cry too. From somebody whom we never answered it is taken for one where it seems urgent: the
/// answer says how to get no more of them.
pub fn check(case: &Case<'_>) -> Option<Silence> {
    if case.message.feed.platform() != Platform::X {
        return None;
    }
    let urgent = case.verdict.urgent;
    if case.verdict.aside == Some(Aside::Stop) && (!urgent || case.history.answered_at.is_some()) {
        return Some(Silence::OptOut);
    }
    let opted_out = case.history.opted_out_until.is_some_and(|until| case.now < until);
    opted_out.then_some(if urgent { Silence::OptedOutUrgent } else { Silence::OptedOut })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{judge::rules::case::Given, model::Feed};

    #[test]
    fn who_says_stop_on_x_is_left_alone_there_until_the_time_is_over() {
        let x = || Given::default().on(Feed::XInbox);
        x().aside(Aside::Stop).expect(check, Some(Silence::OptOut));
        x().opted_out_for_seconds(1).expect(check, Some(Silence::OptedOut));
        x().opted_out_for_seconds(1).urgent().expect(check, Some(Silence::OptedOutUrgent));
        x().opted_out_for_seconds(0).expect(check, None);
        x().expect(check, None);
    }

    #[test]
    fn a_cry_of_somebody_new_is_answered_and_other_platforms_have_no_such_rule() {
        let cry = Given::default().on(Feed::XMentions).aside(Aside::Stop).urgent();
        cry.clone().expect(check, None);
        cry.answered_seconds_ago(60).expect(check, Some(Silence::OptOut));
        Given::default().on(Feed::FacebookInbox).aside(Aside::Stop).expect(check, None);
    }
}
