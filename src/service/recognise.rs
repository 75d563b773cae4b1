//! Is a post of our own account a reply of the service? Pure.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    clock::{after, before},
    model::{OwnPost, Target},
};

/// How far the platform's clock may be behind ours; Meta's times are whole seconds besides.
pub const CLOCK_SLACK: Duration = Duration::from_secs(60);

/// How long after the posting began its post may still carry our text and be ours.
pub const LATEST: Duration = Duration::from_secs(600);

/// Whether a post written at `created_at` may be the one whose posting began at `sending_at`.
pub fn in_time(created_at: Timestamp, sending_at: Timestamp) -> bool {
    created_at >= before(sending_at, CLOCK_SLACK) && created_at <= after(sending_at, LATEST)
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
    fn a_post_from_before_the_attempt_is_an_earlier_one() {
        let sending: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        assert!(in_time(sending, sending));
        assert!(!in_time(before(sending, Duration::from_secs(61)), sending));
        assert!(!in_time(after(sending, Duration::from_secs(601)), sending));
    }
}
