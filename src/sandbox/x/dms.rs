//! Direct messages of X.

use serde_json::{Map, Value, json};

use super::super::control::x as write;
use super::super::time::{self, DAY};
use super::super::wire::{Answer, Call};
use super::super::world::{By, Feed, Message, World};
use super::problem::{Problem, not_found_entry};
use super::query::{self, Query, Read};
use super::{number, users};

/// How far back messages are shown.
const SHOWN: i64 = 30 * DAY;

/// The longest message, in code points (unverified; the platform documents none for this version).
const LONGEST: usize = 10_000;

/// Which messages a route speaks of.
pub enum Which<'a> {
    All,
    With(&'a str),
    Conversation(&'a str),
}

impl Which<'_> {
    /// The conversation, unless the route speaks of all.
    fn conversation(&self, world: &World) -> Result<Option<String>, Problem> {
        match self {
            Self::All => Ok(None),
            Self::With(person) if super::is_id(person) => Ok(Some(write::conversation(person, &world.setup.x_user_id))),
            Self::With(person) => Err(Problem::invalid(
                "participant_id",
                person,
                "The `participant_id` path parameter value is not a valid user id",
            )),
            Self::Conversation(id) => {
                let pair = id.split_once('-').is_some_and(|(one, other)| super::is_id(one) && super::is_id(other));
                if pair || (super::is_id(id) && id.len() >= 15) {
                    return Ok(Some((*id).to_owned()));
                }
                Err(Problem::invalid("id", id, "The `id` path parameter value is not a valid conversation id"))
            }
        }
    }
}

/// `GET /2/dm_events` and the two lists of one conversation.
pub fn list(world: &mut World, call: &Call, which: &Which) -> Result<Answer, Problem> {
    let query = Query::read(call, Read::DmList, &world.settings, false)?;
    let conversation = which.conversation(world)?;
    let wanted = |event: &&Message| {
        conversation.as_ref().is_none_or(|id| &event.thread_id == id)
            && (query.event_types.is_empty() || query.event_types.iter().any(|kind| kind == "MessageCreate"))
            && shows(world, event)
            && query.below.is_none_or(|below| number(&event.id) < below)
    };
    let mut found: Vec<&Message> = world.messages.iter().filter(wanted).collect();
    found.sort_unstable_by_key(|event| std::cmp::Reverse(number(&event.id)));
    let page = &found[..found.len().min(query.max_results)];
    let mut meta = json!({"result_count": page.len()});
    let Some(last) = page.last() else {
        return Ok(Answer::json(200, json!({ "meta": meta })));
    };
    if found.len() > page.len() {
        meta["next_token"] = json!(query::token(number(&last.id), Read::DmList));
    }
    let data: Vec<Value> = page.iter().map(|event| shown(event, &query)).collect();
    let mut body = json!({"data": data, "meta": meta});
    add_senders(world, page, &query, &mut body);
    Ok(Answer::json(200, body))
}

/// `GET /2/dm_events/{id}`.
pub fn one(world: &mut World, call: &Call, id: &str) -> Result<Answer, Problem> {
    if !super::is_id(id) {
        return Err(Problem::invalid("event_id", id, "The `event_id` path parameter value is not valid"));
    }
    let query = Query::read(call, Read::DmOne, &world.settings, false)?;
    let Some(event) = world.message(id).filter(|event| event.feed == Feed::XInbox) else {
        let entry = not_found_entry(&world.settings.x_problem_host, "event_id", id, "dm_event");
        return Ok(Answer::json(200, json!({"errors": [entry]})));
    };
    if !shows(world, event) {
        // An encrypted message gives an empty object.
        return Ok(Answer::json(200, json!({})));
    }
    let mut body = json!({"data": shown(event, &query)});
    add_senders(world, &[event], &query, &mut body);
    Ok(Answer::json(200, body))
}

fn shows(world: &World, event: &Message) -> bool {
    event.feed == Feed::XInbox && event.visible() && world.now() - event.at <= SHOWN
}

fn shown(event: &Message, query: &Query) -> Value {
    let mut out = Map::new();
    out.insert("id".to_owned(), json!(event.id));
    out.insert("event_type".to_owned(), json!("MessageCreate"));
    let standard = query.dm_fields.is_empty();
    let wants = |name: &str| query.dm_fields.iter().any(|field| field == name);
    if standard || wants("text") {
        out.insert("text".to_owned(), json!(event.text));
    }
    if wants("created_at") {
        out.insert("created_at".to_owned(), json!(time::x(event.at)));
    }
    if wants("dm_conversation_id") {
        out.insert("dm_conversation_id".to_owned(), json!(event.thread_id));
    }
    if wants("sender_id") || query.expands("sender_id") {
        out.insert("sender_id".to_owned(), json!(event.author_id));
    }
    Value::Object(out)
}

fn add_senders(world: &World, page: &[&Message], query: &Query, body: &mut Value) {
    if query.expands("sender_id") {
        let ids = page.iter().map(|event| event.author_id.clone());
        body["includes"] = json!({"users": users::included(world, ids, query)});
    }
}

/// `POST /2/dm_conversations/with/{id}/messages` and `POST /2/dm_conversations/{id}/messages`.
pub fn send(world: &mut World, call: &Call, which: &Which) -> Result<Answer, Problem> {
    let conversation = which.conversation(world)?.unwrap_or_default();
    let body = body(call)?;
    super::reply::known_keys(&body, &["text", "attachments"], "$")?;
    let text = body.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Problem::invalid("text", "…", "text must be between 1 and 10000 characters long"));
    }
    let forbidden = || Problem::forbidden("You do not have permission to DM one or more participants.");
    if let Which::With(person) = which
        && !world.people.has(person, |citizen| &citizen.x_id)
    {
        world.violation(call, "a message to somebody who does not exist");
        return Err(forbidden());
    }
    let Some(thread) = world.threads.get(&conversation) else {
        world.violation(call, "a message to somebody who never wrote");
        return Err(forbidden());
    };
    if world.in_thread(thread).any(|message| message.flags.cannot_receive) {
        return Err(forbidden());
    }
    if thread.participants.len() > 2 {
        world.violation(call, "an answer in a group");
    }
    let now = world.now();
    let said = write::from_account(world, &conversation, None, &text, now, By::Service);
    Ok(Answer::json(201, json!({"data": {"dm_conversation_id": conversation, "dm_event_id": said.message_id}})))
}

/// The JSON object in the body of a call.
pub fn body(call: &Call) -> Result<Map<String, Value>, Problem> {
    call.json().ok_or_else(|| {
        Problem::invalid(
            "body",
            "",
            "Requests with bodies must have content-type of application/json and be a JSON object.",
        )
    })
}
