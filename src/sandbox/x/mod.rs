//! The X API v2: mentions, direct messages, replies, users, login, quotas, money.

mod auth;
mod bill;
mod consent;
mod dms;
mod encoding;
mod length;
mod names;
mod oauth;
mod oauth1;
mod posts;
mod problem;
mod query;
mod reply;
mod settings;
mod tokens;
mod trouble;
mod users;

use std::collections::HashMap;

use super::fault::{self, FaultKind, Platform};
use super::meter::Window;
use super::settings::Vocabulary;
use super::wire::{Answer, Call, Outcome};
use super::world::World;
use problem::Problem;
use query::Read;

pub use settings::{DayLimits, Trouble, XSettings};
pub use tokens::expire;

/// What the X side remembers beside messages.
#[derive(Default)]
pub struct State {
    tokens: tokens::Tokens,
    codes: Vec<consent::Code>,
    /// Nonces of signed calls, and when each came, unix milliseconds.
    nonces: HashMap<String, i64>,
    bill: bill::Bill,
}

impl State {
    /// What X would have charged so far, USD.
    pub fn cost_usd(&self) -> f64 {
        self.bill.usd()
    }
}

/// A quota: its name, its size, and the daily quota beside it, if any.
struct Quota {
    name: String,
    limit: u32,
    day: Option<u32>,
}

/// Answers one call.
pub fn handle(world: &mut World, call: &Call) -> Outcome {
    let listing = call.method == "GET"
        && ["mentions", "tweets", "dm_events"].contains(&call.segments.last().map_or("", String::as_str));
    let planned = fault::take(&mut world.faults, Platform::X, call, listing);
    let answer = match &planned {
        Some(kind) if !kind.processes() => None,
        _ => Some(process(world, call)),
    };
    let outcome = match planned {
        None => answer.map_or(Outcome::Reset, Outcome::Answer),
        Some(kind) => spoil(world, call, &kind, answer),
    };
    let status = match &outcome {
        Outcome::Answer(answer) => answer.status,
        Outcome::Reset | Outcome::Hang { .. } => 0,
    };
    world.log(call, status);
    outcome
}

/// Does what was asked, as far as token, quota and money allow.
fn process(world: &mut World, call: &Call) -> Answer {
    if call.segments.first().is_some_and(|part| part == "i") {
        return consent::authorize(world, call);
    }
    if call.segments.get(1).is_some_and(|part| part == "oauth2") {
        return oauth::handle(world, call);
    }
    let host = world.settings.x_problem_host.clone();
    if let Err(problem) = auth::check(world, call) {
        // The real platform shows no quota on a 401.
        return problem.answer(&host);
    }
    let quota = quota(world, call);
    let now = world.now();
    let shown = world.settings.x.x_day_limits;
    let left = match take_quota(world, &quota, now) {
        Ok(left) => left,
        Err(left) => {
            world.violation(call, "a call while its quota was used up");
            return left.on(Problem::too_many().answer(&host), shown);
        }
    };
    let broke = bill::is_broke(world).then_some(Trouble::CreditsDepleted);
    let answer = match trouble::refusal(broke.unwrap_or(world.settings.x.x_trouble), &host) {
        Some(refusal) => refusal,
        None => route(world, call).unwrap_or_else(|problem| {
            if problem.violation {
                let said = problem.errors.first().and_then(|error| error["message"].as_str());
                world.violation(call, said.unwrap_or(&problem.detail));
            }
            problem.answer(&host)
        }),
    };
    bill::charge(world, call, &answer);
    left.on(answer, shown)
        .with("api-version", "2.168")
        .with("x-access-level", "read-write-directmessages")
        .with("x-transaction-id", "5a4d0b0c5a4d0b0c")
}

