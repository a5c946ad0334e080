//! Upload outcomes, as used by the dashboard, the reports and the journal.

use super::attempt::Receipt;
use super::code::OutcomeCode;
use crate::bankconnect::wire::{ErrorCode, UploadAnswer};
use jiff::Timestamp;
use serde::Serialize;

/// The kind of an upload outcome. Each file has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutcomeKind {
    /// The service accepted the file and confirmed it.
    Accepted,
    /// The file was sent completely, and the service rejected it.
    Rejected,
    /// The service may have accepted the file, and there is no evidence.
    Unknown,
    /// The service certainly did not process the file: it was not sent, not sent completely, or
    /// not processed because the service was busy.
    ///
    /// A file without attempts left is skipped, not rejected, because the service never judged it.
    Skipped,
    /// The service has these bytes from an earlier upload.
    AlreadyUploaded,
}

impl OutcomeKind {
    /// All kinds, in display order.
    pub const ALL: [Self; 5] = [
        Self::Accepted,
        Self::AlreadyUploaded,
        Self::Rejected,
        Self::Unknown,
        Self::Skipped,
    ];

    /// Returns the name as it is printed and stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::AlreadyUploaded => "already-uploaded",
        }
    }

    /// Returns the kind with the given name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns whether the service has the file.
    pub fn is_uploaded(self) -> bool {
        matches!(self, Self::Accepted | Self::AlreadyUploaded)
    }
}

/// Whether an earlier attempt, of this run or a previous one, may have uploaded the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PriorAttempt {
    /// No earlier attempt may have uploaded it.
    #[default]
    None,
    /// An earlier attempt may have uploaded it; its outcome is unknown.
    Unknown,
}

/// The outcome of an upload, with the details that the service returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The kind of the outcome.
    pub kind: OutcomeKind,
    /// The code of the service or of bankscreen; `None` if the file was accepted.
    pub code: Option<OutcomeCode>,
    /// The HTTP status of the response that decided the outcome, if there was one.
    pub http_status: Option<u16>,
    /// The number of attempts made.
    pub attempts: u32,
    /// The details of an accepted file.
    pub receipt: Receipt,
}

impl Outcome {
    /// Creates an outcome that no response decided.
    pub fn without_response(
        kind: OutcomeKind,
        code: impl Into<OutcomeCode>,
        attempts: u32,
    ) -> Self {
        Self {
            kind,
            code: Some(code.into()),
            http_status: None,
            attempts,
            receipt: Receipt::default(),
        }
    }

    /// Returns whether the service certainly refused the file, and would refuse an equal request
    /// again: with a code about the file, on 400 or 422.
    pub fn is_certain_refusal(&self) -> bool {
        let is_about_file = match &self.code {
            Some(OutcomeCode::Service(code)) => code.is_about_file(),
            // Names of findings are codes of the service, too.
            Some(OutcomeCode::Finding(_)) => true,
            Some(OutcomeCode::Local(_)) | None => false,
        };
        let status = self.http_status;
        self.kind == OutcomeKind::Rejected && matches!(status, Some(400 | 422)) && is_about_file
    }

    /// Adjusts the outcome of the latest attempt to what earlier attempts may have done.
    ///
    /// An attempt that was certainly not processed proves nothing about an earlier one, so the
    /// outcome stays unknown. A rejection as a duplicate proves that the earlier one was accepted.
    #[must_use]
    pub fn given(self, prior: PriorAttempt) -> Self {
        let is_duplicate = self.code == Some(OutcomeCode::Service(ErrorCode::StatementDuplicate));
        let kind = match (prior, self.kind) {
            (PriorAttempt::Unknown, OutcomeKind::Skipped) => OutcomeKind::Unknown,
            (PriorAttempt::Unknown, OutcomeKind::Rejected) if is_duplicate => {
                OutcomeKind::AlreadyUploaded
            }
            (_, kind) => kind,
        };
        Self { kind, ..self }
    }

    /// Returns the state of prior attempts for a later attempt, after this outcome.
    ///
    /// Only evidence that the service has the file resolves an unknown attempt. A rejection does
    /// not: it may come from a check that the earlier attempt had passed.
    pub fn prior_attempt_after(&self, before: PriorAttempt) -> PriorAttempt {
        match self.kind {
            OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => PriorAttempt::None,
            OutcomeKind::Unknown => PriorAttempt::Unknown,
            OutcomeKind::Rejected | OutcomeKind::Skipped => before,
        }
    }
}

