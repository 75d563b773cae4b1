//! The state of both platforms: who exists, what was written, what was asked.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::control::Flags;
use super::fault::Fault;
use super::graph::Grants;
use super::meter::Meters;
use super::people::People;
use super::settings::Settings;
use super::time::SNOWFLAKE_EPOCH;
use super::wire::Call;
use super::{Clock, Setup};

/// The longest request log that is kept; older entries are forgotten first.
const LOG_LIMIT: usize = 10_000;

/// Where a message was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Feed {
    /// Messages to the Page.
    #[serde(rename = "facebook.inbox")]
    FacebookInbox,
    /// Posts that tag the Page, and the posts of the Page itself.
    #[serde(rename = "facebook.mentions")]
    FacebookMentions,
    /// Comments below posts.
    #[serde(rename = "facebook.comments")]
    FacebookComments,
    /// Public posts of X.
    #[serde(rename = "x.mentions")]
    XMentions,
    /// Direct messages of X.
    #[serde(rename = "x.inbox")]
    XInbox,
    /// Direct messages of Instagram.
    #[serde(rename = "instagram.inbox")]
    InstagramInbox,
    /// Comments below the zone's media on Instagram, and those media.
    #[serde(rename = "instagram.comments")]
    InstagramComments,
    /// Media of others that tag the zone on Instagram.
    #[serde(rename = "instagram.mentions")]
    InstagramMentions,
}

impl Feed {
    /// True where nobody but the zone and one person can read.
    #[must_use]
    pub fn is_private(self) -> bool {
        matches!(self, Self::FacebookInbox | Self::InstagramInbox | Self::XInbox)
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Somebody writing to the zone, or beside it.
    Citizen,
    /// A human of the zone, through the control API.
    Colleague,
    /// The service under rehearsal, through a platform's API.
    Service,
    /// The zone itself, before this world was opened.
    Old,
}

/// A person with an account on every platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Citizen {
    pub name: String,
    pub handle: String,
    /// The page-scoped id on Facebook.
    pub psid: String,
    /// The id under which a post or comment shows its author on Facebook, where it is not the page-scoped one.
    pub facebook_id: String,
    /// The id on Instagram, as the zone's account sees it; the handle is his user name there.
    pub igsid: String,
    pub x_id: String,
}

/// An X mention inside a text; positions count code points.
#[derive(Clone, Debug)]
pub struct Mention {
    pub start: usize,
    pub end: usize,
    /// The id that the platform shows.
    pub id: String,
    pub handle: String,
}

/// One thing written by anybody on either platform.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// The id that the platform shows.
    pub id: String,
    /// Where it was written.
    pub feed: Feed,
    /// The conversation, or the post at its root.
    pub thread_id: String,
    /// The author's id on that platform.
    pub author_id: String,
    /// The author's name.
    pub author: String,
    /// On whose behalf.
    pub by: By,
    /// The whole text.
    pub text: String,
    /// The time the platform shows, unix milliseconds.
    pub at: i64,
    /// The time this world learned of it, unix milliseconds.
    pub received: i64,
    /// What it answers: a message, a post or a comment. For an inbox, the citizen's newest message at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// The post that it quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes: Option<String>,
    /// The post that it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reposts: Option<String>,
    /// Its circumstances.
    pub flags: Flags,
    /// Length of the handles that X puts in front of a reply, in code points.
    #[serde(skip)]
    pub hidden_prefix: usize,
    /// The known accounts that the text names.
    #[serde(skip)]
    pub mentions: Vec<Mention>,
    /// Order of writing; settles equal times.
    #[serde(skip)]
    pub seq: u64,
    /// A private reply to this comment or post was already given.
    pub privately_answered: bool,
    /// The zone hid the comment.
    pub hidden: bool,
}

impl Message {
    /// The place of the message in its feed.
    #[must_use]
    pub fn key(&self) -> (i64, u64) {
        (self.at, self.seq)
    }

    /// A Facebook post, not a comment below one.
    #[must_use]
    pub fn is_post(&self) -> bool {
        matches!(self.feed, Feed::FacebookMentions | Feed::FacebookComments) && self.in_reply_to.is_none()
    }

    /// A Facebook comment.
    #[must_use]
    pub fn is_comment(&self) -> bool {
        self.feed == Feed::FacebookComments && self.in_reply_to.is_some()
    }

    /// An Instagram picture or film, not a comment below one.
    #[must_use]
    pub fn is_media(&self) -> bool {
        matches!(self.feed, Feed::InstagramComments | Feed::InstagramMentions) && self.in_reply_to.is_none()
    }

    /// An Instagram comment.
    #[must_use]
    pub fn is_media_comment(&self) -> bool {
        self.feed == Feed::InstagramComments && self.in_reply_to.is_some()
    }

    /// True unless the platform hides it from the API.
    #[must_use]
    pub fn visible(&self) -> bool {
        !self.flags.encrypted && !self.flags.deleted && !self.flags.restricted
    }
}

/// A conversation, or a post with its comments, or an X conversation.
#[derive(Clone, Debug, Serialize)]
pub struct Thread {
    /// The id that the platform shows.
    pub id: String,
    /// Where it was written.
    pub feed: Feed,
    /// The citizen of a one-to-one conversation, or the author of a post: his id on that platform.
    pub with: String,
    pub folder: String,
    pub participants: Vec<String>,
    /// Positions in the world's list of messages, in the order of `Message::key`.
    #[serde(skip)]
    pub messages: Vec<usize>,
}

/// One call that was answered.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    pub at: i64,
    pub method: String,
    pub path: String,
    /// 0 when no answer was given.
    pub status: u16,
}

