//! What an entry tells, as tools for findings want it: a rule, a weight, a message, a remedy.

use super::clean;
use super::columns::page_ranges;
use super::record::Entry;
use crate::screen::{Finding, Severity, Verdict};
use crate::uploads::plan::OutcomeKind;

/// Outcomes that are told like findings, with the rule and what it means.
pub(super) const OUTCOMES: [(OutcomeKind, &str, &str, &str); 3] = [
    (
        OutcomeKind::Rejected,
        "UPLOAD_REJECTED",
        "the file was sent, and the service said no",
        "do what the message says, and call again",
    ),
    (
        OutcomeKind::Unknown,
        "UPLOAD_UNKNOWN",
        "the file was sent, and nothing tells what became of it",
        "call again with BANKSCREEN_SERVER_HASH set, which asks the service; only \
         `--resend-unknown` sends it again",
    ),
    (
        OutcomeKind::Skipped,
        "UPLOAD_SKIPPED",
        "the service certainly did not take the file",
        "do what the message says, and call again",
    ),
];

/// One thing to tell of a file. Texts are cleaned, but not escaped for any format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// A finding's code, or one of [`OUTCOMES`].
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    /// What is wrong, with the pages.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

/// Everything to tell of a file: its findings, and an upload that did not reach the service.
pub(super) fn told(entry: &Entry) -> Vec<Told> {
    let findings = entry.screening.findings.iter().map(of_finding);
    findings.chain(of_upload(entry)).collect()
}

/// Whether the file counts as failed for those who wait for the exit code.
pub(super) fn failed(entry: &Entry) -> bool {
    entry.screening.verdict == Verdict::Fail || of_upload(entry).is_some()
}

fn of_finding(finding: &Finding) -> Told {
    let mut message = clean(&finding.message).into_owned();
    if !finding.pages.is_empty() {
        message = format!("{message} ({})", page_ranges(&finding.pages));
    }
    Told {
        rule: finding.code.name(),
        severity: finding.severity,
        message,
        hint: finding.hint.as_deref().map(|hint| clean(hint).into_owned()),
    }
}

fn of_upload(entry: &Entry) -> Option<Told> {
    let sent = entry.upload.as_ref()?;
    let kind = sent.outcome.as_ref()?.kind;
    let (_, rule, ..) = OUTCOMES.iter().find(|(known, ..)| *known == kind)?;
    // Why a file that failed was not sent, its findings tell.
    let known = kind == OutcomeKind::Skipped && entry.screening.verdict == Verdict::Fail;
    Some(Told {
        rule,
        severity: if known {
            Severity::Note
        } else {
            Severity::Error
        },
        message: clean(&sent.told).into_owned(),
        hint: sent.hint.as_deref().map(|hint| clean(hint).into_owned()),
    })
}
