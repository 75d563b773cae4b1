//! The sender of one account: the most urgent intended reply first, each allowed by the ledger, each once.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{
    Health,
    backoff::Backoff,
    block::Block,
    desk::Desk,
    lost::{self, Seen},
    recognise::{self, CLOCK_SLACK},
};
use crate::{
    clock::{after, before, between},
    config::Mode,
    http::Failure,
    ledger::{Begun, Ending, LedgerError, Pending, Sealed},
    model::{self, Feed, Outcome, Silence},
    platform::{Platform, Posted, ReadBack},
    reply::{self, recognisable},
};

/// After a post with an unknown result: the first look.
const FIRST_LOOK: Duration = Duration::from_secs(2);
/// After a post with an unknown result: from here on, absence is believed.
const SETTLED: Duration = Duration::from_secs(10);
/// So many times a reply is posted at most, each time after its absence was certain.
const MOST_ATTEMPTS: u32 = 3;
/// The longest sleep with nothing to do; the ledger is looked at in any case.
const IDLE: Duration = Duration::from_secs(30);
/// A turn of the loop is over by then: a post and a look, each within the transport's limit.
const LONGEST_TURN: Duration = Duration::from_secs(120);
/// Pauses after failures.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// The pause when a human must act first.
const HUMAN_PAUSE: Duration = Duration::from_secs(60);
/// How long an account posts nothing after the platform called a text a duplicate that is not there.
const DUPLICATE_PAUSE: Duration = Duration::from_secs(15 * 60);

/// What the sender of one account works with.
pub struct Sender {
    pub account: model::Platform,
    pub desk: Arc<Desk>,
    pub platform: Arc<dyn Platform>,
    pub health: Arc<Health>,
    pub wake: Arc<Notify>,
    pub random: fastrand::Rng,
    /// Whether the account must not post for now.
    pub block: Block,
}

/// A reply in hand.
struct Job {
    pending: Pending,
    sealed: Sealed,
    step: Step,
    not_before: Timestamp,
}

/// What is to be done with a reply next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Post it.
    Post,
    /// Look whether it stands there; absence is certain once the platform has settled.
    Look { settled_at: Timestamp },
    /// The platform calls it a duplicate: look at once, and post another wording once if it is not there.
    LookForDuplicate,
}

/// A feed whose sends must wait.
struct Held {
    until: Timestamp,
    backoff: Backoff,
}

/// What became of a job.
enum Done {
    /// It has ended.
    Gone,
    /// It goes on later.
    Back(Box<Job>),
    /// The ledger knows better: everything in hand is read from it again.
    Reread,
}

impl Sender {
    /// Sends until cancelled. A post under way is waited for, so that its result is known.
    pub async fn run(mut self, cancel: CancellationToken) {
        let clock = self.desk.clock;
        let name = format!("{} sender", self.account);
        let (mut jobs, mut held) = (Vec::new(), BTreeMap::new());
        while !cancel.is_cancelled() {
            let now = clock.now();
            self.health.beat(&name, now, LONGEST_TURN + IDLE);
            let done = match self.refill(&mut jobs, now).await {
                Err(error) => Err(error),
                Ok(()) => match self.next(&mut jobs, &held, now) {
                    Some(job) => self.step(job, &mut held).await,
                    None => Ok(self.wait(&jobs, &held, &cancel).await),
                },
            };
            match done {
                Ok(Done::Gone) => {}
                Ok(Done::Back(job)) => jobs.push(*job),
                Ok(Done::Reread) => jobs.clear(),
                Err(error) => {
                    self.health.ledger_failed(&error);
                    // What was being posted stands in the ledger as sending, and will be looked for.
                    warn!(account = self.account.name(), %error, "no reply is posted until the ledger answers");
                    jobs.clear();
                    clock.sleep(PAUSES.0).await;
                }
            }
        }
        self.health.ended(&name);
    }

