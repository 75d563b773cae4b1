//! What a rehearsal may do with the world: let people write, let things go wrong, look at everything.

pub mod facebook;
pub mod instagram;
pub mod mark;
pub mod token;
pub mod x;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use mark::Mark;
pub use token::TokenChange;

use super::fault::Fault;
use super::time;
use super::wire::{Answer, Call};
use super::world::{By, Draft, Feed, World};

/// A citizen writes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// Where.
    pub feed: Feed,
    /// A name or handle; the citizen is made on first use and keeps his ids.
    pub from: String,
    /// What is written.
    pub text: String,
    /// An existing thread; without it his own conversation, or a new post.
    #[serde(default)]
    pub thread: Option<String>,
    /// RFC 3339, or a distance back from now such as `-3h`.
    #[serde(default)]
    pub at: Option<String>,
    /// The circumstances.
    #[serde(default)]
    pub flags: Flags,
}

impl Say {
    /// A plain message, now.
    #[must_use]
    pub fn new(feed: Feed, from: &str, text: &str) -> Self {
        Self { feed, from: from.to_owned(), text: text.to_owned(), thread: None, at: None, flags: Flags::default() }
    }

    /// The same message in an existing thread.
    #[must_use]
    pub fn thread(mut self, thread: &str) -> Self {
        self.thread = Some(thread.to_owned());
        self
    }

    /// The same message at another time.
    #[must_use]
    pub fn at(mut self, at: &str) -> Self {
        self.at = Some(at.to_owned());
        self
    }

    /// The same message with flags.
    #[must_use]
    pub fn flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }
}

/// Circumstances of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "independent circumstances, each named where it is set")]
pub struct Flags {
    /// Facebook post: the author is not shown. Tagging posts hide a person unless this is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withhold_from: Option<bool>,
    /// Facebook post or comment: nobody may comment below it when `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_comment: Option<bool>,
    /// Messenger: the folder that holds the thread (`inbox`, `spam`, `other`, `pending`, `page_done`).
    /// Instagram: `inbox`, or `pending` for the requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Either inbox: the person cannot be written to.
    #[serde(skip_serializing_if = "is_false")]
    pub cannot_receive: bool,
    /// X post: who may reply (`everyone`, `mentionedUsers`, `following`, `subscribers`, `verified`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_settings: Option<String>,
    /// X post: the account is named only in the hidden head of a reply to somebody else.
    #[serde(skip_serializing_if = "is_false")]
    pub hidden_mention: bool,
    /// X post: it answers a post of the account, and names it only in the hidden head.
    #[serde(skip_serializing_if = "is_false")]
    pub reply_to_us: bool,
    /// X post: it quotes a post of the account and does not name it.
    #[serde(skip_serializing_if = "is_false")]
    pub quote_of_us: bool,
    /// X post: it only repeats a post of somebody else.
    #[serde(skip_serializing_if = "is_false")]
    pub repost: bool,
    /// X message: it is written in a group.
    #[serde(skip_serializing_if = "is_false")]
    pub group: bool,
    /// X message: the conversation is encrypted and so invisible to the API.
    #[serde(skip_serializing_if = "is_false")]
    pub encrypted: bool,
    /// Facebook post: it stands on the Page itself; use it with the feed `facebook.comments`.
    #[serde(skip_serializing_if = "is_false")]
    pub visitor_post: bool,
    /// Instagram message: it answers or names a story of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub story: Option<Story>,
    /// Messenger or Instagram message: of a sort that the API does not show; it comes without text.
    #[serde(skip_serializing_if = "is_false")]
    pub unsupported: bool,
    /// Messenger or Instagram message: another app controls the thread from here on.
    #[serde(skip_serializing_if = "is_false")]
    pub other_app: bool,
    /// Instagram comment: by a restricted person, so that nobody sees it before it is approved.
    #[serde(skip_serializing_if = "is_false")]
    pub restricted: bool,
    /// It appears only now, but with a time before the newest message of its feed.
    #[serde(skip_serializing_if = "is_false")]
    pub late: bool,
    /// It was deleted again; nothing shows it, and nothing can answer it.
    #[serde(skip_serializing_if = "is_false")]
    pub deleted: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// How an Instagram message refers to a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Story {
    /// It answers a story of the zone.
    Reply,
    /// A story of the writer names the zone; the message has no text.
    Mention,
}

/// A human of the zone writes by hand: an answer, or a post of the zone when neither thread nor message is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Colleague {
    /// Where.
    pub feed: Feed,
    /// The thread in which he writes.
    #[serde(default)]
    pub thread: Option<String>,
    /// The message that he answers.
    #[serde(default)]
    pub message_id: Option<String>,
    /// What is written.
    pub text: String,
    /// RFC 3339, or a distance back from now; now when left out.
    #[serde(default)]
    pub at: Option<String>,
}

impl Colleague {
    /// An answer to one message, now.
    #[must_use]
    pub fn to(feed: Feed, message_id: &str, text: &str) -> Self {
        Self { feed, thread: None, message_id: Some(message_id.to_owned()), text: text.to_owned(), at: None }
    }

