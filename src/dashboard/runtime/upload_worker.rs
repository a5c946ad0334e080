//! The upload thread: opens sessions and drives their upload queues.

use super::active_session::{ActiveSession, SessionOptions};
use super::case_recall::{CaseRecall, EarlierUploads};
use super::case_uploads::{CaseConnection, CaseOrders, CaseRun};
use super::event::{Event, in_background, now};
use super::processing::Processings;
use super::saved_calls;
use crate::bankconnect::{self, Client};
use crate::dashboard::keymap::{Action, KeyMap};
use crate::dashboard::model::{FileId, Level, ProcessingRequest, ProcessingState, SessionSource};
use crate::dashboard::{Message, ProcessingUpdate, UploadProgress, UploadUpdate};
use crate::error::AppError;
use crate::journal::{Journal, JournalError, Settlement, UploadEntry};
use crate::report::SettledUpload;
use crate::screen::ContentHash;
use crate::settings::environment::time_zone;
use crate::text::columns::counted;
use crate::uploads::plan::{JobId, LocalCode, OutcomeKind, StopReason};
use crate::uploads::{
    DriverEvent, EarlierReason, EarlierUpload, ProgressFn, SavedCall, SavedCalls, SharedJournal,
    Skipped, UploadItem, UploadResult, earlier_record, reconcile, remember_wait, settled_record,
    skipped_record,
};
use jiff::Timestamp;
use std::collections::{HashSet, VecDeque};
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
        /// The calls that screening avoids.
        saved_calls: Vec<SavedCall>,
    },
    /// Sends cases, each to a session of its own.
    SendCases(CaseOrders),
    /// Starts no more uploads of cases.
    StopCases,
    Cancel(Vec<FileId>),
    /// Ends the uploads to sessions, and follows their processing.
    Process {
        requests: Vec<ProcessingRequest>,
        /// Whether they are sessions of the sandbox.
        sandbox: bool,
    },
    /// Asks the service about uploads with unknown outcome.
    Reconcile {
        sessions: Vec<String>,
        sandbox: bool,
    },
    /// Looks up the outcomes of files in the open session.
    Recall(Vec<(FileId, ContentHash)>),
    /// Looks up the outcomes of files in the sessions of their cases.
    RecallCases(Vec<CaseRecall>),
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
        let journal: Arc<Mutex<Option<PathBuf>>> = Arc::default();
        let shared = Arc::clone(&journal);
        in_background(move || {
            // Created here, since running uploads stay on their thread.
            let worker = UploadWorker {
                options,
                events: events.clone(),
                journal: shared,
                active: None,
                files: Vec::new(),
                cases: None,
                case_run: None,
                waiting_cases: VecDeque::new(),
                earlier_cases: None,
                processing: Processings::default(),
                finishing: false,
            };
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
    /// The connection of cases, once some were sent.
    cases: Option<CaseConnection>,
    case_run: Option<CaseRun>,
    /// Cases to send after those of the current run.
    waiting_cases: VecDeque<CaseOrders>,
    /// The uploads of earlier runs, once they were looked up.
    earlier_cases: Option<EarlierUploads>,
    processing: Processings,
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
            let cases = async {
                match &mut self.case_run {
                    Some(run) => run.end.as_mut().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                ended = cases => {
                    self.case_run = None;
                    self.report_cases(ended);
                    self.start_next_cases().await;
                    if self.finishing && self.case_run.is_none() {
                        break;
                    }
                }
                command = commands.recv() => {
                    let Some(command) = command else { break };
                    idle = false;
                    if self.handle(command).await {
                        break;
                    }
                }
                () = self.processing.next_end() => {}
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

    /// Returns the name of the key of an action.
    fn key(&self, action: Action) -> String {
        self.options.keys.name(action)
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
            Command::SendCases(orders) => {
                self.waiting_cases.push_back(orders);
                if self.case_run.is_none() {
                    self.start_next_cases().await;
                }
            }
            Command::StopCases => self.stop_cases(),
            Command::Cancel(files) => self.cancel(&files.into_iter().collect()),
            Command::Process { requests, sandbox } => self.process(requests, sandbox),
            Command::Reconcile { sessions, sandbox } => {
                let result = self.reconcile(&sessions, sandbox).await;
                self.send(match result {
                    Ok(text) => Event::from(Message::Reconciled(text)),
                    Err(error) => Event::error(error.to_string()),
                });
            }
            Command::Recall(files) => {
                // The journal reports its own failure when something is sent.
                if let Ok(records) = self.recall(files).await
                    && !records.is_empty()
                {
                    self.send(Message::Recalled(records));
                }
            }
            Command::RecallCases(recalls) => {
                // The journal reports its own failure when something is sent.
                if let Ok(records) = self.recall_cases(&recalls)
                    && !records.is_empty()
                {
                    self.send(Message::Recalled(records));
                }
            }
            Command::Finish => return self.finish(),
            Command::Abort => {
                let ended = self.finish();
                if let Some(active) = &self.active {
                    active.driver.abort();
                }
                if let Some(run) = &self.case_run {
                    run.interrupt.abort();
                }
                return ended;
            }
        }
        false
    }

    /// Cancels uploads to the open session. Nothing is awaited, so that no cancelled file starts
    /// when another one ends.
    fn cancel(&mut self, files: &HashSet<FileId>) {
        let Some(active) = &mut self.active else {
            return;
        };
        // A file that is sent again has several jobs; those that have ended stay as they are.
        let jobs = self.files.iter().enumerate();
        for (job, _) in jobs.filter(|(_, file)| files.contains(file)) {
            active.driver.cancel(JobId(job));
        }
    }

    /// Returns the client and the journal: of the open session, else of cases.
    fn parts(&mut self, sandbox: bool) -> Result<(Client, SharedJournal), AppError> {
        match (&self.active, &mut self.cases) {
            (Some(active), _) => Ok((
                active.uploader.client.clone(),
                active.uploader.journal.clone(),
            )),
            (None, Some(connection)) => Ok(connection.parts()),
            (None, none) => CaseConnection::open(sandbox, &self.options)
                .map(|connection| none.insert(connection).parts()),
        }
    }

    /// Starts the processing of sessions: of the open one, else of cases.
    fn process(&mut self, requests: Vec<ProcessingRequest>, sandbox: bool) {
        let parts = self.parts(sandbox);
        for request in requests {
            match &parts {
                Ok((client, journal)) => {
                    let events = self.events.clone();
                    let (client, journal) = (client.clone(), journal.clone());
                    self.processing.start(request, client, journal, events);
                }
                Err(error) => self.send(Message::ProcessingUpdated(ProcessingUpdate {
                    session: request.session,
                    state: ProcessingState::Stopped(error.to_string()),
                })),
            }
        }
    }

    /// Starts nothing more, and returns whether nothing is running.
    fn finish(&mut self) -> bool {
        self.finishing = true;
        self.stop_cases();
        let Some(active) = &mut self.active else {
            return self.case_run.is_none();
        };
        active.driver.stop(StopReason::Cancelled);
        false
    }

    /// Starts the next waiting cases, and reports why they could not be started.
    async fn start_next_cases(&mut self) {
        while let Some(orders) = self.waiting_cases.pop_front() {
            if orders.cases.is_empty() {
                self.record_saved_calls_of_cases(orders).await;
                continue;
            }
            let items = orders.cases.iter().flat_map(|order| &order.items);
            let files: Vec<FileId> = items.map(file).collect();
            match self.start_cases(orders).await {
                Ok(run) => {
                    self.case_run = Some(run);
                    return;
                }
                Err(error) => {
                    for file in files {
                        self.settle(file, not_started(&error, &self.options.keys));
                    }
                    self.send(Message::QueueStopped(error.to_string()));
                }
            }
        }
    }

    async fn start_cases(&mut self, orders: CaseOrders) -> Result<CaseRun, AppError> {
        let events = self.events.clone();
        let (connection, options) = self.case_connection(orders.sandbox)?;
        connection.start(orders, options, &events).await
    }

    /// Returns the connection of cases and the options of their sessions.
    fn case_connection(
        &mut self,
        sandbox: bool,
    ) -> Result<(&CaseConnection, &SessionOptions), AppError> {
        let connection = match &mut self.cases {
            Some(connection) => connection,
            none => none.insert(CaseConnection::open(sandbox, &self.options)?),
        };
        let folder = Some(connection.journal_folder().to_owned());
        *self.journal.lock().unwrap_or_else(PoisonError::into_inner) = folder;
        Ok((connection, &self.options))
    }

    /// Starts no more uploads of cases; those in progress end.
    fn stop_cases(&mut self) {
        if let Some(run) = &self.case_run {
            run.interrupt.stop();
        }
        for orders in std::mem::take(&mut self.waiting_cases) {
            for item in orders.cases.iter().flat_map(|order| &order.items) {
                self.settle(file(item), cancelled(&self.options.keys));
            }
        }
    }

    /// Reports why uploads of cases were stopped.
    fn report_cases(&self, ended: Result<Vec<AppError>, AppError>) {
        let errors = ended.unwrap_or_else(|error| vec![error]);
        if let Some(first) = errors.first() {
            let text = match errors.len() {
                1 => first.to_string(),
                count => format!("{first} (and {} more)", count - 1),
            };
            self.send(Message::QueueStopped(text));
        }
        for error in errors.iter().skip(1) {
            self.log(Level::Error, error.to_string());
        }
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
    async fn record_saved_calls(&self, calls: Vec<SavedCall>) {
        let Some(active) = &self.active else {
            return;
        };
        let calls = SavedCalls::of_session(active.scope(), calls);
        match saved_calls::record(&active.uploader.journal, calls).await {
            Ok(count) => self.send(Message::CallsSaved(count)),
            Err(error) => self.report_uncounted(&AppError::from(error)),
        }
    }

    /// Journals the calls that screening avoided in cases of which no file is sent.
    async fn record_saved_calls_of_cases(&mut self, orders: CaseOrders) {
        let events = self.events.clone();
        let recorded = match self.case_connection(orders.sandbox) {
            Ok((connection, _)) => {
                let calls = orders.saved_calls;
                connection.record_saved_calls(calls, &events).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = recorded {
            self.report_uncounted(&error);
        }
    }

    fn report_uncounted(&self, error: &AppError) {
        self.log(
            Level::Warning,
            format!("could not count saved calls: {error}"),
        );
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
            hint: Some(format!(
                "Press {} to retry after that",
                self.key(Action::Retry)
            )),
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
        let progress = UploadProgress::Finished(Box::new(record));
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
        let detail = active.uploader.take_journal_error();
        let (retry, resolve) = (self.key(Action::Retry), self.key(Action::ResolveUnknown));
        let text = match reason {
            StopReason::Cancelled => return,
            StopReason::Rejected(_) if ends_session => format!(
                "the session accepts no more uploads; press {} to open a new one",
                self.key(Action::Session)
            ),
            StopReason::Rejected(rejection) if matches!(rejection.http_status, 401 | 403) => {
                "the service rejects the API key; quit, and use the key of this base URL".to_owned()
            }
            StopReason::Rejected(_) | StopReason::Redirected { .. } => {
                format!("the service rejects uploads; solve that, then press {retry} to retry")
            }
            StopReason::Unreachable => {
                format!("could not reach the service; press {retry} to retry")
            }
            StopReason::Busy => {
                format!("the service is busy for too long; press {retry} to retry later")
            }
            StopReason::ResponsesLost => format!(
                "too many answers were lost; press {resolve} to reconcile, then {retry} to retry \
                 the others"
            ),
            StopReason::JournalUnavailable => {
                "could not write to the journal; nothing is sent".to_owned()
            }
        };
        let detail =
            detail.map_or_else(String::new, |error| format!(" ({})", AppError::from(error)));
        self.send(Message::QueueStopped(format!(
            "{}: {text}{detail}",
            reason.code()
        )));
    }

    /// Asks the service about uploads with unknown outcome, session by session, and returns a
    /// summary. A session that could not be asked does not keep the others from being asked.
    async fn reconcile(&mut self, sessions: &[String], sandbox: bool) -> Result<String, AppError> {
        let (client, journal) = self.parts(sandbox)?;
        let (mut unknown, mut found, mut listed, mut unmatched) = (0, 0, 0, 0);
        let mut failure = None;
        for session in sessions {
            match reconcile(&client, &journal, session).await? {
                Ok(asked) => {
                    unknown += asked.unknown.len();
                    found += asked.found;
                    listed += asked.listed;
                    unmatched += asked.unmatched;
                    let resolved = resolved(&journal, session, &asked.unknown).await?;
                    self.send(Event::Resolved(resolved));
                }
                Err(error) => failure = Some(AppError::call("get the session's status", error)),
            }
        }
        if let Some(error) = failure {
            return Err(error);
        }
        let mut text = format!(
            "{} there: {found} of {} unknown uploads resolved",
            counted(listed, "statement"),
            unknown
        );
        if unmatched > 0 {
            let statements = counted(unmatched, "statement");
            text = format!("{text}; {statements} can't be matched with an upload");
        }
        Ok(text)
    }

    /// Returns the records of files that were sent to the open session before this start.
    async fn recall(
        &self,
        files: Vec<(FileId, ContentHash)>,
    ) -> Result<Vec<(FileId, SettledUpload)>, AppError> {
        let Some(active) = &self.active else {
            return Ok(Vec::new());
        };
        let session = active.session.name.id.clone();
        let find = move |journal: &mut Journal| {
            let found = files.iter().map(|(id, content)| {
                let entry = journal.find(*content, &session)?;
                Ok((*id, entry.and_then(|entry| entry.settled)))
            });
            found.collect::<Result<Vec<_>, JournalError>>()
        };
        let found = active.uploader.journal.read(find).await?;
        let session = &active.session.name.id;
        let records = found
            .into_iter()
            .filter_map(|(id, settled)| Some((id, recalled(settled?, session)?)));
        Ok(records.collect())
    }

    /// Returns the records of files that were sent to the sessions of their cases before.
    fn recall_cases(
        &mut self,
        recalls: &[CaseRecall],
    ) -> Result<Vec<(FileId, SettledUpload)>, AppError> {
        let earlier = match &self.earlier_cases {
            Some(earlier) => earlier,
            None => match EarlierUploads::open(&self.options)? {
                Some(earlier) => self.earlier_cases.insert(earlier),
                None => return Ok(Vec::new()),
            },
        };
        let found = recalls.iter().map(|recall| earlier.find(recall));
        let found: Vec<_> = found.collect::<Result<_, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// Returns the records of those entries of a session whose outcome is known now.
async fn resolved(
    journal: &SharedJournal,
    session: &str,
    entries: &[UploadEntry],
) -> Result<Vec<(ContentHash, SettledUpload)>, AppError> {
    let mut resolved = Vec::new();
    for entry in entries {
        let (content, key) = (entry.content, session.to_owned());
        let found = journal.read(move |journal| journal.find(content, &key));
        if let Some(settled) = found.await?.and_then(|found| found.settled)
            && settled.outcome.kind != OutcomeKind::Unknown
        {
            resolved.push((content, settled_before(settled, session)));
        }
    }
    Ok(resolved)
}

/// Returns the record of an upload of an earlier run, unless the file can be sent: what was refused
/// can be, since the request may have changed.
pub(super) fn recalled(settlement: Settlement, session: &str) -> Option<SettledUpload> {
    let kind = settlement.outcome.kind;
    let may_have = kind.is_uploaded() || kind == OutcomeKind::Unknown;
    may_have.then(|| settled_before(settlement, session))
}

/// Returns the record of an upload that the journal knows.
fn settled_before(settlement: Settlement, session: &str) -> SettledUpload {
    let reason = match settlement.outcome.kind {
        OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => EarlierReason::Uploaded,
        OutcomeKind::Unknown => EarlierReason::Unknown,
        OutcomeKind::Rejected | OutcomeKind::Skipped => EarlierReason::Refused,
    };
    earlier_record(EarlierUpload {
        settlement,
        session: session.to_owned(),
        has_ended: false,
        reason,
    })
}

/// Returns the file of an item.
pub(super) fn file(item: &UploadItem) -> FileId {
    FileId(u32::try_from(item.index).unwrap_or(u32::MAX))
}

fn describe(start: &SessionSource) -> String {
    match start {
        SessionSource::Sandbox(_) => "a sandbox".to_owned(),
        SessionSource::New(request) => format!("a session for {}", request.link_id),
        SessionSource::Existing(id) => format!("session {id}"),
    }
}

/// Returns the record of a file whose upload could not be started.
fn not_started(error: &AppError, keys: &KeyMap) -> SettledUpload {
    skipped_record(Skipped {
        code: LocalCode::SessionNotCreated.into(),
        message: format!("not sent: {error}"),
        hint: Some(format!("Press {} to retry", keys.name(Action::Retry))),
    })
}

fn cancelled(keys: &KeyMap) -> SettledUpload {
    skipped_record(Skipped {
        code: LocalCode::Cancelled.into(),
        message: "not sent".to_owned(),
        hint: Some(format!("Press {} to retry", keys.name(Action::Retry))),
    })
}

fn journal_failed(error: &AppError) -> SettledUpload {
    skipped_record(Skipped {
        code: StopReason::JournalUnavailable.code(),
        message: error.to_string(),
        hint: None,
    })
}

/// Returns a function that reports the progress of a file at most once per interval.
pub(super) fn progress(file: FileId, events: Sender<Event>) -> ProgressFn {
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
