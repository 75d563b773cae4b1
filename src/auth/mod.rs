//! Tokens: where they come from, how they renew themselves, and who may see them.

mod credentials;
mod renewal;
mod vault;

pub use credentials::{CredentialError, Credentials};
pub use renewal::{Client, Renewal};
pub use vault::{Pair, Vault};

use std::sync::{PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Notify;

/// The token in use for one account; replaced whole when it is renewed.
pub struct Tokens {
    current: RwLock<SecretString>,
    refused: Notify,
}

impl Tokens {
    /// Starts with a token.
    pub fn new(token: SecretString) -> Self {
        Self { current: RwLock::new(token), refused: Notify::new() }
    }

    /// The token to use for the next call.
    pub fn current(&self) -> SecretString {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another token in its place.
    pub fn replace(&self, token: SecretString) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// The platform refused a token. If it is still the one in use, whoever renews it is woken.
    pub fn refuse(&self, token: &SecretString) {
        if self.current().expose_secret() == token.expose_secret() {
            self.refused.notify_one();
        }
    }

    /// Waits until the token in use is refused.
    pub async fn refused(&self) {
        self.refused.notified().await;
    }
}
