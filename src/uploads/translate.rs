//! From what the client says to what the plan and the report understand.

use crate::bankconnect::wire::{self, Month, NotSent, Text, Unclear, UploadOutcome, Uploaded};
use crate::uploads::plan::{Answer, AttemptEnd, Lost, NotTaken, Receipt, Refusal, Sighting};

/// What one attempt proves, and what the service or the network said, for people.
pub(crate) fn attempt_end(outcome: UploadOutcome) -> (AttemptEnd, Option<String>) {
    match outcome {
        UploadOutcome::Accepted(uploaded) => {
            let fraud = uploaded.fraud.as_ref().map(|fraud| {
                let fraud = fraud.as_str();
                format!("the service suspects {fraud}")
            });
            let answer = Answer::Accepted {
                http_status: 200,
                receipt: receipt(&uploaded),
            };
            (AttemptEnd::Answered(answer), fraud)
        }
        UploadOutcome::Refused(refusal) => {
            let answer = Answer::Refused(Refusal {
                code: refusal.code.as_ref().map(|code| code.name().to_owned()),
                http_status: refusal.http_status,
            });
            (AttemptEnd::Answered(answer), said(&refusal.message))
        }
        UploadOutcome::NotTaken {
            why,
            http_status,
            retry_after,
            message,
        } => {
            let why = not_taken(why, http_status);
            (AttemptEnd::NotTaken { why, retry_after }, said(&message))
        }
        UploadOutcome::Unknown {
            why,
            http_status,
            message,
        } => {
            let why = lost(why);
            (AttemptEnd::Unknown { why, http_status }, said(&message))
        }
    }
}

fn said(message: &Text) -> Option<String> {
    (!message.is_empty()).then(|| message.as_str().to_owned())
}

/// Why a call was certainly not taken, in the words of a plan.
pub(crate) fn not_taken(why: Option<NotSent>, http_status: Option<u16>) -> NotTaken {
    match why {
        Some(NotSent::Name) => NotTaken::Resolve,
        Some(NotSent::Connect) => NotTaken::Connect,
        Some(NotSent::Tls) => NotTaken::Tls,
        Some(NotSent::Body) => NotTaken::BodyCut,
        Some(NotSent::Request) => NotTaken::NotBuilt,
        None if http_status == Some(503) => NotTaken::Unavailable,
        None => NotTaken::RateLimited,
    }
}

/// What was lost of a call, in the words of a plan.
pub(crate) fn lost(why: Option<Unclear>) -> Lost {
    match why {
        Some(Unclear::Lost) => Lost::Connection,
        Some(Unclear::TimedOut) => Lost::TimedOut,
        Some(Unclear::Cut) => Lost::AnswerCut,
        Some(Unclear::ServerError) => Lost::ServerError,
        Some(Unclear::Nonsense | Unclear::TooLong) | None => Lost::Nonsense,
    }
}

fn receipt(uploaded: &Uploaded) -> Receipt {
    let months = |months: &[Month]| months.iter().map(Month::to_string).collect();
    Receipt {
        statement_id: Some(uploaded.statement_id.as_str().to_owned()),
        bank: uploaded.bank.as_ref().map(|bank| bank.as_str().to_owned()),
        months: months(&uploaded.months),
        missing_months: months(&uploaded.missing_months),
    }
}

/// The statements that the service lists for a session.
pub(crate) fn sightings(status: &wire::UploadStatus) -> Vec<Sighting> {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.as_str().to_owned());
    let mut seen = Vec::new();
    for account in &status.accounts {
        for statement in &account.statements {
            let (Some(statement_id), Some(file_name)) =
                (text(&statement.statement_id), text(&statement.file_name))
            else {
                continue;
            };
            let error = statement.error.as_ref();
            seen.push(Sighting {
                statement_id,
                file_name,
                error_code: error.map(|error| error.code.name().to_owned()),
                bank: text(&account.bank),
            });
        }
    }
    seen
}
