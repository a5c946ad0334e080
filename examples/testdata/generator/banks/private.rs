//! New private-sector banks.

use super::super::fonts::Typeface;
use super::super::layout::{Cell, DEFAULT_DESIGN, Design, Line};
use super::super::ledger::Grouping;

pub const DESIGNS: &[&Design] = &[
    &HDFC,
    &AXIS,
    &AXIS_LAST_PAGE,
    &ICICI,
    &KOTAK_OLD,
    &KOTAK,
    &IDFC,
    &YES,
];

const HDFC: Design = Design {
    path: "banks/hdfc.pdf",
    note: "labelled RTGS/NEFT IFSC, registered office in the footer, account-open date",
    bank: Some("hdfc"),
    ifsc_prefix: "HDFC",
    ifsc: Some("HDFC0003917"),
    account: Some("50100418273645"),
    holder: "MR SURAJ DEVPALLI",
    period: ("2024-04-01", "2024-06-30"),
    header: &[
        Line::Right("Page No .: {page}"),
        Line::Title("HDFC BANK"),
        Line::Row(&[(0, "{holder}"), (290, "Account Branch : LOTUS GARDEN ROAD")]),
        Line::Row(&[
            (0, "FLAT 12 TULIP RESIDENCY"),
            (290, "Address : PLOT 7, LOTUS GARDEN ROAD"),
        ]),
        Line::Row(&[
            (0, "OPP CITY LIBRARY, COLLEGE ROAD"),
            (290, "City : NASHIK 422005"),
        ]),
        Line::Row(&[(0, "NASHIK 422005"), (290, "State : MAHARASHTRA")]),
        Line::Row(&[
            (0, "MAHARASHTRA INDIA"),
            (290, "Phone no. : 1800 0000 0000"),
        ]),
        Line::Row(&[(290, "OD Limit : 0.00     Currency : INR")]),
        Line::Row(&[(0, "JOINT HOLDERS :"), (290, "Cust ID : 118830274")]),
        Line::Row(&[(290, "Account No : {account}   RESIDENT SAVINGS")]),
        Line::Row(&[
            (0, "Nomination : Registered"),
            (290, "A/C Open Date : 14/09/2017"),
        ]),
        Line::Row(&[(290, "Account Status : Regular")]),
        Line::Row(&[(290, "RTGS/NEFT IFSC : {ifsc}   MICR : 422240099")]),
        Line::Row(&[(290, "Branch Code : 3917   Account Type : SAVINGS")]),
        Line::Gap,
        Line::Row(&[
            (0, "From : {from dd/mm/yyyy}"),
            (150, "To : {to dd/mm/yyyy}"),
            (330, "Statement of account"),
        ]),
        Line::Gap,
    ],
    running_header: &[
        Line::Right("Page No .: {page}"),
        Line::Row(&[(0, "{holder}"), (290, "Account No : {account}")]),
        Line::Row(&[
            (0, "From : {from dd/mm/yyyy}"),
            (150, "To : {to dd/mm/yyyy}"),
            (330, "Statement of account"),
        ]),
        Line::Gap,
    ],
    columns: &[
        ("Date", 48, Cell::Date),
        ("Narration", 195, Cell::Narration),
        ("Chq./Ref.No.", 60, Cell::Cheque),
        ("Value Dt", 48, Cell::ValueDate),
        ("Withdrawal Amt.", 58, Cell::Debit),
        ("Deposit Amt.", 56, Cell::Credit),
        ("Closing Balance", 58, Cell::Balance),
    ],
    date_pattern: "dd/mm/yy",
    closing: &[
        Line::Gap,
        Line::Bold("STATEMENT SUMMARY :-"),
        Line::Row(&[
            (0, "Opening Balance"),
            (120, "Debits"),
            (220, "Credits"),
            (320, "Closing Bal"),
        ]),
        Line::Row(&[
            (0, "{opening}"),
            (120, "{debits}"),
            (220, "{credits}"),
            (320, "{closing}"),
        ]),
        Line::Gap,
        Line::Left("This is a computer generated statement and does not require signature."),
    ],
    footer: &[
        Line::Bold("HDFC BANK LIMITED"),
        Line::Left("*Closing balance includes funds earmarked for hold and uncleared funds"),
        Line::Left(
            "Contents of this statement will be considered correct if no error is reported.",
        ),
        Line::Left(
            "Registered Office Address: HDFC Bank House, Senapati Bapat Marg, Mumbai 400013",
        ),
    ],
    rows: 64,
    seed: 101,
    ..DEFAULT_DESIGN
};

