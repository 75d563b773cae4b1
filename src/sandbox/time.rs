//! Times as the two platforms write them, and times as a rehearsal gives them.

use jiff::Timestamp;

/// Milliseconds in one second, minute, hour and day.
pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// The first millisecond that an X id can express; ids count from here.
pub const SNOWFLAKE_EPOCH: i64 = 1_288_834_974_657;

/// Writes a time as the Graph API does: `2026-01-02T03:04:05+0000`, which is not RFC 3339.
pub fn graph(ms: i64) -> String {
    stamp(ms).strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

/// Writes a time as the X API does: `2026-01-02T03:04:05.000Z`, always with milliseconds.
pub fn x(ms: i64) -> String {
    let whole = stamp(ms).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    format!("{whole}.{:03}Z", ms.rem_euclid(SECOND))
}

/// Reads an RFC 3339 time into unix milliseconds.
pub fn rfc3339(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// Reads the `at` of the control API: RFC 3339, or a distance back from now such as `-3h`, `-90s`, `-500ms`, `-2d`.
pub fn given(text: &str, now: i64) -> Option<i64> {
    let Some(back) = text.strip_prefix('-') else {
        return rfc3339(text);
    };
    let digits = back.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = back.split_at(digits);
    let unit = match unit {
        "ms" => 1,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return None,
    };
    Some(now - count.parse::<i64>().ok()?.checked_mul(unit)?)
}

/// Reads the end of a token: as `given`, or a distance ahead such as `+3h`.
pub fn end(text: &str, now: i64) -> Option<i64> {
    match text.strip_prefix('+') {
        Some(ahead) => given(&format!("-{ahead}"), now).map(|back| 2 * now - back),
        None => given(text, now),
    }
}

/// Reads a time parameter of the Graph API: unix seconds or a written time.
pub fn graph_parameter(text: &str) -> Option<i64> {
    match text.parse::<i64>() {
        Ok(seconds) => seconds.checked_mul(SECOND),
        Err(_) => rfc3339(text),
    }
}

fn stamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platform_has_its_own_way_to_write_a_time() {
        let at = rfc3339("2026-01-02T03:04:05.006Z").expect("a good time");
        assert_eq!(graph(at), "2026-01-02T03:04:05+0000");
        assert_eq!(x(at), "2026-01-02T03:04:05.006Z");
    }

    #[test]
    fn a_rehearsal_may_give_a_distance_back_from_now() {
        assert_eq!(given("-3h", 10 * HOUR), Some(7 * HOUR));
        assert_eq!(given("-500ms", 1_000), Some(500));
        assert_eq!(given("1970-01-01T00:00:01Z", 0), Some(SECOND));
        assert_eq!((end("+3h", HOUR), end("-1s", HOUR)), (Some(4 * HOUR), Some(HOUR - SECOND)));
        assert_eq!(given("-3 weeks", 0), None);
        assert_eq!(given("yesterday", 0), None);
    }
}
