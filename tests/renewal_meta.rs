//! Meta's logins over months: Instagram's token is renewed every week, a Page's is proved every day.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod heard;
#[path = "world/transport.rs"]
mod transport;

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use formez101::{
    auth::{
        Account, Grant, Issuer, Renewal, Tokens, Vault,
        meta::{FacebookFlow, InstagramToken, MetaApi, MetaApp, PageToken},
    },
    clock::Clock,
    sandbox::{Fault, FaultKind, Platform, Sandbox, Setup, TokenChange},
};
use heard::Log;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const DAY: Duration = Duration::from_secs(86_400);
const BACK: &str = "http://127.0.0.1:8910/callback";

struct Story {
    folder: TempDir,
    clock: Clock,
    sandbox: Sandbox,
    api: MetaApi,
    log: Log,
    _listening: tracing::subscriber::DefaultGuard,
}

impl Story {
    fn new() -> Self {
        let (log, listening) = Log::open();
        let clock = Clock::starting_at("2026-11-20T22:00:00Z".parse().unwrap());
        let sandbox = Sandbox::new(Setup::default(), Arc::new(move || clock.now().as_millisecond()));
        sandbox.set(&json!({"graph_redirect_uris": [BACK]})).unwrap();
        let api = MetaApi {
            api_base: "http://127.0.0.1:1".into(),
            version: "v26.0".into(),
            transport: Arc::new(transport::InMemory { sandbox: sandbox.clone(), clock }),
            clock,
        };
        Self { folder: tempfile::tempdir().unwrap(), clock, sandbox, api, log, _listening: listening }
    }

    /// A human logs in with Facebook; gives the Page's token.
    async fn page_token(&self) -> SecretString {
        let flow = FacebookFlow { api: self.api.clone(), app: app() };
        let scopes = ["pages_show_list", "pages_messaging", "instagram_basic"];
        let consent = flow.consent("http://127.0.0.1:1", BACK, &scopes, false, None).unwrap();
        let request = http::Request::get(&consent.address).body(Body::empty()).unwrap();
        let answer = self.sandbox.respond(request).await;
        let code = consent.code(answer.headers()["location"].to_str().unwrap()).unwrap();
        let human = flow.human(BACK, &code).await.unwrap();
        flow.pages(&human).await.unwrap().swap_remove(0).access_token
    }

    fn keeps(&self, name: &'static str, issuer: impl Issuer + 'static, token: SecretString) -> (Arc<Tokens>, Life) {
        let vault = Vault::new(self.folder.path(), name, "1", Some(token.clone()));
        let grant = vault.read().unwrap().unwrap_or_else(|| Grant::fixed(token));
        let tokens = Arc::new(Tokens::new(grant.access.clone()));
        let who = Account { name, command: format!("formez101 login {name} --zone exemple") };
        let vault = (vault, self.folder.path());
        let renewal = Renewal::new(who, Arc::new(issuer), self.clock, Arc::clone(&tokens), vault, grant);
        let cancel = CancellationToken::new();
        let watched = cancel.clone();
        tokio::spawn(async move { renewal.keep(&watched, |_| ()).await });
        (tokens, Life(cancel))
    }

    async fn works(&self, tokens: &Tokens) -> bool {
        let issuer = PageToken { api: self.api.clone(), app: None };
        issuer.prove(tokens, &Grant::fixed(tokens.current())).await.is_ok()
    }

    /// The calls to the sandbox whose path holds this.
    fn calls(&self, path: &str) -> usize {
        let log = self.sandbox.snapshot();
        let requests = log["requests"].as_array().cloned().unwrap_or_default();
        requests.iter().filter(|request| request["path"].as_str().is_some_and(|at| at.contains(path))).count()
    }
}

/// The application, whose calls carry the proof of its secret.
fn app() -> MetaApp {
    let setup = Setup::default();
    MetaApp { id: setup.facebook_app_id, secret: setup.facebook_app_secret.into(), proves_calls: true }
}

/// One life of the service; it ends when dropped.
struct Life(CancellationToken);

