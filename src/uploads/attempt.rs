//! One attempt to send one file: read again, written down, sent once.

use super::UploadType;
use super::parcel::Parcel;
use super::translate::attempt_result;
use crate::bankconnect::{BodyProgress, Client, ResponseExtras, UploadPayload, UploadRequest};
use crate::batch;
use crate::event_log::{Event, Log};
use crate::journal::{BeginResult, EntryId, Intent, Journal, JournalError};
use crate::pdf::FileBytes;
use crate::screen::ContentHash;
use crate::uploads::plan::{AttemptResult, NotProcessed, Outcome, UnknownReason, upload_file_name};
use bytes::Bytes;
use jiff::Timestamp;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What all attempts of a run share.
pub(crate) struct Post {
    pub(crate) client: Client,
    pub(crate) session: String,
    pub(crate) log: Log,
    travel: Travel,
    meter: Meter,
    journal: Mutex<Journal>,
    /// The first error of the journal: nothing is begun after it.
    broken: Mutex<Option<JournalError>>,
}

/// How files travel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Travel {
    pub(crate) kind: UploadType,
    pub(crate) extras: ResponseExtras,
    /// Files larger than this were not screened.
    pub(crate) most_bytes: u64,
}

/// Watches attempts: is told of each as it begins, and gives what is told of the bytes sent and
/// those to be sent in all.
pub(crate) type Meter = Box<dyn Fn(&Parcel) -> Moved + Send + Sync>;
type Moved = Box<dyn Fn(u64, u64) + Send + Sync>;

/// How an attempt ended.
pub(crate) struct Ended {
    pub(crate) end: AttemptResult,
    /// Its entry in the journal; `None` where it was not begun.
    pub(crate) entry: Option<EntryId>,
    /// What was said, for people.
    pub(crate) message: Option<String>,
    /// The answer was a redirect: every further one would be.
    pub(crate) redirected: bool,
}

impl Post {
    pub(crate) fn new(
        client: Client,
        session: String,
        journal: Journal,
        travel: Travel,
        meter: Meter,
        log: Log,
    ) -> Self {
        if !session.is_empty() {
            log.write(|| Event::SessionUsed {
                session_id: &session,
                can_ask: client.has_server_hash(),
            });
        }
        Self {
            client,
            session,
            log,
            travel,
            meter,
            journal: Mutex::new(journal),
            broken: Mutex::new(None),
        }
    }

