//! Options of `bankscreen history`.

use super::super::examples;
use super::values::{ColorArg, date};
use crate::uploads::plan::OutcomeKind;
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct HistoryArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<HistoryCommand>,

    /// Part of a name, session or code, the start of a SHA-256, a bank, or a link ID
    pub(in crate::cli) query: Option<String>,

    /// Only files with this outcome
    #[arg(long, value_parser = PossibleValuesParser::new(OutcomeKind::ALL.map(OutcomeKind::name)))]
    outcome: Option<String>,

    /// Only from this day on, DD/MM/YYYY or YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(in crate::cli) since: Option<Date>,

    /// Only the latest N
    #[arg(long, value_name = "N")]
    pub(in crate::cli) limit: Option<u32>,

    /// Compare predictions with the service's answers, by code and bank
    #[arg(long, conflicts_with_all = ["query", "outcome", "since", "limit"])]
    pub(in crate::cli) accuracy: bool,

    /// Remove the details (names, months, texts) of what was settled more than DAYS days ago. The
    /// protection against a second upload stays
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["query", "outcome", "since", "limit"])]
    pub(in crate::cli) prune_older_than: Option<u32>,

    /// Rename a damaged journal and start a new one, without the protection of the old one
    #[arg(long, exclusive = true)]
    pub(in crate::cli) set_aside_damaged: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormatArg::Text)]
    pub(in crate::cli) format: ListFormatArg,

    /// Write the list to FILE, atomically
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// Let --output replace a file that is not a list or report of bankscreen
    #[arg(long, requires = "output")]
    pub(in crate::cli) force: bool,

    /// When to use colours
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(in crate::cli) color: ColorArg,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum HistoryCommand {
    /// Give up the protection against a second upload of the files that match
    #[command(after_long_help = examples::HISTORY_FORGET)]
    Forget(ForgetArgs),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ForgetArgs {
    /// Part of a name, session or code, the start of a SHA-256, a bank, or a link ID
    pub(in crate::cli) query: String,

    /// Do not ask for a confirmation
    #[arg(long)]
    pub(in crate::cli) yes: bool,
}

impl HistoryArgs {
    /// Returns the requested outcome, if any.
    pub(in crate::cli) fn outcome(&self) -> Option<OutcomeKind> {
        self.outcome.as_deref().and_then(OutcomeKind::from_name)
    }
}

/// Formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListFormatArg {
    /// Text for a terminal
    Text,
    /// One JSON object with all rows
    Json,
    /// One JSON object per line
    Ndjson,
    /// One CSV row per entry
    Csv,
}
