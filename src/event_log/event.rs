//! What a log tells. The variants and their fields are documented in `src/guide/pipelines.md`, and
//! a test holds the two against each other.
//!
//! Text from outside is in no field but those of [`Masked`], without long numbers. Answers of the
//! service that could not be read are in none: they may name a person.

use super::settings::Settings;
use super::tally::Tally;
use crate::bankconnect::wire::ApiError;
use crate::bankconnect::{CallOutcome, CallReport};
use crate::dashboard::model;
use crate::report::{SettledUpload, UploadRecord};
use crate::screen::{Code, ContentHash, Screening};
use crate::text::mask_numbers;
use crate::uploads::plan::{AttemptResult, OutcomeKind, StopReason, UnknownReason};
use crate::uploads::{not_processed, unknown_reason};
use serde::{Serialize, Serializer};
use std::time::Duration;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// It went as it should.
    Info,
    /// Someone should look.
    Warning,
    /// It could not be done, or nobody knows whether it was.
    Error,
}

impl From<model::Level> for Level {
    fn from(level: model::Level) -> Self {
        match level {
            model::Level::Info => Self::Info,
            model::Level::Warning => Self::Warning,
            model::Level::Error => Self::Error,
        }
    }
}

/// Text from outside, shown with long numbers masked: they may be those of accounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Masked<'t>(&'t str);

/// Text with long numbers masked.
pub(super) fn masked(text: &str) -> String {
    mask_numbers(text)
}

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&masked(self.0))
    }
}

