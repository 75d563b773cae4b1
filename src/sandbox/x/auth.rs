//! Who is calling: an OAuth 2.0 access token with its scopes, or an OAuth 1.0a signature.

use super::super::wire::Call;
use super::super::world::World;
use super::problem::Problem;
use super::{oauth1, tokens};

/// Lets a call through when it comes from the account.
pub fn check(world: &mut World, call: &Call) -> Result<(), Problem> {
    if call.param("access_token").is_some() {
        world.violation(call, "token in query");
    }
    if let Some(header) = call.authorization.as_deref().and_then(|header| header.strip_prefix("OAuth ")) {
        return oauth1::check(world, call, header);
    }
    let Some(token) = call.bearer() else {
        world.violation(call, "no bearer token");
        return Err(Problem::unauthorized());
    };
    let granted = tokens::check(world, token).map_err(|()| Problem::unauthorized())?;
    let missing =
        granted.and_then(|granted| needed(call).iter().find(|scope| !granted.iter().any(|given| given == *scope)));
    match missing {
        None => Ok(()),
        Some(_) if world.settings.x.x_missing_scope_status == 401 => Err(Problem::unauthorized()),
        Some(_) => Err(Problem::forbidden("Forbidden")),
    }
}

/// The scopes that a call needs (`platforms/x.md` 1).
fn needed(call: &Call) -> &'static [&'static str] {
    let messages = call.segments.get(1).is_some_and(|part| part.starts_with("dm_"));
    match (messages, call.method.as_str()) {
        (true, "POST") => &["dm.write", "tweet.read", "users.read"],
        (true, _) => &["dm.read", "tweet.read", "users.read"],
        (false, "POST") => &["tweet.write", "tweet.read", "users.read"],
        (false, _) => &["tweet.read", "users.read"],
    }
}
