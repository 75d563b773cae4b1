//! Posts of X: the mentions of the account and its own timeline.

use serde_json::{Map, Value, json};

use super::super::time;
use super::super::wire::{Answer, Call};
use super::super::world::{Feed, Message, World};
use super::problem::{Problem, not_found_entry};
use super::query::{self, Query, Read};
use super::{number, users, word};

/// How many mentions can be paged through at most.
const DEPTH: usize = 800;

/// Beyond this many characters a post is shown cut, with the whole text in its note.
const SHORT: usize = 280;

/// `GET /2/users/{id}/mentions` or `/2/users/{id}/tweets`.
pub fn timeline(world: &mut World, call: &Call, user: &str, mentions: bool) -> Result<Answer, Problem> {
    if !super::is_id(user) {
        return Err(Problem::invalid("id", user, "The `id` path parameter value is not a valid user id"));
    }
    let query = Query::read(call, Read::Timeline, &world.settings, !mentions)?;
    if let Some(oddity) = query.oddity {
        world.violation(call, oddity);
    }
    let mut found: Vec<&Message> =
        world.messages.iter().filter(|post| belongs(post, user, mentions) && in_bounds(world, post, &query)).collect();
    found.sort_unstable_by_key(|post| std::cmp::Reverse(number(&post.id)));
    if mentions {
        found.truncate(DEPTH);
    }
    found.retain(|post| query.below.is_none_or(|below| number(&post.id) < below));
    let page = &found[..found.len().min(query.max_results)];
    let mut meta = json!({"result_count": page.len()});
    let (Some(first), Some(last)) = (page.first(), page.last()) else {
        return Ok(Answer::json(200, json!({ "meta": meta })));
    };
    meta["newest_id"] = json!(first.id);
    meta["oldest_id"] = json!(last.id);
    if found.len() > page.len() {
        meta["next_token"] = json!(query::token(number(&last.id), Read::Timeline));
    }
    let data: Vec<Value> = page.iter().map(|post| shown(world, post, &query)).collect();
    let (includes, errors) = includes(world, page, &query);
    Ok(Answer::json(200, whole(json!({"data": data, "meta": meta}), includes, &errors)))
}

/// `GET /2/tweets/{id}`.
pub fn one(world: &mut World, call: &Call, id: &str) -> Result<Answer, Problem> {
    if !super::is_id(id) {
        return Err(Problem::invalid("id", id, "The `id` path parameter value is not a valid post id"));
    }
    let query = Query::read(call, Read::Post, &world.settings, false)?;
    if let Some(oddity) = query.oddity {
        world.violation(call, oddity);
    }
    let Some(post) = world.message(id).filter(|post| post.feed == Feed::XMentions && post.visible()) else {
        let entry = not_found_entry(&world.settings.x_problem_host, "id", id, word(query.vocabulary, "tweet", "post"));
        return Ok(Answer::json(200, json!({"errors": [entry]})));
    };
    let data = shown(world, post, &query);
    let (includes, errors) = includes(world, &[post], &query);
    Ok(Answer::json(200, whole(json!({ "data": data }), includes, &errors)))
}

/// A body with what the expansions brought along and could not find.
fn whole(mut body: Value, includes: Map<String, Value>, errors: &[Value]) -> Value {
    if !includes.is_empty() {
        body["includes"] = Value::Object(includes);
    }
    if !errors.is_empty() {
        body["errors"] = json!(errors);
    }
    body
}

fn belongs(post: &Message, user: &str, mentions: bool) -> bool {
    if post.feed != Feed::XMentions || !post.visible() {
        return false;
    }
    if !mentions {
        return post.author_id == user;
    }
    let named = post.mentions.iter().any(|mention| mention.id == user);
    post.author_id != user && (named || post.flags.quote_of_us)
}

fn in_bounds(world: &World, post: &Message, query: &Query) -> bool {
    let id = number(&post.id);
    let inclusive = world.settings.x_since_id_inclusive;
    let since = query.since_id.is_none_or(|since| id > since || (inclusive && id == since));
    let until = query.until_id.is_none_or(|until| id < until);
    // Ids win over times.
    let start = query.since_id.is_some() || query.start.is_none_or(|start| post.at >= start);
    let end = query.until_id.is_some() || query.end.is_none_or(|end| post.at < end);
    let excluded = query.exclude.iter().any(|kind| match kind.as_str() {
        "replies" => post.in_reply_to.is_some(),
        _ => post.reposts.is_some(),
    });
    since && until && start && end && !excluded
}

