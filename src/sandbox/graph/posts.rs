//! Posts and comments: what tags the Page, what stands below a post, comments of the Page.

use serde_json::{Value, json};

use super::super::control::facebook;
use super::super::settings::DuplicateScope;
use super::super::time::{self, DAY};
use super::super::wire::Call;
use super::super::world::{By, Feed, Message, World};
use super::error::GraphError;
use super::fields::Field;
use super::node::{Node, Scene};
use super::page::{Item, Window};
use super::shape::{self, Kind};
use super::{inbox, send};

/// The longest comment, in code points (unverified; the platform documents none).
const COMMENT_MAX: usize = 8_000;

/// `GET /{page-id}/tagged`, `/feed`, `/posts`, `/published_posts`, `/visitor_posts`.
pub fn list(world: &mut World, call: &Call, edge: &str) -> Result<Value, GraphError> {
    super::known_parameters(world, call, &["fields", "limit", "after", "since", "until"]);
    let wanted = super::wanted(call)?;
    shape::check(Kind::Post, &wanted, &world.settings)?;
    let window = Window::read(call.param("limit"), call.param("after"), false, &world.settings)?;
    let (since, until) = (moment(call.param("since"))?, moment(call.param("until"))?);
    let page = &world.setup.page_id;
    let belongs = |post: &&Message| {
        let own = &post.author_id == page;
        let place = match edge {
            "tagged" | "visitor_posts" => !own,
            "feed" => true,
            _ => own,
        };
        post.is_post()
            && post.visible()
            && place
            && since.is_none_or(|since| post.at >= since)
            && until.is_none_or(|until| post.at <= until)
    };
    let posts = world.messages.iter().filter(belongs);
    let mut items: Vec<Item> =
        posts.map(|post| Item { key: post.key(), node: Node::Post(post, shows_author(world, post, edge)) }).collect();
    items.sort_unstable_by_key(|item| std::cmp::Reverse(item.key));
    let path = format!("{page}/{edge}");
    Scene::new(world, call).edge(&items, &window, &wanted, &path, &call.query)
}

/// True when the author of a post may be shown: the Page itself, or a person outside the list of tags.
pub fn shows_author(world: &World, post: &Message, edge: &str) -> bool {
    let person = post.author_id != world.setup.page_id;
    !post.flags.withhold_from.unwrap_or(person && edge != "visitor_posts")
}

/// `GET /{post-id|comment-id}/comments`.
pub fn comments(world: &mut World, call: &Call, id: &str) -> Result<Value, GraphError> {
    super::known_parameters(
        world,
        call,
        &["fields", "limit", "after", "filter", "order", "since", "summary", "live_filter"],
    );
    let wanted = super::wanted(call)?;
    shape::check(Kind::Comment, &wanted, &world.settings)?;
    let scene = Scene::new(world, call);
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
    let window = Window::read(given("limit"), given("after"), oldest_first, &scene.world.settings)?;
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
    if given("summary").is_some_and(|summary| summary == "true" || summary == "1") {
        let order = if oldest_first { "chronological" } else { "reverse_chronological" };
        shown["summary"] = json!({"order": order, "total_count": total, "can_comment": true});
    }
    Ok(shown)
}

impl<'a> Scene<'a> {
    /// The visible comments below a post or comment: its direct ones, or all levels.
    fn below(&self, parent: &'a Message, all_levels: bool) -> impl Iterator<Item = &'a Message> {
        let thread = self.world.threads.get(&parent.thread_id);
        let world = self.world;
        let of_thread = thread.into_iter().flat_map(move |thread| world.in_thread(thread));
        of_thread.filter(move |comment| {
            let direct = comment.in_reply_to.as_deref() == Some(&parent.id);
            comment.is_comment()
                && comment.visible()
                && comment.id != parent.id
                && (direct || (all_levels && parent.is_post()))
        })
    }
}

/// One field of a post.
pub fn post_field<'a>(
    scene: &Scene<'a>,
    post: &'a Message,
    field: &'a Field,
    shows_author: bool,
) -> Result<Option<Value>, GraphError> {
    let world = scene.world;
    let newest_below = scene.below(post, true).map(|comment| comment.at).max();
    Ok(match field.name.as_str() {
        "created_time" | "tagged_time" => Some(json!(time::graph(post.at))),
        "updated_time" => Some(json!(time::graph(newest_below.unwrap_or(post.at).max(post.at)))),
        "message" => Some(json!(post.text)),
        "from" => shows_author.then(|| scene.person(&post.author_id, &field.below, false)),
        "permalink_url" => Some(json!(format!("https://www.facebook.com/{}", post.id))),
        "status_type" => Some(json!("mobile_status_update")),
        "is_published" => Some(json!(true)),
        "is_hidden" => Some(json!(post.hidden)),
        "can_reply_privately" => Some(json!(can_reply_privately(world, post))),
        "message_tags" => tags_of(world, post),
        "to" if post.author_id != world.setup.page_id => {
            Some(json!({"data": [{"id": world.setup.page_id, "name": world.setup.page_name}]}))
        }
        "comments" => nested_comments(scene, post, field)?,
        _ => None,
    })
}

