//! A login on a Mastodon server: our application is registered there first; its tokens neither end nor renew.
//!
//! Source: `platforms/mastodon.md` 2.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use oauth2::TokenResponse as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::{Client, Consent, Ends, Grant, Issuer, Tokens};
use crate::{
    clock::Clock,
    http::{Body, Call, Failure, Proof, Transport},
};

/// What the account's own name costs: the narrow scope where the server knows it, else the wider one.
const PROFILE: [&str; 2] = ["profile", "read:accounts"];

/// The steps of a login on a Mastodon server.
pub struct MastodonFlow {
    /// The server, such as `https://mastodon.example`, without a trailing slash.
    pub server: String,
    /// Carries the calls.
    pub transport: Arc<dyn Transport>,
    /// The time.
    pub clock: Clock,
}

#[derive(Deserialize)]
struct Registered {
    client_id: String,
    #[serde(deserialize_with = "super::secret")]
    client_secret: SecretString,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    scopes_supported: Vec<String>,
}

/// Who logged in.
#[derive(Debug, Deserialize)]
pub struct MastodonAccount {
    /// The handle on its server.
    pub username: String,
    /// Whether the account is marked as automated.
    #[serde(default)]
    pub bot: bool,
}

impl MastodonFlow {
    /// The scopes to ask for, those that this server knows.
    pub async fn scopes(&self) -> Vec<&'static str> {
        let mut scopes = vec!["read:notifications", "read:statuses", "write:statuses"];
        let call = self.call("/.well-known/oauth-authorization-server", None);
        // Older servers and other software have no such page.
        let known = self.ask::<Metadata>(call).await.map(|metadata| metadata.scopes_supported).unwrap_or_default();
        let narrow = known.iter().any(|scope| scope == PROFILE[0]);
        scopes.push(if narrow { PROFILE[0] } else { PROFILE[1] });
        scopes
    }

    /// Registers our application.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn register(&self, redirect: &str, scopes: &[&str]) -> Result<Client, Failure> {
        let app = json!({"client_name": "formez101", "redirect_uris": redirect, "scopes": scopes.join(" ")});
        let registered: Registered = self.ask(self.call("/api/v1/apps", Some(Body::Json(app)))).await?;
        Ok(Client {
            token_url: format!("{}/oauth/token", self.server),
            id: registered.client_id,
            secret: Some(registered.client_secret),
            secret_in_body: true,
        })
    }

    /// The way to the server's consent page.
    ///
    /// # Errors
    /// [`Failure::Bug`] when an address cannot be read.
    pub fn consent(&self, client: &Client, redirect: &str, scopes: &[&str]) -> Result<Consent, Failure> {
        client.consent(&format!("{}/oauth/authorize", self.server), redirect, &scopes.join(" "), true, &[])
    }

    /// Turns a code into a token; gives the scopes too, where the server names them.
    ///
    /// # Errors
    /// When the server does not take the code; it works once.
    pub async fn grant(
        &self,
        client: &Client,
        consent: &Consent,
        code: &SecretString,
    ) -> Result<(Grant, Option<Vec<String>>), Failure> {
        let answer = client.redeem(&self.transport, self.clock, consent, code).await?;
        let scopes = answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect());
        let grant = Grant {
            obtained_at: Some(self.clock.now()),
            ..Grant::fixed(answer.access_token().secret().clone().into())
        };
        Ok((grant, scopes))
    }

    /// Who logged in.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn who(&self, token: &SecretString) -> Result<MastodonAccount, Failure> {
        let mut call = self.call("/api/v1/accounts/verify_credentials", None);
        call.proof = Proof::Bearer(token.expose_secret().into());
        self.ask(call).await
    }

    fn call(&self, path: &str, body: Option<Body>) -> Call {
        let method = if body.is_some() { http::Method::POST } else { http::Method::GET };
        Call {
            method,
            url: format!("{}{path}", self.server),
            query: Vec::new(),
            // Some servers end the connection after each answer without saying so.
            headers: vec![("connection", "close".to_owned())],
            body,
            proof: Proof::None,
        }
    }

    /// Only the status counts: the text of an error is for humans, and translated.
    async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        let answer = self.transport.send(call).await.map_err(|lost| Failure::lost(lost, false))?;
        let code = format!("mastodon {}", answer.status);
        match answer.status {
            200..300 => serde_json::from_slice(&answer.body).map_err(|_| Failure::later("unreadable answer")),
            401 => Err(Failure::LoginNeeded { code }),
            403 => Err(Failure::Permission { code }),
            408 | 429 | 500.. => Err(Failure::later(code)),
            _ => Err(Failure::Bug { code }),
        }
    }
}

/// The token of a Mastodon account: it neither ends nor renews, until somebody takes it back.
pub struct MastodonToken {
    /// Where the account's server is, without a trailing slash.
    pub server: String,
    /// Carries the calls.
    pub transport: Arc<dyn Transport>,
    /// The time.
    pub clock: Clock,
}

#[async_trait]
impl Issuer for MastodonToken {
    fn due(&self, _: &Grant) -> Option<Timestamp> {
        None
    }

    async fn renew(&self, _: &Grant) -> Result<Grant, Failure> {
        Err(Failure::LoginNeeded { code: "a token of Mastodon does not renew".into() })
    }

    async fn prove(&self, tokens: &Tokens, grant: &Grant) -> Result<Ends, Failure> {
        let flow =
            MastodonFlow { server: self.server.clone(), transport: Arc::clone(&self.transport), clock: self.clock };
        flow.who(&tokens.current()).await?;
        Ok(Ends { token: grant.ends_at, data: grant.data_ends_at })
    }
}
