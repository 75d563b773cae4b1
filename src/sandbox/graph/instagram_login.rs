//! Instagram Login: its dialog, its token endpoint, and the exchange and refresh of its tokens.

use serde_json::{Value, json};

use super::super::time::{DAY, HOUR, SECOND};
use super::super::wire::{Answer, Call};
use super::super::world::World;
use super::error::GraphError;
use super::grants::{Grant, INSTAGRAM_SCOPES};
use super::login;
use super::token::{self, Caller};

/// How long a code may be turned into a token, and how long that first token lives.
const SHORT: i64 = HOUR;

/// How old a token must be to be refreshed.
const REFRESH_AGE: i64 = DAY;

/// `GET /oauth/authorize`.
pub fn dialog(world: &mut World, call: &Call) -> Answer {
    let app = world.setup.instagram_app_id.clone();
    let scope = call.param("scope").unwrap_or_default();
    let scopes: Vec<String> = scope.split([',', ' ']).filter(|one| !one.is_empty()).map(str::to_owned).collect();
    if scopes.is_empty() || scopes.iter().any(|scope| !INSTAGRAM_SCOPES.contains(&scope.as_str())) {
        world.violation(call, "a login without scope, or with one that Instagram Login does not know");
        return Answer::html(400);
    }
    login::send_back(world, call, &app, scopes, "#_")
}

/// `POST /oauth/access_token`: a code becomes a token that lives an hour.
pub fn exchange(world: &mut World, call: &Call) -> Answer {
    let given = |name: &str| token::parameter(call, name);
    let secret = given("client_secret").as_ref() == Some(&world.setup.instagram_app_secret);
    if !secret || given("grant_type").as_deref() != Some("authorization_code") {
        world.violation(call, "a code exchange without the right secret or grant_type");
        return refused("Invalid platform app");
    }
    let code = match login::redeem(world, call, true, SHORT) {
        Ok(code) => code,
        Err(error) => {
            if error.violation {
                world.violation(call, &error.message);
            }
            return refused("Matching code was not found or was already used");
        }
    };
    let permissions = code.scopes.join(",");
    let token = give(world, code.scopes, SHORT, false);
    let entry = json!({"access_token": token, "user_id": world.setup.instagram_login_id, "permissions": permissions});
    let flat = world.settings.meta.instagram_code_answer_is_flat;
    Answer::json(200, if flat { entry } else { json!({"data": [entry]}) })
}

fn refused(message: &str) -> Answer {
    Answer::json(400, json!({"error_type": "OAuthException", "code": 400, "error_message": message}))
}

/// `GET /access_token`: a token of an hour becomes one of sixty days.
pub fn longer(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    let short = of_account(world, call, "ig_exchange_token")?;
    if call.param("client_secret") != Some(world.setup.instagram_app_secret.as_str()) {
        return Err(GraphError::new(101, "Error validating client secret.").ours());
    }
    if short.long_lived {
        return Err(GraphError::new(452, "Session key invalid. This could be because the token is long-lived already"));
    }
    Ok(long(world, short))
}

/// `GET /refresh_access_token`: sixty days more for a token that is a day old and still holds.
pub fn refresh(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    let old = of_account(world, call, "ig_refresh_token")?;
    if !old.long_lived || world.now() - old.issued < REFRESH_AGE {
        return Err(GraphError::parameter("Only a long-lived token that is 24 hours old can be refreshed"));
    }
    Ok(long(world, old))
}

/// The account's token of a call, which must hold.
fn of_account(world: &World, call: &Call, grant_type: &str) -> Result<Grant, GraphError> {
    if call.param("grant_type") != Some(grant_type) {
        return Err(GraphError::parameter(format!("Param grant_type must be {grant_type}")));
    }
    let token = token::given(call).unwrap_or_default();
    let caller = token::holds(world, &token)?;
    let grant = world.grant(&token).filter(|_| caller == Caller::Instagram);
    grant.ok_or_else(|| GraphError::parameter("Not a token of Instagram Login"))
}

fn long(world: &mut World, from: Grant) -> Value {
    let life = i64::from(world.settings.meta.instagram_long_token_seconds);
    let permissions = from.scopes.join(",");
    let token = give(world, from.scopes, life * SECOND, true);
    json!({"access_token": token, "token_type": "bearer", "expires_in": life, "permissions": permissions})
}

fn give(world: &mut World, scopes: Vec<String>, life: i64, long_lived: bool) -> String {
    let now = world.now();
    let grant = Grant {
        caller: Caller::Instagram,
        scopes,
        declined: Vec::new(),
        issued: now,
        ends: Some(now + life),
        data_access_ends: Some(now + i64::from(world.settings.meta.graph_data_access_days) * DAY),
        long_lived,
        ended: None,
        pages: Vec::new(),
    };
    world.give("IGAA", grant)
}
