//! Posts of the account: strict bodies, length, and who may be answered.

use serde_json::{Map, Value, json};

use super::super::control::x as write;
use super::super::settings::DuplicateScope;
use super::super::time::DAY;
use super::super::wire::{Answer, Call};
use super::super::world::{By, Feed, World};
use super::length;
use super::posts::answered_user;
use super::problem::Problem;

const NOT_SUMMONED: &str = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.";

/// `POST /2/tweets`.
pub fn create(world: &mut World, call: &Call) -> Result<Answer, Problem> {
    let body = super::dms::body(call)?;
    strict(&body)?;
    let text = body.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
    if text.trim().is_empty() {
        return Err(Problem::invalid("text", &text, "text is required"));
    }
    if length::weighted(&text) > length::MAX {
        return Err(Problem::invalid("text", "…", "Your Post text is too long."));
    }
    if length::has_link(&text) {
        world.violation(call, "a link in a public post");
    }
    if text.contains('@') {
        world.violation(call, "a handle in the text of a public post");
    }
    let now = world.now();
    let Some(reply) = body.get("reply") else {
        world.violation(call, "a public post that answers nobody");
        let said = write::own_post(world, &text, now, By::Service);
        return Ok(created(world, &said.message_id));
    };
    let target = reply["in_reply_to_tweet_id"].as_str().unwrap_or_default().to_owned();
    let excluded = excluded_users(world, &target, reply)?;
    may_answer(world, &target)?;
    if said_before(world, &target, &text) {
        return Err(Problem::forbidden("You are not allowed to create a Tweet with duplicate content."));
    }
    let said = write::reply(world, &target, &text, now, By::Service, &excluded);
    let tagged = world
        .message(&said.message_id)
        .map_or(0, |post| post.mentions.iter().filter(|mention| mention.start < post.hidden_prefix).count());
    if tagged > 1 {
        world.violation(call, "a reply that tags others than the author");
    }
    Ok(created(world, &said.message_id))
}

fn created(world: &World, id: &str) -> Answer {
    let text = world.message(id).map(|post| post.text.as_str()).unwrap_or_default();
    Answer::json(201, json!({"data": {"id": id, "text": text, "edit_history_tweet_ids": [id]}}))
}

/// The keys of a post that the platform knows.
const KEYS: [&str; 16] = [
    "text",
    "reply",
    "reply_settings",
    "made_with_ai",
    "media",
    "poll",
    "quote_tweet_id",
    "paid_partnership",
    "nullcast",
    "card_uri",
    "community_id",
    "direct_message_deep_link",
    "edit_options",
    "for_super_followers_only",
    "geo",
    "share_with_followers",
];

/// The keys of `reply` that the platform knows.
const REPLY_KEYS: [&str; 3] = ["in_reply_to_tweet_id", "exclude_reply_user_ids", "auto_populate_reply_metadata"];

/// Refuses keys that the platform does not know.
fn strict(body: &Map<String, Value>) -> Result<(), Problem> {
    known_keys(body, &KEYS, "$")?;
    let Some(reply) = body.get("reply") else {
        return Ok(());
    };
    let keys = reply.as_object().ok_or_else(|| Problem::invalid("reply", "", "$.reply: is not an object"))?;
    known_keys(keys, &REPLY_KEYS, "$.reply")?;
    let target = keys.get("in_reply_to_tweet_id").and_then(Value::as_str).unwrap_or_default();
    if super::is_id(target) {
        return Ok(());
    }
    let message = "$.reply.in_reply_to_tweet_id: does not match ^[0-9]{1,19}$";
    Err(Problem::invalid("in_reply_to_tweet_id", target, message))
}

/// Refuses an object with a key outside the given ones.
pub fn known_keys(object: &Map<String, Value>, known: &[&str], place: &str) -> Result<(), Problem> {
    let Some(odd) = object.keys().find(|key| !known.contains(&key.as_str())) else {
        return Ok(());
    };
    let rule = "is not defined in the schema and the schema does not allow additional properties";
    Err(Problem::invalid(odd, "", &format!("{place}.{odd}: {rule}")))
}

/// The people that a reply is not to tag; the author of the answered post cannot be among them.
fn excluded_users(world: &World, target: &str, reply: &Value) -> Result<Vec<String>, Problem> {
    let Some(given) = reply.get("exclude_reply_user_ids") else {
        return Ok(Vec::new());
    };
    let wrong =
        || Problem::invalid("exclude_reply_user_ids", "", "$.reply.exclude_reply_user_ids: is not a list of user ids");
    let list = given.as_array().ok_or_else(wrong)?;
    let ids: Option<Vec<String>> =
        list.iter().map(|id| id.as_str().filter(|id| super::is_id(id)).map(str::to_owned)).collect();
    let ids = ids.ok_or_else(wrong)?;
    let author = world.message(target).map(|post| post.author_id.clone()).unwrap_or_default();
    if ids.contains(&author) {
        return Err(Problem::invalid("exclude_reply_user_ids", &author, "The author of the post cannot be excluded"));
    }
    Ok(ids)
}

/// The rule of X for replies: the author named the account in that post or quoted it, and lets such people reply.
fn may_answer(world: &World, target: &str) -> Result<(), Problem> {
    let post = world.message(target).filter(|post| post.feed == Feed::XMentions && post.visible());
    let post = post.ok_or_else(|| {
        Problem::forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
    })?;
    let us = &world.setup.x_user_id;
    if &post.author_id == us {
        return Ok(());
    }
    let named = |hidden: bool| {
        post.mentions.iter().any(|mention| &mention.id == us && (mention.start < post.hidden_prefix) == hidden)
    };
    let direct = answered_user(world, post).as_ref() == Some(us);
    let summoned =
        named(false) || post.flags.quote_of_us || (world.settings.x_hidden_mention_summons && (named(true) || direct));
    if !summoned || post.reposts.is_some() {
        return Err(Problem::forbidden(NOT_SUMMONED));
    }
    match post.flags.reply_settings.as_deref() {
        None | Some("everyone") => Ok(()),
        Some("mentionedUsers") if named(false) => Ok(()),
        Some(_) => {
            Err(Problem::forbidden("You can only reply to or quote posts where you are mentioned or are the author."))
        }
    }
}

fn said_before(world: &World, target: &str, text: &str) -> bool {
    let recent = world.now() - DAY;
    let mut ours = world.messages.iter().rev().filter(|post| {
        post.feed == Feed::XMentions
            && post.by == By::Service
            && post.at > recent
            && post.text.chars().skip(post.hidden_prefix).eq(text.chars())
    });
    match world.settings.x_duplicates {
        DuplicateScope::Off => false,
        DuplicateScope::SameTarget => ours.any(|post| post.in_reply_to.as_deref() == Some(target)),
        DuplicateScope::AnyRecent => ours.next().is_some(),
    }
}