const AXIS_COLUMNS: &[(&str, i64, Cell)] = &[
    ("Tran Date", 52, Cell::Date),
    ("Chq No", 44, Cell::Cheque),
    ("Particulars", 205, Cell::Narration),
    ("Debit", 62, Cell::Debit),
    ("Credit", 62, Cell::Credit),
    ("Balance", 66, Cell::Balance),
    ("Init. Br", 32, Cell::Fixed("2719")),
];

const AXIS_LEGEND: &[Line] = &[
    Line::Gap,
    Line::Left("Unless the constituent notifies the bank immediately of any discrepancy found by"),
    Line::Left("him/her in this statement of account, it will be taken that it is correct."),
    Line::Left(
        "REGISTERED OFFICE - AXIS BANK LTD, TRISHUL, Opp. Samartheswar Temple, Ellisbridge,",
    ),
    Line::Left("Ahmedabad 380006"),
    Line::Left("BRANCH ADDRESS - PLOT 41, RING ROAD EXTENSION, INDORE 452010"),
    Line::Centre("++++ End of Statement ++++"),
];

const AXIS: Design = Design {
    path: "banks/axis.pdf",
    note: "named by its mail domain and its wording of the account",
    bank: Some("axis"),
    ifsc_prefix: "UTIB",
    ifsc: Some("UTIB0002719"),
    account: Some("917010048263715"),
    holder: "SMITHA KARNALLI",
    period: ("2024-01-01", "2024-03-31"),
    header: &[
        Line::Row(&[(0, "{holder}")]),
        Line::Row(&[(0, "Joint Holder : -"), (300, "Customer No : 872640193")]),
        Line::Row(&[
            (0, "14 GANDHI CHOWK, NEAR POST OFFICE"),
            (300, "Scheme : SAVINGS - PRIME"),
        ]),
        Line::Row(&[(0, "INDORE - 452010"), (300, "IFSC Code : {ifsc}")]),
        Line::Row(&[(0, "MADHYA PRADESH"), (300, "MICR Code : 452211099")]),
        Line::Row(&[
            (0, "Currency : INR"),
            (300, "Write to us: customer.service@axisbank.com"),
        ]),
        Line::Gap,
        Line::Bold(
            "Statement of Axis Account No :{account} for the period (From : {from dd-mm-yyyy} \
             To : {to dd-mm-yyyy})",
        ),
        Line::Gap,
    ],
    columns: AXIS_COLUMNS,
    date_pattern: "dd-mm-yyyy",
    grouping: Grouping::Plain,
    closing: AXIS_LEGEND,
    rows: 30,
    seed: 102,
    ..DEFAULT_DESIGN
};

const AXIS_LAST_PAGE: Design = Design {
    path: "banks/axis_last_page.pdf",
    note: "the first page names no bank; the registered office is on the last page only",
    ifsc: None,
    account: Some("918020073519284"),
    holder: "RITU BALSARE",
    period: ("2023-10-01", "2024-03-31"),
    header: &[
        Line::Row(&[(0, "{holder}"), (300, "Customer No : 845102267")]),
        Line::Row(&[(0, "9 RIVER VIEW APARTMENTS"), (300, "Scheme : SAVINGS")]),
        Line::Row(&[(0, "UJJAIN - 456001"), (300, "Currency : INR")]),
        Line::Gap,
        Line::Bold(
            "Statement of Account No :{account} for the period (From : {from dd-mm-yyyy} \
             To : {to dd-mm-yyyy})",
        ),
        Line::Gap,
    ],
    rows: 112,
    seed: 103,
    ..AXIS
};

