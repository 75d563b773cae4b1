//! The Graph API: Page inbox, posts that tag the Page, comments, the Send API.

mod error;
mod fields;
mod inbox;
mod node;
mod page;
mod posts;
mod send;
mod shape;
mod token;

use serde_json::{Value, json};

use super::fault::{self, FaultKind, Platform};
use super::wire::{Answer, Call, Outcome};
use super::world::World;
use error::GraphError;
use node::Scene;

/// True for the first part of a Graph path, such as `v26.0`.
pub fn is_version(part: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    part.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// The quota that a call draws on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pool {
    Messenger,
    Pages,
}

impl Pool {
    fn name(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Pages => "pages",
        }
    }

    /// The code of "too many calls" for this pool.
    fn code(self) -> i64 {
        match self {
            Self::Messenger => 80006,
            Self::Pages => 80001,
        }
    }
}

/// Answers one call.
pub fn handle(world: &mut World, call: &Call) -> Outcome {
    let listing = call.method == "GET" && call.segments.len() == 3;
    let planned = fault::take(&mut world.faults, Platform::Facebook, call, listing);
    let answer = match &planned {
        Some(kind) if !kind.processes() => None,
        _ => Some(process(world, call, planned.as_ref())),
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

/// Does what was asked, as far as quota and token allow.
fn process(world: &mut World, call: &Call, planned: Option<&FaultKind>) -> Answer {
    let pool = pool_of(world, call);
    let size = match pool {
        Pool::Messenger => world.settings.graph_messenger_pool,
        Pool::Pages => world.settings.graph_pages_pool,
    };
    let now = world.now();
    let used = world.meters.pool_call(pool.name(), size, now).unwrap_or(world.settings.graph_usage_percent);
    let shown = match planned {
        Some(FaultKind::Usage { percent }) => *percent,
        _ => used,
    };
    let result =
        throttle(world, call, pool, used).and_then(|()| token::check(world, call)).and_then(|()| route(world, call));
    let (answer, shown, wait) = match result {
        Ok(value) => (Answer::json(200, value), shown, 0),
        Err(error) => {
            if error.violation {
                world.violation(call, &error.message);
            }
            match error.retry_after {
                Some(seconds) => (error.answer(), 100, minutes(seconds)),
                None => (error.answer(), shown, 0),
            }
        }
    };
    let version = call.segments.first().map_or("", String::as_str);
    answer
        .with("X-Business-Use-Case-Usage", usage(&world.setup.page_id, pool, shown, wait))
        .with("facebook-api-version", version)
        .with("x-fb-trace-id", "AxIIVeSandboxTrace0000")
}

/// Whole minutes, as the usage header counts a wait.
fn minutes(seconds: i64) -> i64 {
    (seconds + 59) / 60
}

fn usage(page: &str, pool: Pool, percent: u32, minutes: i64) -> String {
    let entry = json!({
        "type": pool.name(), "call_count": percent, "total_cputime": percent.min(20), "total_time": percent.min(20),
        "estimated_time_to_regain_access": minutes,
    });
    json!({page: [entry]}).to_string()
}

/// Conversations, messages and sends draw on the Messenger pool, all else on the pool of Pages.
fn pool_of(world: &World, call: &Call) -> Pool {
    let edge = call.segments.get(2).map(String::as_str);
    let node = call.segments.get(1).map_or("", String::as_str);
    let conversational = matches!(edge, Some("conversations" | "messages"));
    let private = world.threads.contains_key(node) && node.starts_with("t_") || node.starts_with("m_");
    if conversational || private { Pool::Messenger } else { Pool::Pages }
}

/// Refuses a call for which there is no quota left.
fn throttle(world: &mut World, call: &Call, pool: Pool, used: u32) -> Result<(), GraphError> {
    let now = world.now();
    if let Some(left) = world.meters.blocked_for(pool.name(), now) {
        world.violation(call, "a call while its quota was used up");
        return Err(limited(pool, left));
    }
    if used > 100 {
        world.violation(call, "a call above the quota of a day");
        return Err(limited(pool, 60_000));
    }
    let reads_conversations = call.method == "GET" && pool == Pool::Messenger;
    if reads_conversations && world.meters.conversation_call(now) {
        world.violation(call, "more than two conversation calls in a second");
        if world.settings.graph_enforce_two_per_second {
            return Err(GraphError::new(613, "(#613) Calls to this api have exceeded the rate limit."));
        }
    }
    Ok(())
}

fn limited(pool: Pool, left_ms: i64) -> GraphError {
    let code = pool.code();
    let mut error = GraphError::new(
        code,
        format!("(#{code}) There have been too many calls to this Page account. Wait a bit and try again."),
    );
    error.retry_after = Some((left_ms + 999) / 1_000);
    error
}

/// Sends a call to the node or edge that its path names.
fn route(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    let page = world.setup.page_id.clone();
    let rest: Vec<&str> =
        call.segments[1..].iter().map(|part| if part == "me" { page.as_str() } else { part.as_str() }).collect();
    match (call.method.as_str(), rest.as_slice()) {
        ("GET", ["debug_token"]) => token::debug(world, call),
        ("GET", [node, "conversations"]) if *node == page => inbox::conversations(world, call),
        ("GET", [node, edge @ ("tagged" | "feed" | "posts" | "published_posts" | "visitor_posts")])
            if *node == page =>
        {
            posts::list(world, call, edge)
        }
        ("GET", [thread, "messages"]) => inbox::messages(world, call, thread),
        ("GET", [node, "comments"]) => posts::comments(world, call, node),
        ("GET", [node]) => read(world, call, node),
        ("POST", [node, "messages"]) if *node == page => send::message(world, call),
        ("POST", [node, "comments"]) => posts::comment(world, call, node),
        ("POST", [node]) => posts::hide(world, call, node),
        ("GET" | "POST", _) => Err(GraphError::new(2500, format!("Unknown path components: {}", call.path)).ours()),
        _ => Err(GraphError::parameter(format!("method {} is not supported here", call.method))),
    }
}

/// Reads one node by its id.
fn read(world: &mut World, call: &Call, id: &str) -> Result<Value, GraphError> {
    known_parameters(world, call, &["fields"]);
    let scene = Scene::new(world, call);
    let node = scene.find(id).ok_or_else(|| GraphError::missing("GET", id))?;
    let wanted = wanted(call)?;
    shape::check(node.kind(), &wanted, &world.settings)?;
    scene.read(node, &wanted)
}

/// The `fields` of a call; empty when it names none.
fn wanted(call: &Call) -> Result<Vec<fields::Field>, GraphError> {
    call.param("fields").map_or(Ok(Vec::new()), fields::parse)
}

/// Notes parameters that mean nothing to this call; the real platform passes over them in silence.
fn known_parameters(world: &mut World, call: &Call, known: &[&str]) {
    let always = ["access_token", "appsecret_proof", "appsecret_time", "pretty", "locale", "format"];
    let unknown: Vec<String> = call
        .query
        .iter()
        .map(|(key, _)| key.clone())
        .filter(|key| !known.contains(&key.as_str()) && !always.contains(&key.as_str()))
        .collect();
    for key in unknown {
        world.violation(call, &format!("unknown parameter '{key}'"));
    }
}

/// Lets a planned fault come over an answer.
fn spoil(world: &mut World, call: &Call, kind: &FaultKind, answer: Option<Answer>) -> Outcome {
    let pool = pool_of(world, call);
    match kind {
        FaultKind::ResetBefore | FaultKind::ResetAfter => Outcome::Reset,
        FaultKind::Timeout { ms, .. } => Outcome::Hang { ms: *ms, then: answer },
        FaultKind::Status { status, html: true, .. } => Outcome::Answer(Answer::html(*status)),
        FaultKind::Status { status, body, .. } => {
            let usual = GraphError::new(2, "(#2) Service temporarily unavailable").status(*status).answer();
            Outcome::Answer(body.clone().map_or(usual, |body| Answer::json(*status, body)))
        }
        FaultKind::Html { .. } => Outcome::Answer(Answer::html(200)),
        FaultKind::Error { code, subcode, message, status, .. } => {
            let message = message.clone().unwrap_or_else(|| format!("(#{code}) An error of the rehearsal"));
            let mut error = GraphError::new(*code, message);
            error.subcode = *subcode;
            error.status = status.unwrap_or(error.status);
            Outcome::Answer(error.answer())
        }
        FaultKind::RateLimit { seconds } => {
            let now = world.now();
            world.meters.block(pool.name(), *seconds, now);
            let wait = i64::from(*seconds);
            let header = usage(&world.setup.page_id, pool, 100, minutes(wait));
            let text = "(#613) Calls to this api have exceeded the rate limit.";
            let mut error = GraphError::new(613, text);
            error.retry_after = Some(wait);
            Outcome::Answer(error.answer().with("X-Business-Use-Case-Usage", header))
        }
        FaultKind::TokenExpired => Outcome::Answer(token::expired(world).answer()),
        FaultKind::Truncate => answer.map_or(Outcome::Reset, |answer| Outcome::Answer(fault::truncate(answer))),
        _ => answer.map_or(Outcome::Reset, |mut answer| {
            let start = call.param("after").unwrap_or(page::START).to_owned();
            let next = page::address(world, call, &call.path, &call.query, &start);
            fault::spoil_page(kind, &mut answer, Platform::Facebook, &start, &next);
            Outcome::Answer(answer)
        }),
    }
}
