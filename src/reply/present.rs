//! What a text may name that changes with time: the time of day, and when the office opens next.

use std::fmt::Write as _;

use jiff::civil::{DateTime, Weekday};

use crate::{
    hours::{Hours, Window},
    model::Language,
};

/// What is filled in for `{{ time }}` and `{{ next_opening }}`, on the zone's clock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// The time of day, `HH:MM:SS`.
    pub time: String,
    /// When the office opens next, if it does within a year.
    pub opens: Option<DateTime>,
}

impl Present {
    /// At a time of day, with the office opening on a Wednesday morning, as an example.
    pub fn example(time: &str) -> Self {
        Self { time: time.to_owned(), opens: Some(jiff::civil::date(2026, 11, 25).at(8, 0, 0, 0)) }
    }

    /// The same on each day of a week: one of them makes a text as long as it can be.
    pub(super) fn week() -> impl Iterator<Item = Self> {
        let day = |day| jiff::civil::date(2026, 11, day).at(22, 0, 0, 0);
        (23..30).map(move |number| Self { time: "00:00:00".to_owned(), opens: Some(day(number)) })
    }
}

/// `lundi 23/11 à 08:00`; nothing where there is no opening.
pub(super) fn next_opening(opens: Option<DateTime>, language: Language) -> String {
    let Some(at) = opens else { return String::new() };
    let day = weekday(at.weekday(), language);
    let (date, month, hour, minute) = (at.day(), at.month(), at.hour(), at.minute());
    match language {
        Language::Fr => format!("{day} {date}/{month} à {hour:02}:{minute:02}"),
        Language::Nl => format!("{day} {date}/{month} om {hour:02}:{minute:02}"),
        Language::De => format!("{day}, {date}.{month}., {hour:02}:{minute:02} Uhr"),
        Language::En => format!("{day} {date}/{month} at {hour:02}:{minute:02}"),
    }
}

/// `lundi à vendredi 08:00-12:00, 13:00-17:00; samedi 09:00-12:00`: the ordinary week; empty where it is always closed.
pub fn opening_hours(hours: &Hours, language: Language) -> String {
    let mut runs: Vec<(i8, i8, &[Window])> = Vec::new();
    for (&day, windows) in hours.week.iter().filter(|(_, windows)| !windows.is_empty()) {
        match runs.last_mut() {
            Some((_, last, same)) if *last + 1 == day && *same == windows.as_slice() => *last = day,
            _ => runs.push((day, day, windows)),
        }
    }
    let (to, and) = match language {
        Language::Fr => ("à", "et"),
        Language::Nl => ("tot", "en"),
        Language::De => ("bis", "und"),
        Language::En => ("to", "and"),
    };
    let mut text = String::new();
    for (first, last, windows) in runs {
        let name = |day| Weekday::from_monday_one_offset(day).map_or("", |day| weekday(day, language));
        text.push_str(if text.is_empty() { "" } else { "; " });
        // Writing to a text cannot fail.
        let _ = match last - first {
            0 => write!(text, "{}", name(first)),
            1 => write!(text, "{} {and} {}", name(first), name(last)),
            _ => write!(text, "{} {to} {}", name(first), name(last)),
        };
        for (index, window) in windows.iter().enumerate() {
            let _ = write!(text, "{} {window}", if index == 0 { "" } else { "," });
        }
    }
    text
}

const fn weekday(day: Weekday, language: Language) -> &'static str {
    let names = match language {
        Language::Fr => ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
        Language::Nl => ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
        Language::De => ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
        Language::En => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    };
    match day {
        Weekday::Monday => names[0],
        Weekday::Tuesday => names[1],
        Weekday::Wednesday => names[2],
        Weekday::Thursday => names[3],
        Weekday::Friday => names[4],
        Weekday::Saturday => names[5],
        Weekday::Sunday => names[6],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(days: &[(i8, &[&str])]) -> Hours {
        let windows = |texts: &[&str]| texts.iter().map(|text| Window::parse(text).unwrap()).collect();
        Hours { week: days.iter().map(|(day, texts)| (*day, windows(texts))).collect(), ..Hours::default() }
    }

    #[test]
    fn the_week_is_told_in_each_language_with_equal_days_together() {
        let office: &[&str] = &["08:00-12:00", "13:00-17:00"];
        let week =
            hours(&[(1, office), (2, office), (3, office), (4, &["08:00-12:00"]), (5, &["08:00-12:00"]), (6, &[])]);
        assert_eq!(
            Language::ALL.map(|language| opening_hours(&week, language)),
            [
                "lundi à mercredi 08:00-12:00, 13:00-17:00; jeudi et vendredi 08:00-12:00",
                "maandag tot woensdag 08:00-12:00, 13:00-17:00; donderdag en vrijdag 08:00-12:00",
                "Montag bis Mittwoch 08:00-12:00, 13:00-17:00; Donnerstag und Freitag 08:00-12:00",
                "Monday to Wednesday 08:00-12:00, 13:00-17:00; Thursday and Friday 08:00-12:00",
            ]
        );
        assert_eq!(opening_hours(&hours(&[(3, &["22:00-02:00"])]), Language::De), "Mittwoch 22:00-02:00");
        assert_eq!(opening_hours(&hours(&[(3, &[])]), Language::De), "");
    }

    #[test]
    fn the_next_opening_is_told_in_each_language() {
        let at = Present::example("").opens;
        assert_eq!(
            Language::ALL.map(|language| next_opening(at, language)),
            [
                "mercredi 25/11 à 08:00",
                "woensdag 25/11 om 08:00",
                "Mittwoch, 25.11., 08:00 Uhr",
                "Wednesday 25/11 at 08:00"
            ]
        );
        assert_eq!(next_opening(None, Language::Fr), "");
    }
}
