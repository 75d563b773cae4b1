//! The replies of one account that wait for their turn, in the order in which they take it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::{after, before, shifted},
    model::{Feed, Route},
};

/// Replies that do not hold each other up share no lane: one feed, one way.
pub type Lane = (Feed, Route);

/// A reply in hand: what choosing needs, a few dozen bytes. The rest stays sealed in the ledger until its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    pub seq: i64,
    pub lane: Lane,
    pub urgent: bool,
    /// When the message was written.
    pub created_at: Timestamp,
    /// Whether a colleague has, or had, time to answer it.
    pub left: bool,
    pub step: Step,
}

/// What is to be done with a reply next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Post it.
    Post,
    /// Look from `at` on whether a colleague has answered, and post it if none has.
    LookForColleague { at: Timestamp },
    /// Look whether it stands there, from `at` on; absence is certain once the platform has settled.
    Look { at: Timestamp, settled_at: Timestamp },
    /// The platform calls it a duplicate: look from `at` on, and post another wording once if it is not there.
    /// `blocked_until` is how long nothing else is posted for it.
    LookForDuplicate { at: Timestamp, blocked_until: Timestamp },
}

impl Step {
    /// The same, not before `at`.
    pub const fn not_before(self, at: Timestamp) -> Self {
        match self {
            Self::Post => Self::Post,
            Self::LookForColleague { .. } => Self::LookForColleague { at },
            Self::Look { settled_at, .. } => Self::Look { at, settled_at },
            Self::LookForDuplicate { blocked_until, .. } => Self::LookForDuplicate { at, blocked_until },
        }
    }

    /// The same, by a clock that was set.
    fn shift(self, by: SignedDuration) -> Self {
        match self {
            Self::Post => Self::Post,
            Self::LookForColleague { at } => Self::LookForColleague { at: shifted(at, by) },
            Self::Look { at, settled_at } => Self::Look { at: shifted(at, by), settled_at: shifted(settled_at, by) },
            Self::LookForDuplicate { at, blocked_until } => {
                Self::LookForDuplicate { at: shifted(at, by), blocked_until: shifted(blocked_until, by) }
            }
        }
    }

    /// When it may be done, as far as the reply itself is concerned.
    const fn at(self) -> Timestamp {
        match self {
            Self::Post => Timestamp::MIN,
            Self::LookForColleague { at } | Self::Look { at, .. } | Self::LookForDuplicate { at, .. } => at,
        }
    }
}

/// Urgent before others, older before younger.
type Rank = (bool, Timestamp, i64);

impl Job {
    const fn rank(&self) -> Rank {
        (!self.urgent, self.created_at, self.seq)
    }
}

/// The replies that wait. Each of its steps takes the same time, however many there are.
#[derive(Debug, Default)]
pub struct Queue {
    posts: BTreeMap<Lane, BTreeMap<Rank, Job>>,
    /// Few: no more are posted in a lane while the results of several are unknown.
    looks: Vec<Job>,
    /// Those that a colleague may answer first, by the time at which it is our turn.
    left: BTreeMap<(Timestamp, i64), Job>,
    numbers: BTreeSet<i64>,
    urgent: usize,
}

impl Queue {
    /// Takes a reply up.
    pub fn add(&mut self, job: Job) {
        self.numbers.insert(job.seq);
        self.urgent += usize::from(job.urgent);
        match job.step {
            Step::Post => {
                self.posts.entry(job.lane).or_default().insert(job.rank(), job);
            }
            Step::LookForColleague { at } => {
                self.left.insert((at, job.seq), job);
            }
            Step::Look { .. } | Step::LookForDuplicate { .. } => self.looks.push(job),
        }
    }

    /// Where a colleague's time to answer is over, a look is due.
    pub fn take_over(&mut self, now: Timestamp) {
        while let Some(entry) = self.left.first_entry().filter(|entry| entry.key().0 <= now) {
            self.looks.push(entry.remove());
        }
    }

    /// The clock was set: a look comes as long after its post as it would have, and a colleague has as long to answer.
    pub fn shift(&mut self, by: SignedDuration) {
        for (_, job) in std::mem::take(&mut self.left) {
            let job = Job { step: job.step.shift(by), ..job };
            self.left.insert((job.step.at(), job.seq), job);
        }
        for job in &mut self.looks {
            job.step = job.step.shift(by);
        }
    }

    /// The highest number that waits, 0 if none does.
    pub fn highest(&self) -> i64 {
        self.numbers.last().copied().unwrap_or(0)
    }

