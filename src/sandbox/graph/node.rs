//! Nodes of the Graph, and how one call sees them.

use serde_json::{Map, Value, json};

use super::super::wire::Call;
use super::super::world::{Feed, Message, Thread, World};
use super::error::GraphError;
use super::fields::Field;
use super::page::{self, Item, Window, cursor};
use super::shape::{self, Kind, PERSON};
use super::token::{self, Caller};
use super::{accounts, comments, inbox, instagram, posts};

/// One node to be shown.
#[derive(Clone, Copy)]
pub enum Node<'a> {
    /// A Page: 0 is the zone's own, the others follow in the order of the settings.
    Page(usize),
    /// The Instagram account of the zone.
    Account,
    Thread(&'a Thread),
    /// A message; the flag tells whether its content is still given.
    Message(&'a Message, bool),
    /// An entry in a list that stands for a message whose content is no longer given.
    Old(&'a Message),
    /// A post; the flag tells whether its author may be shown.
    Post(&'a Message, bool),
    Comment(&'a Message),
    /// A picture or film on Instagram.
    Medium(&'a Message),
    /// A comment on Instagram.
    Remark(&'a Message),
}

impl Node<'_> {
    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Page(_) => Kind::Page,
            Self::Account => Kind::Account,
            Self::Thread(thread) if thread.feed == Feed::InstagramInbox => Kind::InstagramThread,
            Self::Thread(_) => Kind::Thread,
            Self::Message(message, _) | Self::Old(message) if message.feed == Feed::InstagramInbox => {
                Kind::InstagramMessage
            }
            Self::Message(..) | Self::Old(_) => Kind::Message,
            Self::Post(..) => Kind::Post,
            Self::Comment(_) => Kind::Comment,
            Self::Medium(_) => Kind::Medium,
            Self::Remark(_) => Kind::Remark,
        }
    }
}

/// The world as one call sees it.
pub struct Scene<'a> {
    pub world: &'a World,
    call: &'a Call,
    pub caller: Caller,
}

impl<'a> Scene<'a> {
    /// The scene of one call.
    pub fn new(world: &'a World, call: &'a Call, caller: Caller) -> Self {
        Self { world, call, caller }
    }

    /// The node of that id, of whatever kind, if this caller may see it.
    pub fn find(&self, id: &str) -> Option<Node<'a>> {
        self.any(id).filter(|node| match node.kind() {
            Kind::Page => match (self.caller, node) {
                (Caller::Page, Node::Page(index)) => *index == 0,
                (Caller::OtherPage(own), Node::Page(index)) => *index == own + 1,
                (caller, _) => caller == Caller::User,
            },
            Kind::Thread | Kind::Message | Kind::Post | Kind::Comment => self.caller == Caller::Page,
            Kind::InstagramThread | Kind::InstagramMessage => {
                instagram::reachable(self.world, self.caller) && self.world.settings.meta.instagram_message_access
            }
            Kind::Account | Kind::Medium | Kind::Remark => instagram::reachable(self.world, self.caller),
        })
    }

    fn any(&self, id: &str) -> Option<Node<'a>> {
        if let Some(index) = accounts::page_index(self.world, id) {
            return Some(Node::Page(index));
        }
        if id == self.world.setup.instagram_id {
            return Some(Node::Account);
        }
        let inbox = |thread: &&Thread| matches!(thread.feed, Feed::FacebookInbox | Feed::InstagramInbox);
        if let Some(thread) = self.world.threads.get(id).filter(inbox) {
            return Some(Node::Thread(thread));
        }
        let message = self.world.message(id).filter(|message| message.visible())?;
        match message.feed {
            Feed::FacebookInbox | Feed::InstagramInbox => {
                Some(Node::Message(message, inbox::readable(self.world, message)))
            }
            Feed::FacebookMentions | Feed::FacebookComments if message.is_post() => {
                Some(Node::Post(message, posts::shows_author(self.world, message)))
            }
            Feed::FacebookMentions | Feed::FacebookComments => Some(Node::Comment(message)),
            Feed::InstagramComments | Feed::InstagramMentions if message.is_media() => Some(Node::Medium(message)),
            Feed::InstagramComments | Feed::InstagramMentions => Some(Node::Remark(message)),
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
        let id = match node {
            Node::Page(index) => accounts::page_id(self.world, index),
            Node::Account => instagram::account_id(self),
            Node::Thread(thread) => &thread.id,
            Node::Message(message, _)
            | Node::Old(message)
            | Node::Post(message, _)
            | Node::Comment(message)
            | Node::Medium(message)
            | Node::Remark(message) => &message.id,
        };
        let mut shown = Map::new();
        let plain = |name: &&str| Field { name: (*name).to_owned(), modifiers: Vec::new(), below: Vec::new() };
        let standard: Vec<Field> = shape::defaults(node.kind()).iter().map(plain).collect();
        for field in if wanted.is_empty() { &standard } else { wanted } {
            let value = match node {
                Node::Page(index) => accounts::page_field(self, index, field)?,
                Node::Account => instagram::account_field(self, field),
                Node::Thread(thread) => inbox::thread_field(self, thread, field)?,
                Node::Message(message, _) | Node::Old(message) => inbox::message_field(self, message, field),
                Node::Post(message, from) => posts::field(self, message, field, from)?,
                Node::Comment(message) => comments::field(self, message, field)?,
                Node::Medium(message) => instagram::medium_field(self, message, field)?,
                Node::Remark(message) => instagram::remark_field(self, message, field)?,
            };
            if let Some(value) = value {
                shown.insert(field.modifier("as").unwrap_or(&field.name).to_owned(), value);
            }
        }
        shown.insert("id".to_owned(), json!(id));
        Ok(Value::Object(shown))
    }

    /// The token of the call.
    pub fn token(&self) -> String {
        token::given(self.call).unwrap_or_default()
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
        page::address(self.call, &format!("/{version}/{path}"), &keep, after)
    }

    /// A list of people who did something, of whom there are none here.
    pub fn nobody(field: &Field) -> Value {
        let mut shown = json!({"data": []});
        if field.modifier("summary").is_some_and(|summary| summary != "false") {
            shown["summary"] = json!({"total_count": 0});
        }
        shown
    }

    /// A person or an account of the zone, reduced to the wanted parts; on Instagram a user name stands for the name.
    pub fn person(&self, id: &str, wanted: &[Field], with_email: bool) -> Value {
        let name = self.world.name_of(id);
        let on_instagram = self.world.known_as(id).is_some_and(|citizen| citizen.igsid == id);
        let (all, standard): (Value, &[&str]) = if on_instagram || id == self.world.setup.instagram_id {
            (json!({"id": id, "username": name}), &["id", "username"])
        } else {
            let all = json!({"id": id, "name": name, "email": format!("{id}@facebook.com")});
            (all, if with_email { &["id", "name", "email"] } else { &["id", "name"] })
        };
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