/// One post with the wanted fields.
fn shown(world: &World, post: &Message, query: &Query) -> Value {
    let long = post.text.chars().count() > SHORT + post.hidden_prefix;
    let text = if long { post.text.chars().take(SHORT - 1).chain(['…']).collect() } else { post.text.clone() };
    let mut out = Map::new();
    out.insert("id".to_owned(), json!(post.id));
    out.insert("text".to_owned(), json!(text));
    out.insert(word(query.vocabulary, "edit_history_tweet_ids", "edit_history_post_ids").to_owned(), json!([post.id]));
    for field in &query.post_fields {
        if let Some((name, value)) = one_field(world, post, field, long) {
            out.insert(name.to_owned(), value);
        }
    }
    // An expansion shows the field by which it expands.
    let always = world.settings.x_post_author_id && !query.tweets();
    if always || query.expands("author_id") {
        out.insert("author_id".to_owned(), json!(post.author_id));
    }
    if let (true, Some(user)) = (query.expands("in_reply_to_user_id"), answered_user(world, post)) {
        out.insert("in_reply_to_user_id".to_owned(), json!(user));
    }
    let references = references(post);
    if !references.is_empty() && (query.expands("referenced_tweets.id") || query.expands("referenced_posts")) {
        out.insert(word(query.vocabulary, "referenced_tweets", "referenced_posts").to_owned(), json!(references));
    }
    Value::Object(out)
}

fn one_field(world: &World, post: &Message, field: &str, long: bool) -> Option<(&'static str, Value)> {
    Some(match field {
        "author_id" => ("author_id", json!(post.author_id)),
        "conversation_id" => ("conversation_id", json!(post.thread_id)),
        "created_at" => ("created_at", json!(time::x(post.at))),
        "in_reply_to_user_id" => ("in_reply_to_user_id", json!(answered_user(world, post)?)),
        "lang" => ("lang", json!("und")),
        "possibly_sensitive" => ("possibly_sensitive", json!(false)),
        "reply_settings" => ("reply_settings", json!(post.flags.reply_settings.as_deref().unwrap_or("everyone"))),
        "display_text_range" => {
            let end = post.text.chars().count().min(SHORT + post.hidden_prefix);
            ("display_text_range", json!([post.hidden_prefix, end]))
        }
        "entities" if !post.mentions.is_empty() => ("entities", entities(post)),
        "referenced_tweets" | "referenced_tweets.id" if !references(post).is_empty() => {
            ("referenced_tweets", json!(references(post)))
        }
        "note_tweet" if long => ("note_tweet", json!({"text": post.text})),
        "note_post" if long => ("note_post", json!({"text": post.text})),
        "edit_controls" => {
            let until = time::x(post.at + 30 * time::MINUTE);
            (
                "edit_controls",
                json!({"edits_remaining": 5, "is_edit_eligible": post.in_reply_to.is_none(), "editable_until": until}),
            )
        }
        _ => return None,
    })
}

fn entities(post: &Message) -> Value {
    let mentions = post.mentions.iter();
    let shown: Vec<Value> =
        mentions.map(|m| json!({"start": m.start, "end": m.end, "username": m.handle, "id": m.id})).collect();
    json!({ "mentions": shown })
}

/// The author of the post that this one answers.
pub fn answered_user(world: &World, post: &Message) -> Option<String> {
    let answered = world.message(post.in_reply_to.as_deref()?)?;
    Some(answered.author_id.clone())
}

fn references(post: &Message) -> Vec<Value> {
    let kinds = [("replied_to", &post.in_reply_to), ("quoted", &post.quotes), ("retweeted", &post.reposts)];
    kinds.iter().filter_map(|(kind, id)| id.as_ref().map(|id| json!({"type": kind, "id": id}))).collect()
}

/// What the expansions bring along, and what they could not find.
fn includes(world: &World, page: &[&Message], query: &Query) -> (Map<String, Value>, Vec<Value>) {
    let mut ids: Vec<String> = Vec::new();
    for post in page {
        if query.expands("author_id") {
            ids.push(post.author_id.clone());
        }
        if query.expands("in_reply_to_user_id") {
            ids.extend(answered_user(world, post));
        }
        if query.expands("entities.mentions.username") {
            ids.extend(post.mentions.iter().map(|mention| mention.id.clone()));
        }
    }
    let (posts, errors) = referenced(world, page, query);
    let mut out = Map::new();
    if !ids.is_empty() {
        out.insert("users".to_owned(), json!(users::included(world, ids, query)));
    }
    if !posts.is_empty() {
        out.insert(word(query.vocabulary, "tweets", "posts").to_owned(), json!(posts));
    }
    (out, errors)
}

/// The posts that a page speaks of, and an error for each that cannot be seen.
fn referenced(world: &World, page: &[&Message], query: &Query) -> (Vec<Value>, Vec<Value>) {
    let (mut posts, mut errors): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    if !query.expands("referenced_tweets.id") && !query.expands("referenced_posts") {
        return (posts, errors);
    }
    let names = if query.tweets() { ("referenced_tweets.id", "tweet") } else { ("referenced_posts", "post") };
    let mut done: Vec<&str> = Vec::new();
    let all = page.iter().flat_map(|post| [&post.in_reply_to, &post.quotes, &post.reposts]);
    for id in all.flatten() {
        if done.contains(&id.as_str()) {
            continue;
        }
        done.push(id);
        if let Some(post) = world.message(id).filter(|post| post.visible()) {
            posts.push(shown(world, post, query));
        } else {
            errors.push(not_found_entry(&world.settings.x_problem_host, names.0, id, names.1));
        }
    }
    (posts, errors)
}
