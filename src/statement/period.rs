//! The period that a statement covers: as printed, else from its transactions.
//!
//! Dates stand everywhere on a statement: when the account was opened, when the page was printed,
//! when interest was paid. Only two dates that are printed as a range count, and what stands before
//! them says whether it is the statement's. A wrong date is worse than none.

use super::dates::{self, Found, Order};
use super::page::{Page, Zone};
use super::table::Table;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The days a statement covers, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day; never before the first.
    pub to: Date,
    /// Where it is known from.
    pub source: PeriodSource,
}

/// The days that statements must touch, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRange {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Where a period is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeriodSource {
    /// The statement states it.
    Printed,
    /// The first and last transactions seen: it may have begun earlier and ended later.
    Transactions,
}

impl PeriodSource {
    /// The word as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Printed => "printed",
            Self::Transactions => "transactions",
        }
    }
}

/// No statement covers more.
const MOST_DAYS: i32 = 5 * 366;
/// Days that transactions may lie outside of the printed period: value dates.
const SLACK_DAYS: i32 = 3;
/// Bytes before a date in which its label stands.
const LABEL_BYTES: usize = 48;
/// Bytes between the two ends of a period whose ends are labelled each.
const ENDS_APART: usize = 400;
/// Bytes between the two ends of a period where one stands right behind the other.
const CONNECTOR_BYTES: usize = 40;
/// Rows from which transactions tell anything of the period.
const TELLING_ROWS: usize = 3;
/// What a range must score to be the statement's period.
const ENOUGH: i32 = 2;

/// Words before a range that make it the statement's, and how much they say.
const FOR: [(&str, i32); 16] = [
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
/// Words before a range that make it something else's.
const AGAINST: [&str; 17] = [
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

/// Finds the period of a statement.
pub(super) fn find(pages: &[Page], tables: &[Table], order: Order) -> Option<Period> {
    let days = transaction_days(tables);
    let texts = pages
        .iter()
        .flat_map(|page| [Zone::Head, Zone::Foot].map(|zone| Text::of(page, zone, order)));
    let columns = pages.iter().filter_map(|page| in_columns(page, order));
    let ranges = texts.flat_map(|text| text.ranges());
    let mut undecided = false;
    let mut best: Option<(i32, Period)> = None;
    for (score, period) in ranges.chain(columns) {
        let score = score + agreement(period, &days);
        undecided |= score >= 1;
        if score >= ENOUGH && best.is_none_or(|(known, _)| score > known) {
            best = Some((score, period));
        }
    }
    match best {
        Some((_, period)) => Some(period),
        // Something is printed that was not understood: transactions would contradict it.
        None if undecided => None,
        None => from_transactions(&days),
    }
}

/// `From` and `To` as the headings of two columns, the dates below them.
fn in_columns(page: &Page, order: Order) -> Option<(i32, Period)> {
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
        Some((ENOUGH, printed(from, to)?))
    })
}

fn transaction_days(tables: &[Table]) -> Vec<Date> {
    let rows = tables.iter().flat_map(|table| &table.rows);
    rows.map(|row| row.date).collect()
}

fn from_transactions(days: &[Date]) -> Option<Period> {
    let (from, to) = (*days.iter().min()?, *days.iter().max()?);
    (days.len() >= TELLING_ROWS && is_plausible(from, to)).then_some(Period {
        from,
        to,
        source: PeriodSource::Transactions,
    })
}

fn is_plausible(from: Date, to: Date) -> bool {
    from <= to && (to - from).get_days() <= MOST_DAYS
}

/// How well the transactions fit: a range that most of them lie outside of is another's.
fn agreement(period: Period, days: &[Date]) -> i32 {
    if days.len() < TELLING_ROWS {
        return 0;
    }
    let fits = |day: &&Date| {
        (period.from - **day).get_days() <= SLACK_DAYS
            && (**day - period.to).get_days() <= SLACK_DAYS
    };
    let inside = days.iter().filter(fits).count();
    if inside * 10 >= days.len() * 9 {
        1
    } else if inside * 2 >= days.len() {
        -1
    } else {
        -10
    }
}

/// The lines of one zone of a page in one text, and the dates in it.
struct Text {
    text: String,
    dates: Vec<Found>,
}

impl Text {
    fn of(page: &Page, zone: Zone, order: Order) -> Self {
        let mut text = String::new();
        for line in page.lines.iter().filter(|line| line.zone == zone) {
            text.push_str(&line.text);
            text.push('\n');
        }
        let dates = dates::find(&text, order).collect();
        Self { text, dates }
    }

    /// Every two dates that are printed as a range, and how surely it is the statement's.
    fn ranges(&self) -> Vec<(i32, Period)> {
        let neighbours = self.dates.windows(2).filter_map(|pair| match pair {
            [first, second] => self.neighbours(first, second),
            _ => None,
        });
        let mut ranges: Vec<_> = neighbours.collect();
        ranges.extend(self.labelled_ends());
        ranges.extend(self.single_day());
        ranges.extend(self.month());
        ranges
    }

    /// `01/04/2024 to 30/06/2024`.
    fn neighbours(&self, first: &Found, second: &Found) -> Option<(i32, Period)> {
        let between = self.text.get(first.range.end..second.range.start)?;
        if between.len() > CONNECTOR_BYTES || !is_connector(between) {
            return None;
        }
        let label = self.label(first.range.start);
        let period = printed(first.date, second.date)?;
        Some((1 + judge(label), period))
    }

