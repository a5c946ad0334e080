//! Banks beyond the built-in table: the user's `banks.toml`, and the service's list if it was read.

use super::config_folder::read_file;
use super::{bank_list_cache, environment};
use crate::error::AppError;
use crate::statement::BankRegistry;
use crate::statement::custom_banks::CustomBank;
use crate::text::line_number;
use toml::Spanned;

/// Builds the registry: the built-in banks, the user's banks, and those of the service's list that
/// the user did not define. A downloaded list that can't be used is left out and returned as an
/// error: the user did not write it.
///
/// # Errors
///
/// If the user's file exists and can't be read, or defines an invalid bank.
pub(crate) fn bank_registry() -> Result<(BankRegistry, Option<AppError>), AppError> {
    let mut custom = user_banks()?;
    // Without a state folder there is no list either.
    let list =
        environment::state_folder().map_or(Ok(None), |folder| bank_list_cache::read(&folder));
    let (list, unusable) = match list {
        Ok(list) => (list, None),
        Err(error) => (None, Some(error)),
    };
    if let Some(list) = list {
        let is_defined = |id: &str| custom.iter().any(|bank: &CustomBank| bank.id == id);
        let new = list.custom_banks().into_iter();
        let new: Vec<_> = new.filter(|bank| !is_defined(&bank.id)).collect();
        custom.extend(new);
    }
    Ok((BankRegistry::new(custom), unusable))
}

fn user_banks() -> Result<Vec<CustomBank>, AppError> {
    let hint = "write [[bank]] tables with id and name, and any of aliases, ifsc, domains";
    let Some(source) = read_file("banks.toml", hint)? else {
        return Ok(Vec::new());
    };
    let reject = |offset: usize, what: &str| {
        let line = line_number(&source.text, offset);
        source.reject(&format_args!("line {line}: {what}"), hint)
    };
    let file: BanksFile = toml::from_str(&source.text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        reject(start, error.message())
    })?;
    let mut banks = Vec::new();
    for bank in file.bank {
        let start = bank.span().start;
        let bank = bank.into_inner();
        bank.validate()
            .map_err(|invalid| reject(start, &format!("bank {:?}: {invalid}", bank.id)))?;
        banks.push(bank);
    }
    Ok(banks)
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BanksFile {
    #[serde(default)]
    bank: Vec<Spanned<CustomBank>>,
}
