//! The real binary, over real HTTP, against the sandbox: with the real clock, a real ledger and real signals.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    reason = "each test uses a part; a failed unwrap is the failure"
)]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use formez101::{
    clock::{Clock, after},
    sandbox::{By, Said, Sandbox, Say, Setup},
};
use tokio::net::TcpListener;

pub use formez101::sandbox::{Fault, FaultKind, Feed, Platform as Side};

/// The four feeds.
pub const FEEDS: [Feed; 4] = [Feed::FacebookInbox, Feed::FacebookMentions, Feed::XMentions, Feed::XInbox];
/// Whatever is due is there by then, also on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A zone on the sandbox, with its folders and its process.
pub struct Stage {
    pub sandbox: Sandbox,
    pub clock: Clock,
    folder: tempfile::TempDir,
    child: Option<Child>,
    starts: u32,
    level: &'static str,
}

impl Stage {
    /// The sandbox listens; the service is not started yet.
    pub async fn set(setup: Setup) -> Self {
        let clock = Clock::system();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("config/zones")).unwrap();
        fs::create_dir_all(folder.path().join("credentials")).unwrap();
        fs::write(folder.path().join("config/zones/exemple.toml"), zone_file(&setup, &address)).unwrap();
        fs::write(folder.path().join("credentials/facebook.token"), &setup.facebook_token).unwrap();
        fs::write(folder.path().join("credentials/x.token"), &setup.x_token).unwrap();
        let sandbox = Sandbox::new(setup, Arc::new(move || clock.now().as_millisecond()));
        let stand_in = sandbox.clone();
        tokio::spawn(async move { stand_in.serve(listener, std::future::pending()).await });
        Self { sandbox, clock, folder, child: None, starts: 0, level: "info" }
    }

    /// Logs everything from now on.
    pub fn talkative(&mut self) {
        self.level = "debug";
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Starts the process; returns at once.
    pub fn start(&mut self) {
        self.starts += 1;
        let log = File::create(self.folder.path().join(format!("log-{}", self.starts))).unwrap();
        let path = |name: &str| self.folder.path().join(name);
        let child = Command::new(env!("CARGO_BIN_EXE_formez101"))
            .args(["run", "--zone", "exemple", "--config-dir"])
            .arg(path("config"))
            .arg("--credentials-dir")
            .arg(path("credentials"))
            .arg("--state-dir")
            .arg(path("state"))
            .env("FORMEZ101_LOG", self.level)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// Starts it for the first time, and waits until the baseline is taken.
    pub async fn open(&mut self) {
        self.start();
        let polled = |this: &Self| {
            let world = this.sandbox.snapshot().to_string();
            ["/conversations", "/tagged", "/mentions", "/dm_events"].iter().all(|path| world.contains(path))
        };
        assert!(self.until(|| polled(self)).await, "the feeds are not polled:\n{}", self.log());
        // Platforms give whole seconds: what is written in the second of the start may be taken for old.
        self.clock.sleep(Duration::from_millis(1500)).await;
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// SIGTERM; returns how it ended.
    pub fn terminate(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
        child.wait().unwrap().code()
    }

    /// Everything that the process ever said.
    pub fn log(&self) -> String {
        (1..=self.starts)
            .map(|start| fs::read_to_string(self.folder.path().join(format!("log-{start}"))).unwrap())
            .collect()
    }

    /// A citizen writes.
    pub fn says(&self, feed: Feed, who: &str, text: &str) -> Said {
        self.sandbox.say(Say::new(feed, who, text)).unwrap()
    }

    /// How many replies of the service a message has.
    pub fn replies(&self, message: &Said) -> usize {
        self.sandbox.replies_to(&message.message_id).iter().filter(|reply| reply.by == By::Service).count()
    }

    /// Waits until something is so.
    pub async fn until(&self, so: impl Fn() -> bool) -> bool {
        let limit = after(self.clock.now(), PATIENCE);
        while !so() {
            if self.clock.now() > limit {
                return false;
            }
            self.clock.sleep(LOOK).await;
        }
        true
    }

    /// Waits until each message has a reply, then makes sure that no second one comes.
    pub async fn expect_one_reply_each(&self, messages: &[Said]) {
        let all = self.until(|| messages.iter().all(|message| self.replies(message) > 0)).await;
        let without = messages.iter().filter(|message| self.replies(message) == 0).count();
        assert!(all, "{without} messages have no reply:\n{}", self.log());
        self.clock.sleep(Duration::from_secs(2)).await;
        let twice = messages.iter().filter(|message| self.replies(message) > 1).count();
        assert_eq!(twice, 0, "messages have a second reply:\n{}", self.log());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.kill();
    }
}

fn zone_file(setup: &Setup, address: &str) -> String {
    format!(
        r#"
        mode = "reply"
        [zone]
        name = {{ fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }}
        languages = ["fr", "nl"]
        [facebook]
        page = "{}"
        api_base = "{address}"
        poll = "200ms"
        [x]
        account = "{}"
        api_base = "{address}"
        poll = "200ms"
        [policy]
        public_cap_per_hour = 100000
        "#,
        setup.page_id, setup.x_username
    )
}

/// Every file below a folder, with its bytes.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}
