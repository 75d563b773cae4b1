//! How the loops are: fresh or stale per feed, turning or hanging, and the one line that says it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::Instant;
use tracing::{error, info, warn};

use crate::{
    alert::Deaf,
    http::Failure,
    ledger::LedgerError,
    model::{Feed, Platform},
};

/// A feed is stale when it was not read for so long, or for three intervals if that is longer.
const STALE: Duration = Duration::from_secs(300);

/// How one feed is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedState {
    /// The time between two polls as set.
    pub usual: Duration,
    /// The time between two polls now.
    pub interval: Duration,
    /// Whether the quota makes it slower than usual.
    pub slow: bool,
    /// How many times it was read to its end since the start.
    pub reads: u64,
    /// When it was last read to its end; at first the time of the start.
    pub fresh_at: Timestamp,
    /// The same by a clock that nobody can set.
    fresh: Instant,
    /// What is wrong with it, if anything.
    pub failure: Option<String>,
    /// Whether that is the ledger, which does not take what the feed shows.
    pub unrecorded: bool,
    /// Whether the alert was given.
    pub stale: bool,
}

/// The state of all loops of a zone.
#[derive(Debug, Default)]
pub struct Health {
    feeds: Mutex<BTreeMap<Feed, FeedState>>,
    /// For each loop, the time by which it must have turned again.
    beats: Mutex<BTreeMap<String, Instant>>,
    panics: Mutex<u64>,
    /// Accounts on which very many replies wait, and how many.
    waiting: Mutex<BTreeMap<Platform, usize>>,
    /// Platforms whose login is looked after: its end is told once for the account, not once for each feed.
    guarded: Mutex<BTreeSet<Platform>>,
    /// What was found when the ledger turned out to be damaged.
    damage: Mutex<Option<String>>,
    damaged: Notify,
}

impl Health {
    /// A feed's loop starts.
    pub fn starts(&self, feed: Feed, interval: Duration, (now, steady): (Timestamp, Instant)) {
        lock(&self.feeds).entry(feed).or_insert(FeedState {
            usual: interval,
            interval,
            slow: false,
            reads: 0,
            fresh_at: now,
            fresh: steady,
            failure: None,
            unrecorded: false,
            stale: false,
        });
    }

    /// A feed was read to its end.
    pub fn fresh(&self, feed: Feed, (now, steady): (Timestamp, Instant)) {
        let mut feeds = lock(&self.feeds);
        let Some(state) = feeds.get_mut(&feed) else { return };
        if state.failure.take().is_some() || state.stale {
            info!(feed = feed.name(), "the feed is read again");
        }
        state.unrecorded = false;
        state.stale = false;
        state.reads += 1;
        state.fresh_at = now;
        state.fresh = steady;
    }

    /// The quota makes a feed slower than usual, or no longer does.
    pub fn paced(&self, feed: Feed, interval: Duration, slow: bool) {
        let mut feeds = lock(&self.feeds);
        let Some(state) = feeds.get_mut(&feed) else { return };
        if slow != state.slow {
            let (feed, seconds) = (feed.name(), interval.as_secs_f64().ceil());
            if slow {
                warn!(feed, poll_seconds = seconds, "the platform's limits are near: the feed is read less often");
            } else {
                info!(feed, poll_seconds = seconds, "the feed is read as often as usual again");
            }
        }
        state.slow = slow;
        state.interval = interval.max(state.usual);
    }

    /// A platform's login is looked after by somebody who tells a human when it is at its end.
    pub fn guard(&self, platform: Platform) {
        lock(&self.guarded).insert(platform);
    }

    /// Whether a human is told elsewhere of this failure.
    pub fn is_told(&self, platform: Platform, failure: &Failure) -> bool {
        matches!(failure, Failure::LoginNeeded { .. }) && lock(&self.guarded).contains(&platform)
    }

    /// A feed could not be read. Logged when the failure is a new one.
    pub fn failed(&self, feed: Feed, failure: &Failure) {
        let passing = matches!(failure, Failure::Later { .. }) || self.is_told(feed.platform(), failure);
        let failure = failure.to_string();
        let mut feeds = lock(&self.feeds);
        let Some(state) = feeds.get_mut(&feed) else { return };
        if state.failure.as_ref() != Some(&failure) {
            let feed = feed.name();
            if passing {
                warn!(feed, failure, "the feed cannot be read for now");
            } else {
                error!(feed, failure, "the feed cannot be read: a human must look");
            }
            state.failure = Some(failure);
            state.unrecorded = false;
        }
    }

    /// What a feed showed could not be recorded. Logged once, even where the disk finds other words each time.
    pub fn not_recorded(&self, feed: Feed, why: &str) {
        let mut feeds = lock(&self.feeds);
        let Some(state) = feeds.get_mut(&feed) else { return };
        if !state.unrecorded {
            error!(
                feed = feed.name(),
                failure = why,
                "what the feed shows cannot be recorded: nobody is answered there"
            );
        }
        state.unrecorded = true;
        state.failure = Some(why.to_owned());
    }

    /// A step of the ledger failed. Trying again mends a full disk, but no damage.
    pub fn ledger_failed(&self, error: &LedgerError) {
        if let LedgerError::Damaged(why) = error {
            lock(&self.damage).get_or_insert_with(|| why.clone());
            self.damaged.notify_one();
        }
    }

    /// Waits until the ledger turns out to be damaged; says how.
    pub async fn ledger_damaged(&self) -> String {
        self.damaged.notified().await;
        lock(&self.damage).clone().unwrap_or_default()
    }

