//! Co-operative and regional rural banks, which use codes, hosts and names of other banks.

use super::super::fonts::Typeface;
use super::super::layout::{Cell, DEFAULT_DESIGN, Design, Line};

pub const DESIGNS: &[&Design] = &[&COSMOS, &SUB_MEMBER, &RURAL, &UNLISTED];

const LEDGER_COLUMNS: &[(&str, i64, Cell)] = &[
    ("Date", 58, Cell::Date),
    ("Particulars", 225, Cell::Narration),
    ("Inst. No", 50, Cell::Cheque),
    ("Debit", 60, Cell::Debit),
    ("Credit", 60, Cell::Credit),
    ("Balance", 70, Cell::BalanceCr),
];

const COSMOS: Design = Design {
    path: "banks/cosmos.pdf",
    note: "minus signs (U+2212) for hyphens in the name and in all dates",
    bank: Some("cosmos"),
    ifsc_prefix: "COSB",
    ifsc: Some("COSB0000916"),
    account: Some("09160501034827"),
    holder: "MANDAR PENDSEKAR",
    period: ("2024-04-01", "2024-05-31"),
    header: &[
        Line::Title("THE COSMOS CO\u{2212}OPERATIVE BANK LTD."),
        Line::Row(&[(0, "Branch : SADASHIV PETH"), (280, "IFSC Code : {ifsc}")]),
        Line::Row(&[(0, "Name : {holder}"), (280, "Account No : {account}")]),
        Line::Row(&[
            (0, "11 TILAK LANE, PUNE 411030"),
            (280, "Type : SAVING DEPOSIT"),
        ]),
        Line::Gap,
        Line::Left(
            "Statement of Account for the period {from dd\u{2212}MON\u{2212}yyyy} to \
             {to dd\u{2212}MON\u{2212}yyyy}",
        ),
        Line::Gap,
    ],
    columns: LEDGER_COLUMNS,
    date_pattern: "dd\u{2212}mm\u{2212}yyyy",
    typeface: Typeface::Embedded,
    rows: 26,
    seed: 301,
    ..DEFAULT_DESIGN
};

const SUB_MEMBER: Design = Design {
    path: "banks/sub_member.pdf",
    note: "a co-operative bank whose IFSC is in the range of its sponsor",
    bank: Some("ahmedabad_merchent"),
    ifsc_prefix: "HDFC",
    ifsc: Some("HDFC0CMBANK"),
    account: Some("002110300004826"),
    holder: "SANJAY BORUDKAR",
    period: ("2024-01-01", "2024-03-31"),
    header: &[
        Line::Title("AHMEDNAGAR MERCHANT'S CO-OP BANK LTD."),
        Line::Centre("Head Office, Market Yard Road, Ahmednagar 414001"),
        Line::Gap,
        Line::Row(&[(0, "Branch : MARKET YARD"), (280, "IFSC Code : {ifsc}")]),
        Line::Row(&[(0, "Name : {holder}"), (280, "A/c No : {account}")]),
        Line::Row(&[
            (0, "7 DAL MANDAI, AHMEDNAGAR 414001"),
            (280, "A/c Type : SAVINGS"),
        ]),
        Line::Left("STATEMENT OF ACCOUNT FOR THE PERIOD OF {from dd/mm/yyyy} TO {to dd/mm/yyyy}"),
        Line::Gap,
    ],
    columns: LEDGER_COLUMNS,
    rows: 24,
    seed: 302,
    ..DEFAULT_DESIGN
};

const RURAL: Design = Design {
    path: "banks/shgbnk.pdf",
    note: "a regional rural bank that is named only by a host in its sponsor's domain",
    bank: Some("shgbnk"),
    ifsc_prefix: "PUNB",
    ifsc: None,
    account: Some("82910100046735"),
    holder: "RAMKALA DAHIYAN",
    period: ("2024-05-01", "2024-06-30"),
    header: &[
        Line::Left("Account Statement"),
        Line::Row(&[(0, "Account Number"), (130, "{account}")]),
        Line::Row(&[(0, "Account Holder"), (130, "{holder}")]),
        Line::Row(&[(0, "Account Type"), (130, "Savings Account")]),
        Line::Row(&[(0, "Currency"), (130, "INR")]),
        Line::Row(&[(
            0,
            "Transactions Between {from dd-mm-yyyy} and {to dd-mm-yyyy}",
        )]),
        Line::Gap,
    ],
    columns: &[
        ("Txn Date", 58, Cell::Date),
        ("Description", 235, Cell::Narration),
        ("Cheque No.", 50, Cell::Cheque),
        ("Withdrawal", 58, Cell::Debit),
        ("Deposit", 58, Cell::Credit),
        ("Balance", 64, Cell::Balance),
    ],
    date_pattern: "dd-mm-yyyy",
    footer: &[Line::Row(&[
        (
            0,
            "https://shgb-netbanking.pnb.in/corp/AuthenticationController?bwayparam=statement",
        ),
        (470, "{page}/{pages}"),
    ])],
    info: &[("Producer", "Skia/PDF m122")],
    rows: 30,
    seed: 303,
    ..DEFAULT_DESIGN
};

const UNLISTED: Design = Design {
    path: "banks/unlisted.pdf",
    note: "an issuer without an identifier; reporting a similar bank would be wrong",
    bank: None,
    ifsc_prefix: "DURG",
    ifsc: None,
    account: Some("606008143927"),
    holder: "DHANESH VERMAKAR",
    period: ("2024-04-01", "2024-06-30"),
    header: &[
        Line::Title("KOSHALPUR ZILA SAHAKARI GRAMODAYA BANK MYDT."),
        Line::Centre("Branch : BUS STAND ROAD, KOSHALPUR"),
        Line::Gap,
        Line::Row(&[(0, "Account No : {account}"), (280, "Name : {holder}")]),
        Line::Row(&[
            (0, "Address : WARD 6, KOSHALPUR"),
            (280, "Scheme : SAVING BANK"),
        ]),
        Line::Left("STATEMENT OF ACCOUNT FOR THE PERIOD FROM {from dd/mm/yyyy} TO {to dd/mm/yyyy}"),
        Line::Gap,
    ],
    columns: LEDGER_COLUMNS,
    rows: 22,
    seed: 304,
    ..DEFAULT_DESIGN
};
