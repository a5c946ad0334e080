//! Every file of `testdata`: made by the generator, read as it was made, reported as recorded.

use crate::generator::{self, Case, Encryption};
use crate::harness::{TestDir, project};
use bankscreen::pdf::{EncryptionStatus, Engines, PageClass, Password};
use bankscreen::screen::{
    CONFIDENCE_THRESHOLD, CandidatePassword, Code, Policy, Screening, screen,
};
use bankscreen::statement::{Period, PeriodSource};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// Screens as the program does, but for the jail: files that want all engines are given them here,
/// unless they were made to break them.
fn screen_with(case: &Case, passwords: &[&str]) -> Screening {
    let candidate = |secret: &&str| CandidatePassword {
        password: Password::new(*secret),
        origin: "test".to_owned(),
    };
    let mut policy = Policy {
        candidates: passwords.iter().map(candidate).collect(),
        ..Policy::default()
    };
    let bytes = Arc::new(case.bytes.clone());
    let screening = screen(&bytes, &policy, &|| Duration::ZERO);
    if !screening.needs_isolation || case.path.starts_with("hostile/") {
        return screening;
    }
    policy.engines = Engines::All;
    screen(&bytes, &policy, &|| Duration::ZERO)
}

fn map(screening: &Screening) -> String {
    let document = screening.document.as_ref();
    let pages = document.map(|document| document.pages.as_slice());
    pages
        .unwrap_or_default()
        .iter()
        .map(|p| p.letter())
        .collect()
}

fn status(screening: &Screening) -> Option<EncryptionStatus> {
    screening.encryption.as_ref().map(|found| found.status)
}

fn method(screening: &Screening) -> Option<&str> {
    screening.encryption.as_ref()?.method.as_deref()
}

#[test]
fn the_folder_holds_what_the_generator_makes_and_nothing_else() {
    let folder = project().join("testdata");
    let made = generator::files();
    for (path, bytes) in &made {
        let found = std::fs::read(folder.join(path)).unwrap_or_default();
        assert!(
            found == *bytes,
            "{path} differs: run `cargo run --example testdata -- testdata`"
        );
    }
    let known: BTreeSet<_> = made.into_iter().map(|(path, _)| path).collect();
    for group in [
        "banks",
        "encrypted",
        "foreign",
        "hostile",
        "not_statements",
        "pages",
        "structure",
        "traps",
    ] {
        for entry in std::fs::read_dir(folder.join(group)).unwrap() {
            let name = entry.unwrap().file_name();
            let path = format!("{group}/{}", name.to_str().unwrap());
            assert!(known.contains(&path), "nothing makes {path}");
        }
    }
}

#[test]
fn pages_are_classified_as_they_were_drawn() {
    for case in generator::cases()
        .iter()
        .filter(|case| case.truth.map_known)
    {
        assert_eq!(
            map(&screen_with(case, &[])),
            case.truth.map,
            "{}",
            case.path
        );
    }
}

#[test]
fn encryption_is_told_and_only_the_right_passwords_open_it() {
    for case in generator::cases()
        .iter()
        .filter(|case| case.truth.map_known)
    {
        let path = &case.path;
        let bare = screen_with(case, &[]);
        match &case.truth.encryption {
            Encryption::None => {
                let expected = bare.encryption.as_ref().map(|_| EncryptionStatus::None);
                assert_eq!(status(&bare), expected, "{path}");
            }
            Encryption::Open {
                method: expected, ..
            } => {
                assert_eq!(status(&bare), Some(EncryptionStatus::Open), "{path}");
                if *expected != "Identity" {
                    assert_eq!(method(&bare), Some(*expected), "{path}");
                }
            }
            Encryption::NeedsCertificate { method: expected } => {
                assert_eq!(status(&bare), Some(EncryptionStatus::Locked), "{path}");
                assert_eq!(method(&bare), Some(*expected), "{path}");
            }
            Encryption::NeedsPassword {
                method: expected,
                user,
                owner,
                map: opened,
            } => {
                assert_eq!(status(&bare), Some(EncryptionStatus::Locked), "{path}");
                let wrong = screen_with(case, &["wrong", "", "Wrong1234"]);
                assert_eq!(status(&wrong), Some(EncryptionStatus::Locked), "{path}");
                for password in [user, owner] {
                    let open = screen_with(case, &["wrong", password]);
                    assert_eq!(status(&open), Some(EncryptionStatus::Unlocked), "{path}");
                    assert_eq!(method(&open), Some(*expected), "{path}");
                    assert_eq!(map(&open), *opened, "{path}");
                }
            }
        }
    }
}

