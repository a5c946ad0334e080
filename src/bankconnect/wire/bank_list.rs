//! The list of banks that the service supports.

use super::json;
use super::sanitized_text::SanitizedText;
use serde::Serialize;

/// A bank that the service supports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedBank {
    /// The identifier, in lower case as in requests.
    pub id: SanitizedText,
    /// The full name.
    pub name: Option<SanitizedText>,
    /// Four letters, equal to the IFSC prefix.
    pub npci_code: Option<SanitizedText>,
    /// Whether PDF statements are supported.
    pub pdf: bool,
    /// Whether net banking is supported.
    pub net_banking: bool,
    /// Whether the account aggregator is supported.
    pub account_aggregator: bool,
}

/// Parses the response of `banks/catalogue`; `None` if it has no list of banks.
///
/// Entries without a name are skipped.
pub fn parse_bank_list(body: &[u8]) -> Option<Vec<ListedBank>> {
    let value = json::parse(body)?;
    value.get("banks")?.as_array()?;
    let banks = json::list(&value, "banks").filter_map(|bank| {
        let id = json::text(bank, "name")?;
        Some(ListedBank {
            id: SanitizedText::new(&id.as_str().to_lowercase()),
            name: json::text(bank, "full_name"),
            npci_code: json::text(bank, "npci_code"),
            pdf: json::flag(bank, "is_pdf_upload_available").unwrap_or(false),
            net_banking: json::flag(bank, "is_net_banking_available").unwrap_or(false),
            account_aggregator: json::flag(bank, "is_aa_available").unwrap_or(false),
        })
    });
    Some(banks.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_entries_of_the_bank_list_are_skipped() {
        let body = br#"{"count": 2, "banks": [{"name": "SBI", "full_name": "State Bank of India",
            "npci_code": "SBIN", "is_pdf_upload_available": true}, {"full_name": "?"}, 7]}"#;
        let banks = parse_bank_list(body).unwrap();
        assert_eq!(banks.len(), 1);
        assert_eq!(banks[0].id.as_str(), "sbi");
        assert!(banks[0].pdf && !banks[0].net_banking);
        assert_eq!(parse_bank_list(br#"{"banks": {}}"#), None);
    }
}
