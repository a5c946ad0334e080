//! What an update asks to be done outside of the model.

use super::model::{FileId, Start};
use crate::report::Format;
use crate::screen::Expected;
use crate::statement::DateRange;

/// One thing to do. What it comes to is told by messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Look for files under what was typed.
    Discover(String),
    /// Watch a folder for files that arrive.
    Watch(String),
    /// Tell how what was typed may go on.
    Complete(String),
    /// Screen files.
    Screen(Vec<Order>),
    /// Screen by this range from now on.
    UseRange(DateRange),
    /// Open a session to send to.
    Open(Start),
    /// Send files to the open session.
    Send(Vec<Request>),
    /// Give up sending a file.
    Cancel(FileId),
    /// Ask the service what became of files nobody knows of.
    Settle,
    /// Draw a page, counted from 0, to fit so many cells.
    Draw {
        /// The file.
        file: FileId,
        /// The page.
        page: usize,
        /// Columns and rows of cells; a cell shows two pixels, one above the other.
        cells: (u16, u16),
        /// What the picture is to be known by.
        ticket: u64,
    },
    /// Read the history.
    ReadHistory(String),
    /// Put text on the clipboard of the person's own machine.
    Copy(String),
    /// Write files to a report.
    Export(Export),
    /// Paint everything anew.
    Repaint,
    /// Stop, as a shell's job control does.
    Suspend,
    /// End. Attempts under way are waited for, or not.
    Quit {
        /// Whether to wait for them.
        finish: bool,
    },
}

/// A file to screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The file.
    pub file: FileId,
    /// Tells this screening from earlier ones of the file.
    pub round: u32,
    /// What is expected of it.
    pub expected: Expected,
}

/// A file to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The file.
    pub file: FileId,
    /// The bank to name, if one is.
    pub bank: Option<String>,
    /// Whether it may be sent although the service may have it, because a person said so.
    pub resend: bool,
}

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The files, in their order on screen.
    pub files: Vec<FileId>,
    /// The format.
    pub format: Format,
    /// Where to.
    pub path: String,
}
