//! Draws one page of a file, or reads its text, in the isolated process.

use super::wire::{self, DrawFailure, Task};
use super::{ChildExit, PROGRAM, run_in_child};
use crate::pdf::{
    Budget, Document, FileBytes, LimitHit, Limits, OpenError, PageClass, PageText, Password,
    Picture, PictureError, PictureSize,
};
use crate::screen::{CandidateId, CandidatePassword, Policy};
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

/// A page to draw.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Index of the page, from 0.
    pub page: usize,
    /// Maximum size of the picture, which keeps the proportions of the page.
    pub size: PictureSize,
    /// The password, if the empty one does not open the file.
    pub password: Option<Password>,
}

/// The text of a page to read.
#[derive(Debug, Clone)]
pub struct TextRequest {
    /// Index of the page, from 0.
    pub page: usize,
    /// Whether to read the invisible text of a scanned page instead of the visible text.
    pub is_ocr: bool,
    /// Columns over which the words are spread as over the width of the page.
    pub columns: u16,
    /// The password, if the empty one does not open the file.
    pub password: Option<Password>,
}

/// Why a page could not be drawn or read.
///
/// The messages contain no text of the document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// The file is encrypted, and neither the empty nor the supplied password opens it.
    #[error("the file is encrypted and no supplied password opens it")]
    Locked,
    /// The file is not a PDF, or is damaged beyond repair.
    #[error("the file is not a readable PDF")]
    Unreadable,
    /// The document has no page with this index.
    #[error("the document has no such page")]
    NoSuchPage,
    /// A limit of time, memory or size was exceeded, or would be exceeded by drawing the page.
    #[error(transparent)]
    Limit(#[from] LimitHit),
    /// The caller cancelled the request.
    #[error("cancelled")]
    Cancelled,
    /// The isolated process ended without a valid answer.
    #[error("the isolated process failed ({0})")]
    Failed(ExitStatus),
    /// The isolated process could not be started, written to or read from.
    #[error("could not use the isolated process: {0}")]
    Process(io::Error),
}

