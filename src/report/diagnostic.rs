//! Diagnostics of a file: its findings and its failed upload in one form.
//!
//! The formats for tools (SARIF, `JUnit`, GitHub) and the HTML page render diagnostics, because
//! they treat a finding and a failed upload alike: a rule, a severity, a message and a hint.

use super::record::ReportEntry;
use super::upload_record::UploadRecord;
use crate::screen::{Code, Finding, Severity, Verdict};
use crate::text::columns::page_ranges;
use crate::text::sanitize;
use crate::uploads::plan::OutcomeKind;

/// The rule that a diagnostic reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// A finding's code.
    Code(Code),
    /// The service rejected the file.
    UploadRejected,
    /// The outcome of the upload is unknown.
    UploadUnknown,
    /// The file was not uploaded.
    UploadSkipped,
}

impl Rule {
    /// The rules about uploads, in the order in which reports list them.
    pub(super) const UPLOAD: [Self; 3] = [
        Self::UploadRejected,
        Self::UploadUnknown,
        Self::UploadSkipped,
    ];

    /// Returns every rule; a result refers to its rule by the index in this order.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Code::ALL.into_iter().map(Self::Code).chain(Self::UPLOAD)
    }

    /// Returns the identifier of the rule.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Code(code) => code.name(),
            Self::UploadRejected => "UPLOAD_REJECTED",
            Self::UploadUnknown => "UPLOAD_UNKNOWN",
            Self::UploadSkipped => "UPLOAD_SKIPPED",
        }
    }

    /// Returns when the rule applies.
    pub(super) fn condition(self) -> &'static str {
        match self {
            Self::Code(code) => code.explain().when,
            Self::UploadRejected => "The service rejected the file",
            Self::UploadUnknown => "The file was sent, but the outcome is unknown",
            Self::UploadSkipped => "The file was not uploaded",
        }
    }

    /// Returns what the user can do about it, in general.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Code(code) => code.explain().hint,
            Self::UploadRejected | Self::UploadSkipped => {
                "Resolve the problem in the message, then run the command again"
            }
            Self::UploadUnknown => {
                "Set BANKSCREEN_SERVER_HASH and run the command again to ask the service; only \
                 `--resend-unknown` uploads the file again"
            }
        }
    }

    /// Returns what a reader without a command line can do about it. See [`Code::advice`].
    pub(super) fn advice(self) -> String {
        match self {
            Self::Code(code) => code.advice().hint(),
            Self::UploadRejected => {
                "Resolve the problem in the message; if that is not possible, ask the customer for \
                 another file"
                    .to_owned()
            }
            Self::UploadSkipped => {
                "Resolve the problem in the message, and have the file uploaded again".to_owned()
            }
            Self::UploadUnknown => {
                "Have your technical team find out whether the service has the file, before it is \
                 sent again"
                    .to_owned()
            }
        }
    }

    /// Returns the severity of most diagnostics of this rule; a single one may be milder.
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::Code(code) => code.explain().severity,
            Self::UploadRejected | Self::UploadUnknown | Self::UploadSkipped => Severity::Error,
        }
    }

    /// Returns the rule of an upload outcome, or `None` if the service has the file.
    fn of_outcome(kind: OutcomeKind) -> Option<Self> {
        match kind {
            OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => None,
            OutcomeKind::Rejected => Some(Self::UploadRejected),
            OutcomeKind::Unknown => Some(Self::UploadUnknown),
            OutcomeKind::Skipped => Some(Self::UploadSkipped),
        }
    }
}

/// One problem of a file. Texts are sanitized, but not escaped for any format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diagnostic {
    pub(super) rule: Rule,
    pub(super) severity: Severity,
    /// The problem, followed by the affected pages.
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// The affected pages, counted from 1; empty if the whole file is affected.
    pub(super) pages: Vec<usize>,
}

impl Diagnostic {
    /// Formats message and hint as sentences, with `separator` between them.
    pub(super) fn text(&self, separator: &str) -> String {
        let message = &self.message;
        match &self.hint {
            Some(hint) => format!("{message}{separator}Hint: {hint}"),
            None => message.clone(),
        }
    }
}

/// Returns the diagnostics of a file: its findings, then its failed upload.
pub(super) fn diagnostics(entry: &ReportEntry) -> Vec<Diagnostic> {
    let findings = entry.screening.findings.iter().map(from_finding);
    findings.chain(from_upload(entry)).collect()
}

/// Returns the first of the most severe diagnostics.
///
/// Findings come in the order of their checks, so the first one is the cause of later ones.
pub(super) fn worst(diagnostics: &[Diagnostic]) -> Option<&Diagnostic> {
    diagnostics
        .iter()
        .rev()
        .max_by_key(|diagnostic| diagnostic.severity)
}

/// Returns whether the file makes the exit code non-zero.
pub(super) fn is_failed(entry: &ReportEntry) -> bool {
    entry.screening.verdict == Verdict::Fail || upload_rule(entry).is_some()
}

fn from_finding(finding: &Finding) -> Diagnostic {
    let mut message = sanitize(&finding.message).into_owned();
    if !finding.pages.is_empty() {
        message = format!("{message} ({})", page_ranges(&finding.pages));
    }
    Diagnostic {
        rule: Rule::Code(finding.code),
        severity: finding.severity,
        message,
        hint: finding
            .hint
            .as_deref()
            .map(|hint| sanitize(hint).into_owned()),
        pages: finding.pages.clone(),
    }
}

fn upload_rule(entry: &ReportEntry) -> Option<Rule> {
    let kind = entry.upload.as_ref().and_then(UploadRecord::kind)?;
    Rule::of_outcome(kind)
}

fn from_upload(entry: &ReportEntry) -> Option<Diagnostic> {
    let rule = upload_rule(entry)?;
    let settled = entry.upload.as_ref()?.settled()?;
    // The findings of a failed file already report, as errors, why it was skipped.
    let is_repeated = rule == Rule::UploadSkipped && entry.screening.verdict == Verdict::Fail;
    let severity = if is_repeated {
        Severity::Note
    } else {
        rule.severity()
    };
    Some(Diagnostic {
        rule,
        severity,
        message: sanitize(&settled.message).into_owned(),
        hint: settled
            .hint
            .as_deref()
            .map(|hint| sanitize(hint).into_owned()),
        pages: Vec::new(),
    })
}
