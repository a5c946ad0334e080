//! Tests of the judgement of cases.

use super::*;
use crate::screen::notes::NoteTexts;
use crate::screen::{Code, ComparedFile, CrossFileChecks, Finding, Severity, SeverityRules};
use crate::statement::{Account, BankRegistry, DocumentKind, Facts, Issuer, Period, PeriodSource};
use jiff::civil::{Date, date};

const REQUESTED: DateRange = DateRange {
    from: date(2024, 4, 1),
    to: date(2024, 6, 30),
};

/// Returns a statement of the bank for these days; the account number is as printed.
fn statement(bank: &str, number: &str, from: Date, to: Date) -> Screening {
    let finding = Finding::note(Code::OverlappingPeriod, "Message");
    let mut screening = Screening::not_screened(finding);
    screening.findings.clear();
    screening.add_finding(
        Finding::note(Code::OverlappingPeriod, "Message"),
        &Policy::default(),
    );
    let banks = BankRegistry::default();
    screening.statement = Facts {
        kind: Some(DocumentKind::Statement),
        issuer: Some(Issuer {
            bank: banks.by_id(bank).unwrap().clone(),
            confidence: 0.99,
            evidence: Vec::new(),
            alternatives: Vec::new(),
        }),
        account: (!number.is_empty()).then(|| Account::new(number)),
        period: Some(Period {
            from,
            to,
            source: PeriodSource::Printed,
        }),
        ..Facts::default()
    };
    screening
}

fn month(number: i8) -> (Date, Date) {
    let from = date(2024, number, 1);
    (from, from.last_of_month())
}

fn monthly(number: i8) -> Screening {
    let (from, to) = month(number);
    statement("hdfc", "50100012341234", from, to)
}

fn failed(finding: Finding) -> Screening {
    Screening::not_screened(finding)
}

struct Judged {
    state: &'static str,
    /// Account and missing months.
    accounts: Vec<(String, Vec<String>)>,
    requests: Vec<String>,
    actions: Vec<String>,
}

fn judged_with(
    files: Vec<Screening>,
    required: RequiredMonths,
    severities: SeverityRules,
) -> Judged {
    let policy = Policy {
        severities,
        ..Policy::default()
    };
    let mut checks = CrossFileChecks::default();
    let mut files = files;
    let names: Vec<String> = (1..=files.len()).map(|n| format!("{n}.pdf")).collect();
    let mut duplicates = Vec::new();
    for (index, screening) in files.iter_mut().enumerate() {
        screening.verdict = policy.severities.verdict(&screening.findings);
        let file = ComparedFile {
            index,
            requested: None,
            expected_bank: None,
        };
        checks.take_partial_period(index, screening, &policy);
        let name = |other: usize| names[other].clone();
        duplicates.push(checks.check(file, screening, &name, &policy).is_some());
    }
    let accounts = accounts_of_case(checks.coverage(Some(required)));
    let mut late = checks.late_findings(&accounts);
    for (index, screening) in files.iter_mut().enumerate() {
        for finding in late.remove(&index).into_iter().flatten() {
            finding.add_to(screening, &policy);
        }
    }
    let case_files: Vec<CaseFile> = files
        .iter()
        .zip(&names)
        .zip(&duplicates)
        .map(|((screening, name), is_duplicate)| CaseFile {
            name,
            screening,
            expected_bank: None,
            is_duplicate: *is_duplicate,
        })
        .collect();
    let requested = match required {
        RequiredMonths::Of(range) => Some(range),
        RequiredMonths::Own => None,
    };
    let judgement = judge(&case_files, &accounts, requested, &policy);
    let missing = |account: &AccountCoverage| -> Vec<String> {
        account.missing().iter().map(Month::to_string).collect()
    };
    Judged {
        state: judgement.state.name(),
        accounts: accounts
            .iter()
            .map(|account| (account.account.clone(), missing(account)))
            .collect(),
        requests: NoteTexts::english().requests(&judgement.needs),
        actions: judgement.actions,
    }
}

