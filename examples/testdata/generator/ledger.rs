//! Invented transactions with a consistent running balance.
//!
//! Amounts are integers in paise. A seed determines every name, number and reference. No narration
//! names the issuing bank, so counting bank names in the table gives the wrong issuer.

use super::calendar::Day;
use super::random::Random;

/// One transaction of an account.
#[derive(Clone)]
pub struct Transaction {
    pub date: Day,
    pub narration: String,
    /// The six-digit cheque number; empty for other transactions.
    pub cheque: String,
    /// The type code as core banking systems print it: `TFR`, `CLG`, `CASH`.
    pub kind: &'static str,
    /// The debited amount in paise; 0 for a credit.
    pub debit: i64,
    /// The credited amount in paise; 0 for a debit.
    pub credit: i64,
    /// The balance in paise after this transaction.
    pub balance: i64,
}

/// The transactions of one account over one period.
pub struct Ledger {
    /// The balance in paise before the first transaction.
    pub opening: i64,
    pub transactions: Vec<Transaction>,
    /// What the statement prints about all transactions. A change of one leaves it as it is.
    stated: Stated,
}

/// Sums and counts of all transactions.
#[derive(Clone, Copy, Default)]
struct Stated {
    closing: i64,
    totals: (i64, i64),
    counts: (usize, usize),
}

/// A change that leaves everything else as it is, as a forger makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another amount in the row of this index.
    Amount(usize),
    /// The row of this index is left out.
    RemovedRow(usize),
    /// The row of this index and the next one are exchanged.
    SwappedRows(usize),
    /// The rows from this index on are left out.
    Truncated(usize),
    /// Another sum of the credits.
    Total,
}

/// The parameters of a ledger.
pub struct LedgerSpec {
    pub seed: u64,
    pub from: Day,
    pub to: Day,
    pub rows: usize,
    /// The issuer's IFSC prefix. It occurs in no narration, except in its own references.
    pub issuer: &'static str,
    /// Whether outgoing transfers have references that begin with the issuer's prefix.
    pub has_own_references: bool,
    /// The IFSC prefix of the only other bank; `None` allows all banks.
    pub counterparty: Option<&'static str>,
}

