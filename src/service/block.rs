//! How long an account must not post, because its platform has had enough of its posts.

use jiff::Timestamp;

use crate::{
    ledger::{LedgerError, Store},
    model::Platform,
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

    /// Asks the ledger, once.
    pub async fn read(&mut self, store: &dyn Store) -> Result<(), LedgerError> {
        let note = store.note(&self.note()).await?;
        let until = note.and_then(|second| Timestamp::from_second(second.parse().ok()?).ok());
        self.until = Some(until.unwrap_or(Timestamp::MIN));
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

    async fn keep(&mut self, store: &dyn Store, until: Timestamp) -> Result<(), LedgerError> {
        self.until = Some(until);
        store.keep_note(&self.note(), &until.as_second().to_string()).await
    }

    fn note(&self) -> String {
        format!("{} blocked until", self.account)
    }
}
