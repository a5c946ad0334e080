//! `bankscreen upload`: screens the files, uploads those that pass, and reports every outcome.

mod watch;

use super::ExitStatus;
use super::args::UploadArgs;
use super::context::Context;
use crate::connection::ConnectionOptions;
use crate::error::{AppError, ErrorKind};
use crate::event_log::Notices;
use crate::interrupt::Interrupt;
use crate::output::{OutputGuard, OutputKind, Target};
use crate::report::Scope;
use crate::screen::{Code, PeriodOrigin, Policy};
use crate::screening_run::{
    PeriodUse, RunEnd, ScreeningRun, check_counted, learnt_forms, rule_uses,
};
use crate::settings::{Settings, note_languages};
use crate::statement::DateRange;
use crate::uploads::plan::OutcomeKind;
use crate::uploads::{
    CaseQueue, EarlierUploads, OrderedReport, UploadProgress, UploadRun, UploadTarget,
    default_period, is_identity_file, plan_uploads, record_run,
};
use std::path::{Path, PathBuf};

/// Screens, uploads and reports.
pub(super) fn run(args: &UploadArgs, context: &Context) -> Result<ExitStatus, AppError> {
    if let Some(options) = args.watch.options() {
        return watch::run(args, options, context);
    }
    let Context {
        settings,
        log,
        notices,
        ..
    } = context;
    let screening = &args.screening;
    let mut policy = policy(args, settings, notices)?;
    let inputs = screening.inputs(PeriodUse::Session);
    let files = inputs.resolve(settings, &policy, notices)?;
    let inputs = &files.inputs;
    let mut guard = context.guard_inputs(inputs)?;
    let mut options = screening.report();
    options.notes = note_languages(&context.settings.rules)?;
    if options.verbose {
        context.note_project();
    }
    policy.rule_uses = rule_uses(&policy, inputs, options.compared);
    policy.learnt_forms = learnt_forms(options.compared);
    // Before the service is called, although the reports need to know the session's period.
    options.check(&guard)?;
    let identities = args.sending.keep_identity.as_deref();
    let identities = identities.map(|path| claim_identities(path, &mut guard));
    let identities = identities.transpose()?;
    let target = if args.sending.dry_run {
        None
    } else {
        let identities = identities.as_deref();
        Some(open_target(args, &mut policy, context, identities)?)
    };
    options.owner = target
        .as_ref()
        .map(|target| target.connection.client.owner());
    let scope = Scope::Upload;
    let reports = options.open(Some(inputs), settings, (scope, &policy), &mut guard)?;
    let interrupt = Interrupt::watch(log)?;
    let outputs = (notices, log);
    let mut run = ScreeningRun::new(&files, &policy, &options, scope, reports, outputs);
    let selection = args.sending.selection();
    run.screen(screening.jobs(), interrupt.flag(), &|screening| {
        if selection.eligibility.bankless {
            screening.downgrade_to_note(Code::BankNameUndetected, &policy);
        }
    })?;
    let mut report = OrderedReport::new(run, selection)?;
    let sending = &args.sending;
    let Some(target) = target else {
        let options = ConnectionOptions::from(&args.connection);
        let earlier = EarlierUploads::open(&options, settings)?;
        plan_uploads(earlier.as_ref(), &args.session(), &policy, &mut report)?;
        let end = report.end(None, interrupt.signal().is_some())?;
        return Ok(exit_status(end, args, &interrupt, context));
    };
    let progress = UploadProgress::new(&options, report.selected());
    report.show_progress(progress.clone());
    let run = UploadRun {
        client: target.connection.client.clone(),
        session: target.session.clone(),
        options: sending.options(screening.max_file_size),
        identities: target.identities.clone(),
        concurrency: usize::from(sending.concurrency),
        case: None,
        gate: None,
        interrupt: &interrupt,
        notices,
        log,
    };
    let stopped = send(&run, &target, (args, &policy), &progress, &mut report)?;
    if let Some(error) = target.identities.and_then(|file| file.take_error()) {
        notices.warning(format_args!("could not keep all identities: {error}"));
    }
    let recorded = record_run(&target.journal.journal, run.session.as_ref(), &report);
    let calls_saved = recorded.as_ref().ok().copied();
    let end = report.end(calls_saved, interrupt.signal().is_some())?;
    let status = exit_status(end, args, &interrupt, context);
    if !stopped.is_empty() && !matches!(status, ExitStatus::Interrupted(_)) {
        let errors = stopped.iter();
        return Ok(errors.fold(status, |status, error| status.worse(context.report(error))));
    }
    recorded?;
    Ok(status)
}

