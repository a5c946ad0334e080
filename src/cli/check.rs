//! `bankscreen --check`: screens the files, prints a report and sets the exit code.

use super::ExitStatus;
use super::args::ScreeningArgs;
use super::context::Context;
use crate::error::AppError;
use crate::interrupt::Interrupt;
use crate::report::Scope;
use crate::screening_run::{OnWriteError, ScreeningRun};

/// Screens and reports.
pub(super) fn run(args: &ScreeningArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let Context {
        settings,
        log,
        notices,
        ..
    } = context;
    let policy = args.policy().build(&settings.banks, notices)?;
    let inputs = args.inputs().resolve(&settings.banks)?;
    let mut guard = context.guard_inputs(&inputs)?;
    let options = args.report();
    let scope = Scope::Screening;
    let reports = options.open(&inputs, settings, (scope, OnWriteError::End), &mut guard)?;
    // From here on there is a report to finish; before, a signal simply ends the program.
    let interrupt = Interrupt::watch(log)?;
    let outputs = (notices, log);
    let mut run = ScreeningRun::new(&inputs, &policy, &options, scope, reports, outputs);
    run.screen(args.jobs(), interrupt.flag(), &|_| ())?;
    for (_, entry) in run.take_deferred() {
        run.write(&entry)?;
    }
    let signal = interrupt.signal();
    run.summary.interrupted = signal.is_some();
    let end = run.end();
    end.written?;
    if let Some(signal) = signal {
        let reported = end.summary.files;
        let all = inputs.len();
        notices.warning(format_args!(
            "interrupted: {reported} of {all} files reported"
        ));
        return Ok(ExitStatus::Interrupted(signal));
    }
    if end.has_unreadable_paths {
        return Ok(ExitStatus::NotDone);
    }
    let failed = end.summary.verdicts.fail > 0;
    Ok(if failed && !args.exit_zero {
        ExitStatus::Failed
    } else {
        ExitStatus::Passed
    })
}
