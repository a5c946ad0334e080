//! Banks that only the pages between the first two and the last name.

use crate::generator::banks::design;
use crate::generator::layout::{Design, Line};
use crate::generator::sheet::Sheet;
use crate::generator::statement::{Statement, statement};
use crate::generator::writer::FileKind;
use bankscreen::screen::{LedgerUse, Policy, screen};
use std::sync::Arc;
use std::time::Duration;

const PAGES: usize = 6;

/// Returns a statement whose bank page 1 does not name, with a header on all further pages.
fn with_header(header: &'static [Line]) -> Statement {
    let original = *design("shared_form");
    let design: &'static Design = Box::leak(Box::new(Design {
        running_header: header,
        has_running_headings: true,
        ..original
    }));
    statement(design).pages(PAGES)
}

/// Returns the bank of a statement with the header on the pages of these indices, and its
/// confidence: with the ledger, and without.
fn banks(header: &'static [Line], pages: &[usize]) -> [Option<(String, f32)>; 2] {
    let plain = with_header(&[Line::Left("Continued"); 2]);
    let named = with_header(header).sheets();
    let mut sheets: Vec<Sheet> = plain.sheets();
    for page in pages {
        sheets[*page].clone_from(&named[*page]);
    }
    assert_eq!(sheets.len(), PAGES);
    banks_of(&plain, &sheets)
}

fn banks_of(statement: &Statement, sheets: &[Sheet]) -> [Option<(String, f32)>; 2] {
    let bytes = Arc::new(statement.document_of(sheets).write(FileKind::Classic));
    [LedgerUse::Read, LedgerUse::Skip].map(|ledger| {
        let policy = Policy {
            ledger,
            ..Policy::default()
        };
        let screening = screen(&bytes, &policy, &|| Duration::ZERO);
        let issuer = screening.statement.issuer?;
        Some((issuer.bank.id().to_owned(), issuer.confidence))
    })
}

fn is_detected(bank: Option<&(String, f32)>, id: &str) -> bool {
    bank.is_some_and(|(bank, confidence)| bank == id && *confidence >= 0.9)
}

#[test]
fn a_running_header_names_the_bank() {
    for header in [
        &[Line::Left("AXIS BANK"), Line::Left("Continued")],
        &[Line::Left("www.axisbank.com"), Line::Left("Continued")],
    ] {
        for bank in banks(header, &[1, 2, 3, 4, 5]) {
            assert!(is_detected(bank.as_ref(), "axis"), "{bank:?}");
        }
        // Not on the pages that are read first.
        for bank in banks(header, &[2, 3, 4]) {
            assert!(is_detected(bank.as_ref(), "axis"), "{bank:?}");
        }
    }
}

#[test]
fn a_header_of_few_pages_is_not_that_of_the_bank() {
    let header = &[Line::Left("www.axisbank.com"), Line::Left("AXIS BANK")];
    assert_eq!(banks(header, &[3]), [None, None]);
    assert_eq!(banks(header, &[2, 4]), [None, None]);
}

#[test]
fn a_running_header_that_contradicts_page_1_makes_no_bank_certain() {
    // The sponsor's name on the pages of a bank that is not listed.
    let header = &[
        Line::Left("SOMETOWN NAGARIK SAHAKARI BANK LTD"),
        Line::Left("www.axisbank.com"),
    ];
    for bank in banks(header, &[2, 3, 4]) {
        assert!(!is_detected(bank.as_ref(), "axis"), "{bank:?}");
    }
}

#[test]
fn an_office_on_one_page_makes_a_bank_likely_at_most() {
    let legend = |office: &'static str| {
        let page: &'static Design = Box::leak(Box::new(Design {
            header: vec![Line::Left("Legends"), Line::Left(office)].leak(),
            columns: &[],
            ..*design("shared_form")
        }));
        let plain = with_header(&[]);
        let mut sheets = plain.sheets();
        sheets.insert(PAGES - 1, statement(page).sheets().remove(0));
        banks_of(&plain, &sheets)
    };
    for bank in legend("Registered Office: Axis Bank Limited, Trishul, Ahmedabad 380006") {
        let (bank, confidence) = bank.unwrap();
        assert_eq!(bank, "axis");
        assert!(confidence < 0.9, "{confidence}");
    }
    let advertisement = "Loans by Axis Bank: www.axisbank.com";
    assert_eq!(legend(advertisement), [None, None]);
}
