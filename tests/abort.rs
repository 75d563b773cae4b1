//! The process ends at once before, or directly after, each step that it writes into the ledger; the next one finishes
//! the job, and everybody is answered once.
//!
//! The real service over real HTTP and a real SQLite file, in a child process: this very test program, started again.
//! Only the ledger is wrapped, so that it aborts at its k-th writing step.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod aborting;
mod stage;

use std::{
    collections::BTreeMap,
    env,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aborting::{At, Side};
use formez101::{
    clock::{Clock, between},
    ledger::{Figures, SqliteStore, Store as _},
    sandbox::{By, Colleague, Fault, FaultKind, Feed, Platform, Said, Sandbox, Say, Setup},
};
use stage::{DUTCH, LIMIT, side_by_side};
use tokio::net::TcpListener;

/// So many runs stand side by side; each of them waits most of the time.
const AT_ONCE: usize = 18;
/// The time between two looks at a condition.
const GLANCE: Duration = Duration::from_millis(50);
/// No run has more steps than this.
const MOST_STEPS: u64 = 500;

const TEXT: &str = "Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan";

/// Where the child finds its orders.
const ADDRESS: &str = "FORMEZ101_ABORT_ADDRESS";
const STATE: &str = "FORMEZ101_ABORT_STATE";
const STEP: &str = "FORMEZ101_ABORT_STEP";

#[test]
fn whichever_step_of_the_ledger_is_the_last_one_everybody_is_answered_once() {
    let next = AtomicU64::new(1);
    // The number of the first step that no run came to, on either side of a step.
    let beyond = AtomicU64::new(MOST_STEPS);
    let players = (0..AT_ONCE).map(|_| {
        let (next, beyond) = (&next, &beyond);
        move || async move {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                let (step, side) = (number.div_ceil(2), if number % 2 == 1 { Side::Before } else { Side::After });
                if step >= beyond.load(Ordering::SeqCst) {
                    return;
                }
                if !Run::new().await.play(At { step, side }).await {
                    beyond.fetch_min(step, Ordering::SeqCst);
                }
            }
        }
    });
    side_by_side(AT_ONCE, players);
    let steps = beyond.load(Ordering::SeqCst) - 1;
    println!("{steps} steps, an abort before and after each: 0 double, 0 missed");
    // Each of nine kinds of steps, most of them more than once.
    assert!((30..MOST_STEPS - 1).contains(&steps), "{steps}");
}

/// The child of the test above.
#[test]
#[ignore = "started by the test above"]
fn the_child() {
    let (Ok(address), Ok(state), Ok(step)) = (env::var(ADDRESS), env::var(STATE), env::var(STEP)) else { return };
    aborting::serve(&address, Path::new(&state), At::read(&step));
}

