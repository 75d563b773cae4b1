//! What the zone wants answered on this feed.

use crate::{config::ReplyTo, judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    let Some(settings) = case.zone.feeds.get(&case.message.feed) else { return Some(Silence::FeedSilent) };
    let wanted = match settings.reply_to {
        ReplyTo::All => true,
        ReplyTo::Urgent => case.verdict.urgent,
        ReplyTo::None => false,
    };
    if !wanted {
        return Some(Silence::FeedSilent);
    }
    settings.ways(case.message.feed).is_none().then_some(Silence::PublicOff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::PublicReplies, judge::rules::case::Given, model::Feed};

    #[test]
    fn a_feed_may_be_counted_only_or_answer_the_urgent_only() {
        Given::default().reply_to(ReplyTo::None).expect(check, Some(Silence::FeedSilent));
        Given::default().reply_to(ReplyTo::Urgent).expect(check, Some(Silence::FeedSilent));
        Given::default().reply_to(ReplyTo::Urgent).urgent().expect(check, None);
        Given::default().reply_to(ReplyTo::All).expect(check, None);
    }

    #[test]
    fn public_replies_can_be_switched_off_without_touching_the_inbox() {
        let off = Given::default().on(Feed::XMentions).public_replies(PublicReplies::None);
        off.expect(check, Some(Silence::PublicOff));
        Given::default().on(Feed::XMentions).expect(check, None);
    }
}
