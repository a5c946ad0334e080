//! The details of one applicant. They are wiped from memory on drop.

use crate::statement::entered_date::{self, InvalidDate, Notation};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A detail, named as the column of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Field {
    /// The name on the account.
    Name,
    /// The date of birth.
    Dob,
    /// The date of a firm's incorporation.
    Incorporation,
    /// The mobile number.
    Mobile,
    /// The permanent account number of the tax department.
    Pan,
    /// The bank's number of the customer.
    CustomerId,
    /// The full account number.
    AccountNumber,
    /// The full card number.
    CardNumber,
}

impl Field {
    /// All details.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Dob,
        Self::Incorporation,
        Self::Mobile,
        Self::Pan,
        Self::CustomerId,
        Self::AccountNumber,
        Self::CardNumber,
    ];

    /// Returns the name of the column.
    pub fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Dob => "dob",
            Self::Incorporation => "incorporation",
            Self::Mobile => "mobile",
            Self::Pan => "pan",
            Self::CustomerId => "customer_id",
            Self::AccountNumber => "account_number",
            Self::CardNumber => "card_number",
        }
    }

    /// Returns the detail with the name of a column, in any letter case.
    pub fn parse(column: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|field| field.column().eq_ignore_ascii_case(column))
    }

    pub(super) fn is_date(self) -> bool {
        matches!(self, Self::Dob | Self::Incorporation)
    }

    /// Returns whether a spreadsheet may have rounded the value.
    fn is_number(self) -> bool {
        matches!(
            self,
            Self::Mobile | Self::CustomerId | Self::AccountNumber | Self::CardNumber
        )
    }
}

/// Why a text is not a detail. The text itself is not part of any message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidDetail {
    /// The text is not a date.
    #[error(transparent)]
    Date(InvalidDate),
    /// The number is in scientific notation, so its last digits are lost.
    #[error("the number is in scientific notation, which has lost digits")]
    Scientific,
}

impl InvalidDetail {
    /// Returns what the user can do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Date(_) => "enter a date as DD/MM/YYYY, DD-MM-YYYY or YYYY-MM-DD",
            Self::Scientific => "format the column as text, and enter all digits",
        }
    }
}

/// The details of one applicant.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Details([Option<Zeroizing<String>>; Field::ALL.len()]);

impl Details {
    /// Sets a detail; a blank text leaves it unknown. Dates become `ddmmyyyy`.
    ///
    /// # Errors
    ///
    /// If the text is not a date although the detail is one, or is a number in scientific notation.
    pub fn set(&mut self, field: Field, text: &str) -> Result<(), InvalidDetail> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if field.is_number() && is_scientific(text) {
            return Err(InvalidDetail::Scientific);
        }
        let value = if field.is_date() {
            let date = entered_date::parse(text, Notation::SlashesOrDashes);
            let date = date.map_err(InvalidDetail::Date)?;
            format!("{:02}{:02}{:04}", date.day(), date.month(), date.year())
        } else {
            text.to_owned()
        };
        self.restore(field, Zeroizing::new(value));
        Ok(())
    }

    /// Sets a value that [`Details::get`] returned.
    pub(crate) fn restore(&mut self, field: Field, value: Zeroizing<String>) {
        if let Some(place) = self.0.get_mut(field as usize) {
            *place = Some(value);
        }
    }

    /// Returns a detail as it was set; dates as `ddmmyyyy`.
    pub fn get(&self, field: Field) -> Option<&str> {
        let value = self.0.get(field as usize)?.as_ref();
        value.map(|value| value.as_str())
    }

    /// Takes the details that are unknown here from another source.
    pub fn fill_from(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            if own.is_none() {
                own.clone_from(other);
            }
        }
    }

    /// Returns whether no detail is known.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Details(…)")
    }
}

/// Returns whether a text is a number such as `9.87E+09`, as spreadsheets write long numbers.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let is_number = |text: &str, separators: &[char]| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || separators.contains(&c))
    };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    is_number(mantissa, &['.', ',']) && is_number(exponent, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_as_set_and_dates_have_one_notation() {
        let mut details = Details::default();
        assert!(details.is_empty());
        for (field, text, expected) in [
            (Field::Name, " Asha Rao ", Some("Asha Rao")),
            (Field::Dob, "5/3/1988", Some("05031988")),
            (Field::Incorporation, "2011-12-30", Some("30122011")),
            (Field::CustomerId, "0012-34", Some("0012-34")),
            (Field::Pan, "  ", None),
        ] {
            details.set(field, text).unwrap();
            assert_eq!(details.get(field), expected);
        }
        assert!(!details.is_empty());
        assert_eq!(format!("{details:?}"), "Details(…)");
    }

    #[test]
    fn wrong_dates_and_rounded_numbers_are_rejected_without_their_text() {
        let error = |field, text| {
            let error = Details::default().set(field, text).unwrap_err();
            assert!(!error.to_string().contains(text), "{error}");
            error
        };
        assert!(matches!(
            error(Field::Dob, "31/02/1990"),
            InvalidDetail::Date(_)
        ));
        assert!(matches!(
            error(Field::Incorporation, "soon"),
            InvalidDetail::Date(_)
        ));
        for text in ["9.87654E+09", "5E10", "5,01004E+13", "1e-3"] {
            assert_eq!(error(Field::Mobile, text), InvalidDetail::Scientific);
            assert_eq!(error(Field::AccountNumber, text), InvalidDetail::Scientific);
        }
        for text in ["9876543210", "12E", "E5", "CUST1E5X"] {
            Details::default().set(Field::CustomerId, text).unwrap();
        }
    }

    #[test]
    fn unknown_details_are_filled_from_another_source() {
        let mut own = Details::default();
        own.set(Field::Name, "Asha").unwrap();
        let mut other = Details::default();
        other.set(Field::Name, "Ravi").unwrap();
        other.set(Field::Pan, "ABCDE1234F").unwrap();
        own.fill_from(&other);
        assert_eq!(own.get(Field::Name), Some("Asha"));
        assert_eq!(own.get(Field::Pan), Some("ABCDE1234F"));
    }
}
