//! `formez101 login`, with the real binary: a human goes through the pages of a stand-in, and the service has a token.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

#[allow(dead_code, reason = "each file uses a part")]
#[path = "bluesky/people.rs"]
mod people;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use formez101::{
    clock::Clock,
    http::HttpTransport,
    sandbox::{Fault, FaultKind, Platform, Sandbox, Setup},
};
use people::{Network, PROFILE};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// A Page that is another's.
const MUNICIPALITY: &str = "100000000000009";

/// One zone's folders, a sandbox where its accounts are, and an address to come back to.
struct Stage {
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
    sandbox: Sandbox,
    address: String,
    back: String,
}

/// The program as it runs, read along.
struct Running {
    child: Child,
    keyboard: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    said: String,
}

impl Stage {
    fn new() -> Self {
        let clock = Clock::system();
        let sandbox = Sandbox::new(Setup::default(), Arc::new(move || clock.now().as_millisecond()));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let served = sandbox.clone();
        runtime.spawn(async move { served.serve(listener, std::future::pending()).await });
        let back = format!("http://127.0.0.1:{}/callback", free_port());
        sandbox.set(&json!({"graph_redirect_uris": [back], "x_redirect_uris": [back]})).unwrap();
        let stage = Self { folder: tempfile::tempdir().unwrap(), runtime, sandbox, address, back };
        fs::create_dir_all(stage.path("config/zones")).unwrap();
        fs::create_dir_all(stage.path("credentials")).unwrap();
        let setup = Setup::default();
        stage.credential("x.client-id", &setup.x_client_id);
        stage.credential("x.client-secret", &setup.x_client_secret);
        stage.credential("facebook.app-secret", &setup.facebook_app_secret);
        stage.credential("instagram.app-secret", &setup.instagram_app_secret);
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn credential(&self, name: &str, secret: &str) {
        fs::write(self.path("credentials").join(name), secret).unwrap();
    }

    /// The zone's file: its name and language, and these tables, each on the sandbox.
    fn zone(&self, tables: &[(&str, &str)]) {
        let mut file =
            "mode = \"observe\"\n[zone]\nname = \"Zone de police Exemple\"\nlanguages = [\"fr\"]\n".to_owned();
        for (table, keys) in tables {
            file.extend(["[", table, "]\n", keys, "\napi_base = \"", &self.address, "\"\n"]);
        }
        fs::write(self.path("config/zones/exemple.toml"), file).unwrap();
    }

    fn on_x(&self) {
        self.zone(&[("x", &format!("account = \"{}\"", Setup::default().x_username))]);
    }

    fn on_facebook(&self) {
        let setup = Setup::default();
        self.zone(&[("facebook", &format!("page = \"{}\"\napp_id = \"{}\"", setup.page_id, setup.facebook_app_id))]);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_formez101"));
        command.args(arguments).args(["--zone", "exemple"]).env_clear().env("PATH", "/usr/bin:/bin");
        for folder in ["config", "state", "credentials"] {
            command.arg(format!("--{folder}-dir")).arg(self.path(folder));
        }
        command
    }

    fn starts(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }

    fn logs_in(&self, platform: &str, more: &[&str]) -> Running {
        self.starts(&[&["login", platform, "--redirect", &self.back], more].concat())
    }

    /// Logs in as a human does: opens the address that is shown, and follows it back.
    fn through_the_browser(&self, platform: &str) -> Running {
        let mut login = self.logs_in(platform, &[]);
        let there = login.address();
        let back = sent_back(&there);
        assert!(back.starts_with(&self.back), "{back}");
        let page = get(&back);
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        login
    }

    fn vault(&self, name: &str) -> Option<Value> {
        let bytes = fs::read(self.path("state").join(format!("{name}.tokens"))).ok()?;
        Some(serde_json::from_slice(&bytes).unwrap())
    }

    /// The vault of a login that went well: private, and nothing of it on the screen.
    #[track_caller]
    fn kept(&self, name: &str, login: &Running) -> Value {
        let vault = self.vault(name).expect("a login in the vault");
        let mode = fs::metadata(self.path("state").join(format!("{name}.tokens"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let setup = Setup::default();
        let secrets = [&setup.x_client_secret, &setup.facebook_app_secret, &setup.instagram_app_secret];
        let held = ["access", "refresh"].iter().filter_map(|key| vault[key].as_str());
        for secret in secrets.into_iter().map(String::as_str).chain(held) {
            assert!(!login.said.contains(secret), "a secret is shown:\n{}", login.said);
        }
        assert!(!login.said.contains("code="), "a code is shown:\n{}", login.said);
        vault
    }

    /// Bluesky as people come to it.
    fn network(&self) -> Network {
        let transport = HttpTransport::new([self.address.as_str()]).unwrap();
        Network { root: self.address.clone(), transport: Arc::new(transport), clock: Clock::system() }
    }

    #[track_caller]
    fn no_violations(&self) {
        assert_eq!(self.sandbox.violations(), Vec::<String>::new());
    }
}

impl Running {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        for stream in [
            Box::new(child.stdout.take().unwrap()) as Box<dyn std::io::Read + Send>,
            Box::new(child.stderr.take().unwrap()),
        ] {
            let sender = sender.clone();
            // A test that has ended reads no more.
            std::thread::spawn(move || {
                BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
            });
        }
        Self { keyboard: child.stdin.take(), child, lines, said: String::new() }
    }

    /// Waits for a line with these words.
    #[track_caller]
    fn says(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.said.extend([line.as_str(), "\n"]);
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => {
                    panic!("{words:?} was never said:\n{}", self.said)
                }
            }
        }
    }

    /// The address that the human is to open.
    #[track_caller]
    fn address(&mut self) -> String {
        self.says("  http").trim().to_owned()
    }

    fn types(&mut self, line: &str) {
        writeln!(self.keyboard.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for the end, which must have this code and these words.
    #[track_caller]
    fn ends(&mut self, code: i32, words: &[&str]) {
        self.keyboard = None;
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.said.extend([line.as_str(), "\n"]);
        }
        assert_eq!(self.child.wait().unwrap().code(), Some(code), "{}", self.said);
        for words in words {
            assert!(self.said.contains(words), "{words:?} is not in:\n{}", self.said);
        }
    }

    fn is_told(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What a browser gets at an address of this machine.
fn get(address: &str) -> String {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let path = path.split('#').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Where the platform's page sends the browser.
#[track_caller]
fn sent_back(address: &str) -> String {
    let page = get(address);
    let location = page.lines().find_map(|line| line.to_lowercase().starts_with("location: ").then(|| &line[10..]));
    location.unwrap_or_else(|| panic!("nobody is sent back from {address}:\n{page}")).to_owned()
}

#[test]
fn a_login_on_x_gives_the_service_what_it_needs() {
    let stage = Stage::new();
    stage.on_x();
    let mut service = stage.starts(&["run"]);
    service.ends(77, &["x.token is missing", "run `formez101 login x --zone exemple`"]);

    let mut login = stage.through_the_browser("x");
    login.ends(0, &["through a confidential app", "Logged in as @PZVoorbeeld", "A running service takes it up"]);
    let vault = stage.kept("x", &login);
    assert_eq!(vault["account"], Setup::default().x_username);
    assert!(vault["refresh"].is_string() && vault["ends_at"].is_i64(), "{:?}", vault["ends_at"]);

    let mut service = stage.starts(&["run"]);
    service.says("feeds x.mentions, x.inbox");
    stage.waits("mentions");
    service.is_told("TERM");
    service.ends(0, &[]);
    stage.no_violations();
}

#[test]
fn a_running_service_takes_up_a_login_without_a_restart() {
    let stage = Stage::new();
    stage.zone(&[("x", &format!("account = \"{}\"\npoll = \"100ms\"", Setup::default().x_username))]);
    stage.credential("x.token", "dead");
    let mut service = stage.starts(&["run"]);
    service.says("the platform refuses the token: run `formez101 login x --zone exemple`");
    stage.through_the_browser("x").ends(0, &[]);
    service.says("a new login was taken up");
    service.says("the feed is read again");
    service.is_told("TERM");
    service.ends(0, &[]);
}

#[test]
fn signed_calls_need_neither_a_login_nor_a_renewal() {
    let stage = Stage::new();
    stage.zone(&[("x", &format!("account = \"{}\"\npoll = \"100ms\"", Setup::default().x_username))]);
    let setup = Setup::default();
    stage.credential("x.oauth1-consumer-key", &setup.x_consumer_key);
    stage.credential("x.oauth1-consumer-secret", &setup.x_consumer_secret);
    stage.credential("x.oauth1-token", &setup.x_user_token);
    stage.starts(&["run"]).ends(77, &["x.oauth1-token-secret is missing"]);
    stage.credential("x.oauth1-token-secret", &setup.x_user_secret);
    let mut service = stage.starts(&["run"]);
    service.says("feeds x.mentions, x.inbox");
    stage.waits("dm_events");
    service.is_told("TERM");
    service.ends(0, &[]);
    assert!(!service.said.contains("login needed"), "{}", service.said);
    stage.no_violations();
}

#[test]
fn a_public_app_has_no_secret() {
    let stage = Stage::new();
    stage.on_x();
    stage.sandbox.set(&json!({"x_public_client": true})).unwrap();
    fs::remove_file(stage.path("credentials/x.client-secret")).unwrap();
    let mut login = stage.through_the_browser("x");
    login.ends(0, &["through a public app"]);
    stage.kept("x", &login);
    stage.no_violations();
}

#[test]
fn a_refusal_ends_with_77_and_changes_nothing() {
    let stage = Stage::new();
    stage.on_x();
    stage.through_the_browser("x").ends(0, &[]);
    let before = stage.vault("x");
    stage.sandbox.set(&json!({"x_consent_denied": true})).unwrap();
    stage.through_the_browser("x").ends(77, &["the platform says no: access_denied", "nothing has changed"]);
    assert_eq!(stage.vault("x"), before);
}

#[test]
fn the_login_of_another_account_is_not_kept() {
    let stage = Stage::new();
    stage.zone(&[("x", "account = \"EenAndereZone\"")]);
    stage.through_the_browser("x").ends(77, &["this is the login of @PZVoorbeeld", "names @EenAndereZone"]);
    assert_eq!(stage.vault("x"), None);
}

#[test]
fn a_wrong_app_is_told_from_a_wrong_code() {
    let stage = Stage::new();
    stage.on_x();
    stage.credential("x.client-secret", "of another app");
    stage.through_the_browser("x").ends(77, &["x.client-id, x.client-secret", "the application was refused"]);
}

#[test]
fn on_a_server_without_a_browser_the_address_is_pasted() {
    let stage = Stage::new();
    stage.on_x();
    let mut login = stage.logs_in("x", &["--paste"]);
    let there = login.address();
    assert!(TcpStream::connect(stage.back.strip_prefix("http://").unwrap().split('/').next().unwrap()).is_err());
    let back = sent_back(&there);
    login.types("http://127.0.0.1:1/elsewhere?code=1&state=2");
    login.says("this is not the address that you were sent back to");
    login.types(&back.replace("state=", "state=x"));
    login.says("this address belongs to another attempt");
    login.types(&back);
    login.ends(0, &["Logged in as @PZVoorbeeld"]);
    stage.kept("x", &login);
    stage.logs_in("x", &["--paste"]).ends(64, &["nothing was pasted"]);
}

#[test]
fn what_comes_to_the_listener_with_another_state_is_turned_away() {
    let stage = Stage::new();
    stage.on_x();
    let mut login = stage.logs_in("x", &[]);
    let back = sent_back(&login.address());
    // A browser opens connections in advance, and asks for an icon.
    let silent = TcpStream::connect(stage.back.strip_prefix("http://").unwrap().split('/').next().unwrap()).unwrap();
    assert!(get(&stage.back.replace("/callback", "/favicon.ico")).starts_with("HTTP/1.1 404"));
    assert!(get(&format!("{}?code=stolen&state=guessed", stage.back)).starts_with("HTTP/1.1 400"));
    login.says("this address belongs to another attempt");
    assert!(get(&back).contains("Close this page"));
    login.ends(0, &["Logged in as"]);
    drop(silent);
}

#[test]
fn a_login_on_facebook_shows_what_the_token_may_do() {
    let stage = Stage::new();
    stage.on_facebook();
    let mut login = stage.through_the_browser("facebook");
    login.ends(
        0,
        &[
            "Page Politiezone Voorbeeld (100000000000001)",
            "The token does not end by itself",
            "Access to Instagram's data lapses on",
            "Granted: pages_show_list, pages_read_engagement",
            "MESSAGING, MODERATE",
            "Advanced Access cannot be seen from here",
        ],
    );
    let vault = stage.kept("facebook", &login);
    assert_eq!(vault["account"], "100000000000001");
    assert!(vault["data_ends_at"].is_i64() && vault["ends_at"].is_null(), "a Page's token does not end");
    let mut service = stage.starts(&["run"]);
    stage.waits("conversations");
    service.is_told("TERM");
    service.ends(0, &[]);
    stage.no_violations();
}

#[test]
fn each_permission_and_task_that_is_missing_is_named_with_what_it_is_for() {
    let stage = Stage::new();
    stage.on_facebook();
    stage.sandbox.set(&json!({"graph_login_declined": ["pages_messaging"], "graph_page_tasks": ["ANALYZE"]})).unwrap();
    let mut login = stage.through_the_browser("facebook");
    login.ends(
        77,
        &[
            "MISSING the permission pages_messaging: it is needed to read Messenger",
            "MISSING the task MESSAGING on the Page",
            "MISSING the task MODERATE on the Page",
            "the login is not kept",
        ],
    );
    assert_eq!(stage.vault("facebook"), None);
}

#[test]
fn a_page_that_is_not_among_those_of_the_human_is_chosen_from_a_list() {
    let stage = Stage::new();
    stage.on_facebook();
    let tasks = ["MESSAGING", "MODERATE"];
    let other = json!([{"id": MUNICIPALITY, "name": "Gemeente Voorbeeld", "tasks": tasks}]);
    stage.sandbox.set(&json!({"graph_other_pages": other})).unwrap();
    let setup = Setup::default();
    stage.zone(&[("facebook", &format!("page = \"100000000000007\"\napp_id = \"{}\"", setup.facebook_app_id))]);
    let mut login = stage.through_the_browser("facebook");
    login.says("  2  Gemeente Voorbeeld (100000000000009)");
    login.types("3");
    login.says("Type a number from 1 to 2");
    login.types("2");
    login.ends(0, &["Write `page = \"100000000000009\"` below [facebook]"]);
    assert_eq!(stage.kept("facebook", &login)["account"], MUNICIPALITY);
    // Until the file names that Page, the login is not its.
    stage.starts(&["run"]).ends(77, &["facebook.token is missing"]);
}

#[test]
fn a_page_of_a_portfolio_is_found_although_it_is_not_listed() {
    let stage = Stage::new();
    stage.on_facebook();
    stage.sandbox.set(&json!({"graph_accounts_listed": false})).unwrap();
    stage.through_the_browser("facebook").ends(0, &["Page Politiezone Voorbeeld"]);
}

#[test]
fn a_page_login_serves_the_instagram_account_behind_it() {
    let stage = Stage::new();
    let setup = Setup::default();
    let page = format!("page = \"{}\"\napp_id = \"{}\"", setup.page_id, setup.facebook_app_id);
    let instagram = |account: &str| {
        let instagram = format!("account = \"{account}\"\nlogin = \"facebook\"");
        stage.zone(&[("facebook", &page), ("instagram", &instagram)]);
    };
    instagram(&setup.instagram_id);
    let mut login = stage.through_the_browser("instagram");
    login.ends(0, &["the login is Facebook's", "instagram_manage_messages", "Allow access to messages"]);
    stage.kept("facebook", &login);
    assert_eq!(stage.vault("instagram"), None, "both share one token");
    let mut service = stage.starts(&["run"]);
    service.says("instagram.inbox");
    service.is_told("TERM");
    service.ends(0, &[]);

    instagram("17841400000000999");
    stage.through_the_browser("facebook").ends(77, &["MISSING the account 17841400000000999", &setup.instagram_id]);
    stage.sandbox.set(&json!({"instagram_linked": false})).unwrap();
    stage.through_the_browser("facebook").ends(77, &["MISSING an Instagram professional account behind the Page"]);
}

#[test]
fn an_instagram_account_may_have_a_login_of_its_own() {
    let stage = Stage::new();
    let setup = Setup::default();
    let keys = |account: &str| {
        format!("account = \"{account}\"\nlogin = \"instagram\"\napp_id = \"{}\"", setup.instagram_app_id)
    };
    stage.zone(&[("instagram", &keys(&setup.instagram_id))]);
    for flat in [true, false] {
        stage.sandbox.set(&json!({"instagram_code_answer_is_flat": flat})).unwrap();
        let mut login = stage.through_the_browser("instagram");
        login.ends(0, &["is renewed by the service every week", "Allow access to messages"]);
        assert_eq!(stage.kept("instagram", &login)["account"], setup.instagram_id.as_str());
    }
    let mut service = stage.starts(&["run"]);
    stage.waits("conversations");
    service.is_told("TERM");
    service.ends(0, &[]);
    stage.no_violations();
    stage.zone(&[("instagram", &keys("17841400000000999"))]);
    let words = ["the zone's file names the account 17841400000000999", &setup.instagram_id];
    stage.through_the_browser("instagram").ends(77, &words);
}

#[test]
fn what_is_missing_before_a_browser_opens_is_said_at_once() {
    let stage = Stage::new();
    stage.on_x();
    stage.starts(&["login"]).ends(64, &["PLATFORM"]);
    stage.starts(&["login", "myspace"]).ends(64, &["myspace"]);
    stage.starts(&["login", "mastodon"]).ends(64, &["--server"]);
    stage.starts(&["login", "mastodon", "--server", "http://mastodon.example"]).ends(64, &["--server must be"]);
    stage.starts(&["login", "facebook"]).ends(78, &["has no [facebook] in its file"]);
    stage.starts(&["login", "instagram"]).ends(78, &["has no [instagram] in its file"]);
    let far = ["login", "x", "--redirect", "https://zone.example/back"];
    stage.starts(&far).ends(64, &["https://zone.example/back cannot be listened on", "--paste"]);
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("http://{}/callback", other.local_addr().unwrap());
    stage.starts(&["login", "x", "--redirect", &taken]).ends(69, &["cannot be listened on", "--redirect"]);
    fs::remove_file(stage.path("credentials/x.client-id")).unwrap();
    stage.starts(&["login", "x"]).ends(77, &["x.client-id is missing"]);
    stage.zone(&[("facebook", "page = \"100000000000001\"")]);
    stage.starts(&["login", "facebook"]).ends(78, &["[facebook] lacks `app_id`"]);
    fs::remove_file(stage.path("credentials/facebook.app-secret")).unwrap();
    stage.starts(&["login", "facebook"]).ends(77, &["facebook.app-secret is missing"]);
    fs::remove_dir_all(stage.path("state")).unwrap();
    fs::write(stage.path("state"), "a file in the folder's place").unwrap();
    stage.starts(&["login", "facebook"]).ends(77, &["a login cannot be kept in"]);
}

#[test]
fn an_app_password_makes_a_session_that_is_kept_and_a_label_if_it_is_asked_for() {
    let stage = Stage::new();
    let (setup, handle) = (Setup::default(), Setup::default().bluesky_handle);
    stage.zone(&[("bluesky", &format!("account = \"{handle}\""))]);
    let typed = |password: &str, more: &[&str]| {
        let mut login = stage.starts(&[&["login", "bluesky"], more].concat());
        login.types(password);
        login
    };
    typed("the-account's-own-password", &[]).ends(64, &["four groups of four"]);
    typed("aaaa-bbbb-cccc-dddd", &[]).ends(77, &["does not take the app password"]);
    assert_eq!(stage.vault("bluesky"), None);

    let mut login = typed(&setup.bluesky_app_password, &[]);
    login.ends(0, &["Logged in. The app password may read direct messages.", "`--bot` puts the label"]);
    assert!(!login.said.contains(&setup.bluesky_app_password), "{}", login.said);
    stage.kept("bluesky", &login);
    typed(&setup.bluesky_app_password, &["--bot"]).ends(0, &["says now that it is automated"]);
    typed(&setup.bluesky_app_password, &["--bot"]).ends(0, &["The account says that it is automated."]);
    // The session is enough: no password need stand among the credentials.
    let mut service = stage.starts(&["run"]);
    stage.waits("listNotifications");
    service.is_told("TERM");
    service.ends(0, &[]);
    stage.no_violations();
    stage.zone(&[("x", &format!("account = \"{}\"", setup.x_username))]);
    typed(&setup.bluesky_app_password, &[]).ends(78, &["has no [bluesky] in its file"]);
}

#[test]
fn what_a_password_of_bluesky_may_do_is_said_and_the_account_s_own_is_not_kept() {
    let stage = Stage::new();
    let network = stage.network();
    let typed = |password: &str| {
        let mut login = stage.starts(&["login", "bluesky"]);
        login.types(password);
        login
    };
    // Somebody chose a password of his own that looks like an app password.
    let own = "abcd-efgh-ijkl-mnop";
    let zone = stage.runtime.block_on(network.joins_with("pz-eigen.example", own));
    stage.zone(&[("bluesky", "account = \"pz-eigen.example\"")]);
    let mut login = typed(own);
    login.ends(77, &["this is the account's own password, which may do everything: make an app password"]);
    assert!(!login.said.contains(own), "{}", login.said);
    assert_eq!(stage.vault("bluesky"), None);

    let plain = stage.runtime.block_on(network.app_password(&zone, false));
    let mut login = typed(&plain);
    login.ends(0, &["The app password may not read direct messages", "`bluesky.inbox` is not"]);
    assert!(!login.said.contains(&plain), "{}", login.said);
    stage.kept("bluesky", &login);
    stage.no_violations();
}

#[test]
fn the_label_of_an_automated_account_leaves_its_profile_as_it_was() {
    let stage = Stage::new();
    let (setup, network) = (Setup::default(), stage.network());
    let zone = stage.runtime.block_on(network.enters(&setup.bluesky_handle, &setup.bluesky_app_password));
    let profile = || stage.runtime.block_on(network.record(&zone, PROFILE, "self"));
    let written = json!({
        "$type": PROFILE, "displayName": "Politiezone Voorbeeld", "description": "Dringend? Bel 101.", "invented": {"later": [1]},
        "labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]},
    });
    stage.runtime.block_on(network.put(&zone, PROFILE, "self", written.clone()));
    stage.zone(&[("bluesky", &format!("account = \"{}\"", setup.bluesky_handle))]);
    let logs_in = |more: &[&str]| {
        let mut login = stage.starts(&[&["login", "bluesky"], more].concat());
        login.types(&setup.bluesky_app_password);
        login
    };
    logs_in(&[]).ends(0, &["does not say that it is automated"]);
    assert_eq!(profile(), written, "nothing is written unasked");
    logs_in(&["--bot"]).ends(0, &["says now that it is automated"]);
    let mut marked = written;
    marked["labels"]["values"] = json!([{"val": "!no-unauthenticated"}, {"val": "bot"}]);
    assert_eq!(profile(), marked);
    stage.no_violations();
}

#[test]
fn a_platform_that_is_away_ends_with_69() {
    let stage = Stage::new();
    stage.on_x();
    let mut login = stage.logs_in("x", &["--paste"]);
    let back = sent_back(&login.address());
    let fault = Fault::new(FaultKind::ResetBefore).on(Platform::X, "POST", "oauth2/token");
    stage.sandbox.fault(fault.times(1));
    login.types(&back);
    login.ends(69, &["no answer"]);
}

impl Stage {
    /// Waits until the sandbox was asked for this.
    #[track_caller]
    fn waits(&self, path: &str) {
        let clock = Clock::system();
        let asked = async {
            while !self.sandbox.snapshot()["requests"].to_string().contains(path) {
                clock.sleep(Duration::from_millis(20)).await;
            }
        };
        let done = self.runtime.block_on(async { clock.within(PATIENCE, asked).await });
        assert!(done.is_some(), "nobody asked for {path}: {}", self.sandbox.snapshot()["requests"]);
    }
}

/// A Mastodon server as far as logins go; a newer one names its scopes, an older one does not.
struct Mastodon {
    address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Mastodon {
    fn starts(newer: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer(stream, newer, &noted);
            }
        });
        Self { address, seen }
    }

    /// The requests whose first line holds these words.
    fn asked(&self, words: &str) -> Vec<String> {
        self.seen.lock().unwrap().iter().filter(|request| request.contains(words)).cloned().collect()
    }
}

/// Answers one request on a connection, and closes it.
fn answer(mut stream: TcpStream, newer: bool, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let request = format!("{head}{}", String::from_utf8(body).unwrap());
    let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, more, body) = match target.split('?').next().unwrap() {
        "/.well-known/oauth-authorization-server" if newer => {
            (200, String::new(), json!({"scopes_supported": ["read", "profile", "write"]}))
        }
        "/api/v1/apps" => (200, String::new(), json!({"id": "1", "client_id": "app", "client_secret": "app-secret"})),
        "/oauth/authorize" => {
            let url = url::Url::parse(&format!("http://m{target}")).unwrap();
            let field = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
            assert_eq!(field("code_challenge_method"), "S256");
            let back = format!("{}?code=given-code&state={}", field("redirect_uri"), field("state"));
            (302, format!("Location: {back}\r\n"), json!({}))
        }
        "/oauth/token" => {
            let good = ["code=given-code", "client_secret=app-secret", "code_verifier="];
            if good.iter().all(|part| request.contains(part)) {
                (
                    200,
                    String::new(),
                    json!({"access_token": "their-token", "token_type": "Bearer", "scope": "read write"}),
                )
            } else {
                (400, String::new(), json!({"error": "invalid_grant"}))
            }
        }
        "/api/v1/accounts/verify_credentials" if request.to_lowercase().contains("bearer their-token") => {
            (200, String::new(), json!({"id": "1", "username": "zpexemple", "acct": "zpexemple", "bot": false}))
        }
        _ => (404, String::new(), json!({"error": "Record not found"})),
    };
    seen.lock().unwrap().push(request);
    let body = body.to_string();
    let length = body.len();
    // A client that has gone is no matter.
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n");
    let _ = write!(stream, "{head}Connection: close\r\n{more}\r\n{body}");
}

#[test]
fn a_login_on_mastodon_registers_our_application_first() {
    let stage = Stage::new();
    stage.on_x();
    let server = Mastodon::starts(true);
    let mut login = stage.logs_in("mastodon", &["--server", &server.address]);
    let back = sent_back(&login.address());
    get(&back);
    // The token's wide scope does not cover the narrow one that was asked for.
    login.ends(77, &["Logged in as @zpexemple", "MISSING profile"]);
    assert!(server.asked("POST /api/v1/apps")[0].contains("read:notifications read:statuses write:statuses profile"));
    assert_eq!(stage.vault("mastodon"), None);
}

#[test]
fn an_older_server_shows_a_code_for_copying() {
    let stage = Stage::new();
    stage.on_x();
    let server = Mastodon::starts(false);
    let mut login = stage.starts(&["login", "mastodon", "--server", &server.address, "--paste"]);
    let there = login.address();
    assert!(there.contains("redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob"), "{there}");
    login.types("given-code");
    login.ends(0, &["Logged in as @zpexemple", "This is an automated account"]);
    let vault = stage.kept("mastodon", &login);
    assert_eq!((&vault["account"], &vault["access"]), (&json!(server.address), &json!("their-token")));
    assert!(server.asked("POST /api/v1/apps")[0].contains("read:accounts"));
    let mut login = stage.starts(&["login", "mastodon", "--server", &server.address, "--paste"]);
    login.address();
    login.types("another-code");
    login.ends(77, &["the server does not take the code"]);
}
