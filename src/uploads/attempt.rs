//! Single upload attempts: read the file again, journal the attempt, send it once.

use super::convert::attempt_result;
use super::gate::ServiceGate;
use super::identity_file::IdentityFile;
use super::item::UploadItem;
use super::session::LockedSession;
use super::shared_journal::SharedJournal;
use crate::bankconnect::wire::ApiError;
use crate::bankconnect::{
    BodyProgress, Client, ResponseExtras, StartFuture, UploadPayload, UploadRequest,
};
use crate::batch;
use crate::event_log::{Event, EventLog};
use crate::journal::{BeginResult, EntryId, Intent, Journal, JournalError};
use crate::pdf::FileBytes;
use crate::screen::ContentHash;
use crate::uploads::plan::{
    AttemptResult, NotProcessed, Outcome, OutcomeKind, UnknownReason, upload_file_name,
};
use bytes::Bytes;
use jiff::Timestamp;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, watch};

/// How a file is encoded in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadType {
    /// As a file of a multipart form.
    Pdf,
    /// As base64 text: a third longer, and without the file name by which an upload with unknown
    /// outcome can be found.
    Base64,
}

/// Options that all attempts of a run share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UploadOptions {
    pub(crate) upload_type: UploadType,
    pub(crate) extras: ResponseExtras,
    /// Maximum file size, as in screening.
    pub(crate) max_bytes: u64,
}

/// Called when an attempt starts; the function it returns is called with the bytes sent and the
/// total of the request body.
pub(crate) type ProgressObserver = Box<dyn Fn(&UploadItem) -> ProgressFn + Send + Sync>;
/// Receives bytes sent and bytes in total.
pub(crate) type ProgressFn = Box<dyn Fn(u64, u64) + Send + Sync>;

/// Sends files to one session and journals every attempt.
pub(crate) struct Uploader {
    pub(crate) client: Client,
    pub(crate) session: LockedSession,
    pub(crate) log: EventLog,
    pub(crate) journal: SharedJournal,
    options: UploadOptions,
    progress: ProgressObserver,
    /// Where the identity parts of answers are kept, if the user asked for it.
    identities: Option<Arc<IdentityFile>>,
    /// What the runs of several sessions share.
    gate: Option<ServiceGate>,
    /// The first error of the journal. No attempt begins after it.
    journal_error: Mutex<Option<JournalError>>,
}

/// How an attempt ended.
pub(super) struct FinishedAttempt {
    pub(super) result: AttemptResult,
    /// Its journal entry; `None` if the attempt did not begin.
    pub(super) entry: Option<EntryId>,
    /// The message of the service or the network, for the user.
    pub(super) message: Option<String>,
    /// Whether the answer was a redirect, as every further answer would be.
    pub(super) redirected: bool,
}

impl Uploader {
    pub(crate) fn new(
        client: Client,
        session: LockedSession,
        journal: SharedJournal,
        options: UploadOptions,
        progress: ProgressObserver,
        log: EventLog,
    ) -> Self {
        log.write(|| Event::SessionUsed {
            session_id: &session.id,
            can_ask: client.has_server_hash(),
        });
        Self {
            client,
            session,
            log,
            journal,
            options,
            progress,
            identities: None,
            gate: None,
            journal_error: Mutex::new(None),
        }
    }

    /// Keeps the identity parts of answers in a file.
    pub(crate) fn with_identities(self, identities: Option<Arc<IdentityFile>>) -> Self {
        Self { identities, ..self }
    }

    /// Limits simultaneous calls together with the runs of other sessions.
    pub(super) fn with_gate(self, gate: Option<ServiceGate>) -> Self {
        Self { gate, ..self }
    }

    /// Returns what the runs of several sessions share.
    pub(super) fn gate(&self) -> Option<&ServiceGate> {
        self.gate.as_ref()
    }