    /// Takes over what the ledger holds beyond what is in hand.
    async fn refill(&mut self, jobs: &mut Vec<Job>, now: Timestamp) -> Result<(), LedgerError> {
        if !self.block.is_known() {
            self.desk.take_up_quota(self.platform.as_ref()).await?;
            self.block.read(self.desk.store.as_ref()).await?;
        }
        let after_seq = jobs.iter().map(|job| job.pending.seq).max().unwrap_or(0);
        for pending in self.desk.store.pending(self.account, after_seq).await? {
            let Some(sealed) = self.desk.keys.open(&pending.message, &pending.sealed) else {
                // Sealed with another key: the address is lost, and whether it was sent cannot be told.
                error!(account = self.account.name(), "a pending reply cannot be opened: was hash.key changed?");
                let outcome = if pending.sending_at.is_some() { Outcome::InDoubt } else { Outcome::Expired };
                self.desk.store.finish(pending.seq, outcome.into(), now, self.desk.day(now)).await?;
                continue;
            };
            let (step, not_before) = match pending.sending_at {
                None => (Step::Post, now),
                Some(at) => (Step::Look { settled_at: after(at, SETTLED) }, after(at, FIRST_LOOK)),
            };
            jobs.push(Job { pending, sealed, step, not_before });
        }
        Ok(())
    }

    /// The job to do now: urgent before others, older before younger.
    fn next(&self, jobs: &mut Vec<Job>, held: &BTreeMap<Feed, Held>, now: Timestamp) -> Option<Job> {
        let due = jobs.iter().enumerate().filter(|(_, job)| self.due_at(job, held) <= now);
        let (index, _) =
            due.min_by_key(|(_, job)| (!job.sealed.answer.urgent, job.pending.created_at, job.pending.seq))?;
        Some(jobs.swap_remove(index))
    }

    fn due_at(&self, job: &Job, held: &BTreeMap<Feed, Held>) -> Timestamp {
        let expires = after(job.pending.created_at, self.desk.zone.policy.max_age);
        match (job.step, self.desk.zone.mode) {
            // Only its end by age remains to be done.
            (Step::Post, Mode::Observe | Mode::Pause) => expires,
            (Step::Post, Mode::Reply) => {
                let open = held.get(&job.sealed.target.feed).map_or(Timestamp::MIN, |held| held.until);
                job.not_before.max(open).max(self.block.until()).min(expires)
            }
            _ => job.not_before,
        }
    }

    async fn wait(&self, jobs: &[Job], held: &BTreeMap<Feed, Held>, cancel: &CancellationToken) -> Done {
        let now = self.desk.clock.now();
        let next = jobs.iter().map(|job| self.due_at(job, held)).min().unwrap_or(Timestamp::MAX);
        tokio::select! {
            () = cancel.cancelled() => {}
            () = self.wake.notified() => {}
            () = self.desk.clock.sleep(between(now, next).min(IDLE)) => {}
        }
        Done::Gone
    }

    async fn step(&mut self, job: Job, held: &mut BTreeMap<Feed, Held>) -> Result<Done, LedgerError> {
        match job.step {
            Step::Post => self.post(job, held).await,
            Step::Look { .. } | Step::LookForDuplicate => self.look(job, held).await,
        }
    }

    async fn post(&mut self, mut job: Job, held: &mut BTreeMap<Feed, Held>) -> Result<Done, LedgerError> {
        let (now, policy) = (self.desk.clock.now(), &self.desk.zone.policy);
        if job.pending.created_at <= before(now, policy.max_age) {
            return self.finish(job, Outcome::Expired).await;
        }
        let (target, answer) = (&job.sealed.target, &job.sealed.answer);
        let zone = &self.desk.zone;
        let text = match reply::render(
            &zone.texts,
            &zone.facts,
            target.feed.place(target.route),
            answer.kind,
            &answer.languages,
            &self.desk.time_of_day(now),
        ) {
            Ok(text) => text,
            Err(error) => {
                error!(feed = target.feed.name(), %error, "no text could be made");
                return self.finish(job, Outcome::Silent(Silence::NoText)).await;
            }
        };
        match lost::look(&self.desk, self.platform.as_ref(), &job.pending, &job.sealed, &text).await? {
            Seen::Nothing => {}
            Seen::Answer(silence) => return self.finish(job, Outcome::Silent(silence)).await,
            Seen::TooLittle => return self.in_doubt(job, "the ledger lost what the platform no longer shows").await,
            Seen::Failed(failure) => return self.cannot_look(job, &failure, held).await,
        }
        let now = self.desk.clock.now();
        let fingerprint = self.desk.keys.fingerprint(&recognisable(&text));
        match self.desk.store.begin(job.pending.seq, &fingerprint, now, policy.colleague_silence).await? {
            Begun::Go => {}
            Begun::Colleague => return self.finish(job, Outcome::Silent(Silence::Colleague)).await,
            Begun::NotOpen => return Ok(Done::Reread),
        }
        job.pending.sending_at = Some(now);
        job.pending.attempts += 1;
        let posted = self.platform.post(target, &text).await;
        self.desk.keep_quota(self.platform.as_ref()).await;
        match posted {
            Ok(Posted { id, recipient }) => {
                held.remove(&target.feed);
                let keys = &self.desk.keys;
                let recipient = recipient.map(|id| keys.contact(self.account, Some(&id), &target.thread));
                let post = Some(keys.post(self.account, &id));
                self.end(job, Ending { outcome: Outcome::Sent, post, recipient }).await
            }
            Err(failure) => self.not_posted(job, failure, held).await,
        }
    }

