//! Bluesky's sessions: made with an app password, then refreshed and kept (`platforms/bluesky.md` 2).
//!
//! A login is counted, 30 in five minutes and 300 a day, so none is made for a poll or a start: only where there is no
//! session yet, and where the server no longer takes the one that is there. An old refresh token stays good for two hours
//! and always leads to the same next one, so that a lost answer costs nothing.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{Ends, Grant, Issuer, Tokens};
use crate::{
    clock::{Clock, after},
    http::{Answer, Body, Call, Failure, Proof, Transport, retry_after, unix_seconds},
};

/// A session is refreshed so long after it was given. Its access token lives two hours; where a server gives less, it is
/// refreshed when it is refused.
const REFRESH: Duration = Duration::from_secs(90 * 60);

/// Where a method of the AT Protocol is called.
fn address(api_base: &str, method: &str) -> String {
    format!("{api_base}/xrpc/com.atproto.server.{method}")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    #[serde(deserialize_with = "super::secret")]
    access_jwt: SecretString,
    #[serde(deserialize_with = "super::secret")]
    refresh_jwt: SecretString,
    active: Option<bool>,
}

#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    error: String,
}

/// The sessions of one account.
pub struct BlueskySession {
    /// The account's handle.
    pub account: String,
    /// Made by the account's owner for this service; without it only a session that is there can be refreshed.
    pub password: Option<SecretString>,
    /// Where the account's server is, without a trailing slash.
    pub api_base: String,
    /// Carries the calls.
    pub transport: Arc<dyn Transport>,
    /// The time.
    pub clock: Clock,
}

impl BlueskySession {
    /// A login without a session: the first thing to do is to make one. Its empty token is never sent.
    pub fn none_yet(clock: Clock) -> Grant {
        Grant { ends_at: Some(clock.now()), ..Grant::fixed("".into()) }
    }

    /// Logs in.
    ///
    /// # Errors
    /// [`Failure::LoginNeeded`] when the password is refused, [`Failure::Stopped`] when the account is not active,
    /// [`Failure::Later`] when the server does not say.
    pub async fn create(&self) -> Result<Grant, Failure> {
        let Some(password) = &self.password else {
            return Err(Failure::LoginNeeded { code: "no app password".into() });
        };
        let body = json!({ "identifier": self.account, "password": password.expose_secret() });
        self.session("createSession", Some(Body::Json(body)), Proof::None).await
    }

    async fn session(&self, method: &str, body: Option<Body>, proof: Proof) -> Result<Grant, Failure> {
        let session: Session = read(&self.send(Method::POST, method, body, proof).await?)?;
        if session.active == Some(false) {
            return Err(Failure::Stopped { code: "the account is not active".into() });
        }
        let now = self.clock.now();
        Ok(Grant {
            refresh: Some(session.refresh_jwt),
            obtained_at: Some(now),
            ends_at: Some(after(now, REFRESH)),
            ..Grant::fixed(session.access_jwt)
        })
    }

    async fn send(&self, http: Method, method: &str, body: Option<Body>, proof: Proof) -> Result<Answer, Failure> {
        let url = address(&self.api_base, method);
        let call = Call { method: http, url, query: Vec::new(), headers: Vec::new(), body, proof };
        // Whatever a lost call did can be done again.
        let answer = self.transport.send(call).await.map_err(|lost| Failure::lost(lost, false))?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
        let code = format!("bluesky {}", answer.status);
        Err(match problem.error.as_str() {
            "ExpiredToken" | "InvalidToken" | "AuthenticationRequired" | "AuthMissing" | "AuthFactorTokenRequired" => {
                Failure::LoginNeeded { code }
            }
            "AccountTakedown" | "AccountSuspended" | "AccountDeactivated" => Failure::Stopped { code },
            _ if answer.status == 401 => Failure::LoginNeeded { code },
            _ => {
                let (headers, now) = (&answer.headers, self.clock.now());
                let at = retry_after(headers, now).or_else(|| unix_seconds(headers, "ratelimit-reset"));
                Failure::Later { at: at.filter(|at| answer.status == 429 && *at > now), code }
            }
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    serde_json::from_slice(&answer.body).map_err(|_| Failure::later("unreadable answer"))
}

#[async_trait]
impl Issuer for BlueskySession {
    fn due(&self, grant: &Grant) -> Option<Timestamp> {
        grant.ends_at
    }

    async fn renew(&self, grant: &Grant) -> Result<Grant, Failure> {
        if let Some(refresh) = &grant.refresh {
            match self.session("refreshSession", None, Proof::Bearer(refresh.clone())).await {
                // Silent for 90 days, or the app password was replaced: the one that stands there now may do.
                Err(Failure::LoginNeeded { .. }) if self.password.is_some() => {}
                renewed => return renewed,
            }
        }
        self.create().await
    }

    async fn prove(&self, tokens: &Tokens, _grant: &Grant) -> Result<Ends, Failure> {
        let token = tokens.current();
        if !token.expose_secret().is_empty() {
            self.send(Method::GET, "getSession", None, Proof::Bearer(token)).await?;
        }
        // What renews itself ends only when that fails, and then it is said at once.
        Ok(Ends::default())
    }
}