    /// Waits until an attempt may begin; `None` if none may, or the attempt was cancelled.
    async fn enter(
        &self,
        cancel: &mut watch::Receiver<bool>,
    ) -> Option<Option<OwnedSemaphorePermit>> {
        let Some(gate) = &self.gate else {
            return Some(None);
        };
        tokio::select! {
            permit = gate.enter() => permit.ok().map(Some),
            _ = cancel.wait_for(|cancelled| *cancelled) => None,
        }
    }

    /// Stores the first error of the journal.
    pub(super) fn set_journal_error(&self, error: JournalError) {
        self.lock_journal_error().get_or_insert(error);
    }

    /// Takes the first error of the journal.
    pub(crate) fn take_journal_error(&self) -> Option<JournalError> {
        self.lock_journal_error().take()
    }

    fn lock_journal_error(&self) -> MutexGuard<'_, Option<JournalError>> {
        self.journal_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Journals the outcome of an item that was not begun.
    pub(super) async fn record_skipped(
        &self,
        item: &UploadItem,
        outcome: &Outcome,
    ) -> Result<(), JournalError> {
        let (intent, outcome) = (self.intent(item), outcome.clone());
        let record = move |journal: &mut Journal| journal.record_skipped([(&intent, &outcome)]);
        self.journal.run(record).await
    }

    /// Journals the outcome of an attempt, and returns it adjusted to earlier attempts. If the
    /// service accepted the file, the rule that opened it is counted; its form is learnt.
    pub(super) async fn settle(
        &self,
        entry: EntryId,
        outcome: &Outcome,
        at: Timestamp,
        item: Option<&UploadItem>,
    ) -> Result<Outcome, JournalError> {
        let settle = || {
            let (outcome, rule_use) =
                (outcome.clone(), item.and_then(|item| item.rule_use.clone()));
            let lesson = item.and_then(|item| item.lesson.clone());
            let sent = item.and_then(|item| item.bank.clone());
            self.journal.run(move |journal| {
                let outcome = journal.settle(entry, &outcome, at)?;
                if let Some(used) = rule_use.filter(|_| outcome.kind == OutcomeKind::Accepted) {
                    journal.add_rule_use(&used)?;
                }
                let lesson = lesson.and_then(|own| own.taught(&outcome, sent.as_deref()));
                if let Some(lesson) = lesson {
                    journal.learn_form(&lesson)?;
                }
                Ok(outcome)
            })
        };
        // The disk may have been full for a moment only, so a second try is worth it.
        match settle().await {
            Err(_) => settle().await,
            stored => stored,
        }
    }

    /// Returns what the journal stores of an item.
    fn intent(&self, item: &UploadItem) -> Intent {
        item.intent(&self.client, &self.session.id)
    }

    fn request(&self, item: &UploadItem, bytes: Bytes) -> UploadRequest {
        let payload = match self.options.upload_type {
            UploadType::Pdf => UploadPayload::Pdf {
                name: upload_file_name(item.content),
                bytes,
            },
            UploadType::Base64 => UploadPayload::Base64 { bytes },
        };
        let password = item.password.as_ref();
        UploadRequest {
            session_id: self.session.id.clone(),
            payload,
            bank: item.bank.clone(),
            account_category: item.category.map(str::to_owned),
            password: password.map(|candidate| candidate.password.clone()),
            extras: self.options.extras,
        }
    }