    /// A post brought no success: what that means decides what comes next.
    async fn not_posted(
        &mut self,
        mut job: Job,
        failure: Failure,
        held: &mut BTreeMap<Feed, Held>,
    ) -> Result<Done, LedgerError> {
        let now = self.desk.clock.now();
        let feed = job.sealed.target.feed;
        match failure {
            Failure::Unknown { code } => {
                warn!(feed = feed.name(), code, "the result of a post is unknown: looking for it on the platform");
                job.step = Step::Look { settled_at: after(now, SETTLED) };
                job.not_before = after(now, FIRST_LOOK);
                Ok(Done::Back(Box::new(job)))
            }
            Failure::Duplicate { code } => {
                warn!(
                    account = self.account.name(),
                    code, "the platform calls a text a duplicate: nothing else is posted while it is looked for"
                );
                self.block.set(self.desk.store.as_ref(), after(now, DUPLICATE_PAUSE)).await?;
                job.step = Step::LookForDuplicate;
                Ok(Done::Back(Box::new(job)))
            }
            Failure::Answered { code } => {
                info!(feed = feed.name(), code, "the message has its one private reply already");
                // Ours, if an earlier attempt got through; else a colleague's, or another program's.
                let ours = job.pending.attempts > 1;
                self.finish(job, if ours { Outcome::Sent } else { Outcome::Silent(Silence::Colleague) }).await
            }
            Failure::Refused { code } => {
                info!(feed = feed.name(), code, "the platform refuses this reply");
                self.finish(job, Outcome::Refused).await
            }
            Failure::Bug { code } => {
                error!(feed = feed.name(), code, "the platform calls our reply wrong");
                self.finish(job, Outcome::Refused).await
            }
            Failure::Blocked { until, code } => {
                error!(account = self.account.name(), code, %until, "the platform blocks this account's posts: a human must look");
                self.block.set(self.desk.store.as_ref(), until).await?;
                self.reopen(job).await
            }
            Failure::Later { at, code } => {
                let until = self.hold(feed, at, held);
                warn!(feed = feed.name(), code, %until, "the platform takes no reply for now");
                self.reopen(job).await
            }
            failure @ (Failure::LoginNeeded { .. } | Failure::Permission { .. } | Failure::Stopped { .. }) => {
                // A token may be renewed in seconds; all else takes a human.
                let hopeful = matches!(failure, Failure::LoginNeeded { .. }) && !held.contains_key(&feed);
                let until = self.hold(feed, (!hopeful).then(|| after(now, HUMAN_PAUSE)), held);
                if self.health.is_told(self.account, &failure) {
                    warn!(feed = feed.name(), %failure, %until, "no reply can be posted before somebody logs in");
                } else {
                    error!(feed = feed.name(), %failure, %until, "no reply can be posted: a human must look");
                }
                self.reopen(job).await
            }
        }
    }

    /// Keeps a feed's sends back, at least until `at`.
    fn hold(&mut self, feed: Feed, at: Option<Timestamp>, held: &mut BTreeMap<Feed, Held>) -> Timestamp {
        let now = self.desk.clock.now();
        let random = self.random.fork();
        let entry =
            held.entry(feed).or_insert_with(|| Held { until: now, backoff: Backoff::new(PAUSES.0, PAUSES.1, random) });
        entry.until = after(now, entry.backoff.next()).max(at.unwrap_or(now));
        entry.until
    }

    /// It certainly does not stand there: it may be posted again.
    async fn reopen(&self, mut job: Job) -> Result<Done, LedgerError> {
        self.desk.store.reopen(job.pending.seq).await?;
        job.pending.sending_at = None;
        job.step = Step::Post;
        job.not_before = self.desk.clock.now();
        Ok(Done::Back(Box::new(job)))
    }

