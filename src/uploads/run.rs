//! The upload service for a list of files: opens the session, restores outcomes of earlier runs,
//! drives the queue and reconciles unknown outcomes.

use super::attempt::{ProgressObserver, UploadOptions, Uploader};
use super::driver::{Driver, DriverEvent, UploadResult};
use super::earlier::EarlierQuery;
use super::gate::ServiceGate;
use super::identity_file::IdentityFile;
use super::item::{Skipped, UploadItem};
use super::messages::{
    earlier_record, expired_case, hint_at_new_session, settled_record, skipped_record,
};
use super::reconcile::reconcile;
use super::session::{
    KnownSessions, LockWait, LockedSession, MAX_BUSY_WAIT, SessionSelector, remember_wait,
};
use super::shared_journal::SharedJournal;
use crate::bankconnect::Client;
use crate::bankconnect::wire::ApiError;
use crate::error::AppError;
use crate::event_log::{EventLog, Notices};
use crate::interrupt::Interrupt;
use crate::journal::{Intent, Journal, JournalError};
use crate::report::UploadRecord;
use crate::settings::environment::time_zone;
use crate::text::columns::counted;
use crate::uploads::plan::{
    LocalCode, Outcome, OutcomeCode, OutcomeKind, PriorAttempt, StopReason,
};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// How long running attempts may continue after a signal.
const SIGNAL_GRACE: Duration = Duration::from_secs(5);

/// Maximum time to wait for a session that another process uses.
const MAX_LOCK_WAIT: Duration = Duration::from_mins(1);

/// Receives the upload record of every file.
pub(crate) trait UploadReport {
    /// Returns the items of a case that is uploaded now.
    fn items(&mut self, case: usize) -> Vec<UploadItem>;

    /// Returns the files that are not sent, as the journal stores them: those of a case, or all.
    fn skipped(&self, session: &str, case: Option<usize>) -> Vec<(Intent, Outcome)>;

    /// Receives the record of an item.
    ///
    /// # Errors
    ///
    /// If the report can't be written. The run then stops as after a signal.
    fn settle(&mut self, item: &UploadItem, record: UploadRecord) -> Result<(), AppError>;

    /// Receives that an attempt to upload an item started.
    fn started(&mut self, _item: &UploadItem) {}

    /// Receives that an attempt certainly did not reach the service, and will be repeated.
    fn retrying(&mut self, _item: &UploadItem, _reason: &'static str) {}
}

/// What an upload run needs.
pub(crate) struct UploadRun<'r> {
    pub(crate) client: Client,
    /// `None` if each case has its own.
    pub(crate) session: Option<SessionSelector>,
    pub(crate) options: UploadOptions,
    /// Where the identity parts of answers are kept, if the user asked for it.
    pub(crate) identities: Option<Arc<IdentityFile>>,
    /// Maximum number of simultaneous uploads.
    pub(crate) concurrency: usize,
    /// The case whose files are uploaded; `None` for a run without cases.
    pub(crate) case: Option<usize>,
    /// What the runs of several cases share.
    pub(crate) gate: Option<ServiceGate>,
    pub(crate) interrupt: &'r Interrupt,
    pub(crate) notices: &'r Notices,
    pub(crate) log: &'r EventLog,
}

/// Why a run ended early.
pub(crate) struct Stopped {
    /// The code of the files that were not sent.
    pub(crate) code: OutcomeCode,
    /// `None` after a signal.
    pub(crate) error: Option<AppError>,
    pub(crate) extent: Extent,
}

/// What a reason to stop concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The session only.
    Session,
    /// The session, which could not be created because the service was not available or failed.
    SessionFailure,
    /// Every session of the API key.
    All,
}

/// Why nothing can be sent.
enum Obstacle {
    NoSession(AppError),
    /// The service asked an earlier run to wait.
    Busy(AppError),
    Signal,
    Journal(AppError),
}

impl Obstacle {
    /// Returns the outcome code of the files that are not sent.
    fn code(&self) -> LocalCode {
        match self {
            Self::NoSession(_) => LocalCode::SessionNotCreated,
            Self::Busy(_) => LocalCode::RateLimited,
            Self::Signal => LocalCode::Cancelled,
            Self::Journal(_) => LocalCode::JournalWithheld,
        }
    }

    fn into_stopped(self) -> Stopped {
        let code = self.code().into();
        let (error, extent) = match self {
            Self::NoSession(error) => {
                let extent = session_extent(&error);
                (Some(error), extent)
            }
            Self::Busy(error) | Self::Journal(error) => (Some(error), Extent::All),
            Self::Signal => (None, Extent::All),
        };
        Stopped {
            code,
            error,
            extent,
        }
    }
}

