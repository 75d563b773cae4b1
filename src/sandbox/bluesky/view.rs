//! What everybody sees: notifications, posts, threads.

use serde_json::{Value, json};

use super::super::time;
use super::super::wire::Call;
use super::repo::{self, POSTS, Record};
use super::{Given, Refusal, State, posts};

/// So many posts above a reply are told of it.
const ANCESTORS: usize = 5;
/// So many posts are shown at once.
const MOST_POSTS: usize = 25;

/// Somebody is told of a post.
pub struct Note {
    to: String,
    uri: String,
    reason: &'static str,
    subject: Option<String>,
    /// Its place in the list: when its author says, unless that is still to come; unix milliseconds.
    at: i64,
}

fn author_of(uri: &str) -> &str {
    uri.strip_prefix("at://").and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}

/// Tells everybody whom a new or changed post concerns, each once: those it names, and those above it in its thread.
pub fn notify(state: &mut State, author: &str, uri: &str) {
    let Some(record) = state.repos.at(uri) else { return };
    if is_shut_out(state, record, author) {
        return;
    }
    let created = text(&record.value, "/createdAt").and_then(time::rfc3339).unwrap_or(record.indexed);
    let at = created.min(record.indexed);
    let mut told: Vec<(String, &'static str, Option<String>)> =
        posts::named(&record.value).into_iter().map(|did| (did, "mention", None)).collect();
    let mut above = text(&record.value, "/reply/parent/uri").map(str::to_owned);
    for _ in 0..ANCESTORS {
        let Some(ancestor) = above else { break };
        told.push((author_of(&ancestor).to_owned(), "reply", Some(ancestor.clone())));
        above = state.repos.at(&ancestor).and_then(|post| text(&post.value, "/reply/parent/uri")).map(str::to_owned);
    }
    for (to, reason, subject) in told {
        let known = state.notes.iter().any(|note| note.to == to && note.uri == uri);
        if to != author && !known {
            state.notes.push(Note { to, uri: uri.to_owned(), reason, subject, at });
        }
    }
}

/// Whether the gate of a reply's thread does not let its author in.
fn is_shut_out(state: &State, reply: &Record, author: &str) -> bool {
    text(&reply.value, "/reply/root/uri").is_some_and(|root| is_closed(state, root, author))
}

/// Whether the gate of a thread shuts somebody out.
fn is_closed(state: &State, root: &str, did: &str) -> bool {
    let owner = author_of(root);
    let key = root.rsplit('/').next().unwrap_or_default();
    let Some(gate) = state.repos.of(owner, "app.bsky.feed.threadgate", key) else { return false };
    let Some(rules) = gate.value["allow"].as_array() else { return false };
    let named = || state.repos.at(root).is_some_and(|root| posts::named(&root.value).iter().any(|name| name == did));
    let mention = |rule: &Value| rule["$type"] == "app.bsky.feed.threadgate#mentionRule";
    did != owner && !(rules.iter().any(mention) && named())
}

fn is_blocked(state: &State, one: &str, other: &str) -> bool {
    state.repos.all("app.bsky.graph.block").any(|(uri, block)| {
        let (by, of) = (author_of(&uri), block.value["subject"].as_str().unwrap_or_default());
        (by == one && of == other) || (by == other && of == one)
    })
}

fn profile(state: &State, did: &str) -> Value {
    let own = state.repos.of(did, "app.bsky.actor.profile", "self");
    let labels: Vec<Value> = own
        .and_then(|own| own.value["labels"]["values"].as_array())
        .into_iter()
        .flatten()
        .map(|label| json!({"src": did, "uri": format!("at://{did}/app.bsky.actor.profile/self"), "val": label["val"]}))
        .collect();
    let handle = state.people.find(did).map_or("handle.invalid", |account| &account.handle);
    json!({"did": did, "handle": handle, "viewer": {"muted": false, "blockedBy": false}, "labels": labels})
}

/// `listNotifications`: the newest first; a page goes on strictly behind the time of the last item.
pub fn notifications(state: &State, call: &Call, now: i64) -> Given {
    let me = state.people.caller(call, now)?;
    if call.param("seenAt").is_some() {
        return Err(Refusal::invalid("The seenAt parameter is unsupported"));
    }
    let limit = repo::limit(call)?;
    let below = match call.param("cursor") {
        None => i64::MAX,
        Some(cursor) => time::rfc3339(cursor).ok_or_else(|| Refusal::invalid("Malformed cursor"))?,
    };
    let reasons: Vec<&str> =
        call.query.iter().filter(|(name, _)| name == "reasons").map(|(_, reason)| reason.as_str()).collect();
    let wanted = |note: &&Note| {
        note.to == me
            && note.at < below
            && (reasons.is_empty() || reasons.contains(&note.reason))
            && !is_blocked(state, &me, author_of(&note.uri))
    };
    let mut found: Vec<&Note> = state.notes.iter().filter(wanted).collect();
    found.sort_by_key(|note| std::cmp::Reverse(note.at));
    let shown = found.iter().filter_map(|note| Some((note, state.repos.at(&note.uri)?))).take(limit);
    let items: Vec<Value> = shown
        .map(|(note, record)| {
            let mut item = json!({
                "uri": note.uri, "cid": record.cid, "author": profile(state, author_of(&note.uri)), "reason": note.reason,
                "record": record.value, "isRead": true, "indexedAt": time::x(note.at), "labels": [],
            });
            if let Some(subject) = &note.subject {
                item["reasonSubject"] = json!(subject);
            }
            item
        })
        .collect();
    let mut body = json!({"notifications": items, "priority": false});
    if let Some(last) = items.last() {
        body["cursor"] = last["indexedAt"].clone();
    }
    Ok(body)
}

fn post(state: &State, me: &str, uri: &str) -> Option<Value> {
    let record = state.repos.at(uri)?;
    let author = author_of(uri);
    if is_blocked(state, me, author) {
        return None;
    }
    let root = text(&record.value, "/reply/root/uri").unwrap_or(uri);
    let mut viewer = json!({"threadMuted": false});
    if is_closed(state, root, me) {
        viewer["replyDisabled"] = json!(true);
    }
    Some(json!({
        "uri": uri, "cid": record.cid, "author": profile(state, author), "record": record.value,
        "indexedAt": time::x(record.indexed), "viewer": viewer, "labels": [],
    }))
}

/// `getPosts`: what is gone or blocked is left out.
pub fn posts(state: &State, call: &Call, now: i64) -> Given {
    let me = state.people.caller(call, now)?;
    let uris: Vec<&str> = call.query.iter().filter(|(name, _)| name == "uris").map(|(_, uri)| uri.as_str()).collect();
    if uris.is_empty() || uris.len() > MOST_POSTS {
        return Err(Refusal::invalid("uris must have 1 to 25 items"));
    }
    Ok(json!({"posts": uris.into_iter().filter_map(|uri| post(state, &me, uri)).collect::<Vec<_>>()}))
}

/// `getPostThread`: a post and what hangs below it, without those who were shut out.
pub fn thread(state: &State, call: &Call, now: i64) -> Given {
    let me = state.people.caller(call, now)?;
    let uri = call.param("uri").unwrap_or_default();
    let depth = call.param("depth").and_then(|depth| depth.parse().ok()).unwrap_or(6_u32);
    let thread = below(state, &me, uri, depth).ok_or_else(|| Refusal(400, "NotFound", "Post not found".to_owned()))?;
    Ok(json!({"thread": thread}))
}

fn below(state: &State, me: &str, uri: &str, depth: u32) -> Option<Value> {
    let mut view = json!({"$type": "app.bsky.feed.defs#threadViewPost", "post": post(state, me, uri)?});
    if let Some(depth) = depth.checked_sub(1) {
        let answers = state.repos.all(POSTS).filter(|(answer, record)| {
            text(&record.value, "/reply/parent/uri") == Some(uri) && !is_shut_out(state, record, author_of(answer))
        });
        view["replies"] = answers.filter_map(|(answer, _)| below(state, me, &answer, depth)).collect();
    }
    Some(view)
}