    /// A post of the zone's own, now: on the Page with a feed of Facebook, on Instagram with one of Instagram.
    #[must_use]
    pub fn posts(feed: Feed, text: &str) -> Self {
        Self { feed, thread: None, message_id: None, text: text.to_owned(), at: None }
    }

    /// The same at another time.
    #[must_use]
    pub fn at(mut self, at: &str) -> Self {
        self.at = Some(at.to_owned());
        self
    }
}

/// The ids of what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The id of what was written.
    pub message_id: String,
    /// The thread in which it stands.
    pub thread_id: String,
    /// The author's id on that platform.
    pub author_id: String,
}

/// Lets a citizen write.
pub fn say(world: &mut World, say: Say) -> Result<Said, String> {
    let at = moment(world, say.at.as_deref(), say.flags.late.then_some(say.feed))?;
    let citizen = world.citizen(&say.from);
    match say.feed {
        Feed::FacebookInbox => facebook::message(world, &citizen, say, at),
        Feed::FacebookMentions => facebook::post(world, &citizen, say, at),
        Feed::FacebookComments => facebook::comment(world, &citizen, say, at),
        Feed::XMentions => x::post(world, &citizen, say, at),
        Feed::XInbox => x::message(world, &citizen, say, at),
        Feed::InstagramInbox => instagram::message(world, &citizen, say, at),
        Feed::InstagramComments => instagram::comment(world, &citizen, say, at),
        Feed::InstagramMentions => instagram::tag(world, &citizen, say, at),
    }
}

/// Lets a human of the zone answer by hand.
pub fn colleague(world: &mut World, given: &Colleague) -> Result<Said, String> {
    let at = moment(world, given.at.as_deref(), None)?;
    let by = if at < world.opened { By::Old } else { By::Colleague };
    if let Some(public) =
        given.message_id.as_deref().filter(|_| given.feed.is_private()).and_then(|id| world.message(id))
        && !public.feed.is_private()
        && let Some(to) = world.known_as(&public.author_id).cloned()
    {
        let id = public.id.clone();
        return match given.feed {
            Feed::FacebookInbox => Ok(facebook::privately(world, &to, &id, &given.text, at, by)),
            Feed::InstagramInbox => Ok(instagram::privately(world, &to, &id, &given.text, at, by)),
            _ => Err("X has no private answer to a post".to_owned()),
        };
    }
    let thread_id = match (&given.thread, &given.message_id) {
        (Some(thread), _) => thread.clone(),
        (None, Some(message)) => world.message(message).ok_or("no such message")?.thread_id.clone(),
        (None, None) => return own_post(world, given, at, by),
    };
    let thread = world.threads.get(&thread_id).ok_or("no such thread")?;
    let last = world.in_thread(thread).next_back().map(|message| message.id.clone());
    let (target, text) = (given.message_id.clone(), given.text.as_str());
    match given.feed {
        Feed::FacebookInbox => Ok(facebook::from_page(world, &thread_id, target, text, at, by)),
        Feed::FacebookMentions | Feed::FacebookComments => {
            let target = target.unwrap_or(thread_id);
            let page = world.setup.page_id.clone();
            facebook::below(world, &target, &page, by, text.to_owned(), at, Flags::default())
        }
        Feed::XMentions => {
            let target = target.or(last).ok_or("nothing to answer in that thread")?;
            if world.message(&target).is_none_or(|message| message.feed != Feed::XMentions) {
                return Err("no such post".to_owned());
            }
            Ok(x::reply(world, &target, text, at, by, &[]))
        }
        Feed::XInbox => Ok(x::from_account(world, &thread_id, target, text, at, by)),
        Feed::InstagramInbox => Ok(instagram::from_account(world, &thread_id, target, text, at, by)),
        Feed::InstagramComments | Feed::InstagramMentions => {
            let us = world.setup.instagram_id.clone();
            instagram::below(world, &target.unwrap_or(thread_id), &us, by, text.to_owned(), at, Flags::default())
        }
    }
}

/// Something that the zone publishes, below which people may write.
fn own_post(world: &mut World, given: &Colleague, at: i64, by: By) -> Result<Said, String> {
    match given.feed {
        Feed::FacebookMentions | Feed::FacebookComments => {
            let page = world.setup.page_id.clone();
            Ok(facebook::write_post(world, &page, by, given.text.clone(), at, Flags::default()))
        }
        Feed::InstagramComments | Feed::InstagramMentions => {
            Ok(instagram::own_media(world, by, given.text.clone(), at))
        }
        _ => Err("a thread or a message_id is needed".to_owned()),
    }
}

/// The time of a message: as given, or now, or just before the newest of a feed when it is late.
fn moment(world: &World, given: Option<&str>, late: Option<Feed>) -> Result<i64, String> {
    let now = world.now();
    if let Some(text) = given {
        return time::given(text, now)
            .ok_or_else(|| format!("'{text}' is neither RFC 3339 nor a distance such as -3h"));
    }
    let newest = late
        .and_then(|feed| world.messages.iter().filter(|message| message.feed == feed).map(|message| message.at).max());
    Ok(match (late, newest) {
        (None, _) => now,
        (Some(_), newest) => newest.unwrap_or(now) - time::SECOND,
    })
}

