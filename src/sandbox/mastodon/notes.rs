//! Who is told of what, and what the account's policy keeps from its owner.

use serde_json::{Value, json};

use super::super::settings::MastodonFlavour;
use super::super::time;
use super::super::wire::Call;
use super::{Given, Refusal, State, Ways, missing};

/// The most that is shown at once.
const MOST: usize = 80;

/// Somebody is told of a status.
pub struct Note {
    id: String,
    to: usize,
    status: usize,
    at: i64,
    filtered: bool,
}

/// Tells everybody whom a status names.
pub fn notify(state: &mut State, made: usize, flavour: MastodonFlavour, filters: bool, now: i64) {
    let (author, direct) = (state.statuses[made].author, state.statuses[made].visibility == "direct");
    for to in state.statuses[made].named.clone() {
        if to == author {
            continue;
        }
        // A stranger's direct message, unless he was written to before.
        let written_to = state
            .statuses
            .iter()
            .any(|status| status.author == to && status.visibility == "direct" && status.named.contains(&author));
        let filtered = filters && direct && !written_to && flavour.filters();
        let id = state.id(flavour, now);
        state.notes.push(Note { id, to, status: made, at: now, filtered });
    }
}

/// `GET /api/v1/notifications`, newest first.
pub fn list(state: &State, call: &Call, me: usize, flavour: MastodonFlavour) -> Value {
    let limit = call.param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(40_usize).min(MOST);
    let all = call.param("include_filtered") == Some("true") && flavour.filters();
    let place = |name: &str| call.param(name).map(|id| state.notes.iter().position(|note| note.id == id));
    let end = place("max_id").map_or(state.notes.len(), |at| at.unwrap_or(0));
    let mine = |at: &usize| {
        let note = &state.notes[*at];
        note.to == me && (all || !note.filtered) && !state.statuses[note.status].gone
    };
    let shown: Vec<usize> = match place("min_id") {
        // The oldest behind the mark, newest first all the same.
        Some(mark) => {
            let mut shown: Vec<usize> = (mark.map_or(0, |mark| mark + 1)..end).filter(mine).take(limit).collect();
            shown.reverse();
            shown
        }
        None => (0..end).rev().filter(mine).take(limit).collect(),
    };
    let value = |at: usize| {
        let note = &state.notes[at];
        let account = state.account(state.statuses[note.status].author);
        json!({
            "id": note.id,
            "type": "mention",
            "created_at": time::x(note.at),
            "account": account,
            "status": state.shown(note.status),
        })
    };
    shown.into_iter().map(value).collect()
}

/// `GET /api/v1/notifications/requests`.
pub fn requests(state: &State, me: usize, flavour: MastodonFlavour) -> Given {
    if !flavour.filters() {
        return Err(missing());
    }
    let filtered = state.notes.iter().rev().filter(|note| note.to == me && note.filtered);
    let mut seen = Vec::new();
    let mut list: Vec<Value> = Vec::new();
    for note in filtered {
        let author = state.statuses[note.status].author;
        if seen.contains(&author) {
            continue;
        }
        seen.push(author);
        list.push(json!({
            "id": format!("r{}", state.people[author].id),
            "created_at": time::x(note.at),
            "updated_at": time::x(note.at),
            "notifications_count": "1",
            "account": state.account(author),
            "last_status": state.shown(note.status),
        }));
    }
    Ok(list.into())
}

/// `GET /api/v2/notifications/policy`.
pub fn policy((flavour, filters, _): Ways) -> Given {
    let rule = if filters { "filter" } else { "accept" };
    match flavour {
        MastodonFlavour::Gotosocial => Err(Refusal(404, "Not Found".to_owned())),
        MastodonFlavour::Mitra => Ok(json!({"for_private_mentions": "accept", "for_limited_accounts": "accept"})),
        MastodonFlavour::Mastodon | MastodonFlavour::Activities => Ok(
            json!({"for_private_mentions": rule, "for_limited_accounts": rule, "summary": {"pending_requests_count": 0}}),
        ),
    }
}

/// `GET /api/v1/conversations`: the last words of each talk that only those named may see.
pub fn conversations(state: &State, me: usize) -> Value {
    let mut with: Vec<usize> = Vec::new();
    let mut list: Vec<Value> = Vec::new();
    for (at, status) in state.statuses.iter().enumerate().rev() {
        let mine = status.author == me || status.named.contains(&me);
        if status.visibility != "direct" || status.gone || !mine {
            continue;
        }
        let other = if status.author == me { status.named.first().copied() } else { Some(status.author) };
        if let Some(other) = other.filter(|other| !with.contains(other)) {
            with.push(other);
            list.push(
                json!({"id": format!("c{other}"), "accounts": [state.account(other)], "last_status": state.shown(at)}),
            );
        }
    }
    list.into()
}
