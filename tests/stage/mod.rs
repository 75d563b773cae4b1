//! A stage for stories about the real program: real HTTP to a sandbox on loopback, a real ledger, the real clock.
//!
//! A test lets people write through [`Stage::sandbox`] and starts, stops or kills the program as it likes.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    collections::{BTreeMap, VecDeque},
    ffi::OsString,
    fs::{self, File, OpenOptions},
    future::Future,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use formez101::{
    clock::{Clock, between},
    ledger::{SqliteStore, Store as _},
    model::Platform,
    sandbox::{By, Feed, Message, Reply, Said, Sandbox, Say, Setup},
};
use jiff::Timestamp;
use tokio::{net::TcpListener, task::AbortHandle};

/// The longest wait for anything; far longer than it takes, since other tests share the machine. A reply that twice hung
/// before the platform took notice is looked for a minute after the second time, so it is longer than that too.
pub const LIMIT: Duration = Duration::from_secs(120);

/// The time between two looks at a condition.
const GLANCE: Duration = Duration::from_millis(25);

/// The zone's name for itself: the file is `zones/voorbeeld.toml`.
const ZONE: &str = "voorbeeld";

/// What each reply must say, by language.
pub const FRENCH: &str = "formez le 101. Zone de police Exemple";
pub const DUTCH: &str = "bel 101. Politiezone Voorbeeld";
pub const GERMAN: &str = "wählen Sie 101. Polizeizone Beispiel";

/// Four feeds, two of each platform that every zone has: enough for most stories.
pub const FEEDS: [Feed; 4] = [Feed::FacebookInbox, Feed::FacebookMentions, Feed::XMentions, Feed::XInbox];

/// Every feed on which a citizen can be answered; a zone listens to them all with [`Plan::instagram`].
pub const ANSWERED: [Feed; 7] = [
    Feed::FacebookInbox,
    Feed::FacebookMentions,
    Feed::FacebookComments,
    Feed::InstagramInbox,
    Feed::InstagramComments,
    Feed::XMentions,
    Feed::XInbox,
];

/// What sets a zone apart from the ordinary one.
#[derive(Default)]
pub struct Plan {
    /// Its accounts and their tokens.
    pub setup: Setup,
    /// It has an Instagram account too, behind its Page.
    pub instagram: bool,
    /// Comments are answered in private and in public.
    pub both: bool,
    /// It is given no access token for X, but what renews one.
    pub renews_x: bool,
}

/// The platform of a feed, and a piece of the path by which its replies are posted and by which it is read.
pub fn paths(feed: Feed) -> (formez101::sandbox::Platform, &'static str, &'static str) {
    use formez101::sandbox::Platform::{Facebook, X};
    match feed {
        Feed::FacebookInbox | Feed::InstagramInbox => (Facebook, "/messages", "/conversations"),
        Feed::FacebookMentions => (Facebook, "/comments", "/tagged"),
        Feed::FacebookComments => (Facebook, "/comments", "/feed"),
        Feed::XMentions => (X, "/2/tweets", "/mentions"),
        Feed::XInbox => (X, "/2/dm_conversations", "/2/dm_events"),
        Feed::InstagramComments => (Facebook, "/replies", "/media"),
        Feed::InstagramMentions => (Facebook, "/comments", "/tags"),
    }
}

/// The feed's name in the zone's file and in the log.
pub fn name(feed: Feed) -> &'static str {
    match feed {
        Feed::FacebookInbox => "facebook.inbox",
        Feed::FacebookMentions => "facebook.mentions",
        Feed::FacebookComments => "facebook.comments",
        Feed::XMentions => "x.mentions",
        Feed::XInbox => "x.inbox",
        Feed::InstagramInbox => "instagram.inbox",
        Feed::InstagramComments => "instagram.comments",
        Feed::InstagramMentions => "instagram.mentions",
    }
}

