//! One Facebook Page: its Messenger inbox, posts that tag it, and what citizens write on the Page itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tracing::warn;

use super::{
    graph::{Graph, behind},
    inbox::{Inbox, Own, private_replies_prove_themselves},
    wire,
};
use crate::{
    config::{Facebook, Folder, Word as _},
    http::{Body, Failure},
    model::{Feed, LanguageChoice, Message, OwnPost, Private, Route, Target},
    platform::{
        Cursor, Limit, Load, Page, Platform, Posted, ReadBack,
        quota::{Pool, Purpose},
        sweep,
    },
};

/// The fields of a comment.
const COMMENT: &str = "id,created_time,from,message,parent{id}";

/// So many feeds share each pool of calls: posts and comments, and the inboxes of Messenger and Instagram.
pub const FEEDS: u32 = 2;

/// One Facebook Page.
pub struct FacebookPage {
    graph: Arc<Graph>,
    page: String,
    /// The folders of the inbox that are read now and then.
    folders: Vec<Folder>,
    inbox_turns: AtomicU64,
    comment_turns: AtomicU64,
    /// Set for good once a private reply was refused without `messaging_type`.
    typed: AtomicBool,
}

impl FacebookPage {
    /// A client for the Page named in the zone's file.
    pub fn new(settings: &Facebook, graph: Arc<Graph>) -> Self {
        Self {
            graph,
            page: settings.page.clone(),
            folders: settings.folders.clone(),
            inbox_turns: AtomicU64::new(0),
            comment_turns: AtomicU64::new(0),
            typed: AtomicBool::new(false),
        }
    }

