//! HTTP as the adapters see it: a call, an answer, or a loss with its meaning.
//!
//! This module holds the only builder of an HTTP client ([`HttpTransport`]). Tests put an in-memory
//! [`Transport`] in its place, because a real client times out under a paused clock.

mod client;
mod failure;
mod hints;

pub use client::HttpTransport;
pub use failure::Failure;
pub use hints::{retry_after, unix_seconds};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use secrecy::SecretString;

/// One request to a platform. Its `Debug` shows neither token, query nor body.
pub struct Call {
    /// GET or POST.
    pub method: Method,
    /// Scheme, host and path, without a query.
    pub url: String,
    /// The query, not yet encoded.
    pub query: Vec<(&'static str, String)>,
    /// Headers beside the usual ones; none holds a secret.
    pub headers: Vec<(&'static str, String)>,
    /// The body, if any.
    pub body: Option<Body>,
    /// What proves who we are.
    pub proof: Proof,
}

/// What goes into the header `Authorization`; its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum Proof {
    /// `Bearer` and the token.
    Bearer(SecretString),
    /// The whole value as an OAuth library made it.
    Header(SecretString),
    /// No such header.
    None,
}

/// The body of a request.
pub enum Body {
    /// `application/json`.
    Json(serde_json::Value),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(&'static str, String)>),
    /// `application/x-www-form-urlencoded`, already encoded.
    Encoded(Vec<u8>),
}

impl Call {
    /// A reading call.
    pub fn get(url: String, token: SecretString) -> Self {
        let proof = Proof::Bearer(token);
        Self { method: Method::GET, url, query: Vec::new(), headers: Vec::new(), body: None, proof }
    }

    /// A writing call.
    pub fn post(url: String, token: SecretString, body: Body) -> Self {
        let (body, proof) = (Some(body), Proof::Bearer(token));
        Self { method: Method::POST, url, query: Vec::new(), headers: Vec::new(), body, proof }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Whether the call changes something on the platform.
    pub fn writes(&self) -> bool {
        self.method != Method::GET
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, at most [`MAX_BODY`] bytes.
    pub body: Bytes,
}

/// A platform's id as a segment of a path: ids are opaque and may hold `=`, `:`, `/`.
pub fn path_segment(id: &str) -> String {
    const PLAIN: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encoding::utf8_percent_encode(id, PLAIN).to_string()
}

/// The longest body that is read, in bytes; a platform's page is a few hundred kilobytes at most.
pub const MAX_BODY: usize = 8 * 1024 * 1024;

/// No whole answer came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No connection: the platform has seen nothing of the call.
    #[error("no connection")]
    NotSent,
    /// The call may have had its effect.
    #[error("no whole answer")]
    Unknown,
    /// The call was not made: its host is not one that this zone may talk to.
    #[error("host not allowed")]
    Forbidden,
}

/// Makes one call, once: no retry, no redirect.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a call and reads the whole answer.
    ///
    /// # Errors
    /// [`Lost`] when no whole answer came back; it says whether the platform may have acted.
    async fn send(&self, call: Call) -> Result<Answer, Lost>;
}
