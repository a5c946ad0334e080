//! The logos that the user added: `logos.tsv` beside the config file.

use super::config_folder::read_file;
use crate::error::AppError;
use crate::statement::{BankRegistry, KnownLogos};

/// The file, in the config folder.
pub(crate) const LOGOS: &str = "logos.tsv";
const HINT: &str = "write rows of bank and hash, separated by a tab; bankscreen forms logos FILE \
                    prints the hashes of a file";

/// Returns the logos of the user.
///
/// # Errors
///
/// If the file exists and can't be read, or has an invalid row.
pub(crate) fn known_logos(banks: &BankRegistry) -> Result<KnownLogos, AppError> {
    let Some(file) = read_file(LOGOS, HINT)? else {
        return Ok(KnownLogos::default());
    };
    KnownLogos::parse(&file.text, banks).map_err(|problem| file.reject(&problem, HINT))
}
