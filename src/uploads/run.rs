//! The upload service for a list of files: opens the session, restores outcomes of earlier runs,
//! drives the queue and reconciles unknown outcomes.

use super::attempt::{ProgressObserver, UploadOptions, Uploader};
use super::driver::{Driver, DriverEvent, UploadResult, sleep_until_or_forever};
use super::item::{Skipped, UploadItem};
use super::messages::{earlier_record, settled_record, skipped_record};
use super::reconcile::earlier_outcome;
use super::session::{SessionSelector, ignored_month_note};
use crate::bankconnect::Client;
use crate::error::AppError;
use crate::event_log::{EventLog, Notices};
use crate::interrupt::Interrupt;
use crate::journal::{Intent, Journal};
use crate::report::{SettledUpload, UploadRecord};
use crate::uploads::plan::{LocalCode, Outcome, OutcomeKind, PriorAttempt, StopReason};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long running attempts may continue after a signal.
const SIGNAL_GRACE: Duration = Duration::from_secs(5);

/// Receives the upload record of every file.
pub(crate) trait UploadReport {
    /// Returns the files that are not sent, as the journal stores them.
    fn skipped(&self, session: &str) -> Vec<(Intent, Outcome)>;

    /// Receives the record of an item.
    ///
    /// # Errors
    ///
    /// If the report can't be written. The run then stops as after a signal.
    fn settle(&mut self, item: &UploadItem, record: UploadRecord) -> Result<(), AppError>;
}

/// What an upload run needs.
pub(crate) struct UploadRun<'r> {
    pub(crate) client: Client,
    pub(crate) session: SessionSelector,
    pub(crate) options: UploadOptions,
    /// Maximum number of simultaneous uploads.
    pub(crate) concurrency: usize,
    pub(crate) interrupt: &'r Interrupt,
    pub(crate) notices: &'r Notices,
    pub(crate) log: &'r EventLog,
}

/// The end of an upload run. Every item has its record.
pub(crate) struct FinishedUploads {
    pub(crate) uploader: Arc<Uploader>,
    /// Why the run ended early, if it did.
    pub(crate) error: Option<AppError>,
}

/// Why nothing can be sent.
enum Obstacle {
    NoSession(AppError),
    Signal,
    Journal(AppError),
}

impl Obstacle {
    /// Returns the outcome code of the files that are not sent.
    fn code(&self) -> LocalCode {
        match self {
            Self::NoSession(_) => LocalCode::SessionNotCreated,
            Self::Signal => LocalCode::Cancelled,
            Self::Journal(_) => LocalCode::JournalWithheld,
        }
    }

    fn into_error(self) -> Option<AppError> {
        match self {
            Self::NoSession(error) | Self::Journal(error) => Some(error),
            Self::Signal => None,
        }
    }
}

