//! How often a feed may be polled.

use std::time::Duration;

use crate::model::Feed;

/// The time between two polls when no file says otherwise.
///
/// Meta asks automated inboxes to answer within 30 s (`platforms/meta.md`); X sells its quota by the quarter of an hour
/// (`platforms/x.md` 4.4). A Bluesky server takes 3,000 calls in five minutes (`platforms/bluesky.md` 6).
pub const fn default_interval(feed: Feed) -> Duration {
    Duration::from_secs(match feed {
        Feed::FacebookInbox | Feed::InstagramInbox | Feed::BlueskyMentions | Feed::BlueskyInbox => 15,
        // Both read the same list, and reading it from the top has no limit of its own (`platforms/mastodon.md` 6).
        Feed::MastodonMentions | Feed::MastodonInbox => 20,
        Feed::FacebookMentions | Feed::FacebookComments | Feed::InstagramComments | Feed::XMentions => 60,
        Feed::InstagramMentions => 300,
        Feed::XInbox => 90,
    })
}

/// The shortest time between two polls that the platform bears; a stand-in on this machine bears more.
pub const fn floor(feed: Feed, loopback: bool) -> Duration {
    if loopback {
        return Duration::from_millis(50);
    }
    Duration::from_secs(match feed {
        Feed::FacebookInbox | Feed::InstagramInbox | Feed::BlueskyMentions | Feed::BlueskyInbox => 5,
        Feed::MastodonMentions | Feed::MastodonInbox => 10,
        Feed::FacebookMentions
        | Feed::FacebookComments
        | Feed::InstagramComments
        | Feed::InstagramMentions
        | Feed::XMentions => 15,
        Feed::XInbox => 60,
    })
}
