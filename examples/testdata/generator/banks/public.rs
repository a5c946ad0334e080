//! Public-sector banks.

use super::super::fonts::Typeface;
use super::super::layout::{Cell, DEFAULT_DESIGN, Design, Line};

pub const DESIGNS: &[&Design] = &[&SBI, &PNB, &BOI, &CANARA, &BARODA, &UCO];

const SBI: Design = Design {
    path: "banks/sbi.pdf",
    note: "IFS Code spelled without IFSC, MOD balance, no bank name in the header lines",
    bank: Some("sbi"),
    ifsc_prefix: "SBIN",
    ifsc: Some("SBIN0017342"),
    account: Some("00000041973620518"),
    holder: "Mr. OMKAR JADHAVARE",
    period: ("2024-04-01", "2024-09-30"),
    header: &[
        Line::Row(&[(0, "Account Name"), (120, ": {holder}")]),
        Line::Row(&[(0, "Address"), (120, ": HOUSE 31 WARD 4 SHIVAJI PETH")]),
        Line::Row(&[(120, "  KOLHAPUR-416012")]),
        Line::Row(&[(0, "Date"), (120, ": {next d Mon yyyy}")]),
        Line::Row(&[(0, "Account Number"), (120, ": {account}")]),
        Line::Row(&[
            (0, "Account Description"),
            (120, ": REGULAR SB CHQ-INDIVIDUALS"),
        ]),
        Line::Row(&[(0, "Branch"), (120, ": RANKALA TANK ROAD")]),
        Line::Row(&[(0, "Drawing Power"), (120, ": 0.00")]),
        Line::Row(&[(0, "Interest Rate(% p.a.)"), (120, ": 2.7")]),
        Line::Row(&[(0, "MOD Balance"), (120, ": 0.00")]),
        Line::Row(&[(0, "CIF No."), (120, ": 90517384622")]),
        Line::Row(&[(0, "IFS Code"), (120, ": {ifsc}")]),
        Line::Row(&[(0, "(Indian Financial System)")]),
        Line::Row(&[(0, "MICR Code"), (120, ": 416002099")]),
        Line::Row(&[(0, "Nomination Registered"), (120, ": Yes")]),
        Line::Row(&[(0, "Balance as on {from d Mon yyyy}"), (120, ": {opening}")]),
        Line::Gap,
        Line::Bold("Account Statement from {from d Mon yyyy} to {to d Mon yyyy}"),
        Line::Gap,
    ],
    columns: &[
        ("Txn Date", 58, Cell::Date),
        ("Value\nDate", 58, Cell::ValueDate),
        ("Description", 160, Cell::Narration),
        ("Ref No./Cheque\nNo.", 66, Cell::Cheque),
        ("Debit", 58, Cell::Debit),
        ("Credit", 58, Cell::Credit),
        ("Balance", 65, Cell::Balance),
    ],
    date_pattern: "d Mon yyyy",
    closing: &[
        Line::Left(
            "Please do not share your ATM, Debit/Credit card number, PIN and OTP with anyone.",
        ),
        Line::Left("**This is a computer generated statement and does not require a signature"),
    ],
    info: &[("Producer", "iText 2.1.7 by 1T3XT")],
    rows: 70,
    seed: 201,
    ..DEFAULT_DESIGN
};

