//! The state of the dashboard. One file per part.

mod case_table;
mod file;
mod filter;
mod fuzzy;
mod history;
mod log;
mod overlay;
mod page_preview;
mod palette;
mod processing;
mod queue;
mod readiness;
mod scroll;
mod sort;
mod stored;
mod text_input;
mod undo;
mod watched;

pub use case_table::{CaseTable, CaseTableExtent};
pub use file::{
    CaseOfFile, File, FileId, FileStamp, Ineligible, MarkKind, PageMark, SessionName,
    SessionUpload, Stage, UploadState,
};
pub use filter::Filter;
pub use history::{History, HistoryRow, HistoryTotals};
pub use log::{ActivityLog, Level, LogLine};
pub use overlay::{
    Choice, ChoiceAction, ChoiceOption, Form, FormField, FormKind, HelpPage, Overlay, Picker,
    PickerAction, PickerItem, TextPage,
};
pub use page_preview::{PagePreview, PixelArea};
pub use palette::{Background, ColorRole, Palette};
pub use processing::{ProcessingRequest, ProcessingState, Processings};
pub use queue::{Cases, FileCounts, JudgedCase, Queue, UploadTotals};
pub use readiness::ReadyCounts;
pub use scroll::visible_top;
pub use sort::{Column, SortOrder};
pub use stored::{
    RecentSession, RestoredFile, StoredCase, StoredFile, StoredQueue, recent_label, unfinished,
};
pub use text_input::{Edit, TextInput};
pub use undo::{Changes, Moved, Undo};
pub use watched::{WatchedFolder, WatchedFolders};

pub use super::tab::Tab;

use super::Layout;
use super::keymap::{Action, KeyMap};
use crate::applicant::{Details, RuleTable};
use crate::bankconnect::wire::SessionRequest;
use crate::pdf::Password;
use crate::report::Symbols;
use crate::screen::SeverityRules;
use crate::screen::cases::Case;
use crate::screen::notes::NoteLanguages;
use crate::statement::{BankRegistry, DateRange};
use crate::text::sanitize;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::layout::Rect;

/// The state of the dashboard.
#[derive(Debug)]
pub struct Model {
    /// The files and the table of them.
    pub queue: Queue,
    /// The table of cases.
    pub case_table: CaseTable,
    /// The active tab.
    pub tab: Tab,
    /// Open overlays, the topmost last.
    pub overlays: Vec<Overlay>,
    /// The session that files are uploaded to.
    pub session: SessionState,
    /// The session of the uploads that the files show, which stays after it has ended.
    pub shown_session: Option<SessionName>,
    /// The files to send once the session is open.
    pub pending_order: Option<SendOrder>,
    /// Sessions that were used before, the latest first.
    pub recent_sessions: Vec<RecentSession>,
    /// The folders that are watched for new files.
    pub watched: WatchedFolders,
    /// The sessions whose uploads were ended to process them.
    pub processing: Processings,
    /// Calls to this session that this run saved, as the journal counted them: uploads that were
    /// requested, and that the service would have refused.
    pub calls_saved: usize,
    /// Why the upload queue stopped; removed when the next upload starts.
    pub stopped: Option<String>,
    /// The activity log.
    pub log: ActivityLog,
    /// The history of uploads.
    pub history: History,
    /// The notice in the footer. The next key removes it.
    pub notice: Option<(Level, String)>,
    /// The filter that the user is editing.
    pub filter_input: Option<TextInput>,
    /// The passwords that are being tried.
    pub password_trial: Option<PasswordTrial>,
    /// Files that are still to be screened again before the user is asked whether to upload; `None`
    /// if no question waits for them.
    pub changed_files: Option<Vec<FileId>>,
    /// What the user can undo.
    pub changes: Changes,
    /// Speed of the uploads.
    pub transfer_rate: TransferRate,
    /// Values that come from the command line, the settings and the terminal.
    pub setup: Setup,
    /// Size of the terminal and scroll positions.
    pub viewport: Viewport,
    /// The current time.
    pub now: Timestamp,
    /// Whether the program is shutting down.
    pub shutting_down: bool,
    /// ID of the latest rendering request.
    pub last_request_id: u64,
}

