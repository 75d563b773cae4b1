//! The fields that each kind of node has; anything else is refused.

use super::super::meta_settings::Extras;
use super::super::settings::Settings;
use super::error::GraphError;
use super::fields::Field;
use super::known_fields::documented;
use super::page;

/// The kinds of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Page,
    /// The Instagram account.
    Account,
    Thread,
    Message,
    InstagramThread,
    InstagramMessage,
    Post,
    Comment,
    /// A picture or film on Instagram.
    Medium,
    /// A comment on Instagram.
    Remark,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A value without parts.
    Plain,
    /// A person or account, or a list of such.
    Person,
    /// An object whose parts are not looked into.
    Opaque,
    /// Another node.
    Node(Kind),
    /// A list of other nodes.
    Edge(Kind),
    /// A list of people of which only the count is known here: nobody.
    Nobody,
}

/// The fields of a person that may be named.
pub const PERSON: [&str; 4] = ["id", "name", "email", "username"];

/// The fields that are shown when a call names none, besides `id`.
pub fn defaults(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Page => &["name"],
        Kind::Account | Kind::Medium => &[],
        Kind::Thread | Kind::InstagramThread => &["updated_time"],
        Kind::Message | Kind::InstagramMessage => &["created_time"],
        Kind::Post => &["created_time", "message"],
        Kind::Comment => &["created_time", "from", "message"],
        Kind::Remark => &["timestamp", "text"],
    }
}

#[allow(clippy::match_same_arms, reason = "one line for each kind of node reads as a table")]
fn shape(kind: Kind, name: &str, settings: &Settings) -> Option<Shape> {
    use Shape::{Edge, Nobody, Node, Opaque, Person, Plain};
    Some(match (kind, name) {
        (_, "id") => Plain,
        (Kind::Page, "name" | "username" | "link" | "category" | "access_token" | "tasks") => Plain,
        (Kind::Page, "category_list") => Opaque,
        (Kind::Page, "instagram_business_account" | "connected_instagram_account") => Node(Kind::Account),
        (Kind::Account, "username" | "name" | "media_count" | "user_id" | "account_type" | "followers_count") => Plain,
        (
            Kind::Thread,
            "updated_time" | "link" | "message_count" | "name" | "folder" | "is_owner" | "scoped_thread_key",
        ) => Plain,
        (Kind::Thread, "snippet" | "unread_count" | "can_reply") if settings.graph_thread_extras => Plain,
        (Kind::InstagramThread, "updated_time" | "name" | "is_owner") => Plain,
        (Kind::InstagramThread, "snippet" | "unread_count" | "can_reply")
            if settings.meta.instagram_thread_extras != Extras::Refused =>
        {
            Plain
        }
        (Kind::Thread | Kind::InstagramThread, "participants" | "senders" | "former_participants") => Person,
        (Kind::Thread, "messages") => Edge(Kind::Message),
        (Kind::InstagramThread, "messages") => Edge(Kind::InstagramMessage),
        (Kind::Message | Kind::InstagramMessage, "created_time" | "message" | "sticker" | "is_unsupported") => Plain,
        (Kind::Message | Kind::InstagramMessage, "from" | "to") => Person,
        (Kind::Message | Kind::InstagramMessage, "attachments" | "shares" | "reactions" | "story" | "reply_to") => {
            Opaque
        }
        (Kind::Message, "tags") => Opaque,
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
        (Kind::Post, "to" | "message_tags") => Opaque,
        (Kind::Comment, "message_tags" | "object") => Opaque,
        (Kind::Comment, "parent") => Node(Kind::Comment),
        (Kind::Post | Kind::Comment, "private_reply_conversation") => Node(Kind::Thread),
        (Kind::Post | Kind::Comment, "comments") => Edge(Kind::Comment),
        (
            Kind::Medium,
            "caption" | "timestamp" | "permalink" | "username" | "comments_count" | "like_count" | "media_type"
            | "media_product_type" | "media_url" | "is_comment_enabled" | "shortcode",
        ) => Plain,
        (Kind::Medium, "owner") => Node(Kind::Account),
        (Kind::Medium, "comments") => Edge(Kind::Remark),
        (Kind::Remark, "text" | "timestamp" | "username" | "hidden" | "like_count" | "parent_id") => Plain,
        (Kind::Remark, "from") => Person,
        (Kind::Remark, "media" | "user") => Opaque,
        (Kind::Remark, "replies") => Edge(Kind::Remark),
        (Kind::Post | Kind::Comment, "reactions" | "likes") => Nobody,
        _ if documented(kind, name) => Opaque,
        _ => return None,
    })
}

/// The modifiers of a nested list, and its largest page.
fn list_of(kind: Kind) -> (&'static [&'static str], usize) {
    match kind {
        Kind::Comment => (&["limit", "after", "filter", "order", "since", "summary", "live_filter"], page::LIMIT_MAX),
        Kind::Remark => (&["limit", "after"], super::instagram::COMMENTS_MAX),
        _ => (&["limit", "after", "source"], page::LIMIT_MAX),
    }
}

/// Refuses fields that this kind of node does not have, at any depth, whether or not there is anything to show.
pub fn check(kind: Kind, wanted: &[Field], settings: &Settings) -> Result<(), GraphError> {
    for field in wanted {
        let shape = shape(kind, &field.name, settings).ok_or_else(|| nonexisting(&field.name, kind))?;
        let (modifiers, largest) = match shape {
            Shape::Edge(inner) => list_of(inner),
            Shape::Nobody => (&["limit", "after", "type", "summary"][..], page::LIMIT_MAX),
            _ => (&[][..], 0),
        };
        for (name, value) in &field.modifiers {
            if !modifiers.contains(&name.as_str()) && name != "as" {
                return Err(GraphError::parameter(format!("Unknown modifier '{name}' on field '{}'", field.name)));
            }
            if name == "limit" {
                page::limit(Some(value), largest, settings)?;
            }
        }
        match shape {
            Shape::Edge(inner) | Shape::Node(inner) => check(inner, &field.below, settings)?,
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
            Shape::Plain | Shape::Opaque | Shape::Nobody => {}
        }
    }
    Ok(())
}

fn nonexisting(name: &str, kind: Kind) -> GraphError {
    let kind = match kind {
        Kind::Page => "Page",
        Kind::Account => "IGUser",
        Kind::Thread | Kind::InstagramThread => "UnifiedThread",
        Kind::Message | Kind::InstagramMessage => "Message",
        Kind::Post => "Post",
        Kind::Comment => "Comment",
        Kind::Medium => "IGMedia",
        Kind::Remark => "IGComment",
    };
    GraphError::parameter(format!("Tried accessing nonexisting field ({name}) on node type ({kind})"))
}
