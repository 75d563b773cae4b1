//! Where a message becomes a decision: seen before? judged; recorded in one transaction.

use std::{
    collections::HashSet,
    iter::Peekable,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    vec::IntoIter,
};

use jiff::{Timestamp, civil::Date};
use tokio::sync::Mutex;
use tracing::{info, warn};

use super::{Observer, recognise};
use crate::{
    alert::{Alarm, Cry, link},
    clock::{Clock, after, before},
    config::Zone,
    judge::{Judge, OPTED_OUT},
    ledger::{Entry, Keys, LedgerError, Part, Plan, ReplyPlan, Sealed, Shown, Store},
    model::{Decision, Due, Message, OwnPost, Platform, Route, Silence, Surface, Target},
    platform,
    reply::{Present, recognisable},
    triage::Triage,
};

/// Hashes kept in memory to spare the ledger a question; more than this and they are forgotten.
const MOST_REMEMBERED: usize = 20_000;

/// So many messages are recorded in one transaction at most.
const LONGEST_RUN: usize = 100;

/// A message that was judged.
struct Taken {
    entry: Entry,
    message: Message,
    decision: Decision,
    /// What humans are told of it.
    cry: Option<Cry>,
}

/// Shared by the loops of a zone.
pub struct Desk {
    /// The zone as its file stands.
    pub zone: Arc<Zone>,
    /// The ledger.
    pub store: Arc<dyn Store>,
    /// The zone's key.
    pub keys: Arc<Keys>,
    /// The time.
    pub clock: Clock,
    /// Who watches.
    pub observer: Arc<dyn Observer>,
    /// Where what humans should know is noted.
    alarm: Option<Alarm>,
    judge: Judge,
    triage: Arc<Triage>,
    /// From reading a contact's history to recording the decision nobody else may decide.
    gate: Mutex<()>,
    seen: Remembered,
    classified: Remembered,
}

impl Desk {
    /// A desk for a zone.
    pub fn new(
        zone: Arc<Zone>,
        store: Arc<dyn Store>,
        keys: Arc<Keys>,
        (clock, triage): (Clock, Arc<Triage>),
        (observer, alarm): (Arc<dyn Observer>, Option<Alarm>),
    ) -> Self {
        let judge = Judge::new(Arc::clone(&zone));
        Self {
            zone,
            store,
            keys,
            clock,
            observer,
            alarm,
            judge,
            triage,
            gate: Mutex::new(()),
            seen: Remembered::default(),
            classified: Remembered::default(),
        }
    }