    /// Sends a file once. If `cancel` becomes true, the attempt ends early with the result that its
    /// progress proves.
    pub(super) async fn attempt(
        self: Arc<Self>,
        item: Arc<UploadItem>,
        mut cancel: watch::Receiver<bool>,
    ) -> FinishedAttempt {
        let Some(_permit) = self.enter(&mut cancel).await else {
            return FinishedAttempt::not_begun(NotProcessed::Cancelled, None);
        };
        let intent = self.intent(&item);
        // Read first: a file that has changed gets no attempt in the journal.
        let bytes = match read_unchanged(&item, self.options.max_bytes).await {
            Ok(bytes) => bytes,
            Err(message) => {
                return FinishedAttempt::not_begun(NotProcessed::FileChanged, Some(message));
            }
        };
        let begun = self
            .journal
            .run(move |journal| journal.begin(&intent))
            .await;
        let entry = match begun {
            Ok(BeginResult::Recorded(entry)) => entry,
            Ok(
                BeginResult::AlreadyUploaded(_)
                | BeginResult::Unsettled(_)
                | BeginResult::Refused(_),
            ) => {
                return FinishedAttempt::not_begun(NotProcessed::JournalRefused, None);
            }
            Err(error) => {
                self.set_journal_error(error);
                return FinishedAttempt::not_begun(NotProcessed::JournalRefused, None);
            }
        };
        let progress = self.body_progress(entry, &item);
        let request = self.request(&item, bytes);
        let response = tokio::select! {
            response = self.client.upload(&request, &progress) => Some(response),
            _ = cancel.wait_for(|cancelled| *cancelled) => None,
        };
        let redirected = matches!(response, Some(Err(ApiError::Redirected { .. })));
        if let (Some(Ok((_, accepted))), Some(identities)) = (&response, &self.identities) {
            identities.write(&item.name, &self.session.id, accepted);
        }
        let (result, message) = match response {
            Some(response) => attempt_result(response),
            None if progress.is_complete() => (
                AttemptResult::Unknown {
                    reason: UnknownReason::ConnectionLost,
                    http_status: None,
                },
                None,
            ),
            None => (not_processed(NotProcessed::Cancelled), None),
        };
        // If the journal can't be written, the start hook stops the body, which looks like a cut.
        let was_stopped = progress.sent() == 0 && self.lock_journal_error().is_some();
        let result = if was_stopped {
            not_processed(NotProcessed::JournalRefused)
        } else {
            result
        };
        if let Some(gate) = &self.gate {
            gate.count_unknown(&result);
        }
        FinishedAttempt {
            result,
            entry: Some(entry),
            message,
            redirected,
        }
    }

    /// Counts sent bytes, and journals the start of the body before its first byte is sent.
    fn body_progress(self: &Arc<Self>, entry: EntryId, item: &UploadItem) -> BodyProgress {
        let uploader = Arc::clone(self);
        let start_hook = move || -> StartFuture {
            let uploader = Arc::clone(&uploader);
            Box::pin(async move {
                let change = move |journal: &mut Journal| journal.body_started(entry);
                uploader.journal.run(change).await.map_err(|error| {
                    uploader.set_journal_error(error);
                    io::Error::other("could not write to the journal")
                })
            })
        };
        BodyProgress::with_start_hook(start_hook, (self.progress)(item))
    }
}

impl FinishedAttempt {
    fn not_begun(reason: NotProcessed, message: Option<String>) -> Self {
        Self {
            result: not_processed(reason),
            entry: None,
            message,
            redirected: false,
        }
    }

    /// Returns the end of an attempt that panicked: its progress is unknown.
    pub(super) fn panicked() -> Self {
        Self {
            result: AttemptResult::Unknown {
                reason: UnknownReason::ConnectionLost,
                http_status: None,
            },
            entry: None,
            message: Some("bankscreen failed on this file; report it as a bug".to_owned()),
            redirected: false,
        }
    }
}

fn not_processed(reason: NotProcessed) -> AttemptResult {
    AttemptResult::NotProcessed {
        reason,
        retry_after: None,
    }
}

/// Reads the screened bytes again, so that few files are in memory at a time. Fails if they have
/// changed.
async fn read_unchanged(item: &UploadItem, max_bytes: u64) -> Result<Bytes, String> {
    let input = item.input.clone();
    let read = tokio::task::spawn_blocking(move || {
        batch::read(&input, max_bytes).map(|bytes| (ContentHash::of(&bytes), bytes))
    });
    match read.await {
        Ok(Ok((content, bytes))) if content == item.content => Ok(owned(bytes)),
        Ok(Ok(_)) => Err("the file has changed since it was screened".to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn owned(bytes: FileBytes) -> Bytes {
    Arc::try_unwrap(bytes)
        .unwrap_or_else(|shared| shared.to_vec())
        .into()
}
