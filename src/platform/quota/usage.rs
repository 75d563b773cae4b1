//! What Meta's usage headers say.
//!
//! Source: `platforms/meta.md` 6.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

/// A pool of calls that Meta limits as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Conversations and messages of a Page.
    Messenger,
    /// Posts and comments of a Page.
    Pages,
    /// Everything of an Instagram account but its messages.
    Instagram,
    /// The app or the user as a whole; when it is used up, every other pool is.
    App,
}

impl Pool {
    /// Every pool.
    pub const ALL: [Self; 4] = [Self::Messenger, Self::Pages, Self::Instagram, Self::App];

    /// The name that Meta's headers give it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Pages => "pages",
            Self::Instagram => "instagram",
            Self::App => "app",
        }
    }

    /// The calls that Meta allows in 24 hours for each person; for Instagram, for each impression.
    ///
    /// `None` for the app, whose formula counts users that a zone does not have.
    pub const fn calls_per_person(self) -> Option<u64> {
        match self {
            Self::Messenger => Some(200),
            Self::Pages | Self::Instagram => Some(4800),
            Self::App => None,
        }
    }
}

/// What the headers of an answer say of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    pub pool: Pool,
    /// The largest of the three percentages, rounded up: Meta refuses as soon as any of them is 100.
    pub percent: u16,
    /// How long calls are refused; zero when they are not.
    pub regained_in: Duration,
}

/// What the usage headers of an answer say of each pool; what cannot be read says nothing.
///
/// A pool may stand there for several objects: the fullest one counts, and the longest block.
pub(super) fn usages(headers: &HeaderMap) -> impl Iterator<Item = Usage> {
    let lines = lines(headers);
    Pool::ALL.into_iter().filter_map(move |pool| {
        lines.iter().copied().filter(|line| line.pool == pool).reduce(|one, other| Usage {
            pool,
            percent: one.percent.max(other.percent),
            regained_in: one.regained_in.max(other.regained_in),
        })
    })
}

fn lines(headers: &HeaderMap) -> Vec<Usage> {
    let read = |name: &str| -> Vec<Value> {
        headers.get_all(name).iter().filter_map(|value| serde_json::from_slice(value.as_bytes()).ok()).collect()
    };
    // `{"<id of a business object>": [{"type": "pages", "call_count": 97, ...}], ...}`
    let business = read("x-business-use-case-usage");
    let objects = business.iter().filter_map(Value::as_object).flat_map(|objects| objects.values());
    let mut lines: Vec<Usage> = objects.filter_map(Value::as_array).flatten().filter_map(of_business).collect();
    lines.extend(read("x-app-usage").iter().filter_map(|line| of_line(Pool::App, line)));
    lines.extend(read("x-page-usage").iter().filter_map(|line| of_line(Pool::Pages, line)));
    lines
}

fn of_business(line: &Value) -> Option<Usage> {
    let name = line.get("type")?.as_str()?;
    let pool = [Pool::Messenger, Pool::Pages, Pool::Instagram].into_iter().find(|pool| pool.name() == name)?;
    of_line(pool, line)
}

fn of_line(pool: Pool, line: &Value) -> Option<Usage> {
    let percents = ["call_count", "total_time", "total_cputime"].into_iter().filter_map(|key| number(line.get(key)?));
    let minutes = line.get("estimated_time_to_regain_access").and_then(number).unwrap_or(0);
    let regained_in = Duration::from_secs(u64::from(minutes) * 60);
    Some(Usage { pool, percent: percents.max()?, regained_in })
}

/// A number, rounded up and held at zero and 10,000; written as text it counts too.
fn number(value: &Value) -> Option<u16> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within the range of u16")]
    let whole = number.ceil().clamp(0.0, 10_000.0) as u16;
    Some(whole)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn read(name: &'static str, value: &'static str) -> Vec<(Pool, u16, u64)> {
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
        usages(&headers).map(|usage| (usage.pool, usage.percent, usage.regained_in.as_secs())).collect()
    }

    #[test]
    fn of_all_objects_and_numbers_the_largest_counts() {
        let header = r#"{"1":[{"type":"pages","call_count":7,"total_cputime":23,"total_time":9,"estimated_time_to_regain_access":0},
            {"type":"ads_insights","call_count":100},{"type":"messenger","call_count":3,"estimated_time_to_regain_access":9}],
            "2":[{"type":"messenger","call_count":100,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":7}]}"#;
        let header = header.replace('\n', "").leak();
        assert_eq!(read("x-business-use-case-usage", header), [(Pool::Messenger, 100, 540), (Pool::Pages, 23, 0)]);
    }

    #[test]
    fn the_flat_headers_speak_of_the_app_and_of_the_page() {
        assert_eq!(
            read("x-app-usage", r#"{"call_count":28,"total_time":25,"total_cputime":25}"#),
            [(Pool::App, 28, 0)]
        );
        assert_eq!(read("x-page-usage", r#"{"call_count":"12.1"}"#), [(Pool::Pages, 13, 0)]);
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for nonsense in ["", "[]", "{}", r#"{"1":[{"type":"pages"}]}"#, r#"{"1":{"call_count":3}}"#, r#"{"1":[7]}"#] {
            assert_eq!(read("x-business-use-case-usage", nonsense), [], "{nonsense}");
        }
        assert_eq!(read("x-app-usage", r#"{"call_count":null}"#), []);
        assert_eq!(read("x-app-usage", r#"{"call_count":-3}"#), [(Pool::App, 0, 0)]);
        assert_eq!(read("x-app-usage", r#"{"call_count":1e300}"#), [(Pool::App, 10_000, 0)]);
    }
}
