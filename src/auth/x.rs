//! X's tokens: the access token lives two hours, the refresh token works once (`platforms/x.md` 1).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use oauth2::{TokenResponse as _, basic::BasicTokenResponse};
use secrecy::SecretString;

use super::{Client, Ends, Grant, Issuer, Tokens};
use crate::{
    clock::{Clock, after, before, between},
    http::{Call, Failure, Lost, Transport},
};

/// How long before its end a token is renewed: time enough for a human to act when that fails.
const AHEAD: Duration = Duration::from_secs(20 * 60);
/// What is taken for the life of a token whose answer does not say it.
const LIFE: Duration = Duration::from_secs(2 * 3600);

/// X for one account.
pub struct XLogin {
    /// The application; without it nothing is renewed.
    pub client: Option<Client>,
    /// Where the X API is, without a trailing slash.
    pub api_base: String,
    /// Carries the calls.
    pub transport: Arc<dyn Transport>,
    /// The time.
    pub clock: Clock,
}

impl XLogin {
    /// Where an X API gives and renews tokens.
    pub fn token_url(api_base: &str) -> String {
        format!("{api_base}/2/oauth2/token")
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
impl Issuer for XLogin {
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
        let call = tokens.prove(Call::get(format!("{}/2/users/me", self.api_base), tokens.current()), self.clock.now());
        let answer = self.transport.send(call).await.map_err(|lost| match lost {
            Lost::Forbidden => Failure::Bug { code: "host not allowed".into() },
            Lost::NotSent | Lost::Unknown => Failure::later("no answer"),
        })?;
        match answer.status {
            // What renews itself ends only when that fails, and then it is said at once.
            200..300 if grant.refresh.is_some() => Ok(Ends::default()),
            200..300 => Ok(Ends { token: grant.ends_at, data: None }),
            401 => Err(Failure::LoginNeeded { code: "x 401".into() }),
            status => Err(Failure::later(format!("x {status}"))),
        }
    }
}
