//! Batches: `POST /` with up to fifty calls, each answered as if it had come alone.

use serde_json::{Value, json};

use super::super::wire::{self, Answer, Call, Content, Outcome};
use super::super::world::World;
use super::error::GraphError;
use super::{is_version, token};

/// The most parts that a batch may have.
const PARTS_MAX: usize = 50;

/// The keys of a part that are understood here.
const KEYS: [&str; 4] = ["method", "relative_url", "body", "include_headers"];

/// Answers a batch; the outer status is 200 even when parts fail, and a part without an answer is `null`.
pub fn handle(world: &mut World, call: &Call) -> Answer {
    let parts = match read(call) {
        Ok(parts) => parts,
        Err(error) => {
            world.violation(call, &error.message);
            return error.answer();
        }
    };
    let headers = token::parameter(call, "include_headers").is_none_or(|wish| wish != "false");
    let answers: Vec<Value> = parts.iter().map(|part| answer(world, part, headers)).collect();
    Answer::json(200, json!(answers))
}

/// Reads the parts of a batch into calls with the token and proof of the whole.
fn read(call: &Call) -> Result<Vec<Call>, GraphError> {
    let batch = if let Some(mut body) = call.json() {
        body.remove("batch").unwrap_or_default()
    } else {
        serde_json::from_str(&token::parameter(call, "batch").unwrap_or_default()).unwrap_or_default()
    };
    let parts = batch.as_array().ok_or_else(|| GraphError::parameter("Param batch must be an array"))?;
    if parts.is_empty() || parts.len() > PARTS_MAX {
        return Err(GraphError::parameter("Param batch must have 1 to 50 parts"));
    }
    parts.iter().map(|part| of_part(call, part)).collect()
}

fn of_part(outer: &Call, part: &Value) -> Result<Call, GraphError> {
    let keys = part.as_object().ok_or_else(|| GraphError::parameter("A part of a batch is an object"))?;
    if let Some(odd) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(GraphError::parameter(format!("A part of a batch cannot have '{odd}' here")));
    }
    let text = |key: &str| part.get(key).and_then(Value::as_str);
    let url = text("relative_url").ok_or_else(|| GraphError::parameter("A part of a batch needs a relative_url"))?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut segments: Vec<String> =
        path.split('/').filter(|part| !part.is_empty()).map(|part| wire::decode(part, false)).collect();
    if !segments.first().is_some_and(|first| is_version(first)) {
        let version = outer.segments.first().cloned().unwrap_or_else(|| "v26.0".to_owned());
        segments.insert(0, version);
    }
    let mut query = wire::pairs(query);
    let own_token = query.iter().any(|(key, _)| key == "access_token");
    for name in ["appsecret_proof", "appsecret_time"] {
        if let (false, Some(value)) = (own_token, token::parameter(outer, name)) {
            query.push((name.to_owned(), value));
        }
    }
    Ok(Call {
        proxy: None,
        idempotency: None,
        method: text("method").unwrap_or("GET").to_uppercase(),
        path: format!("/{}", segments.join("/")),
        segments,
        query,
        authorization: token::given(outer).filter(|_| !own_token).map(|token| format!("Bearer {token}")),
        content_type: "application/x-www-form-urlencoded".to_owned(),
        host: outer.host.clone(),
        body: text("body").unwrap_or_default().as_bytes().to_vec(),
    })
}

fn answer(world: &mut World, part: &Call, with_headers: bool) -> Value {
    let Outcome::Answer(answer) = super::handle(world, part) else {
        return Value::Null;
    };
    let body = match answer.body {
        Content::Json(value) | Content::Truncated(value) => value.to_string(),
        Content::Html(page) => page,
    };
    let mut shown = json!({"code": answer.status, "body": body});
    if with_headers {
        let mut headers: Vec<Value> =
            answer.headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        headers.push(json!({"name": "Content-Type", "value": "application/json; charset=UTF-8"}));
        shown["headers"] = json!(headers);
    }
    shown
}
