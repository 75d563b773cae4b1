//! Users of X as the API shows them.

use serde_json::{Map, Value, json};

use super::super::control::x::handle_of;
use super::super::time;
use super::super::wire::{Answer, Call};
use super::super::world::World;
use super::problem::{Problem, not_found_entry};
use super::query::{Query, Read};
use super::word;

/// `GET /2/users/me`.
pub fn me(world: &mut World, call: &Call) -> Result<Answer, Problem> {
    let query = Query::read(call, Read::User, &world.settings, false)?;
    let id = world.setup.x_user_id.clone();
    Ok(Answer::json(200, json!({"data": shown(world, &id, &query)})))
}

/// `GET /2/users/{id}`.
pub fn by_id(world: &mut World, call: &Call, id: &str) -> Result<Answer, Problem> {
    if !super::is_id(id) {
        return Err(Problem::invalid("id", id, "The `id` path parameter value is not a valid user id"));
    }
    let exists = id == world.setup.x_user_id || world.people.has(id, |citizen| &citizen.x_id);
    found(world, call, exists.then(|| id.to_owned()), ("id", id))
}

/// `GET /2/users/by/username/{username}`.
pub fn by_handle(world: &mut World, call: &Call, handle: &str) -> Result<Answer, Problem> {
    let id = if handle.eq_ignore_ascii_case(&world.setup.x_username) {
        Some(world.setup.x_user_id.clone())
    } else {
        let citizen = world.people.by_handle(handle);
        citizen.map(|citizen| citizen.x_id.clone())
    };
    found(world, call, id, ("username", handle))
}

fn found(world: &mut World, call: &Call, id: Option<String>, asked: (&str, &str)) -> Result<Answer, Problem> {
    let query = Query::read(call, Read::User, &world.settings, false)?;
    Ok(Answer::json(
        200,
        match id {
            Some(id) => json!({"data": shown(world, &id, &query)}),
            None => json!({"errors": [not_found_entry(&world.settings.x_problem_host, asked.0, asked.1, "user")]}),
        },
    ))
}

/// One user with the wanted fields; `id`, `name` and `username` are always among them.
pub fn shown(world: &World, id: &str, query: &Query) -> Value {
    let own = id == world.setup.x_user_id;
    let name = if own { world.setup.page_name.clone() } else { world.name_of(id) };
    let mut user = Map::new();
    user.insert("id".to_owned(), json!(id));
    user.insert("name".to_owned(), json!(name));
    user.insert("username".to_owned(), json!(handle_of(world, id)));
    for field in &query.user_fields {
        let value = match field.as_str() {
            "created_at" => json!(time::x(world.opened - 1_000 * time::DAY)),
            "description" => json!(""),
            "protected" | "verified" | "parody" | "is_identity_verified" => json!(false),
            "verified_type" => json!(if own { "government" } else { "none" }),
            "receives_your_dm" => json!(true),
            "connection_status" => json!([]),
            "public_metrics" => {
                let posts = word(query.vocabulary, "tweet_count", "post_count");
                json!({"followers_count": 1, "following_count": 1, posts: 1, "listed_count": 0, "like_count": 0})
            }
            _ => continue,
        };
        user.insert(field.clone(), value);
    }
    Value::Object(user)
}

/// The users named by these ids, each once.
pub fn included(world: &World, ids: impl IntoIterator<Item = String>, query: &Query) -> Vec<Value> {
    let mut done: Vec<String> = Vec::new();
    for id in ids {
        if !done.contains(&id) {
            done.push(id);
        }
    }
    done.iter().map(|id| shown(world, id, query)).collect()
}
