//! `formez101 run --zone Z`: serve one zone until told to stop.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use super::{
    Exit,
    accounts::{Accounts, Logins},
    channels::channels,
    log,
    options::Folders,
    stop::Stop,
    window::Window,
};
use crate::{
    alert::Channel,
    auth::{Credentials, Tokens},
    clock::{Clock, before},
    config::{self, Mode, Zone},
    http::{HttpTransport, Transport},
    ledger::{KEPT_ASIDE, Keys, SqliteStore, StateFolder, Store},
    model,
    platform::{
        Platform,
        bluesky::BlueskyAccount,
        mastodon::MastodonAccount,
        meta::{FacebookPage, Graph, InstagramAccount},
        x::XAccount,
    },
    service::{Nobody, Running, Service, systemd, watch::Pulse},
    triage::Triage,
};

/// What a zone's service is built from; stays the same over a reload.
struct Ground {
    config_dir: PathBuf,
    zone_id: String,
    accounts: Accounts,
    credentials: Credentials,
    keys: Arc<Keys>,
    store: Arc<SqliteStore>,
    /// Held, so that it stays locked.
    folder: StateFolder,
}

/// How long a stop waits for the ledger, beside the nine seconds for posts under way.
const REST: Duration = Duration::from_millis(500);
/// How often files that were set aside are looked at for their age.
const SWEEP: Duration = Duration::from_secs(3600);

/// Serves the zone. Ends with [`Exit::Well`] on SIGTERM and SIGINT.
pub async fn run(folders: &Folders, zone_id: &str) -> Exit {
    log::start();
    match serve(folders, zone_id).await {
        Ok(()) => Exit::Well,
        Err(stop) => {
            error!(zone = zone_id, "{}", stop.why);
            systemd::status(stop.why.lines().next().unwrap_or_default());
            stop.exit
        }
    }
}

async fn serve(folders: &Folders, zone_id: &str) -> Result<(), Stop> {
    let mut signals =
        Signals::new().map_err(|error| Stop::new(Exit::Bug, format!("signals cannot be heard: {error}")))?;
    // A wrong file is told before the ledger is touched.
    let zone = load(&folders.config_dir, zone_id)?;
    let ground = Ground::open(folders, zone_id).await?;
    let mut posture = ground.posture(zone, None).await?;
    loop {
        let running = ground.start(&posture);
        let window = ground.window(&posture, &running);
        systemd::ready(&summary(&posture.zone));
        let next = next_step(&ground, &running, &mut signals, &posture).await;
        if !matches!(next, Next::Zone(..)) {
            systemd::stopping();
            info!(zone = zone_id, "stopping");
        }
        running.stop().await;
        window.close().await;
        match next {
            Next::Zone(next) => posture = next,
            Next::Stop => return ground.rest().await,
            Next::Damage(why) => return Err(ground.abandon(&why)),
        }
    }
}

/// What follows from a zone's files as they stand.
struct Posture {
    zone: Arc<Zone>,
    platforms: Platforms,
    ways: Vec<Arc<dyn Channel>>,
    triage: Arc<Triage>,
    /// The way of the sign of life, where the zone wants one.
    pulse: Option<Arc<dyn Transport>>,
}

type Platforms = BTreeMap<model::Platform, Arc<dyn Platform>>;

/// What comes after the loops of a zone.
enum Next {
    /// They are started again with this.
    Zone(Posture),
    /// Somebody asked for a stop.
    Stop,
    /// The ledger is damaged.
    Damage(String),
}

/// Waits for a signal, or for bad news of the ledger. A bad file leaves the old one running.
async fn next_step(ground: &Ground, running: &Running, signals: &mut Signals, now: &Posture) -> Next {
    let clock = Clock::system();
    loop {
        tokio::select! {
            asked = signals.next() => if asked == Asked::Stop { return Next::Stop },
            why = running.health.ledger_damaged() => return Next::Damage(why),
            () = clock.sleep(SWEEP) => {
                ground.sweep();
                continue;
            }
        }
        systemd::reloading();
        match ground.reload(now).await {
            Ok(next) => {
                info!(zone = ground.zone_id, "configuration read again");
                return Next::Zone(next);
            }
            Err(stop) => {
                error!(zone = ground.zone_id, "reload refused, the old configuration stays in force: {}", stop.why);
                systemd::ready(&format!(
                    "reload refused, the old configuration stays in force; {}",
                    running.health.line()
                ));
            }
        }
    }
}

