//! The real ledger on a simulated disk: it can be full, it lets other tasks run in between, and the process can die on
//! either side of each step that writes.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use formez101::ledger::LedgerError;

use super::{around::Around, world::World};

/// The disk under the ledger of a simulated process.
pub struct Disk(pub Arc<World>);

impl Around for Disk {
    async fn reading<T: Send>(
        &self,
        work: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> Result<T, LedgerError> {
        self.0.others_may_run().await;
        at_once(work)
    }

    async fn writing<T: Send>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> Result<T, LedgerError> {
        self.0.step(&format!("before {name}")).await;
        if self.0.disk_is_full() {
            return Err(LedgerError::Unavailable("database or disk is full".into()));
        }
        let done = at_once(work);
        self.0.step(&format!("after {name}")).await;
        done
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
