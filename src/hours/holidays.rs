//! The Belgian holidays of any year.

use jiff::civil::{Date, Weekday, date};

/// A day on which an office may be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// The day after Easter.
    EasterMonday,
    /// 1 May.
    Labour,
    /// 39 days after Easter.
    Ascension,
    /// 50 days after Easter.
    WhitMonday,
    /// 21 July.
    National,
    /// 15 August.
    Assumption,
    /// 1 November.
    AllSaints,
    /// 11 November.
    Armistice,
    /// 25 December.
    Christmas,
    /// 8 May, of the Brussels-Capital Region.
    Brussels,
    /// 11 July, of the Flemish Community.
    Flemish,
    /// 27 September, of the French Community.
    French,
    /// 15 November, of the German-speaking Community.
    German,
    /// 2 November, of the civil service.
    AllSouls,
    /// 15 November, of the civil service.
    Dynasty,
    /// 26 December, of the civil service.
    BoxingDay,
}

impl Holiday {
    /// The ten legal holidays (law of 4 January 1974, royal decree of 18 April 1974).
    pub const LEGAL: [Self; 10] = [
        Self::NewYear,
        Self::EasterMonday,
        Self::Labour,
        Self::Ascension,
        Self::WhitMonday,
        Self::National,
        Self::Assumption,
        Self::AllSaints,
        Self::Armistice,
        Self::Christmas,
    ];

    /// The date in a year; `None` only beyond the calendar.
    pub fn date(self, year: i16) -> Option<Date> {
        let fixed = |month, day| Date::new(year, month, day).ok();
        let moving = |days: i64| easter(year)?.checked_add(jiff::Span::new().days(days)).ok();
        match self {
            Self::NewYear => fixed(1, 1),
            Self::EasterMonday => moving(1),
            Self::Labour => fixed(5, 1),
            Self::Ascension => moving(39),
            Self::WhitMonday => moving(50),
            Self::National => fixed(7, 21),
            Self::Assumption => fixed(8, 15),
            Self::AllSaints => fixed(11, 1),
            Self::Armistice => fixed(11, 11),
            Self::Christmas => fixed(12, 25),
            Self::Brussels => fixed(5, 8),
            Self::Flemish => fixed(7, 11),
            Self::French => fixed(9, 27),
            Self::German | Self::Dynasty => fixed(11, 15),
            Self::AllSouls => fixed(11, 2),
            Self::BoxingDay => fixed(12, 26),
        }
    }

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NewYear => "New Year's Day",
            Self::EasterMonday => "Easter Monday",
            Self::Labour => "Labour Day",
            Self::Ascension => "Ascension Day",
            Self::WhitMonday => "Whit Monday",
            Self::National => "National Day",
            Self::Assumption => "Assumption Day",
            Self::AllSaints => "All Saints' Day",
            Self::Armistice => "Armistice Day",
            Self::Christmas => "Christmas Day",
            Self::Brussels => "the day of the Brussels-Capital Region",
            Self::Flemish => "the day of the Flemish Community",
            Self::French => "the day of the French Community",
            Self::German => "the day of the German-speaking Community",
            Self::AllSouls => "All Souls' Day",
            Self::Dynasty => "the King's Feast",
            Self::BoxingDay => "the day after Christmas",
        }
    }
}

/// Easter Sunday by the Gregorian reckoning (the form of Meeus, Jones and Butcher); `None` only beyond the calendar.
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number.rem_euclid(19);
    let (century, rest) = (year_number.div_euclid(100), year_number.rem_euclid(100));
    let moved = (century - century.div_euclid(4) - (century - (century + 8).div_euclid(25) + 1).div_euclid(3)
        + 19 * golden
        + 15)
        .rem_euclid(30);
    let weekday = (32 + 2 * century.rem_euclid(4) + 2 * rest.div_euclid(4) - moved - rest.rem_euclid(4)).rem_euclid(7);
    let late = (golden + 11 * moved + 22 * weekday).div_euclid(451);
    let days = moved + weekday - 7 * late;
    date(year, 3, 22)
        .checked_add(jiff::Span::new().days(i64::from(days)))
        .ok()
        .filter(|day| day.weekday() == Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for (year, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (2000, 4, 23),
            (2008, 3, 23),
            (2011, 4, 24),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn easter_is_a_sunday_between_22_march_and_25_april() {
        for year in 1583..=4099 {
            let easter = easter(year).expect("a Sunday");
            assert!(easter >= date(year, 3, 22) && easter <= date(year, 4, 25), "{easter}");
        }
    }

    #[test]
    fn the_moving_holidays_of_some_years() {
        let days =
            |year| [Holiday::EasterMonday, Holiday::Ascension, Holiday::WhitMonday].map(|day| day.date(year).unwrap());
        assert_eq!(days(2026), [date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)]);
        assert_eq!(days(2027), [date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)]);
        assert_eq!(days(2028), [date(2028, 4, 17), date(2028, 5, 25), date(2028, 6, 5)]);
    }
}
