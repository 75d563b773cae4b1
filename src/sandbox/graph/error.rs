//! The error envelope of the Graph API.

use serde_json::{Value, json};

use super::super::wire::Answer;

/// A refused call.
#[derive(Clone, Debug)]
pub struct GraphError {
    pub code: i64,
    pub subcode: Option<i64>,
    pub message: String,
    pub status: u16,
    /// The call itself was wrong, so that it is noted as a violation.
    pub violation: bool,
    /// Seconds to wait, for throttled calls.
    pub retry_after: Option<i64>,
}

impl GraphError {
    /// An error with HTTP status 400, or 403 for a missing permission.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        let status = if code == 10 || (200..300).contains(&code) { 403 } else { 400 };
        Self { code, subcode: None, message: message.into(), status, violation: false, retry_after: None }
    }

    /// A bad parameter, which is the caller's fault.
    pub fn parameter(message: impl Into<String>) -> Self {
        Self::new(100, format!("(#100) {}", message.into())).ours()
    }

    /// An object that does not exist or cannot be seen.
    pub fn missing(method: &str, id: &str) -> Self {
        let message = format!(
            "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation",
            method.to_lowercase()
        );
        Self::new(100, message).sub(33)
    }

    /// Adds a subcode.
    pub fn sub(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// Sets the HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Marks the call as wrong in itself.
    pub fn ours(mut self) -> Self {
        self.violation = true;
        self
    }

    /// The answer that carries this error.
    pub fn answer(&self) -> Answer {
        let mut error = json!({
            "message": self.message,
            "type": if self.code == 100 && self.subcode == Some(33) { "GraphMethodException" } else { "OAuthException" },
            "code": self.code,
            "fbtrace_id": "AxIIVeSandboxTrace0000",
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if matches!(self.code, 1 | 2) {
            error["is_transient"] = Value::Bool(true);
        }
        let mut answer = Answer::json(self.status, json!({ "error": error }));
        if let Some(seconds) = self.retry_after {
            answer = answer.with("Retry-After", seconds);
        }
        if self.code == 190 {
            answer = answer.with("WWW-Authenticate", r#"OAuth "Facebook Platform" "invalid_token" "sandbox""#);
        }
        answer
    }
}
