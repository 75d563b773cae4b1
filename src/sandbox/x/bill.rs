//! What X would charge: for each object that is returned, once in a UTC day, and for each thing that is written.
//!
//! Prices and rules: `platforms/x.md` 4.2 and 4.3, August 2026.

use std::collections::HashSet;

use serde_json::Value;

use super::super::time::DAY;
use super::super::wire::{Answer, Call, Content};
use super::super::world::World;
use super::length;

/// Prices in thousandths of a dollar.
const POST_READ: u32 = 5;
const OWNED_READ: u32 = 1;
const USER_READ: u32 = 10;
const EVENT_READ: u32 = 10;
const POST: u32 = 15;
const POST_WITH_LINK: u32 = 200;
const SUMMONED_REPLY: u32 = 10;
const MESSAGE: u32 = 15;

/// The running bill.
#[derive(Default)]
pub struct Bill {
    /// Thousandths of a dollar.
    total: u32,
    day: i64,
    /// What was returned today: endpoint and id. The same object through another endpoint is charged again.
    today: HashSet<(String, String)>,
}

impl Bill {
    /// The bill so far, in dollars.
    pub fn usd(&self) -> f64 {
        f64::from(self.total) / 1_000.0
    }

    fn read(&mut self, endpoint: &str, id: &str, price: u32) {
        if self.today.insert((endpoint.to_owned(), id.to_owned())) {
            self.total = self.total.saturating_add(price);
        }
    }
}

/// True when the money that was there before this world opened is used up.
pub fn is_broke(world: &World) -> bool {
    world.settings.x.x_credit_usd.is_some_and(|credit| world.x.bill.usd() >= credit)
}

/// Puts an answer on the bill; failed calls and empty answers cost nothing.
pub fn charge(world: &mut World, call: &Call, answer: &Answer) {
    let Content::Json(document) = &answer.body else { return };
    if answer.status == 201 {
        let price = written(world, call);
        world.x.bill.total = world.x.bill.total.saturating_add(price);
        return;
    }
    let day = world.now().div_euclid(DAY);
    if day != world.x.bill.day {
        world.x.bill.day = day;
        world.x.bill.today.clear();
    }
    let (endpoint, price) = read(world, call);
    for id in ids(&document["data"]) {
        world.x.bill.read(&endpoint, id, price);
    }
    if world.settings.x.x_included_users_billed {
        for id in ids(&document["includes"]["users"]) {
            world.x.bill.read(&endpoint, id, USER_READ);
        }
    }
}

/// The price of what a call wrote.
fn written(world: &World, call: &Call) -> u32 {
    if call.path.contains("/dm_conversations/") {
        return MESSAGE;
    }
    let body = call.json().unwrap_or_default();
    if body.get("text").and_then(Value::as_str).is_some_and(length::has_link) {
        return POST_WITH_LINK;
    }
    let target = body.get("reply").and_then(|reply| reply["in_reply_to_tweet_id"].as_str());
    let answered = target.and_then(|id| world.message(id));
    if answered.is_some_and(|post| post.author_id != world.setup.x_user_id) { SUMMONED_REPLY } else { POST }
}

/// The endpoint of a read without its ids, and the price of one object of it.
fn read(world: &World, call: &Call) -> (String, u32) {
    let parts: Vec<&str> = call.segments[1..].iter().map(String::as_str).collect();
    let price = match parts.as_slice() {
        ["users", id, "mentions" | "tweets"] if world.settings.x.x_owned_reads && *id == world.setup.x_user_id => {
            OWNED_READ
        }
        ["users", _, "mentions" | "tweets"] | ["tweets", ..] => POST_READ,
        ["users", _, "public_keys"] => 0,
        ["users", ..] => USER_READ,
        _ => EVENT_READ,
    };
    let nameless = parts.iter().map(|part| if part.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { *part });
    (nameless.collect::<Vec<_>>().join("/"), price)
}

/// The ids of one object or of a list.
fn ids(data: &Value) -> impl Iterator<Item = &str> {
    let list = data.as_array().map_or_else(|| std::slice::from_ref(data), Vec::as_slice);
    list.iter().filter_map(|item| item["id"].as_str())
}
