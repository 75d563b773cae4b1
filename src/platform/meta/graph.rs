//! One login at the Graph API: calls with its token, its pools of calls, its even pace.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::hmac;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;

use super::errors::{self, Pool};
use crate::{
    auth::Tokens,
    clock::Clock,
    http::{Body, Call, Failure, Transport},
    platform::{Cursor, Pace},
};

/// Conversations, posts or media asked for per page (`limit` above 100 may be refused).
const PAGE_SIZE: u32 = 25;
/// The Conversations API allows two calls a second for each Page; a little less keeps bursts inside.
const CONVERSATION_GAP: Duration = Duration::from_millis(600);

/// A Page's or an Instagram account's login. A Page and the Instagram account behind it share one, and its limits.
pub struct Graph {
    transport: Arc<dyn Transport>,
    tokens: Arc<Tokens>,
    pub(super) clock: Clock,
    root: String,
    /// Proves that we know the app's secret.
    proof: Option<hmac::Key>,
    conversations: Pace,
    /// Until when each pool's limit lasts.
    closed: [Mutex<Timestamp>; Pool::ALL.len()],
    /// How many items a list is asked for: fewer after the platform called it too much.
    size: AtomicU32,
}

impl Graph {
    /// A login at `root`, such as `https://graph.facebook.com/v26.0`. With the app's secret each call carries its proof
    /// (`platforms/meta.md` 1).
    pub fn new(
        root: String,
        transport: Arc<dyn Transport>,
        tokens: Arc<Tokens>,
        clock: Clock,
        app_secret: Option<&SecretString>,
    ) -> Self {
        Self {
            transport,
            tokens,
            clock,
            root,
            proof: app_secret.map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())),
            conversations: Pace::new(clock, CONVERSATION_GAP),
            closed: Default::default(),
            size: AtomicU32::new(PAGE_SIZE),
        }
    }

    /// A reading call.
    pub fn get(&self, parts: &[&str]) -> Call {
        Call::get(self.url(parts), self.tokens.current())
    }

    /// A reading call for a list of ordinary length, behind where the last page ended.
    pub fn list(&self, parts: &[&str], cursor: Option<&Cursor>) -> Call {
        let size = self.size.load(Ordering::Relaxed).to_string();
        behind(self.get(parts).with("limit", size), cursor)
    }

    /// A writing call.
    pub fn post(&self, parts: &[&str], body: Body) -> Call {
        Call::post(self.url(parts), self.tokens.current(), body)
    }

    fn url(&self, parts: &[&str]) -> String {
        parts.iter().fold(self.root.clone(), |url, part| url + "/" + &crate::http::path_segment(part))
    }

    /// Waits for a place among the calls for conversations.
    pub async fn conversation_turn(&self) {
        self.conversations.turn().await;
    }

    /// Makes a call that counts for a pool.
    ///
    /// # Errors
    /// By meaning.
    pub async fn call<T: DeserializeOwned>(&self, pool: Pool, call: Call) -> Result<T, Failure> {
        let (writes, now) = (call.writes(), self.clock.now());
        let until = *lock(&self.closed[pool as usize]);
        if until > now {
            return Err(Failure::Later { at: Some(until), code: "limit not over".into() });
        }
        let used = self.tokens.current();
        let answer = self.transport.send(self.proven(call, &used)).await.map_err(|lost| errors::lost(lost, writes))?;
        if let Some(failure) = errors::failure(&answer, writes, self.clock.now()) {
            match &failure {
                Failure::Later { at: Some(at), .. } => {
                    for pool in Pool::ALL.into_iter().filter(|pool| pool.is_closed_by(&answer)) {
                        *lock(&self.closed[pool as usize]) = *at;
                    }
                }
                Failure::LoginNeeded { .. } => self.tokens.refuse(&used),
                _ => {}
            }
            if !writes && errors::too_much(&answer) {
                let _ = self.size.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |size| Some((size / 2).max(1)));
            }
            return Err(failure);
        }
        let _ = self.size.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |size| Some((size + 1).min(PAGE_SIZE)));
        serde_json::from_slice(&answer.body).map_err(|_| errors::unreadable(writes))
    }

    fn proven(&self, call: Call, token: &SecretString) -> Call {
        let Some(key) = &self.proof else { return call };
        let proof = hmac::sign(key, token.expose_secret().as_bytes());
        call.with("appsecret_proof", hex(proof.as_ref()))
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The same list, behind where the last page ended.
pub fn behind(call: Call, cursor: Option<&Cursor>) -> Call {
    match cursor.and_then(|cursor| cursor.token.as_ref()) {
        Some(token) => call.with("after", token.as_str()),
        None => call,
    }
}

/// A poisoned lock only means that another task panicked; the time inside is still good.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
