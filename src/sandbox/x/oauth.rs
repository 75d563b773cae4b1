//! The token endpoints of X: a code or a refresh token becomes a new pair; a token is revoked.

use serde_json::json;

use super::super::wire::{Answer, Call};
use super::super::world::World;
use super::consent;
use super::encoding::base64;
use super::tokens::{self, Pair};

/// `POST /2/oauth2/token` and `POST /2/oauth2/revoke`.
pub fn handle(world: &mut World, call: &Call) -> Answer {
    let action = call.segments.get(2).map(String::as_str);
    let (Some("token" | "revoke"), "POST", 3) = (action, call.method.as_str(), call.segments.len()) else {
        return refused(404, "invalid_request", "Not found");
    };
    let Some(form) = call.form() else {
        world.violation(call, "a token request that is not a form");
        return refused(400, "invalid_request", "Missing required parameter [grant_type].");
    };
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    if !is_client(world, call, field("client_id")) {
        return refused(401, "unauthorized_client", "Missing valid authorization header");
    }
    if action == Some("revoke") {
        tokens::end(world, field("token"));
        return Answer::json(200, json!({"revoked": true}));
    }
    match field("grant_type") {
        "authorization_code" => {
            match consent::redeem(world, field("code"), field("redirect_uri"), field("code_verifier")) {
                Some(scopes) => given(&tokens::consent(world, scopes), world),
                None => refused(400, "invalid_request", "Value passed for the authorization code was invalid."),
            }
        }
        "refresh_token" if tokens::may_refresh(world, field("refresh_token")) => given(&tokens::rotate(world), world),
        "refresh_token" => refused(400, "invalid_request", "Value passed for the token was invalid."),
        _ => refused(400, "invalid_request", "Value passed for the grant_type was invalid."),
    }
}

/// A confidential client proves itself by its secret in the header, a public one names itself in the body.
fn is_client(world: &World, call: &Call, id: &str) -> bool {
    let basic = call.authorization.as_deref().and_then(|header| header.strip_prefix("Basic "));
    if world.settings.x.x_public_client {
        return basic.is_none() && id == world.setup.x_client_id;
    }
    let wanted = format!("{}:{}", world.setup.x_client_id, world.setup.x_client_secret);
    let proved = basic.and_then(base64).is_some_and(|given| given == wanted.as_bytes());
    proved && (id.is_empty() || id == world.setup.x_client_id)
}

fn given(pair: &Pair, world: &World) -> Answer {
    let mut answer = json!({
        "token_type": "bearer", "expires_in": world.settings.x.x_access_life_seconds,
        "access_token": pair.access, "scope": pair.scopes,
    });
    if let Some(refresh) = &pair.refresh {
        answer["refresh_token"] = json!(refresh);
    }
    Answer::json(200, answer)
}

fn refused(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, json!({"error": error, "error_description": description}))
}
