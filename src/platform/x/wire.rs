//! The X API's JSON, as far as it is read, in both of its vocabularies (`tweet`, `post`).
//!
//! Every field is optional, unknown ones are ignored. An empty page has no `data` key at all.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};

use crate::platform::readable_items;

#[derive(Debug, Deserialize)]
#[serde(from = "Given", bound = "T: DeserializeOwned")]
pub struct Page<T> {
    pub data: Vec<T>,
    /// Whether this was a page and every item of it could be read: only then does absence prove anything. A success
    /// may hold `errors` alone.
    pub whole: bool,
    pub includes: Includes,
    pub meta: Meta,
}

#[derive(Deserialize)]
struct Given {
    data: Option<Vec<serde_json::Value>>,
    #[serde(default)]
    includes: Includes,
    meta: Option<Meta>,
}

impl<T: DeserializeOwned> From<Given> for Page<T> {
    fn from(given: Given) -> Self {
        let is_page = given.data.is_some() || given.meta.is_some();
        let (data, all) = readable_items(given.data.unwrap_or_default());
        Self { data, whole: is_page && all, includes: given.includes, meta: given.meta.unwrap_or_default() }
    }
}

#[derive(Debug, Default, Deserialize)]
pub struct Meta {
    pub next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Includes {
    #[serde(default, alias = "posts")]
    pub tweets: Vec<Post>,
    #[serde(default)]
    pub users: Vec<User>,
}

#[derive(Debug, Deserialize)]
pub struct One<T> {
    pub data: Option<T>,
}

#[derive(Debug, Deserialize)]
pub struct User {
    pub id: Option<String>,
    pub username: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Post {
    pub id: Option<String>,
    pub text: Option<String>,
    pub author_id: Option<String>,
    pub created_at: Option<String>,
    pub conversation_id: Option<String>,
    pub in_reply_to_user_id: Option<String>,
    #[serde(default, alias = "edit_history_post_ids")]
    pub edit_history_tweet_ids: Vec<String>,
    #[serde(default, alias = "referenced_posts")]
    pub referenced_tweets: Vec<Referenced>,
    #[serde(alias = "note_post")]
    pub note_tweet: Option<Note>,
    #[serde(default)]
    pub entities: Entities,
    pub display_text_range: Option<(u64, u64)>,
    pub reply_settings: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Referenced {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Note {
    pub text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Entities {
    #[serde(default)]
    pub mentions: Vec<Mention>,
}

#[derive(Debug, Deserialize)]
pub struct Mention {
    pub start: Option<u64>,
    pub username: Option<String>,
    pub id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Event {
    pub id: Option<String>,
    pub event_type: Option<String>,
    pub text: Option<String>,
    pub sender_id: Option<String>,
    pub dm_conversation_id: Option<String>,
    pub created_at: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct SentMessage {
    pub dm_event_id: Option<String>,
}

/// A problem, in the form of RFC 7807 or in the older one with a list of errors.
#[derive(Debug, Default, Deserialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub title: Option<String>,
    /// Read to tell meanings apart; never logged or kept.
    pub detail: Option<String>,
    pub reason: Option<String>,
    #[serde(default)]
    pub errors: Vec<ProblemItem>,
}

#[derive(Debug, Deserialize)]
pub struct ProblemItem {
    pub code: Option<i64>,
    pub message: Option<String>,
}

/// X's ids hold the time they were made: Unix milliseconds from the 22nd bit, counted from this epoch.
const EPOCH: i64 = 1_288_834_974_657;

/// The time an item was made: as it says, else as its id says.
pub fn time(created_at: Option<&str>, id: &str) -> Option<Timestamp> {
    created_at.and_then(|text| text.parse().ok()).or_else(|| time_of_id(id))
}

/// The time inside an id; `None` when it is no such id.
fn time_of_id(id: &str) -> Option<Timestamp> {
    let id: u64 = id.parse().ok()?;
    Timestamp::from_millisecond(i64::try_from(id >> 22).ok()? + EPOCH).ok()
}

/// The smallest id made at a time; ids of at least a millisecond before are smaller whichever way
/// `since_id` is read, inclusive or exclusive.
pub fn id_at(at: Timestamp) -> String {
    let milliseconds = (crate::clock::before(at, Duration::from_millis(1)).as_millisecond() - EPOCH).max(0);
    (milliseconds << 22).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_holds_its_time() {
        let at = time_of_id("2100000000000000123").unwrap();
        assert_eq!(at.as_millisecond(), (2_100_000_000_000_000_123_i64 >> 22) + 1_288_834_974_657);
        let again: u64 = id_at(at).parse().unwrap();
        assert!(again < 2_100_000_000_000_000_123 && 2_100_000_000_000_000_123 - again < 3 << 22);
        assert_eq!(time_of_id("m_1"), None);
    }

    #[test]
    fn both_vocabularies_say_the_same() {
        let old = r#"{"data":[{"id":"2","text":"a","edit_history_tweet_ids":["1","2"],"referenced_tweets":[{"type":"replied_to","id":"9"}],"note_tweet":{"text":"long"}}],"includes":{"tweets":[{"id":"9","author_id":"5"}]}}"#;
        let new = r#"{"data":[{"id":"2","text":"a","edit_history_post_ids":["1","2"],"referenced_posts":[{"type":"replied_to","id":"9"}],"note_post":{"text":"long"}}],"includes":{"posts":[{"id":"9","author_id":"5"}]}}"#;
        let read = |text: &str| format!("{:?}", serde_json::from_str::<Page<Post>>(text).unwrap());
        assert_eq!(read(old), read(new));
        assert!(read(old).contains("long"));
    }

    #[test]
    fn an_empty_page_has_no_data() {
        let page: Page<Post> = serde_json::from_str(r#"{"meta":{"result_count":0}}"#).unwrap();
        assert!(page.data.is_empty() && page.whole && page.meta.next_token.is_none());
    }

    #[test]
    fn a_success_that_holds_errors_alone_is_no_empty_page() {
        let page: Page<Post> = serde_json::from_str(r#"{"errors":[{"title":"Not Found Error"}]}"#).unwrap();
        assert!(page.data.is_empty() && !page.whole);
        let page: Page<Post> = serde_json::from_str(r#"{"data":[{"id":7}],"meta":{}}"#).unwrap();
        assert!(page.data.is_empty() && !page.whole);
    }
}
