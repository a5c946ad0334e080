//! Old private-sector banks, a foreign bank and a payments bank.

use super::super::fonts::Typeface;
use super::super::layout::{Cell, DEFAULT_DESIGN, Design, Line};
use super::super::ledger::Grouping;

pub const DESIGNS: &[&Design] = &[&FEDERAL, &KARUR, &KARNATAKA, &DBS, &PAYTM];

const FEDERAL: Design = Design {
    path: "banks/federal.pdf",
    note: "Sol Id, Tran Type column and Dr/Cr after the balance; corporate office in the footer",
    bank: Some("federal"),
    ifsc_prefix: "FDRL",
    ifsc: Some("FDRL0001846"),
    account: Some("18460100072935"),
    holder: "JISHA MANJALIL",
    period: ("2024-03-01", "2024-05-31"),
    header: &[
        Line::Row(&[(0, "Name and Address"), (280, "Branch Name : THODUVAYAL")]),
        Line::Row(&[(0, "{holder}"), (280, "Branch Sol ID : 1846")]),
        Line::Row(&[
            (0, "MANJALIL HOUSE, CHURCH JUNCTION"),
            (280, "IFSC : {ifsc}"),
        ]),
        Line::Row(&[
            (0, "KOTHAMANGALAM 686691, KERALA"),
            (280, "MICR Code : 683049099"),
        ]),
        Line::Row(&[
            (0, "Customer Id : 77120486"),
            (280, "Account Number : {account}"),
        ]),
        Line::Row(&[(280, "Type of Account : SAVINGS")]),
        Line::Gap,
        Line::Bold("Statement of Account for the period {from dd-MON-yyyy} to {to dd-MON-yyyy}"),
        Line::Gap,
    ],
    columns: &[
        ("Date", 56, Cell::Date),
        ("Value Date", 56, Cell::ValueDate),
        ("Particulars", 160, Cell::Narration),
        ("Tran\nType", 30, Cell::Kind),
        ("Cheque\nDetails", 40, Cell::Cheque),
        ("Withdrawals", 54, Cell::Debit),
        ("Deposits", 54, Cell::Credit),
        ("Balance", 56, Cell::Balance),
        ("Dr/Cr", 17, Cell::Fixed("Cr")),
    ],
    date_pattern: "dd-MON-yyyy",
    footer: &[
        Line::Left(
            "Corporate Office : The Federal Bank Ltd., Federal Towers, Aluva, Kerala 683101",
        ),
        Line::Row(&[
            (0, "contact@federalbank.co.in   www.federalbank.co.in"),
            (440, "Page {page} of {pages}"),
        ]),
    ],
    rows: 38,
    seed: 108,
    ..DEFAULT_DESIGN
};

const KARUR: Design = Design {
    path: "banks/karur_old.pdf",
    note: "From Date and To Date far apart on separate lines, after Specify Period",
    bank: Some("karur"),
    ifsc_prefix: "KVBL",
    ifsc: Some("KVBL0001682"),
    account: Some("1682155000047391"),
    holder: "MURUGESH PALANIYUR",
    period: ("2023-04-01", "2023-06-30"),
    header: &[
        Line::Bold("THE KARUR VYSYA BANK LTD"),
        Line::Left("Account Statement"),
        Line::Gap,
        Line::Row(&[(0, "Account Number"), (160, "{account}")]),
        Line::Row(&[(0, "Name"), (160, "{holder}")]),
        Line::Row(&[(0, "IFSC Code"), (160, "{ifsc}")]),
        Line::Row(&[(0, "Searched by"), (160, "Specify Period")]),
        Line::Row(&[(0, "From Date"), (340, "{from dd/mm/yyyy}")]),
        Line::Row(&[(0, "Transaction Type"), (160, "Both")]),
        Line::Row(&[(0, "To Date"), (340, "{to dd/mm/yyyy}")]),
        Line::Gap,
    ],
    columns: &[
        ("Transaction Date", 70, Cell::Date),
        ("Branch", 40, Cell::Fixed("1682")),
        ("Cheque No.", 50, Cell::Cheque),
        ("Description", 180, Cell::Narration),
        ("Debit", 58, Cell::Debit),
        ("Credit", 58, Cell::Credit),
        ("Balance", 67, Cell::Balance),
    ],
    date_pattern: "dd-mm-yyyy",
    typeface: Typeface::Courier,
    rows: 22,
    seed: 110,
    ..DEFAULT_DESIGN
};

