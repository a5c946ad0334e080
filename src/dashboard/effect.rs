//! Effects: the actions that an update requests from the runtime.

use super::CheckReason;
use super::model::{
    CaseOfFile, FileId, FileStamp, ProcessingRequest, RecentSession, SessionSource,
};
use crate::report::Format;
use crate::screen::cases::Case;
use crate::screen::{ContentHash, Expected, PeriodOrigin};
use crate::statement::DateRange;
use std::sync::Arc;

/// An action to perform. The runtime reports its result as messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Discover files under a typed path.
    Discover {
        /// The path.
        path: String,
        /// The name of the case that the files are added to; `None` for that of their folder, if
        /// it has one.
        case: Option<String>,
    },
    /// Compare the files of this case, too, with the cases of earlier runs.
    AddCase(Case),
    /// Note the cases of files that were moved.
    MoveFiles(Vec<CaseOfFile>),
    /// Watch a folder with this ID and add the files that arrive in it.
    WatchFolder(u32, String),
    /// Stop watching the folder with this ID.
    StopWatching(u32),
    /// Complete a typed path.
    CompletePath(String),
    /// Screen files.
    Screen(Vec<ScreeningRequest>),
    /// Screen against this requested period from now on.
    SetRequestedPeriod(DateRange, PeriodOrigin),
    /// Compare files with their stamps.
    CheckFiles(Vec<(FileId, FileStamp)>, CheckReason),
    /// Open a session.
    OpenSession(SessionSource),
    /// Upload files to the open session.
    Upload(UploadOrder),
    /// Upload files to the sessions of their cases.
    UploadCases(UploadOrder),
    /// Start no more uploads of cases.
    StopCases,
    /// End the uploads to sessions, and follow what the service does with them.
    Process(Vec<ProcessingRequest>),
    /// Cancel the uploads of files.
    CancelUploads(Vec<FileId>),
    /// Ask the service for the outcomes of uploads whose outcome is unknown, in sessions with these
    /// IDs.
    Reconcile(Vec<String>),
    /// Look up in the journal what is known of files in the open session.
    Recall(Vec<(FileId, ContentHash)>),
    /// Look up in the journal what is known of files in the sessions of their cases.
    RecallCases(Vec<(FileId, ContentHash)>),
    /// Render a page.
    RenderPage {
        /// The file.
        file: FileId,
        /// Index of the page.
        page: usize,
        /// ID that the answer carries.
        request_id: u64,
    },
    /// Read the text of a page.
    ReadPageText {
        /// The file.
        file: FileId,
        /// Index of the page.
        page: usize,
        /// Columns over which the words are spread as on the page.
        columns: u16,
        /// ID that the answer carries.
        request_id: u64,
    },
    /// Add the files of the interrupted run.
    RestoreQueue,
    /// Store a session among the recent ones.
    RememberSession(RecentSession),
    /// Draw the user's attention to what has ended.
    Alert {
        /// Whether to ring the bell of the terminal.
        bell: bool,
        /// The title of the terminal; `None` leaves it.
        title: Option<String>,
    },
    /// Read the history entries that match a query.
    ReadHistory(String),
    /// Copy text to the clipboard of the user's own machine.
    CopyToClipboard(String),
    /// Write a report.
    Export(ExportRequest),
    /// Write a message to an applicant.
    WriteMessage {
        /// The message.
        text: String,
        /// Path of the output file.
        path: String,
    },
    /// Repaint the whole screen.
    Repaint,
    /// Suspend the process, as a shell's job control does.
    Suspend,
    /// Quit.
    Quit {
        /// Whether to wait for the attempts in flight.
        finish_uploads: bool,
    },
}

/// A file to screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreeningRequest {
    /// The file.
    pub file: FileId,
    /// ID of this request, unique per file. Answers to earlier requests are dropped.
    pub request_id: u32,
    /// The values to screen it against.
    pub expected: Arc<Expected>,
}

/// Files to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadOrder {
    /// The files that are sent.
    pub requests: Vec<UploadRequest>,
    /// The files that would have been sent with them if screening had not shown that the service
    /// refuses them. Each is a saved call.
    pub refused: Vec<FileId>,
}

/// A file to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRequest {
    /// The file.
    pub file: FileId,
    /// ID of the bank to send, if any.
    pub bank: Option<String>,
    /// Whether the user confirmed the upload of a file that the service may already have.
    pub resend: bool,
}

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRequest {
    /// The files, in the order of the report: those of a case together.
    pub files: Vec<FileId>,
    /// The indices of the cases whose lines the report has, in their order.
    pub cases: Vec<usize>,
    /// The format.
    pub format: Format,
    /// Path of the output file.
    pub path: String,
}
