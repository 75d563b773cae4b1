//! A stand-in of the Facebook Graph API, of the X API v2, of a Bluesky network and of a Mastodon server: stateful, strict, on one port, over real HTTP.
//!
//! It is used to rehearse a zone's file, by the demonstration, and by the tests. It shares no code with the
//! adapters that talk to the real platforms and imports nothing of the house: were both written from the same
//! types, both could be wrong together.
//!
//! Graph answers under `/vNN.N/…` and `POST /`, X under `/2/…` and `/i/…`, Bluesky under `/xrpc/…`, Mastodon under `/api/…`, and the control API under `/control/…`:
//! `POST say`, `POST colleague`, `POST mark`, `POST token`, `POST expire`, `POST fault`, `POST set`, `GET world`.
//! Whatever a careful client would not do is noted as a *violation*, even where the platform would let it pass.

mod bluesky;
mod control;
mod fault;
mod graph;
mod mastodon;
mod meta_settings;
mod meter;
mod people;
mod serve;
mod settings;
mod time;
mod who;
mod wire;
mod world;
mod x;

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::{Request, Response};
use serde_json::Value;
use tokio::net::TcpListener;

pub use control::{Colleague, Flags, Mark, Said, Say, Story, TokenChange};
pub use fault::{Fault, FaultKind, Platform, Where};
pub use meta_settings::{Extras, MetaSettings, OtherPage, PlatformDefault};
pub use settings::{DuplicateScope, OldMessages, SenderId, Settings, Vocabulary, XLimits};
pub use wire::FAULT_HEADER;
pub use world::{By, Feed, Message};
pub use x::{DayLimits, Trouble, XSettings};

use wire::{Answer, Call, Outcome};
use world::World;

/// Gives the present as unix milliseconds; a test may pass a clock that it moves itself.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The zone's accounts, and what opens them.
#[derive(Clone)]
pub struct Setup {
    /// The Page's id.
    pub page_id: String,
    /// The Page's name, also shown as the display name on X.
    pub page_name: String,
    /// The Page token.
    pub facebook_token: String,
    /// The X account's id, 1 to 19 digits.
    pub x_user_id: String,
    /// The X account's handle, without the at sign.
    pub x_username: String,
    /// The X access token.
    pub x_token: String,
    /// For the refresh of X tokens: client id, client secret and the first refresh token.
    pub x_client_id: String,
    /// The secret of the X application.
    pub x_client_secret: String,
    /// The first X refresh token.
    pub x_refresh_token: String,
    /// The id of the Instagram professional account, linked to the Page.
    pub instagram_id: String,
    /// The id of the same account as Instagram Login shows it, beside the other as `user_id`.
    pub instagram_login_id: String,
    /// Its user name.
    pub instagram_username: String,
    /// The token of Instagram Login, which needs no Page.
    pub instagram_token: String,
    /// For OAuth 1.0a: the key of the X application.
    pub x_consumer_key: String,
    /// For OAuth 1.0a: the secret of the X application.
    pub x_consumer_secret: String,
    /// For OAuth 1.0a: the account's token, which begins with its id.
    pub x_user_token: String,
    /// For OAuth 1.0a: the secret of the account's token.
    pub x_user_secret: String,
    /// The person who looks after the Page.
    pub facebook_user_id: String,
    /// The Facebook application; its secret also makes the `appsecret_proof`.
    pub facebook_app_id: String,
    /// Its secret.
    pub facebook_app_secret: String,
    /// The handle of the Bluesky account.
    pub bluesky_handle: String,
    /// Its app password.
    pub bluesky_app_password: String,
    /// The name of the Mastodon account on its server.
    pub mastodon_username: String,
    /// Its token.
    pub mastodon_token: String,
    /// The application as Instagram Login knows it.
    pub instagram_app_id: String,
    /// Its secret there.
    pub instagram_app_secret: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            page_id: "100000000000001".to_owned(),
            page_name: "Politiezone Voorbeeld".to_owned(),
            facebook_token: "sandbox-page-token".to_owned(),
            x_user_id: "1500000000000000001".to_owned(),
            x_username: "PZVoorbeeld".to_owned(),
            x_token: "sandbox-x-token".to_owned(),
            x_client_id: "sandbox-client".to_owned(),
            x_client_secret: "sandbox-client-secret".to_owned(),
            x_refresh_token: "sandbox-refresh-token-0".to_owned(),
            instagram_id: "17841400000000001".to_owned(),
            instagram_login_id: "24500000000000001".to_owned(),
            instagram_username: "pz_voorbeeld".to_owned(),
            instagram_token: "sandbox-instagram-token".to_owned(),
            x_consumer_key: "sandbox-consumer".to_owned(),
            x_consumer_secret: "sandbox-consumer-secret".to_owned(),
            x_user_token: "1500000000000000001-sandbox".to_owned(),
            x_user_secret: "sandbox-user-secret".to_owned(),
            facebook_user_id: "10220000000000001".to_owned(),
            facebook_app_id: "700000000000001".to_owned(),
            facebook_app_secret: "sandbox-facebook-secret".to_owned(),
            bluesky_handle: "pz-voorbeeld.bsky.social".to_owned(),
            bluesky_app_password: "sand-boxx-pass-word".to_owned(),
            mastodon_username: "pz_voorbeeld".to_owned(),
            mastodon_token: "sandbox-mastodon-token".to_owned(),
            instagram_app_id: "700000000000002".to_owned(),
            instagram_app_secret: "sandbox-instagram-secret".to_owned(),
        }
    }
}

