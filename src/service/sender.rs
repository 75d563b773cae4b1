//! The sender of one account: the most urgent intended reply first, each allowed by the ledger, each once.
//!
//! Several posts may be under way at a time. What waits is held by number and rank only; what is under way is held
//! open, and nothing else may touch it until its call is over.

mod flights;
mod holds;
mod look;
mod post;
mod queue;
mod rush;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{Health, backoff::Backoff, block::Block, desk::Desk};
use crate::{
    clock::{Hands, after, between},
    config::Mode,
    http::Failure,
    ledger::{Ending, LedgerError, Pending, Sealed},
    model::{self, Feed, Outcome},
    platform::Platform,
};
use flights::{Came, Flights, Hand};
use holds::Holds;
use queue::{Job, Lane, Queue, Step};
use rush::Rush;

/// After a post with an unknown result: the first look.
const FIRST_LOOK: Duration = Duration::from_secs(2);
/// After a post with an unknown result: from here on, absence is believed. Longer after each further attempt, so that
/// not all of them fall into one bad minute.
const SETTLED: [Duration; 3] = [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(300)];
/// By less than this a clock may be set without anybody taking an absence for certain too early.
const CORRECTION: Duration = Duration::from_secs(1);
/// The longest sleep with nothing to do; the ledger is looked at in any case.
const IDLE: Duration = Duration::from_secs(60);
/// A turn of the loop is over by then: a few steps at the ledger.
const LONGEST_TURN: Duration = Duration::from_secs(120);
/// The pauses while the ledger fails: what is looked for meanwhile costs calls.
const LEDGER_PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// So many calls are under way at a time in an inbox of Meta's. It takes 300 posts a second (`platforms/meta.md` 6); with an
/// answer in a third of a second these are a hundred, about as many as can be read in that time.
const INBOX_PLACES: usize = 32;
/// So many looks of a lane are under way at a time: in an inbox they share two calls a second with the polls.
const LOOK_PLACES: usize = 2;
/// So many posts of a lane may have an unknown result, those under way among them: each costs a look, which is slow.
const MOST_UNKNOWN: usize = 32;

/// How many calls of a lane may be under way together.
///
/// One where others can read along, since equal texts in quick succession look like spam, and a look must not meet a
/// post of the same conversation whose id is not known yet. One on X, which allows few.
const fn places((feed, _): Lane) -> usize {
    match feed {
        Feed::FacebookInbox | Feed::InstagramInbox => INBOX_PLACES,
        _ => 1,
    }
}

/// The sender of one account.
pub struct Sender {
    account: model::Platform,
    desk: Arc<Desk>,
    platform: Arc<dyn Platform>,
    health: Arc<Health>,
    wake: Arc<Notify>,
    /// Whether the account must not post for now.
    block: Block,
    holds: Holds,
    queue: Queue,
    flights: Flights,
    rush: Rush,
    /// The ledger does not answer, and that was said.
    mute: bool,
    hands: Hands,
}

/// What became of a reply.
#[derive(Clone, Copy)]
enum Done {
    /// It has ended, or its call is under way.
    Gone,
    /// It goes on later.
    Back(Job),
    /// The ledger knows better: everything that waits is read from it again.
    Reread,
}

impl Sender {
    /// A sender that has read nothing yet; `wake` tells it that there is something new.
    pub fn new(
        account: model::Platform,
        (desk, platform, health): (Arc<Desk>, Arc<dyn Platform>, Arc<Health>),
        wake: Arc<Notify>,
        random: fastrand::Rng,
    ) -> Self {
        let hands = Hands::new(desk.clock);
        Self {
            account,
            desk,
            platform,
            health,
            wake,
            block: Block::new(account),
            holds: Holds::new(random),
            queue: Queue::default(),
            flights: Flights::default(),
            rush: Rush::new(account),
            mute: false,
            hands,
        }
    }

    /// Sends until cancelled. Posts under way are waited for, so that their results are known.
    pub async fn run(mut self, cancel: CancellationToken) {
        let clock = self.desk.clock;
        let name = format!("{} sender", self.account);
        let mut backoff = Backoff::new(LEDGER_PAUSES.0, LEDGER_PAUSES.1, self.holds.fork());
        while !cancel.is_cancelled() {
            self.health.beat(&name, clock.steady(), LONGEST_TURN + IDLE);
            match self.turn(&cancel).await {
                // A step that only reads proves nothing on a full disk.
                Ok(()) if self.mute => {}
                Ok(()) => backoff.reset(),
                Err(error) => {
                    self.let_go(&error);
                    clock.sleep(backoff.next()).await;
                }
            }
        }
        while self.flights.post() {
            let Some((hand, came)) = self.flights.next().await else { break };
            if let Err(error) = self.landed(hand, came).await {
                self.let_go(&error);
            }
        }
        self.rush.stop(self.waiting(), clock.now());
        self.health.ended(&name);
    }

