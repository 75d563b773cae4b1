//! What can go wrong with the ledger, by meaning.

/// The ledger could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The state folder cannot be used.
    #[error("the state folder {folder} cannot be used: {why}")]
    Folder {
        /// The folder.
        folder: String,
        /// What the system says.
        why: String,
    },
    /// The zone's key is no key.
    #[error("the key {place} cannot be used: it must hold 32 bytes or 64 hexadecimal digits; put the right one back")]
    Key {
        /// Where it was found.
        place: String,
    },
    /// Another process works on this folder.
    #[error("another formez101 is running on the state folder {folder}")]
    Locked {
        /// The folder.
        folder: String,
    },
    /// A newer version of formez101 wrote this ledger.
    #[error(
        "the ledger was written by a newer formez101 (its format {found}, ours {known}): install that version again, or start with another state folder"
    )]
    TooNew {
        /// The format found.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// The ledger is not one, or is damaged.
    #[error("the ledger cannot be read: {0}")]
    Damaged(String),
    /// The system refused to write or read: a full disk, a file system gone read-only.
    #[error("the ledger does not answer: {0}")]
    Unavailable(String),
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        // SQLite's result codes 11 (corrupt) and 26 (not a database): https://www.sqlite.org/rescode.html
        let code = error.as_database_error().and_then(|error| error.code()).map(std::borrow::Cow::into_owned);
        match code.as_deref() {
            Some("11" | "26" | "267" | "523" | "779") => Self::Damaged(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