    /// How many wait for their turn.
    pub fn len(&self) -> usize {
        self.numbers.len() - self.left.len()
    }

    /// How many of them are urgent.
    pub const fn urgent(&self) -> usize {
        self.urgent
    }

    /// How many results of a lane are unknown and wait for a look.
    pub fn unknown(&self, lane: Lane) -> usize {
        let posted = |job: &&Job| !matches!(job.step, Step::LookForColleague { .. });
        self.looks.iter().filter(posted).filter(|job| job.lane == lane).count()
    }

    /// Whether another reply than this one is looked for as a duplicate.
    pub fn has_other_duplicate(&self, seq: i64) -> bool {
        let duplicate = |job: &Job| matches!(job.step, Step::LookForDuplicate { .. });
        self.looks.iter().any(|job| duplicate(job) && job.seq != seq)
    }

    /// The look to make now, the most urgent one, in the lanes that are `free`.
    pub fn take_look(&mut self, now: Timestamp, free: impl Fn(Lane) -> bool) -> Option<Job> {
        let due = self.looks.iter().filter(|job| job.step.at() <= now && free(job.lane));
        let seq = due.min_by_key(|job| job.rank())?.seq;
        let index = self.looks.iter().position(|job| job.seq == seq)?;
        let job = self.looks.swap_remove(index);
        self.forget(&job);
        Some(job)
    }

    /// The reply to post now, in the lanes that are `free`.
    pub fn take_post(&mut self, free: impl Fn(&Self, Lane) -> bool) -> Option<Job> {
        let heads = self.posts.iter().filter(|(lane, _)| free(self, **lane));
        let (&lane, &rank) =
            heads.filter_map(|(lane, jobs)| Some((lane, jobs.keys().next()?))).min_by_key(|(_, rank)| **rank)?;
        self.remove(lane, rank)
    }

    /// A reply that was never posted and whose message is as old as `max_age`.
    pub fn take_expired(&mut self, now: Timestamp, max_age: Duration) -> Option<Job> {
        let oldest = before(now, max_age);
        let (lane, rank) = self.oldest().find(|(_, (_, created_at, _))| *created_at <= oldest)?;
        self.remove(lane, rank)
    }

    /// When a look is due next, a reply expires, or a colleague's time to answer is over.
    pub fn next_at(&self, max_age: Duration, free: impl Fn(Lane) -> bool) -> Timestamp {
        let looks = self.looks.iter().filter(|job| free(job.lane)).map(|job| job.step.at());
        let ends = self.oldest().map(|(_, (_, created_at, _))| after(created_at, max_age));
        let ours = self.left.keys().next().map(|(at, _)| *at);
        looks.chain(ends).chain(ours).min().unwrap_or(Timestamp::MAX)
    }

    /// The lanes in which something waits to be posted.
    pub fn lanes(&self) -> impl Iterator<Item = Lane> {
        self.posts.keys().copied()
    }

    /// The oldest of the urgent ones, and the oldest of the others, in each lane.
    fn oldest(&self) -> impl Iterator<Item = (Lane, Rank)> {
        const OTHERS: Rank = (true, Timestamp::MIN, 0);
        self.posts.iter().flat_map(|(lane, jobs)| {
            let heads = [jobs.range(..OTHERS).next(), jobs.range(OTHERS..).next()];
            heads.into_iter().flatten().map(|(rank, _)| (*lane, *rank))
        })
    }

    fn remove(&mut self, lane: Lane, rank: Rank) -> Option<Job> {
        let jobs = self.posts.get_mut(&lane)?;
        let job = jobs.remove(&rank)?;
        if jobs.is_empty() {
            self.posts.remove(&lane);
        }
        self.forget(&job);
        Some(job)
    }

