//! One HTTP call and one HTTP answer, as plain data that the world can work on without any I/O.

use std::fmt::Display;

use axum::body::{Body, to_bytes};
use hyper::{Request, Response};
use serde_json::{Map, Value};

/// The largest request body that is read, in bytes; no call of either platform comes near it.
const BODY_LIMIT: usize = 1 << 20;

/// The header that stands for a broken connection where there is no connection to break.
pub const FAULT_HEADER: &str = "x-sandbox-fault";

/// One request, fully read.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    /// The parts of the path between slashes, percent-decoded.
    pub segments: Vec<String>,
    pub query: Vec<(String, String)>,
    pub authorization: Option<String>,
    /// The header `atproto-proxy`.
    pub proxy: Option<String>,
    /// The header `Idempotency-Key`.
    pub idempotency: Option<String>,
    pub content_type: String,
    pub host: String,
    pub body: Vec<u8>,
}

impl Call {
    /// Reads a request to its end; `None` when the client went away or sent too much.
    pub async fn read(request: Request<Body>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, BODY_LIMIT).await.ok()?.to_vec();
        let header = |name: &str| {
            let value = head.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let path = head.uri.path().to_owned();
        Some(Self {
            method: head.method.as_str().to_owned(),
            segments: path.split('/').filter(|part| !part.is_empty()).map(|part| decode(part, false)).collect(),
            path,
            query: pairs(head.uri.query().unwrap_or("")),
            authorization: header("authorization"),
            proxy: header("atproto-proxy"),
            idempotency: header("idempotency-key"),
            content_type: header("content-type").unwrap_or_default().to_ascii_lowercase(),
            host: header("host").unwrap_or_else(|| "sandbox.invalid".to_owned()),
            body,
        })
    }

    /// The value of a query parameter, the first when it is repeated.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The token of an `Authorization: Bearer` header.
    pub fn bearer(&self) -> Option<&str> {
        self.authorization.as_deref()?.strip_prefix("Bearer ")
    }

    /// The path with its query, without anything secret, for the request log.
    pub fn shown(&self) -> String {
        let secret = ["access_token", "appsecret_proof", "input_token", "client_secret", "fb_exchange_token", "code"];
        let kept: Vec<String> = self
            .query
            .iter()
            .filter(|(key, _)| !secret.contains(&key.as_str()))
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        if kept.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, kept.join("&")) }
    }

    /// The body as a JSON object, if it is declared and written as one.
    pub fn json(&self) -> Option<Map<String, Value>> {
        if !self.content_type.starts_with("application/json") {
            return None;
        }
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as form fields, if it is declared as such.
    pub fn form(&self) -> Option<Vec<(String, String)>> {
        if !self.content_type.starts_with("application/x-www-form-urlencoded") {
            return None;
        }
        Some(pairs(std::str::from_utf8(&self.body).ok()?))
    }
}

/// One answer, before it becomes bytes.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Content,
}

/// What an answer carries.
#[derive(Clone, Debug)]
pub enum Content {
    /// A whole JSON document.
    Json(Value),
    /// A page of HTML, as a proxy or a failing front server writes it.
    Html(String),
    /// The first half of a JSON document under the `Content-Length` of the whole.
    Truncated(Value),
}

impl Answer {
    /// A JSON answer without further headers.
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Content::Json(body) }
    }

    /// An HTML answer.
    pub fn html(status: u16) -> Self {
        let page = format!(
            "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Sorry, something went wrong.</h1></body></html>"
        );
        Self { status, headers: Vec::new(), body: Content::Html(page) }
    }

    /// Adds a header.
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// The JSON document, if this is a whole one.
    pub fn document(&mut self) -> Option<&mut Value> {
        match &mut self.body {
            Content::Json(value) => Some(value),
            _ => None,
        }
    }

    /// Turns the answer into bytes and headers.
    pub fn into_response(self) -> Response<Body> {
        let (kind, body, declared) = match self.body {
            Content::Json(value) => ("application/json; charset=utf-8", Body::from(value.to_string()), None),
            Content::Html(page) => ("text/html; charset=utf-8", Body::from(page), None),
            Content::Truncated(value) => {
                let whole = value.to_string().into_bytes();
                let half = whole[..whole.len() / 2].to_vec();
                ("application/json; charset=utf-8", Body::new(super::serve::Half::new(half)), Some(whole.len()))
            }
        };
        let mut response = Response::builder().status(self.status).header("content-type", kind);
        if let Some(length) = declared {
            response = response.header("content-length", length);
        }
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
    }
}

/// What becomes of a call: an answer, silence for a while, or a broken connection.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The answer is sent at once.
    Answer(Answer),
    /// Nothing happens for so many milliseconds; then the answer, or a broken connection when there is none.
    Hang { ms: u64, then: Option<Answer> },
    /// The connection breaks with no answer.
    Reset,
}

/// Splits a query or a form into decoded pairs.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true), decode(value, true))
        })
        .collect()
}

/// Undoes percent-encoding; a plus sign is a space in a query or form only.
pub fn decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'+', _) if plus_is_space => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes a query value.
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_and_decoding_are_inverse() {
        let text = "messages.limit(5){from,é} + 100% =&";
        assert_eq!(decode(&encode(text), true), text);
        assert_eq!(decode("a+b%2Bc%zz", true), "a b+c%zz");
        assert_eq!(decode("a+b", false), "a+b");
    }
}
