//! Composes what to ask an applicant for, from all files of a run.
//!
//! Which finding leads to which request is in [`super::advice`], and the words of a request are in
//! [`super::notes`].

use super::cases::{CaseFile, Effect};
use super::notes::{Need, NeededFile};
use super::{AccountCoverage, Code, Finding, Request, Screening, Severity, Verdict};
use crate::statement::{Bank, DateRange};
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
    /// The bank of locked files of which none is known.
    fallback_bank: Option<Bank>,
}

#[derive(Debug, Clone)]
struct AffectedFile {
    name: String,
    /// The affected pages, from 1; empty if the whole file is affected.
    pages: Vec<usize>,
    /// The bank that it is probably from.
    bank: Option<Bank>,
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
        self.add_name(name, screening);
        let findings: Vec<&Finding> = if is_duplicate {
            Vec::new()
        } else {
            screening.findings.iter().collect()
        };
        self.add_findings(name, (screening, None), &findings);
    }

    /// Adds a file of a case, of which only some findings have an effect.
    pub(super) fn add_for_case(&mut self, file: &CaseFile<'_>, effect: &Effect<'_>) {
        self.add_name(file.name, file.screening);
        if file.is_duplicate {
            return;
        }
        if effect.is_out_of_range {
            self.outside.extend(outside(file.name, file.screening));
        } else if effect.is_other_document {
            self.add_affected(Request::Statement, file.name, Vec::new(), None);
        } else {
            let bank = file.expected_bank;
            self.add_findings(file.name, (file.screening, bank), effect.requests());
        }
    }

    fn add_name(&mut self, name: &str, screening: &Screening) {
        for key in [Some(base_name(name)), name_with_folder(name)] {
            let Some(key) = key else { continue };
            *self.names.entry(key.to_owned()).or_default() += 1;
        }
        self.has_usable_file |= screening.verdict != Verdict::Fail;
    }

    fn add_findings(
        &mut self,
        name: &str,
        (screening, expected_bank): (&Screening, Option<&Bank>),
        findings: &[&Finding],
    ) {
        let requested = || {
            let findings = findings.iter().copied();
            findings.filter_map(|finding| Some((request(finding)?, finding)))
        };
        // The first of the most severe ones: checks come in the order of causes.
        let severe = requested().rev();
        let Some((request, _)) = severe.max_by_key(|(_, finding)| finding.severity) else {
            return;
        };
        if request == Request::OtherPeriod {
            self.outside.extend(outside(name, screening));
            return;
        }
        let own = requested().filter(|(other, _)| *other == request);
        let mut pages: Vec<usize> = own.flat_map(|(_, f)| f.pages.iter().copied()).collect();
        pages.sort_unstable();
        pages.dedup();
        let detected = screening.statement.issuer.as_ref();
        let bank = expected_bank.or(detected.map(|issuer| &issuer.bank));
        self.add_affected(request, name, pages, bank);
    }

    fn add_affected(
        &mut self,
        request: Request,
        name: &str,
        pages: Vec<usize>,
        bank: Option<&Bank>,
    ) {
        let files = self.files.entry(request).or_default();
        files.push(AffectedFile {
            name: name.to_owned(),
            pages,
            bank: bank.cloned(),
        });
    }

    /// Returns the requests of a case.
    ///
    /// If the case has accounts, neither another document nor a statement of another period is
    /// requested instead of a file. If it has none, statements are requested in any case, unless
    /// the staff has to decide about a file first.
    pub(super) fn needs_of_case(
        mut self,
        accounts: &[AccountCoverage],
        requested: Option<DateRange>,
        is_blocked: bool,
    ) -> Vec<Need> {
        if !accounts.is_empty() {
            self.files.remove(&Request::Statement);
            self.outside
                .retain(|file| accounts.iter().any(|account| file.is_of(account)));
        }
        if let [only] = accounts {
            // A locked file without a known bank is probably from that of the other files.
            self.fallback_bank.clone_from(&only.bank);
        }
        let mut needs = self.needs(accounts, requested);
        if accounts.is_empty() && needs.is_empty() && !is_blocked {
            needs.push(Need::AnyStatement { period: requested });
        }
        needs
    }

    /// Returns the requests; none if nothing is to be requested.
    pub fn needs(&self, accounts: &[AccountCoverage], requested: Option<DateRange>) -> Vec<Need> {
        let files = self.files.iter();
        // Another document is no reason for a request if the statements have arrived as well.
        let files =
            files.filter(|(request, _)| **request != Request::Statement || !self.has_usable_file);
        let mut needs: Vec<Need> = files
            .map(|(request, files)| self.about_files(*request, files, requested))
            .collect();
        let about_accounts = accounts
            .iter()
            .filter_map(|account| self.about_account(account));
        needs.extend(about_accounts);
        let unassigned = self
            .outside
            .iter()
            .filter(|file| !accounts.iter().any(|account| file.is_of(account)));
        let files: Vec<_> = unassigned.map(|file| self.outside_file(file)).collect();
        if let Some(period) = requested.filter(|_| !files.is_empty()) {
            needs.push(Need::OtherPeriod { files, period });
        }
        needs
    }

    fn about_files(
        &self,
        request: Request,
        files: &[AffectedFile],
        requested: Option<DateRange>,
    ) -> Need {
        let mut banks: Vec<Bank> = Vec::new();
        let locked = files.iter().filter(|_| request == Request::Password);
        for file in locked {
            let bank = file.bank.as_ref().or(self.fallback_bank.as_ref());
            if let Some(bank) = bank.filter(|bank| banks.iter().all(|own| own.id() != bank.id())) {
                banks.push(bank.clone());
            }
        }
        let named = files.iter().map(|file| NeededFile {
            pages: file.pages.clone(),
            ..self.named(&file.name)
        });
        Need::Files {
            request,
            files: named.collect(),
            period: requested.filter(|_| request == Request::Statement),
            banks,
        }
    }

    /// Requests the months that an account lacks, if any.
    fn about_account(&self, account: &AccountCoverage) -> Option<Need> {
        let (missing, partial) = (account.missing(), account.incomplete());
        if missing.is_empty() && partial.is_empty() {
            return None;
        }
        let outside = self.outside.iter().filter(|file| file.is_of(account));
        let unread = [
            Request::Password,
            Request::Original,
            Request::Pdf,
            Request::Again,
        ];
        let mut unread = unread.iter();
        Some(Need::Months {
            bank: account.bank.clone(),
            account: account.account.clone(),
            missing,
            partial,
            outside: outside.map(|file| self.outside_file(file)).collect(),
            may_be_unread: unread.any(|request| self.files.contains_key(request)),
        })
    }

    fn outside_file(&self, file: &OutsideFile) -> NeededFile {
        NeededFile {
            covered: Some(file.covered),
            ..self.named(&file.name)
        }
    }

    /// Returns a file for the applicant: without its folder, unless another file has the same name.
    fn named(&self, name: &str) -> NeededFile {
        if name == STANDARD_INPUT {
            return NeededFile::default();
        }
        let is_unique = |key: &str| self.names.get(key).copied().unwrap_or_default() <= 1;
        let base = base_name(name);
        let folder = name.rsplit_once('/').map(|(folder, _)| folder);
        let folder = folder.filter(|_| !is_unique(base)).map(|folder| {
            let own = name_with_folder(name).filter(|key| is_unique(key));
            own.map_or(folder, |_| base_name(folder)).to_owned()
        });
        NeededFile {
            name: Some(base.to_owned()),
            folder,
            ..NeededFile::default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::notes::NoteTexts;
    use crate::screen::{ComparedFile, CrossFileChecks, Policy, RequiredMonths};
    use crate::statement::{Account, BankRegistry, Issuer, Period, PeriodSource};
    use jiff::civil::{Date, date};

    fn failed(finding: Finding) -> Screening {
        Screening::not_screened(finding)
    }

    fn english(
        requests: &ApplicantRequests,
        accounts: &[AccountCoverage],
        requested: Option<DateRange>,
    ) -> Vec<String> {
        NoteTexts::english().requests(&requests.needs(accounts, requested))
    }

    fn texts(files: &[(&str, Screening)]) -> Vec<String> {
        let mut requests = ApplicantRequests::default();
        for (name, screening) in files {
            requests.add(name, screening, false);
        }
        english(&requests, &[], None)
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
        assert_eq!(english(&requests, &[], None), <[&str; 0]>::default());
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
            let file = ComparedFile {
                index: 0,
                requested: None,
                expected_bank: None,
            };
            checks.check(file, &mut screening, &|_| String::new(), &policy);
            requests.add("april.pdf", &screening, false);
            let accounts = checks.coverage(Some(RequiredMonths::Of(requested)));
            english(&requests, &accounts, Some(requested))
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
            english(&requests, &[], Some(requested)),
            [
                "april.pdf (1 April 2023 to 30 April 2023) is outside the period that we need. \
              Please send the statement for 1 March 2024 to 30 June 2024."
            ]
        );
    }
}
