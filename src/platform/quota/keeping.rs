//! When what is remembered is worth writing down.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::after;

/// What changes with every call is written so often at most.
const EVERY: Duration = Duration::from_secs(60);

/// What has changed since it was last written.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    changed: bool,
    important: bool,
    written: Option<Timestamp>,
}

impl Keeping {
    /// Something changed: `important` is what a restart must not forget, of the rest a minute may be lost.
    pub const fn noted(&mut self, important: bool) {
        self.changed = true;
        self.important |= important;
    }

    /// Whether to write now; a yes counts as written.
    pub fn due(&mut self, now: Timestamp) -> bool {
        // A clock set back leaves `written` ahead: then it is due as well.
        let waited = self.written.is_none_or(|written| now < written || now >= after(written, EVERY));
        let due = self.important || self.changed && waited;
        if due {
            *self = Self { written: Some(now), ..Self::default() };
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_important_is_written_at_once_and_the_rest_once_a_minute() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut keeping = Keeping::default();
        assert!(!keeping.due(at(1000)), "nothing changed");
        keeping.noted(false);
        assert!(keeping.due(at(1000)) && !keeping.due(at(1000)));
        keeping.noted(false);
        assert!(!keeping.due(at(1059)) && keeping.due(at(1060)));
        keeping.noted(true);
        assert!(keeping.due(at(1061)));
        keeping.noted(false);
        assert!(keeping.due(at(500)), "the clock was set back");
    }
}
