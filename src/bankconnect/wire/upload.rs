//! The response to an upload.

use super::json;
use super::sanitized_text::{SanitizedText, mask_account_number};
use crate::statement::Month;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use zeroize::Zeroizing;

/// A statement that the service has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedUpload {
    /// The service's ID of the upload; never empty.
    pub statement_id: SanitizedText,
    /// The session that the service names, if it names one.
    pub session_id: Option<SanitizedText>,
    /// The bank's identifier, in the service's spelling.
    pub bank: Option<SanitizedText>,
    /// Months that the account covers after this upload, completely or partly.
    pub months: Vec<Month>,
    /// Months of the requested period that the account does not cover yet.
    pub missing_months: Vec<Month>,
    /// What else the service found.
    pub answer: UploadAnswer,
    /// The account holder's identity, which is discarded unless the user asks for it.
    pub identity: Option<Identity>,
}

/// What the service found in an accepted statement, without personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadAnswer {
    /// Whether the service suspects fraud from the metadata of the file.
    pub is_fraud: bool,
    /// The kind of suspected fraud, such as `author_fraud`.
    pub fraud_type: Option<String>,
    /// The page count.
    pub page_count: Option<u64>,
    /// The first day of the statement period. It may be missing until processing is complete, as
    /// may all other days.
    pub from: Option<Date>,
    /// The last day of the statement period.
    pub to: Option<Date>,
    /// The first day of the period that the service extracted.
    pub extracted_from: Option<Date>,
    /// The last day of the period that the service extracted.
    pub extracted_to: Option<Date>,
    /// The account number, masked.
    pub account: Option<String>,
    /// The service's ID of the account to which the statement belongs.
    pub account_id: Option<String>,
    /// The country of the bank, such as `IN`.
    pub country_code: Option<String>,
    /// The currency of the account, such as `INR`.
    pub currency_code: Option<String>,
    /// The service's status number: 1 for success.
    pub status: Option<u64>,
    /// Whether the response has an opening or a closing balance.
    pub has_balances: bool,
    /// How many of the session's names the service found in the statement.
    pub name_matches: usize,
}

impl UploadAnswer {
    /// Returns the names and values of all fields that are known, as records name them.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone();
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let fields = [
            ("is_fraud", Some(self.is_fraud.to_string())),
            ("fraud_type", text(&self.fraud_type)),
            ("page_count", number(self.page_count)),
            ("from", day(self.from)),
            ("to", day(self.to)),
            ("extracted_from", day(self.extracted_from)),
            ("extracted_to", day(self.extracted_to)),
            ("account", text(&self.account)),
            ("account_id", text(&self.account_id)),
            ("country_code", text(&self.country_code)),
            ("currency_code", text(&self.currency_code)),
            ("status", number(self.status)),
            ("has_balances", Some(self.has_balances.to_string())),
            ("name_matches", Some(self.name_matches.to_string())),
        ];
        let known = fields.into_iter();
        known
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// Formats the known fields in one line, such as `is_fraud false, page_count 4`.
    pub fn line(&self) -> String {
        let fields = self.fields().into_iter();
        let fields: Vec<_> = fields
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        fields.join(", ")
    }
}

/// The identity block of a response: personal data, as JSON. It is wiped when it is dropped, and
/// never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity(Zeroizing<String>);

