//! Posting a reply, and what the platform's answer means for it.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tracing::{error, info, warn};

use super::{
    Done, Sender,
    flights::{Came, Hand},
    look_after,
    queue::{Job, Step},
};
use crate::{
    clock::{after, before},
    http::Failure,
    ledger::{Begun, Ending, LedgerError, Limits},
    model::{Outcome, Route, Silence},
    platform::Posted,
    reply::{self, recognisable},
    service::lost::{self, Seen},
};

/// The pause when a human must act first.
const HUMAN_PAUSE: Duration = Duration::from_secs(60);
/// How often a paused zone is asked whether it goes on.
const PAUSE_LOOK: Duration = Duration::from_secs(5);
/// How long an account posts nothing after the platform called a text a duplicate that is not there.
const DUPLICATE_PAUSE: Duration = Duration::from_secs(15 * 60);

impl Sender {
    /// Posts a reply when the ledger allows it.
    pub(super) async fn post(&mut self, mut hand: Hand) -> Result<Done, LedgerError> {
        let (now, policy) = (hand.began, &self.desk.zone.policy);
        if hand.job.created_at <= before(now, policy.max_age) {
            return self.give_up(hand, Outcome::Expired).await;
        }
        if policy.quiet_period.as_ref().is_some_and(|quiet| quiet.silences(hand.sealed.answer.urgent, now)) {
            return self.give_up(hand, Outcome::Silent(Silence::QuietPeriod)).await;
        }
        let (target, answer) = (&hand.sealed.target, &hand.sealed.answer);
        let zone = &self.desk.zone;
        let text = match reply::render(
            &zone.texts,
            &zone.facts,
            target.feed.place(target.route),
            answer.kind,
            &answer.languages,
            &self.desk.present(now),
        ) {
            Ok(text) => text,
            Err(error) => {
                error!(feed = target.feed.name(), %error, "no text could be made");
                return self.give_up(hand, Outcome::Silent(Silence::NoText)).await;
            }
        };
        match lost::look(&self.desk, self.platform.as_ref(), &hand.pending, &hand.sealed, &text).await? {
            Seen::Nothing => {}
            Seen::Answer(silence) => return self.give_up(hand, Outcome::Silent(silence)).await,
            Seen::TooLittle => return self.in_doubt(hand, "the ledger lost what the platform no longer shows").await,
            Seen::Failed(failure) => return self.cannot_look(hand, &failure).await,
        }
        let now = self.desk.clock.now();
        let fingerprint = self.desk.keys.fingerprint(&recognisable(&text));
        let limits =
            Limits { silence: policy.colleague_silence, public_cap: policy.public_cap_per_hour, left: hand.job.left };
        match self.desk.store.begin(hand.job.seq, &fingerprint, now, limits).await? {
            Begun::Go => {}
            Begun::Full { until } => {
                info!(feed = target.feed.name(), %until, "the hour has had its public replies");
                return Ok(self.keep(hand.job, until));
            }
            Begun::Colleague => return self.give_up(hand, Outcome::Silent(Silence::Colleague)).await,
            Begun::OptedOut => return self.give_up(hand, Outcome::Silent(Silence::OptedOut)).await,
            Begun::Paused => {
                // Its message may become too old meanwhile; then it ends as expired.
                return Ok(self.keep(hand.job, after(now, PAUSE_LOOK)));
            }
            Begun::NotOpen => return Ok(Done::Reread),
        }
        hand.pending.sending_at = Some(now);
        hand.pending.attempts += 1;
        let (platform, target, languages) = (Arc::clone(&self.platform), target.clone(), answer.languages.clone());
        self.flights.launch(hand, async move { Came::Posted(platform.post(&target, &text, &languages).await) });
        Ok(Done::Gone)
    }

    /// A reply waits with its lane, through no fault of the platform's. Until then a colleague may answer after all.
    fn keep(&mut self, job: Job, until: Timestamp) -> Done {
        self.holds.keep(job.lane, until);
        let step = if job.left { Step::LookForColleague { at: until } } else { Step::Post };
        Done::Back(Job { step, ..job })
    }

