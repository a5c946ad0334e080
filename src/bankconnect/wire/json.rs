//! Reads fields of JSON with an unreliable shape: missing fields and unexpected types are `None`.

use super::sanitized_text::SanitizedText;
use crate::statement::Month;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

/// Longest ID; the service issues IDs of 36 characters.
const MAX_ID_CHARS: usize = 128;
/// Longest name; the service limits bank names to 50 characters.
const MAX_NAME_CHARS: usize = 64;

/// Parses a body as JSON. The parser rejects nesting that would overflow the stack.
pub(super) fn parse(body: &[u8]) -> Option<Value> {
    // `serde_json` rejects a byte order mark, which a server may send.
    serde_json::from_slice(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)).ok()
}

/// Returns a string or number as text. Null and the empty string are equivalent.
pub(super) fn text(value: &Value, key: &str) -> Option<SanitizedText> {
    as_text(value.get(key)?)
}

pub(super) fn as_text(value: &Value) -> Option<SanitizedText> {
    let text = match value {
        Value::String(text) => SanitizedText::new(text),
        Value::Number(number) => SanitizedText::new(&number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Returns an ID, if it has the form of one.
///
/// An ID becomes part of requests and of the journal. A text that had to be redacted is none.
pub(super) fn id(value: &Value, key: &str) -> Option<SanitizedText> {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    typed(value, key, MAX_ID_CHARS, is_allowed)
}

/// Returns a short name of a bank, country, currency or kind of fraud, if it has the form of one.
pub(super) fn name(value: &Value, key: &str) -> Option<SanitizedText> {
    let is_allowed =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'&' | b' ');
    typed(value, key, MAX_NAME_CHARS, is_allowed)
}

/// Returns a text of ASCII characters that are allowed.
fn typed(
    value: &Value,
    key: &str,
    max_chars: usize,
    is_allowed: impl Fn(u8) -> bool,
) -> Option<SanitizedText> {
    let text = text(value, key)?;
    let bytes = text.as_str().as_bytes();
    (bytes.len() <= max_chars && bytes.iter().all(|b| is_allowed(*b))).then_some(text)
}

/// Returns a number, or a string of digits as a number.
pub(super) fn number(value: &Value, key: &str) -> Option<u64> {
    let value = value.get(key)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Returns whether a response has an error: an object with any content, or a text.
pub(super) fn has_error(value: &Value) -> bool {
    match value.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(values)) => !values.is_empty(),
        Some(Value::Bool(true) | Value::Number(_)) => true,
    }
}

pub(super) fn flag(value: &Value, key: &str) -> Option<bool> {
    value.get(key)?.as_bool()
}

/// Returns the elements of a list; empty if the field is not a list.
pub(super) fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

pub(super) fn months(value: &Value, key: &str) -> Vec<Month> {
    list(value, key)
        .filter_map(|month| Month::parse(month.as_str()?))
        .collect()
}

/// Returns a range `{from_date, to_date}`. Either end may be missing.
pub(super) fn range(value: &Value, key: &str) -> (Option<Date>, Option<Date>) {
    let range = value.get(key);
    let end = |name| range.and_then(|range| date(range, name));
    (end("from_date"), end("to_date"))
}

/// Returns a date field; see [`parse_date`].
pub(super) fn date(value: &Value, key: &str) -> Option<Date> {
    parse_date(value.get(key)?.as_str()?)
}

/// Parses a date in either of the service's two formats, `DD/MM/YYYY` or `YYYY-MM-DD`.
pub fn parse_date(text: &str) -> Option<Date> {
    let part = |text: &str, digits: usize| {
        // `parse` alone would also accept a sign.
        let is_valid = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        is_valid.then(|| text.parse::<i16>().ok()).flatten()
    };
    let (year, month, day) = if let Some((day, rest)) = text.split_once('/') {
        let (month, year) = rest.split_once('/')?;
        (year, month, day)
    } else {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        (year, month, day)
    };
    let two_digits = |text| i8::try_from(part(text, 2)?).ok();
    Date::new(part(year, 4)?, two_digits(month)?, two_digits(day)?).ok()
}

/// Length of a time without a fraction or an offset, `YYYY-MM-DD HH:MM:SS`.
const TIME_CHARS: usize = 19;

/// Parses a time in any of the service's three formats: `YYYY-MM-DD HH:MM:SS` in UTC, the same with
/// a fraction and an offset, and with `T` and `Z`.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    if text.len() < TIME_CHARS {
        return None;
    }
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let time: DateTime = text.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn dates_have_two_formats() {
        assert_eq!(parse_date("05/03/2024"), Some(date(2024, 3, 5)));
        assert_eq!(parse_date("2024-03-05"), Some(date(2024, 3, 5)));
        for invalid in [
            "31/02/2024",
            "5/3/2024",
            "2024-3-5",
            "",
            "//",
            "-",
            "0x/03/2024",
        ] {
            assert_eq!(parse_date(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn times_have_three_formats() {
        let time = |text: &str| parse_timestamp(text).map(|time| time.to_string());
        let expected = Some("2025-11-10T07:48:34Z".to_owned());
        assert_eq!(time("2025-11-10 07:48:34"), expected);
        assert_eq!(time("2025-11-10 07:48:34.000000+00:00"), expected);
        assert_eq!(time("2025-11-10T07:48:34.000000Z"), expected);
        assert_eq!(time("2025-11-10 13:18:34.000000+05:30"), expected);
        for invalid in [
            "",
            "soon",
            "2025-11-10",
            "10/11/2025 07:48:34",
            "2025-13-10 07:48:34",
        ] {
            assert_eq!(time(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn missing_and_mistyped_fields_are_none() {
        let value = json!({"text": [], "empty": "", "number": "12", "months": [1, "2024-05", "x"]});
        assert_eq!((text(&value, "text"), text(&value, "empty")), (None, None));
        assert_eq!(number(&value, "number"), Some(12));
        assert_eq!(months(&value, "months").len(), 1);
        assert_eq!(range(&value, "text"), (None, None));
        assert_eq!(parse(&b"[".repeat(100_000)), None);
    }
}
