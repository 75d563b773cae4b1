//! The Page inbox: conversations and their messages.

use serde_json::{Value, json};

use super::super::settings::OldMessages;
use super::super::time::{self, DAY};
use super::super::wire::Call;
use super::super::world::{By, Feed, Message, Thread, World};
use super::error::GraphError;
use super::fields::{self, Field};
use super::node::{Node, Scene};
use super::page::{Item, Window};
use super::shape::{self, Kind};

/// How many of the newest messages of a thread still have content.
const READABLE: usize = 20;

/// How long after a citizen's message the Page may write to him.
pub const WINDOW: i64 = DAY;

/// `GET /{page-id}/conversations`.
pub fn conversations(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    super::known_parameters(world, call, &["fields", "platform", "folder", "user_id", "tags", "limit", "after"]);
    let platform = call.param("platform").map(str::to_lowercase);
    if platform.is_none() {
        world.violation(call, "conversations without 'platform'");
    }
    let instagram = match platform.as_deref() {
        None | Some("messenger") => false,
        Some("instagram") => true,
        Some(other) => {
            return Err(GraphError::parameter(format!(
                "Param platform must be one of {{MESSENGER, INSTAGRAM}}, not {other}"
            )));
        }
    };
    let folder = call.param("folder").unwrap_or("inbox").to_lowercase();
    if !["inbox", "page_done", "other", "pending", "spam"].contains(&folder.as_str()) {
        return Err(GraphError::parameter(format!("Invalid folder '{folder}'")));
    }
    let wanted = super::wanted(call)?;
    shape::check(Kind::Thread, &wanted, &world.settings)?;
    let window = Window::read(call.param("limit"), call.param("after"), false, &world.settings)?;
    let mut items: Vec<Item> = Vec::new();
    if !instagram {
        let with = call.param("user_id");
        for thread in world.threads.values() {
            if thread.feed == Feed::FacebookInbox && thread.folder == folder && with.is_none_or(|id| id == thread.with)
            {
                items.extend(
                    newest(world, thread).map(|message| Item { key: message.key(), node: Node::Thread(thread) }),
                );
            }
        }
    }
    items.sort_unstable_by_key(|item| std::cmp::Reverse(item.key));
    let path = format!("{}/conversations", world.setup.page_id);
    Scene::new(world, call).edge(&items, &window, &wanted, &path, &call.query)
}

/// `GET /{thread-id}/messages`.
pub fn messages(world: &mut World, call: &Call, thread_id: &str) -> Result<Value, GraphError> {
    super::known_parameters(world, call, &["fields", "limit", "after", "source"]);
    let wanted = super::wanted(call)?;
    shape::check(Kind::Message, &wanted, &world.settings)?;
    let window = Window::read(call.param("limit"), call.param("after"), false, &world.settings)?;
    let scene = Scene::new(world, call);
    let Some(Node::Thread(thread)) = scene.find(thread_id) else {
        return Err(GraphError::missing("GET", thread_id));
    };
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
    let page = world.setup.page_id.as_str();
    Ok(match field.name.as_str() {
        "updated_time" => newest.map(|message| json!(time::graph(message.at))),
        "snippet" => newest.map(|message| json!(message.text.chars().take(100).collect::<String>())),
        "message_count" => Some(json!(world.in_thread(thread).filter(|message| message.visible()).count())),
        "unread_count" => {
            let unread = world.in_thread(thread).rev().take_while(|message| message.by == By::Citizen).count();
            (unread > 0).then(|| json!(unread))
        }
        "can_reply" => Some(json!(in_window(world, &thread.id))),
        "link" => Some(json!(format!("/{page}/inbox/{}/", thread.with))),
        "folder" => Some(json!(thread.folder)),
        "participants" => Some(
            json!({"data": [scene.person(&thread.with, &field.below, true), scene.person(page, &field.below, true)]}),
        ),
        "senders" => Some(json!({"data": [scene.person(&thread.with, &field.below, true)]})),
        "messages" => {
            let window = Window::read(field.modifier("limit"), field.modifier("after"), false, &world.settings)?;
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
    let page = world.setup.page_id.as_str();
    let outgoing = message.author_id == page;
    match field.name.as_str() {
        "created_time" => Some(json!(time::graph(message.at))),
        "message" => Some(json!(message.text)),
        "from" => Some(scene.person(&message.author_id, &field.below, true)),
        "to" => Some(json!({"data": [scene.person(if outgoing { with } else { page }, &field.below, true)]})),
        "tags" => {
            Some(json!({"data": [{"name": "inbox"}, {"name": if outgoing { "source:web" } else { "source:mobile" }}]}))
        }
        _ => None,
    }
}

/// True while the Page may write in a thread: the citizen wrote within the last 24 hours.
pub fn in_window(world: &World, thread_id: &str) -> bool {
    world.last_of_citizen(thread_id).is_some_and(|message| world.now() - message.at < WINDOW)
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
