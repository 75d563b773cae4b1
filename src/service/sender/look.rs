//! Looking whether a reply stands on the platform, when its result is not known.

use std::sync::Arc;

use jiff::Timestamp;
use tracing::{error, info, warn};

use super::{
    Done, Sender,
    flights::{Came, Hand},
    queue::{Job, Step},
};
use crate::{
    clock::before,
    http::Failure,
    ledger::{Ending, LedgerError},
    model::{Outcome, Route},
    platform::ReadBack,
    reply::recognisable,
    service::recognise,
};

/// So many times a reply is posted at most, each time after its absence was certain.
const MOST_ATTEMPTS: u32 = 3;

/// When the posting of a reply that may stand there began.
fn sending_at(hand: &Hand) -> Timestamp {
    hand.pending.sending_at.unwrap_or(hand.pending.intended_at)
}

impl Sender {
    /// Reads back where the reply would stand.
    pub(super) fn look(&mut self, hand: Hand) -> Done {
        let (platform, mut target) = (Arc::clone(&self.platform), hand.sealed.target.clone());
        if matches!(hand.job.step, Step::LookForColleague { .. }) {
            // A colleague answers where the message stands, whichever way ours would take.
            target.route = Route::Direct;
        }
        let since = recognise::since(hand.job.created_at);
        self.flights.launch(hand, async move { Came::Looked(platform.read_back(&target, since).await) });
        Done::Gone
    }

    /// The view of where the reply would stand is there.
    pub(super) async fn looked(&mut self, hand: Hand, view: ReadBack) -> Result<Done, LedgerError> {
        let feed = hand.sealed.target.feed;
        if matches!(hand.job.step, Step::LookForColleague { .. }) {
            let later: Vec<_> = view.posts.into_iter().filter(|post| post.created_at >= hand.job.created_at).collect();
            self.desk.learn_own(self.account, &later).await?;
            return Ok(Done::Back(Job { step: Step::Post, ..hand.job }));
        }
        if let Some(post) = self.find(&hand, &view).await? {
            info!(feed = feed.name(), "the reply stands on the platform");
            if let Step::LookForDuplicate { blocked_until, .. } = hand.job.step
                && !self.queue.has_other_duplicate(hand.job.seq)
            {
                self.block.lift(self.desk.store.as_ref(), blocked_until).await?;
            }
            return self.end(hand, Ending { post: Some(post), ..Outcome::Sent.into() }).await;
        }
        let now = self.desk.clock.now();
        match hand.job.step {
            Step::Look { settled_at, .. } if now < settled_at => {
                Ok(Done::Back(Job { step: hand.job.step.not_before(settled_at), ..hand.job }))
            }
            _ if !view.complete => self.in_doubt(hand, "the platform does not show far enough back").await,
            _ if hand.pending.attempts >= MOST_ATTEMPTS => {
                self.in_doubt(hand, "posted too often without a trace").await
            }
            // The same text is refused again unless it varies; one more try, then the platform has its will.
            Step::LookForDuplicate { .. } if hand.pending.attempts >= 2 => {
                error!(feed = feed.name(), "the platform refuses our text as a duplicate: a human must look");
                self.finish(hand, Outcome::Refused).await
            }
            _ => {
                info!(feed = feed.name(), "the reply does not stand on the platform: posting it again");
                self.reopen(hand, false).await
            }
        }
    }

    /// The hash of the id under which the reply stands, if it does. What else our account wrote there is learnt.
    async fn find(&self, hand: &Hand, view: &ReadBack) -> Result<Option<String>, LedgerError> {
        self.desk.learn_own(self.account, &view.posts).await?;
        let target = &hand.sealed.target;
        let thread = self.desk.keys.thread(self.account, &target.thread);
        let open = self.desk.store.posted_in(self.account, &thread, sending_at(hand)).await?;
        let since = recognise::since(hand.job.created_at);
        for post in view.posts.iter().filter(|post| recognise::stands_there(post, target)) {
            let key = self.desk.keys.post(self.account, post.id.expose());
            let fingerprint = self.desk.keys.fingerprint(&recognisable(post.text.expose()));
            let ours =
                post.created_at >= since && open.iter().any(|reply| !reply.settled && reply.fingerprint == fingerprint);
            if ours && !self.desk.store.knows_post(&key).await? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The look itself failed: again later, until the message is too old to matter.
    pub(super) async fn cannot_look(&mut self, hand: Hand, failure: &Failure) -> Result<Done, LedgerError> {
        let now = self.desk.clock.now();
        let feed = hand.sealed.target.feed;
        let old = hand.job.created_at < before(now, self.desk.zone.policy.max_age);
        if matches!(hand.job.step, Step::LookForColleague { .. }) && (old || matches!(failure, Failure::Refused { .. }))
        {
            // It has not been posted: a post ends it, because of its age or because the platform refuses it.
            return Ok(Done::Back(Job { step: Step::Post, ..hand.job }));
        }
        if old {
            return self.in_doubt(hand, "could not look before the message was too old").await;
        }
        if matches!(failure, Failure::Refused { .. }) {
            return self.in_doubt(hand, "the platform no longer shows what it answers").await;
        }
        let at = if let Failure::Later { at, .. } = failure { *at } else { None };
        let until = self.holds.hold(hand.job.lane, hand.began, at, now);
        warn!(feed = feed.name(), %failure, %until, "cannot look whether a reply was posted");
        Ok(Done::Back(Job { step: hand.job.step.not_before(until), ..hand.job }))
    }

    pub(super) async fn in_doubt(&mut self, hand: Hand, why: &str) -> Result<Done, LedgerError> {
        error!(
            feed = hand.sealed.target.feed.name(),
            why, "a reply is in doubt and will not be posted again: a human must look"
        );
        self.finish(hand, Outcome::InDoubt).await
    }
}
