//! One simulation from its first start to its judgement: lives of the process, and what happens between them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use formez101::{
    auth::{Account, Client, Grant, Renewal, Tokens, Vault, XToken},
    clock::{Clock, after, before, between},
    http::Transport,
    ledger::{Figures, Keys, LedgerError, SqliteStore, StateFolder, Store as _},
    model,
    platform::{
        Platform,
        meta::{FacebookPage, Graph, InstagramAccount},
        x::XAccount,
    },
    sandbox::{Colleague, Mark, Said, Sandbox, Say, Setup},
    service::{Nobody, Running, Service},
    triage::Triage,
};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    around::Ledger,
    disk::{Disk, at_once},
    heard::Heard,
    line::{Line, deliver_late},
    plan::{Event, NIGHT, Nature, Plan},
    transport::InMemory,
    world::{Time, World, lock, read},
};

/// Made once for all simulations; it never changes.
static TRIAGE: LazyLock<Arc<Triage>> = LazyLock::new(|| Arc::new(Triage::new()));
/// A human notices a lost login after so long.
const NOTICED: Duration = Duration::from_secs(20 * 60);
/// A human looks at the accounts this often.
const LOOK: Duration = Duration::from_secs(300);
/// Tokens and names that must never be seen outside their place.
pub const SECRETS: [&str; 3] = ["sandbox-page-token", "sandbox-x-token", "sandbox-refresh"];

/// Something a citizen wrote, and what was meant by it.
pub struct Written {
    pub said: Said,
    pub feed: model::Feed,
    pub who: usize,
    pub text: String,
    pub wanted: &'static str,
    pub urgent: bool,
    pub nature: Nature,
    /// When it was written, and when it could first be seen.
    pub at: Timestamp,
    pub visible: Timestamp,
    pub deleted: Option<Timestamp>,
    /// Written before the very first start.
    pub old: bool,
}

/// What is left when a simulation is over.
pub struct Remains {
    pub seed: u64,
    pub plan: Plan,
    pub world: Arc<World>,
    pub written: Vec<Written>,
    pub figures: Figures,
    /// Everything that stands on the disk.
    pub bytes: Vec<u8>,
    pub log: String,
    /// Lives of the process: from its start to its end.
    pub lives: Vec<(Timestamp, Timestamp)>,
}

struct Simulation {
    plan: Plan,
    world: Arc<World>,
    setup: Setup,
    hand: &'static AtomicI64,
    store: Arc<SqliteStore>,
    keys: Arc<Keys>,
    folder: Option<StateFolder>,
    disk: tempfile::TempDir,
    written: Vec<Written>,
    x_tokens: Arc<Tokens>,
    x_token: String,
    x_lost_at: Option<Timestamp>,
    next: usize,
    lives: Vec<(Timestamp, Timestamp)>,
    seed: u64,
}

/// How a life of the process ends.
enum End {
    Down(Duration),
    Over,
}

