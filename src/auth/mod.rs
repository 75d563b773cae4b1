//! Tokens: where they come from and who may see them.

mod credentials;

pub use credentials::{CredentialError, Credentials};

use std::sync::{PoisonError, RwLock};

use secrecy::SecretString;

/// The token in use for one account; replaced whole when it is renewed.
pub struct Tokens(RwLock<SecretString>);

impl Tokens {
    /// Starts with a token.
    pub const fn new(token: SecretString) -> Self {
        Self(RwLock::new(token))
    }

    /// The token to use for the next call.
    pub fn current(&self) -> SecretString {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another token in its place.
    pub fn replace(&self, token: SecretString) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = token;
    }
}
