//! `bankscreen history`: what was uploaded, when, with what outcome, and how many calls were saved.

mod machine;
mod table;

use super::Exit;
use super::args::{HistoryArgs, ListFormatArg};
use super::failure::Failure;
use super::notice::notice;
use super::output::Output;
use crate::journal::{self, HistoryQuery, HistoryTotals, Journal, JournalReader, UploadEntry};
use crate::settings::resolve;
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::io::{self, Write};
use std::path::Path;
use table::Table;

/// What a query found.
#[derive(Debug, Default)]
struct Found {
    entries: Vec<UploadEntry>,
    totals: HistoryTotals,
}

/// Shows, prunes, or sets a damaged journal aside.
pub(super) fn run(args: &HistoryArgs) -> Result<Exit, Failure> {
    let folder = resolve::state_folder()?;
    let now = Timestamp::now();
    if args.set_aside_damaged {
        let kept = journal::set_aside(&folder, now)?;
        notice(format_args!(
            "the damaged journal is kept as {}; what was sent before is no longer known",
            crate::text::sanitize(&kept.to_string_lossy())
        ));
        return Ok(Exit::Passed);
    }
    if let Some(days) = args.prune_older_than {
        return prune(&folder, days, now);
    }
    let query = HistoryQuery {
        text: args.query.clone(),
        outcome: args.outcome.as_deref().and_then(OutcomeKind::by_name),
        since: args.since.map(beginning).transpose()?,
        limit: args.limit,
    };
    let mut output = Output::open(args.output.as_deref())?;
    let found = match JournalReader::open(&folder, now)? {
        Some(mut reader) => {
            let (entries, totals) = reader.history(&query)?;
            Found { entries, totals }
        }
        None => Found::default(),
    };
    write(args, &found, output.writer())?;
    output.finish()?;
    Ok(Exit::Passed)
}

/// The first moment of a day where the user is.
fn beginning(day: Date) -> Result<Timestamp, Failure> {
    let moment = day.to_zoned(resolve::time_zone());
    moment.map(|moment| moment.timestamp()).map_err(|error| {
        Failure::environment(
            format!("--since {day} is out of range"),
            error,
            "a later day",
        )
    })
}

fn write(args: &HistoryArgs, found: &Found, out: &mut dyn Write) -> io::Result<()> {
    let file = args.output.as_deref();
    match args.format {
        ListFormatArg::Text => {
            let table = Table {
                color: resolve::color(args.color, file),
                symbols: resolve::symbols(),
                width: resolve::columns(file),
                zone: resolve::time_zone(),
            };
            table.write(found, out)
        }
        ListFormatArg::Json => machine::write_json(found, out),
        ListFormatArg::Ndjson => machine::write_ndjson(found, out),
        ListFormatArg::Csv => machine::write_csv(found, out),
    }
}

fn prune(folder: &Path, days: u32, now: Timestamp) -> Result<Exit, Failure> {
    let age = SignedDuration::from_hours(24 * i64::from(days));
    let before = now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let pruned = Journal::open(folder, now)?.prune(before)?;
    let mut out = io::stdout().lock();
    let kept = match pruned.kept {
        0 => String::new(),
        kept => format!("; {} of unknown outcome kept", counted(kept, "upload")),
    };
    writeln!(
        out,
        "removed {} and {}{kept}",
        counted(pruned.uploads, "upload"),
        counted(pruned.runs, "run"),
    )?;
    Ok(Exit::Passed)
}
