//! The calls made to the Graph API for one Page.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    errors::{self, Pool},
    wire,
};
use crate::{
    auth::Tokens,
    clock::Clock,
    config::Facebook,
    http::{Body, Call, Failure, Transport},
    model::{Author, Barrier, Feed, Message, OwnPost, Private, Target},
    platform::{Cursor, Pace, Page, Platform, ReadBack},
};

/// Conversations or posts asked for per page (`limit` above 100 may be refused).
const PAGE_SIZE: &str = "25";
/// Messages asked for with each conversation.
const NESTED: usize = 10;
/// Only the newest 20 messages of a conversation have readable content.
const READABLE: usize = 20;
/// The Conversations API allows two calls a second for each Page; a little less keeps bursts inside.
const CONVERSATION_GAP: Duration = Duration::from_millis(600);

/// One Facebook Page.
pub struct FacebookPage {
    transport: Arc<dyn Transport>,
    tokens: Arc<Tokens>,
    clock: Clock,
    page: String,
    root: String,
    conversations: Pace,
    /// Until when each pool's limit lasts.
    closed: [Mutex<Timestamp>; 2],
}

impl FacebookPage {
    /// A client for the Page named in the zone's file.
    pub fn new(settings: &Facebook, transport: Arc<dyn Transport>, tokens: Arc<Tokens>, clock: Clock) -> Self {
        Self {
            transport,
            tokens,
            clock,
            page: settings.page.clone(),
            root: format!("{}/{}", settings.api_base, settings.version),
            conversations: Pace::new(clock, CONVERSATION_GAP),
            closed: [Mutex::new(Timestamp::MIN), Mutex::new(Timestamp::MIN)],
        }
    }

    fn url(&self, parts: &[&str]) -> String {
        parts.iter().fold(self.root.clone(), |url, part| url + "/" + &crate::http::path_segment(part))
    }

    fn get(&self, parts: &[&str]) -> Call {
        Call::get(self.url(parts), self.tokens.current())
    }

    async fn call<T: DeserializeOwned>(&self, pool: Pool, call: Call) -> Result<T, Failure> {
        let (writes, closed) = (call.writes(), &self.closed[pool as usize]);
        let until = *closed.lock().unwrap_or_else(PoisonError::into_inner);
        if until > self.clock.now() {
            return Err(Failure::Later { at: Some(until), code: "limit not over".into() });
        }
        let answer = self.transport.send(call).await.map_err(|lost| errors::lost(lost, writes))?;
        if let Some(failure) = errors::failure(&answer, writes, self.clock.now()) {
            if let Failure::Later { at: Some(at), .. } = &failure {
                for pool in [Pool::Messenger, Pool::Pages].into_iter().filter(|pool| pool.is_closed_by(&answer)) {
                    *self.closed[pool as usize].lock().unwrap_or_else(PoisonError::into_inner) = *at;
                }
            }
            return Err(failure);
        }
        serde_json::from_slice(&answer.body).map_err(|_| errors::unreadable(writes))
    }

