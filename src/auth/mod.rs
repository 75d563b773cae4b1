//! Tokens: where they come from, how they renew themselves, and who may see them.

mod bluesky;
mod consent;
mod credentials;
mod ending;
mod mastodon;
pub mod meta;
mod oauth;
mod oauth1;
mod renewal;
mod vault;
mod x;

pub use bluesky::{BlueskyLeave, BlueskySession};
pub use consent::{Consent, NoCode, OUT_OF_BAND};
pub use credentials::{CredentialError, Credentials};
pub use ending::Reminder;
pub use mastodon::{MastodonAccount, MastodonFlow, MastodonToken};
pub use oauth::Client;
pub use oauth1::Keys;
pub use renewal::{Account, Renewal, Standing};
pub use vault::{Grant, Vault};
pub use x::{SCOPES as X_SCOPES, XToken};

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize as _;
use tokio::sync::Notify;

use crate::http::{Call, Failure, Proof};

/// What proves who we are on one account; replaced whole when it is renewed.
pub struct Tokens {
    current: RwLock<Secret>,
    is_refused: AtomicBool,
    refused: Notify,
}

enum Secret {
    Bearer(SecretString),
    Signed(Keys),
}

impl Tokens {
    /// Starts with a token that goes with each call as it is.
    pub fn new(token: SecretString) -> Self {
        Self::with(Secret::Bearer(token))
    }

    /// Starts with keys that sign each call (OAuth 1.0a).
    pub fn signing(keys: Keys) -> Self {
        Self::with(Secret::Signed(keys))
    }

    fn with(secret: Secret) -> Self {
        Self { current: RwLock::new(secret), is_refused: AtomicBool::new(false), refused: Notify::new() }
    }

    /// The token in use, to tell it from another one.
    pub fn current(&self) -> SecretString {
        match &*self.current.read().unwrap_or_else(PoisonError::into_inner) {
            Secret::Bearer(token) => token.clone(),
            Secret::Signed(keys) => keys.token.clone(),
        }
    }

    /// The call with what proves who we are. A signature covers the whole call, so this is the last step before
    /// it is sent, and each call is sent once.
    #[must_use]
    pub fn prove(&self, mut call: Call, now: Timestamp) -> Call {
        call.proof = match &*self.current.read().unwrap_or_else(PoisonError::into_inner) {
            Secret::Bearer(token) => Proof::Bearer(token.clone()),
            Secret::Signed(keys) => {
                // The nonce tells two calls of one second apart; nothing secret hangs on it.
                let nonce = format!("{:032x}", fastrand::u128(..));
                Proof::Header(oauth1::header(keys, &call, &nonce, now))
            }
        };
        call
    }

    /// Puts another token in its place.
    pub fn replace(&self, token: SecretString) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Secret::Bearer(token);
        self.is_refused.store(false, Ordering::SeqCst);
    }

    /// The platform refused a token. If it is still the one in use, whoever renews it is woken.
    pub fn refuse(&self, token: &SecretString) {
        if self.current().expose_secret() == token.expose_secret() {
            self.is_refused.store(true, Ordering::SeqCst);
            self.refused.notify_one();
        }
    }

    /// The platform takes the token in use.
    pub fn accept(&self) {
        self.is_refused.store(false, Ordering::SeqCst);
    }

    /// Whether the token in use was refused.
    pub fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::SeqCst)
    }

    /// Waits until a token in use is refused; it may have been replaced meanwhile.
    pub async fn refused(&self) {
        self.refused.notified().await;
    }
}

/// Reads a secret out of an answer.
fn secret<'de, D: serde::Deserializer<'de>>(answer: D) -> Result<SecretString, D::Error> {
    String::deserialize(answer).map(SecretString::from)
}

/// What a platform does about the tokens that it gave.
#[async_trait]
pub trait Issuer: Send + Sync {
    /// When a login should be renewed; `None` when it cannot be, or when its end is not known.
    fn due(&self, grant: &Grant) -> Option<Timestamp>;

    /// Renews a login. Never called twice at a time for one account, in any process.
    ///
    /// # Errors
    /// [`Failure::Later`] when the platform did nothing, [`Failure::Unknown`] when it may have spent the refresh
    /// token, [`Failure::LoginNeeded`] when only a human can help, [`Failure::Stopped`] when it refuses our
    /// application.
    async fn renew(&self, grant: &Grant) -> Result<Grant, Failure>;

    /// Asks the platform whether the token in use is good, and when it will not be any more.
    ///
    /// # Errors
    /// [`Failure::LoginNeeded`] when the token is dead, any other failure when that is not known.
    async fn prove(&self, tokens: &Tokens, grant: &Grant) -> Result<Ends, Failure>;
}

/// The ends that a human must forestall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    /// The token's own.
    pub token: Option<Timestamp>,
    /// The platform shows no more data after it, though the token lives (`platforms/meta.md` 2).
    pub data: Option<Timestamp>,
}
