//! OAuth 1.0a: the header that signs one call with HMAC-SHA1 (RFC 5849).
//!
//! Such tokens do not end and do not rotate, which makes them the sturdier choice for X (`platforms/x.md` 1).

use aws_lc_rs::hmac;
use http::Method;
use jiff::Timestamp;
use oauth2::url::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::http::{Body, Call, path_segment as encoded};

/// The two pairs that sign a call.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Names the application.
    pub consumer_key: SecretString,
    /// Signs for the application.
    pub consumer_secret: SecretString,
    /// Names the account.
    pub token: SecretString,
    /// Signs for the account.
    pub token_secret: SecretString,
}

/// The value of the header `Authorization` for a call. `nonce` must be another one for each call of a second.
pub fn header(keys: &Keys, call: &Call, nonce: &str, now: Timestamp) -> SecretString {
    let seconds = now.as_second().to_string();
    let mut own = vec![
        ("oauth_consumer_key", keys.consumer_key.expose_secret()),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", &seconds),
        ("oauth_token", keys.token.expose_secret()),
        ("oauth_version", "1.0"),
    ];
    let signature = signature(keys, call, &own);
    own.push(("oauth_signature", &signature));
    let fields: Vec<String> = own.iter().map(|(name, value)| format!("{name}=\"{}\"", encoded(value))).collect();
    format!("OAuth {}", fields.join(", ")).into()
}

fn signature(keys: &Keys, call: &Call, own: &[(&str, &str)]) -> String {
    let secrets = [&keys.consumer_secret, &keys.token_secret].map(|secret| encoded(secret.expose_secret()));
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secrets.join("&").as_bytes());
    base64(hmac::sign(&key, base_string(&call.method, &call.url, &parameters(call, own)).as_bytes()).as_ref())
}

/// Every parameter of query, form and header; JSON is not signed (RFC 5849, section 3.4.1.3.1).
fn parameters<'a>(call: &'a Call, own: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let form: &[(&'static str, String)] = match &call.body {
        Some(Body::Form(fields)) => fields,
        _ => &[],
    };
    let sent = call.query.iter().chain(form).map(|(name, value)| (*name, value.as_str()));
    sent.chain(own.iter().copied()).collect()
}

/// What is signed (RFC 5849, section 3.4.1).
fn base_string(method: &Method, url: &str, parameters: &[(&str, &str)]) -> String {
    // Parsed, since the host counts in lower case and a usual port not at all.
    let url = Url::parse(url).map_or_else(|_| url.to_owned(), String::from);
    let mut pairs: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{method}&{}&{}", encoded(&url), encoded(&pairs.join("&")))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = char::from(DIGITS[bits >> (18 - 6 * place) & 63]);
            text.push(if place <= group.len() { digit } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Proof;

    fn call(method: Method, url: &str, query: Vec<(&'static str, String)>, body: Option<Body>) -> Call {
        Call { method, url: url.into(), query, headers: Vec::new(), body, proof: Proof::None }
    }

    fn keys(consumer_key: &str, consumer_secret: &str, token: &str, token_secret: &str) -> Keys {
        Keys {
            consumer_key: consumer_key.into(),
            consumer_secret: consumer_secret.into(),
            token: token.into(),
            token_secret: token_secret.into(),
        }
    }

    #[test]
    fn the_example_of_the_standard_is_signed_as_printed_there() {
        // RFC 5849, section 1.2, the last of its three requests: it goes without `oauth_version`.
        let keys = keys("dpf43f3p2l4k3l03", "kd94hf93k423kf44", "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00");
        let query = vec![("file", "vacation.jpg".to_owned()), ("size", "original".to_owned())];
        let call = call(Method::GET, "http://photos.example.net/photos", query, None);
        let own = [
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
        ];
        assert_eq!(signature(&keys, &call, &own), "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    #[test]
    fn the_example_of_x_is_signed_as_printed_there() {
        // X's documentation, "Creating a signature".
        let keys = keys(
            "xvz1evFS4wEEPTGEFPHBog",
            "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
            "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
            "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
        );
        let form = vec![("status", "Hello Ladies + Gentlemen, a signed OAuth request!".to_owned())];
        let query = vec![("include_entities", "true".to_owned())];
        let call =
            call(Method::POST, "https://API.twitter.com:443/1.1/statuses/update.json", query, Some(Body::Form(form)));
        let now = Timestamp::from_second(1_318_622_958).unwrap();
        let value = header(&keys, &call, "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", now);
        let value = value.expose_secret();
        assert!(value.starts_with("OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", "), "{value}");
        assert!(value.ends_with("oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\""), "{value}");
    }

    #[test]
    fn base64_pads_what_does_not_come_out_even() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }
}
