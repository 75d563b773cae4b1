//! Real processes of the program, one zone's folders, and a sandbox where its accounts are.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test uses a part; a failed unwrap is the failure"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

use formez101::{
    clock::Clock,
    sandbox::{Sandbox, Setup},
};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_formez101");
/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// What stands in the credentials folder where no platform looks at it.
pub const TOKEN: &str = "tres-secret-et-pas-si-long";

/// The program with these arguments and nothing of our own environment.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

pub fn ended(arguments: &[&str]) -> Ended {
    Ended::from(program(arguments).output().unwrap())
}

/// How a process ended and what it said.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    #[track_caller]
    pub fn with(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        for words in words {
            assert!(self.err.contains(words), "{words:?} is not in:\n{}", self.err);
        }
        assert!(!self.err.contains(TOKEN) && !self.out.contains(TOKEN), "a token is shown:\n{}{}", self.out, self.err);
    }
}

/// One zone's three folders, and a sandbox where its accounts are.
pub struct Zone {
    pub folder: TempDir,
    pub runtime: tokio::runtime::Runtime,
    pub sandbox: Sandbox,
    pub address: String,
}

impl Zone {
    pub fn new() -> Self {
        let clock = Clock::system();
        let sandbox = Sandbox::new(Setup::default(), Arc::new(move || clock.now().as_millisecond()));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let served = sandbox.clone();
        runtime.spawn(async move { served.serve(listener, std::future::pending()).await });
        let zone = Self { folder: tempfile::tempdir().unwrap(), runtime, sandbox, address };
        for folder in ["config/zones", "credentials"] {
            fs::create_dir_all(zone.path(folder)).unwrap();
        }
        zone.file(&zone.sound("observe"));
        zone.credential("facebook.token", Setup::default().facebook_token);
        zone.credential("x.token", Setup::default().x_token);
        zone
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file without a mistake, in this mode, with both accounts on the sandbox.
    pub fn sound(&self, mode: &str) -> String {
        let setup = Setup::default();
        let place = format!("api_base = \"http://{}\"\npoll = \"100ms\"\n", self.address);
        format!(
            "mode = \"{mode}\"\n[zone]\nname = \"Zone de police Exemple\"\nlanguages = [\"fr\"]\n\
             [facebook]\npage = \"{}\"\n{place}[x]\naccount = \"{}\"\n{place}",
            setup.page_id, setup.x_username
        )
    }

    pub fn file(&self, text: &str) {
        fs::write(self.path("config/zones/exemple.toml"), text).unwrap();
    }

    pub fn credential(&self, name: &str, secret: impl AsRef<[u8]>) {
        fs::write(self.path("credentials").join(name), secret).unwrap();
    }

    pub fn command(&self) -> Command {
        self.with_folders(&["run", "--zone", "exemple"])
    }

    /// Another command beside it, to its end.
    pub fn asks(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.with_folders(arguments).output().unwrap())
    }

    fn with_folders(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        for folder in ["config", "state", "credentials"] {
            command.arg(format!("--{folder}-dir")).arg(self.path(folder));
        }
        command
    }

    /// Runs to its end, which is expected to come by itself.
    pub fn fails(&self) -> Ended {
        let mut running = Running::start(self.command());
        let code = running.end();
        Ended { code, out: String::new(), err: running.said.clone() }
    }

    /// Starts the service and waits until it has read every feed.
    pub fn runs(&self) -> Running {
        let mut running = Running::start(self.command());
        running.says("feeds facebook.inbox, facebook.mentions, facebook.comments, x.mentions, x.inbox");
        self.wait("all four feeds to be read", |sandbox| {
            let calls = sandbox.snapshot()["requests"].to_string();
            ["/conversations", "/tagged", "/mentions", "/dm_events"].iter().all(|path| calls.contains(path))
        });
        running
    }

    pub fn wait(&self, what: &str, done: impl Fn(&Sandbox) -> bool) {
        let all = async {
            while !done(&self.sandbox) {
                Clock::system().sleep(Duration::from_millis(20)).await;
            }
        };
        let ended = self.runtime.block_on(async { Clock::system().within(PATIENCE, all).await });
        assert!(ended.is_some(), "waited in vain for {what}: {}", self.sandbox.snapshot()["requests"]);
    }

    /// Starts the service once, so that there is a ledger, and stops it.
    pub fn has_a_ledger(&self) -> PathBuf {
        let mut running = self.runs();
        running.signal("TERM");
        assert_eq!(running.end(), Some(0), "{}", running.said);
        self.path("state/ledger.sqlite")
    }
}

/// A process whose stderr is read along; it is killed when the test ends.
pub struct Running {
    pub child: Child,
    pub lines: mpsc::Receiver<String>,
    pub said: String,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            // A test that has ended reads no more.
            stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines, said: String::new() }
    }

    /// The next line, or nothing when the process has closed stderr, as it does by ending.
    #[track_caller]
    pub fn next_line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.said.push_str(&line);
                self.said.push('\n');
                Some(line)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing more is said:\n{}", self.said),
        }
    }

    /// Waits for a line with these words.
    #[track_caller]
    pub fn says(&mut self, words: &str) {
        while let Some(line) = self.next_line() {
            if line.contains(words) {
                return;
            }
        }
        panic!("{words:?} was never said:\n{}", self.said);
    }

    pub fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }

    /// Waits for the end and gives the exit code.
    #[track_caller]
    pub fn end(&mut self) -> Option<i32> {
        while self.next_line().is_some() {}
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
