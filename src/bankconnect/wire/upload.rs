//! The response to an upload.

use super::json;
use super::sanitized_text::{SanitizedText, mask_account_number};
use crate::statement::Month;
use jiff::civil::Date;
use serde_json::Value;

/// A statement that the service has accepted.
///
/// The identity block of the response (name, address, balances) is never parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedUpload {
    /// The service's ID of the upload; never empty.
    pub statement_id: SanitizedText,
    /// The service's ID of the account to which the statement belongs.
    pub account_id: Option<SanitizedText>,
    /// The account number, masked.
    pub account: Option<SanitizedText>,
    /// The bank's identifier, in the service's spelling.
    pub bank: Option<SanitizedText>,
    /// The page count.
    pub page_count: Option<u64>,
    /// The statement period. Either end may be missing until processing is complete.
    pub period: (Option<Date>, Option<Date>),
    /// Months that the account covers after this upload, completely or partly.
    pub months: Vec<Month>,
    /// Months of the requested period that the account does not cover yet.
    pub missing_months: Vec<Month>,
    /// The type of fraud that the service suspects, such as `author_fraud`.
    pub fraud: Option<SanitizedText>,
}

/// Parses the body of a successful upload; `None` if it has no statement ID, or has an error.
pub fn parse_upload(body: &[u8]) -> Option<AcceptedUpload> {
    let value = json::parse(body)?;
    // Only status 1 means success. An error code together with a statement is a contradiction.
    let has_error = value
        .get("error")
        .is_some_and(|error| error.get("code").is_some());
    if has_error || json::number(&value, "status").is_some_and(|status| status != 1) {
        return None;
    }
    // Some responses contain the account number in the identity block only.
    let identity = value.get("identity").unwrap_or(&Value::Null);
    let account = json::text(&value, "masked_account_number")
        .or_else(|| json::text(identity, "account_number"));
    // `is_fraud` may be set without a type.
    let fraud = json::text(&value, "fraud_type");
    let is_fraud = json::flag(&value, "is_fraud").unwrap_or(false);
    Some(AcceptedUpload {
        statement_id: json::text(&value, "statement_id")?,
        account_id: json::text(&value, "account_id"),
        account: account.as_ref().map(mask_account_number),
        bank: json::text(&value, "bank_name"),
        page_count: json::number(&value, "page_count"),
        period: json::range(&value, "date_range"),
        months: json::months(&value, "months"),
        missing_months: json::months(&value, "missing_months"),
        fraud: fraud.or_else(|| is_fraud.then(|| SanitizedText::new("fraud"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn personal_data_in_a_response_is_not_parsed() {
        let body = json!({
            "bank_name": "hdfc", "statement_id": "s-1", "page_count": 4,
            "identity": {"account_number": "50100012345678", "name": "ASHA EXAMPLE"},
            "date_range": {"from_date": "2023-12-01", "to_date": null},
            "is_fraud": true, "fraud_type": "author_fraud", "account_id": "a-1",
            "masked_account_number": null, "months": ["2023-12"], "missing_months": ["2024-01"],
            "status": 1, "session_id": "x"
        });
        let upload = parse_upload(body.to_string().as_bytes()).unwrap();
        assert_eq!(upload.account.as_ref().unwrap().as_str(), "XXXXXXXXXX5678");
        assert_eq!(upload.period, (Some(date(2023, 12, 1)), None));
        assert_eq!(upload.missing_months, [Month::parse("2024-01").unwrap()]);
        assert_eq!(upload.fraud.as_ref().unwrap().as_str(), "author_fraud");
        assert!(!format!("{upload:?}").contains("ASHA"));
    }

    #[test]
    fn a_success_without_a_statement_is_invalid() {
        for body in [
            "",
            "{}",
            "null",
            "[1]",
            r#"{"statement_id": ""}"#,
            r#"{"statement_id": {}}"#,
            r#"{"statement_id": "s", "status": 3}"#,
            r#"{"statement_id": "s", "error": {"code": "EMPTY_FILE"}}"#,
            r#"{"statement_id": "s""#,
        ] {
            assert_eq!(parse_upload(body.as_bytes()), None, "{body}");
        }
        assert!(parse_upload(br#"{"statement_id": "s", "error": null, "status": 1}"#).is_some());
    }
}