/// Runs one simulation.
pub fn run(seed: u64) -> Remains {
    let plan = Plan::new(seed);
    let start: Timestamp = NIGHT.parse().unwrap();
    let time = Arc::new(Mutex::new(Time::Stands(start)));
    let setup = Setup {
        page_id: plan.zone.facebook.as_ref().map(|facebook| facebook.page.clone()).unwrap_or_default(),
        x_username: plan.zone.x.as_ref().map(|x| x.account.clone()).unwrap_or_default(),
        ..Setup::default()
    };
    let clock = Arc::clone(&time);
    let sandbox = Sandbox::new(setup.clone(), Arc::new(move || read(&clock).as_millisecond()));
    sandbox.set(&plan.settings).unwrap();
    sandbox.set(&serde_json::json!({ "x_access_life_seconds": plan.x_life })).unwrap();
    let world = Arc::new(World::new(sandbox, time, plan.weather.clone(), seed));
    let heard = Heard::open(&world);
    // Memory, where the machine lends some as a disk: nothing here is about a real disk's speed.
    let memory = std::path::Path::new("/dev/shm");
    let disk = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let folder = StateFolder::open(disk.path()).unwrap();
    let store = at_once(SqliteStore::open(&folder.ledger().unwrap())).unwrap();
    let mut simulation = Simulation {
        x_tokens: Arc::new(Tokens::new(setup.x_token.as_str().into())),
        x_token: setup.x_token.clone(),
        x_lost_at: None,
        store: Arc::new(store),
        keys: Arc::new(folder.keys(Some(&[7; 32])).unwrap()),
        folder: Some(folder),
        hand: Box::leak(Box::new(AtomicI64::new(0))),
        written: Vec::new(),
        lives: Vec::new(),
        next: 0,
        plan,
        world,
        setup,
        disk,
        seed,
    };
    simulation.tells_its_circumstances();
    simulation.before_the_first_start();
    while let End::Down(length) = simulation.live() {
        simulation.is_down(length);
    }
    drop(heard.guard);
    let figures = at_once(simulation.store.figures()).unwrap();
    let bytes = std::fs::read_dir(simulation.disk.path()).unwrap().flat_map(|file| {
        let path = file.unwrap().path();
        // Tokens belong into their files.
        if path.extension().is_some_and(|end| end == "tokens") { Vec::new() } else { std::fs::read(path).unwrap() }
    });
    Remains {
        seed,
        bytes: bytes.collect(),
        log: heard.log.told(),
        figures,
        plan: simulation.plan,
        world: simulation.world,
        written: simulation.written,
        lives: simulation.lives,
    }
}

impl Simulation {
    /// The story begins with the zone, its policy and the weather to come.
    fn tells_its_circumstances(&self) {
        let (zone, world) = (&self.plan.zone, &self.world);
        for (feed, settings) in &zone.feeds {
            world.tell(&format!("{feed} is read every {:?}, answered {:?}", settings.poll, settings.public_replies));
        }
        world.tell(&format!("bilingual {}, {:?}", zone.bilingual, zone.policy));
        for weather in &self.plan.weather {
            world.tell(&format!(
                "from {} to {} {:.0} % of reads and {:.0} % of posts will meet one of {:?}",
                weather.from.strftime("%d %H:%M:%S"),
                weather.until.strftime("%d %H:%M:%S"),
                weather.reads * 100.0,
                weather.posts * 100.0,
                weather.mishaps
            ));
        }
    }

    /// Some people wrote long ago, among them those who will never be answered.
    fn before_the_first_start(&mut self) {
        let feeds: Vec<model::Feed> = self.plan.zone.feeds.keys().copied().collect();
        for feed in feeds.into_iter().filter(|feed| super::plan::side(*feed).is_some()) {
            for (who, nature) in [(1000, Nature::Sister), (1001, Nature::Bot), (0, Nature::Citizen)] {
                let side = super::plan::side(feed).unwrap();
                let say = Say::new(side, &name(who), "Bonjour, kwold").at("-40m");
                let Ok(said) = self.world.sandbox.say(say) else { continue };
                let known = match feed.platform() {
                    model::Platform::Facebook => self.plan.zone.facebook.as_mut().map(|account| &mut account.known),
                    model::Platform::Instagram => self.plan.zone.instagram.as_mut().map(|account| &mut account.known),
                    model::Platform::X => self.plan.zone.x.as_mut().map(|account| &mut account.known),
                    model::Platform::Bluesky | model::Platform::Mastodon => continue,
                }
                .unwrap();
                match nature {
                    Nature::Sister => known.sisters.push(said.author_id.clone()),
                    Nature::Bot => known.bots.push(said.author_id.clone()),
                    _ => {}
                }
                let at = before(self.world.now(), Duration::from_secs(2400));
                let text = "Bonjour, kwold".to_owned();
                let written = Written {
                    said,
                    feed,
                    who,
                    text,
                    wanted: "",
                    urgent: false,
                    nature,
                    at,
                    visible: at,
                    deleted: None,
                    old: true,
                };
                // Kept apart: the events of the plan count from the first message of the plan.
                self.written.push(written);
            }
        }
    }

