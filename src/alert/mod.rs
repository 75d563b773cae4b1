//! Telling a human that somebody may be in danger, or that nobody is answered: which channel, how often, in which words.
//!
//! What is told is where to look and what it is about, never what was written or by whom. Nothing here holds a reply up:
//! a message is noted in memory, and a loop of its own tells of it.

mod crier;
mod group;
mod link;
mod mail;
mod notice;
mod outage;
mod webhook;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::model::{Feed, Kind};

pub use crier::Crier;
pub use group::Group;
pub use link::link;
pub use mail::{Mail, Said};
pub use notice::{About, Notice};
pub use outage::{Deaf, Outage};
pub use webhook::Webhook;

/// One message of which a human should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cry {
    /// Where it was written.
    pub feed: Feed,
    /// What it is about.
    pub kind: Kind,
    /// When it was written.
    pub at: Timestamp,
    /// Where it can be seen, as far as the platform has an address for it.
    pub link: Option<String>,
}

/// Why a notice did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It may arrive later.
    #[error("{0}")]
    Later(String),
    /// It never will: a setting is wrong.
    #[error("{0}")]
    Never(String),
}

/// A way to a human.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Its name in the log: `mail`, `webhook`.
    fn name(&self) -> &'static str;

    /// Brings a notice. It may arrive twice when the answer was lost; its id is the same then.
    ///
    /// # Errors
    /// By meaning; the words hold neither a secret nor an address of a person.
    async fn bring(&self, notice: &Notice) -> Result<(), Undelivered>;
}

/// Where what humans should know is noted.
#[derive(Clone)]
pub struct Alarm(Arc<Noted>);

struct Noted {
    group: Mutex<Group>,
    /// What is told without being gathered.
    ready: Mutex<VecDeque<Notice>>,
    came: Notify,
}

impl Alarm {
    /// Nothing noted yet; notices come at least so far apart.
    pub fn new(group: Group) -> Self {
        Self(Arc::new(Noted { group: Mutex::new(group), ready: Mutex::default(), came: Notify::new() }))
    }

    /// Notes a message.
    pub fn note(&self, cry: Cry, now: Instant) {
        self.group().add(cry, now);
        self.0.came.notify_one();
    }

    /// Tells how the service itself is.
    pub fn tell(&self, about: About, now: Timestamp) {
        self.0.ready.lock().unwrap_or_else(PoisonError::into_inner).push_back(Notice::of(about, now));
        self.0.came.notify_one();
    }

    /// The next notice that is to be told now.
    fn take(&self, now: Instant) -> Option<Notice> {
        let ready = self.0.ready.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        ready.or_else(|| self.group().take(now))
    }

    fn group(&self) -> MutexGuard<'_, Group> {
        self.0.group.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
