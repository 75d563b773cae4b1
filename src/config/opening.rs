//! `[hours]`: from the keys of the file to the openings of each day.

use std::collections::BTreeMap;

use super::{diagnostic::Diagnostic, layer::Places, schema::joined, wire::HoursTable, zone::When};
use crate::hours::{Exception, Holiday, Hours, Window, in_order};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The office's hours; a key for one day beats one for several, and fewer days beat more.
pub fn hours(table: Option<HoursTable>, when: When, places: &Places, found: &mut Vec<Diagnostic>) -> Option<Hours> {
    let Some(table) = table else {
        if when != When::Always && !places.explained("hours") {
            found.push(
                Diagnostic::new(places.of("policy.when"), "`when` asks for the office's hours, and there are none")
                    .help("write `[hours]` and below it `mon-fri = [\"08:00-12:00\", \"13:00-17:00\"]`"),
            );
        }
        return None;
    };
    let mut days: Vec<(Vec<i8>, Vec<Window>)> = Vec::new();
    for (key, windows) in &table.days {
        // What cannot be read was told where it stands.
        let read = windows.iter().filter_map(|window| Window::parse(window).ok()).collect();
        match in_order(read) {
            Ok(windows) => days.push((days_of(key), windows)),
            Err((first, second)) => {
                let problem = format!("`{key}` has two openings that overlap: {first} and {second}");
                found.push(
                    Diagnostic::new(places.of(&joined("hours", key)), problem)
                        .help("let one end before the other begins"),
                );
            }
        }
    }
    days.sort_by_key(|(days, _)| std::cmp::Reverse(days.len()));
    let mut week: BTreeMap<i8, Vec<Window>> = BTreeMap::new();
    for (days, windows) in days {
        week.extend(days.into_iter().map(|day| (day, windows.clone())));
    }
    let legal = if table.holidays.unwrap_or(true) { &Holiday::LEGAL[..] } else { &[] };
    let holidays = legal.iter().chain(&table.also_closed).copied().collect();
    let exceptions = table.exceptions.iter().filter_map(|days| Exception::parse(days).ok()).collect();
    Some(Hours { week, holidays, exceptions })
}

/// The numbers of the days that a key names, Monday being 1.
fn days_of(key: &str) -> Vec<i8> {
    let number = |name: &str| (1..).zip(DAYS).find(|(_, day)| *day == name).map(|(number, _)| number);
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    match (number(first), number(last)) {
        (Some(first), Some(last)) => (first..=last).collect(),
        _ => Vec::new(),
    }
}
