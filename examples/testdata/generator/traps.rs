//! Statements that a careless reader takes for another bank's, or for another period's.

use super::Case;
use super::layout::{Cell, Design, Line, PLAIN};
use super::statement::statement;

const COLUMNS: &[(&str, i64, Cell)] = &[
    ("Date", 58, Cell::Day),
    ("Particulars", 220, Cell::Narration),
    ("Chq No", 46, Cell::Cheque),
    ("Withdrawals", 62, Cell::Debit),
    ("Deposits", 62, Cell::Credit),
    ("Balance", 75, Cell::BalanceCr),
];

const TRAPS: &[Design] = &[
    INSIDE_NAME,
    RURAL_NAME,
    HOLDER_ADDRESS,
    OUTNUMBERED,
    INSURER_IN_HEADER,
    SPLIT_PERIOD,
    SHORT_YEARS,
    OPEN_DATE,
    DISTANT_IFSC,
    ORDINAL_DAYS,
    CO_BRANDED_CARD,
    SPONSORED,
];

/// One case for each trap.
pub fn cases() -> Vec<Case> {
    TRAPS
        .iter()
        .map(|design| statement(design).case())
        .collect()
}

const INSIDE_NAME: Design = Design {
    path: "traps/name_inside_name.pdf",
    note: "the header name contains that of another bank (bank of india)",
    bank: Some("central"),
    code: "CBIN",
    account: Some("3628150947"),
    holder: "PRAMILA GOVINDARKAR",
    head: &[
        Line::Title("CENTRAL BANK OF INDIA"),
        Line::Row(&[(0, "{holder}"), (300, "Account No : {account}")]),
        Line::Row(&[
            (0, "52 STATION ROAD, AKOLA 444001"),
            (300, "Branch : AKOLA TOWN"),
        ]),
        Line::Left("Statement From {from dd/mm/yyyy} to {to dd/mm/yyyy}   Page No. {page}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    rows: 26,
    seed: 401,
    ..PLAIN
};

const RURAL_NAME: Design = Design {
    path: "traps/sponsor_in_name.pdf",
    note: "a regional rural bank that carries its sponsor's name and has no IFSC printed",
    bank: Some("baroda_rajasthan"),
    code: "BARB",
    account: Some("29470100008163"),
    holder: "BHANWARI SISODARA",
    head: &[
        Line::Title("BARODA RAJASTHAN KSHETRIYA GRAMIN BANK"),
        Line::Centre("Branch : NAGAUR GATE"),
        Line::Row(&[(0, "{holder}"), (300, "Account No : {account}")]),
        Line::Left("STATEMENT OF ACCOUNT FOR THE PERIOD OF {from dd-mm-yyyy} TO {to dd-mm-yyyy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    day: "dd-mm-yyyy",
    rows: 26,
    seed: 402,
    ..PLAIN
};

const HOLDER_ADDRESS: Design = Design {
    path: "traps/holder_address.pdf",
    note: "the holder lives beside branches of two other banks",
    bank: Some("sib"),
    code: "SIBL",
    ifsc: Some("SIBL0000841"),
    account: Some("0841053000027164"),
    holder: "REJI KANJIRATHARA",
    head: &[
        Line::Bold("THE SOUTH INDIAN BANK LTD"),
        Line::Row(&[(0, "{holder}"), (300, "Account No : {account}")]),
        Line::Row(&[(0, "FLAT 3C, ABOVE ICICI BANK ATM"), (300, "IFSC : {ifsc}")]),
        Line::Row(&[
            (0, "OPP STATE BANK OF INDIA, MG ROAD"),
            (300, "Customer ID : A20471836"),
        ]),
        Line::Row(&[
            (0, "HDFC BANK HOUSE LANE, THRISSUR 680001"),
            (300, "Type : SAVINGS"),
        ]),
        Line::Left("Statement of Account for the period {from dd-MON-yyyy} to {to dd-MON-yyyy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    day: "dd-mm-yy",
    rows: 26,
    seed: 403,
    ..PLAIN
};

const OUTNUMBERED: Design = Design {
    path: "traps/outnumbered.pdf",
    note: "one other bank stands in nearly all of the narrations, the own one only in its field",
    bank: Some("tamil_mercantile"),
    code: "TMBL",
    ifsc: Some("TMBL0000463"),
    account: Some("463100050702918"),
    holder: "SELVI ARUNTHAVAM",
    head: &[
        Line::Row(&[
            (0, "Name"),
            (90, ": {holder}"),
            (300, "A/c No"),
            (380, ": {account}"),
        ]),
        Line::Row(&[
            (0, "Address"),
            (90, ": 17 KEELA STREET"),
            (300, "IFSC"),
            (380, ": {ifsc}"),
        ]),
        Line::Row(&[
            (90, "  TENKASI 627811"),
            (300, "MICR"),
            (380, ": 627060099"),
        ]),
        Line::Left("Statement of account for the period from {from dd/mm/yyyy} to {to dd/mm/yyyy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    counterparty: Some("HDFC"),
    rows: 170,
    seed: 404,
    ..PLAIN
};

const INSURER_IN_HEADER: Design = Design {
    path: "traps/house_bank_header.pdf",
    note: "a letterhead shared with an insurer of another bank's group",
    bank: Some("federal"),
    code: "FDRL",
    ifsc: Some("FDRL0002177"),
    account: Some("21770100046382"),
    holder: "ABEL KURISINGARA",
    head: &[
        Line::Row(&[(
            0,
            "Your account comes with cover by SBI General Insurance and HDFC ERGO",
        )]),
        Line::Row(&[(0, "{holder}"), (300, "Branch IFSC : {ifsc}")]),
        Line::Row(&[(0, "KOTTAYAM 686002"), (300, "Account Number : {account}")]),
        Line::Left("Statement of Account for the period {from dd-MON-yyyy} to {to dd-MON-yyyy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    day: "dd-MON-yyyy",
    foot: &[Line::Left(
        "The Federal Bank Ltd., Federal Towers, Aluva, Kerala 683101",
    )],
    rows: 24,
    seed: 405,
    ..PLAIN
};

const SPLIT_PERIOD: Design = Design {
    path: "traps/period_on_two_lines.pdf",
    note: "first and last day of the period stand on two lines, another date between them",
    bank: Some("ubi"),
    code: "UBIN",
    ifsc: Some("UBIN0563917"),
    account: Some("639102010047285"),
    holder: "MANOJ BEHRANI",
    head: &[
        Line::Bold("Union Bank of India"),
        Line::Row(&[(0, "Account No : {account}"), (300, "IFSC : {ifsc}")]),
        Line::Row(&[(0, "{holder}"), (300, "Period From : {from dd-mm-yyyy}")]),
        Line::Row(&[
            (0, "Statement Date : {next dd-mm-yyyy}"),
            (300, "           To : {to dd-mm-yyyy}"),
        ]),
        Line::Row(&[(0, "BERHAMPUR 760001, ODISHA"), (300, "Currency : INR")]),
        Line::Gap,
    ],
    columns: COLUMNS,
    day: "dd-mm-yyyy",
    rows: 24,
    seed: 406,
    ..PLAIN
};

const SHORT_YEARS: Design = Design {
    path: "traps/two_digit_years.pdf",
    note: "two-digit years in the period, 12/11/23 style, day first",
    bank: Some("hdfc"),
    code: "HDFC",
    ifsc: Some("HDFC0009164"),
    account: Some("50200073918264"),
    holder: "M/S TARANG ENTERPRISE",
    period: ("2023-11-02", "2024-02-11"),
    head: &[
        Line::Title("HDFC BANK"),
        Line::Row(&[(0, "{holder}"), (300, "A/C No : {account}")]),
        Line::Row(&[
            (0, "SHOP 5 GEETA ARCADE, BHUJ 370001"),
            (300, "RTGS/NEFT IFSC : {ifsc}"),
        ]),
        Line::Left("Statement From : {from dd/mm/yy} TO : {to dd/mm/yy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    day: "dd/mm/yy",
    rows: 26,
    seed: 407,
    ..PLAIN
};

const OPEN_DATE: Design = Design {
    path: "traps/open_date_first.pdf",
    note: "account opening, nomination and print dates come before the period",
    bank: Some("canara"),
    code: "CNRB",
    ifsc: Some("CNRB0003861"),
    account: Some("3861101009472"),
    holder: "NAGESH BADIGERI",
    head: &[
        Line::Bold("CANARA BANK"),
        Line::Left("A/C Open Date From : 14/02/2011      Last Updated To : 09/01/2023"),
        Line::Left("Nomination Date : 21/06/2015         Printed On : {next dd/mm/yyyy}"),
        Line::Row(&[(0, "{holder}"), (300, "Account No : {account}")]),
        Line::Row(&[(0, "GADAG 582101"), (300, "IFSC Code : {ifsc}")]),
        Line::Left("Statement Period From {from dd/mm/yyyy} To {to dd/mm/yyyy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    rows: 24,
    seed: 408,
    ..PLAIN
};

const DISTANT_IFSC: Design = Design {
    path: "traps/ifsc_two_lines_below.pdf",
    note: "the IFSC stands two lines below its label, and far from its column",
    bank: Some("indbnk"),
    code: "IDIB",
    ifsc: Some("IDIB000K247"),
    account: Some("6417302985"),
    holder: "VASANTHI PONNARASU",
    head: &[
        Line::Row(&[
            (0, "Account Number"),
            (150, "Customer"),
            (300, "IFSC Code"),
            (420, "Type"),
        ]),
        Line::Row(&[(150, "(first holder)"), (300, "(NEFT/RTGS)")]),
        Line::Row(&[
            (0, "{account}"),
            (150, "{holder}"),
            (330, "{ifsc}"),
            (420, "SB"),
        ]),
        Line::Gap,
        Line::Left("Statement From {from dd/mm/yyyy} to {to dd/mm/yyyy} Page No. {page}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    rows: 24,
    seed: 409,
    ..PLAIN
};

const ORDINAL_DAYS: Design = Design {
    path: "traps/ordinal_days.pdf",
    note: "days as ordinals and months in full letters",
    bank: Some("icici"),
    code: "ICIC",
    ifsc: Some("ICIC0004617"),
    account: Some("461701502837"),
    holder: "JAYANT PARIKHWALA",
    period: ("2024-02-01", "2024-03-31"),
    head: &[
        Line::Title("ICICI Bank"),
        Line::Row(&[(0, "{holder}"), (300, "Account Number : {account}")]),
        Line::Row(&[(0, "NAVSARI 396445"), (300, "IFSC Code : {ifsc}")]),
        Line::Left(
            "Statement of transactions for the period from {from ordinal Month yyyy} to \
             {to ordinal Month yyyy}",
        ),
        Line::Gap,
    ],
    columns: COLUMNS,
    rows: 24,
    seed: 410,
    ..PLAIN
};

const CO_BRANDED_CARD: Design = Design {
    path: "traps/co_branded_card.pdf",
    note: "the header offers a card that the bank issues together with another bank",
    bank: Some("equitas"),
    code: "ESFB",
    ifsc: Some("ESFB0001093"),
    account: Some("100043817265"),
    holder: "SELVI RAMASAMYAN",
    head: &[
        Line::Bold("EQUITAS SMALL FINANCE BANK"),
        Line::Left("Apply for the HDFC Bank co-branded RuPay credit card: www.hdfcbank.com/cards"),
        Line::Row(&[(0, "{holder}"), (300, "IFSC Code : {ifsc}")]),
        Line::Row(&[(0, "SALEM 636007"), (300, "Account No : {account}")]),
        Line::Left("Statement Period : {from dd/mm/yyyy} to {to dd/mm/yyyy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    rows: 24,
    seed: 411,
    ..PLAIN
};

const SPONSORED: Design = Design {
    path: "traps/unlisted_under_sponsor.pdf",
    note: "a co-operative bank without an identifier, under the IFSC and the host of its sponsor",
    bank: None,
    code: "HDFC",
    ifsc: Some("HDFC0CZNSBK"),
    account: Some("002100500417"),
    holder: "VANDANA PATHARKAR",
    head: &[
        Line::Title("SHRI MANGALGIRI NAGARI SAHAKARI BANK MARYADIT"),
        Line::Centre("Main Branch, Market Yard, Latur"),
        Line::Row(&[(0, "{holder}"), (300, "IFSC : {ifsc}")]),
        Line::Row(&[(0, "LATUR 413512"), (300, "Account No : {account}")]),
        Line::Left("Statement of Account from {from dd/mm/yyyy} to {to dd/mm/yyyy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    rows: 24,
    seed: 412,
    ..PLAIN
};
