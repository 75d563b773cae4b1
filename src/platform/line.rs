//! A line to one account's own server, for platforms of many servers: its token, its limits as last shown, its failures by meaning.

use std::sync::Arc;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    Limit,
    quota::{Headers, Shown},
};
use crate::{
    auth::Tokens,
    clock::Clock,
    http::{Answer, Call, Failure, Transport},
};

/// What an answer that is not a success means, to a call that writes or only reads; `None` for a success.
pub type Meaning = fn(&Answer, bool, Timestamp) -> Option<Failure>;

/// A line to one account's server.
pub struct Line {
    transport: Arc<dyn Transport>,
    /// The token.
    pub tokens: Arc<Tokens>,
    /// The time.
    pub clock: Clock,
    meaning: Meaning,
    limits: Shown,
}

impl Line {
    /// Nothing is sent yet.
    pub const fn new(
        transport: Arc<dyn Transport>,
        tokens: Arc<Tokens>,
        clock: Clock,
        meaning: Meaning,
        headers: &'static Headers,
    ) -> Self {
        Self { transport, tokens, clock, meaning, limits: Shown::new(headers) }
    }

    /// Makes a call and gives its answer, whatever that says. A token that is refused is not used again.
    ///
    /// # Errors
    /// When a limit is used up, or no answer came.
    pub async fn send(&self, call: Call) -> Result<Answer, Failure> {
        let used = self.tokens.current();
        let (writes, now) = (call.writes(), self.clock.now());
        if let Some(at) = self.limits.closed_until(writes, now) {
            return Err(Failure::Later { at: Some(at), code: "limit used up".into() });
        }
        let answer = self.transport.send(self.tokens.prove(call, now)).await;
        let answer = answer.map_err(|lost| Failure::lost(lost, writes))?;
        self.limits.learn(writes, &answer, self.clock.now());
        if matches!((self.meaning)(&answer, writes, self.clock.now()), Some(Failure::LoginNeeded { .. })) {
            self.tokens.refuse(&used);
        }
        Ok(answer)
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// By meaning.
    pub fn read<T: DeserializeOwned>(&self, answer: &Answer, writes: bool) -> Result<T, Failure> {
        if let Some(failure) = (self.meaning)(answer, writes, self.clock.now()) {
            return Err(failure);
        }
        serde_json::from_slice(&answer.body).map_err(|_| Failure::unreadable(writes))
    }

    /// What is left of the limits that were shown.
    pub fn limits(&self) -> Vec<Limit> {
        self.limits.limits(self.clock.now())
    }

    /// The time before which nothing should be polled.
    pub fn next_poll(&self) -> Option<Timestamp> {
        self.limits.next_poll(self.clock.now())
    }
}
