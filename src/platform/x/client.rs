//! The calls made to the X API for one account.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::OnceCell;

use super::{errors, mention, purse::Purse, wire, words};
use crate::{
    auth::Tokens,
    clock::Clock,
    config::{Vocabulary, X},
    http::{Body, Call, Failure, Transport, path_segment},
    model::{Author, Barrier, Feed, LanguageChoice, Message, OwnPost, Target},
    platform::{
        Cursor, Limit, Load, Page, Platform, Posted, ReadBack,
        quota::{Priced, Purpose, Sent},
    },
    text::links,
};

/// Posts asked for per page: from the least to the most that there may be. An empty answer costs nothing.
const POSTS: (usize, usize) = (5, 100);
/// Messages asked for on the first page of the inbox: each one returned is paid for once a day.
const FIRST_EVENTS: usize = 10;
/// Messages asked for on the pages after it, read only when the first is all new.
const MORE_EVENTS: usize = 100;
/// Our own posts are followed for so many pages; X shows 3,200 at most.
const MOST_PAGES: usize = 20;

/// The routes that have a window of their own.
mod route {
    pub const ME: &str = "users/me";
    pub const MENTIONS: &str = "users/mentions";
    pub const TWEETS: &str = "users/tweets";
    /// Whether the four routes share one window is not known: taken as shared.
    pub const EVENTS: &str = "dm_events";
    pub const POST: &str = "tweets";
    /// Whether the two routes share one window is not known: one route is used.
    pub const SEND: &str = "dm_messages";
}

/// One X account.
pub struct XAccount {
    transport: Arc<dyn Transport>,
    tokens: Arc<Tokens>,
    clock: Clock,
    root: String,
    account: String,
    vocabulary: Vocabulary,
    /// Whether the zone's file names accounts by handle, so that handles must be asked for.
    handles: bool,
    me: OnceCell<String>,
    purse: Purse,
    /// Set for good once the platform has refused `sender_id` as a field.
    expand_sender: AtomicBool,
}

impl XAccount {
    /// A client for the account named in the zone's file.
    pub fn new(settings: &X, transport: Arc<dyn Transport>, tokens: Arc<Tokens>, clock: Clock) -> Self {
        let by_handle = |account: &String| account.bytes().any(|byte| !byte.is_ascii_digit());
        Self {
            transport,
            tokens,
            clock,
            root: format!("{}/2", settings.api_base),
            account: settings.account.clone(),
            vocabulary: settings.vocabulary,
            handles: settings.known.sisters.iter().chain(&settings.known.bots).any(by_handle),
            me: OnceCell::new(),
            purse: Purse::new(settings, clock),
            expand_sender: AtomicBool::new(false),
        }
    }

    fn get(&self, path: &str) -> Call {
        Call::get(format!("{}/{path}", self.root), self.tokens.current())
    }

    async fn call<T: DeserializeOwned>(&self, route: &'static str, purpose: Purpose, call: Call) -> Result<T, Failure> {
        let writes = call.writes();
        if let Err(at) = self.purse.quota.windows.admit(route, purpose, self.clock.now()) {
            return Err(Failure::Later { at: Some(at), code: "window used up".into() });
        }
        let used = self.tokens.current();
        // A signature covers the whole call, so it is made last.
        let call = self.tokens.prove(call, self.clock.now());
        let answer = self.transport.send(call).await.map_err(|lost| Failure::lost(lost, writes))?;
        self.purse.quota.windows.learn(route, answer.status, &answer.headers, self.clock.now());
        if let Some(failure) = errors::failure(&answer, writes, self.clock.now()) {
            if matches!(failure, Failure::LoginNeeded { .. }) {
                self.tokens.refuse(&used);
            }
            return Err(failure);
        }
        serde_json::from_slice(&answer.body).map_err(|_| Failure::unreadable(writes))
    }

