//! The Graph API: Page inbox, posts that tag the Page, comments, the Send API, the same of Instagram, and both logins.

mod accounts;
mod batch;
mod comments;
mod error;
mod fields;
mod grants;
mod inbox;
mod instagram;
mod instagram_login;
mod known_fields;
mod login;
mod node;
mod page;
mod permissions;
mod posts;
mod private_reply;
mod proof;
mod quota;
mod send;
mod shape;
mod token;

use serde_json::{Value, json};

use super::fault::{self, FaultKind, Platform};
use super::wire::{Answer, Call, Outcome};
use super::world::World;
use error::GraphError;
pub use grants::Grants;
use node::Scene;
pub use proof::base64_url;
use quota::{minutes, pool_of, with_usage};
use token::Caller;

/// The oldest version that is still served (`platforms/meta.md` 1).
const OLDEST_VERSION: u32 = 21;

/// The most ids that one call may ask for.
const IDS_MAX: usize = 50;

/// True for the first part of a Graph path, such as `v26.0`.
pub fn is_version(part: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    part.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// True for calls that belong here: those with a version, batches, and the logins, which may do without one.
pub fn takes(call: &Call) -> bool {
    let parts: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let client = || token::parameter(call, "client_id").is_some();
    let basic = || call.authorization.as_ref().is_some_and(|header| header.starts_with("Basic "));
    match parts.as_slice() {
        [] => call.method == "POST",
        ["dialog", "oauth"] | ["access_token" | "refresh_access_token"] => true,
        ["oauth", "authorize"] => client(),
        ["oauth", "access_token"] => client() || basic(),
        [first, ..] => is_version(first),
    }
}

/// Answers one call.
pub fn handle(world: &mut World, call: &Call) -> Outcome {
    let listing = call.method == "GET" && call.segments.len() == 3;
    let planned = fault::take(&mut world.faults, Platform::Facebook, call, listing);
    let answer = match &planned {
        Some(kind) if !kind.processes() => None,
        _ if call.segments.len() < 2 && call.method == "POST" => Some(batch::handle(world, call)),
        _ => Some(login(world, call).unwrap_or_else(|| process(world, call, planned.as_ref()))),
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

/// Answers the calls of the two logins, which need no token; `None` for all others.
fn login(world: &mut World, call: &Call) -> Option<Answer> {
    let versioned = call.segments.first().is_some_and(|first| is_version(first));
    let parts: Vec<&str> = call.segments[usize::from(versioned)..].iter().map(String::as_str).collect();
    let instagram = token::parameter(call, "client_id").as_ref() == Some(&world.setup.instagram_app_id);
    let result = match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["dialog", "oauth"]) => return Some(login::dialog(world, call)),
        ("GET", ["oauth", "authorize"]) => return Some(instagram_login::dialog(world, call)),
        ("POST", ["oauth", "access_token"]) if instagram => return Some(instagram_login::exchange(world, call)),
        ("GET" | "POST", ["oauth", "access_token"]) => {
            if !versioned {
                world.violation(call, "a Graph call without a version");
            }
            login::exchange(world, call)
        }
        ("GET", ["access_token"]) => instagram_login::longer(world, call),
        ("GET", ["refresh_access_token"]) => instagram_login::refresh(world, call),
        _ => return None,
    };
    Some(result.map_or_else(|error| refuse(world, call, &error), |value| Answer::json(200, value)))
}

/// The answer of an error, noted when the call was wrong in itself.
fn refuse(world: &mut World, call: &Call, error: &GraphError) -> Answer {
    if error.violation {
        world.violation(call, &error.message);
    }
    error.answer()
}

/// Does what was asked, as far as version, quota, token and permissions allow.
fn process(world: &mut World, call: &Call, planned: Option<&FaultKind>) -> Answer {
    let pool = pool_of(world, call);
    let used = quota::measure(world, pool);
    let shown = match planned {
        Some(FaultKind::Usage { percent }) => *percent,
        _ => used,
    };
    let result = version(world, call).and_then(|version| {
        quota::throttle(world, call, pool, used)?;
        let caller = token::check(world, call)?;
        permissions::check(world, call, caller)?;
        Ok((version, route(world, call, caller)?))
    });
    let (answer, shown, wait) = match &result {
        Ok((_, value)) => (Answer::json(200, value.clone()), shown, 0),
        Err(error) => match error.retry_after {
            Some(seconds) => (refuse(world, call, error), 100, minutes(seconds)),
            None => (refuse(world, call, error), shown, 0),
        },
    };
    let served = result.map_or_else(|_| call.segments.first().cloned().unwrap_or_default(), |(version, _)| version);
    with_usage(world, call, answer, pool, shown, wait)
        .with("facebook-api-version", served)
        .with("x-fb-trace-id", "AxIIVeSandboxTrace0000")
}

/// The version by which a call is served: an expired one is silently replaced, one of the future is unknown.
fn version(world: &World, call: &Call) -> Result<String, GraphError> {
    let asked = call.segments.first().map_or("", String::as_str);
    let major = asked.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major > world.settings.meta.graph_newest_version => Err(unknown_path(call)),
        Some(major) if major < OLDEST_VERSION => Ok(format!("v{OLDEST_VERSION}.0")),
        _ => Ok(asked.to_owned()),
    }
}

