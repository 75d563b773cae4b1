//! What the errors of a server mean: decided on the status alone, since the text is for humans and may be translated.
//!
//! Source: `platforms/mastodon.md` 2 and 6.

use jiff::Timestamp;

use super::limits;
use crate::http::{Answer, Failure};

/// The meaning of an answer that is not a success; `None` when it is one.
pub fn failure(answer: &Answer, writes: bool, now: Timestamp) -> Option<Failure> {
    if (200..300).contains(&answer.status) {
        return None;
    }
    let code = format!("mastodon {}", answer.status);
    Some(match answer.status {
        401 => Failure::LoginNeeded { code },
        // A scope is missing, or the account is suspended: either takes a human.
        403 => Failure::Permission { code },
        // What is answered is gone or hidden, or the server does not take the text: for good, and for this reply alone.
        400 | 404 | 410 | 413 | 422 if writes => Failure::Refused { code },
        404 | 408 | 410 if !writes => Failure::Later { at: None, code },
        429 => Failure::Later { at: Some(limits::reopens(&answer.headers, now)), code },
        408 | 500.. if writes => Failure::Unknown { code },
        500.. => Failure::Later { at: limits::reset(&answer.headers, now), code },
        _ => Failure::Bug { code },
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;

    #[test]
    fn each_status_has_one_meaning() {
        let check = |status, reading: &str, writing: &str| {
            let body = Bytes::from_static(b"{\"error\":\"the words of a human\"}");
            let answer = Answer { status, headers: HeaderMap::new(), body };
            let read = |writes| failure(&answer, writes, Timestamp::UNIX_EPOCH).unwrap().to_string();
            assert_eq!((read(false).as_str(), read(true).as_str()), (reading, writing));
        };
        check(401, "login needed (mastodon 401)", "login needed (mastodon 401)");
        check(403, "permission missing (mastodon 403)", "permission missing (mastodon 403)");
        check(404, "later (mastodon 404)", "refused (mastodon 404)");
        check(422, "our request was wrong (mastodon 422)", "refused (mastodon 422)");
        check(400, "our request was wrong (mastodon 400)", "refused (mastodon 400)");
        check(429, "later (mastodon 429)", "later (mastodon 429)");
        check(503, "later (mastodon 503)", "result unknown (mastodon 503)");
    }
}