fn said(world: &mut World, draft: Draft) -> Said {
    let at = world.write(draft);
    let message = &world.messages[at];
    Said { message_id: message.id.clone(), thread_id: message.thread_id.clone(), author_id: message.author_id.clone() }
}

/// Changes settings or tokens.
pub fn set(world: &mut World, changes: &Value) -> Result<(), String> {
    let mut changes = changes.clone();
    if let Some(keys) = changes.as_object_mut() {
        let setup = &mut world.setup;
        for (key, place) in [
            ("facebook_token", &mut setup.facebook_token),
            ("instagram_token", &mut setup.instagram_token),
            ("x_token", &mut setup.x_token),
        ] {
            match keys.remove(key) {
                Some(Value::String(token)) => {
                    world.grants.tokens.remove(place);
                    *place = token;
                }
                Some(_) => return Err(format!("{key} is a text")),
                None => {}
            }
        }
    }
    world.settings.lay_over(&changes)
}

/// A token whose time is over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expire {
    /// `x_token` or `x_refresh_token`: the one in use.
    token: String,
}

/// Ends a token now, as if its time were over.
fn expire(world: &mut World, token: &str) -> Result<(), String> {
    match token {
        "x_token" | "x_refresh_token" => {
            super::x::expire(world, token);
            Ok(())
        }
        _ => Err(format!("'{token}' is neither x_token nor x_refresh_token")),
    }
}

/// Everything there is, without tokens.
pub fn snapshot(world: &World) -> Value {
    let threads: Vec<Value> = world
        .threads
        .values()
        .map(|thread| {
            let messages: Vec<&str> = world.in_thread(thread).map(|message| message.id.as_str()).collect();
            json!({"id": thread.id, "feed": thread.feed, "with": thread.with, "folder": thread.folder, "messages": messages})
        })
        .collect();
    json!({
        "now": time::x(world.now()),
        "page": {"id": world.setup.page_id, "name": world.setup.page_name},
        "instagram_account": {"id": world.setup.instagram_id, "username": world.setup.instagram_username},
        "x_account": {"id": world.setup.x_user_id, "username": world.setup.x_username},
        "x_cost_usd": world.x.cost_usd(),
        "citizens": world.people.all(),
        "threads": threads,
        "messages": world.messages,
        "replies": replies(world),
        "settings": world.settings,
        "faults": world.faults,
        "requests": world.requests,
        "violations": world.violations,
    })
}

/// What the zone answered, by the message that it answers: what a citizen sees.
fn replies(world: &World) -> Value {
    let mut all = json!({});
    for reply in world.messages.iter().filter(|message| message.by != By::Citizen) {
        let Some(target) = &reply.in_reply_to else {
            continue;
        };
        if all[target].is_null() {
            all[target] = json!([]);
        }
        let surface = if reply.feed.is_private() { "private" } else { "public" };
        let shown = json!({"id": reply.id, "by": reply.by, "feed": reply.feed, "surface": surface, "text": reply.text});
        all[target].as_array_mut().into_iter().for_each(|list| list.push(shown.clone()));
    }
    all
}

/// Answers the control API.
pub fn handle(world: &mut World, call: &Call) -> Answer {
    let action = call.segments.get(1).map_or("", String::as_str);
    let result = match (call.method.as_str(), action) {
        ("GET", "world") => Ok(snapshot(world)),
        ("POST", "say") => body::<Say>(call).and_then(|given| say(world, given)).map(|said| json!(said)),
        ("POST", "colleague") => {
            body::<Colleague>(call).and_then(|given| colleague(world, &given)).map(|said| json!(said))
        }
        ("POST", "mark") => body::<Mark>(call).and_then(|given| mark::mark(world, &given)).map(|()| json!({})),
        ("POST", "token") => {
            body::<TokenChange>(call).and_then(|given| token::change(world, &given)).map(|()| json!({}))
        }
        ("POST", "fault") => body::<Fault>(call).map(|fault| {
            world.faults.push(fault);
            json!({"planned": world.faults.len()})
        }),
        ("POST", "expire") => {
            body::<Expire>(call).and_then(|given| expire(world, &given.token)).map(|()| json!({"expired": true}))
        }
        ("POST", "set") => body::<Value>(call).and_then(|given| set(world, &given)).map(|()| json!(world.settings)),
        _ => {
            let known = "POST say, colleague, mark, token, expire, fault, set; GET world";
            return Answer::json(404, json!({ "error": known }));
        }
    };
    match result {
        Ok(value) => Answer::json(200, value),
        Err(error) => Answer::json(400, json!({"error": error})),
    }
}

fn body<T: for<'a> Deserialize<'a>>(call: &Call) -> Result<T, String> {
    serde_json::from_slice(&call.body).map_err(|error| error.to_string())
}
