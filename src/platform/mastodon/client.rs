//! The calls made to a server, and the account as the service sees it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use tracing::warn;

use super::{errors, limits::HEADERS, mention, wire};
use crate::{
    auth::Tokens,
    clock::Clock,
    config::Mastodon,
    http::{Body, Call, Failure, Proof, Transport},
    model::{Feed, LanguageChoice, OwnPost, Target},
    platform::{Cursor, Limit, Load, Page, Platform, Posted, ReadBack, line::Line, readable_items},
};

/// Items asked for per page; every server takes as many.
pub const PAGE: &str = "40";
/// A notification appears when its post arrives; what a filter lets through stands where it arrived.
const OVERLAP: Duration = Duration::from_secs(600);
/// What the inbox is read from beside the notifications, once a poll: people whose notifications are filtered, and the last words of
/// each talk, among which are a colleague's.
const BESIDE: [&str; 2] = ["/api/v1/notifications/requests", "/api/v1/conversations"];

/// One account on a server that speaks Mastodon's client API.
pub struct MastodonAccount {
    pub(super) line: Line,
    root: String,
    username: String,
    /// Whether an answer to a public post is unlisted.
    pub(super) unlisted: bool,
    me: OnceCell<String>,
    instance: OnceCell<wire::Instance>,
    policy: OnceCell<()>,
    /// Which of the lists beside the notifications the server has not.
    lacks: [AtomicBool; BESIDE.len()],
}

impl MastodonAccount {
    /// A client for the account named in the zone's file.
    pub fn new(settings: &Mastodon, transport: Arc<dyn Transport>, tokens: Arc<Tokens>, clock: Clock) -> Self {
        Self {
            line: Line::new(transport, tokens, clock, errors::failure, &HEADERS),
            root: settings.api_base.clone(),
            username: settings.username().to_owned(),
            unlisted: settings.unlisted,
            me: OnceCell::new(),
            instance: OnceCell::new(),
            policy: OnceCell::new(),
            lacks: Default::default(),
        }
    }

    pub(super) fn request(&self, method: Method, path: &str, body: Option<Body>) -> Call {
        let url = format!("{}{path}", self.root);
        // Some servers end the connection after each answer without saying so (snac 2.75): one that is kept would lose the next call.
        let headers = vec![("connection", "close".to_owned())];
        Call { method, url, query: Vec::new(), headers, body, proof: Proof::None }
    }

