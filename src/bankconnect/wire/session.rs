//! Session creation: the request, checked against the rules of the service, and the response.

use super::error_code::ErrorCode;
use super::json;
use super::sanitized_text::SanitizedText;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use url::Url;

/// Maximum length of a link ID (Session API, request body).
const MAX_LINK_ID_CHARS: usize = 500;
/// Maximum length of the redirect URL.
const MAX_REDIRECT_URL_CHARS: usize = 200;
/// Maximum length of a bank identifier or journey mode.
const MAX_NAME_CHARS: usize = 50;
/// Lifetime of a session in minutes; at most thirty days.
const EXPIRY_MINUTES: RangeInclusive<u32> = 5..=43_200;
/// Maximum length of a session ID; the service issues IDs of 36 characters.
const MAX_SESSION_ID_CHARS: usize = 128;
/// Number of digits of a mobile number.
const MOBILE_DIGITS: usize = 10;
/// Months of the default period, as the service counts them.
const DEFAULT_MONTHS: i64 = 6;
/// The modes in which a session can obtain its data.
const MODES: [&str; 3] = ["pdf", "aa", "online"];
/// The documented journey modes. The iOS SDK sends an empty text for the standard journey, and only
/// the Android SDK documents the last one.
const JOURNEY_MODES: [&str; 4] = ["", "multi_pdf", "multi_banking", "AA_MULTI_BANKING"];

/// A request to create a session. Texts are unvalidated until [`SessionRequest::check`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SessionRequest {
    /// The lender's own ID of the applicant; at most 500 characters.
    pub link_id: String,
    /// The URL to which the browser is redirected after the journey; at most 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The requested period, which uploaded statements must overlap.
    #[serde(flatten)]
    pub period: SessionPeriod,
    /// The URL of a logo to show in the journey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// The bank. If it is set, the journey does not ask for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_name: Option<String>,
    /// `pdf`, `aa` or `online`; requires a bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Ten digits, prefilled for the account aggregator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile_number: Option<String>,
    /// Lifetime of the session in minutes, 5 to 43200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_expiry: Option<u32>,
    /// `multi_pdf`, `multi_banking` or `AA_MULTI_BANKING`; empty or omitted for the standard
    /// journey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journey_mode: Option<String>,
    /// Whether uploads that do not meet the acceptance criteria are accepted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub accept_anything: bool,
    /// Names for matching the results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<SessionMetadata>,
}

/// A requested period in the format of the service: `DD/MM/YYYY`, both ends or neither.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SessionPeriod {
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_date: Option<String>,
    /// The last day, after the first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_date: Option<String>,
}

/// Names for matching the results.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionMetadata {
    /// Possible names of the account holder.
    pub names: Vec<String>,
    /// Names of employers, to recognise salaries.
    pub employer_names: Vec<String>,
    /// Companies whose transfers count as the applicant's own.
    pub companies_for_self_transfer: Vec<String>,
}

/// A rule of the service that a request violates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message} ({code})")]
pub struct Violation {
    /// The JSON name of the field.
    pub field: &'static str,
    /// The error code that the service would return.
    pub code: ErrorCode,
    /// The message that the service would return.
    pub message: String,
}

fn violation(field: &'static str, code: ErrorCode, message: impl Into<String>) -> Violation {
    Violation {
        field,
        code,
        message: message.into(),
    }
}

/// Formats a date for a request, as `DD/MM/YYYY`.
pub fn format_date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// Returns whether a journey mode is documented. The service may have more modes than its
/// documentation, so the request check accepts others.
pub fn is_documented_journey_mode(mode: &str) -> bool {
    JOURNEY_MODES.contains(&mode)
}

/// Returns the first and last day of the period that the service uses by default.
///
/// The last day is yesterday, because some pages of the documentation do not allow today.
pub fn default_period(today: Date) -> (Date, Date) {
    let from = today.checked_sub(DEFAULT_MONTHS.months()).unwrap_or(today);
    (from.first_of_month(), today.yesterday().unwrap_or(today))
}

impl SessionPeriod {
    /// Creates a period from two days.
    pub fn between(from: Date, to: Date) -> Self {
        Self {
            from_date: Some(format_date(from)),
            to_date: Some(format_date(to)),
        }
    }

