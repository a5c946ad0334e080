//! Generates the synthetic PDF files of the tests, each with its ground truth.
//!
//! All content is invented and derived from fixed seeds: the files contain no personal data and
//! nothing from real bank files, and every run produces the same bytes. The ground truth is known
//! by construction; it never comes from the screener.
//!
//! [`cases`] returns all files. [`statement::statement`] creates other statements, and [`large`]
//! the files for benchmarks.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "an error in a constant of the cases must stop the generator"
)]
#![expect(
    unreachable_pub,
    reason = "the example, the tests and the benches include this module tree"
)]

pub mod applicants;
pub mod banks;
pub mod calendar;
pub mod damage;
mod edits;
pub mod encrypt;
mod encrypted;
pub mod filters;
pub mod fonts;
mod foreign;
mod glyphs;
mod hostile;
pub mod images;
mod index;
mod jbig2;
mod jpx;
pub mod large;
pub mod layout;
pub mod ledger;
pub mod ledgers;
mod legibility;
mod linearise;
mod not_statements;
pub mod object;
mod pages;
pub mod random;
mod repairs;
pub mod sheet;
pub mod signature_updates;
pub mod signatures;
pub mod signing;
pub mod statement;
mod structure;
mod traps;
mod truetype;
mod visibility;
pub mod writer;

/// A synthetic file with its ground truth.
#[derive(Clone)]
pub struct Case {
    /// Relative path with forward slashes.
    pub path: String,
    /// What is special about the file, for the index.
    pub note: &'static str,
    pub bytes: Vec<u8>,
    pub truth: GroundTruth,
}

/// The facts about a file that a reader without passwords must find.
///
/// For an encrypted file, bank, period, account and IFSC are those of the decrypted text.
#[derive(Clone)]
pub struct GroundTruth {
    /// The page map, one letter per page as in a record's `pages.map`. Empty if no page is
    /// readable.
    pub map: String,
    /// Whether the file determines `map` and `encryption`. Otherwise they depend on how a reader
    /// repairs the file and where it stops, and `map` is empty.
    pub map_known: bool,
    pub encryption: Encryption,
    /// The lower-case bank identifier. `None` if the issuer has none or no text is readable.
    pub bank: Option<&'static str>,
    /// First and last day of the printed period, in ISO format.
    pub period: Option<(&'static str, &'static str)>,
    /// The account number as printed.
    pub account: Option<&'static str>,
    /// The labelled IFSC as printed.
    pub ifsc: Option<&'static str>,
    /// The finding codes that the file alone determines.
    pub codes: Vec<&'static str>,
    /// Optional finding codes: whether to report them depends on how strict a reader is.
    pub tolerated: Vec<&'static str>,
}

impl Case {
    /// Adds a required finding code.
    #[must_use]
    fn with_code(mut self, code: &'static str) -> Self {
        self.truth.codes.push(code);
        self
    }

    /// Adds an optional finding code.
    #[must_use]
    fn tolerating(mut self, code: &'static str) -> Self {
        self.truth.tolerated.push(code);
        self
    }
}

impl GroundTruth {
    /// The ground truth of a file without readable content.
    fn unreadable() -> Self {
        Self {
            map: String::new(),
            map_known: true,
            encryption: Encryption::None,
            bank: None,
            period: None,
            account: None,
            ifsc: None,
            codes: Vec::new(),
            tolerated: Vec::new(),
        }
    }
}

/// How a file is encrypted, with the passwords that decrypt it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Encryption {
    None,
    /// The empty user password decrypts the file.
    Open {
        method: &'static str,
        owner: &'static str,
    },
    /// Both passwords decrypt the file; `map` is the page map after decryption.
    NeedsPassword {
        method: &'static str,
        user: &'static str,
        owner: &'static str,
        map: String,
    },
    /// The file is encrypted for a certificate; no password decrypts it.
    NeedsCertificate {
        method: &'static str,
    },
}

/// Returns all cases in the order of their paths.
pub fn cases() -> Vec<Case> {
    let groups = [
        banks::cases(),
        traps::cases(),
        ledgers::cases(),
        not_statements::cases(),
        encrypted::cases(),
        pages::cases(),
        visibility::cases(),
        legibility::cases(),
        structure::cases(),
        repairs::cases(),
        signatures::cases(),
        edits::cases(),
        foreign::cases(),
        hostile::cases(),
    ];
    let mut cases: Vec<Case> = groups.into_iter().flatten().collect();
    cases.sort_by(|a, b| a.path.cmp(&b.path));
    cases
}

/// Returns all files to write: the cases, their index and the password list.
pub fn files(cases: Vec<Case>) -> Vec<(String, Vec<u8>)> {
    let extra = [
        ("README.md".to_owned(), index::readme(&cases).into_bytes()),
        (
            "passwords.txt".to_owned(),
            index::passwords(&cases).into_bytes(),
        ),
    ];
    cases
        .into_iter()
        .map(|case| (case.path, case.bytes))
        .chain(extra)
        .collect()
}
