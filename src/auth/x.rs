//! X's tokens: the access token lives two hours, the refresh token works once (`platforms/x.md` 1).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use oauth2::{TokenResponse as _, basic::BasicTokenResponse};
use secrecy::SecretString;
use serde::Deserialize;

use super::{Client, Consent, Ends, Grant, Issuer, Tokens};
use crate::{
    clock::{Clock, after, before, between},
    http::{Call, Failure, Transport},
};

/// How long before its end a token is renewed: time enough for a human to act when that fails.
const AHEAD: Duration = Duration::from_secs(20 * 60);
/// What is taken for the life of a token whose answer does not say it.
const LIFE: Duration = Duration::from_secs(2 * 3600);

/// What is asked for: to read and answer mentions and messages, and to stay logged in.
pub const SCOPES: [(&str, &str); 6] = [
    ("tweet.read", "to read mentions"),
    ("tweet.write", "to answer mentions"),
    ("users.read", "to know whose account it is"),
    ("dm.read", "to read messages"),
    ("dm.write", "to answer messages"),
    ("offline.access", "to stay logged in for more than two hours"),
];

#[derive(Deserialize)]
struct Me {
    data: User,
}

#[derive(Deserialize)]
struct User {
    username: String,
}

/// X for one account.
pub struct XToken {
    /// The application; without it nothing is renewed.
    pub client: Option<Client>,
    /// Where the X API is, without a trailing slash.
    pub api_base: String,
    /// Carries the calls.
    pub transport: Arc<dyn Transport>,
    /// The time.
    pub clock: Clock,
}

impl XToken {
    /// Where an X API gives and renews tokens.
    pub fn token_url(api_base: &str) -> String {
        format!("{api_base}/2/oauth2/token")
    }

    /// The way to X's consent page.
    ///
    /// # Errors
    /// [`Failure::Bug`] when there is no application, or an address cannot be read.
    pub fn consent(&self, page: &str, redirect: &str) -> Result<Consent, Failure> {
        let scope = SCOPES.map(|(name, _)| name).join(" ");
        self.client()?.consent(page, redirect, &scope, true, &[])
    }

    /// Turns a code into a login; gives its scopes too, where X names them. The code lives 30 seconds.
    ///
    /// # Errors
    /// When X does not take the code; it works once.
    pub async fn redeem(
        &self,
        consent: &Consent,
        code: &SecretString,
    ) -> Result<(Grant, Option<Vec<String>>), Failure> {
        let answer = self.client()?.redeem(&self.transport, self.clock, consent, code).await?;
        let scopes = answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect());
        Ok((self.grant(&answer, None), scopes))
    }

    /// The handle of the account that a token is for.
    ///
    /// # Errors
    /// [`Failure::LoginNeeded`] when the token is dead, any other when X does not say.
    pub async fn who(&self, tokens: &Tokens) -> Result<String, Failure> {
        let call = tokens.prove(Call::get(format!("{}/2/users/me", self.api_base), tokens.current()), self.clock.now());
        let answer = self.transport.send(call).await.map_err(|lost| Failure::lost(lost, false))?;
        match answer.status {
            200..300 => {
                let me: Me = serde_json::from_slice(&answer.body).map_err(|_| Failure::later("unreadable answer"))?;
                Ok(me.data.username)
            }
            401 => Err(Failure::LoginNeeded { code: "x 401".into() }),
            402 | 403 => Err(Failure::Stopped { code: format!("x {}", answer.status) }),
            status => Err(Failure::later(format!("x {status}"))),
        }
    }

    fn client(&self) -> Result<&Client, Failure> {
        self.client.as_ref().ok_or_else(|| Failure::Bug { code: "no application".into() })
    }

    fn grant(&self, answer: &BasicTokenResponse, old: Option<&SecretString>) -> Grant {
        let now = self.clock.now();
        let refresh = answer.refresh_token().map(|token| token.secret().clone().into());
        Grant {
            // A server that does not rotate sends no new one; then the old one stays good.
            refresh: refresh.or_else(|| old.cloned()),
            obtained_at: Some(now),
            ends_at: Some(after(now, answer.expires_in().unwrap_or(LIFE))),
            ..Grant::fixed(answer.access_token().secret().clone().into())
        }
    }
}

#[async_trait]
impl Issuer for XToken {
    fn due(&self, grant: &Grant) -> Option<Timestamp> {
        let (Some(_), Some(_), Some(ends_at)) = (&self.client, &grant.refresh, grant.ends_at) else { return None };
        // A token that lives for a minute is not renewed all the time.
        let life = grant.obtained_at.map_or(LIFE, |at| between(at, ends_at));
        Some(before(ends_at, AHEAD.min(life / 4)))
    }

    async fn renew(&self, grant: &Grant) -> Result<Grant, Failure> {
        let (Some(client), Some(refresh)) = (&self.client, &grant.refresh) else {
            return Err(Failure::LoginNeeded { code: "this token does not renew".into() });
        };
        let answer = client.refresh(&self.transport, self.clock, refresh).await?;
        Ok(self.grant(&answer, Some(refresh)))
    }

    async fn prove(&self, tokens: &Tokens, grant: &Grant) -> Result<Ends, Failure> {
        self.who(tokens).await?;
        // What renews itself ends only when that fails, and then it is said at once.
        Ok(Ends { token: grant.ends_at.filter(|_| grant.refresh.is_none()), data: None })
    }
}