const ICICI: Design = Design {
    path: "banks/icici.pdf",
    note: "net-banking export: DETAILED STATEMENT and the bank's headings, name only at the end",
    bank: Some("icici"),
    ifsc_prefix: "ICIC",
    ifsc: None,
    account: Some("031901527364"),
    holder: "HARSH VADGAMKAR",
    period: ("2024-05-01", "2024-05-31"),
    header: &[
        Line::Title("DETAILED STATEMENT"),
        Line::Gap,
        Line::Row(&[
            (0, "Account Number"),
            (150, "{account} ( INR )  - {holder}"),
        ]),
        Line::Row(&[
            (0, "Transaction Date From"),
            (150, "{from dd/mm/yyyy}   to {to dd/mm/yyyy}"),
        ]),
        Line::Row(&[
            (0, "Transaction Period"),
            (150, "From {from dd/mm/yyyy} To {to dd/mm/yyyy}"),
        ]),
        Line::Row(&[(0, "Advanced Search"), (150, "Amount from : NA   to : NA")]),
        Line::Row(&[(0, "Cheque number from"), (150, "NA   to : NA")]),
        Line::Gap,
        Line::Bold("Transactions List - {holder} - {account}"),
        Line::Gap,
    ],
    columns: &[
        ("S No.", 26, Cell::Serial),
        ("Value Date", 50, Cell::ValueDate),
        ("Transaction\nDate", 50, Cell::Date),
        ("Cheque\nNumber", 44, Cell::Cheque),
        ("Transaction Remarks", 172, Cell::Narration),
        ("Withdrawal\nAmount (INR )", 60, Cell::Debit),
        ("Deposit Amount\n(INR )", 60, Cell::Credit),
        ("Balance (INR )", 61, Cell::Balance),
    ],
    date_pattern: "dd/mm/yyyy",
    closing: &[
        Line::Gap,
        Line::Bold("Legends Used in Account Statement"),
        Line::Left("ATM - Cash withdrawal at ATM   BIL - Internet bill payment   VPS - Debit card"),
        Line::Left("Sincerely, Team ICICI Bank"),
        Line::Left(
            "Regd address: ICICI Bank Tower, Near Chakli Circle, Old Padra Road, Vadodara 390007",
        ),
    ],
    info: &[
        ("Creator", "JasperReports (OpTransactionHistory)"),
        ("Producer", "iText 2.1.7"),
    ],
    rows: 44,
    seed: 104,
    ..DEFAULT_DESIGN
};

const KOTAK_OLD: Design = Design {
    path: "banks/kotak_crn.pdf",
    note: "older form with Cust. Reln. No., period as Period dd-Mon-yy, balances marked Cr",
    bank: Some("kotak"),
    ifsc_prefix: "KKBK",
    ifsc: Some("KKBK0008216"),
    account: Some("7412058369"),
    holder: "NAVEEN HOSKERE",
    period: ("2023-07-01", "2023-09-30"),
    header: &[
        Line::Bold("Kotak Mahindra Bank"),
        Line::Row(&[
            (0, "{holder}"),
            (280, "Period : {from dd-Mon-yy} To {to dd-Mon-yy}"),
        ]),
        Line::Row(&[(0, "NO 88 3RD CROSS"), (280, "Cust.Reln.No : 240917366")]),
        Line::Row(&[(0, "VIDYA NAGAR"), (280, "Account No : {account}")]),
        Line::Row(&[(0, "MYSURU 570011"), (280, "Currency : INR")]),
        Line::Row(&[(0, "KARNATAKA"), (280, "Branch : MYSURU - DEVARAJA ROAD")]),
        Line::Row(&[(280, "Nominee Registered : Y")]),
        Line::Row(&[(280, "IFSC Code : {ifsc}")]),
        Line::Gap,
    ],
    columns: &[
        ("Sl. No.", 34, Cell::Serial),
        ("Date", 56, Cell::Date),
        ("Description", 210, Cell::Narration),
        ("Chq / Ref number", 68, Cell::Cheque),
        ("Amount", 62, Cell::Amount),
        ("Dr / Cr", 30, Cell::Side),
        ("Balance", 63, Cell::BalanceCr),
    ],
    date_pattern: "dd/mm/yyyy",
    closing: &[
        Line::Bold("Statement Summary"),
        Line::Row(&[(0, "Opening Balance"), (120, "{opening} (Cr)")]),
        Line::Row(&[(0, "Closing Balance"), (120, "{closing} (Cr)")]),
        Line::Left("For queries write to us from the contact page of www.kotak.com"),
        Line::Left("Regd office: Kotak Mahindra Bank Ltd., 27 BKC, Bandra (E), Mumbai 400051"),
    ],
    info: &[
        ("Creator", "Kotak Mahindra Bank"),
        ("Producer", "Kotak Mahindra Bank"),
    ],
    rows: 36,
    seed: 105,
    ..DEFAULT_DESIGN
};