/// An outcome as all machine-readable formats print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeRecord<'o> {
    outcome: &'static str,
    code: Option<&'o str>,
    http_status: Option<u16>,
    statement_id: Option<&'o str>,
    session_id: Option<&'o str>,
    attempts: u32,
    bank: Option<&'o str>,
    months: &'o [String],
    missing_months: &'o [String],
    at: Timestamp,
    answer: Option<&'o UploadAnswer>,
}

impl<'o> OutcomeRecord<'o> {
    /// Creates the record of an outcome, with its session if there was one. `at` is the time when
    /// the outcome became known.
    pub fn new(outcome: &'o Outcome, session_id: Option<&'o str>, at: Timestamp) -> Self {
        let receipt = &outcome.receipt;
        Self {
            outcome: outcome.kind.name(),
            code: outcome.code.as_ref().map(OutcomeCode::name),
            http_status: outcome.http_status,
            statement_id: receipt.statement_id.as_deref(),
            session_id,
            attempts: outcome.attempts,
            bank: receipt.bank.as_deref(),
            months: &receipt.months,
            missing_months: &receipt.missing_months,
            at,
            answer: receipt.answer.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::code::LocalCode;
    use super::OutcomeKind::{Accepted, AlreadyUploaded, Rejected, Skipped, Unknown};
    use super::*;

    fn outcome(kind: OutcomeKind, code: impl Into<OutcomeCode>) -> Outcome {
        Outcome::without_response(kind, code, 1)
    }

    #[test]
    fn kinds_round_trip_by_name() {
        for kind in OutcomeKind::ALL {
            assert_eq!(OutcomeKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(OutcomeKind::from_name("sent"), None);
    }

    #[test]
    fn only_evidence_resolves_an_unknown_prior_attempt() {
        let check = |outcome: Outcome, kind, prior| {
            let outcome = outcome.given(PriorAttempt::Unknown);
            assert_eq!(
                (
                    outcome.kind,
                    outcome.prior_attempt_after(PriorAttempt::Unknown)
                ),
                (kind, prior)
            );
        };
        let duplicate = ErrorCode::StatementDuplicate;
        check(
            outcome(Skipped, LocalCode::RateLimited),
            Unknown,
            PriorAttempt::Unknown,
        );
        check(
            outcome(Rejected, ErrorCode::PasswordIncorrect),
            Rejected,
            PriorAttempt::Unknown,
        );
        check(
            outcome(Rejected, duplicate.clone()),
            AlreadyUploaded,
            PriorAttempt::None,
        );
        check(
            Outcome {
                code: None,
                ..outcome(Accepted, duplicate.clone())
            },
            Accepted,
            PriorAttempt::None,
        );
        let first = outcome(Rejected, duplicate).given(PriorAttempt::None);
        assert_eq!(first.kind, Rejected);
    }

    #[test]
    fn records_have_the_documented_fields() {
        let accepted = Outcome {
            kind: Accepted,
            code: None,
            http_status: Some(200),
            attempts: 1,
            receipt: Receipt {
                statement_id: Some("s1".to_owned()),
                bank: Some("hdfc".to_owned()),
                months: vec!["2026-04".to_owned()],
                missing_months: vec![],
                answer: Some(Box::default()),
            },
        };
        let record = OutcomeRecord::new(&accepted, Some("session"), Timestamp::UNIX_EPOCH);
        let expected = concat!(
            r#"{"outcome":"accepted","code":null,"http_status":200,"statement_id":"s1","#,
            r#""session_id":"session","attempts":1,"bank":"hdfc","months":["2026-04"],"#,
            r#""missing_months":[],"at":"1970-01-01T00:00:00Z","answer":{"is_fraud":false,"#,
            r#""fraud_type":null,"page_count":null,"from":null,"to":null,"extracted_from":null,"#,
            r#""extracted_to":null,"account":null,"account_id":null,"country_code":null,"#,
            r#""currency_code":null,"status":null,"has_balances":false,"name_matches":0}}"#,
        );
        assert_eq!(serde_json::to_string(&record).unwrap(), expected);
    }
}