    fn old(&self) -> usize {
        self.written.iter().filter(|written| written.old).count()
    }

    /// One life of the process.
    fn live(&mut self) -> End {
        let born = self.world.now();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let end = runtime.block_on(async {
            let clock = Clock::starting_at(born);
            self.world.set_time(Time::Runs(clock));
            self.world.is_born();
            self.world.tell("the process starts");
            if self.folder.is_none() {
                self.folder = Some(StateFolder::open(self.disk.path()).unwrap());
            }
            let running = self.starts(Clock::set_by(born, self.hand), clock);
            let end = self.turn(clock, running).await;
            self.world.set_time(Time::Stands(clock.now()));
            end
        });
        // Everything that the process had under way ends with it.
        drop(runtime);
        self.folder = None;
        self.lives.push((born, self.world.now()));
        end
    }

    /// The process is down; the world goes on.
    fn is_down(&mut self, length: Duration) {
        let until = after(self.world.now(), length);
        loop {
            let event = self.plan.events.get(self.next).map_or(Timestamp::MAX, |(at, _)| *at);
            let late = self.world.next_late();
            let at = event.min(late);
            if at > until {
                break;
            }
            self.world.set_time(Time::Stands(at.max(self.world.now())));
            if late <= event {
                at_once(deliver_late(&self.world, at));
                continue;
            }
            let (_, event) = self.plan.events[self.next].clone();
            self.next += 1;
            self.happens(&event);
        }
        self.world.set_time(Time::Stands(until));
        self.human_looks();
    }

    /// What happens while the process runs, until it ends.
    async fn turn(&mut self, clock: Clock, running: Running) -> End {
        let world = Arc::clone(&self.world);
        loop {
            let event = self.plan.events.get(self.next).map_or(self.plan.end, |(at, _)| *at);
            let late = world.next_late();
            let at = event.min(late).min(after(clock.now(), LOOK));
            let died = tokio::select! {
                biased;
                () = world.died.notified() => true,
                () = world.late_came.notified() => false,
                () = clock.sleep_until(at) => false,
            };
            if died {
                return End::Down(self.down_after_death());
            }
            deliver_late(&world, clock.now()).await;
            self.human_looks();
            if clock.now() < event {
                continue;
            }
            let Some((_, event)) = self.plan.events.get(self.next).cloned() else {
                world.tell("the simulation ends");
                running.stop().await;
                return End::Over;
            };
            self.next += 1;
            match event {
                Event::Kill { down } => {
                    world.tell("*** the process is killed");
                    return End::Down(down);
                }
                Event::Stop { down } => {
                    world.tell("the process is asked to stop");
                    running.stop().await;
                    return End::Down(down);
                }
                Event::KillInSteps { points, .. } => world.dies_in(points),
                event => self.happens(&event),
            }
        }
    }

    /// The length of the down-time that the plan has for a death at a step of the ledger.
    fn down_after_death(&self) -> Duration {
        let planned = self.plan.events[..self.next].iter().rev().find_map(|(_, event)| match event {
            Event::KillInSteps { down, .. } => Some(*down),
            _ => None,
        });
        planned.unwrap_or_default()
    }

