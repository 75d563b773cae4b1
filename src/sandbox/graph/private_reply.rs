//! Private replies: one message in answer to a public comment or visitor post.

use serde_json::{Value, json};

use super::super::control::{facebook, instagram};
use super::super::time::DAY;
use super::super::world::{By, Feed, Message, World};
use super::error::GraphError;
use super::fields::Field;
use super::node::{Node, Scene};

/// How long after a comment or visitor post the private reply may be given.
const AGE_MAX: i64 = 7 * DAY;

/// True while one private message may still answer a comment or visitor post: once, within seven days.
pub fn can_reply_privately(world: &World, target: &Message) -> bool {
    target.by == By::Citizen
        && !target.privately_answered
        && !target.flags.cannot_receive
        && world.now() - target.at < AGE_MAX
}

/// The conversation in which the private reply to a post or comment stands.
pub fn conversation<'a>(scene: &Scene<'a>, target: &'a Message, field: &'a Field) -> Result<Option<Value>, GraphError> {
    let author = scene.world.known_as(&target.author_id).filter(|_| target.privately_answered);
    let thread = author.and_then(|author| scene.world.threads.get(&facebook::thread_of(&author.psid)));
    thread.map(|thread| scene.read(Node::Thread(thread), &field.below)).transpose()
}

/// Gives a private reply; `key` is `comment_id` or `post_id`.
pub fn send(world: &mut World, key: &str, target: &Message, text: &str) -> Result<Value, GraphError> {
    let fits = match key {
        "post_id" => target.is_post() && target.flags.visitor_post,
        _ => target.is_comment() || (target.is_media_comment() && !target.hidden),
    };
    if !fits {
        let error = GraphError::new(100, "(#100) The comment or post is invalid for a private reply");
        return Err(error.sub(2_534_025).ours());
    }
    if target.privately_answered {
        return Err(GraphError::new(10900, "(#10900) Activity already replied to"));
    }
    let to = world.known_as(&target.author_id).filter(|_| !target.flags.cannot_receive).cloned();
    let to = to.ok_or_else(|| GraphError::new(10903, "(#10903) This user cant reply to this activity"))?;
    if world.now() - target.at >= AGE_MAX {
        let (code, subcode) = world.settings.meta.graph_late_private_reply;
        let mut error = GraphError::new(code, format!("(#{code}) The comment is too old for a private reply"));
        error.subcode = (subcode != 0).then_some(subcode);
        return Err(error);
    }
    let on_instagram = target.feed == Feed::InstagramComments;
    let (now, id) = (world.now(), target.id.clone());
    let said = if on_instagram {
        instagram::privately(world, &to, &id, text, now, By::Service)
    } else {
        facebook::privately(world, &to, &id, text, now, By::Service)
    };
    let (recipient, sent) = if on_instagram {
        (to.igsid, super::instagram::sent_id(world, &said.message_id))
    } else {
        (to.psid, said.message_id)
    };
    Ok(json!({"recipient_id": recipient, "message_id": sent}))
}
