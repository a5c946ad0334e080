//! One screening run over files, as every command performs it: resolve the inputs, screen them on
//! threads, judge what depends on several files, and write the report.

mod applicant_file;
mod experience;
pub(crate) mod inputs;
mod manifest;
mod password_file;
mod policy;
mod reports;
mod run;
mod user_file;

pub(crate) use experience::rule_uses;
pub(crate) use inputs::InputOptions;
pub(crate) use policy::{PeriodUse, PolicyOptions, find_bank, nearest_banks, requested_period};
pub(crate) use run::{Compared, ReportOptions, RunEnd, ScreeningRun, display_name};