/// Passwords and details that are being tried on locked files.
#[derive(Debug)]
pub struct PasswordTrial {
    /// The files, opened ones included.
    pub files: Vec<FileId>,
    /// The files that are not screened with the current key yet.
    pub pending: Vec<FileId>,
    /// What was not tried yet, the next one last.
    pub keys: Vec<TrialKey>,
    /// Number of passwords that were tried.
    pub passwords: usize,
    /// Whether details were tried.
    pub details: bool,
}

/// What may open a locked file.
#[derive(Debug)]
pub enum TrialKey {
    /// A password that the user typed.
    Password(Password),
    /// Details of the applicant, of which banks form passwords.
    Details(Details),
}

/// Speed of the uploads.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TransferRate {
    /// Time of the latest sample, and the bytes sent until then.
    pub last_sample: Option<(Timestamp, u64)>,
    /// Average over the last seconds.
    pub bytes_per_second: Option<f64>,
}

/// Values that come from the command line, the settings and the terminal.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings, which do not depend on each other"
)]
pub struct Setup {
    /// Symbols and colors.
    pub appearance: Appearance,
    /// The keys of the tabs.
    pub keys: KeyMap,
    /// Whether the program runs over SSH outside of a multiplexer, so that a dropped connection
    /// ends it.
    pub ends_with_connection: bool,
    /// Name of the active profile, if any.
    pub profile: Option<String>,
    /// The name of the server that files are sent to, unless they are sent to the sandbox; `None`
    /// if there is no key or no valid address. Untrusted text.
    pub server: Option<String>,
    /// The known banks.
    pub banks: BankRegistry,
    /// The rules by which banks form passwords.
    pub rules: RuleTable,
    /// The cases that files are grouped into; empty if all are of one applicant.
    pub cases: Vec<Case>,
    /// The words of messages to applicants.
    pub notes: NoteLanguages,
    /// The requested period. An open session replaces it with its own.
    pub requested_period: Option<DateRange>,
    /// The severities that the user overrides.
    pub severities: SeverityRules,
    /// Whether files with warnings are eligible for upload.
    pub include_warnings: bool,
    /// Whether each file is judged by itself, without comparing it with others.
    pub files_only: bool,
    /// Whether to show the amounts of rows whose balance does not follow.
    pub show_amounts: bool,
    /// Today's date in local time.
    pub today: Date,
    /// The user's time zone, in which all times are shown.
    pub time_zone: TimeZone,
    /// The session to open at the start.
    pub initial_session: Option<SessionSource>,
    /// The kind of session that is offered first.
    pub first_offer: FirstOffer,
    /// Whether a server hash is configured, without which the service can't be asked about uploads.
    pub has_server_hash: bool,
    /// Initial link ID in the form of a new session.
    pub link_id: String,
    /// Number of files in the queue of an interrupted run, and when it was stored.
    pub interrupted_queue: Option<(usize, Timestamp)>,
    /// How the end of uploads is announced.
    pub alerts: Alerts,
}

/// How the end of uploads and of processing is announced outside of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Alerts {
    /// Whether the bell of the terminal rings.
    pub bell: bool,
    /// Whether the title of the terminal states the result.
    pub title: bool,
}

/// The kind of session that is offered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstOffer {
    /// The sandbox: without an API key, nothing else works.
    Sandbox,
    /// A session of the service.
    Service,
}

/// Symbols and colors, chosen once at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appearance {
    /// Symbols that the locale can display.
    pub symbols: Symbols,
    /// Colors that the terminal supports and the user allows.
    pub colors: Colors,
    /// Colors of the roles of text.
    pub palette: Palette,
}

/// A color range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// No colors: bold, dim and reversed text only.
    None,
    /// The 16 colors that every terminal theme defines.
    Sixteen,
    /// Those, and 256 colors for pictures.
    Indexed,
    /// Those, and 24-bit colors for pictures.
    True,
}

