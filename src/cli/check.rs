//! `bankscreen --check`: screen, report, and tell the outcome by the exit code.

use super::Exit;
use super::args::ScreeningArgs;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::notice::notice;
use super::output::Output;
use super::screening::Run;
use crate::event_log::Log;
use crate::report::Scope;
use crate::settings::resolve;

/// Screens and reports.
pub(super) fn run(args: &ScreeningArgs, log: &Log) -> Result<Exit, Failure> {
    let policy = resolve::policy(args)?;
    let inputs = resolve::inputs(args)?;
    let mut output = Output::open(args.output.as_deref())?;
    // From here on there is a report to finish; until now a signal may just end the program.
    let interrupt = Interrupt::watch(log)
        .map_err(|error| Failure::environment("signals can't be watched", error, "run it again"))?;
    let mut run = Run::new(args, &inputs, &policy, Scope::Screening, log);
    let jobs = resolve::jobs(args);
    run.screen(jobs, interrupt.flag(), &mut output, &|_| ())?;
    for (_, entry) in run.held() {
        run.write(&entry, &mut output)?;
    }
    run.end(args.output.as_deref(), output)?;
    if let Some(signal) = interrupt.signal() {
        let done = run.summary.files;
        let all = inputs.len();
        notice(format_args!(
            "interrupted: {done} of {all} files are reported"
        ));
        return Ok(Exit::Interrupted(signal));
    }
    if run.lacks_paths() {
        return Ok(Exit::NotDone);
    }
    let failed = run.summary.verdicts.fail > 0;
    Ok(if failed { Exit::Failed } else { Exit::Passed })
}
