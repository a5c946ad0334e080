//! Finds the statement period: the printed period, else the period of the transactions.
//!
//! A statement has many dates: of the opening of the account, of printing, of interest payments. So
//! only two dates that are printed as a range count, and the label before them decides whether they
//! are the statement period. A wrong period is worse than no period.

use super::dates::{self, DateMatch, DateOrder};
use super::page::{Page, Zone};
use super::table::Table;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The period that a statement covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day, included; never before the first.
    pub to: Date,
    /// How the period was determined.
    pub source: PeriodSource,
}

/// A range of days, such as the requested period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRange {
    /// The first day.
    pub from: Date,
    /// The last day, included.
    pub to: Date,
}

impl DateRange {
    /// Formats the range for a reader: `1 April 2024 to 30 June 2024`.
    pub fn in_words(self) -> String {
        format!("{} to {}", day_in_words(self.from), day_in_words(self.to))
    }
}

impl Period {
    /// Returns the days without their source.
    pub fn days(self) -> DateRange {
        DateRange {
            from: self.from,
            to: self.to,
        }
    }
}

/// Formats a day for a reader: `1 April 2024`.
pub(crate) fn day_in_words(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// How a statement period was determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeriodSource {
    /// The statement prints it.
    Printed,
    /// From the first and the last transaction that were read: the period may begin earlier and end
    /// later.
    Transactions,
    /// From the first and the last transaction of only some of the pages.
    Partial,
}

impl PeriodSource {
    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Printed => "printed",
            Self::Transactions => "transactions",
            Self::Partial => "partial",
        }
    }
}

/// Days of the longest period.
const MAX_DAYS: i32 = 5 * 366;
/// Days by which transactions may lie outside of the printed period, because of value dates.
const MAX_OUTSIDE_DAYS: i32 = 3;
/// Bytes before a date that are examined for its label.
const LABEL_BYTES: usize = 48;
/// Bytes between the ends of a period if each end has a label.
const MAX_LABELLED_DISTANCE: usize = 400;
/// Bytes between the ends of a period if they are printed as one range.
const MAX_CONNECTOR_BYTES: usize = 40;
/// Rows below which transactions are not evidence for a period.
const MIN_ROWS: usize = 3;
/// The score from which a range is the statement period.
const MIN_SCORE: i32 = 2;

/// The score of a range whose label alone makes it the statement period.
const MIN_CERTAIN_SCORE: i32 = 4;

/// Words before a range that show it is the statement period, with their scores.
const POSITIVE_LABELS: [(&str, i32); 16] = [
    ("period", 3),
    ("date range", 3),
    ("between", 2),
    ("from", 2),
    ("statement", 2),
    ("transactions", 2),
    ("transaction date", 2),
    ("specify", 2),
    ("searched", 2),
    ("duration", 2),
    ("for", 1),
    ("selected", 1),
    ("a/c", 1),
    ("account", 1),
    ("history", 1),
    ("activity", 1),
];
/// Words before a range that show it is not the statement period.
const NEGATIVE_LABELS: [&str; 17] = [
    "interest",
    "nomin",
    "valid",
    "maturity",
    "open",
    "deposit",
    "renew",
    "birth",
    "financial year",
    "tds",
    "previous",
    "offer",
    "insurance",
    "emi",
    "due",
    "lien",
    "tariff",
];
/// The score of a range with a negative label, or one that the transactions contradict.
const REJECTED: i32 = -10;

/// A printed range that may be the statement period.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// Higher for stronger evidence: see [`MIN_SCORE`].
    score: i32,
    period: Period,
}

impl Candidate {
    /// Creates a candidate; `None` if the dates are not a plausible period.
    fn new(score: i32, from: Date, to: Date) -> Option<Self> {
        is_plausible(from, to).then_some(Self {
            score,
            period: Period {
                from,
                to,
                source: PeriodSource::Printed,
            },
        })
    }
}

/// What is printed about the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Found {
    pub(super) period: Option<Period>,
    /// A range with the label of a statement period, if most transactions are outside of it.
    pub(super) contradicted: Option<DateRange>,
}

