//! A login that keeps itself alive, told against a token endpoint that rotates: short lives, crashes at the worst
//! moment, a second process, a disk that is full, and a human who logs in while the service runs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod heard;

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use formez101::{
    auth::{Account, Client, Grant, Renewal, Tokens, Vault, XToken},
    clock::{Clock, after},
    http::{Answer, Body, Call, Lost, Proof, Transport},
};
use heard::Log;
use http::HeaderMap;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const COMMAND: &str = "formez101 login x --zone exemple";

/// X as far as tokens go. Each renewal takes it two seconds; it rotates after the first.
struct Platform {
    clock: Clock,
    inner: Mutex<Inner>,
}

struct Inner {
    serial: u32,
    /// Refresh tokens that are good.
    refresh: Vec<String>,
    /// Access tokens that are good, and their ends.
    access: Vec<(String, Timestamp)>,
    /// How long an access token lives.
    life: Duration,
    /// Whether a spent refresh token still works.
    grace: bool,
    /// What goes wrong with the next calls to the token endpoint.
    troubles: VecDeque<Trouble>,
    /// Calls to the token endpoint, and how many were refused.
    asked: u32,
    refused: u32,
}

#[derive(Clone, Copy)]
enum Trouble {
    NoConnection,
    AnswerLost,
    Status(u16),
}

impl Platform {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn takes(&self, token: &SecretString) -> bool {
        let now = self.clock.now();
        self.inner().access.iter().any(|(good, end)| good == token.expose_secret() && *end > now)
    }

    /// A human logs in: what was given before is void.
    fn login(&self) -> Grant {
        let mut inner = self.inner();
        inner.refresh.clear();
        inner.access.clear();
        inner.give(self.clock.now())
    }

    async fn token(&self, form: &str) -> Result<(u16, String), Lost> {
        let trouble = {
            let mut inner = self.inner();
            inner.asked += 1;
            inner.troubles.pop_front()
        };
        match trouble {
            Some(Trouble::NoConnection) => return Err(Lost::NotSent),
            Some(Trouble::Status(status)) => return Ok((status, "{}".to_owned())),
            _ => {}
        }
        self.clock.sleep(Duration::from_secs(1)).await;
        let answer = self.inner().rotate(form, self.clock.now());
        self.clock.sleep(Duration::from_secs(1)).await;
        if matches!(trouble, Some(Trouble::AnswerLost)) { Err(Lost::Unknown) } else { Ok(answer) }
    }
}

impl Inner {
    fn rotate(&mut self, form: &str, now: Timestamp) -> (u16, String) {
        let given = form.split('&').find_map(|field| field.strip_prefix("refresh_token=")).unwrap();
        if !self.refresh.iter().any(|good| good == given) {
            self.refused += 1;
            let problem =
                r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#;
            return (400, problem.to_owned());
        }
        if !self.grace {
            self.refresh.clear();
        }
        let grant = self.give(now);
        let (access, refresh) = (grant.access.expose_secret(), grant.refresh.as_ref().unwrap().expose_secret());
        let life = self.life.as_secs();
        let answer = format!(
            r#"{{"token_type":"bearer","expires_in":{life},"access_token":"{access}","refresh_token":"{refresh}"}}"#
        );
        (200, answer)
    }

    fn give(&mut self, now: Timestamp) -> Grant {
        self.serial += 1;
        let (access, refresh) = (format!("access-{}", self.serial), format!("refresh-{}", self.serial));
        let ends_at = after(now, self.life);
        self.access.push((access.clone(), ends_at));
        self.refresh.push(refresh.clone());
        Grant {
            refresh: Some(refresh.into()),
            obtained_at: Some(now),
            ends_at: Some(ends_at),
            ..Grant::fixed(access.into())
        }
    }
}

#[async_trait]
impl Transport for Platform {
    async fn send(&self, call: Call) -> Result<Answer, Lost> {
        let (status, body) = match (&call.body, &call.proof) {
            (Some(Body::Encoded(form)), _) if call.url.ends_with("/2/oauth2/token") => {
                self.token(std::str::from_utf8(form).unwrap()).await?
            }
            (None, Proof::Bearer(token)) if call.url.ends_with("/2/users/me") => {
                let me = r#"{"data":{"id":"1","name":"Zone","username":"ZPExemple"}}"#;
                (if self.takes(token) { 200 } else { 401 }, me.to_owned())
            }
            _ => panic!("an unexpected call: {}", call.url),
        };
        Ok(Answer { status, headers: HeaderMap::new(), body: Bytes::from(body) })
    }
}

