//! How a zone stands at one moment: the answer of `status`, and what the metrics are made of.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Watch;
use crate::{
    auth::Renewal,
    clock::between,
    config::{Word as _, Zone},
    ledger::{Figures, InDoubt, LedgerError, Pause, Store},
    model::{self, Feed},
    platform::Platform,
};

/// A ledger that has not answered by then does not answer.
const LEDGER: Duration = Duration::from_secs(5);
/// So long before its end a login that does not renew itself is a matter for a human.
const ENDS_SOON: Duration = Duration::from_secs(7 * 86_400);

/// How a zone stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The zone.
    pub zone: String,
    /// The program's version.
    pub version: String,
    /// When this was true.
    pub at: Timestamp,
    /// Since when the service runs; nothing when it does not.
    pub started_at: Option<Timestamp>,
    /// `reply`, `observe` or `pause`, as the zone's file says; nothing when that cannot be read.
    pub mode: Option<String>,
    /// Whether somebody has paused it beside its file.
    pub paused: bool,
    /// When that ends by itself.
    pub paused_until: Option<Timestamp>,
    /// Its feeds.
    pub feeds: Vec<FeedLine>,
    /// What is left of the platforms' limits.
    pub limits: Vec<LimitLine>,
    /// Its logins.
    pub logins: Vec<LoginLine>,
    /// How many messages ended today, by outcome, such as `sent` or `silent/cooldown`.
    pub today: BTreeMap<String, u64>,
    /// The same since the first start, by feed.
    pub ever: BTreeMap<String, BTreeMap<String, u64>>,
    /// Messages that have not ended.
    pub open: u64,
    /// Replies in doubt that wait for a human.
    pub in_doubt: Vec<InDoubtLine>,
    /// Loops that have not turned in their time.
    pub hanging: Vec<String>,
    /// How many loops were started again after a panic.
    pub panics: u64,
    /// What the ledger says instead of an answer.
    pub ledger: Option<String>,
}

/// A feed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedLine {
    /// Its name.
    pub feed: String,
    /// When it was last read to its end, or when the service started.
    pub read_at: Option<Timestamp>,
    /// How many times it was read since the service started.
    pub reads: u64,
    /// The seconds between two polls.
    pub poll_seconds: f64,
    /// Whether the platform's limits make it slower than the file says.
    pub slow: bool,
    /// Whether it has not been read for too long.
    pub stale: bool,
    /// What is wrong with it, by meaning.
    pub failure: Option<String>,
}

/// One of a platform's limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitLine {
    /// The account.
    pub account: String,
    /// What is limited.
    pub name: String,
    /// The share that is left, from 0 to 1.
    pub left: f64,
    /// Nothing of the kind is called before.
    pub closed_until: Option<Timestamp>,
}

/// A login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginLine {
    /// The account.
    pub account: String,
    /// When it ends if no human does anything.
    pub ends_at: Option<Timestamp>,
    /// Whether somebody must log in.
    pub needs_login: bool,
}

/// A reply in doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InDoubtLine {
    /// Its number.
    pub reply: i64,
    /// The feed.
    pub feed: String,
    /// When the message was written.
    pub written_at: Timestamp,
    /// When the reply was posted, if it was.
    pub posted_at: Option<Timestamp>,
}

impl State {
    /// What keeps citizens from being answered, each in one sentence; empty when all is well.
    pub fn ailments(&self) -> Vec<String> {
        let mut ailments = Vec::new();
        if let Some(why) = &self.ledger {
            ailments.push(format!("the ledger does not answer: {why}"));
        }
        ailments.extend(self.hanging.iter().map(|name| format!("{name} hangs")));
        for feed in self.feeds.iter().filter(|feed| feed.stale) {
            let since = feed.read_at.map(|at| format!(" since {at}")).unwrap_or_default();
            let why = feed.failure.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            ailments.push(format!("{} is not read{since}{why}", feed.feed));
        }
        ailments
    }

    /// What a human should look at, each in one sentence: the ailments and what may become one.
    pub fn troubles(&self) -> Vec<String> {
        let mut troubles = self.ailments();
        if self.started_at.is_none() {
            troubles.insert(0, "the service does not run".to_owned());
        }
        for feed in self.feeds.iter().filter(|feed| !feed.stale) {
            troubles.extend(feed.failure.as_ref().map(|why| format!("{} cannot be read: {why}", feed.feed)));
        }
        for login in &self.logins {
            if login.needs_login {
                troubles.push(format!("somebody must log in: formez101 login {} --zone {}", login.account, self.zone));
            } else if let Some(at) = login.ends_at.filter(|at| between(self.at, *at) < ENDS_SOON) {
                troubles.push(format!("the login of {} ends at {at}", login.account));
            }
        }
        if !self.in_doubt.is_empty() {
            troubles.push(format!("{} replies in doubt wait for a human", self.in_doubt.len()));
        }
        troubles
    }

