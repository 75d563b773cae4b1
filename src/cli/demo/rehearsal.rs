//! The demo's stage: example zone, sandbox on a loopback port, ledger in a folder of its own, service.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::net::TcpListener;

use super::{LOOK, cast::BOT, timeline::Timeline};
use crate::{
    auth::Tokens,
    cli::{accounts::Logins, run, sandbox::accounts_of},
    clock::{Clock, after},
    config::{self, Overrides, Zone},
    http::{HttpTransport, Transport},
    ledger::{SqliteStore, StateFolder, Store},
    sandbox::Sandbox,
    service::{Running, Service},
    triage::Triage,
};

/// The example zone that is shipped, as the demo's own.
const ZONE: (&str, &str) = ("bruxelles-exemple", include_str!("../../../config/zones/bruxelles-exemple.toml"));
/// The shared defaults that are shipped.
const SHARED: &str = include_str!("../../../config/formez101.toml");

/// Everything on the stage. The folder goes with it.
pub struct Rehearsal {
    pub zone: Arc<Zone>,
    pub sandbox: Sandbox,
    pub service: Service,
    pub clock: Clock,
    pub address: String,
    pub ledger: PathBuf,
    _state: StateFolder,
    _folder: Folder,
}

impl Rehearsal {
    /// Builds the stage and opens the sandbox's port.
    pub async fn start(timeline: Arc<Timeline>) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let folder = Folder::new()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no loopback port")?;
        let address = format!("http://{}", listener.local_addr()?);
        let zone = Arc::new(folder.zone(&address)?);
        let setup = accounts_of(&zone);
        let tokens = |token: &str| Some(Arc::new(Tokens::new(token.into())));
        let page = tokens(&setup.facebook_token);
        let logins = Logins {
            facebook: page.clone(),
            instagram: page,
            x: tokens(&setup.x_token),
            bluesky: None,
            mastodon: None,
            app_secret: None,
        };
        let sandbox = Sandbox::new(setup, Arc::new(move || clock.now().as_millisecond()));
        let stand_in = sandbox.clone();
        tokio::spawn(async move { stand_in.serve(listener, std::future::pending()).await });
        let state = StateFolder::open(&folder.0.join("state"))?;
        let ledger = state.ledger()?;
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&ledger).await?);
        let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new([address.as_str()])?);
        let service = Service {
            zone: Arc::clone(&zone),
            store,
            keys: Arc::new(state.keys(None)?),
            platforms: run::platforms(&zone, &transport, clock, &logins),
            renewals: Vec::new(),
            triage: Arc::new(Triage::new()),
            clock,
            seed: fastrand::u64(..),
            observer: timeline,
            channels: Vec::new(),
        };
        Ok(Self { zone, sandbox, service, clock, address, ledger, _state: state, _folder: folder })
    }

    /// The zone's name in its first language.
    pub fn zone_name(&self) -> &str {
        self.zone.languages.first().and_then(|language| self.zone.facts.names.get(language)).map_or("", String::as_str)
    }

    /// Waits until every feed has been read once: what is there then is the baseline.
    pub async fn until_listening(&self, running: &Running, patience: Duration) -> anyhow::Result<()> {
        let started = self.clock.now();
        let all_read = || {
            let feeds = running.health.feeds();
            feeds.len() == self.zone.feeds.len()
                && feeds.values().all(|state| state.fresh_at > started && state.failure.is_none())
        };
        anyhow::ensure!(self.until(patience, all_read).await, "{}", running.health.line());
        // The platforms give whole seconds: what is written in the second of the start may be taken for old.
        self.clock.sleep(Duration::from_secs(1)).await;
        Ok(())
    }

    /// Waits until something is so, or patience ends; says whether it was so.
    pub async fn until(&self, patience: Duration, so: impl Fn() -> bool) -> bool {
        let limit = after(self.clock.now(), patience);
        while !so() {
            if self.clock.now() > limit {
                return false;
            }
            self.clock.sleep(LOOK).await;
        }
        true
    }
}

/// A folder for one demo, deleted when it is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("formez101-demo-{:016x}", fastrand::u64(..)));
        std::fs::create_dir_all(path.join("config/zones"))
            .with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }

    /// The example zone, read from real files, pointed at the sandbox, and allowed to speak four languages.
    fn zone(&self, address: &str) -> anyhow::Result<Zone> {
        let config_dir = self.0.join("config");
        std::fs::write(config_dir.join("formez101.toml"), SHARED)?;
        std::fs::write(config_dir.join(format!("zones/{}.toml", ZONE.0)), ZONE.1)?;
        let settings = [
            ("mode", "reply"),
            ("zone.languages", r#"["fr", "nl", "de", "en"]"#),
            ("zone.name.de", "Polizeizone Brüssel-Beispiel"),
            ("zone.name.en", "Brussels Example Police Zone"),
            ("facebook.api_base", address),
            ("facebook.inbox.poll", "1s"),
            ("facebook.mentions.poll", "300ms"),
            ("facebook.comments.poll", "300ms"),
            ("facebook.folders", "[]"),
            ("instagram.api_base", address),
            ("instagram.inbox.poll", "1s"),
            ("instagram.comments.poll", "300ms"),
            ("instagram.mentions.poll", "1s"),
            ("x.api_base", address),
            ("x.bots", &format!("[\"{BOT}\"]")),
            ("x.inbox.poll", "300ms"),
            ("x.mentions.poll", "300ms"),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
        let loaded = config::load(&config_dir, ZONE.0, &[], &[Overrides { name: "the demo".to_owned(), settings }]);
        Ok(loaded.map_err(|report| anyhow::anyhow!(report.render(false)))?.zone)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be deleted is left to the system's own cleaning.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