    /// Reads back where the reply would stand.
    async fn look(&mut self, mut job: Job, held: &mut BTreeMap<Feed, Held>) -> Result<Done, LedgerError> {
        let sending_at = job.pending.sending_at.unwrap_or(job.pending.intended_at);
        let (target, feed) = (job.sealed.target.clone(), job.sealed.target.feed);
        let view = match self.platform.read_back(&target, before(sending_at, CLOCK_SLACK)).await {
            Ok(view) => view,
            Err(failure) => return self.cannot_look(job, &failure, held).await,
        };
        if let Some(post) = self.find(&job, &view, sending_at).await? {
            info!(feed = feed.name(), "the reply stands on the platform");
            if job.step == Step::LookForDuplicate {
                self.block.set(self.desk.store.as_ref(), Timestamp::MIN).await?;
            }
            return self.end(job, Ending { post: Some(post), ..Outcome::Sent.into() }).await;
        }
        let now = self.desk.clock.now();
        match job.step {
            Step::Look { settled_at } if now < settled_at => {
                job.not_before = settled_at;
                Ok(Done::Back(Box::new(job)))
            }
            _ if !view.complete => self.in_doubt(job, "the platform does not show far enough back").await,
            _ if job.pending.attempts >= MOST_ATTEMPTS => self.in_doubt(job, "posted too often without a trace").await,
            // The same text is refused again unless it varies; one more try, then the platform has its will.
            Step::LookForDuplicate if job.pending.attempts >= 2 => {
                error!(feed = feed.name(), "the platform refuses our text as a duplicate: a human must look");
                self.finish(job, Outcome::Refused).await
            }
            _ => {
                info!(feed = feed.name(), "the reply does not stand on the platform: posting it again");
                self.reopen(job).await
            }
        }
    }

    /// The hash of the id under which the reply stands, if it does. What else our account wrote there is learnt.
    async fn find(&self, job: &Job, view: &ReadBack, sending_at: Timestamp) -> Result<Option<String>, LedgerError> {
        self.desk.learn_own(self.account, &view.posts).await?;
        let thread = self.desk.keys.thread(self.account, &job.sealed.target.thread);
        let since = before(sending_at, CLOCK_SLACK);
        let open = self.desk.store.posted_in(self.account, &thread, since).await?;
        for post in view.posts.iter().filter(|post| recognise::stands_there(post, &job.sealed.target)) {
            let key = self.desk.keys.post(self.account, post.id.expose());
            let fingerprint = self.desk.keys.fingerprint(&recognisable(post.text.expose()));
            let ours = recognise::in_time(post.created_at, sending_at)
                && open.iter().any(|reply| !reply.settled && reply.fingerprint == fingerprint);
            if ours && !self.desk.store.knows_post(&key).await? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The look itself failed: again later, until the message is too old to matter.
    async fn cannot_look(
        &mut self,
        mut job: Job,
        failure: &Failure,
        held: &mut BTreeMap<Feed, Held>,
    ) -> Result<Done, LedgerError> {
        let now = self.desk.clock.now();
        let feed = job.sealed.target.feed;
        if job.pending.created_at < before(now, self.desk.zone.policy.max_age) {
            return self.in_doubt(job, "could not look before the message was too old").await;
        }
        let at = if let Failure::Later { at, .. } = failure { *at } else { None };
        job.not_before = self.hold(feed, at, held);
        warn!(feed = feed.name(), %failure, until = %job.not_before, "cannot look whether a reply was posted");
        Ok(Done::Back(Box::new(job)))
    }

    async fn in_doubt(&self, job: Job, why: &str) -> Result<Done, LedgerError> {
        error!(
            feed = job.sealed.target.feed.name(),
            why, "a reply is in doubt and will not be posted again: a human must look"
        );
        self.finish(job, Outcome::InDoubt).await
    }

    async fn finish(&self, job: Job, outcome: Outcome) -> Result<Done, LedgerError> {
        self.end(job, outcome.into()).await
    }

    async fn end(&self, job: Job, ending: Ending) -> Result<Done, LedgerError> {
        let (now, outcome) = (self.desk.clock.now(), ending.outcome);
        self.desk.store.finish(job.pending.seq, ending, now, self.desk.day(now)).await?;
        let feed = job.sealed.target.feed.name();
        let message_key = &job.pending.message[..8.min(job.pending.message.len())];
        let seconds = between(job.pending.created_at, now).as_secs();
        info!(
            feed,
            message_key,
            outcome = outcome.name(),
            reason = outcome.reason(),
            after_seconds = seconds,
            "reply ended: {outcome}"
        );
        self.desk.observer.ended(&job.sealed.target, outcome);
        Ok(Done::Gone)
    }
}
