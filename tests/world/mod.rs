//! A small world for stories under a paused clock: the sandbox without sockets, the real service, a real ledger.
//!
//! Weeks pass in milliseconds, because time only moves when nothing else is left to do.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each story uses a part; a failed unwrap is the failure"
)]

#[path = "../around/mod.rs"]
mod around;
mod paused_store;
mod transport;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use formez101::{
    alert::Channel,
    auth::{Account, BlueskySession, Client, Grant, Renewal, Tokens, Vault, XToken},
    clock::Clock,
    config::{Bluesky, Zone},
    http::Transport,
    ledger::{
        Doubt, Entry, Figures, InDoubt, Keys, Part, Pause, Plan, ReplyPlan, Sealed, SqliteStore, StateFolder, Store,
        back_up,
    },
    model::{self, Answer, Kind, LanguageChoice, Platform, Route, Target},
    platform::{
        bluesky::BlueskyAccount,
        mastodon::MastodonAccount,
        meta::{FacebookPage, Graph, InstagramAccount},
        x::XAccount,
    },
    sandbox::{By, Colleague, Said, Sandbox, Say, Setup},
    service::{Nobody, Running, Service, watch::State},
    triage::Triage,
};

use jiff::Timestamp;
use secrecy::SecretString;

pub use formez101::sandbox::{Fault, FaultKind, Feed, Flags, Platform as Side};

/// When every story begins: a Friday night.
const NIGHT: &str = "2026-11-20T22:00:00Z";

/// Citizens, colleagues, platforms, and the service between them.
pub struct World {
    pub sandbox: Sandbox,
    pub zone: Zone,
    /// The machine's clock, which the service reads.
    pub clock: Clock,
    hand: &'static AtomicI64,
    /// The ways to humans.
    pub channels: Vec<Arc<dyn Channel>>,
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
    transport: Arc<dyn Transport>,
    setup: Setup,
    running: Option<Running>,
    renewal: Option<Arc<Renewal>>,
    x_tokens: Arc<Tokens>,
    folder: StateFolder,
    disk: tempfile::TempDir,
}

/// Seconds, minutes and hours, so that a story reads as one.
pub const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}
pub const fn minutes(number: u64) -> Duration {
    seconds(number * 60)
}
pub const fn hours(number: u64) -> Duration {
    minutes(number * 60)
}

/// An error of the Graph API, for a call that had no effect.
pub fn graph_error(code: i64, subcode: Option<i64>) -> FaultKind {
    FaultKind::Error { code, subcode, message: None, status: None, title: None, problem: None, processed: false }
}

impl World {
    /// A world whose service runs and has taken its baseline.
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// The same with changes to the zone's settings.
    pub async fn open_with(change: impl FnOnce(&mut Zone)) -> Self {
        let mut world = Self::closed(change).await;
        world.starts().await;
        world
    }

    /// A world whose service has never been started.
    pub async fn closed(change: impl FnOnce(&mut Zone)) -> Self {
        let (night, hand) = (NIGHT.parse().unwrap(), &*Box::leak(Box::new(AtomicI64::new(0))));
        let (clock, true_clock) = (Clock::set_by(night, hand), Clock::starting_at(night));
        let mut zone = Zone { bluesky: None, mastodon: None, ..Zone::for_testing() };
        change(&mut zone);
        let setup = Setup {
            page_id: zone.facebook.as_ref().map(|facebook| facebook.page.clone()).unwrap_or_default(),
            instagram_id: zone.instagram.as_ref().map(|instagram| instagram.account.clone()).unwrap_or_default(),
            bluesky_handle: zone.bluesky.as_ref().map(|bluesky| bluesky.account.clone()).unwrap_or_default(),
            mastodon_username: zone
                .mastodon
                .as_ref()
                .map(|mastodon| mastodon.username().to_owned())
                .unwrap_or_default(),
            x_username: zone.x.as_ref().map(|x| x.account.clone()).unwrap_or_default(),
            ..Setup::default()
        };
        let sandbox = Sandbox::new(setup.clone(), Arc::new(move || true_clock.now().as_millisecond()));
        let disk = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(disk.path()).unwrap();
        let keys = Arc::new(folder.keys(None).unwrap());
        let (store, _) = paused_store::open(&folder, &keys, clock.now()).await;
        Self {
            transport: Arc::new(transport::InMemory { sandbox: sandbox.clone(), clock: true_clock }),
            keys,
            store: Arc::new(store),
            running: None,
            renewal: None,
            x_tokens: Arc::new(Tokens::new(setup.x_token.as_str().into())),
            folder,
            disk,
            sandbox,
            zone,
            clock,
            hand,
            channels: Vec::new(),
            setup,
        }
    }