impl Drop for Life {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[tokio::test(start_paused = true)]
async fn an_instagram_token_is_renewed_every_week_and_outlives_its_sixty_days() {
    let story = Story::new();
    let given = SecretString::from(Setup::default().instagram_token);
    let (mut tokens, mut life) = story.keeps("instagram", InstagramToken { api: story.api.clone() }, given.clone());
    for day in 0..100 {
        story.clock.sleep(DAY).await;
        assert!(story.works(&tokens).await, "day {day}");
        if day % 20 == 10 {
            drop(life);
            // A restart goes on from the vault, while the credential is long dead.
            (tokens, life) = story.keeps("instagram", InstagramToken { api: story.api.clone() }, given.clone());
        }
    }
    let renewals = story.log.count("the login was renewed");
    assert!((14..=15).contains(&renewals), "{renewals} renewals in 100 days:\n{}", story.log.told());
    assert_eq!(story.log.count("ERROR") + story.log.count("ends soon"), 0, "{}", story.log.told());
    assert!(!story.log.told().contains(tokens.current().expose_secret()));
}

#[tokio::test(start_paused = true)]
async fn a_month_in_which_instagram_renews_nothing_is_survived() {
    let story = Story::new();
    story.sandbox.fault(
        Fault::new(FaultKind::Status { status: 500, html: false, body: None, processed: false })
            .on(Platform::Facebook, "GET", "refresh_access_token")
            .times(1_000_000),
    );
    let given = SecretString::from(Setup::default().instagram_token);
    let (tokens, _life) = story.keeps("instagram", InstagramToken { api: story.api.clone() }, given);
    story.clock.sleep(DAY * 30).await;
    let calls = story.calls("refresh_access_token");
    assert!((600..=740).contains(&calls), "{calls} calls in a month: one an hour");
    assert_eq!(story.log.count("cannot be renewed for now"), 1, "{}", story.log.told());
    assert!(story.works(&tokens).await);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_data_access_is_told_ahead_and_a_login_moves_it() {
    let story = Story::new();
    let issuer = || PageToken { api: story.api.clone(), app: Some(app()) };
    let token = story.page_token().await;
    let (_tokens, _life) = story.keeps("facebook", issuer(), token.clone());
    story.clock.sleep(DAY * 75).await;
    assert_eq!(story.log.count("WARN"), 0, "{}", story.log.told());
    story.clock.sleep(DAY * 9).await;
    assert_eq!(story.log.count("the platform will soon show no more data"), 2, "{}", story.log.told());
    assert_eq!(story.log.count("run `formez101 login facebook --zone exemple` before"), 2);

    let fresh = story.page_token().await;
    let vault = Vault::new(story.folder.path(), "facebook", "1", Some(token));
    vault.lock(story.clock, DAY).await.unwrap().write_login(&Grant::fixed(fresh)).unwrap();
    story.clock.sleep(DAY * 30).await;
    assert_eq!(story.log.count("the platform will soon show no more data"), 2, "{}", story.log.told());
    assert_eq!(story.log.count("ERROR"), 0, "{}", story.log.told());
    assert_eq!(story.sandbox.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_page_token_that_dies_quietly_is_told_within_a_day_and_once() {
    let story = Story::new();
    let token = story.page_token().await;
    let (_tokens, _life) = story.keeps("facebook", PageToken { api: story.api.clone(), app: None }, token.clone());
    story.clock.sleep(DAY).await;
    assert_eq!(story.log.count("ERROR"), 0, "{}", story.log.told());
    // The password was changed.
    let dead = TokenChange { token: token.expose_secret().into(), subcode: Some(460), ..TokenChange::default() };
    story.sandbox.token(&dead).unwrap();
    story.clock.sleep(DAY * 5).await;
    assert_eq!(story.log.count("ERROR"), 1, "{}", story.log.told());
    assert_eq!(story.log.count("the platform refuses the token: run `formez101 login facebook --zone exemple`"), 1);
    assert!(story.calls("/me") < 10, "{} proofs in six days", story.calls("/me"));
}
