//! Conversations through the Graph API: Messenger's and Instagram's are read and answered alike.

use jiff::Timestamp;
use serde_json::json;

use super::{
    graph::{Graph, LONG_PAGE, PAGE_SIZE, behind},
    wire,
};
use crate::{
    http::{Body, Call, Failure},
    model::{Author, Barrier, Feed, Message, OwnPost, Private, Target},
    platform::{
        Cursor, Page, Posted, ReadBack,
        quota::{Pool, Purpose},
    },
};

/// Messages asked for with each conversation.
const NESTED: usize = 10;
/// Only the newest 20 messages of a conversation have readable content.
const READABLE: usize = 20;

/// One account's conversations.
pub struct Inbox<'a> {
    pub graph: &'a Graph,
    pub feed: Feed,
    /// Whose conversations are listed, and who sends: the Page, or the account with its own login.
    pub owner: &'a str,
    /// Whose list is asked for: the owner's, or `me`.
    pub list_of: &'a str,
    /// What Meta calls the platform.
    pub platform: &'static str,
    /// Who we are there.
    pub own: Own<'a>,
}

impl Inbox<'_> {
    /// A page of the list, of one of its folders, or of one conversation.
    pub async fn page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        match cursor.and_then(|cursor| Some((cursor.thread.as_ref()?, cursor))) {
            Some((thread, cursor)) => self.thread_page(thread, since, cursor).await,
            None => self.list_page(since, cursor).await,
        }
    }

    async fn list_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let folder = cursor.map_or("", |cursor| cursor.list);
        let list = self.list(folder, cursor).await?;
        let (mut page, mut fresh, next) = (Page::default(), list.data.is_empty(), list.next_cursor());
        for conversation in list.data {
            fresh |= wire::time(conversation.updated_time.as_deref()).is_none_or(|at| at >= since);
            let Some(thread) = conversation.id else { continue };
            // More may stand behind what the list shows.
            let cut = conversation.messages.next_cursor().is_some() && all_since(&conversation.messages.data, since);
            self.take(&mut page, &thread, conversation.messages.data);
            if cut {
                page.next.push(Cursor::thread(thread.into(), None));
            }
        }
        let here = Cursor { list: folder, ..Cursor::default() };
        page.next.extend(next.filter(|_| fresh).map(|token| here.behind(token)));
        Ok(page)
    }

    /// The conversations of one page: few on the first one, which is asked for again and again; many on those after it,
    /// which are only read when many people write. A page that is called too much is asked for again with fewer.
    async fn list(&self, folder: &str, cursor: Option<&Cursor>) -> Result<wire::List<wire::Conversation>, Failure> {
        let fields = format!("id,updated_time,messages.limit({NESTED}){{id,created_time,from,message}}");
        let purpose = if folder.is_empty() { Purpose::Poll } else { Purpose::Optional };
        let wanted = if cursor.is_some_and(|cursor| cursor.depth > 0) { LONG_PAGE } else { PAGE_SIZE };
        let mut size = self.graph.size(wanted);
        loop {
            let call = self.graph.list_of(&[self.list_of, "conversations"], cursor, size);
            let mut call = call.with("platform", self.platform).with("fields", &fields);
            if !folder.is_empty() {
                call = call.with("folder", folder);
            }
            self.graph.conversation_turn().await;
            let list = self.graph.call(Pool::Messenger, purpose, call).await;
            let fewer = self.graph.size(wanted);
            if list.is_ok() || fewer >= size {
                return list;
            }
            size = fewer;
        }
    }

    /// Reads one conversation further back than the list shows.
    async fn thread_page(&self, thread: &Private<String>, since: Timestamp, cursor: &Cursor) -> Result<Page, Failure> {
        self.graph.conversation_turn().await;
        let call = behind(self.messages_of(thread.expose()), Some(cursor));
        let list: wire::List<wire::InboxMessage> = self.graph.call(Pool::Messenger, Purpose::Poll, call).await?;
        let (mut page, next) = (Page::default(), list.next_cursor());
        if let Some(token) = next.filter(|_| all_since(&list.data, since)) {
            page.next.push(Cursor::thread(thread.clone(), Some(token)));
        }
        self.take(&mut page, thread.expose(), list.data);
        Ok(page)
    }

    fn messages_of(&self, thread: &str) -> Call {
        self.graph
            .get(&[thread, "messages"])
            .with("fields", "id,created_time,from,message")
            .with("limit", READABLE.to_string())
    }

    fn take(&self, page: &mut Page, thread: &str, messages: Vec<wire::InboxMessage>) {
        for message in messages {
            let (Some(id), Some(created_at)) = (message.id, wire::time(message.created_time.as_deref())) else {
                continue;
            };
            let text = Private::from(message.message.unwrap_or_default());
            match message.from.and_then(wire::From::author) {
                Some(author) if self.own.is(&author) => {
                    page.own.push(OwnPost {
                        id: id.into(),
                        thread: thread.into(),
                        in_reply_to: None,
                        to: None,
                        text,
                        created_at,
                    });
                }
                author => page.messages.push(Message {
                    feed: self.feed,
                    id: id.clone().into(),
                    current: id.into(),
                    thread: thread.into(),
                    post: None,
                    barrier: author.is_none().then_some(Barrier::Unreadable),
                    author,
                    text,
                    created_at,
                    bystanders: Vec::new(),
                }),
            }
        }
    }

    /// Answers in a conversation.
    pub async fn send(&self, target: &Target, text: &str) -> Result<Posted, Failure> {
        let Some(person) = &target.author else { return Err(Failure::Refused { code: "no recipient".into() }) };
        let mut body = json!({ "recipient": { "id": person.expose() }, "message": { "text": text } });
        if self.feed == Feed::FacebookInbox {
            body["messaging_type"] = json!("RESPONSE");
        }
        self.post(body).await
    }

    /// Answers something public in private. `typed` sends `messaging_type`, which not every reading of the documents
    /// wants here (two-sided).
    pub async fn send_privately(&self, target: &Target, text: &str, typed: bool) -> Result<Posted, Failure> {
        let what = if target.post.is_some() { "comment_id" } else { "post_id" };
        let mut body = json!({ "recipient": { what: target.message.expose() }, "message": { "text": text } });
        if typed {
            body["messaging_type"] = json!("RESPONSE");
        }
        self.post(body).await
    }

    async fn post(&self, body: serde_json::Value) -> Result<Posted, Failure> {
        let call = self.graph.post(&[self.owner, "messages"], Body::Json(body));
        let sent: wire::Sent = self.graph.call(Pool::Messenger, Purpose::Send, call).await?;
        let id = sent.message_id.or(sent.id).ok_or_else(|| Failure::unreadable(true))?;
        Ok(Posted { id, recipient: sent.recipient_id.map(Private::from) })
    }

    /// What our account wrote in a conversation since a time.
    pub async fn read_back(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        self.graph.conversation_turn().await;
        let thread = target.thread.expose();
        let list: wire::List<wire::InboxMessage> =
            self.graph.call(Pool::Messenger, Purpose::ReadBack, self.messages_of(thread)).await?;
        let oldest = list.data.iter().filter_map(|message| wire::time(message.created_time.as_deref())).min();
        // Beyond the newest 20 nothing can be read, so the view must begin before the time asked for.
        let complete =
            list.next_cursor().is_none() && list.data.len() < READABLE || oldest.is_some_and(|at| at < since);
        let (mut page, whole, shown) = (Page::default(), list.whole, list.data.len());
        self.take(&mut page, thread, list.data);
        let whole = whole && page.own.len() + page.messages.len() == shown;
        let unreadable = page.messages.iter().any(|message| message.author.is_none() && message.created_at >= since);
        page.own.retain(|post| post.created_at >= since);
        Ok(ReadBack { posts: page.own, complete: complete && whole && !unreadable })
    }
}

/// The names under which our own account appears as an author.
#[derive(Clone, Copy)]
pub struct Own<'a> {
    /// The id in the zone's file.
    pub id: &'a str,
    /// The Page's id behind an Instagram account, or another id of the same account.
    pub other: Option<&'a str>,
    /// The user name, on Instagram.
    pub username: Option<&'a str>,
}

impl Own<'_> {
    /// Whether it is us.
    pub fn is(&self, author: &Author) -> bool {
        let id = author.id.expose();
        let named = author.handle.as_ref().is_some_and(|handle| Some(handle.expose().as_str()) == self.username);
        id == self.id || Some(id.as_str()) == self.other || named
    }
}

/// Whether nothing shown is older than `since`, so that what is not shown may be newer too.
fn all_since(messages: &[wire::InboxMessage], since: Timestamp) -> bool {
    messages.iter().all(|message| wire::time(message.created_time.as_deref()).is_none_or(|at| at >= since))
}

/// What our account privately answered to something public cannot be looked for there; but the platform takes one such
/// answer only and says so at the second try (10900), which is as good as a look.
pub const fn private_replies_prove_themselves() -> ReadBack {
    ReadBack { posts: Vec::new(), complete: true }
}
