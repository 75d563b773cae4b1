//! Feeds that are not read: one notice when it begins, one when all are read again; pure.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::About;
use crate::model::Feed;

/// The first feed waits so long for others that stop with it.
const GATHER: Duration = Duration::from_secs(60);

/// A feed that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deaf {
    /// Which one.
    pub feed: Feed,
    /// When it was last read.
    pub since: Timestamp,
    /// What is wrong with it, by meaning.
    pub why: Option<String>,
}

/// What has been told of feeds that are not read.
#[derive(Debug, Default)]
pub struct Outage {
    told: BTreeSet<Feed>,
    first: Option<Instant>,
}

impl Outage {
    /// What is to be told now, of the feeds that are not read now.
    pub fn look(&mut self, deaf: &[Deaf], now: Instant) -> Option<About> {
        if deaf.is_empty() {
            self.first = None;
            let over = !std::mem::take(&mut self.told).is_empty();
            return over.then_some(About::Heard);
        }
        if deaf.iter().all(|deaf| self.told.contains(&deaf.feed)) {
            self.first = None;
            return None;
        }
        let first = *self.first.get_or_insert(now);
        if now.saturating_duration_since(first) < GATHER {
            return None;
        }
        self.first = None;
        self.told.extend(deaf.iter().map(|deaf| deaf.feed));
        Some(About::Deaf(deaf.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deaf(feed: Feed) -> Deaf {
        Deaf { feed, since: Timestamp::UNIX_EPOCH, why: None }
    }

    #[test]
    fn feeds_that_stop_together_are_one_notice_and_so_is_their_end() {
        let (start, mut outage) = (Instant::now(), Outage::default());
        let second = |number| start + Duration::from_secs(number);
        let (one, both) = ([deaf(Feed::XInbox)], [deaf(Feed::XInbox), deaf(Feed::XMentions)]);
        assert_eq!(outage.look(&[], start), None);
        assert_eq!(outage.look(&one, start), None);
        assert_eq!(outage.look(&both, second(20)), None);
        assert_eq!(outage.look(&both, second(60)), Some(About::Deaf(both.to_vec())));
        assert_eq!(outage.look(&both, second(9000)), None);
        assert_eq!(outage.look(&one, second(9020)), None, "the other one is not well yet");
        assert_eq!(outage.look(&[], second(9040)), Some(About::Heard));
        assert_eq!(outage.look(&[], second(9060)), None);
    }

    #[test]
    fn a_feed_that_stops_later_is_told_of_too_and_what_passes_at_once_is_not() {
        let (start, mut outage) = (Instant::now(), Outage::default());
        let second = |number| start + Duration::from_secs(number);
        assert_eq!(outage.look(&[deaf(Feed::XInbox)], start), None);
        assert_eq!(outage.look(&[], second(40)), None);
        assert_eq!(outage.look(&[deaf(Feed::XInbox)], second(80)), None, "it waits anew");
        assert!(outage.look(&[deaf(Feed::XInbox)], second(140)).is_some());
        let both = [deaf(Feed::FacebookInbox), deaf(Feed::XInbox)];
        assert_eq!(outage.look(&both, second(500)), None);
        assert_eq!(outage.look(&both, second(560)), Some(About::Deaf(both.to_vec())));
    }
}
