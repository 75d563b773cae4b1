//! A Bluesky network in small: accounts with a server of their own (PDS), and the view of them all (the `AppView`).
//!
//! Everybody comes in through the protocol itself, citizens too, so that a rehearsal plays here and on the real servers
//! alike: `createAccount`, `createAppPassword`, `createSession`, `refreshSession`, `getSession`, `putRecord`, `createRecord`, `deleteRecord`, `applyWrites`,
//! `getRecord`, `listRecords`, `listNotifications`, `getPosts`, `getPostThread`, all under `/xrpc/`, and the
//! chat server behind it.

mod accounts;
mod chat;
mod posts;
mod repo;
mod view;

use serde_json::{Value, json};

use super::Setup;
use super::fault::{self, FaultKind, Platform};
use super::wire::{Answer, Call, Outcome};
use super::world::World;

/// Everything on the network.
pub struct State {
    people: accounts::People,
    repos: repo::Repos,
    notes: Vec<view::Note>,
    chat: chat::Chat,
}

impl State {
    /// A network on which only the zone has an account.
    pub fn new(setup: &Setup) -> Self {
        let mut people = accounts::People::default();
        people.add(&setup.bluesky_handle, "sandbox-main-password", Some(&setup.bluesky_app_password));
        Self { people, repos: repo::Repos::default(), notes: Vec::new(), chat: chat::Chat::default() }
    }
}

/// Something that cannot be done: the HTTP status, the name, and a sentence.
struct Refusal(u16, &'static str, String);

impl Refusal {
    fn invalid(message: impl Into<String>) -> Self {
        Self(400, "InvalidRequest", message.into())
    }

    fn answer(&self) -> Answer {
        Answer::json(self.0, json!({"error": self.1, "message": self.2}))
    }
}

type Given = Result<Value, Refusal>;

/// True for a call of this network.
pub fn takes(call: &Call) -> bool {
    call.segments.first().is_some_and(|part| part == "xrpc")
}

/// Answers one call.
pub fn handle(world: &mut World, call: &Call) -> Outcome {
    fault::around(world, call, Platform::Bluesky, process, spoil)
}

fn process(world: &mut World, call: &Call) -> Answer {
    let now = world.now();
    let answer = route(&mut world.bluesky, call, now);
    answer.map_or_else(
        |refusal| {
            // What no careful client would ask: the rest is told by the network in its own words.
            if refusal.1 == "InvalidRequest" || refusal.1 == "MethodNotImplemented" {
                world.violation(call, &refusal.2);
            }
            refusal.answer()
        },
        |body| Answer::json(200, body),
    )
}

fn route(state: &mut State, call: &Call, now: i64) -> Given {
    let method = call.segments.get(1).map(String::as_str).unwrap_or_default();
    if let Some(method) = method.strip_prefix("chat.bsky.convo.") {
        return chat::handle(state, call, method, now);
    }
    match (call.method.as_str(), method) {
        ("POST", "com.atproto.server.createAccount") => accounts::create(&mut state.people, call, now),
        ("POST", "com.atproto.server.createAppPassword") => accounts::app_password(&mut state.people, call, now),
        ("POST", "com.atproto.server.createSession") => accounts::login(&mut state.people, call, now),
        ("POST", "com.atproto.server.refreshSession") => accounts::refresh(&mut state.people, call, now),
        ("GET", "com.atproto.server.getSession") => accounts::session(&state.people, call, now),
        ("POST", "com.atproto.repo.createRecord") => repo::create(state, call, now),
        ("POST", "com.atproto.repo.putRecord") => repo::put(state, call, now),
        ("POST", "com.atproto.repo.applyWrites") => repo::apply(state, call, now),
        ("POST", "com.atproto.repo.deleteRecord") => repo::delete(state, call, now),
        ("GET", "com.atproto.repo.getRecord") => repo::get(state, call),
        ("GET", "com.atproto.repo.listRecords") => repo::list(state, call),
        ("GET", "app.bsky.notification.listNotifications") => view::notifications(state, call, now),
        ("GET", "app.bsky.feed.getPosts") => view::posts(state, call, now),
        ("GET", "app.bsky.feed.getPostThread") => view::thread(state, call, now),
        _ => Err(Refusal(501, "MethodNotImplemented", "Method Not Implemented".to_owned())),
    }
}

/// Lets a planned fault come over an answer.
fn spoil(kind: &FaultKind, answer: Option<Answer>, now: i64) -> Outcome {
    let refused =
        |status, name: &'static str, words: &str| Outcome::Answer(Refusal(status, name, words.to_owned()).answer());
    match kind {
        FaultKind::ResetBefore | FaultKind::ResetAfter => Outcome::Reset,
        FaultKind::Timeout { ms, .. } => Outcome::Hang { ms: *ms, then: answer },
        FaultKind::Status { status, html: true, .. } => Outcome::Answer(Answer::html(*status)),
        FaultKind::Status { status, body: Some(body), .. } => Outcome::Answer(Answer::json(*status, body.clone())),
        FaultKind::Status { status, .. } => refused(*status, "InternalServerError", "Internal Server Error"),
        FaultKind::Html { .. } => Outcome::Answer(Answer::html(200)),
        FaultKind::RateLimit { seconds } => {
            let refusal = Refusal(429, "RateLimitExceeded", "Rate Limit Exceeded".to_owned());
            let reset = now / 1000 + i64::from(*seconds);
            let answer = refusal.answer().with("ratelimit-limit", 3000).with("ratelimit-remaining", 0);
            Outcome::Answer(answer.with("ratelimit-reset", reset).with("retry-after", seconds))
        }
        FaultKind::TokenExpired => refused(400, "ExpiredToken", "Token has expired"),
        FaultKind::Truncate => answer.map_or(Outcome::Reset, |answer| Outcome::Answer(fault::truncate(answer))),
        _ => answer.map_or(Outcome::Reset, Outcome::Answer),
    }
}