/// One zone, its platforms, and what citizens wrote there.
struct Run {
    sandbox: Sandbox,
    clock: Clock,
    address: String,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Run {
    async fn new() -> Self {
        let clock = Clock::system();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let sandbox = Sandbox::new(Setup::default(), Arc::new(move || clock.now().as_millisecond()));
        let platforms = sandbox.clone();
        tokio::spawn(async move { platforms.serve(listener, std::future::pending()).await });
        Self { sandbox, clock, address, folder: tempfile::tempdir().expect("a folder"), child: None }
    }

    /// Plays the story with an abort at a step; says whether it came to that step.
    async fn play(mut self, at: At) -> bool {
        // A colleague's words of before the start are a step too.
        let old = self.say(Feed::FacebookInbox, "Oud", Some("-50m"));
        let answer = Colleague::to(Feed::FacebookInbox, &old.message_id, "Dag, dat is geregeld. Groeten, Els");
        self.sandbox.colleague(&answer.at("-40m")).expect("written");
        // X is busy once, so that a reply goes back to where it was.
        self.sandbox.fault(Fault::new(FaultKind::RateLimit { seconds: 1 }).on(Platform::X, "POST", "/2/tweets"));
        self.start(at);
        let mut aborted = self.until_it_aborts_or_reads().await;
        if aborted {
            self.start(At::NEVER);
            assert!(!self.until_it_aborts_or_reads().await, "{at:?}: the second child aborts at no step");
        }
        let written = [Feed::FacebookInbox, Feed::FacebookComments, Feed::XMentions, Feed::XInbox]
            .map(|feed| (feed, self.say(feed, &format!("Burger {feed:?}"), None)));
        self.clock.sleep(GLANCE).await;
        // Somebody writes twice: the second message is held back by the first, and falls silent with its answer.
        let again = self.say(Feed::XMentions, "Burger XMentions", None);
        if self.until_it_aborts_or_all_has_ended().await {
            assert!(!aborted, "{at:?}: the second child aborts at no step");
            aborted = true;
            self.start(At::NEVER);
            assert!(!self.until_it_aborts_or_all_has_ended().await, "{at:?}: the second child aborts at no step");
        }
        for (feed, said) in &written {
            let replies = self.replies(said);
            let wanted = if *feed == Feed::FacebookComments { 2 } else { 1 };
            let right = replies.iter().all(|text| text.contains(DUTCH));
            assert!(replies.len() == wanted && right, "{at:?}: {feed:?} got {replies:?}");
        }
        assert_eq!(self.replies(&again), Vec::<String>::new(), "{at:?}");
        let posted = self.sandbox.all_messages().iter().filter(|message| message.by == By::Service).count();
        assert_eq!(posted, 5, "{at:?}: nobody else was written to");
        let mut counted = BTreeMap::new();
        for count in self.figures().await.outcomes {
            *counted.entry((count.outcome, count.reason)).or_insert(0) += count.total;
        }
        let counted: Vec<_> =
            counted.iter().map(|((outcome, why), total)| (outcome.as_str(), why.as_str(), *total)).collect();
        assert_eq!(counted, [("sent", "", 4), ("silent", "baseline", 1), ("silent", "cooldown", 1)], "{at:?}");
        aborted
    }

    fn say(&self, feed: Feed, from: &str, at: Option<&str>) -> Said {
        let say = Say::new(feed, from, TEXT);
        self.sandbox.say(at.map_or(say.clone(), |at| say.at(at))).expect("written")
    }

    fn replies(&self, said: &Said) -> Vec<String> {
        let replies = self.sandbox.replies_to(&said.message_id).into_iter();
        replies.filter(|reply| reply.by == By::Service).map(|reply| reply.text).collect()
    }

    fn start(&mut self, at: At) {
        let child = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "the_child", "--ignored", "--nocapture", "--test-threads=1"])
            .env_clear()
            .env(ADDRESS, &self.address)
            .env(STATE, self.folder.path())
            .env(STEP, at.to_string())
            // The child ends when this one is closed, and so never outlives this test.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the child starts");
        self.child = Some(child);
    }

    /// Waits until the six messages have ended, or the child has aborted; says whether it has.
    async fn until_it_aborts_or_all_has_ended(&mut self) -> bool {
        let begun = self.clock.now();
        loop {
            if self.has_aborted() {
                return true;
            }
            let figures = self.figures().await;
            if figures.open == 0 && figures.messages == 6 {
                return false;
            }
            assert!(between(begun, self.clock.now()) < LIMIT, "messages stay open: {figures:?}");
            self.clock.sleep(GLANCE).await;
        }
    }

    /// Waits until each feed was read twice from now on, or the child has aborted; says whether it has.
    async fn until_it_aborts_or_reads(&mut self) -> bool {
        let begun = self.clock.now();
        loop {
            if self.has_aborted() {
                return true;
            }
            let world = self.sandbox.snapshot();
            let reads = |piece: &str| {
                let requests = world["requests"].as_array().expect("a list").iter();
                requests
                    .filter(|one| one["at"].as_i64() >= Some(begun.as_millisecond()) && one["status"] == 200)
                    .filter(|one| one["path"].as_str().is_some_and(|path| path.contains(piece)))
                    .count()
            };
            if ["/conversations", "/feed", "/mentions", "/dm_events"].into_iter().all(|piece| reads(piece) >= 2) {
                return false;
            }
            assert!(between(begun, self.clock.now()) < LIMIT, "the feeds are not read");
            self.clock.sleep(GLANCE).await;
        }
    }

    fn has_aborted(&mut self) -> bool {
        let Some(status) = self.child.as_mut().expect("a child").try_wait().expect("a child of ours") else {
            return false;
        };
        assert_eq!(status.signal(), Some(6), "it ended by itself: {status}");
        self.child = None;
        true
    }

    /// What the ledger holds, read beside the child as an auditor would.
    async fn figures(&self) -> Figures {
        let ledger = SqliteStore::open(&self.folder.path().join("ledger.sqlite")).await.expect("a ledger");
        ledger.figures().await.expect("figures")
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself; nothing is left to do then.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
