//! The quota of one X account: its windows and its money.

use jiff::Timestamp;

use super::{Money, Saved, Usd, Windows};
use crate::platform::Limit;

/// What limits one X account.
pub struct XQuota {
    /// The calls of each route.
    pub windows: Windows,
    /// What they cost.
    pub money: Money,
}

impl XQuota {
    /// Nothing known and nothing spent yet. `owned`: the account itself owns the developer app.
    pub fn new(monthly_budget: Option<Usd>, owned: bool) -> Self {
        Self { windows: Windows::default(), money: Money::new(monthly_budget, owned) }
    }

    /// What is left of the windows, and of the month's budget where there is one.
    pub fn limits(&self, now: Timestamp) -> Vec<Limit> {
        let (mut limits, spending) = (self.windows.limits(now), self.money.state(now));
        if let Some(budget) = spending.budget.filter(|budget| *budget > Usd::default()) {
            let left = 1.0 - spending.spent.share_of(budget);
            limits.push(Limit { name: "budget".to_owned(), left: left.max(0.0), closed_until: None });
        }
        limits
    }

    /// What a restart must not forget.
    pub fn saved(&self) -> Saved {
        let mut saved = Saved::default();
        self.windows.save_into(&mut saved);
        self.money.save_into(&mut saved);
        saved
    }

    /// Starts with what was saved; what is over by `now` is let go.
    pub fn restore(&self, saved: Saved, now: Timestamp) {
        self.windows.restore(saved.windows, now);
        self.money.restore(saved.spent);
    }

    /// Whether to write [`XQuota::saved`] down now; a yes counts as done.
    ///
    /// At once when a route closed or money was spent, else once a minute when anything changed.
    pub fn worth_saving(&self, now: Timestamp) -> bool {
        // Both are asked: a yes counts as done for both.
        self.windows.worth_saving(now) | self.money.worth_saving(now)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::platform::quota::{Priced, Purpose};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn restarted(quota: &XQuota, now: Timestamp) -> XQuota {
        let written = serde_json::to_string(&quota.saved()).unwrap();
        let again = XQuota::new(Some(Usd::from_dollars(1.0)), false);
        again.restore(serde_json::from_str(&written).unwrap(), now);
        assert!(!again.worth_saving(now), "nothing has changed");
        again
    }

    #[test]
    fn a_restart_forgets_neither_a_closed_route_nor_what_was_spent() {
        let (now, later) = (at("2026-11-20T18:00:00Z"), at("2026-11-20T18:00:59Z"));
        let quota = XQuota::new(Some(Usd::from_dollars(1.0)), false);
        quota.windows.learn("dm_events", 429, &HeaderMap::new(), now);
        quota.money.charge(Priced::Event, "dm_events", ["1", "2"], now);
        assert!(quota.worth_saving(now) && !quota.worth_saving(now));
        let again = restarted(&quota, later);
        assert_eq!(again.windows.admit("dm_events", Purpose::Send, later), Err(at("2026-11-20T18:01:00Z")));
        assert_eq!(again.money.state(later).spent, Usd::from_dollars(0.02));
        again.money.charge(Priced::Event, "dm_events", ["1"], later);
        assert_eq!(again.money.state(later).spent, Usd::from_dollars(0.03), "what was paid is not known any more");
    }

    #[test]
    fn what_another_month_spent_does_not_count() {
        let quota = XQuota::new(None, false);
        quota.money.charge(Priced::Event, "dm_events", ["1"], at("2026-11-30T23:59:59Z"));
        let again = restarted(&quota, at("2026-12-01T00:00:00Z"));
        assert_eq!(again.money.state(at("2026-12-01T00:00:00Z")).spent, Usd::default());
    }

    #[test]
    fn an_empty_value_is_a_first_start() {
        let quota = XQuota::new(None, false);
        quota.restore(serde_json::from_str("{}").unwrap(), at("2026-12-01T00:00:00Z"));
        assert_eq!(serde_json::to_string(&quota.saved()).unwrap(), "{}");
    }
}
