//! What a month on X costs, before it has begun.

use std::fmt::Write as _;

use super::{
    Priced, Sent, Usd,
    forecast::counted,
    money::{for_reads, slow_from},
};

/// A month, for an estimate.
const DAYS: u64 = 30;
/// After midnight UTC the first look at the inbox pays for its page again: 10 messages at most (`platforms/x.md` 4.3).
const FIRST_PAGE: u64 = 10;

/// What decides about the costs of one X account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// What may be spent in a month.
    pub budget: Option<Usd>,
    /// Whether the account itself owns the developer app.
    pub owned: bool,
    /// How many users come with each mention because they are asked for.
    pub users: u64,
    /// Whether the inbox is read.
    pub inbox: bool,
}

impl Costs {
    /// A month in which nobody writes: the midnight pages of the inbox, counted full, and our own account once a day.
    pub const fn fixed(&self) -> Usd {
        self.pages().plus(self.account())
    }

    /// A mention with its answer, which is read back once by the look for colleagues.
    pub const fn mention(&self) -> Usd {
        let post = Priced::Post.price(self.owned);
        post.plus(Priced::User.price(self.owned).times(self.users)).plus(Sent::Reply.price()).plus(post)
    }

    /// A direct message with its answer, which comes back in the inbox.
    pub const fn message(&self) -> Usd {
        Priced::Event.price(self.owned).times(2).plus(Sent::Message.price())
    }

    /// A month with so many answered mentions and messages.
    pub const fn month(&self, mentions: u64, messages: u64) -> Usd {
        self.fixed().plus(self.mention().times(mentions)).plus(self.message().times(messages))
    }

    pub(super) fn describe(&self, mentions: u64, messages: u64) -> String {
        let (fixed, account, mention) = (self.fixed(), self.account(), self.mention());
        let mut text = format!("X: a month in which nobody writes costs {fixed}\n");
        let month = if self.inbox {
            let (pages, message, month) = (self.pages(), self.message(), self.month(mentions, messages));
            let (mentions, messages) = (counted(mentions, "mention"), counted(messages, "message"));
            let _ = writeln!(
                text,
                "X: of this {pages} for the first look at the inbox of each day, {account} for the account"
            );
            let _ = writeln!(text, "X: each answered mention costs {mention}, each answered message {message}");
            let _ = writeln!(text, "X: a month with {mentions} and {messages} costs about {month}");
            month
        } else {
            let (mentions, month) = (counted(mentions, "mention"), self.month(mentions, 0));
            let _ = writeln!(text, "X: each answered mention costs {mention}");
            let _ = writeln!(text, "X: a month with {mentions} costs about {month}");
            month
        };
        text + &self.against_budget(month)
    }

    fn against_budget(&self, month: Usd) -> String {
        let Some(budget) = self.budget else {
            return "X: no monthly_budget_usd is set, nothing limits the cost\n".into();
        };
        let words = if self.fixed() > for_reads(budget) {
            "too small even where nobody writes"
        } else if month > budget {
            "too small for such a month"
        } else {
            "enough for such a month"
        };
        let (slow, stop) = (slow_from(budget), for_reads(budget));
        format!(
            "X: the budget of {budget} a month is {words}\nX: reading may slow down from {slow} and stops at {stop}\n"
        )
    }

    const fn pages(&self) -> Usd {
        Priced::Event.price(self.owned).times(if self.inbox { FIRST_PAGE * DAYS } else { 0 })
    }

    const fn account(&self) -> Usd {
        Priced::User.price(self.owned).times(DAYS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: Costs = Costs { budget: None, owned: false, users: 0, inbox: true };

    #[test]
    fn the_unit_costs_are_those_of_the_sheet() {
        assert_eq!(COSTS.fixed(), Usd::from_dollars(3.3));
        assert_eq!(COSTS.message(), Usd::from_dollars(0.035));
        assert_eq!(COSTS.mention(), Usd::from_dollars(0.025));
        assert_eq!(Costs { owned: true, ..COSTS }.mention(), Usd::from_dollars(0.017));
        assert_eq!(Costs { users: 2, ..COSTS }.mention(), Usd::from_dollars(0.045));
        assert_eq!(COSTS.month(100, 60), Usd::from_dollars(3.3 + 2.5 + 2.1));
        assert_eq!(Costs { inbox: false, ..COSTS }.fixed(), Usd::from_dollars(0.3));
    }

    #[test]
    fn the_budget_is_held_against_the_month() {
        let against = |dollars| {
            let costs = Costs { budget: Some(Usd::from_dollars(dollars)), ..COSTS };
            costs.against_budget(costs.month(100, 60))
        };
        insta::assert_snapshot!(COSTS.against_budget(COSTS.fixed()), @"X: no monthly_budget_usd is set, nothing limits the cost");
        insta::assert_snapshot!(against(10.0), @"
        X: the budget of $10.00 a month is enough for such a month
        X: reading may slow down from $8.00 and stops at $9.00
        ");
        insta::assert_snapshot!(against(5.0), @"
        X: the budget of $5.00 a month is too small for such a month
        X: reading may slow down from $4.00 and stops at $4.50
        ");
        insta::assert_snapshot!(against(3.0), @"
        X: the budget of $3.00 a month is too small even where nobody writes
        X: reading may slow down from $2.40 and stops at $2.70
        ");
    }

    #[test]
    fn without_the_inbox_only_mentions_cost() {
        insta::assert_snapshot!(Costs { inbox: false, owned: true, ..COSTS }.describe(1, 60), @"
        X: a month in which nobody writes costs $0.30
        X: each answered mention costs $0.017
        X: a month with 1 mention costs about $0.317
        X: no monthly_budget_usd is set, nothing limits the cost
        ");
    }
}
