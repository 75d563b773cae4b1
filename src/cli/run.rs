//! `formez101 run --zone Z`: serve one zone until told to stop.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info};

use super::{Exit, log, options::Folders};
use crate::{
    auth::{Credentials, Tokens},
    clock::Clock,
    config::{self, Mode, Zone},
    http::{HttpTransport, Transport},
    ledger::{Keys, LedgerError, SqliteStore, StateFolder, Store},
    model,
    platform::{Platform, meta::FacebookPage, x::XAccount},
    service::{Nobody, Running, Service, systemd},
};

/// What a zone's service is built from; stays the same over a reload.
struct Ground {
    config_dir: PathBuf,
    zone_id: String,
    credentials: Credentials,
    keys: Arc<Keys>,
    store: Arc<dyn Store>,
    /// Keeps the folder locked.
    _folder: StateFolder,
}

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

/// Why the service cannot go on.
struct Stop {
    exit: Exit,
    why: String,
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Self { exit: Exit::from(&error), why: error.to_string() }
    }
}

impl From<crate::auth::CredentialError> for Stop {
    fn from(error: crate::auth::CredentialError) -> Self {
        Self { exit: Exit::from(&error), why: error.to_string() }
    }
}

impl From<config::Report> for Stop {
    fn from(report: config::Report) -> Self {
        Self { exit: Exit::Configuration, why: format!("the configuration is wrong\n{}", report.render(false)) }
    }
}

async fn serve(folders: &Folders, zone_id: &str) -> Result<(), Stop> {
    let mut signals =
        Signals::new().map_err(|error| Stop { exit: Exit::Bug, why: format!("signals cannot be heard: {error}") })?;
    let mut zone = load(&folders.config_dir, zone_id)?;
    let ground = Ground::open(folders, zone_id).await?;
    let mut platforms = ground.platforms(&zone, None)?;
    loop {
        let running = ground.start(&zone, &platforms);
        systemd::ready(&summary(&zone));
        let Some(next) = next_zone(&ground, &running, &mut signals, (&zone, &platforms)).await else {
            systemd::stopping();
            info!(zone = zone_id, "stopping");
            running.stop().await;
            return Ok(());
        };
        (zone, platforms) = next;
        running.stop().await;
    }
}

type Platforms = BTreeMap<model::Platform, Arc<dyn Platform>>;

/// Waits for a signal: a zone to go on with, or `None` to stop. A bad file leaves the old one running.
async fn next_zone(
    ground: &Ground,
    running: &Running,
    signals: &mut Signals,
    now: (&Zone, &Platforms),
) -> Option<(Arc<Zone>, Platforms)> {
    loop {
        if signals.next().await == Asked::Stop {
            return None;
        }
        systemd::reloading();
        let loaded = load(&ground.config_dir, &ground.zone_id)
            .and_then(|zone| Ok((Arc::clone(&zone), ground.platforms(&zone, Some(now))?)));
        match loaded {
            Ok(next) => {
                info!(zone = ground.zone_id, "configuration read again");
                return Some(next);
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
    let environment: Vec<(String, String)> = std::env::vars().collect();
    Ok(Arc::new(config::load(config_dir, zone_id, &environment, &[])?.zone))
}

impl Ground {
    async fn open(folders: &Folders, zone_id: &str) -> Result<Self, Stop> {
        let credentials = Credentials::new(
            folders.credentials_dir.clone().or_else(|| folder_from("CREDENTIALS_DIRECTORY")).as_deref(),
        );
        let state = folders.state_dir.clone().or_else(|| folder_from("STATE_DIRECTORY"));
        let folder = StateFolder::open(&state.unwrap_or_else(|| Path::new("/var/lib/formez101").join(zone_id)))?;
        let keys = Arc::new(folder.keys(credentials.bytes("hash.key")?.as_deref())?);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.ledger()?).await?);
        Ok(Self {
            config_dir: folders.config_dir.clone(),
            zone_id: zone_id.to_owned(),
            credentials,
            keys,
            store,
            _folder: folder,
        })
    }

    /// The clients of the zone's accounts, each with its token. An account whose settings have not changed
    /// keeps its client, and with it what that knows of the platform's limits.
    fn platforms(&self, zone: &Zone, before: Option<(&Zone, &Platforms)>) -> Result<Platforms, Stop> {
        let bases = [zone.facebook.as_ref().map(|facebook| &facebook.api_base), zone.x.as_ref().map(|x| &x.api_base)];
        let transport = HttpTransport::new(bases.into_iter().flatten().map(String::as_str))
            .map_err(|error| Stop { exit: Exit::Unavailable, why: format!("HTTP cannot be set up: {error:#}") })?;
        let tokens = |name| Ok::<_, Stop>(Arc::new(Tokens::new(self.credentials.secret(name)?)));
        let (facebook, x) = (
            zone.facebook.as_ref().map(|_| tokens("facebook.token")).transpose()?,
            zone.x.as_ref().map(|_| tokens("x.token")).transpose()?,
        );
        let mut made = platforms(zone, &(Arc::new(transport) as Arc<dyn Transport>), Clock::system(), facebook, x);
        if let Some((old_zone, old)) = before {
            let same = |platform: &model::Platform| match platform {
                model::Platform::Facebook => zone.facebook == old_zone.facebook,
                model::Platform::X => zone.x == old_zone.x,
            };
            let kept = old.iter().filter(|(platform, _)| made.contains_key(platform) && same(platform));
            made.extend(kept.map(|(platform, client)| (*platform, Arc::clone(client))).collect::<Vec<_>>());
        }
        Ok(made)
    }

    fn start(&self, zone: &Arc<Zone>, platforms: &Platforms) -> Running {
        info!(zone = zone.id, "{}", summary(zone));
        let service = Service {
            zone: Arc::clone(zone),
            store: Arc::clone(&self.store),
            keys: Arc::clone(&self.keys),
            platforms: platforms.clone(),
            clock: Clock::system(),
            seed: fastrand::u64(..),
            observer: Arc::new(Nobody),
        };
        service.start()
    }
}

/// The clients of a zone's accounts on a transport.
pub fn platforms(
    zone: &Zone,
    transport: &Arc<dyn Transport>,
    clock: Clock,
    facebook: Option<Arc<Tokens>>,
    x: Option<Arc<Tokens>>,
) -> Platforms {
    let mut platforms = Platforms::new();
    if let (Some(settings), Some(tokens)) = (&zone.facebook, facebook) {
        platforms.insert(
            model::Platform::Facebook,
            Arc::new(FacebookPage::new(settings, Arc::clone(transport), tokens, clock)),
        );
    }
    if let (Some(settings), Some(tokens)) = (&zone.x, x) {
        platforms.insert(model::Platform::X, Arc::new(XAccount::new(settings, Arc::clone(transport), tokens, clock)));
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

/// The first folder of a variable that systemd sets.
fn folder_from(variable: &str) -> Option<PathBuf> {
    let value = std::env::var_os(variable)?;
    std::env::split_paths(&value).next().filter(|path| !path.as_os_str().is_empty())
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
