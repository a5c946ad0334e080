//! Banks that a user's own file adds to the registry, or tells more of.

use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

static ADDITIONS: OnceLock<Vec<CustomBank>> = OnceLock::new();

/// One bank of the user's own file. With the identifier of a known bank, it adds to that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomBank {
    /// The identifier on the wire.
    pub id: String,
    /// The name as it is printed.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The first four letters of its IFSC codes.
    #[serde(default)]
    pub ifsc: Vec<String>,
    /// Its own domains.
    #[serde(default)]
    pub domains: Vec<String>,
}

/// Adds to the registry. Counts only before the registry is first asked, and once.
pub fn add(custom_banks: Vec<CustomBank>) {
    let _first_counts = ADDITIONS.set(custom_banks);
}

/// What was added.
pub fn added() -> &'static [CustomBank] {
    ADDITIONS.get().map_or(&[], Vec::as_slice)
}

impl CustomBank {
    /// What is wrong with it, if anything is.
    pub fn fault(&self) -> Option<&'static str> {
        let is_identifier = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let is_code =
            |code: &String| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_domain = |domain: &String| {
            let allowed =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
            domain.contains('.') && domain.chars().all(allowed)
        };
        if self.id.is_empty() || !self.id.chars().all(is_identifier) {
            Some("id: lower-case letters, digits and _")
        } else if self.name.trim().is_empty() {
            Some("name: it is empty")
        } else if !self.ifsc.iter().all(is_code) {
            Some("ifsc: four capital letters each")
        } else if !self.domains.iter().all(is_domain) {
            Some("domains: host names in lower case, as bank.example")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told() {
        let good = CustomBank {
            id: "our_bank".to_owned(),
            name: "Our Bank".to_owned(),
            aliases: Vec::new(),
            ifsc: vec!["OURB".to_owned()],
            domains: vec!["ourbank.example".to_owned()],
        };
        assert_eq!(good.fault(), None);
        let check = |change: fn(&mut CustomBank), field: &str| {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(bad.fault().unwrap().starts_with(field), "{bad:?}");
        };
        check(|bad| bad.id = "Our Bank".to_owned(), "id");
        check(|bad| bad.name = " ".to_owned(), "name");
        check(|bad| bad.ifsc = vec!["OUR".to_owned()], "ifsc");
        check(
            |bad| bad.domains = vec!["https://our.example".to_owned()],
            "domains",
        );
    }
}
