//! The program as systemd and an administrator see it: real processes, exit codes, signals, and what is said on stderr.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, a failed `unwrap` is the failure that it reports"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

use formez101::{
    clock::{Clock, between},
    sandbox::{Feed, Sandbox, Say, Setup},
};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_formez101");
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// What stands in the credentials folder where no platform looks at it.
const TOKEN: &str = "tres-secret-et-pas-si-long";

/// The program with these arguments and nothing of our own environment.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

fn ended(arguments: &[&str]) -> Ended {
    Ended::from(program(arguments).output().unwrap())
}

/// How a process ended and what it said.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    #[track_caller]
    fn with(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        for words in words {
            assert!(self.err.contains(words), "{words:?} is not in:\n{}", self.err);
        }
        assert!(!self.err.contains(TOKEN) && !self.out.contains(TOKEN), "a token is shown:\n{}{}", self.out, self.err);
    }
}

/// One zone's three folders, and a sandbox where its accounts are.
struct Zone {
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
    sandbox: Sandbox,
    address: String,
}

impl Zone {
    fn new() -> Self {
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

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file without a mistake, in this mode, with both accounts on the sandbox.
    fn sound(&self, mode: &str) -> String {
        let setup = Setup::default();
        let place = format!("api_base = \"http://{}\"\npoll = \"100ms\"\n", self.address);
        format!(
            "mode = \"{mode}\"\n[zone]\nname = \"Zone de police Exemple\"\nlanguages = [\"fr\"]\n\
             [facebook]\npage = \"{}\"\n{place}[x]\naccount = \"{}\"\n{place}",
            setup.page_id, setup.x_username
        )
    }

    fn file(&self, text: &str) {
        fs::write(self.path("config/zones/exemple.toml"), text).unwrap();
    }

    fn credential(&self, name: &str, secret: impl AsRef<[u8]>) {
        fs::write(self.path("credentials").join(name), secret).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = program(&["run", "--zone", "exemple"]);
        for folder in ["config", "state", "credentials"] {
            command.arg(format!("--{folder}-dir")).arg(self.path(folder));
        }
        command
    }

    /// Runs to its end, which is expected to come by itself.
    fn fails(&self) -> Ended {
        let mut running = Running::start(self.command());
        let code = running.end();
        Ended { code, out: String::new(), err: running.said.clone() }
    }

    /// Starts the service and waits until it has read every feed.
    fn runs(&self) -> Running {
        let mut running = Running::start(self.command());
        running.says("feeds facebook.inbox, facebook.mentions, facebook.comments, x.mentions, x.inbox");
        self.wait("all four feeds to be read", |sandbox| {
            let calls = sandbox.snapshot()["requests"].to_string();
            ["/conversations", "/tagged", "/mentions", "/dm_events"].iter().all(|path| calls.contains(path))
        });
        running
    }

    fn wait(&self, what: &str, done: impl Fn(&Sandbox) -> bool) {
        let all = async {
            while !done(&self.sandbox) {
                Clock::system().sleep(Duration::from_millis(20)).await;
            }
        };
        let ended = self.runtime.block_on(async { Clock::system().within(PATIENCE, all).await });
        assert!(ended.is_some(), "waited in vain for {what}: {}", self.sandbox.snapshot()["requests"]);
    }

    /// Starts the service once, so that there is a ledger, and stops it.
    fn has_a_ledger(&self) -> PathBuf {
        let mut running = self.runs();
        running.signal("TERM");
        assert_eq!(running.end(), Some(0), "{}", running.said);
        self.path("state/ledger.sqlite")
    }
}

/// A process whose stderr is read along; it is killed when the test ends.
struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    said: String,
}