/// Other banks: IFSC prefix, UPI handle, name.
const OTHER_BANKS: [(&str, &str, &str); 14] = [
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

const CITIES: [&str; 8] = [
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
    /// Draws a ledger. A longer ledger with the same seed starts with the same narrations.
    pub fn draw(spec: &LedgerSpec) -> Self {
        let opening = 100 * Random::new(spec.seed).amount(41_000, 389_000) + 37;
        let mut balance = opening;
        let span = spec.to.since(spec.from);
        let count = i64::try_from(spec.rows).expect("a table is short");
        let transactions: Vec<Transaction> = (0..count)
            .map(|row| {
                let mut random = Random::new(spec.seed ^ (0x00C0_FFEE + row.unsigned_abs()) << 20);
                let date = spec.from.plus(span * (row + 1) / (count + 1));
                let mut transaction = draw_transaction(&mut random, spec, date);
                // Replace a debit that exceeds the balance by a cash deposit.
                if transaction.debit > balance {
                    let city = random.pick(&CITIES);
                    transaction = Transaction {
                        narration: format!("CASH DEPOSIT BY SELF AT {city}"),
                        kind: "CASH",
                        cheque: String::new(),
                        debit: 0,
                        credit: 20 * transaction.debit,
                        ..transaction
                    };
                }
                balance += transaction.credit - transaction.debit;
                transaction.balance = balance;
                transaction
            })
            .collect();
        let sum = |amount: fn(&Transaction) -> i64| transactions.iter().map(amount).sum();
        let debits = transactions.iter().filter(|row| row.debit > 0).count();
        let stated = Stated {
            closing: balance,
            totals: (sum(|row| row.debit), sum(|row| row.credit)),
            counts: (debits, transactions.len() - debits),
        };
        Self {
            opening,
            transactions,
            stated,
        }
    }

    /// Changes one thing.
    pub fn change(&mut self, change: Change) {
        match change {
            Change::Amount(row) => {
                let row = &mut self.transactions[row];
                let amount = if row.debit > 0 {
                    &mut row.debit
                } else {
                    &mut row.credit
                };
                *amount += 100_000;
            }
            Change::RemovedRow(row) => {
                self.transactions.remove(row);
            }
            Change::SwappedRows(row) => self.transactions.swap(row, row + 1),
            Change::Truncated(rows) => self.transactions.truncate(rows),
            Change::Total => self.stated.totals.1 += 100_000,
        }
    }

    /// Returns the printed balance in paise after the last transaction.
    pub fn closing(&self) -> i64 {
        self.stated.closing
    }

    /// Returns the printed number of debits and of credits.
    pub fn counts(&self) -> (usize, usize) {
        self.stated.counts
    }

    /// Subtracts an amount from all balances.
    pub fn lower(&mut self, paise: i64) {
        self.opening -= paise;
        self.stated.closing -= paise;
        for transaction in &mut self.transactions {
            transaction.balance -= paise;
        }
    }

    /// Returns the printed sum of all debits and of all credits.
    pub fn totals(&self) -> (i64, i64) {
        self.stated.totals
    }
}

/// The other party of a transaction and the purpose of the payment.
struct Counterparty {
    /// IFSC prefix, UPI handle and name of the other bank.
    bank: (&'static str, &'static str, &'static str),
    ifsc: String,
    person: &'static str,
    /// The part of the UPI address before the at sign.
    upi_name: String,
    company: &'static str,
    city: &'static str,
    remark: &'static str,
    reference: String,
}

/// The direction of a payment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Credit,
    Debit,
}

impl Counterparty {
    fn draw(random: &mut Random, spec: &LedgerSpec, date: Day) -> Self {
        let banks: Vec<_> = OTHER_BANKS
            .into_iter()
            .filter(|(prefix, ..)| *prefix != spec.issuer)
            .filter(|(prefix, ..)| spec.counterparty.is_none_or(|only| *prefix == only))
            .collect();
        let bank = random.pick(&banks);
        let person = random.pick(&PEOPLE);
        let lower_case = person.to_lowercase();
        Self {
            bank,
            ifsc: format!("{}0{:06}", bank.0, random.between(101, 4890)),
            person,
            upi_name: lower_case.chars().filter(|c| *c != ' ').take(9).collect(),
            company: random.pick(&COMPANIES),
            city: random.pick(&CITIES),
            remark: random.pick(&REMARKS),
            reference: dated_reference(date, &random.digits(12)),
        }
    }

    /// Returns the narration and direction of an electronic transfer, in a form that banks print.
    fn transfer(&self, random: &mut Random, date: Day) -> (String, Direction) {
        let (code, handle, bank) = self.bank;
        let Self {
            ifsc,
            person,
            upi_name,
            company,
            remark,
            reference,
            ..
        } = self;
        match random.between(0, 8) {
            0..=2 => {
                let address = format!("{upi_name}@{handle}");
                (
                    format!("UPI-{person}-{address}-{ifsc}-{reference}-{remark}"),
                    Direction::Debit,
                )
            }
            3 => (
                format!("UPI/{reference}/{upi_name}@{handle}/{bank}/{remark}"),
                Direction::Credit,
            ),
            4 => (
                format!("UPI/DR/{reference}/{person}/{code}/{upi_name}/{remark}"),
                Direction::Debit,
            ),
            5 => (
                format!("NEFT CR-{ifsc}-{company}-{code}N{}", random.digits(11)),
                Direction::Credit,
            ),
            6 => (
                format!("NEFT*{ifsc}*{code}R{}*{company}", random.digits(10)),
                Direction::Credit,
            ),
            7 => {
                let tail = random.digits(4);
                (
                    format!("IMPS-{reference}-{person}-{code}-XXXXXXX{tail}-{remark}"),
                    Direction::Credit,
                )
            }
            _ => {
                let serial = random.digits(12);
                let (day, serial) = (date.print("yyyy-mm-dd").replace('-', ""), last(&serial, 8));
                (
                    format!("RTGS/{code}R5{day}{serial}/{ifsc}/{company}"),
                    Direction::Credit,
                )
            }
        }
    }
}

/// Returns a payment reference of twelve digits: the last digit of the year, the day of the year,
/// and the last eight digits of a random number.
fn dated_reference(date: Day, digits: &str) -> String {
    let year = date.print("yyyy");
    let day = date.since(Day::from_iso(&format!("{year}-01-01"))) + 1;
    format!("{}{day:03}{}", last(&year, 1), last(digits, 8))
}

/// Returns the last digits of a number.
fn last(digits: &str, count: usize) -> &str {
    let (_, last) = digits
        .split_at_checked(digits.len() - count)
        .expect("the number is longer");
    last
}

fn draw_transaction(random: &mut Random, spec: &LedgerSpec, date: Day) -> Transaction {
    let counterparty = Counterparty::draw(random, spec, date);
    let Counterparty {
        person,
        company,
        city,
        ..
    } = counterparty;
    let unit = if random.between(0, 5) == 0 { 50 } else { 5 };
    let mut amount = 100 * unit * random.amount(2, 900) + 50 * random.amount(0, 1);
    let mut cheque = String::new();
    let (narration, kind, direction) = match random.between(0, 13) {
        0 => {
            amount = 10_000 * random.amount(2, 200);
            (
                format!("ATM WDL {} {city}", random.digits(6)),
                "CASH",
                Direction::Debit,
            )
        }
        1 => {
            let card = format!("{}XXXXXX{}", random.digits(6), random.digits(4));
            (format!("POS {card} {company}"), "POS", Direction::Debit)
        }
        2 => {
            cheque = format!("{:06}", random.between(10_210, 98_400));
            (
                format!("CHQ PAID {person} {} {city}", counterparty.bank.2),
                "CLG",
                Direction::Debit,
            )
        }
        3 if random.between(0, 3) == 0 => {
            // A range of dates in the table, which is not the statement period.
            let days = [date.plus(-91), date.plus(-1)].map(|day| day.print("dd-mm-yyyy"));
            (
                format!("CREDIT INTEREST PAID {} to {}", days[0], days[1]),
                "INT",
                Direction::Credit,
            )
        }
        _ => {
            let (narration, direction) = counterparty.transfer(random, date);
            let narration = match direction {
                Direction::Debit if spec.has_own_references => {
                    format!("NEFT-{}T{}-{company}", spec.issuer, random.digits(11))
                }
                _ => narration,
            };
            (narration, "TFR", direction)
        }
    };
    let (debit, credit) = if direction == Direction::Credit {
        (0, amount)
    } else {
        (amount, 0)
    };
    Transaction {
        date,
        narration,
        cheque,
        kind,
        debit,
        credit,
        balance: 0,
    }
}

/// The digit grouping of amounts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// `12,34,567.89`.
    Indian,
    /// `1,234,567.89`.
    Western,
    /// `1234567.89`.
    Plain,
}

/// Formats paise as rupees.
pub fn rupees(paise: i64, grouping: Grouping) -> String {
    let whole = (paise / 100).to_string();
    let step = match grouping {
        Grouping::Indian => 2,
        Grouping::Western => 3,
        Grouping::Plain => usize::MAX,
    };
    let mut printed = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        let comma = grouping != Grouping::Plain && left >= 3 && (left - 3).is_multiple_of(step);
        if index > 0 && comma {
            printed.push(',');
        }
        printed.push(digit);
    }
    format!("{printed}.{:02}", paise % 100)
}
