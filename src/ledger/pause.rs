//! The pause that somebody asked for on the command line; it stands in the ledger, which alone allows a send.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// Nothing is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Not any more.
    Over,
    /// Until a time.
    Until(Timestamp),
    /// Until somebody ends it.
    Open,
}

impl Pause {
    /// The name of the note that keeps it.
    pub const NOTE: &str = "pause";

    /// What a note says. One that says something else was meant to keep the service from posting, and does.
    pub fn read(note: Option<&str>) -> Self {
        note.map_or(Self::Over, |text| text.parse().unwrap_or(Self::Open))
    }

    /// Whether nothing may be posted at `now`.
    pub fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::Over => false,
            Self::Until(until) => now < until,
            Self::Open => true,
        }
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Over => f.write_str("over"),
            Self::Until(until) => write!(f, "until {}", until.as_millisecond()),
            Self::Open => f.write_str("open"),
        }
    }
}

/// The text is no such note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a pause")]
pub struct NotAPause;

impl FromStr for Pause {
    type Err = NotAPause;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "over" => Ok(Self::Over),
            "open" => Ok(Self::Open),
            _ => {
                let until = text.strip_prefix("until ").and_then(|text| text.parse().ok());
                until.and_then(|until| Timestamp::from_millisecond(until).ok()).map(Self::Until).ok_or(NotAPause)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_after_a_restart_and_ends_at_its_time() {
        let until = Timestamp::from_second(1_795_212_000).unwrap();
        for (pause, before, then) in
            [(Pause::Over, false, false), (Pause::Until(until), true, false), (Pause::Open, true, true)]
        {
            assert_eq!(pause.to_string().parse(), Ok(pause));
            let second = std::time::Duration::from_secs(1);
            assert_eq!((pause.holds(until - second), pause.holds(until)), (before, then), "{pause}");
        }
    }

    #[test]
    fn what_cannot_be_read_keeps_the_service_silent() {
        assert_eq!(Pause::read(None), Pause::Over);
        assert_eq!(Pause::read(Some("until tomorrow")), Pause::Open);
    }
}
