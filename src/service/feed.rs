//! The loop of one feed: poll with overlap, hand the new messages to the desk, wait.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{
    Health,
    backoff::{Backoff, believed},
    desk::Desk,
    reading::Reading,
};
use crate::{
    clock::{after, before, between},
    http::Failure,
    ledger::{FeedMark, LedgerError},
    model::{Feed, Message, OwnPost},
    platform::{Platform, quota::Tempo},
};

/// A page that takes longer is given up; the next poll reads the same again.
const LONGEST_PAGE: Duration = Duration::from_secs(60);
/// A loop that waits promises to turn this long after its wait at the latest.
const GRACE: Duration = Duration::from_secs(30);
/// How often the mark of what was read is written when nothing new was shown.
const MARK_EVERY: Duration = Duration::from_secs(60);
/// After a long stop a feed is read back so far at most.
const FURTHEST: Duration = Duration::from_secs(48 * 3600);
/// The longest pause after failures that pass by themselves.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The longest pause while nothing can be recorded, or one interval if that is longer: asking the disk costs nothing.
const LEDGER_PAUSE: Duration = Duration::from_secs(15);
/// The pause when a human must log in; a good token is noticed that soon.
const LOGIN_PAUSE: Duration = Duration::from_secs(60);
/// The pause when the platform refuses everything (permission, policy, credit).
const STOPPED_PAUSE: Duration = Duration::from_secs(15 * 60);
/// No pause for a human is longer than so many intervals.
const MOST_INTERVALS: u32 = 20;

/// What the loop of one feed works with.
pub struct FeedLoop {
    pub feed: Feed,
    /// The time between two polls on an ordinary day.
    pub interval: Duration,
    pub tempo: Tempo,
    pub desk: Arc<Desk>,
    pub platform: Arc<dyn Platform>,
    pub health: Arc<Health>,
    /// Wakes the sender of the account.
    pub sender: Arc<Notify>,
    pub random: fastrand::Rng,
}

/// What the loop remembers from turn to turn; all of it can be lost.
struct Memory {
    mark: FeedMark,
    /// When what is read was read, by a clock that nobody can set; `None` before this process has read anything.
    read: Option<Instant>,
    /// When the mark was written down, by the same clock.
    marked: Option<Instant>,
}

impl FeedLoop {
    /// Polls until cancelled.
    pub async fn run(mut self, cancel: CancellationToken) {
        let clock = self.desk.clock;
        let first = self.interval.clamp(Duration::from_millis(200), Duration::from_secs(5));
        let mut backoff = Backoff::new(first, LONGEST_PAUSE, self.random.fork());
        self.health.starts(self.feed, self.interval, (clock.now(), clock.steady()));
        let Some(mut memory) = self.open(&cancel, &mut backoff).await else { return };
        while !cancel.is_cancelled() {
            let started = clock.now();
            let turn = self.turn(&mut memory, started, &cancel).await;
            self.desk.keep_quota(self.platform.as_ref()).await;
            let next = match turn {
                Ok(not_before) => {
                    backoff.reset();
                    let load = self.platform.load(self.feed);
                    let interval = self.tempo.interval(load.stretch, load.least, clock.now());
                    self.health.paced(self.feed, interval, load.stretch > 1.0);
                    let jittered = interval.mul_f64(0.9 + self.random.f64() / 10.0).max(self.tempo.floor());
                    // Counted from now, not from the start: a clock that was set during the turn makes no difference.
                    let (now, took) = (clock.now(), between(started, clock.now()));
                    not_before.unwrap_or(now).max(after(now, jittered.saturating_sub(took)))
                }
                Err(trouble) => self.pause(&trouble, &mut backoff),
            };
            self.wait_until(next, &cancel).await;
        }
        self.health.ended(self.feed.name());
    }

    /// Asks the ledger for the feed's mark, again and again until it answers: without it nothing is polled.
    async fn open(&mut self, cancel: &CancellationToken, backoff: &mut Backoff) -> Option<Memory> {
        loop {
            let now = self.desk.clock.now();
            let opened = match self.desk.take_up_quota(self.platform.as_ref()).await {
                Ok(()) => self.desk.store.open_feed(self.feed, now).await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(mark) => {
                    backoff.reset();
                    return Some(Memory { mark, marked: None, read: None });
                }
                Err(error) => {
                    let next = self.pause(&Trouble::Ledger(error), backoff);
                    self.wait_until(next, cancel).await;
                }
            }
            if cancel.is_cancelled() {
                return None;
            }
        }
    }

