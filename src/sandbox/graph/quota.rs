//! Quotas of the Graph: which pool a call draws on, what the usage headers say, when a call is refused.

use serde_json::json;

use super::super::wire::{Answer, Call};
use super::super::world::{Feed, World};
use super::error::GraphError;
use super::token::{self, Caller};

/// The quota that a call draws on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    Messenger,
    Pages,
    Instagram,
}

impl Pool {
    /// Its name in the usage header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Pages => "pages",
            Self::Instagram => "instagram",
        }
    }

    /// The code of "too many calls" for this pool.
    fn code(self) -> i64 {
        match self {
            Self::Messenger => 80006,
            Self::Pages => 80001,
            Self::Instagram => 80002,
        }
    }
}

/// Conversations, messages and sends draw on the Messenger pool, what else belongs to the Instagram account on its
/// own, all other calls on the pool of Pages.
pub fn pool_of(world: &World, call: &Call) -> Pool {
    if matches!(edge_of(call), Some("conversations" | "messages")) || private_node(world, call).is_some() {
        return Pool::Messenger;
    }
    let node = node_of(call);
    let own = node == world.setup.instagram_id;
    let below = world.message(node).is_some_and(|message| message.is_media() || message.is_media_comment());
    if own || below || token::caller(world, call) == Some(Caller::Instagram) { Pool::Instagram } else { Pool::Pages }
}

/// Refuses a call for which there is no quota left.
pub fn throttle(world: &mut World, call: &Call, pool: Pool, used: u32) -> Result<(), GraphError> {
    let now = world.now();
    if let Some(left) = world.meters.blocked_for(pool.name(), now) {
        world.violation(call, "a call while its quota was used up");
        return Err(limited(pool, left));
    }
    if used > 100 {
        world.violation(call, "a call above the quota of a day");
        return Err(limited(pool, 60_000));
    }
    if call.method == "GET" && pool == Pool::Messenger {
        let account = if on_instagram(world, call) && !world.settings.meta.instagram_shares_conversation_limit {
            "instagram"
        } else {
            "page"
        };
        if world.meters.conversation_call(account, now) {
            world.violation(call, "more than two conversation calls in a second");
            if world.settings.graph_enforce_two_per_second {
                return Err(GraphError::new(613, "(#613) Calls to this api have exceeded the rate limit."));
            }
        }
    }
    Ok(())
}

fn limited(pool: Pool, left_ms: i64) -> GraphError {
    let code = pool.code();
    let mut error = GraphError::new(
        code,
        format!("(#{code}) There have been too many calls to this Page account. Wait a bit and try again."),
    );
    error.retry_after = Some((left_ms + 999) / 1_000);
    error
}

/// Adds the usage header that a call of this pool gets.
pub fn with_usage(world: &World, call: &Call, answer: Answer, pool: Pool, percent: u32, minutes: i64) -> Answer {
    let entry = json!([{
        "type": pool.name(), "call_count": percent, "total_cputime": percent.min(20), "total_time": percent.min(20),
        "estimated_time_to_regain_access": minutes,
    }]);
    let mut usage = json!({});
    if pool == Pool::Instagram || on_instagram(world, call) {
        usage[&world.setup.instagram_id] = entry.clone();
    }
    if token::caller(world, call) != Some(Caller::Instagram) {
        usage[&world.setup.page_id] = entry;
    }
    answer.with("X-Business-Use-Case-Usage", usage)
}

/// Whole minutes, as the usage header counts a wait.
pub fn minutes(seconds: i64) -> i64 {
    (seconds + 59) / 60
}

/// True when a call about conversations concerns those of Instagram.
fn on_instagram(world: &World, call: &Call) -> bool {
    token::caller(world, call) == Some(Caller::Instagram)
        || call.param("platform").is_some_and(|platform| platform.eq_ignore_ascii_case("instagram"))
        || private_node(world, call) == Some(Feed::InstagramInbox)
}

/// The inbox to which the node of a call belongs, if it is a thread or a message.
fn private_node(world: &World, call: &Call) -> Option<Feed> {
    let node = node_of(call);
    let thread = world.threads.get(node).map(|thread| thread.feed);
    let feed = thread.or_else(|| world.message(node).map(|message| message.feed)).filter(|feed| feed.is_private());
    feed.or_else(|| (node.starts_with("t_") || node.starts_with("m_")).then_some(Feed::FacebookInbox))
}

fn node_of(call: &Call) -> &str {
    call.segments.get(1).map_or("", String::as_str)
}

fn edge_of(call: &Call) -> Option<&str> {
    call.segments.get(2).map(String::as_str)
}
