//! People on a Mastodon server, real or not: they come in through the protocol, each with a token.

use std::sync::Arc;

use formez101::http::{Body, Call, Proof, Transport};
use http::Method;
use serde_json::{Value, json};

/// A server, by its address.
#[derive(Clone)]
pub struct Server {
    pub root: String,
    pub transport: Arc<dyn Transport>,
}

/// Somebody with an account there.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    token: String,
}

impl Person {
    /// Somebody who has this token. On the sandbox nobody need be registered: `person:NAME` is enough.
    pub fn with(name: &str, token: &str) -> Self {
        Self { name: name.to_owned(), token: token.to_owned() }
    }

    /// The name without the server, which may stand behind it.
    pub fn username(&self) -> &str {
        self.name.split('@').next().unwrap_or_default()
    }

    /// Somebody on the sandbox.
    pub fn named(name: &str) -> Self {
        Self::with(name, &format!("person:{name}"))
    }
}

/// An answer as somebody sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub id: String,
    pub text: String,
    pub visibility: String,
    pub language: Option<String>,
    pub names: Vec<String>,
}

impl Server {
    async fn send(&self, method: Method, path: &str, body: Option<Value>, who: &Person) -> (u16, Value) {
        let call = Call {
            method,
            url: format!("{}{path}", self.root),
            query: Vec::new(),
            // As the adapter does: not every server keeps a connection that it does not end in words.
            headers: vec![("connection", "close".to_owned())],
            body: body.map(Body::Json),
            proof: Proof::Bearer(who.token.clone().into()),
        };
        let answer = self.transport.send(call).await.expect("the server answers");
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// Somebody writes; returns the id.
    pub async fn writes(&self, who: &Person, text: &str, visibility: &str) -> String {
        self.writes_with(who, json!({"status": text, "visibility": visibility})).await
    }

    /// Somebody writes under special circumstances.
    pub async fn writes_with(&self, who: &Person, status: Value) -> String {
        let (code, said) = self.send(Method::POST, "/api/v1/statuses", Some(status), who).await;
        assert_eq!(code, 200, "{said}");
        said["id"].as_str().expect("an id").to_owned()
    }

    /// Somebody takes back what he wrote.
    pub async fn deletes(&self, who: &Person, id: &str) {
        let (code, said) = self.send(Method::DELETE, &format!("/api/v1/statuses/{id}"), None, who).await;
        assert_eq!(code, 200, "{said}");
    }

    /// The answers of `by` below a status, as `who` sees them.
    pub async fn answers(&self, who: &Person, id: &str, by: &Person) -> Vec<Seen> {
        let (_, said) = self.send(Method::GET, &format!("/api/v1/statuses/{id}/context"), None, who).await;
        let below = said["descendants"].as_array().cloned().unwrap_or_default();
        let theirs = below.iter().filter(|status| status["account"]["username"] == json!(by.username()));
        theirs.filter(|status| status["in_reply_to_id"] == json!(id)).map(seen).collect()
    }

    /// A status as somebody sees it.
    pub async fn shown(&self, who: &Person, id: &str) -> Seen {
        let (code, said) = self.send(Method::GET, &format!("/api/v1/statuses/{id}"), None, who).await;
        assert_eq!(code, 200, "{said}");
        seen(&said)
    }

    /// Everything that somebody wrote and can be seen by himself.
    pub async fn written_by(&self, who: &Person) -> Vec<Seen> {
        let (_, me) = self.send(Method::GET, "/api/v1/accounts/verify_credentials", None, who).await;
        let path = format!("/api/v1/accounts/{}/statuses?limit=40", me["id"].as_str().expect("an id"));
        let (_, said) = self.send(Method::GET, &path, None, who).await;
        said.as_array().into_iter().flatten().map(seen).collect()
    }

    /// What reached somebody: the answers that the server told him of.
    pub async fn told(&self, who: &Person) -> Vec<Seen> {
        let (_, said) = self.send(Method::GET, "/api/v1/notifications", None, who).await;
        said.as_array().into_iter().flatten().map(|note| seen(&note["status"])).collect()
    }
}

fn seen(status: &Value) -> Seen {
    let text = |name: &str| status[name].as_str().unwrap_or_default().to_owned();
    let names = status["mentions"].as_array().into_iter().flatten();
    Seen {
        id: text("id"),
        text: text("content"),
        visibility: text("visibility"),
        language: status["language"].as_str().map(str::to_owned),
        names: names.filter_map(|name| name["acct"].as_str().map(str::to_owned)).collect(),
    }
}
