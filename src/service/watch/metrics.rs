//! The same state in Prometheus's text format. The names are documented in docs/OPERATIONS.md and stay.
//!
//! Source of the format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::State;

/// The type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every metric of a zone.
pub fn text(state: &State) -> String {
    let mut page = Page { text: String::new(), zone: &state.zone };
    page.all("build_info", "gauge", "The running version.", [(vec![("version", state.version.as_str())], 1.0)]);
    page.all(
        "start_time_seconds",
        "gauge",
        "When the service started.",
        state.started_at.map(|at| (vec![], seconds(at))),
    );
    page.all(
        "healthy",
        "gauge",
        "1 while every feed is read and nothing hangs.",
        [(vec![], truth(state.ailments().is_empty()))],
    );
    page.all(
        "paused",
        "gauge",
        "1 while nothing is posted.",
        [(vec![], truth(state.paused || state.mode.as_deref() == Some("pause")))],
    );
    let feeds = || state.feeds.iter().map(|feed| (vec![("feed", feed.feed.as_str())], feed));
    let of_feeds = |value: fn(&super::FeedLine) -> f64| {
        feeds().map(move |(labels, feed)| (labels, value(feed))).collect::<Vec<_>>()
    };
    page.all(
        "feed_read_timestamp_seconds",
        "gauge",
        "When a feed was last read to its end.",
        of_feeds(|feed| feed.read_at.map_or(0.0, seconds)),
    );
    let reads = feeds().map(|(labels, feed)| (labels, whole(feed.reads)));
    page.all("feed_reads_total", "counter", "How many times a feed was read to its end.", reads);
    page.all("feed_poll_seconds", "gauge", "The time between two polls of a feed.", of_feeds(|feed| feed.poll_seconds));
    page.all(
        "feed_stale",
        "gauge",
        "1 when a feed has not been read for too long.",
        of_feeds(|feed| truth(feed.stale)),
    );
    page.all(
        "feed_failing",
        "gauge",
        "1 when the last poll of a feed failed.",
        of_feeds(|feed| truth(feed.failure.is_some())),
    );
    let limits = state.limits.iter();
    let limits =
        limits.map(|limit| (vec![("account", limit.account.as_str()), ("limit", limit.name.as_str())], limit.left));
    page.all("limit_left_ratio", "gauge", "The share of a platform's limit that is left.", limits);
    let ends = state
        .logins
        .iter()
        .filter_map(|login| Some((vec![("account", login.account.as_str())], seconds(login.ends_at?))));
    page.all("login_end_timestamp_seconds", "gauge", "When a login ends if no human does anything.", ends);
    let needed = state.logins.iter().map(|login| (vec![("account", login.account.as_str())], truth(login.needs_login)));
    page.all("login_needed", "gauge", "1 when somebody must log in.", needed);
    let outcomes = state.ever.iter().flat_map(|(feed, outcomes)| {
        outcomes.iter().map(move |(outcome, total)| {
            let (outcome, reason) = outcome.split_once('/').unwrap_or((outcome, ""));
            (vec![("feed", feed.as_str()), ("outcome", outcome), ("reason", reason)], whole(*total))
        })
    });
    page.all("messages_total", "counter", "Messages that ended, by outcome.", outcomes);
    page.all("messages_open", "gauge", "Messages that have not ended.", [(vec![], whole(state.open))]);
    page.all(
        "replies_in_doubt",
        "gauge",
        "Replies in doubt that wait for a human.",
        [(vec![], whole(state.in_doubt.len() as u64))],
    );
    page.all(
        "loops_hanging",
        "gauge",
        "Loops that have not turned in their time.",
        [(vec![], whole(state.hanging.len() as u64))],
    );
    page.all(
        "loop_panics_total",
        "counter",
        "Loops that were started again after a panic.",
        [(vec![], whole(state.panics))],
    );
    page.text
}

struct Page<'a> {
    text: String,
    zone: &'a str,
}

impl Page<'_> {
    /// One metric with all its series; none is written when it has none.
    fn all<'l>(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        series: impl IntoIterator<Item = (Vec<(&'l str, &'l str)>, f64)>,
    ) {
        let mut series = series.into_iter().peekable();
        if series.peek().is_none() {
            return;
        }
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "# HELP formez101_{name} {help}\n# TYPE formez101_{name} {kind}");
        for (labels, value) in series {
            let _ = write!(self.text, "formez101_{name}{{zone=\"{}\"", escaped(self.zone));
            for (label, text) in labels {
                let _ = write!(self.text, ",{label}=\"{}\"", escaped(text));
            }
            let _ = writeln!(self.text, "}} {value}");
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

const fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "the format knows no other numbers")]
const fn whole(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "the format knows no other numbers")]
fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