const KOTAK: Design = Design {
    path: "banks/kotak.pdf",
    note: "newer form: period under the title without any keyword, embedded CID font",
    bank: Some("kotak"),
    ifsc_prefix: "KKBK",
    ifsc: Some("KKBK0004073"),
    account: Some("5849201736"),
    holder: "Leena Thorvat",
    period: ("2024-04-01", "2024-10-14"),
    header: &[
        Line::Title("Account Statement"),
        Line::Centre("{from dd Mon yyyy} - {to dd Mon yyyy}"),
        Line::Gap,
        Line::Row(&[(0, "{holder}"), (280, "Account # {account} SAVINGS")]),
        Line::Row(&[(0, "CRN xxxxxx512"), (280, "Branch  Kothrud, Pune")]),
        Line::Row(&[
            (0, "Pune 411038"),
            (280, "IFSC Code {ifsc}   MICR 411485099"),
        ]),
        Line::Gap,
        Line::Bold("Savings Account Transactions"),
    ],
    columns: &[
        ("#", 24, Cell::Serial),
        ("Date", 62, Cell::Date),
        ("Description", 205, Cell::Narration),
        ("Chq/Ref. No.", 64, Cell::Cheque),
        ("Withdrawal", 56, Cell::Debit),
        ("Deposit", 56, Cell::Credit),
        ("Balance", 56, Cell::Balance),
    ],
    date_pattern: "dd Mon yyyy",
    closing: &[
        Line::Gap,
        Line::Centre("End of Statement"),
        Line::Left("Any discrepancy should be brought to the notice of Kotak Mahindra Bank Ltd."),
        Line::Left("Visit www.kotak.com"),
    ],
    footer: &[Line::Row(&[
        (0, "Statement Generated on {next dd Mon yyyy}"),
        (440, "Page {page} of {pages}"),
    ])],
    typeface: Typeface::Embedded,
    rows: 40,
    seed: 106,
    ..DEFAULT_DESIGN
};

