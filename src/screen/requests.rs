//! Composes what to ask an applicant for, from all files of a run.
//!
//! The texts are for the applicant: plain sentences with file names, without codes, folders or
//! anything else that is internal. Which finding leads to which request is in [`super::advice`].

use super::{AccountCoverage, Code, Finding, Request, Screening, Severity, Verdict};
use crate::statement::{Bank, DateRange, Month};
use crate::text::columns::page_ranges;
use std::collections::{BTreeMap, HashMap};

/// The name of standard input as a file.
const STANDARD_INPUT: &str = "-";

/// What the files of one applicant lack. Files are added one by one, in input order.
#[derive(Debug, Clone, Default)]
pub struct ApplicantRequests {
    files: BTreeMap<Request, Vec<AffectedFile>>,
    /// Statements of another period than the requested one.
    outside: Vec<OutsideFile>,
    /// Number of files by name, and by name with its folder.
    names: HashMap<String, usize>,
    has_usable_file: bool,
}

#[derive(Debug, Clone)]
struct AffectedFile {
    name: String,
    /// The affected pages, from 1; empty if the whole file is affected.
    pages: Vec<usize>,
}

#[derive(Debug, Clone)]
struct OutsideFile {
    name: String,
    covered: DateRange,
    /// Identifier of the bank, and the masked account number.
    account: Option<(Option<String>, String)>,
}

impl ApplicantRequests {
    /// Adds a file. A duplicate leads to no request of its own.
    pub fn add(&mut self, name: &str, screening: &Screening, is_duplicate: bool) {
        for key in [Some(base_name(name)), name_with_folder(name)] {
            let Some(key) = key else { continue };
            *self.names.entry(key.to_owned()).or_default() += 1;
        }
        self.has_usable_file |= screening.verdict != Verdict::Fail;
        let findings = || {
            let findings = screening.findings.iter();
            findings.filter_map(|finding| Some((request(finding)?, finding)))
        };
        // The first of the most severe ones: checks come in the order of causes.
        let severe = findings().rev().max_by_key(|(_, finding)| finding.severity);
        let Some((request, _)) = severe.filter(|_| !is_duplicate) else {
            return;
        };
        if request == Request::OtherPeriod {
            self.outside.extend(outside(name, screening));
            return;
        }
        let own = findings().filter(|(other, _)| *other == request);
        let mut pages: Vec<usize> = own.flat_map(|(_, f)| f.pages.iter().copied()).collect();
        pages.sort_unstable();
        pages.dedup();
        let name = name.to_owned();
        let files = self.files.entry(request).or_default();
        files.push(AffectedFile { name, pages });
    }

    /// Returns one text per request, each of complete sentences; none if nothing is to be
    /// requested. File names in it are untrusted.
    pub fn texts(&self, accounts: &[AccountCoverage], requested: Option<DateRange>) -> Vec<String> {
        let files = self.files.iter();
        // Another document is no reason for a request if the statements have arrived as well.
        let files =
            files.filter(|(request, _)| **request != Request::Statement || !self.has_usable_file);
        let mut texts: Vec<String> = files
            .map(|(request, files)| self.about_files(*request, files, requested))
            .collect();
        let requested_months = accounts.iter().filter_map(|account| {
            let outside = self.outside.iter().filter(|file| file.is_of(account));
            self.about_account(account, outside)
        });
        texts.extend(requested_months);
        let unassigned: Vec<_> = self
            .outside
            .iter()
            .filter(|file| !accounts.iter().any(|account| file.is_of(account)))
            .collect();
        if let Some(requested) = requested.filter(|_| !unassigned.is_empty()) {
            let statements = if unassigned.len() == 1 {
                "the statement"
            } else {
                "statements"
            };
            texts.push(format!(
                "{} Please send {statements} for {}.",
                self.are_outside(&unassigned),
                requested.in_words()
            ));
        }
        texts
    }

