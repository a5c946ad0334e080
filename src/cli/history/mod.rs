//! `bankscreen history`: what was uploaded, when, with what outcome, and how many calls were saved.

mod formats;
mod table;

use super::ExitStatus;
use super::args::{HistoryArgs, ListFormatArg};
use super::context::Context;
use super::stdout;
use crate::error::AppError;
use crate::journal::{self, HistoryQuery, HistoryTotals, Journal, JournalReader, UploadEntry};
use crate::screening_run::ReportOutput;
use crate::settings::environment;
use crate::text::columns::counted;
use crate::text::sanitize;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::io::{self, Write};
use std::path::Path;
use table::HistoryTable;

/// The result of a query.
#[derive(Debug, Default)]
struct History {
    entries: Vec<UploadEntry>,
    totals: HistoryTotals,
}

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
    if let Some(days) = args.prune_older_than {
        return prune(&folder, days, now);
    }
    let query = HistoryQuery {
        text: args.query.clone(),
        outcome: args.outcome(),
        since: args.since.map(start_of_day).transpose()?,
        limit: args.limit,
    };
    let mut output = ReportOutput::open(args.output.as_deref())?;
    let history = match JournalReader::open(&folder, now)? {
        Some(mut reader) => {
            let (entries, totals) = reader.history(&query)?;
            History { entries, totals }
        }
        None => History::default(),
    };
    let written = write(args, context, &history, output.writer());
    written.map_err(|error| output.error(error))?;
    output.finish()?;
    Ok(ExitStatus::Passed)
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
    let pruned = Journal::open(folder, now)?.prune(before)?;
    let kept = match pruned.retained {
        0 => String::new(),
        kept => format!("; {} with unknown outcome kept", counted(kept, "upload")),
    };
    stdout::print(|out| {
        writeln!(
            out,
            "removed {} and {}{kept}",
            counted(pruned.uploads, "upload"),
            counted(pruned.runs, "run"),
        )
    })?;
    Ok(ExitStatus::Passed)
}