    /// The ledger failed. What waits is read from it again; what is being posted stands in it as sending, and is looked
    /// for when its call is over.
    fn let_go(&mut self, error: &LedgerError) {
        self.health.ledger_failed(error);
        if !std::mem::replace(&mut self.mute, true) {
            warn!(account = self.account.name(), %error, "no reply is posted until the ledger answers");
        }
        self.queue = Queue::default();
    }

    /// Takes one step: what has come back first, then what is due, else waits.
    async fn turn(&mut self, cancel: &CancellationToken) -> Result<(), LedgerError> {
        if let Some(by) = self.hands.set(CORRECTION) {
            self.clock_was_set(by).await?;
        }
        if let Some((hand, came)) = self.flights.landed() {
            return self.landed(hand, came).await;
        }
        let now = self.desk.clock.now();
        self.refill(now).await?;
        let waiting = self.waiting();
        self.health.waiting(self.account, self.rush.see(waiting, now));
        match self.next(now) {
            Some(job) => {
                let done = self.start(job).await?;
                self.put(done);
                Ok(())
            }
            None => self.wait(cancel).await,
        }
    }

    /// What waits for a time waits as long as it would have: a look must neither come before the platform has settled nor
    /// hours late.
    async fn clock_was_set(&mut self, by: SignedDuration) -> Result<(), LedgerError> {
        self.queue.shift(by);
        self.holds.shift(by);
        self.block.shift(self.desk.store.as_ref(), by).await
    }

    /// How many are to be answered yet, and how many of them are urgent.
    fn waiting(&self) -> (usize, usize) {
        let (flying, urgent) = self.flights.count();
        (self.queue.len() + flying, self.queue.urgent() + urgent)
    }

    fn put(&mut self, done: Done) {
        match done {
            Done::Gone => {}
            Done::Back(job) => self.queue.add(job),
            Done::Reread => self.queue = Queue::default(),
        }
    }

    /// Takes over what the ledger holds beyond what is in hand.
    async fn refill(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        if !self.block.is_known() {
            self.desk.take_up_quota(self.platform.as_ref()).await?;
            self.block.read(self.desk.store.as_ref(), now).await?;
        }
        let mut known = self.queue.highest();
        loop {
            let more = self.desk.store.pending(self.account, known).await?;
            let Some(last) = more.last() else { return Ok(()) };
            known = last.seq;
            for pending in more {
                if !self.flights.carry(pending.seq) {
                    self.take_up(&pending, now).await?;
                }
            }
        }
    }

    async fn take_up(&mut self, pending: &Pending, now: Timestamp) -> Result<(), LedgerError> {
        let Some(Sealed { target, answer, not_before }) = self.desk.keys.open(&pending.message, &pending.sealed) else {
            // Sealed with another key: the address is lost, and whether it was sent cannot be told.
            error!(account = self.account.name(), "a pending reply cannot be opened: was hash.key changed?");
            let outcome = if pending.sending_at.is_some() { Outcome::InDoubt } else { Outcome::Expired };
            return self.desk.store.finish(pending.seq, outcome.into(), now, self.desk.day(now)).await;
        };
        let step = match (pending.sending_at, not_before) {
            // A clock that was ahead may have written a time to come.
            (Some(at), _) => look_after(at.min(now), pending.attempts),
            (None, Some(at)) => Step::LookForColleague { at },
            (None, None) => Step::Post,
        };
        self.queue.add(Job {
            seq: pending.seq,
            lane: (target.feed, target.route),
            urgent: answer.urgent,
            created_at: pending.created_at,
            left: not_before.is_some(),
            step,
        });
        Ok(())
    }

    /// What to do now: a look that is due, else the most urgent post, else the end of what has become too old.
    fn next(&mut self, now: Timestamp) -> Option<Job> {
        self.queue.take_over(now);
        let (flights, holds) = (&self.flights, &self.holds);
        let room = |lane| may_look(flights, lane);
        if let Some(job) = self.queue.take_look(now, room) {
            return Some(job);
        }
        let open = |queue: &Queue, lane| may_post(queue, flights, lane) && holds.until(lane) <= now;
        if self.desk.zone.mode == Mode::Reply
            && self.block.until() <= now
            && let Some(job) = self.queue.take_post(open)
        {
            return Some(job);
        }
        self.queue.take_expired(now, self.desk.zone.policy.max_age)
    }

