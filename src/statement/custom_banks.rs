//! Banks that a user or the service adds to the built-in tables.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A bank to add to the registry. With the identifier of a built-in bank, it extends that bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomBank {
    /// The identifier that the service uses.
    pub id: String,
    /// The name as printed on statements.
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

/// The field of a [`CustomBank`] that is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidCustomBank {
    /// The identifier is empty or has other characters.
    #[error("id must consist of lower-case letters, digits and _")]
    Id,
    /// The name is empty.
    #[error("name must not be empty")]
    Name,
    /// An entry is not an IFSC bank code.
    #[error("each entry of ifsc must be four capital letters")]
    Ifsc,
    /// An entry is not a host name in lower case.
    #[error("each entry of domains must be a host name in lower case, such as bank.example")]
    Domains,
}

impl CustomBank {
    /// Checks the syntax of all fields.
    ///
    /// # Errors
    ///
    /// The first invalid field.
    pub fn validate(&self) -> Result<(), InvalidCustomBank> {
        let is_identifier = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let is_code =
            |code: &String| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_domain = |domain: &String| {
            let is_allowed =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
            domain.contains('.') && domain.chars().all(is_allowed)
        };
        if self.id.is_empty() || !self.id.chars().all(is_identifier) {
            Err(InvalidCustomBank::Id)
        } else if self.name.trim().is_empty() {
            Err(InvalidCustomBank::Name)
        } else if !self.ifsc.iter().all(is_code) {
            Err(InvalidCustomBank::Ifsc)
        } else if !self.domains.iter().all(is_domain) {
            Err(InvalidCustomBank::Domains)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_fields_are_reported() {
        let valid = CustomBank {
            id: "our_bank".to_owned(),
            name: "Our Bank".to_owned(),
            aliases: Vec::new(),
            ifsc: vec!["OURB".to_owned()],
            domains: vec!["ourbank.example".to_owned()],
        };
        assert_eq!(valid.validate(), Ok(()));
        let check = |change: fn(&mut CustomBank), expected| {
            let mut invalid = valid.clone();
            change(&mut invalid);
            assert_eq!(invalid.validate(), Err(expected), "{invalid:?}");
        };
        check(
            |bank| bank.id = "Our Bank".to_owned(),
            InvalidCustomBank::Id,
        );
        check(|bank| bank.name = " ".to_owned(), InvalidCustomBank::Name);
        check(
            |bank| bank.ifsc = vec!["OUR".to_owned()],
            InvalidCustomBank::Ifsc,
        );
        check(
            |bank| bank.domains = vec!["https://our.example".to_owned()],
            InvalidCustomBank::Domains,
        );
    }
}
