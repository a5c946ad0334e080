//! Labels: dates, sizes, durations and states in few columns.

use crate::pdf::PageClass;
use crate::screen::Code;
use crate::statement::{Month, Period, PeriodSource};
use crate::uploads::plan::OutcomeKind;
use jiff::civil::Date;
use std::fmt::Write as _;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Formats the month of a date as `Apr`.
pub(super) fn month_name(date: Date) -> &'static str {
    let index = usize::from(date.month().unsigned_abs()).checked_sub(1);
    let name = index.and_then(|index| MONTHS.get(index));
    name.copied().unwrap_or("?")
}

/// Formats a month as `Apr 2026`.
pub(super) fn month(month: Month) -> String {
    month.first_day().map_or_else(
        || month.to_string(),
        |day| format!("{} {}", month_name(day), day.year()),
    )
}

/// Formats months as `Jul, Aug 2026, Jan 2027`.
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

/// Formats a date as `01 Apr 2026`.
fn day(date: Date) -> String {
    format!("{:02} {} {}", date.day(), month_name(date), date.year())
}

/// Formats a range of dates as `01 Apr 2026 – 30 Sep 2026`.
pub(super) fn days(from: Date, to: Date) -> String {
    format!("{} – {}", day(from), day(to))
}

/// Maximum columns of [`short_days`].
pub(super) const SHORT_DAYS: u16 = 19;

/// Formats a range of dates briefly: `Apr–Sep 2026`, `12 Apr–3 Sep 2026`, `12 Apr 25–3 Sep 26`.
pub(super) fn short_days(from: Date, to: Date) -> String {
    let (first, last) = (month_name(from), month_name(to));
    let (from_day, to_day) = (from.day(), to.day());
    let same_year = from.year() == to.year();
    let same_month = same_year && from.month() == to.month();
    let whole_months = from_day == 1 && to == to.last_of_month();
    let year = to.year();
    match (whole_months, same_month, same_year) {
        (true, true, _) => format!("{first} {year}"),
        (true, _, true) => format!("{first}–{last} {year}"),
        (true, ..) => format!("{first} {}–{last} {year}", from.year()),
        (false, true, _) if from == to => format!("{from_day} {first} {year}"),
        (false, true, _) => format!("{from_day}–{to_day} {first} {year}"),
        (false, _, true) => format!("{from_day} {first}–{to_day} {last} {year}"),
        (false, ..) => {
            let short = |year: i16| year.rem_euclid(100);
            // Two digits of the year keep this form within the columns of the others.
            let (from_year, to_year) = (short(from.year()), short(year));
            format!("{from_day} {first} {from_year:02}–{to_day} {last} {to_year:02}")
        }
    }
}

/// Maximum columns of [`compact_days`].
pub(super) const COMPACT_DAYS: u16 = 15;

/// Formats a range of dates with two digits of the year: `Apr–Sep 26`, `12Apr–3Sep 26`.
fn compact_days(from: Date, to: Date) -> String {
    let (first, last) = (month_name(from), month_name(to));
    let (from_day, to_day) = (from.day(), to.day());
    let whole_months = from_day == 1 && to == to.last_of_month();
    let short = |date: Date| date.year().rem_euclid(100);
    let (from_year, to_year) = (short(from), short(to));
    let same_year = from.year() == to.year();
    match (whole_months, same_year) {
        (true, true) if from.month() == to.month() => format!("{first} {to_year:02}"),
        (true, true) => format!("{first}–{last} {to_year:02}"),
        (true, false) => format!("{first} {from_year:02}–{last} {to_year:02}"),
        (false, true) => format!("{from_day}{first}–{to_day}{last} {to_year:02}"),
        (false, false) => format!("{from_day}{first}{from_year:02}–{to_day}{last}{to_year:02}"),
    }
}

/// Formats a statement period in at most [`COMPACT_DAYS`] columns and the mark of [`period`].
pub(super) fn compact_period(period: &Period) -> String {
    let days = compact_days(period.from, period.to);
    format!("{}{days}", source_mark(period))
}

/// Formats a statement period; `~` precedes a period that is derived from transactions.
pub(super) fn period(period: &Period) -> String {
    let days = short_days(period.from, period.to);
    format!("{}{days}", source_mark(period))
}

fn source_mark(period: &Period) -> &'static str {
    match period.source {
        PeriodSource::Printed => "",
        PeriodSource::Transactions | PeriodSource::Partial => "~",
    }
}