/// A message about to be written.
pub struct Draft {
    /// The id that the platform shows.
    pub id: String,
    /// Where it was written.
    pub feed: Feed,
    /// The conversation, or the post at its root.
    pub thread_id: String,
    /// The author's id on that platform.
    pub author_id: String,
    /// On whose behalf.
    pub by: By,
    /// The whole text.
    pub text: String,
    pub at: i64,
    pub in_reply_to: Option<String>,
    /// Its circumstances.
    pub flags: Flags,
}

/// Everything there is.
pub struct World {
    pub setup: Setup,
    pub clock: Clock,
    pub opened: i64,
    pub settings: Settings,
    pub people: People,
    pub threads: BTreeMap<String, Thread>,
    pub messages: Vec<Message>,
    pub faults: Vec<Fault>,
    pub requests: VecDeque<Seen>,
    pub violations: Vec<String>,
    pub meters: Meters,
    /// What the X side remembers beside messages.
    pub x: super::x::State,
    /// The Bluesky network, with everybody on it.
    pub bluesky: super::bluesky::State,
    /// The Mastodon server, with everybody who is known there.
    pub mastodon: super::mastodon::State,
    /// The tokens and codes that the Graph gave out.
    pub grants: Grants,
    by_id: HashMap<String, usize>,
    next: u64,
}

impl World {
    /// An empty world around the zone's two accounts.
    pub fn new(setup: Setup, clock: Clock) -> Self {
        let opened = clock();
        Self {
            bluesky: super::bluesky::State::new(&setup),
            mastodon: super::mastodon::State::new(&setup),
            setup,
            clock,
            opened,
            settings: Settings::default(),
            people: People::default(),
            threads: BTreeMap::new(),
            messages: Vec::new(),
            faults: Vec::new(),
            requests: VecDeque::new(),
            violations: Vec::new(),
            meters: Meters::default(),
            x: super::x::State::default(),
            grants: Grants::default(),
            by_id: HashMap::new(),
            next: 0,
        }
    }

    /// The present, unix milliseconds.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// A number never given before.
    pub fn serial(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// An X id that carries this time: 41 bits of milliseconds, then a number that keeps ids apart.
    pub fn snowflake(&mut self, at: i64) -> String {
        let since = u64::try_from(at - SNOWFLAKE_EPOCH).unwrap_or(0);
        let serial = self.serial();
        ((since << 22) | (serial & 0x3f_ffff)).to_string()
    }

    /// Notes something that a careful client would not do.
    pub fn violation(&mut self, call: &Call, what: &str) {
        if self.violations.len() < LOG_LIMIT {
            self.violations.push(format!("{} {}: {what}", call.method, call.path));
        }
    }

    /// Adds a call to the log.
    pub fn log(&mut self, call: &Call, status: u16) {
        if self.requests.len() == LOG_LIMIT {
            self.requests.pop_front();
        }
        let entry = Seen { at: self.now(), method: call.method.clone(), path: call.shown(), status };
        self.requests.push_back(entry);
    }

    /// The citizen of that name or handle, made on first use.
    pub fn citizen(&mut self, from: &str) -> Citizen {
        self.people.named(from)
    }

    /// The message of that id.
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.by_id.get(id).map(|&at| &self.messages[at])
    }

    /// The message of that id, to change it.
    pub fn message_mut(&mut self, id: &str) -> Option<&mut Message> {
        self.by_id.get(id).map(|&at| &mut self.messages[at])
    }

    /// The messages of a thread, oldest first.
    pub fn in_thread<'a>(&'a self, thread: &'a Thread) -> impl DoubleEndedIterator<Item = &'a Message> {
        thread.messages.iter().map(|&at| &self.messages[at])
    }

    /// The newest message of a thread by a citizen, which an answer in an inbox is taken to answer.
    pub fn last_of_citizen(&self, thread_id: &str) -> Option<&Message> {
        let thread = self.threads.get(thread_id)?;
        self.in_thread(thread).rev().find(|message| message.by == By::Citizen)
    }

    /// Opens a thread unless it is open already.
    pub fn open_thread(&mut self, id: &str, feed: Feed, with: &str, folder: Option<&str>) -> &mut Thread {
        let thread = self.threads.entry(id.to_owned()).or_insert_with(|| Thread {
            id: id.to_owned(),
            feed,
            with: with.to_owned(),
            folder: "inbox".to_owned(),
            participants: Vec::new(),
            messages: Vec::new(),
        });
        if let Some(folder) = folder {
            folder.clone_into(&mut thread.folder);
        }
        thread
    }

    /// Writes a message down; its thread must be open.
    pub fn write(&mut self, draft: Draft) -> usize {
        let seq = self.serial();
        let message = Message {
            author: self.name_of(&draft.author_id),
            id: draft.id,
            feed: draft.feed,
            thread_id: draft.thread_id,
            author_id: draft.author_id,
            by: draft.by,
            text: draft.text,
            at: draft.at,
            received: self.now(),
            in_reply_to: draft.in_reply_to,
            quotes: None,
            reposts: None,
            flags: draft.flags,
            hidden_prefix: 0,
            mentions: Vec::new(),
            seq,
            privately_answered: false,
            hidden: false,
        };
        let at = self.messages.len();
        self.by_id.insert(message.id.clone(), at);
        let (key, thread_id) = (message.key(), message.thread_id.clone());
        self.messages.push(message);
        let messages = &self.messages;
        if let Some(thread) = self.threads.get_mut(&thread_id) {
            // A late message takes its place by time, as it does on the platforms.
            let place = thread.messages.partition_point(|&other| messages[other].key() < key);
            thread.messages.insert(place, at);
        }
        at
    }
}
