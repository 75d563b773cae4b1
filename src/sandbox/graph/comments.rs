//! Comments below posts of the Page, of visitors, and of those who tag it; comments of the Page.

use serde_json::{Value, json};

use super::super::control::{Flags, facebook};
use super::super::settings::DuplicateScope;
use super::super::time::{self, DAY};
use super::super::wire::Call;
use super::super::world::{By, Feed, Message, World};
use super::error::GraphError;
use super::fields::Field;
use super::node::{Node, Scene};
use super::page::{Item, LIMIT_MAX, Window};
use super::private_reply::{self, can_reply_privately};
use super::shape::{self, Kind};
use super::token::Caller;
use super::{inbox, posts, send};

/// The longest comment, in code points (unverified; the platform documents none).
const COMMENT_MAX: usize = 8_000;

/// `GET /{post-id|comment-id}/comments`.
pub fn list(world: &mut World, call: &Call, caller: Caller, id: &str) -> Result<Value, GraphError> {
    super::known_parameters(
        world,
        call,
        &["fields", "limit", "after", "filter", "order", "since", "summary", "live_filter"],
    );
    let wanted = super::wanted(call)?;
    shape::check(Kind::Comment, &wanted, &world.settings)?;
    let scene = Scene::new(world, call, caller);
    let Some(Node::Post(parent, _) | Node::Comment(parent)) = scene.find(id) else {
        return Err(GraphError::missing("GET", id));
    };
    edge(&scene, parent, &|name| call.param(name), &wanted, &call.query)
}

/// The comments below a post or comment; `given` reads the parameters or modifiers of the edge.
fn edge<'a>(
    scene: &Scene<'a>,
    parent: &'a Message,
    given: &dyn Fn(&str) -> Option<&'a str>,
    wanted: &[Field],
    keep: &[(String, String)],
) -> Result<Value, GraphError> {
    let stream = match given("filter") {
        None | Some("toplevel") => false,
        Some("stream") => true,
        Some(other) => {
            return Err(GraphError::parameter(format!(
                "Param filter must be one of {{toplevel, stream}}, not {other}"
            )));
        }
    };
    let oldest_first = match given("order") {
        None | Some("chronological") => true,
        Some("reverse_chronological") => false,
        Some(other) => return Err(GraphError::parameter(format!("Invalid order '{other}'"))),
    };
    let window = Window::read(given("limit"), given("after"), oldest_first, LIMIT_MAX, &scene.world.settings)?;
    let since = moment(given("since"))?;
    let mut items: Vec<Item> =
        scene.below(parent, stream).map(|comment| Item { key: comment.key(), node: Node::Comment(comment) }).collect();
    let total = items.len();
    items.retain(|item| since.is_none_or(|since| item.key.0 >= since));
    items.sort_unstable_by_key(|item| item.key);
    if !oldest_first {
        items.reverse();
    }
    let mut shown = scene.edge(&items, &window, wanted, &format!("{}/comments", parent.id), keep)?;
    if given("summary").is_some_and(|summary| !["false", "0"].contains(&summary)) {
        let order = if oldest_first { "chronological" } else { "reverse_chronological" };
        shown["summary"] = json!({"order": order, "total_count": total, "can_comment": true});
    }
    Ok(shown)
}

impl<'a> Scene<'a> {
    /// The visible comments below a post or comment: its direct ones, or all levels. There are two levels and no
    /// third: what answers a reply stands beside it.
    pub fn below(&self, parent: &'a Message, all_levels: bool) -> impl Iterator<Item = &'a Message> {
        let thread = self.world.threads.get(&parent.thread_id);
        let world = self.world;
        let of_thread = thread.into_iter().flat_map(move |thread| world.in_thread(thread));
        of_thread.filter(move |comment| {
            let stands_below = match top_level(world, comment) {
                Some(top) => top.id == parent.id || (parent.is_post() && all_levels),
                None => parent.is_post(),
            };
            comment.is_comment() && comment.visible() && comment.id != parent.id && stands_below
        })
    }
}

/// The comment of the first level below which this one stands; `None` for one of the first level.
fn top_level<'a>(world: &'a World, comment: &Message) -> Option<&'a Message> {
    let above = |comment: &Message| comment.in_reply_to.as_deref().and_then(|id| world.message(id));
    let mut top = above(comment).filter(|parent| parent.is_comment())?;
    while let Some(higher) = above(top).filter(|parent| parent.is_comment()) {
        top = higher;
    }
    Some(top)
}

