//! Statements whose bank or period is easily misread.

use super::Case;
use super::layout::{Cell, DEFAULT_DESIGN, Design, Line};
use super::statement::statement;

const COLUMNS: &[(&str, i64, Cell)] = &[
    ("Date", 58, Cell::Date),
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

/// Returns one case for each trap.
pub fn cases() -> Vec<Case> {
    TRAPS
        .iter()
        .map(|design| statement(design).case())
        .collect()
}

const INSIDE_NAME: Design = Design {
    path: "traps/name_inside_name.pdf",
    note: "the bank name in the header contains another bank's name (bank of india)",
    bank: Some("central"),
    ifsc_prefix: "CBIN",
    account: Some("3628150947"),
    holder: "PRAMILA GOVINDARKAR",
    header: &[
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
    ..DEFAULT_DESIGN
};

const RURAL_NAME: Design = Design {
    path: "traps/sponsor_in_name.pdf",
    note: "a regional rural bank with its sponsor's name and without a printed IFSC",
    bank: Some("baroda_rajasthan"),
    ifsc_prefix: "BARB",
    account: Some("29470100008163"),
    holder: "BHANWARI SISODARA",
    header: &[
        Line::Title("BARODA RAJASTHAN KSHETRIYA GRAMIN BANK"),
        Line::Centre("Branch : NAGAUR GATE"),
        Line::Row(&[(0, "{holder}"), (300, "Account No : {account}")]),
        Line::Left("STATEMENT OF ACCOUNT FOR THE PERIOD OF {from dd-mm-yyyy} TO {to dd-mm-yyyy}"),
        Line::Gap,
    ],
    columns: COLUMNS,
    date_pattern: "dd-mm-yyyy",
    rows: 26,
    seed: 402,
    ..DEFAULT_DESIGN
};

const HOLDER_ADDRESS: Design = Design {
    path: "traps/holder_address.pdf",
    note: "the address of the holder names two other banks",
    bank: Some("sib"),
    ifsc_prefix: "SIBL",
    ifsc: Some("SIBL0000841"),
    account: Some("0841053000027164"),
    holder: "REJI KANJIRATHARA",
    header: &[
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
    date_pattern: "dd-mm-yy",
    rows: 26,
    seed: 403,
    ..DEFAULT_DESIGN
};

const OUTNUMBERED: Design = Design {
    path: "traps/outnumbered.pdf",
    note: "another bank is in nearly all narrations, the issuer only in its IFSC",
    bank: Some("tamil_mercantile"),
    ifsc_prefix: "TMBL",
    ifsc: Some("TMBL0000463"),
    account: Some("463100050702918"),
    holder: "SELVI ARUNTHAVAM",
    header: &[
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
    ..DEFAULT_DESIGN
};

const INSURER_IN_HEADER: Design = Design {
    path: "traps/house_bank_header.pdf",
    note: "the header names an insurer of another bank's group",
    bank: Some("federal"),
    ifsc_prefix: "FDRL",
    ifsc: Some("FDRL0002177"),
    account: Some("21770100046382"),
    holder: "ABEL KURISINGARA",
    header: &[
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
    date_pattern: "dd-MON-yyyy",
    footer: &[Line::Left(
        "The Federal Bank Ltd., Federal Towers, Aluva, Kerala 683101",
    )],
    rows: 24,
    seed: 405,
    ..DEFAULT_DESIGN
};

const SPLIT_PERIOD: Design = Design {
    path: "traps/period_on_two_lines.pdf",
    note: "first and last day of the period are on two lines, with another date between them",
    bank: Some("ubi"),
    ifsc_prefix: "UBIN",
    ifsc: Some("UBIN0563917"),
    account: Some("639102010047285"),
    holder: "MANOJ BEHRANI",
    header: &[
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
    date_pattern: "dd-mm-yyyy",
    rows: 24,
    seed: 406,
    ..DEFAULT_DESIGN
};

const SHORT_YEARS: Design = Design {
    path: "traps/two_digit_years.pdf",
    note: "two-digit years in the period, 12/11/23 style, day first",
    bank: Some("hdfc"),
    ifsc_prefix: "HDFC",
    ifsc: Some("HDFC0009164"),
    account: Some("50200073918264"),
    holder: "M/S TARANG ENTERPRISE",
    period: ("2023-11-02", "2024-02-11"),
    header: &[
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
    date_pattern: "dd/mm/yy",
    rows: 26,
    seed: 407,
    ..DEFAULT_DESIGN
};

const OPEN_DATE: Design = Design {
    path: "traps/open_date_first.pdf",
    note: "account opening, nomination and print dates come before the period",
    bank: Some("canara"),
    ifsc_prefix: "CNRB",
    ifsc: Some("CNRB0003861"),
    account: Some("3861101009472"),
    holder: "NAGESH BADIGERI",
    header: &[
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
    ..DEFAULT_DESIGN
};

const DISTANT_IFSC: Design = Design {
    path: "traps/ifsc_two_lines_below.pdf",
    note: "the IFSC is two lines below its label and outside its column",
    bank: Some("indbnk"),
    ifsc_prefix: "IDIB",
    ifsc: Some("IDIB000K247"),
    account: Some("6417302985"),
    holder: "VASANTHI PONNARASU",
    header: &[
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
    ..DEFAULT_DESIGN
};

const ORDINAL_DAYS: Design = Design {
    path: "traps/ordinal_days.pdf",
    note: "days as ordinals and full month names",
    bank: Some("icici"),
    ifsc_prefix: "ICIC",
    ifsc: Some("ICIC0004617"),
    account: Some("461701502837"),
    holder: "JAYANT PARIKHWALA",
    period: ("2024-02-01", "2024-03-31"),
    header: &[
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
    ..DEFAULT_DESIGN
};

const CO_BRANDED_CARD: Design = Design {
    path: "traps/co_branded_card.pdf",
    note: "the header offers a card that the bank issues together with another bank",
    bank: Some("equitas"),
    ifsc_prefix: "ESFB",
    ifsc: Some("ESFB0001093"),
    account: Some("100043817265"),
    holder: "SELVI RAMASAMYAN",
    header: &[
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
    ..DEFAULT_DESIGN
};

const SPONSORED: Design = Design {
    path: "traps/unlisted_under_sponsor.pdf",
    note: "a co-operative bank without an identifier, with the IFSC prefix of its sponsor",
    bank: None,
    ifsc_prefix: "HDFC",
    ifsc: Some("HDFC0CZNSBK"),
    account: Some("002100500417"),
    holder: "VANDANA PATHARKAR",
    header: &[
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
    ..DEFAULT_DESIGN
};
