//! `bankscreen --check`: screens the files, prints a report and sets the exit code.

use super::ExitStatus;
use super::args::ScreeningArgs;
use super::context::Context;
use crate::error::AppError;
use crate::interrupt::Interrupt;
use crate::report::Scope;
use crate::screening_run::{
    PeriodUse, RunEnd, ScreeningRun, check_counted, learnt_forms, rule_uses, unreadable_journal,
};
use crate::settings::note_languages;

/// Screens and reports.
pub(super) fn run(args: &ScreeningArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let settings = &context.settings;
    let mut policy = args
        .policy(PeriodUse::Screening)
        .build(settings, &context.notices)?;
    let inputs = args.inputs(PeriodUse::Screening);
    let files = inputs.resolve(settings, &policy, &context.notices)?;
    if files.cases.is_some() {
        check_counted(policy.requested_period)?;
    }
    let mut guard = context.guard_inputs(&files.inputs)?;
    let mut options = args.report();
    options.notes = note_languages(&context.settings.rules)?;
    policy.rule_uses = rule_uses(&policy, &files.inputs, options.compared);
    policy.learnt_forms = learnt_forms(options.compared);
    if options.verbose {
        context.note_project();
        if let Some(error) = unreadable_journal(options.compared) {
            let notices = &context.notices;
            notices.note(format_args!("screening runs without the journal: {error}"));
        }
    }
    let scope = Scope::Screening;
    let reports = options.open(Some(&files.inputs), settings, (scope, &policy), &mut guard)?;
    // From here on there is a report to finish; before, a signal simply ends the program.
    let interrupt = Interrupt::watch(&context.log)?;
    let outputs = (&context.notices, &context.log);
    let run = ScreeningRun::new(&files, &policy, &options, scope, reports, outputs);
    let ended = screen(run, args.jobs(), &interrupt);
    let signal = interrupt.signal().map(ExitStatus::Interrupted);
    let end = match ended {
        Ok(end) => end,
        Err(error) => {
            let status = context.report(&error);
            return Ok(signal.map_or(status, |signal| status.worse(signal)));
        }
    };
    if let Some(status) = signal {
        let reported = end.summary.files;
        let all = files.inputs.len();
        context.notices.warning(format_args!(
            "interrupted: {reported} of {all} files reported"
        ));
        return Ok(status);
    }
    if end.has_unreadable_paths {
        return Ok(ExitStatus::NotDone);
    }
    let is_unready = args.cases.require_ready && !end.summary.has_only_ready_cases();
    let failed = end.summary.verdicts.fail > 0 || is_unready;
    Ok(if failed && !args.exit_zero {
        ExitStatus::Failed
    } else {
        ExitStatus::Passed
    })
}

/// Screens all files and ends the reports, also at a signal.
fn screen(
    mut run: ScreeningRun<'_>,
    jobs: usize,
    interrupt: &Interrupt,
) -> Result<RunEnd, AppError> {
    run.screen(jobs, interrupt.flag(), &|_| ())?;
    let deferred = run.take_deferred()?;
    for position in 0..deferred.len() {
        if let Some((index, entry)) = deferred.screened(position) {
            run.write(index, &entry)?;
        }
    }
    run.write_cases(None)?;
    run.summary.interrupted = interrupt.signal().is_some();
    let mut end = run.end();
    std::mem::replace(&mut end.written, Ok(()))?;
    Ok(end)
}
