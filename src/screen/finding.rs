//! Findings, severities and verdicts.

use super::code::Code;
use crate::pdf::LimitHit;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The severity of a finding, from least to most severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// For information; does not affect the verdict.
    Note,
    /// The file can be uploaded, but the user should check it.
    Warning,
    /// The service would reject the file, or the file could not be screened.
    Error,
}

impl Severity {
    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The result of one check that fired on a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The subject.
    pub code: Code,
    /// The severity in this file.
    pub severity: Severity,
    /// What is wrong with this file, without a final period. May contain untrusted text.
    pub message: String,
    /// What the user can do, as an imperative. Nearly all hints are constant, and cost no memory.
    pub hint: Option<Cow<'static, str>>,
    /// The affected page numbers, from 1. Empty if the finding is about the whole file.
    pub pages: Vec<usize>,
}

impl Finding {
    /// Creates a finding that makes the file fail.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// Creates a finding that the user should check.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Creates a finding that does not affect the verdict.
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// Creates the finding for a limit that stopped screening, in this process or in an isolated
    /// one.
    pub fn limit_exceeded(limit: &LimitHit) -> Self {
        let hint = match limit {
            LimitHit::Time(_) => "Inspect the file manually, or raise --time-limit",
            _ => "Inspect the file manually; no statement needs this much",
        };
        Self::error(Code::LimitExceeded, format!("Screening stopped: {limit}")).with_hint(hint)
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

    /// Sets the hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the affected page numbers, from 1.
    #[must_use]
    pub fn on_pages(mut self, pages: Vec<usize>) -> Self {
        self.pages = pages;
        self
    }
}

/// How severe findings are: the flags of the user that override the severities of the checks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityRules {
    /// Whether warnings make the file fail.
    pub strict: bool,
    /// Whether copies that were printed or saved again get a warning instead of a note.
    pub strict_originals: bool,
    /// Codes whose findings are notes.
    pub ignored: Vec<Code>,
    /// Codes whose findings are errors.
    pub errors: Vec<Code>,
}

impl SeverityRules {
    /// Overrides the severity of a finding.
    pub fn apply(&self, finding: &mut Finding) {
        if self.errors.contains(&finding.code) {
            finding.severity = Severity::Error;
        } else if self.ignored.contains(&finding.code) {
            finding.severity = Severity::Note;
        } else if finding.code == Code::RemadePdf && self.strict_originals {
            finding.severity = Severity::Warning;
        }
    }

    /// Returns the verdict for findings to which the rules were applied.
    pub fn verdict(&self, findings: &[Finding]) -> Verdict {
        match findings.iter().map(|finding| finding.severity).max() {
            Some(Severity::Error) => Verdict::Fail,
            Some(Severity::Warning) if self.strict => Verdict::Fail,
            Some(Severity::Warning) => Verdict::Warn,
            Some(Severity::Note) | None => Verdict::Pass,
        }
    }
}

/// The overall result for one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// No warnings and no errors.
    Pass,
    /// The file can be uploaded, but the user should check it.
    Warn,
    /// The service would reject the file, or the file could not be screened.
    Fail,
}

impl Verdict {
    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}
