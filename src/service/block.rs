//! How long an account must not post, because its platform has had enough of its posts.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::shifted,
    ledger::{LedgerError, Store},
    model::Platform,
    service::backoff::believed,
};

/// The pause of one account; kept in the ledger, so that a restart does not end it.
pub struct Block {
    account: Platform,
    /// `None` until it was read from the ledger.
    until: Option<Timestamp>,
}

impl Block {
    /// Nothing known yet.
    pub const fn new(account: Platform) -> Self {
        Self { account, until: None }
    }

    /// Before this time nothing is posted.
    pub fn until(&self) -> Timestamp {
        self.until.unwrap_or(Timestamp::MIN)
    }

    /// Whether the ledger was asked.
    pub const fn is_known(&self) -> bool {
        self.until.is_some()
    }

    /// Asks the ledger, once. A clock that was wrong may have written an end far ahead of `now`.
    pub async fn read(&mut self, store: &dyn Store, now: Timestamp) -> Result<(), LedgerError> {
        let note = store.note(&self.note()).await?;
        let until = note.and_then(|second| Timestamp::from_second(second.parse().ok()?).ok());
        self.until = Some(until.map_or(Timestamp::MIN, |until| believed(until, now)));
        Ok(())
    }

    /// Nothing is posted until a time, or longer if that is known already.
    pub async fn set(&mut self, store: &dyn Store, until: Timestamp) -> Result<(), LedgerError> {
        self.keep(store, until.max(self.until())).await
    }

    /// The reason for a pause is gone: it ends, unless another reason made it longer.
    pub async fn lift(&mut self, store: &dyn Store, until: Timestamp) -> Result<(), LedgerError> {
        if self.until == Some(until) { self.keep(store, Timestamp::MIN).await } else { Ok(()) }
    }

    /// The clock was set: the pause is as long as it was.
    pub async fn shift(&mut self, store: &dyn Store, by: SignedDuration) -> Result<(), LedgerError> {
        match self.until {
            Some(until) if until > Timestamp::MIN => self.keep(store, shifted(until, by)).await,
            _ => Ok(()),
        }
    }

    async fn keep(&mut self, store: &dyn Store, until: Timestamp) -> Result<(), LedgerError> {
        self.until = Some(until);
        store.keep_note(&self.note(), &until.as_second().to_string()).await
    }

    fn note(&self) -> String {
        format!("{} blocked until", self.account)
    }
}
