//! The platforms: each knows its own JSON, its own limits and its own words for failure, and nothing above it.

pub mod bluesky;
mod line;
pub mod mastodon;
pub mod meta;
pub mod quota;
pub mod sweep;
pub mod x;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::{
    http::Failure,
    model::{Feed, LanguageChoice, Message, OwnPost, Private, Target},
};

/// What the service needs of a platform.
#[async_trait]
pub trait Platform: Send + Sync {
    /// Reads one page of a feed: the first one without a cursor, then those that the page before named.
    ///
    /// Pages are named as long as they may hold something written at `since` or later. Page by page, so that
    /// an urgent message on the first one does not wait for the last.
    ///
    /// # Errors
    /// By meaning.
    async fn page(&self, feed: Feed, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure>;

    /// How far a poll reads back behind what was read before, because messages can appear late.
    fn overlap(&self, feed: Feed) -> Duration;

    /// How the quota bears on the interval of a feed at this time.
    fn load(&self, feed: Feed) -> Load;

    /// What of the quota a restart must not forget: the note's name and its text, when it is worth writing down now.
    fn to_keep(&self) -> Option<(&'static str, String)>;

    /// The name of the note that [`Platform::to_keep`] writes.
    fn note(&self) -> &'static str;

    /// Goes on from such a note; only the first one counts.
    fn take_up(&self, note: Option<&str>);

    /// What is left of the platform's limits, as far as it has shown them.
    fn limits(&self) -> Vec<Limit>;

    /// What our own account wrote since `since`, for feeds that show only what others write.
    ///
    /// # Errors
    /// By meaning.
    async fn colleagues(&self, feed: Feed, since: Timestamp) -> Result<Vec<OwnPost>, Failure>;

    /// Posts a reply, once; `languages` are those that the text is in.
    ///
    /// # Errors
    /// By meaning; [`Failure::Unknown`] when the reply may stand there all the same.
    async fn post(&self, target: &Target, text: &str, languages: &LanguageChoice) -> Result<Posted, Failure>;

    /// What our own account wrote since `since` where a reply to `target` would stand.
    ///
    /// # Errors
    /// By meaning.
    async fn read_back(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure>;
}

/// One of a platform's limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What it limits, in a word of the platform's.
    pub name: String,
    /// The share of it that is left, from 0 to 1.
    pub left: f64,
    /// Nothing of the kind can be called before.
    pub closed_until: Option<Timestamp>,
}

/// How a quota bears on the interval of a feed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// By how much to lengthen it; 1 when there is no need.
    pub stretch: f64,
    /// What a formula of the platform leaves to the feed on average; zero where none is known.
    pub least: Duration,
}

/// One page of a feed.
#[derive(Debug, Default)]
pub struct Page {
    /// What citizens wrote.
    pub messages: Vec<Message>,
    /// What our own account wrote beside it.
    pub own: Vec<OwnPost>,
    /// The pages to read after it.
    pub next: Vec<Cursor>,
    /// The platform's quota asks for no poll before this time.
    pub not_before: Option<Timestamp>,
}

/// Where to go on reading; only the adapter that made it knows how. Kept for one poll only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    /// What is read: a word of the adapter's own; empty for the feed's usual list.
    list: &'static str,
    /// One conversation, post or comment to read further back, instead of a list.
    thread: Option<Private<String>>,
    /// The post or medium under which that stands.
    post: Option<Private<String>>,
    /// The platform's own token.
    token: Option<String>,
    /// How many pages of the list came before.
    depth: u32,
}

impl Cursor {
    /// The list goes on behind `token`.
    fn list(token: String) -> Self {
        Self { token: Some(token), ..Self::default() }
    }

    /// A conversation must be read itself, from its newest message or from behind `token`.
    fn thread(thread: Private<String>, token: Option<String>) -> Self {
        Self { thread: Some(thread), token, ..Self::default() }
    }

    /// The same, one page further.
    fn behind(&self, token: String) -> Self {
        Self { token: Some(token), depth: self.depth + 1, ..self.clone() }
    }
}

/// A reply that stands on the platform.
#[derive(Debug)]
pub struct Posted {
    /// The platform's id of it.
    pub id: String,
    /// To whom it was delivered, where the platform says so: the citizen may have another id there than in the feed.
    pub recipient: Option<Private<String>>,
}

/// What our own account wrote at one place.
#[derive(Debug)]
pub struct ReadBack {
    /// The posts.
    pub posts: Vec<OwnPost>,
    /// Whether the view reaches back to the time asked for: only then does absence prove anything.
    pub complete: bool,
}

/// Reads a list item by item: one that has not the expected form must not hide the others. Says whether all were read.
fn readable_items<T: DeserializeOwned>(list: Vec<serde_json::Value>) -> (Vec<T>, bool) {
    let count = list.len();
    let items: Vec<T> = list.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect();
    let all = items.len() == count;
    (items, all)
}
