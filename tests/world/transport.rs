//! HTTP without sockets: a call goes straight to the sandbox.

use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body as AxumBody;
use formez101::{
    clock::Clock,
    http::{Answer, Body, Call, Lost, Proof, Transport},
    sandbox::{FAULT_HEADER, Sandbox},
};
use secrecy::ExposeSecret as _;

/// As long as the real transport waits for an answer.
const WHOLE: Duration = Duration::from_secs(30);

pub struct InMemory {
    pub sandbox: Sandbox,
    pub clock: Clock,
}

#[async_trait]
impl Transport for InMemory {
    async fn send(&self, call: Call) -> Result<Answer, Lost> {
        let request = request(call);
        let response = self.clock.within(WHOLE, self.sandbox.respond(request)).await.ok_or(Lost::Unknown)?;
        if response.headers().contains_key(FAULT_HEADER) {
            return Err(Lost::Unknown);
        }
        let (parts, body) = response.into_parts();
        // A body that breaks off is an answer that never came whole.
        let body = axum::body::to_bytes(body, formez101::http::MAX_BODY).await.map_err(|_| Lost::Unknown)?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

/// A call as a server gets it.
pub fn request(call: Call) -> http::Request<AxumBody> {
    let mut url = url::Url::parse(&call.url).unwrap();
    if !call.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&call.query);
    }
    let mut request = http::Request::builder().method(call.method).uri(url.as_str());
    request = match call.proof {
        Proof::Bearer(token) => request.header("authorization", format!("Bearer {}", token.expose_secret())),
        Proof::Header(value) => request.header("authorization", value.expose_secret()),
        Proof::None => request,
    };
    for (name, value) in call.headers {
        request = request.header(name, value);
    }
    let body = match call.body {
        None => String::new(),
        Some(Body::Json(json)) => {
            request = request.header("content-type", "application/json");
            json.to_string()
        }
        Some(Body::Encoded(form)) => {
            request = request.header("content-type", "application/x-www-form-urlencoded");
            String::from_utf8(form).unwrap()
        }
        Some(Body::Form(fields)) => {
            request = request.header("content-type", "application/x-www-form-urlencoded");
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
        }
    };
    request.body(AxumBody::from(body)).unwrap()
}
