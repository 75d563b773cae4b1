//! The fields that each kind of node has; anything else is refused.

use super::super::settings::Settings;
use super::error::GraphError;
use super::fields::Field;
use super::page;

/// The kinds of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Page,
    Thread,
    Message,
    Post,
    Comment,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A value without parts.
    Plain,
    /// A person or Page, or a list of such.
    Person,
    /// An object whose parts are not looked into.
    Opaque,
    /// A list of other nodes.
    Edge(Kind),
}

/// The fields of a person that may be named.
pub const PERSON: [&str; 4] = ["id", "name", "email", "username"];

#[allow(clippy::match_same_arms, reason = "one line for each kind of node reads as a table")]
fn shape(kind: Kind, name: &str, settings: &Settings) -> Option<Shape> {
    use Shape::{Edge, Opaque, Person, Plain};
    Some(match (kind, name) {
        (_, "id") => Plain,
        (Kind::Page, "name" | "username" | "link" | "category") => Plain,
        (Kind::Page, "instagram_business_account") => Opaque,
        (
            Kind::Thread,
            "updated_time" | "link" | "message_count" | "name" | "folder" | "is_owner" | "scoped_thread_key",
        ) => Plain,
        (Kind::Thread, "snippet" | "unread_count" | "can_reply") if settings.graph_thread_extras => Plain,
        (Kind::Thread, "participants" | "senders" | "former_participants") => Person,
        (Kind::Thread, "messages") => Edge(Kind::Message),
        (Kind::Message, "created_time" | "message" | "sticker" | "is_unsupported") => Plain,
        (Kind::Message, "from" | "to") => Person,
        (Kind::Message, "attachments" | "tags" | "shares" | "reactions" | "story" | "reply_to") => Opaque,
        (
            Kind::Post,
            "created_time"
            | "updated_time"
            | "tagged_time"
            | "message"
            | "story"
            | "permalink_url"
            | "status_type"
            | "parent_id"
            | "is_published"
            | "is_hidden"
            | "can_reply_privately",
        ) => Plain,
        (
            Kind::Comment,
            "created_time"
            | "message"
            | "permalink_url"
            | "can_comment"
            | "can_hide"
            | "can_remove"
            | "can_like"
            | "can_reply_privately"
            | "is_hidden"
            | "is_private"
            | "comment_count"
            | "like_count",
        ) => Plain,
        (Kind::Post | Kind::Comment, "from") => Person,
        (Kind::Post, "to" | "message_tags" | "attachments" | "shares" | "privacy") => Opaque,
        (Kind::Comment, "parent" | "message_tags" | "attachment" | "object" | "private_reply_conversation") => Opaque,
        (Kind::Post | Kind::Comment, "comments") => Edge(Kind::Comment),
        _ => return None,
    })
}

/// Refuses fields that this kind of node does not have, at any depth, whether or not there is anything to show.
pub fn check(kind: Kind, wanted: &[Field], settings: &Settings) -> Result<(), GraphError> {
    for field in wanted {
        let shape = shape(kind, &field.name, settings).ok_or_else(|| nonexisting(&field.name, kind))?;
        let edge = match shape {
            Shape::Edge(inner) => Some(inner),
            _ => None,
        };
        for (name, value) in &field.modifiers {
            let known = match edge {
                Some(Kind::Comment) => {
                    ["limit", "after", "filter", "order", "since", "summary", "live_filter"].contains(&name.as_str())
                }
                Some(_) => ["limit", "after", "source"].contains(&name.as_str()),
                None => false,
            };
            if !known {
                return Err(GraphError::parameter(format!("Unknown modifier '{name}' on field '{}'", field.name)));
            }
            if name == "limit" {
                page::limit(Some(value), settings)?;
            }
        }
        match shape {
            Shape::Edge(inner) => check(inner, &field.below, settings)?,
            Shape::Person => {
                if let Some(odd) = field.below.iter().find(|below| !PERSON.contains(&below.name.as_str())) {
                    return Err(GraphError::parameter(format!(
                        "Tried accessing nonexisting field ({}) on node type (User)",
                        odd.name
                    )));
                }
            }
            Shape::Plain if !field.below.is_empty() => {
                return Err(GraphError::parameter(format!("Subfields are not supported by {}", field.name)));
            }
            Shape::Plain | Shape::Opaque => {}
        }
    }
    Ok(())
}

fn nonexisting(name: &str, kind: Kind) -> GraphError {
    let kind = match kind {
        Kind::Page => "Page",
        Kind::Thread => "UnifiedThread",
        Kind::Message => "Message",
        Kind::Post => "Post",
        Kind::Comment => "Comment",
    };
    GraphError::parameter(format!("Tried accessing nonexisting field ({name}) on node type ({kind})"))
}
