//! What reading and answering on X costs, held within a monthly budget.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Mutex,
    time::Duration,
};

use jiff::Timestamp;

use super::{
    Saved,
    keeping::Keeping,
    lock,
    months::{self, Months},
    prices::{Priced, Sent, Usd},
    slower,
};
use crate::clock::{after, between};

/// Another call under way ends by then.
const SOON: Duration = Duration::from_secs(1);
/// From so many per cent of the budget reading slows down where money runs ahead of the month.
const SLOW_FROM: u8 = 80;
/// Reads use so many per cent of the budget, the rest is for replies.
const READS_STOP: u8 = 90;

/// The spending of one account. Months are those of the UTC calendar.
pub struct Money {
    budget: Option<Usd>,
    owned: bool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    months: Months,
    /// The UTC day of `paid`.
    day: i64,
    /// What was paid for on that day, hashed. A restart forgets it and counts again, which is never too little.
    paid: HashSet<u64>,
    /// What calls under way may still cost at most, in millionths of a dollar.
    held: u64,
    /// The month in which a read did not fit any more.
    stopped: Option<i32>,
    keeping: Keeping,
}

/// How the budget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spending {
    /// Spent in this month.
    pub spent: Usd,
    /// What may be spent in a month; `None` where no file says so.
    pub budget: Option<Usd>,
    /// What follows from both.
    pub level: Level,
}

/// Whether money slows reading down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It does not.
    Well,
    /// Four fifths are spent, sooner than the month passes: polls are further apart.
    Slow,
    /// A read did not fit into this month any more; replies still may.
    Stopped,
}

impl Money {
    /// Nothing spent yet. `owned`: the account itself owns the developer app, so that posts cost less.
    pub fn new(monthly_budget: Option<Usd>, owned: bool) -> Self {
        Self { budget: monthly_budget, owned, known: Mutex::default() }
    }

    /// Charges what an answer returned; `endpoint` is its path without ids, `ids` those of the objects.
    pub fn charge<'a>(&self, what: Priced, endpoint: &str, ids: impl IntoIterator<Item = &'a str>, now: Timestamp) {
        let known = &mut *lock(&self.known);
        let day = months::day(now);
        if known.day != day {
            (known.day, known.paid) = (day, HashSet::new());
        }
        let new = ids.into_iter().filter(|id| known.paid.insert(hash(what, endpoint, id))).count();
        known.spend(what.price(self.owned).times(u64::try_from(new).unwrap_or(u64::MAX)), now);
    }

    /// Charges a send that X accepted, or may have accepted.
    pub fn charge_send(&self, what: Sent, now: Timestamp) {
        lock(&self.known).spend(what.price(), now);
    }

    /// How many objects the next call may ask for, `most` at most, so that the budget holds even if all of them are new.
    ///
    /// `each` is what one object may bring with it: a post that is asked for with its author is a post and a user. A tenth
    /// of the budget is kept for replies. The worst that the call may cost is held until what is returned with the number
    /// is dropped, after the answer was charged.
    ///
    /// # Errors
    /// The beginning of the next month, when not even `least` fit.
    pub fn affordable(
        &self,
        each: &[Priced],
        most: usize,
        least: usize,
        now: Timestamp,
    ) -> Result<(usize, Held<'_>), Timestamp> {
        let Some(budget) = self.budget else { return Ok((most, Held { money: self, amount: 0 })) };
        let known = &mut *lock(&self.known);
        let left = for_reads(budget).0.saturating_sub(known.months.spent(now)).saturating_sub(known.held);
        let price = each.iter().fold(Usd::default(), |sum, what| sum.plus(what.price(self.owned)));
        let fits =
            left.checked_div(price.0).and_then(|fits| usize::try_from(fits).ok()).map_or(most, |fits| fits.min(most));
        if fits >= least {
            let amount = price.times(u64::try_from(fits).unwrap_or(u64::MAX)).0;
            known.held = known.held.saturating_add(amount);
            return Ok((fits, Held { money: self, amount }));
        }
        if known.held > 0 {
            // Perhaps there is room once the calls under way have cost less than they might.
            return Err(after(now, SOON));
        }
        known.stopped = Some(months::name(now));
        Err(months::bounds(now).1)
    }

    /// Whether the whole budget has room for a send.
    ///
    /// # Errors
    /// The beginning of the next month, when it has not.
    pub fn affordable_send(&self, what: Sent, now: Timestamp) -> Result<(), Timestamp> {
        let spent = Usd(lock(&self.known).months.spent(now));
        let fits = self.budget.is_none_or(|budget| spent.plus(what.price()) <= budget);
        if fits { Ok(()) } else { Err(months::bounds(now).1) }
    }

    /// By how much to lengthen the interval of polls: 1 until 80 % are spent, or while the month passes faster than the
    /// money; 8 at 90 %.
    pub fn stretch(&self, now: Timestamp) -> f64 {
        self.stretched(Usd(lock(&self.known).months.spent(now)), now)
    }

    /// How the budget stands, for the service to say so once for each level.
    pub fn state(&self, now: Timestamp) -> Spending {
        let known = lock(&self.known);
        let spent = Usd(known.months.spent(now));
        let level = if known.stopped == Some(months::name(now)) {
            Level::Stopped
        } else if self.stretched(spent, now) > 1.0 {
            Level::Slow
        } else {
            Level::Well
        };
        Spending { spent, budget: self.budget, level }
    }

    /// Whether to write the spending down now; a yes counts as done. At once when money was spent.
    pub fn worth_saving(&self, now: Timestamp) -> bool {
        lock(&self.known).keeping.due(now)
    }

    pub(super) fn save_into(&self, saved: &mut Saved) {
        saved.spent.clone_from(&lock(&self.known).months);
    }

    pub(super) fn restore(&self, spent: Months) {
        lock(&self.known).months = spent;
    }

    fn stretched(&self, spent: Usd, now: Timestamp) -> f64 {
        let Some(budget) = self.budget else { return 1.0 };
        let (began, ends) = months::bounds(now);
        let passed = between(began, now).as_secs_f64() / between(began, ends).as_secs_f64() * 100.0;
        let share = percent(spent, budget);
        // An even month that ends with its money is as it should be.
        if share <= passed { 1.0 } else { slower(share, SLOW_FROM.into(), READS_STOP.into()) }
    }
}

/// What a call under way may cost at most; dropped when its answer was charged.
pub struct Held<'a> {
    money: &'a Money,
    amount: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let known = &mut *lock(&self.money.known);
        known.held = known.held.saturating_sub(self.amount);
    }
}

impl Known {
    fn spend(&mut self, amount: Usd, now: Timestamp) {
        if amount > Usd::default() {
            self.months.add(amount.0, now);
            self.keeping.noted(true);
        }
    }
}

/// What of a budget reads may use.
pub(super) fn for_reads(budget: Usd) -> Usd {
    part(budget, READS_STOP)
}

/// From where reading may slow down.
pub(super) fn slow_from(budget: Usd) -> Usd {
    part(budget, SLOW_FROM)
}

/// So many per cent of an amount, rounded down.
fn part(whole: Usd, percent: u8) -> Usd {
    let percent = u64::from(percent);
    Usd(whole.0 / 100 * percent + whole.0 % 100 * percent / 100)
}

/// A share in per cent, 100 where there is no whole.
fn percent(part: Usd, whole: Usd) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "amounts of money are far below the 53 bits of a mantissa")]
    let share = part.0 as f64 / whole.0 as f64;
    if whole == Usd::default() { 100.0 } else { share * 100.0 }
}

fn hash(what: Priced, endpoint: &str, id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (what as u8, endpoint, id).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