/// Draws a page of a file within `time`, which includes starting and ending the child.
///
/// Blocks until the picture is complete. `is_cancelled` is polled about twenty times per second; if
/// it returns true, the child is killed. The picture is validated: it is complete and not larger
/// than requested.
///
/// The running program must pass [`ARGUMENT`](super::ARGUMENT) to [`run_child`](super::run_child).
/// Other programs use [`draw_with_program`].
///
/// # Errors
///
/// Returns an error if the page could not be drawn.
pub fn draw(
    bytes: &FileBytes,
    request: &PageRequest,
    time: Duration,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Picture, DrawError> {
    draw_with_program(Path::new(PROGRAM), bytes, request, time, is_cancelled)
}

/// Draws a page like [`draw`], with the bankscreen executable at `program` as the child.
///
/// # Errors
///
/// Returns an error if the page could not be drawn.
pub fn draw_with_program(
    program: &Path,
    bytes: &FileBytes,
    request: &PageRequest,
    time: Duration,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Picture, DrawError> {
    let task = Task::Draw {
        page: request.page,
        width: request.size.width(),
        height: request.size.height(),
    };
    let policy = policy(request.password.as_ref(), time);
    let exit = run(program, task, bytes, &policy, is_cancelled)?;
    match wire::read_picture(&exit.answer, request.size) {
        Some(Ok(picture)) => Ok(picture),
        Some(Err(failure)) => Err(failure.into()),
        None => Err(diagnose_exit(&exit, &policy)),
    }
}

/// Returns the text of a page, with its words in columns as on the page, like [`draw`]. The text is
/// untrusted.
///
/// # Errors
///
/// Returns an error if the page could not be read.
pub fn read_text(
    bytes: &FileBytes,
    request: &TextRequest,
    time: Duration,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<String, DrawError> {
    let task = Task::Text {
        page: request.page,
        is_ocr: request.is_ocr,
        columns: request.columns,
    };
    let policy = policy(request.password.as_ref(), time);
    let exit = run(Path::new(PROGRAM), task, bytes, &policy, is_cancelled)?;
    match wire::read_text(&exit.answer) {
        Some(Ok(text)) => Ok(text),
        Some(Err(failure)) => Err(failure.into()),
        None => Err(diagnose_exit(&exit, &policy)),
    }
}

/// Returns a policy with a password and a time limit.
fn policy(password: Option<&Password>, time: Duration) -> Policy {
    let candidate = |password: &Password| CandidatePassword {
        password: password.clone(),
        id: CandidateId::Request,
    };
    Policy {
        limits: Limits {
            time,
            ..Limits::default()
        },
        candidates: password.into_iter().map(candidate).collect(),
        ..Policy::default()
    }
}

/// Runs a task in a child within the time limit of the policy.
fn run(
    program: &Path,
    task: Task,
    bytes: &FileBytes,
    policy: &Policy,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<ChildExit, DrawError> {
    let time = policy.limits.time;
    match run_in_child(program, task, bytes, policy, time, is_cancelled) {
        Ok(Some(exit)) => Ok(exit),
        Ok(None) if is_cancelled() => Err(DrawError::Cancelled),
        Ok(None) => Err(LimitHit::Time(time).into()),
        Err(error) => Err(DrawError::Process(error)),
    }
}

fn diagnose_exit(exit: &ChildExit, policy: &Policy) -> DrawError {
    match exit.limit(policy) {
        Some(hit) => hit.into(),
        None => DrawError::Failed(exit.status),
    }
}

impl From<DrawFailure> for DrawError {
    fn from(failure: DrawFailure) -> Self {
        match failure {
            DrawFailure::Locked => Self::Locked,
            DrawFailure::Unreadable => Self::Unreadable,
            DrawFailure::NoSuchPage => Self::NoSuchPage,
            DrawFailure::Limit(hit) => Self::Limit(hit),
        }
    }
}

/// Draws a page in the child process.
pub(super) fn draw_page(
    bytes: &FileBytes,
    policy: &Policy,
    page: usize,
    max_size: PictureSize,
    spent: &dyn Fn() -> Duration,
) -> Result<Picture, DrawFailure> {
    let mut budget = Budget::new(&policy.limits, spent).with_engines(policy.engines);
    let document = open(bytes, policy, &mut budget)?;
    let picture = document.reader().draw(page, max_size, &budget);
    picture.map_err(|error| match error {
        PictureError::NoSuchPage => DrawFailure::NoSuchPage,
        PictureError::Limit(hit) => DrawFailure::Limit(hit),
        PictureError::NeedsIsolation => DrawFailure::Unreadable,
    })
}

/// Reads the text of a page in the child process.
pub(super) fn read_page(
    bytes: &FileBytes,
    policy: &Policy,
    (page, is_ocr): (usize, bool),
    columns: u16,
    spent: &dyn Fn() -> Duration,
) -> Result<String, DrawFailure> {
    let mut budget = Budget::new(&policy.limits, spent).with_engines(policy.engines);
    let document = open(bytes, policy, &mut budget)?;
    if page >= document.page_count() {
        return Err(DrawFailure::NoSuchPage);
    }
    let class = if is_ocr {
        PageClass::Ocr
    } else {
        PageClass::Text
    };
    let text = document.reader().text(page, class, &mut budget);
    text.map(|text| in_columns(&text, columns))
        .map_err(DrawFailure::Limit)
}

fn open(
    bytes: &FileBytes,
    policy: &Policy,
    budget: &mut Budget<'_>,
) -> Result<Document, DrawFailure> {
    let passwords: Vec<&Password> = policy.candidates.iter().map(|c| &c.password).collect();
    Document::open(bytes, &passwords, budget).map_err(|error| match error {
        OpenError::Locked { .. } => DrawFailure::Locked,
        OpenError::Limit(hit) => DrawFailure::Limit(hit),
        OpenError::Empty
        | OpenError::NotPdf(_)
        | OpenError::Unreadable
        | OpenError::NeedsIsolation => DrawFailure::Unreadable,
    })
}

/// Returns the lines of a page. Each word begins in the column of its place on the page, or after
/// the word before it.
fn in_columns(page: &PageText, columns: u16) -> String {
    let scale = f32::from(columns) / page.width.max(1.0);
    let mut text = String::new();
    for line in &page.lines {
        let mut column = 0;
        for word in line.words() {
            // Saturates: places outside of the page are negative or large.
            let place = ((word.x0 * scale) as usize).min(usize::from(columns));
            let gap = place.saturating_sub(column).max(usize::from(column > 0));
            text.extend(std::iter::repeat_n(' ', gap));
            text.push_str(word.text);
            column += gap + word.text.chars().count();
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::{Line, Word};

    #[test]
    fn words_begin_in_the_column_of_their_place() {
        let word = |text, x0: f32| Word { text, x0, x1: x0 };
        let lines = vec![
            Line::new([word("Date", 0.0), word("Balance", 300.0)], 0.0, 8.0),
            Line::new([word("long-text", 0.0), word("beside", 20.0)], 9.0, 8.0),
            Line::new([word("outside", 9e9)], 18.0, 8.0),
        ];
        let page = PageText {
            width: 600.0,
            height: 800.0,
            lines,
        };
        let text = in_columns(&page, 20);
        let expected = "Date      Balance\nlong-text beside\n                    outside\n";
        assert_eq!(text, expected);
    }
}
