//! The user's own rules for passwords: `password_rules.tsv` beside the config file.

use super::config_folder::read_file;
use crate::applicant::{self, RuleProblem, RuleTable};
use crate::error::AppError;
use crate::statement::BankRegistry;

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
    let Some(file) = read_file(PASSWORD_RULES, HINT)? else {
        return Ok(RuleTable::default());
    };
    let rules = applicant::parse(&file.text).map_err(|invalid| file.reject(&invalid, HINT))?;
    for rule in &rules {
        let unknown = rule.bank().filter(|id| banks.by_id(id).is_none());
        if let Some(id) = unknown {
            let problem = RuleProblem::Bank(id.to_owned());
            let what = format_args!("line {}: {problem}", rule.line());
            return Err(file.reject(&what, HINT));
        }
    }
    Ok(RuleTable::new(rules))
}
