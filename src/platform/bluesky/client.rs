//! The calls made to a Bluesky account's own server, and the account as the service sees it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{errors, limits::HEADERS, mention, wire};
use crate::{
    auth::Tokens,
    clock::{Clock, after},
    config::Bluesky,
    http::{Answer, Body, Call, Failure, Proof, Transport},
    model::{Feed, LanguageChoice, OwnPost, Target},
    platform::{Cursor, Limit, Load, Page, Platform, Posted, ReadBack, line::Line, readable_items},
};

/// Items asked for per page; more is an error.
pub const PAGE: &str = "100";
/// How often it is looked whether there is a session yet, and how many times.
const GLANCE: Duration = Duration::from_millis(100);
const FIRST_SESSION: u32 = 50;
/// A notification stands where its post says that it was written, which may be hours before it came.
const OVERLAP: Duration = Duration::from_secs(24 * 3600);

/// One Bluesky account.
pub struct BlueskyAccount {
    pub(super) line: Line,
    root: String,
    me: OnceCell<String>,
}

impl BlueskyAccount {
    /// A client for the account named in the zone's file.
    pub fn new(settings: &Bluesky, transport: Arc<dyn Transport>, tokens: Arc<Tokens>, clock: Clock) -> Self {
        Self {
            line: Line::new(transport, tokens, clock, errors::failure, &HEADERS),
            root: format!("{}/xrpc", settings.api_base),
            me: OnceCell::new(),
        }
    }

    /// A query.
    pub(super) fn query(&self, method: &str) -> Call {
        self.call_of(Method::GET, method, None)
    }

    /// A procedure.
    pub(super) fn procedure(&self, method: &str, body: Value) -> Call {
        self.call_of(Method::POST, method, Some(Body::Json(body)))
    }

    fn call_of(&self, http: Method, method: &str, body: Option<Body>) -> Call {
        let url = format!("{}/{method}", self.root);
        Call { method: http, url, query: Vec::new(), headers: Vec::new(), body, proof: Proof::None }
    }

    /// Waits a little for a session, since the very first start has none yet.
    async fn session(&self) -> Result<(), Failure> {
        for _ in 0..FIRST_SESSION {
            if !self.line.tokens.current().expose_secret().is_empty() {
                return Ok(());
            }
            self.line.clock.sleep(GLANCE).await;
        }
        Err(Failure::later("no session yet"))
    }

    /// Makes a call and gives its answer, whatever that says.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, Failure> {
        self.session().await?;
        self.line.send(call).await
    }

    /// Makes a call and reads what it gives.
    pub(super) async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        let writes = call.writes();
        let answer = self.send(call).await?;
        self.line.read(&answer, writes)
    }

    /// The lasting id of our own account, asked for once; its handle may change.
    pub(super) async fn me(&self) -> Result<&str, Failure> {
        let ask = || async {
            let session: wire::Session = self.call(self.query("com.atproto.server.getSession")).await?;
            if session.active == Some(false) {
                return Err(Failure::Stopped { code: "the account is not active".into() });
            }
            session.did.ok_or_else(|| Failure::later("no account"))
        };
        self.me.get_or_try_init(ask).await.map(String::as_str)
    }

    /// Mentions and answers, newest first. What is told to people (`isRead`) is theirs, and neither read nor changed.
    async fn mentions_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let me = self.me().await?;
        let call = self
            .query("app.bsky.notification.listNotifications")
            .with("limit", PAGE)
            .with("reasons", "mention")
            .with("reasons", "reply")
            // Else a setting of the account may hide people whom it does not follow.
            .with("priority", "false");
        let token = cursor.and_then(|cursor| cursor.token.as_deref());
        let list: wire::Notifications = self.call(behind(call, token)).await?;
        let (items, _) = readable_items::<wire::Notification>(list.notifications);
        let oldest = items.iter().filter_map(|item| wire::time(item.indexed_at.as_deref())).min();
        let next = list.cursor.filter(|_| oldest.is_none_or(|oldest| oldest >= since));
        Ok(Page {
            next: next.map(|next| Cursor::list(border(&next, token))).into_iter().collect(),
            messages: items.into_iter().filter_map(|item| mention::message(me, item)).collect(),
            own: Vec::new(),
            not_before: self.line.next_poll(),
        })
    }
}

/// The same list, behind where the last page ended.
pub fn behind(call: Call, token: Option<&str>) -> Call {
    match token {
        Some(token) => call.with("cursor", token),
        None => call,
    }
}

/// The cursor from which the millisecond of a page's last item is read again: the next page would begin strictly behind it,
/// and lose what else was written in that millisecond. Where a page brought nothing else, the list goes on.
fn border(next: &str, used: Option<&str>) -> String {
    let again = next.parse::<Timestamp>().ok().map(|at| format!("{:.3}", after(at, Duration::from_millis(1))));
    again.filter(|again| Some(again.as_str()) != used).unwrap_or_else(|| next.to_owned())
}

#[async_trait]
impl Platform for BlueskyAccount {
    async fn page(&self, feed: Feed, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match feed {
            Feed::BlueskyInbox => self.inbox_page(since, cursor).await,
            _ => self.mentions_page(since, cursor).await,
        }
    }

    fn overlap(&self, _feed: Feed) -> Duration {
        OVERLAP
    }

    fn load(&self, _feed: Feed) -> Load {
        Load { stretch: 1.0, least: Duration::ZERO }
    }

    fn note(&self) -> &'static str {
        "bluesky quota"
    }

    /// Nothing: a limit lasts minutes, and its headers come with the next answer.
    fn to_keep(&self) -> Option<(&'static str, String)> {
        None
    }

    fn take_up(&self, _note: Option<&str>) {}

    fn limits(&self) -> Vec<Limit> {
        self.line.limits()
    }

    async fn colleagues(&self, feed: Feed, since: Timestamp) -> Result<Vec<OwnPost>, Failure> {
        match feed {
            // An announcement of the zone's own starts a conversation; only an answer takes part in one.
            Feed::BlueskyMentions => {
                Ok(self.own_posts(since).await?.posts.into_iter().filter(|post| post.in_reply_to.is_some()).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn post(&self, target: &Target, text: &str, languages: &LanguageChoice) -> Result<Posted, Failure> {
        match target.feed {
            Feed::BlueskyInbox => self.send_message(target, text).await,
            _ => self.reply(target, text, languages).await,
        }
    }

    async fn read_back(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        match target.feed {
            Feed::BlueskyInbox => self.own_messages(target, since).await,
            _ => self.replies(target, since).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_millisecond_of_a_border_is_read_twice_and_not_for_ever() {
        let last = "2026-11-23T21:13:29.159Z";
        assert_eq!(border(last, None), "2026-11-23T21:13:29.160Z");
        assert_eq!(border(last, Some("2026-11-23T21:13:29.160Z")), last);
        assert_eq!(border("opaque", None), "opaque");
    }
}