/// One zone: its state folder, its platform, and what was logged.
struct Story {
    folder: TempDir,
    clock: Clock,
    platform: Arc<Platform>,
    given: Grant,
    log: Log,
    _listening: tracing::subscriber::DefaultGuard,
}

/// One life of the service.
struct Process {
    tokens: Arc<Tokens>,
    cancel: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Story {
    fn new(life: Duration) -> Self {
        let (log, listening) = Log::open();
        let clock = Clock::starting_at("2026-11-20T22:00:00Z".parse().unwrap());
        let mut inner = Inner {
            serial: 0,
            refresh: Vec::new(),
            access: Vec::new(),
            life,
            grace: false,
            troubles: VecDeque::new(),
            asked: 0,
            refused: 0,
        };
        let given = inner.give(clock.now());
        Self {
            folder: tempfile::tempdir().unwrap(),
            platform: Arc::new(Platform { clock, inner: Mutex::new(inner) }),
            clock,
            given,
            log,
            _listening: listening,
        }
    }

    /// The vault; the credentials hold the refresh token that was given first.
    fn vault(&self) -> Vault {
        Vault::new(self.folder.path(), "x", "ZPExemple", self.given.refresh.clone())
    }

    fn starts(&self) -> Process {
        let grant = self.vault().read().unwrap().unwrap_or_else(|| self.given.clone());
        self.starts_with(grant, true)
    }

    fn starts_with(&self, grant: Grant, renews: bool) -> Process {
        let client =
            Client { token_url: XToken::token_url("http://x"), id: "app".into(), secret: None, secret_in_body: false };
        let issuer = XToken {
            client: renews.then_some(client),
            api_base: "http://x".into(),
            transport: Arc::clone(&self.platform) as Arc<dyn Transport>,
            clock: self.clock,
        };
        let tokens = Arc::new(Tokens::new(grant.access.clone()));
        let who = Account { name: "x", command: COMMAND.into() };
        let vault: (Vault, &Path) = (self.vault(), self.folder.path());
        let renewal = Renewal::new(who, Arc::new(issuer), self.clock, Arc::clone(&tokens), vault, grant);
        let cancel = CancellationToken::new();
        let watched = cancel.clone();
        let task = tokio::spawn(async move { renewal.keep(&watched, |_| ()).await });
        Process { tokens, cancel, task }
    }

    async fn pass(&self, length: Duration) {
        self.clock.sleep(length).await;
    }

    /// A human logs in, in a process of its own.
    async fn human_logs_in(&self) {
        let grant = self.platform.login();
        let vault = Vault::new(self.folder.path(), "x", "ZPExemple", self.given.refresh.clone());
        vault.lock(self.clock, MINUTE).await.unwrap().write_login(&grant).unwrap();
    }

    /// The number of lines of the log with these words.
    fn logged(&self, words: &str) -> usize {
        self.log.count(words)
    }

    fn told(&self) -> String {
        self.log.told()
    }

    #[track_caller]
    fn works(&self, process: &Process) {
        assert!(self.platform.takes(&process.tokens.current()), "the token in use is dead:\n{}", self.told());
    }

    #[track_caller]
    fn shows_no_secret(&self) {
        let told = self.told();
        assert!(!told.contains("access-") && !told.contains("refresh-"), "{told}");
    }
}

impl Process {
    /// Killed: it gets no chance to write anything.
    async fn dies(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    async fn stops(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_lives_a_minute_is_renewed_in_time_and_not_without_pause() {
    let story = Story::new(MINUTE);
    let process = story.starts();
    for _ in 0..600 {
        story.pass(Duration::from_secs(1)).await;
        story.works(&process);
    }
    let asked = story.platform.inner().asked;
    assert!((10..=14).contains(&asked), "{asked} renewals in ten minutes");
    process.stops().await;
    story.shows_no_secret();
}

#[tokio::test(start_paused = true)]
async fn a_token_that_lives_two_hours_is_renewed_twenty_minutes_ahead() {
    let story = Story::new(2 * HOUR);
    let process = story.starts();
    story.pass(99 * MINUTE).await;
    assert_eq!(story.platform.inner().asked, 0);
    story.pass(2 * MINUTE).await;
    assert_eq!(story.platform.inner().asked, 1);
    story.works(&process);
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn killed_between_rotation_and_writing_it_goes_on_where_the_old_token_still_works() {
    let story = Story::new(2 * HOUR);
    story.platform.inner().grace = true;
    let process = story.starts();
    story.pass(100 * MINUTE + Duration::from_millis(1_500)).await;
    assert_eq!(story.platform.inner().serial, 2, "the platform has rotated, and its answer is on its way");
    process.dies().await;

    let process = story.starts();
    story.pass(MINUTE).await;
    assert_eq!(story.platform.inner().serial, 3);
    story.works(&process);
    assert_eq!(story.logged("ERROR"), 0, "{}", story.told());
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn where_it_does_not_there_is_one_alarm_one_try_and_the_living_token_is_used_on() {
    let story = Story::new(2 * HOUR);
    let process = story.starts();
    story.pass(100 * MINUTE + Duration::from_millis(1_500)).await;
    process.dies().await;
    assert_eq!(story.platform.inner().asked, 1);

    for _ in 0..20 {
        let process = story.starts();
        story.pass(Duration::from_secs(30)).await;
        story.works(&process);
        process.dies().await;
    }
    let process = story.starts();
    story.pass(8 * HOUR).await;
    assert_eq!(story.platform.inner().asked, 2, "the old token is tried once, over all starts");
    assert_eq!(story.logged("ERROR"), 1, "{}", story.told());
    assert_eq!(
        story.logged(&format!(
            "the answer to a renewal was lost, and the platform no longer takes the old token: run `{COMMAND}`"
        )),
        1
    );

    story.human_logs_in().await;
    story.pass(61 * Duration::from_secs(1)).await;
    story.works(&process);
    assert_eq!(story.logged("a new login was taken up"), 1);
    story.pass(DAY).await;
    story.works(&process);
    assert_eq!(story.logged("ERROR"), 1, "{}", story.told());
    process.stops().await;
    story.shows_no_secret();
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_without_a_crash_is_asked_for_once_more() {
    let story = Story::new(2 * HOUR);
    story.platform.inner().troubles = [Trouble::AnswerLost].into();
    let process = story.starts();
    story.pass(3 * HOUR).await;
    assert_eq!(story.platform.inner().asked, 2);
    assert_eq!(story.logged("the answer to a renewal was lost"), 1, "{}", story.told());
    process.stops().await;
}

/// Kills the process at a hundred moments around its renewals.
async fn hundred_kills(grace: bool) -> Story {
    let story = Story::new(MINUTE);
    story.platform.inner().grace = grace;
    let mut random = fastrand::Rng::with_seed(101);
    let mut inside = 0;
    for _ in 0..100 {
        let process = story.starts();
        story.pass(Duration::from_millis(random.u64(0..50_000))).await;
        inside += usize::from(story.vault().read().unwrap().is_some_and(|grant| grant.in_flight));
        process.dies().await;
    }
    assert!(inside > 3, "{inside} kills fell into a renewal: this test tests nothing");
    story
}

#[tokio::test(start_paused = true)]
async fn a_hundred_kills_never_lock_it_out_where_the_old_token_still_works() {
    let story = hundred_kills(true).await;
    let process = story.starts();
    story.pass(5 * MINUTE).await;
    story.works(&process);
    assert_eq!(story.logged("ERROR"), 0, "{}", story.told());
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn a_hundred_kills_end_in_one_alarm_and_no_storm_where_it_does_not() {
    let story = hundred_kills(false).await;
    assert_eq!(story.platform.inner().refused, 1, "the dead token is tried once");
    assert_eq!(story.logged("ERROR"), 1, "{}", story.told());
    story.human_logs_in().await;
    let process = story.starts();
    story.pass(5 * MINUTE).await;
    story.works(&process);
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn two_processes_on_one_vault_spend_each_token_once() {
    let story = Story::new(10 * MINUTE);
    let (one, other) = (story.starts(), story.starts());
    for _ in 0..60 {
        story.pass(2 * MINUTE).await;
        story.works(&one);
        story.works(&other);
    }
    assert_eq!(story.platform.inner().refused, 0);
    assert_eq!(story.logged("ERROR"), 0, "{}", story.told());
    one.stops().await;
    other.stops().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_unless_a_human_has_logged_in_meanwhile() {
    let story = Story::new(2 * HOUR);
    let process = story.starts();
    story.pass(5 * MINUTE).await;
    story.human_logs_in().await;
    process.tokens.refuse(&process.tokens.current());
    story.pass(Duration::from_secs(5)).await;
    story.works(&process);
    assert_eq!(story.platform.inner().asked, 0, "the vault is read before a token is spent");

    process.tokens.refuse(&process.tokens.current());
    story.pass(Duration::from_secs(5)).await;
    assert_eq!(story.platform.inner().asked, 1);
    story.works(&process);
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_refuses_every_new_token_is_not_asked_for_one_after_the_other() {
    let story = Story::new(2 * HOUR);
    let process = story.starts();
    for _ in 0..600 {
        story.pass(Duration::from_secs(1)).await;
        process.tokens.refuse(&process.tokens.current());
    }
    let asked = story.platform.inner().asked;
    assert!((1..=3).contains(&asked), "{asked} renewals in ten minutes");
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_waited_out_with_growing_pauses_and_costs_no_login() {
    let story = Story::new(2 * HOUR);
    let outage = [Trouble::NoConnection, Trouble::Status(503), Trouble::Status(429), Trouble::Status(500)];
    story.platform.inner().troubles = outage.into_iter().cycle().take(12).collect();
    let process = story.starts();
    story.pass(100 * MINUTE + HOUR).await;
    assert_eq!(story.platform.inner().asked, 13);
    assert_eq!(story.logged("the login cannot be renewed for now"), 1, "{}", story.told());
    assert_eq!(story.logged("ERROR"), 0, "{}", story.told());
    story.works(&process);
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_is_not_spent_while_the_vault_cannot_be_written() {
    let story = Story::new(2 * HOUR);
    // A folder in the place of the file that is written first: even root cannot write there.
    let in_the_way = story.folder.path().join("x.new/full");
    std::fs::create_dir_all(&in_the_way).unwrap();
    let process = story.starts();
    story.pass(105 * MINUTE).await;
    assert_eq!(story.platform.inner().asked, 0);
    std::fs::remove_dir_all(in_the_way.parent().unwrap()).unwrap();
    story.pass(5 * MINUTE).await;
    assert_eq!(story.platform.inner().asked, 1);
    story.works(&process);
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_without_renewal_is_told_once_and_replaced_by_a_login() {
    let story = Story::new(2 * HOUR);
    let process = story.starts_with(Grant::fixed(story.given.access.clone()), false);
    story.platform.inner().access.clear();
    story.pass(3 * DAY).await;
    assert_eq!(story.logged("ERROR"), 1, "{}", story.told());
    assert_eq!(story.logged(&format!("the platform refuses the token: run `{COMMAND}`")), 1);
    story.human_logs_in().await;
    story.pass(61 * Duration::from_secs(1)).await;
    story.works(&process);
    process.stops().await;
}

#[tokio::test(start_paused = true)]
async fn a_known_end_is_told_14_7_3_and_1_days_ahead_over_restarts() {
    let story = Story::new(20 * DAY);
    let grant = Grant { refresh: None, ..story.given.clone() };
    for _ in 0..20 {
        let process = story.starts_with(grant.clone(), false);
        story.pass(DAY).await;
        process.stops().await;
    }
    assert_eq!(story.logged("the token ends soon"), 4, "{}", story.told());
    assert_eq!(story.logged(&format!("run `{COMMAND}` before")), 4);
    let told = story.told();
    let days: Vec<&str> = told.lines().filter_map(|line| line.split_once("days_left=").map(|(_, days)| days)).collect();
    assert_eq!(days, ["14", "7", "3", "1"], "{told}");
}
