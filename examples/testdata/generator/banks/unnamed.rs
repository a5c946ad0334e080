//! Statements that print the name of their bank nowhere, or only by its abbreviation.

use super::super::layout::{Alignment, Cell, DEFAULT_DESIGN, Design, Line, OutgoingReferences};
use super::super::ledger::Grouping;

pub const DESIGNS: &[&Design] = &[
    &ICICI_CORPORATE,
    &ICICI_YEAR,
    &KOTAK_APP,
    &BARODA_OUTGOING,
    &SPCB,
    &SHARED_FORM,
];

const ICICI_CORPORATE: Design = Design {
    path: "banks/icici_corporate.pdf",
    note: "bank named nowhere: labels and column headings are nobody else's, empty cells with NA",
    bank: Some("icici"),
    ifsc_prefix: "ICIC",
    account: Some("418205007361"),
    period: ("2024-01-15", "2024-03-19"),
    header: &[
        Line::Title("DETAILED STATEMENT"),
        Line::Gap,
        Line::Left("Account Number: {account}"),
        Line::Left("Account Name: MARIGOLD TOOLS LLP"),
        Line::Left("Transaction Date From: {from dd-Mon-yyyy}"),
        Line::Left("Transaction Date To: {to dd-Mon-yyyy}"),
        Line::Left("Amount Range from: NA"),
        Line::Left("Cheque number from: NA"),
        Line::Left("Transaction Type: Both Debit and Credit"),
        Line::Gap,
    ],
    columns: &[
        ("Sr No", 26, Cell::Serial),
        ("Value Date", 62, Cell::ValueDate),
        ("Transaction\nDate", 62, Cell::Date),
        ("Cheque\nNumber", 48, Cell::Cheque),
        ("Transaction\nRemarks", 140, Cell::Narration),
        ("Debit\nAmount", 60, Cell::Debit),
        ("Credit\nAmount", 60, Cell::Credit),
        ("Balance(INR)", 65, Cell::Balance),
    ],
    date_pattern: "dd-Mon-yyyy",
    grouping: Grouping::Plain,
    alignment: Alignment::Left,
    empty_cell: "NA",
    has_running_headings: false,
    info: &[("Producer", "iText 2.1.7 by 1T3XT")],
    rows: 30,
    seed: 701,
    ..DEFAULT_DESIGN
};

const ICICI_YEAR: Design = Design {
    path: "banks/icici_financial_year.pdf",
    note: "the same form for a financial year, from a program that is not known to write it",
    account: Some("418205007362"),
    period: ("2023-04-01", "2024-03-31"),
    header: &[
        Line::Title("DETAILED STATEMENT"),
        Line::Gap,
        Line::Left("Account Number: {account}"),
        Line::Left("Account Name: MARIGOLD TOOLS LLP"),
        Line::Left("Transaction Period  FY 2023 - 24"),
        Line::Left("Amount Range from: NA"),
        Line::Left("Cheque number from: NA"),
        Line::Left("Transaction Type: Both Debit and Credit"),
        Line::Gap,
    ],
    info: &[("Producer", "Example Writer 3.1")],
    seed: 702,
    ..ICICI_CORPORATE
};

const KOTAK_APP: Design = Design {
    path: "banks/kotak_app.pdf",
    note: "bank named nowhere: customer number CRN, signed amounts, references NEFTINW",
    bank: Some("kotak"),
    ifsc_prefix: "KKBK",
    account: Some("6031884275"),
    period: ("2024-04-01", "2024-09-16"),
    header: &[
        Line::Row(&[(280, "Account # {account} SAVINGS")]),
        Line::Bold("Account Statement"),
        Line::Row(&[
            (0, "{from dd Mon yyyy} - {to dd Mon yyyy}"),
            (280, "Branch  Baner Road, Pune"),
        ]),
        Line::Gap,
        Line::Left("Rohini Talegaonkar"),
        Line::Row(&[(0, "CRN XXXXXX284"), (280, "Nominee registered  Yes")]),
        Line::Gap,
    ],
    columns: &[
        ("#", 20, Cell::Serial),
        ("TRANSACTION\nDATE", 66, Cell::Date),
        ("TRANSACTION DETAILS", 150, Cell::Narration),
        ("CHQ / REF NO.", 90, Cell::Fixed("NEFTINW-0410088213")),
        ("DEBIT(Rs)", 62, Cell::DebitSigned),
        ("CREDIT(Rs)", 62, Cell::CreditSigned),
        ("BALANCE(Rs)", 72, Cell::Balance),
    ],
    date_pattern: "dd Mon yyyy",
    rows: 28,
    seed: 703,
    ..DEFAULT_DESIGN
};