    /// What a post brings with it: its author too, where authors are asked for.
    fn priced_mention(&self) -> &'static [Priced] {
        match self.vocabulary {
            Vocabulary::Tweet if !self.handles => &[Priced::Post],
            Vocabulary::Tweet => &[Priced::Post, Priced::User],
            // Its author, and whom it answers.
            Vocabulary::Post => &[Priced::Post, Priced::User, Priced::User],
        }
    }

    /// The id of our own account, asked for once.
    async fn me(&self) -> Result<&str, Failure> {
        let ask = || async {
            let (_, _held) = self.purse.afford(&[Priced::User], 1, 1)?;
            let user: wire::One<wire::User> = self.call(route::ME, Purpose::ReadBack, self.get("users/me")).await?;
            self.purse.pay(Priced::User, route::ME, user.data.iter().map(|user| user.id.as_deref()));
            let user = user.data.ok_or_else(|| Failure::later("no account"))?;
            // A token of another account would answer in another name.
            if user.username.as_deref().is_some_and(|name| !name.eq_ignore_ascii_case(&self.account)) {
                return Err(Failure::Stopped { code: "the token belongs to another account".into() });
            }
            user.id.ok_or_else(|| Failure::later("no account"))
        };
        self.me.get_or_try_init(ask).await.map(String::as_str)
    }

    async fn mentions_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let me = self.me().await?;
        let (size, _held) = self.purse.afford(self.priced_mention(), POSTS.1, POSTS.0)?;
        let call = self
            .get(&format!("users/{me}/mentions"))
            .with("max_results", size.to_string())
            .with("since_id", wire::id_at(since));
        let call = words::mentions(behind(call, cursor), self.vocabulary, self.handles);
        let list: wire::Page<wire::Post> = self.call(route::MENTIONS, Purpose::Poll, call).await?;
        self.purse.pay(Priced::Post, route::MENTIONS, list.data.iter().map(|post| post.id.as_deref()));
        self.purse.pay(Priced::User, route::MENTIONS, list.includes.users.iter().map(|user| user.id.as_deref()));
        let seen = mention::Seen::new(me, &self.account, &list.includes);
        Ok(Page {
            messages: list.data.into_iter().filter_map(|post| seen.message(post)).collect(),
            own: Vec::new(),
            next: list.meta.next_token.map(Cursor::list).into_iter().collect(),
            not_before: self.purse.quota.windows.next_call(route::MENTIONS, self.clock.now()),
        })
    }

    async fn events(
        &self,
        path: &str,
        most: usize,
        purpose: Purpose,
        cursor: Option<&Cursor>,
    ) -> Result<wire::Page<wire::Event>, Failure> {
        let ask = async |expand: bool| {
            let each: &[Priced] = if expand { &[Priced::Event, Priced::User] } else { &[Priced::Event] };
            let (size, _held) = self.purse.afford(each, most, 1)?;
            let call = behind(self.get(path).with("max_results", size.to_string()), cursor);
            let call = words::events(call, self.vocabulary, expand);
            let list: wire::Page<wire::Event> = self.call(route::EVENTS, purpose, call).await?;
            self.purse.pay(Priced::Event, path, list.data.iter().map(|event| event.id.as_deref()));
            self.purse.pay(Priced::User, path, list.includes.users.iter().map(|user| user.id.as_deref()));
            Ok::<_, Failure>(list)
        };
        let expand = self.expand_sender.load(Ordering::Relaxed);
        match ask(expand).await {
            Err(Failure::Bug { .. }) if !expand => {
                let page = ask(true).await?;
                self.expand_sender.store(true, Ordering::Relaxed);
                Ok(page)
            }
            other => other,
        }
    }

    async fn inbox_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let me = self.me().await?;
        let size = if cursor.is_none() { FIRST_EVENTS } else { MORE_EVENTS };
        let list = self.events("dm_events", size, Purpose::Poll, cursor).await?;
        let (mut page, mut reached) = (Page::default(), false);
        for event in list.data {
            let Some(created_at) = event.id.as_deref().and_then(|id| wire::time(event.created_at.as_deref(), id))
            else {
                continue;
            };
            reached |= created_at < since;
            take_event(&mut page, me, event, created_at);
        }
        page.next.extend(list.meta.next_token.filter(|_| !reached).map(Cursor::list));
        page.not_before = self.purse.quota.windows.next_call(route::EVENTS, self.clock.now());
        Ok(page)
    }

    async fn own_posts(&self, purpose: Purpose, since: Timestamp) -> Result<ReadBack, Failure> {
        let me = self.me().await?;
        let (mut posts, mut cursor, mut whole) = (Vec::new(), None, true);
        for _ in 0..MOST_PAGES {
            let (size, _held) = self.purse.afford(&[Priced::Post], POSTS.1, POSTS.0)?;
            let call = self
                .get(&format!("users/{me}/tweets"))
                .with("max_results", size.to_string())
                .with("since_id", wire::id_at(since));
            let call = words::own_posts(behind(call, cursor.as_ref()), self.vocabulary);
            let list: wire::Page<wire::Post> = self.call(route::TWEETS, purpose, call).await?;
            self.purse.pay(Priced::Post, route::TWEETS, list.data.iter().map(|post| post.id.as_deref()));
            let shown = posts.len() + list.data.len();
            posts.extend(list.data.into_iter().filter_map(mention::own_post));
            whole &= list.whole && posts.len() == shown;
            match list.meta.next_token {
                Some(token) => cursor = Some(Cursor::list(token)),
                None => return Ok(ReadBack { posts, complete: whole }),
            }
        }
        Ok(ReadBack { posts, complete: false })
    }

    /// Makes a writing call, if the month's money has room for it, and pays unless it certainly had no effect.
    async fn send<T: DeserializeOwned>(&self, route: &'static str, what: Sent, call: Call) -> Result<T, Failure> {
        self.purse.afford_send(what)?;
        let sent = self.call(route, Purpose::Send, call).await;
        if matches!(sent, Ok(_) | Err(Failure::Unknown { .. })) {
            self.purse.pay_send(what);
        }
        sent
    }

    async fn own_messages(&self, person: &str, since: Timestamp) -> Result<ReadBack, Failure> {
        let me = self.me().await?;
        let path = format!("dm_conversations/with/{}/dm_events", path_segment(person));
        let list = self.events(&path, MORE_EVENTS, Purpose::ReadBack, None).await?;
        let mut page = Page::default();
        let (mut complete, mut whole) = (list.meta.next_token.is_none(), list.whole);
        for event in list.data {
            let Some(created_at) = event.id.as_deref().and_then(|id| wire::time(event.created_at.as_deref(), id))
            else {
                whole = false;
                continue;
            };
            complete |= created_at < since;
            take_event(&mut page, me, event, created_at);
        }
        page.own.retain(|post| post.created_at >= since);
        Ok(ReadBack { posts: page.own, complete: complete && whole })
    }
}

