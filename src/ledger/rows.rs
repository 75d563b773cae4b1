//! What goes into the ledger and what comes out, free of any database's types.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};

use crate::model::{Feed, Kind, Language, Outcome, Route, Silence};

/// How far a feed has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedMark {
    /// The very first start.
    pub baseline: Timestamp,
    /// Everything up to here has been recorded; `None` until the feed was read to its end once.
    pub complete: Option<Timestamp>,
}

/// A message on its way into the ledger.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The message, hashed.
    pub message: String,
    /// Where it was seen.
    pub feed: Feed,
    /// When it was written.
    pub created_at: Timestamp,
    /// What is to become of it.
    pub plan: Plan,
    /// The first language of the answer, counted without a contact.
    pub language: Language,
    /// The language that its author showed, to be known when the next message shows none.
    pub shown: Option<Shown>,
    /// What it is about, counted without a contact.
    pub kind: Kind,
    /// Whether it is urgent, counted without a contact.
    pub urgent: bool,
    /// The zone's day, for the figures.
    pub day: Date,
    /// Now.
    pub now: Timestamp,
}

/// A language that somebody showed in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The contact, hashed.
    pub contact: String,
    /// The conversation, hashed.
    pub thread: String,
    /// The language.
    pub language: Language,
}

/// What is to become of a message.
#[derive(Debug, Clone)]
pub enum Plan {
    /// It ends here.
    Silence(Silence),
    /// It ends here, and its author gets no automatic reply until a time: it asked for that.
    OptOut {
        /// The contact, hashed.
        contact: String,
        /// Until when.
        until: Timestamp,
    },
    /// A reply is intended.
    Reply(ReplyPlan),
    /// It waits for the end of another reply to the same contact.
    Hold(ReplyPlan, i64),
    /// A reply is intended, and another one to the same contact, which is not to be posted yet, waits for its end.
    Overtake(ReplyPlan, i64),
}

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub struct ReplyPlan {
    /// The contact, hashed.
    pub contact: String,
    /// The conversation, hashed.
    pub thread: String,
    /// The replies that it is made of, in the order in which they leave; each takes another way.
    pub parts: Vec<Part>,
}

/// One reply of an answer.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which way it takes.
    pub route: Route,
    /// Where it goes and which text, encrypted.
    pub sealed: Vec<u8>,
}

/// A reply that is intended or sending.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its number.
    pub seq: i64,
    /// The message it answers, hashed.
    pub message: String,
    /// Where it goes and which text, encrypted.
    pub sealed: Vec<u8>,
    /// When its posting began, if it did: then its result is unknown.
    pub sending_at: Option<Timestamp>,
    /// How many times its posting began without a certain refusal.
    pub attempts: u32,
    /// When the message was written.
    pub created_at: Timestamp,
    /// When the reply was decided.
    pub intended_at: Timestamp,
}

/// What speaks against a send that was decided a while ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Silence in a conversation after a colleague wrote there.
    pub silence: Duration,
    /// At most so many public replies begin in any hour, over all feeds.
    pub public_cap: u32,
    /// A colleague had time to answer: whatever one wrote in the conversation after the message stops the send.
    pub left: bool,
}

/// A reply whose posting is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReply {
    /// The hash of its text.
    pub fingerprint: String,
    /// When the message that it answers was written, by the platform's clock.
    pub created_at: Timestamp,
    /// When the posting began.
    pub sending_at: Timestamp,
    /// Whether the platform has named the post already.
    pub settled: bool,
}

/// How a reply ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// What is counted for its message, unless another reply to that message did better.
    pub outcome: Outcome,
    /// The id that the platform gave the reply, hashed, where it is known.
    pub post: Option<String>,
    /// The contact under which the platform delivered it, hashed, where it names another one than the message did.
    pub recipient: Option<String>,
}

impl From<Outcome> for Ending {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, post: None, recipient: None }
    }
}

/// The ledger's answer to a sender that wants to post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Post now.
    Go,
    /// A colleague has come in between.
    Colleague,
    /// Its contact has asked for no automatic reply in between.
    OptedOut,
    /// The hour has had as many public replies as it may have; it has room again at `until`.
    Full {
        /// When the first of them is an hour old.
        until: Timestamp,
    },
    /// Somebody has paused the zone.
    Paused,
    /// The reply has ended, or is being posted already.
    NotOpen,
}

/// A post of our own account, hashed, to find out whether a colleague wrote it.
#[derive(Debug, Clone)]
pub struct OwnRecord {
    /// Its id.
    pub post: String,
    /// The conversation it stands in.
    pub thread: String,
    /// The hash of its text.
    pub fingerprint: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A reply of which it cannot be told whether it stands on the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InDoubt {
    /// Its number.
    pub seq: i64,
    /// The feed's name.
    pub feed: String,
    /// When the message was written.
    pub created_at: Timestamp,
    /// When its posting began.
    pub sending_at: Option<Timestamp>,
}

/// How many messages ended in one way on one feed and day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The zone's day, `2026-11-23`.
    pub day: String,
    /// The feed's name.
    pub feed: String,
    /// The outcome's name.
    pub outcome: String,
    /// The reason's code, or empty.
    pub reason: String,
    /// How many.
    pub total: u64,
}

/// Everything counted, and what is still open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Ended messages.
    pub outcomes: Vec<OutcomeCount>,
    /// Messages recorded, ended or not.
    pub messages: u64,
    /// Messages that have not ended.
    pub open: u64,
}
