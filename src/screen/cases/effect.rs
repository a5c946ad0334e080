//! The effect of one file's findings on the state of its case.

use super::CaseFile;
use crate::screen::{Code, Finding, Policy, Severity};
use crate::statement::DocumentKind;

/// The findings of a file that matter to its case.
#[derive(Debug, Default)]
pub(in crate::screen) struct Effect<'f> {
    /// Findings that the applicant can resolve with another file.
    incomplete: Vec<&'f Finding>,
    /// Findings about which the staff decides.
    blocking: Vec<&'f Finding>,
    /// Whether the file is a statement of another period than the requested one.
    pub(in crate::screen) is_out_of_range: bool,
    /// Whether the file is another document.
    pub(in crate::screen) is_other_document: bool,
}

/// What a finding that is no note does to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeEffect {
    /// The applicant must send something.
    Incomplete,
    /// The staff must act.
    Blocked,
    /// The months of the account decide.
    Months,
    /// None, unless the user makes it an error.
    ByUser,
}

/// Returns what the findings of a code do to a case.
pub fn code_effect(code: Code) -> CodeEffect {
    match code {
        Code::EmptyFile
        | Code::InvalidFileObject
        | Code::PasswordIncorrect
        | Code::PdfIsImage
        | Code::PartlyScanned
        | Code::UnmappedText => CodeEffect::Incomplete,
        Code::PartialPeriod | Code::MissingMonths => CodeEffect::Months,
        Code::BankNameMismatch
        | Code::BankNameUndetected
        | Code::InvalidAccountCategory
        | Code::StatementTooManyPages
        | Code::FileTooLarge
        | Code::LimitExceeded
        | Code::InternalError
        | Code::BalanceMismatch
        | Code::MissingTransactions
        | Code::TotalsMismatch
        | Code::PeriodMismatch
        | Code::MixedStatements
        | Code::ReferenceDates
        | Code::EditedPdf
        | Code::SignatureBroken
        | Code::HolderMismatch
        | Code::StatementInOtherCase => CodeEffect::Blocked,
        Code::MissingFileObject
        | Code::StatementUnsupportedFormat
        | Code::StatementNoTransactions
        | Code::OutOfDateRange
        | Code::StatementDuplicate
        | Code::OcrTextLayer
        | Code::IncompleteMonths
        | Code::OverlappingPeriod
        | Code::BankUncertain
        | Code::RemadePdf
        | Code::FlaggedByService
        | Code::DamagedPdf
        | Code::ActiveContent => CodeEffect::ByUser,
    }
}

/// Returns whether the flags of the user make a finding an error that is none by itself.
fn is_made_error(finding: &Finding, policy: &Policy) -> bool {
    let rules = &policy.severities;
    let is_error_itself = finding.code.explain().severity == Severity::Error;
    match finding.severity {
        Severity::Error => !is_error_itself && rules.errors.contains(&finding.code),
        Severity::Warning => rules.strict,
        Severity::Note => false,
    }
}

impl<'f> Effect<'f> {
    /// Returns the effect of a file.
    pub(super) fn of(file: &CaseFile<'f>, policy: &Policy) -> Self {
        let findings = &file.screening.findings;
        let has_error = |code| {
            let mut findings = findings.iter();
            findings.any(|found| found.code == code && found.severity == Severity::Error)
        };
        let is_other = matches!(file.screening.statement.kind, Some(DocumentKind::Other(_)));
        let mut effect = Self {
            is_out_of_range: has_error(Code::OutOfDateRange),
            is_other_document: is_other && has_error(Code::StatementUnsupportedFormat),
            ..Self::default()
        };
        if file.is_duplicate || effect.is_out_of_range || effect.is_other_document {
            return effect;
        }
        let severe = findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note);
        for finding in severe {
            match code_effect(finding.code) {
                CodeEffect::Incomplete => effect.incomplete.push(finding),
                CodeEffect::Blocked => effect.blocking.push(finding),
                CodeEffect::ByUser if is_made_error(finding, policy) => {
                    effect.blocking.push(finding);
                }
                CodeEffect::Months | CodeEffect::ByUser => {}
            }
        }
        effect
    }

    /// Returns whether the applicant must send something instead of the file.
    pub(super) fn is_incomplete(&self) -> bool {
        !self.incomplete.is_empty()
    }

    /// Returns whether the staff must act.
    pub(super) fn is_blocked(&self) -> bool {
        !self.blocking.is_empty()
    }

    /// Returns the findings that the applicant can resolve.
    pub(in crate::screen) fn requests(&self) -> &[&'f Finding] {
        &self.incomplete
    }

    /// Returns what the staff must do, with file and code. For a locked file, they learn which
    /// passwords were tried.
    pub(super) fn actions(&self, file: &CaseFile<'_>) -> impl Iterator<Item = String> {
        let locked = self.incomplete.iter();
        let locked = locked.filter(|finding| finding.code == Code::PasswordIncorrect);
        let about = |finding: &&Finding| {
            let Finding { code, message, .. } = finding;
            let advice = code.advice().hint();
            format!("{}: {code}: {message}. {advice}.", file.name)
        };
        let actions: Vec<String> = self.blocking.iter().chain(locked).map(about).collect();
        actions.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_applicant_is_asked_for_has_a_request() {
        for code in Code::ALL {
            if code_effect(code) == CodeEffect::Incomplete {
                assert!(code.advice().request.is_some(), "{code}");
            }
        }
    }
}