/// The same list, behind where the last page ended.
fn behind(call: Call, cursor: Option<&Cursor>) -> Call {
    match cursor.and_then(|cursor| cursor.token.as_ref()) {
        Some(token) => call.with("pagination_token", token.as_str()),
        None => call,
    }
}

/// Sorts an event: ours, a citizen's, or none of both.
fn take_event(page: &mut Page, me: &str, event: wire::Event, created_at: Timestamp) {
    let Some(id) = event.id else { return };
    let thread = event.dm_conversation_id.unwrap_or_else(|| id.clone());
    let text = mention::plain(&event.text.unwrap_or_default()).into();
    if event.sender_id.as_deref() == Some(me) {
        page.own.push(OwnPost { id: id.into(), thread: thread.into(), in_reply_to: None, to: None, text, created_at });
        return;
    }
    let barrier = if event.event_type.is_some_and(|kind| kind != "MessageCreate") {
        Some(Barrier::NotAMessage)
    } else if !thread.contains('-') {
        // One-to-one conversations are called `smaller-larger`, groups by a plain number.
        Some(Barrier::Group)
    } else {
        event.sender_id.is_none().then_some(Barrier::Unreadable)
    };
    page.messages.push(Message {
        feed: Feed::XInbox,
        id: id.clone().into(),
        current: id.into(),
        thread: thread.into(),
        post: None,
        author: event.sender_id.map(|id| Author { id: id.into(), handle: None, is_self: false }),
        text,
        created_at,
        barrier,
        bystanders: Vec::new(),
    });
}

