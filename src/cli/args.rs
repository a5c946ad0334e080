//! What can be typed. Only syntax is checked here; [`crate::settings::resolve`] makes sense of it.

use super::examples;
use super::failure::Failure;
use super::network::NetworkArgs;
use super::sandbox::SandboxArgs;
use super::session::SessionArgs;
use super::upload::UploadArgs;
use crate::dashboard::runtime::DashboardArgs;
use crate::event_log;
use crate::settings;
use crate::uploads::plan::OutcomeKind;
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::civil::Date;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Screens bank statement PDFs before they are uploaded to FinBox `BankConnect`.
#[derive(Debug, Parser)]
#[command(version, about, after_long_help = examples::PROGRAM)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Screen, report on standard output, and tell the outcome by the exit code
    #[arg(long)]
    pub(crate) check: bool,

    /// The profile of the config file to use
    #[arg(long, value_name = "NAME", global = true, display_order = 900)]
    pub(crate) profile: Option<String>,

    #[command(flatten)]
    pub(crate) screening: ScreeningArgs,

    #[command(flatten)]
    pub(crate) dashboard: DashboardArgs,

    /// What the log tells of what is in force; empty where there is no log.
    #[arg(skip)]
    pub(crate) settings: event_log::Settings,
}

impl Args {
    /// Reads what was typed, and the settings that it leaves open. `--sandbox` and `--profile` may
    /// stand before a command as well as behind it.
    ///
    /// Ends the program on a mistake in what was typed, and for `--help` and `--version`.
    pub(crate) fn read(typed: impl IntoIterator<Item = OsString>) -> Result<Self, Failure> {
        let root = Self::command();
        let typed = in_order(typed.into_iter().collect(), &root);
        let mut built = root.clone();
        built.build();
        let matches = root.clone().get_matches_from(&typed);
        let args = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if !args.has_settings() {
            return Ok(args);
        }
        let profile = settings::load(args.profile.as_deref())?;
        let words = settings::with_settings(&typed, &built, &matches, &profile);
        let matches = root.try_get_matches_from(words);
        let args = matches.and_then(|matches| {
            let mut args = Self::from_arg_matches(&matches)?;
            if args
                .screens()
                .is_some_and(|(_, own)| own.log_file.is_some())
            {
                args.settings = event_log::in_force(&built, &matches, &profile);
            }
            Ok(args)
        });
        let args = args.map_err(|error| settings::refused(&error, &profile))?;
        settings::enforce(profile);
        Ok(args)
    }

    /// The name of the mode, and its flags, where files are to be screened.
    pub(crate) fn screens(&self) -> Option<(&'static str, &ScreeningArgs)> {
        match &self.command {
            Some(Command::Upload(args)) => Some(("upload", args.screening())),
            Some(_) => None,
            None if self.check => Some(("check", &self.screening)),
            None => Some(("dashboard", &self.screening)),
        }
    }

    /// Whether files of the user's settings mean anything to what was typed. The doctor reads them
    /// itself, since what is wrong with them is what it tells; the process for risky files is told
    /// by the one that starts it.
    pub(crate) fn has_settings(&self) -> bool {
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

/// Moves what may stand before a command behind its name. Other arguments before a command are
/// refused, so that a PATH may bear the name of one.
fn in_order(mut typed: Vec<OsString>, root: &clap::Command) -> Vec<OsString> {
    let mut words = 1;
    loop {
        match typed.get(words).and_then(|word| word.to_str()) {
            Some("--profile") => words += 2,
            Some(word) if word == "--sandbox" || word.starts_with("--profile=") => words += 1,
            _ => break,
        }
    }
    let mut command = root;
    let mut names = 0;
    while let Some(word) = typed.get(words + names).and_then(|word| word.to_str())
        && let Some(found) = command.find_subcommand(word)
    {
        (command, names) = (found, names + 1);
    }
    if names > 0
        && let Some(moved) = typed.get_mut(1..words + names)
    {
        moved.rotate_left(words - 1);
    }
    typed
}

/// What else the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the bank identifiers known, with names and IFSC prefixes
    #[command(after_long_help = examples::BANKS)]
    Banks {
        /// Words that the identifier, name or IFSC prefix must contain
        query: Vec<String>,

        #[command(flatten)]
        refreshing: Box<RefreshArgs>,
    },

    /// Screen, upload what passes, and report what became of every file
    #[command(after_long_help = examples::UPLOAD)]
    Upload(Box<UploadArgs>),

    /// Create a session, follow its journey, ask what was uploaded, start processing
    #[command(after_long_help = examples::SESSION)]
    Session(Box<SessionArgs>),

    /// Serve the API of BankConnect on this machine, for trying and testing
    #[command(after_long_help = examples::SANDBOX)]
    Sandbox(SandboxArgs),

    /// Show and search what was uploaded, when, with what outcome, and how many calls were saved
    #[command(after_long_help = examples::HISTORY)]
    History(HistoryArgs),

    /// Tell which settings are in force, where each comes from, and what is wrong with them
    #[command(after_long_help = examples::DOCTOR)]
    Doctor(DoctorArgs),

    /// Print the JSON Schema of what --format json and ndjson print
    Schema,

    /// Print completions for a shell
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },

    /// Print the man page
    Man,

    /// Screen one file from standard input in a process that may be killed
    #[command(name = crate::isolation::ARGUMENT, hide = true)]
    ScreenIsolated,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RefreshArgs {
    /// Read the service's list of banks, keep it, and tell what is new. Needs the API key
    #[arg(long, conflicts_with = "query")]
    pub(crate) refresh: bool,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// How to report
    #[arg(long, value_enum, default_value_t = DoctorFormatArg::Text)]
    pub(crate) format: DoctorFormatArg,

    /// When to colour
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormatArg {
    /// For people
    Text,
    /// One JSON object
    Json,
}

#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field a flag, as typed; settings turns them into values"
)]
pub(crate) struct ScreeningArgs {
    /// Files, folders to search for *.pdf, or - for one PDF on standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Read paths from FILE, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,