/// Sends a call to the node or edge that its path names.
fn route(world: &mut World, call: &Call, caller: Caller) -> Result<Value, GraphError> {
    let own = caller.id(world).to_owned();
    let rest: Vec<&str> =
        call.segments[1..].iter().map(|part| if part == "me" { own.as_str() } else { part.as_str() }).collect();
    if let (Caller::User | Caller::OtherPage(_) | Caller::App, [_, "conversations" | "messages" | "feed" | "tagged"]) =
        (caller, rest.as_slice())
    {
        let message = "(#210) A page access token of this Page is required to request this resource.";
        return Err(GraphError::new(210, message).ours());
    }
    match call.method.as_str() {
        "GET" => look(world, call, caller, &rest),
        "POST" => act(world, call, caller, &rest),
        _ => Err(GraphError::parameter(format!("method {} is not supported here", call.method))),
    }
}

/// Answers a GET.
fn look(world: &mut World, call: &Call, caller: Caller, rest: &[&str]) -> Result<Value, GraphError> {
    let own = caller.id(world).to_owned();
    match rest {
        [] => read_many(world, call, caller),
        ["debug_token"] => accounts::debug(world, call, caller),
        [node] if *node == own && caller == Caller::User => accounts::person(world, call),
        [node, "accounts"] if *node == own && caller == Caller::User => accounts::pages(world, call),
        [node, "permissions"] if *node == own && caller == Caller::User => Ok(accounts::permissions(world, call)),
        [node, "conversations"] if *node == own => inbox::conversations(world, call, caller),
        [node, edge @ ("tagged" | "feed" | "posts" | "published_posts" | "visitor_posts")]
            if *node == own && caller == Caller::Page =>
        {
            posts::list(world, call, edge)
        }
        [node, edge @ ("media" | "tags")] if *node == world.setup.instagram_id => {
            instagram::list(world, call, caller, edge)
        }
        [thread, "messages"] => inbox::messages(world, call, caller, thread),
        [node, edge @ ("comments" | "replies")] if instagram::owns(world, node) => {
            instagram::comments(world, call, caller, node, edge)
        }
        [node, "comments"] => comments::list(world, call, caller, node),
        [node] => read(world, call, caller, node),
        _ => Err(unknown_path(call)),
    }
}

/// Answers a POST.
fn act(world: &mut World, call: &Call, caller: Caller, rest: &[&str]) -> Result<Value, GraphError> {
    match rest {
        [node, "messages"] if *node == caller.id(world) => send::message(world, call, caller),
        [node, edge @ ("comments" | "replies")] if instagram::owns(world, node) => {
            instagram::comment(world, call, caller, node, edge)
        }
        [node, "comments"] => comments::write(world, call, caller, node),
        [node] if instagram::owns(world, node) => instagram::hide(world, call, node),
        [node] => comments::hide(world, call, node),
        _ => Err(unknown_path(call)),
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
