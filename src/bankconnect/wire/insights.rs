//! The insights of a processed session. They are personal data, so only the session ID and the link
//! to the spreadsheet are parsed.

use super::sanitized_text::SanitizedText;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use std::fmt;
use std::io::BufRead;
use zeroize::Zeroizing;

/// Mark at the start of a ZIP file, and therefore of a spreadsheet.
const ZIP_START: &[u8] = b"PK\x03\x04";
/// Mark of the record at the end of a ZIP file.
const ZIP_END: &[u8] = b"PK\x05\x06";
/// Maximum bytes from the end record to the end of a ZIP file: the record and its comment.
pub const ZIP_TAIL_BYTES: u64 = 22 + 65_535;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What insights contain besides personal data.
#[derive(Debug, PartialEq, Eq)]
pub struct InsightsHeader {
    /// The session ID.
    pub session_id: Option<SanitizedText>,
    /// The spreadsheet of the session, or of its only account.
    pub spreadsheet: Option<SpreadsheetLink>,
}

/// The link to a spreadsheet.
///
/// Whoever has it can download the spreadsheet without a key, so it is never printed, and it is
/// wiped after use.
#[derive(PartialEq, Eq)]
pub struct SpreadsheetLink(Zeroizing<String>);

impl SpreadsheetLink {
    /// Returns the link itself, for the request.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SpreadsheetLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpreadsheetLink(…)")
    }
}

#[derive(Deserialize)]
struct Insights {
    #[serde(default)]
    session_id: Text,
    #[serde(default)]
    aggregate_xlsx_report_url: Text,
    accounts: Option<Vec<Account>>,
}

#[derive(Deserialize)]
struct Account {
    data: Option<AccountData>,
}

#[derive(Deserialize)]
struct AccountData {
    #[serde(default)]
    xlsx_report_url: Text,
}

/// A text; `None` for blank texts and for values of other types.
#[derive(Default)]
struct Text(Option<Zeroizing<String>>);

/// Parses insights; `None` if they are not complete JSON, or neither a session ID nor accounts are
/// in it.
///
/// The reason of a failure is not returned, because it could contain a part of the data.
pub fn parse_insights(mut body: impl BufRead) -> Option<InsightsHeader> {
    let start = body.fill_buf().ok()?;
    if start.starts_with(BYTE_ORDER_MARK) {
        body.consume(BYTE_ORDER_MARK.len());
    }
    let insights: Insights = serde_json::from_reader(body.by_ref()).ok()?;
    let session_id = insights.session_id.0;
    if session_id.is_none() && insights.accounts.is_none() {
        return None;
    }
    let link = insights.aggregate_xlsx_report_url.0.or_else(|| {
        let mut accounts = insights.accounts.unwrap_or_default().into_iter();
        let only = accounts.next().filter(|_| accounts.len() == 0)?;
        only.data?.xlsx_report_url.0
    });
    Some(InsightsHeader {
        session_id: session_id.map(|id| SanitizedText::new(&id)),
        spreadsheet: link.map(SpreadsheetLink),
    })
}

/// Returns whether a file with this start and this end is a complete ZIP file, as spreadsheets are.
///
/// `tail` contains at least the last [`ZIP_TAIL_BYTES`], or the whole file if it is shorter.
pub fn is_zip(start: &[u8], tail: &[u8]) -> bool {
    start.starts_with(ZIP_START) && memchr::memmem::rfind(tail, ZIP_END).is_some()
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        let text = text.trim();
        let text = (!text.is_empty()).then(|| Zeroizing::new(text.to_owned()));
        Ok(Text(text))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Text, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Text, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(body: &str) -> Option<String> {
        let header = parse_insights(body.as_bytes()).unwrap();
        header.spreadsheet.map(|link| link.expose().to_owned())
    }

    #[test]
    fn the_link_is_that_of_the_session_or_of_its_only_account() {
        let aggregate = r#"{"session_id": "s", "aggregate_xlsx_report_url": "https://a/1",
            "accounts": [{"data": {"xlsx_report_url": "https://a/2"}}]}"#;
        assert_eq!(link(aggregate).as_deref(), Some("https://a/1"));
        let account =
            r#"{"data": {"transactions": [{"amount": 1}], "xlsx_report_url": "https://a/2"}}"#;
        let accounts = |list: &str| {
            let blank = r#""aggregate_xlsx_report_url": " ""#;
            link(&format!(
                r#"{{"session_id": "s", {blank}, "accounts": [{list}]}}"#
            ))
        };
        assert_eq!(accounts(account).as_deref(), Some("https://a/2"));
        assert_eq!(accounts(&format!("{account}, {account}")), None);
        assert_eq!(accounts(r#"{"data": null}"#), None);
        assert_eq!(accounts(""), None);
    }

    #[test]
    fn fields_of_other_types_are_ignored() {
        for value in ["null", "true", "-1", "1", "1.5", "[[1]]", r#"{"a": {}}"#] {
            let body = format!(r#"{{"session_id": "s", "aggregate_xlsx_report_url": {value}}}"#);
            assert_eq!(link(&body), None, "{value}");
        }
        assert_eq!(link("\u{FEFF}{\"accounts\": []}"), None);
    }

    #[test]
    fn a_body_that_is_incomplete_or_without_insights_is_invalid() {
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"message": "success"}"#,
            r#"{"session_id": "s", "accounts": ["#,
            r#"{"session_id": "s"} {"#,
        ] {
            assert_eq!(parse_insights(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn the_link_is_not_in_debug_output() {
        let body = r#"{"session_id": "s", "aggregate_xlsx_report_url": "https://canary"}"#;
        let header = parse_insights(body.as_bytes()).unwrap();
        assert!(!format!("{header:?}").contains("canary"));
    }

    #[test]
    fn a_spreadsheet_starts_and_ends_like_a_zip_file() {
        let file = [ZIP_START, b"content", ZIP_END, &[0; 18]].concat();
        assert!(is_zip(&file, &file));
        assert!(!is_zip(&file, ZIP_START), "the end is missing");
        assert!(!is_zip(b"<html>", &file));
    }
}
