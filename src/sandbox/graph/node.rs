//! Nodes of the Graph, and how one call sees them.

use serde_json::{Map, Value, json};

use super::super::wire::Call;
use super::super::world::{Feed, Message, Thread, World};
use super::error::GraphError;
use super::fields::Field;
use super::page::{self, Item, Window, cursor};
use super::shape::{Kind, PERSON};
use super::{inbox, posts};

/// One node to be shown.
#[derive(Clone, Copy)]
pub enum Node<'a> {
    Page,
    Thread(&'a Thread),
    /// A message; the flag tells whether its content is still given.
    Message(&'a Message, bool),
    /// An entry in a list that stands for a message whose content is no longer given.
    Old(&'a Message),
    /// A post; the flag tells whether its author may be shown.
    Post(&'a Message, bool),
    Comment(&'a Message),
}

impl Node<'_> {
    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Page => Kind::Page,
            Self::Thread(_) => Kind::Thread,
            Self::Message(..) | Self::Old(_) => Kind::Message,
            Self::Post(..) => Kind::Post,
            Self::Comment(_) => Kind::Comment,
        }
    }
}

/// The world as one call sees it.
pub struct Scene<'a> {
    pub world: &'a World,
    call: &'a Call,
}

impl<'a> Scene<'a> {
    /// The scene of one call.
    pub fn new(world: &'a World, call: &'a Call) -> Self {
        Self { world, call }
    }

    /// The node of that id, of whatever kind.
    pub fn find(&self, id: &str) -> Option<Node<'a>> {
        if id == self.world.setup.page_id {
            return Some(Node::Page);
        }
        if let Some(thread) = self.world.threads.get(id).filter(|thread| thread.feed == Feed::FacebookInbox) {
            return Some(Node::Thread(thread));
        }
        let message = self.world.message(id).filter(|message| message.visible())?;
        match message.feed {
            Feed::FacebookInbox => Some(Node::Message(message, inbox::readable(self.world, message))),
            Feed::FacebookMentions => Some(Node::Post(message, posts::shows_author(self.world, message, "feed"))),
            Feed::FacebookComments => Some(Node::Comment(message)),
            Feed::XMentions | Feed::XInbox => None,
        }
    }

    /// Shows the wanted fields of a node; `id` is always among them.
    pub fn read(&self, node: Node<'a>, wanted: &[Field]) -> Result<Value, GraphError> {
        match node {
            Node::Old(message) => return Ok(inbox::old_entry(self.world, message)),
            Node::Message(_, false) => return Err(inbox::gone(self.world)),
            _ => {}
        }
        let (id, defaults): (&str, &[&str]) = match node {
            Node::Page => (&self.world.setup.page_id, &["name"]),
            Node::Thread(thread) => (&thread.id, &["updated_time"]),
            Node::Message(message, _) | Node::Old(message) => (&message.id, &["created_time"]),
            Node::Post(message, _) => (&message.id, &["created_time", "message"]),
            Node::Comment(message) => (&message.id, &["created_time", "from", "message"]),
        };
        let mut shown = Map::new();
        shown.insert("id".to_owned(), json!(id));
        let plain = |name: &&str| Field { name: (*name).to_owned(), modifiers: Vec::new(), below: Vec::new() };
        let standard: Vec<Field> = defaults.iter().map(plain).collect();
        for field in if wanted.is_empty() { &standard } else { wanted } {
            let value = match node {
                Node::Page => self.page(&field.name),
                Node::Thread(thread) => inbox::thread_field(self, thread, field)?,
                Node::Message(message, _) | Node::Old(message) => inbox::message_field(self, message, field),
                Node::Post(message, from) => posts::post_field(self, message, field, from)?,
                Node::Comment(message) => posts::comment_field(self, message, field)?,
            };
            if let Some(value) = value {
                shown.insert(field.name.clone(), value);
            }
        }
        Ok(Value::Object(shown))
    }

    fn page(&self, name: &str) -> Option<Value> {
        match name {
            "name" => Some(json!(self.world.setup.page_name)),
            "username" => Some(json!(self.world.setup.x_username)),
            "link" => Some(json!(format!("https://www.facebook.com/{}", self.world.setup.page_id))),
            "category" => Some(json!("Police Station")),
            _ => None,
        }
    }

    /// One page of an edge. `items` are in the order of the edge; `path` is the edge's own path after the version,
    /// and `keep` the parameters that the address of the next page repeats.
    pub fn edge(
        &self,
        items: &[Item<'a>],
        window: &Window,
        wanted: &[Field],
        path: &str,
        keep: &[(String, String)],
    ) -> Result<Value, GraphError> {
        let begins = |item: &&Item<'a>| {
            window.after.is_none_or(|after| if window.oldest_first { item.key > after } else { item.key < after })
        };
        let rest: Vec<&Item<'a>> = items.iter().filter(begins).collect();
        let page = &rest[..rest.len().min(window.limit)];
        let mut data = Vec::with_capacity(page.len());
        for item in page {
            data.push(self.read(item.node, wanted)?);
        }
        let mut shown = json!({ "data": data });
        if let (Some(first), Some(last)) = (page.first(), page.last()) {
            let after = cursor(last.key);
            shown["paging"] = json!({"cursors": {"before": cursor(first.key), "after": after}});
            if rest.len() > page.len() {
                shown["paging"]["next"] = json!(self.next(path, keep, window.limit, &after));
            }
        }
        Ok(shown)
    }

    fn next(&self, path: &str, keep: &[(String, String)], limit: usize, after: &str) -> String {
        let version = self.call.segments.first().map_or("v26.0", String::as_str);
        let mut keep = keep.to_vec();
        keep.retain(|(key, _)| key != "limit");
        keep.push(("limit".to_owned(), limit.to_string()));
        page::address(self.world, self.call, &format!("/{version}/{path}"), &keep, after)
    }

    /// A person or the Page, reduced to the wanted parts.
    pub fn person(&self, id: &str, wanted: &[Field], with_email: bool) -> Value {
        let all = json!({"id": id, "name": self.world.name_of(id), "email": format!("{id}@facebook.com")});
        let standard: &[&str] = if with_email { &["id", "name", "email"] } else { &["id", "name"] };
        let mut shown = Map::new();
        for name in PERSON {
            let asked = if wanted.is_empty() {
                standard.contains(&name)
            } else {
                name == "id" || wanted.iter().any(|field| field.name == name)
            };
            if let (true, Some(value)) = (asked, all.get(name)) {
                shown.insert(name.to_owned(), value.clone());
            }
        }
        Value::Object(shown)
    }
}