    /// One turn: every page is read, learnt from, judged and recorded before the next one is read. Returns
    /// the time before which the quota asks for no poll.
    async fn turn(
        &self,
        memory: &mut Memory,
        started: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Option<Timestamp>, Trouble> {
        let clock = self.desk.clock;
        let steady = clock.steady();
        let reach = Reach {
            overlap: self.platform.overlap(self.feed),
            passed: memory.read.map(|read| steady.saturating_duration_since(read)),
            max_age: self.desk.zone.policy.max_age,
        };
        let since = window(&memory.mark, &reach, started);
        let (mut reading, mut not_before) = (Reading::new(since, self.interval, started), None);
        let mut again = false;
        while let Some((since, cursor)) = reading.next(clock.now()) {
            self.health.beat(self.feed.name(), clock.steady(), LONGEST_PAGE + GRACE);
            let page = tokio::select! {
                biased;
                // A page changes nothing, so a stop need not wait for it.
                () = cancel.cancelled() => return Ok(None),
                page = clock.within(LONGEST_PAGE, self.platform.page(self.feed, since, cursor.as_ref())) => page,
            };
            let page = page.unwrap_or_else(|| Err(Failure::later("page too long"))).map_err(Trouble::Platform)?;
            let news = self.take(page.messages, &page.own).await?;
            not_before = page.not_before;
            if !reading.has_read(page.next, news) {
                return Err(Trouble::Platform(Failure::later("too many pages")));
            }
            if cursor.is_none() && std::mem::replace(&mut again, true) {
                // Whoever writes now is answered, however long the turn goes on further down.
                self.health.fresh(self.feed, (clock.now(), clock.steady()));
            }
        }
        self.complete(memory, started).await?;
        memory.read = Some(steady);
        Ok(not_before)
    }

    /// Says whether anything was new. What cannot be recorded is shown again: the mark only moves when everything was.
    async fn take(&self, messages: Vec<Message>, own: &[OwnPost]) -> Result<bool, Trouble> {
        self.desk.learn_own(self.feed.platform(), own).await?;
        let new = self.desk.unseen(messages).await?;
        let news = !new.is_empty();
        if news {
            self.look_for_colleagues(self.desk.clock.now()).await?;
            self.tempo.message_came(self.desk.clock.now());
            let taken = self.desk.take(new).await;
            self.sender.notify_one();
            taken?;
        }
        Ok(news)
    }

    /// Before someone new is answered: has a colleague answered on a feed that shows only what others write?
    async fn look_for_colleagues(&self, now: Timestamp) -> Result<(), Trouble> {
        let since = before(now, self.desk.zone.policy.colleague_silence);
        match self.platform.colleagues(self.feed, since).await {
            Ok(posts) => Ok(self.desk.learn_own(self.feed.platform(), &posts).await?),
            // Passing trouble: better a little later than across a colleague. Lasting trouble must not
            // keep citizens from being answered at all.
            Err(failure @ Failure::Later { .. }) => Err(Trouble::Platform(failure)),
            Err(failure) => {
                warn!(feed = self.feed.name(), %failure, "cannot see what colleagues wrote");
                Ok(())
            }
        }
    }

    /// Everything shown has been recorded: the mark moves, on the disk now and then.
    async fn complete(&self, memory: &mut Memory, started: Timestamp) -> Result<(), Trouble> {
        let first = memory.mark.complete.is_none();
        memory.mark.complete = Some(started);
        let steady = self.desk.clock.steady();
        let due = memory.marked.is_none_or(|marked| steady.saturating_duration_since(marked) >= MARK_EVERY);
        if first || due {
            self.desk.store.complete_feed(self.feed, started).await?;
            memory.marked = Some(steady);
        }
        let clock = self.desk.clock;
        self.health.fresh(self.feed, (clock.now(), clock.steady()));
        Ok(())
    }

    /// The time of the next try after a failure.
    fn pause(&self, trouble: &Trouble, backoff: &mut Backoff) -> Timestamp {
        let now = self.desk.clock.now();
        let pause = backoff.next();
        let next = after(now, pause);
        match trouble {
            Trouble::Ledger(error) => {
                self.health.ledger_failed(error);
                self.health.not_recorded(self.feed, &error.to_string());
                after(now, pause.min(LEDGER_PAUSE.max(self.interval)))
            }
            Trouble::Platform(failure) => {
                self.health.failed(self.feed, failure);
                match failure {
                    Failure::Later { at: Some(at), .. } => next.max(believed(*at, now)),
                    Failure::Later { at: None, .. } | Failure::Unknown { .. } => next,
                    // The token may be renewed by then; where somebody sees to that, so may the one after it.
                    Failure::LoginNeeded { .. } if backoff.is_first() => next,
                    _ if self.health.is_told(self.feed.platform(), failure) => next,
                    Failure::Stopped { .. } | Failure::Permission { .. } | Failure::Blocked { .. } => {
                        next.max(after(now, STOPPED_PAUSE.min(self.interval * MOST_INTERVALS)))
                    }
                    _ => next.max(after(now, LOGIN_PAUSE.min(self.interval * MOST_INTERVALS))),
                }
            }
        }
    }

    async fn wait_until(&self, at: Timestamp, cancel: &CancellationToken) {
        let clock = self.desk.clock;
        let now = clock.now();
        self.health.beat(self.feed.name(), clock.steady(), between(now, at) + GRACE);
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = clock.sleep_until(at) => {}
        }
    }
}