/// One field of a comment.
pub fn field<'a>(scene: &Scene<'a>, comment: &'a Message, field: &'a Field) -> Result<Option<Value>, GraphError> {
    let world = scene.world;
    let of_person = comment.author_id != world.setup.page_id;
    let withheld = comment.flags.withhold_from.unwrap_or(of_person && world.settings.meta.graph_comments_hide_author);
    Ok(match field.name.as_str() {
        "created_time" => Some(json!(time::graph(comment.at))),
        "message" => Some(json!(comment.text)),
        "from" => (!withheld).then(|| scene.person(&comment.author_id, &field.below, false)),
        "parent" => top_level(world, comment).map(|top| scene.read(Node::Comment(top), &field.below)).transpose()?,
        "permalink_url" => {
            Some(json!(format!("https://www.facebook.com/{}?comment_id={}", comment.thread_id, comment.id)))
        }
        "can_comment" => Some(json!(comment.flags.can_comment.unwrap_or(true))),
        "can_hide" | "can_remove" => Some(json!(of_person)),
        "can_like" => Some(json!(true)),
        "can_reply_privately" => Some(json!(can_reply_privately(world, comment))),
        "is_hidden" => Some(json!(comment.hidden)),
        "is_private" => Some(json!(false)),
        "like_count" => Some(json!(0)),
        "comment_count" => Some(json!(scene.below(comment, false).count())),
        "object" => Some(json!({"id": comment.thread_id})),
        "private_reply_conversation" => private_reply::conversation(scene, comment, field)?,
        "reactions" | "likes" => Some(Scene::nobody(field)),
        "message_tags" => posts::tags_of(world, comment),
        "comments" => nested(scene, comment, field)?,
        _ => None,
    })
}

/// The comments nested in a node; a node without comments has no such field.
pub fn nested<'a>(scene: &Scene<'a>, parent: &'a Message, field: &'a Field) -> Result<Option<Value>, GraphError> {
    let mut keep: Vec<(String, String)> = field.modifiers.clone();
    keep.push(("fields".to_owned(), inbox::written(&field.below)));
    let shown = edge(scene, parent, &|name| field.modifier(name), &field.below, &keep)?;
    let empty = shown["data"].as_array().is_none_or(Vec::is_empty);
    Ok((!empty || shown.get("summary").is_some()).then_some(shown))
}

/// `POST /{post-id|comment-id}/comments`: a comment of the Page.
pub fn write(world: &mut World, call: &Call, caller: Caller, target: &str) -> Result<Value, GraphError> {
    let given = send::parameters(call)?;
    let known = [
        "message",
        "fields",
        "access_token",
        "appsecret_proof",
        "appsecret_time",
        "attachment_id",
        "attachment_url",
        "attachment_share_url",
    ];
    if let Some(odd) = given.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(GraphError::parameter(format!("Unexpected parameter '{odd}'")));
    }
    let text = given.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    if text.trim().is_empty() || text.chars().count() > COMMENT_MAX {
        return Err(GraphError::parameter("Param message must be a text of 1 to 8000 characters"));
    }
    let Some(Node::Post(parent, _) | Node::Comment(parent)) = Scene::new(world, call, caller).find(target) else {
        return Err(GraphError::missing("POST", target));
    };
    if !parent.flags.can_comment.unwrap_or(true) {
        return Err(GraphError::missing("POST", target));
    }
    if said_before(world, target, &text) {
        return Err(GraphError::new(506, "(#506) Duplicate status message"));
    }
    let (page, now) = (world.setup.page_id.clone(), world.now());
    let said = facebook::below(world, target, &page, By::Service, text, now, Flags::default())
        .map_err(|_| GraphError::missing("POST", target))?;
    let Some(fields) = given.get("fields").and_then(Value::as_str).filter(|fields| !fields.is_empty()) else {
        return Ok(json!({"id": said.message_id}));
    };
    let wanted = super::fields::parse(fields)?;
    shape::check(Kind::Comment, &wanted, &world.settings)?;
    let written = world.message(&said.message_id).ok_or_else(|| GraphError::missing("POST", target))?;
    Scene::new(world, call, caller).read(Node::Comment(written), &wanted)
}

fn said_before(world: &World, target: &str, text: &str) -> bool {
    let recent = world.now() - DAY;
    let mut ours = world.messages.iter().filter(|message| {
        message.feed == Feed::FacebookComments
            && message.by == By::Service
            && message.text == text
            && message.at > recent
    });
    match world.settings.graph_duplicates {
        DuplicateScope::Off => false,
        DuplicateScope::SameTarget => ours.any(|message| message.in_reply_to.as_deref() == Some(target)),
        DuplicateScope::AnyRecent => ours.next().is_some(),
    }
}

/// `POST /{comment-id}` with `is_hidden`.
pub fn hide(world: &mut World, call: &Call, id: &str) -> Result<Value, GraphError> {
    let given = send::parameters(call)?;
    let wish = given.get("is_hidden").map(|value| value == &json!(true) || value == "true");
    let comment =
        world.message_mut(id).filter(|message| message.is_comment()).ok_or_else(|| GraphError::missing("POST", id))?;
    comment.hidden = wish.ok_or_else(|| GraphError::parameter("Param is_hidden is required"))?;
    Ok(json!({"success": true}))
}

/// A time given as `since` or `until`.
pub fn moment(given: Option<&str>) -> Result<Option<i64>, GraphError> {
    let read =
        |text| time::graph_parameter(text).ok_or_else(|| GraphError::parameter("Param since or until must be a time"));
    given.map(read).transpose()
}
