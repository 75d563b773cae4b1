//! People on a Bluesky network, real or not: they come in through the protocol, as the official app does.

use std::sync::Arc;

use formez101::{
    clock::Clock,
    http::{Body, Call, Proof, Transport},
};
use http::Method;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};

/// The collection of posts.
pub const POSTS: &str = "app.bsky.feed.post";
/// The collection of profiles, of which everybody has one, `self`.
pub const PROFILE: &str = "app.bsky.actor.profile";
/// Everybody's password.
const PASSWORD: &str = "a-long-password-1";

/// A network, by the address of its server.
#[derive(Clone)]
pub struct Network {
    pub root: String,
    pub transport: Arc<dyn Transport>,
    pub clock: Clock,
}

/// Somebody with an account.
#[derive(Clone)]
pub struct Person {
    pub did: String,
    pub handle: String,
    password: String,
    token: SecretString,
}

/// A post in one version, and where it hangs.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub uri: String,
    pub cid: String,
    /// The root of its thread; itself when it answers nothing.
    pub root: (String, String),
}

/// What sets a post apart.
#[derive(Default)]
pub struct How<'a> {
    /// Whom it names, in front of its text.
    pub names: &'a [&'a Person],
    /// What it answers.
    pub answers: Option<&'a Written>,
    /// When its author says that it was written, if not now.
    pub at: Option<Timestamp>,
    /// Nobody may answer it.
    pub closed: bool,
}

/// A reply as everybody sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub uri: String,
    pub text: String,
    pub langs: Vec<String>,
    pub root: String,
    pub parent: String,
}

