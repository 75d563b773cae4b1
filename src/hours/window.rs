//! One opening of a day, and the days to which a setting applies.

use std::fmt;

use jiff::civil::Date;

/// Minutes of a day.
pub const DAY: u16 = 24 * 60;

/// From one minute of the day to another; an end that is not after the start lies on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// The minute of the day at which it begins.
    pub from: u16,
    /// The minute at which it is over, counted from the same midnight: up to two days.
    pub to: u16,
}

impl Window {
    /// Reads `08:00-12:00`.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (from, to) = text.split_once(['-', '–']).ok_or("is not a time from and a time to")?;
        let (from, to) = (minute(from.trim())?, minute(to.trim())?);
        match (from, to) {
            (DAY, _) => Err("begins at the end of the day"),
            (from, to) if from == to => Err("has no length"),
            (from, to) if to < from => Ok(Self { from, to: to + DAY }),
            (from, to) => Ok(Self { from, to }),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = if self.to > DAY { self.to - DAY } else { self.to };
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.from / 60, self.from % 60, to / 60, to % 60)
    }
}

/// The windows in order, when none reaches into another.
///
/// # Errors
/// The first two that do.
pub fn in_order(mut windows: Vec<Window>) -> Result<Vec<Window>, (Window, Window)> {
    windows.sort_unstable();
    match windows.windows(2).find(|pair| pair[0].to > pair[1].from) {
        Some(pair) => Err((pair[0], pair[1])),
        None => Ok(windows),
    }
}

/// `08:30`, `8:30`, `24:00`.
fn minute(text: &str) -> Result<u16, &'static str> {
    const FORM: &str = "has a time that is not written like `08:30`";
    let (hour, minute) = text.split_once([':', 'h', 'u', '.']).ok_or(FORM)?;
    let number = |text: &str, digits: usize| {
        (text.len() <= digits && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())
            .flatten()
            .ok_or(FORM)
    };
    if minute.len() != 2 {
        return Err(FORM);
    }
    let minutes = number(hour, 2)? * 60 + number(minute, 2)?;
    if number(minute, 2)? < 60 && minutes <= DAY { Ok(minutes) } else { Err("has a time that does not exist") }
}

/// Some days with their own openings: none, where the office is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// When it is open on each of them.
    pub windows: Vec<Window>,
}

impl Exception {
    /// Reads `2026-12-24 closed`, `2026-12-28 to 2026-12-31 08:00-12:00, 13:00-15:00`.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (first, rest) = day(text.trim())?;
        let (last, rest) = match rest.trim().strip_prefix("to ") {
            Some(rest) => day(rest.trim())?,
            None => (first, rest),
        };
        if last < first {
            return Err("ends before it begins");
        }
        let rest = rest.trim().trim_start_matches(':').trim();
        let windows = match rest {
            "" => return Err("does not say whether it is `closed` or when it is open"),
            "closed" => Vec::new(),
            open => open.split(',').map(|window| Window::parse(window.trim())).collect::<Result<_, _>>()?,
        };
        let windows = in_order(windows).map_err(|_| "has two openings that overlap")?;
        Ok(Self { first, last, windows })
    }
}

/// The date at the beginning, and what follows it.
fn day(text: &str) -> Result<(Date, &str), &'static str> {
    let end = text.char_indices().nth(10).map_or(text.len(), |(at, _)| at);
    let (day, rest) = text.split_at(end);
    Ok((day.parse().map_err(|_| "does not begin with a date such as `2026-12-24`")?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_people_write_them() {
        let read = |text| Window::parse(text).map(|window| window.to_string());
        assert_eq!(read("08:00-12:00"), Ok("08:00-12:00".into()));
        assert_eq!(read("8:30 - 16h15"), Ok("08:30-16:15".into()));
        assert_eq!(read("13:00-24:00"), Ok("13:00-24:00".into()));
        assert_eq!(read("22:00-02:00"), Ok("22:00-02:00".into()));
        for wrong in ["", "8-12", "08:00", "08:60-12:00", "24:01-25:00", "08:00-08:00", "24:00-02:00", "8:5-9:00"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn exceptions_are_a_day_or_several_closed_or_with_openings() {
        let one = Exception::parse("2026-12-24 08:00-12:00").unwrap();
        assert_eq!((one.first, one.last, one.windows.len()), (one.last, one.first, 1));
        let week = Exception::parse("2026-12-28 to 2026-12-31: closed").unwrap();
        assert!(week.windows.is_empty() && week.last > week.first);
        assert_eq!(Exception::parse("2026-07-20 08:00-10:00, 11:00-12:00").unwrap().windows.len(), 2);
        for wrong in [
            "24 December closed",
            "2026-02-30 closed",
            "2026-12-24",
            "2026-12-24 open",
            "2026-12-31 to 2026-12-28 closed",
            "2026-12-24 08:00-12:00, 11:00-13:00",
        ] {
            assert!(Exception::parse(wrong).is_err(), "{wrong}");
        }
    }
}