    async fn inbox_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let fields = format!("id,updated_time,messages.limit({NESTED}){{id,created_time,from,message}}");
        let call = self.get(&[&self.page, "conversations"]).with("platform", "messenger").with("fields", fields);
        self.conversations.turn().await;
        let list: wire::List<wire::Conversation> =
            self.call(Pool::Messenger, behind(call.with("limit", PAGE_SIZE), cursor)).await?;
        let (mut page, mut fresh, next) = (Page::default(), list.data.is_empty(), list.next_cursor());
        for conversation in list.data {
            fresh |= wire::time(conversation.updated_time.as_deref()).is_none_or(|at| at >= since);
            let Some(thread) = conversation.id else { continue };
            // More may stand behind what the list shows.
            let cut = conversation.messages.next_cursor().is_some() && all_since(&conversation.messages.data, since);
            self.take_messages(&mut page, &thread, conversation.messages.data);
            if cut {
                page.next.push(Cursor::thread(thread.into(), None));
            }
        }
        page.next.extend(next.filter(|_| fresh).map(Cursor::list));
        Ok(page)
    }

    /// Reads one conversation further back than the list shows.
    async fn thread_page(&self, thread: &Private<String>, since: Timestamp, cursor: &Cursor) -> Result<Page, Failure> {
        self.conversations.turn().await;
        let list: wire::List<wire::InboxMessage> =
            self.call(Pool::Messenger, behind(self.messages_of(thread.expose()), Some(cursor))).await?;
        let (mut page, next) = (Page::default(), list.next_cursor());
        if let Some(token) = next.filter(|_| all_since(&list.data, since)) {
            page.next.push(Cursor::thread(thread.clone(), Some(token)));
        }
        self.take_messages(&mut page, thread.expose(), list.data);
        Ok(page)
    }

    fn messages_of(&self, thread: &str) -> Call {
        self.get(&[thread, "messages"])
            .with("fields", "id,created_time,from,message")
            .with("limit", READABLE.to_string())
    }

    fn take_messages(&self, page: &mut Page, thread: &str, messages: Vec<wire::InboxMessage>) {
        for message in messages {
            let (Some(id), Some(created_at)) = (message.id, wire::time(message.created_time.as_deref())) else {
                continue;
            };
            let text = Private::from(message.message.unwrap_or_default());
            match message.from.and_then(|from| from.id) {
                Some(author) if author == self.page => {
                    page.own.push(OwnPost {
                        id: id.into(),
                        thread: thread.into(),
                        in_reply_to: None,
                        text,
                        created_at,
                    });
                }
                author => page.messages.push(Message {
                    feed: Feed::FacebookInbox,
                    id: id.clone().into(),
                    current: id.into(),
                    thread: thread.into(),
                    barrier: author.is_none().then_some(Barrier::Unreadable),
                    author: author.map(|id| Author { id: id.into(), handle: None, is_self: false }),
                    text,
                    created_at,
                    bystanders: Vec::new(),
                }),
            }
        }
    }

    async fn tagged_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let fields = "id,created_time,from,message,comments.filter(stream).order(reverse_chronological).limit(25){id,created_time,from,message}";
        let call = self.get(&[&self.page, "tagged"]).with("fields", fields).with("limit", PAGE_SIZE);
        let list: wire::List<wire::TaggedPost> = self.call(Pool::Pages, behind(call, cursor)).await?;
        let (mut page, mut fresh, next) = (Page::default(), list.data.is_empty(), list.next_cursor());
        for post in list.data {
            let (Some(id), Some(created_at)) = (post.id, wire::time(post.created_time.as_deref())) else { continue };
            fresh |= created_at >= since;
            self.take_comments(&mut page.own, &id, post.comments.data);
            let author = post.from.and_then(|from| from.id);
            page.messages.push(Message {
                feed: Feed::FacebookMentions,
                id: id.clone().into(),
                current: id.clone().into(),
                thread: id.into(),
                author: author.map(|id| Author { is_self: id == self.page, id: id.into(), handle: None }),
                text: post.message.unwrap_or_default().into(),
                created_at,
                barrier: None,
                bystanders: Vec::new(),
            });
        }
        page.next.extend(next.filter(|_| fresh).map(Cursor::list));
        Ok(page)
    }

    /// Keeps the Page's own comments under a post.
    fn take_comments(&self, own: &mut Vec<OwnPost>, post: &str, comments: Vec<wire::Comment>) {
        for comment in comments {
            let ours = comment.from.and_then(|from| from.id).is_some_and(|id| id == self.page);
            let (true, Some(id), Some(created_at)) = (ours, comment.id, wire::time(comment.created_time.as_deref()))
            else {
                continue;
            };
            let text = comment.message.unwrap_or_default().into();
            own.push(OwnPost { id: id.into(), thread: post.into(), in_reply_to: None, text, created_at });
        }
    }

    async fn read_back_inbox(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        self.conversations.turn().await;
        let list: wire::List<wire::InboxMessage> =
            self.call(Pool::Messenger, self.messages_of(target.thread.expose())).await?;
        let oldest = list.data.iter().filter_map(|message| wire::time(message.created_time.as_deref())).min();
        // Beyond the newest 20 nothing can be read, so the view must begin before the time asked for.
        let complete =
            list.next_cursor().is_none() && list.data.len() < READABLE || oldest.is_some_and(|at| at < since);
        let mut page = Page::default();
        self.take_messages(&mut page, target.thread.expose(), list.data);
        let unreadable = page.messages.iter().any(|message| message.author.is_none() && message.created_at >= since);
        page.own.retain(|post| post.created_at >= since);
        Ok(ReadBack { posts: page.own, complete: complete && !unreadable })
    }

    async fn read_back_comments(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        let post = target.thread.expose();
        let call = self
            .get(&[post, "comments"])
            .with("filter", "stream")
            .with("order", "reverse_chronological")
            .with("since", since.as_second().to_string())
            .with("fields", "id,created_time,from,message")
            .with("limit", "100");
        let list: wire::List<wire::Comment> = self.call(Pool::Pages, call).await?;
        let complete = list.next_cursor().is_none() || !all_comments_since(&list.data, since);
        let mut posts = Vec::new();
        self.take_comments(&mut posts, post, list.data);
        posts.retain(|post| post.created_at >= since);
        Ok(ReadBack { posts, complete })
    }
}

