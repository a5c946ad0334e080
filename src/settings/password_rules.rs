//! The user's own rules for passwords: `password_rules.tsv` beside the config file.

use super::environment;
use crate::applicant::{self, RuleProblem, RuleTable};
use crate::error::AppError;
use crate::statement::BankRegistry;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// The file, in the config folder.
pub(crate) const PASSWORD_RULES: &str = "password_rules.tsv";
const HINT: &str = "write rows of bank, document, rule and sources, separated by tabs; the guide \
                    has examples";

/// Returns the built-in rules with the user's own before them.
///
/// # Errors
///
/// If the file exists and can't be read, or has an invalid row.
pub(crate) fn rule_table(banks: &BankRegistry) -> Result<RuleTable, AppError> {
    let Some(path) = environment::config_folder().map(|folder| folder.join(PASSWORD_RULES)) else {
        return Ok(RuleTable::default());
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(RuleTable::default()),
        Err(error) => {
            let message = format!("could not read {}", path.display());
            return Err(AppError::environment(message, error, HINT));
        }
    };
    let rules = applicant::parse(&text).map_err(|invalid| reject(&path, &invalid))?;
    for rule in &rules {
        let unknown = rule.bank().filter(|id| banks.by_id(id).is_none());
        if let Some(id) = unknown {
            let problem = RuleProblem::Bank(id.to_owned());
            return Err(reject(
                &path,
                &format_args!("line {}: {problem}", rule.line()),
            ));
        }
    }
    Ok(RuleTable::new(rules))
}

fn reject(path: &Path, what: &dyn fmt::Display) -> AppError {
    AppError::usage(format!("{}: {what}", path.display()), HINT)
}
