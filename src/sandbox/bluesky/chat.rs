//! The chat server, behind everybody's own server: conversations of two, and groups. Nobody outside runs one; it keeps to the published definitions.

use serde_json::{Value, json};

use super::super::time;
use super::super::wire::Call;
use super::{Given, Refusal, State, repo};

/// What the header must say for a call to be passed on.
const SERVICE: &str = "did:web:api.bsky.chat#bsky_chat";
/// The longest message, in characters as a reader sees them and in bytes.
const LONGEST: (usize, usize) = (1000, 10_000);

/// Every conversation.
#[derive(Default)]
pub struct Chat {
    talks: Vec<Talk>,
    serial: u64,
}

struct Talk {
    members: Vec<String>,
    /// Named as one; such a talk may have any number of members.
    group: bool,
    /// Who took part: to everybody else it is a request.
    accepted: Vec<String>,
    messages: Vec<Message>,
}

struct Message {
    id: String,
    sender: String,
    text: String,
    at: i64,
    /// Who deleted it: each for himself alone.
    gone: Vec<String>,
}

impl Message {
    fn shown(&self, viewer: &str) -> Value {
        let gone = self.gone.iter().any(|did| did == viewer);
        let kind = if gone { "deletedMessageView" } else { "messageView" };
        let mut shown = json!({
            "$type": format!("chat.bsky.convo.defs#{kind}"),
            "id": self.id, "rev": self.id, "sender": {"did": self.sender}, "sentAt": time::x(self.at),
        });
        if !gone {
            shown["text"] = json!(self.text);
        }
        shown
    }
}

/// One call to the chat server.
pub fn handle(state: &mut State, call: &Call, method: &str, now: i64) -> Given {
    if call.proxy.as_deref() != Some(SERVICE) {
        return Err(Refusal::invalid("a chat call without the header that passes it on"));
    }
    let me = state.people.caller(call, now)?;
    if !state.people.may_chat(call) {
        return Err(Refusal(400, "InvalidToken", "Bad token method".to_owned()));
    }
    match (call.method.as_str(), method) {
        ("GET", "getConvoForMembers") => {
            let other = call.param("members").unwrap_or_default().to_owned();
            Ok(json!({"convo": {"id": format!("c{}", talk(state, &me, &other)?)}}))
        }
        ("GET", "listConvos") => list(state, call, &me),
        ("GET", "getMessages") => messages(state, call, &me),
        ("POST", "createGroup") => group(state, call, &me),
        ("POST", "sendMessage") => send(state, call, &me, now),
        ("POST", "deleteMessageForSelf") => delete(state, call, &me),
        _ => Err(Refusal(501, "MethodNotImplemented", "Method Not Implemented".to_owned())),
    }
}

fn talk(state: &mut State, me: &str, other: &str) -> Result<usize, Refusal> {
    if state.people.find(other).is_none() || me == other {
        return Err(Refusal::invalid("no such member"));
    }
    let between = |talk: &Talk| !talk.group && talk.members.iter().all(|member| member == me || member == other);
    if let Some(known) = state.chat.talks.iter().position(between) {
        return Ok(known);
    }
    let members = vec![me.to_owned(), other.to_owned()];
    state.chat.talks.push(Talk { members, group: false, accepted: vec![me.to_owned()], messages: Vec::new() });
    Ok(state.chat.talks.len() - 1)
}

/// Somebody opens a group; those whom he names are in it. How that is asked for is not known to us, only what comes of it.
fn group(state: &mut State, call: &Call, me: &str) -> Given {
    let body = call.json().ok_or_else(|| Refusal::invalid("a JSON body is needed"))?;
    let named = body.get("members").and_then(Value::as_array).into_iter().flatten();
    let mut members: Vec<String> = named.filter_map(|member| member.as_str().map(str::to_owned)).collect();
    if members.iter().any(|member| state.people.find(member).is_none()) {
        return Err(Refusal::invalid("no such member"));
    }
    members.push(me.to_owned());
    state.chat.talks.push(Talk { members, group: true, accepted: vec![me.to_owned()], messages: Vec::new() });
    Ok(json!({"convo": {"id": format!("c{}", state.chat.talks.len() - 1)}}))
}