    fn about_files(
        &self,
        request: Request,
        files: &[AffectedFile],
        requested: Option<DateRange>,
    ) -> String {
        let names: Vec<String> = files
            .iter()
            .map(|file| {
                let pages = (!file.pages.is_empty()).then(|| page_ranges(&file.pages));
                self.label(&file.name, pages)
            })
            .collect();
        let (one, several) = match request {
            Request::Password => ("is locked with a password", "are locked with a password"),
            Request::Original => (
                "contains scanned pages, or text that cannot be read",
                "contain scanned pages, or text that cannot be read",
            ),
            Request::Pdf => (
                "is not a PDF, or is damaged",
                "are not PDFs, or are damaged",
            ),
            Request::Again => ("is empty", "are empty"),
            Request::AllPages => ("has damaged pages", "have damaged pages"),
            Request::Statement => (
                "is not a bank account statement",
                "are not bank account statements",
            ),
            Request::OtherPeriod | Request::Months => ("is not enough", "are not enough"),
        };
        let problem = if files.len() == 1 { one } else { several };
        let period = requested.filter(|_| request == Request::Statement);
        let period = period.map_or_else(String::new, |period| {
            format!(" We need {}.", period.in_words())
        });
        format!(
            "{} {problem}. Please send {}.{period}",
            enumeration(&names),
            request.object(files.len())
        )
    }

    /// Requests the months that an account lacks, if any.
    fn about_account<'f>(
        &self,
        account: &AccountCoverage,
        outside: impl Iterator<Item = &'f OutsideFile>,
    ) -> Option<String> {
        let (missing, partial) = (account.missing(), account.incomplete());
        let count = missing.len() + partial.len();
        if count == 0 {
            return None;
        }
        let outside: Vec<_> = outside.collect();
        let mut parts = Vec::new();
        if !missing.is_empty() {
            let (statements, are) = match missing.len() {
                1 => ("statement", "is"),
                _ => ("statements", "are"),
            };
            let months = months(&missing);
            parts.push(format!("the {statements} for {months} {are} missing"));
        }
        if !partial.is_empty() {
            let months = months(&partial);
            parts.push(format!("only part of {months} is covered"));
        }
        let mut text = format!("{}: {}.", account_name(account), parts.join("; "));
        if !outside.is_empty() {
            text = format!("{text} {}", self.are_outside(&outside));
        }
        Some(format!(
            "{text} Please send {}.",
            Request::Months.object(count)
        ))
    }

    fn are_outside(&self, files: &[&OutsideFile]) -> String {
        let names: Vec<_> = files
            .iter()
            .map(|file| self.label(&file.name, Some(file.covered.in_words())))
            .collect();
        let are = if names.len() == 1 { "is" } else { "are" };
        let names = enumeration(&names);
        format!("{names} {are} outside the period that we need.")
    }

    /// Returns the name of a file for the applicant: without its folder, unless another file has
    /// the same name. The note follows in brackets.
    fn label(&self, name: &str, note: Option<String>) -> String {
        if name == STANDARD_INPUT {
            return "The file".to_owned();
        }
        let is_unique = |key: &str| self.names.get(key).copied().unwrap_or_default() <= 1;
        let base = base_name(name);
        let folder = name.rsplit_once('/').map(|(folder, _)| folder);
        let folder = folder.filter(|_| !is_unique(base)).map(|folder| {
            let own = name_with_folder(name).filter(|key| is_unique(key));
            let shown = own.map_or(folder, |_| base_name(folder));
            format!("folder {shown}")
        });
        let notes: Vec<String> = folder.into_iter().chain(note).collect();
        if notes.is_empty() {
            base.to_owned()
        } else {
            format!("{base} ({})", notes.join(", "))
        }
    }
}

impl OutsideFile {
    fn is_of(&self, account: &AccountCoverage) -> bool {
        let bank = account.bank.as_ref().map(Bank::id);
        self.account
            .as_ref()
            .is_some_and(|(own, masked)| own.as_deref() == bank && *masked == account.account)
    }
}

fn outside(name: &str, screening: &Screening) -> Option<OutsideFile> {
    let facts = &screening.statement;
    let period = facts.period?;
    let bank = facts.issuer.as_ref();
    let bank = bank.map(|issuer| issuer.bank.id().to_owned());
    let account = facts.account.as_ref();
    Some(OutsideFile {
        name: name.to_owned(),
        covered: period.days(),
        account: account.map(|account| (bank, account.masked.clone())),
    })
}