/// Finds the period of a statement.
pub(super) fn find(pages: &[Page], tables: &[Table], order: DateOrder) -> Found {
    // The table is left out: its dates are those of transactions.
    let days = transaction_days(tables);
    let texts = pages
        .iter()
        .flat_map(|page| [Zone::Head, Zone::Foot].map(|zone| ZoneText::new(page, zone, order)));
    let in_columns = pages.iter().filter_map(|page| in_columns(page, order));
    let candidates = texts.flat_map(|text| text.candidates()).chain(in_columns);
    let mut is_undecided = false;
    let mut best: Option<Candidate> = None;
    let mut contradicted = None;
    for mut candidate in candidates {
        let transactions = transaction_score(candidate.period, &days);
        if transactions == REJECTED && candidate.score >= MIN_CERTAIN_SCORE {
            contradicted.get_or_insert(candidate.period.days());
        }
        candidate.score += transactions;
        is_undecided |= candidate.score >= 1;
        if candidate.score >= MIN_SCORE && best.is_none_or(|best| candidate.score > best.score) {
            best = Some(candidate);
        }
    }
    let period = match best {
        Some(best) => Some(best.period),
        // A range is printed, but its meaning is not certain. The transactions could contradict it.
        None if is_undecided => None,
        None => from_transactions(&days),
    };
    Found {
        period,
        contradicted: contradicted.filter(|_| best.is_none()),
    }
}

/// Finds a period whose ends are in two columns with the headings `From` and `To`.
fn in_columns(page: &Page, order: DateOrder) -> Option<Candidate> {
    let mut pairs = page
        .lines
        .windows(2)
        .filter(|pair| pair.iter().all(|line| line.zone != Zone::Table));
    pairs.find_map(|pair| {
        let [labels, values] = pair else { return None };
        let below = |names: &[&str]| {
            let label = labels
                .cells
                .iter()
                .find(|cell| names.contains(&labels.cell(cell)))?;
            let value = values
                .cells
                .iter()
                .find(|cell| cell.x0 < label.x1 && label.x0 < cell.x1)?;
            let mut found = dates::find(values.cell(value), order);
            found.next().map(|found| found.date)
        };
        let from = below(&["from", "from date", "period from", "start date"])?;
        let to = below(&["to", "to date", "period to", "end date"])?;
        Candidate::new(MIN_SCORE, from, to)
    })
}

fn transaction_days(tables: &[Table]) -> Vec<Date> {
    let rows = tables.iter().flat_map(|table| &table.rows);
    rows.map(|row| row.date).collect()
}

/// Returns the period between the first and the last transaction, if there are enough of them.
fn from_transactions(days: &[Date]) -> Option<Period> {
    let (from, to) = (*days.iter().min()?, *days.iter().max()?);
    (days.len() >= MIN_ROWS && is_plausible(from, to)).then_some(Period {
        from,
        to,
        source: PeriodSource::Transactions,
    })
}

fn is_plausible(from: Date, to: Date) -> bool {
    from <= to && (to - from).get_days() <= MAX_DAYS
}

/// Returns the score for the share of transactions inside of the period.
///
/// If most of them lie outside, the range is not the statement period.
fn transaction_score(period: Period, days: &[Date]) -> i32 {
    if days.len() < MIN_ROWS {
        return 0;
    }
    let is_inside = |day: &&Date| {
        (period.from - **day).get_days() <= MAX_OUTSIDE_DAYS
            && (**day - period.to).get_days() <= MAX_OUTSIDE_DAYS
    };
    let inside = days.iter().filter(is_inside).count();
    if inside * 10 >= days.len() * 9 {
        1
    } else if inside * 2 >= days.len() {
        -1
    } else {
        REJECTED
    }
}

/// The lines in one zone of a page as one text, and the dates in it.
struct ZoneText {
    text: String,
    dates: Vec<DateMatch>,
}

impl ZoneText {
    fn new(page: &Page, zone: Zone, order: DateOrder) -> Self {
        let mut text = String::new();
        for line in page.lines.iter().filter(|line| line.zone == zone) {
            text.push_str(&line.text);
            text.push('\n');
        }
        let dates = dates::find(&text, order).collect();
        Self { text, dates }
    }

