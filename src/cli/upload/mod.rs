//! `bankscreen upload`: screens the files, uploads those that pass, and reports every outcome.

mod watch;

use super::ExitStatus;
use super::args::UploadArgs;
use super::context::Context;
use crate::bankconnect::{BaseUrl, Client};
use crate::connection::{Connection, ConnectionOptions, Required, async_runtime};
use crate::error::{AppError, ErrorKind};
use crate::event_log::Notices;
use crate::interrupt::Interrupt;
use crate::journal::{JournalError, JournalReader};
use crate::output::{OutputGuard, OutputKind, Target};
use crate::report::Scope;
use crate::screen::{Code, PeriodOrigin, Policy};
use crate::screening_run::{
    PeriodUse, RunEnd, ScreeningRun, check_counted, learnt_forms, rule_uses,
};
use crate::settings::{Settings, environment, note_languages, secrets};
use crate::statement::{Bank, DateRange};
use crate::uploads::plan::OutcomeKind;
use crate::uploads::{
    CaseQueue, EarlierQuery, EarlierUpload, IdentityFile, JournalFolder, OrderedReport,
    SessionSelector, UploadItem, UploadProgress, UploadReport as _, UploadRun, default_period,
    earlier_record, is_identity_file, planned_record, record_run, session_of_case, session_request,
};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;

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
        Some(UploadTarget::open(args, &mut policy, context, identities)?)
    };
    options.owner = target
        .as_ref()
        .map(|target| target.connection.client.owner());
    let scope = Scope::Upload;
    let reports = options.open(Some(inputs), settings, (scope, &policy), &mut guard)?;
    let interrupt = Interrupt::watch(log)?;
    let outputs = (notices, log);
    let mut run = ScreeningRun::new(&files, &policy, &options, scope, reports, outputs);
    let eligibility = args.sending.eligibility();
    run.screen(screening.jobs(), interrupt.flag(), &|screening| {
        if eligibility.bankless {
            screening.downgrade_to_note(Code::BankNameUndetected, &policy);
        }
    })?;
    let mut report = OrderedReport::new(run)?;
    let sending = &args.sending;
    let resend = sending.resend();
    let items = report.take_items(
        inputs,
        &policy,
        eligibility,
        resend,
        sending.include_incomplete,
    );
    let Some(target) = target else {
        plan(args, &policy, context, &items, &mut report)?;
        let end = report.end(None, interrupt.signal().is_some())?;
        return Ok(exit_status(end, args, &interrupt, context));
    };
    let bytes = items.iter().map(|item| item.bytes).sum();
    let progress = UploadProgress::new(&options, items.len(), bytes);
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
    let stopped = send(
        &run,
        &target,
        (args, &policy),
        items,
        &progress,
        &mut report,
    )?;
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

/// Sends the items to one session, or those of each case to its own. Returns why uploads were
/// stopped.
fn send(
    run: &UploadRun<'_>,
    target: &UploadTarget,
    (args, policy): (&UploadArgs, &Policy),
    items: Vec<UploadItem>,
    progress: &UploadProgress,
    report: &mut OrderedReport<'_>,
) -> Result<Vec<AppError>, AppError> {
    let journal = &target.journal;
    let Some(session) = &run.session else {
        let order = CaseQueue {
            items,
            process: args.sending.process,
            requested: policy.requested_period,
        };
        return order.send(run, (journal, &target.runtime), progress, report);
    };
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

/// Reports what would be sent, with the outcomes that the journal has of earlier runs.
fn plan(
    args: &UploadArgs,
    policy: &Policy,
    context: &Context,
    items: &[UploadItem],
    report: &mut OrderedReport<'_>,
) -> Result<(), AppError> {
    let earlier = EarlierUploads::open(args, &context.settings)?;
    let mut sessions: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
    for item in items {
        let case = item.input.case;
        let found = match &earlier {
            Some(earlier) => {
                let known = match sessions.entry(case) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        let base = &earlier.base;
                        let session = match case {
                            Some(case) => {
                                let requested = policy.requested_period;
                                session_of_case(case, report, requested, base).map(Some)
                            }
                            None => planned_session(args, policy, base),
                        };
                        new.insert(earlier.sessions(session?.as_ref())?)
                    }
                };
                earlier.find(item, known)?
            }
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

/// Returns the session that uploads would go to; `None` if it would be a new one.
fn planned_session(
    args: &UploadArgs,
    policy: &Policy,
    base: &BaseUrl,
) -> Result<Option<SessionSelector>, AppError> {
    match select_session(args, policy, base) {
        Ok(session) => Ok(Some(session)),
        // Without a link ID, the session would be a new one.
        Err(_) if args.sending.session_id.is_none() => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the journal stores about the sessions that uploads would go to.
struct EarlierUploads {
    journal: JournalReader,
    base: BaseUrl,
    /// Refusals count only if the API key is known.
    client: Option<Client>,
}

impl EarlierUploads {
    /// Opens the journal; `None` if there is none.
    fn open(args: &UploadArgs, settings: &Settings) -> Result<Option<Self>, AppError> {
        let options = ConnectionOptions::from(&args.connection);
        if options.sandbox {
            return Ok(None);
        }
        let base = secrets::base_url(options.base_url.as_deref())?;
        let folder = environment::state_folder()?;
        let Some(journal) = JournalReader::open_unchanged(&folder)? else {
            return Ok(None);
        };
        // A dry run needs no key. Without one, the uploads of all keys are shown.
        let connection = Connection::open(&options, settings, Required::ApiKey).ok();
        let client = connection.map(|connection| connection.client);
        Ok(Some(Self {
            journal,
            base,
            client,
        }))
    }

    /// Returns the known sessions of a request; the last of them would be used.
    fn sessions(&self, session: Option<&SessionSelector>) -> Result<Vec<String>, AppError> {
        let owner = self.client.as_ref().map(Client::owner);
        let known = session.map(|session| session.known_ids(&self.journal, owner));
        Ok(known.transpose()?.unwrap_or_default())
    }

    fn find(
        &self,
        item: &UploadItem,
        sessions: &[String],
    ) -> Result<Option<EarlierUpload>, JournalError> {
        let (current, ended) = match sessions.split_last() {
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
    /// `None` if each case has its own.
    session: Option<SessionSelector>,
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
            if !has_cases(args) {
                select_session(args, policy, &base)?;
            }
        }
        let required = if args.sending.process {
            Required::ServerHash
        } else {
            Required::ApiKey
        };
        let connection = Connection::open(&options, &context.settings, required)?;
        let connection = connection.with_log(&context.log);
        let client = &connection.client;
        let session = if has_cases(args) {
            None
        } else {
            Some(select_session(args, policy, client.base())?)
        };
        let journal = JournalFolder::open(options.sandbox, client.owner(), &context.notices)?;
        let identities = identities.map(IdentityFile::open).transpose()?;
        let runtime = async_runtime()?;
        if let Some(session) = &session
            && policy.requested_period.is_none()
        {
            let period = session.existing_period(client, &journal.journal, &context.notices);
            policy.requested_period = runtime.block_on(period)?;
            policy.period_origin = PeriodOrigin::Session;
        }
        if options.sandbox
            && session.is_some()
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