    fn happens(&mut self, event: &Event) {
        let now = self.world.now();
        match event {
            Event::Say { feed, who, text, wanted, urgent, nature, flags, hidden_for } => {
                let mut say = Say::new(*feed, &name(*who), text).flags((**flags).clone());
                if *hidden_for > 0 {
                    say = say.at(&format!("-{hidden_for}s"));
                }
                let said = self.world.sandbox.say(say).unwrap();
                let known = self.plan.zone.feeds.keys().find(|known| super::plan::side(**known) == Some(*feed));
                let number = self.written.len() - self.old();
                self.world.tell(&format!("citizen {who} writes number {number} on {} ({nature:?})", known.unwrap()));
                self.written.push(Written {
                    said,
                    feed: *known.unwrap(),
                    who: *who,
                    text: text.clone(),
                    wanted,
                    urgent: *urgent,
                    nature: *nature,
                    at: before(now, Duration::from_secs(*hidden_for)),
                    visible: now,
                    deleted: None,
                    old: false,
                });
            }
            Event::Colleague(number) => {
                let old = self.old();
                let Some(written) = self.written.get(old + number) else { return };
                let feed = super::plan::side(written.feed).unwrap();
                let answer = Colleague::to(feed, &written.said.message_id, "Bonjour, un collègue vous répond ici.");
                // What was deleted cannot be answered.
                if written.deleted.is_none() && self.world.sandbox.colleague(&answer).is_ok() {
                    self.world.tell(&format!("a colleague answers number {number}"));
                }
            }
            Event::Delete(number) => {
                let old = self.old();
                let Some(written) = self.written.get_mut(old + number) else { return };
                let flags = serde_json::json!({ "deleted": true });
                let mark = Mark {
                    id: written.said.message_id.clone(),
                    flags: flags.as_object().unwrap().clone(),
                    ..Mark::default()
                };
                if self.world.sandbox.mark(&mark).is_ok() {
                    written.deleted = Some(now);
                    self.world.tell(&format!("number {number} is deleted"));
                }
            }
            Event::Fault(fault) => {
                self.world.tell(&format!("planned: {:?} for {:?}", fault.kind, fault.on));
                self.world.sandbox.fault((**fault).clone());
            }
            Event::Clock(wrong) => {
                self.world.tell(&format!("the machine's clock is {wrong} s wrong"));
                self.hand.store(wrong * 1000, Ordering::Relaxed);
            }
            Event::DiskFull(full) => {
                self.world.tell(if *full { "the disk is full" } else { "the disk has room" });
                self.world.fill_disk(*full);
            }
            Event::RevokeX => {
                self.x_token = format!("sandbox-x-token-{}", now.as_millisecond());
                self.world.tell("the X token is revoked");
                self.world.sandbox.set(&serde_json::json!({ "x_token": self.x_token })).unwrap();
            }
            Event::FacebookToken(good) => {
                self.world.tell(&format!("the Page's token is good: {good}"));
                let token = if *good { &self.setup.facebook_token } else { "sandbox-page-token-of-another-day" };
                self.world.sandbox.set(&serde_json::json!({ "facebook_token": token })).unwrap();
            }
            Event::SecondProcess => {
                if self.folder.is_some() {
                    let second = StateFolder::open(self.disk.path());
                    assert!(
                        matches!(second, Err(LedgerError::Locked { .. })),
                        "a second process may start: {second:?}"
                    );
                }
            }
            Event::Kill { .. } | Event::KillInSteps { .. } | Event::Stop { .. } => {}
        }
    }

    /// The administrator sees that a login is lost, and logs in.
    fn human_looks(&mut self) {
        if self.plan.zone.x.is_none() {
            return;
        }
        let now = self.world.now();
        if !self.x_tokens.is_refused() {
            if let Some(lost_at) = self.x_lost_at.take() {
                lock(&self.world.trouble).push((before(lost_at, Duration::from_secs(300)), now));
            }
            return;
        }
        let lost_at = *self.x_lost_at.get_or_insert(now);
        if between(lost_at, now) < NOTICED {
            return;
        }
        self.x_token = format!("sandbox-x-token-human-{}", now.as_millisecond());
        self.world.tell("the administrator logs in on X");
        self.world.sandbox.set(&serde_json::json!({ "x_token": self.x_token })).unwrap();
        let clock = match self.lives.len() {
            _ if tokio::runtime::Handle::try_current().is_ok() => Clock::starting_at(now),
            _ => return,
        };
        let vault = self.vault();
        let locked = at_once(vault.lock(clock, Duration::ZERO));
        if let Ok(locked) = locked {
            let grant = Grant { obtained_at: Some(now), ..Grant::fixed(self.x_token.as_str().into()) };
            locked.write_login(&grant).unwrap();
        }
    }

