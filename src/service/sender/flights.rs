//! Posts and looks under way, several at a time.

use std::future::Future;

use jiff::Timestamp;
use tokio::task::{Id, JoinError, JoinSet};

use super::queue::{Job, Lane, Step};
use crate::{
    http::Failure,
    ledger::{Pending, Sealed},
    platform::{Posted, ReadBack},
};

/// A reply whose turn it is, opened.
pub struct Hand {
    pub job: Job,
    pub pending: Pending,
    pub sealed: Sealed,
    /// When its turn began.
    pub began: Timestamp,
}

/// What a call brought.
pub enum Came {
    Posted(Result<Posted, Failure>),
    Looked(Result<ReadBack, Failure>),
    /// The adapter panicked; what it had done by then is unknown.
    Panicked,
}

/// The calls under way. Dropped, they are broken off, and what was being posted is looked for at the next start.
#[derive(Default)]
pub struct Flights {
    tasks: JoinSet<Came>,
    hands: Vec<(Id, Hand)>,
}

impl Flights {
    /// Makes a call for a reply.
    pub fn launch(&mut self, hand: Hand, call: impl Future<Output = Came> + Send + 'static) {
        let id = self.tasks.spawn(call).id();
        self.hands.push((id, hand));
    }

    /// A call that is over, if there is one.
    pub fn landed(&mut self) -> Option<(Hand, Came)> {
        let joined = self.tasks.try_join_next_with_id()?;
        self.take(joined)
    }

    /// The next call that is over; `None` when none is under way. Nothing is lost when this is not waited for to its end.
    pub async fn next(&mut self) -> Option<(Hand, Came)> {
        let joined = self.tasks.join_next_with_id().await?;
        self.take(joined)
    }

    /// How many are under way in a lane.
    pub fn in_lane(&self, lane: Lane) -> usize {
        self.jobs().filter(|job| job.lane == lane).count()
    }

    /// How many looks are under way in a lane.
    pub fn looks_in(&self, lane: Lane) -> usize {
        self.jobs().filter(|job| job.lane == lane && job.step != Step::Post).count()
    }

    /// Whether a reply is under way.
    pub fn carry(&self, seq: i64) -> bool {
        self.jobs().any(|job| job.seq == seq)
    }

    /// Whether anything is being posted.
    pub fn post(&self) -> bool {
        self.jobs().any(|job| job.step == Step::Post)
    }

    /// How many are under way, and how many of them are urgent.
    pub fn count(&self) -> (usize, usize) {
        (self.hands.len(), self.jobs().filter(|job| job.urgent).count())
    }

    fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.hands.iter().map(|(_, hand)| &hand.job)
    }

    fn take(&mut self, joined: Result<(Id, Came), JoinError>) -> Option<(Hand, Came)> {
        let (id, came) = joined.unwrap_or_else(|error| (error.id(), Came::Panicked));
        let index = self.hands.iter().position(|(known, _)| *known == id)?;
        Some((self.hands.swap_remove(index).1, came))
    }
}
