//! Messages: everything that can change the model.

use super::model::{
    FileId, FileStamp, HistoryRow, HistoryTotals, Level, ProcessingState, RestoredFile, Session,
};
use crate::pdf::Picture;
use crate::report::{FileName, SettledUpload};
use crate::screen::cases::{Case, Shared};
use crate::screen::{Expected, Screening};
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// An event that the model handles.
#[derive(Debug, Clone)]
pub enum Message {
    /// The user pressed a key.
    Key(KeyEvent),
    /// The user pasted text.
    Paste(String),
    /// The user clicked a cell of the screen.
    Click {
        /// Row, counted from 0 at the top.
        row: u16,
        /// Column, counted from 0 at the left.
        column: u16,
    },
    /// The user turned the wheel by this many lines; positive is down.
    Scroll(i32),
    /// The terminal has this many columns and rows now.
    Resized(u16, u16),
    /// The current time.
    Tick(Timestamp),
    /// A case was found that the queue may not have yet.
    CaseFound(Case),
    /// Files were discovered. Their IDs follow those of the files before.
    FilesFound(Vec<DiscoveredFile>),
    /// Files of the queue were found again, perhaps ones that the user had removed.
    KnownFilesFound(Vec<FileId>),
    /// Files of the interrupted run returned to the queue.
    QueueRestored {
        /// The files, with what the user had chosen for them.
        files: Vec<RestoredFile>,
        /// Number of files that are no longer there.
        missing: usize,
    },
    /// Discovery found no file; why.
    DiscoveryFailed(String),
    /// Number of files in a watched folder, by its ID, that are incomplete.
    FilesArriving(u32, usize),
    /// A folder, by its ID, can't be watched; why.
    WatchFailed(u32, String),
    /// A typed path and its completions.
    PathCompletions(String, Vec<String>),
    /// A file was screened.
    Screened(Box<ScreenedFile>),
    /// Files were compared with their stamps.
    FilesChecked {
        /// Those that were changed or removed since they were screened.
        changed: Vec<FileId>,
        /// Why they were compared.
        reason: CheckReason,
    },
    /// A session was opened, or could not be opened.
    SessionOpened(Result<Session, String>),
    /// The upload of a file progressed.
    UploadUpdated(UploadUpdate),
    /// What the journal knows of files in the open session.
    Recalled(Vec<(FileId, SettledUpload)>),
    /// The journal counted this number of saved calls that no earlier run had counted.
    CallsSaved(usize),
    /// The upload queue stopped; why. It sends nothing more until the user restarts it.
    QueueStopped(String),
    /// Unknown outcomes were reconciled with the service; a summary for the user.
    Reconciled(String),
    /// The processing of a session went on or ended.
    ProcessingUpdated(ProcessingUpdate),
    /// A page was rendered, or could not be rendered.
    PageRendered {
        /// The ID of the request.
        request_id: u64,
        /// The page.
        picture: Result<Picture, String>,
    },
    /// The text of a page was read, or could not be read.
    PageTextRead {
        /// The ID of the request.
        request_id: u64,
        /// The text. Untrusted.
        text: Result<String, String>,
    },
    /// The history was read, or could not be read.
    HistoryRead(Result<(Vec<HistoryRow>, HistoryTotals), String>),
    /// A line for the activity log.
    Log(Level, String),
    /// A notice for the footer and the activity log.
    Notice(Level, String),
    /// The program is shutting down; a notice for the user.
    ShuttingDown(String),
}

/// The state of the processing of a session.
#[derive(Debug, Clone)]
pub struct ProcessingUpdate {
    /// The session ID.
    pub session: String,
    /// What changed.
    pub state: ProcessingState,
}

/// Why files are compared with their stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckReason {
    /// The user asked for it.
    Command,
    /// They are about to be uploaded.
    Upload,
}

/// A file that was discovered.
#[derive(Debug, Clone)]
pub struct DiscoveredFile {
    /// Its name.
    pub name: FileName,
    /// Its size in bytes, if known.
    pub bytes: Option<u64>,
    /// The index of its case; `None` if it is in none.
    pub case: Option<usize>,
    /// The values to screen it against.
    pub expected: Arc<Expected>,
}

/// A file whose screening is complete.
#[derive(Debug, Clone)]
pub struct ScreenedFile {
    /// The file.
    pub file: FileId,
    /// The ID of the request.
    pub request_id: u32,
    /// Its size in bytes, if known.
    pub bytes: Option<u64>,
    /// Facts, findings and verdict.
    pub screening: Screening,
    /// What the file shares with an unrelated case of an earlier run.
    pub shared_before: Option<Shared>,
    /// Its stamp before it was screened.
    pub stamp: Option<FileStamp>,
    /// Duration of the screening.
    pub elapsed: Duration,
}

/// Progress of one upload.
#[derive(Debug, Clone)]
pub struct UploadUpdate {
    /// The file.
    pub file: FileId,
    /// What changed.
    pub progress: UploadProgress,
}

/// A step of an upload.
#[derive(Debug, Clone)]
pub enum UploadProgress {
    /// An attempt started.
    Started,
    /// Part of the request body was sent.
    BytesSent {
        /// Bytes sent.
        sent: u64,
        /// Bytes of the whole body.
        total: u64,
    },
    /// An attempt failed and the file was certainly not accepted; why. Another attempt follows.
    Retrying(String),
    /// The upload has an outcome.
    Finished(Box<SettledUpload>),
}