const BARODA_OUTGOING: Design = Design {
    path: "banks/baroda_outgoing.pdf",
    note: "bank named nowhere: a form seen once, confirmed by the references of outgoing transfers",
    bank: Some("baroda"),
    ifsc_prefix: "BARB",
    account: Some("33810200004417"),
    period: ("2024-04-01", "2024-05-31"),
    header: &[
        Line::Title("ACCOUNT STATEMENT FROM {from dd-mm-yyyy} TO {to dd-mm-yyyy}"),
        Line::Gap,
        Line::Row(&[
            (0, "Account Number : {account}"),
            (280, "Currency Code : INR"),
        ]),
        Line::Row(&[
            (0, "Name : DHARINI COLD STORAGE"),
            (280, "Branch Name : KARELIBAUG"),
        ]),
        Line::Gap,
    ],
    columns: &[
        ("S.No", 28, Cell::Serial),
        ("Date", 56, Cell::Date),
        ("Description", 170, Cell::Narration),
        ("Cheque No", 50, Cell::Cheque),
        ("Debit", 56, Cell::Debit),
        ("Credit", 56, Cell::Credit),
        ("Balance", 56, Cell::Balance),
        ("Value Date", 51, Cell::ValueDate),
    ],
    date_pattern: "dd-mm-yyyy",
    references: OutgoingReferences::Issuer,
    rows: 60,
    seed: 704,
    ..DEFAULT_DESIGN
};

const SPCB: Design = Design {
    path: "banks/spcb_abbreviation.pdf",
    note: "bank named only by the letters of its IFSC, in the name of its service",
    bank: Some("spcb"),
    ifsc_prefix: "SPCB",
    account: Some("00000307715402983"),
    closing: &[
        Line::Gap,
        Line::Centre("==========##End of Statement##=========="),
        Line::Left(
            "(This is SPCB Mobile Banking, computer-generated statement and does not require \
             signature)",
        ),
    ],
    seed: 705,
    ..SHARED_FORM
};

const SHARED_FORM: Design = Design {
    path: "banks/shared_form.pdf",
    note: "bank named nowhere, and the form is that of many co-operative banks: none is claimed",
    ifsc_prefix: "ZZZZ",
    account: Some("00000307715402984"),
    period: ("2024-04-01", "2024-09-30"),
    header: &[
        Line::Left(
            "Statement for account number {account} Between {from dd-mm-yyyy} and {to dd-mm-yyyy}",
        ),
        Line::Gap,
        Line::Row(&[
            (0, "Client Code 00000708120334561"),
            (280, "Branch Code 00014"),
        ]),
        Line::Row(&[(0, "Name Mrs. HEMLATA DOSHIWAL"), (280, "Branch IFSC")]),
        Line::Gap,
    ],
    columns: &[
        ("Date", 70, Cell::Date),
        ("Particulars", 220, Cell::Narration),
        ("Withdrawals", 76, Cell::Debit),
        ("Deposits", 76, Cell::Credit),
        ("Balance", 80, Cell::Balance),
    ],
    date_pattern: "dd-MON-yyyy",
    grouping: Grouping::Plain,
    rows: 26,
    seed: 706,
    ..DEFAULT_DESIGN
};