    /// Returns all ranges that may be the statement period.
    fn candidates(&self) -> Vec<Candidate> {
        let ranges = self.dates.windows(2).filter_map(|pair| match pair {
            [first, second] => self.range(first, second),
            _ => None,
        });
        let mut candidates: Vec<_> = ranges.collect();
        candidates.extend(self.dates.iter().filter_map(|end| self.shared_year(end)));
        candidates.extend(self.labelled_ends());
        candidates.extend(self.single_day());
        candidates.extend(self.month());
        candidates.extend(self.financial_year());
        candidates
    }

    /// Recognizes two dates that are printed as one range: `01/04/2024 to 30/06/2024`.
    fn range(&self, first: &DateMatch, second: &DateMatch) -> Option<Candidate> {
        let between = self.text.get(first.range.end..second.range.start)?;
        if between.len() > MAX_CONNECTOR_BYTES || !is_connector(between) {
            return None;
        }
        let score = 1 + label_score(self.label(first.range.start));
        Candidate::new(score, first.date, second.date)
    }

    /// Recognizes a range whose year is printed once: `01 Apr to 30 Jun 2024`.
    fn shared_year(&self, end: &DateMatch) -> Option<Candidate> {
        let before = self.text.get(..end.range.start)?;
        let trimmed = before.trim_end_matches([' ', '-', '~']);
        let mut words = super::page::words(trimmed)
            .collect::<Vec<_>>()
            .into_iter()
            .rev();
        let mut last = words.next()?;
        if ["to", "till", "until", "upto"].contains(&last) {
            last = words.next()?;
        } else if trimmed.len() == before.trim_end().len() {
            return None;
        }
        let first = words.next()?;
        let from = dates::in_year(end.date.year(), first, last)
            .filter(|from| *from <= end.date)
            .or_else(|| dates::in_year(end.date.year() - 1, first, last))?;
        let start = first.as_ptr() as usize - before.as_ptr() as usize;
        let between = self.text.get(start..end.range.start)?;
        if between.len() > MAX_CONNECTOR_BYTES {
            return None;
        }
        Candidate::new(1 + label_score(self.label(start)), from, end.date)
    }

    /// Finds two dates with a label each.
    ///
    /// Example: `From Date : 01/04/2024` and later `To Date : 30/06/2024`.
    fn labelled_ends(&self) -> Option<Candidate> {
        let has_label = |found: &&DateMatch, labels: &[&str]| {
            let line = self
                .label(found.range.start)
                .rsplit('\n')
                .next()
                .unwrap_or_default();
            let label = line.trim_end_matches([' ', ':', '-', '.', '(', ')']);
            let label = label.strip_suffix(" date").unwrap_or(label);
            labels
                .iter()
                .any(|end| label == *end || label.ends_with(&format!(" {end}")))
        };
        let first = self.dates.iter().find(|found| {
            has_label(
                found,
                &["from", "start", "start date", "from date", "period from"],
            )
        })?;
        let second = self.dates.iter().find(|found| {
            found.range.start > first.range.end
                && has_label(
                    found,
                    &[
                        "to",
                        "end",
                        "till",
                        "upto",
                        "end date",
                        "to date",
                        "period to",
                    ],
                )
        })?;
        let distance = second.range.start - first.range.end;
        // Both labels are only the words "from" and "to": the text before can be about interest.
        let is_rejected = label_score(self.label(first.range.start)) < 0;
        if distance > MAX_LABELLED_DISTANCE || is_rejected {
            return None;
        }
        Candidate::new(3, first.date, second.date)
    }

    /// Finds a single day: `Statement for 13-Apr-2024`. Counts only if the transactions confirm it.
    fn single_day(&self) -> Option<Candidate> {
        let found = self.dates.iter().find(|found| {
            let label = self.label(found.range.start).trim_end_matches([' ', ':']);
            ["statement for", "statement for the day", "transactions for"]
                .iter()
                .any(|expected| label.ends_with(expected))
        })?;
        Candidate::new(MIN_SCORE - 1, found.date, found.date)
    }

    /// Finds a month: `Statement for the month of April 2024`.
    fn month(&self) -> Option<Candidate> {
        [
            "month of ",
            "statement period : ",
            "statement period: ",
            "statement for ",
        ]
        .iter()
        .find_map(|label| {
            let after = self.text.get(self.text.find(label)? + label.len()..)?;
            let (from, to) = dates::leading_month(after)?;
            Candidate::new(MIN_SCORE, from, to)
        })
    }