/// The quota that a call draws on.
fn quota(world: &World, call: &Call) -> Quota {
    let limits = &world.settings.x_limits;
    let parts: Vec<&str> = call.segments[1..].iter().map(String::as_str).collect();
    let (name, limit, day) = match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["users", "me"]) => ("users_me", limits.users_me, None),
        ("GET", ["users", _, "mentions"]) => ("mentions", limits.mentions, None),
        ("GET", ["users", _, "tweets"]) => ("tweets", limits.tweets, None),
        ("POST", ["tweets"]) => ("post_tweets", limits.post_tweets, Some(limits.post_tweets_day)),
        ("GET", ["dm_events"]) => ("dm_events", limits.dm_events, None),
        ("GET", ["dm_events", _]) => (separate(world, "dm_event"), limits.dm_events, None),
        ("GET", ["dm_conversations", "with", ..]) => (separate(world, "dm_with"), limits.dm_events, None),
        ("GET", ["dm_conversations", ..]) => (separate(world, "dm_conversation"), limits.dm_events, None),
        ("POST", ["dm_conversations", "with", ..]) => ("dm_sends", limits.dm_sends, Some(limits.dm_sends_day)),
        ("POST", ["dm_conversations", ..]) => {
            let name = if world.settings.x_dm_sends_shared { "dm_sends" } else { "dm_sends_by_conversation" };
            (name, limits.dm_sends, Some(limits.dm_sends_day))
        }
        _ => ("other", u32::MAX, None),
    };
    Quota { name: name.to_owned(), limit, day }
}

fn separate(world: &World, name: &'static str) -> &'static str {
    if world.settings.x_dm_reads_shared { "dm_events" } else { name }
}

/// What is left of the quotas of a call.
struct Left {
    window: Window,
    day: Option<Window>,
}

impl Left {
    /// The same answer with the headers of these quotas.
    fn on(&self, answer: Answer, shown: DayLimits) -> Answer {
        let answer = with_window(answer, "x-rate-limit", self.window);
        match (shown, self.day) {
            (DayLimits::User, Some(day)) => with_window(answer, "x-user-limit-24hour", day),
            (DayLimits::App, Some(day)) => with_window(answer, "x-app-limit-24hour", day),
            _ => answer,
        }
    }
}

/// Counts a call. A daily quota that is used up is a 429 while the small window still has calls left.
fn take_quota(world: &mut World, quota: &Quota, now: i64) -> Result<Left, Left> {
    let window =
        world.meters.window_call(&quota.name, quota.limit, now, false).map_err(|window| Left { window, day: None })?;
    let Some(day) = quota.day else {
        return Ok(Left { window, day: None });
    };
    match world.meters.window_call(&format!("{} a day", quota.name), day, now, true) {
        Ok(day) => Ok(Left { window, day: Some(day) }),
        Err(day) => Err(Left { window, day: Some(day) }),
    }
}

fn with_window(answer: Answer, name: &str, window: Window) -> Answer {
    if !matches!(answer.status, 200 | 201 | 400 | 403 | 404 | 429) {
        return answer;
    }
    answer
        .with(&format!("{name}-limit"), window.limit)
        .with(&format!("{name}-remaining"), window.remaining)
        .with(&format!("{name}-reset"), window.reset)
}

/// Sends a call to what its path names.
fn route(world: &mut World, call: &Call) -> Result<Answer, Problem> {
    let parts: Vec<&str> = call.segments[1..].iter().map(String::as_str).collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["users", "me"]) => users::me(world, call),
        ("GET", ["users", id]) => users::by_id(world, call, id),
        ("GET", ["users", "by", "username", handle]) => users::by_handle(world, call, handle),
        ("GET", ["users", id, "mentions"]) => posts::timeline(world, call, id, true),
        ("GET", ["users", id, "tweets"]) => posts::timeline(world, call, id, false),
        ("GET", ["users", _, "public_keys"]) => Ok(Answer::json(200, serde_json::json!({}))),
        ("GET", ["tweets", id]) => posts::one(world, call, id),
        ("POST", ["tweets"]) => reply::create(world, call),
        ("GET", ["dm_events"]) => dms::list(world, call, &dms::Which::All),
        ("GET", ["dm_events", id]) => dms::one(world, call, id),
        ("GET", ["dm_conversations", "with", person, "dm_events"]) => dms::list(world, call, &dms::Which::With(person)),
        ("GET", ["dm_conversations", id, "dm_events"]) => dms::list(world, call, &dms::Which::Conversation(id)),
        ("POST", ["dm_conversations", "with", person, "messages"]) => dms::send(world, call, &dms::Which::With(person)),
        ("POST", ["dm_conversations", id, "messages"]) => dms::send(world, call, &dms::Which::Conversation(id)),
        _ => Err(Problem::not_found()),
    }
}