fn judged(files: Vec<Screening>) -> Judged {
    judged_with(
        files,
        RequiredMonths::Of(REQUESTED),
        SeverityRules::default(),
    )
}

fn with(mut screening: Screening, finding: Finding) -> Screening {
    screening.add_finding(finding, &Policy::default());
    screening
}

#[test]
fn names_are_trimmed_and_limited() {
    assert_eq!(Case::new("  A 1 ").unwrap().name, "A 1");
    assert_eq!(Case::new(" \t ").unwrap_err(), InvalidName::Empty);
    assert_eq!(
        Case::new("a\u{7}b").unwrap_err(),
        InvalidName::ControlCharacter
    );
    assert!(Case::new(&"ä".repeat(MAX_NAME_CHARS)).is_ok());
    let long = Case::new(&"ä".repeat(MAX_NAME_CHARS + 1));
    assert_eq!(long.unwrap_err(), InvalidName::TooLong);
}

#[test]
fn a_period_within_a_first_week_has_no_counted_month() {
    let range = |from, to| DateRange { from, to };
    assert!(!has_counted_month(range(
        date(2024, 5, 1),
        date(2024, 5, 7)
    )));
    assert!(has_counted_month(range(date(2024, 5, 1), date(2024, 5, 8))));
    assert!(has_counted_month(range(
        date(2024, 4, 30),
        date(2024, 5, 2)
    )));
}

#[test]
fn monthly_statements_that_cover_the_period_are_ready_without_warnings() {
    let partial = || Finding::warning(Code::PartialPeriod, "covers only part");
    let files = [4, 5, 6].map(|month| with(monthly(month), partial()));
    let strict = SeverityRules {
        strict: true,
        ..SeverityRules::default()
    };
    let found = judged_with(files.to_vec(), RequiredMonths::Of(REQUESTED), strict);
    assert_eq!(found.state, "ready", "{:?}", found.actions);
    assert_eq!(
        found.accounts,
        [("XXXXXXXXXX1234".to_owned(), Vec::<String>::new())]
    );
    assert_eq!((found.requests.len(), found.actions.len()), (0, 0));
}

#[test]
fn a_missing_month_makes_a_case_incomplete_whatever_is_ignored() {
    let partial = Finding::warning(Code::PartialPeriod, "covers only part");
    let files = vec![with(monthly(4), partial), monthly(6)];
    let ignoring = SeverityRules {
        ignored: vec![Code::MissingMonths, Code::PartialPeriod],
        ..SeverityRules::default()
    };
    for severities in [SeverityRules::default(), ignoring] {
        let found = judged_with(files.clone(), RequiredMonths::Of(REQUESTED), severities);
        assert_eq!(found.state, "incomplete");
        assert_eq!(found.accounts[0].1, ["2024-05"]);
        assert_eq!(
            found.requests,
            [
                "HDFC Bank account ending 1234: the statement for May 2024 is missing. Please send \
              the statement of this month."
            ]
        );
    }
}

#[test]
fn only_holes_count_without_a_requested_period() {
    let own = |months: &[i8]| {
        let files = months.iter().map(|number| monthly(*number)).collect();
        let found = judged_with(files, RequiredMonths::Own, SeverityRules::default());
        (found.state, found.accounts[0].1.clone())
    };
    assert_eq!(own(&[4, 5]), ("ready", Vec::new()));
    assert_eq!(own(&[6, 4]), ("incomplete", vec!["2024-05".to_owned()]));
}

