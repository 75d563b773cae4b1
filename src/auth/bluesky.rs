//! Bluesky's sessions: made with an app password, then refreshed and kept (`platforms/bluesky.md` 2).
//!
//! A login is counted, 30 in five minutes and 300 a day, so none is made for a poll or a start: only where there is no
//! session yet, and where the server no longer takes the one that is there. An old refresh token stays good for two hours
//! and always leads to the same next one, so that a lost answer costs nothing.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
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

/// The collection of an account's only profile.
const PROFILE: &str = "app.bsky.actor.profile";

#[derive(Deserialize)]
struct Record {
    cid: String,
    value: serde_json::Value,
}

/// Whether the account says of itself that it is automated.
fn says_bot(profile: &serde_json::Value) -> bool {
    let labels = profile["labels"]["values"].as_array().into_iter().flatten();
    labels.into_iter().any(|label| label["val"] == "bot")
}

/// A profile with that label, and with all that it had.
fn with_bot(mut profile: serde_json::Value) -> serde_json::Value {
    let mut labels = profile["labels"]["values"].as_array().cloned().unwrap_or_default();
    labels.push(json!({ "val": "bot" }));
    profile["labels"] = json!({ "$type": "com.atproto.label.defs#selfLabels", "values": labels });
    profile
}

/// What a session may do, as far as its token says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlueskyLeave {
    /// Everything: it was made with the account's own password.
    Everything,
    /// Reading and posting, and direct messages.
    Messages,
    /// Reading and posting.
    Posts,
}

impl BlueskyLeave {
    /// Reads it from an access token (`platforms/bluesky.md` 2). `None` where the token does not say; nothing is believed of it but this.
    pub fn of(token: &SecretString) -> Option<Self> {
        #[derive(Deserialize)]
        struct Claims {
            scope: String,
        }
        let payload = token.expose_secret().split('.').nth(1)?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        match claims.scope.as_str() {
            "com.atproto.access" => Some(Self::Everything),
            "com.atproto.appPassPrivileged" => Some(Self::Messages),
            "com.atproto.appPass" => Some(Self::Posts),
            _ => None,
        }
    }
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

    /// Whether the account's profile says that it is automated.
    ///
    /// # Errors
    /// When the profile cannot be read.
    pub async fn says_bot(&self, token: &SecretString) -> Result<bool, Failure> {
        Ok(self.profile(token).await?.is_some_and(|profile| says_bot(&profile.value)))
    }

    /// Puts the label `bot` into the account's profile and leaves all else as it is; then looks whether it stands there.
    ///
    /// # Errors
    /// When the profile cannot be read or written, or was changed meanwhile.
    pub async fn say_bot(&self, token: &SecretString) -> Result<(), Failure> {
        let (known, cid) = match self.profile(token).await? {
            Some(profile) => (profile.value, profile.cid.into()),
            None => (json!({ "$type": PROFILE }), serde_json::Value::Null),
        };
        let body = json!({
            "repo": self.account,
            "collection": PROFILE,
            "rkey": "self",
            "record": with_bot(known),
            // Whatever somebody writes there meanwhile is not lost.
            "swapRecord": cid,
        });
        let url = format!("{}/xrpc/com.atproto.repo.putRecord", self.api_base);
        let (query, headers, proof) = (Vec::new(), Vec::new(), Proof::Bearer(token.clone()));
        self.ask(Call { method: Method::POST, url, query, headers, body: Some(Body::Json(body)), proof }).await?;
        if self.says_bot(token).await? { Ok(()) } else { Err(Failure::unknown("the label is not there")) }
    }

    async fn profile(&self, token: &SecretString) -> Result<Option<Record>, Failure> {
        let call = Call::get(format!("{}/xrpc/com.atproto.repo.getRecord", self.api_base), token.clone());
        let call = call.with("repo", self.account.as_str()).with("collection", PROFILE).with("rkey", "self");
        match self.ask(call).await {
            Ok(answer) => read(&answer).map(Some),
            Err(Failure::Refused { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
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
        self.ask(Call { method: http, url, query: Vec::new(), headers: Vec::new(), body, proof }).await
    }

    async fn ask(&self, call: Call) -> Result<Answer, Failure> {
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
            "RecordNotFound" => Failure::Refused { code },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_it_may_do() {
        let token = |scope: &str| {
            let claims = URL_SAFE_NO_PAD.encode(json!({ "scope": scope, "sub": "did:plc:zone" }).to_string());
            SecretString::from(format!("head.{claims}.proof"))
        };
        for (scope, leave) in [
            ("com.atproto.access", Some(BlueskyLeave::Everything)),
            ("com.atproto.appPass", Some(BlueskyLeave::Posts)),
            ("com.atproto.appPassPrivileged", Some(BlueskyLeave::Messages)),
            ("something new", None),
        ] {
            assert_eq!(BlueskyLeave::of(&token(scope)), leave, "{scope}");
        }
        assert_eq!(BlueskyLeave::of(&"opaque".into()), None);
    }

    #[test]
    fn the_label_is_added_to_what_stands_there() {
        let profile = json!({
            "$type": PROFILE, "displayName": "Zone", "labels": {"values": [{"val": "!no-unauthenticated"}]}
        });
        assert!(!says_bot(&profile));
        let marked = with_bot(profile);
        assert!(says_bot(&marked));
        assert_eq!(
            (&marked["displayName"], &marked["labels"]["values"][0]["val"]),
            (&json!("Zone"), &json!("!no-unauthenticated"))
        );
    }
}
