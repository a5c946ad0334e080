//! The catalogue of banks that the service reads at the moment.

use super::json;
use super::sanitized_text::SanitizedText;
use serde::Serialize;

/// One bank of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedBank {
    /// The identifier, in lower case as it is sent.
    pub id: SanitizedText,
    /// The full name.
    pub name: Option<SanitizedText>,
    /// Four letters, the same as the IFSC prefix.
    pub npci_code: Option<SanitizedText>,
    /// Whether PDF statements are read.
    pub pdf: bool,
    /// Whether net banking is offered.
    pub net_banking: bool,
    /// Whether the account aggregator is offered.
    pub account_aggregator: bool,
}

/// Reads `banks/catalogue`; `None` unless it has a list of banks. Entries without a name are left.
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
    fn banks_are_read_and_odd_entries_left() {
        let body = br#"{"count": 2, "banks": [{"name": "SBI", "full_name": "State Bank of India",
            "npci_code": "SBIN", "is_pdf_upload_available": true}, {"full_name": "?"}, 7]}"#;
        let banks = parse_bank_list(body).unwrap();
        assert_eq!(banks.len(), 1);
        assert_eq!(banks[0].id.as_str(), "sbi");
        assert!(banks[0].pdf && !banks[0].net_banking);
        assert_eq!(parse_bank_list(br#"{"banks": {}}"#), None);
    }
}
