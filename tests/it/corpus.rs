//! Every file of `testdata`: reproducible by the generator, screened as designed, reported as
//! recorded.

use crate::generator::{self, Case, Encryption};
use crate::harness::{TestDir, project};
use bankscreen::pdf::{EncryptionStatus, Engines, PageClass, Password};
use bankscreen::screen::{
    CONFIDENCE_THRESHOLD, CandidateId, CandidatePassword, Code, Policy, Screening, screen,
};
use bankscreen::statement::{Period, PeriodSource};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

/// A generated file and its screening without candidate passwords.
pub(crate) struct ScreenedCase {
    pub(crate) case: Case,
    pub(crate) screening: Screening,
}

/// All generated files in order of their paths, screened once per test process.
pub(crate) static CORPUS: LazyLock<Vec<ScreenedCase>> =
    LazyLock::new(|| screen_all(generator::cases()));

/// Screens cases on all cores and returns them in their order.
fn screen_all(cases: Vec<Case>) -> Vec<ScreenedCase> {
    let next = AtomicUsize::new(0);
    let screenings = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { break };
                    let screening = screen_with(case, &[]);
                    screenings.lock().unwrap().push((index, screening));
                }
            });
        }
    });
    let mut screenings = screenings.into_inner().unwrap();
    screenings.sort_by_key(|(index, _)| *index);
    let screenings = screenings.into_iter().map(|(_, screening)| screening);
    let screened = cases.into_iter().zip(screenings);
    screened
        .map(|(case, screening)| ScreenedCase { case, screening })
        .collect()
}