const PNB: Design = Design {
    path: "banks/pnbbnk.pdf",
    note: "Branch Details and Customer Details blocks, year-first dates in Statement For",
    bank: Some("pnbbnk"),
    ifsc_prefix: "PUNB",
    ifsc: Some("PUNB0294600"),
    account: Some("2946000100381745"),
    holder: "KULJIT BARWALA",
    period: ("2024-01-01", "2024-03-31"),
    header: &[
        Line::Bold("Account Statement for the Account: {account}"),
        Line::Gap,
        Line::Bold("Branch Details:"),
        Line::Row(&[(0, "Branch Name:"), (110, "MODEL TOWN, AMBALA")]),
        Line::Row(&[
            (0, "Bank Address:"),
            (110, "SCO 19, MODEL TOWN, AMBALA 134003"),
        ]),
        Line::Row(&[(0, "IFSC Code:"), (110, "{ifsc}")]),
        Line::Row(&[(0, "MICR Code:"), (110, "134024099")]),
        Line::Bold("Customer Details:"),
        Line::Row(&[(0, "Name:"), (110, "{holder}")]),
        Line::Row(&[(0, "Address:"), (110, "217 PREM NAGAR, AMBALA 134003")]),
        Line::Row(&[(0, "Nominee:"), (110, "Registered")]),
        Line::Gap,
        Line::Bold("Statement For: {from yyyy/mm/dd} to {to yyyy/mm/dd}"),
        Line::Gap,
    ],
    columns: &[
        ("Transaction\nDate", 60, Cell::Date),
        ("Cheque\nNumber", 50, Cell::Cheque),
        ("Withdrawal", 62, Cell::Debit),
        ("Deposit", 62, Cell::Credit),
        ("Balance", 74, Cell::BalanceCr),
        ("Narration", 215, Cell::Narration),
    ],
    date_pattern: "dd/mm/yyyy",
    newest_first: true,
    info: &[
        ("Creator", "Punjab National Bank"),
        ("Author", "Punjab National Bank"),
    ],
    rows: 36,
    seed: 202,
    ..DEFAULT_DESIGN
};

const BOI: Design = Design {
    path: "banks/boi_mpassbook.pdf",
    note: "mPassbook wording; the text never names the bank",
    bank: Some("boi"),
    ifsc_prefix: "BKID",
    ifsc: None,
    account: Some("134510110006827"),
    holder: "SAROJ MOHANTARA",
    period: ("2024-02-01", "2024-02-29"),
    header: &[
        Line::Left("ACCOUNT NO : {account}"),
        Line::Left("NAME : {holder}"),
        Line::Left("ACCOUNT TYPE : SAVINGS BANK"),
        Line::Gap,
        Line::Left(
            "THE MPASSBOOK STATEMENT IS GENERATED FOR SELECTED DATE RANGE BETWEEN \
             {from dd-mm-yyyy} TO {to dd-mm-yyyy}",
        ),
        Line::Gap,
    ],
    columns: &[
        ("DATE", 62, Cell::Date),
        ("PARTICULARS", 220, Cell::Narration),
        ("CHQ NO", 50, Cell::Cheque),
        ("DEBIT", 60, Cell::Debit),
        ("CREDIT", 60, Cell::Credit),
        ("BALANCE", 71, Cell::Balance),
    ],
    date_pattern: "dd-mm-yyyy",
    info: &[("Creator", "BOI")],
    rows: 18,
    seed: 203,
    ..DEFAULT_DESIGN
};

const CANARA: Design = Design {
    path: "banks/canara.pdf",
    note: "period after Between, wrapped to the next line",
    bank: Some("canara"),
    ifsc_prefix: "CNRB",
    ifsc: Some("CNRB0014726"),
    account: Some("110087342951"),
    holder: "VENKATESH HIREMATHI",
    period: ("2024-07-01", "2024-08-31"),
    header: &[
        Line::Title("Canara Bank"),
        Line::Row(&[
            (0, "Customer Id"),
            (110, "318840275"),
            (280, "Branch Name"),
            (370, "HUBBALLI KESHWAPUR"),
        ]),
        Line::Row(&[
            (0, "Name"),
            (110, "{holder}"),
            (280, "Branch Code"),
            (370, "14726"),
        ]),
        Line::Row(&[
            (0, "Address"),
            (110, "PLOT 60 VINAY COLONY"),
            (280, "IFSC Code"),
            (370, "{ifsc}"),
        ]),
        Line::Row(&[
            (110, "HUBBALLI 580023"),
            (280, "MICR Code"),
            (370, "580015099"),
        ]),
        Line::Gap,
        Line::Row(&[(
            0,
            "Statement for A/c {account} Between {from dd-mm-yyyy} and",
        )]),
        Line::Row(&[(0, "{to dd-mm-yyyy}")]),
        Line::Row(&[(0, "Opening Balance"), (110, "Rs. {opening}")]),
        Line::Row(&[(0, "Closing Balance"), (110, "Rs. {closing}")]),
        Line::Gap,
    ],
    columns: &[
        ("Date", 58, Cell::Date),
        ("Particulars", 250, Cell::Narration),
        ("Deposits", 65, Cell::Credit),
        ("Withdrawals", 65, Cell::Debit),
        ("Balance", 85, Cell::Balance),
    ],
    date_pattern: "dd-mm-yyyy",
    footer: &[Line::Row(&[
        (0, "Disclaimer: kindly report any error within 15 days"),
        (440, "page {page}"),
    ])],
    rows: 44,
    seed: 204,
    ..DEFAULT_DESIGN
};

