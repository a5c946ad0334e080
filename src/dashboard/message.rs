//! What happens to a model.

use super::model::{FileId, HistoryRow, Level, Past, Session};
use crate::pdf::Picture;
use crate::report::{Name, SettledUpload};
use crate::screen::{Expected, Screening};
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use std::time::Duration;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// A row of the screen was clicked.
    Click {
        /// From the top, from 0.
        row: u16,
        /// From the left, from 0.
        column: u16,
    },
    /// The wheel was turned so many lines down.
    Scroll(i32),
    /// The terminal has this many columns and rows now.
    Resized(u16, u16),
    /// It is this late now.
    Now(Timestamp),
    /// Files were found. Their numbers follow those of the files before.
    Found(Vec<Found>),
    /// What was typed leads to no file, and why.
    NotFound(String),
    /// So many files of a watched folder are not whole yet.
    Arriving(usize),
    /// How what was typed may go on.
    Completions(String, Vec<String>),
    /// A file was screened.
    Screened(Box<Finished>),
    /// A session was opened, or could not be.
    Opened(Result<Session, String>),
    /// A file came further on its way to the service.
    Delivery(Delivered),
    /// The queue stopped: nothing more is sent until it is started again.
    Stopped(String),
    /// The service was asked about unknown outcomes: what was learnt, for people.
    Settled(String),
    /// A page was drawn, or why it can't be.
    Drawn {
        /// As it was ordered.
        ticket: u64,
        /// The page.
        picture: Result<Picture, String>,
    },
    /// The history was read, or could not be.
    History(Result<(Vec<HistoryRow>, Past), String>),
    /// Something for the log.
    Log(Level, String),
    /// Something that people should see at once.
    Notice(Level, String),
    /// The run was asked to end from outside.
    Ending(String),
}

/// A file that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is called.
    pub name: Name,
    /// Its size, where it is known.
    pub bytes: Option<u64>,
    /// What is expected of it.
    pub expected: Expected,
}

/// A screening that ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The file.
    pub file: FileId,
    /// As it was ordered.
    pub round: u32,
    /// Its size, where it is known.
    pub bytes: Option<u64>,
    /// What it is worth.
    pub screening: Screening,
    /// How long it took.
    pub elapsed: Duration,
}

/// How far a file came.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The file.
    pub file: FileId,
    /// How far.
    pub step: Step,
}

/// A step on a file's way to the service.
#[derive(Debug, Clone)]
pub enum Step {
    /// An attempt began.
    Began,
    /// So many of so many bytes are sent.
    Moved(u64, u64),
    /// It was certainly not taken and is tried again; why.
    Again(String),
    /// It has its outcome.
    Ended(Box<SettledUpload>),
}