/// The state of the session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SessionState {
    /// No session. Files are screened only.
    #[default]
    None,
    /// The session to open with the first upload.
    Planned(SessionSource),
    /// A session is being opened.
    Opening(SessionSource),
    /// The session is open.
    Open(Session),
    /// Each case has a session of its own, which its first upload opens.
    PerCase {
        /// Whether they are sessions of the sandbox.
        sandbox: bool,
    },
}

/// The files that the user confirmed to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendOrder {
    /// The files.
    pub files: Vec<FileId>,
    /// The files that would have been sent with them if the service did not refuse them.
    pub refused: Vec<FileId>,
    /// Whether the user confirmed that the service may have and charge them already.
    pub resend: bool,
    /// Whether files of incomplete cases are sent, too.
    pub include_incomplete: bool,
}

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its ID and reference.
    pub name: SessionName,
    /// Whether it is a sandbox session, which sends nothing over the network.
    pub sandbox: bool,
    /// The requested period of the session, if known.
    pub requested_period: Option<DateRange>,
    /// Time at which the session expires, if known.
    pub expires: Option<Timestamp>,
    /// Whether a server hash is configured, without which unknown outcomes can't be reconciled.
    pub has_server_hash: bool,
}

/// How a session is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionSource {
    /// In a sandbox that this process serves, with this period or else the service's default.
    Sandbox(Option<DateRange>),
    /// By creating it.
    New(Box<SessionRequest>),
    /// By its ID.
    Existing(String),
}

impl SessionSource {
    /// Returns the reference of the session, or what it is.
    pub fn label(&self) -> &str {
        match self {
            Self::Sandbox(_) => "the sandbox",
            Self::New(request) => &request.link_id,
            Self::Existing(id) => id.split('-').next().unwrap_or_default(),
        }
    }
}

/// Size of the terminal and scroll positions.
#[derive(Debug, Clone, Copy)]
pub struct Viewport {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Whether the detail of the selected file replaces the table.
    pub full_detail: bool,
    /// First visible line of the detail.
    pub detail_top: u16,
    /// First visible account of the coverage.
    pub coverage_top: usize,
}

impl Model {
    /// Creates the state of a dashboard without files.
    pub fn new(setup: Setup, (width, height): (u16, u16), now: Timestamp) -> Self {
        let mut model = Self {
            queue: Queue::new(
                setup.severities.clone(),
                setup.cases.clone(),
                setup.files_only,
            )
            .including_warnings(setup.include_warnings),
            case_table: CaseTable::default(),
            tab: Tab::Files,
            overlays: Vec::new(),
            session: SessionState::None,
            shown_session: None,
            pending_order: None,
            recent_sessions: Vec::new(),
            watched: WatchedFolders::default(),
            processing: Processings::default(),
            calls_saved: 0,
            stopped: None,
            log: ActivityLog::default(),
            history: History::default(),
            notice: None,
            filter_input: None,
            password_trial: None,
            changed_files: None,
            changes: Changes::default(),
            transfer_rate: TransferRate::default(),
            setup,
            viewport: Viewport {
                width,
                height,
                full_detail: false,
                detail_top: 0,
                coverage_top: 0,
            },
            now,
            shutting_down: false,
            last_request_id: 0,
        };
        model.tab = model.home_tab();
        model
    }

    /// Returns the name of the first key of an action, for hints.
    pub fn key(&self, action: Action) -> String {
        self.setup.keys.name(action)
    }

    /// Returns the open session.
    pub fn open_session(&self) -> Option<&Session> {
        match &self.session {
            SessionState::Open(session) => Some(session),
            SessionState::None
            | SessionState::Planned(_)
            | SessionState::Opening(_)
            | SessionState::PerCase { .. } => None,
        }
    }

    /// Returns the tab that the dashboard starts with and returns to.
    pub fn home_tab(&self) -> Tab {
        if self.queue.cases().is_empty() {
            Tab::Files
        } else {
            Tab::Cases
        }
    }

    /// Returns the index of the case that is selected, or whose files are shown.
    pub fn current_case(&self) -> Option<usize> {
        match self.tab {
            Tab::Cases => self.case_table.current(),
            Tab::Files => self.queue.filter.case,
            Tab::Coverage | Tab::Log | Tab::History => None,
        }
    }

