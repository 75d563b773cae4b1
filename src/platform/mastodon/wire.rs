//! The client API's JSON, as far as it is read. Every field is optional, unknown ones are ignored.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Who we are.
#[derive(Debug, Deserialize)]
pub struct Account {
    #[serde(default, deserialize_with = "id")]
    pub id: Option<String>,
    #[serde(default)]
    pub username: String,
    /// The name as it is typed on our server: `name`, or `name@server`.
    #[serde(default)]
    pub acct: String,
    #[serde(default)]
    pub bot: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub struct Notification {
    #[serde(default, deserialize_with = "id")]
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub created_at: Option<String>,
    pub status: Option<Status>,
}

#[derive(Debug, Deserialize)]
pub struct Status {
    #[serde(default, deserialize_with = "id")]
    pub id: Option<String>,
    pub created_at: Option<String>,
    pub visibility: Option<String>,
    pub account: Option<Account>,
    pub content: Option<String>,
    pub spoiler_text: Option<String>,
    #[serde(default, deserialize_with = "id")]
    pub in_reply_to_id: Option<String>,
    #[serde(default, deserialize_with = "id")]
    pub in_reply_to_account_id: Option<String>,
    #[serde(default)]
    pub reblog: Value,
    #[serde(default)]
    pub mentions: Vec<Mention>,
}

#[derive(Debug, Deserialize)]
pub struct Mention {
    #[serde(default, deserialize_with = "id")]
    pub id: Option<String>,
}

/// What stands above and below a status.
#[derive(Debug, Deserialize)]
pub struct Context {
    /// Without it nothing is known: only a list can show that something is absent.
    pub descendants: Vec<Value>,
}

/// Somebody whose notifications the account's policy filters.
#[derive(Debug, Deserialize)]
pub struct Request {
    pub updated_at: Option<String>,
    pub account: Option<Account>,
    pub last_status: Option<Status>,
}

/// A conversation of direct messages.
#[derive(Debug, Deserialize)]
pub struct Conversation {
    pub last_status: Option<Status>,
}

/// What becomes of notifications from people whom the account does not know: `accept`, `filter` or `drop`.
#[derive(Debug, Default, Deserialize)]
pub struct Policy {
    #[serde(flatten)]
    pub rules: std::collections::BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Instance {
    #[serde(default)]
    pub configuration: Configuration,
}

#[derive(Debug, Default, Deserialize)]
pub struct Configuration {
    #[serde(default)]
    pub statuses: Statuses,
}

#[derive(Debug, Default, Deserialize)]
pub struct Statuses {
    pub max_characters: Option<usize>,
    pub characters_reserved_per_url: Option<usize>,
}

/// An id is opaque text; a server that writes it as a number means the same.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// A time as it is written.
pub fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
