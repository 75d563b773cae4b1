//! Platforms, feeds and surfaces: the one table of names that grows when a platform is added.

use std::{fmt, str::FromStr};

use super::Route;

/// A platform on which a zone has an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// A Facebook Page.
    Facebook,
    /// An Instagram professional account.
    Instagram,
    /// An X account.
    X,
    /// A Bluesky account.
    Bluesky,
    /// An account on a server that speaks Mastodon's client API.
    Mastodon,
}

impl Platform {
    /// Every platform, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Facebook, Self::Instagram, Self::X, Self::Bluesky, Self::Mastodon];

    /// The name used in files: the table `[facebook]`, the credential `facebook.token`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
            Self::X => "x",
            Self::Bluesky => "bluesky",
            Self::Mastodon => "mastodon",
        }
    }

    /// Where private replies to this platform's public messages arrive.
    pub const fn inbox(self) -> Feed {
        match self {
            Self::Facebook => Feed::FacebookInbox,
            Self::Instagram => Feed::InstagramInbox,
            Self::X => Feed::XInbox,
            Self::Bluesky => Feed::BlueskyInbox,
            Self::Mastodon => Feed::MastodonInbox,
        }
    }

    /// The feeds of this platform.
    pub fn feeds(self) -> impl Iterator<Item = Feed> {
        Feed::ALL.into_iter().filter(move |feed| feed.platform() == self)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who can see what is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Surface {
    /// An inbox: only the citizen and the zone.
    Private,
    /// A post or a mention: everybody.
    Public,
}

impl Surface {
    /// Both surfaces.
    pub const ALL: [Self; 2] = [Self::Private, Self::Public];

    /// The name used in files: the table `[reply.public]`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing to poll of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feed {
    /// The Page's Messenger conversations.
    FacebookInbox,
    /// Public posts that tag the Page.
    FacebookMentions,
    /// What citizens write on the Page itself: comments under its posts, and posts of visitors.
    FacebookComments,
    /// The Instagram account's conversations, with replies to its stories and stories that mention it.
    InstagramInbox,
    /// Comments under the account's own media.
    InstagramComments,
    /// Media of others in which the account is tagged. They can be counted, not answered.
    InstagramMentions,
    /// Posts that mention the account.
    XMentions,
    /// Direct messages that are not end-to-end encrypted.
    XInbox,
    /// Posts that mention the account or answer it.
    BlueskyMentions,
    /// Messages to the account, where the app password allows them to be read.
    BlueskyInbox,
    /// Posts that mention the account, for everybody, unlisted or for followers.
    MastodonMentions,
    /// Posts that only those whom they name may see: the inbox of that network.
    MastodonInbox,
}

impl Feed {
    /// Every feed, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::FacebookInbox,
        Self::FacebookMentions,
        Self::FacebookComments,
        Self::InstagramInbox,
        Self::InstagramComments,
        Self::InstagramMentions,
        Self::XMentions,
        Self::XInbox,
        Self::BlueskyMentions,
        Self::BlueskyInbox,
        Self::MastodonMentions,
        Self::MastodonInbox,
    ];

    /// The full name: platform, dot, short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FacebookInbox => "facebook.inbox",
            Self::FacebookMentions => "facebook.mentions",
            Self::FacebookComments => "facebook.comments",
            Self::InstagramInbox => "instagram.inbox",
            Self::InstagramComments => "instagram.comments",
            Self::InstagramMentions => "instagram.mentions",
            Self::XMentions => "x.mentions",
            Self::XInbox => "x.inbox",
            Self::BlueskyMentions => "bluesky.mentions",
            Self::BlueskyInbox => "bluesky.inbox",
            Self::MastodonMentions => "mastodon.mentions",
            Self::MastodonInbox => "mastodon.inbox",
        }
    }

    /// The name inside its platform's table: `inbox`, `mentions`.
    pub fn short_name(self) -> &'static str {
        self.name().rsplit('.').next().unwrap_or(self.name())
    }

    /// The platform it belongs to.
    pub const fn platform(self) -> Platform {
        match self {
            Self::FacebookInbox | Self::FacebookMentions | Self::FacebookComments => Platform::Facebook,
            Self::InstagramInbox | Self::InstagramComments | Self::InstagramMentions => Platform::Instagram,
            Self::XMentions | Self::XInbox => Platform::X,
            Self::BlueskyMentions | Self::BlueskyInbox => Platform::Bluesky,
            Self::MastodonMentions | Self::MastodonInbox => Platform::Mastodon,
        }
    }

    /// Whether what is written there is seen by everybody.
    pub const fn surface(self) -> Surface {
        match self {
            Self::FacebookInbox | Self::InstagramInbox | Self::XInbox | Self::BlueskyInbox | Self::MastodonInbox => {
                Surface::Private
            }
            Self::FacebookMentions
            | Self::FacebookComments
            | Self::InstagramComments
            | Self::InstagramMentions
            | Self::XMentions
            | Self::BlueskyMentions
            | Self::MastodonMentions => Surface::Public,
        }
    }

    /// The feed in whose form a reply is written: a private one arrives in the platform's inbox.
    #[must_use]
    pub const fn place(self, route: Route) -> Self {
        match route {
            Route::Direct => self,
            Route::Private => self.platform().inbox(),
        }
    }

    /// Whether the platform lets a public message there be answered by a private one (`platforms/meta.md` 4).
    pub const fn has_private_replies(self) -> bool {
        matches!(self, Self::FacebookComments | Self::InstagramComments)
    }

    /// Whether a reply can stand there at all: media that only tag the account cannot be commented on
    /// (`platforms/meta.md` 5).
    pub const fn can_be_answered(self) -> bool {
        !matches!(self, Self::InstagramMentions)
    }
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a feed")]
pub struct UnknownFeed;

impl FromStr for Feed {
    type Err = UnknownFeed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|feed| feed.name() == text).ok_or(UnknownFeed)
    }
}
