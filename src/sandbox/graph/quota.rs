//! Quotas of the Graph: which pool a call draws on, what the usage headers say, when a call is refused.

use serde_json::json;

use super::super::time::SECOND;
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
    /// The application's own, for the tokens of persons and of the application.
    App,
}

impl Pool {
    /// Its name in the usage header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Pages => "pages",
            Self::Instagram => "instagram",
            Self::App => "app",
        }
    }

    /// The code of "too many calls" for this pool.
    fn code(self) -> i64 {
        match self {
            Self::Messenger => 80006,
            Self::Pages => 80001,
            Self::Instagram => 80002,
            Self::App => 4,
        }
    }
}

/// Conversations, messages and sends draw on the Messenger pool, what else belongs to the Instagram account on its
/// own, all other calls on the pool of Pages.
pub fn pool_of(world: &World, call: &Call) -> Pool {
    if matches!(token::caller(world, call), Some(Caller::User | Caller::App)) || node_of(call) == "debug_token" {
        return Pool::App;
    }
    if matches!(edge_of(call), Some("conversations" | "messages")) || private_node(world, call).is_some() {
        return Pool::Messenger;
    }
    let node = node_of(call);
    let own = node == world.setup.instagram_id;
    let below = world.message(node).is_some_and(|message| message.is_media() || message.is_media_comment());
    if own || below || token::caller(world, call) == Some(Caller::Instagram) { Pool::Instagram } else { Pool::Pages }
}

/// Counts a call and gives the percentage of its pool that is used.
pub fn measure(world: &mut World, pool: Pool) -> u32 {
    let now = world.now();
    let size = match pool {
        Pool::Messenger => world.settings.graph_messenger_pool,
        Pool::Pages => world.settings.graph_pages_pool,
        Pool::Instagram | Pool::App => None,
    };
    if let Some(used) = world.meters.pool_call(pool.name(), size, now) {
        return used;
    }
    match set_usage(world, pool) {
        Some(base) if world.meters.blocked_for(pool.name(), now).is_none() => {
            let step = world.settings.meta.graph_usage_step;
            world.meters.rising(pool.name(), base, step)
        }
        Some(_) => 100,
        None => world.settings.graph_usage_percent,
    }
}

/// The percentage that a rehearsal set for a pool.
fn set_usage(world: &World, pool: Pool) -> Option<u32> {
    let meta = &world.settings.meta;
    match pool {
        Pool::Messenger => meta.graph_usage_messenger,
        Pool::Pages => meta.graph_usage_pages,
        Pool::Instagram => meta.graph_usage_instagram,
        Pool::App => meta.graph_usage_app,
    }
}

/// Refuses a call for which there is no quota left.
pub fn throttle(world: &mut World, call: &Call, pool: Pool, used: u32) -> Result<(), GraphError> {
    let now = world.now();
    let status = world.settings.meta.graph_throttle_status;
    if let Some(left) = world.meters.blocked_for(pool.name(), now) {
        world.violation(call, "a call while its quota was used up");
        return Err(limited(pool, left).status(status));
    }
    if set_usage(world, pool).is_some() && used >= 100 {
        // The platform begins to refuse; who calls on from here is careless.
        let seconds = world.settings.meta.graph_regain_minutes * 60;
        world.meters.block(pool.name(), seconds, now);
        world.meters.fall(pool.name());
        return Err(limited(pool, i64::from(seconds) * SECOND).status(status));
    }
    if used > 100 {
        world.violation(call, "a call above the quota of a day");
        return Err(limited(pool, 60_000).status(status));
    }
    if call.method == "GET" && pool == Pool::Messenger {
        let account = if on_instagram(world, call) && !world.settings.meta.instagram_shares_conversation_limit {
            "instagram"
        } else {
            "page"
        };
        let calls = world.meters.conversation_call(account, now);
        if calls > 2 {
            world.violation(call, "more than two conversation calls in a second");
            if world.settings.graph_enforce_two_per_second && calls > world.settings.meta.graph_conversation_burst {
                return Err(GraphError::new(613, "(#613) Calls to this api have exceeded the rate limit."));
            }
        }
    }
    Ok(())
}

fn limited(pool: Pool, left_ms: i64) -> GraphError {
    let code = pool.code();
    let message = if pool == Pool::App {
        "(#4) Application request limit reached".to_owned()
    } else {
        format!("(#{code}) There have been too many calls to this account. Wait a bit and try again.")
    };
    let mut error = GraphError::new(code, message);
    error.retry_after = Some((left_ms + 999) / 1_000);
    error
}

/// Adds the usage header that a call of this pool gets.
pub fn with_usage(world: &World, call: &Call, answer: Answer, pool: Pool, percent: u32, minutes: i64) -> Answer {
    if !world.settings.meta.graph_usage_headers {
        return answer;
    }
    if pool == Pool::App {
        let part = percent.min(20);
        let usage = json!({"call_count": percent, "total_time": part, "total_cputime": part});
        return answer.with("X-App-Usage", usage);
    }
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
pub fn on_instagram(world: &World, call: &Call) -> bool {
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
