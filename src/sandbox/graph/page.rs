//! Pages of an edge: limits and cursors.

use super::super::settings::Settings;
use super::super::wire::{self, Call};
use super::error::GraphError;
use super::node::Node;
use super::token;

/// The cursor before the first item.
pub const START: &str = "QVFIstart";

/// The largest page of an edge.
pub const LIMIT_MAX: usize = 100;

/// The page that is given when none is asked for.
const LIMIT_DEFAULT: usize = 25;

/// An item of an edge, with its place in the order.
pub struct Item<'a> {
    pub key: (i64, u64),
    pub node: Node<'a>,
}

/// Which page of an edge is wanted.
pub struct Window {
    pub limit: usize,
    pub after: Option<(i64, u64)>,
    pub oldest_first: bool,
}

impl Window {
    /// Reads `limit` and `after`; `largest` is the largest page of this edge.
    pub fn read(
        limit_given: Option<&str>,
        after: Option<&str>,
        oldest_first: bool,
        largest: usize,
        settings: &Settings,
    ) -> Result<Self, GraphError> {
        let after = match after {
            None | Some(START) => None,
            Some(cursor) => Some(uncursor(cursor).ok_or_else(|| GraphError::parameter("Invalid cursor"))?),
        };
        Ok(Self { limit: limit(limit_given, largest, settings)?, after, oldest_first })
    }
}

/// Reads a `limit`: 0 to the largest page, 25 when none is given. With 0 there is only a summary.
pub fn limit(given: Option<&str>, largest: usize, settings: &Settings) -> Result<usize, GraphError> {
    let Some(text) = given else {
        return Ok(LIMIT_DEFAULT);
    };
    match text.parse::<usize>() {
        Err(_) => Err(GraphError::parameter("Param limit must be a number")),
        Ok(limit) if limit > largest && settings.graph_limit_is_error => {
            Err(GraphError::parameter(format!("The limit {limit} is above the maximum of {largest}")))
        }
        Ok(limit) => Ok(limit.min(largest)),
    }
}

/// The cursor of an item: what comes after it begins below its place in the order.
pub fn cursor((at, seq): (i64, u64)) -> String {
    format!("QVFI{at:x}Z{seq:x}")
}

fn uncursor(text: &str) -> Option<(i64, u64)> {
    let (at, seq) = text.strip_prefix("QVFI")?.split_once('Z')?;
    Some((i64::from_str_radix(at, 16).ok()?, u64::from_str_radix(seq, 16).ok()?))
}

/// The address of the page that begins after a cursor. As on the real platform it carries the token of the call.
pub fn address(call: &Call, path: &str, keep: &[(String, String)], after: &str) -> String {
    let replaced = ["access_token", "after", "before"];
    let token = wire::encode(&token::given(call).unwrap_or_default());
    let mut pairs = vec![format!("access_token={token}")];
    for (key, value) in keep {
        if !replaced.contains(&key.as_str()) {
            pairs.push(format!("{key}={}", wire::encode(value)));
        }
    }
    pairs.push(format!("after={after}"));
    format!("http://{}{path}?{}", call.host, pairs.join("&"))
}