    /// Makes a call and reads what it gives.
    pub(super) async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        let writes = call.writes();
        let answer = self.line.send(call).await?;
        self.line.read(&answer, writes)
    }

    /// Our own account's id, asked for once; a token of another account answers in nobody's name.
    pub(super) async fn me(&self) -> Result<&str, Failure> {
        let ask = || async {
            let path = "/api/v1/accounts/verify_credentials";
            let account: wire::Account = self.call(self.request(Method::GET, path, None)).await?;
            if !account.username.eq_ignore_ascii_case(&self.username) {
                return Err(Failure::LoginNeeded { code: "the token is another account's".into() });
            }
            account.id.ok_or_else(|| Failure::later("no account"))
        };
        self.me.get_or_try_init(ask).await.map(String::as_str)
    }

    /// What the server says of itself, asked for once; a server that says nothing that can be read has the usual limits.
    pub(super) async fn instance(&self) -> Result<&wire::Instance, Failure> {
        let ask = || async {
            let answer = self.line.send(self.request(Method::GET, "/api/v2/instance", None)).await?;
            match self.line.read(&answer, false) {
                Err(failure) if matches!(answer.status, 401 | 429 | 500..) => Err(failure),
                read => Ok(read.unwrap_or_default()),
            }
        };
        self.instance.get_or_try_init(ask).await
    }

    /// Tells once what the account's policy keeps from us for good.
    async fn look_at_policy(&self) -> Result<(), Failure> {
        let ask = || async {
            let answer = self.line.send(self.request(Method::GET, "/api/v2/notifications/policy", None)).await?;
            // Older servers have none, and a token may not be allowed to read it.
            if let Ok(policy) = self.line.read::<wire::Policy>(&answer, false) {
                for (rule, _) in policy.rules.iter().filter(|(_, value)| value.as_str() == Some("drop")) {
                    let rule: String = rule.chars().filter(|sign| sign.is_ascii_lowercase() || *sign == '_').collect();
                    warn!(
                        account = "mastodon",
                        rule,
                        "the account's settings drop notifications before anybody sees them: change \"drop\" to \"accept\" there"
                    );
                }
            }
            Ok(())
        };
        self.policy.get_or_try_init(ask).await.copied()
    }

    /// One page of notifications, newest first, and those of people whose notifications are filtered.
    ///
    /// Each poll begins at the newest and goes back to `since`: what a filter lets go later stands where it arrived, behind any mark, and
    /// a mark that was deleted would make us deaf. What is told to people (markers, requests) is theirs, and neither read nor changed.
    async fn notifications(&self, feed: Feed, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let me = self.me().await?;
        let mut call = self.request(Method::GET, "/api/v1/notifications", None).with("limit", PAGE);
        call = call.with("types[]", "mention").with("include_filtered", "true");
        let token = cursor.and_then(|cursor| cursor.token.as_deref());
        if let Some(token) = token {
            call = call.with("max_id", token);
        }
        let list: Vec<serde_json::Value> = self.call(call).await?;
        let (items, _) = readable_items::<wire::Notification>(list);
        let oldest = items.iter().filter_map(|item| wire::time(item.created_at.as_deref())).min();
        let end = items.last().and_then(|item| item.id.clone()).filter(|end| Some(end.as_str()) != token);
        let mut page = Page { not_before: self.line.next_poll(), ..Page::default() };
        page.next.extend(end.filter(|_| oldest.is_none_or(|oldest| oldest >= since)).map(Cursor::list));
        if token.is_none() && feed == Feed::MastodonInbox {
            let there = BESIDE.iter().zip(&self.lacks).filter(|(_, lacks)| !lacks.load(Ordering::Relaxed));
            page.next.extend(there.map(|(list, _)| Cursor { list, ..Cursor::default() }));
        }
        page.messages = items.into_iter().filter_map(|item| mention::notified(me, item)).collect();
        page.messages.retain(|message| message.feed == feed);
        Ok(page)
    }

    /// A list beside the notifications. A stranger's first message may stand nowhere but among the filtered people, and a colleague's
    /// direct answer nowhere but in its talk: not every server lists it among our posts, and once the citizen answers it is not the last word.
    async fn beside(&self, beside: usize, since: Timestamp) -> Result<Page, Failure> {
        let me = self.me().await?;
        let answer = self.line.send(self.request(Method::GET, BESIDE[beside], None).with("limit", PAGE)).await?;
        // The server has no such list, or the token no leave to read it: then nothing is kept there for us.
        if matches!(answer.status, 400 | 403 | 404 | 405 | 410 | 422 | 501) {
            self.lacks[beside].store(true, Ordering::Relaxed);
            return Ok(Page::default());
        }
        // Its top is shown again to the next poll.
        if answer.status >= 500 {
            return Ok(Page::default());
        }
        let list: Vec<serde_json::Value> = self.line.read(&answer, false)?;
        let mut page = Page::default();
        if beside == 0 {
            let (people, _) = readable_items::<wire::Request>(list);
            page.messages = people.into_iter().filter_map(|person| mention::requested(me, person)).collect();
            page.messages.retain(|message| message.feed == Feed::MastodonInbox);
        } else {
            let (talks, _) = readable_items::<wire::Conversation>(list);
            let ours = talks.into_iter().filter_map(|talk| mention::own_post(me, &talk.last_status?));
            page.own = ours.filter(|post| post.created_at >= since).collect();
        }
        Ok(page)
    }
}

#[async_trait]
impl Platform for MastodonAccount {
    async fn page(&self, feed: Feed, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        if let Some(beside) = cursor.and_then(|cursor| BESIDE.iter().position(|list| *list == cursor.list)) {
            return self.beside(beside, since).await;
        }
        self.look_at_policy().await?;
        self.notifications(feed, since, cursor).await
    }

    fn overlap(&self, _feed: Feed) -> Duration {
        OVERLAP
    }

    fn load(&self, _feed: Feed) -> Load {
        Load { stretch: 1.0, least: Duration::ZERO }
    }

    fn note(&self) -> &'static str {
        "mastodon quota"
    }

    /// Nothing: a limit is shown again with the next answer.
    fn to_keep(&self) -> Option<(&'static str, String)> {
        None
    }

    fn take_up(&self, _note: Option<&str>) {}

    fn limits(&self) -> Vec<Limit> {
        self.line.limits()
    }

    async fn colleagues(&self, _feed: Feed, since: Timestamp) -> Result<Vec<OwnPost>, Failure> {
        Ok(self.own_posts(since).await?.posts)
    }

    async fn post(&self, target: &Target, text: &str, languages: &LanguageChoice) -> Result<Posted, Failure> {
        self.reply(target, text, languages).await
    }

    async fn read_back(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        self.below(target, since).await
    }
}