impl UploadRun<'_> {
    /// Uploads the items; `report` then has the record of every one.
    ///
    /// # Errors
    ///
    /// If the journal or the report fails. An upload queue that stopped early is not an error of
    /// this function; see [`FinishedUploads::error`].
    pub(crate) async fn run(
        &self,
        mut journal: Journal,
        items: Vec<UploadItem>,
        progress: ProgressObserver,
        report: &mut dyn UploadReport,
    ) -> Result<FinishedUploads, AppError> {
        let opened = self.open_session(&mut journal).await;
        let (session, obstacle) = match opened {
            Ok(session) => (session, None),
            Err(obstacle) => (String::new(), Some(obstacle)),
        };
        let uploader = Arc::new(Uploader::new(
            self.client.clone(),
            session,
            journal,
            self.options,
            progress,
            self.log.clone(),
        ));
        let skipped = report.skipped(&uploader.session);
        let recorded = uploader
            .journal()
            .record_skipped(skipped.iter().map(|(intent, outcome)| (intent, outcome)));
        let obstacle = match recorded {
            Err(error) => Some(Obstacle::Journal(error.into())),
            Ok(()) => obstacle,
        };
        if let Some(obstacle) = obstacle {
            skip_all(&uploader, &items, &obstacle, report)?;
            let error = obstacle.into_error();
            return Ok(FinishedUploads { uploader, error });
        }
        self.reconcile(&uploader).await?;
        let items = without_earlier(&uploader, items, report)?;
        let mut driver = Driver::new(Arc::clone(&uploader), self.concurrency);
        for (item, prior_attempt) in items {
            driver.add(item, prior_attempt);
        }
        let (stop, unknown) = self.drive(driver, &uploader, report).await?;
        self.report_reconciled(&uploader, unknown, report).await?;
        let error = match stop {
            Some(reason) => self.stop_error(&reason, &uploader)?,
            None => None,
        };
        Ok(FinishedUploads { uploader, error })
    }

    async fn open_session(&self, journal: &mut Journal) -> Result<String, Obstacle> {
        if self.interrupt.signal().is_some() {
            return Err(Obstacle::Signal);
        }
        tokio::select! {
            opened = self.session.open(&self.client, journal) => {
                let session = opened.map_err(Obstacle::NoSession)?;
                let last_day = session.period.filter(|_| session.is_new).map(|period| period.to);
                if let Some(note) = last_day.and_then(ignored_month_note) {
                    self.notices.note(note);
                }
                Ok(session.id)
            }
            _ = self.interrupt.wait() => Err(Obstacle::Signal),
        }
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
        let mut abort_at = None;
        let mut aborted = false;
        let stop = loop {
            tokio::select! {
                event = driver.next_event() => match event {
                    DriverEvent::Started(_) | DriverEvent::Retrying(..) => {}
                    DriverEvent::Settled(job, result) => {
                        let Some(item) = driver.item(job) else { continue };
                        let is_unknown = result.outcome.kind == OutcomeKind::Unknown;
                        if is_unknown && self.client.has_server_hash() {
                            unknown.push((item.clone(), result));
                            continue;
                        }
                        let record = settled_record(result, &uploader.session);
                        if let Err(error) = report.settle(item, record.into()) {
                            reported = reported.and(Err(error));
                            driver.stop(StopReason::Cancelled);
                        }
                    }
                    DriverEvent::Done => break None,
                    DriverEvent::Stopped(reason) => break Some(reason),
                },
                _ = self.interrupt.wait(), if abort_at.is_none() => {
                    driver.stop(StopReason::Cancelled);
                    abort_at = Some(Instant::now() + SIGNAL_GRACE);
                }
                () = sleep_until_or_forever(abort_at), if abort_at.is_some() && !aborted => {
                    driver.abort();
                    aborted = true;
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
        if !unknown.is_empty() {
            self.reconcile(uploader).await?;
        }
        for (item, mut result) in unknown {
            let found = uploader.journal().find(item.content, &uploader.session)?;
            if let Some(settled) = found.and_then(|entry| entry.settled)
                && settled.outcome.kind != OutcomeKind::Unknown
            {
                result.outcome = settled.outcome;
                result.at = settled.at;
                result.message = None;
            }
            let record = settled_record(result, &uploader.session);
            report.settle(&item, record.into())?;
        }
        Ok(())
    }

    /// Asks the service about uploads with unknown outcome. A warning reports a failed call.
    async fn reconcile(&self, uploader: &Uploader) -> Result<(), AppError> {
        let reconciled = tokio::select! {
            reconciled = uploader.reconcile() => reconciled?,
            _ = self.interrupt.wait() => return Ok(()),
        };
        if let Err(error) = reconciled {
            self.notices
                .warning(format_args!("could not reconcile unknown uploads: {error}"));
        }
        Ok(())
    }

    /// Returns the error of a queue that stopped early.
    fn stop_error(
        &self,
        reason: &StopReason,
        uploader: &Uploader,
    ) -> Result<Option<AppError>, AppError> {
        let message = match reason {
            StopReason::Cancelled => return Ok(None),
            StopReason::Rejected(rejection) => {
                if reason.ends_session() {
                    self.session.delete(&mut uploader.journal())?;
                }
                let status = rejection.http_status;
                format!(
                    "the service rejects uploads: {} (HTTP {status})",
                    reason.code()
                )
            }
            StopReason::Redirected { http_status } => format!(
                "the service rejects uploads: {} (HTTP {http_status})",
                reason.code()
            ),
            StopReason::Unreachable => "could not reach the service".to_owned(),
            StopReason::Busy => "the service is busy for too long".to_owned(),
            StopReason::ResponsesLost => "too many answers of the service were lost".to_owned(),
            StopReason::JournalUnavailable => {
                return Ok(Some(match uploader.take_journal_error() {
                    Some(error) => error.into(),
                    None => AppError::usage("the journal did not allow an upload", "try again"),
                }));
            }
        };
        let hint = match reason {
            StopReason::Redirected { .. } => "set another --base-url; redirects are never followed",
            StopReason::Rejected(rejection) if matches!(rejection.http_status, 401 | 403) => {
                "use the API key of this base URL"
            }
            StopReason::Rejected(_) => "solve that and run the same command again; it resumes",
            _ => "run the same command again later; it resumes",
        };
        Ok(Some(AppError::network(message, hint)))
    }
}

/// Skips every item before anything was sent.
fn skip_all(
    uploader: &Uploader,
    items: &[UploadItem],
    obstacle: &Obstacle,
    report: &mut dyn UploadReport,
) -> Result<(), AppError> {
    let code = obstacle.code();
    for item in items {
        if !matches!(obstacle, Obstacle::Journal(_)) {
            let outcome = Outcome::without_response(OutcomeKind::Skipped, code, 0);
            // If this fails, the next call fails as well and reports why.
            let _stored = uploader.record_skipped(item, &outcome);
        }
        let skipped = Skipped {
            code: code.into(),
            message: "not sent".to_owned(),
            hint: None,
        };
        report.settle(item, skipped_record(skipped).into())?;
    }
    Ok(())
}

/// Reports the items that an earlier run sent, or may have sent, and returns the others.
fn without_earlier(
    uploader: &Uploader,
    items: Vec<UploadItem>,
    report: &mut dyn UploadReport,
) -> Result<Vec<(UploadItem, PriorAttempt)>, AppError> {
    let mut remaining = Vec::new();
    for item in items {
        let (earlier, prior_attempt) = uploader.earlier(&item)?;
        match earlier {
            Some(record) => report.settle(&item, record.into())?,
            None => remaining.push((item, prior_attempt)),
        }
    }
    Ok(remaining)
}

impl Uploader {
    /// Returns the record of an item that an earlier run sent, or may have sent, and what is known
    /// of prior attempts.
    pub(crate) fn earlier(
        &self,
        item: &UploadItem,
    ) -> Result<(Option<SettledUpload>, PriorAttempt), AppError> {
        let found = self.journal().find(item.content, &self.session)?;
        let prior_attempt = found
            .as_ref()
            .map_or(PriorAttempt::None, |entry| entry.prior_attempt);
        let settled = found.and_then(|entry| earlier_outcome(entry, item.resend));
        let record = settled.map(|settled| earlier_record(settled, &self.session));
        Ok((record, prior_attempt))
    }
}
