//! Measures derived passwords: locks statements by the rules of the table, derives the passwords
//! from the details of invented applicants, and prints how many files open and how fast.
//!
//! `cargo run --release --example passwords -- [FILES]`
//!
//! The second part gives a wrong date of birth, with which no file may open whose rule uses it.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a developer tool: it measures time, prints, and panics on any failure"
)]

#[expect(dead_code, reason = "only the locked statements are used")]
#[path = "../testdata/generator/mod.rs"]
mod generator;

use bankscreen::applicant::{Applicants, Details, Field, RuleTable};
use bankscreen::pdf::EncryptionStatus;
use bankscreen::screen::{LedgerUse, Policy, Screening, screen};
use bankscreen::statement::BankRegistry;
use generator::applicants::{Applicant, LockedStatement, locked_statements};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Files by default: each rule with each method of encryption, almost.
const FILES: usize = 400;

fn main() {
    let count = std::env::args()
        .nth(1)
        .map_or(FILES, |text| text.parse().unwrap());
    let banks = BankRegistry::default();
    let (mut opened, mut wrong) = (0, 0);
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let (mut with_date, mut opened_without_date) = (0, 0);
    for file in locked_statements(count) {
        let (screening, policy, time) = measure(&file, &file.applicant, &banks);
        let password = screening
            .password_from
            .as_ref()
            .and_then(|id| policy.password(id));
        match password {
            Some(password) if password.expose() == file.password => opened += 1,
            Some(_) => {
                wrong += 1;
                println!("wrong: {} {}", file.bank, file.rule);
            }
            None => println!("not opened: {} {} {}", file.bank, file.rule, file.name),
        }
        times.entry(label(&file)).or_default().push(time);
        if file.rule.contains("dob") || file.rule.contains("incorporation") {
            with_date += 1;
            let mut applicant = file.applicant.clone();
            "29/02/1940".clone_into(&mut applicant.born);
            let (screening, ..) = measure(&file, &applicant, &banks);
            opened_without_date += usize::from(is_unlocked(&screening));
        }
    }
    println!("{count} files: {opened} opened, {wrong} by another password than that of the rule");
    println!("wrong date: {opened_without_date} of {with_date} opened");
    for (method, mut times) in times {
        times.sort();
        let last = times.len() - 1;
        let at = |share: usize| times[last * share / 100];
        let (median, ninety, last) = (at(50), at(90), at(100));
        println!(
            "{method:<10} median {median:>10.2?}  90 % {ninety:>10.2?}  longest {last:>10.2?}"
        );
    }
}

fn label(file: &LockedStatement) -> &'static str {
    use generator::encrypt::Scheme;
    match file.scheme {
        Scheme::Aes256Draft => "AES-256 R5",
        Scheme::Aes256 => "AES-256 R6",
        scheme => scheme.method(),
    }
}

fn is_unlocked(screening: &Screening) -> bool {
    let encryption = screening.encryption.as_ref();
    encryption.is_some_and(|found| found.status == EncryptionStatus::Unlocked)
}

/// Screens a file on one thread, with the details of an applicant.
fn measure(
    file: &LockedStatement,
    applicant: &Applicant,
    banks: &BankRegistry,
) -> (Screening, Policy, Duration) {
    let mut details = Details::default();
    for (field, text) in applicant.details() {
        details.set(Field::parse(field).unwrap(), text).unwrap();
    }
    let policy = Policy {
        applicants: Some(Applicants::new(vec![details], RuleTable::default())),
        suggested_bank: banks.named_in(&file.name).cloned(),
        ledger: LedgerUse::Skip,
        banks: banks.clone(),
        ..Policy::default()
    };
    let bytes = Arc::new(file.bytes.clone());
    let started = Instant::now();
    let screening = screen(&bytes, &policy, &|| started.elapsed());
    (screening, policy, started.elapsed())
}
