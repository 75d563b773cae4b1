//! The real ledger under a paused clock. SQLite works on a thread of its own, which a paused clock does not see:
//! it would jump ahead while a query runs. A blocking task beside each query holds it.

use std::sync::mpsc;

use async_trait::async_trait;
use formez101::{
    ledger::{
        Begun, Doubt, Ending, Entry, FeedMark, Figures, Keys, LedgerError, Limits, OpenReply, Pending, SqliteStore,
        StateFolder, Store,
    },
    model::{Feed, History, Platform},
};
use jiff::{Timestamp, civil::Date};

pub struct PausedStore {
    inner: SqliteStore,
}

/// While it lives, the clock stands still.
pub struct Hold(#[expect(dead_code, reason = "dropping it is what it is for")] mpsc::Sender<()>);

/// Holds the clock.
pub fn hold() -> Hold {
    let (release, released) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || {
        // Ends with an error as soon as the other side is dropped, which is the signal.
        let _ = released.recv();
    });
    Hold(release)
}

/// Opens the ledger of a folder as the program does.
pub async fn open(folder: &StateFolder, keys: &Keys, now: Timestamp) -> (PausedStore, Option<Doubt>) {
    let _hold = hold();
    let opened = folder.open_ledger(keys, now).await.unwrap();
    (PausedStore { inner: opened.store }, opened.doubt)
}

#[async_trait]
impl Store for PausedStore {
    async fn open_feed(&self, feed: Feed, now: Timestamp) -> Result<FeedMark, LedgerError> {
        let _hold = hold();
        self.inner.open_feed(feed, now).await
    }
    async fn complete_feed(&self, feed: Feed, at: Timestamp) -> Result<(), LedgerError> {
        let _hold = hold();
        self.inner.complete_feed(feed, at).await
    }
    async fn has_seen(&self, message: &str) -> Result<bool, LedgerError> {
        let _hold = hold();
        self.inner.has_seen(message).await
    }
    async fn history(&self, feed: Feed, contact: &str, thread: &str, now: Timestamp) -> Result<History, LedgerError> {
        let _hold = hold();
        self.inner.history(feed, contact, thread, now).await
    }
    async fn enter(&self, entries: Vec<Entry>) -> Result<Vec<bool>, LedgerError> {
        let _hold = hold();
        self.inner.enter(entries).await
    }
    async fn knows_post(&self, post: &str) -> Result<bool, LedgerError> {
        let _hold = hold();
        self.inner.knows_post(post).await
    }
    async fn posted_in(
        &self,
        platform: Platform,
        thread: &str,
        since: Timestamp,
    ) -> Result<Vec<OpenReply>, LedgerError> {
        let _hold = hold();
        self.inner.posted_in(platform, thread, since).await
    }
    async fn colleague(&self, thread: &str, at: Timestamp) -> Result<(), LedgerError> {
        let _hold = hold();
        self.inner.colleague(thread, at).await
    }
    async fn pending(&self, platform: Platform, after: i64) -> Result<Vec<Pending>, LedgerError> {
        let _hold = hold();
        self.inner.pending(platform, after).await
    }
    async fn pending_reply(&self, seq: i64) -> Result<Option<Pending>, LedgerError> {
        let _hold = hold();
        self.inner.pending_reply(seq).await
    }
    async fn begin(&self, seq: i64, fingerprint: &str, now: Timestamp, limits: Limits) -> Result<Begun, LedgerError> {
        let _hold = hold();
        self.inner.begin(seq, fingerprint, now, limits).await
    }
    async fn reopen(&self, seq: i64, refused: bool) -> Result<(), LedgerError> {
        let _hold = hold();
        self.inner.reopen(seq, refused).await
    }
    async fn finish(&self, seq: i64, ending: Ending, now: Timestamp, day: Date) -> Result<(), LedgerError> {
        let _hold = hold();
        self.inner.finish(seq, ending, now, day).await
    }
    async fn note(&self, name: &str) -> Result<Option<String>, LedgerError> {
        let _hold = hold();
        self.inner.note(name).await
    }
    async fn keep_note(&self, name: &str, text: &str) -> Result<(), LedgerError> {
        let _hold = hold();
        self.inner.keep_note(name, text).await
    }
    async fn figures(&self) -> Result<Figures, LedgerError> {
        let _hold = hold();
        self.inner.figures().await
    }
    async fn forget(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let _hold = hold();
        self.inner.forget(before).await
    }
    async fn ping(&self) -> Result<(), LedgerError> {
        let _hold = hold();
        self.inner.ping().await
    }
}
