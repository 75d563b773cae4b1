//! What the file as written will ask of the platforms, for `check`.

use std::{fmt::Write as _, time::Duration};

use super::{Costs, Pool, meta::people_for};
use crate::config::written_duration;

/// Calls that a Bluesky server allows, counted over X's window.
const BLUESKY: u32 = 9000;
/// Calls that a Mastodon server allows, counted over X's window.
const MASTODON: u32 = 900;
const DAY: Duration = Duration::from_secs(24 * 3600);
const X_WINDOW: Duration = Duration::from_secs(15 * 60);

/// One feed as it will be polled.
#[derive(Debug, Clone, Copy)]
pub struct Planned {
    /// Its name.
    pub feed: &'static str,
    /// The time from one poll to the next.
    pub interval: Duration,
    /// How many calls a poll makes when nobody wrote.
    pub calls: u32,
    /// What they are taken from.
    pub from: Allowance,
}

/// What calls are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// One of Meta's pools.
    Meta(Pool),
    /// A route of X, with the calls that it allows in 15 minutes (`platforms/x.md` 4.2).
    X(&'static str, u32),
    /// The calls that a Bluesky server allows in 5 minutes (`platforms/bluesky.md` 6).
    Bluesky,
    /// The calls that a Mastodon server allows in 5 minutes (`platforms/mastodon.md` 6).
    Mastodon,
}

/// The calls of a day, feed by feed and allowance by allowance, and what they cost.
#[derive(Debug, Clone)]
pub struct Forecast {
    feeds: Vec<Planned>,
    costs: Option<Costs>,
}

/// What all feeds of one allowance take from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The allowance.
    pub from: Allowance,
    /// Calls a day.
    pub a_day: u64,
    /// Calls in 15 minutes, as X counts them.
    pub a_window: u64,
}

impl Taken {
    /// How many people a Page must be able to reach so that Meta's formula allows these calls; `None` on X.
    ///
    /// For [`Pool::Instagram`] impressions take the place of people. A fifth of what the formula allows is kept for
    /// replies and looks.
    pub fn people(&self) -> Option<u64> {
        match self.from {
            Allowance::Meta(pool) => people_for(pool, self.a_day),
            Allowance::X(..) | Allowance::Bluesky | Allowance::Mastodon => None,
        }
    }
}

impl Planned {
    /// Calls a day, rounded up.
    pub fn calls_a_day(&self) -> u64 {
        self.calls_in(DAY)
    }

    fn calls_in(&self, length: Duration) -> u64 {
        let calls = (length.as_millis() * u128::from(self.calls)).div_ceil(self.interval.as_millis().max(1));
        u64::try_from(calls).unwrap_or(u64::MAX)
    }
}

impl Forecast {
    /// The feeds of one zone, and what X costs where it has an account there.
    pub const fn new(feeds: Vec<Planned>, costs: Option<Costs>) -> Self {
        Self { feeds, costs }
    }

    /// What is taken from each allowance, in the order in which the feeds name them.
    pub fn taken(&self) -> Vec<Taken> {
        let mut all: Vec<Taken> = Vec::new();
        for feed in &self.feeds {
            let (a_day, a_window) = (feed.calls_a_day(), feed.calls_in(X_WINDOW));
            match all.iter_mut().find(|taken| taken.from == feed.from) {
                Some(taken) => {
                    taken.a_day = taken.a_day.saturating_add(a_day);
                    taken.a_window = taken.a_window.saturating_add(a_window);
                }
                None => all.push(Taken { from: feed.from, a_day, a_window }),
            }
        }
        all
    }

    /// All of it in plain words, a line for each matter; the month is that of so many answered mentions and messages.
    pub fn describe(&self, mentions: u64, messages: u64) -> String {
        let mut text = String::new();
        for feed in &self.feeds {
            let (every, calls) = (written_duration(feed.interval), counted(feed.calls_a_day(), "call"));
            let _ = writeln!(text, "{}: read every {every}, {calls} a day", feed.feed);
        }
        for taken in self.taken() {
            text.push_str(&describe(&taken));
        }
        if let Some(costs) = &self.costs {
            text.push_str(&costs.describe(mentions, messages));
        }
        text
    }
}

fn describe(taken: &Taken) -> String {
    match taken.from {
        Allowance::Meta(pool) => {
            let calls = counted(taken.a_day, "call");
            let Some(people) = taken.people() else { return format!("{}: {calls} a day\n", pool_name(pool)) };
            format!("{}: {calls} a day, needs at least {}\n", pool_name(pool), reached(pool, people))
        }
        Allowance::X(route, limit) if taken.a_window > u64::from(limit) => {
            format!("X {route}: {} of {limit} calls in 15 minutes: too many, polls will wait\n", taken.a_window)
        }
        Allowance::X(route, limit) => format!("X {route}: {} of {limit} calls in 15 minutes\n", taken.a_window),
        Allowance::Mastodon => format!("Mastodon: {} of {MASTODON} calls in 15 minutes\n", taken.a_window),
        Allowance::Bluesky => format!("Bluesky: {} of {BLUESKY} calls in 15 minutes\n", taken.a_window),
    }
}

