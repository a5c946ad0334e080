//! Converts results of the client into what the upload plan and the report use.

use crate::bankconnect::wire::{
    AcceptedUpload, ApiError, Indeterminate, Month, NotSent, SanitizedText, UploadStatus,
};
use crate::uploads::plan::{
    AttemptResult, NotProcessed, Receipt, Rejection, RemoteStatement, UnknownReason,
};

/// Converts the result of an upload call, and returns the message to show with it.
pub(crate) fn attempt_result(
    result: Result<(u16, AcceptedUpload), ApiError>,
) -> (AttemptResult, Option<String>) {
    let error = match result {
        Ok((http_status, upload)) => {
            let receipt = receipt(&upload);
            let result = AttemptResult::Accepted {
                http_status,
                receipt,
            };
            return (result, None);
        }
        Err(error) => error,
    };
    let message = match &error {
        ApiError::Rejected(response) => response.message.clone(),
        error => SanitizedText::new(&error.to_string()),
    };
    let message = (!message.is_empty()).then(|| message.as_str().to_owned());
    let not_processed = |reason, retry_after| AttemptResult::NotProcessed {
        reason,
        retry_after,
    };
    let result = match error {
        ApiError::Rejected(response) => AttemptResult::Rejected(Rejection {
            code: response.code,
            http_status: response.http_status,
        }),
        ApiError::Invalid(_) => not_processed(NotProcessed::InvalidRequest, None),
        ApiError::NotSent { reason, .. } => not_processed(self::not_processed(reason), None),
        ApiError::Busy {
            http_status: 503,
            retry_after,
        } => not_processed(NotProcessed::ServiceUnavailable, retry_after),
        ApiError::Busy { retry_after, .. } => not_processed(NotProcessed::RateLimited, retry_after),
        ApiError::Redirected { http_status, .. } => AttemptResult::Unknown {
            reason: UnknownReason::InvalidResponse,
            http_status: Some(http_status),
        },
        ApiError::Indeterminate {
            reason,
            http_status,
            ..
        } => AttemptResult::Unknown {
            reason: unknown_reason(reason),
            http_status,
        },
    };
    (result, message)
}

/// Converts the reason why a request was not sent completely.
pub(crate) fn not_processed(reason: NotSent) -> NotProcessed {
    match reason {
        NotSent::NameResolution => NotProcessed::NameResolution,
        NotSent::Connect => NotProcessed::Connect,
        NotSent::Tls => NotProcessed::Tls,
        NotSent::BodyCut => NotProcessed::BodyCut,
        NotSent::InvalidRequest => NotProcessed::InvalidRequest,
    }
}

/// Converts the reason why the outcome of a call is unknown.
pub(crate) fn unknown_reason(reason: Indeterminate) -> UnknownReason {
    match reason {
        Indeterminate::ConnectionLost => UnknownReason::ConnectionLost,
        Indeterminate::TimedOut => UnknownReason::TimedOut,
        Indeterminate::Truncated => UnknownReason::ResponseTruncated,
        Indeterminate::ServerError => UnknownReason::ServerError,
        Indeterminate::InvalidBody | Indeterminate::TooLong => UnknownReason::InvalidResponse,
        Indeterminate::Contradictory => UnknownReason::ContradictoryResponse,
    }
}

fn receipt(upload: &AcceptedUpload) -> Receipt {
    let months = |months: &[Month]| months.iter().map(Month::to_string).collect();
    Receipt {
        statement_id: Some(upload.statement_id.as_str().to_owned()),
        bank: upload.bank.as_ref().map(|bank| bank.as_str().to_owned()),
        months: months(&upload.months),
        missing_months: months(&upload.missing_months),
        answer: Some(Box::new(upload.answer.clone())),
    }
}

/// Returns the statements that the service lists for a session.
pub(crate) fn remote_statements(status: &UploadStatus) -> Vec<RemoteStatement> {
    let text = |text: &Option<SanitizedText>| text.as_ref().map(|text| text.as_str().to_owned());
    let mut statements = Vec::new();
    for account in &status.accounts {
        for statement in &account.statements {
            let (Some(statement_id), Some(file_name)) =
                (text(&statement.statement_id), text(&statement.file_name))
            else {
                continue;
            };
            let error = statement.error.as_ref();
            statements.push(RemoteStatement {
                statement_id,
                file_name,
                error_code: error.map(|error| error.code.clone()),
                bank: text(&account.bank),
            });
        }
    }
    statements
}