    fn forget(&mut self, job: &Job) {
        self.numbers.remove(&job.seq);
        self.urgent -= usize::from(job.urgent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INBOX: Lane = (Feed::FacebookInbox, Route::Direct);
    const COMMENTS: Lane = (Feed::FacebookComments, Route::Direct);
    const MAX_AGE: Duration = Duration::from_secs(7200);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn job(seq: i64, lane: Lane, urgent: bool, written: i64) -> Job {
        Job { seq, lane, urgent, created_at: at(written), left: false, step: Step::Post }
    }

    fn queue(jobs: impl IntoIterator<Item = Job>) -> Queue {
        let mut queue = Queue::default();
        jobs.into_iter().for_each(|job| queue.add(job));
        queue
    }

    fn posts(queue: &mut Queue) -> Vec<i64> {
        std::iter::from_fn(|| queue.take_post(|_, _| true)).map(|job| job.seq).collect()
    }

    #[test]
    fn urgent_ones_leave_first_then_the_oldest_whatever_came_into_the_queue_first() {
        let mut queue = queue([
            job(1, INBOX, false, 50),
            job(2, INBOX, true, 60),
            job(3, COMMENTS, false, 10),
            job(4, COMMENTS, true, 55),
            job(5, INBOX, false, 50),
        ]);
        assert_eq!((queue.len(), queue.urgent(), queue.highest()), (5, 2, 5));
        assert_eq!(posts(&mut queue), [4, 2, 3, 1, 5]);
        assert_eq!((queue.len(), queue.urgent(), queue.highest()), (0, 0, 0));
    }

    #[test]
    fn a_clock_that_is_set_makes_no_look_come_sooner_or_later() {
        let step = Step::Look { at: at(1002), settled_at: at(1010) };
        let mut queue = queue([Job { step, ..job(1, INBOX, false, 990) }]);
        queue.shift(SignedDuration::from_secs(61));
        assert_eq!(queue.take_look(at(1062), |_| true), None, "two seconds after the post, by whatever clock");
        let look = queue.take_look(at(1063), |_| true).expect("a look");
        assert_eq!(look.step, Step::Look { at: at(1063), settled_at: at(1071) }, "nor is absence believed sooner");
        assert_eq!(look.created_at, at(990), "the message's time is the platform's");
    }

    #[test]
    fn what_is_left_to_a_colleague_is_looked_for_when_the_time_is_over() {
        let left = |seq, second| Job { step: Step::LookForColleague { at: at(second) }, ..job(seq, INBOX, false, 100) };
        let mut queue = queue([left(1, 700), left(2, 650), job(3, INBOX, false, 200)]);
        assert_eq!((queue.len(), queue.highest()), (1, 3), "it waits for nobody's turn");
        queue.take_over(at(649));
        assert_eq!((posts(&mut queue), queue.take_look(at(649), |_| true)), (vec![3], None));
        assert_eq!(queue.next_at(MAX_AGE, |_| true), at(650));
        queue.shift(SignedDuration::from_secs(10));
        assert_eq!(queue.next_at(MAX_AGE, |_| true), at(660), "by whatever clock");
        queue.take_over(at(710));
        assert_eq!(queue.unknown(INBOX), 0, "nothing was posted yet");
        let due = std::iter::from_fn(|| queue.take_look(at(710), |_| true)).map(|job| job.seq);
        assert_eq!(due.collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_lane_that_is_not_free_holds_nobody_else_up() {
        let mut queue = queue([job(1, COMMENTS, true, 1), job(2, INBOX, false, 2)]);
        assert_eq!(queue.take_post(|_, lane| lane == INBOX).map(|job| job.seq), Some(2));
        assert_eq!(queue.take_post(|_, lane| lane == INBOX), None);
        assert_eq!(queue.lanes().collect::<Vec<_>>(), [COMMENTS]);
    }

    #[test]
    fn the_oldest_expires_first_also_behind_urgent_ones() {
        let mut queue = queue([job(1, INBOX, true, 500), job(2, INBOX, false, 100), job(3, INBOX, false, 200)]);
        assert_eq!(queue.next_at(MAX_AGE, |_| true), at(7300));
        assert_eq!(queue.take_expired(at(7299), MAX_AGE), None);
        assert_eq!(queue.take_expired(at(7300), MAX_AGE).map(|job| job.seq), Some(2));
        assert_eq!(queue.next_at(MAX_AGE, |_| true), at(7400));
    }

    #[test]
    fn a_look_waits_for_its_time_and_a_duplicate_is_remembered() {
        let look = |seq, second| Job {
            step: Step::LookForDuplicate { at: at(second), blocked_until: at(900) },
            ..job(seq, COMMENTS, false, 1)
        };
        let mut queue = queue([look(1, 20), look(2, 30)]);
        assert_eq!((queue.unknown(COMMENTS), queue.unknown(INBOX)), (2, 0));
        assert_eq!(queue.take_look(at(19), |_| true), None);
        assert_eq!(queue.next_at(MAX_AGE, |_| true), at(20));
        assert_eq!(queue.take_look(at(20), |_| false), None);
        assert_eq!(queue.take_look(at(31), |_| true).map(|job| job.seq), Some(1));
        assert!(queue.has_other_duplicate(1) && !queue.has_other_duplicate(2));
        assert_eq!(posts(&mut queue), Vec::<i64>::new(), "what may stand there already is not posted");
    }
}
