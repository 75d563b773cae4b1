//! Where a human sees a message: an address in a browser, as far as the platform has one.

use crate::{
    config::Zone,
    model::{Feed, Message},
};

/// The address of a message, of its conversation, or of the inbox it lies in.
///
/// Meta names no address of a conversation that can be made from what is read, so that its inboxes are linked as a whole. None of
/// these addresses is promised by a platform (docs/UNVERIFIED.md).
pub fn link(zone: &Zone, message: &Message) -> Option<String> {
    let id = message.current.expose();
    match message.feed {
        Feed::FacebookInbox => Some(format!("https://www.facebook.com/{}/inbox/", zone.facebook.as_ref()?.page)),
        Feed::FacebookMentions | Feed::FacebookComments => Some(format!("https://www.facebook.com/{id}")),
        Feed::InstagramInbox => Some("https://www.instagram.com/direct/inbox/".to_owned()),
        Feed::InstagramComments | Feed::InstagramMentions => None,
        Feed::XMentions => Some(format!("https://x.com/i/status/{id}")),
        Feed::XInbox => Some(format!("https://x.com/messages/{}", message.thread.expose())),
        Feed::BlueskyMentions => id
            .strip_prefix("at://")
            .map(|post| format!("https://bsky.app/profile/{}", post.replace("/app.bsky.feed.post/", "/post/"))),
        Feed::BlueskyInbox => Some("https://bsky.app/messages".to_owned()),
        Feed::MastodonMentions | Feed::MastodonInbox => {
            let mastodon = zone.mastodon.as_ref()?;
            Some(format!("{}/@{}/{id}", mastodon.api_base, mastodon.username()))
        }
    }
    .filter(|link| link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/._-@".contains(&byte)))
}
