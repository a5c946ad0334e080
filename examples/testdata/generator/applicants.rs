//! Statements locked with passwords that follow from details of invented applicants, by the rules
//! of `src/data/password_rules.tsv`.
//!
//! The passwords are formed here once more, independently of the program.

use super::banks::design;
use super::encrypt::{Encryptor, Placement, Scheme};
use super::random::Random;
use super::statement::statement;
use super::writer::FileKind;

/// The published rules.
const RULES: &str = include_str!("../../../src/data/password_rules.tsv");
/// Names as the lender has them, and as they are on the account.
const NAMES: [(&str, &str); 14] = [
    ("Mr. Rajan Devkar", "Rajan Devkar"),
    ("S. K. Anandan", "S K Anandan"),
    ("S. K. Anandan", "Anandan"),
    ("Om Roy", "Om Roy"),
    ("Om Roy", "Om"),
    ("Smt Lata P. Hegde", "LATA P HEGDE"),
    ("Dr Meera D'Costa", "Meera DCosta"),
    ("A. Om Prabhu", "Om Prabhu"),
    ("Farida Sheikh", "FARIDA SHEIKH"),
    ("M/s Tulsi Granites", "Tulsi Granites"),
    ("Shri Vikram Solanke", "vikram solanke"),
    ("Ira N. Bose", "Ira N Bose"),
    ("Mrs. Gurleen K. Maan", "Gurleen K. Maan"),
    ("D.Souza Anil", "D Souza Anil"),
];
/// Designs by bank; other banks use the first.
const DESIGNS: [(&str, &str); 14] = [
    ("HDFC", "hdfc"),
    ("AXIS", "axis"),
    ("BARODA", "baroda"),
    ("BOI", "boi_mpassbook"),
    ("CANARA", "canara"),
    ("DBSBNK", "dbsbnk"),
    ("FEDERAL", "federal"),
    ("ICICI", "icici"),
    ("IDFC", "idfc"),
    ("KARUR", "karur_old"),
    ("KOTAK", "kotak"),
    ("PNBBNK", "pnbbnk"),
    ("SBI", "sbi"),
    ("YESBNK", "yesbnk"),
];

/// An invented applicant, as the lender has the details.
#[derive(Clone)]
pub struct Applicant {
    pub name: &'static str,
    /// As `DD/MM/YYYY`.
    pub born: String,
    /// Whether the date is that of a firm's incorporation.
    pub is_firm: bool,
    pub mobile: String,
    pub pan: String,
    pub customer_id: String,
    pub account: String,
    pub card: String,
    /// The name on the account.
    account_name: &'static str,
    /// Whether the bank leaves out leading zeros.
    drops_zeros: bool,
}

/// A locked statement.
pub struct LockedStatement {
    /// The name of the file, which contains that of the bank in every second file.
    pub name: String,
    pub bank: String,
    /// As in the table.
    pub rule: String,
    pub scheme: Scheme,
    /// Whether the statement names the bank whose rule locks it.
    pub is_of_bank: bool,
    pub applicant: Applicant,
    pub password: String,
    pub bytes: Vec<u8>,
}

impl Applicant {
    fn draw(random: &mut Random, index: usize) -> Self {
        let (name, account_name) = NAMES[index % NAMES.len()];
        let (day, month) = (random.between(1, 28), random.between(1, 12));
        let letters = |count: usize, random: &mut Random| -> String {
            let letter = |_| char::from(random.pick(b"ABCDEFGHJKLMNPQRSTUVWXYZ"));
            (0..count).map(letter).collect()
        };
        let mobile = format!("9{}", random.digits(9));
        let prefix = random.pick(&["", "+91 ", "0", "91-"]);
        let zeros = random.pick(&["", "0", "00"]);
        let start = letters(5, random);
        Self {
            name,
            account_name,
            born: format!("{day:02}/{month:02}/{}", random.between(1950, 2004)),
            is_firm: name.starts_with("M/s"),
            mobile: format!("{prefix}{mobile}"),
            pan: format!("{start}{}{}", random.digits(4), letters(1, random)),
            customer_id: format!("{zeros}{}", random.digits(8)),
            account: format!("{zeros}{}", random.digits(12)),
            card: random.digits(16),
            drops_zeros: random.between(0, 1) == 1,
        }
    }

