//! `bankscreen upload`: screens the files, uploads those that pass, and reports every outcome.

mod ordered_report;

use super::ExitStatus;
use super::args::UploadArgs;
use super::context::Context;
use super::progress::UploadProgress;
use crate::bankconnect::BaseUrl;
use crate::connection::{Connection, ConnectionOptions, Required, async_runtime};
use crate::error::AppError;
use crate::event_log::Notices;
use crate::interrupt::Interrupt;
use crate::journal::{JournalReader, RunSummary};
use crate::report::{ReportSummary, Scope};
use crate::screen::{Code, Policy};
use crate::screening_run::{ReportOutput, ScreeningRun};
use crate::settings::{environment, secrets};
use crate::statement::{Bank, BankRegistry, DateRange};
use crate::uploads::plan::OutcomeKind;
use crate::uploads::{
    FinishedUploads, JournalFolder, SessionSelector, UploadItem, UploadReport as _, UploadRun,
    default_period, earlier_outcome, earlier_record, planned_record, session_request,
};
use jiff::Timestamp;
use ordered_report::OrderedReport;
use tokio::runtime::Runtime;

/// Screens, uploads and reports.
pub(super) fn run(args: &UploadArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let Context {
        settings,
        log,
        notices,
    } = context;
    let screening = &args.screening;
    let mut policy = policy(args, &settings.banks, notices)?;
    let inputs = screening.inputs().resolve(&settings.banks)?;
    let options = screening.report();
    let mut output = ReportOutput::open(options.output.as_deref())?;
    let target = if args.sending.dry_run {
        None
    } else {
        Some(UploadTarget::open(args, &mut policy, context)?)
    };
    let interrupt = Interrupt::watch(log)?;
    let outputs = (notices, log);
    let scope = Scope::Upload;
    let mut run = ScreeningRun::new(&inputs, &policy, &options, scope, settings, outputs);
    let eligibility = args.sending.eligibility();
    run.screen(
        screening.jobs(),
        interrupt.flag(),
        &mut output,
        &|screening| {
            if eligibility.bankless {
                screening.downgrade_to_note(Code::BankNameUndetected, &policy);
            }
        },
    )?;
    let mut report = OrderedReport::new(run, output);
    let items = report.take_items(&inputs, &policy, eligibility, args.sending.resend());
    let Some(target) = target else {
        plan(args, &policy, &items, &mut report)?;
        let (summary, unreadable) = report.end()?;
        return Ok(exit_status(&summary, unreadable, &interrupt, notices));
    };
    let bytes = items.iter().map(|item| item.bytes).sum();
    let progress = UploadProgress::new(&options, items.len(), bytes);
    report.show_progress(progress.clone());
    let UploadTarget {
        connection,
        session,
        journal,
        runtime,
    } = target;
    let run = UploadRun {
        client: connection.client.clone(),
        session,
        options: args.sending.options(screening.max_file_size),
        concurrency: usize::from(args.sending.concurrency),
        interrupt: &interrupt,
        notices,
        log,
    };
    let (journal, _folder) = journal.into_parts();
    let observer = Box::new(move |item: &UploadItem| -> crate::uploads::ProgressFn {
        Box::new(progress.observer(item.bytes))
    });
    let finished = runtime.block_on(run.run(journal, items, observer, &mut report))?;
    finish(finished, report, &interrupt, context)
}

/// Ends the report, journals the run, and returns the exit status.
fn finish(
    finished: FinishedUploads,
    report: OrderedReport<'_>,
    interrupt: &Interrupt,
    context: &Context,
) -> Result<ExitStatus, AppError> {
    let FinishedUploads { uploader, error } = finished;
    let (summary, unreadable) = report.end()?;
    let recorded = uploader.journal().record_run(&RunSummary {
        at: Timestamp::now(),
        files: summary.files,
        failed: summary.verdicts.fail,
        calls_saved: summary.calls_saved,
    });
    let status = exit_status(&summary, unreadable, interrupt, &context.notices);
    match error {
        Some(error) if !matches!(status, ExitStatus::Interrupted(_)) => {
            return Ok(context.report(&error));
        }
        _ => {}
    }
    recorded?;
    Ok(status)
}

/// Reports what would be sent, with the outcomes that the journal has of earlier runs.
fn plan(
    args: &UploadArgs,
    policy: &Policy,
    items: &[UploadItem],
    report: &mut OrderedReport<'_>,
) -> Result<(), AppError> {
    let mut earlier = earlier_uploads(args, policy)?;
    for item in items {
        let found = match &mut earlier {
            Some((journal, session)) => journal.find(item.content, session)?,
            None => None,
        };
        let session = found.as_ref().map(|found| found.session.clone());
        let settled = found.and_then(|entry| earlier_outcome(entry, item.resend));
        let record = match settled.zip(session) {
            Some((settled, session)) => earlier_record(settled, &session).into(),
            None => planned_record(item),
        };
        report.settle(item, record)?;
    }
    Ok(())
}

