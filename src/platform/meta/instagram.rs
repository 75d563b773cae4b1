//! One Instagram professional account: its conversations, comments under its media, and media that tag it.
//!
//! It is reached through the Page that it is linked to, or with its own login; the edges are the same.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::{
    facebook::FEEDS,
    graph::{Graph, behind},
    inbox::{Inbox, Own, private_replies_prove_themselves},
    wire,
};
use crate::{
    config::{Instagram, InstagramLogin},
    http::{Body, Failure},
    model::{Author, Barrier, Feed, LanguageChoice, Message, OwnPost, Private, Route, Target},
    platform::{
        Cursor, Limit, Load, Page, Platform, Posted, ReadBack,
        quota::{Pool, Purpose},
        sweep,
    },
};

/// The fields of a comment and of the replies below it, which no list shows by themselves.
const COMMENT: &str =
    "id,text,timestamp,username,from{id,username},hidden,replies{id,text,timestamp,username,from{id,username},hidden}";
/// Comments asked for at once, the most there is.
const COMMENTS: &str = "50";

/// One Instagram account.
pub struct InstagramAccount {
    graph: Arc<Graph>,
    account: String,
    /// The Page behind which the account is reached, unless it has its own login.
    page: Option<String>,
    comment_turns: AtomicU64,
    /// What the platform says of our account, asked for when it is needed.
    profile: OnceCell<wire::Profile>,
}

impl InstagramAccount {
    /// A client for the account named in the zone's file.
    pub fn new(settings: &Instagram, graph: Arc<Graph>) -> Self {
        Self {
            graph,
            account: settings.account.clone(),
            page: settings.page.clone().filter(|_| settings.login == InstagramLogin::Facebook),
            comment_turns: AtomicU64::new(0),
            profile: OnceCell::new(),
        }
    }

    fn inbox<'a>(&'a self, own: Own<'a>) -> Inbox<'a> {
        let page = self.page.as_deref();
        Inbox {
            graph: &self.graph,
            feed: Feed::InstagramInbox,
            owner: page.unwrap_or(&self.account),
            list_of: page.unwrap_or("me"),
            platform: "instagram",
            own,
        }
    }

