//! The token endpoint of X: refresh of a confidential client, with refresh tokens that rotate.

use serde_json::json;

use super::super::time::HOUR;
use super::super::wire::{Answer, Call};
use super::super::world::World;

/// How long a refreshed access token lives.
const LIFE: i64 = 2 * HOUR;

/// `POST /2/oauth2/token` with `grant_type=refresh_token`.
pub fn handle(world: &mut World, call: &Call) -> Answer {
    if call.method != "POST" || call.segments.get(2).is_none_or(|part| part != "token") {
        return refused(404, "invalid_request", "Not found");
    }
    let Some(form) = call.form() else {
        world.violation(call, "a token request that is not a form");
        return refused(400, "invalid_request", "Missing required parameter [grant_type].");
    };
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let basic = call.authorization.as_deref().and_then(|header| header.strip_prefix("Basic "));
    let wanted = format!("{}:{}", world.setup.x_client_id, world.setup.x_client_secret);
    if basic.and_then(base64).is_none_or(|given| given != wanted.as_bytes()) {
        return refused(401, "unauthorized_client", "Missing valid authorization header");
    }
    if field("grant_type") != Some("refresh_token") {
        return refused(400, "invalid_request", "Value passed for the grant_type was invalid.");
    }
    let token = field("refresh_token").unwrap_or_default();
    let spent = world.meters.x_spent_refresh_tokens.iter().any(|old| old == token);
    let good = token == world.setup.x_refresh_token || (spent && world.settings.x_old_refresh_token_works);
    if !good {
        return refused(400, "invalid_request", "Value passed for the token was invalid.");
    }
    rotate(world)
}

/// Gives a new pair of tokens and ends the old one.
fn rotate(world: &mut World) -> Answer {
    let serial = world.serial();
    let refresh = format!("sandbox-refresh-token-{serial}");
    let old = std::mem::replace(&mut world.setup.x_refresh_token, refresh);
    world.meters.x_spent_refresh_tokens.push(old);
    world.setup.x_token = format!("sandbox-x-token-{serial}");
    world.meters.x_token_ends = Some(world.now() + LIFE);
    let answer = json!({
        "token_type": "bearer", "expires_in": LIFE / 1_000, "access_token": world.setup.x_token,
        "scope": "users.read tweet.read tweet.write dm.read dm.write offline.access",
        "refresh_token": world.setup.x_refresh_token,
    });
    Answer::json(200, answer)
}

fn refused(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, json!({"error": error, "error_description": description}))
}

/// Undoes base64; `None` when the text is not base64.
fn base64(text: &str) -> Option<Vec<u8>> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = alphabet.iter().position(|known| *known == byte)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn a_basic_header_is_read() {
        assert_eq!(base64("Y2xpZW50OnNlY3JldA==").as_deref(), Some(b"client:secret".as_slice()));
        assert_eq!(base64("not base64!"), None);
    }
}