fn named(state: &State, id: Option<&str>, me: &str) -> Result<usize, Refusal> {
    let at = id.and_then(|id| id.strip_prefix('c')?.parse::<usize>().ok());
    let at = at.filter(|at| state.chat.talks.get(*at).is_some_and(|talk| talk.members.iter().any(|did| did == me)));
    at.ok_or_else(|| Refusal(400, "InvalidConvo", "Convo not found".to_owned()))
}

fn list(state: &State, call: &Call, me: &str) -> Given {
    let limit = repo::limit(call)?;
    let mine = |(_, talk): &(usize, &Talk)| talk.members.iter().any(|did| did == me) && !talk.messages.is_empty();
    let mut talks: Vec<(usize, &Talk)> = state.chat.talks.iter().enumerate().filter(mine).collect();
    talks.sort_by_key(|(_, talk)| std::cmp::Reverse(talk.messages.last().map(|message| message.at)));
    let from = call.param("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0_usize);
    let page: Vec<Value> = talks
        .iter()
        .skip(from)
        .take(limit)
        .map(|(at, talk)| {
            let members: Vec<Value> = talk.members.iter().map(|did| json!({"did": did})).collect();
            let last = talk.messages.last().map(|message| message.shown(me));
            let kind = if talk.group { "groupConvo" } else { "directConvo" };
            let accepted = talk.accepted.iter().any(|did| did == me);
            json!({
                "id": format!("c{at}"), "rev": "1", "members": members, "muted": false, "lastMessage": last,
                "unreadCount": 0, "status": if accepted { "accepted" } else { "request" },
                "kind": {"$type": format!("chat.bsky.convo.defs#{kind}")},
            })
        })
        .collect();
    let mut body = json!({"convos": page});
    if from + limit < talks.len() {
        body["cursor"] = json!((from + limit).to_string());
    }
    Ok(body)
}

fn messages(state: &State, call: &Call, me: &str) -> Given {
    let limit = repo::limit(call)?;
    let talk = &state.chat.talks[named(state, call.param("convoId"), me)?];
    let from = call.param("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0_usize);
    let page: Vec<Value> = talk.messages.iter().rev().skip(from).take(limit).map(|message| message.shown(me)).collect();
    let mut body = json!({"messages": page});
    if from + limit < talk.messages.len() {
        body["cursor"] = json!((from + limit).to_string());
    }
    Ok(body)
}

fn send(state: &mut State, call: &Call, me: &str, now: i64) -> Given {
    let body = call.json().ok_or_else(|| Refusal::invalid("a JSON body is needed"))?;
    let at = named(state, body.get("convoId").and_then(Value::as_str), me)?;
    let text = body.get("message").and_then(|message| message["text"].as_str()).unwrap_or_default();
    if text.is_empty() || text.chars().count() > LONGEST.0 || text.len() > LONGEST.1 {
        return Err(Refusal::invalid("the message is empty or too long"));
    }
    state.chat.serial += 1;
    let id = format!("m{:09}", state.chat.serial);
    let message = Message { id, sender: me.to_owned(), text: text.to_owned(), at: now, gone: Vec::new() };
    let shown = message.shown(me);
    let talk = &mut state.chat.talks[at];
    talk.messages.push(message);
    // Who writes in it has accepted it.
    if !talk.accepted.iter().any(|did| did == me) {
        talk.accepted.push(me.to_owned());
    }
    Ok(shown)
}

/// Somebody deletes a message, his own or another's: he does not see it any more, and everybody else does.
fn delete(state: &mut State, call: &Call, me: &str) -> Given {
    let body = call.json().ok_or_else(|| Refusal::invalid("a JSON body is needed"))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let (at, id) = (named(state, text("convoId"), me)?, text("messageId"));
    let found = state.chat.talks[at].messages.iter_mut().find(|message| Some(message.id.as_str()) == id);
    let message = found.ok_or_else(|| Refusal::invalid("no such message"))?;
    message.gone.push(me.to_owned());
    Ok(message.shown(me))
}
