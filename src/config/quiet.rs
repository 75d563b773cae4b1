//! `[policy.quiet_period]`: from times on the zone's clock to moments.

use jiff::{civil::DateTime, tz::TimeZone};

use super::{
    diagnostic::Diagnostic,
    layer::Places,
    wire::QuietTable,
    zone::{QuietAnswer, QuietPeriod},
};

/// Reads `2026-11-25 18:00`.
///
/// # Errors
/// What is wrong with it, to go on after the key's name.
pub fn moment(text: &str) -> Result<DateTime, &'static str> {
    DateTime::strptime("%Y-%m-%d %H:%M", text.trim()).map_err(|_| "is no date with a time of day")
}

/// The quiet period that a file asks for. What cannot be read was told where it stands.
pub fn period(
    table: Option<QuietTable>,
    timezone: &TimeZone,
    places: &Places,
    found: &mut Vec<Diagnostic>,
) -> Option<QuietPeriod> {
    if table.is_none() && !places.opens("policy.quiet_period") {
        return None;
    }
    let table = table.unwrap_or_default();
    // A time that a change of the clock skips or repeats is read as most calendars do.
    let at = |text: &str| timezone.to_timestamp(moment(text).ok()?).ok();
    let Some(until) = table.until.as_deref().and_then(at) else {
        if !places.explained("policy.quiet_period.until") {
            found.push(
                Diagnostic::new(places.of("policy.quiet_period"), "`quiet_period` does not say until when it lasts")
                    .help("write `until = \"2026-11-26 06:00\"` in it: a quiet period that nobody ends would leave citizens without an answer"),
            );
        }
        return None;
    };
    let from = table.from.as_deref().and_then(at);
    if from.is_some_and(|from| until <= from) {
        found.push(
            Diagnostic::new(places.of("policy.quiet_period.until"), "`quiet_period` ends before it begins")
                .help("write an `until` that is later than `from`"),
        );
    }
    Some(QuietPeriod { from, until, answer: table.answer.unwrap_or(QuietAnswer::Urgent) })
}