/// Lets a planned fault come over an answer.
fn spoil(world: &mut World, call: &Call, kind: &FaultKind, answer: Option<Answer>) -> Outcome {
    let host = world.settings.x_problem_host.clone();
    match kind {
        FaultKind::ResetBefore | FaultKind::ResetAfter => Outcome::Reset,
        FaultKind::Timeout { ms, .. } => Outcome::Hang { ms: *ms, then: answer },
        FaultKind::Status { status, html: true, .. } => Outcome::Answer(Answer::html(*status)),
        FaultKind::Status { status, body, .. } => {
            let usual =
                Problem::any(*status, Some("Service Unavailable"), Some("Service Unavailable"), None).answer(&host);
            Outcome::Answer(body.clone().map_or(usual, |body| Answer::json(*status, body)))
        }
        FaultKind::Html { .. } => Outcome::Answer(Answer::html(200)),
        FaultKind::Error { status, title, message, problem, .. } => {
            let problem = Problem::any(status.unwrap_or(403), title.as_deref(), message.as_deref(), problem.as_deref());
            Outcome::Answer(problem.answer(&host))
        }
        FaultKind::RateLimit { seconds } => {
            let (quota, now) = (quota(world, call), world.now());
            let window = world.meters.exhaust(&quota.name, quota.limit, *seconds, now);
            Outcome::Answer(with_window(Problem::too_many().answer(&host), "x-rate-limit", window))
        }
        FaultKind::TokenExpired => Outcome::Answer(Problem::unauthorized().answer(&host)),
        FaultKind::Truncate => answer.map_or(Outcome::Reset, |answer| Outcome::Answer(fault::truncate(answer))),
        FaultKind::Usage { percent } => {
            let limit = u64::from(quota(world, call).limit);
            let remaining = limit * u64::from(100_u32.saturating_sub(*percent)) / 100;
            answer.map_or(Outcome::Reset, |answer| Outcome::Answer(remaining_shown(answer, remaining)))
        }
        _ => answer.map_or(Outcome::Reset, |mut answer| {
            let messages = call.path.contains("/dm_");
            let read = if messages { Read::DmList } else { Read::Timeline };
            let given = call.param("pagination_token").map(str::to_owned);
            let start = given.unwrap_or_else(|| query::token(u64::MAX, read));
            fault::spoil_page(kind, &mut answer, Platform::X, &start, "");
            Outcome::Answer(answer)
        }),
    }
}

/// The same answer, with another number of remaining calls in its header.
fn remaining_shown(mut answer: Answer, remaining: u64) -> Answer {
    for (name, value) in &mut answer.headers {
        if name == "x-rate-limit-remaining" {
            *value = remaining.to_string();
        }
    }
    answer
}

/// The number in an id.
fn number(id: &str) -> u64 {
    id.parse().unwrap_or(0)
}

/// The name that a vocabulary gives to something.
fn word(vocabulary: Vocabulary, tweet: &'static str, post: &'static str) -> &'static str {
    if vocabulary == Vocabulary::Tweet { tweet } else { post }
}

/// Whether an id is written as the platform writes ids.
fn is_id(text: &str) -> bool {
    (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
