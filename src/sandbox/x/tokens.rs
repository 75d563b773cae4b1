//! The tokens that the X side has given out: which work, for how long, and for what.

use std::collections::{HashMap, HashSet};

use super::super::time::SECOND;
use super::super::world::World;

/// Every scope that a service for mentions and direct messages may need, and nothing else.
pub const SCOPES: [&str; 6] = ["tweet.read", "tweet.write", "users.read", "dm.read", "dm.write", "offline.access"];

/// What is known of tokens beside the pair in use, which stands in the setup.
#[derive(Default)]
pub struct Tokens {
    /// Access tokens with an end. One without an entry is as old as the world, and does not end by itself.
    access: HashMap<String, Access>,
    /// Spent refresh tokens, and when each was spent, unix milliseconds.
    spent: HashMap<String, i64>,
    /// Tokens that work no more, whatever else is said of them.
    dead: HashSet<String>,
    /// The scopes of the consent in force; `None` is all of them.
    scopes: Option<Vec<String>>,
}

struct Access {
    ends: i64,
    scopes: Option<Vec<String>>,
}

/// A pair of tokens as the token endpoint gives it.
pub struct Pair {
    pub access: String,
    /// Missing without the scope `offline.access`.
    pub refresh: Option<String>,
    pub scopes: String,
}

/// The scopes of a good access token, `None` being all; `Err` when the token does not work.
pub fn check<'a>(world: &'a World, token: &str) -> Result<Option<&'a [String]>, ()> {
    let tokens = &world.x.tokens;
    let known = tokens.access.get(token);
    let in_use = token == world.setup.x_token || (world.settings.x.x_old_access_token_works && known.is_some());
    if !in_use || tokens.dead.contains(token) || known.is_some_and(|known| world.now() >= known.ends) {
        return Err(());
    }
    Ok(known.and_then(|known| known.scopes.as_deref()))
}

/// True for a refresh token that may be exchanged: the one in use, or one that was spent a moment ago.
pub fn may_refresh(world: &World, token: &str) -> bool {
    let grace = i64::from(world.settings.x.x_refresh_grace_seconds) * SECOND;
    let just_spent = world.x.tokens.spent.get(token).is_some_and(|&at| world.now() < at + grace);
    (token == world.setup.x_refresh_token || just_spent) && !world.x.tokens.dead.contains(token)
}

/// Gives a new pair for a new consent.
pub fn consent(world: &mut World, scopes: Vec<String>) -> Pair {
    world.x.tokens.scopes = Some(scopes);
    rotate(world)
}

/// Gives a new pair under the consent in force; the refresh token in use is spent by it.
pub fn rotate(world: &mut World) -> Pair {
    let (serial, now) = (world.serial(), world.now());
    let ends = now + i64::from(world.settings.x.x_access_life_seconds) * SECOND;
    let old = std::mem::replace(&mut world.setup.x_refresh_token, format!("sandbox-refresh-token-{serial}"));
    world.setup.x_token = format!("sandbox-x-token-{serial}");
    let tokens = &mut world.x.tokens;
    tokens.spent.entry(old).or_insert(now);
    let scopes = tokens.scopes.clone();
    tokens.access.insert(world.setup.x_token.clone(), Access { ends, scopes: scopes.clone() });
    let scopes = scopes.unwrap_or_else(|| SCOPES.map(str::to_owned).to_vec());
    let stays = scopes.iter().any(|scope| scope == "offline.access");
    Pair {
        access: world.setup.x_token.clone(),
        refresh: stays.then(|| world.setup.x_refresh_token.clone()),
        scopes: scopes.join(" "),
    }
}

/// Ends one token at once. The end of a refresh token ends the access token that came with it.
pub fn end(world: &mut World, token: &str) {
    if token == world.setup.x_refresh_token {
        world.x.tokens.dead.insert(world.setup.x_token.clone());
    }
    world.x.tokens.dead.insert(token.to_owned());
}

/// Ends the access token in use (`x_token`) or the refresh token in use, as if its time were over.
pub fn expire(world: &mut World, which: &str) {
    let token = if which == "x_token" { &world.setup.x_token } else { &world.setup.x_refresh_token };
    world.x.tokens.dead.insert(token.clone());
}