/// One thing that happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event<'e> {
    RunBegan {
        version: &'static str,
        mode: &'static str,
        pid: u32,
        /// As many as were typed.
        paths: usize,
        settings: &'e Settings,
    },
    FilesFound {
        files: usize,
    },
    FileScreened {
        path: Masked<'e>,
        sha256: Option<String>,
        bytes: Option<u64>,
        verdict: &'static str,
        codes: Vec<&'static str>,
        elapsed_ms: f64,
    },
    /// What only all files together tell of one.
    FindingAdded {
        path: Masked<'e>,
        sha256: Option<String>,
        code: &'static str,
        verdict_before: &'static str,
        verdict: &'static str,
    },
    SessionUsed {
        session_id: &'e str,
        /// Whether the service can be asked about unknown uploads.
        can_ask: bool,
    },
    /// A call that is no upload.
    Call(CallEvent<'e>),
    AttemptBegan {
        path: Masked<'e>,
        sha256: String,
        session_id: &'e str,
        bytes: u64,
        bank: Option<&'e str>,
        attempt: u32,
    },
    AttemptEnded(AttemptEvent<'e>),
    UploadPlanned {
        path: Masked<'e>,
        sha256: String,
    },
    FileOutcome {
        path: Masked<'e>,
        sha256: Option<String>,
        outcome: &'static str,
        code: Option<Masked<'e>>,
        http_status: Option<u16>,
        attempts: u32,
        session_id: Option<&'e str>,
        statement_id: Option<&'e str>,
        bank: Option<Masked<'e>>,
        months: &'e [String],
        missing_months: &'e [String],
    },
    QueueStopped {
        code: String,
    },
    /// Something that people were told, or would have been without --quiet.
    Notice {
        #[serde(skip)]
        level: Level,
        text: Masked<'e>,
    },
    Signal {
        signal: i32,
        name: Option<&'static str>,
    },
    RunEnded {
        exit_code: u8,
        seconds: f64,
        counts: Tally,
    },
}

impl<'e> Event<'e> {
    pub(crate) fn screened(
        path: &'e str,
        bytes: Option<u64>,
        screening: &Screening,
        elapsed: Duration,
    ) -> Self {
        let codes = screening.findings.iter().map(|found| found.code.name());
        Self::FileScreened {
            path: Masked(path),
            sha256: screening.content.map(|content| content.to_string()),
            bytes,
            verdict: screening.verdict.name(),
            codes: codes.collect(),
            elapsed_ms: milliseconds(elapsed),
        }
    }

    /// `before` is the verdict without the finding.
    pub(crate) fn finding_added(
        path: &'e str,
        code: Code,
        before: crate::screen::Verdict,
        after: &Screening,
    ) -> Self {
        Self::FindingAdded {
            path: Masked(path),
            sha256: after.content.map(|content| content.to_string()),
            code: code.name(),
            verdict_before: before.name(),
            verdict: after.verdict.name(),
        }
    }

    pub(crate) fn attempt_began(
        path: &'e str,
        content: ContentHash,
        session_id: &'e str,
        (bytes, bank): (u64, Option<&'e str>),
        attempt: u32,
    ) -> Self {
        Self::AttemptBegan {
            path: Masked(path),
            sha256: content.to_string(),
            session_id,
            bytes,
            bank,
            attempt,
        }
    }

    /// Reports the upload of a file: planned by a dry run, or with its outcome.
    pub(crate) fn upload(
        path: &'e str,
        content: Option<ContentHash>,
        record: &'e UploadRecord,
    ) -> Self {
        match record {
            UploadRecord::Planned { .. } => Self::UploadPlanned {
                path: Masked(path),
                sha256: content.map_or_else(String::new, |content| content.to_string()),
            },
            UploadRecord::Settled(settled) => Self::file_outcome(path, content, settled),
        }
    }

    /// Reports the outcome of a file's upload.
    pub(crate) fn file_outcome(
        path: &'e str,
        content: Option<ContentHash>,
        settled: &'e SettledUpload,
    ) -> Self {
        let outcome = &settled.outcome;
        let receipt = &outcome.receipt;
        Self::FileOutcome {
            path: Masked(path),
            sha256: content.map(|content| content.to_string()),
            outcome: outcome.kind.name(),
            code: outcome.code.as_deref().map(Masked),
            http_status: outcome.http_status,
            attempts: outcome.attempts,
            // What was kept before there was a session is in none.
            session_id: settled.session.as_deref().filter(|id| !id.is_empty()),
            statement_id: receipt.statement_id.as_deref(),
            bank: receipt.bank.as_deref().map(Masked),
            months: &receipt.months,
            missing_months: &receipt.missing_months,
        }
    }

    pub(crate) fn queue_stopped(stop: &StopReason) -> Self {
        Self::QueueStopped {
            code: masked(&stop.code()),
        }
    }

    /// Something that people were told.
    pub(crate) fn notice(level: Level, text: &'e str) -> Self {
        Self::Notice {
            level,
            text: Masked(text),
        }
    }

    pub(crate) fn signal(signal: i32) -> Self {
        Self::Signal {
            signal,
            name: signal_hook::low_level::signal_name(signal),
        }
    }

    pub(super) fn level(&self) -> Level {
        let worst = |is_bad| if is_bad { Level::Warning } else { Level::Info };
        match self {
            Self::FileScreened { verdict, .. } => worst(*verdict == "fail"),
            Self::FindingAdded { .. } | Self::QueueStopped { .. } | Self::Signal { .. } => {
                Level::Warning
            }
            Self::Call(call) => worst(call.result != "ok"),
            Self::AttemptEnded(attempt) => worst(attempt.result != "accepted"),
            Self::FileOutcome { outcome, .. } => match OutcomeKind::by_name(outcome) {
                Some(OutcomeKind::Unknown) => Level::Error,
                Some(kind) => worst(!kind.is_uploaded()),
                None => Level::Info,
            },
            Self::Notice { level, .. } => *level,
            Self::RunEnded { exit_code, .. } => match exit_code {
                0 => Level::Info,
                2 => Level::Error,
                _ => Level::Warning,
            },
            Self::RunBegan { .. }
            | Self::FilesFound { .. }
            | Self::SessionUsed { .. }
            | Self::AttemptBegan { .. }
            | Self::UploadPlanned { .. } => Level::Info,
        }
    }
}

/// A call that ended.
#[derive(Debug, Serialize)]
pub(crate) struct CallEvent<'e> {
    method: &'e str,
    endpoint: &'static str,
    session_id: Option<&'e str>,
    result: &'static str,
    code: Option<String>,
    http_status: Option<u16>,
    message: Option<String>,
    elapsed_ms: f64,
}

impl<'e> CallEvent<'e> {
    pub(super) fn new(report: &CallReport<'e>) -> Self {
        let (result, code, http_status, message) = match report.outcome {
            // As outcomes have it: every success is one of 200.
            CallOutcome::Succeeded => ("ok", None, Some(200), None),
            CallOutcome::Failed(error) => failure(error),
            CallOutcome::Abandoned => ("abandoned", None, None, None),
        };
        Self {
            method: report.method,
            endpoint: report.endpoint,
            session_id: report.session,
            result,
            code,
            http_status,
            message: message.filter(|text| !text.is_empty()).map(masked),
            elapsed_ms: milliseconds(report.elapsed),
        }
    }
}

/// Result, code, status and words of a call that did not succeed.
fn failure(error: &ApiError) -> (&'static str, Option<String>, Option<u16>, Option<&str>) {
    match error {
        ApiError::Invalid(broken) => ("not_sent", Some(broken.code.to_string()), None, None),
        ApiError::NotSent { reason, detail } => {
            let code = not_processed(*reason).code();
            let words = Some(detail.as_str());
            ("not_sent", Some(code.to_owned()), None, words)
        }
        ApiError::Busy { http_status, .. } => ("busy", None, Some(*http_status), None),
        ApiError::Rejected(refusal) => {
            let code = refusal.code.as_ref().map(|code| masked(code.name()));
            let status = Some(refusal.http_status);
            ("refused", code, status, Some(refusal.message.as_str()))
        }
        ApiError::Redirected { http_status, .. } => ("redirected", None, Some(*http_status), None),
        ApiError::Indeterminate {
            reason,
            http_status,
            ..
        } => {
            let code = unknown_reason(*reason).code();
            ("unclear", Some(code.to_owned()), *http_status, None)
        }
    }
}

/// An attempt to upload that ended.
#[derive(Debug, Serialize)]
pub(crate) struct AttemptEvent<'e> {
    path: Masked<'e>,
    sha256: String,
    session_id: &'e str,
    method: &'static str,
    endpoint: &'static str,
    attempt: u32,
    result: &'static str,
    code: Option<String>,
    http_status: Option<u16>,
    message: Option<Masked<'e>>,
    statement_id: Option<&'e str>,
    elapsed_ms: f64,
    /// As the service asks for it.
    retry_after_ms: Option<f64>,
    /// Until the next attempt of this file, at the earliest.
    wait_ms: Option<f64>,
}

