//! Keeps an OAuth 2.0 token alive whose refresh token works once: renewed ahead of time, on the disk before use.
//!
//! Source: `platforms/x.md` 1. When the server rotated and its answer was lost, the old token is tried again;
//! where the server no longer takes it, only a human can log in.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, header};
use jiff::Timestamp;
use oauth2::{
    ClientId, ClientSecret, HttpRequest, HttpResponse, RefreshToken, RequestTokenError, TokenResponse as _, TokenUrl,
    basic::BasicClient,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{Pair, Tokens, Vault};
use crate::{
    clock::{Clock, after, before, between},
    http::{Body, Call, Failure, Lost, Proof, Transport},
};

/// How long before its end a token is renewed: time enough for a human to act when that fails.
const AHEAD: Duration = Duration::from_secs(20 * 60);
/// The first pause after a renewal that failed for a passing reason; it doubles.
const PAUSE: Duration = Duration::from_secs(5);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A wait is cut into turns of this length, so that a hanging loop is told from a waiting one.
const TURN: Duration = Duration::from_secs(600);
/// What is taken for the life of a token whose answer does not say it.
const LIFE: Duration = Duration::from_secs(2 * 3600);

/// The application that asks for tokens.
pub struct Client {
    /// Where tokens are renewed.
    pub token_url: String,
    /// The application.
    pub id: String,
    /// The secret of a confidential client; a public one has none.
    pub secret: Option<SecretString>,
}

/// Renews one account's tokens.
pub struct Renewal {
    client: Client,
    transport: Arc<dyn Transport>,
    clock: Clock,
    tokens: Arc<Tokens>,
    vault: Vault,
    /// One renewal at a time: a refresh token used twice is a login lost.
    pair: Mutex<Pair>,
}

impl Renewal {
    /// Goes on from a pair whose access token is the one in `tokens`.
    pub fn new(
        client: Client,
        transport: Arc<dyn Transport>,
        clock: Clock,
        tokens: Arc<Tokens>,
        vault: Vault,
        pair: Pair,
    ) -> Self {
        Self { client, transport, clock, tokens, vault, pair: Mutex::new(pair) }
    }

    /// Renews ahead of the end, or when the platform refuses the token, until cancelled; a refusal by the token
    /// endpoint ends it, since only a human can help then. `alive` is called with the time until the next turn.
    ///
    /// A renewal under way is not cut short: the server may have spent the old token already.
    pub async fn keep(&self, cancel: &CancellationToken, alive: impl Fn(Duration)) {
        let mut pause = PAUSE;
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.wait_until_due(&alive) => {}
            }
            match self.renew().await {
                Ok(ends_at) => {
                    pause = PAUSE;
                    info!(%ends_at, "the X token was renewed");
                }
                Err(Failure::Later { code, .. }) => {
                    warn!(code, pause_seconds = pause.as_secs(), "the X token cannot be renewed for now");
                    alive(pause);
                    tokio::select! {
                        () = cancel.cancelled() => return,
                        () = self.clock.sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    self.tokens.refuse(&self.tokens.current());
                }
                Err(failure) => {
                    error!(%failure, "the X token cannot be renewed any more: log in again and restart; the present token is used until its end");
                    return;
                }
            }
        }
    }

    async fn wait_until_due(&self, alive: &impl Fn(Duration)) {
        let ends_at = self.pair.lock().await.ends_at;
        loop {
            let wait = ends_at.map_or(Duration::MAX, |at| between(self.clock.now(), before(at, AHEAD)));
            if wait.is_zero() {
                return;
            }
            // The loop says that it is alive now and then, however long the token lives.
            let turn = wait.min(TURN);
            alive(turn);
            tokio::select! {
                () = self.tokens.refused() => return,
                () = self.clock.sleep(turn) => {}
            }
        }
    }

    /// Renews once: the new pair is on the disk before it is used. Returns when the new token ends.
    ///
    /// # Errors
    /// [`Failure::Later`] when it may work later with the same token, [`Failure::LoginNeeded`] when it will not.
    pub async fn renew(&self) -> Result<Timestamp, Failure> {
        let mut pair = self.pair.lock().await;
        let fresh = self.ask(&pair.refresh).await?;
        let ends_at = fresh.ends_at.unwrap_or_else(|| after(self.clock.now(), LIFE));
        if let Err(why) = self.vault.write(&fresh) {
            // The old token is spent: the pair in memory is all there is. It goes on until the process ends.
            error!(%why, "the renewed X token could not be written: after a restart a human must log in");
        }
        self.tokens.replace(fresh.access.clone());
        *pair = fresh;
        Ok(ends_at)
    }

    async fn ask(&self, refresh: &SecretString) -> Result<Pair, Failure> {
        let url =
            TokenUrl::new(self.client.token_url.clone()).map_err(|_| Failure::Bug { code: "token address".into() })?;
        let mut client = BasicClient::new(ClientId::new(self.client.id.clone())).set_token_uri(url);
        if let Some(secret) = &self.client.secret {
            client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
        }
        let old = RefreshToken::new(refresh.expose_secret().to_owned());
        let send = |request| exchange(Arc::clone(&self.transport), request);
        let answer = client.exchange_refresh_token(&old).request_async(&send).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(_) => {
                Failure::LoginNeeded { code: "the refresh token was refused".into() }
            }
            RequestTokenError::Request(Lost::Forbidden) => Failure::Bug { code: "host not allowed".into() },
            RequestTokenError::Request(_) => Failure::later("no answer"),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Failure::later("unreadable answer"),
        })?;
        let life = answer.expires_in().unwrap_or(LIFE);
        Ok(Pair {
            access: answer.access_token().secret().clone().into(),
            // A server that does not rotate sends no new one; then the old one stays good.
            refresh: answer.refresh_token().map_or_else(|| refresh.clone(), |token| token.secret().clone().into()),
            ends_at: Some(after(self.clock.now(), life)),
        })
    }
}

/// Carries a request of the OAuth library over our transport, with its hosts, limits and no redirects.
async fn exchange(transport: Arc<dyn Transport>, request: HttpRequest) -> Result<HttpResponse, Lost> {
    let (parts, body) = request.into_parts();
    let proof = match parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) {
        Some(value) => Proof::Header(value.into()),
        None => Proof::None,
    };
    let call = Call {
        method: parts.method,
        url: parts.uri.to_string(),
        query: Vec::new(),
        body: Some(Body::Encoded(body)),
        proof,
    };
    let answer = transport.send(call).await?;
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.status_mut() = http::StatusCode::from_u16(answer.status).map_err(|_| Lost::Unknown)?;
    *response.headers_mut() = json_type(answer.headers);
    Ok(response)
}

/// The library insists on a content type; some answers leave it out.
fn json_type(mut headers: HeaderMap) -> HeaderMap {
    headers.entry(header::CONTENT_TYPE).or_insert(header::HeaderValue::from_static("application/json"));
    headers
}