/// Screens a case like the program, but without isolated processes.
///
/// Files that need isolation are screened with all engines in this process, except for hostile
/// files, which are designed to crash an engine.
fn screen_with(case: &Case, passwords: &[&str]) -> Screening {
    let candidate = |secret: &&str| CandidatePassword {
        password: Password::new(*secret),
        id: CandidateId::Request,
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

fn page_map(screening: &Screening) -> String {
    let document = screening.document.as_ref();
    let pages = document.map(|document| document.pages.as_slice());
    pages
        .unwrap_or_default()
        .iter()
        .map(|page| page.letter())
        .collect()
}

fn status(screening: &Screening) -> Option<EncryptionStatus> {
    screening.encryption.as_ref().map(|found| found.status)
}

fn method(screening: &Screening) -> Option<&str> {
    screening.encryption.as_ref()?.method.as_deref()
}

#[test]
fn testdata_contains_exactly_the_generated_files() {
    let folder = project().join("testdata");
    let cases = CORPUS.iter().map(|screened| screened.case.clone());
    let generated = generator::files(cases.collect());
    for (path, bytes) in &generated {
        let found = std::fs::read(folder.join(path)).unwrap_or_default();
        assert!(
            found == *bytes,
            "{path} differs: run `cargo run --example testdata -- testdata`"
        );
    }
    let known: BTreeSet<_> = generated.into_iter().map(|(path, _)| path).collect();
    for group in [
        "banks",
        "encrypted",
        "foreign",
        "hostile",
        "not_statements",
        "pages",
        "signatures",
        "structure",
        "traps",
    ] {
        for entry in std::fs::read_dir(folder.join(group)).unwrap() {
            let name = entry.unwrap().file_name();
            let path = format!("{group}/{}", name.to_str().unwrap());
            assert!(known.contains(&path), "the generator does not write {path}");
        }
    }
}

#[test]
fn pages_are_classified_as_designed() {
    for ScreenedCase { case, screening } in CORPUS.iter() {
        if case.truth.map_known {
            assert_eq!(page_map(screening), case.truth.map, "{}", case.path);
        }
    }
}

#[test]
fn encryption_is_detected_and_only_the_right_passwords_open_a_file() {
    for ScreenedCase { case, screening } in CORPUS.iter() {
        if !case.truth.map_known {
            continue;
        }
        let path = &case.path;
        match &case.truth.encryption {
            Encryption::None => {
                let expected = screening
                    .encryption
                    .as_ref()
                    .map(|_| EncryptionStatus::None);
                assert_eq!(status(screening), expected, "{path}");
            }
            Encryption::Open {
                method: expected, ..
            } => {
                assert_eq!(status(screening), Some(EncryptionStatus::Open), "{path}");
                if *expected != "Identity" {
                    assert_eq!(method(screening), Some(*expected), "{path}");
                }
            }
            Encryption::NeedsCertificate { method: expected } => {
                assert_eq!(status(screening), Some(EncryptionStatus::Locked), "{path}");
                assert_eq!(method(screening), Some(*expected), "{path}");
            }
            Encryption::NeedsPassword {
                method: expected,
                user,
                owner,
                map: opened,
            } => {
                assert_eq!(status(screening), Some(EncryptionStatus::Locked), "{path}");
                let wrong = screen_with(case, &["wrong", "", "Wrong1234"]);
                assert_eq!(status(&wrong), Some(EncryptionStatus::Locked), "{path}");
                for password in [user, owner] {
                    let open = screen_with(case, &["wrong", password]);
                    assert_eq!(status(&open), Some(EncryptionStatus::Unlocked), "{path}");
                    assert_eq!(method(&open), Some(*expected), "{path}");
                    assert_eq!(page_map(&open), *opened, "{path}");
                }
            }
        }
    }
}

/// Whether a file is a complete document, not one that is designed to be hard to read.
fn is_complete_document(path: &str) -> bool {
    ["banks/", "traps/", "not_statements/"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

#[test]
fn period_account_and_ifsc_are_extracted_as_designed() {
    for ScreenedCase { case, screening } in CORPUS.iter() {
        let path = &case.path;
        if !is_complete_document(path) || path.starts_with("not_statements/") {
            continue;
        }
        let facts = &screening.statement;
        let printed = facts
            .period
            .filter(|period| period.source == PeriodSource::Printed)
            .map(|period| (period.from.to_string(), period.to.to_string()));
        let printed = printed
            .as_ref()
            .map(|(from, to)| (from.as_str(), to.as_str()));
        assert_eq!(printed, case.truth.period, "{path}");
        let last_four = |number: &str| number.get(number.len() - 4..).map(str::to_owned);
        let account = facts.account.as_ref();
        let account = account.and_then(|account| last_four(&account.masked));
        assert_eq!(account, case.truth.account.and_then(last_four), "{path}");
        assert_eq!(facts.ifsc.as_deref(), case.truth.ifsc, "{path}");
    }
}

#[test]
fn every_file_has_the_findings_it_was_designed_for() {
    // These depend on the words of the document, not on reading the file.
    let about_banks = [Code::BankNameUndetected, Code::BankUncertain];
    let about_documents = [Code::StatementUnsupportedFormat];
    let known: BTreeSet<_> = Code::ALL.map(Code::name).into_iter().collect();
    for ScreenedCase { case, screening } in CORPUS.iter() {
        let found: BTreeSet<_> = screening
            .findings
            .iter()
            .map(|finding| finding.code)
            .filter(|code| !about_banks.contains(code))
            // Files that are designed to be hard to read contain words, but no statement.
            .filter(|code| is_complete_document(&case.path) || !about_documents.contains(code))
            // Hostile files draw what they draw to be hard to read.
            .filter(|code| !case.path.starts_with("hostile/") || *code != Code::EditedPdf)
            .map(Code::name)
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
            "{}: {surplus:?} in addition to {required:?}",
            case.path
        );
    }
}

#[test]
fn other_transactions_and_holders_do_not_change_bank_and_period() {
    let is_printed = |period: &Period| period.source == PeriodSource::Printed;
    let bank_and_period = |screening: &Screening| {
        let facts = &screening.statement;
        let bank = facts.issuer.as_ref().map(|issuer| issuer.bank.clone());
        (bank, facts.period.filter(is_printed))
    };
    for design in generator::banks::designs() {
        let own = CORPUS.iter().find(|own| own.case.path == design.path);
        let own = bank_and_period(&own.unwrap().screening);
        let others = [(901, "HDFC"), (902, "SBIN"), (903, "ICIC")];
        for (seed, code) in others
            .into_iter()
            .filter(|(_, code)| *code != design.ifsc_prefix)
        {
            let other = generator::statement::statement(design)
                .seed(seed)
                .counterparty(code)
                .holder("C/O STATE BANK OF INDIA");
            let other = bank_and_period(&screen_with(&other.case(), &[]));
            assert_eq!(other, own, "{} with transactions of {code}", design.path);
        }
    }
}

#[test]
fn every_identified_bank_is_the_issuer() {
    let mut identified = 0;
    for ScreenedCase { case, screening } in CORPUS.iter() {
        let is_statement = !case.path.starts_with("not_statements");
        if let Some(issuer) = screening.statement.issuer.as_ref()
            && is_statement
        {
            assert_eq!(Some(issuer.bank.id()), case.truth.bank, "{}", case.path);
            identified += 1;
        }
    }
    assert!(identified >= 50, "only {identified} statements have a bank");
}

/// Checks the calibration: of the banks above the confidence threshold, 99 of 100 are right.
///
/// Every layout is tested with several transactions, holders and counterparties.
#[test]
fn detected_banks_are_right() {
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
    let variants = screen_all(variants.collect());
    let (mut right, mut wrong) = (0, Vec::new());
    for ScreenedCase { case, screening } in CORPUS.iter().chain(&variants) {
        let issuer = screening.statement.issuer.as_ref();
        let issuer = issuer.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD);
        let Some(bank) = issuer.map(|issuer| issuer.bank.id()) else {
            continue;
        };
        if Some(bank) == case.truth.bank {
            right += 1;
        } else if !case.path.starts_with("not_statements/") {
            wrong.push((&case.path, bank));
        }
    }
    assert!(right >= 200, "only {right} banks are detected");
    assert!(wrong.len() * 99 <= right, "{right} right, wrong: {wrong:?}");
}

/// Screens a path below the project with the program and returns its records.
fn records(path: &str, jobs: &str) -> String {
    let dir = TestDir::new();
    let mut command = dir.command([
        "--check",
        path,
        "--password-file",
        "testdata/passwords.txt",
        "--format",
        "ndjson",
        "--time-limit",
        "120",
        "--jobs",
        jobs,
    ]);
    let output = command.current_dir(project()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn records_equal_the_golden_records_for_any_number_of_threads() {
    let golden = project().join("testdata/records.ndjson");
    let found = records("testdata", "16");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(
            found, expected,
            "BLESS=1 stores the new records; review the difference"
        );
    }
    assert_eq!(found.lines().count(), expected.lines().count());

    // One thread, for the folder whose files come first: files before could be duplicates.
    let folder = "testdata/banks/";
    let in_folder = format!("\"path\":\"{folder}");
    let of_folder = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains(&in_folder));
        lines.map(str::to_owned).collect()
    };
    let single_threaded = of_folder(&records(folder, "1"));
    assert!(!single_threaded.is_empty());
    assert_eq!(single_threaded, of_folder(&expected));
}

/// Reports a skipped test. Bypasses the output capture of the test harness.
fn report_skipped(reason: &str) {
    let _ignored = writeln!(std::io::stderr(), "skipped, {reason}: real-world files");
}

/// Compares with other readers on a corpus of real-world files, if it exists on this machine.
#[test]
fn real_world_files_are_read_as_by_other_readers() {
    let corpus = project().join("../shared/corpus");
    if !corpus.is_dir() {
        report_skipped("there is no corpus at ../shared/corpus");
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
        report_skipped("there is no python3");
        return;
    };
    let table = String::from_utf8(output.stdout).unwrap();
    let share = |kind: &str| -> f64 {
        let row = table.lines().find(|line| line.starts_with(kind)).unwrap();
        let percent = row.trim_end_matches(" %").rsplit(' ').next().unwrap();
        percent.parse().unwrap()
    };
    let minimums = [
        ("pages", 99.8),
        ("encryption", 99.6),
        ("passwords", 100.0),
        // The other readers count text that a viewer does not show.
        ("class", 98.7),
    ];
    for (kind, minimum) in minimums {
        assert!(
            share(kind) >= minimum,
            "{kind} fell below {minimum} %:\n{table}"
        );
    }
}

#[test]
fn the_files_contain_every_page_class() {
    let maps: String = CORPUS
        .iter()
        .map(|screened| screened.case.truth.map.as_str())
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
