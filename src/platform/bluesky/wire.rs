//! The AT Protocol's JSON, as far as it is read. Every field is optional, unknown ones are ignored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The collection of posts.
pub const POSTS: &str = "app.bsky.feed.post";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub did: Option<String>,
    pub active: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub struct Notifications {
    pub notifications: Vec<Value>,
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    pub uri: String,
    #[serde(default)]
    pub author: Author,
    pub reason: Option<String>,
    #[serde(default)]
    pub record: Value,
    pub indexed_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Author {
    pub did: Option<String>,
    pub handle: Option<String>,
    #[serde(default)]
    pub viewer: Viewer,
    #[serde(default)]
    pub labels: Vec<Label>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Viewer {
    #[serde(default)]
    pub blocked_by: bool,
    pub blocking: Option<String>,
    #[serde(default)]
    pub reply_disabled: bool,
}

#[derive(Debug, Deserialize)]
pub struct Label {
    pub val: Option<String>,
    pub src: Option<String>,
}

/// A post as its author wrote it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Post {
    #[serde(rename = "$type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub text: String,
    pub created_at: Option<String>,
    pub reply: Option<ReplyRef>,
    #[serde(default)]
    pub facets: Vec<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReplyRef {
    pub root: StrongRef,
    pub parent: StrongRef,
}

/// A record in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrongRef {
    pub uri: String,
    pub cid: String,
}

#[derive(Debug, Deserialize)]
pub struct Facet {
    #[serde(default)]
    pub features: Vec<Feature>,
}

#[derive(Debug, Deserialize)]
pub struct Feature {
    #[serde(rename = "$type")]
    pub kind: Option<String>,
    pub did: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Posts {
    #[serde(default)]
    pub posts: Vec<PostView>,
}

/// A post as it is shown to us.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostView {
    pub uri: String,
    pub cid: String,
    #[serde(default)]
    pub author: Author,
    #[serde(default)]
    pub viewer: Viewer,
    #[serde(default)]
    pub record: Value,
    pub indexed_at: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Records {
    pub records: Vec<Value>,
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Record {
    pub uri: String,
    #[serde(default)]
    pub value: Value,
}

/// What a write gives back.
#[derive(Debug, Deserialize)]
pub struct Written {
    pub uri: String,
}

#[derive(Debug, Deserialize)]
pub struct Conversations {
    pub convos: Vec<Value>,
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    pub id: String,
    #[serde(default)]
    pub members: Vec<Value>,
    #[serde(default)]
    pub kind: Value,
    pub last_message: Option<ChatMessage>,
}

#[derive(Debug, Deserialize)]
pub struct ChatMessages {
    pub messages: Vec<Value>,
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    #[serde(rename = "$type")]
    pub kind: Option<String>,
    pub id: Option<String>,
    #[serde(default)]
    pub text: String,
    pub sender: Option<Sender>,
    pub sent_at: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Sender {
    pub did: Option<String>,
}

/// What goes wrong. The message is read to tell meanings apart; never logged or kept.
#[derive(Debug, Default, Deserialize)]
pub struct Problem {
    pub error: Option<String>,
    pub message: Option<String>,
}

/// A time as it is written.
pub fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// When a post was written: as its author says, unless that is still to come when it is indexed.
pub fn written_at(created: Option<&str>, indexed: Option<&str>) -> Option<Timestamp> {
    match (time(created), time(indexed)) {
        (Some(created), Some(indexed)) => Some(created.min(indexed)),
        (created, indexed) => created.or(indexed),
    }
}

/// The account in the address of a record, `at://did/collection/key`.
pub fn account_of(uri: &str) -> Option<&str> {
    uri.strip_prefix("at://")?.split('/').next().filter(|account| !account.is_empty())
}

/// The key in the address of a record.
pub fn key_of(uri: &str) -> Option<&str> {
    uri.strip_prefix("at://")?.split('/').nth(2).filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_an_account_and_a_key() {
        let uri = "at://did:plc:abc/app.bsky.feed.post/3n2z2aqwd7k22";
        assert_eq!((account_of(uri), key_of(uri)), (Some("did:plc:abc"), Some("3n2z2aqwd7k22")));
        assert_eq!((account_of("https://bsky.app"), key_of("at://did:plc:abc")), (None, None));
    }

    #[test]
    fn a_post_from_the_future_was_written_when_it_came_and_a_backdated_one_when_it_says() {
        let at = |created, indexed| written_at(created, indexed).map(|at| at.to_string());
        let (early, late) = (Some("2026-11-20T19:00:00.000Z"), Some("2026-11-20T22:00:00.000Z"));
        assert_eq!(at(late, early), Some("2026-11-20T19:00:00Z".into()));
        assert_eq!(at(early, late), Some("2026-11-20T19:00:00Z".into()));
        assert_eq!(at(Some("yesterday"), late), Some("2026-11-20T22:00:00Z".into()));
        assert_eq!(at(None, None), None);
    }
}
