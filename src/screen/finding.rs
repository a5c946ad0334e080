//! Findings: a rule fired, how bad it is, and what to do about it.

use crate::pdf::LimitHit;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a finding is about. Where the service has a code for it, this is the service's.
///
/// Names are part of the contract: they do not change, and none is ever used again for another
/// meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Code {
    /// No regular file is there: a folder, a pipe, a device, or nothing.
    MissingFileObject,
    /// The file has no bytes.
    EmptyFile,
    /// The file is no PDF, or is damaged beyond reading.
    InvalidFileObject,
    /// A password is needed, and none given is right.
    PasswordIncorrect,
    /// No page has usable text.
    PdfIsImage,
    /// No bank can be told.
    BankNameUndetected,
    /// The statement is from another bank than the one given.
    BankNameMismatch,
    /// Readable, and no statement of a bank account.
    StatementUnsupportedFormat,
    /// The period printed does not touch the range asked for.
    OutOfDateRange,
    /// The same bytes, or the same text and pages, were already seen in this run.
    StatementDuplicate,
    /// The account category given is none of the service's.
    InvalidAccountCategory,
    /// More pages than the limit set.
    StatementTooManyPages,
    /// More bytes than the limit set.
    FileTooLarge,
    /// Some pages are scanned images.
    PartlyScanned,
    /// Text comes from an OCR layer under a scan.
    OcrTextLayer,
    /// Text is shown that does not map to Unicode.
    UnmappedText,
    /// The period covers the range asked for only in part.
    PartialPeriod,
    /// Over all files of the account, months of the range are missing.
    MissingMonths,
    /// A bank is likely, but not sure enough to count as detected.
    BankUncertain,
    /// The file was edited, or saved again, after it was made.
    EditedPdf,
    /// The file was readable only after repair.
    DamagedPdf,
    /// The file contains scripts, programs or other files.
    ActiveContent,
    /// The period overlaps that of another file of the same account.
    OverlappingPeriod,
    /// Screening stopped at a limit.
    LimitExceeded,
    /// The screener failed on this file.
    InternalError,
}

impl Code {
    /// Every code, in the order of the README's table.
    pub const ALL: [Self; 25] = [
        Self::MissingFileObject,
        Self::EmptyFile,
        Self::InvalidFileObject,
        Self::PasswordIncorrect,
        Self::PdfIsImage,
        Self::BankNameUndetected,
        Self::BankNameMismatch,
        Self::StatementUnsupportedFormat,
        Self::OutOfDateRange,
        Self::StatementDuplicate,
        Self::InvalidAccountCategory,
        Self::StatementTooManyPages,
        Self::FileTooLarge,
        Self::PartlyScanned,
        Self::OcrTextLayer,
        Self::UnmappedText,
        Self::PartialPeriod,
        Self::MissingMonths,
        Self::BankUncertain,
        Self::EditedPdf,
        Self::DamagedPdf,
        Self::ActiveContent,
        Self::OverlappingPeriod,
        Self::LimitExceeded,
        Self::InternalError,
    ];

    /// The code as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingFileObject => "MISSING_FILE_OBJECT",
            Self::EmptyFile => "EMPTY_FILE",
            Self::InvalidFileObject => "INVALID_FILE_OBJECT",
            Self::PasswordIncorrect => "PASSWORD_INCORRECT",
            Self::PdfIsImage => "PDF_IS_IMAGE",
            Self::BankNameUndetected => "BANK_NAME_UNDETECTED",
            Self::BankNameMismatch => "BANK_NAME_MISMATCH",
            Self::StatementUnsupportedFormat => "STATEMENT_UNSUPPORTED_FORMAT",
            Self::OutOfDateRange => "OUT_OF_DATE_RANGE",
            Self::StatementDuplicate => "STATEMENT_DUPLICATE",
            Self::InvalidAccountCategory => "INVALID_ACCOUNT_CATEGORY",
            Self::StatementTooManyPages => "STATEMENT_TOO_MANY_PAGES",
            Self::FileTooLarge => "FILE_TOO_LARGE",
            Self::PartlyScanned => "PARTLY_SCANNED",
            Self::OcrTextLayer => "OCR_TEXT_LAYER",
            Self::UnmappedText => "UNMAPPED_TEXT",
            Self::PartialPeriod => "PARTIAL_PERIOD",
            Self::MissingMonths => "MISSING_MONTHS",
            Self::BankUncertain => "BANK_UNCERTAIN",
            Self::EditedPdf => "EDITED_PDF",
            Self::DamagedPdf => "DAMAGED_PDF",
            Self::ActiveContent => "ACTIVE_CONTENT",
            Self::OverlappingPeriod => "OVERLAPPING_PERIOD",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }
}

impl Code {
    /// Whether the code is one of the service's: it would answer the upload with it.
    pub fn is_service_code(self) -> bool {
        matches!(
            self,
            Self::EmptyFile
                | Self::InvalidFileObject
                | Self::PasswordIncorrect
                | Self::PdfIsImage
                | Self::BankNameUndetected
                | Self::BankNameMismatch
                | Self::StatementUnsupportedFormat
                | Self::OutOfDateRange
                | Self::StatementDuplicate
                | Self::InvalidAccountCategory
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Can be uploaded, but look at it.
    Warning,
    /// The service would refuse it, or it can't be judged.
    Error,
}

impl Severity {
    /// The word as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A rule that fired on one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong with this file, without a full stop. May hold untrusted text.
    pub message: String,
    /// What a person can do about it.
    pub hint: Option<String>,
    /// The pages it is about, from 1. Empty where it is about the whole file.
    pub pages: Vec<usize>,
}

impl Finding {
    /// A finding that makes the file fail.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A finding that lets the file pass, to be looked at.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A finding that changes nothing.
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// Screening stopped at a limit, in this process or in the one for risky files.
    pub fn limit_exceeded(hit: &LimitHit) -> Self {
        let advice = match hit {
            LimitHit::Time(_) => "look at the file by hand, or raise --time-limit",
            _ => "no statement needs as much: look at the file by hand before it goes anywhere",
        };
        Self::error(Code::LimitExceeded, format!("screening stopped: {hit}")).with_hint(advice)
    }

    fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            hint: None,
            pages: Vec::new(),
        }
    }

    /// Adds what a person can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the pages it is about, from 1.
    #[must_use]
    pub fn on_pages(mut self, pages: Vec<usize>) -> Self {
        self.pages = pages;
        self
    }
}

/// What one file is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing above a note.
    Pass,
    /// Can be uploaded, but look at it.
    Warn,
    /// The service would refuse it, or it can't be judged.
    Fail,
}

impl Verdict {
    /// The word as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_upper_snake_case() {
        let mut seen = HashSet::new();
        for name in Code::ALL.map(Code::name) {
            assert!(name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'));
            assert!(seen.insert(name), "{name} is used twice");
        }
    }
}
