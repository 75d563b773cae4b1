//! Posts: what tags the Page, what visitors leave on it, what it published itself.

use serde_json::{Value, json};

use super::super::time;
use super::super::wire::Call;
use super::super::world::{Message, World};
use super::comments;
use super::error::GraphError;
use super::fields::Field;
use super::node::{Node, Scene};
use super::page::{Item, LIMIT_MAX, Window};
use super::private_reply::can_reply_privately;
use super::shape::{self, Kind};
use super::token::Caller;

/// `GET /{page-id}/tagged`, `/feed`, `/posts`, `/published_posts`, `/visitor_posts`.
pub fn list(world: &mut World, call: &Call, edge: &str) -> Result<Value, GraphError> {
    super::known_parameters(world, call, &["fields", "limit", "after", "since", "until"]);
    let wanted = super::wanted(call)?;
    shape::check(Kind::Post, &wanted, &world.settings)?;
    let window = Window::read(call.param("limit"), call.param("after"), false, LIMIT_MAX, &world.settings)?;
    let (since, until) = (comments::moment(call.param("since"))?, comments::moment(call.param("until"))?);
    let page = &world.setup.page_id;
    let belongs = |post: &&Message| {
        let own = &post.author_id == page;
        let place = match edge {
            "tagged" => !own && !post.flags.visitor_post,
            "visitor_posts" => post.flags.visitor_post,
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
        posts.map(|post| Item { key: post.key(), node: Node::Post(post, shows_author(world, post)) }).collect();
    items.sort_unstable_by_key(|item| std::cmp::Reverse(item.key));
    let path = format!("{page}/{edge}");
    Scene::new(world, call, Caller::Page).edge(&items, &window, &wanted, &path, &call.query)
}

/// True when the author of a post may be shown: the Page itself or a visitor of it, not a person who tags it elsewhere.
pub fn shows_author(world: &World, post: &Message) -> bool {
    let person = post.author_id != world.setup.page_id;
    !post.flags.withhold_from.unwrap_or(person && !post.flags.visitor_post)
}

/// One field of a post.
pub fn field<'a>(
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
        "message" => (!post.text.is_empty()).then(|| json!(post.text)),
        "from" => shows_author.then(|| scene.person(&post.author_id, &field.below, false)),
        "permalink_url" => Some(json!(format!("https://www.facebook.com/{}", post.id))),
        "status_type" if post.flags.visitor_post => Some(json!("wall_post")),
        "status_type" => Some(json!("mobile_status_update")),
        "is_published" => Some(json!(true)),
        "is_hidden" => Some(json!(post.hidden)),
        "can_reply_privately" => Some(json!(can_reply_privately(world, post))),
        "private_reply_conversation" => super::private_reply::conversation(scene, post, field)?,
        "reactions" | "likes" => Some(Scene::nobody(field)),
        "message_tags" => tags_of(world, post),
        "to" if post.author_id != world.setup.page_id => {
            Some(json!({"data": [{"id": world.setup.page_id, "name": world.setup.page_name}]}))
        }
        "comments" => comments::nested(scene, post, field)?,
        _ => None,
    })
}

/// Where a text names the Page, in UTF-16 units.
pub fn tags_of(world: &World, message: &Message) -> Option<Value> {
    let name = &world.setup.page_name;
    let start = message.text.find(name.as_str())?;
    let units = |text: &str| text.encode_utf16().count();
    let (offset, length) = (units(&message.text[..start]), units(name));
    Some(json!([{"id": world.setup.page_id, "name": name, "type": "page", "offset": offset, "length": length}]))
}
