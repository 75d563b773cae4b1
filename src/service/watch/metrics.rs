//! The same state in Prometheus's text format. The names are documented in docs/OPERATIONS.md and stay.
//!
//! Source of the format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{FeedLine, State};

/// The type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every metric of a zone.
pub fn text(state: &State) -> String {
    let mut page = Page { text: String::new(), zone: &state.zone };
    service(&mut page, state);
    feeds(&mut page, &state.feeds);
    accounts(&mut page, state);
    messages(&mut page, state);
    page.text
}

fn service(page: &mut Page<'_>, state: &State) {
    let paused = state.paused || state.mode.as_deref() == Some("pause");
    let hanging = whole(state.hanging.len() as u64);
    page.all("build_info", "gauge", "The running version.", [(vec![("version", state.version.as_str())], 1.0)]);
    let started = state.started_at.map(|at| (vec![], seconds(at)));
    page.all("start_time_seconds", "gauge", "When the service started or was reloaded.", started);
    page.one("healthy", "gauge", "1 while every feed is read and nothing hangs.", truth(state.ailments().is_empty()));
    page.one("paused", "gauge", "1 while nothing is posted.", truth(paused));
    page.one("loops_hanging", "gauge", "Loops that have not turned in their time.", hanging);
    page.one("loop_panics_total", "counter", "Loops that were started again after a panic.", whole(state.panics));
}

fn feeds(page: &mut Page<'_>, feeds: &[FeedLine]) {
    let mut all = |name, kind, help, value: fn(&FeedLine) -> f64| {
        page.all(name, kind, help, feeds.iter().map(|feed| (vec![("feed", feed.feed.as_str())], value(feed))));
    };
    all("feed_read_timestamp_seconds", "gauge", "When a feed was last read to its end.", |feed| {
        feed.read_at.map_or(0.0, seconds)
    });
    all("feed_reads_total", "counter", "How many times a feed was read to its end.", |feed| whole(feed.reads));
    all("feed_poll_seconds", "gauge", "The time between two polls of a feed.", |feed| feed.poll_seconds);
    all("feed_stale", "gauge", "1 when a feed has not been read for too long.", |feed| truth(feed.stale));
    all("feed_failing", "gauge", "1 when the last poll of a feed failed.", |feed| truth(feed.failure.is_some()));
}

fn accounts(page: &mut Page<'_>, state: &State) {
    let left = state
        .limits
        .iter()
        .map(|limit| (vec![("account", limit.account.as_str()), ("limit", limit.name.as_str())], limit.left));
    page.all("limit_left_ratio", "gauge", "The share of a platform's limit that is left.", left);
    let ends = state
        .logins
        .iter()
        .filter_map(|login| Some((vec![("account", login.account.as_str())], seconds(login.ends_at?))));
    page.all("login_end_timestamp_seconds", "gauge", "When a login ends if no human does anything.", ends);
    let needed = state.logins.iter().map(|login| (vec![("account", login.account.as_str())], truth(login.needs_login)));
    page.all("login_needed", "gauge", "1 when somebody must log in.", needed);
}

fn messages(page: &mut Page<'_>, state: &State) {
    let outcomes = state.ever.iter().flat_map(|(feed, outcomes)| {
        outcomes.iter().map(move |(outcome, total)| {
            let (outcome, reason) = outcome.split_once('/').unwrap_or((outcome, ""));
            (vec![("feed", feed.as_str()), ("outcome", outcome), ("reason", reason)], whole(*total))
        })
    });
    page.all("messages_total", "counter", "Messages that ended, by outcome.", outcomes);
    page.one("messages_open", "gauge", "Messages that have not ended.", whole(state.open));
    let in_doubt = whole(state.in_doubt.len() as u64);
    page.one("replies_in_doubt", "gauge", "Replies in doubt that wait for a human.", in_doubt);
}

struct Page<'a> {
    text: String,
    zone: &'a str,
}

impl Page<'_> {
    /// One metric with one series.
    fn one(&mut self, name: &str, kind: &str, help: &str, value: f64) {
        self.all(name, kind, help, [(vec![], value)]);
    }

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
