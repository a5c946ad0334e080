//! The command line as types: commands, options and their help. Only the syntax is checked here.

mod cases;
mod connection;
mod forms;
mod history;
mod profile;
mod sandbox;
mod screening;
mod session;
mod upload;
mod values;
mod watch;

pub(super) use cases::CasesArg;
pub(super) use connection::ConnectionArgs;
pub(super) use forms::{FormsArgs, FormsCommand};
pub(super) use history::{ForgetArgs, HistoryArgs, HistoryCommand, ListFormatArg};
pub(super) use profile::{definition, profile};
pub(super) use sandbox::SandboxArgs;
pub(super) use screening::ScreeningArgs;
pub(super) use session::{
    ForgetSessionArgs, JourneyArgs, LinkArgs, NewArgs, PeriodArgs, ProcessArgs, ReportArgs,
    RequestArgs, SessionArgs, SessionCommand, SessionFormatArg, StatusArgs, WebhookArgs,
};
pub(super) use upload::{DashboardArgs, UploadArgs};
pub(super) use values::ColorArg;

use super::{examples, usage};
use crate::connection::ConnectionOptions;
use crate::output::Role;
use crate::screen::Code;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Options that have no meaning if files arrive on standard input and are answered one by one.
const WITHOUT_STREAM: [&str; 27] = [
    "paths",
    "files_from",
    "null",
    "manifest",
    "allow_empty",
    "cases",
    "notes",
    "require_ready",
    "archive",
    "format",
    "output",
    "report",
    "force",
    "exit_zero",
    "csv_bom",
    "statistics",
    "metrics",
    "verbose",
    "show_amounts",
    "link_id",
    "session_id",
    "concurrency",
    "upload_type",
    "mouse",
    "base_url",
    "api_key_file",
    "sandbox",
];

/// Screens bank statement PDFs before they are uploaded to FinBox BankConnect
#[derive(Debug, Parser)]
#[command(version = env!("BANKSCREEN_VERSION"), about, after_long_help = examples::PROGRAM)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    /// Screen the files, print a report and exit (0 = all passed, 1 = problems, 2 = could not run)
    #[arg(long)]
    pub(super) check: bool,

    /// Screen files from standard input as they arrive, for programs: frames in, JSON lines out
    #[arg(long, conflicts_with_all = WITHOUT_STREAM)]
    pub(super) serve_stdio: bool,

    /// Explain a code of a report: what it means and what to do
    #[arg(long, value_name = "CODE", value_parser = values::code, exclusive = true)]
    pub(super) explain: Option<Code>,

    #[command(flatten)]
    pub(super) screening: ScreeningArgs,

    #[command(flatten)]
    pub(super) dashboard: DashboardArgs,
}

impl Args {
    /// Returns the name of the mode and its screening options, if files are to be screened.
    pub(super) fn screening(&self) -> Option<(&'static str, &ScreeningArgs)> {
        match &self.command {
            Some(Command::Upload(args)) => Some(("upload", &args.screening)),
            Some(_) => None,
            None if self.serve_stdio => Some(("serve", &self.screening)),
            None if self.check => Some(("check", &self.screening)),
            None => Some(("dashboard", &self.screening)),
        }
    }

    /// Returns the paths that are screened, which a project's own settings must not come from.
    pub(super) fn screened_paths(&self) -> Vec<PathBuf> {
        let screening = self.screening().map(|(_, screening)| &screening.paths);
        let mut paths = screening.cloned().unwrap_or_default();
        if let Some(Command::Upload(args)) = &self.command {
            paths.extend(args.watch.options().map(|watch| watch.folder));
        }
        paths
    }

    /// Returns the files that the run reads besides its inputs, with what each is.
    pub(super) fn files_read(&self) -> Vec<(Role, Option<PathBuf>)> {
        let (screening, connection) = match &self.command {
            Some(Command::Upload(args)) => (&args.screening, &args.connection),
            _ => (&self.screening, &self.dashboard.connection),
        };
        let key = ConnectionOptions::from(connection).api_key_file;
        let mut files = screening.files_read().to_vec();
        files.push((Role::KeyFile, key));
        files
    }

    /// Returns whether a list may replace files of other programs.
    pub(super) fn force(&self) -> bool {
        match &self.command {
            Some(Command::History(args)) => args.force,
            Some(Command::Session(args)) => match &args.command {
                SessionCommand::Report(args) => args.force,
                _ => false,
            },
            _ => false,
        }
    }

    /// Returns whether the config file is loaded before the command runs. `doctor` loads it
    /// itself, because it reports problems of the file.
    pub(super) fn uses_config_file(&self) -> bool {
        let without = matches!(
            self.command,
            Some(
                Command::Doctor(_)
                    | Command::ScreenIsolated
                    | Command::Schema
                    | Command::Man
                    | Command::Completions { .. }
            )
        );
        !without
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the known bank identifiers with names and IFSC prefixes
    #[command(after_long_help = examples::BANKS, override_usage = usage::BANKS)]
    Banks(Box<BanksArgs>),

    /// Screen the files, upload those that pass, and report the outcome of each
    #[command(after_long_help = examples::UPLOAD, override_usage = usage::UPLOAD)]
    Upload(Box<UploadArgs>),

    /// Create a session, wait for its journey, show or process uploads, or save the report
    #[command(after_long_help = examples::SESSION)]
    Session(Box<SessionArgs>),

    /// Serve the BankConnect API on this machine, for trials and tests
    #[command(after_long_help = examples::SANDBOX)]
    Sandbox(SandboxArgs),

    /// Show and search what was uploaded, when, with what outcome, and how many calls were saved
    #[command(after_long_help = examples::HISTORY)]
    History(HistoryArgs),

    /// List, export, import or forget the forms of statements that accepted uploads have taught
    #[command(after_long_help = examples::FORMS)]
    Forms(FormsArgs),

    /// Show the effective settings, where each value comes from, and any problems
    #[command(after_long_help = examples::DOCTOR)]
    Doctor(DoctorArgs),

    /// Print the JSON Schema of the records of --format json and ndjson
    #[command(after_long_help = examples::SCHEMA)]
    Schema,

    /// Print a completion script for a shell
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },

    /// Print the manual page
    #[command(after_long_help = examples::MAN)]
    Man,

    /// Screen one file from standard input in an isolated process
    #[command(name = crate::isolation::ARGUMENT, hide = true)]
    ScreenIsolated,
}

#[derive(Debug, clap::Args)]
pub(super) struct BanksArgs {
    /// Words that the identifier, name or IFSC prefix must contain
    pub(super) query: Vec<String>,

    /// Download the service's list of banks, save it, and show new banks. Requires the API key
    #[arg(long, conflicts_with = "query")]
    pub(super) refresh: bool,

    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t = DoctorFormatArg::Text)]
    pub(super) format: DoctorFormatArg,

    /// When to use colours
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DoctorFormatArg {
    /// Text for a terminal
    Text,
    /// One JSON object
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        definition().debug_assert();
    }
}
