//! The time of which the ledger may know less than citizens have seen.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// Replies may stand on the platforms that the ledger does not know, given between two times, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// From here on; [`Timestamp::MIN`] when nobody knows.
    pub since: Timestamp,
    /// To the start that noticed it.
    pub until: Timestamp,
}

impl Lost {
    /// The name of the note that keeps it over a restart.
    pub const NOTE: &str = "lost";
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.since.as_second(), self.until.as_second())
    }
}

/// The text is no such note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not two times")]
pub struct NotTwoTimes;

impl FromStr for Lost {
    type Err = NotTwoTimes;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = |text: &str| Timestamp::from_second(text.parse().ok()?).ok();
        let (since, until) = text.split_once(' ').ok_or(NotTwoTimes)?;
        time(since).zip(time(until)).map(|(since, until)| Self { since, until }).ok_or(NotTwoTimes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_after_a_restart() {
        let until = Timestamp::from_second(1_795_212_000).unwrap();
        for since in [Timestamp::MIN, Timestamp::from_second(1_795_200_000).unwrap()] {
            let lost = Lost { since, until };
            assert_eq!(lost.to_string().parse(), Ok(lost));
        }
        assert_eq!("soon".parse::<Lost>(), Err(NotTwoTimes));
    }
}
