//! One screening run over files, as every command performs it: resolve the inputs, screen them on
//! threads, judge what depends on several files, and write the report.

mod applicant_file;
mod case_memory;
mod cases;
mod deferred;
mod experience;
mod form_files;
mod frames;
pub(crate) mod inputs;
mod judgement;
mod manifest;
mod notes;
mod password_file;
mod policy;
mod reports;
mod run;
mod serve;
mod user_file;

pub(crate) use case_memory::CaseMemory;
pub(crate) use cases::{CasesBy, RunFiles, check_counted};
pub(crate) use deferred::DeferredEntries;
pub(crate) use experience::{learnt_forms, rule_uses, unreadable_journal};
pub(crate) use form_files::{page_logos, read_forms};
pub(crate) use inputs::InputOptions;
pub(crate) use judgement::KnownCase;
pub(crate) use manifest::Manifest;
pub(crate) use policy::{PeriodUse, PolicyOptions, find_bank, nearest_banks, requested_period};
pub(crate) use reports::Reports;
pub(crate) use run::{Compared, PausedRun, ReportOptions, RunEnd, ScreeningRun};
pub(crate) use serve::{ServeOptions, serve};
