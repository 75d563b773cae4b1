//! Tokens of Instagram Login: they live 60 days, and a living one that is a day old gives another 60.
//!
//! Source: `platforms/meta.md` 2.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{Given, MetaApi, MetaApp};
use crate::{
    auth::{Client, Consent, Ends, Grant, Issuer, Tokens},
    clock::{after, between},
    http::{Body, Call, Failure, Proof},
};

const DAY: Duration = Duration::from_secs(86_400);
/// How often a token is renewed: often enough that a month of failures is survived.
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Instagram for one account with a token of its own.
pub struct InstagramToken {
    /// Where it is asked.
    pub api: MetaApi,
}

impl InstagramToken {
    fn grant(&self, given: Given) -> Grant {
        let now = self.api.clock.now();
        let ends_at = given.expires_in.map(|seconds| after(now, Duration::from_secs(seconds)));
        Grant { obtained_at: Some(now), ends_at, ..Grant::fixed(given.access_token) }
    }
}

#[async_trait]
impl Issuer for InstagramToken {
    fn due(&self, grant: &Grant) -> Option<Timestamp> {
        // Of a token whose age nobody knows, a renewal is tried at once: its answer gives one whose age is known.
        let Some(obtained_at) = grant.obtained_at else { return Some(Timestamp::MIN) };
        let life = grant.ends_at.map_or(WEEK, |ends_at| between(obtained_at, ends_at));
        Some(after(obtained_at, (life / 2).min(WEEK).max(DAY)))
    }

    async fn renew(&self, grant: &Grant) -> Result<Grant, Failure> {
        let mut call = Call::get(format!("{}/refresh_access_token", self.api.api_base), SecretString::default())
            .with("grant_type", "ig_refresh_token")
            .with("access_token", grant.access.expose_secret());
        call.proof = Proof::None;
        match self.api.ask::<Given>(call).await {
            Ok(given) => Ok(self.grant(given)),
            Err(failure @ (Failure::LoginNeeded { .. } | Failure::Later { .. })) => Err(failure),
            // A token that is not a day old is refused, and lives.
            Err(failure) => {
                let at = after(self.api.clock.now(), DAY);
                Err(Failure::Later { at: Some(at), code: failure.code().to_owned() })
            }
        }
    }

    async fn prove(&self, tokens: &Tokens, grant: &Grant) -> Result<Ends, Failure> {
        self.api.whose(tokens, None).await?;
        Ok(Ends { token: grant.ends_at, data: grant.data_ends_at })
    }
}

/// The steps of a login with Instagram.
pub struct InstagramFlow {
    /// Where tokens are exchanged and used.
    pub api: MetaApi,
    /// Where codes are redeemed, without a trailing slash.
    pub code_base: String,
    /// Through which application: Instagram's own id and secret, not Facebook's.
    pub app: MetaApp,
}

/// Who logged in.
#[derive(Debug, Deserialize)]
pub struct Who {
    id: Option<String>,
    user_id: Option<String>,
    /// The handle.
    #[serde(default)]
    pub username: String,
}

impl Who {
    /// The id of the professional account: what the zone's file calls `account`.
    pub fn account(&self) -> Option<&str> {
        self.user_id.as_deref().or(self.id.as_deref())
    }
}

/// The answer to a code: with a list around it, or without.
#[derive(Deserialize)]
#[serde(untagged)]
enum Redeemed {
    Listed { data: Vec<Short> },
    Plain(Short),
}

#[derive(Deserialize)]
struct Short {
    #[serde(deserialize_with = "crate::auth::secret")]
    access_token: SecretString,
    permissions: Option<Permissions>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Permissions {
    Joined(String),
    Listed(Vec<String>),
}

impl Permissions {
    fn names(self) -> Vec<String> {
        match self {
            Self::Joined(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
            Self::Listed(names) => names,
        }
    }
}

impl InstagramFlow {
    /// The way to the consent page at `home`.
    ///
    /// # Errors
    /// [`Failure::Bug`] when an address cannot be read.
    pub fn consent(&self, home: &str, redirect: &str, scopes: &[&str]) -> Result<Consent, Failure> {
        let client =
            Client { token_url: self.code_url(), id: self.app.id.clone(), secret: None, secret_in_body: false };
        client.consent(&format!("{home}/oauth/authorize"), redirect, &scopes.join(","), false, &[])
    }

    fn code_url(&self) -> String {
        format!("{}/oauth/access_token", self.code_base)
    }

    /// Turns a code into a token for sixty days; gives the permissions too, where the platform names them.
    ///
    /// # Errors
    /// When the platform takes the code or the short-lived token not; the code works once.
    pub async fn grant(&self, redirect: &str, code: &SecretString) -> Result<(Grant, Option<Vec<String>>), Failure> {
        let form = vec![
            ("client_id", self.app.id.clone()),
            ("client_secret", self.app.secret.expose_secret().to_owned()),
            ("grant_type", "authorization_code".to_owned()),
            ("redirect_uri", redirect.to_owned()),
            ("code", code.expose_secret().to_owned()),
        ];
        let mut call = Call::post(self.code_url(), SecretString::default(), Body::Form(form));
        call.proof = Proof::None;
        let short = match self.api.ask::<Redeemed>(call).await? {
            Redeemed::Listed { data } => data.into_iter().next(),
            Redeemed::Plain(short) => Some(short),
        };
        let short = short.ok_or_else(|| Failure::later("unreadable answer"))?;
        let mut call = Call::get(format!("{}/access_token", self.api.api_base), SecretString::default())
            .with("grant_type", "ig_exchange_token")
            .with("client_secret", self.app.secret.expose_secret())
            .with("access_token", short.access_token.expose_secret());
        call.proof = Proof::None;
        let long: Given = self.api.ask(call).await?;
        let grant = InstagramToken { api: self.api.clone() }.grant(long);
        Ok((grant, short.permissions.map(Permissions::names)))
    }

    /// Who logged in.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn who(&self, token: &SecretString) -> Result<Who, Failure> {
        self.api.ask(self.api.get("me", token, None).with("fields", "id,user_id,username")).await
    }
}
