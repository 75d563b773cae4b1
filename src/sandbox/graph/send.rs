//! The Send API: messages of the Page to one person, and private replies to comments.

use serde_json::{Map, Value, json};

use super::super::control::facebook;
use super::super::time::DAY;
use super::super::wire::Call;
use super::super::world::{By, Feed, World};
use super::error::GraphError;
use super::inbox;

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

/// `POST /{page-id}/messages`.
pub fn message(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    let given = parameters(call)?;
    known_keys(&given)?;
    let recipient = given
        .get("recipient")
        .and_then(Value::as_object)
        .ok_or_else(|| GraphError::parameter("The parameter recipient is required"))?;
    if given.contains_key("sender_action") {
        return sender_action(world, call, &given, recipient);
    }
    let text = text_of(world, &given)?;
    check_type(world, call, &given, recipient)?;
    let mut entries = recipient.iter();
    match (entries.next(), entries.next()) {
        (Some((key, Value::String(id))), None) => match key.as_str() {
            "id" => to_person(world, id, &text, &given),
            "comment_id" | "post_id" => privately(world, id, &text),
            _ => Err(GraphError::parameter(format!("Param recipient[{key}] is not valid"))),
        },
        _ => Err(GraphError::parameter("Param recipient must name exactly one person, comment or post, as a text")),
    }
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

fn text_of(world: &World, given: &Map<String, Value>) -> Result<String, GraphError> {
    let text = given.get("message").and_then(|message| message.get("text")).and_then(Value::as_str);
    let text = text.ok_or_else(|| GraphError::parameter("Param message[text] is required"))?;
    let longest = world.settings.graph_text_max;
    if text.trim().is_empty() {
        return Err(GraphError::parameter("Param message[text] must not be empty"));
    }
    if text.chars().count().max(text.encode_utf16().count()) > longest {
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
    recipient: &Map<String, Value>,
) -> Result<(), GraphError> {
    let private = !recipient.contains_key("id");
    match given.get("messaging_type").and_then(Value::as_str) {
        Some(_) if private && world.settings.graph_private_reply_refuses_messaging_type => {
            // Two readings exist, so that meeting the refusal is no violation.
            return Err(GraphError::new(100, "(#100) Param messaging_type is not allowed with this recipient"));
        }
        None if !private => return Err(GraphError::parameter("Param messaging_type is required")),
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
    recipient: &Map<String, Value>,
) -> Result<Value, GraphError> {
    if given.contains_key("message") {
        return Err(GraphError::parameter("sender_action cannot be combined with message"));
    }
    let id = recipient.get("id").and_then(Value::as_str).unwrap_or_default();
    match given.get("sender_action").and_then(Value::as_str) {
        Some("mark_seen") => world.violation(call, "mark_seen hides the thread from colleagues"),
        Some("typing_on" | "typing_off") => {}
        _ => return Err(GraphError::parameter("Invalid sender_action")),
    }
    if !world.citizens.iter().any(|citizen| citizen.psid == id) {
        return Err(unknown_person());
    }
    Ok(json!({"recipient_id": id}))
}

fn unknown_person() -> GraphError {
    GraphError::new(100, "(#100) No matching user found").sub(2_018_001).ours()
}

fn to_person(world: &mut World, psid: &str, text: &str, given: &Map<String, Value>) -> Result<Value, GraphError> {
    if !world.citizens.iter().any(|citizen| citizen.psid == psid) {
        return Err(unknown_person());
    }
    let thread_id = facebook::thread_of(psid);
    let cannot = world
        .threads
        .get(&thread_id)
        .is_some_and(|thread| world.in_thread(thread).any(|message| message.flags.cannot_receive));
    if cannot {
        return Err(GraphError::new(551, "(#551) This person isn't available right now.").sub(1_545_041));
    }
    if !inbox::in_window(world, &thread_id) {
        let text = "(#10) This message is sent outside of allowed window.";
        return Err(GraphError::new(10, text).sub(2_018_278));
    }
    let quoted = given.get("reply_to").and_then(|reply| reply.get("mid")).and_then(Value::as_str).map(str::to_owned);
    if let Some(mid) = &quoted
        && world.message(mid).is_none_or(|message| message.thread_id != thread_id)
    {
        return Err(GraphError::parameter("Param reply_to[mid] is not a message of this conversation"));
    }
    let now = world.now();
    let said = facebook::from_page(world, &thread_id, quoted, text, now, By::Service);
    Ok(json!({"recipient_id": psid, "message_id": said.message_id}))
}

/// A private reply: once per comment or post, within seven days.
fn privately(world: &mut World, target: &str, text: &str) -> Result<Value, GraphError> {
    let now = world.now();
    let found =
        world.message(target).filter(|message| message.visible() && (message.is_comment() || message.is_post()));
    let found = found.ok_or_else(|| GraphError::missing("POST", target))?;
    if found.privately_answered {
        return Err(GraphError::new(10900, "(#10900) Activity already replied to"));
    }
    if found.by != By::Citizen || found.flags.cannot_receive {
        return Err(GraphError::new(10903, "(#10903) This user cant reply to this activity"));
    }
    if now - found.at >= 7 * DAY {
        return Err(GraphError::new(100, "(#100) The comment is too old for a private reply").sub(2_534_025));
    }
    let psid = found.author_id.clone();
    let thread_id = facebook::thread_of(&psid);
    world.open_thread(&thread_id, Feed::FacebookInbox, &psid, None);
    let said = facebook::from_page(world, &thread_id, Some(target.to_owned()), text, now, By::Service);
    if let Some(message) = world.message_mut(target) {
        message.privately_answered = true;
    }
    Ok(json!({"recipient_id": psid, "message_id": said.message_id}))
}
