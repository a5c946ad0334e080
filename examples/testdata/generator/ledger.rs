//! Made-up transactions whose running balance adds up.
//!
//! Money is whole paise. Every name, number and reference is drawn from a seed; no narration names
//! the bank that issues the statement, so whoever counts banks in a table is led astray.

use super::calendar::Day;
use super::random::Random;

/// One line of an account.
#[derive(Clone)]
pub struct Entry {
    pub day: Day,
    pub narration: String,
    /// Six digits on cheque transactions, else empty.
    pub cheque: String,
    /// A letter code as core banking systems print it: `TFR`, `CLG`, `CASH`.
    pub kind: &'static str,
    /// Paise taken out; 0 on a credit.
    pub debit: i64,
    /// Paise put in; 0 on a debit.
    pub credit: i64,
    /// Paise after this entry, never negative.
    pub balance: i64,
}

/// The entries of one account over one period.
pub struct Ledger {
    /// Paise before the first entry.
    pub opening: i64,
    pub entries: Vec<Entry>,
}

/// What a ledger is drawn from.
pub struct Terms {
    pub seed: u64,
    pub from: Day,
    pub to: Day,
    pub rows: usize,
    /// The first four letters of the issuer's own IFSC, kept out of all narrations.
    pub issuer: &'static str,
    /// The only other bank to deal with, by the same letters; any without.
    pub counterparty: Option<&'static str>,
}

/// Banks that other people keep accounts with: IFSC code, UPI handle, name.
const COUNTERPARTIES: [(&str, &str, &str); 14] = [
    ("HDFC", "okhdfcbank", "HDFC BANK LTD"),
    ("ICIC", "okicici", "ICICI Bank"),
    ("SBIN", "oksbi", "STATE BANK OF INDIA"),
    ("UTIB", "okaxis", "AXIS BANK"),
    ("YESB", "ybl", "YES BANK LIMITED"),
    ("PYTM", "paytm", "PAYTM PAYMENTS BANK"),
    ("KKBK", "kotak", "KOTAK MAHINDRA BANK"),
    ("BARB", "barodampay", "BANK OF BARODA"),
    ("PUNB", "pnb", "PUNJAB NATIONAL BANK"),
    ("CNRB", "cnrb", "CANARA BANK"),
    ("UBIN", "uboi", "UNION BANK OF INDIA"),
    ("BKID", "boi", "BANK OF INDIA"),
    ("FDRL", "fbl", "FEDERAL BANK"),
    ("INDB", "indus", "INDUSIND BANK"),
];

const PEOPLE: [&str; 16] = [
    "ARVIND KELMANI",
    "SUNITA DORVALE",
    "MEHUL PATRANI",
    "LATHA VENKARAI",
    "IQBAL SHERWANE",
    "POOJA TANDRIKA",
    "GURMEET SOHALWA",
    "NEELAM KASTURKAR",
    "RAKESH BHUWALA",
    "DEEPA NARAYMBI",
    "FARHAN QUDSIWALA",
    "ANITA GOMEKAR",
    "VIKAS THAPRIYA",
    "SHOBHA MURALKAR",
    "TENZIN LHAMKAR",
    "BIMAL CHATTORAJA",
];

const COMPANIES: [&str; 10] = [
    "ORBITA TEXTILES PVT LTD",
    "NILGIRI FRESH FOODS",
    "SAHYADRI AUTO PARTS",
    "VEGA PAYROLL SERVICES",
    "KAVERI LOGISTICS LLP",
    "MAHIMA ELECTRICALS",
    "GREENLEAF KIRANA STORE",
    "TRISHUL PHARMA AGENCY",
    "DECCAN STATIONERS",
    "ANKUR BROADBAND",
];

const PLACES: [&str; 8] = [
    "NASHIK", "KOCHI", "INDORE", "PATIALA", "GUNTUR", "CUTTACK", "ANAND", "MYSURU",
];

const REMARKS: [&str; 8] = [
    "RENT",
    "GROCERY",
    "SCHOOL FEE",
    "INVOICE",
    "REFUND",
    "PAYMENT",
    "MILK BILL",
    "TRAVEL",
];

impl Ledger {
    /// Draws a ledger; one that is longer starts with the same narrations.
    pub fn draw(terms: &Terms) -> Self {
        let opening = 100 * Random::new(terms.seed).amount(41_000, 389_000) + 37;
        let mut balance = opening;
        let span = terms.to.since(terms.from);
        let count = i64::try_from(terms.rows).expect("a table is short");
        let entries = (0..count)
            .map(|row| {
                let mut random = Random::new(terms.seed ^ (0x00C0_FFEE + row.unsigned_abs()) << 20);
                let day = terms.from.plus(span * (row + 1) / (count + 1));
                let mut entry = draw_entry(&mut random, terms, day);
                if entry.debit > balance {
                    let place = random.pick(&PLACES);
                    entry = Entry {
                        narration: format!("CASH DEPOSIT BY SELF AT {place}"),
                        kind: "CASH",
                        cheque: String::new(),
                        debit: 0,
                        credit: 20 * entry.debit,
                        ..entry
                    };
                }
                balance += entry.credit - entry.debit;
                entry.balance = balance;
                entry
            })
            .collect();
        Self { opening, entries }
    }

    /// Paise after the last entry.
    pub fn closing(&self) -> i64 {
        self.entries
            .last()
            .map_or(self.opening, |entry| entry.balance)
    }

