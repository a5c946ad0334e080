//! The checks of the transactions: whether the balances follow, and whether rows are missing.
//!
//! All are signals, not verdicts: they cause warnings. If too many balances do not follow, the
//! table has not been understood, and nothing is reported.

use super::{Code, Finding, Policy, Reading};
use crate::statement::{BreakKind, DocumentKind, Ledger, LedgerBreak, Mixed, PageNumbers, Totals};
use crate::text::columns::counted;
use jiff::civil::Date;

/// Breaks that a message lists.
const MAX_LISTED: usize = 3;
/// References with a date, from which their dates are compared.
const MIN_REFERENCES: usize = 8;
/// Days by which transactions may lie outside of the printed period, because of value dates.
const MAX_OUTSIDE_DAYS: i32 = 3;
/// The hint for a changed row.
const COMPARE_ROWS: &str =
    "Compare these rows with a statement from net banking; request the original PDF";
/// The hint for missing rows.
const REQUEST_ALL: &str = "Request the complete statement as the bank issued it";

fn ledger(reading: &Reading) -> Option<&Ledger> {
    reading.statement.ledger.as_ref()
}

/// Returns the breaks of these kinds, if the table was understood.
fn breaks(reading: &Reading, kinds: &[BreakKind]) -> Vec<LedgerBreak> {
    let ledger = ledger(reading).filter(|ledger| ledger.is_understood());
    let breaks = ledger.map_or(&[][..], |ledger| &ledger.breaks);
    let breaks = breaks.iter().filter(|found| kinds.contains(&found.kind));
    breaks.copied().collect()
}

pub(super) fn balance_mismatch(reading: &Reading, _: &Policy) -> Option<Finding> {
    let breaks = breaks(reading, &[BreakKind::Amount, BreakKind::Order]);
    of_breaks(Code::BalanceMismatch, COMPARE_ROWS, &breaks)
}

pub(super) fn missing_transactions(reading: &Reading, _: &Policy) -> Option<Finding> {
    let breaks = breaks(reading, &[BreakKind::Missing]);
    of_breaks(Code::MissingTransactions, REQUEST_ALL, &breaks).or_else(|| {
        let numbers = ledger(reading)?.page_numbers;
        (numbers == PageNumbers::Missing).then(|| {
            let message = "The printed page numbers show that pages are missing";
            Finding::warning(Code::MissingTransactions, message).with_hint(REQUEST_ALL)
        })
    })
}

/// Creates the finding for some breaks; `None` if there are none.
fn of_breaks(code: Code, hint: &'static str, breaks: &[LedgerBreak]) -> Option<Finding> {
    let first = breaks.first()?;
    let (page, row, what) = (first.page, first.row, first.kind.in_words());
    let message = format!("Page {page}, row {row}: {what}{}", others(breaks));
    let mut pages: Vec<usize> = breaks.iter().map(|found| found.page as usize).collect();
    pages.dedup();
    Some(
        Finding::warning(code, message)
            .with_hint(hint)
            .on_pages(pages),
    )
}

pub(super) fn totals_mismatch(reading: &Reading, _: &Policy) -> Option<Finding> {
    let ledger = ledger(reading).filter(|ledger| ledger.is_understood())?;
    (ledger.totals == Totals::Differ).then(|| {
        let message = "Printed totals or counts differ from the rows";
        Finding::warning(Code::TotalsMismatch, message).with_hint(COMPARE_ROWS)
    })
}

pub(super) fn period_mismatch(reading: &Reading, _: &Policy) -> Option<Finding> {
    let ledger = ledger(reading).filter(|ledger| ledger.is_understood())?;
    let days = ledger.days?;
    let facts = &reading.statement;
    let printed = facts
        .contradicted_period
        .or_else(|| facts.printed_period())?;
    let is_far = |first: Date, last: Date| (last - first).get_days() > MAX_OUTSIDE_DAYS;
    let ends = ledger.differing_ends;
    let message = if is_far(days.from, printed.from) || is_far(printed.to, days.to) {
        format!(
            "Transactions from {} to {} are outside of the printed period {} to {}",
            days.from, days.to, printed.from, printed.to
        )
    } else if ends.opening && is_far(printed.from, days.from) {
        format!(
            "The period begins on {}, but the first transaction is of {}, and does not follow from \
             the printed opening balance",
            printed.from, days.from
        )
    } else if ends.closing && is_far(days.to, printed.to) {
        format!(
            "The period ends on {}, but the last transaction is of {}, and its balance is not the \
             printed closing balance",
            printed.to, days.to
        )
    } else {
        return None;
    };
    Some(Finding::warning(Code::PeriodMismatch, message).with_hint(COMPARE_ROWS))
}

pub(super) fn mixed_statements(reading: &Reading, _: &Policy) -> Option<Finding> {
    let ledger = ledger(reading)?;
    let pages = ledger.foreign_pages.clone();
    match ledger.mixed {
        Mixed::No => None,
        Mixed::Statements => {
            let message = "Statements of several accounts follow one another";
            Some(Finding::note(Code::MixedStatements, message).on_pages(pages))
        }
        Mixed::Pages => {
            let message = "Pages of another account are inside the statement";
            let finding = Finding::warning(Code::MixedStatements, message);
            Some(finding.with_hint(REQUEST_ALL).on_pages(pages))
        }
    }
}

pub(super) fn reference_dates(reading: &Reading, _: &Policy) -> Option<Finding> {
    let references = ledger(reading)?.references;
    let disagree = references.disagree;
    (references.dated >= MIN_REFERENCES && disagree * 2 > references.dated).then(|| {
        let message = format!(
            "{disagree} of {} with a date disagree with the dates of their rows",
            counted(references.dated, "payment reference")
        );
        Finding::warning(Code::ReferenceDates, message).with_hint(COMPARE_ROWS)
    })
}

pub(super) fn no_transactions(reading: &Reading, policy: &Policy) -> Option<Finding> {
    let is_statement = reading.statement.kind == Some(DocumentKind::Statement);
    let has_rows = ledger(reading).is_some_and(|ledger| ledger.transactions > 0);
    let is_read = policy.ledger == super::LedgerUse::Read && reading.limit.is_none();
    let is_readable = reading
        .document
        .as_ref()
        .is_some_and(super::checks::has_text_on_all_pages);
    (is_statement && is_read && is_readable && !has_rows).then(|| {
        let message = "A statement without transactions";
        Finding::warning(Code::StatementNoTransactions, message)
            .with_hint("Check the period; the service rejects a statement without transactions")
    })
}

/// Lists the breaks after the first one.
fn others(breaks: &[LedgerBreak]) -> String {
    let rest = breaks.get(1..).unwrap_or_default();
    if rest.is_empty() {
        return String::new();
    }
    let listed: Vec<String> = rest
        .iter()
        .take(MAX_LISTED - 1)
        .map(LedgerBreak::location)
        .collect();
    let more = rest.len() - listed.len();
    let more = if more == 0 {
        String::new()
    } else {
        format!(", and {}", counted(more, "more row"))
    };
    format!("; also {}{more}", listed.join("; "))
}
