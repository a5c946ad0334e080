//! Statements with the layouts and difficulties of real transaction tables, and changes to them.
//!
//! [`cases`] are the unchanged ones; tests create the changed ones, because each is as large.

use super::Case;
use super::layout::{Alignment, Cell, DEFAULT_DESIGN, Design, Line};
use super::ledger::Grouping;
use super::statement::statement;
use super::writer::FileKind;

/// Returns the unchanged statements, and two of them in one file.
pub fn cases() -> Vec<Case> {
    let statements = designs();
    let statements = statements
        .iter()
        .map(|design| statement(design).pages(4).case());
    statements.chain([merged()]).collect()
}

/// Returns two whole statements that follow one another.
fn merged() -> Case {
    let first = statement(&FIRST_OF_TWO).pages(4);
    let second = statement(&SECOND_OF_TWO).pages(4);
    let sheets = [first.sheets(), second.sheets()].concat();
    let mut case = first.case();
    case.bytes = first.document_of(&sheets).write(FileKind::Classic);
    case.truth.map = "T".repeat(sheets.len());
    case.with_code("MIXED_STATEMENTS")
}

/// Returns the designs. Each has a trait with which a simple reader fails.
pub fn designs() -> Vec<Design> {
    vec![
        TOTALS,
        SUMMARY,
        ONE_COLUMN,
        OVERDRAFT,
        NEWEST_FIRST,
        WRAPPED_DATES,
        NO_HEADINGS,
        LEFT_ALIGNED,
        CENTRED,
        SIGNED,
        NOT_AVAILABLE,
        DAILY_BALANCE,
        WHOLE_UNITS,
        NO_YEAR,
        MARK_BEFORE,
    ]
}

const HEADER: &[Line] = &[
    Line::Title("Statement of account"),
    Line::Row(&[(0, "{holder}"), (300, "Account No : {account}")]),
    Line::Row(&[(0, "14 LAKE VIEW ROAD"), (300, "IFSC : {ifsc}")]),
    Line::Left("Statement period from {from dd/mm/yyyy} to {to dd/mm/yyyy}"),
    Line::Gap,
];

const FOOTER: &[Line] = &[Line::Right("Page {page} of {pages}")];

const TWO_COLUMNS: &[(&str, i64, Cell)] = &[
    ("Date", 56, Cell::Date),
    ("Particulars", 222, Cell::Narration),
    ("Chq No", 46, Cell::Cheque),
    ("Withdrawals", 62, Cell::Debit),
    ("Deposits", 62, Cell::Credit),
    ("Balance", 75, Cell::Balance),
];

const BASE: Design = Design {
    bank: Some("uco"),
    ifsc_prefix: "UCBA",
    ifsc: Some("UCBA0002983"),
    account: Some("29830110052817"),
    holder: "NANDINI KORVALE",
    period: ("2023-01-01", "2023-06-30"),
    header: HEADER,
    footer: FOOTER,
    columns: TWO_COLUMNS,
    ..DEFAULT_DESIGN
};

const TOTALS: Design = Design {
    path: "ledgers/totals.pdf",
    note: "balances carried and brought forward on every page, totals behind the last row",
    opening_row: Some("Opening Balance"),
    carries: Some(("Balance C/F", "Balance B/F")),
    total_row: Some("Grand Total"),
    seed: 501,
    ..BASE
};

/// The head on every page, so that each page names its account.
const FIRST_OF_TWO: Design = Design {
    path: "ledgers/two_statements.pdf",
    note: "the statements of two accounts, one after the other, each with its own page numbers",
    running_header: HEADER,
    opening_row: Some("Opening Balance"),
    seed: 516,
    ..BASE
};

const SECOND_OF_TWO: Design = Design {
    account: Some("29830110064423"),
    seed: 517,
    ..FIRST_OF_TWO
};

const SUMMARY: Design = Design {
    path: "ledgers/summary.pdf",
    note: "a summary of sums and counts below the table, its values below their labels",
    closing: &[
        Line::Gap,
        Line::Bold("STATEMENT SUMMARY :-"),
        Line::Row(&[
            (20, "Opening Balance"),
            (120, "Dr Count"),
            (190, "Cr Count"),
            (270, "Debits"),
            (360, "Credits"),
            (440, "Closing Bal"),
        ]),
        Line::Row(&[
            (22, "{opening}"),
            (130, "{debit_count}"),
            (200, "{credit_count}"),
            (262, "{debits}"),
            (352, "{credits}"),
            (440, "{closing}"),
        ]),
    ],
    seed: 502,
    ..BASE
};