impl Network {
    async fn send(
        &self,
        (method, name): (Method, &str),
        query: &[(&'static str, &str)],
        body: Option<&Value>,
        who: Option<&Person>,
    ) -> (u16, Value) {
        let call = |token: Option<SecretString>| Call {
            method: method.clone(),
            url: format!("{}/xrpc/{name}", self.root),
            query: query.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(),
            headers: Vec::new(),
            body: body.cloned().map(Body::Json),
            proof: token.map_or(Proof::None, Proof::Bearer),
        };
        let mut answer =
            self.transport.send(call(who.map(|who| who.token.clone()))).await.expect("the network answers");
        if let Some(who) = who.filter(|_| answer.body.windows(12).any(|part| part == b"ExpiredToken")) {
            let again = Box::pin(self.enters(&who.handle, &who.password)).await;
            answer = self.transport.send(call(Some(again.token))).await.expect("the network answers");
        }
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn write(&self, name: &str, body: Value, who: Option<&Person>) -> Value {
        let (status, said) = self.send((Method::POST, name), &[], Some(&body), who).await;
        assert_eq!(status, 200, "{name}: {said}");
        said
    }

    /// Somebody opens an account.
    pub async fn joins(&self, handle: &str) -> Person {
        self.joins_with(handle, PASSWORD).await
    }

    /// The same with a password of his own.
    pub async fn joins_with(&self, handle: &str, password: &str) -> Person {
        let mail = format!("{}@example.test", handle.replace('.', "-"));
        let body = json!({"handle": handle, "email": mail, "password": password});
        let said = self.write("com.atproto.server.createAccount", body, None).await;
        let text = |name: &str| said[name].as_str().expect("a text").to_owned();
        Person {
            did: text("did"),
            handle: handle.to_owned(),
            password: password.to_owned(),
            token: text("accessJwt").into(),
        }
    }

    /// Somebody who has an account comes in by a password.
    pub async fn enters(&self, handle: &str, password: &str) -> Person {
        let body = json!({"identifier": handle, "password": password});
        let said = self.write("com.atproto.server.createSession", body, None).await;
        let text = |name: &str| said[name].as_str().expect("a text").to_owned();
        Person {
            did: text("did"),
            handle: handle.to_owned(),
            password: password.to_owned(),
            token: text("accessJwt").into(),
        }
    }

    /// An app password, such as a zone gives to the service; with leave for messages or without.
    pub async fn app_password(&self, who: &Person, messages: bool) -> String {
        let body = json!({"name": "formez101", "privileged": messages});
        let said = self.write("com.atproto.server.createAppPassword", body, Some(who)).await;
        said["password"].as_str().expect("a password").to_owned()
    }

    /// Somebody writes.
    pub async fn writes(&self, who: &Person, text: &str, how: How<'_>) -> Written {
        let (mut whole, mut facets) = (String::new(), Vec::new());
        for named in how.names {
            let start = whole.len();
            whole = format!("{whole}@{} ", named.handle);
            facets.push(json!({
                "index": {"byteStart": start, "byteEnd": whole.len() - 1},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": named.did}],
            }));
        }
        whole.push_str(text);
        let at = how.at.unwrap_or_else(|| self.clock.now());
        let mut record = json!({"$type": POSTS, "text": whole, "facets": facets, "createdAt": format!("{at:.3}")});
        if let Some(answered) = how.answers {
            record["reply"] = json!({
                "root": {"uri": answered.root.0, "cid": answered.root.1},
                "parent": {"uri": answered.uri, "cid": answered.cid},
            });
        }
        let key = key(self.clock.now());
        let mut writes = vec![create(POSTS, &key, &record)];
        if how.closed {
            // As the official app does it: the gate comes with the post.
            let uri = format!("at://{}/{POSTS}/{key}", who.did);
            let gate = json!({
                "$type": "app.bsky.feed.threadgate", "post": uri, "allow": [], "createdAt": format!("{at:.3}"),
            });
            writes.push(create("app.bsky.feed.threadgate", &key, &gate));
        }
        let body = json!({"repo": who.did, "writes": writes});
        let said = self.write("com.atproto.repo.applyWrites", body, Some(who)).await["results"][0].clone();
        let text = |name: &str| said[name].as_str().expect("a text").to_owned();
        let (uri, cid) = (text("uri"), text("cid"));
        let root = how.answers.map_or_else(|| (uri.clone(), cid.clone()), |answered| answered.root.clone());
        Written { uri, cid, root }
    }

    /// Somebody writes a record under a key.
    pub async fn put(&self, who: &Person, collection: &str, key: &str, record: Value) -> Value {
        let body = json!({"repo": who.did, "collection": collection, "rkey": key, "record": record});
        self.write("com.atproto.repo.putRecord", body, Some(who)).await
    }

    /// What somebody wrote under a key.
    pub async fn record(&self, who: &Person, collection: &str, key: &str) -> Value {
        let query = [("repo", who.did.as_str()), ("collection", collection), ("rkey", key)];
        let (status, said) = self.send((Method::GET, "com.atproto.repo.getRecord"), &query, None, None).await;
        assert_eq!(status, 200, "getRecord: {said}");
        said["value"].clone()
    }

    /// Somebody writes a post whose key the server chooses.
    pub async fn creates(&self, who: &Person, record: Value) -> Written {
        let body = json!({"repo": who.did, "collection": POSTS, "record": record});
        let said = self.write("com.atproto.repo.createRecord", body, Some(who)).await;
        let text = |name: &str| said[name].as_str().expect("a text").to_owned();
        Written { uri: text("uri"), cid: text("cid"), root: (text("uri"), text("cid")) }
    }

    /// Somebody takes a post back.
    pub async fn deletes(&self, who: &Person, post: &Written) {
        let key = post.uri.rsplit('/').next().unwrap_or_default();
        let body = json!({"repo": who.did, "collection": POSTS, "rkey": key});
        self.write("com.atproto.repo.deleteRecord", body, Some(who)).await;
    }

    /// Somebody writes a message to somebody; returns its id.
    pub async fn tells(&self, who: &Person, to: &Person, text: &str) -> String {
        let convo = self.convo(who, to).await;
        let body = json!({"convoId": convo, "message": {"text": text}});
        let said = self.chat((Method::POST, "sendMessage"), &[], Some(&body), who).await;
        said["id"].as_str().expect("an id").to_owned()
    }

    /// Somebody deletes a message of a talk, his own or the other's: for himself alone, the protocol has no other way.
    pub async fn deletes_message(&self, who: &Person, with: &Person, id: &str) {
        let body = json!({"convoId": self.convo(who, with).await, "messageId": id});
        self.chat((Method::POST, "deleteMessageForSelf"), &[], Some(&body), who).await;
    }

    /// Somebody opens a group with these people and writes in it.
    pub async fn tells_group(&self, who: &Person, others: &[&Person], text: &str) {
        let members: Vec<&str> = others.iter().map(|other| other.did.as_str()).collect();
        let said = self.chat((Method::POST, "createGroup"), &[], Some(&json!({"members": members})), who).await;
        let body = json!({"convoId": said["convo"]["id"], "message": {"text": text}});
        self.chat((Method::POST, "sendMessage"), &[], Some(&body), who).await;
    }

    /// Everything that somebody sees of his talks, as the list shows them.
    pub async fn talks(&self, who: &Person) -> Vec<Value> {
        let said = self.chat((Method::GET, "listConvos"), &[("limit", "100")], None, who).await;
        said["convos"].as_array().cloned().unwrap_or_default()
    }

    /// What two people wrote to each other, the newest first: who, and what.
    pub async fn talk(&self, who: &Person, to: &Person) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let messages = self.messages(who, to).await;
        messages.iter().map(|message| (text(&message["sender"]["did"]), text(&message["text"]))).collect()
    }

    /// The same as the chat server shows it.
    pub async fn messages(&self, who: &Person, to: &Person) -> Vec<Value> {
        let convo = self.convo(who, to).await;
        let query = [("convoId", convo.as_str()), ("limit", "100")];
        let said = self.chat((Method::GET, "getMessages"), &query, None, who).await;
        said["messages"].as_array().cloned().unwrap_or_default()
    }

    async fn convo(&self, who: &Person, to: &Person) -> String {
        let said = self.chat((Method::GET, "getConvoForMembers"), &[("members", &to.did)], None, who).await;
        said["convo"]["id"].as_str().expect("a conversation").to_owned()
    }

    async fn chat(
        &self,
        (method, name): (Method, &str),
        query: &[(&'static str, &str)],
        body: Option<&Value>,
        who: &Person,
    ) -> Value {
        let call = |token: SecretString| Call {
            method: method.clone(),
            url: format!("{}/xrpc/chat.bsky.convo.{name}", self.root),
            query: query.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(),
            headers: vec![("atproto-proxy", "did:web:api.bsky.chat#bsky_chat".to_owned())],
            body: body.cloned().map(Body::Json),
            proof: Proof::Bearer(token),
        };
        let mut answer = self.transport.send(call(who.token.clone())).await.expect("the network answers");
        if answer.body.windows(12).any(|part| part == b"ExpiredToken") {
            let again = Box::pin(self.enters(&who.handle, &who.password)).await;
            answer = self.transport.send(call(again.token)).await.expect("the network answers");
        }
        let said = serde_json::from_slice(&answer.body).unwrap_or_default();
        assert_eq!(answer.status, 200, "{name}: {said}");
        said
    }

    /// What hangs right below a post by one author, as somebody else sees it.
    pub async fn answers(&self, viewer: &Person, post: &Written, by: &Person) -> Vec<Seen> {
        let query = [("uri", post.uri.as_str()), ("depth", "1")];
        let (status, said) = self.send((Method::GET, "app.bsky.feed.getPostThread"), &query, None, Some(viewer)).await;
        if said["error"] == "NotFound" {
            // What everybody sees comes a moment after what was written.
            return Vec::new();
        }
        assert_eq!(status, 200, "getPostThread: {said}");
        let replies = said["thread"]["replies"].as_array().cloned().unwrap_or_default();
        replies
            .iter()
            .filter(|reply| reply["post"]["author"]["did"] == by.did)
            .map(|reply| seen(&reply["post"]))
            .collect()
    }

    /// Everything that somebody ever wrote and did not take back, from his own server.
    pub async fn all_of(&self, who: &Person) -> Vec<Seen> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut query = vec![("repo", who.did.as_str()), ("collection", POSTS), ("limit", "100")];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let (status, said) = self.send((Method::GET, "com.atproto.repo.listRecords"), &query, None, None).await;
            assert_eq!(status, 200, "listRecords: {said}");
            let records = said["records"].as_array().cloned().unwrap_or_default();
            all.extend(records.iter().map(|record| seen(&json!({"uri": record["uri"], "record": record["value"]}))));
            match said["cursor"].as_str().filter(|_| !records.is_empty()) {
                Some(next) => cursor = Some(next.to_owned()),
                None => return all,
            }
        }
    }
}

fn seen(post: &Value) -> Seen {
    let text = |path: &str| post.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let langs = post["record"]["langs"].as_array().cloned().unwrap_or_default();
    Seen {
        uri: text("/uri"),
        text: text("/record/text"),
        langs: langs.iter().filter_map(|lang| lang.as_str().map(str::to_owned)).collect(),
        root: text("/record/reply/root/uri"),
        parent: text("/record/reply/parent/uri"),
    }
}

/// A new record among those that are written together.
fn create(collection: &str, key: &str, record: &Value) -> Value {
    json!({"$type": "com.atproto.repo.applyWrites#create", "collection": collection, "rkey": key, "value": record})
}

/// A key as the official app makes it.
fn key(now: Timestamp) -> String {
    let letters = b"234567abcdefghijklmnopqrstuvwxyz";
    let micros = u64::try_from(now.as_microsecond()).expect("after 1970");
    let number = micros << 10 | fastrand::u64(..1024);
    (0..13)
        .rev()
        .map(|place| char::from(letters[usize::try_from(number >> (5 * place) & 31).expect("small")]))
        .collect()
}