const fn pool_name(pool: Pool) -> &'static str {
    match pool {
        Pool::Messenger => "Messenger",
        Pool::Pages => "Facebook pages",
        Pool::Instagram => "Instagram",
        Pool::App => "Facebook app",
    }
}

/// Whom Meta's formula counts (`platforms/meta.md` 6).
fn reached(pool: Pool, people: u64) -> String {
    let persons = if people == 1 { "1 person".to_owned() } else { format!("{people} people") };
    match pool {
        Pool::Messenger => format!("{persons} the Page can reach"),
        Pool::Instagram => format!("{} a day", counted(people, "impression")),
        Pool::Pages | Pool::App => format!("{persons} a day who engage with the Page"),
    }
}

pub(super) fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::quota::Usd;

    fn planned(feed: &'static str, seconds: u64, from: Allowance) -> Planned {
        Planned { feed, interval: Duration::from_secs(seconds), calls: 1, from }
    }

    fn whole_zone() -> Vec<Planned> {
        vec![
            planned("facebook.inbox", 15, Allowance::Meta(Pool::Messenger)),
            planned("facebook.mentions", 60, Allowance::Meta(Pool::Pages)),
            Planned { calls: 2, ..planned("facebook.comments", 60, Allowance::Meta(Pool::Pages)) },
            planned("instagram.mentions", 60, Allowance::Meta(Pool::Instagram)),
            planned("x.mentions", 60, Allowance::X("users/mentions", 300)),
            planned("x.inbox", 90, Allowance::X("dm_events", 15)),
        ]
    }

    #[test]
    fn a_whole_zone_in_plain_words() {
        let costs = Costs { budget: Some(Usd::from_dollars(10.0)), owned: false, users: 0, inbox: true };
        insta::assert_snapshot!(Forecast::new(whole_zone(), Some(costs)).describe(100, 60), @"
        facebook.inbox: read every 15s, 5760 calls a day
        facebook.mentions: read every 1m, 1440 calls a day
        facebook.comments: read every 1m, 2880 calls a day
        instagram.mentions: read every 1m, 1440 calls a day
        x.mentions: read every 1m, 1440 calls a day
        x.inbox: read every 1m 30s, 960 calls a day
        Messenger: 5760 calls a day, needs at least 36 people the Page can reach
        Facebook pages: 4320 calls a day, needs at least 2 people a day who engage with the Page
        Instagram: 1440 calls a day, needs at least 1 impression a day
        X users/mentions: 15 of 300 calls in 15 minutes
        X dm_events: 10 of 15 calls in 15 minutes
        X: a month in which nobody writes costs $3.30
        X: of this $3.00 for the first look at the inbox of each day, $0.30 for the account
        X: each answered mention costs $0.025, each answered message $0.035
        X: a month with 100 mentions and 60 messages costs about $7.90
        X: the budget of $10.00 a month is enough for such a month
        X: reading may slow down from $8.00 and stops at $9.00
        ");
    }

    #[test]
    fn a_zone_without_x_costs_nothing() {
        let feeds = vec![planned("facebook.inbox", 20, Allowance::Meta(Pool::Messenger))];
        insta::assert_snapshot!(Forecast::new(feeds, None).describe(100, 100), @"
        facebook.inbox: read every 20s, 4320 calls a day
        Messenger: 4320 calls a day, needs at least 27 people the Page can reach
        ");
    }

    #[test]
    fn too_many_calls_are_named() {
        let feeds = vec![planned("x.inbox", 40, Allowance::X("dm_events", 15))];
        insta::assert_snapshot!(Forecast::new(feeds, None).describe(0, 0), @"
        x.inbox: read every 40s, 2160 calls a day
        X dm_events: 23 of 15 calls in 15 minutes: too many, polls will wait
        ");
    }

    #[test]
    fn every_call_of_a_poll_counts_and_feeds_of_one_pool_add_up() {
        let taken = Forecast::new(whole_zone(), None).taken();
        let messenger = Taken { from: Allowance::Meta(Pool::Messenger), a_day: 5760, a_window: 60 };
        let pages = Taken { from: Allowance::Meta(Pool::Pages), a_day: 3 * 1440, a_window: 45 };
        assert_eq!(taken[..2], [messenger, pages]);
        assert_eq!(messenger.people(), Some(36));
        assert_eq!(taken.last().map(|taken| taken.a_window), Some(10));
    }

    #[test]
    fn odd_intervals_do_no_harm() {
        let mut feed = planned("x.inbox", 0, Allowance::X("dm_events", 15));
        assert_eq!(feed.calls_a_day(), 86_400_000);
        feed.interval = Duration::MAX;
        assert_eq!(feed.calls_a_day(), 1);
    }
}
