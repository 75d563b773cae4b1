//! The inboxes of Messenger and Instagram: conversations and their messages.

use serde_json::{Value, json};

use super::super::control::Story;
use super::super::meta_settings::{Extras, PlatformDefault};
use super::super::settings::OldMessages;
use super::super::time::{self, DAY};
use super::super::wire::Call;
use super::super::world::{By, Feed, Message, Thread, World};
use super::error::GraphError;
use super::fields::{self, Field};
use super::node::{Node, Scene};
use super::page::{Item, LIMIT_MAX, Window};
use super::shape::{self, Kind};
use super::token::Caller;

/// How many of the newest messages of a thread still have content.
const READABLE: usize = 20;

/// How long after a citizen's message the Page may write to him.
pub const WINDOW: i64 = DAY;

/// How long a request on Instagram is shown when nothing more is written in it.
const REQUESTS_SHOWN: i64 = 30 * DAY;

/// `GET /{page-id}/conversations`, `GET /me/conversations`.
pub fn conversations(world: &mut World, call: &Call, caller: Caller) -> Result<Value, GraphError> {
    super::known_parameters(world, call, &["fields", "platform", "folder", "user_id", "tags", "limit", "after"]);
    let feeds = platforms(world, call, caller)?;
    let folder = call.param("folder").map(str::to_lowercase);
    if let Some(folder) = folder.as_ref().filter(|folder| !world.settings.meta.graph_folders.contains(folder)) {
        return Err(GraphError::parameter(format!("Invalid folder '{folder}'")));
    }
    let wanted = super::wanted(call)?;
    for feed in feeds {
        let kind = if *feed == Feed::InstagramInbox { Kind::InstagramThread } else { Kind::Thread };
        shape::check(kind, &wanted, &world.settings)?;
    }
    let window = Window::read(call.param("limit"), call.param("after"), false, LIMIT_MAX, &world.settings)?;
    let with = call.param("user_id");
    let mut items: Vec<Item> = Vec::new();
    for thread in world.threads.values() {
        if feeds.contains(&thread.feed)
            && listed(world, thread, folder.as_deref())
            && with.is_none_or(|id| id == thread.with)
        {
            items.extend(newest(world, thread).map(|message| Item { key: message.key(), node: Node::Thread(thread) }));
        }
    }
    items.sort_unstable_by_key(|item| std::cmp::Reverse(item.key));
    let path = format!("{}/conversations", caller.id(world));
    Scene::new(world, call, caller).edge(&items, &window, &wanted, &path, &call.query)
}

/// The inboxes of which a list of conversations is wanted.
fn platforms(world: &mut World, call: &Call, caller: Caller) -> Result<&'static [Feed], GraphError> {
    let given = call.param("platform").map(str::to_lowercase);
    if given.is_none() {
        world.violation(call, "conversations without 'platform'");
    }
    let meta = &world.settings.meta;
    match (given.as_deref(), caller, meta.graph_platform_default) {
        (Some("messenger"), Caller::Page, _) | (None, Caller::Page, PlatformDefault::Messenger) => {
            Ok(&[Feed::FacebookInbox])
        }
        (None, Caller::Page, PlatformDefault::Both) => Ok(&[Feed::FacebookInbox, Feed::InstagramInbox]),
        (Some("instagram"), Caller::Page, _) if !meta.instagram_linked => {
            Err(GraphError::new(100, "(#100) No Instagram account is linked to the Page").sub(2_534_013))
        }
        (Some("instagram"), ..) => Ok(&[Feed::InstagramInbox]),
        (other, ..) => {
            let shown = other.unwrap_or("nothing");
            Err(GraphError::parameter(format!("Param platform must be one of {{MESSENGER, INSTAGRAM}}, not {shown}")))
        }
    }
}

