//! What an X account may still call and spend.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tracing::{error, info, warn};

use crate::{
    clock::Clock,
    config::X,
    http::Failure,
    platform::quota::{Held, Level, Priced, Sent, Usd, XQuota},
};

/// The quota of one account, with the words for it.
pub struct Purse {
    pub quota: XQuota,
    clock: Clock,
    taken_up: AtomicBool,
    /// The level of spending that was told last.
    told: Mutex<Level>,
}

impl Purse {
    /// The name of the note kept over a restart.
    pub const NOTE: &str = "x quota";

    /// Nothing called and nothing spent yet.
    pub fn new(settings: &X, clock: Clock) -> Self {
        Self {
            quota: XQuota::new(settings.monthly_budget_usd.map(Usd::from_dollars), settings.owned_app),
            clock,
            taken_up: AtomicBool::new(false),
            told: Mutex::new(Level::Well),
        }
    }

    /// How many objects a reading call may ask for, so that the month's money suffices even if all of them are new.
    pub fn afford(&self, each: &[Priced], most: usize, least: usize) -> Result<(usize, Held<'_>), Failure> {
        let afforded = self.quota.money.affordable(each, most, least, self.clock.now());
        self.tell_spending();
        afforded.map_err(|at| Failure::Later { at: Some(at), code: "monthly budget used up".into() })
    }

    /// Pays for what an answer returned.
    pub fn pay<'a>(&self, what: Priced, route: &str, ids: impl IntoIterator<Item = Option<&'a str>>) {
        self.quota.money.charge(what, route, ids.into_iter().flatten(), self.clock.now());
        self.tell_spending();
    }

    /// Says once when the month's money runs short.
    fn tell_spending(&self) {
        let spending = self.quota.money.state(self.clock.now());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told == spending.level {
            return;
        }
        let (spent, budget) = (spending.spent.to_string(), spending.budget.unwrap_or_default().to_string());
        match spending.level {
            Level::Well => info!(spent, budget, "spending on X is within its monthly budget again"),
            Level::Slow => warn!(spent, budget, "spending on X nears its monthly budget: X is read less often"),
            Level::Stopped => {
                error!(spent, budget, "the monthly budget for X is used up: X is not read until the next month");
            }
        }
        *told = spending.level;
    }

    /// Whether the month's money has room for a send.
    pub fn afford_send(&self, what: Sent) -> Result<(), Failure> {
        let afforded = self.quota.money.affordable_send(what, self.clock.now());
        afforded.map_err(|at| Failure::Later { at: Some(at), code: "monthly budget used up".into() })
    }

    /// Pays for a send that X accepted, or may have accepted.
    pub fn pay_send(&self, what: Sent) {
        self.quota.money.charge_send(what, self.clock.now());
        self.tell_spending();
    }

    /// By how much money lengthens the intervals.
    pub fn stretch(&self) -> f64 {
        self.quota.money.stretch(self.clock.now())
    }

    /// The note, when it is worth writing down.
    pub fn to_keep(&self) -> Option<(&'static str, String)> {
        let due = self.quota.worth_saving(self.clock.now());
        let text = || serde_json::to_string(&self.quota.saved()).ok();
        due.then(text).flatten().map(|text| (Self::NOTE, text))
    }

    /// Goes on from a note; only the first one counts, and one that cannot be read says nothing.
    pub fn take_up(&self, note: Option<&str>) {
        if self.taken_up.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(saved) = note.and_then(|note| serde_json::from_str(note).ok()) {
            self.quota.restore(saved, self.clock.now());
        }
    }
}
