//! Messages, through the account's server to the chat server. Nobody else runs one, so that nothing here could be tried
//! (`docs/UNVERIFIED.md`): the feed is off until a zone's file switches it on.

use jiff::Timestamp;
use serde_json::json;

use super::{
    client::{BlueskyAccount, PAGE, behind},
    wire::{self, ChatMessage, Conversation},
};
use crate::{
    http::{Call, Failure},
    model::{Author, Barrier, Feed, Message, OwnPost, Target},
    platform::{Cursor, Page, Posted, ReadBack, readable_items},
};

/// The chat server, as the header names it.
const CHAT: &str = "did:web:api.bsky.chat#bsky_chat";
/// The word for a group: a conversation of more than two, or one that is called so.
const GROUP: &str = "group";
/// A conversation is read back for so many pages.
const MOST_PAGES: usize = 20;

impl BlueskyAccount {
    /// The conversations in which something was written since `since`, or one of them.
    pub(super) async fn inbox_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let token = cursor.and_then(|cursor| cursor.token.as_deref());
        let Some((cursor, convo)) = cursor.and_then(|cursor| Some((cursor, cursor.thread.as_ref()?))) else {
            return self.conversations(since, token).await;
        };
        let view = self.messages(convo.expose(), token, since).await?;
        let mut page = Page { own: view.own, ..Page::default() };
        page.messages = view.messages;
        if cursor.list == GROUP {
            page.messages.iter_mut().for_each(|message| message.barrier = Some(Barrier::Group));
        }
        page.next.extend(view.next.map(|next| cursor.behind(next)));
        Ok(page)
    }

    async fn conversations(&self, since: Timestamp, token: Option<&str>) -> Result<Page, Failure> {
        let call = chat(self.query("chat.bsky.convo.listConvos")).with("limit", PAGE);
        let list: wire::Conversations = self.call(behind(call, token)).await?;
        let (convos, _) = readable_items::<Conversation>(list.convos);
        let written = |convo: &Conversation| wire::time(convo.last_message.as_ref()?.sent_at.as_deref());
        // One without a time is read; it may be anything.
        let (new, old): (Vec<_>, Vec<_>) =
            convos.into_iter().partition(|convo| written(convo).is_none_or(|at| at >= since));
        let mut page = Page::default();
        page.next.extend(new.into_iter().map(|convo| {
            let list = if is_group(&convo) { GROUP } else { "" };
            Cursor { list, ..Cursor::thread(convo.id.into(), None) }
        }));
        page.next.extend(list.cursor.filter(|_| old.is_empty()).map(Cursor::list));
        Ok(page)
    }

    async fn messages(&self, convo: &str, token: Option<&str>, since: Timestamp) -> Result<View, Failure> {
        let me = self.me().await?;
        let call = chat(self.query("chat.bsky.convo.getMessages")).with("convoId", convo).with("limit", PAGE);
        let list: wire::ChatMessages = self.call(behind(call, token)).await?;
        let (items, whole) = readable_items::<ChatMessage>(list.messages);
        let mut view = View { whole, ..View::default() };
        let mut reached = false;
        for item in items {
            let (Some(id), Some(created_at)) = (item.id.clone(), wire::time(item.sent_at.as_deref())) else {
                view.whole = false;
                continue;
            };
            reached |= created_at < since;
            view.take(me, convo, &id, item, created_at);
        }
        view.next = list.cursor.filter(|_| !reached);
        Ok(view)
    }

    /// Sends a message, once. The chat server takes no key by which it would know a second one.
    pub(super) async fn send_message(&self, target: &Target, text: &str) -> Result<Posted, Failure> {
        let body = json!({ "convoId": target.thread.expose(), "message": { "text": text } });
        let sent: ChatMessage = self.call(chat(self.procedure("chat.bsky.convo.sendMessage", body))).await?;
        let id = sent.id.ok_or_else(|| Failure::unreadable(true))?;
        Ok(Posted { id, recipient: None })
    }

    /// What our account wrote in a conversation since `since`.
    pub(super) async fn own_messages(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        let (mut posts, mut token, mut whole) = (Vec::new(), None, true);
        for _ in 0..MOST_PAGES {
            let view = self.messages(target.thread.expose(), token.as_deref(), since).await?;
            whole &= view.whole;
            posts.extend(view.own.into_iter().filter(|post| post.created_at >= since));
            match view.next {
                Some(next) => token = Some(next),
                None => return Ok(ReadBack { posts, complete: whole }),
            }
        }
        Ok(ReadBack { posts, complete: false })
    }
}

/// Older answers do not say of which kind a conversation is (`platforms/bluesky.md` 5).
fn is_group(convo: &Conversation) -> bool {
    let kind = convo.kind["$type"].as_str();
    convo.members.len() > 2 || kind.is_some_and(|kind| !kind.ends_with("#directConvo"))
}

/// A call that the account's server passes on to the chat server.
fn chat(call: Call) -> Call {
    call.with_header("atproto-proxy", CHAT)
}

/// A page of one conversation.
#[derive(Default)]
struct View {
    messages: Vec<Message>,
    own: Vec<OwnPost>,
    next: Option<String>,
    /// Whether every item could be read. One of ours that a colleague deleted cannot, and it may be the one that is looked for.
    whole: bool,
}

impl View {
    fn take(&mut self, me: &str, convo: &str, id: &str, item: ChatMessage, created_at: Timestamp) {
        let sender = item.sender.and_then(|sender| sender.did);
        let (id, thread, text) = (id.to_owned(), convo.to_owned().into(), item.text.into());
        let written = item.kind.as_deref().is_none_or(|kind| kind.ends_with("#messageView"));
        if sender.as_deref() == Some(me) {
            self.whole &= written;
            let (in_reply_to, to) = (None, None);
            self.own.push(OwnPost { id: id.into(), thread, in_reply_to, to, text, created_at });
            return;
        }
        let barrier = match &sender {
            _ if !written => Some(Barrier::NotAMessage),
            None => Some(Barrier::Unreadable),
            Some(_) => None,
        };
        self.messages.push(Message {
            feed: Feed::BlueskyInbox,
            id: id.clone().into(),
            current: id.into(),
            thread,
            post: None,
            author: sender.map(|did| Author { id: did.into(), handle: None, is_self: false }),
            text,
            created_at,
            barrier,
            bystanders: Vec::new(),
        });
    }
}
