//! A hard cap on what everybody sees from us in an hour.

use crate::{
    judge::Case,
    model::{Feed, Silence, Surface, Ways},
};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    ways(case).is_none().then_some(Silence::PublicCap)
}

/// The ways that are left for an answer; `None` when only a public one was wanted and the cap is reached.
pub fn ways(case: &Case<'_>) -> Option<Ways> {
    let feed: Feed = case.message.feed;
    let wanted = case.zone.feeds.get(&feed).and_then(|settings| settings.ways(feed)).unwrap_or(Ways::Direct);
    let reached = case.history.public_replies >= case.zone.policy.public_cap_per_hour;
    match wanted {
        _ if feed.surface() == Surface::Private || !reached => Some(wanted),
        Ways::Direct => None,
        Ways::Private | Ways::Both => Some(Ways::Private),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::PublicReplies, judge::rules::case::Given};

    #[test]
    fn the_cap_holds_in_public_and_never_in_an_inbox() {
        Given::default().on(Feed::XMentions).public_replies_so_far(59).expect(check, None);
        Given::default().on(Feed::XMentions).public_replies_so_far(60).expect(check, Some(Silence::PublicCap));
        Given::default().on(Feed::XInbox).public_replies_so_far(60).expect(check, None);
    }

    #[test]
    fn at_the_cap_the_private_answer_to_a_comment_is_still_given() {
        let comment = Given::default().on(Feed::FacebookComments);
        for (mode, below, above) in [
            (PublicReplies::Public, Some(Ways::Direct), None),
            (PublicReplies::Private, Some(Ways::Private), Some(Ways::Private)),
            (PublicReplies::Both, Some(Ways::Both), Some(Ways::Private)),
        ] {
            let comment = comment.clone().public_replies(mode);
            assert_eq!(comment.clone().public_replies_so_far(59).ask(ways), below);
            assert_eq!(comment.public_replies_so_far(60).ask(ways), above);
        }
    }
}
