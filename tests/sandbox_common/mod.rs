//! A caller without a socket, and a clock that a test moves itself.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use formez101::sandbox::{Sandbox, Setup};
use serde_json::Value;

/// 2026-11-24T03:00:00Z: nobody reads the inbox.
pub const NIGHT: i64 = 1_795_489_200_000;

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn forward(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// A fresh world at night, and the hand of its clock.
pub fn night() -> (Sandbox, Hand) {
    let now = Arc::new(AtomicI64::new(NIGHT));
    let hand = Hand(Arc::clone(&now));
    (Sandbox::new(Setup::default(), Arc::new(move || now.load(Ordering::SeqCst))), hand)
}

/// What came back.
pub struct Back {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Back {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("a JSON body")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Calls with the right token of the platform that the path names.
pub async fn call(sandbox: &Sandbox, method: &str, path: &str, body: Option<Value>) -> Back {
    let setup = Setup::default();
    let token = if path.starts_with("/2/") { setup.x_token } else { setup.facebook_token };
    raw(sandbox, method, path, body, &format!("Bearer {token}")).await
}

pub async fn raw(sandbox: &Sandbox, method: &str, path: &str, body: Option<Value>, authorization: &str) -> Back {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "sandbox")
        .header("content-type", "application/json");
    let request = if authorization.is_empty() { request } else { request.header("authorization", authorization) };
    let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
    let response = sandbox.respond(request.body(body).expect("a good request")).await;
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    Back { status: head.status.as_u16(), headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

pub async fn get(sandbox: &Sandbox, path: &str) -> Back {
    call(sandbox, "GET", path, None).await
}

pub async fn post(sandbox: &Sandbox, path: &str, body: Value) -> Back {
    call(sandbox, "POST", path, Some(body)).await
}