/// Plays stories side by side, so many at once, each on a thread and a runtime of its own.
pub fn side_by_side<T: Send, F: Future<Output = T>>(
    at_once: usize,
    stories: impl IntoIterator<Item = impl FnOnce() -> F + Send>,
) -> Vec<T> {
    let waiting = Mutex::new(stories.into_iter().collect::<VecDeque<_>>());
    let play = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut told = Vec::new();
        loop {
            let next = waiting.lock().expect("no story is told under the lock").pop_front();
            let Some(story) = next else { return told };
            told.push(runtime.block_on(story()));
        }
    };
    thread::scope(|scope| {
        let players: Vec<_> = (0..at_once).map(|_| scope.spawn(play)).collect();
        let told = players.into_iter().map(|player| player.join());
        told.flat_map(|told| told.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// The platforms, the zone's folders, and the program when it runs.
pub struct Stage {
    /// The platforms.
    pub sandbox: Sandbox,
    /// The time by which everything here goes.
    pub clock: Clock,
    /// What `FORMEZ101_LOG` says at the next start.
    pub log_level: &'static str,
    /// The environment of the next start beside that.
    pub environment: Vec<(&'static str, OsString)>,
    /// The feeds that [`Stage::read_again`] waits for.
    feeds: &'static [Feed],
    folder: tempfile::TempDir,
    child: Option<Child>,
    server: AbortHandle,
}

impl Stage {
    /// Platforms without a single message, and a zone that has never run.
    pub async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    /// The same with other accounts or tokens.
    pub async fn with(setup: Setup) -> Self {
        Self::planned(Plan { setup, ..Plan::default() }).await
    }

    /// The same with another zone.
    pub async fn planned(plan: Plan) -> Self {
        let setup = plan.setup.clone();
        let clock = Clock::system();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let folder = tempfile::tempdir().expect("a folder");
        let (config, credentials) = (folder.path().join("config/zones"), folder.path().join("credentials"));
        for made in [&config, &credentials] {
            fs::create_dir_all(made).expect("a folder");
        }
        fs::write(config.join(format!("{ZONE}.toml")), zone_file(&plan, &address.to_string())).expect("written");
        let x: &[_] = if plan.renews_x {
            &[
                ("x.refresh-token", &setup.x_refresh_token),
                ("x.client-id", &setup.x_client_id),
                ("x.client-secret", &setup.x_client_secret),
            ]
        } else {
            &[("x.token", &setup.x_token)]
        };
        for (name, secret) in x.iter().chain([&("facebook.token", &setup.facebook_token)]) {
            // An editor leaves a newline at the end.
            fs::write(credentials.join(name), format!("{secret}\n")).expect("written");
        }
        let sandbox = Sandbox::new(setup, Arc::new(move || clock.now().as_millisecond()));
        let platforms = sandbox.clone();
        let server = tokio::spawn(async move { platforms.serve(listener, std::future::pending()).await });
        Self {
            sandbox,
            clock,
            log_level: "info",
            environment: Vec::new(),
            feeds: if plan.instagram { &ANSWERED } else { &FEEDS },
            folder,
            child: None,
            server: server.abort_handle(),
        }
    }

    /// A stage on which the program has read every feed more than once, so that all that is written from now
    /// on is new to it.
    pub async fn running() -> Self {
        let mut stage = Self::new().await;
        stage.start();
        stage.read_again().await;
        stage
    }

    /// Adds a line to the zone's policy; it holds from the next start on.
    pub fn policy(&self, line: &str) {
        let path = self.folder.path().join("config/zones").join(format!("{ZONE}.toml"));
        let text = fs::read_to_string(&path).expect("readable");
        fs::write(&path, format!("{text}{line}\n")).expect("written");
    }

    /// Runs another command of the program on the zone, to its end.
    pub fn command(&self, arguments: &[&std::ffi::OsStr]) -> std::process::Output {
        Command::new(env!("CARGO_BIN_EXE_formez101"))
            .args(arguments)
            .args(["--zone".as_ref(), ZONE.as_ref(), "--state-dir".as_ref(), self.state().as_os_str()])
            .env_clear()
            .output()
            .expect("the program starts")
    }

    /// The folder of everything that belongs to this stage.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The zone's state folder.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The file of everything that the program ever wrote to standard error or standard output.
    pub fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// Everything that the program ever wrote to standard error or standard output.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.output()).unwrap_or_default()).into_owned()
    }

    /// The lines of the log in which each of these words stands.
    pub fn lines(&self, words: &[&str]) -> Vec<String> {
        let log = self.log();
        let fits = |line: &&str| words.iter().all(|word| line.contains(word));
        log.lines().filter(fits).map(str::to_owned).collect()
    }

    /// Starts the program.
    pub fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        self.child = Some(self.one_more());
    }

    /// Starts the program beside itself: whoever calls sees to its end.
    pub fn one_more(&self) -> Child {
        let output = OpenOptions::new().create(true).append(true).open(self.output()).expect("a file for the log");
        let again = |file: &File| Stdio::from(file.try_clone().expect("the same file once more"));
        Command::new(env!("CARGO_BIN_EXE_formez101"))
            .args(["run", "--zone", ZONE])
            .args(["--config-dir".as_ref(), self.folder.path().join("config").as_os_str()])
            .args(["--credentials-dir".as_ref(), self.folder.path().join("credentials").as_os_str()])
            .args(["--state-dir".as_ref(), self.state().as_os_str()])
            // Neither a proxy nor settings nor a journal of the machine that tests.
            .env_clear()
            .env("FORMEZ101_LOG", self.log_level)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(again(&output))
            .stderr(again(&output))
            .spawn()
            .expect("the program starts")
    }

    /// How the program ended, if it did so by itself.
    pub fn ended_by_itself(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().expect("a child of ours")?;
        self.child = None;
        Some(status)
    }

    /// Kills the program between two instructions.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        let status = child.wait().expect("it ends");
        assert_eq!(status.signal(), Some(9), "it ended by itself: {status}\n{}", self.log());
    }

    /// Asks the program to stop and waits until it has; returns how it ended and how long that took.
    pub async fn stop(&mut self) -> (ExitStatus, Duration) {
        self.ask_to_stop();
        self.stopped().await
    }

    /// Asks the program to stop.
    pub fn ask_to_stop(&self) {
        let id = self.child.as_ref().expect("it runs").id();
        let signal = Command::new("kill").args(["-s", "TERM", &id.to_string()]).status();
        assert!(signal.expect("a kill command").success(), "it ended by itself:\n{}", self.log());
    }

    /// Waits until the program has stopped; returns how it ended and how long that took from now on.
    pub async fn stopped(&mut self) -> (ExitStatus, Duration) {
        let mut child = self.child.take().expect("it runs");
        let asked = self.clock.now();
        loop {
            if let Some(status) = child.try_wait().expect("a child of ours") {
                return (status, between(asked, self.clock.now()));
            }
            if between(asked, self.clock.now()) > LIMIT {
                // Not left behind when this test ends.
                let _ = child.kill();
                panic!("it does not stop:\n{}", self.log());
            }
            self.clock.sleep(GLANCE).await;
        }
    }

    /// Waits until the program ends by itself; returns its exit code.
    pub async fn ends(&mut self) -> Option<i32> {
        let mut child = self.child.take().expect("it runs");
        let begun = self.clock.now();
        loop {
            if let Some(status) = child.try_wait().expect("a child of ours") {
                return status.code();
            }
            if between(begun, self.clock.now()) > LIMIT {
                // Not left behind when this test ends.
                let _ = child.kill();
                panic!("it does not end:\n{}", self.log());
            }
            self.clock.sleep(GLANCE).await;
        }
    }

    /// Waits until something holds.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = self.clock.now();
        while !holds(self) {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().expect("a child of ours")) {
                panic!("waiting until {what}: the program ended by itself: {status}\n{}", self.log());
            }
            assert!(between(begun, self.clock.now()) < LIMIT, "never: {what}\n{}", self.log());
            self.clock.sleep(GLANCE).await;
        }
    }

    /// Waits for a length of time, where the point is that nothing happens in it.
    pub async fn pass(&self, length: Duration) {
        self.clock.sleep(length).await;
    }

    /// Waits until every feed has been read three times from now on, so that whatever stands there was seen.
    pub async fn read_again(&mut self) {
        let now = self.clock.now();
        self.until("every feed is read again", |stage| stage.feeds.iter().all(|feed| stage.reads(*feed, now) >= 3))
            .await;
    }

    /// How often a feed was read with success since a point in time.
    pub fn reads(&self, feed: Feed, since: Timestamp) -> usize {
        let (_, _, piece) = paths(feed);
        let is_read = |(method, path): &(String, String)| {
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            // The two inboxes of Meta are read at one address.
            let inbox = query.contains("platform=instagram") == (feed == Feed::InstagramInbox);
            method == "GET" && inbox && path.ends_with(piece)
        };
        self.requests(since, |status| status == 200).into_iter().filter(is_read).count()
    }

    /// Methods and paths that the platforms were asked since a point in time, with an answer of some status.
    pub fn requests(&self, since: Timestamp, status: impl Fn(u64) -> bool) -> Vec<(String, String)> {
        let world = self.sandbox.snapshot();
        let requests = world["requests"].as_array().expect("a list");
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        requests
            .iter()
            .filter(|one| one["at"].as_i64() >= Some(since.as_millisecond()))
            .filter(|one| status(one["status"].as_u64().unwrap_or(0)))
            .map(|one| (text(&one["method"]), text(&one["path"])))
            .collect()
    }

    /// Lets a citizen write.
    pub fn say(&self, feed: Feed, from: &str, text: &str) -> Said {
        self.sandbox.say(Say::new(feed, from, text)).expect("written")
    }

    /// The replies of the service to a message.
    pub fn replies(&self, said: &Said) -> Vec<Reply> {
        self.sandbox.replies_to(&said.message_id).into_iter().filter(|reply| reply.by == By::Service).collect()
    }

    /// Everything that the service ever posted.
    pub fn posted(&self) -> Vec<Message> {
        self.sandbox.all_messages().into_iter().filter(|message| message.by == By::Service).collect()
    }

    /// How messages have ended so far: outcome, with its reason if it has one, and how many.
    pub async fn outcomes(&self) -> Vec<(String, u64)> {
        let mut totals = BTreeMap::new();
        for count in self.ledger().await.figures().await.expect("figures").outcomes {
            let name = [count.outcome, count.reason].join(" ").trim().to_owned();
            *totals.entry(name).or_insert(0) += count.total;
        }
        totals.into_iter().collect()
    }

    /// Waits until no reply is intended or under way.
    pub async fn nothing_open(&mut self) {
        let begun = self.clock.now();
        let ledger = self.ledger().await;
        loop {
            let mut open = 0;
            for platform in Platform::ALL {
                open += ledger.pending(platform, 0).await.expect("readable").len();
            }
            if open == 0 {
                return;
            }
            assert!(between(begun, self.clock.now()) < LIMIT, "{open} replies stay open\n{}", self.log());
            self.clock.sleep(GLANCE).await;
        }
    }

    /// Waits until so many messages have ended, whatever their end.
    pub async fn ended(&mut self, wanted: u64) {
        let begun = self.clock.now();
        loop {
            let outcomes = self.outcomes().await;
            if outcomes.iter().map(|(_, total)| total).sum::<u64>() >= wanted {
                return;
            }
            assert!(between(begun, self.clock.now()) < LIMIT, "of {wanted} only {outcomes:?}\n{}", self.log());
            self.clock.sleep(GLANCE).await;
        }
    }

    /// The ledger, read beside the program as an auditor would.
    async fn ledger(&self) -> SqliteStore {
        SqliteStore::open(&self.state().join("ledger.sqlite")).await.expect("a ledger")
    }

    /// Lets so many citizens write, over all feeds, and waits until each of them is answered.
    pub async fn answers(&mut self, who: &str, number: usize) -> Vec<Said> {
        const TEXT: &str = "Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan";
        let say = |number: usize| self.say(FEEDS[number % FEEDS.len()], &format!("{who} {number}"), TEXT);
        let said: Vec<Said> = (0..number).map(say).collect();
        self.until("everybody is answered", |stage| said.iter().all(|said| !stage.replies(said).is_empty())).await;
        self.nothing_open().await;
        said
    }

    /// Fails unless each message has exactly one reply of the service, and that one says `words`.
    #[track_caller]
    pub fn expect_one_reply_each<'a>(&self, all: impl IntoIterator<Item = (&'a Said, &'a str)>) {
        let mut wrong = Vec::new();
        for (said, words) in all {
            let replies = self.replies(said);
            if replies.len() != 1 || !replies[0].text.contains(words) {
                wrong.push(format!("{}: wanted one with '{words}', got {replies:?}", said.message_id));
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}\n{}", wrong.len(), wrong.join("\n"), self.log());
    }

    /// Fails when the program did anything that a careful client would not.
    #[track_caller]
    pub fn expect_no_violation(&self) {
        assert_eq!(self.sandbox.violations(), Vec::<String>::new(), "{}", self.log());
    }

    /// The same where the program was restarted, or many stages share a busy machine: a process cannot know which calls
    /// the one before it made in the second of its death, and calls that left apart may arrive together.
    #[track_caller]
    pub fn expect_no_violation_but_haste(&self) {
        let mut violations = self.sandbox.violations();
        violations.retain(|violation| !violation.ends_with("more than two conversation calls in a second"));
        assert_eq!(violations, Vec::<String>::new(), "{}", self.log());
    }

    /// Fails when a part of the program panicked.
    #[track_caller]
    pub fn expect_no_panic(&self) {
        assert!(!self.log().contains("panicked"), "{}", self.log());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself; nothing is left to do then.
            let _ = child.kill();
            let _ = child.wait();
        }
        self.server.abort();
    }
}

fn zone_file(plan: &Plan, address: &str) -> String {
    let ways = if plan.both { "\ncomments = { public_replies = \"both\" }" } else { "" };
    let instagram = if plan.instagram {
        format!(
            r#"
[instagram]
account = "{account}"
page = "{page}"
api_base = "http://{address}"
poll = "200ms"{ways}
"#,
            account = plan.setup.instagram_id,
            page = plan.setup.page_id,
        )
    } else {
        String::new()
    };
    format!(
        r#"
mode = "reply"

[zone]
name = {{ fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld", de = "Polizeizone Beispiel" }}
languages = ["fr", "nl", "de"]

[facebook]
page = "{page}"
api_base = "http://{address}"
poll = "200ms"{ways}
{instagram}
[x]
account = "{account}"
api_base = "http://{address}"
poll = "200ms"

[policy]
public_cap_per_hour = 100000
"#,
        page = plan.setup.page_id,
        account = plan.setup.x_username,
    )
}
