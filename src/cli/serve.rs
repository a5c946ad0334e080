//! `bankscreen --serve-stdio`: screens files from standard input for a program that keeps this one
//! running.

use super::ExitStatus;
use super::args::ScreeningArgs;
use super::context::Context;
use crate::error::AppError;
use crate::interrupt::Interrupt;
use crate::screening_run::{PeriodUse, ServeOptions, serve};
use crate::settings::environment;
use crate::text::columns::counted;

/// Answers requests until standard input ends.
pub(super) fn run(args: &ScreeningArgs, context: &Context) -> Result<ExitStatus, AppError> {
    if environment::stdin_is_terminal() {
        return Err(AppError::usage(
            "--serve-stdio reads frames from another program, not from a terminal",
            "use bankscreen --check PATH to screen files",
        ));
    }
    let policy = args
        .policy(PeriodUse::Screening)
        .build(&context.settings, &context.notices)?;
    // There are no inputs to protect from the event log.
    context.guard_inputs(&[])?;
    let options = ServeOptions {
        jobs: args.jobs(),
        timings: args.timings(),
    };
    let interrupt = Interrupt::watch(&context.log)?;
    let served = serve(&policy, options, &interrupt, &context.log);
    let Some(signal) = interrupt.signal() else {
        return served.map(|_none| ExitStatus::Passed);
    };
    let unanswered = served.unwrap_or_default();
    context.notices.warning(format_args!(
        "interrupted: {} not answered",
        counted(unanswered, "request")
    ));
    Ok(ExitStatus::Interrupted(signal))
}