/// Sends the selected files to one session, or those of each case to its own. Returns why uploads
/// were stopped.
fn send(
    run: &UploadRun<'_>,
    target: &UploadTarget,
    (args, policy): (&UploadArgs, &Policy),
    progress: &UploadProgress,
    report: &mut OrderedReport<'_>,
) -> Result<Vec<AppError>, AppError> {
    let journal = &target.journal;
    let Some(session) = &run.session else {
        let queue = CaseQueue {
            process: args.sending.process,
            requested: policy.requested_period,
        };
        return queue.send(run, (journal, &target.runtime), progress, report);
    };
    let items = report.items_to_send();
    let stopped = run.run(
        &journal.journal,
        session,
        items,
        progress.all_items(),
        report,
    );
    let stopped = target.runtime.block_on(stopped)?;
    let error = stopped.and_then(|stopped| stopped.error);
    Ok(error.into_iter().collect())
}

/// Opens what uploads need, before the long screening.
fn open_target(
    args: &UploadArgs,
    policy: &mut Policy,
    context: &Context,
    identities: Option<&Path>,
) -> Result<UploadTarget, AppError> {
    let session = (!has_cases(args)).then(|| args.session());
    let target = UploadTarget::open(
        &ConnectionOptions::from(&args.connection),
        session.as_ref(),
        args.sending.process,
        policy,
        (&context.settings, &context.notices, &context.log),
    )?;
    target.keeping_identities(identities)
}

/// Returns whether each case has its own session.
fn has_cases(args: &UploadArgs) -> bool {
    args.screening.cases.cases.is_some()
}

/// Returns the policy. A session to be created has a period, which is then required of files too.
fn policy(args: &UploadArgs, settings: &Settings, notices: &Notices) -> Result<Policy, AppError> {
    let mut policy = args
        .screening
        .policy(PeriodUse::Session)
        .build(settings, notices)?;
    if has_cases(args) {
        check_counted(policy.requested_period)?;
    } else if policy.requested_period.is_none() && args.sending.session_id.is_none() {
        let (from, to) = default_period();
        policy.requested_period = Some(DateRange { from, to });
        policy.period_origin = PeriodOrigin::Session;
    }
    Ok(policy)
}

fn claim_identities(path: &Path, guard: &mut OutputGuard) -> Result<PathBuf, AppError> {
    let content = OutputKind::Identities(is_identity_file);
    match guard.claim("--keep-identity", Some(path), content)? {
        Target::Device(path) | Target::File(path) => Ok(path),
        Target::StandardOutput => Ok(path.to_owned()),
    }
}

fn exit_status(
    end: RunEnd,
    args: &UploadArgs,
    interrupt: &Interrupt,
    context: &Context,
) -> ExitStatus {
    // A reader that went away changes nothing: the outcomes are in the journal.
    let unwritten = end.written.err();
    let unwritten = unwritten.filter(|error| error.kind() != ErrorKind::ClosedOutput);
    let unwritten = unwritten.map(|error| context.report(&error));
    if let Some(signal) = interrupt.signal() {
        context
            .notices
            .warning("interrupted: the same command resumes");
        return ExitStatus::Interrupted(signal);
    }
    if let Some(status) = unwritten {
        return status;
    }
    if end.has_unreadable_paths {
        return ExitStatus::NotDone;
    }
    let summary = end.summary;
    if summary.has_unavailable {
        return ExitStatus::Unavailable;
    }
    let outcomes = summary.outcomes.unwrap_or_default();
    let kinds = OutcomeKind::ALL.iter().filter(|kind| kind.is_uploaded());
    let uploaded: usize = kinds.map(|kind| outcomes.of(*kind)).sum();
    // A file that the service has can fail: a flag of the service is a warning.
    let all_uploaded = uploaded + outcomes.planned() == summary.files;
    let is_unready = args.screening.cases.require_ready && !summary.has_only_ready_cases();
    let is_success = all_uploaded && summary.verdicts.fail == 0 && !is_unready;
    if is_success || args.screening.exit_zero {
        ExitStatus::Passed
    } else {
        ExitStatus::Failed
    }
}
