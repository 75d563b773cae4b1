//! Starts the loops of a zone, starts a panicked one again, and feeds the watchdog while all of them turn.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use super::{
    Health, Observer, backoff::Backoff, desk::Desk, feed::FeedLoop, reminder::Reminder, sender::Sender, systemd,
    watch::Watch,
};
use crate::{
    alert::{Alarm, Channel, Crier, Group, Outage},
    auth::Renewal,
    clock::{Clock, Hands, after, before},
    config::Zone,
    ledger::{Keys, Store},
    model,
    platform::{Platform, quota::Tempo},
    triage::Triage,
};

/// How long a stop waits for a post under way; what has not answered by then is looked for at the next start.
const STOP: Duration = Duration::from_secs(9);
/// How often the state is looked at when systemd wants no watchdog.
const LOOK: Duration = Duration::from_secs(20);
/// A ledger that takes longer to answer hangs.
const LEDGER: Duration = Duration::from_secs(15);
/// How often hashes past their age are deleted.
const FORGET: Duration = Duration::from_secs(3600);
/// A clock is corrected by less than this all the time: nothing to tell anybody.
const CORRECTION: Duration = Duration::from_secs(10);
/// A renewal of a token is over by then.
const RENEWAL: Duration = Duration::from_secs(60);
/// Pauses before a panicked loop is started again.
const RESTART: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Everything that a zone's service is made of.
#[derive(Clone)]
pub struct Service {
    /// The zone as its file stands.
    pub zone: Arc<Zone>,
    /// The ledger.
    pub store: Arc<dyn Store>,
    /// The zone's key.
    pub keys: Arc<Keys>,
    /// The platforms that the zone has accounts on.
    pub platforms: BTreeMap<model::Platform, Arc<dyn Platform>>,
    /// What keeps tokens alive.
    pub renewals: Vec<Arc<Renewal>>,
    /// What says what a message is about; made once, since it reads thousands of phrases.
    pub triage: Arc<Triage>,
    /// The time.
    pub clock: Clock,
    /// Where jitter comes from.
    pub seed: u64,
    /// Who watches.
    pub observer: Arc<dyn Observer>,
    /// The ways to humans who are told of what may be a danger.
    pub channels: Vec<Arc<dyn Channel>>,
}

/// A service whose loops are turning.
pub struct Running {
    /// How the loops are.
    pub health: Arc<Health>,
    /// Looks at the zone as a whole.
    pub watch: Watch,
    clock: Clock,
    cancel: CancellationToken,
    tasks: TaskTracker,
    guards: Vec<tokio::task::AbortHandle>,
}

impl Service {
    /// Starts every loop and returns at once.
    pub fn start(&self) -> Running {
        let health = Arc::<Health>::default();
        let mut running = Running {
            watch: Watch {
                zone: Arc::clone(&self.zone),
                store: Arc::clone(&self.store),
                health: Arc::clone(&health),
                platforms: self.platforms.clone(),
                renewals: self.renewals.clone(),
                clock: self.clock,
                started_at: self.clock.now(),
            },
            health,
            clock: self.clock,
            cancel: CancellationToken::new(),
            tasks: TaskTracker::new(),
            guards: Vec::new(),
        };
        let mut random = fastrand::Rng::with_seed(self.seed);
        let alarm = self.zone.alerts.as_ref().filter(|_| !self.channels.is_empty());
        let alarm = alarm.map(|alerts| Alarm::new(Group::new(alerts.every)));
        let desk = Arc::new(Desk::new(
            Arc::clone(&self.zone),
            Arc::clone(&self.store),
            Arc::clone(&self.keys),
            (self.clock, Arc::clone(&self.triage)),
            (Arc::clone(&self.observer), alarm.clone()),
        ));
        if let Some(alarm) = alarm.clone() {
            running.keep("alerts".to_owned(), random.fork(), {
                let (channels, clock, seed) = (self.channels.clone(), self.clock, random.u64(..));
                move |cancel| {
                    let (alarm, channels) = (alarm.clone(), channels.clone());
                    Crier { alarm, channels, clock, random: fastrand::Rng::with_seed(seed) }.run(cancel)
                }
            });
        }
        for &account in self.platforms.keys().filter(|account| self.is_guarded(**account)) {
            running.health.guard(account);
        }
        for (&account, platform) in &self.platforms {
            let wake = Arc::new(Notify::new());
            for feed in account.feeds() {
                if let Some(settings) = self.zone.feeds.get(&feed) {
                    let (desk, platform, health) =
                        (Arc::clone(&desk), Arc::clone(platform), Arc::clone(&running.health));
                    let (interval, floor) = (settings.poll, settings.floor);
                    let (sender, seed) = (Arc::clone(&wake), random.u64(..));
                    running.keep(feed.name().to_owned(), random.fork(), move |cancel| {
                        let feed_loop = FeedLoop {
                            feed,
                            interval,
                            tempo: Tempo::new(interval, floor),
                            desk: Arc::clone(&desk),
                            platform: Arc::clone(&platform),
                            health: Arc::clone(&health),
                            sender: Arc::clone(&sender),
                            random: fastrand::Rng::with_seed(seed),
                        };
                        feed_loop.run(cancel)
                    });
                }
            }
            let (desk, platform, health, seed) =
                (Arc::clone(&desk), Arc::clone(platform), Arc::clone(&running.health), random.u64(..));
            running.keep(format!("{account} sender"), random.fork(), move |cancel| {
                let parts = (Arc::clone(&desk), Arc::clone(&platform), Arc::clone(&health));
                let sender = Sender::new(account, parts, Arc::clone(&wake), fastrand::Rng::with_seed(seed));
                sender.run(cancel)
            });
        }
        for renewal in &self.renewals {
            let (renewal, health, clock) = (Arc::clone(renewal), Arc::clone(&running.health), self.clock);
            let name = format!("{} login", renewal.name());
            running.keep(name.clone(), random.fork(), move |cancel| {
                let (renewal, health, name) = (Arc::clone(&renewal), Arc::clone(&health), name.clone());
                async move {
                    let alive = |turn| health.beat(&name, clock.steady(), turn + RENEWAL);
                    renewal.keep(&cancel, alive).await;
                    health.ended(&name);
                }
            });
        }
        let watch = watch(Arc::clone(&desk), Arc::clone(&running.health), alarm, running.cancel.clone());
        running.guards.push(running.tasks.spawn(watch).abort_handle());
        running.tasks.close();
        running
    }
}