/// An answer of the zone, as a test looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its own id.
    pub message_id: String,
    /// Where it stands: below a comment it is public, in an inbox private, whatever it answers.
    pub feed: Feed,
    /// The thread in which it stands.
    pub thread_id: String,
    /// Its text; on X with the handles in front.
    pub text: String,
    /// Unix milliseconds.
    pub at: i64,
    /// The service, a colleague, or the zone before this world was opened.
    pub by: By,
}

/// The stand-in; cheap to clone, all clones share one world.
#[derive(Clone)]
pub struct Sandbox {
    world: Arc<Mutex<World>>,
}

impl Sandbox {
    /// Opens an empty world around the zone's accounts.
    #[must_use]
    pub fn new(setup: Setup, clock: Clock) -> Self {
        Self { world: Arc::new(Mutex::new(World::new(setup, clock))) }
    }

    /// The whole stand-in as a service that needs no socket. A broken connection is an answer with the header
    /// [`FAULT_HEADER`] there, since there is no connection to break.
    pub fn router(&self) -> Router {
        let sandbox = self.clone();
        Router::new().fallback(move |request: Request<Body>| async move { sandbox.respond(request).await })
    }

    /// Answers real HTTP on this listener until `shutdown` ends.
    ///
    /// # Errors
    /// The error of the listener, when it can no longer accept.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        serve::serve(self.clone(), listener, shutdown).await
    }

    /// Lets a citizen write.
    ///
    /// # Errors
    /// A sentence saying what does not fit: an unknown thread, a time that cannot be read.
    pub fn say(&self, say: Say) -> Result<Said, String> {
        control::say(&mut self.world(), say)
    }

    /// Lets a human of the zone answer by hand.
    ///
    /// # Errors
    /// A sentence saying what does not fit: an unknown thread or message.
    pub fn colleague(&self, colleague: &Colleague) -> Result<Said, String> {
        control::colleague(&mut self.world(), colleague)
    }

    /// Plans a misfortune. Faults are tried in the order in which they were planned.
    pub fn fault(&self, fault: Fault) {
        self.world().faults.push(fault);
    }

    /// Nothing more goes wrong on purpose.
    pub fn mend(&self) {
        self.world().faults.clear();
    }

    /// Changes settings, or the tokens that open the accounts (`facebook_token`, `x_token`).
    ///
    /// # Errors
    /// A sentence naming the unknown key or the wrong value.
    pub fn set(&self, changes: &Value) -> Result<(), String> {
        control::set(&mut self.world(), changes)
    }

    /// Changes the life or the permissions of a token of Facebook or Instagram.
    ///
    /// # Errors
    /// A sentence saying what does not fit: an unknown token, a time that cannot be read.
    pub fn token(&self, change: &TokenChange) -> Result<(), String> {
        control::token::change(&mut self.world(), change)
    }

    /// Changes the circumstances of something that was written.
    ///
    /// # Errors
    /// A sentence saying what does not fit: an unknown message or flag.
    pub fn mark(&self, mark: &Mark) -> Result<(), String> {
        control::mark::mark(&mut self.world(), mark)
    }

    /// Everything there is, as `GET /control/world` shows it; tokens are left out.
    #[must_use]
    pub fn snapshot(&self) -> Value {
        control::snapshot(&self.world())
    }

    /// The answers of the zone to one message, whoever gave them, in the order in which they were given.
    /// In an inbox an answer belongs to the citizen's newest message at that time.
    #[must_use]
    pub fn replies_to(&self, message_id: &str) -> Vec<Reply> {
        self.replies(|message| message.in_reply_to.as_deref() == Some(message_id))
    }

    /// What the zone wrote in one thread, whoever wrote it.
    #[must_use]
    pub fn replies_in(&self, thread_id: &str) -> Vec<Reply> {
        self.replies(|message| message.thread_id == thread_id)
    }

    fn replies(&self, wanted: impl Fn(&Message) -> bool) -> Vec<Reply> {
        let world = self.world();
        let ours = world.messages.iter().filter(|message| message.by != By::Citizen && wanted(message));
        ours.map(|message| Reply {
            message_id: message.id.clone(),
            feed: message.feed,
            thread_id: message.thread_id.clone(),
            text: message.text.clone(),
            at: message.at,
            by: message.by,
        })
        .collect()
    }

    /// All that was ever written, in the order in which it was written.
    #[must_use]
    pub fn all_messages(&self) -> Vec<Message> {
        self.world().messages.clone()
    }

    /// What a careful client would not have done, in the order in which it was done.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.world().violations.clone()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        // A panic elsewhere leaves plain data that is still good enough to look at.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request, as the router does; handy where there is neither a socket nor a service stack.
    pub async fn respond(&self, request: Request<Body>) -> Response<Body> {
        let Some(call) = Call::read(request).await else {
            return Answer::html(413).into_response();
        };
        let outcome = handle(&mut self.world(), &call);
        match outcome {
            Outcome::Answer(answer) => answer.into_response(),
            Outcome::Reset => broken(),
            Outcome::Hang { ms, then } => {
                // Being slow is what this fault is for; the world is not locked meanwhile.
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the sandbox stands for another machine, with its own time"
                )]
                tokio::time::sleep(Duration::from_millis(ms)).await;
                then.map_or_else(broken, Answer::into_response)
            }
        }
    }
}

fn broken() -> Response<Body> {
    Answer::html(502).with(FAULT_HEADER, "reset").into_response()
}

/// Sends a call to the platform that its path names.
fn handle(world: &mut World, call: &Call) -> Outcome {
    match call.segments.first().map(String::as_str) {
        Some("control") => Outcome::Answer(control::handle(world, call)),
        Some("2" | "i") => x::handle(world, call),
        _ if bluesky::takes(call) => bluesky::handle(world, call),
        _ if mastodon::takes(call) => mastodon::handle(world, call),
        _ if graph::takes(call) => graph::handle(world, call),
        _ => {
            world.violation(call, "a path of no platform, or a Graph call without a version");
            world.log(call, 404);
            Outcome::Answer(Answer::html(404))
        }
    }
}
