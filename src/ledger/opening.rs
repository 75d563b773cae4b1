//! Opening the ledger at a start: a damaged one is set aside, and one that may know less than citizens have seen is
//! found out.

use std::{fmt, fs, io, time::Duration};

use jiff::Timestamp;

use super::{Keys, LedgerError, Lost, Signs, SqliteStore, StateFolder, sends::SendCount};
use crate::clock::before;

/// How long what was set aside or kept from an upgrade stays in the state folder: it holds keyed hashes, and cannot
/// forget them one by one.
pub const KEPT_ASIDE: Duration = Duration::from_secs(7 * 86_400);

/// After a longer silence the ledger may be an old one that came back with everything around it, such as a snapshot of
/// the whole machine. Shorter than the time for which an unknown post of our own counts as a colleague's.
const LONG_SILENCE: Duration = Duration::from_secs(5 * 60);

/// The file, and what SQLite keeps beside it.
const FILES: [&str; 3] = ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"];

/// A ledger in use.
pub struct Opened {
    /// The ledger.
    pub store: SqliteStore,
    /// Why it may know less than citizens have seen, if it may.
    pub doubt: Option<Doubt>,
}

/// Why the ledger may not know every reply that stands on the platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// It was damaged, and is a new one now.
    Damaged {
        /// What was found.
        why: String,
        /// The name under which the damaged one lies in the state folder.
        aside: String,
    },
    /// It was gone, and is a new one now.
    Gone,
    /// It is a back-up that was put back.
    Copy {
        /// When that was made.
        made_at: Timestamp,
    },
    /// It has allowed fewer sends than were counted beside it.
    Older,
    /// Its hashes were made with another key.
    OtherKey,
    /// It was not in use for long.
    Silence {
        /// When it was in use last.
        since: Timestamp,
    },
}

impl Doubt {
    /// Whether citizens stay without an answer because of it.
    pub const fn is_grave(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Gone)
    }

    /// Replies may be missing from here on.
    fn since(&self, signs: &Signs) -> Timestamp {
        match self {
            Self::Damaged { .. } | Self::Gone | Self::OtherKey => Timestamp::MIN,
            Self::Copy { made_at } => *made_at,
            Self::Older => signs.alive_at.unwrap_or(Timestamp::MIN),
            Self::Silence { since } => *since,
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { why, aside } => write!(
                f,
                "the ledger was damaged ({why}): it lies aside as {aside}, and a new one begins; what was written before now is not answered"
            )?,
            Self::Gone => {
                f.write_str("the ledger was gone: a new one begins, and what was written before now is not answered")?;
            }
            Self::Copy { made_at } => write!(f, "a back-up of the ledger, made at {made_at}, was put back")?,
            Self::Older => f.write_str("the ledger is older than the one last used here")?,
            Self::OtherKey => {
                f.write_str("the ledger was written with another hash.key, so that nobody in it is known again")?;
            }
            Self::Silence { since } => write!(f, "the ledger was last in use at {since}, and may be an old one")?,
        }
        f.write_str("; until the cool-down has passed, each reply is looked for on the platform before it is posted")
    }
}

impl StateFolder {
    /// Opens the ledger of this folder, makes it when it is not there, and finds out whether it may know less than
    /// citizens have seen. That is remembered in it.
    ///
    /// # Errors
    /// [`LedgerError::TooNew`] for a ledger of a later version, [`LedgerError::Folder`] when a damaged one cannot be set
    /// aside, [`LedgerError::Unavailable`] when the disk refuses.
    pub async fn open_ledger(&self, keys: &Keys, now: Timestamp) -> Result<Opened, LedgerError> {
        let (beside, counted) = SendCount::open(self.path())?;
        let (store, signs, damage) = match self.try_ledger().await {
            Ok((store, signs)) => (store, signs, None),
            Err(LedgerError::Damaged(why)) => {
                let aside = self.set_aside(now)?;
                let (store, signs) = self.try_ledger().await?;
                (store, signs, Some(Doubt::Damaged { why, aside }))
            }
            Err(error) => return Err(error),
        };
        let key = keys.sign();
        let doubt = damage.or_else(|| doubt(&signs, counted, &key, now));
        let lost = doubt.as_ref().map(|doubt| {
            // What an earlier start had lost, and what it still looks for, is lost now too.
            let earlier = signs.lost.filter(|lost| lost.until > before(now, KEPT_ASIDE)).map(|lost| lost.since);
            let since = doubt.since(&signs);
            Lost { since: earlier.map_or(since, |earlier| earlier.min(since)), until: now }
        });
        let sends = signs.sends.max(counted.unwrap_or(0));
        store.settle(lost, sends, &key).await?;
        beside.write(sends)?;
        Ok(Opened { store: store.counting(beside), doubt })
    }

    async fn try_ledger(&self) -> Result<(SqliteStore, Signs), LedgerError> {
        let file = self.ledger()?;
        let store = SqliteStore::open(&file).await?;
        let signs = store.signs().await?;
        Ok((store, signs))
    }