    fn inbox(&self) -> Inbox<'_> {
        Inbox {
            graph: &self.graph,
            feed: Feed::FacebookInbox,
            owner: &self.page,
            list_of: &self.page,
            platform: "messenger",
            own: Own { id: &self.page, other: None, username: None },
        }
    }

    async fn inbox_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let folder = cursor.map_or("", |cursor| cursor.list);
        match self.inbox().page(since, cursor).await {
            Ok(mut page) => {
                if cursor.is_none() {
                    let turn = self.inbox_turns.fetch_add(1, Ordering::Relaxed);
                    let folder = sweep::folder(turn, &self.folders);
                    page.next.extend(folder.map(|folder| Cursor { list: folder.word(), ..Cursor::default() }));
                }
                Ok(page)
            }
            // The names of the folders are not documented: one that the platform does not know is no failure.
            Err(Failure::Bug { code }) if !folder.is_empty() => {
                warn!(folder, code, "this folder of the inbox cannot be read");
                Ok(Page::default())
            }
            Err(failure) => Err(failure),
        }
    }

    async fn tagged_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let fields = format!(
            "id,created_time,from,message,comments.filter(stream).order(reverse_chronological).limit(25){{{COMMENT}}}"
        );
        let call = self.graph.list(&[&self.page, "tagged"], cursor).with("fields", fields);
        let list: wire::List<wire::Post> = self.graph.call(Pool::Pages, Purpose::Poll, call).await?;
        let (mut page, mut fresh, next) = (Page::default(), list.data.is_empty(), list.next_cursor());
        for mut post in list.data {
            let (Some(id), Some(created_at)) = (post.id.clone(), wire::time(post.created_time.as_deref())) else {
                continue;
            };
            fresh |= created_at >= since;
            // Below somebody else's post only our own words matter.
            let comments = std::mem::take(&mut post.comments).data;
            page.own.extend(comments.into_iter().filter_map(|comment| match self.sort(comment, &id) {
                Some(Found::Own(own)) => Some(OwnPost { thread: id.clone().into(), ..own }),
                _ => None,
            }));
            page.messages.push(self.post_as_message(Feed::FacebookMentions, &id, post, created_at));
        }
        page.next.extend(next.filter(|_| fresh).map(Cursor::list));
        Ok(page)
    }

    fn post_as_message(&self, feed: Feed, id: &str, post: wire::Post, created_at: Timestamp) -> Message {
        let author = post.from.and_then(wire::From::author).map(|mut author| {
            author.is_self = *author.id.expose() == self.page;
            author
        });
        Message {
            feed,
            id: id.into(),
            current: id.into(),
            thread: id.into(),
            post: None,
            author,
            text: post.message.unwrap_or_default().into(),
            created_at,
            barrier: None,
            bystanders: Vec::new(),
        }
    }

    /// What stands on the Page: visitors' posts and the comments below every post. A new comment does not bring an old
    /// post to the top, so a few pages are read now and then.
    async fn comments_page(&self, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let fields = format!(
            "id,created_time,from,message,comments.filter(stream).order(reverse_chronological).limit(25){{{COMMENT}}}"
        );
        let call = self.graph.list(&[&self.page, "feed"], cursor).with("fields", fields);
        let purpose = if cursor.is_some_and(|cursor| cursor.depth > 0) { Purpose::Optional } else { Purpose::Poll };
        let list: wire::List<wire::Post> = self.graph.call(Pool::Pages, purpose, call).await?;
        let (mut page, mut fresh, next) = (Page::default(), false, list.next_cursor());
        for mut post in list.data {
            let (Some(id), Some(created_at)) = (post.id.clone(), wire::time(post.created_time.as_deref())) else {
                continue;
            };
            fresh |= created_at >= since;
            // What others wrote elsewhere and only tags the Page belongs to the mentions.
            if id.split_once('_').is_some_and(|(owner, _)| owner != self.page) {
                continue;
            }
            let comments = std::mem::take(&mut post.comments);
            // More may stand behind what the list shows.
            if comments.next_cursor().is_some() && all_since(&comments.data, since) {
                page.next.push(Cursor::thread(id.clone().into(), None));
            }
            self.take(&mut page, comments.data, &id);
            let message = self.post_as_message(Feed::FacebookComments, &id, post, created_at);
            if !message.author.as_ref().is_some_and(|author| author.is_self) {
                page.messages.push(message);
            }
        }
        let here = cursor.cloned().unwrap_or_else(|| sweep::start(self.comment_turns.fetch_add(1, Ordering::Relaxed)));
        page.next.extend(next.filter(|_| fresh || sweep::goes_on(&here)).map(|token| here.behind(token)));
        Ok(page)
    }

    /// Reads the comments below one post further back than the list shows.
    async fn post_page(&self, post: &Private<String>, since: Timestamp, cursor: &Cursor) -> Result<Page, Failure> {
        let list = self.comments_of(post.expose(), since, Purpose::Poll, Some(cursor)).await?;
        let (mut page, next) = (Page::default(), list.next_cursor());
        page.next.extend(next.filter(|_| all_since(&list.data, since)).map(|token| cursor.behind(token)));
        self.take(&mut page, list.data, post.expose());
        Ok(page)
    }

    async fn comments_of(
        &self,
        post: &str,
        since: Timestamp,
        purpose: Purpose,
        cursor: Option<&Cursor>,
    ) -> Result<wire::List<wire::Comment>, Failure> {
        let call = self
            .graph
            .get(&[post, "comments"])
            .with("filter", "stream")
            .with("order", "reverse_chronological")
            .with("since", since.as_second().to_string())
            .with("fields", COMMENT)
            .with("limit", "100");
        self.graph.call(Pool::Pages, purpose, behind(call, cursor)).await
    }

    fn take(&self, page: &mut Page, comments: Vec<wire::Comment>, post: &str) {
        for comment in comments {
            match self.sort(comment, post) {
                Some(Found::Own(own)) => page.own.push(own),
                Some(Found::Citizen(message)) => page.messages.push(message),
                None => {}
            }
        }
    }

    /// Whose comment is it? A comment and the replies to it are one conversation.
    fn sort(&self, comment: wire::Comment, post: &str) -> Option<Found> {
        let (id, created_at) = (comment.id?, wire::time(comment.created_time.as_deref())?);
        let text = comment.message.unwrap_or_default().into();
        let parent = comment.parent.and_then(|parent| parent.id);
        let author = comment.from.and_then(wire::From::author);
        if author.as_ref().is_some_and(|author| *author.id.expose() == self.page) {
            let thread = parent.unwrap_or_else(|| post.to_owned()).into();
            return Some(Found::Own(OwnPost { id: id.into(), thread, in_reply_to: None, to: None, text, created_at }));
        }
        Some(Found::Citizen(Message {
            feed: Feed::FacebookComments,
            thread: parent.unwrap_or_else(|| id.clone()).into(),
            id: id.clone().into(),
            current: id.into(),
            post: Some(post.into()),
            author,
            text,
            created_at,
            barrier: None,
            bystanders: Vec::new(),
        }))
    }

    async fn read_back_comments(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        let thread = target.thread.expose();
        let list = self.comments_of(thread, since, Purpose::ReadBack, None).await?;
        let dated =
            |comment: &wire::Comment| comment.id.is_some() && wire::time(comment.created_time.as_deref()).is_some();
        let whole = list.whole && list.data.iter().all(dated);
        let complete = whole && (list.next_cursor().is_none() || !all_since(&list.data, since));
        let own = list.data.into_iter().filter_map(|comment| match self.sort(comment, thread)? {
            Found::Own(own) => Some(OwnPost { thread: target.thread.clone(), ..own }),
            Found::Citizen(_) => None,
        });
        Ok(ReadBack { posts: own.filter(|post| post.created_at >= since).collect(), complete })
    }

    async fn comment(&self, target: &Target, text: &str) -> Result<Posted, Failure> {
        let body = Body::Form(vec![("message", text.to_owned())]);
        let call = self.graph.post(&[target.message.expose(), "comments"], body);
        let posted: wire::Sent = self.graph.call(Pool::Pages, Purpose::Send, call).await?;
        let id = posted.id.ok_or_else(|| Failure::unreadable(true))?;
        Ok(Posted { id, recipient: None })
    }

    async fn send_privately(&self, target: &Target, text: &str) -> Result<Posted, Failure> {
        let typed = self.typed.load(Ordering::Relaxed);
        match self.inbox().send_privately(target, text, typed).await {
            // A refusal of the parameter is not a refusal of the reply; nothing was sent.
            Err(Failure::Bug { .. }) if !typed => {
                let sent = self.inbox().send_privately(target, text, true).await?;
                self.typed.store(true, Ordering::Relaxed);
                Ok(sent)
            }
            other => other,
        }
    }
}