    /// Who we are, as the zone's file says it.
    fn by_file(&self) -> Own<'_> {
        Own { id: &self.account, other: self.page.as_deref(), username: None }
    }

    /// Who we are, with what the platform says besides; without that if it says nothing.
    async fn own(&self) -> Own<'_> {
        let ask = || async {
            let (whose, fields) =
                if self.page.is_some() { (self.account.as_str(), "username") } else { ("me", "id,user_id,username") };
            self.graph
                .call::<wire::Profile>(Pool::Instagram, Purpose::Poll, self.graph.get(&[whose]).with("fields", fields))
                .await
        };
        let Ok(profile) = self.profile.get_or_try_init(ask).await else { return self.by_file() };
        let other = [&profile.id, &profile.user_id].into_iter().flatten().find(|id| **id != self.account);
        Own {
            id: &self.account,
            other: self.page.as_ref().or(other).map(String::as_str),
            username: profile.username.as_deref(),
        }
    }

    /// Who we are among the authors of these comments: our name is asked for only where an author has no id.
    async fn own_among(&self, comments: &[wire::MediaComment]) -> Own<'_> {
        let known = |comment: &wire::MediaComment| comment.from.as_ref().is_some_and(|from| from.id.is_some());
        let all = comments.iter().all(|comment| known(comment) && comment.replies.data.iter().all(known));
        if all { self.by_file() } else { self.own().await }
    }

    async fn comments_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let call = self
            .graph
            .list(&[&self.account, "media"], cursor)
            .with("fields", format!("id,timestamp,comments.limit({COMMENTS}){{{COMMENT}}}"));
        let purpose = if cursor.is_some_and(|cursor| cursor.depth > 0) { Purpose::Optional } else { Purpose::Poll };
        let list: wire::List<wire::Media> = self.graph.call(Pool::Instagram, purpose, call).await?;
        let (mut page, next) = (Page::default(), list.next_cursor());
        for medium in list.data {
            let Some(id) = medium.id else { continue };
            if medium.comments.next_cursor().is_some() && all_since(&medium.comments.data, since) {
                page.next.push(Cursor::thread(id.clone().into(), None));
            }
            let own = self.own_among(&medium.comments.data).await;
            take(&mut page, medium.comments.data, &id, own);
        }
        let here = cursor.cloned().unwrap_or_else(|| sweep::start(self.comment_turns.fetch_add(1, Ordering::Relaxed)));
        page.next.extend(next.filter(|_| sweep::goes_on(&here)).map(|token| here.behind(token)));
        Ok(page)
    }

    /// Reads the comments below one medium further back than the list shows.
    async fn medium_page(&self, medium: &Private<String>, since: Timestamp, cursor: &Cursor) -> Result<Page, Failure> {
        let call = self.graph.get(&[medium.expose(), "comments"]).with("fields", COMMENT).with("limit", COMMENTS);
        let list: wire::List<wire::MediaComment> =
            self.graph.call(Pool::Instagram, Purpose::Poll, behind(call, Some(cursor))).await?;
        let (mut page, next) = (Page::default(), list.next_cursor());
        page.next.extend(next.filter(|_| all_since(&list.data, since)).map(|token| cursor.behind(token)));
        let own = self.own_among(&list.data).await;
        take(&mut page, list.data, medium.expose(), own);
        Ok(page)
    }

    /// Media that tag us: counted, since nothing can be posted there.
    async fn tags_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let call = self.graph.list(&[&self.account, "tags"], cursor).with("fields", "id,caption,username,timestamp");
        let list: wire::List<wire::Media> = self.graph.call(Pool::Instagram, Purpose::Poll, call).await?;
        let (mut page, after) = (Page::default(), list.after());
        let mut fresh = false;
        for medium in list.data {
            let (Some(id), Some(created_at)) = (medium.id, wire::time(medium.timestamp.as_deref())) else { continue };
            fresh |= created_at >= since;
            page.messages.push(Message {
                feed: Feed::InstagramMentions,
                id: id.clone().into(),
                current: id.clone().into(),
                thread: id.into(),
                post: None,
                author: named(medium.username),
                text: medium.caption.unwrap_or_default().into(),
                created_at,
                barrier: Some(Barrier::NoWay),
                bystanders: Vec::new(),
            });
        }
        page.next.extend(after.filter(|_| fresh).map(Cursor::list));
        Ok(page)
    }

    async fn reply(&self, target: &Target, text: &str) -> Result<Posted, Failure> {
        let body = Body::Form(vec![("message", text.to_owned())]);
        let call = self.graph.post(&[target.message.expose(), "replies"], body);
        let posted: wire::Sent = self.graph.call(Pool::Instagram, Purpose::Send, call).await?;
        let id = posted.id.ok_or_else(|| Failure::unreadable(true))?;
        Ok(Posted { id, recipient: None })
    }

    async fn read_back_replies(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        let thread = target.thread.expose();
        let call = self.graph.get(&[thread]).with("fields", COMMENT);
        let comment: wire::MediaComment = self.graph.call(Pool::Instagram, Purpose::ReadBack, call).await?;
        let dated = |reply: &wire::MediaComment| reply.id.is_some() && wire::time(reply.timestamp.as_deref()).is_some();
        // A comment without replies shows no list of them; an answer without an id is no comment.
        let whole = comment.id.is_some() && comment.replies.whole && comment.replies.data.iter().all(dated);
        let complete = whole && comment.replies.next_cursor().is_none();
        let own = self.own_among(&comment.replies.data).await;
        let own = comment.replies.data.into_iter().filter_map(|reply| match sort(reply, thread, thread, own)? {
            Found::Own(own) => Some(own),
            Found::Citizen(_) => None,
        });
        Ok(ReadBack { posts: own.filter(|post| post.created_at >= since).collect(), complete })
    }
}

/// A comment, by who wrote it.
enum Found {
    Own(OwnPost),
    Citizen(Message),
}

/// Sorts comments and the replies below them: ours, or a citizen's.
fn take(page: &mut Page, comments: Vec<wire::MediaComment>, medium: &str, own: Own<'_>) {
    for mut comment in comments {
        let replies = std::mem::take(&mut comment.replies).data;
        let Some(thread) = comment.id.clone() else { continue };
        for comment in [comment].into_iter().chain(replies) {
            match sort(comment, &thread, medium, own) {
                Some(Found::Own(own)) => page.own.push(own),
                Some(Found::Citizen(message)) => page.messages.push(message),
                None => {}
            }
        }
    }
}