fn load(config_dir: &Path, zone_id: &str) -> Result<Arc<Zone>, Stop> {
    Ok(Arc::new(config::load(config_dir, zone_id, &super::environment(), &[])?.zone))
}

impl Ground {
    async fn open(folders: &Folders, zone_id: &str) -> Result<Self, Stop> {
        let credentials = Credentials::new(folders.credentials().as_deref());
        let folder = StateFolder::open(&folders.state(zone_id))?;
        let keys = Arc::new(folder.keys(credentials.bytes("hash.key")?.as_deref())?);
        let opened = folder.open_ledger(&keys, Clock::system().now()).await?;
        match &opened.doubt {
            Some(doubt) if doubt.is_grave() => error!(zone = zone_id, "{doubt}"),
            Some(doubt) => warn!(zone = zone_id, "{doubt}"),
            None => {}
        }
        let ground = Self {
            config_dir: folders.config_dir.clone(),
            zone_id: zone_id.to_owned(),
            credentials: credentials.clone(),
            accounts: Accounts::new(credentials, folder.path(), zone_id, Clock::system()),
            keys,
            store: Arc::new(opened.store),
            folder,
        };
        ground.sweep();
        Ok(ground)
    }

    /// Deletes what lies aside and is past its age.
    fn sweep(&self) {
        match self.folder.sweep(before(Clock::system().now(), KEPT_ASIDE)) {
            Ok(0) => {}
            Ok(gone) => info!(zone = self.zone_id, gone, "old copies of the ledger were deleted"),
            Err(error) => warn!(zone = self.zone_id, %error, "old copies of the ledger could not be deleted"),
        }
    }

    /// The service has stopped: the ledger is left in order. What cannot be written now is found out at the next start.
    async fn rest(&self) -> Result<(), Stop> {
        let clock = Clock::system();
        match clock.within(REST, self.store.rest(clock.now())).await {
            Some(Ok(())) => {}
            Some(Err(error)) => warn!(zone = self.zone_id, %error, "the ledger could not be closed in order"),
            None => {
                warn!(zone = self.zone_id, "the ledger is held by another process and could not be closed in order");
            }
        }
        Ok(())
    }

    /// The ledger turned out to be damaged while in use: out of the way with it, and a new start.
    fn abandon(&self, why: &str) -> Stop {
        match self.folder.set_aside(Clock::system().now()) {
            Ok(aside) => Stop::new(
                Exit::Unavailable,
                format!("the ledger is damaged ({why}): it lies aside as {aside}, and the next start begins a new one"),
            ),
            Err(error) => error.into(),
        }
    }

    /// The clients of the zone's accounts, each with its token. An account whose settings have not changed
    /// keeps its client, and with it what that knows of the platform's limits.
    async fn platforms(&self, zone: &Zone, before: Option<(&Zone, &Platforms)>) -> Result<Platforms, Stop> {
        let transport = transport(zone.api_bases().into_iter().map(|(_, base)| base))?;
        let logins = self.accounts.all(zone, &transport).await?;
        let mut made = platforms(zone, &transport, Clock::system(), &logins);
        if let Some((old_zone, old)) = before {
            let same = |platform: &model::Platform| match platform {
                // Both may share one login, and its limits.
                model::Platform::Facebook | model::Platform::Instagram => {
                    zone.facebook == old_zone.facebook && zone.instagram == old_zone.instagram
                }
                model::Platform::X => zone.x == old_zone.x,
                model::Platform::Bluesky => zone.bluesky == old_zone.bluesky,
                model::Platform::Mastodon => zone.mastodon == old_zone.mastodon,
            };
            let kept = old.iter().filter(|(platform, _)| made.contains_key(platform) && same(platform));
            made.extend(kept.map(|(platform, client)| (*platform, Arc::clone(client))).collect::<Vec<_>>());
        }
        Ok(made)
    }

    /// The files as they stand now, and what follows from them.
    async fn reload(&self, now: &Posture) -> Result<Posture, Stop> {
        self.posture(load(&self.config_dir, &self.zone_id)?, Some(now)).await
    }

    async fn posture(&self, zone: Arc<Zone>, before: Option<&Posture>) -> Result<Posture, Stop> {
        let ways = channels(&zone, &self.credentials, Clock::system())?;
        let triage = match before.filter(|before| before.zone.phrases == zone.phrases) {
            Some(before) => Arc::clone(&before.triage),
            None => Arc::new(Triage::of(&zone.phrases).map_err(|why| Stop::new(Exit::Configuration, why))?),
        };
        let platforms = self.platforms(&zone, before.map(|before| (&*before.zone, &before.platforms))).await?;
        let pulse = zone.health.ping.as_deref().map(|url| transport([url])).transpose()?;
        Ok(Posture { zone, platforms, ways, triage, pulse })
    }

