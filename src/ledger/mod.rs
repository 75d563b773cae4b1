//! The durable record: what was seen, what was decided, what was sent. The only thing that may allow a send.
//!
//! Ids enter as keyed hashes made by [`Keys`]; the address of a pending reply is kept encrypted and erased
//! when the reply has ended. [`Store`] is the contract; [`SqliteStore`] the default.

mod backup;
mod error;
mod folder;
mod keys;
mod lost;
mod opening;
mod pause;
mod rows;
mod sends;
mod sqlite;

pub use backup::{BackUp, back_up};
pub use error::LedgerError;
pub use folder::{StateFolder, is_key, write_whole};
pub use keys::{Keys, Sealed};
pub use lost::{Lost, NotTwoTimes};
pub use opening::{Doubt, KEPT_ASIDE, Opened};
pub use pause::{NotAPause, Pause};
pub use rows::{
    Begun, Ending, Entry, FeedMark, Figures, InDoubt, Limits, OpenReply, OutcomeCount, OwnRecord, Part, Pending, Plan,
    ReplyPlan, Shown,
};
pub use sqlite::{Contents, Signs, SqliteStore};

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};

use crate::model::{Feed, History, Platform};

/// What a ledger must be able to do. Each method is one transaction, durable when it returns.
#[async_trait]
pub trait Store: Send + Sync {
    /// The mark of a feed. The very first call sets the baseline at `now`, for good.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    async fn open_feed(&self, feed: Feed, now: Timestamp) -> Result<FeedMark, LedgerError>;

    /// Everything that the feed showed up to `at` has been recorded.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    async fn complete_feed(&self, feed: Feed, at: Timestamp) -> Result<(), LedgerError>;

    /// Whether a message has been recorded.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn has_seen(&self, message: &str) -> Result<bool, LedgerError>;

    /// The past of a message's feed, contact and conversation.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn history(&self, feed: Feed, contact: &str, thread: &str, now: Timestamp) -> Result<History, LedgerError>;

    /// Records new messages with their plans, all or none; passes over those that are known already.
    /// Returns for each whether it was new.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    async fn enter(&self, entries: Vec<Entry>) -> Result<Vec<bool>, LedgerError>;

    /// Whether the ledger knows a post of our own account as a reply of the service, by its id.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn knows_post(&self, post: &str) -> Result<bool, LedgerError>;

    /// The replies whose posting began at `since` or later and that may stand in a conversation: those to it, and the
    /// platform's private replies, of which it is not known where they arrive.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn posted_in(
        &self,
        platform: Platform,
        thread: &str,
        since: Timestamp,
    ) -> Result<Vec<OpenReply>, LedgerError>;

    /// A colleague wrote in a conversation; the latest time is kept.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    async fn colleague(&self, thread: &str, at: Timestamp) -> Result<(), LedgerError>;

    /// The replies of a platform's account that are intended or sending, with a sequence number above `after`: the
    /// lowest ones, a few hundred at most. There are no more only when none is returned.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn pending(&self, platform: Platform, after: i64) -> Result<Vec<Pending>, LedgerError>;

    /// One reply, if it is intended or sending.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn pending_reply(&self, seq: i64) -> Result<Option<Pending>, LedgerError>;

    /// Allows a send: marks an intended reply as sending, unless a colleague wrote in its conversation a short time
    /// before `now`, its contact wants no automatic reply, the hour has had its public replies, or somebody has paused the zone.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing may be sent.
    async fn begin(&self, seq: i64, fingerprint: &str, now: Timestamp, limits: Limits) -> Result<Begun, LedgerError>;

    /// A reply that was sending is known not to stand on the platform: it may be sent again. Where the platform certainly
    /// `refused` it, that attempt does not count as one.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    async fn reopen(&self, seq: i64, refused: bool) -> Result<(), LedgerError>;

    /// A reply has ended. With the last reply to its message the message ends and is counted, and what was held by
    /// them ends or moves up. A reply that has ended already stays as it is.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    async fn finish(&self, seq: i64, ending: Ending, now: Timestamp, day: Date) -> Result<(), LedgerError>;

    /// What a part of the service wants to remember over a restart, such as how much of a quota is used up.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn note(&self, name: &str) -> Result<Option<String>, LedgerError>;

    /// Keeps such a note; it holds numbers and fixed words only.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    async fn keep_note(&self, name: &str, text: &str) -> Result<(), LedgerError>;

    /// The figures of all days.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn figures(&self) -> Result<Figures, LedgerError>;

    /// Deletes every hash older than `before`, every opt-out that is over `now`, and where replies in doubt would go a day
    /// later; figures stay.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    async fn forget(&self, before: Timestamp, now: Timestamp) -> Result<u64, LedgerError>;

    /// The replies in doubt of which no human has said yet what becomes of them, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    async fn in_doubt(&self) -> Result<Vec<InDoubt>, LedgerError>;

    /// Proves that the ledger answers.
    ///
    /// # Errors
    /// When it does not.
    async fn ping(&self) -> Result<(), LedgerError>;
}
