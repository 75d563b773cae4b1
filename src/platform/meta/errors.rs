//! What the Graph API's errors mean: one table, decided on the body, never on the HTTP status alone.
//!
//! Source: `platforms/meta.md` 6 and 7. The same number may come as code or as subcode of 10 (two-sided).

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;

use super::wire::{ErrorBody, GraphError, Usage};
use crate::{
    clock::after,
    http::{Answer, Failure, retry_after},
    platform::quota::Pool,
};

/// A pause for what passes in minutes.
const PASSING_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long an account keeps quiet after a policy block (368: at least a day).
const POLICY_PAUSE: Duration = Duration::from_secs(24 * 3600);
/// The same when the Page is restricted from sending (10/1893063: for hours).
const RESTRICTED_PAUSE: Duration = Duration::from_secs(6 * 3600);
/// The pause after too many calls a second (613) when the platform names none.
const RATE_PAUSE: Duration = Duration::from_secs(60);

/// The pool that a refusal says is used up, if it says so; `asked` is the one that the call counts for.
pub fn closed_pool(answer: &Answer, asked: Pool) -> Option<Pool> {
    match serde_json::from_slice::<ErrorBody>(&answer.body).ok()?.error?.code? {
        4 | 17 | 32 | 341 => Some(Pool::App),
        80_001 => Some(Pool::Pages),
        80_002 => Some(Pool::Instagram),
        80_006 => Some(Pool::Messenger),
        80_000..=80_014 => Some(asked),
        _ => None,
    }
}

/// The meaning of an answer that is not a success; `None` when it is one.
pub fn failure(answer: &Answer, writes: bool, now: Timestamp) -> Option<Failure> {
    let error = serde_json::from_slice::<ErrorBody>(&answer.body).ok().and_then(|body| body.error);
    match error {
        Some(error) => Some(meaning(&error, answer, writes, now)),
        None if (200..300).contains(&answer.status) => None,
        None => Some(without_body(answer, writes, now)),
    }
}

/// Whether a list was refused because it holds too much: a shorter one will do.
pub fn too_much(answer: &Answer) -> bool {
    let error = serde_json::from_slice::<ErrorBody>(&answer.body).ok().and_then(|body| body.error);
    error.is_some_and(|error| {
        error.code == Some(1) && error.message.is_some_and(|message| message.contains("reduce the amount of data"))
    })
}

fn without_body(answer: &Answer, writes: bool, now: Timestamp) -> Failure {
    let code = format!("http {}", answer.status);
    match answer.status {
        429 => Failure::Later { at: retry_after(&answer.headers, now), code },
        _ if writes => Failure::unknown(code),
        _ => Failure::Later { at: retry_after(&answer.headers, now), code },
    }
}

fn meaning(error: &GraphError, answer: &Answer, writes: bool, now: Timestamp) -> Failure {
    let (number, sub) = (error.code.unwrap_or(0), error.error_subcode.unwrap_or(0));
    let code = if sub == 0 { format!("graph {number}") } else { format!("graph {number}/{sub}") };
    let says = |words: &str| error.message.as_deref().is_some_and(|message| message.contains(words));
    match (number, sub) {
        // Limits: of calls a second, then of the app, the user, the Page, and the business pools.
        (613, _) => Failure::Later { at: Some(regained(answer, now).unwrap_or_else(|| after(now, RATE_PAUSE))), code },
        (4 | 17 | 32 | 341 | 80_000..=80_014, _) => Failure::Later { at: regained(answer, now), code },
        // Sent although an error came back, or not: only a look can tell. An error without a number says no more.
        (0..=2, _) if writes => Failure::Unknown { code },
        (1 | 2, _) => Failure::Later { at: None, code },
        // The person is in Messenger's own automated questions for some minutes.
        (2_018_321, _) | (10, 2_018_321) => Failure::Later { at: Some(after(now, PASSING_PAUSE / 5)), code },
        (102 | 190, _) | (10, 2_534_077 | 1_341_012) => Failure::LoginNeeded { code },
        (506, _) => Failure::Duplicate { code },
        (10_900, _) | (10 | 100, 10_900) => Failure::Answered { code },
        // This citizen or this message cannot be answered: window, block, gone, another app's thread.
        (10, 2_018_278 | 2_534_022 | 2_018_065 | 2_018_108 | 2_018_300 | 9_000_001)
        | (27 | 551 | 10_903 | 2_018_300 | 9_000_001 | 1_609_005, _)
        | (100, 33 | 2_018_001 | 2_534_014 | 2_534_025 | 2_534_037)
        | (200, 1_545_041)
        | (368, 1_404_082) => Failure::Refused { code },
        (10, 0) if says("controlling this thread") => Failure::Refused { code },
        (200, _) if says("API access blocked") => Failure::Later { at: Some(after(now, PASSING_PAUSE)), code },
        // Policy: the whole account keeps quiet.
        (368, _) if writes => Failure::Blocked { until: after(now, POLICY_PAUSE), code },
        (10, 1_893_063) if writes => Failure::Blocked { until: after(now, RESTRICTED_PAUSE), code },
        // Switches and capabilities: nothing of this kind works until a human acts.
        (3 | 368 | 36_103, _) | (10, 1_893_063) | (100, 2_534_013 | 2_534_029) | (200, 2_534_041) => {
            Failure::Stopped { code }
        }
        (10 | 200..=299, _) => Failure::Permission { code },
        (100, _) => Failure::Bug { code },
        _ if answer.status >= 500 && writes => Failure::Unknown { code },
        _ if answer.status >= 500 || answer.status == 429 => {
            Failure::Later { at: retry_after(&answer.headers, now), code }
        }
        _ => Failure::Bug { code },
    }
}