const IDFC: Design = Design {
    path: "banks/idfc.pdf",
    note: "ISO dates in STATEMENT PERIOD, communication block, totals before the table",
    bank: Some("idfc"),
    ifsc_prefix: "IDFB",
    ifsc: Some("IDFB0040917"),
    account: Some("10074829163"),
    holder: "GAURI SHENVEKAR",
    period: ("2024-02-01", "2024-04-30"),
    header: &[
        Line::Title("STATEMENT OF ACCOUNT"),
        Line::Row(&[
            (0, "CUSTOMER ID : 3018274459"),
            (
                280,
                "STATEMENT PERIOD : {from yyyy-mm-dd} TO {to yyyy-mm-dd}",
            ),
        ]),
        Line::Row(&[
            (0, "ACCOUNT NO : {account}"),
            (280, "ACCOUNT BRANCH : PANAJI BRANCH"),
        ]),
        Line::Row(&[
            (0, "CUSTOMER NAME : {holder}"),
            (280, "BRANCH ADDRESS : 3 CHURCH SQUARE, PANAJI"),
        ]),
        Line::Row(&[
            (0, "COMMUNICATION ADDRESS : 22 ALTINHO"),
            (280, "IFSC : {ifsc}"),
        ]),
        Line::Row(&[(0, "PANAJI 403001 GOA"), (280, "MICR : 403751099")]),
        Line::Row(&[
            (0, "EMAIL ID : g.shenvekar@example.org"),
            (280, "ACCOUNT TYPE : SAVINGS"),
        ]),
        Line::Gap,
        Line::Row(&[
            (0, "Opening Balance"),
            (130, "Total Debit"),
            (260, "Total Credit"),
            (390, "Closing Balance"),
        ]),
        Line::Row(&[
            (0, "{opening}"),
            (130, "{debits}"),
            (260, "{credits}"),
            (390, "{closing}"),
        ]),
        Line::Gap,
    ],
    columns: &[
        ("Transaction\nDate", 60, Cell::Date),
        ("Value Date", 60, Cell::ValueDate),
        ("Particulars", 180, Cell::Narration),
        ("Cheque\nNo", 44, Cell::Cheque),
        ("Debit", 58, Cell::Debit),
        ("Credit", 58, Cell::Credit),
        ("Balance", 63, Cell::Balance),
    ],
    date_pattern: "dd-Mon-yyyy",
    footer: &[
        Line::Left(
            "REGISTERED OFFICE: IDFC FIRST Bank Limited, KRM Tower, Chetpet, Chennai 600031",
        ),
        Line::Row(&[
            (0, "banker@idfcfirstbank.com"),
            (440, "Page {page} of {pages}"),
        ]),
    ],
    rows: 42,
    seed: 107,
    ..DEFAULT_DESIGN
};

const YES: Design = Design {
    path: "banks/yesbnk.pdf",
    note: "the period follows the misleading label Statement Type",
    bank: Some("yesbnk"),
    ifsc_prefix: "YESB",
    ifsc: Some("YESB0000738"),
    account: Some("073891700026418"),
    holder: "ADITI RANPURA",
    period: ("2024-06-01", "2024-07-31"),
    header: &[
        Line::Bold("Statement of account: {account}"),
        Line::Row(&[
            (0, "Primary Holder : {holder}"),
            (280, "Account Variant : SAVINGS VALUE"),
        ]),
        Line::Row(&[(0, "B-5 MANGALDAS SOCIETY"), (280, "IFSC Code : {ifsc}")]),
        Line::Row(&[(0, "RAJKOT 360001 GUJARAT"), (280, "MICR Code : 360532099")]),
        Line::Row(&[
            (0, "Nominee Details : Registered"),
            (280, "Joint Holder : None"),
        ]),
        Line::Row(&[
            (0, "Statement Type : {from dd Mon yyyy} - {to dd Mon yyyy}"),
            (280, "Currency : INR"),
        ]),
        Line::Gap,
    ],
    columns: &[
        ("Transaction\nDate", 58, Cell::Date),
        ("Value Date", 58, Cell::ValueDate),
        ("Description", 190, Cell::Narration),
        ("Reference\nNumber", 48, Cell::Cheque),
        ("Withdrawals", 54, Cell::Debit),
        ("Deposits", 54, Cell::Credit),
        ("Running Balance", 61, Cell::Balance),
    ],
    date_pattern: "dd Mon yyyy",
    newest_first: true,
    closing: &[
        Line::Gap,
        Line::Left(
            "Opening Balance {opening}   Total Withdrawals {debits}   Total Deposits {credits}",
        ),
        Line::Left(
            "Registered Office: YES BANK Limited, YES BANK House, Santacruz (East), Mumbai 400055",
        ),
        Line::Left("Email us at yestouch@yesbank.in"),
    ],
    rows: 58,
    seed: 109,
    ..DEFAULT_DESIGN
};
