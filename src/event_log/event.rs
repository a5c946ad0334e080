//! The events of the log. `src/guide/pipelines.md` documents the variants and their fields; a test
//! compares both.
//!
//! Text from outside is stored in [`Masked`] fields only, without long numbers. Unreadable answers
//! of the service are never stored, because they may contain a name.

use super::counters::Counters;
use crate::bankconnect::wire::ApiError;
use crate::bankconnect::{CallOutcome, CallReport};
use crate::dashboard::model;
use crate::report::{SettledUpload, UploadRecord};
use crate::screen::{Code, ContentHash, Screening, Verdict};
use crate::text::mask_numbers;
use crate::uploads::convert::{not_processed, unknown_reason};
use crate::uploads::plan::{AttemptResult, OutcomeKind, StopReason, UnknownReason};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::time::Duration;

/// Severity of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Nothing to do.
    Info,
    /// Needs a look.
    Warning,
    /// Failed, or with unknown outcome.
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

/// Text from outside, serialized with long numbers masked: they may be account numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Masked<'t>(&'t str);

/// Returns the text with long numbers masked.
pub(crate) fn masked(text: &str) -> String {
    mask_numbers(text)
}

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&masked(self.0))
    }
}

/// One line of the log.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event<'e> {
    RunBegan {
        version: &'static str,
        mode: &'static str,
        pid: u32,
        /// Number of PATH arguments.
        paths: usize,
        settings: &'e Map<String, Value>,
    },
    FilesFound {
        files: usize,
    },
    FileScreened {
        path: Masked<'e>,
        sha256: Option<String>,
        bytes: Option<u64>,
        #[serde(serialize_with = "verdict_name")]
        verdict: Verdict,
        codes: Vec<&'static str>,
        elapsed_ms: f64,
    },
    /// A finding that depends on the other files of the run.
    FindingAdded {
        path: Masked<'e>,
        sha256: Option<String>,
        code: &'static str,
        #[serde(serialize_with = "verdict_name")]
        verdict_before: Verdict,
        #[serde(serialize_with = "verdict_name")]
        verdict: Verdict,
    },
    SessionUsed {
        session_id: &'e str,
        /// Whether a server hash is configured, so that unknown uploads can be reconciled.
        can_ask: bool,
    },
    /// A call other than an upload.
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
        #[serde(serialize_with = "outcome_name")]
        outcome: OutcomeKind,
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
    /// A message to the user, also if `--quiet` hid it.
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
        counts: Counters,
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
            verdict: screening.verdict,
            codes: codes.collect(),
            elapsed_ms: milliseconds(elapsed),
        }
    }

    /// Returns the event of a finding that was added later; `before` is the verdict without it.
    pub(crate) fn finding_added(
        path: &'e str,
        code: Code,
        before: Verdict,
        after: &Screening,
    ) -> Self {
        Self::FindingAdded {
            path: Masked(path),
            sha256: after.content.map(|content| content.to_string()),
            code: code.name(),
            verdict_before: before,
            verdict: after.verdict,
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

    /// Returns the event of a planned upload or of an upload outcome.
    pub(crate) fn uploaded(
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

    /// Returns the event of an upload outcome.
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
            outcome: outcome.kind,
            code: outcome.code.as_ref().map(|code| Masked(code.name())),
            http_status: outcome.http_status,
            attempts: outcome.attempts,
            // Files skipped before a session was opened have an empty session.
            session_id: settled.session.as_deref().filter(|id| !id.is_empty()),
            statement_id: receipt.statement_id.as_deref(),
            bank: receipt.bank.as_deref().map(Masked),
            months: &receipt.months,
            missing_months: &receipt.missing_months,
        }
    }

    pub(crate) fn queue_stopped(stop: &StopReason) -> Self {
        Self::QueueStopped {
            code: masked(stop.code().name()),
        }
    }

    /// Returns the event of a message to the user.
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
            Self::FileScreened { verdict, .. } => worst(*verdict == Verdict::Fail),
            Self::FindingAdded { .. } | Self::QueueStopped { .. } | Self::Signal { .. } => {
                Level::Warning
            }
            Self::Call(call) => worst(call.result != CallStatus::Ok),
            Self::AttemptEnded(attempt) => worst(attempt.result != AttemptStatus::Accepted),
            Self::FileOutcome { outcome, .. } => match outcome {
                OutcomeKind::Unknown => Level::Error,
                kind => worst(!kind.is_uploaded()),
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

/// How a call other than an upload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CallStatus {
    Ok,
    NotSent,
    Busy,
    Refused,
    Redirected,
    Unclear,
    Abandoned,
}

/// How an upload attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AttemptStatus {
    Accepted,
    Refused,
    NotTaken,
    Unknown,
}

