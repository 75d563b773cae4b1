//! One thing a citizen wrote, in neutral form, and what our own account wrote beside it.

use jiff::Timestamp;

use super::{Feed, Private};

/// One thing a citizen wrote, as a feed shows it. Lives in memory only.
#[derive(Debug, Clone)]
pub struct Message {
    /// Where it was seen.
    pub feed: Feed,
    /// The platform's id, opaque; of the first version, where the author edited it.
    pub id: Private<String>,
    /// The id to answer: that of the version now shown.
    pub current: Private<String>,
    /// The conversation it belongs to, opaque: of messages, under one comment, or under one post.
    pub thread: Private<String>,
    /// The post or medium under which it stands, opaque; `None` where the thread says it.
    pub post: Option<Private<String>>,
    /// Who wrote it; `None` where the platform withholds it, which never means "ourselves".
    pub author: Option<Author>,
    /// What was written; empty for a picture or a sticker.
    pub text: Private<String>,
    /// When the platform says it was written. Meta's resolution is one second.
    pub created_at: Timestamp,
    /// A reason, found in the message itself, why it can never be answered.
    pub barrier: Option<Barrier>,
    /// Other accounts that a public post names; a reply must not call them.
    pub bystanders: Vec<Private<String>>,
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The platform's id, opaque.
    pub id: Private<String>,
    /// The public handle, where the feed shows it without a further call.
    pub handle: Option<Private<String>>,
    /// Whether it is the account that we answer for.
    pub is_self: bool,
}

/// Why a message that a feed shows cannot be answered, whatever the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Barrier {
    /// It names our account only in the hidden prefix of a reply, or only repeats another post.
    NotAddressed,
    /// Its author does not let us reply.
    RepliesClosed,
    /// A conversation of more than two.
    Group,
    /// The platform shows that it exists but not what it says or who wrote it.
    Unreadable,
    /// Not a message of a person: an event, a system line.
    NotAMessage,
    /// The platform offers no way to answer it.
    NoWay,
}

/// Something our own account wrote, by us, by a colleague or by the platform's automation.
#[derive(Debug, Clone)]
pub struct OwnPost {
    /// The platform's id, opaque.
    pub id: Private<String>,
    /// The conversation or post it stands in.
    pub thread: Private<String>,
    /// The message it answers, where the platform says so.
    pub in_reply_to: Option<Private<String>>,
    /// Whom it answers, where the platform says so.
    pub to: Option<Private<String>>,
    /// What it says, to recognise our own reply when its id is not known yet.
    pub text: Private<String>,
    /// When the platform says it was written.
    pub created_at: Timestamp,
}

/// Which way a reply takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Route {
    /// To where the message stands: into its conversation, or below it for everybody to see.
    Direct,
    /// A private message in answer to a public one. The platform takes one for each, ever.
    Private,
}

impl Route {
    /// The name used in the ledger.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Private => "private",
        }
    }
}

/// Where a reply goes: what an adapter needs to post it and to look for it afterwards.
///
/// Kept sealed in the ledger until the reply has ended, then erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The feed of the message answered.
    pub feed: Feed,
    /// Which way the reply takes.
    pub route: Route,
    /// The message answered.
    pub message: Private<String>,
    /// Its conversation.
    pub thread: Private<String>,
    /// The post or medium under which it stands, where the thread does not say it.
    pub post: Option<Private<String>>,
    /// Its author, where known.
    pub author: Option<Private<String>>,
    /// Accounts that the reply must not call.
    pub bystanders: Vec<Private<String>>,
}
