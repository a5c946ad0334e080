//! The ledger on whole files: statements of many layouts, unchanged and with one thing changed.

use crate::generator::layout::Design;
use crate::generator::ledger::Change;
use crate::generator::ledgers;
use crate::generator::sheet::{Element, POINT, Sheet, Weight};
use crate::generator::statement::{Statement, statement};
use crate::generator::writer::FileKind;
use crate::harness::TestDir;
use bankscreen::screen::{Code, Policy, Screening, Severity, screen};
use bankscreen::statement::{BreakKind, Ledger, Mixed, PageNumbers, Totals};
use std::sync::Arc;
use std::time::Duration;

fn screened(bytes: Vec<u8>) -> Screening {
    screen(&Arc::new(bytes), &Policy::default(), &|| Duration::ZERO)
}

fn ledger(screening: &Screening) -> &Ledger {
    screening.statement.ledger.as_ref().unwrap()
}

fn codes(screening: &Screening) -> Vec<Code> {
    screening
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

fn four_pages(design: &Design) -> Statement {
    statement(design).pages(4)
}

/// Screens a statement with these pages.
fn with_sheets(statement: &Statement, sheets: &[Sheet]) -> Screening {
    screened(statement.document_of(sheets).write(FileKind::Classic))
}

/// Returns page and row, from 1, of a transaction by its index in the order of time.
fn place(statement: &Statement, design: &Design, index: usize) -> (u32, u32) {
    let (first, count) = statement.places();
    let printed = if design.newest_first {
        count - 1 - index
    } else {
        index
    };
    let page = first.iter().rposition(|start| *start <= printed).unwrap();
    (page as u32 + 1, (printed - first[page]) as u32 + 1)
}

#[test]
fn the_balances_of_every_layout_are_proven() {
    for design in ledgers::designs() {
        let statement = four_pages(&design);
        let screening = screened(statement.bytes());
        let ledger = ledger(&screening);
        assert!(ledger.is_proven(), "{}: {ledger:?}", design.path);
        assert_eq!(ledger.transactions, statement.places().1, "{}", design.path);
        assert_eq!(codes(&screening), [], "{}", design.path);
    }
}

#[test]
fn a_changed_amount_is_found_in_its_row() {
    for design in ledgers::designs() {
        let statement = four_pages(&design);
        // Rows in the middle of a page, at its start, and the last one.
        let (first, count) = statement.places();
        for index in [count / 2, first[2], count - 1] {
            let changed = statement.change(Change::Amount(index));
            let screening = screened(changed.bytes());
            let ledger = ledger(&screening);
            let places: Vec<_> = ledger
                .breaks
                .iter()
                .map(|found| (found.page, found.row))
                .collect();
            let expected = place(&statement, &design, index);
            assert_eq!(places, [expected], "{} {index}: {ledger:?}", design.path);
            let found = codes(&screening);
            let is_found = found.contains(&Code::BalanceMismatch)
                || found.contains(&Code::MissingTransactions);
            assert!(is_found, "{} {index}: {found:?}", design.path);
        }
    }
}

#[test]
fn a_removed_row_is_found_before_the_row_that_follows() {
    for design in ledgers::designs() {
        let statement = four_pages(&design);
        let index = statement.places().1 / 2;
        let screening = screened(statement.change(Change::RemovedRow(index)).bytes());
        let ledger = ledger(&screening);
        assert_eq!(ledger.breaks.len(), 1, "{}: {ledger:?}", design.path);
        let found = codes(&screening);
        let is_found =
            found.contains(&Code::BalanceMismatch) || found.contains(&Code::MissingTransactions);
        assert!(is_found, "{}: {found:?}", design.path);
    }
}

#[test]
fn swapped_rows_are_in_a_wrong_order() {
    for design in ledgers::designs() {
        let statement = four_pages(&design);
        let index = statement.places().1 / 2;
        let screening = screened(statement.change(Change::SwappedRows(index)).bytes());
        let ledger = ledger(&screening);
        let kinds: Vec<_> = ledger.breaks.iter().map(|found| found.kind).collect();
        assert!(!kinds.is_empty(), "{}", design.path);
        let is_order = |kind: &BreakKind| *kind == BreakKind::Order;
        assert!(kinds.iter().all(is_order), "{}: {ledger:?}", design.path);
        assert!(codes(&screening).contains(&Code::BalanceMismatch));
    }
}

#[test]
fn a_removed_page_is_missing() {
    for design in ledgers::designs() {
        let statement = four_pages(&design);
        let mut sheets = statement.sheets();
        sheets.remove(1);
        let screening = with_sheets(&statement, &sheets);
        let ledger = ledger(&screening);
        assert_eq!(ledger.page_numbers, PageNumbers::Missing, "{}", design.path);
        let found: Vec<_> = ledger.breaks.iter().map(|b| (b.page, b.kind)).collect();
        let expected = if design.newest_first { 1 } else { 2 };
        assert_eq!(found, [(expected, BreakKind::Missing)], "{}", design.path);
        assert!(codes(&screening).contains(&Code::MissingTransactions));
    }
}

#[test]
fn swapped_pages_are_found() {
    for design in ledgers::designs() {
        let statement = four_pages(&design);
        let mut sheets = statement.sheets();
        sheets.swap(1, 2);
        let screening = with_sheets(&statement, &sheets);
        let ledger = ledger(&screening);
        assert!(ledger.broken >= 2, "{}: {ledger:?}", design.path);
        let found = codes(&screening);
        let is_found =
            found.contains(&Code::BalanceMismatch) || found.contains(&Code::MissingTransactions);
        assert!(is_found, "{}: {found:?}", design.path);
    }
}

#[test]
fn a_changed_total_contradicts_the_rows() {
    let with_totals: Vec<Design> = ledgers::designs()
        .into_iter()
        .filter(|design| design.total_row.is_some() || !design.closing.is_empty())
        .collect();
    assert_eq!(with_totals.len(), 2);
    for design in with_totals {
        let screening = screened(four_pages(&design).change(Change::Total).bytes());
        assert_eq!(ledger(&screening).totals, Totals::Differ, "{}", design.path);
        assert_eq!(codes(&screening), [Code::TotalsMismatch], "{}", design.path);
    }
}

#[test]
fn a_printed_balance_contradicts_a_period_without_rows() {
    let designs = ledgers::designs();
    let design = designs.iter().find(|d| d.path == "ledgers/summary.pdf");
    let statement = four_pages(design.unwrap());
    let rows = statement.places().1;
    let screening = screened(statement.change(Change::Truncated(rows / 2)).bytes());
    assert_eq!(
        codes(&screening),
        [Code::TotalsMismatch, Code::PeriodMismatch]
    );
    let message = &screening.findings[1].message;
    assert!(
        message.contains("The period ends on 2023-06-30"),
        "{message}"
    );
}

#[test]
fn a_table_without_a_readable_row_may_be_no_statement() {
    let statement = four_pages(&ledgers::designs()[10]);
    let mut sheets = statement.sheets();
    for element in sheets.iter_mut().flat_map(|sheet| &mut sheet.elements) {
        match element {
            // No amount has three decimals.
            Element::Text { text, .. } if text.rfind('.') == text.len().checked_sub(3) => {
                text.push('0');
            }
            _ => {}
        }
    }
    let screening = with_sheets(&statement, &sheets);
    let found = &screening.findings[0];
    assert_eq!(
        (found.code, found.severity),
        (Code::StatementUnsupportedFormat, Severity::Warning)
    );
    assert!(
        found.message.contains("no row of its table"),
        "{}",
        found.message
    );
}

#[test]
fn two_statements_in_one_file_are_a_note_and_a_foreign_page_is_a_warning() {
    let design = ledgers::designs()[0];
    let design = Design {
        running_header: design.header,
        ..design
    };
    let other = Design {
        account: Some("29830110099999"),
        seed: 777,
        ..design
    };
    let (first, second) = (four_pages(&design), four_pages(&other));
    let merged = [first.sheets(), second.sheets()].concat();
    let screening = with_sheets(&first, &merged);
    let found = ledger(&screening);
    assert_eq!((found.mixed, found.accounts), (Mixed::Statements, 2));
    assert_eq!(found.broken, 0, "{found:?}");
    let mut mixed = first.sheets();
    mixed[2] = second.sheets()[0].clone();
    let screening = with_sheets(&first, &mixed);
    assert_eq!(ledger(&screening).mixed, Mixed::Pages);
    let finding = screening
        .findings
        .iter()
        .find(|f| f.code == Code::MixedStatements);
    assert_eq!(finding.unwrap().pages, [3]);
}

#[test]
fn without_a_ledger_the_record_has_none() {
    let dir = TestDir::new();
    dir.copy("ledgers/totals.pdf", "a.pdf");
    let run = |options: &[&str]| {
        let arguments = [&["--check", "--format", "ndjson", "a.pdf"], options].concat();
        let output = dir.command(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let record: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        record["ledger"].clone()
    };
    assert_eq!(run(&["--no-ledger"]), serde_json::Value::Null);
    let ledger = run(&[]);
    assert_eq!(ledger["broken"], 0);
    assert_eq!(ledger["totals"], "agree");
    assert_eq!(ledger["opening"], "printed");
}

#[test]
fn amounts_are_shown_only_on_request_and_only_as_text() {
    let dir = TestDir::new();
    let design = ledgers::designs()[0];
    let changed = four_pages(&design).change(Change::Amount(60));
    std::fs::write(dir.path().join("a.pdf"), changed.bytes()).unwrap();
    let run = |options: &[&str]| {
        let arguments = [&["--check", "a.pdf"], options].concat();
        let output = dir.command(arguments).output().unwrap();
        let code = output.status.code().unwrap();
        (
            code,
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, hidden, _) = run(&["-v"]);
    assert_eq!(code, 0);
    assert!(!hidden.contains("expected"), "{hidden}");
    let (code, shown, _) = run(&["--show-amounts"]);
    assert_eq!(code, 0);
    assert!(
        shown.contains(": balance ") && shown.contains(", expected "),
        "{shown}"
    );
    for other in [
        &["--format", "json"][..],
        &["--output", "a.txt"],
        &["--report", "html=a.html"],
    ] {
        let (code, output, error) = run(&[&["--show-amounts"], other].concat());
        assert_eq!((code, output.as_str()), (2, ""), "{other:?}");
        assert!(
            error.contains("--show-amounts is only for the text report"),
            "{error}"
        );
    }
}

#[test]
fn files_of_one_account_continue_one_another() {
    let dir = TestDir::new();
    let design = ledgers::designs()[0];
    let quarter = |seed, period| {
        statement(&Design {
            period,
            seed,
            ..design
        })
        .rows(30)
    };
    let (first, second) = (
        quarter(501, ("2023-01-01", "2023-03-31")),
        quarter(601, ("2023-04-01", "2023-06-30")),
    );
    // The same days, with another amount and with all balances behind it.
    let other_version = quarter(502, ("2023-01-01", "2023-03-31"));
    let write = |name: &str, statement: &Statement| {
        std::fs::write(dir.path().join(name), statement.bytes()).unwrap();
    };
    write("1.pdf", &first);
    write("2.pdf", &second);
    let codes = || {
        let output = dir
            .command(["--check", "--format", "ndjson", "."])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let records: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let codes = records[1]["findings"].as_array().unwrap().iter();
        codes
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(), ["MISSING_TRANSACTIONS"]);
    write("2.pdf", &other_version);
    assert!(
        codes().contains(&"BALANCE_MISMATCH".to_owned()),
        "{:?}",
        codes()
    );
}

#[test]
fn a_covered_month_without_transactions_is_named() {
    let dir = TestDir::new();
    let statement = four_pages(&ledgers::designs()[2]);
    let rows = statement.places().1;
    let cut = statement.change(Change::Truncated(rows / 3));
    std::fs::write(dir.path().join("a.pdf"), cut.bytes()).unwrap();
    let messages = |range: [&str; 4]| {
        let arguments = [&["--check", "--format", "ndjson", "a.pdf"], &range[..]].concat();
        let output = dir.command(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let record: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let findings = record["findings"].as_array().unwrap();
        let findings = findings.iter().map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap();
            format!("{}: {}", text("code"), text("message"))
        });
        findings.collect::<Vec<_>>()
    };
    // The rows are spread evenly, so that a third of them ends within the first months.
    let all = messages(["--from", "2023-01-01", "--to", "2023-06-30"]);
    let found = all
        .iter()
        .find(|text| text.starts_with("INCOMPLETE_MONTHS"));
    assert!(found.unwrap().contains("2023-06"), "{all:?}");
    assert!(!found.unwrap().contains("2023-01"), "{all:?}");
    let first = messages(["--from", "2023-01-01", "--to", "2023-01-31"]);
    assert!(!first.concat().contains("INCOMPLETE_MONTHS"), "{first:?}");
}

#[test]
fn an_amount_under_a_box_is_not_read() {
    let design = ledgers::designs()[1];
    let statement = four_pages(&design);
    let mut sheets = statement.sheets();
    let elements = &mut sheets[1].elements;
    let is_amount = |text: &str| text.ends_with(".00") && text.len() >= 6;
    let (x, y, old) = elements
        .iter()
        .filter_map(|element| match element {
            Element::Text { x, y, text, .. } if is_amount(text) => Some((*x, *y, text.clone())),
            _ => None,
        })
        // The first amounts of a page are those of its first rows, each before its balance.
        .nth(4)
        .unwrap();
    let cover = |below: i64, height: i64| Element::Panel {
        corner: (x - POINT, y - below * POINT),
        size: (60 * POINT, height * POINT),
        colour: [255; 3],
    };
    // A box below the row covers nothing of it.
    elements.push(cover(5, 3));
    let screening = with_sheets(&statement, &sheets);
    assert!(ledger(&screening).is_proven());
    let new = if old.starts_with('9') {
        "8,888.00"
    } else {
        "9,999.00"
    };
    let elements = &mut sheets[1].elements;
    elements.push(cover(2, 10));
    elements.push(Element::Text {
        x,
        y: y + POINT / 3,
        size: 7500,
        weight: Weight::Regular,
        text: new.to_owned(),
    });
    let screening = with_sheets(&statement, &sheets);
    let ledger = ledger(&screening);
    assert_eq!(ledger.transactions, statement.places().1, "{ledger:?}");
    assert_eq!(ledger.breaks.len(), 1, "{ledger:?}");
    assert_eq!(ledger.breaks[0].page, 2);
}