    fn vault(&self) -> Vault {
        let origin = SecretString::from(self.setup.x_refresh_token.as_str());
        Vault::new(self.disk.path(), "x", &self.setup.x_username, Some(origin))
    }

    /// The service as the program would put it together.
    fn starts(&mut self, clock: Clock, true_clock: Clock) -> Running {
        let line = InMemory { sandbox: self.world.sandbox.clone(), clock: true_clock };
        let transport: Arc<dyn Transport> = Arc::new(Line { world: Arc::clone(&self.world), inner: line });
        let mut platforms: BTreeMap<model::Platform, Arc<dyn Platform>> = BTreeMap::new();
        let zone = &self.plan.zone;
        let graph = |note| {
            let token = Arc::new(Tokens::new(self.setup.facebook_token.as_str().into()));
            let root = "http://127.0.0.1:1/v26.0".to_owned();
            Arc::new(Graph::new(root, Arc::clone(&transport), token, clock, None, None, note))
        };
        let shared = graph("facebook quota");
        if let Some(settings) = &zone.facebook {
            platforms.insert(model::Platform::Facebook, Arc::new(FacebookPage::new(settings, Arc::clone(&shared))));
        }
        if let Some(settings) = &zone.instagram {
            platforms.insert(model::Platform::Instagram, Arc::new(InstagramAccount::new(settings, shared)));
        }
        let mut renewals = Vec::new();
        if let Some(settings) = &zone.x {
            let issuer = XToken {
                client: Some(Client {
                    token_url: XToken::token_url(&settings.api_base),
                    id: self.setup.x_client_id.clone(),
                    secret: Some(self.setup.x_client_secret.as_str().into()),
                    secret_in_body: false,
                }),
                api_base: settings.api_base.clone(),
                transport: Arc::clone(&transport),
                clock,
            };
            let vault = self.vault();
            let ends_at = after(NIGHT.parse().unwrap(), Duration::from_secs(self.plan.x_life.into()));
            let given = Grant {
                refresh: Some(SecretString::from(self.setup.x_refresh_token.as_str())),
                ends_at: Some(ends_at),
                ..Grant::fixed(self.setup.x_token.as_str().into())
            };
            let grant = vault.read().unwrap().unwrap_or(given);
            self.x_tokens = Arc::new(Tokens::new(grant.access.expose_secret().into()));
            let who = Account { name: "x", command: "formez101 login x".into() };
            let tokens = Arc::clone(&self.x_tokens);
            let renewal = Renewal::new(who, Arc::new(issuer), clock, tokens, (vault, self.disk.path()), grant);
            renewals.push(Arc::new(renewal));
            let client = XAccount::new(settings, Arc::clone(&transport), Arc::clone(&self.x_tokens), clock);
            platforms.insert(model::Platform::X, Arc::new(client));
        }
        let service = Service {
            zone: Arc::new(zone.clone()),
            store: Arc::new(Ledger { around: Disk(Arc::clone(&self.world)), inner: Arc::clone(&self.store) }),
            keys: Arc::clone(&self.keys),
            platforms,
            renewals,
            triage: Arc::clone(&TRIAGE),
            clock,
            seed: self.seed ^ self.lives.len() as u64,
            observer: Arc::new(Nobody),
            channels: Vec::new(),
        };
        service.start()
    }
}

pub fn name(who: usize) -> String {
    format!("Kwnaam{who}")
}
