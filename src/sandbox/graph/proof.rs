//! `appsecret_proof`: the plain form over the token, and the one that is bound to a time.

use std::fmt::Write as _;

use aws_lc_rs::{digest, hmac};

use super::super::time::{MINUTE, SECOND};
use super::super::wire::Call;
use super::super::world::World;
use super::error::GraphError;
use super::token::{self, Caller};

/// How long a time-bound proof holds.
const LIFE: i64 = 5 * MINUTE;

/// Refuses a call whose proof is wrong, or missing where it is required.
pub fn check(world: &World, call: &Call, token: &str, caller: Caller) -> Result<(), GraphError> {
    let meta = &world.settings.meta;
    let secret = match caller {
        Caller::App => return Ok(()),
        Caller::Instagram if !meta.instagram_checks_app_secret_proof => return Ok(()),
        Caller::Instagram => &world.setup.instagram_app_secret,
        _ => &world.setup.facebook_app_secret,
    };
    let invalid = || GraphError::parameter("Invalid appsecret_proof provided in the API argument");
    let Some(given) = token::parameter(call, "appsecret_proof") else {
        if meta.graph_require_app_secret_proof {
            return Err(GraphError::parameter("API calls from the server require an appsecret_proof argument"));
        }
        return Ok(());
    };
    let signed = match token::parameter(call, "appsecret_time") {
        None if meta.graph_proof_must_be_time_bound => return Err(invalid()),
        None => token.to_owned(),
        Some(time) => {
            let at = time.parse::<i64>().map_err(|_| invalid())?.saturating_mul(SECOND);
            if (world.now() - at).abs() > LIFE {
                return Err(invalid());
            }
            format!("{token}|{time}")
        }
    };
    if proof(secret, &signed) == given { Ok(()) } else { Err(invalid()) }
}

/// Lower-case hex of the HMAC-SHA256 of a text.
fn proof(secret: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, text.as_bytes()).as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The `code_challenge` that belongs to a `code_verifier`, method S256.
pub fn challenge(verifier: &str) -> String {
    let sum = digest::digest(&digest::SHA256, verifier.as_bytes());
    base64_url(sum.as_ref())
}

/// Base64 as it may stand in an address, without padding.
pub fn base64_url(bytes: &[u8]) -> String {
    base64(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// Base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place)) & 0x3f;
            out.push(if place <= group.len() { char::from(ALPHABET[sextet as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers_come_out() {
        // RFC 4648, section 10; RFC 7636, appendix B; RFC 4231, test case 2.
        assert_eq!([base64(b"f"), base64(b"fo"), base64(b"foobar")], ["Zg==", "Zm8=", "Zm9vYmFy"]);
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let sum = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(proof("Jefe", "what do ya want for nothing?"), sum);
    }
}