    /// Returns the name of the case whose files are shown.
    pub fn open_case(&self) -> Option<&str> {
        let open = self.queue.filter.case.filter(|_| self.tab == Tab::Files);
        let case = self.queue.cases().list().get(open?)?;
        Some(&case.name)
    }

    /// Returns whether files are sent to the sandbox.
    pub fn is_sandbox(&self) -> bool {
        match &self.session {
            SessionState::Open(session) => session.sandbox,
            SessionState::PerCase { sandbox } => *sandbox,
            SessionState::None | SessionState::Planned(_) | SessionState::Opening(_) => false,
        }
    }

    /// Makes the files show their uploads to a session. Uploads to another one become earlier ones:
    /// its successes are none of this session.
    pub fn enter_session(&mut self, session: &SessionName) {
        let before = self.shown_session.replace(session.clone());
        if before
            .as_ref()
            .is_some_and(|before| before.id == session.id)
        {
            return;
        }
        self.calls_saved = 0;
        // The end of a session does not concern the next one. Other reasons, such as a plan
        // without calls, stay until something is sent.
        self.stopped.take_if(|why| why.starts_with("SESSION_"));
        for index in 0..self.queue.files().len() {
            let id = FileId(u32::try_from(index).unwrap_or(u32::MAX));
            self.queue
                .change(id, |file| enter_session(file, before.as_ref(), session));
        }
    }

    /// Remembers a change, so that the user can undo it.
    pub fn remember(&mut self, change: Undo) {
        self.changes.add(change);
    }

    /// Returns the topmost overlay.
    pub fn top_overlay(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// Returns the topmost overlay, if it is a form.
    pub fn top_form(&mut self) -> Option<&mut Form> {
        match self.overlays.last_mut()? {
            Overlay::Form(form) => Some(form),
            Overlay::Picker(_)
            | Overlay::Choice(_)
            | Overlay::Preview(_)
            | Overlay::Text(_)
            | Overlay::Help(_) => None,
        }
    }

    /// Returns a new request ID.
    pub fn next_request_id(&mut self) -> u64 {
        self.last_request_id += 1;
        self.last_request_id
    }

    /// Returns the number of rows that the table shows.
    pub fn table_rows(&self) -> usize {
        self.layout().list_rows()
    }

    fn layout(&self) -> Layout {
        let screen = Rect::new(0, 0, self.viewport.width, self.viewport.height);
        Layout::new(screen, self.tab, self.viewport.full_detail)
    }

    /// Returns the table row at a row of the screen.
    pub fn table_row_at(&self, screen_row: u16) -> Option<usize> {
        let rows = self.layout().rows();
        let offset = screen_row
            .checked_sub(rows.y)
            .filter(|offset| *offset < rows.height)?;
        let top = if self.tab == Tab::Cases {
            self.case_table.top
        } else {
            self.queue.top
        };
        Some(top + usize::from(offset))
    }

    /// Shows a notice in the footer. The view sanitizes the text.
    pub fn show_notice(&mut self, level: Level, text: impl Into<String>) {
        self.notice = Some((level, text.into()));
    }

    /// Shows a notice in the footer and adds it to the activity log.
    pub fn notify(&mut self, level: Level, text: &str) {
        self.log.add(self.now, level, text);
        // The log keeps the text after the notice is gone.
        self.show_notice(level, sanitize(text));
    }
}

fn enter_session(file: &mut File, before: Option<&SessionName>, session: &SessionName) {
    let upload = std::mem::take(&mut file.upload);
    if let (UploadState::Finished(record), Some(before)) = (upload, before) {
        file.earlier_uploads.push(SessionUpload {
            session: before.clone(),
            record,
        });
    }
    let is_same = |earlier: &mut SessionUpload| earlier.session.id == session.id;
    let known = file.earlier_uploads.extract_if(.., is_same).last();
    file.upload = known.map_or(UploadState::NotRequested, |known| {
        UploadState::Finished(known.record)
    });
}