/// Whether a file stands for a whole document, good or bad.
fn is_made_to_be_judged(path: &str) -> bool {
    ["banks/", "traps/", "not_statements/"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

#[test]
fn what_a_statement_says_is_told_as_it_is() {
    for case in generator::cases() {
        if !is_made_to_be_judged(&case.path) || case.path.starts_with("not_statements/") {
            continue;
        }
        let facts = screen_with(&case, &[]).statement;
        let path = &case.path;
        let printed = facts
            .period
            .filter(|period| period.source == PeriodSource::Printed)
            .map(|period| (period.from.to_string(), period.to.to_string()));
        let printed = printed
            .as_ref()
            .map(|(from, to)| (from.as_str(), to.as_str()));
        assert_eq!(printed, case.truth.period, "{path}");
        let last_four = |number: &str| number.get(number.len() - 4..).map(str::to_owned);
        let account = facts.account.and_then(|account| last_four(&account.masked));
        assert_eq!(account, case.truth.account.and_then(last_four), "{path}");
        assert_eq!(facts.ifsc.as_deref(), case.truth.ifsc, "{path}");
    }
}

#[test]
fn findings_are_those_that_the_file_was_made_for() {
    // What they say depends on the recogniser, not on reading the file.
    let about_banks = [Code::BankNameUndetected, Code::BankUncertain].map(Code::name);
    let about_documents = [Code::StatementUnsupportedFormat, Code::EditedPdf].map(Code::name);
    let known: BTreeSet<_> = Code::ALL.map(Code::name).into_iter().collect();
    for case in generator::cases() {
        let screening = screen_with(&case, &[]);
        let found: BTreeSet<_> = screening
            .findings
            .iter()
            .map(|finding| finding.code.name())
            .filter(|code| !about_banks.contains(code))
            // Files made to be hard to read hold words, not statements.
            .filter(|code| is_made_to_be_judged(&case.path) || !about_documents.contains(code))
            .collect();
        let expected: BTreeSet<_> = case.truth.codes.iter().copied().collect();
        let required: BTreeSet<_> = expected.intersection(&known).copied().collect();
        let tolerated: BTreeSet<_> = case.truth.tolerated.iter().copied().collect();
        assert!(
            found.is_superset(&required),
            "{}: {found:?}, not {required:?}",
            case.path
        );
        let surplus: Vec<_> = found.difference(&required).collect();
        let unexpected = surplus.iter().any(|code| !tolerated.contains(*code));
        assert!(
            !unexpected,
            "{}: {surplus:?} on top of {required:?}",
            case.path
        );
    }
}

#[test]
fn other_transactions_and_holders_change_no_answer() {
    let is_printed = |period: &Period| period.source == PeriodSource::Printed;
    let answer = |case: &Case| {
        let facts = screen_with(case, &[]).statement;
        (
            facts.issuer.map(|issuer| issuer.bank.id),
            facts.period.filter(is_printed),
        )
    };
    for design in generator::banks::designs() {
        let own = answer(&generator::statement::statement(design).case());
        let others = [(901, "HDFC"), (902, "SBIN"), (903, "ICIC")];
        for (seed, code) in others
            .into_iter()
            .filter(|(_, code)| *code != design.ifsc_prefix)
        {
            let other = generator::statement::statement(design)
                .seed(seed)
                .counterparty(code)
                .holder("C/O STATE BANK OF INDIA");
            assert_eq!(answer(&other.case()), own, "{} among {code}", design.path);
        }
    }
}

#[test]
fn no_bank_is_named_that_did_not_issue_the_statement() {
    let mut named = 0;
    for case in generator::cases() {
        let is_statement = !case.path.starts_with("not_statements");
        let Some(issuer) = screen_with(&case, &[]).statement.issuer else {
            continue;
        };
        if is_statement {
            assert_eq!(Some(issuer.bank.id), case.truth.bank, "{}", case.path);
            named += 1;
        }
    }
    assert!(named >= 50, "only {named} statements have a bank");
}

/// The contract's calibration, on every layout with transactions, holders and counterparties of
/// several kinds: of the answers that count as certain, 99 in 100 are right.
#[test]
fn answers_that_are_called_certain_are_right() {
    let designs = generator::banks::designs();
    let variants = designs.iter().flat_map(|design| {
        let others = [(31, "HDFC"), (32, "SBIN"), (33, "ICIC"), (34, "UTIB")];
        let others = others
            .into_iter()
            .filter(|(_, code)| *code != design.ifsc_prefix);
        others.map(|(seed, code)| {
            let other = generator::statement::statement(design).seed(seed);
            other
                .counterparty(code)
                .holder("M/S BANK OF INDIA COLONY")
                .case()
        })
    });
    let cases: Vec<_> = generator::cases().into_iter().chain(variants).collect();
    let (mut right, mut wrong) = (0, Vec::new());
    for case in &cases {
        let issuer = screen_with(case, &[]).statement.issuer;
        let Some(issuer) = issuer.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD) else {
            continue;
        };
        if Some(issuer.bank.id) == case.truth.bank {
            right += 1;
        } else if !case.path.starts_with("not_statements/") {
            wrong.push((&case.path, issuer.bank.id));
        }
    }
    assert!(right >= 200, "only {right} answers are certain");
    assert!(
        wrong.len() * 99 <= right,
        "{right} right, and not {wrong:?}"
    );
}

#[test]
fn the_records_of_all_files_are_the_recorded_ones() {
    let sandbox = TestDir::new();
    let arguments = |jobs: &'static str| {
        let passwords = "testdata/passwords.txt";
        [
            "--check",
            "testdata",
            "--password-file",
            passwords,
            "--format",
            "ndjson",
            "--time-limit",
            "120",
            "--jobs",
            jobs,
        ]
    };
    let run = |jobs| {
        let mut command = sandbox.command(arguments(jobs));
        let output = command.current_dir(project()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let one = run("1");
    assert!(one == run("16"), "the number of threads shows");
    let golden = project().join("testdata/records.ndjson");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&golden, &one).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    for (found, expected) in one.lines().zip(expected.lines()) {
        assert_eq!(
            found, expected,
            "BLESS=1 records what is now printed: read the difference"
        );
    }
    assert_eq!(one.lines().count(), expected.lines().count());
}

/// Says that a test proved nothing, past the capture of what tests print.
fn skipped(reason: &str) {
    let _nobody_reads = writeln!(std::io::stderr(), "skipped, {reason}: real-world files");
}

/// A corpus of real-world files with the truth of other readers, where one is at hand.
#[test]
fn real_world_files_are_read_as_other_readers_read_them() {
    let corpus = project().join("../shared/corpus");
    if !corpus.is_dir() {
        skipped("there is no corpus at ../shared/corpus");
        return;
    }
    let script = project().join("tests/corpus/measure.py");
    let output = std::process::Command::new("python3")
        .args([
            script.as_os_str(),
            env!("CARGO_BIN_EXE_bankscreen").as_ref(),
            corpus.as_os_str(),
        ])
        .output();
    let Ok(output) = output else {
        skipped("there is no python3");
        return;
    };
    let table = String::from_utf8(output.stdout).unwrap();
    let share = |kind: &str| -> f64 {
        let row = table.lines().find(|line| line.starts_with(kind)).unwrap();
        let percent = row.trim_end_matches(" %").rsplit(' ').next().unwrap();
        percent.parse().unwrap()
    };
    let least = [
        ("pages", 99.8),
        ("encryption", 99.6),
        ("passwords", 100.0),
        ("class", 98.9),
    ];
    for (kind, least) in least {
        assert!(
            share(kind) >= least,
            "{kind} fell below {least} %:\n{table}"
        );
    }
}

#[test]
fn every_class_of_page_is_among_the_files() {
    let maps: String = generator::cases()
        .iter()
        .map(|case| case.truth.map.clone())
        .collect();
    let classes = [
        PageClass::Text,
        PageClass::Ocr,
        PageClass::Unmapped,
        PageClass::Scanned,
        PageClass::Vector,
        PageClass::Blank,
        PageClass::Unreadable,
    ];
    for class in classes {
        assert!(maps.contains(class.letter()), "{class:?} is not tested");
    }
}
