//! The real ledger under a paused clock. SQLite works on a thread of its own, which a paused clock does not see:
//! it would jump ahead while a query runs. A blocking task beside each query holds it.

use std::{
    future::Future,
    sync::{Arc, mpsc},
};

use formez101::ledger::{Doubt, Keys, LedgerError, SqliteStore, StateFolder};
use jiff::Timestamp;

use super::around::{Around, Ledger};

pub type PausedStore = Ledger<Holding, Arc<SqliteStore>>;

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
    (Ledger { around: Holding, inner: Arc::new(opened.store) }, opened.doubt)
}

/// Holds the clock around each step.
pub struct Holding;

impl Around for Holding {
    async fn reading<T: Send>(
        &self,
        work: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> Result<T, LedgerError> {
        let _hold = hold();
        work.await
    }
    async fn writing<T: Send>(
        &self,
        _: &'static str,
        work: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> Result<T, LedgerError> {
        self.reading(work).await
    }
}