    /// Returns the details by the names of their columns.
    pub fn details(&self) -> [(&'static str, &str); 8] {
        let born = self.born.as_str();
        let (dob, incorporation) = if self.is_firm { ("", born) } else { (born, "") };
        [
            ("name", self.name),
            ("dob", dob),
            ("incorporation", incorporation),
            ("mobile", &self.mobile),
            ("pan", &self.pan),
            ("customer_id", &self.customer_id),
            ("account_number", &self.account),
            ("card_number", &self.card),
        ]
    }

    /// Returns the row of a manifest for a file.
    pub fn manifest_row(&self, path: &str) -> String {
        let details = self.details().map(|(_, value)| value);
        format!("{path},{}", details.join(","))
    }

    /// Returns what the text of no output may contain.
    pub fn values(&self) -> [&str; 7] {
        [
            self.name,
            &self.born,
            self.mobile
                .trim_start_matches(['+', '9', '1', '0', '-', ' ']),
            &self.pan,
            self.customer_id.trim_start_matches('0'),
            &self.account,
            &self.card,
        ]
    }

    fn password(&self, rule: &str) -> String {
        rule.split('+')
            .map(|segment| self.segment(segment))
            .collect()
    }

    fn segment(&self, segment: &str) -> String {
        let (field, transform) = segment.split_once(':').unwrap_or((segment, ""));
        let number = |text: &str| {
            let start = if self.drops_zeros {
                text.trim_start_matches('0')
            } else {
                text
            };
            start.to_owned()
        };
        let letters = self.account_name.chars().filter(char::is_ascii_alphabetic);
        let value = match field {
            "name4" => letters.take(4).collect(),
            "dob" | "incorporation" => self.born.replace('/', ""),
            "mobile" => last(&self.mobile, 10),
            "pan" => self.pan.clone(),
            "customer_id" => number(&self.customer_id),
            "account" => number(&self.account),
            "card" => self.card.clone(),
            literal => return literal.trim_matches('"').to_owned(),
        };
        match transform {
            "" | "ddmmyyyy" => value,
            "upper" => value.to_uppercase(),
            "lower" => value.to_lowercase(),
            "ddmm" => value.chars().take(4).collect(),
            "ddmmyy" => {
                let day_and_month = value.chars().take(4);
                day_and_month.chain(value.chars().skip(6)).collect()
            }
            "yyyy" => last(&value, 4),
            end => {
                let count = end.trim_start_matches("last").parse();
                last(&value, count.expect("a number"))
            }
        }
    }
}

/// The header row for [`Applicant::manifest_row`].
pub const MANIFEST_HEADER: &str =
    "path,name,dob,incorporation,mobile,pan,customer_id,account_number,card_number";

/// Returns the bank and the rule of each row of the table, without general rules.
pub fn rules() -> Vec<(&'static str, &'static str)> {
    let rows = RULES.lines().filter(|line| !line.starts_with(['#', '*']));
    rows.skip(1)
        .map(|row| {
            let columns: Vec<&str> = row.split('\t').collect();
            (columns[0], columns[2])
        })
        .collect()
}

/// Returns locked statements, each by the next rule of the table, with the methods of encryption in
/// turn.
pub fn locked_statements(count: usize) -> impl Iterator<Item = LockedStatement> {
    let rules = rules();
    (0..count).map(move |index| {
        let (bank, rule) = rules[index % rules.len()];
        // Each round shifts the methods, so that every rule meets every method.
        let scheme = Scheme::COMMON[(index + index / rules.len()) % Scheme::COMMON.len()];
        let mut random = Random::new(0xA991 + index as u64);
        let mut applicant = Applicant::draw(&mut random, index);
        if rule.contains("incorporation") {
            applicant.is_firm = true;
        }
        let known = DESIGNS.iter().find(|(id, _)| *id == bank);
        let (_, name) = known.unwrap_or(&DESIGNS[0]);
        let password = applicant.password(rule);
        let prefix = if index % 2 == 0 {
            bank.to_lowercase()
        } else {
            "statement".to_owned()
        };
        LockedStatement {
            name: format!("{prefix}_{index}.pdf"),
            bank: bank.to_owned(),
            rule: rule.to_owned(),
            scheme,
            is_of_bank: known.is_some(),
            applicant,
            bytes: locked_with(name, &password, scheme),
            password,
        }
    })
}

/// Returns the last characters of a text.
fn last(text: &str, count: usize) -> String {
    text.chars().skip(text.chars().count() - count).collect()
}

/// Returns a short statement of a design, locked with a password.
pub fn locked_with(name: &str, password: &str, scheme: Scheme) -> Vec<u8> {
    let mut document = statement(design(name)).rows(8).document();
    let file_id = document.file_id().to_vec();
    let (user, owner) = (password.as_bytes(), b"bank-side".as_slice());
    let placement = Placement::Indirect;
    document.encrypt_with(Encryptor::new(scheme, user, owner, &file_id, placement));
    document.write(FileKind::Classic)
}