impl Service {
    /// Whether a platform's login is looked after. An Instagram account may share the login of its Page.
    fn is_guarded(&self, account: model::Platform) -> bool {
        let kept = |name: &str| self.renewals.iter().any(|renewal| renewal.name() == name);
        let shared = account == model::Platform::Instagram && kept(model::Platform::Facebook.name());
        kept(account.name()) || shared
    }
}

impl Running {
    /// Runs a loop until it is cancelled; starts it again when it panics. It loses nothing by that: what it
    /// must remember stands in the ledger.
    fn keep<F, L>(&mut self, name: String, random: fastrand::Rng, start: F)
    where
        F: Fn(CancellationToken) -> L + Send + 'static,
        L: Future<Output = ()> + Send + 'static,
    {
        let (clock, cancel, health) = (self.clock, self.cancel.clone(), Arc::clone(&self.health));
        let guard = async move {
            let mut backoff = Backoff::new(RESTART.0, RESTART.1, random);
            loop {
                let mut one = AbortOnDrop(tokio::spawn(start(cancel.clone())));
                match (&mut one.0).await {
                    Ok(()) => return,
                    Err(_) if cancel.is_cancelled() => return,
                    Err(_) => {
                        health.panicked();
                        let pause = backoff.next();
                        error!(name, pause_seconds = pause.as_secs(), "a loop panicked and is started again");
                        clock.sleep(pause).await;
                    }
                }
            }
        };
        self.guards.push(self.tasks.spawn(guard).abort_handle());
    }

    /// Stops every loop: at once where it waits or reads, after the answer where it posts, within ten seconds.
    pub async fn stop(self) {
        self.cancel.cancel();
        if self.clock.within(STOP, self.tasks.wait()).await.is_none() {
            warn!("a post under way has not been answered: it will be looked for at the next start");
            for guard in &self.guards {
                guard.abort();
            }
            self.tasks.wait().await;
        }
    }
}

/// A task that ends with the one that waits for it.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Looks at the loops and the ledger, tells systemd, and deletes what is past its age.
async fn watch(desk: Arc<Desk>, health: Arc<Health>, alarm: Option<Alarm>, cancel: CancellationToken) {
    let clock = desk.clock;
    let every = systemd::watchdog().map_or(LOOK, |limit| (limit / 3).min(LOOK));
    let (mut shown, mut hands) = (String::new(), Hands::new(clock));
    // Not before the clock has gone right for an hour: one that is far ahead for a moment must not make the ledger forget
    // whom it has just answered.
    let mut forget_at = after(clock.now(), FORGET);
    let (mut reminder, mut outage) = (Reminder::new(clock), Outage::default());
    while !cancel.is_cancelled() {
        let now = clock.now();
        if let Some(set) = hands.set(CORRECTION) {
            warn!(by_seconds = set.as_secs(), "the machine's clock was set");
            forget_at = after(now, FORGET);
        }
        health.check(clock.steady());
        if let (Some(alarm), Some(about)) = (&alarm, outage.look(&health.deaf(), clock.steady())) {
            alarm.tell(about, now);
        }
        let hanging = health.hanging(clock.steady());
        let ledger = clock.within(LEDGER, desk.store.ping()).await;
        if let Some(Err(error)) = &ledger {
            health.ledger_failed(error);
        }
        // A ledger that answers with an error does not hang; the loops report it and try again.
        if hanging.is_empty() && ledger.is_some() {
            systemd::alive();
        } else {
            error!(loops = hanging.join(", "), ledger = ledger.is_some(), "something hangs: the watchdog is not fed");
        }
        let line = health.line();
        if line != shown {
            systemd::status(&line);
            shown = line;
        }
        reminder.look(&desk.zone, now);
        if now >= forget_at {
            forget_at = after(now, FORGET);
            match desk.store.forget(before(now, desk.zone.policy.retention), now).await {
                Ok(0) => {}
                Ok(gone) => info!(gone, "hashes past their age were deleted"),
                Err(error) => {
                    health.ledger_failed(&error);
                    warn!(%error, "hashes past their age could not be deleted");
                }
            }
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = clock.sleep(every) => {}
        }
    }
}
