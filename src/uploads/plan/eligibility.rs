//! Decides which screened files are uploaded, and with which bank.
//!
//! The command `upload` and the dashboard apply the same rules.

use super::code::{LocalCode, OutcomeCode};
use crate::screen::cases::CaseState;
use crate::screen::{CONFIDENCE_THRESHOLD, Code, Screening, Severity, Verdict};
use crate::statement::Bank;

/// What is uploaded, from flags and settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eligibility {
    /// Whether files with warnings are uploaded too.
    pub include_warnings: bool,
    /// Whether a file without a detected bank is uploaded without one. The service then detects
    /// it.
    pub bankless: bool,
}

impl Default for Eligibility {
    fn default() -> Self {
        Self {
            include_warnings: true,
            bankless: false,
        }
    }
}

/// A file that is not uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The finding code, or a code of bankscreen.
    pub code: OutcomeCode,
    /// The reason, as text.
    pub message: String,
    /// What the user can do about it.
    pub hint: Option<String>,
}

impl Skipped {
    fn new(code: Code, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            hint: hint.map(str::to_owned),
        }
    }

    /// Returns the reason of a file whose bytes are sent under another name.
    pub fn copy_of(name: &str) -> Self {
        Self {
            code: Code::StatementDuplicate.into(),
            message: format!("not sent: the same bytes are sent as {name}"),
            hint: None,
        }
    }

    /// Returns the reason of a file whose case is not sent.
    pub fn case_not_ready(state: CaseState) -> Self {
        let hint = match state {
            CaseState::Incomplete => Some("Use --include-incomplete to send it all the same"),
            CaseState::Ready | CaseState::Blocked => None,
        };
        Self {
            code: LocalCode::CaseNotReady.into(),
            message: format!("not sent: its case is {}", state.name()),
            hint: hint.map(str::to_owned),
        }
    }

    /// Returns the reason of a file that is in no case.
    pub fn no_case() -> Self {
        Self {
            code: LocalCode::NoCase.into(),
            message: "not sent: it is in no case".to_owned(),
            hint: None,
        }
    }

    /// Returns the reason of a file without bytes.
    pub fn unreadable() -> Self {
        Self {
            code: Code::MissingFileObject.into(),
            message: "not sent: the file could not be read".to_owned(),
            hint: None,
        }
    }
}

impl Eligibility {
    /// Returns the identifier of the bank to name to the service; `None` lets the service detect
    /// it. `expected_bank` is the bank that the user named for this file.
    ///
    /// # Errors
    ///
    /// Returns the reason why the file is not uploaded.
    pub fn check(
        self,
        screening: &Screening,
        expected_bank: Option<&Bank>,
    ) -> Result<Option<String>, Skipped> {
        self.check_verdict(screening)?;
        self.bank(screening, expected_bank)
    }

    fn check_verdict(self, screening: &Screening) -> Result<(), Skipped> {
        let first = |severity| {
            let mut findings = screening.findings.iter();
            let found = findings.find(|finding| finding.severity >= severity);
            found.map_or(Code::InternalError, |finding| finding.code)
        };
        let has_error = screening
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        match screening.verdict {
            Verdict::Fail if has_error => {
                let code = first(Severity::Error);
                let message = if code.is_service_code() {
                    "not sent: the service would reject it"
                } else {
                    "not sent: it failed screening"
                };
                Err(Skipped::new(code, message, None))
            }
            Verdict::Fail => Err(Skipped::new(
                first(Severity::Warning),
                "not sent: warnings are treated as errors",
                None,
            )),
            Verdict::Warn if !self.include_warnings => Err(Skipped::new(
                first(Severity::Warning),
                "not sent: files with warnings are excluded",
                Some("Use --include-warnings to send it"),
            )),
            Verdict::Warn | Verdict::Pass => Ok(()),
        }
    }

    fn bank(
        self,
        screening: &Screening,
        expected: Option<&Bank>,
    ) -> Result<Option<String>, Skipped> {
        if let Some(bank) = expected {
            return Ok(Some(bank.id().to_owned()));
        }
        let issuer = screening.statement.issuer.as_ref();
        if let Some(issuer) = issuer.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD) {
            return Ok(Some(issuer.bank.id().to_owned()));
        }
        if self.bankless {
            return Ok(None);
        }
        let (code, message) = match issuer {
            Some(issuer) => (
                Code::BankUncertain,
                format!("not sent: {} is likely but not certain", issuer.bank.id()),
            ),
            None => (
                Code::BankNameUndetected,
                "not sent: the bank could not be identified".to_owned(),
            ),
        };
        let hint = "Name the bank with --bank ID, or use --bankless to let the service detect it";
        Err(Skipped::new(code, message, Some(hint)))
    }
}
