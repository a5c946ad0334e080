//! Statements in the layouts of Indian banks, as data.
//!
//! Each design has its bank's wording for the period, its date form, its column headings and the
//! places where that bank names itself. Holders, addresses, numbers and branches are invented.

mod cooperative;
mod private;
mod public;
mod smaller;

use super::Case;
use super::layout::Design;
use super::statement::statement;

/// All bank designs; the first one is the plainest.
pub fn designs() -> Vec<&'static Design> {
    [
        private::DESIGNS,
        public::DESIGNS,
        smaller::DESIGNS,
        cooperative::DESIGNS,
    ]
    .concat()
}

/// The design whose file has the given name.
///
/// # Panics
///
/// Where there is none: names are constants of the cases.
pub fn design(name: &str) -> &'static Design {
    let path = format!("banks/{name}.pdf");
    designs()
        .into_iter()
        .find(|d| d.path == path)
        .unwrap_or_else(|| panic!("no design {name}"))
}

/// One statement for each design.
pub fn cases() -> Vec<Case> {
    designs()
        .into_iter()
        .map(|design| statement(design).case())
        .collect()
}
