//! Users of X as the API shows them.

use serde_json::{Map, Value, json};

use super::super::control::x::handle_of;
use super::super::time;
use super::super::wire::{Answer, Call};
use super::super::world::World;
use super::problem::Problem;
use super::query::{Query, Read};
use super::word;

/// `GET /2/users/me`.
pub fn me(world: &mut World, call: &Call) -> Result<Answer, Problem> {
    let query = Query::read(call, Read::User, &world.settings, false)?;
    let id = world.setup.x_user_id.clone();
    Ok(Answer::json(200, json!({"data": shown(world, &id, &query)})))
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