    /// The service starts, again or for the first time, and reads every feed once.
    pub async fn starts(&mut self) {
        let tokens = |token: &str| Arc::new(Tokens::new(token.into()));
        let mut platforms: BTreeMap<Platform, Arc<dyn formez101::platform::Platform>> = BTreeMap::new();
        if let Some(settings) = &self.zone.facebook {
            let root = format!("{}/{}", settings.api_base, settings.version);
            let token = tokens(&self.setup.facebook_token);
            let graph = Arc::new(Graph::new(
                root,
                Arc::clone(&self.transport),
                token,
                self.clock,
                self.proof().as_ref(),
                None,
                "facebook quota",
            ));
            platforms.insert(Platform::Facebook, Arc::new(FacebookPage::new(settings, Arc::clone(&graph))));
            if let Some(settings) = &self.zone.instagram {
                platforms.insert(Platform::Instagram, Arc::new(InstagramAccount::new(settings, graph)));
            }
        }
        if let Some(settings) = &self.zone.x {
            let client = XAccount::new(settings, Arc::clone(&self.transport), Arc::clone(&self.x_tokens), self.clock);
            platforms.insert(Platform::X, Arc::new(client));
        }
        let mut renewals: Vec<_> = self.renewal.iter().cloned().collect();
        if let Some(settings) = &self.zone.bluesky {
            let (renewal, tokens) = self.bluesky_session(settings);
            let client = BlueskyAccount::new(settings, Arc::clone(&self.transport), tokens, self.clock);
            platforms.insert(Platform::Bluesky, Arc::new(client));
            renewals.push(renewal);
        }
        if let Some(settings) = &self.zone.mastodon {
            let token = tokens(&self.setup.mastodon_token);
            let client = MastodonAccount::new(settings, Arc::clone(&self.transport), token, self.clock);
            platforms.insert(Platform::Mastodon, Arc::new(client));
        }
        let service = Service {
            zone: Arc::new(self.zone.clone()),
            store: Arc::clone(&self.store),
            keys: Arc::clone(&self.keys),
            platforms,
            renewals,
            triage: Arc::new(Triage::of(&self.zone.phrases).unwrap()),
            clock: self.clock,
            seed: 101,
            observer: Arc::new(Nobody),
            channels: self.channels.clone(),
        };
        self.running = Some(service.start());
        self.pass(seconds(3)).await;
    }

    /// Goes on from the session in the vault, or makes one with the app password.
    fn bluesky_session(&self, settings: &Bluesky) -> (Arc<Renewal>, Arc<Tokens>) {
        let password = SecretString::from(self.setup.bluesky_app_password.as_str());
        let vault = Vault::new(self.disk.path(), "bluesky", &settings.account, Some(password.clone()));
        let grant = vault.read().unwrap().unwrap_or_else(|| BlueskySession::none_yet(self.clock));
        let issuer = BlueskySession {
            account: settings.account.clone(),
            password: Some(password),
            api_base: settings.api_base.clone(),
            transport: Arc::clone(&self.transport),
            clock: self.clock,
        };
        let tokens = Arc::new(Tokens::new(grant.access.clone()));
        let (who, used) = (Account { name: "bluesky", command: "formez101 login bluesky".into() }, Arc::clone(&tokens));
        let renewal = Renewal::new(who, Arc::new(issuer), self.clock, used, (vault, self.disk.path()), grant);
        (Arc::new(renewal), tokens)
    }

    /// From its next start on the service has another app password on Bluesky.
    pub fn has_app_password(&mut self, password: String) {
        self.setup.bluesky_app_password = password;
    }

