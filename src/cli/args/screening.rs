//! Options of every command that screens files.

use super::values::{ColorArg, date, seconds, size};
use crate::batch::Separator;
use crate::report::Format;
use crate::screening_run::{InputOptions, PolicyOptions, ReportOptions};
use crate::settings::environment;
use clap::{ArgAction, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per flag; the conversions below give them types"
)]
pub(in crate::cli) struct ScreeningArgs {
    /// Files, folders to search for *.pdf, or - for one PDF on standard input
    #[arg(value_name = "PATH", help_heading = "Input")]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Read paths from FILE, one per line; - is standard input
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    files_from: Option<PathBuf>,

    /// Paths in --files-from are separated by NUL, as find -print0 prints them
    #[arg(
        short = '0',
        long = "null",
        requires = "files_from",
        help_heading = "Input"
    )]
    null: bool,

    #[arg(long, value_name = "FILE", help_heading = "Input")]
    #[arg(help = "CSV file with a header row: path, and any of bank, password, account_category")]
    manifest: Option<PathBuf>,

    /// Candidate passwords for locked files, one per line
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    password_file: Option<PathBuf>,

    /// The bank that every file must be from
    #[arg(long, value_name = "ID", help_heading = "Expectations")]
    bank: Option<String>,

    /// First day of the requested period, DD/MM/YYYY or YYYY-MM-DD
    #[arg(long, value_name = "DATE", requires = "to", value_parser = date)]
    #[arg(help_heading = "Expectations")]
    from: Option<Date>,

    /// Last day of the requested period
    #[arg(long, value_name = "DATE", requires = "from", value_parser = date)]
    #[arg(help_heading = "Expectations")]
    to: Option<Date>,

    /// Treat warnings as errors
    #[arg(long, help_heading = "Expectations")]
    strict: bool,

    /// Screening threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    #[arg(help_heading = "Limits")]
    jobs: Option<u16>,

    /// Reject larger files: a number of bytes, or one with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "100M", value_parser = size)]
    #[arg(help_heading = "Limits")]
    pub(in crate::cli) max_file_size: u64,

    /// Reject documents with more pages
    #[arg(
        long,
        value_name = "N",
        default_value_t = 2000,
        help_heading = "Limits"
    )]
    max_pages: usize,

    /// Stop screening a file after this time
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    #[arg(help_heading = "Limits")]
    time_limit: Duration,

    /// Report format
    #[arg(long, value_enum, default_value_t = FormatArg::Text, help_heading = "Output")]
    format: FormatArg,

    /// Write the report to FILE, atomically
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// When to use colours
    #[arg(long, value_enum, default_value_t = ColorArg::Auto, help_heading = "Output")]
    pub(in crate::cli) color: ColorArg,

    /// Start CSV with a byte order mark, for spreadsheets
    #[arg(long, help_heading = "Output")]
    csv_bom: bool,

    /// Report the time per file
    #[arg(long, help_heading = "Output")]
    timings: bool,

    /// Hide files that pass, and notes
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub(in crate::cli) quiet: bool,

    /// Show the evidence for the detected bank and the document metadata
    #[arg(short, long, action = ArgAction::SetTrue, help_heading = "Output")]
    pub(in crate::cli) verbose: bool,

    /// Append the event log to FILE, one JSON object per line
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) log_file: Option<PathBuf>,
}

impl ScreeningArgs {
    /// Returns what to screen.
    pub(in crate::cli) fn inputs(&self) -> InputOptions {
        InputOptions {
            paths: self.paths.clone(),
            files_from: self.files_from.clone(),
            separator: if self.null {
                Separator::Nul
            } else {
                Separator::Line
            },
            manifest: self.manifest.clone(),
            max_file_size: self.max_file_size,
        }
    }

    /// Returns what the files are screened by.
    pub(in crate::cli) fn policy(&self) -> PolicyOptions {
        PolicyOptions {
            max_file_size: self.max_file_size,
            max_pages: self.max_pages,
            time_limit: self.time_limit,
            password_file: self.password_file.clone(),
            bank: self.bank.clone(),
            period: self.period(),
            strict: self.strict,
        }
    }

    /// Returns how the run is reported.
    pub(in crate::cli) fn report(&self) -> ReportOptions {
        ReportOptions {
            format: self.format.into(),
            output: self.output.clone(),
            color: self.color.into(),
            timings: self.timings,
            csv_bom: self.csv_bom,
            quiet: self.quiet,
            verbose: self.verbose,
        }
    }

    /// Returns the requested period, if it was given.
    pub(in crate::cli) fn period(&self) -> Option<(Date, Date)> {
        self.from.zip(self.to)
    }

    /// Returns the number of screening threads.
    pub(in crate::cli) fn jobs(&self) -> usize {
        self.jobs.map_or_else(environment::cores, usize::from)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// Text for a terminal
    Text,
    /// One JSON object with all files
    Json,
    /// One JSON object per line
    Ndjson,
    /// One row per file
    Csv,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    #[value(help = "JUnit XML, one test case per file")]
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// A page for a browser
    Html,
}

impl From<FormatArg> for Format {
    fn from(arg: FormatArg) -> Self {
        match arg {
            FormatArg::Text => Self::Text,
            FormatArg::Json => Self::Json,
            FormatArg::Ndjson => Self::Ndjson,
            FormatArg::Csv => Self::Csv,
            FormatArg::Sarif => Self::Sarif,
            FormatArg::Junit => Self::Junit,
            FormatArg::Github => Self::Github,
            FormatArg::Html => Self::Html,
        }
    }
}