/// One field of a comment.
pub fn comment_field<'a>(
    scene: &Scene<'a>,
    comment: &'a Message,
    field: &'a Field,
) -> Result<Option<Value>, GraphError> {
    let world = scene.world;
    let withheld = comment.flags.withhold_from.unwrap_or(false);
    Ok(match field.name.as_str() {
        "created_time" => Some(json!(time::graph(comment.at))),
        "message" => Some(json!(comment.text)),
        "from" => (!withheld).then(|| scene.person(&comment.author_id, &field.below, false)),
        "parent" => {
            let parent =
                comment.in_reply_to.as_deref().and_then(|id| world.message(id)).filter(|parent| parent.is_comment());
            parent.map(|parent| json!({"id": parent.id}))
        }
        "permalink_url" => {
            Some(json!(format!("https://www.facebook.com/{}?comment_id={}", comment.thread_id, comment.id)))
        }
        "can_comment" => Some(json!(comment.flags.can_comment.unwrap_or(true))),
        "can_hide" | "can_remove" => Some(json!(comment.author_id != world.setup.page_id)),
        "can_like" => Some(json!(true)),
        "can_reply_privately" => Some(json!(can_reply_privately(world, comment))),
        "is_hidden" => Some(json!(comment.hidden)),
        "is_private" => Some(json!(false)),
        "like_count" => Some(json!(0)),
        "comment_count" => Some(json!(scene.below(comment, false).count())),
        "object" => Some(json!({"id": comment.thread_id})),
        "message_tags" => tags_of(world, comment),
        "comments" => nested_comments(scene, comment, field)?,
        _ => None,
    })
}

/// The comments nested in a node; a node without comments has no such field.
fn nested_comments<'a>(scene: &Scene<'a>, parent: &'a Message, field: &'a Field) -> Result<Option<Value>, GraphError> {
    let mut keep: Vec<(String, String)> = field.modifiers.clone();
    keep.push(("fields".to_owned(), inbox::written(&field.below)));
    let shown = edge(scene, parent, &|name| field.modifier(name), &field.below, &keep)?;
    let empty = shown["data"].as_array().is_none_or(Vec::is_empty);
    Ok((!empty || shown.get("summary").is_some()).then_some(shown))
}

fn tags_of(world: &World, message: &Message) -> Option<Value> {
    let name = &world.setup.page_name;
    let start = message.text.find(name.as_str())?;
    let units = |text: &str| text.encode_utf16().count();
    let (offset, length) = (units(&message.text[..start]), units(name));
    Some(json!([{"id": world.setup.page_id, "name": name, "type": "page", "offset": offset, "length": length}]))
}

/// True while one private message may still answer a comment or visitor post: once, within seven days.
pub fn can_reply_privately(world: &World, target: &Message) -> bool {
    target.by == By::Citizen && !target.privately_answered && world.now() - target.at < 7 * DAY
}

/// `POST /{post-id|comment-id}/comments`: a comment of the Page.
pub fn comment(world: &mut World, call: &Call, target: &str) -> Result<Value, GraphError> {
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
    let parent = world.message(target).filter(|parent| parent.visible() && (parent.is_post() || parent.is_comment()));
    let parent = parent.ok_or_else(|| GraphError::missing("POST", target))?;
    if !parent.flags.can_comment.unwrap_or(true) {
        return Err(GraphError::missing("POST", target));
    }
    if said_before(world, target, &text) {
        return Err(GraphError::new(506, "(#506) Duplicate status message"));
    }
    let (page, now) = (world.setup.page_id.clone(), world.now());
    let said = facebook::below(world, target, &page, By::Service, text, now, super::super::control::Flags::default());
    said.map(|said| json!({"id": said.message_id})).map_err(|_| GraphError::missing("POST", target))
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

fn moment(given: Option<&str>) -> Result<Option<i64>, GraphError> {
    let read =
        |text| time::graph_parameter(text).ok_or_else(|| GraphError::parameter("Param since or until must be a time"));
    given.map(read).transpose()
}
