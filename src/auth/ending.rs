//! Reminders of an end that is known: 14, 7, 3 and 1 days before it, each once, over restarts.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;

use super::vault::write_private;
use crate::clock::between;

/// How many days before the end a human is reminded.
const DAYS: [u64; 4] = [1, 3, 7, 14];
const DAY: Duration = Duration::from_secs(86_400);

/// What of one account's ends has been said already. No secret.
#[derive(Debug)]
pub struct Reminder {
    path: PathBuf,
}

/// For each kind of end: the end itself in Unix seconds, and for how many days before it was last reminded.
type Said = BTreeMap<String, (i64, u64)>;

impl Reminder {
    /// The memory in the file `NAME.reminded` of a state folder.
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { path: folder.join(format!("{name}.reminded")) }
    }

    /// The days that are left, the one under way included, if a human must be reminded of this end now. The same
    /// reminder is not due again. `kind` tells several ends of one account apart.
    pub fn due(&self, kind: &str, ends_at: Timestamp, now: Timestamp) -> Option<u64> {
        let mark = mark(ends_at, now)?;
        let mut said: Said =
            fs::read(&self.path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        if said.get(kind).is_some_and(|&(end, last)| end == ends_at.as_second() && last <= mark) {
            return None;
        }
        said.insert(kind.to_owned(), (ends_at.as_second(), mark));
        // What cannot be noted is said again tomorrow, which is better than not at all.
        let _ = serde_json::to_vec(&said).map_err(io::Error::other).and_then(|text| write_private(&self.path, &text));
        Some(between(now, ends_at).as_secs().div_ceil(DAY.as_secs()))
    }
}

/// The reminder whose time has come last; `None` when the end is far, or past.
fn mark(ends_at: Timestamp, now: Timestamp) -> Option<u64> {
    let left = between(now, ends_at);
    DAYS.into_iter().find(|days| left <= DAY * u32::try_from(*days).unwrap_or(u32::MAX)).filter(|_| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::before;

    #[test]
    fn each_reminder_is_given_once_although_the_service_is_restarted_every_day() {
        let folder = tempfile::tempdir().unwrap();
        let end: Timestamp = "2026-12-31T12:00:00Z".parse().unwrap();
        let given: Vec<u64> = (0..40)
            .rev()
            .flat_map(|days| {
                // Two looks a day, each by a process of its own.
                [12, 2].map(|hours| before(end, DAY * days + Duration::from_secs(hours * 3600)))
            })
            .filter_map(|now| Reminder::new(folder.path(), "facebook").due("data", end, now))
            .collect();
        assert_eq!(given, [14, 7, 3, 1]);
    }

    #[test]
    fn a_machine_that_was_off_catches_up_with_the_last_reminder_alone() {
        let folder = tempfile::tempdir().unwrap();
        let reminder = Reminder::new(folder.path(), "facebook");
        let end: Timestamp = "2026-12-31T12:00:00Z".parse().unwrap();
        assert_eq!(reminder.due("data", end, before(end, DAY * 5)), Some(5));
        assert_eq!(reminder.due("data", end, before(end, DAY * 4)), None);
        assert_eq!(reminder.due("token", end, before(end, DAY * 4)), Some(4), "the other end is another matter");
        assert_eq!(reminder.due("data", end, end), None, "what has ended is told by its failures");
        // A login moved the end; its reminders begin anew.
        let later: Timestamp = "2027-03-31T12:00:00Z".parse().unwrap();
        assert_eq!(reminder.due("data", later, before(later, DAY * 14)), Some(14));
    }
}