/// Returns what an error of creating a session concerns.
fn session_extent(error: &AppError) -> Extent {
    match error.call_error() {
        Some(ApiError::Rejected(response)) if !matches!(response.http_status, 401..=403) => {
            Extent::Session
        }
        Some(ApiError::NotSent { .. } | ApiError::Indeterminate { .. }) => Extent::SessionFailure,
        Some(_) => Extent::All,
        // Another process uses the session.
        None => Extent::Session,
    }
}

impl<'r> UploadRun<'r> {
    /// Returns the run of one of several cases.
    pub(super) fn for_case(
        &self,
        case: usize,
        concurrency: usize,
        gate: ServiceGate,
    ) -> UploadRun<'r> {
        UploadRun {
            client: self.client.clone(),
            session: None,
            options: self.options,
            identities: self.identities.clone(),
            concurrency,
            case: Some(case),
            gate: Some(gate),
            interrupt: self.interrupt,
            notices: self.notices,
            log: self.log,
        }
    }

    /// Uploads the items; `report` then has the record of every one. Returns why the run ended
    /// early, if it did.
    ///
    /// No session is created unless a file is to be sent.
    ///
    /// # Errors
    ///
    /// If the journal or the report fails.
    pub(crate) async fn run(
        &self,
        journal: &SharedJournal,
        session: &SessionSelector,
        items: Vec<UploadItem>,
        progress: ProgressObserver,
        report: &mut dyn UploadReport,
    ) -> Result<Option<Stopped>, AppError> {
        let selector = session;
        let known = self.known_sessions(journal, selector);
        let known = match self.interruptible(known).await {
            Ok(known) => known,
            Err(obstacle) => return self.skip_all(journal, &items, None, obstacle, report).await,
        };
        let current = known.current.as_ref().map(|session| session.id.clone());
        let wait = journal
            .read(|journal| journal.wait_until(Timestamp::now()))
            .await?;
        if let (Some(session), None) = (&current, wait) {
            self.reconcile(journal, session).await?;
        }
        let items = self.without_earlier(journal, items, &known, report).await?;
        if items.is_empty() {
            self.record_skipped(journal, current.as_deref(), report)
                .await?;
            return Ok(None);
        }
        let opened = async {
            self.wait_for_service(wait).await?;
            self.open_session(selector, known, journal).await
        };
        let session = match self.interruptible(opened).await {
            Ok(session) => session,
            Err(obstacle) => {
                let items: Vec<_> = items.into_iter().map(|(item, _)| item).collect();
                let session = current.as_deref();
                return self
                    .skip_all(journal, &items, session, obstacle, report)
                    .await;
            }
        };
        self.record_skipped(journal, Some(&session.id), report)
            .await?;
        let uploader = Uploader::new(
            self.client.clone(),
            session,
            journal.clone(),
            self.options,
            progress,
            self.log.clone(),
        );
        let uploader = uploader.with_identities(self.identities.clone());
        let uploader = Arc::new(uploader.with_gate(self.gate.clone()));
        let mut driver = Driver::new(Arc::clone(&uploader), self.concurrency);
        for (item, prior_attempt) in items {
            driver.add(item, prior_attempt);
        }
        let (stop, unknown) = self.drive(driver, &uploader, report).await?;
        self.report_reconciled(&uploader, unknown, report).await?;
        match stop {
            Some(reason) => Ok(Some(Stopped {
                error: self.stop_error(&reason, selector, &uploader).await?,
                code: reason.code(),
                extent: if reason.ends_session() {
                    Extent::Session
                } else {
                    Extent::All
                },
            })),
            None => Ok(None),
        }
    }

    /// Returns the known sessions, and reports what an interrupted run left open.
    async fn known_sessions(
        &self,
        journal: &SharedJournal,
        selector: &SessionSelector,
    ) -> Result<KnownSessions, Obstacle> {
        let known = selector.resolve(journal, &self.lock_wait()).await;
        let known = known.map_err(Obstacle::NoSession)?;
        let unknown = known.recovered.unknown;
        if unknown > 0 {
            let uploads = counted(unknown, "upload");
            self.notices.note(format_args!(
                "an earlier run was interrupted; the outcome of {uploads} is unknown"
            ));
        }
        Ok(known)
    }

    fn lock_wait(&self) -> LockWait<'_> {
        LockWait {
            max_wait: MAX_LOCK_WAIT,
            notices: self.notices,
        }
    }

    /// Waits as long as the service asked an earlier run to wait.
    async fn wait_for_service(&self, until: Option<Timestamp>) -> Result<(), Obstacle> {
        let Some(until) = until else {
            return Ok(());
        };
        let wait = until.duration_since(Timestamp::now());
        let wait = Duration::try_from(wait).unwrap_or_default();
        let when = until.to_zoned(time_zone());
        let when = when.strftime("%Y-%m-%d %H:%M:%S");
        if wait > MAX_BUSY_WAIT {
            return Err(Obstacle::Busy(AppError::unavailable(
                format!("the service asked to send nothing before {when}"),
                "run the same command again after that",
            )));
        }
        self.notices
            .note(format_args!("waiting until {when}, as the service asked"));
        sleep(wait).await;
        Ok(())
    }

    /// Opens the session. A busy service is asked again.
    async fn open_session(
        &self,
        selector: &SessionSelector,
        known: KnownSessions,
        journal: &SharedJournal,
    ) -> Result<LockedSession, Obstacle> {
        let wait = self.lock_wait();
        let gate = self.gate.as_ref();
        let opened = selector.open(known, &self.client, journal, &wait, gate);
        opened.await.map_err(Obstacle::NoSession)
    }

    /// Awaits a step, which a signal ends.
    async fn interruptible<T>(
        &self,
        step: impl Future<Output = Result<T, Obstacle>>,
    ) -> Result<T, Obstacle> {
        if self.interrupt.signal().is_some() {
            return Err(Obstacle::Signal);
        }
        tokio::select! {
            result = step => result,
            _ = self.interrupt.wait() => Err(Obstacle::Signal),
        }
    }

    /// Reports the items that an earlier run sent, or may have sent, and returns the others.
    async fn without_earlier(
        &self,
        journal: &SharedJournal,
        items: Vec<UploadItem>,
        known: &KnownSessions,
        report: &mut dyn UploadReport,
    ) -> Result<Vec<(UploadItem, PriorAttempt)>, AppError> {
        let current = known.current.as_ref().map(|session| session.id.as_str());
        let mut remaining = Vec::new();
        let queries = items
            .iter()
            .map(|item| EarlierQuery::new(item, Some(&self.client)));
        let queries: Vec<_> = queries.collect();
        let answers = EarlierQuery::ask_all(queries, journal, current, &known.ended).await?;
        let mut is_split = false;
        for (item, answer) in items.into_iter().zip(answers) {
            match answer {
                Ok(prior_attempt) => remaining.push((item, prior_attempt)),
                Err(earlier) => {
                    is_split |= earlier.has_ended && current.is_none();
                    report.settle(&item, earlier_record(earlier).into())?;
                }
            }
        }
        if self.case.is_some() && is_split {
            // A case has one session: its files are not divided between an ended one and another.
            for (item, _) in remaining.drain(..) {
                report.settle(&item, skipped_record(expired_case()).into())?;
            }
        }
        Ok(remaining)
    }

    /// Drives the queue to its end and reports every item, except those with unknown outcome if
    /// the service can be asked about them; these are returned. Also returns why the queue stopped
    /// early, if it did.
    async fn drive(
        &self,
        mut driver: Driver,
        uploader: &Uploader,
        report: &mut dyn UploadReport,
    ) -> Result<(Option<StopReason>, Vec<(UploadItem, UploadResult)>), AppError> {
        let mut unknown = Vec::new();
        let mut reported = Ok(());
        let (mut is_stopped, mut is_aborted) = (false, false);
        let abort = async {
            self.interrupt.wait().await;
            self.interrupt.wait_for_abort(SIGNAL_GRACE).await;
        };
        tokio::pin!(abort);
        let stop = loop {
            tokio::select! {
                event = driver.next_event() => match event {
                    DriverEvent::Started(job) => {
                        if let Some(item) = driver.item(job) {
                            report.started(item);
                        }
                    }
                    DriverEvent::Retrying(job, reason) => {
                        if let Some(item) = driver.item(job) {
                            report.retrying(item, reason);
                        }
                    }
                    DriverEvent::Settled(job, result) => {
                        let Some(item) = driver.item(job) else { continue };
                        let is_unknown = result.outcome.kind == OutcomeKind::Unknown;
                        if is_unknown && self.client.has_server_hash() {
                            unknown.push((item.clone(), result));
                            continue;
                        }
                        let mut record = settled_record(result, &uploader.session.id);
                        if self.case.is_some() {
                            hint_at_new_session(&mut record);
                        }
                        if let Err(error) = report.settle(item, record.into()) {
                            reported = reported.and(Err(error));
                            driver.stop(StopReason::Cancelled);
                        }
                    }
                    DriverEvent::Done => break None,
                    DriverEvent::Stopped(reason) => {
                        if reason == StopReason::Busy {
                            let wait = driver.requested_wait().unwrap_or_default();
                            remember_wait(&uploader.journal, wait).await?;
                        }
                        break Some(reason);
                    }
                },
                _ = self.interrupt.wait(), if !is_stopped => {
                    driver.stop(StopReason::Cancelled);
                    is_stopped = true;
                }
                () = &mut abort, if !is_aborted => {
                    driver.abort();
                    is_aborted = true;
                }
            }
        };
        reported.map(|()| (stop, unknown))
    }

    /// Reconciles the items with unknown outcome and reports them.
    async fn report_reconciled(
        &self,
        uploader: &Uploader,
        unknown: Vec<(UploadItem, UploadResult)>,
        report: &mut dyn UploadReport,
    ) -> Result<(), AppError> {
        let session = &uploader.session.id;
        if !unknown.is_empty() {
            self.reconcile(&uploader.journal, session).await?;
        }
        for (item, mut result) in unknown {
            let (content, key) = (item.content, session.clone());
            let found = uploader
                .journal
                .read(move |journal| journal.find(content, &key));
            if let Some(settled) = found.await?.and_then(|entry| entry.settled)
                && settled.outcome.kind != OutcomeKind::Unknown
            {
                result.outcome = settled.outcome;
                result.at = settled.at;
                result.message = None;
            }
            report.settle(&item, settled_record(result, session).into())?;
        }
        Ok(())
    }

    /// Asks the service about uploads with unknown outcome. A warning reports a failed call.
    async fn reconcile(&self, journal: &SharedJournal, session: &str) -> Result<(), AppError> {
        let reconciled = tokio::select! {
            reconciled = reconcile(&self.client, journal, session) => reconciled?,
            _ = self.interrupt.wait() => return Ok(()),
        };
        if let Err(error) = reconciled {
            self.notices
                .warning(format_args!("could not reconcile unknown uploads: {error}"));
        }
        Ok(())
    }

    /// Returns the error of a queue that stopped early.
    async fn stop_error(
        &self,
        reason: &StopReason,
        selector: &SessionSelector,
        uploader: &Uploader,
    ) -> Result<Option<AppError>, AppError> {
        let later = "run the same command again later; it resumes";
        Ok(Some(match reason {
            StopReason::Cancelled => return Ok(None),
            StopReason::Rejected(rejection) => {
                if reason.ends_session() {
                    selector.end(&uploader.session, &uploader.journal).await?;
                    if self.case.is_some() {
                        // The other cases are not affected, and the report shows this one.
                        return Ok(None);
                    }
                }
                let hint = match rejection.http_status {
                    401 | 403 => "use the API key of this base URL",
                    _ => "solve that and run the same command again; it resumes",
                };
                AppError::network(rejects_uploads(reason, rejection.http_status), hint)
            }
            StopReason::Redirected { http_status } => AppError::network(
                rejects_uploads(reason, *http_status),
                "set another --base-url; redirects are never followed",
            ),
            StopReason::Unreachable => AppError::unavailable("could not reach the service", later),
            StopReason::Busy => AppError::unavailable("the service is busy for too long", later),
            StopReason::ResponsesLost => {
                AppError::unavailable("too many answers of the service were lost", later)
            }
            StopReason::JournalUnavailable => match uploader.take_journal_error() {
                Some(error) => error.into(),
                None => AppError::usage("the journal did not allow an upload", "try again"),
            },
        }))
    }

    /// Skips every item before anything was sent.
    async fn skip_all(
        &self,
        journal: &SharedJournal,
        items: &[UploadItem],
        session: Option<&str>,
        obstacle: Obstacle,
        report: &mut dyn UploadReport,
    ) -> Result<Option<Stopped>, AppError> {
        let recorded = self.record_skipped(journal, session, report).await;
        let obstacle = match recorded {
            Err(error) => Obstacle::Journal(error.into()),
            Ok(()) => obstacle,
        };
        for item in items {
            let skipped = Skipped {
                code: obstacle.code().into(),
                message: "not sent".to_owned(),
                hint: None,
            };
            report.settle(item, skipped_record(skipped).into())?;
        }
        if !matches!(obstacle, Obstacle::Journal(_)) {
            // The items have a record now, so they are among the skipped files.
            self.record_skipped(journal, session, report).await?;
        }
        Ok(Some(obstacle.into_stopped()))
    }

    /// Journals the files that are not sent.
    async fn record_skipped(
        &self,
        journal: &SharedJournal,
        session: Option<&str>,
        report: &dyn UploadReport,
    ) -> Result<(), JournalError> {
        let skipped = report.skipped(session.unwrap_or_default(), self.case);
        let record = move |journal: &mut Journal| {
            journal.record_skipped(skipped.iter().map(|(intent, outcome)| (intent, outcome)))
        };
        journal.run(record).await
    }
}

fn rejects_uploads(reason: &StopReason, http_status: u16) -> String {
    let code = reason.code();
    format!("the service rejects uploads: {code} (HTTP {http_status})")
}