    /// Gives a platform's client what was kept of its quota; before its first call.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn take_up_quota(&self, platform: &dyn platform::Platform) -> Result<(), LedgerError> {
        let note = self.store.note(platform.note()).await?;
        platform.take_up(note.as_deref());
        Ok(())
    }

    /// Keeps what a restart must not forget of a platform's quota. What cannot be written is written with the next change.
    pub async fn keep_quota(&self, platform: &dyn platform::Platform) {
        if let Some((name, text)) = platform.to_keep()
            && let Err(error) = self.store.keep_note(name, &text).await
        {
            warn!(%error, "the state of the quota could not be kept");
        }
    }

    /// The zone's day, for figures.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned_datetime(self.zone.timezone.clone()).date()
    }

    /// What a text may name that changes with time.
    pub fn present(&self, at: Timestamp) -> Present {
        let tz = &self.zone.timezone;
        let opens = self.zone.hours.as_ref().and_then(|hours| hours.next_opening(tz, at));
        Present { time: tz.to_datetime(at).strftime("%H:%M:%S").to_string(), opens: opens.map(|at| tz.to_datetime(at)) }
    }

    /// The messages that the ledger does not know yet and that are not beyond its memory, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn unseen(&self, messages: Vec<Message>) -> Result<Vec<Message>, LedgerError> {
        let oldest = before(self.clock.now(), self.zone.policy.retention);
        let mut new = Vec::new();
        for message in messages {
            // What is older than the ledger's memory has had its outcome, or was never shown in its time.
            let key = self.keys.message(message.feed, &message.id);
            if message.created_at < oldest || self.seen.has(&key) {
                continue;
            }
            if self.store.has_seen(&key).await? {
                self.seen.add(key);
            } else {
                new.push(message);
            }
        }
        new.sort_by_key(|message| message.created_at);
        Ok(new)
    }

    /// Judges messages that are new, oldest first, and records what is to become of each.
    ///
    /// # Errors
    /// When the ledger cannot be read or written; what was not recorded is then still unseen.
    pub async fn take(&self, messages: Vec<Message>) -> Result<(), LedgerError> {
        let mut messages = messages.into_iter().peekable();
        while messages.peek().is_some() {
            let _alone = self.gate.lock().await;
            self.take_run(&mut messages).await?;
        }
        Ok(())
    }

    /// Judges and records a run of messages in one transaction. It ends where the next one must see what this run
    /// decided: a contact whose reply or language is in it, or the count of public replies.
    async fn take_run(&self, messages: &mut Peekable<IntoIter<Message>>) -> Result<(), LedgerError> {
        let (mut run, mut contacts) = (Vec::new(), HashSet::new());
        while run.len() < LONGEST_RUN
            && let Some(message) = messages.next_if(|message| !contacts.contains(&self.contact(message)))
        {
            let (entry, decision, cry) = self.decide(&message).await?;
            let silent = matches!(decision, Decision::Silence(_));
            if !silent || entry.shown.is_some() || matches!(entry.plan, Plan::OptOut { .. }) {
                contacts.insert(self.contact(&message));
            }
            let counts = !silent && message.feed.surface() == Surface::Public;
            run.push(Taken { entry, message, decision, cry });
            if counts {
                break;
            }
        }
        self.record(run).await
    }

    /// The contact behind a message, hashed.
    fn contact(&self, message: &Message) -> String {
        let author = message.author.as_ref().map(|author| &author.id);
        self.keys.contact(message.feed.platform(), author, &message.thread)
    }

    async fn decide(&self, message: &Message) -> Result<(Entry, Decision, Option<Cry>), LedgerError> {
        let (now, platform) = (self.clock.now(), message.feed.platform());
        let key = self.keys.message(message.feed, &message.id);
        let thread = self.keys.thread(platform, &message.thread);
        let contact = self.contact(message);
        let mut history = self.store.history(message.feed, &contact, &thread, now).await?;
        let verdict =
            self.triage.verdict(message.text.expose(), &self.zone.languages, self.zone.bilingual, history.language);
        if let Some(seq) = history.open_reply.filter(|_| verdict.urgent) {
            history.open_waits = self.waits(seq, now).await?;
        }
        let decision = self.judge.decide(message, &verdict, &history, now);
        let shown = verdict.shown.filter(|_| decision.is_of_a_citizen());
        let shown = shown.map(|language| Shown { contact: contact.clone(), thread: thread.clone(), language });
        let plan = match &decision {
            Decision::Silence(Silence::OptOut) => Plan::OptOut { contact, until: after(now, OPTED_OUT) },
            Decision::Silence(silence) => Plan::Silence(*silence),
            Decision::Reply(due) | Decision::Hold(due) => {
                let reply = self.reply(&key, message, due, thread, contact)?;
                match (history.open_reply, &decision) {
                    (None, _) => Plan::Reply(reply),
                    (Some(open), Decision::Hold(_)) => Plan::Hold(reply, open),
                    (Some(open), _) => Plan::Overtake(reply, open),
                }
            }
        };
        let language = verdict.languages.as_slice().first().copied().unwrap_or(self.zone.languages[0]);
        let entry = Entry {
            message: key,
            feed: message.feed,
            created_at: message.created_at,
            plan,
            language,
            shown,
            kind: verdict.kind,
            urgent: verdict.urgent,
            day: self.day(now),
            now,
        };
        let cry = (verdict.alert && decision.is_of_a_citizen()).then(|| Cry {
            feed: message.feed,
            kind: verdict.kind,
            at: message.created_at,
            link: link(&self.zone, message),
        });
        Ok((entry, decision, cry))
    }

    /// Whether a reply is not to be posted yet.
    async fn waits(&self, seq: i64, now: Timestamp) -> Result<bool, LedgerError> {
        let pending = self.store.pending_reply(seq).await?.filter(|pending| pending.sending_at.is_none());
        let sealed = pending.and_then(|pending| self.keys.open(&pending.message, &pending.sealed));
        Ok(sealed.and_then(|sealed| sealed.not_before).is_some_and(|until| now < until))
    }

    fn reply(
        &self,
        key: &str,
        message: &Message,
        due: &Due,
        thread: String,
        contact: String,
    ) -> Result<ReplyPlan, LedgerError> {
        let target = |route| Target {
            feed: message.feed,
            route,
            message: message.current.clone(),
            thread: message.thread.clone(),
            post: message.post.clone(),
            author: message.author.as_ref().map(|author| author.id.clone()),
            bystanders: message.bystanders.clone(),
        };
        let part = |&route: &Route| {
            let sealed = Sealed { target: target(route), answer: due.answer.clone(), not_before: due.not_before };
            let sealed = self.keys.seal(key, &sealed);
            sealed.map(|sealed| Part { route, sealed }).map_err(|_| LedgerError::Unavailable("no random bytes".into()))
        };
        Ok(ReplyPlan { contact, thread, parts: due.ways.routes().iter().map(part).collect::<Result<_, _>>()? })
    }

    async fn record(&self, run: Vec<Taken>) -> Result<(), LedgerError> {
        let entries: Vec<Entry> = run.iter().map(|taken| taken.entry.clone()).collect();
        let new = self.store.enter(entries).await?;
        for (Taken { entry, message, decision, cry }, new) in run.into_iter().zip(new) {
            self.seen.add(entry.message.clone());
            if new {
                log_decision(&entry, &decision);
                self.observer.decided(&message, &decision);
                if let (Some(alarm), Some(cry)) = (&self.alarm, cry) {
                    alarm.note(cry, self.clock.steady());
                }
            }
        }
        Ok(())
    }

    /// Learns from what our own account wrote: what the ledger does not know was written by a colleague.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn learn_own(&self, platform: Platform, posts: &[OwnPost]) -> Result<(), LedgerError> {
        for post in posts {
            let key = self.keys.post(platform, post.id.expose());
            if self.classified.has(&key) {
                continue;
            }
            if !self.store.knows_post(&key).await? {
                // Ours, its id not known yet, or shown under another one (Instagram, unverified).
                if self.may_have_posted(platform, post, recognise::earliest(post.created_at)).await? {
                    continue;
                }
                let thread = self.keys.thread(platform, &post.thread);
                self.store.colleague(&thread, post.created_at).await?;
            }
            self.classified.add(key);
        }
        Ok(())
    }

    /// Whether a post may be a reply whose posting began at `since` or later.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn may_have_posted(
        &self,
        platform: Platform,
        post: &OwnPost,
        since: Timestamp,
    ) -> Result<bool, LedgerError> {
        let thread = self.keys.thread(platform, &post.thread);
        let fingerprint = self.keys.fingerprint(&recognisable(post.text.expose()));
        let posted = self.store.posted_in(platform, &thread, since).await?;
        Ok(posted.iter().any(|reply| reply.fingerprint == fingerprint && recognise::may_be(post.created_at, reply)))
    }
}

fn log_decision(entry: &Entry, decision: &Decision) {
    let message_key = &entry.message[..8.min(entry.message.len())];
    let feed = entry.feed.name();
    match decision {
        // That it waits for a colleague would tell who is in need.
        Decision::Reply(Due { answer, .. }) => {
            info!(feed, message_key, decision = "reply", languages = %answer.languages, "reply intended");
        }
        Decision::Hold(..) => {
            info!(feed, message_key, decision = "hold", "waits for another reply to the same contact");
        }
        Decision::Silence(silence) => {
            let silence = silence.beside_message();
            info!(feed, message_key, decision = "silence", reason = silence.code(), "silent: {}", silence.words());
        }
    }
}

/// A bounded memory of hashes.
#[derive(Default)]
struct Remembered(StdMutex<HashSet<String>>);

impl Remembered {
    fn has(&self, key: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    fn add(&self, key: String) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MOST_REMEMBERED {
            keys.clear();
        }
        keys.insert(key);
    }
}
