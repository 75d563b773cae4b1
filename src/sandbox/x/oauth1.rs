//! OAuth 1.0a user tokens: every call carries a signature over itself (RFC 5849).

use aws_lc_rs::hmac;

use super::super::time::{MINUTE, SECOND};
use super::super::wire::{Call, decode, encode};
use super::super::world::World;
use super::encoding::base64;
use super::problem::Problem;

/// How far the clock of a caller may be off, milliseconds.
const CLOCK_ERROR: i64 = 5 * MINUTE;

/// Lets a call through when its signature is that of the application and the account, fresh, and over this very call.
pub fn check(world: &mut World, call: &Call, header: &str) -> Result<(), Problem> {
    let given = parameters(header).ok_or_else(Problem::unauthorized)?;
    let field = |name: &str| given.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let known = field("oauth_consumer_key") == world.setup.x_consumer_key
        && field("oauth_token") == world.setup.x_user_token
        && field("oauth_signature_method") == "HMAC-SHA1"
        && matches!(field("oauth_version"), "" | "1.0");
    let at = field("oauth_timestamp").parse::<i64>().unwrap_or(0).saturating_mul(SECOND);
    let fresh = (world.now() - at).abs() <= CLOCK_ERROR;
    let key = format!("{}&{}", encode(&world.setup.x_consumer_secret), encode(&world.setup.x_user_secret));
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    let signature = base64(field("oauth_signature")).unwrap_or_default();
    let right = hmac::verify(&key, signed(call, &given).as_bytes(), &signature).is_ok();
    if !(known && fresh && right) {
        return Err(Problem::unauthorized());
    }
    let now = world.now();
    // Older calls are refused for their time anyway.
    world.x.nonces.retain(|_, at| now - *at <= 2 * CLOCK_ERROR);
    if world.x.nonces.insert(field("oauth_nonce").to_owned(), now).is_some() {
        world.violation(call, "a signed call that was sent before");
        return Err(Problem::unauthorized());
    }
    Ok(())
}

/// The parameters of the header, decoded; `None` when it is not written as one.
fn parameters(header: &str) -> Option<Vec<(String, String)>> {
    let pairs = header.split(',').map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        Some((decode(key, false), decode(value, false)))
    });
    pairs.collect()
}

/// The text over which the signature is made: method, address, and all parameters but the signature itself.
fn signed(call: &Call, given: &[(String, String)]) -> String {
    let form = call.form().unwrap_or_default();
    let all =
        given.iter().filter(|(key, _)| key != "oauth_signature" && key != "realm").chain(&call.query).chain(&form);
    let mut pairs: Vec<(String, String)> = all.map(|(key, value)| (encode(key), encode(value))).collect();
    pairs.sort_unstable();
    let joined: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let address = format!("http://{}{}", call.host.to_ascii_lowercase(), call.path);
    format!("{}&{}&{}", call.method, encode(&address), encode(&joined.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_is_that_of_the_standard() {
        // The example of RFC 5849, section 3.4.1.1.
        let call = Call {
            proxy: None,
            idempotency: None,
            method: "POST".to_owned(),
            path: "/request".to_owned(),
            segments: vec!["request".to_owned()],
            query: super::super::super::wire::pairs("b5=%3D%253D&a3=a&c%40=&a2=r%20b"),
            authorization: None,
            content_type: "application/x-www-form-urlencoded".to_owned(),
            host: "EXAMPLE.COM".to_owned(),
            body: b"c2&a3=2+q".to_vec(),
        };
        let header = r#"realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D""#;
        let text = signed(&call, &parameters(header).expect("a good header"));
        assert_eq!(
            text,
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }
}
