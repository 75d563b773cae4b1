//! Durations as people write them: "200ms", "20s", "1h 30m", "30 days".

use std::time::Duration;

use jiff::{SpanRelativeTo, fmt::friendly::SpanParser};

/// Longer than anything that makes sense here, and short enough for every sum of times.
const LONGEST: Duration = Duration::from_hours(10 * 366 * 24);

/// Reads a duration; a day is 24 hours, months and years are refused because their length varies.
///
/// # Errors
/// Says in one sentence what is wrong.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    let span = SpanParser::new().parse_span(text.trim()).map_err(|_| "is not a duration")?;
    if span.is_negative() {
        return Err("cannot be negative");
    }
    let signed = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| "is counted in months or years, whose length varies")?;
    let duration = Duration::try_from(signed).map_err(|_| "cannot be negative")?;
    if duration > LONGEST {
        return Err("is longer than ten years");
    }
    Ok(duration)
}

/// A duration as it may be written in a file, such as `15s`, `1h 30m`, `30d`.
pub fn written(duration: Duration) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = duration.as_millis();
    let mut parts = Vec::new();
    for (unit, length) in units {
        if rest >= length {
            parts.push(format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_durations_in_many_ways() {
        for (text, milliseconds) in [
            ("200ms", 200),
            ("20s", 20_000),
            ("20 seconds", 20_000),
            ("12h", 43_200_000),
            ("1h 30m", 5_400_000),
            ("15 min", 900_000),
            ("30 days", 2_592_000_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        assert_eq!(parse("soon"), Err("is not a duration"));
        assert_eq!(parse(""), Err("is not a duration"));
        assert_eq!(parse("20"), Err("is not a duration"));
        assert_eq!(parse("-5s"), Err("cannot be negative"));
        assert_eq!(parse("1 month"), Err("is counted in months or years, whose length varies"));
        assert_eq!(parse("90000h"), Err("is longer than ten years"));
    }

    #[test]
    fn a_written_duration_reads_back() {
        for milliseconds in [0, 1, 50, 200, 15_000, 5_400_000, 2_592_000_000] {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!(parse(&written(duration)), Ok(duration));
        }
        assert_eq!(written(Duration::from_mins(90)), "1h 30m");
    }
}