    /// Where the running zone can be looked at.
    fn window(&self, Posture { zone, pulse, .. }: &Posture, running: &Running) -> Window {
        let pulse = zone.health.ping.clone().zip(pulse.clone());
        let pulse = pulse.map(|(url, transport)| Pulse { url, transport });
        Window::open(&running.watch, self.folder.path(), zone.health.listen, pulse)
    }

    fn start(&self, Posture { zone, platforms, ways, triage, .. }: &Posture) -> Running {
        info!(zone = zone.id, "{}", summary(zone));
        let service = Service {
            zone: Arc::clone(zone),
            store: Arc::clone(&self.store) as Arc<dyn Store>,
            keys: Arc::clone(&self.keys),
            platforms: platforms.clone(),
            renewals: self.accounts.renewals(),
            triage: Arc::clone(triage),
            clock: Clock::system(),
            seed: fastrand::u64(..),
            observer: Arc::new(Nobody),
            channels: ways.clone(),
        };
        service.start()
    }
}

/// Real HTTP to the hosts of these addresses and to no other.
pub fn transport<'a>(bases: impl IntoIterator<Item = &'a str>) -> Result<Arc<dyn Transport>, Stop> {
    match HttpTransport::new(bases) {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(error) => Err(Stop::new(Exit::Unavailable, format!("HTTP cannot be set up: {error:#}"))),
    }
}

/// The clients of a zone's accounts on a transport.
pub fn platforms(zone: &Zone, transport: &Arc<dyn Transport>, clock: Clock, logins: &Logins) -> Platforms {
    let mut platforms = Platforms::new();
    let graph = |base: &str, version: &str, tokens: &Arc<Tokens>, people: Option<u32>, note| {
        let (root, secret) = (format!("{base}/{version}"), logins.app_secret.as_ref());
        Arc::new(Graph::new(root, Arc::clone(transport), Arc::clone(tokens), clock, secret, people, note))
    };
    let mut page = None;
    if let (Some(settings), Some(tokens)) = (&zone.facebook, &logins.facebook) {
        let login = graph(&settings.api_base, &settings.version, tokens, settings.people, "facebook quota");
        page = Some((settings, tokens, Arc::clone(&login)));
        platforms.insert(model::Platform::Facebook, Arc::new(FacebookPage::new(settings, login)));
    }
    if let (Some(settings), Some(tokens)) = (&zone.instagram, &logins.instagram) {
        // One token, one login: its limits are shared.
        let shared = page.filter(|(page, theirs, _)| {
            Arc::ptr_eq(theirs, tokens) && page.api_base == settings.api_base && page.version == settings.version
        });
        let own = || graph(&settings.api_base, &settings.version, tokens, settings.people, "instagram quota");
        let login = shared.map_or_else(own, |(.., login)| login);
        platforms.insert(model::Platform::Instagram, Arc::new(InstagramAccount::new(settings, login)));
    }
    if let (Some(settings), Some(tokens)) = (&zone.x, &logins.x) {
        let client = XAccount::new(settings, Arc::clone(transport), Arc::clone(tokens), clock);
        platforms.insert(model::Platform::X, Arc::new(client));
    }
    if let (Some(settings), Some(tokens)) = (&zone.bluesky, &logins.bluesky) {
        let client = BlueskyAccount::new(settings, Arc::clone(transport), Arc::clone(tokens), clock);
        platforms.insert(model::Platform::Bluesky, Arc::new(client));
    }
    if let (Some(settings), Some(tokens)) = (&zone.mastodon, &logins.mastodon) {
        let client = MastodonAccount::new(settings, Arc::clone(transport), Arc::clone(tokens), clock);
        platforms.insert(model::Platform::Mastodon, Arc::new(client));
    }
    platforms
}

fn summary(zone: &Zone) -> String {
    let mode = match zone.mode {
        Mode::Reply => "replies are posted",
        Mode::Observe => "observe mode, nothing is posted",
        Mode::Pause => "paused, nothing is posted",
    };
    let feeds: Vec<&str> = zone.feeds.keys().map(|feed| feed.name()).collect();
    format!("zone {}: {mode}; feeds {}", zone.id, feeds.join(", "))
}

/// What a signal asks for.
#[derive(PartialEq, Eq)]
enum Asked {
    Reload,
    Stop,
}

struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.hangup.recv() => Asked::Reload,
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
        }
    }
}