/// The same list, behind where the last page ended.
fn behind(call: Call, cursor: Option<&Cursor>) -> Call {
    match cursor.and_then(|cursor| cursor.token.as_ref()) {
        Some(token) => call.with("after", token.as_str()),
        None => call,
    }
}

/// Whether nothing shown is older than `since`, so that what is not shown may be newer too.
fn all_since(messages: &[wire::InboxMessage], since: Timestamp) -> bool {
    messages.iter().all(|message| wire::time(message.created_time.as_deref()).is_none_or(|at| at >= since))
}

fn all_comments_since(comments: &[wire::Comment], since: Timestamp) -> bool {
    comments.iter().all(|comment| wire::time(comment.created_time.as_deref()).is_none_or(|at| at >= since))
}

#[async_trait]
impl Platform for FacebookPage {
    async fn page(&self, feed: Feed, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match (feed, cursor.and_then(|cursor| cursor.thread.as_ref().map(|thread| (thread, cursor)))) {
            (Feed::FacebookMentions, _) => self.tagged_page(since, cursor).await,
            (_, Some((thread, cursor))) => self.thread_page(thread, since, cursor).await,
            _ => self.inbox_page(since, cursor).await,
        }
    }

    fn overlap(&self, feed: Feed) -> Duration {
        match feed {
            // A conversation comes to the top with each message, so little can appear late.
            Feed::FacebookInbox => Duration::from_secs(2 * 60),
            _ => Duration::from_secs(30 * 60),
        }
    }

    async fn colleagues(&self, _feed: Feed, _since: Timestamp) -> Result<Vec<OwnPost>, Failure> {
        // Both feeds show the Page's own words beside the citizens'.
        Ok(Vec::new())
    }

    async fn post(&self, target: &Target, text: &str) -> Result<String, Failure> {
        let call = match (&target.feed, &target.author) {
            (Feed::FacebookInbox, Some(person)) => {
                let body = json!({
                    "recipient": { "id": person.expose() },
                    "messaging_type": "RESPONSE",
                    "message": { "text": text },
                });
                Call::post(self.url(&[&self.page, "messages"]), self.tokens.current(), Body::Json(body))
            }
            (Feed::FacebookInbox, None) => return Err(Failure::Refused { code: "no recipient".into() }),
            _ => {
                let body = Body::Form(vec![("message", text.to_owned())]);
                Call::post(self.url(&[target.message.expose(), "comments"]), self.tokens.current(), body)
            }
        };
        let pool = if target.feed == Feed::FacebookInbox { Pool::Messenger } else { Pool::Pages };
        let posted: wire::Posted = self.call(pool, call).await?;
        posted.message_id.or(posted.id).ok_or_else(|| errors::unreadable(true))
    }

    async fn read_back(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        match target.feed {
            Feed::FacebookInbox => self.read_back_inbox(target, since).await,
            _ => self.read_back_comments(target, since).await,
        }
    }
}