    /// Whether every feed was read since the service started.
    pub fn is_ready(&self) -> bool {
        self.started_at.is_some() && self.ledger.is_none() && self.feeds.iter().all(|feed| feed.reads > 0)
    }

    /// What the ledger alone knows, whether the service runs or not; `zone` is there where its file can be read.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn of_ledger(store: &dyn Store, zone: Option<&Zone>, now: Timestamp) -> Result<Self, LedgerError> {
        let pause = Pause::read(store.note(Pause::NOTE).await?.as_deref());
        let today = zone.map(|zone| now.to_zoned_datetime(zone.timezone.clone()).date());
        let mut state = Self {
            mode: zone.map(|zone| zone.mode.word().to_owned()),
            paused: pause.holds(now),
            paused_until: if let Pause::Until(until) = pause { Some(until).filter(|until| *until > now) } else { None },
            in_doubt: store.in_doubt().await?.into_iter().map(InDoubtLine::from).collect(),
            ..Self::nothing_known(now)
        };
        state.count(&store.figures().await?, today);
        Ok(state)
    }

    fn nothing_known(now: Timestamp) -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), at: now, ..Self::default() }
    }

    fn count(&mut self, figures: &Figures, today: Option<Date>) {
        let today = today.map(|day| day.to_string());
        for count in &figures.outcomes {
            let name = [count.outcome.as_str(), count.reason.as_str()].join("/");
            let name = name.trim_end_matches('/').to_owned();
            if today.as_ref() == Some(&count.day) {
                *self.today.entry(name.clone()).or_default() += count.total;
            }
            *self.ever.entry(count.feed.clone()).or_default().entry(name).or_default() += count.total;
        }
        self.open = figures.open;
    }
}

impl From<InDoubt> for InDoubtLine {
    fn from(reply: InDoubt) -> Self {
        Self { reply: reply.seq, feed: reply.feed, written_at: reply.created_at, posted_at: reply.sending_at }
    }
}

impl Watch {
    /// How the zone stands now.
    pub async fn state(&self) -> State {
        let Self { zone, store, health, clock, .. } = self;
        let now = clock.now();
        let asked = clock.within(LEDGER, State::of_ledger(store.as_ref(), Some(zone), now)).await;
        let mut state = match asked {
            Some(Ok(state)) => state,
            Some(Err(error)) => State { ledger: Some(error.to_string()), ..State::nothing_known(now) },
            None => State { ledger: Some("no answer".to_owned()), ..State::nothing_known(now) },
        };
        state.zone.clone_from(&zone.id);
        state.mode = Some(zone.mode.word().to_owned());
        state.started_at = Some(self.started_at);
        state.feeds = self.feeds();
        state.limits = self.limits();
        state.logins = self.logins();
        state.hanging = health.hanging(clock.steady());
        state.panics = health.panics();
        state
    }

    fn feeds(&self) -> Vec<FeedLine> {
        let feeds = self.health.feeds();
        let line = |feed: &Feed| {
            let Some(known) = feeds.get(feed) else {
                return FeedLine { feed: feed.name().to_owned(), ..FeedLine::default() };
            };
            FeedLine {
                feed: feed.name().to_owned(),
                read_at: Some(known.fresh_at),
                reads: known.reads,
                poll_seconds: known.interval.as_secs_f64(),
                slow: known.slow,
                stale: known.stale,
                failure: known.failure.clone(),
            }
        };
        let there = |feed: &&Feed| self.platforms.contains_key(&feed.platform());
        self.zone.feeds.keys().filter(there).map(line).collect()
    }

    fn limits(&self) -> Vec<LimitLine> {
        let of = |(account, platform): (&model::Platform, &Arc<dyn Platform>)| {
            let account = account.name();
            let limits = platform.limits().into_iter();
            limits
                .map(move |limit| LimitLine {
                    account: account.to_owned(),
                    name: limit.name,
                    left: (limit.left * 1000.0).round() / 1000.0,
                    closed_until: limit.closed_until,
                })
                .collect::<Vec<_>>()
        };
        self.platforms.iter().flat_map(of).collect()
    }

    fn logins(&self) -> Vec<LoginLine> {
        let line = |renewal: &Arc<Renewal>| {
            let standing = renewal.standing()?;
            Some(LoginLine {
                account: renewal.name().to_owned(),
                ends_at: standing.ends_at,
                needs_login: standing.needs_login,
            })
        };
        self.renewals.iter().filter_map(line).collect()
    }
}
