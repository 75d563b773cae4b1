//! The child: the real service on a ledger that ends the process at a chosen step.

#[path = "../around/mod.rs"]
mod around;

use std::{
    collections::BTreeMap,
    fmt,
    io::Read as _,
    path::Path,
    process, str,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use formez101::{
    auth::Tokens,
    clock::Clock,
    config::{PublicReplies, Zone},
    http::{HttpTransport, Transport},
    ledger::{LedgerError, SqliteStore, StateFolder},
    model::{Feed, Platform},
    platform::{
        self,
        meta::{FacebookPage, Graph},
        x::XAccount,
    },
    sandbox::Setup,
    service::{Nobody, Service},
    triage::Triage,
};

use around::{Around, Ledger};

/// On which side of a step the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// The step at which the process ends, counted from 1.
#[derive(Debug, Clone, Copy)]
pub struct At {
    pub step: u64,
    pub side: Side,
}

impl At {
    /// At no step.
    pub const NEVER: Self = Self { step: u64::MAX, side: Side::Before };

    /// What [`fmt::Display`] wrote.
    pub fn read(text: &str) -> Self {
        let (side, step) = text.split_once(' ').expect("a side and a number");
        let side = if side == "before" { Side::Before } else { Side::After };
        Self { step: step.parse().expect("a number"), side }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.side == Side::Before { "before" } else { "after" }, self.step)
    }
}

/// Ends the process at a step of the ledger.
struct Aborting {
    at: At,
    steps: AtomicU64,
}

impl Around for Aborting {
    async fn reading<T: Send>(
        &self,
        work: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> Result<T, LedgerError> {
        work.await
    }

    async fn writing<T: Send>(
        &self,
        _: &'static str,
        work: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> Result<T, LedgerError> {
        let reached = self.steps.fetch_add(1, Ordering::SeqCst) + 1 == self.at.step;
        if reached && self.at.side == Side::Before {
            process::abort();
        }
        let done = work.await;
        if reached {
            process::abort();
        }
        done
    }
}

/// Serves a zone on four feeds until the process ends.
pub fn serve(address: &str, state: &Path, at: At) {
    // The parent closes our input when it ends, however it ends.
    thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let clock = Clock::system();
        let folder = StateFolder::open(state).expect("nobody else has it");
        let keys = Arc::new(folder.keys(None).expect("a key"));
        let inner = SqliteStore::open(&folder.ledger().expect("a file")).await.expect("a ledger");
        let zone = Arc::new(zone(address));
        let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new([address]).expect("a transport"));
        let service = Service {
            platforms: platforms(&zone, &transport, clock),
            zone,
            store: Arc::new(Ledger { around: Aborting { at, steps: AtomicU64::new(0) }, inner: Arc::new(inner) }),
            keys,
            renewals: Vec::new(),
            triage: Arc::new(Triage::new()),
            clock,
            seed: fastrand::u64(..),
            observer: Arc::new(Nobody),
            channels: Vec::new(),
        };
        let _running = service.start();
        std::future::pending::<()>().await;
    });
}

fn zone(address: &str) -> Zone {
    let (mut zone, setup) = (Zone::for_testing(), Setup::default());
    let facebook = zone.facebook.as_mut().expect("a Page");
    (facebook.page, facebook.api_base) = (setup.page_id, address.to_owned());
    let x = zone.x.as_mut().expect("an account");
    (x.account, x.api_base) = (setup.x_username, address.to_owned());
    zone.instagram = None;
    let wanted = [Feed::FacebookInbox, Feed::FacebookComments, Feed::XMentions, Feed::XInbox];
    zone.feeds.retain(|feed, _| wanted.contains(feed));
    for settings in zone.feeds.values_mut() {
        (settings.poll, settings.floor) = (Duration::from_millis(200), Duration::from_millis(50));
        settings.public_replies = PublicReplies::Both;
    }
    zone
}

fn platforms(
    zone: &Zone,
    transport: &Arc<dyn Transport>,
    clock: Clock,
) -> BTreeMap<Platform, Arc<dyn platform::Platform>> {
    let setup = Setup::default();
    let tokens = |token: String| Arc::new(Tokens::new(token.into()));
    let facebook = zone.facebook.as_ref().expect("a Page");
    let root = format!("{}/{}", facebook.api_base, facebook.version);
    let token = tokens(setup.facebook_token);
    let graph = Arc::new(Graph::new(root, Arc::clone(transport), token, clock, None, None, "facebook quota"));
    let x = zone.x.as_ref().expect("an account");
    let account = XAccount::new(x, Arc::clone(transport), tokens(setup.x_token), clock);
    BTreeMap::from([
        (Platform::Facebook, Arc::new(FacebookPage::new(facebook, graph)) as Arc<dyn platform::Platform>),
        (Platform::X, Arc::new(account)),
    ])
}
