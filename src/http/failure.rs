//! Errors by meaning: what went wrong, said as what to do next.

use std::fmt;

use jiff::Timestamp;

use super::Lost;

/// Why a call to a platform did not do what it should.
///
/// `code` is made of the platform's numeric codes and fixed words only: free text from an answer may
/// echo a citizen's words and never gets this far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It did not take effect; try again, not before `at` where the platform named a time.
    Later {
        /// The platform's own time, from a reset or `Retry-After` header.
        at: Option<Timestamp>,
        /// The platform's code.
        code: String,
    },
    /// The platform refuses this one reply for good.
    Refused {
        /// The platform's code.
        code: String,
    },
    /// The platform takes one reply of this sort for each message, and has it already.
    Answered {
        /// The platform's code.
        code: String,
    },
    /// The platform says that the same text was posted already: look before believing it, and post nothing else
    /// meanwhile.
    Duplicate {
        /// The platform's code.
        code: String,
    },
    /// The platform has had enough of this account's posts (policy, repetition, suspension): post nothing until `until`,
    /// and tell a human.
    Blocked {
        /// The platform names no time: ours.
        until: Timestamp,
        /// The platform's code.
        code: String,
    },
    /// The token is dead: a human must log in.
    LoginNeeded {
        /// The platform's code.
        code: String,
    },
    /// The token lacks a permission, or its owner a role: a human must grant it.
    Permission {
        /// The platform's code.
        code: String,
    },
    /// The platform refuses everything of this kind (credit, capability, a switch): stop this feed and tell a human.
    Stopped {
        /// The platform's code.
        code: String,
    },
    /// The platform calls our request wrong.
    Bug {
        /// The platform's code.
        code: String,
    },
    /// A write may or may not have taken effect: look on the platform before anything else.
    Unknown {
        /// The platform's code.
        code: String,
    },
}

impl Failure {
    /// A failure that passes by itself.
    pub fn later(code: impl Into<String>) -> Self {
        Self::Later { at: None, code: code.into() }
    }

    /// A write with an unknown result.
    pub fn unknown(code: impl Into<String>) -> Self {
        Self::Unknown { code: code.into() }
    }

    /// The meaning of no answer at all to a call.
    pub fn lost(lost: Lost, writes: bool) -> Self {
        match lost {
            Lost::NotSent => Self::later("no connection"),
            Lost::Forbidden => Self::Bug { code: "host not allowed".into() },
            Lost::Unknown => Self::passing("no answer", writes),
        }
    }

    /// The meaning of an answer that says success in a form that cannot be read.
    pub fn unreadable(writes: bool) -> Self {
        Self::passing("unreadable answer", writes)
    }

    /// What passes by itself, unless a write may have taken effect.
    fn passing(code: &str, writes: bool) -> Self {
        if writes { Self::unknown(code) } else { Self::later(code) }
    }

    /// The meaning in one word, for logs and figures.
    pub const fn meaning(&self) -> &'static str {
        match self {
            Self::Later { .. } => "later",
            Self::Refused { .. } => "refused",
            Self::Answered { .. } => "answered already",
            Self::Duplicate { .. } => "duplicate",
            Self::Blocked { .. } => "account blocked from posting",
            Self::Permission { .. } => "permission missing",
            Self::LoginNeeded { .. } => "login needed",
            Self::Stopped { .. } => "stopped by the platform",
            Self::Bug { .. } => "our request was wrong",
            Self::Unknown { .. } => "result unknown",
        }
    }

    /// The platform's code.
    pub fn code(&self) -> &str {
        match self {
            Self::Later { code, .. }
            | Self::Blocked { code, .. }
            | Self::Refused { code }
            | Self::Answered { code }
            | Self::Permission { code }
            | Self::Duplicate { code }
            | Self::LoginNeeded { code }
            | Self::Stopped { code }
            | Self::Bug { code }
            | Self::Unknown { code } => code,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.meaning(), self.code())
    }
}

impl std::error::Error for Failure {}
