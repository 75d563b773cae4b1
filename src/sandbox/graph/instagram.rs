//! Instagram: the account, its media and those that tag it, comments and replies.

use serde_json::{Value, json};

use super::super::control::{Flags, instagram as control};
use super::super::settings::DuplicateScope;
use super::super::time;
use super::super::wire::Call;
use super::super::world::{By, Feed, Message, World};
use super::error::GraphError;
use super::fields::Field;
use super::node::{Node, Scene};
use super::page::{Item, LIMIT_MAX, Window};
use super::shape::{self, Kind};
use super::token::Caller;
use super::{comments as below_posts, inbox, send};

/// The largest page of comments.
pub const COMMENTS_MAX: usize = 50;

/// The longest comment, in code points (unverified; the platform documents none).
const TEXT_MAX: usize = 2_200;

/// True when a caller reaches the Instagram account: its own token, or that of the Page to which it is linked.
pub fn reachable(world: &World, caller: Caller) -> bool {
    caller == Caller::Instagram || world.settings.meta.instagram_linked
}

/// True for the id of a medium or comment of Instagram.
pub fn owns(world: &World, id: &str) -> bool {
    world.message(id).is_some_and(|message| message.is_media() || message.is_media_comment())
}

/// The id under which the account shows itself: Instagram Login has one of its own, and `user_id` beside it.
pub fn account_id<'a>(scene: &Scene<'a>) -> &'a String {
    if scene.caller == Caller::Instagram {
        &scene.world.setup.instagram_login_id
    } else {
        &scene.world.setup.instagram_id
    }
}

/// One field of the account.
pub fn account_field(scene: &Scene, field: &Field) -> Option<Value> {
    let world = scene.world;
    let login = scene.caller == Caller::Instagram;
    match field.name.as_str() {
        "username" => Some(json!(world.setup.instagram_username)),
        "name" => Some(json!(world.setup.page_name)),
        "user_id" if login => Some(json!(world.setup.instagram_id)),
        "account_type" if login => Some(json!("BUSINESS")),
        "followers_count" => Some(json!(world.people.all().len())),
        "media_count" => Some(json!(world.messages.iter().filter(|message| is_ours(world, message)).count())),
        _ => None,
    }
}

/// `GET /{ig-id}/media`, `/{ig-id}/tags`.
pub fn list(world: &mut World, call: &Call, caller: Caller, edge: &str) -> Result<Value, GraphError> {
    if !reachable(world, caller) {
        return Err(GraphError::missing("GET", &world.setup.instagram_id));
    }
    let tags = edge == "tags";
    let times: &[&str] = if tags { &[] } else { &["since", "until"] };
    super::known_parameters(world, call, &[&["fields", "limit", "after"], times].concat());
    let wanted = super::wanted(call)?;
    shape::check(Kind::Medium, &wanted, &world.settings)?;
    let window = Window::read(call.param("limit"), call.param("after"), false, LIMIT_MAX, &world.settings)?;
    let given = |name: &str| call.param(name).filter(|_| !tags);
    let (since, until) = (below_posts::moment(given("since"))?, below_posts::moment(given("until"))?);
    let belongs = |medium: &&Message| {
        medium.visible()
            && if tags { medium.feed == Feed::InstagramMentions && medium.is_media() } else { is_ours(world, medium) }
            && since.is_none_or(|since| medium.at >= since)
            && until.is_none_or(|until| medium.at <= until)
    };
    let media = world.messages.iter().filter(belongs);
    let mut items: Vec<Item> = media.map(|medium| Item { key: medium.key(), node: Node::Medium(medium) }).collect();
    items.sort_unstable_by_key(|item| std::cmp::Reverse(item.key));
    let path = format!("{}/{edge}", world.setup.instagram_id);
    let mut shown = Scene::new(world, call, caller).edge(&items, &window, &wanted, &path, &call.query)?;
    if let Some(paging) = shown["paging"].as_object_mut().filter(|_| tags) {
        // This edge gives cursors alone; whoever wants the next page writes its address himself.
        paging.remove("next");
    }
    Ok(shown)
}

/// A medium of the zone, not one that only tags it.
fn is_ours(world: &World, message: &Message) -> bool {
    message.is_media() && message.author_id == world.setup.instagram_id
}