/// How long an attempt took, and how long the file waits for the next one.
pub(crate) struct Times {
    pub(crate) elapsed: Duration,
    pub(crate) wait: Option<Duration>,
}

impl<'e> AttemptEvent<'e> {
    pub(crate) fn new(
        (path, content): (&'e str, ContentHash),
        session_id: &'e str,
        attempt: u32,
        (end, message): (&'e AttemptResult, Option<&'e str>),
        times: &Times,
    ) -> Self {
        let mut event = Self {
            path: Masked(path),
            sha256: content.to_string(),
            session_id,
            method: "POST",
            endpoint: "upload_session",
            attempt,
            result: "unknown",
            code: None,
            http_status: None,
            message: message.map(Masked),
            statement_id: None,
            elapsed_ms: milliseconds(times.elapsed),
            retry_after_ms: None,
            wait_ms: times.wait.map(milliseconds),
        };
        event.take(end);
        event
    }

    fn take(&mut self, end: &'e AttemptResult) {
        match end {
            AttemptResult::NotProcessed {
                reason,
                retry_after,
            } => {
                self.result = "not_taken";
                self.code = Some(reason.code().to_owned());
                self.http_status = reason.http_status();
                self.retry_after_ms = retry_after.map(milliseconds);
            }
            AttemptResult::Accepted {
                http_status,
                receipt,
            } => {
                self.result = "accepted";
                self.http_status = Some(*http_status);
                self.statement_id = receipt.statement_id.as_deref();
            }
            AttemptResult::Rejected(refusal) => {
                self.result = "refused";
                self.code = refusal.code.as_deref().map(masked);
                self.http_status = Some(refusal.http_status);
            }
            AttemptResult::Unknown {
                reason,
                http_status,
            } => {
                self.code = Some(reason.code().to_owned());
                self.http_status = *http_status;
                // What is left of an answer may name the account's holder.
                if *reason != UnknownReason::ConnectionLost {
                    self.message = None;
                }
            }
        }
    }
}

/// With thousandths.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
