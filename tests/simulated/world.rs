//! What outlives a process: the platforms, the true time, the weather, the story told so far.

use std::{
    fmt::Write as _,
    future::pending,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use formez101::{clock::Clock, http::Call, model::Feed, sandbox::Sandbox};
use jiff::Timestamp;
use tokio::sync::Notify;

use super::plan::Weather;

/// The true time: it runs while a process runs, and is set by hand between two.
#[derive(Clone, Copy)]
pub enum Time {
    Runs(Clock),
    Stands(Timestamp),
}

/// One call of the service, as the network saw it.
pub struct Seen {
    pub at: Timestamp,
    pub until: Timestamp,
    /// The feed whose list was asked for.
    pub feed: Option<Feed>,
    /// For a post, where it went and what it carried.
    pub post: Option<String>,
    /// A whole and good answer came back.
    pub well: bool,
    /// Whether the platform did what was asked.
    pub done: bool,
}

/// What outlives a process.
pub struct World {
    pub sandbox: Sandbox,
    pub weather: Mutex<Vec<Weather>>,
    pub random: Mutex<fastrand::Rng>,
    pub calls: Mutex<Vec<Seen>>,
    /// Calls that reach the platform after their caller gave up.
    pub late: Mutex<Vec<(Timestamp, Call)>>,
    pub late_came: Notify,
    /// Times in which something stood in the service's way that the plan did not know of, such as a lost login.
    pub trouble: Mutex<Vec<(Timestamp, Timestamp)>>,
    time: Arc<Mutex<Time>>,
    story: Mutex<String>,
    /// The process dies at so many points from here; negative: it does not.
    steps_to_live: AtomicI64,
    dead: AtomicBool,
    pub died: Notify,
    disk_full: AtomicBool,
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl World {
    pub fn new(sandbox: Sandbox, time: Arc<Mutex<Time>>, weather: Vec<Weather>, seed: u64) -> Self {
        Self {
            sandbox,
            weather: Mutex::new(weather),
            random: Mutex::new(fastrand::Rng::with_seed(seed ^ 0x5eed)),
            calls: Mutex::default(),
            late: Mutex::default(),
            late_came: Notify::new(),
            trouble: Mutex::default(),
            time,
            story: Mutex::default(),
            steps_to_live: AtomicI64::new(-1),
            dead: AtomicBool::new(false),
            died: Notify::new(),
            disk_full: AtomicBool::new(false),
        }
    }

    /// The true time.
    pub fn now(&self) -> Timestamp {
        read(&self.time)
    }

    pub fn set_time(&self, time: Time) {
        *lock(&self.time) = time;
    }

    /// Adds a line to the story.
    pub fn tell(&self, words: &str) {
        let at = self.now().strftime("%d %H:%M:%S%.3f");
        let _ = writeln!(lock(&self.story), "{at}  {words}");
    }

    pub fn story(&self) -> String {
        lock(&self.story).clone()
    }

    /// A process starts.
    pub fn is_born(&self) {
        self.dead.store(false, Ordering::Relaxed);
        self.steps_to_live.store(-1, Ordering::Relaxed);
    }

    /// The process will die at a ledger step, so many points from now.
    pub fn dies_in(&self, points: i64) {
        self.steps_to_live.store(points, Ordering::Relaxed);
    }

    /// A process that has died does nothing more, whatever it was about to do.
    pub async fn unless_dead(&self) {
        if self.dead.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }

    /// A point between two steps of the ledger: others may run, and the process may die.
    pub async fn step(&self, name: &str) {
        self.others_may_run().await;
        let left = self.steps_to_live.load(Ordering::Relaxed);
        if left >= 0 {
            self.steps_to_live.store(left - 1, Ordering::Relaxed);
        }
        if left == 0 {
            self.tell(&format!("*** the process is killed {name}"));
            self.dead.store(true, Ordering::Relaxed);
            self.died.notify_one();
            self.unless_dead().await;
        }
    }

    /// Now and then another task runs first.
    pub async fn others_may_run(&self) {
        self.unless_dead().await;
        let first = lock(&self.random).u8(..4) == 0;
        if first {
            tokio::task::yield_now().await;
            self.unless_dead().await;
        }
    }

    pub fn fill_disk(&self, full: bool) {
        self.disk_full.store(full, Ordering::Relaxed);
    }

    pub fn disk_is_full(&self) -> bool {
        self.disk_full.load(Ordering::Relaxed)
    }

    /// When the next call arrives that nobody waits for.
    pub fn next_late(&self) -> Timestamp {
        lock(&self.late).iter().map(|(at, _)| *at).min().unwrap_or(Timestamp::MAX)
    }

    /// What the weather does to a call now.
    pub fn weather_now(&self) -> Option<Weather> {
        let now = self.now();
        lock(&self.weather).iter().find(|weather| weather.from <= now && now < weather.until).cloned()
    }
}

/// The time on the world's clock.
pub fn read(time: &Mutex<Time>) -> Timestamp {
    match *lock(time) {
        Time::Runs(clock) => clock.now(),
        Time::Stands(at) => at,
    }
}
