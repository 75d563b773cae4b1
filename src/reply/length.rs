//! How long a text may be on each feed, counted as its platform counts.

use unicode_segmentation::UnicodeSegmentation as _;

use super::x_length;
use crate::model::Feed;

/// Messenger wants fewer than 2000 characters and does not say which: the sheet asks to stay at 1999.
const MESSENGER: usize = 1999;

/// A Facebook comment; the figure is common knowledge and not in Meta's reference (unverified).
const FACEBOOK_COMMENT: usize = 8000;

/// An Instagram message, in bytes of UTF-8 (`platforms/meta.md` 4).
const INSTAGRAM_MESSAGE: usize = 1000;

/// An Instagram comment; the figure is common knowledge and not in Meta's reference (unverified).
const INSTAGRAM_COMMENT: usize = 2200;

/// A direct message on X; the figure dates from version 1.1 of the API (unverified).
const X_MESSAGE: usize = 10_000;

/// A post on Bluesky, in characters as a reader sees them, and in bytes of UTF-8 (`platforms/bluesky.md` 4).
const BLUESKY_POST: (usize, usize) = (300, 3000);

/// A post on Mastodon without the name of whom it answers, which has 30 characters at most, a sign and a space. A server may allow more; one
/// that allows less refuses it (`platforms/mastodon.md` 1).
const MASTODON: usize = 500 - 32;

/// A message on Bluesky, in the same units; seen in its definition only (unverified).
const BLUESKY_MESSAGE: (usize, usize) = (1000, 10_000);

/// The length of a text on a feed, in the unit that the platform counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// How long it is.
    pub used: usize,
    /// How long it may be.
    pub limit: usize,
}

impl Length {
    /// By how much the text is too long; 0 when it fits.
    pub const fn excess(self) -> usize {
        self.used.saturating_sub(self.limit)
    }
}

/// How long a text is on a feed, against the platform's limit.
///
/// On Facebook the unit is the UTF-16 unit, of which a text has never fewer than characters, so that either way of counting
/// is served. An Instagram message is counted in bytes, of which an accented letter has two. On X a public post is weighed and a direct message counted in characters. Bluesky counts characters as a reader sees them,
/// and bytes.
pub fn measure(feed: Feed, text: &str) -> Length {
    match feed {
        Feed::FacebookInbox => Length { used: text.encode_utf16().count(), limit: MESSENGER },
        Feed::FacebookMentions | Feed::FacebookComments => {
            Length { used: text.encode_utf16().count(), limit: FACEBOOK_COMMENT }
        }
        Feed::InstagramInbox => Length { used: text.len(), limit: INSTAGRAM_MESSAGE },
        Feed::InstagramComments | Feed::InstagramMentions => {
            Length { used: text.encode_utf16().count(), limit: INSTAGRAM_COMMENT }
        }
        Feed::XMentions => Length { used: x_length::weigh(text).units, limit: x_length::LIMIT },
        Feed::XInbox => Length { used: text.chars().count(), limit: X_MESSAGE },
        Feed::BlueskyMentions => graphemes(text, BLUESKY_POST),
        Feed::BlueskyInbox => graphemes(text, BLUESKY_MESSAGE),
        Feed::MastodonMentions | Feed::MastodonInbox => Length { used: text.chars().count(), limit: MASTODON },
    }
}

/// Characters as a reader sees them. Where the bytes are nearer to their limit, the length grows with them.
fn graphemes(text: &str, (limit, bytes): (usize, usize)) -> Length {
    Length { used: text.graphemes(true).count().max(text.len().div_ceil(bytes / limit)), limit }
}

/// Why a finished text cannot be posted on a feed, in one sentence; `None` when it can.
pub fn refusal(feed: Feed, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some("The text is empty.".to_owned());
    }
    let length = measure(feed, text);
    if length.excess() > 0 {
        return Some(format!(
            "The text is {} long on {feed}, {} over the limit of {}.",
            length.used,
            length.excess(),
            length.limit
        ));
    }
    let refused = feed == Feed::XMentions && !x_length::weigh(text).clean;
    refused.then(|| format!("The text holds an invisible character that {feed} refuses."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platform_counts_in_its_own_way() {
        for (feed, used, limit) in [
            (Feed::FacebookInbox, 5, 1999),
            (Feed::FacebookMentions, 5, 8000),
            (Feed::InstagramInbox, 10, 1000),
            (Feed::InstagramComments, 5, 2200),
            (Feed::XMentions, 6, 280),
            (Feed::XInbox, 4, 10_000),
            (Feed::BlueskyMentions, 4, 300),
            (Feed::BlueskyInbox, 4, 1000),
        ] {
            assert_eq!(
                measure(feed, "📞 €é"),
                Length { used: if feed == Feed::XMentions { 2 + 1 + 2 + 1 } else { used }, limit }
            );
        }
    }

    #[test]
    fn a_text_at_the_limit_passes_and_one_more_does_not() {
        for feed in Feed::ALL {
            let limit = measure(feed, "").limit;
            assert_eq!(refusal(feed, &"x".repeat(limit)), None);
            let problem = refusal(feed, &"x".repeat(limit + 1)).unwrap_or_default();
            assert!(problem.contains("1 over the limit"), "{problem}");
        }
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        assert_eq!(measure(Feed::BlueskyMentions, family).used, 3, "one for a reader, but 25 bytes");
        assert_eq!(refusal(Feed::BlueskyMentions, &"e\u{301}".repeat(300)), None);
        assert!(refusal(Feed::BlueskyMentions, &family.repeat(121)).is_some(), "121 for a reader, but 3,025 bytes");
        assert!(refusal(Feed::XInbox, " \n").is_some());
        assert!(refusal(Feed::XMentions, "101\u{feff}").is_some());
    }
}