    /// Paths in --files-from are separated by NUL, as find -print0 prints them
    #[arg(short = '0', long = "null", requires = "files_from")]
    pub(crate) null: bool,

    /// The bank that every file must be from
    #[arg(long, value_name = "ID")]
    pub(crate) bank: Option<String>,

    #[arg(
        long,
        value_name = "FILE",
        help = "A CSV file with a header row: path, and any of bank, password, account_category"
    )]
    pub(crate) manifest: Option<PathBuf>,

    /// Candidate passwords for locked files, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,

    /// The first day that statements must cover: DD/MM/YYYY or YYYY-MM-DD
    #[arg(long, value_name = "DATE", requires = "to", value_parser = date)]
    pub(crate) from: Option<Date>,

    /// The last day that statements must cover
    #[arg(long, value_name = "DATE", requires = "from", value_parser = date)]
    pub(crate) to: Option<Date>,

    /// Screening threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,

    /// Refuse larger files: a number of bytes, or one with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "100M", value_parser = size)]
    pub(crate) max_file_size: u64,

    /// Refuse documents with more pages
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub(crate) max_pages: usize,

    /// Give up on a file after this time
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) time_limit: Duration,

    /// Warnings fail the file too
    #[arg(long)]
    pub(crate) strict: bool,

    /// How to report
    #[arg(long, value_enum, default_value_t = FormatArg::Text)]
    pub(crate) format: FormatArg,

    /// Write the report to FILE, whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// When to colour
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,

    /// Report the time that each file took
    #[arg(long)]
    pub(crate) timings: bool,

    /// Leave out files that pass, and all notices
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Tell the evidence for the bank and what the file says of its making
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub(crate) verbose: bool,

    /// Append what happens to FILE, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct HistoryArgs {
    /// Part of a name, session or code, the beginning of a SHA-256, or a bank
    pub(crate) query: Option<String>,

    /// Only files that ended so
    #[arg(long, value_parser = PossibleValuesParser::new(OutcomeKind::ALL.map(OutcomeKind::name)))]
    pub(crate) outcome: Option<String>,

    /// Only since the beginning of this day: DD/MM/YYYY or YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) since: Option<Date>,

    /// Only the latest N
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,

    /// Forget what was settled more than DAYS days ago, and say how much that was. Sessions live up
    /// to 30 days: what is forgotten sooner may be sent again. Unknown outcomes are never forgotten
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["query", "outcome", "since", "limit"])]
    pub(crate) prune_older_than: Option<u32>,

    /// Rename a damaged journal, so that a new one is begun. What was sent before is forgotten
    #[arg(long, exclusive = true)]
    pub(crate) set_aside_damaged: bool,

    /// How to report
    #[arg(long, value_enum, default_value_t = ListFormatArg::Text)]
    pub(crate) format: ListFormatArg,

    /// Write the report to FILE, whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// When to colour
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// For people
    Text,
    /// One JSON object with all files
    Json,
    /// One JSON object a line
    Ndjson,
    /// One row a file
    Csv,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// `JUnit` XML, one test case a file
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// One page for a browser
    Html,
}

/// Formats of lists, which no tool for findings reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormatArg {
    /// For people
    Text,
    /// One JSON object with all
    Json,
    /// One JSON object a line
    Ndjson,
    /// One row each
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.get(digits.len()..).unwrap_or_default();
    let factor = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        _ => return Err(format!("{unit:?} is no unit: use K, M or G")),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_cause| "not a whole number".to_owned())?;
    number
        .checked_mul(factor)
        .filter(|bytes| (1..=1 << 40).contains(bytes))
        .ok_or_else(|| "between 1 byte and 1024G".to_owned())
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_cause| "not a number of seconds".to_owned())?;
    if !(0.001..=86_400.0).contains(&seconds) {
        return Err("between 0.001 and 86400".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn date(text: &str) -> Result<Date, String> {
    let parsed = Date::strptime("%d/%m/%Y", text).or_else(|_| text.parse());
    parsed.map_err(|_cause| "no day: write DD/MM/YYYY or YYYY-MM-DD".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_stands_before_a_command_is_moved_behind_its_name() {
        let check = |typed: &str, expected: &str| {
            let typed = typed.split(' ').map(OsString::from).collect();
            let words = in_order(typed, &Args::command());
            assert_eq!(words.join(" ".as_ref()), expected);
        };
        check("b --sandbox upload x -- y", "b upload --sandbox x -- y");
        check(
            "b --profile p --sandbox session new --qr",
            "b session new --profile p --sandbox --qr",
        );
        check("b --profile upload", "b --profile upload");
        check("b --check upload", "b --check upload");
        check("b banks upload", "b banks upload");
    }

    #[test]
    fn days_are_written_in_two_ways() {
        let day = jiff::civil::date(2026, 4, 1);
        assert_eq!(date("01/04/2026"), Ok(day));
        assert_eq!(date("2026-04-01"), Ok(day));
        assert!(date("04-01-2026").is_err() && date("31/02/2026").is_err());
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("100M"), Ok(100 << 20));
        assert_eq!(size("1024"), Ok(1024));
        assert_eq!(size("2gib"), Ok(2 << 30));
        assert!(size("0").is_err() && size("5 parsecs").is_err() && size("-1").is_err());
    }
}