/// One field of a medium.
pub fn medium_field<'a>(scene: &Scene<'a>, medium: &'a Message, field: &'a Field) -> Result<Option<Value>, GraphError> {
    let world = scene.world;
    let ours = is_ours(world, medium);
    let shortcode = || format!("C{:x}", medium.seq);
    Ok(match field.name.as_str() {
        "caption" => (!medium.text.is_empty()).then(|| json!(medium.text)),
        "timestamp" => Some(json!(time::graph(medium.at))),
        "permalink" => Some(json!(format!("https://www.instagram.com/p/{}/", shortcode()))),
        "shortcode" if ours => Some(json!(shortcode())),
        "username" => Some(json!(world.name_of(&medium.author_id))),
        "comments_count" => Some(json!(scene.remarks(medium).count())),
        "like_count" => Some(json!(0)),
        "media_type" => Some(json!("IMAGE")),
        "media_product_type" => Some(json!("FEED")),
        "media_url" => Some(json!(format!("https://scontent.cdninstagram.com/{}.jpg", medium.id))),
        "is_comment_enabled" if ours => Some(json!(medium.flags.can_comment.unwrap_or(true))),
        "owner" if ours => Some(json!({"id": account_id(scene)})),
        // Comments on media of others are not given to those who are only tagged.
        "comments" if ours => nested(scene, medium, field, "comments")?,
        _ => None,
    })
}

/// One field of a comment.
pub fn remark_field<'a>(scene: &Scene<'a>, remark: &'a Message, field: &'a Field) -> Result<Option<Value>, GraphError> {
    let world = scene.world;
    let withheld = remark.flags.withhold_from.unwrap_or(false);
    Ok(match field.name.as_str() {
        "text" => Some(json!(remark.text)),
        "timestamp" => Some(json!(time::graph(remark.at))),
        "username" => (!withheld).then(|| json!(world.name_of(&remark.author_id))),
        "from" => (!withheld).then(|| scene.person(&remark.author_id, &field.below, false)),
        "hidden" => Some(json!(remark.hidden)),
        "like_count" => Some(json!(0)),
        "parent_id" => top_level(world, remark).map(|top| json!(top.id)),
        "media" => Some(json!({"id": remark.thread_id})),
        "user" if remark.author_id == world.setup.instagram_id => Some(json!({"id": account_id(scene)})),
        "replies" => nested(scene, remark, field, "replies")?,
        _ => None,
    })
}

/// `GET /{media-id}/comments`, `GET /{comment-id}/replies`.
pub fn comments(world: &mut World, call: &Call, caller: Caller, id: &str, edge: &str) -> Result<Value, GraphError> {
    // There is no time filter on this edge.
    super::known_parameters(world, call, &["fields", "limit", "after"]);
    let wanted = super::wanted(call)?;
    shape::check(Kind::Remark, &wanted, &world.settings)?;
    let window = Window::read(call.param("limit"), call.param("after"), false, COMMENTS_MAX, &world.settings)?;
    let scene = Scene::new(world, call, caller);
    match (scene.find(id), edge) {
        (Some(Node::Medium(parent)), "comments") if is_ours(world, parent) => {
            list_below(&scene, parent, &window, &wanted, edge, &call.query)
        }
        (Some(Node::Remark(parent)), "replies") => list_below(&scene, parent, &window, &wanted, edge, &call.query),
        _ => Err(GraphError::missing("GET", id)),
    }
}

/// The comments of a medium or the replies of a comment, newest first.
fn list_below<'a>(
    scene: &Scene<'a>,
    parent: &'a Message,
    window: &Window,
    wanted: &[Field],
    edge: &str,
    keep: &[(String, String)],
) -> Result<Value, GraphError> {
    let found = scene.remarks(parent);
    let mut items: Vec<Item> = found.map(|remark| Item { key: remark.key(), node: Node::Remark(remark) }).collect();
    items.sort_unstable_by_key(|item| std::cmp::Reverse(item.key));
    scene.edge(&items, window, wanted, &format!("{}/{edge}", parent.id), keep)
}

/// A list nested in a node; a node without one has no such field.
fn nested<'a>(
    scene: &Scene<'a>,
    parent: &'a Message,
    field: &'a Field,
    edge: &str,
) -> Result<Option<Value>, GraphError> {
    let settings = &scene.world.settings;
    let window = Window::read(field.modifier("limit"), field.modifier("after"), false, COMMENTS_MAX, settings)?;
    let keep = [("fields".to_owned(), inbox::written(&field.below))];
    let shown = list_below(scene, parent, &window, &field.below, edge, &keep)?;
    Ok(shown["data"].as_array().is_some_and(|data| !data.is_empty()).then_some(shown))
}

