//! A ledger with something around each of its steps: the one place in the tests that repeats the contract of `Store`.

use std::{future::Future, ops::Deref};

use async_trait::async_trait;
use formez101::{
    ledger::{
        Begun, Ending, Entry, FeedMark, Figures, InDoubt, LedgerError, Limits, OpenReply, Pending, SqliteStore, Store,
    },
    model::{Feed, History, Platform},
};
use jiff::{Timestamp, civil::Date};

/// What happens around the steps of a ledger.
pub trait Around: Send + Sync {
    /// A step that only looks.
    fn reading<T: Send>(
        &self,
        work: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> impl Future<Output = Result<T, LedgerError>> + Send;

    /// A step that changes the ledger.
    fn writing<T: Send>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> impl Future<Output = Result<T, LedgerError>> + Send;
}

/// A ledger, and what happens around it.
pub struct Ledger<A, S> {
    pub around: A,
    pub inner: S,
}

#[async_trait]
impl<A: Around, S: Deref<Target = SqliteStore> + Send + Sync> Store for Ledger<A, S> {
    async fn open_feed(&self, feed: Feed, now: Timestamp) -> Result<FeedMark, LedgerError> {
        self.around.writing("open_feed", self.inner.open_feed(feed, now)).await
    }
    async fn complete_feed(&self, feed: Feed, at: Timestamp) -> Result<(), LedgerError> {
        self.around.writing("complete_feed", self.inner.complete_feed(feed, at)).await
    }
    async fn has_seen(&self, message: &str) -> Result<bool, LedgerError> {
        self.around.reading(self.inner.has_seen(message)).await
    }
    async fn history(&self, feed: Feed, contact: &str, thread: &str, now: Timestamp) -> Result<History, LedgerError> {
        self.around.reading(self.inner.history(feed, contact, thread, now)).await
    }
    async fn enter(&self, entries: Vec<Entry>) -> Result<Vec<bool>, LedgerError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        self.around.writing("enter", self.inner.enter(entries)).await
    }
    async fn knows_post(&self, post: &str) -> Result<bool, LedgerError> {
        self.around.reading(self.inner.knows_post(post)).await
    }
    async fn posted_in(
        &self,
        platform: Platform,
        thread: &str,
        since: Timestamp,
    ) -> Result<Vec<OpenReply>, LedgerError> {
        self.around.reading(self.inner.posted_in(platform, thread, since)).await
    }
    async fn colleague(&self, thread: &str, at: Timestamp) -> Result<(), LedgerError> {
        self.around.writing("colleague", self.inner.colleague(thread, at)).await
    }
    async fn pending(&self, platform: Platform, after: i64) -> Result<Vec<Pending>, LedgerError> {
        self.around.reading(self.inner.pending(platform, after)).await
    }
    async fn pending_reply(&self, seq: i64) -> Result<Option<Pending>, LedgerError> {
        self.around.reading(self.inner.pending_reply(seq)).await
    }
    async fn begin(&self, seq: i64, fingerprint: &str, now: Timestamp, limits: Limits) -> Result<Begun, LedgerError> {
        self.around.writing("begin", self.inner.begin(seq, fingerprint, now, limits)).await
    }
    async fn reopen(&self, seq: i64, refused: bool) -> Result<(), LedgerError> {
        self.around.writing("reopen", self.inner.reopen(seq, refused)).await
    }
    async fn finish(&self, seq: i64, ending: Ending, now: Timestamp, day: Date) -> Result<(), LedgerError> {
        self.around.writing("finish", self.inner.finish(seq, ending, now, day)).await
    }
    async fn note(&self, name: &str) -> Result<Option<String>, LedgerError> {
        self.around.reading(self.inner.note(name)).await
    }
    async fn keep_note(&self, name: &str, text: &str) -> Result<(), LedgerError> {
        self.around.writing("keep_note", self.inner.keep_note(name, text)).await
    }
    async fn figures(&self) -> Result<Figures, LedgerError> {
        self.around.reading(self.inner.figures()).await
    }
    async fn forget(&self, before: Timestamp, now: Timestamp) -> Result<u64, LedgerError> {
        self.around.writing("forget", self.inner.forget(before, now)).await
    }
    async fn in_doubt(&self) -> Result<Vec<InDoubt>, LedgerError> {
        self.around.reading(self.inner.in_doubt()).await
    }
    async fn ping(&self) -> Result<(), LedgerError> {
        self.around.reading(self.inner.ping()).await
    }
}