    /// The platform refuses a reply for good; that attempt has left nothing there.
    async fn refused(&mut self, mut hand: Hand) -> Result<Done, LedgerError> {
        hand.pending.attempts = hand.pending.attempts.saturating_sub(1);
        self.give_up(hand, Outcome::Refused).await
    }

    /// A reply is not posted any more. A private one with an earlier unknown result can only be proved by posting it again,
    /// so it may stand there.
    async fn give_up(&mut self, hand: Hand, outcome: Outcome) -> Result<Done, LedgerError> {
        if hand.job.lane.1 == Route::Private && hand.pending.attempts > 0 {
            return self.in_doubt(hand, "a private reply may stand there, and is not given again").await;
        }
        self.finish(hand, outcome).await
    }

    /// A reply stands on the platform.
    pub(super) async fn posted(&mut self, hand: Hand, posted: Posted) -> Result<Done, LedgerError> {
        self.desk.keep_quota(self.platform.as_ref()).await;
        let target = &hand.sealed.target;
        self.holds.open(hand.job.lane, hand.began);
        let keys = &self.desk.keys;
        let recipient = posted.recipient.map(|id| keys.contact(self.account, Some(&id), &target.thread));
        let post = Some(keys.post(self.account, &posted.id));
        self.end(hand, Ending { outcome: Outcome::Sent, post, recipient }).await
    }

    /// A post brought no success: what that means decides what comes next.
    pub(super) async fn not_posted(&mut self, hand: Hand, failure: Failure) -> Result<Done, LedgerError> {
        self.desk.keep_quota(self.platform.as_ref()).await;
        let now = self.desk.clock.now();
        let feed = hand.sealed.target.feed;
        match failure {
            Failure::Unknown { code } => {
                warn!(feed = feed.name(), code, "the result of a post is unknown: looking for it on the platform");
                let step = look_after(now, hand.pending.attempts);
                Ok(Done::Back(Job { step, ..hand.job }))
            }
            Failure::Duplicate { code } => {
                warn!(
                    account = self.account.name(),
                    code, "the platform calls a text a duplicate: nothing else is posted while it is looked for"
                );
                self.block.set(self.desk.store.as_ref(), after(now, DUPLICATE_PAUSE)).await?;
                let step = Step::LookForDuplicate { at: now, blocked_until: self.block.until() };
                Ok(Done::Back(Job { step, ..hand.job }))
            }
            Failure::Answered { code } => {
                info!(feed = feed.name(), code, "the message has its one private reply already");
                // Ours, if an earlier attempt got through; else a colleague's, or another program's.
                let ours = hand.pending.attempts > 1;
                self.finish(hand, if ours { Outcome::Sent } else { Outcome::Silent(Silence::Colleague) }).await
            }
            Failure::Refused { code } => {
                info!(feed = feed.name(), code, "the platform refuses this reply");
                self.refused(hand).await
            }
            Failure::Bug { code } => {
                error!(feed = feed.name(), code, "the platform calls our reply wrong");
                self.refused(hand).await
            }
            Failure::Blocked { until, code } => {
                error!(account = self.account.name(), code, %until, "the platform blocks this account's posts: a human must look");
                self.block.set(self.desk.store.as_ref(), until).await?;
                self.reopen(hand, true).await
            }
            Failure::Later { at, code } => {
                let until = self.holds.hold(hand.job.lane, hand.began, at, now);
                warn!(feed = feed.name(), code, %until, "the platform takes no reply for now");
                self.reopen(hand, true).await
            }
            failure @ (Failure::LoginNeeded { .. } | Failure::Permission { .. } | Failure::Stopped { .. }) => {
                // A token may be renewed in seconds, or in a few more where one was renewed just before; all else takes a human.
                let told = self.health.is_told(self.account, &failure);
                let hopeful = told || matches!(failure, Failure::LoginNeeded { .. }) && !self.holds.has(hand.job.lane);
                let at = (!hopeful).then(|| after(now, HUMAN_PAUSE));
                let until = self.holds.hold(hand.job.lane, hand.began, at, now);
                if told {
                    warn!(feed = feed.name(), %failure, %until, "no reply can be posted before somebody logs in");
                } else {
                    error!(feed = feed.name(), %failure, %until, "no reply can be posted: a human must look");
                }
                self.reopen(hand, true).await
            }
        }
    }
}