/// A finished call.
#[derive(Debug, Serialize)]
pub(crate) struct CallEvent<'e> {
    method: &'e str,
    endpoint: &'static str,
    session_id: Option<&'e str>,
    result: CallStatus,
    code: Option<String>,
    http_status: Option<u16>,
    message: Option<String>,
    elapsed_ms: f64,
}

impl<'e> CallEvent<'e> {
    pub(super) fn new(report: &CallReport<'e>) -> Self {
        let (result, code, http_status, message) = match report.outcome {
            // As for uploads, every success is reported as 200.
            CallOutcome::Succeeded => (CallStatus::Ok, None, Some(200), None),
            CallOutcome::Failed(error) => failure(error),
            CallOutcome::Abandoned => (CallStatus::Abandoned, None, None, None),
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

/// Returns result, code, status and message of a failed call.
fn failure(error: &ApiError) -> (CallStatus, Option<String>, Option<u16>, Option<&str>) {
    match error {
        ApiError::Invalid(broken) => (
            CallStatus::NotSent,
            Some(broken.code.to_string()),
            None,
            None,
        ),
        ApiError::NotSent { reason, detail } => {
            let code = not_processed(*reason).code().name();
            let message = Some(detail.as_str());
            (CallStatus::NotSent, Some(code.to_owned()), None, message)
        }
        ApiError::Busy { http_status, .. } => (CallStatus::Busy, None, Some(*http_status), None),
        ApiError::Rejected(refusal) => {
            let code = refusal.code.as_ref().map(|code| masked(code.name()));
            let status = Some(refusal.http_status);
            (
                CallStatus::Refused,
                code,
                status,
                Some(refusal.message.as_str()),
            )
        }
        ApiError::Redirected { http_status, .. } => {
            (CallStatus::Redirected, None, Some(*http_status), None)
        }
        ApiError::Indeterminate {
            reason,
            http_status,
            ..
        } => {
            let code = unknown_reason(*reason).code().name();
            (
                CallStatus::Unclear,
                Some(code.to_owned()),
                *http_status,
                None,
            )
        }
    }
}

/// A finished upload attempt.
#[derive(Debug, Serialize)]
pub(crate) struct AttemptEvent<'e> {
    path: Masked<'e>,
    sha256: String,
    session_id: &'e str,
    method: &'static str,
    endpoint: &'static str,
    attempt: u32,
    result: AttemptStatus,
    code: Option<String>,
    http_status: Option<u16>,
    message: Option<Masked<'e>>,
    statement_id: Option<&'e str>,
    elapsed_ms: f64,
    /// From `Retry-After`.
    retry_after_ms: Option<f64>,
    /// Earliest time until the next attempt of this file.
    wait_ms: Option<f64>,
}

/// Duration of an attempt, and the wait until the next one.
pub(crate) struct AttemptTimes {
    pub(crate) elapsed: Duration,
    pub(crate) wait: Option<Duration>,
}

impl<'e> AttemptEvent<'e> {
    pub(crate) fn new(
        (path, content): (&'e str, ContentHash),
        session_id: &'e str,
        attempt: u32,
        (end, message): (&'e AttemptResult, Option<&'e str>),
        times: &AttemptTimes,
    ) -> Self {
        let mut event = Self {
            path: Masked(path),
            sha256: content.to_string(),
            session_id,
            method: "POST",
            endpoint: "upload_session",
            attempt,
            result: AttemptStatus::Unknown,
            code: None,
            http_status: None,
            message: message.map(Masked),
            statement_id: None,
            elapsed_ms: milliseconds(times.elapsed),
            retry_after_ms: None,
            wait_ms: times.wait.map(milliseconds),
        };
        event.set_end(end);
        event
    }

    fn set_end(&mut self, end: &'e AttemptResult) {
        match end {
            AttemptResult::NotProcessed {
                reason,
                retry_after,
            } => {
                self.result = AttemptStatus::NotTaken;
                self.code = Some(reason.code().name().to_owned());
                self.http_status = reason.http_status();
                self.retry_after_ms = retry_after.map(milliseconds);
            }
            AttemptResult::Accepted {
                http_status,
                receipt,
            } => {
                self.result = AttemptStatus::Accepted;
                self.http_status = Some(*http_status);
                self.statement_id = receipt.statement_id.as_deref();
            }
            AttemptResult::Rejected(refusal) => {
                self.result = AttemptStatus::Refused;
                self.code = refusal.code.as_ref().map(|code| masked(code.name()));
                self.http_status = Some(refusal.http_status);
            }
            AttemptResult::Unknown {
                reason,
                http_status,
            } => {
                self.code = Some(reason.code().name().to_owned());
                self.http_status = *http_status;
                // A fragment of an answer may contain the name of the account holder.
                if *reason != UnknownReason::ConnectionLost {
                    self.message = None;
                }
            }
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn verdict_name<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict.name())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn outcome_name<S: Serializer>(outcome: &OutcomeKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.name())
}

/// Returns milliseconds with three decimals.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
