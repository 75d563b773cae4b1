//! What humans and machines see of a running zone: how it stands, never who wrote what.

pub mod metrics;
mod pulse;
mod state;

pub use pulse::Pulse;
pub use state::{FeedLine, InDoubtLine, LimitLine, LoginLine, State};

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::Health;
use crate::{auth::Renewal, clock::Clock, config::Zone, ledger::Store, model, platform::Platform};

/// Looks at a running zone without touching it.
#[derive(Clone)]
pub struct Watch {
    pub(super) zone: Arc<Zone>,
    pub(super) store: Arc<dyn Store>,
    pub(super) health: Arc<Health>,
    pub(super) platforms: BTreeMap<model::Platform, Arc<dyn Platform>>,
    pub(super) renewals: Vec<Arc<Renewal>>,
    /// The time.
    pub clock: Clock,
    pub(super) started_at: Timestamp,
}
