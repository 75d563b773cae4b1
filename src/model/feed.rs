//! Platforms, feeds and surfaces: the one table of names that grows when a platform is added.

use std::{fmt, str::FromStr};

/// A platform on which a zone has an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// A Facebook Page.
    Facebook,
    /// An X account.
    X,
}

impl Platform {
    /// Every platform, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Facebook, Self::X];

    /// The name used in files: the table `[facebook]`, the credential `facebook.token`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::X => "x",
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
    /// Posts that mention the account.
    XMentions,
    /// Direct messages that are not end-to-end encrypted.
    XInbox,
}

impl Feed {
    /// Every feed, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::FacebookInbox, Self::FacebookMentions, Self::XMentions, Self::XInbox];

    /// The full name: platform, dot, short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FacebookInbox => "facebook.inbox",
            Self::FacebookMentions => "facebook.mentions",
            Self::XMentions => "x.mentions",
            Self::XInbox => "x.inbox",
        }
    }

    /// The name inside its platform's table: `inbox`, `mentions`.
    pub fn short_name(self) -> &'static str {
        self.name().rsplit('.').next().unwrap_or(self.name())
    }

    /// The platform it belongs to.
    pub const fn platform(self) -> Platform {
        match self {
            Self::FacebookInbox | Self::FacebookMentions => Platform::Facebook,
            Self::XMentions | Self::XInbox => Platform::X,
        }
    }

    /// Whether a reply there is seen by everybody.
    pub const fn surface(self) -> Surface {
        match self {
            Self::FacebookInbox | Self::XInbox => Surface::Private,
            Self::FacebookMentions | Self::XMentions => Surface::Public,
        }
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