/// Returns the journal and the session that uploads would go to, if both exist.
fn earlier_uploads(
    args: &UploadArgs,
    policy: &Policy,
) -> Result<Option<(JournalReader, String)>, AppError> {
    let options = ConnectionOptions::from(&args.connection);
    if options.sandbox {
        return Ok(None);
    }
    let base = secrets::base_url(options.base_url.as_deref())?;
    let session = match select_session(args, policy, &base) {
        Ok(session) => session,
        // Without a link ID, the session would be a new one.
        Err(_) if args.sending.session_id.is_none() => return Ok(None),
        Err(error) => return Err(error),
    };
    let folder = environment::state_folder()?;
    let Some(mut journal) = JournalReader::open(&folder, Timestamp::now())? else {
        return Ok(None);
    };
    let session = session.known_id(&mut journal)?;
    Ok(session.map(|session| (journal, session)))
}

/// Selects the session by the arguments.
fn select_session(
    args: &UploadArgs,
    policy: &Policy,
    base: &BaseUrl,
) -> Result<SessionSelector, AppError> {
    if let Some(id) = &args.sending.session_id {
        return Ok(SessionSelector::Existing(id.clone()));
    }
    let link_id = args.sending.link_id.as_deref();
    let link_id = secrets::link_id(link_id, args.connection.sandbox)?;
    let explicit_period = args.screening.period();
    let period = explicit_period.unwrap_or_else(default_period);
    let bank = policy.expected_bank.as_ref().map(Bank::id);
    let request = session_request(link_id, period, bank);
    SessionSelector::for_request(request, explicit_period, base)
}

/// What uploads need: opened before the long screening, so that a missing setting is reported
/// immediately.
struct UploadTarget {
    connection: Connection,
    session: SessionSelector,
    journal: JournalFolder,
    runtime: Runtime,
}

impl UploadTarget {
    fn open(args: &UploadArgs, policy: &mut Policy, context: &Context) -> Result<Self, AppError> {
        let options = ConnectionOptions::from(&args.connection);
        if !options.sandbox {
            // Invalid arguments are reported before a command for the API key runs.
            let base = secrets::base_url(options.base_url.as_deref())?;
            select_session(args, policy, &base)?;
        }
        let connection = Connection::open(&options, &context.settings, Required::ApiKey)?;
        let connection = connection.with_log(&context.log);
        let client = &connection.client;
        let session = select_session(args, policy, client.base())?;
        let journal = JournalFolder::open(options.sandbox)?;
        let runtime = async_runtime()?;
        if policy.requested_period.is_none() {
            let period = session.existing_period(client, &journal.journal, &context.notices);
            policy.requested_period = runtime.block_on(period)?;
        }
        if options.sandbox
            && args.screening.period().is_none()
            && let Some(DateRange { from, to }) = policy.requested_period
        {
            // Files at hand for a trial are often older.
            context.notices.note(format_args!(
                "the sandbox session requires {from} to {to}; set other days with --from and --to"
            ));
        }
        let unknown = journal.journal.recovered().unknown;
        if unknown > 0 {
            context.notices.note(format_args!(
                "an earlier run was interrupted; the outcome of {unknown} uploads is unknown"
            ));
        }
        Ok(Self {
            connection,
            session,
            journal,
            runtime,
        })
    }
}

/// Returns the policy. A session to be created has a period, which is then required of files too.
fn policy(args: &UploadArgs, banks: &BankRegistry, notices: &Notices) -> Result<Policy, AppError> {
    let mut policy = args.screening.policy().build(banks, notices)?;
    if policy.requested_period.is_none() && args.sending.session_id.is_none() {
        let (from, to) = default_period();
        policy.requested_period = Some(DateRange { from, to });
    }
    Ok(policy)
}

fn exit_status(
    summary: &ReportSummary,
    unreadable: bool,
    interrupt: &Interrupt,
    notices: &Notices,
) -> ExitStatus {
    if let Some(signal) = interrupt.signal() {
        notices.warning("interrupted: the same command resumes");
        return ExitStatus::Interrupted(signal);
    }
    if unreadable {
        return ExitStatus::NotDone;
    }
    let outcomes = summary.outcomes.unwrap_or_default();
    let kinds = OutcomeKind::ALL.iter().filter(|kind| kind.is_uploaded());
    let uploaded: usize = kinds.map(|kind| outcomes.of(*kind)).sum();
    if uploaded + outcomes.planned() == summary.files {
        ExitStatus::Passed
    } else {
        ExitStatus::Failed
    }
}