    /// Moves the ledger out of the way; returns the name under which it lies in the folder now. One that was set aside
    /// before stays, older ones are deleted.
    ///
    /// # Errors
    /// [`LedgerError::Folder`] when the system refuses.
    pub fn set_aside(&self, now: Timestamp) -> Result<String, LedgerError> {
        let stem = format!("ledger.damaged-{}.sqlite", now.strftime("%Y%m%dT%H%M%SZ"));
        let moved = || -> io::Result<()> {
            let mut before = self.files(|name| name.starts_with("ledger.damaged-") && name.ends_with(".sqlite"))?;
            before.sort();
            before.pop();
            for name in before {
                for file in FILES {
                    remove(&self.path().join(file.replace("ledger.sqlite", &name)))?;
                }
            }
            for file in FILES {
                match fs::rename(self.path().join(file), self.path().join(file.replace("ledger.sqlite", &stem))) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            fs::File::open(self.path())?.sync_all()
        };
        moved().map_err(|error| self.fail(&error))?;
        Ok(stem)
    }

    /// Deletes what was set aside or kept from an upgrade and last written before a time; says how many files.
    ///
    /// # Errors
    /// What the system says.
    pub fn sweep(&self, before: Timestamp) -> io::Result<usize> {
        let mut gone = 0;
        for name in self.files(|name| name.starts_with("ledger.damaged-") || name.starts_with("ledger.format-"))? {
            let path = self.path().join(name);
            let written = Timestamp::try_from(fs::metadata(&path)?.modified()?).map_err(io::Error::other)?;
            if written < before {
                remove(&path)?;
                gone += 1;
            }
        }
        Ok(gone)
    }

    fn files(&self, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path())? {
            names.extend(entry?.file_name().into_string().ok().filter(|name| wanted(name)));
        }
        Ok(names)
    }
}

fn remove(path: &std::path::Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether a ledger that is in order is also the one that was used last. `counted` sends are known beside it.
fn doubt(signs: &Signs, counted: Option<u64>, key: &str, now: Timestamp) -> Option<Doubt> {
    if let Some(made_at) = signs.copied_at {
        return Some(Doubt::Copy { made_at });
    }
    if !signs.used {
        return counted.is_some_and(|counted| counted > 0).then_some(Doubt::Gone);
    }
    if counted.map_or(signs.sends > 0, |counted| counted > signs.sends) {
        return Some(Doubt::Older);
    }
    if signs.key.as_ref().is_some_and(|made_with| made_with != key) {
        return Some(Doubt::OtherKey);
    }
    let since = signs.alive_at?;
    (since < before(now, LONG_SILENCE)).then_some(Doubt::Silence { since })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn each_sign_of_a_ledger_that_is_not_the_last_one_is_seen() {
        let whole =
            Signs { used: true, sends: 20, key: Some("k".into()), alive_at: Some(at(1000)), ..Signs::default() };
        let ask = |signs: &Signs, counted, now| doubt(signs, counted, "k", at(now));
        assert_eq!(ask(&whole, Some(20), 1060), None);
        assert_eq!(ask(&whole, Some(19), 1060), None, "the number beside it may be behind after a power cut");
        assert_eq!(ask(&whole, Some(21), 1060), Some(Doubt::Older));
        assert_eq!(ask(&whole, None, 1060), Some(Doubt::Older), "it came from another folder");
        assert_eq!(ask(&whole, Some(20), 1301), Some(Doubt::Silence { since: at(1000) }));
        assert_eq!(ask(&whole, Some(20), 900), None, "a clock set back is no silence");
        let copied = Signs { copied_at: Some(at(990)), ..whole.clone() };
        assert_eq!(ask(&copied, Some(20), 1060), Some(Doubt::Copy { made_at: at(990) }));
        assert_eq!(doubt(&whole, Some(20), "other", at(1060)), Some(Doubt::OtherKey));
        assert_eq!(ask(&Signs::default(), None, 1060), None, "a first start");
        assert_eq!(ask(&Signs::default(), Some(0), 1060), None, "nothing was ever sent");
        assert_eq!(ask(&Signs::default(), Some(3), 1060), Some(Doubt::Gone));
        let old_version = Signs { used: true, alive_at: Some(at(1000)), ..Signs::default() };
        assert_eq!(ask(&old_version, None, 1060), None);
    }

    #[test]
    fn what_lies_aside_is_deleted_by_age_and_never_piles_up() {
        let disk = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(disk.path()).unwrap();
        for second in [1000, 2000, 3000] {
            for file in FILES {
                fs::write(disk.path().join(file), file).unwrap();
            }
            folder.set_aside(at(second)).unwrap();
        }
        let aside = || folder.files(|name| name.starts_with("ledger.damaged-")).unwrap();
        assert_eq!(aside().len(), 2 * FILES.len());
        assert!(aside().iter().all(|name| !name.contains("001640Z")), "the oldest is gone: {:?}", aside());
        assert_eq!(folder.sweep(at(4000)).unwrap(), 0, "they are younger than that");
        assert_eq!(folder.sweep(Timestamp::MAX).unwrap(), 2 * FILES.len());
        assert!(aside().is_empty());
    }
}