#[async_trait]
impl Platform for XAccount {
    async fn page(&self, feed: Feed, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match feed {
            Feed::XInbox => self.inbox_page(since, cursor).await,
            _ => self.mentions_page(since, cursor).await,
        }
    }

    fn overlap(&self, feed: Feed) -> Duration {
        match feed {
            // Each page read again is a call of the scarcest window, so little is read again.
            Feed::XInbox => Duration::from_secs(2 * 60),
            // Mentions are known to appear after newer ones (`platforms/x.md` 2.3).
            _ => Duration::from_secs(30 * 60),
        }
    }

    fn load(&self, _feed: Feed) -> Load {
        Load { stretch: self.purse.stretch(), least: Duration::ZERO }
    }

    fn note(&self) -> &'static str {
        Purse::NOTE
    }

    fn to_keep(&self) -> Option<(&'static str, String)> {
        self.purse.to_keep()
    }

    fn take_up(&self, note: Option<&str>) {
        self.purse.take_up(note);
    }

    fn limits(&self) -> Vec<Limit> {
        self.purse.quota.limits(self.clock.now())
    }

    async fn colleagues(&self, feed: Feed, since: Timestamp) -> Result<Vec<OwnPost>, Failure> {
        match feed {
            // An announcement of the zone's own starts a conversation; only an answer takes part in one.
            Feed::XMentions => Ok(self
                .own_posts(Purpose::Poll, since)
                .await?
                .posts
                .into_iter()
                .filter(|post| post.in_reply_to.is_some())
                .collect()),
            _ => Ok(Vec::new()),
        }
    }

    async fn post(&self, target: &Target, text: &str, _languages: &LanguageChoice) -> Result<Posted, Failure> {
        if target.feed == Feed::XInbox {
            let Some(person) = &target.author else { return Err(Failure::Refused { code: "no recipient".into() }) };
            let url = format!("{}/dm_conversations/with/{}/messages", self.root, path_segment(person.expose()));
            let call = Call::post(url, self.tokens.current(), Body::Json(json!({ "text": text })));
            let sent: wire::One<wire::SentMessage> = self.send(route::SEND, Sent::Message, call).await?;
            let id = sent.data.and_then(|sent| sent.dm_event_id).ok_or_else(|| Failure::unreadable(true))?;
            return Ok(Posted { id, recipient: None });
        }
        let mut reply = json!({ "in_reply_to_tweet_id": target.message.expose() });
        if !target.bystanders.is_empty() {
            // X would call everybody the citizen named; the answer is for the citizen alone.
            reply["exclude_reply_user_ids"] = target.bystanders.iter().map(|id| json!(id.expose())).collect();
        }
        let call = Call::post(
            format!("{}/tweets", self.root),
            self.tokens.current(),
            Body::Json(json!({ "text": text, "reply": reply })),
        );
        let what = if links(text).is_empty() { Sent::Reply } else { Sent::Link };
        let posted: wire::One<wire::Post> = self.send(route::POST, what, call).await?;
        let id = posted.data.and_then(|post| post.id).ok_or_else(|| Failure::unreadable(true))?;
        Ok(Posted { id, recipient: None })
    }

    async fn read_back(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        match (&target.feed, &target.author) {
            (Feed::XInbox, Some(person)) => self.own_messages(person.expose(), since).await,
            _ => self.own_posts(Purpose::ReadBack, since).await,
        }
    }
}
