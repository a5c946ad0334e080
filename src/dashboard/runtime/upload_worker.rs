//! The upload thread: opens sessions and drives their upload queues.

use super::active_session::{ActiveSession, SessionOptions};
use super::event::{Event, in_background, now};
use crate::bankconnect;
use crate::dashboard::model::{FileId, Level, SessionSource};
use crate::dashboard::{Message, UploadProgress, UploadUpdate};
use crate::error::AppError;
use crate::journal::{Journal, RunSummary, UploadEntry};
use crate::report::SettledUpload;
use crate::screen::ContentHash;
use crate::settings::environment::time_zone;
use crate::text::columns::counted;
use crate::uploads::plan::{JobId, OutcomeKind, StopReason};
use crate::uploads::{
    DriverEvent, EarlierReason, EarlierUpload, ProgressFn, Skipped, UploadItem, UploadResult,
    earlier_record, reconcile, remember_wait, settled_record, skipped_record,
};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// Minimum interval between progress events of a file.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// A request to the upload thread.
pub(super) enum Command {
    Open(SessionSource),
    Send {
        items: Vec<UploadItem>,
        /// Files of the queue that the service would refuse, with its codes.
        saved_calls: Vec<(ContentHash, &'static str)>,
    },
    Cancel(FileId),
    /// Asks the service about uploads with unknown outcome.
    Reconcile,
    /// Starts nothing more, and ends when the running attempts have ended.
    Finish,
    /// Ends the running attempts early.
    Abort,
}

/// A handle to the upload thread.
pub(super) struct UploadThread {
    commands: UnboundedSender<Command>,
    /// The folder of the journal in use.
    journal: Arc<Mutex<Option<PathBuf>>>,
}

impl UploadThread {
    pub(super) fn start(options: SessionOptions, events: Sender<Event>) -> Self {
        let (commands, receiver) = mpsc::unbounded_channel();
        let journal = Arc::default();
        let worker = UploadWorker {
            options,
            events: events.clone(),
            journal: Arc::clone(&journal),
            active: None,
            files: Vec::new(),
            finishing: false,
        };
        in_background(move || {
            match bankconnect::runtime() {
                Ok(runtime) => runtime.block_on(worker.run(receiver)),
                Err(error) => {
                    let reason = format!("could not start the network runtime: {error}");
                    drop(events.send(Message::SessionOpened(Err(reason)).into()));
                }
            }
            drop(events.send(Event::UploadsEnded));
        });
        Self { commands, journal }
    }

    /// Sends a command. A thread that has ended has reported that.
    pub(super) fn send(&self, command: Command) {
        drop(self.commands.send(command));
    }

