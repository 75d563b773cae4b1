//! What X charges.
//!
//! Source of every price: `platforms/x.md` 4.2 and 4.3 (pay per use, August 2026).

use super::share;

use std::fmt;

/// An amount in millionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usd(pub(super) u64);

impl Usd {
    /// An amount in dollars, as a file gives it; nothing that is less than zero or no number.
    pub fn from_dollars(dollars: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast holds it within the range")]
        let millionths = (dollars * 1e6).round() as u64;
        Self(millionths)
    }

    /// The same in millionths of a dollar.
    pub const fn millionths(self) -> u64 {
        self.0
    }

    /// Which share of another sum it is, 1 at most.
    pub fn share_of(self, whole: Self) -> f64 {
        share(self.0, whole.0)
    }

    /// So many times the amount.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Usd {
    /// `$3.30`; `$0.035` where it is not whole cents, rounded up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (thousandths, digits) = (self.0.div_ceil(1000), if self.0.is_multiple_of(10_000) { 2 } else { 3 });
        let part = thousandths % 1000 / if digits == 2 { 10 } else { 1 };
        write!(f, "${}.{part:0digits$}", thousandths / 1000)
    }
}

/// What X charges for each time it is returned; the same one again from the same endpoint on one UTC day is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priced {
    /// A post: 0.005, or 0.001 where the account itself owns the developer app.
    Post,
    /// A user: 0.010. Whether those in `includes` are charged is open; count them.
    User,
    /// A direct message, our own too: 0.010.
    Event,
}

impl Priced {
    /// The price of one.
    pub const fn price(self, owned: bool) -> Usd {
        Usd(match self {
            Self::Post if owned => 1_000,
            Self::Post => 5_000,
            Self::User | Self::Event => 10_000,
        })
    }
}

/// What X charges for each time it accepts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A direct message: 0.015.
    Message,
    /// A reply to a post: 0.010 where its author summoned the account, else 0.015; counted as 0.015.
    Reply,
    /// A post with anything that X takes for a link: 0.200.
    Link,
}

impl Sent {
    /// The price of one.
    pub const fn price(self) -> Usd {
        Usd(match self {
            Self::Message | Self::Reply => 15_000,
            Self::Link => 200_000,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_in_dollars_and_never_too_small() {
        let written = [0, 35_000, 3_300_000, 999_999, 1, 1_234_560_000].map(|amount| Usd(amount).to_string());
        assert_eq!(written, ["$0.00", "$0.035", "$3.30", "$1.000", "$0.001", "$1234.56"]);
    }

    #[test]
    fn a_budget_is_read_from_dollars() {
        let read =
            [5.0, 0.1, 0.0, -1.0, f64::NAN, f64::INFINITY].map(|dollars| Usd::from_dollars(dollars).millionths());
        assert_eq!(read, [5_000_000, 100_000, 0, 0, 0, u64::MAX]);
    }
}