const KARNATAKA: Design = Design {
    path: "banks/karnataka.pdf",
    note: "the name is letter-spaced, the IFSC is below its column heading",
    bank: Some("karnataka"),
    ifsc_prefix: "KARB",
    ifsc: Some("KARB0000527"),
    account: Some("5272500100483601"),
    holder: "SHRIDHAR UDYAVARA",
    period: ("2024-01-01", "2024-02-29"),
    header: &[
        Line::Title("T H E  K A R N A T A K A  B A N K  L T D ."),
        Line::Centre("(A Scheduled Bank)"),
        Line::Row(&[
            (0, "Branch"),
            (140, "Account No"),
            (280, "IFSC Code"),
            (400, "MICR"),
        ]),
        Line::Row(&[
            (0, "KUNDAPURA ROAD"),
            (140, "{account}"),
            (280, "{ifsc}"),
            (400, "576052099"),
        ]),
        Line::Gap,
        Line::Row(&[(0, "Name : {holder}")]),
        Line::Row(&[(0, "Address : 4-91 TEMPLE STREET, UDUPI 576101")]),
        Line::Left("Statement of Account from {from dd-mm-yyyy} to {to dd-mm-yyyy}"),
        Line::Gap,
    ],
    columns: &[
        ("Date", 58, Cell::Date),
        ("Particulars", 225, Cell::Narration),
        ("Chq.No.", 50, Cell::Cheque),
        ("Withdrawal", 60, Cell::Debit),
        ("Deposit", 60, Cell::Credit),
        ("Balance", 70, Cell::BalanceCr),
    ],
    date_pattern: "dd-mm-yyyy",
    rows: 34,
    seed: 111,
    ..DEFAULT_DESIGN
};

const DBS: Design = Design {
    path: "banks/dbsbnk.pdf",
    note: "date range in words, western digit grouping, registered office in the footer",
    bank: Some("dbsbnk"),
    ifsc_prefix: "DBSS",
    ifsc: Some("DBSS0IN0917"),
    account: Some("8810210046173"),
    holder: "Kavya Ilamparai",
    period: ("2024-08-01", "2024-08-31"),
    header: &[
        Line::Title("Account Statement"),
        Line::Row(&[(0, "{holder}"), (300, "Account Number {account}")]),
        Line::Row(&[(0, "6 South Tank Street"), (300, "IFSC {ifsc}")]),
        Line::Row(&[(0, "Madurai 625001"), (300, "Currency INR")]),
        Line::Left("Period: {from d Month yyyy} to {to d Month yyyy}"),
        Line::Gap,
    ],
    columns: &[
        ("Date", 62, Cell::Date),
        ("Details of transaction", 260, Cell::Narration),
        ("Debit", 62, Cell::Debit),
        ("Credit", 62, Cell::Credit),
        ("Balance", 77, Cell::Balance),
    ],
    date_pattern: "dd-Mon-yyyy",
    grouping: Grouping::Western,
    footer: &[
        Line::Left("DBS Bank India Limited, Registered Office: Express Towers, Mumbai 400021"),
        Line::Row(&[
            (0, "customercareindia@dbs.com"),
            (440, "Page {page} of {pages}"),
        ]),
    ],
    heading_background: Some([225, 225, 228]),
    rows: 26,
    seed: 112,
    ..DEFAULT_DESIGN
};

const PAYTM: Design = Design {
    path: "banks/paytm.pdf",
    note: "payments bank: wallet-like wording, full month names in the period",
    bank: Some("paytm"),
    ifsc_prefix: "PYTM",
    ifsc: Some("PYTM0123456"),
    account: Some("919900000417"),
    holder: "Rohan Meshkar",
    period: ("2023-11-01", "2023-11-30"),
    header: &[
        Line::Title("Paytm Payments Bank"),
        Line::Row(&[(0, "{holder}"), (300, "Account Number : {account}")]),
        Line::Row(&[(0, "Amravati 444601"), (300, "IFSC Code : {ifsc}")]),
        Line::Gap,
        Line::Bold("Account statement for: {from d Month yyyy} to {to d Month yyyy}"),
        Line::Left("Opening Balance Rs.{opening}     Closing Balance Rs.{closing}"),
        Line::Gap,
    ],
    columns: &[
        ("Date & Time", 70, Cell::Date),
        ("Transaction Details", 250, Cell::Narration),
        ("Debit", 62, Cell::Debit),
        ("Credit", 62, Cell::Credit),
        ("Available Balance", 79, Cell::Balance),
    ],
    date_pattern: "dd Mon yyyy",
    footer: &[Line::Left(
        "Paytm Payments Bank Limited, Registered Office: 1 Nehru Place, New Delhi 110019",
    )],
    heading_background: Some([214, 236, 250]),
    rows: 24,
    seed: 113,
    ..DEFAULT_DESIGN
};
