//! The Graph API's JSON, as far as it is read. Every field is optional, unknown ones are ignored.

use jiff::{Timestamp, fmt::strtime};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    model::{Author, Private},
    platform::readable_items,
};

/// A page of a list: `data`, and where the next page is.
#[derive(Debug, Deserialize)]
#[serde(from = "Given", bound = "T: DeserializeOwned")]
pub struct List<T> {
    pub data: Vec<T>,
    /// Whether `data` was there and every item of it could be read: only then does absence prove anything.
    pub whole: bool,
    pub paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Given {
    data: Option<Vec<serde_json::Value>>,
    paging: Option<Paging>,
}

impl<T: DeserializeOwned> std::convert::From<Given> for List<T> {
    fn from(given: Given) -> Self {
        let is_list = given.data.is_some();
        let (data, all) = readable_items(given.data.unwrap_or_default());
        Self { data, whole: is_list && all, paging: given.paging }
    }
}

/// What an item leaves out because it is empty.
impl<T> Default for List<T> {
    fn default() -> Self {
        Self { data: Vec::new(), whole: true, paging: None }
    }
}

impl<T> List<T> {
    /// The cursor of the next page. Only the absence of `next` ends a list; `next` itself holds the token
    /// and is never used or kept.
    pub fn next_cursor(&self) -> Option<String> {
        self.paging.as_ref()?.next.as_ref()?;
        self.after()
    }

    /// The cursor behind the last item, for lists that never say whether there is more (Instagram's tags).
    pub fn after(&self) -> Option<String> {
        self.paging.as_ref()?.cursors.as_ref()?.after.clone()
    }
}

#[derive(Debug, Deserialize)]
pub struct Paging {
    pub cursors: Option<Cursors>,
    pub next: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
pub struct Cursors {
    pub after: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Conversation {
    pub id: Option<String>,
    pub updated_time: Option<String>,
    #[serde(default)]
    pub messages: List<InboxMessage>,
}

#[derive(Debug, Deserialize)]
pub struct InboxMessage {
    pub id: Option<String>,
    pub created_time: Option<String>,
    pub from: Option<From>,
    pub message: Option<String>,
}

/// Who wrote something; Instagram gives a user name beside the id, or instead of it.
#[derive(Debug, Deserialize)]
pub struct From {
    pub id: Option<String>,
    pub username: Option<String>,
}

impl From {
    /// The author as our types have it; one that has neither id nor name is unknown.
    pub fn author(self) -> Option<Author> {
        let handle = self.username.map(Private::from);
        let id = self.id.map(Private::from).or_else(|| handle.clone())?;
        Some(Author { id, handle, is_self: false })
    }
}

/// A post on the Page, or one that tags it.
#[derive(Debug, Deserialize)]
pub struct Post {
    pub id: Option<String>,
    pub created_time: Option<String>,
    pub from: Option<From>,
    pub message: Option<String>,
    #[serde(default)]
    pub comments: List<Comment>,
}

#[derive(Debug, Deserialize)]
pub struct Comment {
    pub id: Option<String>,
    pub created_time: Option<String>,
    pub from: Option<From>,
    pub message: Option<String>,
    /// The comment that this one replies to.
    pub parent: Option<Parent>,
}

#[derive(Debug, Deserialize)]
pub struct Parent {
    pub id: Option<String>,
}

/// A photo, video or reel on Instagram: our own, or one that tags us.
#[derive(Debug, Deserialize)]
pub struct Media {
    pub id: Option<String>,
    pub timestamp: Option<String>,
    pub caption: Option<String>,
    pub username: Option<String>,
    #[serde(default)]
    pub comments: List<MediaComment>,
}

/// A comment on Instagram, or a reply to one.
#[derive(Debug, Deserialize)]
pub struct MediaComment {
    pub id: Option<String>,
    pub timestamp: Option<String>,
    pub text: Option<String>,
    pub username: Option<String>,
    pub from: Option<From>,
    pub hidden: Option<bool>,
    #[serde(default)]
    pub replies: List<MediaComment>,
}

/// Our own Instagram account.
#[derive(Debug, Deserialize)]
pub struct Profile {
    pub username: Option<String>,
    /// With its own login an account has two ids.
    pub id: Option<String>,
    pub user_id: Option<String>,
}

/// The answer to a send or a comment.
#[derive(Debug, Deserialize)]
pub struct Sent {
    pub message_id: Option<String>,
    pub recipient_id: Option<String>,
    pub id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct ErrorBody {
    pub error: Option<GraphError>,
}

#[derive(Debug, Default, Deserialize)]
pub struct GraphError {
    pub code: Option<i64>,
    pub error_subcode: Option<i64>,
    /// Read to tell two meanings of one code apart; never logged or kept.
    pub message: Option<String>,
}

/// One business object's usage, in percent, in `X-Business-Use-Case-Usage`.
#[derive(Debug, Deserialize)]
pub struct Usage {
    /// Minutes.
    pub estimated_time_to_regain_access: Option<u64>,
}

/// A Graph time, `2026-01-02T03:04:05+0000`: no colon in the offset, so not RFC 3339.
pub fn time(text: Option<&str>) -> Option<Timestamp> {
    let text = text?;
    strtime::parse("%Y-%m-%dT%H:%M:%S%z", text).and_then(|parsed| parsed.to_timestamp()).or_else(|_| text.parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_times_are_read_with_and_without_the_colon() {
        let expected: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(time(Some("2026-01-02T03:04:05+0000")), Some(expected));
        assert_eq!(time(Some("2026-01-02T04:04:05+01:00")), Some(expected));
        assert_eq!(time(Some("yesterday")), None);
        assert_eq!(time(None), None);
    }

    #[test]
    fn only_a_list_of_which_every_item_was_read_is_whole() {
        let read = |text: &str| {
            let list = serde_json::from_str::<List<Comment>>(text).unwrap();
            (list.data.len(), list.whole)
        };
        assert_eq!(read(r#"{"data":[]}"#), (0, true));
        assert_eq!(read(r#"{"data":[{"id":"1"}]}"#), (1, true));
        assert_eq!(read(r#"{"data":[{"id":"1"},{"id":2}]}"#), (1, false));
        assert_eq!(read("{}"), (0, false));
    }

    #[test]
    fn an_empty_page_may_go_on_and_a_cursor_without_next_may_not() {
        let list = |text: &str| serde_json::from_str::<List<Comment>>(text).unwrap();
        let goes_on = list(
            r#"{"data":[],"paging":{"cursors":{"before":"a","after":"b"},"next":"https://graph.facebook.com/?access_token=x"}}"#,
        );
        assert_eq!(goes_on.next_cursor().as_deref(), Some("b"));
        assert_eq!(list(r#"{"data":[],"paging":{"cursors":{"after":"b"}}}"#).next_cursor(), None);
        assert_eq!(list("{}").next_cursor(), None);
    }
}
