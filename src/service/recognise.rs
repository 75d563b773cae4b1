//! Is a post of our own account a reply of the service? Pure.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    clock::{after, before},
    ledger::OpenReply,
    model::{OwnPost, Target},
};

/// Meta's times are whole seconds.
const SECOND: Duration = Duration::from_secs(1);

/// How long after its posting began, by our clock, a post with our text may still be ours: a platform may act late, and
/// our clock may be behind.
pub const LATEST: Duration = Duration::from_secs(3600);

/// When a reply can stand on the platform at the earliest: not before the message that it answers. Both are the platform's
/// times, so a wrong clock of ours does not matter.
pub fn since(message_created_at: Timestamp) -> Timestamp {
    before(message_created_at, SECOND)
}

/// Whether a post written at `created_at` may be `reply`.
pub fn may_be(created_at: Timestamp, reply: &OpenReply) -> bool {
    created_at >= since(reply.created_at) && created_at <= after(reply.sending_at, LATEST)
}

/// When the posting of a post written at `created_at` can have begun at the earliest.
pub fn earliest(created_at: Timestamp) -> Timestamp {
    before(created_at, LATEST)
}

/// Whether a post stands where the reply to `target` would: it answers that very message, or, where the
/// platform does not say what is answered, it stands in that conversation.
pub fn stands_there(post: &OwnPost, target: &Target) -> bool {
    match &post.in_reply_to {
        Some(answered) => *answered == target.message,
        None => post.thread == target.thread,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Feed, Route};

    fn post(in_reply_to: Option<&str>) -> OwnPost {
        OwnPost {
            id: "9".into(),
            thread: "t".into(),
            in_reply_to: in_reply_to.map(Into::into),
            to: None,
            text: "".into(),
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_equal_text_to_another_citizen_in_the_same_conversation_is_not_this_reply() {
        let target = Target {
            feed: Feed::XMentions,
            route: Route::Direct,
            message: "1".into(),
            thread: "t".into(),
            post: None,
            author: None,
            bystanders: Vec::new(),
        };
        assert!(stands_there(&post(Some("1")), &target));
        assert!(!stands_there(&post(Some("2")), &target));
        assert!(stands_there(&post(None), &target));
    }

    #[test]
    fn a_post_from_before_the_message_is_not_its_reply_whatever_our_clock_says() {
        let written: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let sent_at =
            |sending_at| OpenReply { fingerprint: "f".into(), created_at: written, sending_at, settled: false };
        let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
        let behind = sent_at(before(written, hour));
        let ahead = sent_at(after(written, hour * 3));
        for reply in [&behind, &ahead] {
            assert!(may_be(written, reply));
            assert!(!may_be(before(written, second * 2), reply));
        }
        assert!(!may_be(after(written, second), &behind), "much later it is somebody's who copied the text");
        assert!(may_be(after(written, hour * 4), &ahead));
    }
}
