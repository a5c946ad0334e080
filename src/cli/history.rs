//! `bankscreen history`: what was uploaded, when, with what outcome, and how many calls were saved.

use super::ExitStatus;
use super::args::{ForgetArgs, HistoryArgs, HistoryCommand, ListFormatArg};
use super::context::Context;
use super::stdout;
use crate::error::AppError;
use crate::history::{History, HistoryTable, accuracy, formats};
use crate::journal::{self, HistoryQuery, Journal, JournalReader};
use crate::output::{OutputGuard, ReportOutput};
use crate::settings::environment;
use crate::text::columns::counted;
use crate::text::sanitize;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

/// Shows or prunes the history, or sets a damaged journal aside.
pub(super) fn run(args: &HistoryArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let folder = environment::state_folder()?;
    let now = Timestamp::now();
    if args.set_aside_damaged {
        let renamed = journal::set_aside(&folder, now)?;
        context.notices.info(format_args!(
            "the damaged journal was renamed to {}; earlier uploads are no longer known",
            sanitize(&renamed.to_string_lossy())
        ));
        return Ok(ExitStatus::Passed);
    }
    if let Some(HistoryCommand::Forget(args)) = &args.command {
        return forget(&folder, args);
    }
    if let Some(days) = args.prune_older_than {
        return prune(&folder, days, now);
    }
    if args.accuracy {
        return write_accuracy(&folder, args, context.output_guard());
    }
    let query = HistoryQuery {
        text: args.query.clone(),
        outcome: args.outcome(),
        since: args.since.map(start_of_day).transpose()?,
        limit: args.limit,
    };
    let mut output = open_output(args, context.output_guard())?;
    let history = match JournalReader::open(&folder)? {
        Some(mut reader) => {
            let (entries, totals) = reader.history(&query)?;
            History { entries, totals }
        }
        None => History::default(),
    };
    let written = write(args, context, &history, output.writer());
    written.map_err(|error| output.error(error))?;
    output.finish()?;
    // As with `banks`, a query without a hit is a failure that a script can see.
    let is_missed = args.query.is_some() && history.entries.is_empty();
    Ok(if is_missed {
        ExitStatus::Failed
    } else {
        ExitStatus::Passed
    })
}

/// Shows what screening predicted, and what the service answered.
fn write_accuracy(
    folder: &Path,
    args: &HistoryArgs,
    guard: OutputGuard,
) -> Result<ExitStatus, AppError> {
    let mut output = open_output(args, guard)?;
    let rows = match JournalReader::open(folder)? {
        Some(reader) => reader.accuracy()?,
        None => Vec::new(),
    };
    let out = output.writer();
    let written = match args.format {
        ListFormatArg::Text => accuracy::write_text(&rows, out),
        ListFormatArg::Json => accuracy::write_json(&rows, out),
        ListFormatArg::Ndjson => accuracy::write_ndjson(&rows, out),
        ListFormatArg::Csv => accuracy::write_csv(&rows, out),
    };
    written.map_err(|error| output.error(error))?;
    output.finish()?;
    Ok(ExitStatus::Passed)
}

fn open_output(args: &HistoryArgs, mut guard: OutputGuard) -> Result<ReportOutput, AppError> {
    let mut output = ReportOutput::open("--output", args.output.as_deref(), &mut guard)?;
    output.check()?;
    Ok(output)
}

/// Removes the entries that match a text, after a confirmation.
fn forget(folder: &Path, args: &ForgetArgs) -> Result<ExitStatus, AppError> {
    let query = HistoryQuery {
        text: Some(args.query.clone()),
        ..HistoryQuery::default()
    };
    let entries = match JournalReader::open(folder)? {
        Some(mut reader) => reader.history(&query)?.0,
        None => Vec::new(),
    };
    if entries.is_empty() {
        stdout::print(|out| writeln!(out, "nothing matches"))?;
        return Ok(ExitStatus::Failed);
    }
    if !args.yes && !is_confirmed(entries.len())? {
        stdout::print(|out| writeln!(out, "nothing was changed"))?;
        return Ok(ExitStatus::Failed);
    }
    let forgotten = Journal::open(folder, None, None)?.forget(&args.query)?;
    stdout::print(|out| {
        let files = counted(forgotten, "upload");
        writeln!(
            out,
            "forgot {files}; these files may be sent and paid for again"
        )
    })?;
    Ok(ExitStatus::Passed)
}

/// Asks on the terminal whether to go on.
fn is_confirmed(entries: usize) -> Result<bool, AppError> {
    if !io::stdin().is_terminal() || !environment::stderr_is_terminal() {
        return Err(AppError::usage(
            "the protection against a second upload is removed only after a confirmation",
            "add --yes to confirm",
        ));
    }
    let uploads = counted(entries, "upload");
    let mut stderr = io::stderr();
    let asked = write!(
        stderr,
        "Forget {uploads}? These files may then be sent and paid for again. [y/N] "
    );
    let mut line = String::new();
    let read = asked
        .and_then(|()| stderr.flush())
        .and_then(|()| io::stdin().read_line(&mut line));
    read.map_err(|error| {
        AppError::environment("could not read the answer", error, "add --yes to confirm")
    })?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// Returns the first moment of a day in the user's time zone.
fn start_of_day(day: Date) -> Result<Timestamp, AppError> {
    let start = day.to_zoned(environment::time_zone());
    start.map(|start| start.timestamp()).map_err(|error| {
        let message = format!("--since {day} is out of range");
        AppError::environment(message, error, "use a later day")
    })
}

fn write(
    args: &HistoryArgs,
    context: &Context,
    history: &History,
    out: &mut dyn Write,
) -> io::Result<()> {
    let file = args.output.as_deref();
    match args.format {
        ListFormatArg::Text => {
            let table = HistoryTable {
                color: environment::color(args.color.into(), file),
                symbols: context.settings.symbols(),
                width: environment::columns(file),
                zone: environment::time_zone(),
            };
            table.write(history, out)
        }
        ListFormatArg::Json => formats::write_json(history, out),
        ListFormatArg::Ndjson => formats::write_ndjson(history, out),
        ListFormatArg::Csv => formats::write_csv(history, out),
    }
}

fn prune(folder: &Path, days: u32, now: Timestamp) -> Result<ExitStatus, AppError> {
    let age = SignedDuration::from_hours(24 * i64::from(days));
    let before = now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let pruned = Journal::open(folder, None, None)?.prune(before)?;
    stdout::print(|out| {
        writeln!(
            out,
            "removed the details of {} and {}; none of these files is sent again",
            counted(pruned.uploads, "upload"),
            counted(pruned.runs, "run"),
        )
    })?;
    Ok(ExitStatus::Passed)
}
