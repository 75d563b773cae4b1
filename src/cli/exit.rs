//! The exit codes, as of `sysexits.h`; systemd's unit relies on them.

use std::process::ExitCode;

use crate::{auth::CredentialError, ledger::LedgerError};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Well.
    Well,
    /// The demo, or another check, did not see what it should.
    NotAsDue,
    /// 64: the command line is wrong.
    Usage,
    /// 69: something outside is not there; trying again later may help.
    Unavailable,
    /// 70: our bug.
    Bug,
    /// 77: a permission is missing, or a login is needed.
    Permission,
    /// 78: the configuration is wrong; a human must change it.
    Configuration,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Well => 0,
            Exit::NotAsDue => 1,
            Exit::Usage => 64,
            Exit::Unavailable => 69,
            Exit::Bug => 70,
            Exit::Permission => 77,
            Exit::Configuration => 78,
        })
    }
}

impl From<&LedgerError> for Exit {
    fn from(error: &LedgerError) -> Self {
        match error {
            LedgerError::Folder { .. } => Self::Permission,
            // A damaged ledger is set aside at the next start.
            LedgerError::Locked { .. }
            | LedgerError::Unavailable(_)
            | LedgerError::Damaged(_)
            | LedgerError::BackUp { .. } => Self::Unavailable,
            LedgerError::Key { .. } | LedgerError::TooNew { .. } | LedgerError::TooOld { .. } => Self::Configuration,
        }
    }
}

impl From<&CredentialError> for Exit {
    fn from(_: &CredentialError) -> Self {
        Self::Permission
    }
}