    /// When there may be something to do, if nothing happens before.
    fn next_at(&self) -> Timestamp {
        let (queue, flights) = (&self.queue, &self.flights);
        let first = queue.next_at(self.desk.zone.policy.max_age, |lane| may_look(flights, lane));
        if self.desk.zone.mode != Mode::Reply {
            return first;
        }
        let open = queue.lanes().filter(|lane| may_post(queue, flights, *lane));
        open.map(|lane| self.holds.until(lane).max(self.block.until())).fold(first, Ord::min)
    }

    async fn wait(&mut self, cancel: &CancellationToken) -> Result<(), LedgerError> {
        let clock = self.desk.clock;
        let length = between(clock.now(), self.next_at()).min(IDLE);
        tokio::select! {
            biased;
            () = cancel.cancelled() => Ok(()),
            Some((hand, came)) = self.flights.next() => self.landed(hand, came).await,
            () = self.wake.notified() => Ok(()),
            () = clock.sleep(length) => Ok(()),
        }
    }

    /// Opens a reply and does what is to be done with it.
    async fn start(&mut self, job: Job) -> Result<Done, LedgerError> {
        let Some(pending) = self.desk.store.pending_reply(job.seq).await? else { return Ok(Done::Reread) };
        let Some(sealed) = self.desk.keys.open(&pending.message, &pending.sealed) else { return Ok(Done::Reread) };
        let hand = Hand { job, pending, sealed, began: self.desk.clock.now() };
        match job.step {
            Step::Post => self.post(hand).await,
            Step::LookForColleague { .. } | Step::Look { .. } | Step::LookForDuplicate { .. } => Ok(self.look(hand)),
        }
    }

    /// A call is over.
    async fn landed(&mut self, hand: Hand, came: Came) -> Result<(), LedgerError> {
        if matches!(came, Came::Panicked) {
            error!(account = self.account.name(), "a call panicked: its reply is looked for");
            self.health.panicked();
        }
        let done = match came {
            Came::Posted(Ok(posted)) => self.posted(hand, posted).await,
            Came::Posted(Err(failure)) => self.not_posted(hand, failure).await,
            Came::Looked(Ok(view)) => self.looked(hand, view).await,
            Came::Looked(Err(failure)) => self.cannot_look(hand, &failure).await,
            Came::Panicked if hand.job.step == Step::Post => self.not_posted(hand, Failure::unknown("panic")).await,
            Came::Panicked => self.cannot_look(hand, &Failure::later("panic")).await,
        };
        self.put(done?);
        Ok(())
    }

    /// It certainly does not stand there, because the platform `refused` it or does not show it: it may be posted again.
    async fn reopen(&self, hand: Hand, refused: bool) -> Result<Done, LedgerError> {
        self.desk.store.reopen(hand.job.seq, refused).await?;
        Ok(Done::Back(Job { step: Step::Post, ..hand.job }))
    }

    async fn finish(&mut self, hand: Hand, outcome: Outcome) -> Result<Done, LedgerError> {
        self.end(hand, outcome.into()).await
    }

    async fn end(&mut self, hand: Hand, ending: Ending) -> Result<Done, LedgerError> {
        let (now, outcome) = (self.desk.clock.now(), ending.outcome);
        self.desk.store.finish(hand.job.seq, ending, now, self.desk.day(now)).await?;
        let waited = between(hand.job.created_at, now);
        self.rush.ended(outcome, hand.job.urgent, waited);
        let feed = hand.sealed.target.feed.name();
        let message_key = &hand.pending.message[..8.min(hand.pending.message.len())];
        info!(
            feed,
            message_key,
            outcome = outcome.name(),
            reason = outcome.reason(),
            after_seconds = waited.as_secs(),
            "reply ended: {outcome}"
        );
        self.desk.observer.ended(&hand.sealed.target, outcome);
        self.mute = false;
        Ok(Done::Gone)
    }
}

/// The looks after a post at a time, which was the one of that number.
fn look_after(at: Timestamp, attempts: u32) -> Step {
    let place = usize::try_from(attempts).unwrap_or(usize::MAX).clamp(1, SETTLED.len());
    Step::Look { at: after(at, FIRST_LOOK), settled_at: after(at, SETTLED[place - 1]) }
}

/// Whether one more look may be made in a lane.
fn may_look(flights: &Flights, lane: Lane) -> bool {
    flights.in_lane(lane) < places(lane) && flights.looks_in(lane) < LOOK_PLACES
}

/// Whether one more reply may be posted in a lane, as far as those before it are concerned.
fn may_post(queue: &Queue, flights: &Flights, lane: Lane) -> bool {
    let flying = flights.in_lane(lane);
    flying < places(lane) && queue.unknown(lane) + flying < MOST_UNKNOWN
}
