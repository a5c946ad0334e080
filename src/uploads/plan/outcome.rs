//! What became of a file: the vocabulary that the screen, the report and the journal share.

use super::attempt::Receipt;
use jiff::Timestamp;
use serde::Serialize;

/// The code with which the service refuses what it has already.
const DUPLICATE: &str = "STATEMENT_DUPLICATE";

/// How a file ended. Every file has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutcomeKind {
    /// The service took it and said so.
    Accepted,
    /// It was sent whole, and the service said no.
    Rejected,
    /// The service may have taken it, and nothing tells.
    Unknown,
    /// The service certainly did not take it: it was not sent, not sent whole, or put off.
    ///
    /// A file whose attempts are used up is skipped, not rejected: nobody has judged it.
    Skipped,
    /// The service has these bytes from an earlier call.
    AlreadyUploaded,
}

impl OutcomeKind {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 5] = [
        Self::Accepted,
        Self::AlreadyUploaded,
        Self::Rejected,
        Self::Unknown,
        Self::Skipped,
    ];

    /// The word as it is printed and kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::AlreadyUploaded => "already-uploaded",
        }
    }

    /// The outcome that a word names.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the service has the file.
    pub fn is_uploaded(self) -> bool {
        matches!(self, Self::Accepted | Self::AlreadyUploaded)
    }
}

/// Whether an earlier attempt, of this run or one before, may have been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PriorAttempt {
    /// No earlier attempt could have been.
    #[default]
    None,
    /// One could, and nothing has settled it.
    Unknown,
}

/// What became of a file, and what the service said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub kind: OutcomeKind,
    /// The service's code, else one of our own; `None` when it was accepted.
    pub code: Option<String>,
    /// The status of the answer that decided, where there was one.
    pub http_status: Option<u16>,
    /// Attempts made.
    pub attempts: u32,
    /// What the service said of a file that it took.
    pub receipt: Receipt,
}

impl Outcome {
    /// An outcome without an answer behind it.
    pub fn own(kind: OutcomeKind, code: &str, attempts: u32) -> Self {
        Self {
            kind,
            code: Some(code.to_owned()),
            http_status: None,
            attempts,
            receipt: Receipt::default(),
        }
    }

    /// What it means given that an earlier attempt may have been taken.
    ///
    /// An attempt that was certainly not taken says nothing of the earlier one, so the file stays
    /// unknown. A refusal as a duplicate tells that the earlier one was taken.
    #[must_use]
    pub fn given(self, prior_attempt: PriorAttempt) -> Self {
        let kind = match (prior_attempt, self.kind) {
            (PriorAttempt::Unknown, OutcomeKind::Skipped) => OutcomeKind::Unknown,
            (PriorAttempt::Unknown, OutcomeKind::Rejected)
                if self.code.as_deref() == Some(DUPLICATE) =>
            {
                OutcomeKind::AlreadyUploaded
            }
            (_, kind) => kind,
        };
        Self { kind, ..self }
    }

    /// The doubt that is left for a later attempt to reckon with.
    ///
    /// Only proof that the service has the file ends prior_attempt: a refusal may come from a check that
    /// the earlier attempt had passed.
    pub fn prior_attempt_after(&self, before: PriorAttempt) -> PriorAttempt {
        match self.kind {
            OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => PriorAttempt::None,
            OutcomeKind::Unknown => PriorAttempt::Unknown,
            OutcomeKind::Rejected | OutcomeKind::Skipped => before,
        }
    }
}

/// An outcome as every machine format prints it.
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
}

impl<'o> OutcomeRecord<'o> {
    /// The record of an outcome in a session, if there was one; `at` is when it became known.
    pub fn new(outcome: &'o Outcome, session_id: Option<&'o str>, at: Timestamp) -> Self {
        let receipt = &outcome.receipt;
        Self {
            outcome: outcome.kind.name(),
            code: outcome.code.as_deref(),
            http_status: outcome.http_status,
            statement_id: receipt.statement_id.as_deref(),
            session_id,
            attempts: outcome.attempts,
            bank: receipt.bank.as_deref(),
            months: &receipt.months,
            missing_months: &receipt.missing_months,
            at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OutcomeKind::{Accepted, AlreadyUploaded, Rejected, Skipped, Unknown};
    use super::*;

    fn outcome(kind: OutcomeKind, code: &str) -> Outcome {
        Outcome::own(kind, code, 1)
    }

    #[test]
    fn words_name_their_outcomes() {
        for kind in OutcomeKind::ALL {
            assert_eq!(OutcomeKind::by_name(kind.name()), Some(kind));
        }
        assert_eq!(OutcomeKind::by_name("sent"), None);
    }

    #[test]
    fn an_open_doubt_outlives_all_but_proof() {
        let check = |kind, code, seen, left| {
            let outcome = outcome(kind, code).given(PriorAttempt::Unknown);
            assert_eq!(
                (
                    outcome.kind,
                    outcome.prior_attempt_after(PriorAttempt::Unknown)
                ),
                (seen, left)
            );
        };
        check(Skipped, "RATE_LIMITED", Unknown, PriorAttempt::Unknown);
        check(
            Rejected,
            "PASSWORD_INCORRECT",
            Rejected,
            PriorAttempt::Unknown,
        );
        check(Rejected, DUPLICATE, AlreadyUploaded, PriorAttempt::None);
        check(Accepted, "", Accepted, PriorAttempt::None);
        let first = outcome(Rejected, DUPLICATE).given(PriorAttempt::None);
        assert_eq!(first.kind, Rejected);
    }

    #[test]
    fn the_record_has_the_fields_that_were_promised() {
        let mut accepted = outcome(Accepted, "");
        accepted.code = None;
        accepted.http_status = Some(200);
        accepted.receipt = Receipt {
            statement_id: Some("s1".to_owned()),
            bank: Some("hdfc".to_owned()),
            months: vec!["2026-04".to_owned()],
            missing_months: vec![],
        };
        let record = OutcomeRecord::new(&accepted, Some("session"), Timestamp::UNIX_EPOCH);
        let expected = concat!(
            r#"{"outcome":"accepted","code":null,"http_status":200,"statement_id":"s1","#,
            r#""session_id":"session","attempts":1,"bank":"hdfc","months":["2026-04"],"#,
            r#""missing_months":[],"at":"1970-01-01T00:00:00Z"}"#,
        );
        assert_eq!(serde_json::to_string(&record).unwrap(), expected);
    }
}
