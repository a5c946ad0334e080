//! `bankscreen --check`: screens the files, prints a report and sets the exit code.

use super::ExitStatus;
use super::args::ScreeningArgs;
use super::context::Context;
use crate::error::AppError;
use crate::interrupt::Interrupt;
use crate::report::Scope;
use crate::screening_run::{PeriodUse, ReportOutput, ScreeningRun};

/// Screens and reports.
pub(super) fn run(args: &ScreeningArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let Context {
        settings,
        log,
        notices,
    } = context;
    let policy = args
        .policy(PeriodUse::Screening)
        .build(&settings.banks, notices)?;
    let inputs = args.inputs(PeriodUse::Screening);
    let inputs = inputs.resolve(&settings.banks, notices)?;
    let options = args.report();
    let mut output = ReportOutput::open(options.output.as_deref())?;
    // From here on there is a report to finish; before, a signal simply ends the program.
    let interrupt = Interrupt::watch(log)?;
    let outputs = (notices, log);
    let scope = Scope::Screening;
    let mut run = ScreeningRun::new(&inputs, &policy, &options, scope, settings, outputs);
    run.screen(args.jobs(), interrupt.flag(), &mut output, &|_| ())?;
    for (_, entry) in run.take_deferred() {
        let written = run.write(&entry, &mut output);
        written.map_err(|error| output.error(error))?;
    }
    run.end(output)?;
    if let Some(signal) = interrupt.signal() {
        let reported = run.summary.files;
        let all = inputs.len();
        notices.warning(format_args!(
            "interrupted: {reported} of {all} files reported"
        ));
        return Ok(ExitStatus::Interrupted(signal));
    }
    if run.has_unreadable_paths() {
        return Ok(ExitStatus::NotDone);
    }
    let failed = run.summary.verdicts.fail > 0;
    Ok(if failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Passed
    })
}
