//! The X API v2: mentions, direct messages, replies, token refresh.

mod dms;
mod length;
mod names;
mod oauth;
mod posts;
mod problem;
mod query;
mod reply;
mod users;

use super::fault::{self, FaultKind, Platform};
use super::meter::Window;
use super::settings::Vocabulary;
use super::wire::{Answer, Call, Outcome};
use super::world::World;
use problem::Problem;
use query::Read;

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

/// Does what was asked, as far as token and quota allow.
fn process(world: &mut World, call: &Call) -> Answer {
    if call.segments.get(1).is_some_and(|part| part == "oauth2") {
        return oauth::handle(world, call);
    }
    let host = world.settings.x_problem_host.clone();
    if let Err(problem) = authorize(world, call) {
        // The real platform shows no quota on a 401.
        return problem.answer(&host);
    }
    let quota = quota(world, call);
    let now = world.now();
    let window = match take_quota(world, &quota, now) {
        Ok(window) => window,
        Err(window) => {
            world.violation(call, "a call while its quota was used up");
            return with_window(Problem::too_many().answer(&host), window);
        }
    };
    let answer = route(world, call).unwrap_or_else(|problem| {
        if problem.violation {
            let said = problem.errors.first().and_then(|error| error["message"].as_str()).unwrap_or(&problem.detail);
            world.violation(call, said);
        }
        problem.answer(&host)
    });
    let answer = with_window(answer, window);
    answer
        .with("api-version", "2.168")
        .with("x-access-level", "read-write-directmessages")
        .with("x-transaction-id", "5a4d0b0c5a4d0b0c")
}

/// Lets a call through when it carries the account's token in its header.
fn authorize(world: &mut World, call: &Call) -> Result<(), Problem> {
    if call.param("access_token").is_some() {
        world.violation(call, "token in query");
    }
    match call.bearer() {
        Some(token) if token == world.setup.x_token => match world.meters.x_token_ends {
            Some(end) if world.now() >= end => Err(Problem::unauthorized()),
            _ => Ok(()),
        },
        Some(_) => Err(Problem::unauthorized()),
        None => {
            world.violation(call, "no bearer token");
            Err(Problem::unauthorized())
        }
    }
}

/// The quota that a call draws on.
fn quota(world: &World, call: &Call) -> Quota {
    let limits = &world.settings.x_limits;
    let parts: Vec<&str> = call.segments[1..].iter().map(String::as_str).collect();
    let (name, limit, day) = match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["users", "me"]) => ("users_me", limits.users_me, None),
        ("GET", ["users", _, "mentions"]) => ("mentions", limits.mentions, None),
        ("GET", ["users", _, "tweets"]) => ("tweets", limits.tweets, None),
        ("POST", ["tweets"]) => ("post_tweets", limits.post_tweets, None),
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

/// Counts a call; the daily quota shows itself as a 429 while the small window still has calls left.
fn take_quota(world: &mut World, quota: &Quota, now: i64) -> Result<Window, Window> {
    let window = world.meters.window_call(&quota.name, quota.limit, now, false)?;
    if let Some(day) = quota.day {
        world.meters.window_call(&format!("{} a day", quota.name), day, now, true)?;
    }
    Ok(window)
}

fn with_window(answer: Answer, window: Window) -> Answer {
    if !matches!(answer.status, 200 | 201 | 400 | 403 | 404 | 429) {
        return answer;
    }
    answer
        .with("x-rate-limit-limit", window.limit)
        .with("x-rate-limit-remaining", window.remaining)
        .with("x-rate-limit-reset", window.reset)
}

/// Sends a call to what its path names.
fn route(world: &mut World, call: &Call) -> Result<Answer, Problem> {
    let parts: Vec<&str> = call.segments[1..].iter().map(String::as_str).collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["users", "me"]) => users::me(world, call),
        ("GET", ["users", id, "mentions"]) => posts::timeline(world, call, id, true),
        ("GET", ["users", id, "tweets"]) => posts::timeline(world, call, id, false),
        ("GET", ["users", _, "public_keys"]) => Ok(Answer::json(200, serde_json::json!({}))),
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
            Outcome::Answer(with_window(Problem::too_many().answer(&host), window))
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