impl<'a> Scene<'a> {
    /// The visible comments of the first level below a medium, or the replies below a comment.
    fn remarks(&self, parent: &'a Message) -> impl Iterator<Item = &'a Message> {
        let world = self.world;
        let thread = world.threads.get(&parent.thread_id);
        let of_thread = thread.into_iter().flat_map(move |thread| world.in_thread(thread));
        of_thread.filter(move |remark| {
            let place = match top_level(world, remark) {
                Some(top) => top.id == parent.id,
                None => parent.is_media(),
            };
            remark.is_media_comment() && remark.visible() && remark.id != parent.id && place
        })
    }
}

/// The comment of the first level to which a reply belongs; `None` for one of the first level.
fn top_level<'a>(world: &'a World, remark: &Message) -> Option<&'a Message> {
    let above = |remark: &Message| remark.in_reply_to.as_deref().and_then(|id| world.message(id));
    let mut top = above(remark).filter(|parent| parent.is_media_comment())?;
    while let Some(higher) = above(top).filter(|parent| parent.is_media_comment()) {
        top = higher;
    }
    Some(top)
}

/// `POST /{comment-id}/replies`, `POST /{media-id}/comments`: a comment of the zone.
pub fn comment(world: &mut World, call: &Call, caller: Caller, id: &str, edge: &str) -> Result<Value, GraphError> {
    let given = send::parameters(call)?;
    let known = ["message", "access_token", "appsecret_proof", "appsecret_time"];
    if let Some(odd) = given.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(GraphError::parameter(format!("Unexpected parameter '{odd}'")));
    }
    let text = given.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    if text.trim().is_empty() || text.chars().count() > TEXT_MAX {
        return Err(GraphError::parameter("Param message must be a text of 1 to 2200 characters"));
    }
    let target = match (Scene::new(world, call, caller).find(id), edge) {
        (Some(Node::Medium(medium)), "comments") if is_ours(world, medium) => medium,
        // Who is only tagged cannot comment; a careful client does not try.
        (Some(Node::Medium(_)), _) => return Err(GraphError::missing("POST", id).ours()),
        (Some(Node::Remark(remark)), "replies") if !remark.hidden => remark,
        _ => return Err(GraphError::missing("POST", id)),
    };
    if !target.flags.can_comment.unwrap_or(true) {
        return Err(GraphError::missing("POST", id));
    }
    if said_before(world, id, &text) {
        return Err(GraphError::new(506, "(#506) Duplicate status message"));
    }
    let (us, now) = (world.setup.instagram_id.clone(), world.now());
    let said = control::below(world, id, &us, By::Service, text, now, Flags::default());
    said.map(|said| json!({"id": said.message_id})).map_err(|_| GraphError::missing("POST", id))
}

fn said_before(world: &World, target: &str, text: &str) -> bool {
    let recent = world.now() - time::DAY;
    let mut ours = world.messages.iter().filter(|message| {
        message.is_media_comment() && message.by == By::Service && message.text == text && message.at > recent
    });
    match world.settings.graph_duplicates {
        DuplicateScope::Off => false,
        DuplicateScope::SameTarget => ours.any(|message| message.in_reply_to.as_deref() == Some(target)),
        DuplicateScope::AnyRecent => ours.next().is_some(),
    }
}

/// `POST /{comment-id}` with `hide`.
pub fn hide(world: &mut World, call: &Call, id: &str) -> Result<Value, GraphError> {
    let given = send::parameters(call)?;
    let wish = given.get("hide").map(|value| value == &json!(true) || value == "true");
    let remark = world.message_mut(id).filter(|message| message.is_media_comment());
    remark.ok_or_else(|| GraphError::missing("POST", id))?.hidden =
        wish.ok_or_else(|| GraphError::parameter("Param hide is required"))?;
    Ok(json!({"success": true}))
}

/// The id that a send gives for a message that will be read under this one.
pub fn sent_id(world: &World, read_id: &str) -> String {
    if world.settings.meta.instagram_sent_id_is_read_id { read_id.to_owned() } else { format!("{read_id}ZAE") }
}