/// When a limit ends: as `Retry-After` says, else the longest time named by the usage header.
fn regained(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let minutes = || {
        let value = answer.headers.get("x-business-use-case-usage")?;
        let usage: HashMap<String, Vec<Usage>> = serde_json::from_slice(value.as_bytes()).ok()?;
        usage.into_values().flatten().filter_map(|usage| usage.estimated_time_to_regain_access).max()
    };
    let by_usage =
        || minutes().filter(|minutes| *minutes > 0).map(|minutes| Duration::from_secs(minutes.min(24 * 60) * 60));
    retry_after(&answer.headers, now).or_else(|| by_usage().map(|length| after(now, length)))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;

    fn read(status: u16, body: &str, writes: bool) -> String {
        let answer = Answer { status, headers: HeaderMap::new(), body: Bytes::copy_from_slice(body.as_bytes()) };
        failure(&answer, writes, Timestamp::UNIX_EPOCH).map_or_else(|| "success".into(), |failure| failure.to_string())
    }

    fn graph(code: i64, sub: i64) -> String {
        format!(
            r#"{{"error":{{"message":"(#{code}) secret words","type":"OAuthException","code":{code},"error_subcode":{sub},"fbtrace_id":"A"}}}}"#
        )
    }

    #[track_caller]
    fn check(code: i64, sub: i64, reading: &str, writing: &str) {
        assert_eq!(read(400, &graph(code, sub), false), reading);
        assert_eq!(read(400, &graph(code, sub), true), writing);
    }

    #[test]
    fn each_code_has_one_meaning() {
        check(190, 463, "login needed (graph 190/463)", "login needed (graph 190/463)");
        check(613, 0, "later (graph 613)", "later (graph 613)");
        check(80_006, 0, "later (graph 80006)", "later (graph 80006)");
        check(1, 1_357_046, "later (graph 1/1357046)", "result unknown (graph 1/1357046)");
        check(2, 0, "later (graph 2)", "result unknown (graph 2)");
        check(10, 2_018_278, "refused (graph 10/2018278)", "refused (graph 10/2018278)");
        check(2_018_300, 0, "refused (graph 2018300)", "refused (graph 2018300)");
        check(10, 2_018_300, "refused (graph 10/2018300)", "refused (graph 10/2018300)");
        check(368, 0, "stopped by the platform (graph 368)", "account blocked from posting (graph 368)");
        check(368, 1_404_082, "refused (graph 368/1404082)", "refused (graph 368/1404082)");
        check(200, 2_018_028, "permission missing (graph 200/2018028)", "permission missing (graph 200/2018028)");
        check(10_900, 0, "answered already (graph 10900)", "answered already (graph 10900)");
        check(
            200,
            2_534_041,
            "stopped by the platform (graph 200/2534041)",
            "stopped by the platform (graph 200/2534041)",
        );
        check(100, 0, "our request was wrong (graph 100)", "our request was wrong (graph 100)");
        check(506, 0, "duplicate (graph 506)", "duplicate (graph 506)");
    }

    #[test]
    fn an_error_counts_even_with_status_200_and_its_words_go_no_further() {
        assert_eq!(read(200, &graph(190, 0), false), "login needed (graph 190)");
        assert_eq!(read(200, "{}", false), "success");
    }

    #[test]
    fn an_error_without_a_number_after_a_write_proves_nothing() {
        assert_eq!(read(200, r#"{"id":"1","error":{}}"#, true), "result unknown (graph 0)");
        assert_eq!(read(400, r#"{"error":{"message":"no"}}"#, false), "our request was wrong (graph 0)");
    }

    #[test]
    fn a_page_of_html_after_a_write_proves_nothing() {
        assert_eq!(read(502, "<html>", true), "result unknown (http 502)");
        assert_eq!(read(502, "<html>", false), "later (http 502)");
        assert_eq!(read(429, "", true), "later (http 429)");
    }

    #[test]
    fn a_limit_lasts_as_long_as_the_usage_header_says() {
        let headers = HeaderMap::from_iter([(
            http::HeaderName::from_static("x-business-use-case-usage"),
            http::HeaderValue::from_static(
                r#"{"1":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":7}]}"#,
            ),
        )]);
        let answer = Answer { status: 400, headers, body: Bytes::from(graph(80_001, 0)) };
        let Some(Failure::Later { at, .. }) = failure(&answer, false, Timestamp::UNIX_EPOCH) else {
            panic!("a limit is waited for")
        };
        assert_eq!(at, Some(Timestamp::from_second(420).unwrap()));
    }
}