    /// The way to the platforms, for what people do through a platform's own protocol.
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.transport)
    }

    /// The secret of Meta's app, where the zone wants each call to prove that we know it.
    fn proof(&self) -> Option<SecretString> {
        let wanted = self.zone.facebook.as_ref().is_some_and(|facebook| facebook.appsecret_proof);
        wanted.then(|| self.setup.facebook_app_secret.as_str().into())
    }

    /// From its next start on the service renews the X account's token; the one in use ends at `ends_at`.
    pub fn renews_its_x_token(&mut self, ends_at: Option<Timestamp>) {
        let x = self.zone.x.as_ref().unwrap();
        let issuer = XToken {
            client: Some(Client {
                token_url: XToken::token_url(&x.api_base),
                id: self.setup.x_client_id.clone(),
                secret: Some(self.setup.x_client_secret.as_str().into()),
                secret_in_body: false,
            }),
            api_base: x.api_base.clone(),
            transport: Arc::clone(&self.transport),
            clock: self.clock,
        };
        let origin = SecretString::from(self.setup.x_refresh_token.as_str());
        let vault = Vault::new(self.disk.path(), "x", &x.account, Some(origin.clone()));
        let given = Grant { refresh: Some(origin), ends_at, ..Grant::fixed(self.x_tokens.current()) };
        let grant = vault.read().unwrap().unwrap_or(given);
        self.x_tokens = Arc::new(Tokens::new(grant.access.clone()));
        let (who, tokens) = (Account { name: "x", command: "formez101 login x".into() }, Arc::clone(&self.x_tokens));
        let renewal = Renewal::new(who, Arc::new(issuer), self.clock, tokens, (vault, self.disk.path()), grant);
        self.renewal = Some(Arc::new(renewal));
    }

    /// The service stops in order.
    pub async fn stops(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// The service rests for a long time, which passes faster so, and starts again.
    pub async fn rests(&mut self, length: Duration) {
        self.stops().await;
        self.pass(length).await;
        self.starts().await;
    }

    /// Somebody makes a back-up, while the service runs or not; says where.
    pub async fn backs_up(&self) -> PathBuf {
        let _hold = paused_store::hold();
        let to = self.disk.path().join("backups");
        let made = back_up(self.folder.path(), &to, &self.clock.now().to_string(), self.clock.now()).await.unwrap();
        made.folder.join("ledger.sqlite")
    }

    /// The stopped service starts with another ledger in its folder, or with none; says what it thinks of that.
    pub async fn starts_with(&mut self, ledger: Option<&Path>) -> Option<Doubt> {
        assert!(self.running.is_none(), "it runs");
        let again = self.folder.path().join("again");
        let folder = StateFolder::open(&again).unwrap();
        for name in ["hash.key", "ledger.sends"] {
            std::fs::copy(self.folder.path().join(name), again.join(name)).unwrap();
        }
        if let Some(ledger) = ledger {
            std::fs::copy(ledger, again.join("ledger.sqlite")).unwrap();
        }
        let (store, doubt) = paused_store::open(&folder, &self.keys, self.clock.now()).await;
        (self.store, self.folder) = (Arc::new(store), folder);
        self.starts().await;
        doubt
    }

    /// A reply to a message of the Page's inbox is intended already, as if the service had stopped after deciding so.
    pub async fn intends(&self, said: &Said, urgent: bool) {
        let (feed, now) = (model::Feed::FacebookInbox, self.clock.now());
        let (id, thread, author) = (said.message_id.as_str(), said.thread_id.as_str(), said.author_id.as_str());
        let target = Target {
            feed,
            route: Route::Direct,
            message: id.into(),
            thread: thread.into(),
            post: None,
            author: Some(author.into()),
            bystanders: Vec::new(),
        };
        let language = self.zone.languages[0];
        let answer = Answer { languages: LanguageChoice::one(language), kind: Kind::None, urgent };
        let message = self.keys.message(feed, &id.into());
        let sealed = self.keys.seal(&message, &Sealed { target, answer, not_before: None }).unwrap();
        let reply = ReplyPlan {
            contact: self.keys.contact(Platform::Facebook, Some(&author.into()), &thread.into()),
            thread: self.keys.thread(Platform::Facebook, &thread.into()),
            parts: vec![Part { route: Route::Direct, sealed }],
        };
        let day = now.to_zoned_datetime(self.zone.timezone.clone()).date();
        let plan = Plan::Reply(reply);
        let entry =
            Entry { message, feed, created_at: now, plan, language, shown: None, kind: Kind::None, urgent, day, now };
        self.store.open_feed(feed, now).await.unwrap();
        assert_eq!(self.store.enter(vec![entry]).await.unwrap(), [true]);
    }

    /// A human asks something of the ledger, beside the service that may be running.
    pub async fn human<T>(&self, asks: impl AsyncFnOnce(&SqliteStore) -> T) -> T {
        let _hold = paused_store::hold();
        asks(&SqliteStore::beside(&self.folder.path().join("ledger.sqlite")).await.unwrap()).await
    }

    /// Somebody pauses the zone, or ends a pause.
    pub async fn pauses(&self, pause: Pause) {
        self.human(async |ledger| ledger.keep_note(Pause::NOTE, &pause.to_string()).await.unwrap()).await;
    }

    /// The replies in doubt that wait for a human.
    pub async fn in_doubt(&self) -> Vec<InDoubt> {
        self.store.in_doubt().await.unwrap()
    }

    /// Time passes.
    pub async fn pass(&self, length: Duration) {
        self.clock.sleep(length).await;
    }

    /// Somebody sets the machine's clock wrong by so many seconds.
    pub fn sets_the_clock(&self, wrong: i64) {
        self.hand.store(wrong * 1000, Ordering::Relaxed);
    }

    /// A citizen writes.
    pub fn says(&self, feed: Feed, who: &str, text: &str) -> Said {
        self.sandbox.say(Say::new(feed, who, text)).unwrap()
    }

    /// A citizen writes under special circumstances.
    pub fn says_with(&self, feed: Feed, who: &str, text: &str, flags: Flags) -> Said {
        self.sandbox.say(Say::new(feed, who, text).flags(flags)).unwrap()
    }

    /// A citizen wrote some time ago.
    pub fn said_before(&self, feed: Feed, who: &str, text: &str, ago: &str) -> Said {
        self.sandbox.say(Say::new(feed, who, text).at(ago)).unwrap()
    }

    /// A colleague answers by hand.
    pub fn colleague_answers(&self, feed: Feed, message: &Said, text: &str) {
        self.sandbox.colleague(&Colleague::to(feed, &message.message_id, text)).unwrap();
    }

    /// Something goes wrong with the next calls of a kind.
    pub fn misfortune(&self, kind: FaultKind, side: Side, method: &str, path: &str, times: u32) {
        self.sandbox.fault(Fault::new(kind).on(side, method, path).times(times));
    }

    /// What the citizen sees from the service in answer to a message, one line a reply.
    pub fn answer_to(&self, message: &Said) -> String {
        let replies = self.sandbox.replies_to(&message.message_id);
        let ours = replies.into_iter().filter(|reply| reply.by == By::Service);
        ours.map(|reply| reply.text).collect::<Vec<_>>().join("\n---\n")
    }

    /// How many replies the service has posted in all.
    pub fn posted(&self) -> usize {
        self.sandbox.all_messages().iter().filter(|message| message.by == By::Service).count()
    }

    /// How the running service's feeds are, in one line.
    pub fn health(&self) -> String {
        self.running.as_ref().map(|running| running.health.line()).unwrap_or_default()
    }

    /// How the running service stands as a whole.
    pub async fn state(&self) -> State {
        self.running.as_ref().unwrap().watch.state().await
    }

    /// The ledger's figures.
    pub async fn figures(&self) -> Figures {
        self.store.figures().await.unwrap()
    }

    /// How many messages ended in this way, such as `silent/cooldown`.
    pub async fn ended_as(&self, outcome: &str) -> u64 {
        let (name, reason) = outcome.split_once('/').unwrap_or((outcome, ""));
        let figures = self.figures().await;
        figures
            .outcomes
            .iter()
            .filter(|count| count.outcome == name && count.reason == reason)
            .map(|count| count.total)
            .sum()
    }

    /// The same where the story itself broke the platform's rules, such as with a token that went dead.
    pub async fn ends_with_violations(mut self) {
        self.stops().await;
        assert_eq!(self.figures().await.open, 0, "messages were left without an outcome");
    }

    /// The story ends: the service stops, nothing is left open, every message was counted once, and no rule
    /// of a platform was broken.
    pub async fn ends(mut self) {
        self.stops().await;
        let figures = self.figures().await;
        let counted: u64 = figures.outcomes.iter().map(|count| count.total).sum();
        assert_eq!(figures.open, 0, "messages were left without an outcome");
        assert_eq!(counted, figures.messages, "messages were not counted exactly once");
        assert_eq!(self.sandbox.violations(), Vec::<String>::new());
    }
}
