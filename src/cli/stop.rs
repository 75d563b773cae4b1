//! Why a command cannot go on: the exit code and the sentence that goes with it.

use super::Exit;
use crate::{auth::CredentialError, config, ledger::LedgerError};

/// Why a command cannot go on.
#[derive(Debug)]
pub struct Stop {
    /// How the process ends.
    pub exit: Exit,
    /// What a human must know; may have several lines.
    pub why: String,
}

impl Stop {
    /// A reason in one sentence.
    pub fn new(exit: Exit, why: impl Into<String>) -> Self {
        Self { exit, why: why.into() }
    }
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Self { exit: Exit::from(&error), why: error.to_string() }
    }
}

impl From<CredentialError> for Stop {
    fn from(error: CredentialError) -> Self {
        Self { exit: Exit::from(&error), why: error.to_string() }
    }
}

impl From<config::Report> for Stop {
    fn from(report: config::Report) -> Self {
        Self { exit: Exit::Configuration, why: format!("the configuration is wrong\n{}", report.render(false)) }
    }
}