#[test]
fn accounts_are_the_same_unless_two_whole_numbers_differ() {
    let numbers = |numbers: &[&str]| {
        let files = numbers.iter().zip([4, 5, 6]).map(|(number, part)| {
            let (from, to) = month(part);
            statement("hdfc", number, from, to)
        });
        let found = judged(files.collect());
        let accounts = found.accounts.iter();
        let mut missing: Vec<usize> = accounts.map(|(_, missing)| missing.len()).collect();
        missing.sort_unstable();
        (found.state, missing)
    };
    let (first, second) = ("50100012341234", "50100099991234");
    assert_eq!(numbers(&[first, first, first]), ("ready", vec![0]));
    assert_eq!(numbers(&["XXXXXX1234", first, first]), ("ready", vec![0]));
    assert_eq!(
        numbers(&["XXXXXX1234", "XX1234XX", first]),
        ("incomplete", vec![1, 2])
    );
    assert_eq!(numbers(&[first, second, first]), ("incomplete", vec![1, 2]));
    // A masked number that both accounts can have belongs to neither.
    assert_eq!(
        numbers(&["XXXXXX1234", second, first]),
        ("incomplete", vec![2, 2])
    );
    assert_eq!(numbers(&[first, "", first]), ("ready", vec![0]));
    assert_eq!(numbers(&["", "", ""]).0, "incomplete");
}

#[test]
fn codes_make_a_case_incomplete_or_blocked_as_documented() {
    let incomplete = [
        Code::EmptyFile,
        Code::InvalidFileObject,
        Code::PasswordIncorrect,
        Code::PdfIsImage,
        Code::PartlyScanned,
        Code::UnmappedText,
    ];
    let blocked = [
        Code::BankNameMismatch,
        Code::BankNameUndetected,
        Code::InvalidAccountCategory,
        Code::StatementTooManyPages,
        Code::FileTooLarge,
        Code::LimitExceeded,
        Code::InternalError,
        Code::BalanceMismatch,
        Code::MissingTransactions,
        Code::TotalsMismatch,
        Code::PeriodMismatch,
        Code::MixedStatements,
        Code::ReferenceDates,
        Code::EditedPdf,
        Code::SignatureBroken,
        Code::HolderMismatch,
        Code::StatementInOtherCase,
    ];
    for code in Code::ALL {
        let explained = code.explain().severity;
        if explained == Severity::Note {
            continue;
        }
        let finding = || Finding {
            severity: explained,
            ..Finding::note(code, "Message")
        };
        let complete = || [4, 5, 6].map(monthly).to_vec();
        let state = |finding, severities| {
            let mut files = complete();
            files.push(failed(finding));
            judged_with(files, RequiredMonths::Of(REQUESTED), severities).state
        };
        let expected = if incomplete.contains(&code) {
            "incomplete"
        } else if blocked.contains(&code) {
            "blocked"
        } else {
            "ready"
        };
        assert_eq!(
            state(finding(), SeverityRules::default()),
            expected,
            "{code}"
        );
        let note = Finding::note(code, "Message");
        assert_eq!(state(note, SeverityRules::default()), "ready", "{code}");
        let strict = SeverityRules {
            strict: true,
            ..SeverityRules::default()
        };
        let is_months = matches!(code, Code::PartialPeriod | Code::MissingMonths);
        let is_made_error = explained == Severity::Warning && expected == "ready" && !is_months;
        let expected = if is_made_error { "blocked" } else { expected };
        assert_eq!(state(finding(), strict), expected, "{code} --strict");
    }
}

#[test]
fn a_blocked_case_has_actions_and_requests() {
    let finding = Finding::warning(Code::BalanceMismatch, "The balance does not follow");
    let files = vec![with(monthly(4), finding), monthly(5)];
    let found = judged(files);
    assert_eq!(found.state, "blocked");
    assert_eq!(found.requests.len(), 1, "{:?}", found.requests);
    assert!(
        found.actions[0]
            .starts_with("1.pdf: BALANCE_MISMATCH: The balance does not follow. Compare"),
        "{:?}",
        found.actions
    );
}

