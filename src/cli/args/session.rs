//! Options of `bankscreen session`.

use super::connection::ConnectionArgs;
use super::values::{date, link_id, seconds, session_id};
use super::{examples, usage};
use crate::session_report::{ReportFormat, ReportOptions};
use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SessionArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: SessionCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SessionCommand {
    /// Create a session, and print its ID and the address of its journey
    #[command(after_long_help = examples::SESSION_NEW, override_usage = usage::SESSION_NEW)]
    New(NewArgs),
    /// Create a session for an applicant's own uploads, and wait for the end of the journey
    #[command(after_long_help = examples::SESSION_LINK, override_usage = usage::SESSION_LINK)]
    Link(LinkArgs),
    /// Show what was uploaded: accounts, statements, missing months
    #[command(after_long_help = examples::SESSION_STATUS, override_usage = usage::SESSION_STATUS)]
    Status(StatusArgs),
    /// End the uploads, process them, and report the outcome by the exit code
    #[command(after_long_help = examples::SESSION_PROCESS, override_usage = usage::SESSION_PROCESS)]
    Process(ProcessArgs),
    /// Save the insights of a processed session, or their spreadsheet, to a private file
    #[command(after_long_help = examples::SESSION_REPORT, override_usage = usage::SESSION_REPORT)]
    Report(ReportArgs),
    /// Register a URL that the service calls when uploads or processing end
    #[command(after_long_help = examples::SESSION_WEBHOOK)]
    Webhook(WebhookArgs),
    /// Use a session no more on this machine; what was sent there is not sent again
    #[command(after_long_help = examples::SESSION_FORGET)]
    Forget(ForgetSessionArgs),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ForgetSessionArgs {
    /// The session, as the history shows it; its ID may be one that can't be used any more
    #[arg(long, value_name = "ID", required = true)]
    pub(in crate::cli) session_id: String,
}

/// Options of every query about a session.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct StatusArgs {
    /// The session
    #[arg(long, value_name = "ID", required_unless_present = "sandbox")]
    #[arg(value_parser = session_id)]
    pub(in crate::cli) session_id: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = SessionFormatArg::Text)]
    pub(in crate::cli) format: SessionFormatArg,

    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SessionFormatArg {
    /// Text for a terminal
    Text,
    /// One JSON object per line
    Json,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NewArgs {
    #[command(flatten)]
    pub(in crate::cli) request: RequestArgs,

    /// Where the browser returns after the journey; at most 200 characters
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) redirect_url: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LinkArgs {
    #[command(flatten)]
    pub(in crate::cli) request: RequestArgs,

    /// How long to wait for the end of the journey
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    pub(in crate::cli) wait: Duration,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ProcessArgs {
    #[command(flatten)]
    pub(in crate::cli) session: StatusArgs,

    /// Interval between progress queries
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub(in crate::cli) every: Duration,

    /// How long to wait for the end of processing
    #[arg(long, value_name = "SECONDS", default_value = "1800", value_parser = seconds)]
    pub(in crate::cli) wait: Duration,

    /// Hide the progress
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReportArgs {
    /// The session; it must have been processed
    #[arg(long, value_name = "ID", required_unless_present = "sandbox")]
    #[arg(value_parser = session_id)]
    pub(in crate::cli) session_id: Option<String>,

    /// Format of the report
    #[arg(long, value_enum, default_value_t = ReportFormatArg::Json)]
    pub(in crate::cli) format: ReportFormatArg,

    /// Write to FILE, which only you can read; it must not exist yet. JSON can be written to `-`,
    /// which is standard output
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: PathBuf,

    /// Replace an existing FILE, or print personal data on a terminal
    #[arg(long)]
    pub(in crate::cli) force: bool,

    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportFormatArg {
    /// The insights as the service returns them
    Json,
    /// Their spreadsheet
    Xlsx,
}

impl From<&ReportArgs> for ReportOptions {
    fn from(args: &ReportArgs) -> Self {
        Self {
            format: match args.format {
                ReportFormatArg::Json => ReportFormat::Json,
                ReportFormatArg::Xlsx => ReportFormat::Spreadsheet,
            },
            output: args.output.clone(),
            force: args.force,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct WebhookArgs {
    /// The URL of your server: https, at most 200 characters, without user name and password
    #[arg(value_name = "URL")]
    pub(in crate::cli) url: String,

    /// Output format
    #[arg(long, value_enum, default_value_t = SessionFormatArg::Text)]
    pub(in crate::cli) format: SessionFormatArg,

    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// The session to create.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RequestArgs {
    #[arg(long, value_name = "ID", value_parser = link_id)]
    #[arg(help = "Your own name for the applicant [env: BANKSCREEN_LINK_ID]")]
    pub(in crate::cli) link_id: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) period: PeriodArgs,

    #[command(flatten)]
    pub(in crate::cli) journey: JourneyArgs,

    #[command(flatten)]
    pub(in crate::cli) show: ShowArgs,

    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Requested period")]
pub(in crate::cli) struct PeriodArgs {
    /// First day of the requested period, DD/MM/YYYY or YYYY-MM-DD [default: the first of the month
    /// six months ago]
    #[arg(long, value_name = "DATE", requires = "to", value_parser = date)]
    pub(in crate::cli) from: Option<Date>,

    /// Last day of the requested period, before today [default: yesterday]
    #[arg(long, value_name = "DATE", requires = "from", value_parser = date)]
    pub(in crate::cli) to: Option<Date>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Journey")]
pub(in crate::cli) struct JourneyArgs {
    /// The bank, so that the applicant need not choose one
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) bank: Option<String>,

    /// How statements are collected: pdf, aa or online; requires --bank
    #[arg(long)]
    pub(in crate::cli) mode: Option<String>,

    #[arg(long, value_name = "MODE")]
    #[arg(help = "multi_pdf, multi_banking or AA_MULTI_BANKING; others are sent with a warning")]
    pub(in crate::cli) journey_mode: Option<String>,

    /// A logo for the journey
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) logo_url: Option<String>,

    /// Ten digits, prefilled for the account aggregator
    #[arg(long, value_name = "DIGITS")]
    pub(in crate::cli) mobile_number: Option<String>,

    /// Lifetime of the session, 5 to 43200
    #[arg(long, value_name = "MINUTES")]
    pub(in crate::cli) session_expiry: Option<u32>,

    /// Accept uploads that do not meet the acceptance criteria
    #[arg(long)]
    pub(in crate::cli) accept_anything: bool,

    #[arg(long, value_name = "FILE")]
    #[arg(help = "JSON file with any of the lists names, employer_names, \
                  companies_for_self_transfer")]
    pub(in crate::cli) metadata: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct ShowArgs {
    /// Open the journey in the browser
    #[arg(long)]
    pub(in crate::cli) open: bool,

    /// Print the address of the journey as a QR code, for a phone
    #[arg(long)]
    pub(in crate::cli) qr: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t = SessionFormatArg::Text)]
    pub(in crate::cli) format: SessionFormatArg,
}
