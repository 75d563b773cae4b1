//! The real ledger on a simulated disk: it can be full, it lets other tasks run in between, and the process can die on
//! either side of each step that writes.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use async_trait::async_trait;
use formez101::{
    ledger::{Begun, Ending, Entry, FeedMark, Figures, LedgerError, Limits, OpenReply, Pending, SqliteStore, Store},
    model::{Feed, History, Platform},
};
use jiff::{Timestamp, civil::Date};

use super::world::World;

/// The ledger of a simulated process.
pub struct Disk {
    pub world: Arc<World>,
    pub inner: Arc<SqliteStore>,
}

impl Disk {
    /// A step that changes the ledger.
    async fn writing<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, LedgerError>>,
    ) -> Result<T, LedgerError> {
        self.world.step(&format!("before {name}")).await;
        if self.world.disk_is_full() {
            return Err(LedgerError::Unavailable("database or disk is full".into()));
        }
        let done = at_once(work);
        self.world.step(&format!("after {name}")).await;
        done
    }

    /// A step that only looks.
    async fn reading<T>(&self, work: impl Future<Output = Result<T, LedgerError>>) -> Result<T, LedgerError> {
        self.world.others_may_run().await;
        at_once(work)
    }
}

/// Runs `work` to its end while nothing else on this runtime runs: SQLite works on a thread of its own, and whether
/// it answers before or after something else is ready must not change the story.
pub fn at_once<F: Future>(work: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut work = pin!(tokio::task::unconstrained(work));
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
            return done;
        }
        thread::park();
    }
}

#[async_trait]
impl Store for Disk {
    async fn open_feed(&self, feed: Feed, now: Timestamp) -> Result<FeedMark, LedgerError> {
        self.writing("open_feed", self.inner.open_feed(feed, now)).await
    }
    async fn complete_feed(&self, feed: Feed, at: Timestamp) -> Result<(), LedgerError> {
        self.writing("complete_feed", self.inner.complete_feed(feed, at)).await
    }
    async fn has_seen(&self, message: &str) -> Result<bool, LedgerError> {
        self.reading(self.inner.has_seen(message)).await
    }
    async fn history(&self, feed: Feed, contact: &str, thread: &str, now: Timestamp) -> Result<History, LedgerError> {
        self.reading(self.inner.history(feed, contact, thread, now)).await
    }
    async fn enter(&self, entries: Vec<Entry>) -> Result<Vec<bool>, LedgerError> {
        self.writing("enter", self.inner.enter(entries)).await
    }
    async fn knows_post(&self, post: &str) -> Result<bool, LedgerError> {
        self.reading(self.inner.knows_post(post)).await
    }
    async fn posted_in(
        &self,
        platform: Platform,
        thread: &str,
        since: Timestamp,
    ) -> Result<Vec<OpenReply>, LedgerError> {
        self.reading(self.inner.posted_in(platform, thread, since)).await
    }
    async fn colleague(&self, thread: &str, at: Timestamp) -> Result<(), LedgerError> {
        self.writing("colleague", self.inner.colleague(thread, at)).await
    }
    async fn pending(&self, platform: Platform, after: i64) -> Result<Vec<Pending>, LedgerError> {
        self.reading(self.inner.pending(platform, after)).await
    }
    async fn pending_reply(&self, seq: i64) -> Result<Option<Pending>, LedgerError> {
        self.reading(self.inner.pending_reply(seq)).await
    }
    async fn begin(&self, seq: i64, fingerprint: &str, now: Timestamp, limits: Limits) -> Result<Begun, LedgerError> {
        self.writing("begin", self.inner.begin(seq, fingerprint, now, limits)).await
    }
    async fn reopen(&self, seq: i64, refused: bool) -> Result<(), LedgerError> {
        self.writing("reopen", self.inner.reopen(seq, refused)).await
    }
    async fn finish(&self, seq: i64, ending: Ending, now: Timestamp, day: Date) -> Result<(), LedgerError> {
        self.writing("finish", self.inner.finish(seq, ending, now, day)).await
    }
    async fn note(&self, name: &str) -> Result<Option<String>, LedgerError> {
        self.reading(self.inner.note(name)).await
    }
    async fn keep_note(&self, name: &str, text: &str) -> Result<(), LedgerError> {
        self.writing("keep_note", self.inner.keep_note(name, text)).await
    }
    async fn figures(&self) -> Result<Figures, LedgerError> {
        self.reading(self.inner.figures()).await
    }
    async fn forget(&self, before: Timestamp) -> Result<u64, LedgerError> {
        self.writing("forget", self.inner.forget(before)).await
    }
    async fn ping(&self) -> Result<(), LedgerError> {
        self.reading(self.inner.ping()).await
    }
}