/// Formats a size as `185 kB` or `12.3 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// Formats a duration as `0:42` or `1:02:03`.
pub(super) fn duration(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Formats a share as a percentage without the sign, rounded down.
pub(super) fn percent(share: f32) -> String {
    format!("{:.0}", (share * 100.0).floor().clamp(0.0, 100.0))
}

/// Returns a part of a whole in percent, rounded down.
pub(super) fn percent_of(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 100 / u128::from(whole.max(1));
    u64::try_from(share.min(100)).unwrap_or(100)
}

/// Returns a label for a finding, of at most 16 columns.
pub(super) fn finding(code: Code) -> &'static str {
    match code {
        Code::MissingFileObject => "no file",
        Code::EmptyFile => "empty",
        Code::InvalidFileObject => "not a PDF",
        Code::PasswordIncorrect => "password",
        Code::PdfIsImage => "scanned",
        Code::BankNameUndetected => "no bank",
        Code::BankNameMismatch => "another bank",
        Code::StatementUnsupportedFormat => "not a statement",
        Code::OutOfDateRange => "wrong period",
        Code::StatementDuplicate => "duplicate",
        Code::InvalidAccountCategory => "category",
        Code::StatementTooManyPages => "too many pages",
        Code::FileTooLarge => "too large",
        Code::PartlyScanned => "partly scanned",
        Code::OcrTextLayer => "OCR text",
        Code::UnmappedText => "unmapped text",
        Code::PartialPeriod => "part of period",
        Code::MissingMonths => "months missing",
        Code::IncompleteMonths => "idle months",
        Code::BankUncertain => "bank uncertain",
        Code::StatementNoTransactions => "no transactions",
        Code::BalanceMismatch => "balance breaks",
        Code::MissingTransactions => "rows missing",
        Code::TotalsMismatch => "totals differ",
        Code::PeriodMismatch => "dates outside",
        Code::MixedStatements => "mixed accounts",
        Code::ReferenceDates => "reference dates",
        Code::HolderMismatch => "another holder",
        Code::SignatureBroken => "signature broken",
        Code::EditedPdf => "edited",
        Code::RemadePdf => "a copy",
        Code::DamagedPdf => "damaged",
        Code::ActiveContent => "active content",
        Code::StatementInOtherCase => "in another case",
        Code::FlaggedByService => "flagged",
        Code::OverlappingPeriod => "overlap",
        Code::LimitExceeded => "limit exceeded",
        Code::InternalError => "internal error",
    }
}

/// Returns a label for a page class.
pub(super) fn page_class(class: PageClass) -> &'static str {
    match class {
        PageClass::Text => "text",
        PageClass::Scanned => "scanned",
        PageClass::Ocr => "OCR layer",
        PageClass::Unmapped => "unmapped text",
        PageClass::Vector => "vector",
        PageClass::Blank => "blank",
        PageClass::Unreadable => "unreadable",
    }
}

/// Returns a label for an outcome, of at most 8 columns.
pub(super) fn outcome(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => "uploaded",
        OutcomeKind::Skipped => "not sent",
        OutcomeKind::Rejected | OutcomeKind::Unknown => kind.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn labels_of_findings_fit_the_usual_column() {
        for code in Code::ALL {
            assert!(finding(code).width() <= 16, "{code}");
        }
    }

    #[test]
    fn short_days_are_unambiguous_and_fit() {
        let check = |from: &str, to: &str, expected: &str| {
            let days = short_days(from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(days, expected);
            assert!(days.width() <= usize::from(SHORT_DAYS));
            let compact = compact_days(from.parse().unwrap(), to.parse().unwrap());
            assert!(compact.width() <= usize::from(COMPACT_DAYS), "{compact}");
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
    fn sizes_durations_and_shares_are_short() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(184_213), "185 kB");
        assert_eq!(size(12_345_678), "12.3 MB");
        assert_eq!(size(3_000_000_000), "3.0 GB");
        assert_eq!(
            (duration(42).as_str(), duration(3723).as_str()),
            ("0:42", "1:02:03")
        );
        assert_eq!(
            (percent(0.999).as_str(), percent(0.2).as_str()),
            ("99", "20")
        );
        assert_eq!(
            (percent_of(1, 3), percent_of(0, 0), percent_of(9, 3)),
            (33, 0, 100)
        );
    }

    #[test]
    fn months_of_the_same_year_share_it() {
        let parse = |text| Month::parse(text).unwrap();
        let missing = ["2026-07", "2026-08", "2027-01"].map(parse);
        assert_eq!(months(&missing), "Jul, Aug 2026, Jan 2027");
        assert_eq!(months(&[]), "");
    }
}