    /// The sums of all debits and of all credits.
    pub fn totals(&self) -> (i64, i64) {
        self.entries
            .iter()
            .fold((0, 0), |(d, c), entry| (d + entry.debit, c + entry.credit))
    }
}

/// Who deals with the account holder, and about what.
struct Dealing {
    /// IFSC code, UPI handle and name of the other bank.
    bank: (&'static str, &'static str, &'static str),
    ifsc: String,
    person: &'static str,
    /// The person's name before the at sign of a UPI address.
    nickname: String,
    company: &'static str,
    place: &'static str,
    remark: &'static str,
    reference: String,
}

/// Which way the money goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

impl Dealing {
    fn draw(random: &mut Random, terms: &Terms) -> Self {
        let others: Vec<_> = COUNTERPARTIES
            .into_iter()
            .filter(|(code, ..)| *code != terms.issuer)
            .filter(|(code, ..)| terms.counterparty.is_none_or(|only| *code == only))
            .collect();
        let bank = random.pick(&others);
        let person = random.pick(&PEOPLE);
        let small = person.to_lowercase();
        Self {
            bank,
            ifsc: format!("{}0{:06}", bank.0, random.between(101, 4890)),
            person,
            nickname: small.chars().filter(|c| *c != ' ').take(9).collect(),
            company: random.pick(&COMPANIES),
            place: random.pick(&PLACES),
            remark: random.pick(&REMARKS),
            reference: random.digits(12),
        }
    }

    /// A payment by wire in one of the forms that banks print.
    fn by_wire(&self, random: &mut Random) -> (String, Way) {
        let (code, handle, bank) = self.bank;
        let Self {
            ifsc,
            person,
            nickname,
            company,
            remark,
            reference,
            ..
        } = self;
        match random.between(0, 8) {
            0..=2 => {
                let address = format!("{nickname}@{handle}");
                (
                    format!("UPI-{person}-{address}-{ifsc}-{reference}-{remark}"),
                    Way::Out,
                )
            }
            3 => (
                format!("UPI/{reference}/{nickname}@{handle}/{bank}/{remark}"),
                Way::In,
            ),
            4 => (
                format!("UPI/DR/{reference}/{person}/{code}/{nickname}/{remark}"),
                Way::Out,
            ),
            5 => (
                format!("NEFT CR-{ifsc}-{company}-{code}N{}", random.digits(11)),
                Way::In,
            ),
            6 => (
                format!("NEFT*{ifsc}*{code}R{}*{company}", random.digits(10)),
                Way::In,
            ),
            7 => {
                let tail = random.digits(4);
                (
                    format!("IMPS-{reference}-{person}-{code}-XXXXXXX{tail}-{remark}"),
                    Way::In,
                )
            }
            _ => (
                format!("RTGS/{code}R{}/{ifsc}/{company}", random.digits(12)),
                Way::In,
            ),
        }
    }
}

fn draw_entry(random: &mut Random, terms: &Terms, day: Day) -> Entry {
    let dealing = Dealing::draw(random, terms);
    let Dealing {
        person,
        company,
        place,
        ..
    } = dealing;
    let unit = if random.between(0, 5) == 0 { 50 } else { 5 };
    let mut amount = 100 * unit * random.amount(2, 900) + 50 * random.amount(0, 1);
    let mut cheque = String::new();
    let (narration, kind, way) = match random.between(0, 13) {
        0 => {
            amount = 10_000 * random.amount(2, 200);
            (
                format!("ATM WDL {} {place}", random.digits(6)),
                "CASH",
                Way::Out,
            )
        }
        1 => {
            let card = format!("{}XXXXXX{}", random.digits(6), random.digits(4));
            (format!("POS {card} {company}"), "POS", Way::Out)
        }
        2 => {
            cheque = format!("{:06}", random.between(10_210, 98_400));
            (
                format!("CHQ PAID {person} {} {place}", dealing.bank.2),
                "CLG",
                Way::Out,
            )
        }
        3 if random.between(0, 3) == 0 => {
            // A range of days inside the table, where nobody may take it for the period.
            let days = [day.plus(-91), day.plus(-1)].map(|day| day.print("dd-mm-yyyy"));
            (
                format!("CREDIT INTEREST PAID {} to {}", days[0], days[1]),
                "INT",
                Way::In,
            )
        }
        _ => {
            let (narration, way) = dealing.by_wire(random);
            (narration, "TFR", way)
        }
    };
    let (debit, credit) = if way == Way::In {
        (0, amount)
    } else {
        (amount, 0)
    };
    Entry {
        day,
        narration,
        cheque,
        kind,
        debit,
        credit,
        balance: 0,
    }
}

/// How the digits of an amount are grouped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// `12,34,567.89`.
    Indian,
    /// `1,234,567.89`.
    Western,
    /// `1234567.89`.
    Plain,
}

/// Prints paise as rupees.
pub fn rupees(paise: i64, grouping: Grouping) -> String {
    let whole = (paise / 100).to_string();
    let step = match grouping {
        Grouping::Indian => 2,
        Grouping::Western => 3,
        Grouping::Plain => usize::MAX,
    };
    let mut printed = String::new();
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        let comma = grouping != Grouping::Plain && left >= 3 && (left - 3).is_multiple_of(step);
        if place > 0 && comma {
            printed.push(',');
        }
        printed.push(digit);
    }
    format!("{printed}.{:02}", paise % 100)
}
