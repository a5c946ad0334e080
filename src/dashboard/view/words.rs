//! Days, sizes, times and states as people write them, in few columns.

use super::theme::{Role, Theme};
use crate::dashboard::model::{Delivery, File};
use crate::screen::Code;
use crate::statement::{Month, Period, PeriodSource};
use crate::uploads::plan::OutcomeKind;
use jiff::civil::Date;
use std::borrow::Cow;
use std::fmt::Write as _;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Apr`.
pub(super) fn month_name(date: Date) -> &'static str {
    let place = usize::from(date.month().unsigned_abs()).checked_sub(1);
    place
        .and_then(|place| MONTHS.get(place))
        .copied()
        .unwrap_or("?")
}

/// `Apr 2026`.
pub(super) fn month(month: Month) -> String {
    month.first_day().map_or_else(
        || month.to_string(),
        |day| format!("{} {}", month_name(day), day.year()),
    )
}

/// `Jul, Aug 2026, Jan 2027`.
pub(super) fn months(months: &[Month]) -> String {
    let days: Vec<Date> = months
        .iter()
        .filter_map(|month| month.first_day())
        .collect();
    let mut out = String::new();
    for (index, day) in days.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(month_name(*day));
        let next = days.get(index + 1);
        if next.is_none_or(|next| next.year() != day.year()) {
            let _infallible = write!(out, " {}", day.year());
        }
    }
    out
}

/// `01 Apr 2026`.
pub(super) fn day(date: Date) -> String {
    format!("{:02} {} {}", date.day(), month_name(date), date.year())
}

/// `01 Apr 2026 – 30 Sep 2026`.
pub(super) fn days(from: Date, to: Date) -> String {
    format!("{} – {}", day(from), day(to))
}

/// Columns of the longest of what [`short_days`] gives.
pub(super) const SHORT_DAYS: u16 = 19;

/// The same in the fewest columns: `Apr–Sep 2026`, `12 Apr–3 Sep 2026`, `12 Apr 25–3 Sep 26`.
pub(super) fn short_days(from: Date, to: Date) -> String {
    let (first, last) = (month_name(from), month_name(to));
    let (begins, ends) = (from.day(), to.day());
    let same_year = from.year() == to.year();
    let same_month = same_year && from.month() == to.month();
    let whole = begins == 1 && to == to.last_of_month();
    let year = to.year();
    match (whole, same_month, same_year) {
        (true, true, _) => format!("{first} {year}"),
        (true, _, true) => format!("{first}–{last} {year}"),
        (true, ..) => format!("{first} {}–{last} {year}", from.year()),
        (false, true, _) if from == to => format!("{begins} {first} {year}"),
        (false, true, _) => format!("{begins}–{ends} {first} {year}"),
        (false, _, true) => format!("{begins} {first}–{ends} {last} {year}"),
        (false, ..) => {
            let short = |year: i16| year.rem_euclid(100);
            let (from_year, to_year) = (short(from.year()), short(year));
            format!("{begins} {first} {from_year:02}–{ends} {last} {to_year:02}")
        }
    }
}

/// The days of a statement; `~` before those that only its transactions tell.
pub(super) fn period(period: &Period) -> String {
    let days = short_days(period.from, period.to);
    match period.source {
        PeriodSource::Printed => days,
        PeriodSource::Transactions => format!("~{days}"),
    }
}

/// `185 kB`, `12.3 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// `0:42`, `1:02:03`.
pub(super) fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// `99%`; never more than is true.
pub(super) fn percent(share: f32) -> String {
    format!("{:.0}%", (share * 100.0).floor().clamp(0.0, 100.0))
}

/// So many hundredths of a whole.
pub(super) fn hundredths(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 100 / u128::from(whole.max(1));
    u64::try_from(share.min(100)).unwrap_or(100)
}