impl Running {
    fn start(mut command: Command) -> Self {
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
    fn next_line(&mut self) -> Option<String> {
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
    fn says(&mut self, words: &str) {
        while let Some(line) = self.next_line() {
            if line.contains(words) {
                return;
            }
        }
        panic!("{words:?} was never said:\n{}", self.said);
    }

    fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }

    /// Waits for the end and gives the exit code.
    #[track_caller]
    fn end(&mut self) -> Option<i32> {
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

#[test]
fn check_shows_every_feed_and_every_text_with_its_length() {
    let checked = ended(&["check", "--config-dir", "config"]);
    checked.with(0, &[]);
    assert_eq!(checked.err, "");
    for words in [
        "Zone bruxelles-exemple: ",
        "Zone eupen-beispiel: ",
        "facebook.inbox (Page 100000000000001), read every 15s, reply_to = \"all\"",
        "facebook.mentions (Page 100000000000001), read every 1m, reply_to = \"all\", public_replies = \"public\", 1 post muted",
        "x.mentions (@ZPBruxEx), read every 1m, reply_to = \"all\"",
        "x.inbox (@ZPBruxEx), read every 1m 30s, reply_to = \"all\"",
        "PAS d'appels urgents via ce canal, formez le 101. Zone de police Bruxelles-Exemple (",
    ] {
        assert!(checked.out.contains(words), "{words:?} is not in:\n{}", checked.out);
    }
    let lengths: Vec<&str> = checked.out.lines().filter(|line| line.ends_with(" of 280")).collect();
    assert!(lengths.contains(&"    fr: 117 of 280"), "{lengths:?}");
    assert!(lengths.iter().any(|line| line.starts_with("    de")), "{lengths:?}");
}

#[test]
fn preview_shows_every_text_or_the_mistakes() {
    let shown = ended(&["preview", "--config-dir", "config", "--zone", "bruxelles-exemple"]);
    shown.with(0, &[]);
    assert!(shown.out.contains("    -> facebook.inbox 82 of 1999; "), "{}", shown.out);
    ended(&["preview", "--config-dir", "config", "--zone", "nowhere"]).with(78, &["nowhere"]);
}

#[test]
fn check_of_one_zone_shows_that_zone_alone() {
    let checked = ended(&["check", "--config-dir", "config", "--zone", "eupen-beispiel"]);
    checked.with(0, &[]);
    assert!(checked.out.starts_with("Zone eupen-beispiel: ") && !checked.out.contains("bruxelles"), "{}", checked.out);
}

#[test]
fn triage_of_a_zone_speaks_with_its_own_phrases_and_languages() {
    let zone = Zone::new();
    zone.file(&format!(
        "{}[triage.add]\nviolence = [\"margaille au|à_la ducasse\"]\nnow = [\"asteure\"]\n",
        zone.sound("observe")
    ));
    let folder = zone.path("config");
    let words = "grosse margaille à la ducasse asteure";
    let local = ended(&["triage", "--config-dir", folder.to_str().unwrap(), "--zone", "exemple", words]);
    local.with(0, &[]);
    assert!(local.out.starts_with("urgent") && local.out.contains("  violence: "), "{}", local.out);
    let shipped = ended(&["triage", words]);
    assert!(!shipped.out.contains("  violence: "), "{}", shipped.out);
    let dutch =
        ended(&["triage", "--config-dir", folder.to_str().unwrap(), "--zone", "exemple", "goedenavond, een vraag"]);
    assert!(dutch.out.contains("answered in: fr"), "the zone serves French alone: {}", dutch.out);
    ended(&["triage", "--zone", "exemple", "--languages", "fr", words]).with(64, &["--languages"]);
}

#[test]
fn a_wrong_command_line_ends_with_64() {
    ended(&["chekc"]).with(64, &["chekc", "check"]);
    ended(&["check", "--zon", "exemple"]).with(64, &["--zon", "--zone"]);
    ended(&["run"]).with(64, &["--zone"]);
    ended(&["backup", "--zone", "exemple"]).with(64, &["--to <DIR>"]);
    ended(&[]).with(64, &["Usage: formez101"]);
    ended(&["sandbox", "--listen", "0.0.0.0:0"]).with(64, &["loopback only"]);
}

#[test]
fn help_and_version_end_well() {
    let help = ended(&["--help"]);
    help.with(0, &[]);
    for words in ["demo", "run", "check", "backup", "sandbox", "--config-dir"] {
        assert!(help.out.contains(words), "{}", help.out);
    }
    let version = ended(&["--version"]);
    version.with(0, &[]);
    assert_eq!(version.out, format!("formez101 {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_file_ends_a_start_with_78() {
    let zone = Zone::new();
    zone.file("mode = reply\n");
    zone.fails().with(78, &["the configuration is wrong", "zones/exemple.toml:1:8: text must stand in quotes"]);
}

#[test]
fn a_missing_token_ends_with_77_and_names_the_file() {
    let zone = Zone::new();
    zone.credential("x.token", TOKEN);
    fs::remove_file(zone.path("credentials/facebook.token")).unwrap();
    let folder = zone.path("credentials").display().to_string();
    zone.fails().with(77, &["facebook.token is missing", &folder]);

    zone.credential("facebook.token", "\n");
    zone.fails().with(77, &["facebook.token is missing", &folder]);

    fs::remove_dir_all(&folder).unwrap();
    zone.fails().with(77, &["facebook.token is missing", &folder]);
}

#[test]
fn without_a_credentials_folder_it_says_how_to_give_one() {
    let zone = Zone::new();
    let mut command = program(&["run", "--zone", "exemple"]);
    command.arg("--config-dir").arg(zone.path("config")).arg("--state-dir").arg(zone.path("state"));
    Ended::from(command.output().unwrap()).with(77, &["--credentials-dir", "LoadCredential="]);
}

#[test]
fn a_state_folder_that_cannot_be_written_ends_with_77() {
    let zone = Zone::new();
    fs::write(zone.path("state"), "a file in the folder's place").unwrap();
    zone.fails().with(77, &["the state folder", &zone.path("state").display().to_string(), "cannot be used"]);
}

#[test]
fn a_second_run_on_the_same_state_folder_ends_with_69() {
    let zone = Zone::new();
    let mut first = zone.runs();
    zone.fails().with(69, &["another formez101 is running on the state folder"]);
    first.signal("TERM");
    assert_eq!(first.end(), Some(0), "the first one goes on and ends well:\n{}", first.said);
    zone.has_a_ledger();
}

#[test]
fn a_ledger_of_a_newer_version_ends_with_78_and_says_how_to_go_back() {
    let zone = Zone::new();
    let ledger = zone.has_a_ledger();
    zone.runtime.block_on(migrate_to_the_future(&ledger));
    fs::write(zone.path("state/ledger.format-2.sqlite"), "").unwrap();
    let kept = zone.path("state/ledger.format-2.sqlite").display().to_string();
    zone.fails().with(78, &["written by a newer formez101", "Install that version again. Or go back", &kept]);
}

/// Notes a migration that this version does not know, as a later version would have done.
async fn migrate_to_the_future(ledger: &Path) {
    use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

    let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(ledger)).await.unwrap();
    let row = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'future', TRUE, x'00', 0)";
    sqlx::query(row).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn a_key_of_the_wrong_length_ends_with_78_and_says_where_it_is() {
    let zone = Zone::new();
    zone.credential("hash.key", "much too short");
    let given = zone.fails();
    given.with(78, &["hash.key among the credentials", "32 bytes or 64 hexadecimal digits"]);
    assert!(!given.err.contains("much too short"), "{}", given.err);

    fs::remove_file(zone.path("credentials/hash.key")).unwrap();
    fs::write(zone.path("state/hash.key"), "much too short").unwrap();
    zone.fails().with(78, &[&zone.path("state/hash.key").display().to_string(), "32 bytes or 64 hexadecimal digits"]);
}

#[test]
fn sigterm_ends_a_run_well_within_two_seconds() {
    let zone = Zone::new();
    let mut running = zone.runs();
    let clock = Clock::system();
    let asked = clock.now();
    running.signal("TERM");
    let code = running.end();
    let took = between(asked, clock.now());
    assert_eq!(code, Some(0), "{}", running.said);
    assert!(took < Duration::from_secs(2), "it took {took:?}:\n{}", running.said);
    assert!(running.said.contains("stopping"), "{}", running.said);
    for token in [Setup::default().facebook_token, Setup::default().x_token] {
        assert!(!running.said.contains(&token), "a token is in the log:\n{}", running.said);
    }
}

#[test]
fn sighup_takes_over_a_good_file_and_keeps_the_old_one_when_it_is_bad() {
    let zone = Zone::new();
    let mut running = zone.runs();
    assert!(running.said.contains("observe mode, nothing is posted"), "{}", running.said);

    zone.file("mode = reply\n");
    running.signal("HUP");
    running.says("reload refused, the old configuration stays in force");
    running.says("zones/exemple.toml:1:8: text must stand in quotes");

    zone.file(&zone.sound("reply"));
    running.signal("HUP");
    running.says("configuration read again");
    running.says("zone exemple: replies are posted");
    let said = zone.sandbox.say(Say::new(Feed::FacebookInbox, "Jeanne Exemple", "Quelqu'un crie dans la rue")).unwrap();
    zone.wait("an answer", |sandbox| !sandbox.replies_in(&said.thread_id).is_empty());

    running.signal("TERM");
    assert_eq!(running.end(), Some(0), "{}", running.said);
    assert!(!running.said.contains("Jeanne") && !running.said.contains("crie"), "{}", running.said);
}