/// Returns the request that a finding leads to. Missing months are requested by account.
fn request(finding: &Finding) -> Option<Request> {
    let is_certain = match finding.code {
        // A warning means that the file may be a statement.
        Code::StatementUnsupportedFormat => finding.severity == Severity::Error,
        // Most repairs lose nothing.
        Code::DamagedPdf => !finding.pages.is_empty(),
        _ => true,
    };
    let request = finding.code.advice().request?;
    let is_problem = finding.severity > Severity::Note;
    (is_certain && is_problem && request != Request::Months).then_some(request)
}

fn base_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

/// Returns the name with the folder that it is in; `None` if the name has no folder.
fn name_with_folder(name: &str) -> Option<&str> {
    let (folder, _) = name.rsplit_once('/')?;
    let start = folder.rfind('/').map_or(0, |slash| slash + 1);
    name.get(start..)
}

/// Names an account as its holder knows it: by the bank and the digits that are not masked.
fn account_name(account: &AccountCoverage) -> String {
    let shown = account.account.trim_start_matches('X');
    let number = match shown {
        "" => account.account.clone(),
        digits => format!("ending {digits}"),
    };
    match &account.bank {
        Some(bank) => format!("{} account {number}", bank.name()),
        None => format!("Account {number}"),
    }
}

fn months(months: &[Month]) -> String {
    let words: Vec<_> = months.iter().map(|month| month.in_words()).collect();
    enumeration(&words)
}

