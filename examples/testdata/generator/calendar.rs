//! Calendar days and the date formats of banks.
//!
//! The module reads no clock: a day is parsed from an ISO date of a case or computed from another
//! day.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day, as the number of days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// Parses `yyyy-mm-dd`.
    ///
    /// # Panics
    ///
    /// Panics on any other format, because all dates are constants of the cases.
    pub fn from_iso(text: &str) -> Self {
        let parts: Vec<i64> = text
            .split('-')
            .map(|part| part.parse().expect("a number in an ISO date"))
            .collect();
        let [year, month, day] = parts[..] else {
            panic!("an ISO date has three parts: {text}")
        };
        // Howard Hinnant's days_from_civil: a year that starts in March ends with the leap day.
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// Returns the day `count` days later.
    pub fn plus(self, count: i64) -> Self {
        Self(self.0 + count)
    }

    /// Returns the number of days from `earlier` to this day.
    pub fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Returns year, month (1 to 12) and day (Howard Hinnant's `civil_from_days`).
    fn civil(self) -> (i64, usize, i64) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (
            year,
            usize::try_from(month).expect("a month is 1 to 12"),
            day,
        )
    }

    /// Formats the day by a pattern of `d dd ordinal mm Mon MON Month yy yyyy`.
    ///
    /// All other characters of the pattern are copied.
    pub fn print(self, pattern: &str) -> String {
        let (year, month, day) = self.civil();
        let name = MONTHS[month - 1];
        let mut printed = String::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            let word_end = rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(word_end.max(first.len_utf8()));
            rest = after;
            let piece = match word {
                "d" => day.to_string(),
                "dd" => format!("{day:02}"),
                "ordinal" => format!("{day}{}", ordinal_suffix(day)),
                "mm" => format!("{month:02}"),
                "Mon" => name.chars().take(3).collect(),
                "MON" => name.to_uppercase().chars().take(3).collect(),
                "Month" => name.to_owned(),
                "yy" => format!("{:02}", year % 100),
                "yyyy" => year.to_string(),
                literal => literal.to_owned(),
            };
            printed.push_str(&piece);
        }
        printed
    }
}

fn ordinal_suffix(day: i64) -> &'static str {
    match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}
