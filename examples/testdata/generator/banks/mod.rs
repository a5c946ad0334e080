//! Statement designs of Indian banks.
//!
//! Each design has the bank's wording of the period, date format and column headings, and names the
//! bank where its real statements do. Holders, addresses, numbers and branches are invented.

mod cooperative;
mod private;
mod public;
mod smaller;
mod unnamed;

use super::Case;
use super::layout::Design;
use super::statement::statement;

/// Returns all bank designs. The first one is the simplest.
pub fn designs() -> Vec<&'static Design> {
    [
        private::DESIGNS,
        public::DESIGNS,
        smaller::DESIGNS,
        cooperative::DESIGNS,
        unnamed::DESIGNS,
    ]
    .concat()
}

/// Returns the design with the given file name.
///
/// # Panics
///
/// Panics if there is none. Names are constants of the cases.
pub fn design(name: &str) -> &'static Design {
    let path = format!("banks/{name}.pdf");
    designs()
        .into_iter()
        .find(|d| d.path == path)
        .unwrap_or_else(|| panic!("no design {name}"))
}

/// Returns one statement for each design.
pub fn cases() -> Vec<Case> {
    designs()
        .into_iter()
        .map(|design| statement(design).case())
        .collect()
}