/// Whose comment is it? A comment and the replies to it are one conversation.
fn sort(comment: wire::MediaComment, thread: &str, medium: &str, own: Own<'_>) -> Option<Found> {
    let (id, created_at) = (comment.id?, wire::time(comment.timestamp.as_deref())?);
    let text = comment.text.unwrap_or_default().into();
    let named = named(comment.username);
    let author = comment.from.and_then(wire::From::author).map_or(named.clone(), |author| {
        Some(Author { handle: author.handle.or_else(|| named.and_then(|named| named.handle)), ..author })
    });
    if author.as_ref().is_some_and(|author| own.is(author)) {
        // Our own comment starts a conversation; our reply to somebody takes part in one.
        return Some(Found::Own(OwnPost {
            id: id.into(),
            thread: thread.into(),
            in_reply_to: None,
            to: None,
            text,
            created_at,
        }));
    }
    Some(Found::Citizen(Message {
        feed: Feed::InstagramComments,
        id: id.clone().into(),
        current: id.into(),
        thread: thread.into(),
        post: Some(medium.into()),
        author,
        text,
        created_at,
        // No reply can stand below a hidden comment.
        barrier: comment.hidden.unwrap_or(false).then_some(Barrier::RepliesClosed),
        bystanders: Vec::new(),
    }))
}

/// An author of whom only the user name is shown.
fn named(username: Option<String>) -> Option<Author> {
    let name = Private::from(username?);
    Some(Author { id: name.clone(), handle: Some(name), is_self: false })
}

/// Whether nothing shown is older than `since`, so that what is not shown may be newer too.
fn all_since(comments: &[wire::MediaComment], since: Timestamp) -> bool {
    comments.iter().all(|comment| wire::time(comment.timestamp.as_deref()).is_none_or(|at| at >= since))
}

#[async_trait]
impl Platform for InstagramAccount {
    async fn page(&self, feed: Feed, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let branch = cursor.and_then(|cursor| Some((cursor.thread.as_ref()?, cursor)));
        match (feed, branch) {
            (Feed::InstagramComments, Some((medium, cursor))) => self.medium_page(medium, since, cursor).await,
            (Feed::InstagramComments, None) if cursor.is_some() => {
                sweep::spared(self.comments_page(since, cursor).await)
            }
            (Feed::InstagramComments, None) => self.comments_page(since, cursor).await,
            (Feed::InstagramMentions, _) => self.tags_page(since, cursor).await,
            // With its own login the account writes under an id that the file may not name.
            _ => {
                let own = if self.page.is_some() { self.by_file() } else { self.own().await };
                self.inbox(own).page(since, cursor).await
            }
        }
    }

    fn overlap(&self, feed: Feed) -> Duration {
        match feed {
            Feed::InstagramInbox => Duration::from_secs(2 * 60),
            _ => Duration::from_secs(30 * 60),
        }
    }

    fn load(&self, feed: Feed) -> Load {
        self.graph.load(if feed == Feed::InstagramInbox { Pool::Messenger } else { Pool::Instagram }, FEEDS)
    }

    fn note(&self) -> &'static str {
        self.graph.note()
    }

    fn to_keep(&self) -> Option<(&'static str, String)> {
        self.graph.to_keep()
    }

    fn take_up(&self, note: Option<&str>) {
        self.graph.take_up(note);
    }

    fn limits(&self) -> Vec<Limit> {
        self.graph.limits()
    }

    async fn colleagues(&self, _feed: Feed, _since: Timestamp) -> Result<Vec<OwnPost>, Failure> {
        // Every feed that can be answered shows our own words beside the citizens'.
        Ok(Vec::new())
    }

    async fn post(&self, target: &Target, text: &str, _languages: &LanguageChoice) -> Result<Posted, Failure> {
        match (target.feed, target.route) {
            (Feed::InstagramInbox, _) => self.inbox(self.by_file()).send(target, text).await,
            (_, Route::Private) => self.inbox(self.by_file()).send_privately(target, text, false).await,
            (_, Route::Direct) => self.reply(target, text).await,
        }
    }

    async fn read_back(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        match (target.feed, target.route) {
            (Feed::InstagramInbox, _) => {
                let own = if self.page.is_some() { self.by_file() } else { self.own().await };
                self.inbox(own).read_back(target, since).await
            }
            (_, Route::Private) => Ok(private_replies_prove_themselves()),
            (_, Route::Direct) => self.read_back_replies(target, since).await,
        }
    }
}
