//! What the ledger knows that bears on one message: everything the judge may look at beside the message itself.

use jiff::Timestamp;

use super::Language;

/// The past of one message's feed, contact and conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// When this feed was started for the very first time.
    pub baseline: Timestamp,
    /// Whether the feed has never been read to its end yet: what it shows then stood there at the start.
    pub first_view: bool,
    /// When a colleague last wrote in this conversation.
    pub colleague_at: Option<Timestamp>,
    /// When this contact was last answered: the confirmed send, not the attempt.
    pub answered_at: Option<Timestamp>,
    /// A reply to this contact that has not ended yet.
    pub open_reply: Option<i64>,
    /// Whether that reply is not to be posted yet, because a colleague has time to answer.
    pub open_waits: bool,
    /// Public replies sent or under way in the last hour, over all feeds.
    pub public_replies: u32,
    /// Until when this contact gets no automatic reply because it asked for none.
    pub opted_out_until: Option<Timestamp>,
    /// Whether somebody has paused the zone.
    pub paused: bool,
    /// The language that this contact last showed in this conversation.
    pub language: Option<Language>,
}

impl History {
    /// Nothing but the first start, at `baseline`.
    pub const fn since(baseline: Timestamp) -> Self {
        Self {
            baseline,
            first_view: false,
            colleague_at: None,
            answered_at: None,
            open_reply: None,
            open_waits: false,
            public_replies: 0,
            opted_out_until: None,
            paused: false,
            language: None,
        }
    }
}
