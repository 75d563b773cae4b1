//! What the X API's problems mean: one table, decided on the body where there is one.
//!
//! Source: `platforms/x.md` 5. Only the last part of a problem's `type` is compared, since two hosts occur.

use std::time::Duration;

use jiff::Timestamp;

use super::wire::Problem;
use crate::{
    clock::after,
    http::{Answer, Failure, retry_after, unix_seconds},
};

/// How long a suspended account posts nothing.
const SUSPENDED_PAUSE: Duration = Duration::from_secs(24 * 3600);
/// How long a locked account is left alone.
const LOCKED_PAUSE: Duration = Duration::from_secs(3600);

/// Reset headers of the windows that a 429 may speak of.
const WINDOWS: [(&str, &str); 3] = [
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
    ("x-app-limit-24hour-remaining", "x-app-limit-24hour-reset"),
    ("x-user-limit-24hour-remaining", "x-user-limit-24hour-reset"),
];

/// The meaning of an answer that is not a success; `None` when it is one.
pub fn failure(answer: &Answer, writes: bool, now: Timestamp) -> Option<Failure> {
    if (200..300).contains(&answer.status) {
        return None;
    }
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    let kind =
        problem.kind.as_deref().and_then(|kind| kind.rsplit('/').next()).filter(|kind| is_word(kind)).unwrap_or("");
    let code = if kind.is_empty() || kind == "about:blank" {
        format!("x {}", answer.status)
    } else {
        format!("x {} {kind}", answer.status)
    };
    Some(match answer.status {
        401 => Failure::LoginNeeded { code },
        402 => Failure::Stopped { code },
        403 => forbidden(&problem, kind, code, writes, now),
        404 | 410 if writes => Failure::Refused { code },
        429 if kind == "usage-capped" || problem.title.as_deref() == Some("UsageCapExceeded") => {
            Failure::Stopped { code: "x 429 usage-capped".into() }
        }
        429 => Failure::Later { at: reset(answer, now), code },
        404 | 408 | 410 => Failure::Later { at: None, code },
        500.. if writes => Failure::Unknown { code },
        500.. => Failure::Later { at: retry_after(&answer.headers, now), code },
        _ => Failure::Bug { code },
    })
}

/// A 403 is many things; the words of `detail` are the only difference.
fn forbidden(problem: &Problem, kind: &str, code: String, writes: bool, now: Timestamp) -> Failure {
    let older = problem.errors.iter().filter_map(|error| error.message.as_deref());
    let details: Vec<String> = problem.detail.as_deref().into_iter().chain(older).map(str::to_lowercase).collect();
    let says = |words: &str| details.iter().any(|detail| detail.contains(words));
    let older_code = |number: i64| problem.errors.iter().any(|error| error.code == Some(number));
    if kind == "unsupported-authentication" || says("oauth1 app permissions") || says("scope") {
        return Failure::Permission { code };
    }
    if kind == "client-forbidden" || kind == "credits" || problem.reason.is_some() || says("spend cap") {
        return Failure::Stopped { code };
    }
    if says("duplicate content") || older_code(187) {
        return Failure::Duplicate { code: "x 403 duplicate".into() };
    }
    if says("suspended") {
        let code = "x 403 suspended".into();
        return if writes {
            Failure::Blocked { until: after(now, SUSPENDED_PAUSE), code }
        } else {
            Failure::Stopped { code }
        };
    }
    if says("not permitted to access this feature") {
        let (until, code) = (after(now, LOCKED_PAUSE), "x 403 locked".into());
        return if writes { Failure::Blocked { until, code } } else { Failure::Later { at: Some(until), code } };
    }
    // The rule on replies, a post that is gone, a person who takes no messages: final for this one.
    if writes { Failure::Refused { code } } else { Failure::Stopped { code } }
}

/// When a limit ends: the latest reset of a window that is used up, else any reset, else `Retry-After`.
fn reset(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let used_up = |name: &str| answer.headers.get(name).is_some_and(|value| value.as_bytes() == b"0");
    let closed = WINDOWS.iter().filter(|(remaining, _)| used_up(remaining));
    let latest = closed.filter_map(|(_, reset)| unix_seconds(&answer.headers, reset)).max();
    latest
        .or_else(|| retry_after(&answer.headers, now))
        .or_else(|| unix_seconds(&answer.headers, WINDOWS[0].1))
        .filter(|at| *at > now)
}

fn is_word(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b':'))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, reading: &str, writing: &str) {
        let answer = Answer { status, headers: HeaderMap::new(), body: Bytes::copy_from_slice(body.as_bytes()) };
        let read = |writes| failure(&answer, writes, Timestamp::UNIX_EPOCH).unwrap().to_string();
        assert_eq!(read(false), reading);
        assert_eq!(read(true), writing);
    }

    #[test]
    fn each_problem_has_one_meaning() {
        check(401, r#"{"type":"about:blank","title":"Unauthorized"}"#, "login needed (x 401)", "login needed (x 401)");
        check(
            402,
            r#"{"account_id":1949003093120876544,"type":"https://api.x.com/2/problems/credits"}"#,
            "stopped by the platform (x 402 credits)",
            "stopped by the platform (x 402 credits)",
        );
        check(
            403,
            r#"{"type":"https://api.twitter.com/2/problems/client-forbidden"}"#,
            "stopped by the platform (x 403 client-forbidden)",
            "stopped by the platform (x 403 client-forbidden)",
        );
        check(
            403,
            r#"{"detail":"Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author"}"#,
            "stopped by the platform (x 403)",
            "refused (x 403)",
        );
        check(
            403,
            r#"{"detail":"You are not allowed to create a Tweet with duplicate content."}"#,
            "duplicate (x 403 duplicate)",
            "duplicate (x 403 duplicate)",
        );
        check(
            403,
            r#"{"errors":[{"code":187,"message":"Status is a duplicate."}]}"#,
            "duplicate (x 403 duplicate)",
            "duplicate (x 403 duplicate)",
        );
        check(404, "<html>", "later (x 404)", "refused (x 404)");
        check(
            429,
            r#"{"title":"UsageCapExceeded","type":"https://api.x.com/2/problems/usage-capped"}"#,
            "stopped by the platform (x 429 usage-capped)",
            "stopped by the platform (x 429 usage-capped)",
        );
        check(429, "", "later (x 429)", "later (x 429)");
        check(503, "<html>", "later (x 503)", "result unknown (x 503)");
        check(
            400,
            r#"{"type":"https://api.x.com/2/problems/invalid-request"}"#,
            "our request was wrong (x 400 invalid-request)",
            "our request was wrong (x 400 invalid-request)",
        );
    }

    #[test]
    fn a_problem_type_that_is_no_word_goes_no_further() {
        check(
            400,
            r#"{"type":"https://api.x.com/2/problems/Jan Peeters heeft"}"#,
            "our request was wrong (x 400)",
            "our request was wrong (x 400)",
        );
    }

    #[test]
    fn a_limit_lasts_until_the_latest_reset_of_a_window_that_is_used_up() {
        let headers = [
            ("x-rate-limit-remaining", "12"),
            ("x-rate-limit-reset", "900"),
            ("x-user-limit-24hour-remaining", "0"),
            ("x-user-limit-24hour-reset", "86400"),
        ];
        let headers = headers
            .into_iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect();
        let answer = Answer { status: 429, headers, body: Bytes::new() };
        let Some(Failure::Later { at, .. }) = failure(&answer, true, Timestamp::UNIX_EPOCH) else {
            panic!("a limit is waited for")
        };
        assert_eq!(at, Some(Timestamp::from_second(86_400).unwrap()));
    }
}