    /// The journal. A panic of another attempt leaves nothing half-written in it.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the first error of the journal.
    pub(crate) fn note_broken(&self, error: JournalError) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get_or_insert(error);
    }

    /// The first error of the journal, once.
    pub(crate) fn take_broken(&self) -> Option<JournalError> {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.take()
    }

    /// Writes down what became of a parcel that was not begun.
    pub(crate) fn record_skipped(&self, parcel: &Parcel, outcome: &Outcome) -> Result<(), ()> {
        let intent = self.intent(parcel);
        let recorded = self.journal().record_skipped([(&intent, outcome)]);
        recorded.map_err(|error| self.note_broken(error))
    }

    fn is_broken(&self) -> bool {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.is_some()
    }

    /// What the journal keeps of a parcel.
    pub(crate) fn intent(&self, parcel: &Parcel) -> Intent {
        Intent {
            content: parcel.content,
            session: self.session.clone(),
            name: parcel.name.clone(),
            bytes: parcel.bytes,
            bank: parcel.bank.map(str::to_owned),
            account: parcel.account.clone(),
            resend: parcel.resend,
            at: Timestamp::now(),
        }
    }

    fn upload(&self, parcel: &Parcel, bytes: Bytes) -> UploadRequest {
        let payload = match self.travel.kind {
            UploadType::Pdf => UploadPayload::Pdf {
                name: upload_file_name(parcel.content),
                bytes,
            },
            UploadType::Base64 => UploadPayload::Base64 { bytes },
        };
        let password = parcel.password.as_ref();
        UploadRequest {
            session_id: self.session.clone(),
            payload,
            bank: parcel.bank.map(str::to_owned),
            account_category: parcel.category.map(str::to_owned),
            password: password.map(|(password, _)| password.clone()),
            extras: self.travel.extras,
        }
    }

    /// Sends a file once; ends early, and truthfully, when `cancel` says so.
    pub(crate) async fn attempt(
        self: Arc<Self>,
        parcel: Arc<Parcel>,
        mut cancel: watch::Receiver<bool>,
    ) -> Ended {
        let bytes = match read_again(&parcel, self.travel.most_bytes).await {
            Ok(bytes) => bytes,
            Err(message) => return Ended::before(NotProcessed::FileChanged, Some(message)),
        };
        let begun = self.journal().begin(&self.intent(&parcel));
        let entry = match begun {
            Ok(BeginResult::Recorded(entry)) => entry,
            Ok(BeginResult::AlreadyUploaded(_) | BeginResult::Unsettled(_)) => {
                return Ended::before(NotProcessed::JournalRefused, None);
            }
            Err(error) => {
                self.note_broken(error);
                return Ended::before(NotProcessed::JournalRefused, None);
            }
        };
        let progress = self.progress(entry, &parcel);
        let upload = self.upload(&parcel, bytes);
        let outcome = tokio::select! {
            outcome = self.client.upload(&upload, &progress) => Some(outcome),
            _ = cancel.wait_for(|cancelled| *cancelled) => None,
        };
        let redirected = matches!(
            outcome,
            Some(Err(crate::bankconnect::wire::ApiError::Redirected { .. }))
        );
        let (end, message) = match outcome {
            Some(outcome) => attempt_result(outcome),
            None if progress.is_complete() => {
                let (reason, http_status) = (UnknownReason::ConnectionLost, None);
                (
                    AttemptResult::Unknown {
                        reason,
                        http_status,
                    },
                    None,
                )
            }
            None => (not_taken(NotProcessed::Cancelled), None),
        };
        // The gate stays shut where the journal can't be written to, which reads as a cut body.
        let withheld = progress.sent() == 0 && self.is_broken();
        let end = if withheld {
            not_taken(NotProcessed::JournalRefused)
        } else {
            end
        };
        Ended {
            end,
            entry: Some(entry),
            message,
            redirected,
        }
    }

    /// Counts for the bar, and lets the first byte out once the journal says that it goes out.
    fn progress(self: &Arc<Self>, entry: EntryId, parcel: &Parcel) -> BodyProgress {
        let post = Arc::clone(self);
        let gate = move || {
            post.journal().body_started(entry).map_err(|error| {
                post.note_broken(error);
                io::Error::other("the journal can't be written to")
            })
        };
        BodyProgress::with_start_hook(gate, (self.meter)(parcel))
    }
}

impl Ended {
    /// Nothing was begun.
    fn before(reason: NotProcessed, message: Option<String>) -> Self {
        Self {
            end: not_taken(reason),
            entry: None,
            message,
            redirected: false,
        }
    }
}

fn not_taken(reason: NotProcessed) -> AttemptResult {
    AttemptResult::NotProcessed {
        reason,
        retry_after: None,
    }
}

/// The bytes that were screened, read again so that few files are in memory at a time; else why
/// they can't be had.
async fn read_again(parcel: &Parcel, most_bytes: u64) -> Result<Bytes, String> {
    let input = parcel.input.clone();
    let read = tokio::task::spawn_blocking(move || {
        batch::read(&input, most_bytes).map(|bytes| (ContentHash::of(&bytes), bytes))
    });
    match read.await {
        Ok(Ok((content, bytes))) if content == parcel.content => Ok(owned(bytes)),
        Ok(Ok(_)) => Err("the file is not the one that was screened".to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn owned(bytes: FileBytes) -> Bytes {
    Arc::try_unwrap(bytes)
        .unwrap_or_else(|shared| shared.to_vec())
        .into()
}
