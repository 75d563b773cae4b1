//! What the errors of an AT Protocol server mean: one table, decided on the name in the body, not on the status.
//!
//! Source: `platforms/bluesky.md` 2, 5 and 7. An expired token is a 400.

use jiff::Timestamp;

use super::{limits, wire::Problem};
use crate::http::{Answer, Failure};

/// The name of an error; `None` for a success or an answer in another form.
pub fn name(answer: &Answer) -> Option<String> {
    if (200..300).contains(&answer.status) {
        return None;
    }
    let problem: Problem = serde_json::from_slice(&answer.body).ok()?;
    problem.error.filter(|name| is_name(name))
}

/// The meaning of an answer that is not a success; `None` when it is one.
pub fn failure(answer: &Answer, writes: bool, now: Timestamp) -> Option<Failure> {
    if (200..300).contains(&answer.status) {
        return None;
    }
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    let name = problem.error.as_deref().filter(|name| is_name(name)).unwrap_or_default();
    let code = if name.is_empty() {
        format!("bluesky {}", answer.status)
    } else {
        format!("bluesky {} {name}", answer.status)
    };
    Some(match (answer.status, name) {
        // A token that is good, of an app password without leave to read messages.
        (_, "InvalidToken") if problem.message.as_deref() == Some("Bad token method") => Failure::Permission { code },
        (_, "ExpiredToken" | "InvalidToken" | "AuthMissing" | "AuthenticationRequired") => {
            Failure::LoginNeeded { code }
        }
        (_, "AccountTakedown" | "AccountSuspended" | "AccountDeactivated") => Failure::Stopped { code },
        (429, _) | (_, "RateLimitExceeded") => Failure::Later { at: limits::reset(&answer.headers, now), code },
        // The conversation takes no message of ours, for good.
        (400..500, "ConvoLocked" | "InvalidConvo" | "BlockedActor" | "MessagesDisabled") if writes => {
            Failure::Refused { code }
        }
        (_, "MethodNotImplemented") => Failure::Stopped { code },
        (401, _) => Failure::LoginNeeded { code },
        (403, _) => Failure::Permission { code },
        (404 | 408 | 410, _) => Failure::Later { at: None, code },
        (500.., _) if writes => Failure::Unknown { code },
        (500.., _) => Failure::Later { at: limits::reset(&answer.headers, now), code },
        _ => Failure::Bug { code },
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
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
        assert_eq!((read(false).as_str(), read(true).as_str()), (reading, writing));
    }

    #[test]
    fn each_error_has_one_meaning() {
        let both = |status, body, meaning| check(status, body, meaning, meaning);
        both(
            400,
            r#"{"error":"ExpiredToken","message":"Token has expired"}"#,
            "login needed (bluesky 400 ExpiredToken)",
        );
        both(
            400,
            r#"{"error":"InvalidToken","message":"Token could not be verified"}"#,
            "login needed (bluesky 400 InvalidToken)",
        );
        both(
            400,
            r#"{"error":"InvalidToken","message":"Bad token method"}"#,
            "permission missing (bluesky 400 InvalidToken)",
        );
        both(401, r#"{"error":"AuthMissing"}"#, "login needed (bluesky 401 AuthMissing)");
        both(429, r#"{"error":"RateLimitExceeded"}"#, "later (bluesky 429 RateLimitExceeded)");
        both(400, r#"{"error":"InvalidRequest"}"#, "our request was wrong (bluesky 400 InvalidRequest)");
        both(501, r#"{"error":"MethodNotImplemented"}"#, "stopped by the platform (bluesky 501 MethodNotImplemented)");
        check(
            500,
            r#"{"error":"InternalServerError"}"#,
            "later (bluesky 500 InternalServerError)",
            "result unknown (bluesky 500 InternalServerError)",
        );
        check(502, "<html>", "later (bluesky 502)", "result unknown (bluesky 502)");
        check(
            400,
            r#"{"error":"ConvoLocked"}"#,
            "our request was wrong (bluesky 400 ConvoLocked)",
            "refused (bluesky 400 ConvoLocked)",
        );
        both(400, r#"{"error":"Jan wrote this"}"#, "our request was wrong (bluesky 400)");
    }
}
