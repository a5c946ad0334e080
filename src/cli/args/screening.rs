//! Options of every command that screens files.

use super::cases::CaseArgs;
use super::values::{ColorArg, code, date, ignorable_code, pages, seconds, size, threads};
use crate::batch::Separator;
use crate::event_log::Hidden;
use crate::output::Role;
use crate::report::Format;
use crate::screen::notes::NoteLanguages;
use crate::screen::{Code, LedgerUse, SeverityRules};
use crate::screening_run::{
    CasesBy, Compared, InputOptions, PeriodUse, PolicyOptions, ReportOptions,
};
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
    #[arg(
        help = "CSV file with a header row: path, and any of bank, password, account_category, \
                  case, from, to, related, skip, and details of the applicant; a path may be a \
                  folder"
    )]
    manifest: Option<PathBuf>,

    /// Screen the PDF files in ZIP and tar archives, .eml mails and mbox files, too
    #[arg(long, help_heading = "Input")]
    pub(in crate::cli) archive: bool,

    #[command(flatten)]
    pub(in crate::cli) cases: CaseArgs,

    /// Candidate passwords for locked files, one per line
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    password_file: Option<PathBuf>,

    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["manifest", "cases"],
        help_heading = "Input"
    )]
    #[arg(
        help = "TOML file with the details of the applicant, from which passwords are derived: \
                  name, dob, mobile and others; only its owner may access it"
    )]
    applicant: Option<PathBuf>,

    /// Succeed if there is no file to screen
    #[arg(long, help_heading = "Input")]
    allow_empty: bool,

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

    /// Warn of copies that were printed or saved again
    #[arg(long, help_heading = "Expectations")]
    strict_originals: bool,

    /// Treat findings of these codes as notes, which stay in the report
    #[arg(long, value_name = "CODE,…", value_delimiter = ',', value_parser = ignorable_code)]
    #[arg(help_heading = "Expectations")]
    ignore: Vec<Code>,

    /// Treat findings of these codes as errors
    #[arg(long, value_name = "CODE,…", value_delimiter = ',', value_parser = code)]
    #[arg(help_heading = "Expectations")]
    error: Vec<Code>,

    /// Judge every file by itself: no duplicates, no months across files
    #[arg(long, help_heading = "Expectations", conflicts_with = "cases")]
    files_only: bool,

    /// Do not read the transactions of all pages, which takes less time
    #[arg(long, help_heading = "Expectations")]
    no_ledger: bool,

    /// Screening threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = threads)]
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
        default_value = "2000",
        value_parser = pages,
        help_heading = "Limits"
    )]
    max_pages: usize,

    /// Stop screening a file after this time
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    #[arg(help_heading = "Limits")]
    time_limit: Duration,

    /// Report format [default: text]
    #[arg(long, value_enum, help_heading = "Output")]
    format: Option<FormatArg>,

    /// Write the report to FILE, atomically; - is standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// Write an additional report, such as sarif=report.sarif
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report, help_heading = "Output")]
    report: Vec<(Format, PathBuf)>,

    /// Let --output and --report replace files that are not reports of bankscreen
    #[arg(long, help_heading = "Output")]
    pub(in crate::cli) force: bool,

    /// Exit with 0 instead of 1 when files fail
    #[arg(long, help_heading = "Output")]
    pub(in crate::cli) exit_zero: bool,

    /// Do not read the journal of earlier uploads; --check reads it to comment on findings
    #[arg(long, help_heading = "Input")]
    no_state: bool,

    /// When to use colours
    #[arg(long, value_enum, default_value_t = ColorArg::Auto, help_heading = "Output")]
    pub(in crate::cli) color: ColorArg,

    /// Start CSV with a byte order mark, for spreadsheets
    #[arg(long, help_heading = "Output")]
    csv_bom: bool,

    /// Report the time per file
    #[arg(long, help_heading = "Output")]
    timings: bool,

    /// Hide files that pass, and notes; twice, everything except errors
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "verbose")]
    #[arg(help_heading = "Output")]
    quiet: u8,

    /// Show the evidence for the detected bank and the document metadata
    #[arg(short, long, action = ArgAction::SetTrue, help_heading = "Output")]
    pub(in crate::cli) verbose: bool,

    /// Print the amounts of rows whose balance does not follow; only in the text report on standard
    /// output and in the dashboard
    #[arg(long, help_heading = "Output")]
    pub(in crate::cli) show_amounts: bool,

    /// Add tables of counts by code and by bank to the text report
    #[arg(long, help_heading = "Output")]
    statistics: bool,

    /// Write counts and durations to FILE in the text format of Prometheus, atomically
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    metrics: Option<PathBuf>,

    /// Append the event log to FILE, one JSON object per line
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) log_file: Option<PathBuf>,
}