    /// Finds a financial year of India, from April to March: `Transaction Period FY 2021 - 22`.
    ///
    /// Needs a label of a period, because tax forms name financial years, too.
    fn financial_year(&self) -> Option<Candidate> {
        ["fy", "financial year"].iter().find_map(|name| {
            let (start, _) = self.text.match_indices(name).find(|(start, _)| {
                let before = self.text.get(..*start).unwrap_or_default();
                !before.ends_with(char::is_alphanumeric)
            })?;
            let mut words = super::page::words(self.text.get(start + name.len()..)?);
            let (first, last) = (words.next()?, words.next()?);
            let year: i16 = first.parse().ok().filter(|_| first.len() == 4)?;
            let end = year + 1;
            let is_next = last == end.to_string() || last == format!("{:02}", end % 100);
            let from = Date::new(year, 4, 1).ok().filter(|_| is_next)?;
            let to = Date::new(end, 3, 31).ok()?;
            let score = label_score(self.label(start));
            Candidate::new(if score > 0 { 1 + score } else { REJECTED }, from, to)
        })
    }

    /// Returns the text before an offset, up to the previous date and at most [`LABEL_BYTES`] long.
    fn label(&self, end: usize) -> &str {
        let mut start = end.saturating_sub(LABEL_BYTES);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let window = self.text.get(start..end).unwrap_or_default();
        // The label of the previous date does not apply to this one.
        let previous = self.dates.iter().rev().find(|found| found.range.end <= end);
        match previous.and_then(|found| self.text.get(found.range.end.max(start)..end)) {
            Some(rest) => rest,
            None => window,
        }
    }
}

/// Returns whether the text between two dates makes them the ends of one range.
fn is_connector(between: &str) -> bool {
    let mut has_connector = between.contains(['-', '~']);
    for word in super::page::words(between) {
        match word {
            "to" | "till" | "until" | "upto" | "through" | "thru" | "and" | "tot" | "en"
            | "met" | "bis" | "al" => has_connector = true,
            "date" | "up" | "the" | "end" => {}
            // The time of day after a date.
            _ if word.bytes().all(|byte| byte == b'0') => {}
            _ => return false,
        }
    }
    has_connector
}

