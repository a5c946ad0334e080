//! Makes the synthetic PDFs of the tests, each with the truth about it.
//!
//! Everything is invented and drawn from fixed seeds: no person's data, no bank's file, the same
//! bytes on every run. The truth is known by construction and never taken from the screener.
//! [`cases`] gives all files, [`statement::statement`] makes any other statement, and [`large`]
//! makes the files that benchmarks need.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a mistake in a constant of these cases has to stop the program that makes them"
)]
#![expect(
    unreachable_pub,
    reason = "one module tree is part of an example, tests and benches"
)]

pub mod banks;
mod calendar;
mod damage;
mod encrypt;
mod encrypted;
mod filters;
pub mod fonts;
mod foreign;
mod glyphs;
mod hostile;
mod images;
mod index;
mod jbig2;
mod jpx;
pub mod large;
pub mod layout;
mod ledger;
mod linearise;
mod not_statements;
mod object;
mod pages;
mod random;
mod sheet;
pub mod statement;
mod structure;
mod traps;
mod truetype;
pub mod writer;

/// One synthetic file with the truth about it.
pub struct Case {
    /// Relative path with forward slashes.
    pub path: String,
    /// One sentence: what is special.
    pub note: &'static str,
    pub bytes: Vec<u8>,
    pub truth: Truth,
}

/// What is true of a file when it is read without any password, by construction.
///
/// Bank, period, account and IFSC of a locked file are what it says once it is opened.
pub struct Truth {
    /// A letter a page as in a record's `pages.map`; empty where no page can be read.
    pub map: String,
    /// Whether `map` and `encryption` follow from the file. Where not, they depend on how a reader
    /// repairs and where it stops, and `map` is empty.
    pub map_known: bool,
    pub encryption: Encryption,
    /// The lower-case bank identifier that the text gives; none also where no text can be read.
    pub bank: Option<&'static str>,
    /// First and last day of the period printed, in ISO form.
    pub period: Option<(&'static str, &'static str)>,
    /// The account number as printed.
    pub account: Option<&'static str>,
    /// The labelled IFSC as printed.
    pub ifsc: Option<&'static str>,
    /// Finding codes that follow from reading the file alone.
    pub codes: Vec<&'static str>,
    /// Codes that a careful reader may add, and may as well not: how strict to be is a choice.
    pub tolerated: Vec<&'static str>,
}

impl Case {
    /// The same case with one more code expected.
    #[must_use]
    fn with_code(mut self, code: &'static str) -> Self {
        self.truth.codes.push(code);
        self
    }

    /// The same case with one more code that may be there or not.
    #[must_use]
    fn tolerating(mut self, code: &'static str) -> Self {
        self.truth.tolerated.push(code);
        self
    }
}

impl Truth {
    /// The truth of a file in which nothing can be read.
    fn nothing() -> Self {
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

/// How a file is encrypted, with the passwords that open it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Encryption {
    None,
    /// The empty user password opens it.
    Open {
        method: &'static str,
        owner: &'static str,
    },
    /// Either password opens it, and `map` is then what the pages are.
    NeedsPassword {
        method: &'static str,
        user: &'static str,
        owner: &'static str,
        map: String,
    },
    /// No password could open it: it is encrypted for the holder of a certificate.
    NeedsCertificate {
        method: &'static str,
    },
}

/// All cases, ordered by path.
pub fn cases() -> Vec<Case> {
    let groups = [
        banks::cases(),
        traps::cases(),
        not_statements::cases(),
        encrypted::cases(),
        pages::cases(),
        structure::cases(),
        foreign::cases(),
        hostile::cases(),
    ];
    let mut cases: Vec<Case> = groups.into_iter().flatten().collect();
    cases.sort_by(|a, b| a.path.cmp(&b.path));
    cases
}

/// All files to be written: the cases, their index and the passwords.
pub fn files() -> Vec<(String, Vec<u8>)> {
    let cases = cases();
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