const BARODA: Design = Design {
    path: "banks/baroda.pdf",
    note: "as-on date directly before the period, on one line with it; month names first",
    bank: Some("baroda"),
    ifsc_prefix: "BARB",
    ifsc: Some("BARB0VALSAD"),
    account: Some("28470100019356"),
    holder: "HETAL CHOVATKAR",
    period: ("2024-03-01", "2024-05-31"),
    header: &[
        Line::Title("Bank of Baroda"),
        Line::Row(&[
            (0, "Branch Name : VALSAD MAIN"),
            (300, "Customer Id : 094417723"),
        ]),
        Line::Row(&[(0, "IFSC Code : {ifsc}"), (300, "MICR Code : 396012099")]),
        Line::Row(&[(0, "{holder}"), (300, "Account No : {account}")]),
        Line::Row(&[
            (0, "3 TITHAL ROAD, VALSAD 396001"),
            (300, "Scheme : SAVINGS"),
        ]),
        Line::Gap,
        Line::Left(
            "Your Account Statement as on {next dd/mm/yyyy} Statement Period from \
             {from Mon dd, yyyy} to {to Mon dd, yyyy}",
        ),
        Line::Gap,
    ],
    columns: &[
        ("S.No", 26, Cell::Serial),
        ("Date", 54, Cell::Date),
        ("Description", 200, Cell::Narration),
        ("Cheque No", 50, Cell::Cheque),
        ("Debit", 60, Cell::Debit),
        ("Credit", 60, Cell::Credit),
        ("Balance", 73, Cell::BalanceCr),
    ],
    date_pattern: "dd-mm-yyyy",
    footer: &[Line::Row(&[
        (0, "This is a computer-generated statement"),
        (440, "Page {page} of {pages}"),
    ])],
    heading_background: Some([245, 225, 210]),
    rows: 46,
    seed: 205,
    ..DEFAULT_DESIGN
};

const UCO: Design = Design {
    path: "banks/uco.pdf",
    note: "upper-case period line of a core banking print in Courier",
    bank: Some("uco"),
    ifsc_prefix: "UCBA",
    ifsc: Some("UCBA0002983"),
    account: Some("29830110047162"),
    holder: "TARUN BHATTACHERI",
    period: ("2023-12-01", "2024-02-29"),
    header: &[
        Line::Left("UCO BANK"),
        Line::Left("BRANCH : BALLYGUNGE PLACE         SOL : 2983"),
        Line::Left("IFSC : {ifsc}           MICR : 700028099"),
        Line::Gap,
        Line::Left("NAME    : {holder}"),
        Line::Left("ADDRESS : 8 LAKE ROW, KOLKATA 700029"),
        Line::Left("A/C NO  : {account}   SAVINGS"),
        Line::Gap,
        Line::Left("STATEMENT OF ACCOUNT FOR THE PERIOD FROM {from dd-mm-yyyy} TO {to dd-mm-yyyy}"),
        Line::Gap,
    ],
    columns: &[
        ("DATE", 58, Cell::Date),
        ("PARTICULARS", 215, Cell::Narration),
        ("CHQ.NO.", 46, Cell::Cheque),
        ("WITHDRAWALS", 62, Cell::Debit),
        ("DEPOSITS", 62, Cell::Credit),
        ("BALANCE", 80, Cell::BalanceCr),
    ],
    date_pattern: "dd-mm-yyyy",
    closing: &[Line::Centre("*** END OF STATEMENT ***")],
    typeface: Typeface::Courier,
    rows: 28,
    seed: 206,
    ..DEFAULT_DESIGN
};