impl Identity {
    /// Returns the block as JSON.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// Parses the body of a successful upload; `None` if it has no statement ID, or contradicts itself:
/// with an error, or with a status other than success.
pub fn parse_upload(body: &[u8]) -> Option<AcceptedUpload> {
    let value = json::parse(body)?;
    if json::has_error(&value) || !has_success_status(&value) {
        return None;
    }
    let identity = value
        .get("identity")
        .filter(|identity| identity.is_object());
    Some(AcceptedUpload {
        statement_id: json::id(&value, "statement_id")?,
        session_id: json::text(&value, "session_id"),
        bank: json::name(&value, "bank_name"),
        months: json::months(&value, "months"),
        missing_months: json::months(&value, "missing_months"),
        answer: answer(&value, identity),
        identity: identity.map(|identity| Identity(Zeroizing::new(identity.to_string()))),
    })
}

/// Returns whether the body of a refusal says that the statement was taken nevertheless.
pub fn is_taken(body: &[u8]) -> bool {
    parse_upload(body).is_some()
}

/// Returns whether the status number is that of success, or missing.
fn has_success_status(value: &Value) -> bool {
    match value.get("status") {
        None | Some(Value::Null) => true,
        Some(_) => json::number(value, "status") == Some(1),
    }
}

fn answer(value: &Value, identity: Option<&Value>) -> UploadAnswer {
    let text = |text: Option<SanitizedText>| text.map(|text| text.as_str().to_owned());
    // Some responses contain the account number in the identity block only.
    let account = json::name(value, "masked_account_number")
        .or_else(|| json::name(identity?, "account_number"));
    let account = account.as_ref().map(mask_account_number);
    let fraud_type = text(json::name(value, "fraud_type"));
    let (from, to) = json::range(value, "date_range");
    let (extracted_from, extracted_to) = json::range(value, "extracted_date_range");
    let analysis = value.get("metadata_analysis").unwrap_or(&Value::Null);
    let has = |key: &str| value.get(key).is_some_and(|value| !value.is_null());
    UploadAnswer {
        // A kind of fraud without the flag is a suspicion, too.
        is_fraud: json::flag(value, "is_fraud").unwrap_or(false) || fraud_type.is_some(),
        fraud_type,
        page_count: json::number(value, "page_count"),
        from,
        to,
        extracted_from,
        extracted_to,
        account: text(account),
        account_id: text(json::id(value, "account_id")),
        country_code: text(json::name(value, "country_code")),
        currency_code: text(json::name(value, "currency_code")),
        status: json::number(value, "status"),
        has_balances: has("opening_bal") || has("closing_bal"),
        name_matches: json::list(analysis, "name_matches").count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn the_answer_is_kept_without_personal_data() {
        let body = json!({
            "bank_name": "hdfc", "statement_id": "s-1", "page_count": 4,
            "identity": {"account_number": "50100012345678", "name": "ASHA EXAMPLE"},
            "date_range": {"from_date": "2023-12-01", "to_date": null},
            "extracted_date_range": {"from_date": "2023-12-02", "to_date": "2023-12-30"},
            "is_fraud": true, "fraud_type": "author_fraud", "account_id": "a-1",
            "opening_bal": null, "closing_bal": 12.5, "country_code": "IN", "currency_code": "INR",
            "metadata_analysis": {"name_matches": [{"name": "ASHA EXAMPLE"}, {}]},
            "masked_account_number": null, "months": ["2023-12"], "missing_months": ["2024-01"],
            "status": 1, "session_id": "x"
        });
        let upload = parse_upload(body.to_string().as_bytes()).unwrap();
        let expected = UploadAnswer {
            is_fraud: true,
            fraud_type: Some("author_fraud".to_owned()),
            page_count: Some(4),
            from: Some(date(2023, 12, 1)),
            to: None,
            extracted_from: Some(date(2023, 12, 2)),
            extracted_to: Some(date(2023, 12, 30)),
            account: Some("XXXXXXXXXX5678".to_owned()),
            account_id: Some("a-1".to_owned()),
            country_code: Some("IN".to_owned()),
            currency_code: Some("INR".to_owned()),
            status: Some(1),
            has_balances: true,
            name_matches: 2,
        };
        assert_eq!(upload.answer, expected);
        assert_eq!(upload.missing_months, [Month::parse("2024-01").unwrap()]);
        assert!(!format!("{upload:?}").contains("ASHA"));
        assert!(upload.identity.unwrap().expose().contains("ASHA EXAMPLE"));
    }

    #[test]
    fn a_success_without_a_statement_or_with_a_contradiction_is_invalid() {
        for body in [
            "",
            "{}",
            "null",
            "[1]",
            r#"{"statement_id": ""}"#,
            r#"{"statement_id": {}}"#,
            r#"{"statement_id": "***"}"#,
            r#"{"statement_id": "s", "status": 3}"#,
            r#"{"statement_id": "s", "status": "failed"}"#,
            r#"{"statement_id": "s", "error": {"code": "EMPTY_FILE"}}"#,
            r#"{"statement_id": "s", "error": {"message": "no"}}"#,
            r#"{"statement_id": "s", "error": "no"}"#,
            r#"{"statement_id": "s""#,
        ] {
            assert_eq!(parse_upload(body.as_bytes()), None, "{body}");
            assert!(!is_taken(body.as_bytes()));
        }
        for body in [
            r#"{"statement_id": "s", "error": null, "status": 1}"#,
            r#"{"statement_id": "s", "error": {}, "status": "1"}"#,
        ] {
            assert!(is_taken(body.as_bytes()), "{body}");
        }
    }
}
