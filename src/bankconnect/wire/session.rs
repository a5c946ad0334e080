//! Creating a session: the request with the service's own rules, and the answer.

use super::error_code::ErrorCode;
use super::json;
use super::sanitized_text::SanitizedText;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use url::Url;

/// Characters of a link id (Session API, request body).
const LINK_ID_CHARS: usize = 500;
/// Characters of the URL to return to.
const REDIRECT_URL_CHARS: usize = 200;
/// Characters of a bank identifier or journey mode.
const NAME_CHARS: usize = 50;
/// Minutes that a session may last; the longest are thirty days.
const EXPIRY_MINUTES: RangeInclusive<u32> = 5..=43_200;
/// Digits of a mobile number.
const MOBILE_DIGITS: usize = 10;
/// Months of the period where none is given, as the service counts them.
const DEFAULT_MONTHS: i64 = 6;
/// How a session may get its data.
const MODES: [&str; 3] = ["pdf", "aa", "online"];

/// What a session is to be. Texts are as they were typed; [`SessionRequest::check`] judges them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SessionRequest {
    /// The client's own name for the customer; at most 500 characters.
    pub link_id: String,
    /// Where the browser returns to after the journey; at most 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The period that statements must touch.
    #[serde(flatten)]
    pub period: SessionPeriod,
    /// A logo to show in the journey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// The bank, which skips choosing one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_name: Option<String>,
    /// `pdf`, `aa` or `online`; needs a bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Ten digits, filled in for the account aggregator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile_number: Option<String>,
    /// Minutes that the session lasts, 5 to 43200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_expiry: Option<u32>,
    /// `multi_pdf` or `multi_banking`; left out for the ordinary journey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journey_mode: Option<String>,
    /// Whether uploads are taken although they do not meet the acceptance criteria.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub accept_anything: bool,
    /// What the results are matched with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<SessionMetadata>,
}

/// A period as the service takes it: `DD/MM/YYYY`, both ends or neither.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SessionPeriod {
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_date: Option<String>,
    /// The last day, later than the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_date: Option<String>,
}

/// Names that the results are matched with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionMetadata {
    /// Names that the account holder may go by.
    pub names: Vec<String>,
    /// Employers, to recognise salaries.
    pub employer_names: Vec<String>,
    /// Companies whose transfers count as own.
    pub companies_for_self_transfer: Vec<String>,
}

/// A rule of the service that a request breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message} ({code})")]
pub struct Violation {
    /// The field, by its name on the wire.
    pub field: &'static str,
    /// The code that the service would answer.
    pub code: ErrorCode,
    /// The message that the service would answer.
    pub message: String,
}

fn violation(field: &'static str, code: ErrorCode, message: impl Into<String>) -> Violation {
    Violation {
        field,
        code,
        message: message.into(),
    }
}

/// A date as the service takes it in requests.
pub fn format_date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// The first and the last day of a session where none are given, as the service counts them: the
/// last is never today, which some pages of the documentation refuse.
pub fn default_period(today: Date) -> (Date, Date) {
    let from = today.checked_sub(DEFAULT_MONTHS.months()).unwrap_or(today);
    (from.first_of_month(), today.yesterday().unwrap_or(today))
}

impl SessionPeriod {
    /// The period between two days.
    pub fn between(from: Date, to: Date) -> Self {
        Self {
            from_date: Some(format_date(from)),
            to_date: Some(format_date(to)),
        }
    }

    /// The two days, where both are given and in order.
    ///
    /// # Errors
    ///
    /// The first rule of the service that it breaks.
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
            // The other form of dates is for answers only.
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
    /// Checks the request by the service's own rules and in its wording, before anything is sent.
    ///
    /// Whether the bank is known is left to the service: its list grows faster than ours.
    ///
    /// # Errors
    ///
    /// The first rule broken.
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

    /// What can be said of each field alone.
    fn check_fields(&self) -> Result<(), Violation> {
        if self.link_id.trim().is_empty() {
            let message = "link_id, This field is required.";
            return Err(violation("link_id", ErrorCode::InvalidRequest, message));
        }
        let lengths = [
            ("link_id", Some(self.link_id.as_str()), LINK_ID_CHARS),
            (
                "redirect_url",
                self.redirect_url.as_deref(),
                REDIRECT_URL_CHARS,
            ),
            ("bank_name", self.bank_name.as_deref(), NAME_CHARS),
            ("journey_mode", self.journey_mode.as_deref(), NAME_CHARS),
        ];
        for (field, text, most) in lengths {
            if text.is_some_and(|text| text.chars().count() > most) {
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
    let host = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    Url::parse(text).is_ok_and(host) && !text.contains(char::is_whitespace)
}

/// A session that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCreated {
    /// The key of everything else; never empty.
    pub session_id: SanitizedText,
    /// Where the customer's journey begins.
    pub redirect_url: Option<SanitizedText>,
}

/// Reads the answer of `session`; `None` unless it names the session.
pub fn parse_session_created(body: &[u8]) -> Option<SessionCreated> {
    let value = json::parse(body)?;
    Some(SessionCreated {
        session_id: json::text(&value, "session_id")?,
        redirect_url: json::text(&value, "redirect_url"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn good() -> SessionRequest {
        SessionRequest {
            link_id: "customer-7".to_owned(),
            period: SessionPeriod::between(date(2024, 4, 1), date(2024, 9, 30)),
            ..SessionRequest::default()
        }
    }

    #[test]
    fn what_is_not_given_is_not_sent() {
        assert_eq!(
            serde_json::to_string(&good()).unwrap(),
            r#"{"link_id":"customer-7","from_date":"01/04/2024","to_date":"30/09/2024"}"#
        );
    }

    #[test]
    fn each_rule_of_the_service_is_checked_in_its_words() {
        let check = |change: &dyn Fn(&mut SessionRequest), expected: &str| {
            let mut request = good();
            change(&mut request);
            let said = request
                .check()
                .map_or_else(|v| v.to_string(), |()| "fine".to_owned());
            assert_eq!(said, expected);
        };
        let some = |text: &str| Some(text.to_owned());
        check(&|_| {}, "fine");
        check(
            &|r| r.link_id = " ".to_owned(),
            "link_id: link_id, This field is required. (INVALID_REQUEST)",
        );
        check(&|r| r.link_id = "ä".repeat(500), "fine");
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
            "fine",
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
        check(&|r| r.session_expiry = Some(43_200), "fine");
        check(
            &|r| r.journey_mode = Some("x".repeat(51)),
            "journey_mode: Field length exceeds limit (INVALID_LENGTH)",
        );
    }

    #[test]
    fn a_session_without_an_id_is_none() {
        assert_eq!(
            parse_session_created(br#"{"redirect_url": "https://x"}"#),
            None
        );
        let created = parse_session_created(br#"{"session_id": "s-1"}"#).unwrap();
        assert_eq!(created.session_id.as_str(), "s-1");
    }
}
