//! Statuses: who wrote them, whom they name, who may see them.

use serde_json::{Value, json};

use super::super::settings::MastodonFlavour;
use super::super::time;
use super::super::wire::Call;
use super::{Given, Refusal, State, Ways, html, missing, notes};

/// The longest text.
const CHARACTERS: usize = 500;
/// From the widest view to the narrowest.
const VIEWS: [&str; 4] = ["public", "unlisted", "private", "direct"];
/// An idempotency key is kept for so many milliseconds.
const KEPT: i64 = 3_600_000;

pub struct Status {
    pub id: String,
    pub author: usize,
    text: String,
    pub visibility: String,
    parent: Option<usize>,
    pub named: Vec<usize>,
    pub at: i64,
    language: Option<String>,
    pub gone: bool,
}

impl State {
    fn status(&self, id: &str, me: usize) -> Result<usize, Refusal> {
        let at = self.statuses.iter().position(|status| status.id == id && !status.gone).ok_or_else(missing)?;
        if self.sees(me, at) { Ok(at) } else { Err(missing()) }
    }

    /// Followers are left out: nobody follows anybody here.
    fn sees(&self, who: usize, at: usize) -> bool {
        let status = &self.statuses[at];
        matches!(status.visibility.as_str(), "public" | "unlisted")
            || status.author == who
            || status.named.contains(&who)
    }

    pub(super) fn shown(&self, at: usize) -> Value {
        let status = &self.statuses[at];
        let mentions: Vec<Value> = status.named.iter().map(|who| self.account(*who)).collect();
        let parent = status.parent.map(|parent| &self.statuses[parent]);
        json!({
            "id": status.id,
            "created_at": time::x(status.at),
            "edited_at": null,
            "visibility": status.visibility,
            "language": status.language,
            "spoiler_text": "",
            "in_reply_to_id": parent.map(|parent| &parent.id),
            "in_reply_to_account_id": parent.map(|parent| &self.people[parent.author].id),
            "reblog": null,
            "content": html::written(&status.text),
            "account": self.account(status.author),
            "mentions": mentions,
        })
    }
}

/// `POST /api/v1/statuses`.
pub fn post(state: &mut State, call: &Call, me: usize, ways: Ways, careless: &mut Vec<String>) -> Given {
    let (flavour, filters, now) = ways;
    let body = call.json().ok_or_else(|| Refusal(422, "a JSON body is needed".to_owned()))?;
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    let invalid = if flavour == MastodonFlavour::Gotosocial { 400 } else { 422 };
    let text = field("status").unwrap_or_default().to_owned();
    if text.is_empty() || text.chars().count() > CHARACTERS {
        return Err(Refusal(invalid, "Validation failed: Text character limit of 500 exceeded".to_owned()));
    }
    let key = call.idempotency.clone().map(|key| (me, key));
    if flavour != MastodonFlavour::Gotosocial
        && let Some(known) = key.as_ref().and_then(|key| state.keys.get(key)).copied()
        && state.statuses[known].at > now - KEPT
    {
        return Ok(state.shown(known));
    }
    let parent = match field("in_reply_to_id") {
        Some(id) => Some(state.status(id, me)?),
        None => None,
    };
    let visibility = field("visibility").unwrap_or("public");
    if !VIEWS.contains(&visibility) {
        return Err(Refusal(invalid, "Validation failed: Visibility is not included in the list".to_owned()));
    }
    let mut named: Vec<usize> = Vec::new();
    for name in html::names(&text) {
        // A name from elsewhere exists when somebody types it.
        let who = state.named(&name).or_else(|| name.contains('@').then(|| state.person(&name, false)));
        named.extend(who.filter(|who| !named.contains(who)));
    }
    if state.people[me].name == state.zone.0 {
        reproach(state, parent, visibility, &named, call, careless);
    }
    if flavour == MastodonFlavour::Mitra
        && let Some(parent) = parent
        && !named.contains(&state.statuses[parent].author)
        && state.statuses[parent].author != me
    {
        named.push(state.statuses[parent].author);
    }
    let visibility = if flavour == MastodonFlavour::Mitra && visibility == "unlisted" { "public" } else { visibility };
    let id = state.id(flavour, now);
    let language = field("language").map(str::to_owned);
    // Someone from elsewhere may write with a clock of his own.
    let at = field("created_at").and_then(time::rfc3339).unwrap_or(now);
    let visibility = visibility.to_owned();
    let status = Status { id, author: me, text, visibility, parent, named, at, language, gone: false };
    state.statuses.push(status);
    let made = state.statuses.len() - 1;
    if let Some(key) = key {
        state.keys.insert(key, made);
    }
    notes::notify(state, made, flavour, filters, now);
    Ok(state.shown(made))
}

/// What the zone should not do when it answers.
fn reproach(
    state: &State,
    parent: Option<usize>,
    visibility: &str,
    named: &[usize],
    call: &Call,
    careless: &mut Vec<String>,
) {
    let Some(parent) = parent.map(|parent| &state.statuses[parent]) else { return };
    let width = |view: &str| VIEWS.iter().position(|known| *known == view);
    if width(visibility) < width(&parent.visibility) {
        careless.push(format!("an answer that is {visibility} to a question that is {}", parent.visibility));
    }
    if !named.contains(&parent.author) {
        careless.push("an answer that does not name whom it answers".to_owned());
    }
    if named.len() > 1 {
        careless.push("an answer that names third persons".to_owned());
    }
    if call.idempotency.is_none() {
        careless.push("a status without an Idempotency-Key".to_owned());
    }
}

/// `GET /api/v1/statuses/:id`.
pub fn show(state: &State, me: usize, id: &str) -> Given {
    Ok(state.shown(state.status(id, me)?))
}

/// `DELETE /api/v1/statuses/:id`.
pub fn delete(state: &mut State, me: usize, id: &str) -> Given {
    let at = state.status(id, me)?;
    if state.statuses[at].author != me {
        return Err(missing());
    }
    let shown = state.shown(at);
    state.statuses[at].gone = true;
    Ok(shown)
}

/// `GET /api/v1/statuses/:id/context`.
pub fn context(state: &State, me: usize, id: &str) -> Given {
    let root = state.status(id, me)?;
    let mut below = vec![root];
    let mut descendants = Vec::new();
    for at in root + 1..state.statuses.len() {
        let status = &state.statuses[at];
        if status.parent.is_some_and(|parent| below.contains(&parent)) && !status.gone && state.sees(me, at) {
            below.push(at);
            descendants.push(state.shown(at));
        }
    }
    Ok(json!({"ancestors": [], "descendants": descendants}))
}

/// `GET /api/v1/accounts/:id/statuses`, newest first.
pub fn of_account(state: &State, call: &Call, me: usize, id: &str) -> Given {
    let whose = state.people.iter().position(|person| person.id == id).ok_or_else(missing)?;
    let limit = call.param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(20_usize).min(40);
    let before = call.param("max_id").map(|id| state.statuses.iter().position(|status| status.id == id));
    let end = before.map_or(state.statuses.len(), |before| before.unwrap_or(0));
    let theirs = (0..end).rev().filter(|at| state.statuses[*at].author == whose && !state.statuses[*at].gone);
    Ok(theirs.filter(|at| state.sees(me, *at)).take(limit).map(|at| state.shown(at)).collect())
}
