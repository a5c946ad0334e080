//! Everything that the dashboard knows. One file a part.

mod field;
mod file;
mod filter;
mod fuzzy;
mod history;
mod log;
mod look;
mod overlay;
mod queue;
mod session;
mod sort;

pub use field::Field;
pub use file::{Delivery, File, FileId, Stage};
pub use filter::Filter;
pub use history::{History, HistoryRow, Past};
pub use log::{Level, Log, LogLine};
pub use look::{Colors, Look};
pub use overlay::{
    Choice, ChoiceOption, Chosen, Form, FormField, FormKind, Item, Overlay, PageView, Pick, Picker,
};
pub use queue::{Progress, Queue, Tally};
pub use session::{Session, SessionState, Start};
pub use sort::Column;

use super::Layout;
use crate::statement::{BankRegistry, DateRange};
use jiff::Timestamp;
use jiff::civil::Date;
use ratatui::layout::Rect;

/// The dashboard.
#[derive(Debug)]
pub struct Model {
    /// The files.
    pub queue: Queue,
    /// What is shown.
    pub tab: Tab,
    /// What lies over it, the topmost last.
    pub overlays: Vec<Overlay>,
    /// Where files are sent.
    pub session: SessionState,
    /// What was asked and answered.
    pub log: Log,
    /// What was sent before.
    pub history: History,
    /// A word to the person, until the next key.
    pub notice: Option<(Level, String)>,
    /// The filter while it is typed.
    pub filter_line: Option<Field>,
    /// Passwords that are being tried.
    pub trial: Option<Trial>,
    /// How fast the uploads are.
    pub pace: Pace,
    /// What is the same for the whole run.
    pub setup: Setup,
    /// What the screen is like now.
    pub screen: Screen,
    /// Tells orders from earlier ones.
    pub ticket: u64,
}

/// A password that is being tried on files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// Files that it is tried on.
    pub files: usize,
    /// Of these, those not tried yet.
    pub left: usize,
    /// Of these, those that it opened.
    pub opened: usize,
}

/// How fast the uploads are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pace {
    /// When it was measured last, and how many bytes had gone out.
    pub measured: Option<(Timestamp, u64)>,
    /// Over the last seconds.
    pub bytes_per_second: Option<f64>,
}

/// What is the same for the whole run.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Signs and colours.
    pub look: Look,
    /// The name of the profile, if one is in force.
    pub profile: Option<String>,
    /// The days asked for; a session's own, once there is one.
    pub range: Option<DateRange>,
    /// Whether warnings fail a file.
    pub strict: bool,
    /// The banks that files can be from.
    pub banks: BankRegistry,
    /// Today, where the person is.
    pub today: Date,
    /// The session that was asked for when the program was called.
    pub start: Option<Start>,
    /// The name that the form of a new session begins with.
    pub link_id: String,
}

/// What the screen is like now.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Now.
    pub now: Timestamp,
    /// Whether the detail of the selected file takes the whole body.
    pub detail: bool,
    /// Lines that the detail is scrolled down.
    pub detail_top: u16,
    /// Accounts that the coverage is scrolled down.
    pub coverage_top: usize,
    /// Whether the program is ending.
    pub ending: bool,
}

/// A view of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// The files.
    Queue,
    /// Accounts and months.
    Coverage,
    /// What was asked and answered.
    Log,
    /// What was sent before.
    History,
}

impl Tab {
    /// All of them, in the order of their keys.
    pub const ALL: [Self; 4] = [Self::Queue, Self::Coverage, Self::Log, Self::History];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "Queue",
            Self::Coverage => "Coverage",
            Self::Log => "Log",
            Self::History => "History",
        }
    }
}

impl Model {
    /// A dashboard without files.
    pub fn new(setup: Setup, (width, height): (u16, u16), now: Timestamp) -> Self {
        Self {
            queue: Queue::new(setup.strict),
            tab: Tab::Queue,
            overlays: Vec::new(),
            session: SessionState::None,
            log: Log::default(),
            history: History::default(),
            notice: None,
            filter_line: None,
            trial: None,
            pace: Pace::default(),
            setup,
            screen: Screen {
                width,
                height,
                now,
                detail: false,
                detail_top: 0,
                coverage_top: 0,
                ending: false,
            },
            ticket: 0,
        }
    }

    /// The open session.
    pub fn open_session(&self) -> Option<&Session> {
        match &self.session {
            SessionState::Open(session) => Some(session),
            SessionState::None | SessionState::Opening(_) => None,
        }
    }

    /// What lies on top.
    pub fn top(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// A number that no order bore before.
    pub fn next_ticket(&mut self) -> u64 {
        self.ticket += 1;
        self.ticket
    }

    /// Rows that the table shows.
    pub fn table_rows(&self) -> usize {
        self.layout().list_rows()
    }

    /// Where the parts of the screen lie.
    fn layout(&self) -> Layout {
        let screen = Rect::new(0, 0, self.screen.width, self.screen.height);
        Layout::of(screen, self.tab, self.screen.detail)
    }

    /// The row of the table that is at a line of the screen.
    pub fn table_row_at(&self, line: u16) -> Option<usize> {
        let rows = self.layout().rows();
        let below = line
            .checked_sub(rows.y)
            .filter(|below| *below < rows.height)?;
        Some(self.queue.top + usize::from(below))
    }

    /// Tells the person something, until the next key.
    pub fn tell(&mut self, level: Level, text: impl Into<String>) {
        self.notice = Some((level, text.into()));
    }
}
