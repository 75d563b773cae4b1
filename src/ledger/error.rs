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
    #[error("the ledger was written by a newer formez101 (its format {found}, ours {known}). {way_back}")]
    TooNew {
        /// The format found.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
        /// What to do, in words.
        way_back: String,
    },
    /// An older version of formez101 wrote this ledger, and only a start brings it up to date.
    #[error("the ledger is of an older format ({found}, ours {known}): start the zone with this version first")]
    TooOld {
        /// The format found.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// A back-up cannot be made.
    #[error("the back-up cannot be written to {folder}: {why}")]
    BackUp {
        /// Its folder.
        folder: String,
        /// What the system says.
        why: String,
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
        // SQLite's result codes 11 (corrupt, with its extended ones) and 26 (not a database): https://www.sqlite.org/rescode.html
        let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<u32>().ok());
        let unreadable = match &error {
            sqlx::Error::Database(_) => code.is_some_and(|code| matches!(code & 0xff, 11 | 26)),
            // A value that is not what our own statements wrote there.
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => true,
            _ => false,
        };
        if unreadable { Self::Damaged(error.to_string()) } else { Self::Unavailable(error.to_string()) }
    }
}

impl From<std::io::Error> for LedgerError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}