/// A comment, by who wrote it.
enum Found {
    Own(OwnPost),
    Citizen(Message),
}

/// Whether nothing shown is older than `since`, so that what is not shown may be newer too.
fn all_since(comments: &[wire::Comment], since: Timestamp) -> bool {
    comments.iter().all(|comment| wire::time(comment.created_time.as_deref()).is_none_or(|at| at >= since))
}

#[async_trait]
impl Platform for FacebookPage {
    async fn page(&self, feed: Feed, since: Timestamp, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let branch = cursor.and_then(|cursor| Some((cursor.thread.as_ref()?, cursor)));
        let (depth, in_folder) = cursor.map_or((0, false), |cursor| (cursor.depth, !cursor.list.is_empty()));
        match (feed, branch) {
            (Feed::FacebookMentions, _) => self.tagged_page(since, cursor).await,
            (Feed::FacebookComments, Some((post, cursor))) => self.post_page(post, since, cursor).await,
            (Feed::FacebookComments, None) if depth > 0 => sweep::spared(self.comments_page(since, cursor).await),
            (Feed::FacebookComments, None) => self.comments_page(since, cursor).await,
            _ if in_folder => sweep::spared(self.inbox_page(since, cursor).await),
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

    fn load(&self, feed: Feed) -> Load {
        self.graph.load(if feed == Feed::FacebookInbox { Pool::Messenger } else { Pool::Pages }, FEEDS)
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
        // Every feed shows the Page's own words beside the citizens'.
        Ok(Vec::new())
    }

    async fn post(&self, target: &Target, text: &str, _languages: &LanguageChoice) -> Result<Posted, Failure> {
        match (target.feed, target.route) {
            (Feed::FacebookInbox, _) => self.inbox().send(target, text).await,
            (_, Route::Private) => self.send_privately(target, text).await,
            (_, Route::Direct) => self.comment(target, text).await,
        }
    }

    async fn read_back(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        match (target.feed, target.route) {
            (Feed::FacebookInbox, _) => self.inbox().read_back(target, since).await,
            (_, Route::Private) => Ok(private_replies_prove_themselves()),
            (_, Route::Direct) => self.read_back_comments(target, since).await,
        }
    }
}
