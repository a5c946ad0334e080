//! `bankscreen upload`: screens the files, uploads those that pass, and reports every outcome.

mod ordered_report;

use super::ExitStatus;
use super::args::UploadArgs;
use super::context::Context;
use super::progress::UploadProgress;
use crate::bankconnect::{BaseUrl, Client};
use crate::connection::{Connection, ConnectionOptions, Required, async_runtime};
use crate::error::{AppError, ErrorKind};
use crate::event_log::Notices;
use crate::interrupt::Interrupt;
use crate::journal::{Journal, JournalError, JournalReader, RunSummary};
use crate::output::{OutputGuard, OutputKind, Target};
use crate::report::Scope;
use crate::screen::{Code, PeriodOrigin, Policy};
use crate::screening_run::{PeriodUse, RunEnd, ScreeningRun, rule_uses};
use crate::settings::{Settings, environment, secrets};
use crate::statement::{Bank, DateRange};
use crate::uploads::plan::OutcomeKind;
use crate::uploads::{
    EarlierQuery, EarlierUpload, IdentityFile, JournalFolder, SessionSelector, SharedJournal,
    UploadItem, UploadReport as _, UploadRun, default_period, earlier_record, is_identity_file,
    planned_record, session_request,
};
use jiff::Timestamp;
use ordered_report::OrderedReport;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Screens, uploads and reports.
pub(super) fn run(args: &UploadArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let Context {
        settings,
        log,
        notices,
        ..
    } = context;
    let screening = &args.screening;
    let mut policy = policy(args, settings, notices)?;
    let inputs = screening.inputs(PeriodUse::Session);
    let inputs = inputs.resolve(settings, notices)?;
    let mut guard = context.guard_inputs(&inputs)?;
    let options = screening.report();
    policy.rule_uses = rule_uses(&policy, &inputs, options.compared);
    // Before the service is called, although the reports need to know the session's period.
    options.check(&guard)?;
    let identities = args.sending.keep_identity.as_deref();
    let identities = identities.map(|path| claim_identities(path, &mut guard));
    let identities = identities.transpose()?;
    let target = if args.sending.dry_run {
        None
    } else {
        let identities = identities.as_deref();
        Some(UploadTarget::open(args, &mut policy, context, identities)?)
    };
    let scope = Scope::Upload;
    let reports = options.open(&inputs, settings, (scope, &policy), &mut guard)?;
    let interrupt = Interrupt::watch(log)?;
    let outputs = (notices, log);
    let mut run = ScreeningRun::new(&inputs, &policy, &options, scope, reports, outputs);
    let eligibility = args.sending.eligibility();
    run.screen(screening.jobs(), interrupt.flag(), &|screening| {
        if eligibility.bankless {
            screening.downgrade_to_note(Code::BankNameUndetected, &policy);
        }
    })?;
    let mut report = OrderedReport::new(run);
    let items = report.take_items(&inputs, &policy, eligibility, args.sending.resend());
    let Some(target) = target else {
        plan(args, &policy, context, &items, &mut report)?;
        let end = report.end(None, interrupt.signal().is_some())?;
        return Ok(exit_status(end, args, &interrupt, context));
    };
    let bytes = items.iter().map(|item| item.bytes).sum();
    let progress = UploadProgress::new(&options, items.len(), bytes);
    report.show_progress(progress.clone());
    let UploadTarget {
        connection,
        session,
        journal,
        identities,
        runtime,
    } = target;
    let run = UploadRun {
        client: connection.client.clone(),
        session,
        options: args.sending.options(screening.max_file_size),
        identities: identities.clone(),
        concurrency: usize::from(args.sending.concurrency),
        interrupt: &interrupt,
        notices,
        log,
    };
    let observer = Box::new(move |item: &UploadItem| -> crate::uploads::ProgressFn {
        Box::new(progress.observer(item.bytes))
    });
    let stopped = runtime.block_on(run.run(&journal.journal, items, observer, &mut report))?;
    if let Some(error) = identities.and_then(|identities| identities.take_error()) {
        notices.warning(format_args!("could not keep all identities: {error}"));
    }
    let scope = run.session.scope();
    let recorded = record_run(&journal.journal, scope, &report);
    let calls_saved = recorded.as_ref().ok().copied();
    let end = report.end(calls_saved, interrupt.signal().is_some())?;
    let status = exit_status(end, args, &interrupt, context);
    match stopped {
        Some(error) if !matches!(status, ExitStatus::Interrupted(_)) => {
            return Ok(status.worse(context.report(&error)));
        }
        _ => {}
    }
    recorded?;
    Ok(status)
}

