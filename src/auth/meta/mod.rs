//! Meta's tokens: what is asked of the Graph API about them, and what its answers mean.
//!
//! Source: `platforms/meta.md` 2 and 7.

mod facebook;
mod instagram;
mod permissions;

pub use facebook::{FacebookFlow, Known, LinkedInstagram, Page, PageToken};
pub use instagram::{InstagramFlow, InstagramToken};
pub use permissions::{Need, Path, needs};

use std::{fmt::Write as _, sync::Arc};

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};

use super::Tokens;
use crate::{
    clock::Clock,
    http::{Answer, Call, Failure, Transport},
};

/// The Graph API as far as tokens go.
#[derive(Clone)]
pub struct MetaApi {
    /// Where it is, without a trailing slash and without a version.
    pub api_base: String,
    /// Its version, such as `v26.0`.
    pub version: String,
    /// Carries the calls.
    pub transport: Arc<dyn Transport>,
    /// The time.
    pub clock: Clock,
}

/// The application through which humans log in.
#[derive(Clone)]
pub struct MetaApp {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
    /// Whether calls carry the proof that we know the secret.
    pub proves_calls: bool,
}

#[derive(Deserialize)]
struct Refusal {
    error: Option<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    code: i64,
    error_subcode: Option<i64>,
}

/// A token as the token endpoints give it.
#[derive(Deserialize)]
struct Given {
    #[serde(deserialize_with = "super::secret")]
    access_token: SecretString,
    expires_in: Option<u64>,
}

impl MetaApi {
    fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.api_base, self.version)
    }

    /// A call with a token, and with the proof that goes with it.
    fn get(&self, path: &str, token: &SecretString, app: Option<&MetaApp>) -> Call {
        let call = Call::get(self.url(path), token.clone());
        match app.filter(|app| app.proves_calls) {
            Some(app) => call.with("appsecret_proof", appsecret_proof(&app.secret, token)),
            None => call,
        }
    }

    async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        let answer = self.transport.send(call).await.map_err(|lost| Failure::lost(lost, false))?;
        match meaning(&answer) {
            Some(failure) => Err(failure),
            None => serde_json::from_slice(&answer.body).map_err(|_| Failure::later("unreadable answer")),
        }
    }

    /// Asks with the token in use whose it is: the cheapest call that a dead one fails.
    async fn whose(&self, tokens: &Tokens, app: Option<&MetaApp>) -> Result<(), Failure> {
        let call = self.get("me", &tokens.current(), app).with("fields", "id");
        self.ask::<serde_json::Value>(call).await.map(|_| ())
    }
}

/// What an answer about tokens means; `None` when it is a success.
fn meaning(answer: &Answer) -> Option<Failure> {
    let detail = serde_json::from_slice::<Refusal>(&answer.body).ok().and_then(|refusal| refusal.error);
    let Some(detail) = detail else {
        let code = format!("graph {}", answer.status);
        return match answer.status {
            200..300 => None,
            408 | 429 | 500.. => Some(Failure::later(code)),
            _ => Some(Failure::Bug { code }),
        };
    };
    let code = match detail.error_subcode {
        Some(subcode) => format!("graph {}/{subcode}", detail.code),
        None => format!("graph {}", detail.code),
    };
    Some(match detail.code {
        102 | 190 | 452 | 463 | 467 => Failure::LoginNeeded { code },
        3 | 10 | 200..=299 => Failure::Permission { code },
        101 => Failure::Stopped { code },
        1 | 2 | 4 | 17 | 32 | 341 | 613 | 80_000..=80_999 => Failure::later(code),
        _ => Failure::Bug { code },
    })
}

/// Lower-case hex of HMAC-SHA256 over the token, under the application's secret (`platforms/meta.md` 1).
pub fn appsecret_proof(secret: &SecretString, token: &SecretString) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let proof = hmac::sign(&key, token.expose_secret().as_bytes());
    proof.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_made_as_the_standard_computes_it() {
        // RFC 4231, test case 2.
        let proof = appsecret_proof(&"Jefe".into(), &"what do ya want for nothing?".into());
        assert_eq!(proof, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_dead_token_is_told_from_trouble_whatever_the_status() {
        let meaning = |status, body: &str| {
            let answer = Answer { status, headers: http::HeaderMap::new(), body: body.to_owned().into() };
            meaning(&answer).map(|failure| failure.to_string())
        };
        let dead = r#"{"error":{"message":"x","type":"OAuthException","code":190,"error_subcode":460}}"#;
        assert_eq!(meaning(400, dead).as_deref(), Some("login needed (graph 190/460)"));
        assert_eq!(meaning(401, dead).as_deref(), Some("login needed (graph 190/460)"));
        assert_eq!(meaning(400, r#"{"error":{"code":4}}"#).as_deref(), Some("later (graph 4)"));
        assert_eq!(meaning(503, "<html>").as_deref(), Some("later (graph 503)"));
        assert_eq!(meaning(200, r#"{"id":"1"}"#), None);
    }
}