    /// `From Date : 01/04/2024` and, further on, `To Date : 30/06/2024`.
    fn labelled_ends(&self) -> Option<(i32, Period)> {
        let labelled = |found: &&Found, labels: &[&str]| {
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
            labelled(
                found,
                &["from", "start", "start date", "from date", "period from"],
            )
        })?;
        let second = self.dates.iter().find(|found| {
            found.range.start > first.range.end
                && labelled(
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
        let apart = second.range.start - first.range.end;
        let against = judge(self.label(first.range.start)) < 0;
        (apart <= ENDS_APART && !against)
            .then(|| Some((3, printed(first.date, second.date)?)))
            .flatten()
    }

    /// `Statement for 13-Apr-2024`, one day.
    fn single_day(&self) -> Option<(i32, Period)> {
        let found = self.dates.iter().find(|found| {
            let label = self.label(found.range.start).trim_end_matches([' ', ':']);
            ["statement for", "statement for the day", "transactions for"]
                .iter()
                .any(|wanted| label.ends_with(wanted))
        })?;
        Some((ENOUGH - 1, printed(found.date, found.date)?))
    }

    /// `Statement for the month of April 2024`.
    fn month(&self) -> Option<(i32, Period)> {
        [
            "month of ",
            "statement period : ",
            "statement period: ",
            "statement for ",
        ]
        .iter()
        .find_map(|label| {
            let behind = self.text.get(self.text.find(label)? + label.len()..)?;
            let (from, to) = dates::leading_month(behind)?;
            Some((ENOUGH, printed(from, to)?))
        })
    }

    /// What stands before a place: on its line, and on the one above where that is little.
    fn label(&self, end: usize) -> &str {
        let mut start = end.saturating_sub(LABEL_BYTES);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let window = self.text.get(start..end).unwrap_or_default();
        // What belongs to the date before says nothing of this one.
        let before = self.dates.iter().rev().find(|found| found.range.end <= end);
        match before.and_then(|found| self.text.get(found.range.end.max(start)..end)) {
            Some(rest) => rest,
            None => window,
        }
    }
}

fn printed(from: Date, to: Date) -> Option<Period> {
    is_plausible(from, to).then_some(Period {
        from,
        to,
        source: PeriodSource::Printed,
    })
}

/// Whether what stands between two dates makes them the ends of one range.
fn is_connector(between: &str) -> bool {
    let mut says_to = between.contains('-');
    for word in super::page::words(between) {
        match word {
            "to" | "till" | "until" | "upto" | "through" | "thru" | "and" | "tot" | "en"
            | "met" | "bis" | "al" => says_to = true,
            "date" | "up" | "the" | "end" => {}
            _ if word.bytes().all(|byte| byte == b'0') => {}
            _ => return false,
        }
    }
    says_to
}

/// What a label says: how surely a range behind it is the statement's period.
fn judge(label: &str) -> i32 {
    let lines: Vec<&str> = label.rsplitn(3, '\n').collect();
    let near = lines.first().copied().unwrap_or_default();
    // A label alone on the line above belongs to a value that begins its line.
    let label = if near.trim().len() < 3 {
        label.trim_end().rsplit('\n').next().unwrap_or_default()
    } else {
        near
    };
    if AGAINST.iter().any(|word| label.contains(word)) {
        return -10;
    }
    let said = FOR.iter().filter(|(word, _)| label.contains(word));
    said.map(|(_, score)| *score).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;
    use crate::statement::table;

    fn check(lines: &[&str], expected: Option<(&str, &str)>) {
        let mut page = Page::of(&typed(lines));
        let order = dates::order(page.lines.iter().map(|line| line.text.as_str()));
        let table = table::find(&mut page, order);
        let found = find(&[page], &[table], order);
        let found = found.map(|period| (period.from.to_string(), period.to.to_string()));
        let found = found
            .as_ref()
            .map(|(from, to)| (from.as_str(), to.as_str()));
        assert_eq!(found, expected, "{lines:?}");
    }

    const QUARTER: Option<(&str, &str)> = Some(("2024-04-01", "2024-06-30"));

    #[test]
    fn every_wording_is_understood() {
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
            "Account statement for: 1 April 2024 to 30 June 2024",
            "Period: 01 Apr 2024 - 30 Jun 2024",
            "Statement Type : 01 Apr 2024 - 30 Jun 2024",
            "From Date : 01 Apr 2024 | To Date : 30 Jun 2024",
            "Date range: 01/04/2024 - 30/06/2024",
            "as on 02/07/2024 Statement Period from 01/04/2024 to 30/06/2024",
            "Open Date : 12/03/2011  Period : 01\u{2212}04\u{2212}2024 to 30\u{2212}06\u{2212}2024",
            "April 1, 2024 through June 30, 2024 statement period",
        ] {
            let lines = ["Statement of account", line];
            if !line.ends_with("statement period") {
                check(&lines, QUARTER);
            }
        }
        check(&["Statement for 13-APR-2024"], None);
        check(
            &["Statement for the month of April 2024"],
            Some(("2024-04-01", "2024-04-30")),
        );
    }

    #[test]
    fn a_period_may_be_parted_over_lines() {
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
    fn dates_that_are_no_period_are_left() {
        check(&["Account open date 01/04/2024 as on 30/06/2024"], None);
        check(&["Interest paid 01/04/2024 to 30/06/2024"], None);
        check(&["Statement from 30/06/2024 to 01/04/2024"], None);
        check(&["Statement from 01/04/2010 to 30/06/2024"], None);
    }

    #[test]
    fn transactions_confirm_or_contradict() {
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