/// Journals the run, and returns the number of calls that it avoided and no earlier one.
fn record_run(
    journal: &SharedJournal,
    scope: String,
    report: &OrderedReport<'_>,
) -> Result<usize, AppError> {
    let saved = report.saved_calls();
    let (files, failed) = report.screened();
    let record = move |journal: &mut Journal| {
        let now = Timestamp::now();
        let saved = saved
            .iter()
            .map(|(content, code)| (*content, code.as_str()));
        let calls_saved = journal.record_saved_calls(&scope, saved, now)?;
        journal.record_run(&RunSummary {
            at: now,
            files,
            failed,
            calls_saved,
        })?;
        Ok(calls_saved)
    };
    Ok(journal.run_blocking(record)?)
}

/// Reports what would be sent, with the outcomes that the journal has of earlier runs.
fn plan(
    args: &UploadArgs,
    policy: &Policy,
    context: &Context,
    items: &[UploadItem],
    report: &mut OrderedReport<'_>,
) -> Result<(), AppError> {
    let earlier = EarlierUploads::open(args, policy, &context.settings)?;
    for item in items {
        let found = match &earlier {
            Some(earlier) => earlier.find(item)?,
            None => None,
        };
        let record = match found {
            Some(found) => earlier_record(found).into(),
            None => planned_record(item),
        };
        report.settle(item, record)?;
    }
    Ok(())
}

/// What the journal stores about the session that uploads would go to.
struct EarlierUploads {
    journal: JournalReader,
    /// The last of them is the session that would be used.
    sessions: Vec<String>,
    /// Refusals count only if the API key is known.
    client: Option<Client>,
}

impl EarlierUploads {
    /// Opens the journal; `None` if there is none, or if the session would be a new one.
    fn open(
        args: &UploadArgs,
        policy: &Policy,
        settings: &Settings,
    ) -> Result<Option<Self>, AppError> {
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
        let Some(journal) = JournalReader::open_unchanged(&folder)? else {
            return Ok(None);
        };
        // A dry run needs no key. Without one, the uploads of all keys are shown.
        let connection = Connection::open(&options, settings, Required::ApiKey).ok();
        let client = connection.map(|connection| connection.client);
        let owner = client.as_ref().map(Client::owner);
        let sessions = session.known_ids(&journal, owner)?;
        Ok(Some(Self {
            journal,
            sessions,
            client,
        }))
    }

    fn find(&self, item: &UploadItem) -> Result<Option<EarlierUpload>, JournalError> {
        let (current, ended) = match self.sessions.split_last() {
            Some((current, ended)) => (Some(current.as_str()), ended),
            None => (None, [].as_slice()),
        };
        let owner = self.client.as_ref().map(Client::owner);
        let query = EarlierQuery::new(item, self.client.as_ref());
        let answer = query.answer(current, ended, |content, session| {
            self.journal.find(content, session, owner)
        })?;
        Ok(answer.err())
    }
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
    identities: Option<Arc<IdentityFile>>,
    runtime: Runtime,
}

impl UploadTarget {
    fn open(
        args: &UploadArgs,
        policy: &mut Policy,
        context: &Context,
        identities: Option<&Path>,
    ) -> Result<Self, AppError> {
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
        let journal = JournalFolder::open(options.sandbox, client.owner(), &context.notices)?;
        let identities = identities.map(IdentityFile::open).transpose()?;
        let runtime = async_runtime()?;
        if policy.requested_period.is_none() {
            let period = session.existing_period(client, &journal.journal, &context.notices);
            policy.requested_period = runtime.block_on(period)?;
            policy.period_origin = PeriodOrigin::Session;
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
        Ok(Self {
            connection,
            session,
            journal,
            identities: identities.map(Arc::new),
            runtime,
        })
    }
}

/// Returns the policy. A session to be created has a period, which is then required of files too.
fn policy(args: &UploadArgs, settings: &Settings, notices: &Notices) -> Result<Policy, AppError> {
    let mut policy = args
        .screening
        .policy(PeriodUse::Session)
        .build(settings, notices)?;
    if policy.requested_period.is_none() && args.sending.session_id.is_none() {
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
    if (all_uploaded && summary.verdicts.fail == 0) || args.screening.exit_zero {
        ExitStatus::Passed
    } else {
        ExitStatus::Failed
    }
}