    /// Gives one alert for each feed that has gone stale.
    pub fn check(&self, steady: Instant) {
        for (feed, state) in lock(&self.feeds).iter_mut() {
            let limit = STALE.max(state.interval * 3);
            if !state.stale && steady.saturating_duration_since(state.fresh) > limit {
                state.stale = true;
                error!(feed = feed.name(), since = %state.fresh_at, "the feed is stale: citizens who write there are not answered");
            }
        }
    }

    /// The feeds that are stale.
    pub fn deaf(&self) -> Vec<Deaf> {
        let feeds = lock(&self.feeds);
        let stale = feeds.iter().filter(|(_, state)| state.stale);
        stale.map(|(feed, state)| Deaf { feed: *feed, since: state.fresh_at, why: state.failure.clone() }).collect()
    }

    /// A loop promises to turn again within `limit`.
    pub fn beat(&self, name: &str, steady: Instant, limit: Duration) {
        let mut beats = lock(&self.beats);
        match beats.get_mut(name) {
            Some(deadline) => *deadline = steady + limit,
            None => drop(beats.insert(name.to_owned(), steady + limit)),
        }
    }

    /// A loop has ended and owes no more turns.
    pub fn ended(&self, name: &str) {
        lock(&self.beats).remove(name);
    }

    /// The loops that have not turned in the time they promised.
    pub fn hanging(&self, steady: Instant) -> Vec<String> {
        lock(&self.beats).iter().filter(|(_, deadline)| **deadline < steady).map(|(name, _)| name.clone()).collect()
    }

    /// So many replies wait in a rush on an account; `None` when there is no rush.
    pub fn waiting(&self, account: Platform, replies: Option<usize>) {
        let mut waiting = lock(&self.waiting);
        match replies {
            Some(replies) => drop(waiting.insert(account, replies)),
            None => drop(waiting.remove(&account)),
        }
    }

    /// A loop panicked and will be started again.
    pub fn panicked(&self) {
        *lock(&self.panics) += 1;
    }

    /// How many loops panicked.
    pub fn panics(&self) -> u64 {
        *lock(&self.panics)
    }

    /// Each feed's state.
    pub fn feeds(&self) -> BTreeMap<Feed, FeedState> {
        lock(&self.feeds).clone()
    }

    /// The state in one line, for `systemctl status`.
    pub fn line(&self) -> String {
        let feeds = lock(&self.feeds);
        let troubled: Vec<String> = feeds
            .iter()
            .filter_map(|(feed, state)| state.failure.as_ref().map(|failure| format!("{feed}: {failure}")))
            .collect();
        let panics = *lock(&self.panics);
        let mut line = if troubled.is_empty() {
            format!("{} feeds read", feeds.len())
        } else {
            format!("{} of {} feeds read; {}", feeds.len() - troubled.len(), feeds.len(), troubled.join("; "))
        };
        for (account, replies) in lock(&self.waiting).iter() {
            // Writing to a text cannot fail.
            let _ = write!(line, "; {replies} replies wait on {account}, urgent ones first, then the oldest");
        }
        if panics > 0 {
            line.push_str("; loops restarted after a panic: ");
            line.push_str(&panics.to_string());
        }
        line
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both clocks so many seconds after the start.
    fn clocks() -> impl Fn(u64) -> (Timestamp, Instant) {
        let start = Instant::now();
        move |second| (Timestamp::UNIX_EPOCH + Duration::from_secs(second), start + Duration::from_secs(second))
    }

    #[test]
    fn a_feed_goes_stale_after_five_minutes_or_three_intervals_and_recovers() {
        let (health, at) = (Health::default(), clocks());
        health.starts(Feed::FacebookInbox, Duration::from_secs(15), at(0));
        health.starts(Feed::XInbox, Duration::from_secs(200), at(0));
        health.check(at(301).1);
        let stale = |health: &Health| {
            health.feeds().into_iter().filter(|(_, state)| state.stale).map(|(feed, _)| feed).collect::<Vec<_>>()
        };
        assert_eq!(stale(&health), [Feed::FacebookInbox]);
        health.check(at(601).1);
        assert_eq!(stale(&health), [Feed::FacebookInbox, Feed::XInbox]);
        health.fresh(Feed::XInbox, at(602));
        assert_eq!(stale(&health), [Feed::FacebookInbox]);
    }

    #[test]
    fn the_status_line_names_what_is_wrong_and_a_hanging_loop_is_found() {
        let (health, at) = (Health::default(), clocks());
        health.starts(Feed::FacebookInbox, Duration::from_secs(15), at(0));
        health.starts(Feed::XInbox, Duration::from_secs(90), at(0));
        assert_eq!(health.line(), "2 feeds read");
        health.failed(Feed::XInbox, &Failure::LoginNeeded { code: "x 401".into() });
        assert_eq!(health.line(), "1 of 2 feeds read; x.inbox: login needed (x 401)");
        health.waiting(Platform::Facebook, Some(812));
        assert!(health.line().ends_with("; 812 replies wait on facebook, urgent ones first, then the oldest"));
        health.waiting(Platform::Facebook, None);
        assert_eq!(health.line(), "1 of 2 feeds read; x.inbox: login needed (x 401)");
        health.beat("x.inbox", at(0).1, Duration::from_secs(10));
        assert!(health.hanging(at(10).1).is_empty());
        assert_eq!(health.hanging(at(11).1), ["x.inbox"]);
    }
}