/// True when a thread stands in the list of that folder; `None` is the list without a folder.
fn listed(world: &World, thread: &Thread, folder: Option<&str>) -> bool {
    let meta = &world.settings.meta;
    // Without Advanced Access only people with a role are seen, and no citizen has one.
    if !meta.graph_advanced_access {
        return false;
    }
    let in_folder = folder.is_none_or(|folder| folder == thread.folder);
    if thread.feed == Feed::FacebookInbox {
        return in_folder && (folder.is_some() || meta.graph_list_shows_all_folders || thread.folder == "inbox");
    }
    let request = thread.folder == "pending";
    let forgotten = newest(world, thread).is_none_or(|message| world.now() - message.at > REQUESTS_SHOWN);
    let shown = if request { (folder.is_some() || meta.instagram_requests_listed) && !forgotten } else { true };
    meta.instagram_message_access && in_folder && shown
}

/// `GET /{thread-id}/messages`.
pub fn messages(world: &mut World, call: &Call, caller: Caller, thread_id: &str) -> Result<Value, GraphError> {
    super::known_parameters(world, call, &["fields", "limit", "after", "source"]);
    let wanted = super::wanted(call)?;
    let window = Window::read(call.param("limit"), call.param("after"), false, LIMIT_MAX, &world.settings)?;
    let scene = Scene::new(world, call, caller);
    let Some(Node::Thread(thread)) = scene.find(thread_id) else {
        return Err(GraphError::missing("GET", thread_id));
    };
    let kind = if thread.feed == Feed::InstagramInbox { Kind::InstagramMessage } else { Kind::Message };
    shape::check(kind, &wanted, &world.settings)?;
    edge(&scene, thread, &window, &wanted, call.param("source"), &call.query)
}

/// The messages of a thread, newest first.
fn edge(
    scene: &Scene,
    thread: &Thread,
    window: &Window,
    wanted: &[Field],
    source: Option<&str>,
    keep: &[(String, String)],
) -> Result<Value, GraphError> {
    if let Some(source) = source.filter(|source| !["PARTICIPANTS", "ALL"].contains(source)) {
        return Err(GraphError::parameter(format!("Invalid source '{source}'")));
    }
    let visible = scene.world.in_thread(thread).rev().filter(|message| message.visible());
    let item = |(place, message): (usize, _)| {
        let node = if place < READABLE { Node::Message(message, true) } else { Node::Old(message) };
        Item { key: message.key(), node }
    };
    let items: Vec<Item> = visible.enumerate().map(item).collect();
    scene.edge(&items, window, wanted, &format!("{}/messages", thread.id), keep)
}

/// True while the content of a message is given: it is among the newest of its thread.
pub fn readable(world: &World, message: &Message) -> bool {
    let Some(thread) = world.threads.get(&message.thread_id) else {
        return false;
    };
    let newer =
        world.in_thread(thread).rev().filter(|other| other.visible()).take_while(|other| other.id != message.id);
    newer.count() < READABLE
}

/// The error of a message whose content is no longer given.
pub fn gone(world: &World) -> GraphError {
    let text = "The message is deleted or too old to be read";
    if world.settings.graph_deleted_as_subcode {
        GraphError::new(10, format!("(#10) {text}")).sub(9_000_001)
    } else {
        GraphError::new(9_000_001, format!("(#9000001) {text}"))
    }
}

/// What stands in a list for a message whose content is no longer given.
pub fn old_entry(world: &World, message: &Message) -> Value {
    match world.settings.graph_old_messages {
        OldMessages::IdOnly => json!({"id": message.id, "created_time": time::graph(message.at)}),
        OldMessages::Error => {
            let mut answer = gone(world).answer();
            let envelope = answer.document().map(|document| document["error"].take()).unwrap_or_default();
            json!({"id": message.id, "error": envelope})
        }
    }
}