    /// Parses the two days; `None` if both are missing.
    ///
    /// # Errors
    ///
    /// Returns the first rule of the service that the period violates.
    pub fn days(&self) -> Result<Option<(Date, Date)>, Violation> {
        let (from, to) = match (&self.from_date, &self.to_date) {
            (None, None) => return Ok(None),
            (Some(from), Some(to)) => (from, to),
            (Some(_), None) | (None, Some(_)) => {
                let field = if self.from_date.is_none() {
                    "from_date"
                } else {
                    "to_date"
                };
                let message = "'from_date' and 'to_date' are required.";
                return Err(violation(field, ErrorCode::MissingDateField, message));
            }
        };
        let day = |field, text: &str| {
            // The service uses the other date format in responses only.
            let date = text.contains('/').then(|| json::parse_date(text)).flatten();
            date.ok_or_else(|| {
                let message = "Invalid 'from_date' or 'to_date' format. Use 'DD/MM/YYYY'.";
                violation(field, ErrorCode::InvalidDateFormat, message)
            })
        };
        let (from, to) = (day("from_date", from)?, day("to_date", to)?);
        if from >= to {
            let message = "'from_date' cannot be greater or equal to 'to_date'.";
            return Err(violation("from_date", ErrorCode::InvalidDateRange, message));
        }
        Ok(Some((from, to)))
    }
}

impl SessionRequest {
    /// Checks the request against the rules of the service, with the service's own messages.
    ///
    /// The bank identifier is not checked, because the service's list changes more often than ours.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the request violates.
    pub fn check(&self) -> Result<(), Violation> {
        self.check_fields()?;
        if self.mode.is_some() && self.bank_name.is_none() {
            let message = "'bank_name' is required with 'mode'.";
            return Err(violation("bank_name", ErrorCode::MissingBankName, message));
        }
        self.period.days()?;
        let mobile = self.mobile_number.as_deref();
        if mobile
            .is_some_and(|m| m.len() != MOBILE_DIGITS || m.bytes().any(|b| !b.is_ascii_digit()))
        {
            let message = "Invalid mobile number.";
            let code = ErrorCode::InvalidMobileNumber;
            return Err(violation("mobile_number", code, message));
        }
        if self
            .session_expiry
            .is_some_and(|m| !EXPIRY_MINUTES.contains(&m))
        {
            let message = "Min = 5, Max = 43200";
            let code = ErrorCode::InvalidSessionExpiry;
            return Err(violation("session_expiry", code, message));
        }
        Ok(())
    }

    /// Checks the rules that concern a single field.
    fn check_fields(&self) -> Result<(), Violation> {
        if self.link_id.trim().is_empty() {
            let message = "link_id, This field is required.";
            return Err(violation("link_id", ErrorCode::InvalidRequest, message));
        }
        let lengths = [
            ("link_id", Some(self.link_id.as_str()), MAX_LINK_ID_CHARS),
            (
                "redirect_url",
                self.redirect_url.as_deref(),
                MAX_REDIRECT_URL_CHARS,
            ),
            ("bank_name", self.bank_name.as_deref(), MAX_NAME_CHARS),
            ("journey_mode", self.journey_mode.as_deref(), MAX_NAME_CHARS),
        ];
        for (field, text, max_chars) in lengths {
            if text.is_some_and(|text| text.chars().count() > max_chars) {
                let message = "Field length exceeds limit";
                return Err(violation(field, ErrorCode::InvalidLength, message));
            }
        }
        let urls = [
            ("redirect_url", &self.redirect_url),
            ("logo_url", &self.logo_url),
        ];
        for (field, text) in urls {
            if text.as_deref().is_some_and(|text| !is_web_url(text)) {
                return Err(violation(
                    field,
                    ErrorCode::InvalidUrl,
                    "Enter a valid URL.",
                ));
            }
        }
        if let Some(mode) = self.mode.as_deref().filter(|mode| !MODES.contains(mode)) {
            let message = format!("mode, \"{mode}\" is not a valid choice.");
            return Err(violation("mode", ErrorCode::InvalidRequest, message));
        }
        Ok(())
    }
}

fn is_web_url(text: &str) -> bool {
    let is_web = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    Url::parse(text).is_ok_and(is_web) && !text.contains(char::is_whitespace)
}

/// A created session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCreated {
    /// The session ID; never empty.
    pub session_id: SanitizedText,
    /// The URL of the applicant's upload journey, if it is one.
    pub redirect_url: Option<SanitizedText>,
}

/// Parses the response of `session`; `None` if it has no session ID that can be used in requests,
/// or if it has an error, too.
pub fn parse_session_created(body: &[u8]) -> Option<SessionCreated> {
    let value = json::parse(body)?;
    if json::has_error(&value) {
        return None;
    }
    let session_id = json::text(&value, "session_id")?;
    Some(SessionCreated {
        session_id: Some(session_id).filter(|id| is_session_id(id.as_str()))?,
        redirect_url: json::text(&value, "redirect_url").filter(|url| is_web_address(url.as_str())),
    })
}

