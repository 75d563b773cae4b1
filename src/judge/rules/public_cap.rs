//! A hard cap on what everybody sees from us in an hour.

use crate::{
    judge::Case,
    model::{Silence, Surface},
};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    let public = case.message.feed.surface() == Surface::Public;
    (public && case.history.public_replies >= case.zone.policy.public_cap_per_hour).then_some(Silence::PublicCap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{judge::rules::case::Given, model::Feed};

    #[test]
    fn the_cap_holds_in_public_and_never_in_an_inbox() {
        Given::default().on(Feed::XMentions).public_replies_so_far(59).expect(check, None);
        Given::default().on(Feed::XMentions).public_replies_so_far(60).expect(check, Some(Silence::PublicCap));
        Given::default().on(Feed::XInbox).public_replies_so_far(60).expect(check, None);
    }
}