/// Joins items as in a sentence: `a, b and c`.
fn enumeration(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::{CrossFileChecks, Policy};
    use crate::statement::{Account, BankRegistry, Issuer, Period, PeriodSource};
    use jiff::civil::{Date, date};

    fn failed(finding: Finding) -> Screening {
        Screening::not_screened(finding)
    }

    fn texts(files: &[(&str, Screening)]) -> Vec<String> {
        let mut requests = ApplicantRequests::default();
        for (name, screening) in files {
            requests.add(name, screening, false);
        }
        requests.texts(&[], None)
    }

    /// Returns the screening of a statement of an HDFC account.
    fn statement(from: Date, to: Date) -> Screening {
        let mut screening = failed(Finding::note(Code::OverlappingPeriod, ""));
        screening.verdict = Verdict::Pass;
        let source = PeriodSource::Printed;
        screening.statement.period = Some(Period { from, to, source });
        screening.statement.account = Some(Account::new("50100418273645"));
        screening.statement.issuer = Some(Issuer {
            bank: BankRegistry::default().by_id("hdfc").unwrap().clone(),
            confidence: 0.99,
            evidence: Vec::new(),
            alternatives: Vec::new(),
        });
        screening
    }

    #[test]
    fn files_with_the_same_problem_are_named_in_one_request() {
        let locked = || failed(Finding::error(Code::PasswordIncorrect, "Encrypted"));
        let empty = failed(Finding::error(Code::EmptyFile, "Empty"));
        let found = texts(&[
            ("in/a.pdf", locked()),
            ("b.pdf", locked()),
            ("c.pdf", empty),
        ]);
        assert_eq!(
            found,
            [
                "a.pdf and b.pdf are locked with a password. Please send the passwords, or copies \
                 of the files that open without a password.",
                "c.pdf is empty. Please send the file again, newly downloaded from net banking.",
            ]
        );
    }

    #[test]
    fn files_with_the_same_name_are_distinguished_by_their_folders() {
        let empty = || failed(Finding::error(Code::EmptyFile, "Empty"));
        let found = texts(&[
            ("in/x/april.pdf", empty()),
            ("in/y/april.pdf", empty()),
            ("one/z/may.pdf", empty()),
            ("two/z/may.pdf", empty()),
        ]);
        assert!(
            found[0].starts_with(
                "april.pdf (folder x), april.pdf (folder y), may.pdf (folder one/z) and may.pdf \
                 (folder two/z) are empty."
            ),
            "{found:?}"
        );
    }

    #[test]
    fn only_the_most_severe_problem_of_a_file_leads_to_a_request() {
        let mut scan = failed(Finding::warning(Code::PartlyScanned, "Scans").on_pages(vec![3, 6]));
        let ocr = Finding::warning(Code::OcrTextLayer, "OCR").on_pages(vec![4]);
        scan.findings.push(ocr);
        assert_eq!(
            texts(&[("scan.pdf", scan.clone())]),
            [
                "scan.pdf (pages 3-4, 6) contains scanned pages, or text that cannot be read. \
              Please send the original PDF downloaded from net banking; scans, photos and printed \
              copies cannot be used."
            ]
        );
        let other = Finding::error(Code::StatementUnsupportedFormat, "A letter");
        scan.findings.push(other);
        let found = texts(&[("scan.pdf", scan)]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("is not a bank account statement"),
            "{found:?}"
        );
    }

    #[test]
    fn problems_of_the_staff_notes_and_duplicates_lead_to_no_request() {
        let finding = |code| Finding::error(code, "Message");
        let staff = failed(finding(Code::BankNameMismatch));
        let note = failed(Finding::note(Code::PasswordIncorrect, "Message"));
        assert_eq!(
            texts(&[("a.pdf", staff), ("b.pdf", note)]),
            <[&str; 0]>::default()
        );
        let mut requests = ApplicantRequests::default();
        requests.add("c.pdf", &failed(finding(Code::PasswordIncorrect)), true);
        assert_eq!(requests.texts(&[], None), <[&str; 0]>::default());
    }

    #[test]
    fn another_document_is_no_problem_beside_a_statement() {
        let other = || failed(Finding::error(Code::StatementUnsupportedFormat, "A letter"));
        assert_eq!(texts(&[("letter.pdf", other())]).len(), 1);
        let good = statement(date(2024, 4, 1), date(2024, 6, 30));
        let both = [("letter.pdf", other()), ("good.pdf", good)];
        assert_eq!(texts(&both), <[&str; 0]>::default());
    }

    #[test]
    fn missing_and_partial_months_are_requested_by_account() {
        let requested = DateRange {
            from: date(2024, 3, 1),
            to: date(2024, 6, 30),
        };
        let policy = Policy::default();
        let check = |from, to, is_outside: bool| {
            let mut screening = statement(from, to);
            if is_outside {
                let finding = Finding::error(Code::OutOfDateRange, "Outside");
                screening.add_finding(finding, &policy);
            }
            let (mut checks, mut requests) = <(CrossFileChecks, ApplicantRequests)>::default();
            checks.check((0, None), &mut screening, &|_| String::new(), &policy);
            requests.add("april.pdf", &screening, false);
            requests.texts(&checks.coverage(Some(requested)), Some(requested))
        };
        assert_eq!(
            check(date(2024, 4, 1), date(2024, 6, 15), false),
            [
                "HDFC Bank account ending 3645: the statement for March 2024 is missing; only part \
              of June 2024 is covered. Please send the statements of these months."
            ]
        );
        let nothing = check(date(2024, 3, 1), date(2024, 6, 30), false);
        assert_eq!(nothing, <[&str; 0]>::default());
        assert_eq!(
            check(date(2023, 4, 1), date(2023, 4, 30), true),
            [
                "HDFC Bank account ending 3645: the statements for March 2024, April 2024, May \
                 2024 and June 2024 are missing. april.pdf (1 April 2023 to 30 April 2023) is \
                 outside the period that we need. Please send the statements of these months."
            ]
        );
    }

    #[test]
    fn a_statement_of_another_period_without_an_account_is_requested_by_file() {
        let mut screening = statement(date(2023, 4, 1), date(2023, 4, 30));
        screening.statement.account = None;
        let finding = Finding::error(Code::OutOfDateRange, "Outside");
        screening.add_finding(finding, &Policy::default());
        let mut requests = ApplicantRequests::default();
        requests.add("april.pdf", &screening, false);
        let requested = DateRange {
            from: date(2024, 3, 1),
            to: date(2024, 6, 30),
        };
        assert_eq!(
            requests.texts(&[], Some(requested)),
            [
                "april.pdf (1 April 2023 to 30 April 2023) is outside the period that we need. \
              Please send the statement for 1 March 2024 to 30 June 2024."
            ]
        );
    }
}