/// What is wrong with a file, in a word or two.
pub(super) fn reason(code: Code) -> &'static str {
    match code {
        Code::MissingFileObject => "no file",
        Code::EmptyFile => "empty",
        Code::InvalidFileObject => "no PDF",
        Code::PasswordIncorrect => "password",
        Code::PdfIsImage => "scanned",
        Code::BankNameUndetected => "no bank",
        Code::BankNameMismatch => "other bank",
        Code::StatementUnsupportedFormat => "no statement",
        Code::OutOfDateRange => "wrong period",
        Code::StatementDuplicate => "duplicate",
        Code::InvalidAccountCategory => "category",
        Code::StatementTooManyPages => "many pages",
        Code::FileTooLarge => "too large",
        Code::PartlyScanned => "part scanned",
        Code::OcrTextLayer => "OCR text",
        Code::UnmappedText => "unmapped",
        Code::PartialPeriod => "part period",
        Code::MissingMonths => "months lack",
        Code::BankUncertain => "bank unsure",
        Code::EditedPdf => "edited",
        Code::DamagedPdf => "damaged",
        Code::ActiveContent => "scripts",
        Code::OverlappingPeriod => "overlap",
        Code::LimitExceeded => "limit hit",
        Code::InternalError => "our error",
    }
}

/// How far a file is on its way, with its sign; before it is sent, what keeps it or is doubtful.
pub(super) fn outcome(theme: Theme, file: &File) -> (Role, &'static str, Cow<'static, str>) {
    match &file.delivery {
        Delivery::Idle => {
            let word = file.worst().map_or("", reason);
            (Role::Faint, " ", word.into())
        }
        Delivery::Queued => (Role::Faint, theme.either("…", "."), "queued".into()),
        Delivery::Sending(sent, total) => {
            let share = format!("{}%", hundredths(*sent, *total));
            (Role::Moving, theme.either("↑", "^"), share.into())
        }
        Delivery::Again(_) => (Role::Doubtful, theme.either("↻", "@"), "retry".into()),
        Delivery::Ended(sent) => {
            let kind = sent.outcome.kind;
            let (role, sign) = theme.outcome(Some(kind));
            (role, sign, outcome_word(kind).into())
        }
    }
}

/// The code of an outcome that is not a success. Untrusted text.
pub(super) fn outcome_code(file: &File) -> Option<&str> {
    let outcome = &file.sent()?.outcome;
    let code = outcome.code.as_ref()?.name();
    (!outcome.kind.is_uploaded()).then_some(code)
}

/// An outcome in few columns.
pub(super) fn outcome_word(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::AlreadyUploaded => "sent before",
        _ => kind.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn days_are_told_in_few_columns() {
        let check = |from: &str, to: &str, expected: &str| {
            let days = short_days(from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(days, expected);
            assert!(days.width() <= usize::from(SHORT_DAYS));
        };
        check("2026-04-01", "2026-04-30", "Apr 2026");
        check("2026-04-01", "2026-09-30", "Apr–Sep 2026");
        check("2025-11-01", "2026-01-31", "Nov 2025–Jan 2026");
        check("2026-04-05", "2026-04-12", "5–12 Apr 2026");
        check("2026-04-05", "2026-04-05", "5 Apr 2026");
        check("2026-04-12", "2026-09-30", "12 Apr–30 Sep 2026");
        check("2025-10-12", "2026-11-30", "12 Oct 25–30 Nov 26");
    }

    #[test]
    fn sizes_and_times_are_short() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(184_213), "185 kB");
        assert_eq!(size(12_345_678), "12.3 MB");
        assert_eq!(size(3_000_000_000), "3.0 GB");
        assert_eq!(
            (clock(42).as_str(), clock(3723).as_str()),
            ("0:42", "1:02:03")
        );
        assert_eq!(
            (percent(0.999).as_str(), percent(0.2).as_str()),
            ("99%", "20%")
        );
        assert_eq!(
            (hundredths(1, 3), hundredths(0, 0), hundredths(9, 3)),
            (33, 0, 100)
        );
    }

    #[test]
    fn months_share_the_year_that_stands_behind_them() {
        let parse = |text| Month::parse(text).unwrap();
        let gone = ["2026-07", "2026-08", "2027-01"].map(parse);
        assert_eq!(months(&gone), "Jul, Aug 2026, Jan 2027");
        assert_eq!(months(&[]), "");
    }
}