const ONE_COLUMN: Design = Design {
    path: "ledgers/one_column.pdf",
    note: "one column of amounts, the side in a column of its own, a balance marked Cr",
    columns: &[
        ("S.No", 26, Cell::Serial),
        ("Date", 56, Cell::Date),
        ("Particulars", 230, Cell::Narration),
        ("Amount", 70, Cell::Amount),
        ("Dr/Cr", 34, Cell::Side),
        ("Balance", 90, Cell::BalanceSided),
    ],
    seed: 503,
    ..BASE
};

const OVERDRAFT: Design = Design {
    path: "ledgers/overdraft.pdf",
    note: "an overdraft: balances below zero, marked Dr",
    columns: &[
        ("Date", 56, Cell::Date),
        ("Particulars", 240, Cell::Narration),
        ("Debit", 62, Cell::Debit),
        ("Credit", 62, Cell::Credit),
        ("Balance", 95, Cell::BalanceSided),
    ],
    overdraft: 900_000_000,
    seed: 504,
    ..BASE
};

const NEWEST_FIRST: Design = Design {
    path: "ledgers/newest_first.pdf",
    note: "the newest row first, two date columns",
    columns: &[
        ("Txn Date", 56, Cell::Date),
        ("Value Date", 56, Cell::ValueDate),
        ("Description", 200, Cell::Narration),
        ("Debit", 66, Cell::Debit),
        ("Credit", 66, Cell::Credit),
        ("Balance", 80, Cell::Balance),
    ],
    newest_first: true,
    seed: 505,
    ..BASE
};

const WRAPPED_DATES: Design = Design {
    path: "ledgers/wrapped_dates.pdf",
    note: "dates broken over two lines",
    columns: &[
        ("Date", 40, Cell::Date),
        ("Particulars", 250, Cell::Narration),
        ("Debit", 66, Cell::Debit),
        ("Credit", 66, Cell::Credit),
        ("Balance", 80, Cell::Balance),
    ],
    date_pattern: "dd Mon\nyyyy",
    seed: 506,
    ..BASE
};

const NO_HEADINGS: Design = Design {
    path: "ledgers/no_headings.pdf",
    note: "headings on the first page only",
    has_running_headings: false,
    seed: 507,
    ..BASE
};

const LEFT_ALIGNED: Design = Design {
    path: "ledgers/left_aligned.pdf",
    note: "numbers aligned to the left of their columns",
    alignment: Alignment::Left,
    seed: 508,
    ..BASE
};

const CENTRED: Design = Design {
    path: "ledgers/centred.pdf",
    note: "numbers in the middle of their columns, western groups of digits",
    alignment: Alignment::Centre,
    grouping: Grouping::Western,
    seed: 509,
    ..BASE
};

const SIGNED: Design = Design {
    path: "ledgers/signed.pdf",
    note: "one column of amounts with plus and minus signs",
    columns: &[
        ("Date", 56, Cell::Date),
        ("Transaction details", 290, Cell::Narration),
        ("Amount", 80, Cell::AmountSigned),
        ("Available balance", 90, Cell::Balance),
    ],
    seed: 510,
    ..BASE
};

const NOT_AVAILABLE: Design = Design {
    path: "ledgers/not_available.pdf",
    note: "NA in the column that is not used",
    empty_cell: "NA",
    seed: 511,
    ..BASE
};

const DAILY_BALANCE: Design = Design {
    path: "ledgers/zeros.pdf",
    note: "0.00 in the column that is not used, upper-case months",
    empty_cell: "0.00",
    date_pattern: "dd-MON-yy",
    seed: 512,
    ..BASE
};

const WHOLE_UNITS: Design = Design {
    path: "ledgers/plain_digits.pdf",
    note: "amounts without groups of digits",
    grouping: Grouping::Plain,
    seed: 513,
    ..BASE
};

const NO_YEAR: Design = Design {
    path: "ledgers/no_year.pdf",
    note: "dates without the year",
    date_pattern: "dd Mon",
    seed: 514,
    ..BASE
};

const MARK_BEFORE: Design = Design {
    path: "ledgers/side_before.pdf",
    note: "the side before the amount, newest row first",
    columns: &[
        ("Date", 56, Cell::Date),
        ("Narration", 240, Cell::Narration),
        ("Type", 34, Cell::Side),
        ("Amount", 80, Cell::Amount),
        ("Balance", 90, Cell::Balance),
    ],
    newest_first: true,
    seed: 515,
    ..BASE
};