/// Returns whether a text is a valid session ID, and therefore safe in a URL path.
pub fn is_session_id(id: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !id.is_empty() && id.len() <= MAX_SESSION_ID_CHARS && id.bytes().all(is_allowed)
}

/// Returns whether a text is a URL that a browser can open, without credentials or asterisks of a
/// redacted secret.
fn is_web_address(url: &str) -> bool {
    let is_visible = url.bytes().all(|b| b.is_ascii_graphic() && b != b'*');
    let parsed = Url::parse(url).ok().filter(|_| is_visible);
    parsed.is_some_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn valid_request() -> SessionRequest {
        SessionRequest {
            link_id: "customer-7".to_owned(),
            period: SessionPeriod::between(date(2024, 4, 1), date(2024, 9, 30)),
            ..SessionRequest::default()
        }
    }

    #[test]
    fn unset_fields_are_not_serialized() {
        assert_eq!(
            serde_json::to_string(&valid_request()).unwrap(),
            r#"{"link_id":"customer-7","from_date":"01/04/2024","to_date":"30/09/2024"}"#
        );
    }

    #[test]
    fn rules_of_the_service_are_checked_with_its_messages() {
        let check = |change: &dyn Fn(&mut SessionRequest), expected: &str| {
            let mut request = valid_request();
            change(&mut request);
            let message = request
                .check()
                .map_or_else(|v| v.to_string(), |()| "valid".to_owned());
            assert_eq!(message, expected);
        };
        let some = |text: &str| Some(text.to_owned());
        check(&|_| {}, "valid");
        check(
            &|r| r.link_id = " ".to_owned(),
            "link_id: link_id, This field is required. (INVALID_REQUEST)",
        );
        check(&|r| r.link_id = "ä".repeat(500), "valid");
        check(
            &|r| r.link_id = "x".repeat(501),
            "link_id: Field length exceeds limit (INVALID_LENGTH)",
        );
        check(
            &|r| r.redirect_url = some("javascript:alert(1)"),
            "redirect_url: Enter a valid URL. (INVALID_URL)",
        );
        check(
            &|r| r.redirect_url = some("http://127.0.0.1:8080/done"),
            "valid",
        );
        check(
            &|r| r.logo_url = some("logo.png"),
            "logo_url: Enter a valid URL. (INVALID_URL)",
        );
        check(
            &|r| r.mode = some("pdf"),
            "bank_name: 'bank_name' is required with 'mode'. (MISSING_BANK_NAME)",
        );
        check(
            &|r| r.mode = some("no"),
            "mode: mode, \"no\" is not a valid choice. (INVALID_REQUEST)",
        );
        check(
            &|r| r.period.from_date = None,
            "from_date: 'from_date' and 'to_date' are required. (MISSING_DATE_FIELD)",
        );
        check(
            &|r| r.period.to_date = some("2024-09-30"),
            "to_date: Invalid 'from_date' or 'to_date' format. Use 'DD/MM/YYYY'. \
             (INVALID_DATE_FORMAT)",
        );
        check(
            &|r| r.period.to_date = some("01/04/2024"),
            "from_date: 'from_date' cannot be greater or equal to 'to_date'. (INVALID_DATE_RANGE)",
        );
        check(
            &|r| r.mobile_number = some("98765 4321"),
            "mobile_number: Invalid mobile number. (INVALID_MOBILE_NUMBER)",
        );
        check(
            &|r| r.session_expiry = Some(4),
            "session_expiry: Min = 5, Max = 43200 (INVALID_SESSION_EXPIRY)",
        );
        check(&|r| r.session_expiry = Some(43_200), "valid");
        check(
            &|r| r.journey_mode = Some("x".repeat(51)),
            "journey_mode: Field length exceeds limit (INVALID_LENGTH)",
        );
    }

    #[test]
    fn journey_modes_are_documented_in_this_letter_case() {
        for mode in JOURNEY_MODES {
            assert!(is_documented_journey_mode(mode), "{mode}");
        }
        assert!(!is_documented_journey_mode("MULTI_PDF"));
        assert!(!is_documented_journey_mode("multi-pdf"));
    }

    #[test]
    fn a_response_without_a_session_id_is_invalid() {
        assert_eq!(
            parse_session_created(br#"{"redirect_url": "https://x"}"#),
            None
        );
        let created = parse_session_created(br#"{"session_id": "s-1"}"#).unwrap();
        assert_eq!(created.session_id.as_str(), "s-1");
    }
}