impl ScreeningArgs {
    /// Returns what to screen; `period_use` is what the periods of a manifest are for.
    pub(in crate::cli) fn inputs(&self, period_use: PeriodUse) -> InputOptions {
        InputOptions {
            paths: self.paths.clone(),
            files_from: self.files_from.clone(),
            separator: if self.null {
                Separator::Nul
            } else {
                Separator::Line
            },
            manifest: self.manifest.clone(),
            archive: self.archive,
            max_file_size: self.max_file_size,
            allow_empty: self.allow_empty,
            period_use,
            cases: self.cases.cases.map(CasesBy::from),
        }
    }

    /// Returns what the files are screened by; `period_use` is what the period is for.
    pub(in crate::cli) fn policy(&self, period_use: PeriodUse) -> PolicyOptions {
        PolicyOptions {
            max_file_size: self.max_file_size,
            max_pages: self.max_pages,
            time_limit: self.time_limit,
            password_file: self.password_file.clone(),
            applicant: self.applicant.clone(),
            bank: self.bank.clone(),
            period: self.period(),
            period_use,
            severities: SeverityRules {
                strict: self.strict,
                strict_originals: self.strict_originals,
                ignored: self.ignore.clone(),
                errors: self.error.clone(),
            },
            ledger: if self.no_ledger {
                LedgerUse::Skip
            } else {
                LedgerUse::Read
            },
        }
    }

    /// Returns how the run is reported.
    pub(in crate::cli) fn report(&self) -> ReportOptions {
        ReportOptions {
            format: self.format.map(Format::from),
            output: self.output.clone(),
            reports: self.report.clone(),
            color: self.color.into(),
            timings: self.timings,
            csv_bom: self.csv_bom,
            hidden: self.hidden(),
            statistics: self.statistics,
            metrics: self.metrics.clone(),
            verbose: self.verbose,
            show_amounts: self.show_amounts,
            compared: match (self.files_only, self.no_state) {
                (true, _) => Compared::Alone,
                (false, true) => Compared::Run,
                (false, false) => Compared::RunAndJournal,
            },
            owner: None,
            notes: NoteLanguages::default(),
            notes_folder: self.cases.notes.clone(),
        }
    }

    /// Returns the files that the run reads besides the inputs, which no output may replace.
    pub(in crate::cli) fn files_read(&self) -> [(Role, Option<PathBuf>); 4] {
        [
            (Role::Manifest, self.manifest.clone()),
            (Role::PathList, self.files_from.clone()),
            (Role::PasswordFile, self.password_file.clone()),
            (Role::ApplicantFile, self.applicant.clone()),
        ]
    }

    /// Returns the requested period, if it was given.
    pub(in crate::cli) fn period(&self) -> Option<(Date, Date)> {
        self.from.zip(self.to)
    }

    /// Returns what is hidden from the text report and from standard error.
    pub(in crate::cli) fn hidden(&self) -> Hidden {
        match self.quiet {
            0 => Hidden::Nothing,
            1 => Hidden::Notes,
            _ => Hidden::Warnings,
        }
    }

    /// Returns whether records have the time per file.
    pub(in crate::cli) fn timings(&self) -> bool {
        self.timings
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

/// Parses an additional report.
fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text
        .split_once('=')
        .ok_or_else(|| "expected FORMAT=FILE, such as sarif=report.sarif".to_owned())?;
    let format = FormatArg::from_str(format, false).map_err(|_cause| {
        let formats = FormatArg::value_variants().iter();
        let names: Vec<_> = formats.map(|format| Format::from(*format).name()).collect();
        format!("unknown format {format:?}; use one of {}", names.join(", "))
    })?;
    if path.is_empty() {
        return Err("the file name is empty".to_owned());
    }
    Ok((format.into(), path.into()))
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
