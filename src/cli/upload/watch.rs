//! `bankscreen upload --watch`: connects the watch to arguments, settings and exit codes.

use super::{claim_identities, open_target, policy};
use crate::cli::args::{CasesArg, UploadArgs};
use crate::cli::context::Context;
use crate::cli::exit::ExitStatus;
use crate::error::{AppError, ErrorKind};
use crate::interrupt::Interrupt;
use crate::report::{Format, Scope};
use crate::screening_run::PeriodUse;
use crate::settings::note_languages;
use crate::uploads::drop_folder::{
    DropFolder, WatchEnd, WatchOptions, WatchScreening, WatchSending,
};

/// Watches until a signal, or until no later attempt can succeed.
pub(super) fn run(
    args: &UploadArgs,
    options: WatchOptions,
    context: &Context,
) -> Result<ExitStatus, AppError> {
    let Context {
        settings,
        log,
        notices,
        ..
    } = context;
    let (screening, sending) = (&args.screening, &args.sending);
    if screening.cases.cases == Some(CasesArg::Manifest) {
        return Err(AppError::usage(
            "--watch requires --cases folders",
            "name each case by its folder; a manifest can describe the folders",
        ));
    }
    let mut report = screening.report();
    check_format(report.format)?;
    let mut policy = policy(args, settings, notices)?;
    let mut guard = context.guard_inputs(&[])?;
    report.notes = note_languages(&settings.rules)?;
    report.check(&guard)?;
    if report.verbose {
        context.note_project();
    }
    let identities = sending.keep_identity.as_deref();
    let identities = identities.map(|path| claim_identities(path, &mut guard));
    let identities = identities.transpose()?;
    let target = open_target(args, &mut policy, context, identities.as_deref())?;
    let client = target.connection.client.clone();
    report.owner = Some(client.owner());
    let reports = report.open(None, settings, (Scope::Upload, &policy), &mut guard)?;
    let interrupt = Interrupt::watch(log)?;
    let screening = WatchScreening {
        settings,
        inputs: screening.inputs(PeriodUse::Session),
        policy: screening.policy(PeriodUse::Session),
        report: &report,
        jobs: screening.jobs(),
    };
    let sending = WatchSending {
        client,
        options: sending.options(args.screening.max_file_size),
        identities: target.identities.clone(),
        concurrency: usize::from(sending.concurrency),
        selection: sending.selection(),
        process: sending.process,
        runtime: &target.runtime,
    };
    let folder = DropFolder::new(
        options,
        screening,
        sending,
        (policy, reports),
        (target.journal, args.connection.sandbox),
        (&interrupt, notices, log),
    )?;
    let end = folder.run();
    Ok(exit_status(end, &interrupt, context))
}

/// Checks that a report can be read before the watch ends.
fn check_format(format: Option<Format>) -> Result<(), AppError> {
    match format {
        None | Some(Format::Text | Format::Ndjson) => Ok(()),
        Some(format) => Err(AppError::usage(
            format!("--watch can't report as {}", format.name()),
            "use --format ndjson, which has one line per file and per case",
        )),
    }
}

fn exit_status(end: WatchEnd, interrupt: &Interrupt, context: &Context) -> ExitStatus {
    // A reader that went away changes nothing: the outcomes are in the journal.
    let unwritten = end.written.err();
    let unwritten = unwritten.filter(|error| error.kind() != ErrorKind::ClosedOutput);
    let mut status = ExitStatus::Passed;
    for error in end.errors.iter().chain(&unwritten) {
        status = status.worse(context.report(error));
    }
    match interrupt.signal() {
        Some(signal) => {
            context
                .notices
                .note("stopped; every upload has its outcome in the journal");
            ExitStatus::Interrupted(signal)
        }
        None => status,
    }
}