#[test]
fn another_document_outweighs_its_bank_and_a_duplicate_has_no_effect() {
    let mut letter = failed(Finding::error(Code::StatementUnsupportedFormat, "A letter"));
    letter.statement.kind = Some(DocumentKind::Other("a letter".to_owned()));
    let no_bank = Finding::error(Code::BankNameUndetected, "No bank");
    let letter = with(letter, no_bank.clone());
    let files = || [4, 5, 6].map(monthly).to_vec();
    let state = |extra: Screening| {
        let mut all = files();
        all.push(extra);
        judged(all).state
    };
    assert_eq!(state(letter.clone()), "ready");
    assert_eq!(state(failed(no_bank)), "blocked");
    let outside = Finding::error(Code::OutOfDateRange, "Outside");
    let old = statement("sbi", "12345678901", date(2020, 1, 1), date(2020, 1, 31));
    assert_eq!(state(with(old.clone(), outside.clone())), "ready");
    // Alone, its account is the only one.
    let found = judged(vec![with(old, outside)]);
    assert_eq!(found.state, "incomplete");
    assert_eq!(found.accounts[0].1.len(), 3);
    let found = judged(vec![letter]);
    assert_eq!(found.state, "incomplete");
    assert!(
        found.requests[0].contains("is not a bank account statement"),
        "{:?}",
        found.requests
    );
}

#[test]
fn a_case_without_a_file_asks_for_statements() {
    let found = judged(Vec::new());
    assert_eq!(found.state, "incomplete");
    assert_eq!(
        found.requests,
        [
            "We have not received a bank account statement that we can use. Please send the \
          statements of your account for 1 April 2024 to 30 June 2024, downloaded from net banking \
          as PDFs."
        ]
    );
}

#[test]
fn months_before_the_account_was_opened_are_not_missing() {
    let mut statement = monthly(6);
    statement.statement.account_opened = Some(date(2024, 6, 1));
    let found = judged(vec![statement]);
    assert_eq!((found.state, found.accounts[0].1.len()), ("ready", 0));
}

#[test]
fn a_statement_or_account_in_an_unrelated_case_is_a_finding() {
    let names = ["A", "B", "C"];
    let mut cases: Vec<Case> = names.map(|name| Case::new(name).unwrap()).to_vec();
    let identity = |content: &[u8], account: Option<&[u8]>| StatementIdentity {
        content: crate::screen::ContentHash::of(content),
        text: None,
        account: account.map(crate::screen::ContentHash::of),
    };
    let shared = identity(b"1", Some(b"account"));
    let same_account = identity(b"2", Some(b"account"));
    let masked = identity(b"3", None);
    let mut statements = StatementsByCase::default();
    statements.add(0, &shared);
    statements.add(1, &shared);
    statements.add(2, &same_account);
    statements.add(2, &masked);
    let others = statements.shared();
    assert_eq!(Vec::from_iter(others.cases()), [0, 1, 2]);
    let message = |case: usize, identity, cases: &[Case]| {
        let finding = others.finding(case, identity, cases, None);
        finding.map(|finding| finding.message)
    };
    assert_eq!(
        message(0, &shared, &cases).as_deref(),
        Some("The same statement is also in case B, case C")
    );
    assert_eq!(
        message(2, &same_account, &cases).as_deref(),
        Some("The same account is also in case A, case B")
    );
    assert_eq!(message(2, &masked, &cases), None);
    cases[2].related = vec!["A".to_owned(), "B".to_owned()];
    assert_eq!(message(2, &same_account, &cases), None);
    assert_eq!(
        message(0, &shared, &cases).as_deref(),
        Some("The same statement is also in case B")
    );
    let earlier = Some(Shared::Account);
    let found = others.finding(2, &masked, &cases, earlier).unwrap();
    let expected = "The same account is also in a case of an earlier run";
    assert_eq!(found.message, expected);
}

#[test]
fn a_statement_in_very_many_cases_is_compared_with_some_of_them() {
    let cases: Vec<Case> = (0..500)
        .map(|number| Case::new(&format!("{number:03}")).unwrap())
        .collect();
    let shared = StatementIdentity {
        content: crate::screen::ContentHash::of(b"a"),
        text: None,
        account: None,
    };
    let mut statements = StatementsByCase::default();
    (0..cases.len()).for_each(|case| statements.add(case, &shared));
    let others = statements.shared();
    let found = others.finding(7, &shared, &cases, None).unwrap();
    let expected = "The same statement is also in case 000, case 001, case 002, and many more";
    assert_eq!(found.message, expected);
}