    /// Returns the folder of the journal in use, if a session is open.
    pub(super) fn journal_folder(&self) -> Option<PathBuf> {
        self.journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

struct UploadWorker {
    options: SessionOptions,
    events: Sender<Event>,
    journal: Arc<Mutex<Option<PathBuf>>>,
    active: Option<ActiveSession>,
    /// The file of each job of the queue.
    files: Vec<FileId>,
    finishing: bool,
}

impl UploadWorker {
    async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        let mut idle = true;
        loop {
            let event = async {
                match &mut self.active {
                    Some(active) if !idle => active.driver.next_event().await,
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                command = commands.recv() => {
                    let Some(command) = command else { break };
                    idle = false;
                    if self.handle(command).await {
                        break;
                    }
                }
                event = event => {
                    idle = self.report(event).await;
                    if idle && self.finishing {
                        break;
                    }
                }
            }
        }
    }

    fn send(&self, event: impl Into<Event>) {
        // If the receiver is gone, the program is ending.
        drop(self.events.send(event.into()));
    }

    fn log(&self, level: Level, text: impl Into<String>) {
        self.send(Message::Log(level, text.into()));
    }

    /// Handles a command, and returns whether the thread is to end.
    async fn handle(&mut self, command: Command) -> bool {
        match command {
            Command::Open(start) => self.open(start).await,
            Command::Send { items, saved_calls } => {
                self.record_saved_calls(saved_calls).await;
                let wait = self.requested_wait().await;
                for item in items {
                    match &wait {
                        Some(wait) => self.settle(file(&item), wait.clone()),
                        None => self.enqueue(item).await,
                    }
                }
            }
            Command::Cancel(file) => {
                let job = self.files.iter().rposition(|queued| *queued == file);
                if let (Some(job), Some(active)) = (job, &mut self.active) {
                    active.driver.cancel(JobId(job));
                }
            }
            Command::Reconcile => {
                let result = self.reconcile().await;
                self.send(match result {
                    Ok(text) => Event::from(Message::Reconciled(text)),
                    Err(error) => Event::error(error.to_string()),
                });
            }
            Command::Finish => return self.finish(),
            Command::Abort => {
                let ended = self.finish();
                if let Some(active) = &self.active {
                    active.driver.abort();
                }
                return ended;
            }
        }
        false
    }

    /// Starts nothing more, and returns whether nothing is running.
    fn finish(&mut self) -> bool {
        self.finishing = true;
        let Some(active) = &mut self.active else {
            return true;
        };
        active.driver.stop(StopReason::Cancelled);
        false
    }

    async fn open(&mut self, start: SessionSource) {
        // The journal is closed before it is opened again.
        self.active = None;
        self.files.clear();
        let events = self.events.clone();
        let progress = Box::new(move |item: &UploadItem| progress(file(item), events.clone()));
        self.log(Level::Info, format!("opening {}", describe(&start)));
        match ActiveSession::open(start, &self.options, progress).await {
            Ok(active) => {
                let unknown = active.recovered.unknown;
                if unknown > 0 {
                    let uploads = counted(unknown, "upload");
                    let text = format!(
                        "an earlier run was interrupted; the outcome of {uploads} is unknown"
                    );
                    self.log(Level::Warning, text);
                }
                let folder = Some(active.journal_folder().to_owned());
                *self.journal.lock().unwrap_or_else(PoisonError::into_inner) = folder;
                self.send(Message::SessionOpened(Ok(active.session.clone())));
                self.active = Some(active);
            }
            Err(error) => self.send(Message::SessionOpened(Err(error.to_string()))),
        }
    }

    /// Journals the calls that screening avoided, each once for a file and a session.
    async fn record_saved_calls(&self, saved_calls: Vec<(ContentHash, &'static str)>) {
        let Some(active) = self.active.as_ref().filter(|_| !saved_calls.is_empty()) else {
            return;
        };
        let scope = active.scope();
        let record = move |journal: &mut Journal| {
            let now = Timestamp::now();
            let files = saved_calls.len();
            let calls_saved = journal.record_saved_calls(&scope, saved_calls, now)?;
            if calls_saved > 0 {
                journal.record_run(&RunSummary {
                    at: now,
                    files,
                    failed: files,
                    calls_saved,
                })?;
            }
            Ok(())
        };
        if let Err(error) = active.uploader.journal.run(record).await {
            let error = AppError::from(error);
            self.log(
                Level::Warning,
                format!("could not count saved calls: {error}"),
            );
        }
    }

    /// Returns the record of files that are not sent yet, because the service asked to wait.
    async fn requested_wait(&self) -> Option<SettledUpload> {
        let journal = &self.active.as_ref()?.uploader.journal;
        let until = journal.read(|journal| journal.wait_until(Timestamp::now()));
        // If the journal can't be read, nothing is sent in any case.
        let until = until.await.ok().flatten()?;
        let when = until.to_zoned(time_zone());
        let when = when.strftime("%Y-%m-%d %H:%M:%S");
        Some(skipped_record(Skipped {
            code: StopReason::Busy.code(),
            message: format!("the service asked to send nothing before {when}"),
            hint: Some("Press r to retry after that".to_owned()),
        }))
    }

    /// Adds an item to the queue, unless an earlier run sent it or may have sent it.
    async fn enqueue(&mut self, item: UploadItem) {
        let Some(active) = &mut self.active else {
            return;
        };
        let file = file(&item);
        match active.earlier(&item).await {
            Ok(Ok(prior_attempt)) => {
                self.files.push(file);
                active.driver.add(item, prior_attempt);
            }
            Ok(Err(earlier)) => self.settle(file, earlier_record(earlier)),
            Err(error) => self.settle(file, journal_failed(&error.into())),
        }
    }

    /// Reports a driver event, and returns whether the queue has ended.
    async fn report(&mut self, event: DriverEvent) -> bool {
        match event {
            DriverEvent::Started(job) => self.step(job, UploadProgress::Started),
            DriverEvent::Retrying(job, reason) => {
                self.step(job, UploadProgress::Retrying(reason.to_owned()));
            }
            DriverEvent::Settled(job, result) => self.report_settled(job, result),
            DriverEvent::Done => return true,
            DriverEvent::Stopped(reason) => {
                self.report_stop(&reason).await;
                return true;
            }
        }
        false
    }

    fn step(&self, JobId(job): JobId, progress: UploadProgress) {
        if let Some(file) = self.files.get(job) {
            self.send(Message::UploadUpdated(UploadUpdate {
                file: *file,
                progress,
            }));
        }
    }

    fn report_settled(&self, JobId(job): JobId, result: UploadResult) {
        let (Some(active), Some(file)) = (&self.active, self.files.get(job)) else {
            return;
        };
        self.settle(*file, settled_record(result, &active.session.name.id));
    }

    fn settle(&self, file: FileId, record: SettledUpload) {
        let progress = UploadProgress::Finished(Box::new(with_key_hint(record)));
        self.send(Message::UploadUpdated(UploadUpdate { file, progress }));
    }

    /// Reports why the queue stopped, and replaces it for the next uploads.
    async fn report_stop(&mut self, reason: &StopReason) {
        let Some(active) = &mut self.active else {
            return;
        };
        let ends_session = reason.ends_session();
        if ends_session {
            active.end().await;
        }
        if *reason == StopReason::Busy {
            let wait = active.driver.requested_wait().unwrap_or_default();
            // If this fails, the next upload finds out again that the service is busy.
            drop(remember_wait(&active.uploader.journal, wait).await);
        }
        active.renew_driver();
        self.files.clear();
        let text = match reason {
            StopReason::Cancelled => return,
            StopReason::Rejected(_) if ends_session => {
                "the session accepts no more uploads; press S to open a new one"
            }
            StopReason::Rejected(rejection) if matches!(rejection.http_status, 401 | 403) => {
                "the service rejects the API key; quit, and use the key of this base URL"
            }
            StopReason::Rejected(_) | StopReason::Redirected { .. } => {
                "the service rejects uploads; solve that, then press r to retry"
            }
            StopReason::Unreachable => "could not reach the service; press r to retry",
            StopReason::Busy => "the service is busy for too long; press r to retry later",
            StopReason::ResponsesLost => {
                "too many answers were lost; press s to reconcile, then r to retry the others"
            }
            StopReason::JournalUnavailable => "could not write to the journal; nothing is sent",
        };
        let detail = active.uploader.take_journal_error();
        let detail =
            detail.map_or_else(String::new, |error| format!(" ({})", AppError::from(error)));
        self.send(Message::QueueStopped(format!(
            "{}: {text}{detail}",
            reason.code()
        )));
    }

    /// Asks the service about uploads with unknown outcome, and returns a summary.
    async fn reconcile(&mut self) -> Result<String, AppError> {
        let Some(active) = &self.active else {
            return Ok("no session is open".to_owned());
        };
        let uploader = &active.uploader;
        let reconciled =
            reconcile(&uploader.client, &uploader.journal, &active.session.name.id).await?;
        let reconciled =
            reconciled.map_err(|error| AppError::call("get the session's status", error))?;
        self.send(Event::Resolved(self.resolved(&reconciled.unknown).await?));
        Ok(format!(
            "the service lists {} of {} unknown uploads",
            reconciled.found,
            reconciled.unknown.len()
        ))
    }

    /// Returns the records of those entries whose outcome is known now.
    async fn resolved(
        &self,
        entries: &[UploadEntry],
    ) -> Result<Vec<(ContentHash, SettledUpload)>, AppError> {
        let Some(active) = &self.active else {
            return Ok(Vec::new());
        };
        let mut resolved = Vec::new();
        for entry in entries {
            let (content, session) = (entry.content, active.session.name.id.clone());
            let found = active
                .uploader
                .journal
                .read(move |journal| journal.find(content, &session));
            if let Some(settled) = found.await?.and_then(|found| found.settled)
                && settled.outcome.kind != OutcomeKind::Unknown
            {
                let reason = if settled.outcome.kind.is_uploaded() {
                    EarlierReason::Uploaded
                } else {
                    EarlierReason::Refused
                };
                let earlier = EarlierUpload {
                    settlement: settled,
                    session: active.session.name.id.clone(),
                    has_ended: false,
                    reason,
                };
                resolved.push((content, earlier_record(earlier)));
            }
        }
        Ok(resolved)
    }
}

/// Returns the file of an item.
fn file(item: &UploadItem) -> FileId {
    FileId(u32::try_from(item.index).unwrap_or(u32::MAX))
}

fn describe(start: &SessionSource) -> String {
    match start {
        SessionSource::Sandbox(_) => "a sandbox".to_owned(),
        SessionSource::New(request) => format!("a session for {}", request.link_id),
        SessionSource::Existing(id) => format!("session {id}"),
    }
}

/// Replaces a hint that names a flag with one that names a key.
fn with_key_hint(mut record: SettledUpload) -> SettledUpload {
    if record.outcome.kind == OutcomeKind::Unknown {
        record.hint = Some("Press s to reconcile it or to send it again".to_owned());
    }
    record
}

fn journal_failed(error: &AppError) -> SettledUpload {
    skipped_record(Skipped {
        code: StopReason::JournalUnavailable.code(),
        message: error.to_string(),
        hint: None,
    })
}

/// Returns a function that reports the progress of a file at most once per interval.
fn progress(file: FileId, events: Sender<Event>) -> ProgressFn {
    let started = now();
    let reported = AtomicU64::new(0);
    Box::new(move |sent, total| {
        let now = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let interval = u64::try_from(PROGRESS_INTERVAL.as_millis()).unwrap_or(u64::MAX);
        let last = reported.load(Ordering::Relaxed);
        if now < last.saturating_add(interval) {
            return;
        }
        reported.store(now, Ordering::Relaxed);
        let progress = UploadProgress::BytesSent { sent, total };
        drop(events.send(Message::UploadUpdated(UploadUpdate { file, progress }).into()));
    })
}