/// Why a turn failed.
enum Trouble {
    Ledger(LedgerError),
    Platform(Failure),
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// What decides how far back a poll reads, besides the mark.
struct Reach {
    overlap: Duration,
    /// How long ago this process read the feed to its end, if it did.
    passed: Option<Duration>,
    max_age: Duration,
}

/// How far back a poll must read: behind what was read before, not behind the baseline.
fn window(mark: &FeedMark, reach: &Reach, now: Timestamp) -> Timestamp {
    // Meta's times are whole seconds: what was written in the second of the start must be asked for.
    let start = before(mark.baseline, Duration::from_secs(1));
    // A mark is worth what the clock was that wrote it. While the process runs a clock that nobody can set knows better.
    // After a restart, of a mark ahead of the clock only this is known: what is older than `max_age` is not answered.
    let marked = mark.complete.map(|complete| match reach.passed {
        Some(passed) => complete.min(before(now, passed)),
        None if complete > now => before(now, reach.max_age),
        None => complete,
    });
    let read = marked.map_or(Timestamp::MIN, |marked| before(marked, reach.overlap));
    start.max(read).max(before(now, FURTHEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_reaches_behind_what_was_read_but_never_behind_the_first_start() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let overlap = Duration::from_secs(120);
        let window = |baseline, complete: Option<i64>, passed: Option<u64>, now| {
            let reach = Reach { overlap, passed: passed.map(Duration::from_secs), max_age: Duration::from_secs(600) };
            window(&FeedMark { baseline: at(baseline), complete: complete.map(at) }, &reach, at(now)).as_second()
        };
        assert_eq!(window(1000, None, None, 1001), 999);
        assert_eq!(window(1000, Some(1060), Some(15), 1075), 999);
        assert_eq!(window(1000, Some(5000), Some(15), 5015), 4880);
        assert_eq!(window(1000, Some(5000), None, 1_000_000), 1_000_000 - 48 * 3600);
        assert_eq!(window(1000, Some(9000), Some(300), 5015), 4595, "the clock was set back while the process ran");
        assert_eq!(window(1000, Some(9000), Some(300), 9015), 8595, "and has passed the mark again");
        assert_eq!(window(1000, Some(9000), None, 5015), 4295, "the clock was set back while no process ran");
    }

    proptest::proptest! {
        #[test]
        fn polls_leave_no_gap_and_read_nothing_from_before_the_first_start(
            turns in proptest::collection::vec((0_u64..250_000, proptest::bool::ANY), 1..40),
            overlap in 0_u64..3600,
        ) {
            let baseline = Timestamp::from_second(1_000_000).unwrap();
            let mut mark = FeedMark { baseline, complete: None };
            let mut now = baseline;
            for (pause, succeeds) in turns {
                now = after(now, Duration::from_secs(pause));
                let reach = Reach {
                    overlap: Duration::from_secs(overlap),
                    passed: None,
                    max_age: Duration::from_secs(7200),
                };
                let since = window(&mark, &reach, now);
                proptest::prop_assert!(since >= before(baseline, Duration::from_secs(1)) && since <= now);
                let read = mark.complete.unwrap_or(baseline);
                proptest::prop_assert!(since <= read || since == before(now, FURTHEST), "{read} to {since} is never read");
                if succeeds {
                    mark.complete = Some(now);
                }
            }
        }
    }
}
