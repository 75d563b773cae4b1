//! The Send API: messages of the Page to one person, and private replies to comments.

use serde_json::{Map, Value, json};

use super::super::control::{facebook, instagram as control};
use super::super::wire::Call;
use super::super::world::{By, Feed, Message, World};
use super::error::GraphError;
use super::node::{Node, Scene};
use super::token::Caller;
use super::{inbox, instagram, private_reply};

/// The parameters of a POST, from a JSON body, a form or the query.
pub fn parameters(call: &Call) -> Result<Map<String, Value>, GraphError> {
    let query = call.query.iter().map(|(key, value)| (key.clone(), json!(value)));
    if call.content_type.starts_with("application/json") {
        let body = call.json().ok_or_else(|| GraphError::parameter("The body is not a JSON object"))?;
        return Ok(query.chain(body).collect());
    }
    // A form carries nested objects as JSON texts.
    let form = call.form().unwrap_or_default().into_iter().map(|(key, value)| {
        let nested = if value.starts_with('{') { serde_json::from_str(&value).ok() } else { None };
        (key, nested.unwrap_or(Value::String(value)))
    });
    Ok(query.chain(form).collect())
}

/// `POST /{page-id}/messages`, `POST /{ig-id}/messages`.
pub fn message(world: &mut World, call: &Call, caller: Caller) -> Result<Value, GraphError> {
    let given = parameters(call)?;
    known_keys(&given)?;
    let recipient = given
        .get("recipient")
        .and_then(Value::as_object)
        .ok_or_else(|| GraphError::parameter("The parameter recipient is required"))?;
    let mut entries = recipient.iter();
    let (Some((key, Value::String(id))), None) = (entries.next(), entries.next()) else {
        let text = "Param recipient must name exactly one person, comment or post, as a text";
        return Err(GraphError::parameter(text));
    };
    let target = match key.as_str() {
        "id" => None,
        "comment_id" | "post_id" => Some(public_target(world, call, caller, id)?),
        _ => return Err(GraphError::parameter(format!("Param recipient[{key}] is not valid"))),
    };
    let on_instagram = match &target {
        Some(target) => target.feed == Feed::InstagramComments,
        None => caller == Caller::Instagram || world.people.has(id, |citizen| &citizen.igsid),
    };
    if on_instagram {
        instagram_open(world, caller)?;
    }
    if given.contains_key("sender_action") {
        return sender_action(world, call, &given, id, on_instagram);
    }
    let text = text_of(world, &given, on_instagram)?;
    check_type(world, call, &given, target.is_some(), on_instagram)?;
    match target {
        Some(target) => private_reply::send(world, key, &target, &text),
        None if on_instagram => to_person_on_instagram(world, id, &text, &given),
        None => to_person(world, id, &text, &given),
    }
}

/// The comment or post that a private reply names.
fn public_target(world: &World, call: &Call, caller: Caller, id: &str) -> Result<Message, GraphError> {
    match Scene::new(world, call, caller).find(id) {
        Some(Node::Post(target, _) | Node::Comment(target) | Node::Remark(target)) => Ok(target.clone()),
        _ => Err(GraphError::missing("POST", id)),
    }
}

/// Instagram takes messages only while an account is linked and its owner allows it.
fn instagram_open(world: &World, caller: Caller) -> Result<(), GraphError> {
    if !instagram::reachable(world, caller) {
        return Err(GraphError::new(100, "(#100) No Instagram account is linked to the Page").sub(2_534_013));
    }
    if !world.settings.meta.instagram_message_access {
        return Err(GraphError::new(200, "(#200) The owner does not allow access to messages").sub(2_534_041));
    }
    Ok(())
}

fn known_keys(given: &Map<String, Value>) -> Result<(), GraphError> {
    let known = [
        "recipient",
        "message",
        "messaging_type",
        "sender_action",
        "notification_type",
        "tag",
        "reply_to",
        "thread_control",
        "persona_id",
        "access_token",
        "appsecret_proof",
        "appsecret_time",
    ];
    if let Some(odd) = given.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(GraphError::parameter(format!("Invalid keys \"{odd}\" were found in param")));
    }
    let inside = ["text", "metadata", "attachment", "quick_replies"];
    if let Some(odd) = given
        .get("message")
        .and_then(Value::as_object)
        .and_then(|m| m.keys().find(|key| !inside.contains(&key.as_str())))
    {
        return Err(GraphError::parameter(format!("Invalid keys \"{odd}\" were found in param \"message\"")));
    }
    Ok(())
}

fn text_of(world: &World, given: &Map<String, Value>, on_instagram: bool) -> Result<String, GraphError> {
    let text = given.get("message").and_then(|message| message.get("text")).and_then(Value::as_str);
    let text = text.ok_or_else(|| GraphError::parameter("Param message[text] is required"))?;
    if text.trim().is_empty() {
        return Err(GraphError::parameter("Param message[text] must not be empty"));
    }
    if on_instagram && text.len() > world.settings.meta.instagram_text_max {
        return Err(GraphError::parameter("Length of param message[text] must be at most 1000 bytes"));
    }
    if text.chars().count().max(text.encode_utf16().count()) > world.settings.graph_text_max {
        return Err(GraphError::parameter("Length of param message[text] must be less than or equal to 2000"));
    }
    let metadata = given.get("message").and_then(|message| message.get("metadata")).and_then(Value::as_str);
    if metadata.is_some_and(|metadata| metadata.chars().count() >= 1_000) {
        return Err(GraphError::parameter("Length of param message[metadata] must be less than 1000"));
    }
    Ok(text.to_owned())
}