/// Returns the score that a label gives to the range after it.
fn label_score(label: &str) -> i32 {
    let lines: Vec<&str> = label.rsplitn(3, '\n').collect();
    let last_line = lines.first().copied().unwrap_or_default();
    // If the range begins its line, a label on the line above applies.
    let label = if last_line.trim().len() < 3 {
        label.trim_end().rsplit('\n').next().unwrap_or_default()
    } else {
        last_line
    };
    if NEGATIVE_LABELS.iter().any(|word| label.contains(word)) {
        return REJECTED;
    }
    let found = POSITIVE_LABELS
        .iter()
        .filter(|(word, _)| label.contains(word));
    found.map(|(_, score)| *score).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;
    use crate::statement::table;

    fn check(lines: &[&str], expected: Option<(&str, &str)>) {
        let mut page = Page::new(&typed(lines));
        let order = dates::detect_order(page.lines.iter().map(|line| line.text.as_str()));
        let table = table::find(&mut page, order);
        let found = find(&[page], &[table], order).period;
        let found = found.map(|period| (period.from.to_string(), period.to.to_string()));
        let found = found
            .as_ref()
            .map(|(from, to)| (from.as_str(), to.as_str()));
        assert_eq!(found, expected, "{lines:?}");
    }

    const QUARTER: Option<(&str, &str)> = Some(("2024-04-01", "2024-06-30"));

    #[test]
    fn every_wording_is_recognized() {
        for line in [
            "From : 01/04/2024    To : 30/06/2024    Statement of account",
            "Statement From : 01/04/24 TO : 30/06/24",
            "Statement of Account No : 123 for the period (From : 01-04-2024 To : 30-06-2024)",
            "Account Statement from 1 Apr 2024 to 30 Jun 2024",
            "Period : 01-04-2024 To 30-06-2024",
            "Period 01-Apr-24 to 30-Jun-24",
            "STATEMENT PERIOD : 2024-04-01 TO 2024-06-30",
            "Statement For: 2024/04/01 to 2024/06/30",
            "Statement of Account for the period 01-APR-2024 to 30-JUN-2024",
            "Between 01-04-2024 and 30-06-2024",
            "Transaction Date From : 01/04/2024 to: 30/06/2024",
            "Transaction Period: From 01/04/2024 To 30/06/2024",
            "Statement Period from Apr 01, 2024 to Jun 30, 2024",
            "for the period 01/04/2024 - 30/06/2024",
            "for the period 01/04/2024 ~ 30/06/2024",
            "Statement Period : 01 Apr to 30 Jun 2024",
            "Statement Period : 1st April - 30th June 2024",
            "Statement Period : 01 Apr - 30 Jun 2024",
            "Statement Period : Apr 01 to Jun 30, 2024",
            "Statement Period : 01\u{AD}Apr\u{AD}2024 to 30\u{AD}Jun\u{AD}2024",
            "Statement Period : 01\u{2044}04\u{2044}2024 to 30\u{2044}06\u{2044}2024",
            "Statement Period : \u{FF10}\u{FF11}/04/2024 to 30/06/2024",
            "Account statement for: 1 April 2024 to 30 June 2024",
            "Period: 01 Apr 2024 - 30 Jun 2024",
            "Statement Type : 01 Apr 2024 - 30 Jun 2024",
            "From Date : 01 Apr 2024 | To Date : 30 Jun 2024",
            "Date range: 01/04/2024 - 30/06/2024",
            "as on 02/07/2024 Statement Period from 01/04/2024 to 30/06/2024",
            "Open Date : 12/03/2011  Period : 01\u{2212}04\u{2212}2024 to 30\u{2212}06\u{2212}2024",
        ] {
            check(&[line], QUARTER);
            check(&["Statement of account", line], QUARTER);
        }
        check(&["Statement for 13-APR-2024"], None);
        check(
            &["Statement for the month of April 2024"],
            Some(("2024-04-01", "2024-04-30")),
        );
    }

    #[test]
    fn financial_years_are_periods_if_a_label_says_so() {
        let year = Some(("2021-04-01", "2022-03-31"));
        check(&["Transaction Period  FY 2021 - 22"], year);
        check(&["Statement Period : Financial Year 2021-2022"], year);
        check(&["Statement for FY: 2021-22"], year);
        check(&["Transaction Period  FY 2021 - 23"], None);
        check(&["Tax deducted in FY 2021-22"], None);
    }

    #[test]
    fn a_range_needs_a_label_before_it() {
        let range = "April 1, 2024 through June 30, 2024 statement period";
        check(&[range], None);
        check(&["Some Bank", range], None);
        check(&["Statement of account", range], QUARTER);
    }

    #[test]
    fn a_period_can_span_two_lines() {
        check(&["Statement Between 01-04-2024 and", "30-06-2024"], QUARTER);
        check(
            &[
                "From Date : 01/04/2024     Branch : Pune",
                "To Date   : 30/06/2024     MICR : 411",
            ],
            QUARTER,
        );
        check(&["Statement Period", "01 Apr 2024 - 30 Jun 2024"], QUARTER);
    }

    #[test]
    fn other_dates_are_not_the_period() {
        check(&["Account open date 01/04/2024 as on 30/06/2024"], None);
        check(&["Interest paid 01/04/2024 to 30/06/2024"], None);
        check(&["Statement from 30/06/2024 to 01/04/2024"], None);
        check(&["Statement from 01/04/2010 to 30/06/2024"], None);
    }

    #[test]
    fn transactions_confirm_or_contradict_a_range() {
        let rows = |first: &str| {
            [
                first.to_owned(),
                "Date        Narration     Debit    Balance".to_owned(),
                "05/04/2024  a             10.00    990.00".to_owned(),
                "06/05/2024  b             10.00    980.00".to_owned(),
                "20/06/2024  c             10.00    970.00".to_owned(),
            ]
        };
        let check = |first: &str, expected| {
            let lines = rows(first);
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            check(&lines, expected);
        };
        check("01 Apr 2024 - 30 Jun 2024", QUARTER);
        check(
            "Statement from 01/04/2023 to 30/06/2023",
            Some(("2024-04-05", "2024-06-20")),
        );
        check("Statement of account", Some(("2024-04-05", "2024-06-20")));
    }
}