/// One field of a thread.
pub fn thread_field(scene: &Scene, thread: &Thread, field: &Field) -> Result<Option<Value>, GraphError> {
    let world = scene.world;
    let newest = newest(world, thread);
    let us = world.own_id(thread.feed);
    let on_instagram = thread.feed == Feed::InstagramInbox;
    Ok(match field.name.as_str() {
        "snippet" | "unread_count" | "can_reply"
            if on_instagram && world.settings.meta.instagram_thread_extras == Extras::Absent =>
        {
            None
        }
        "updated_time" => newest.map(|message| json!(time::graph(message.at))),
        "snippet" => newest.map(|message| json!(message.text.chars().take(100).collect::<String>())),
        "message_count" => Some(json!(world.in_thread(thread).filter(|message| message.visible()).count())),
        "unread_count" => {
            let unread = world.in_thread(thread).rev().take_while(|message| message.by == By::Citizen).count();
            (unread > 0).then(|| json!(unread))
        }
        "can_reply" => Some(json!(in_window(world, &thread.id))),
        "link" => Some(json!(format!("/{us}/inbox/{}/", thread.with))),
        "folder" => Some(json!(thread.folder)),
        "participants" => Some(
            json!({"data": [scene.person(&thread.with, &field.below, true), scene.person(us, &field.below, true)]}),
        ),
        "senders" => Some(json!({"data": [scene.person(&thread.with, &field.below, true)]})),
        "messages" => {
            let window =
                Window::read(field.modifier("limit"), field.modifier("after"), false, LIMIT_MAX, &world.settings)?;
            let keep = [("fields".to_owned(), written(&field.below))];
            Some(edge(scene, thread, &window, &field.below, field.modifier("source"), &keep)?)
        }
        _ => None,
    })
}

/// One field of a message.
pub fn message_field(scene: &Scene, message: &Message, field: &Field) -> Option<Value> {
    let world = scene.world;
    let with = world.threads.get(&message.thread_id).map(|thread| thread.with.as_str()).unwrap_or_default();
    let us = world.own_id(message.feed);
    let outgoing = message.author_id == us;
    match field.name.as_str() {
        "created_time" => Some(json!(time::graph(message.at))),
        "message" if message.flags.unsupported => Some(json!("")),
        "message" => Some(json!(message.text)),
        "is_unsupported" => message.flags.unsupported.then_some(Value::Bool(true)),
        "story" => message.flags.story.map(|story| story_of(message, story)),
        "from" => Some(scene.person(&message.author_id, &field.below, true)),
        "to" => Some(json!({"data": [scene.person(if outgoing { with } else { us }, &field.below, true)]})),
        "tags" => {
            Some(json!({"data": [{"name": "inbox"}, {"name": if outgoing { "source:web" } else { "source:mobile" }}]}))
        }
        _ => None,
    }
}

fn story_of(message: &Message, story: Story) -> Value {
    let link = format!("https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id={}", message.seq);
    let story_of_writer = json!({"link": link, "id": (17_850_000_000_000_000 + message.seq).to_string()});
    match story {
        Story::Reply => json!({"reply_to": story_of_writer}),
        Story::Mention => json!({"mention": story_of_writer}),
    }
}

/// True while the zone may write in a thread: the citizen wrote within the last 24 hours.
pub fn in_window(world: &World, thread_id: &str) -> bool {
    let recent = |message: &Message| world.now() - message.at < WINDOW;
    if world.last_of_citizen(thread_id).is_some_and(recent) {
        return true;
    }
    let person = world.threads.get(thread_id).and_then(|thread| world.known_as(&thread.with));
    let public = |message: &&Message| message.is_comment() || message.flags.visitor_post;
    let wrote = |message: &Message| person.is_some_and(|person| world.known_as(&message.author_id) == Some(person));
    world.settings.meta.graph_comment_opens_window
        && world.messages.iter().filter(public).any(|message| recent(message) && wrote(message))
}

fn newest<'a>(world: &'a World, thread: &'a Thread) -> Option<&'a Message> {
    world.in_thread(thread).rev().find(|message| message.visible())
}

/// Writes a field list back, for the address of a next page.
pub fn written(wanted: &[fields::Field]) -> String {
    let one = |field: &Field| {
        let modifiers: Vec<String> = field.modifiers.iter().map(|(name, value)| format!(".{name}({value})")).collect();
        let modifiers = modifiers.concat();
        let below = if field.below.is_empty() { String::new() } else { format!("{{{}}}", written(&field.below)) };
        format!("{}{modifiers}{below}", field.name)
    };
    wanted.iter().map(one).collect::<Vec<_>>().join(",")
}
