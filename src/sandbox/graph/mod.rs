//! The Graph API: Page inbox, posts that tag the Page, comments, the Send API, and the same of Instagram.

mod comments;
mod error;
mod fields;
mod inbox;
mod instagram;
mod node;
mod page;
mod posts;
mod private_reply;
mod quota;
mod send;
mod shape;
mod token;

use serde_json::{Value, json};

use super::fault::{self, FaultKind, Platform};
use super::wire::{Answer, Call, Outcome};
use super::world::World;
use error::GraphError;
use node::Scene;
use quota::{minutes, pool_of, with_usage};
use token::Caller;

/// The most ids that one call may ask for.
const IDS_MAX: usize = 50;

/// True for the first part of a Graph path, such as `v26.0`.
pub fn is_version(part: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    part.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
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
        quota::Pool::Messenger => world.settings.graph_messenger_pool,
        quota::Pool::Pages => world.settings.graph_pages_pool,
        quota::Pool::Instagram => None,
    };
    let now = world.now();
    let used = world.meters.pool_call(pool.name(), size, now).unwrap_or(world.settings.graph_usage_percent);
    let shown = match planned {
        Some(FaultKind::Usage { percent }) => *percent,
        _ => used,
    };
    let result = quota::throttle(world, call, pool, used)
        .and_then(|()| token::check(world, call))
        .and_then(|caller| route(world, call, caller));
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
    with_usage(world, call, answer, pool, shown, wait)
        .with("facebook-api-version", version)
        .with("x-fb-trace-id", "AxIIVeSandboxTrace0000")
}

/// Sends a call to the node or edge that its path names.
fn route(world: &mut World, call: &Call, caller: Caller) -> Result<Value, GraphError> {
    let own = caller.id(world).to_owned();
    let rest: Vec<&str> =
        call.segments[1..].iter().map(|part| if part == "me" { own.as_str() } else { part.as_str() }).collect();
    match (call.method.as_str(), rest.as_slice()) {
        ("GET", []) => read_many(world, call, caller),
        ("GET", ["debug_token"]) => token::debug(world, call),
        ("GET", [node, "conversations"]) if *node == own => inbox::conversations(world, call, caller),
        ("GET", [node, edge @ ("tagged" | "feed" | "posts" | "published_posts" | "visitor_posts")])
            if *node == own && caller == Caller::Page =>
        {
            posts::list(world, call, edge)
        }
        ("GET", [node, edge @ ("media" | "tags")]) if *node == world.setup.instagram_id => {
            instagram::list(world, call, caller, edge)
        }
        ("GET", [thread, "messages"]) => inbox::messages(world, call, caller, thread),
        ("GET", [node, edge @ ("comments" | "replies")]) => match instagram::owns(world, node) {
            true => instagram::comments(world, call, caller, node, edge),
            false if *edge == "comments" => comments::list(world, call, caller, node),
            false => Err(unknown_path(call)),
        },
        ("GET", [node]) => read(world, call, caller, node),
        ("POST", [node, "messages"]) if *node == own => send::message(world, call, caller),
        ("POST", [node, edge @ ("comments" | "replies")]) => match instagram::owns(world, node) {
            true => instagram::comment(world, call, caller, node, edge),
            false if *edge == "comments" => comments::write(world, call, caller, node),
            false => Err(unknown_path(call)),
        },
        ("POST", [node]) if instagram::owns(world, node) => instagram::hide(world, call, node),
        ("POST", [node]) => comments::hide(world, call, node),
        ("GET" | "POST", _) => Err(unknown_path(call)),
        _ => Err(GraphError::parameter(format!("method {} is not supported here", call.method))),
    }
}

fn unknown_path(call: &Call) -> GraphError {
    GraphError::new(2500, format!("Unknown path components: {}", call.path)).ours()
}

/// Reads one node by its id.
fn read(world: &mut World, call: &Call, caller: Caller, id: &str) -> Result<Value, GraphError> {
    known_parameters(world, call, &["fields"]);
    let scene = Scene::new(world, call, caller);
    let node = scene.find(id).ok_or_else(|| GraphError::missing("GET", id))?;
    let wanted = wanted(call)?;
    shape::check(node.kind(), &wanted, &world.settings)?;
    scene.read(node, &wanted)
}

/// Reads several nodes at once: `?ids=a,b`, an object with one entry for each; one that is missing spoils all.
fn read_many(world: &mut World, call: &Call, caller: Caller) -> Result<Value, GraphError> {
    let ids = call.param("ids").ok_or_else(|| unknown_path(call))?;
    let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > IDS_MAX {
        return Err(GraphError::parameter("Param ids must name 1 to 50 objects"));
    }
    known_parameters(world, call, &["ids", "fields"]);
    let scene = Scene::new(world, call, caller);
    let mut all = json!({});
    for id in ids {
        let node = scene.find(id).ok_or_else(|| GraphError::missing("GET", id))?;
        let wanted = wanted(call)?;
        shape::check(node.kind(), &wanted, &world.settings)?;
        all[id] = scene.read(node, &wanted)?;
    }
    Ok(all)
}

/// The `fields` of a call; empty when it names none.
fn wanted(call: &Call) -> Result<Vec<fields::Field>, GraphError> {
    call.param("fields").filter(|fields| !fields.is_empty()).map_or(Ok(Vec::new()), fields::parse)
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
            let (now, pool) = (world.now(), pool_of(world, call));
            world.meters.block(pool.name(), *seconds, now);
            let wait = i64::from(*seconds);
            let text = "(#613) Calls to this api have exceeded the rate limit.";
            let mut error = GraphError::new(613, text);
            error.retry_after = Some(wait);
            Outcome::Answer(with_usage(world, call, error.answer(), pool, 100, minutes(wait)))
        }
        FaultKind::TokenExpired => Outcome::Answer(token::expired(world).answer()),
        FaultKind::Truncate => answer.map_or(Outcome::Reset, |answer| Outcome::Answer(fault::truncate(answer))),
        _ => answer.map_or(Outcome::Reset, |mut answer| {
            let start = call.param("after").unwrap_or(page::START).to_owned();
            let next = page::address(call, &call.path, &call.query, &start);
            fault::spoil_page(kind, &mut answer, Platform::Facebook, &start, &next);
            Outcome::Answer(answer)
        }),
    }
}