/// Checks `messaging_type` and `tag`: an automated answer is a RESPONSE and nothing else.
fn check_type(
    world: &mut World,
    call: &Call,
    given: &Map<String, Value>,
    private: bool,
    on_instagram: bool,
) -> Result<(), GraphError> {
    match given.get("messaging_type").and_then(Value::as_str) {
        Some(_) if private && world.settings.graph_private_reply_refuses_messaging_type => {
            // Two readings exist, so that meeting the refusal is no violation.
            return Err(GraphError::new(100, "(#100) Param messaging_type is not allowed with this recipient"));
        }
        None if !private && !on_instagram => return Err(GraphError::parameter("Param messaging_type is required")),
        None | Some("RESPONSE") => {}
        Some("UPDATE") => world.violation(call, "messaging_type UPDATE for an answer"),
        Some("MESSAGE_TAG") if given.get("tag").and_then(Value::as_str) == Some("HUMAN_AGENT") => {
            world.violation(call, "HUMAN_AGENT on an automated message");
        }
        Some(other) => {
            return Err(GraphError::parameter(format!("messaging_type {other} or its tag is not supported")));
        }
    }
    Ok(())
}

fn sender_action(
    world: &mut World,
    call: &Call,
    given: &Map<String, Value>,
    id: &str,
    on_instagram: bool,
) -> Result<Value, GraphError> {
    if given.contains_key("message") {
        return Err(GraphError::parameter("sender_action cannot be combined with message"));
    }
    match given.get("sender_action").and_then(Value::as_str) {
        Some("mark_seen") => world.violation(call, "mark_seen hides the thread from colleagues"),
        Some("typing_on" | "typing_off") => {}
        _ => return Err(GraphError::parameter("Invalid sender_action")),
    }
    if !world.people.has(id, |citizen| if on_instagram { &citizen.igsid } else { &citizen.psid }) {
        return Err(unknown_person());
    }
    Ok(json!({"recipient_id": id}))
}

fn unknown_person() -> GraphError {
    GraphError::new(100, "(#100) No matching user found").sub(2_018_001).ours()
}

fn to_person(world: &mut World, psid: &str, text: &str, given: &Map<String, Value>) -> Result<Value, GraphError> {
    if !world.people.has(psid, |citizen| &citizen.psid) {
        return Err(unknown_person());
    }
    let thread_id = facebook::thread_of(psid);
    may_write(world, &thread_id, 2_018_278)?;
    let quoted = quoted(world, &thread_id, given)?;
    let now = world.now();
    let said = facebook::from_page(world, &thread_id, quoted, text, now, By::Service);
    Ok(json!({"recipient_id": psid, "message_id": said.message_id}))
}

fn to_person_on_instagram(
    world: &mut World,
    igsid: &str,
    text: &str,
    given: &Map<String, Value>,
) -> Result<Value, GraphError> {
    if !world.people.has(igsid, |citizen| &citizen.igsid) {
        return Err(GraphError::new(100, "(#100) The requested user cannot be found").sub(2_534_014).ours());
    }
    let thread_id = control::thread_of(igsid);
    may_write(world, &thread_id, 2_534_022)?;
    let quoted = quoted(world, &thread_id, given)?;
    let now = world.now();
    let said = control::from_account(world, &thread_id, quoted, text, now, By::Service);
    Ok(json!({"recipient_id": igsid, "message_id": instagram::sent_id(world, &said.message_id)}))
}

/// Refuses to write to somebody who cannot be written to, in a thread of another app, or outside the window.
fn may_write(world: &World, thread_id: &str, outside_window: i64) -> Result<(), GraphError> {
    if !world.settings.meta.graph_advanced_access {
        let text = "(#200) Cannot message users who are not admins, developers or testers of the app";
        return Err(GraphError::new(200, text).sub(2_018_028));
    }
    let any = |test: fn(&Message) -> bool| {
        world.threads.get(thread_id).is_some_and(|thread| world.in_thread(thread).any(test))
    };
    if any(|message| message.flags.cannot_receive) {
        return Err(GraphError::new(551, "(#551) This person isn't available right now.").sub(1_545_041));
    }
    if any(|message| message.flags.other_app) {
        let text = "Another app is controlling this thread now.";
        return Err(if world.settings.graph_deleted_as_subcode {
            GraphError::new(10, format!("(#10) {text}")).sub(2_018_300)
        } else {
            GraphError::new(2_018_300, format!("(#2018300) {text}"))
        });
    }
    if !inbox::in_window(world, thread_id) {
        let text = "(#10) This message is sent outside of allowed window.";
        return Err(GraphError::new(10, text).sub(outside_window));
    }
    Ok(())
}

/// The message that an answer quotes; it must stand in the same thread.
fn quoted(world: &World, thread_id: &str, given: &Map<String, Value>) -> Result<Option<String>, GraphError> {
    let mid = given.get("reply_to").and_then(|reply| reply.get("mid")).and_then(Value::as_str);
    if mid.is_some_and(|mid| world.message(mid).is_none_or(|message| message.thread_id != thread_id)) {
        return Err(GraphError::parameter("Param reply_to[mid] is not a message of this conversation"));
    }
    Ok(mid.map(str::to_owned))
}
