//! Draws one page of a file in the isolated process.

use super::wire::{self, DrawFailure, Task};
use super::{ChildExit, PROGRAM, run_in_child};
use crate::pdf::{
    Budget, Document, FileBytes, LimitHit, Limits, OpenError, Password, Picture, PictureError,
    PictureSize,
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

/// Why a page could not be drawn.
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
    let candidate = |password: &Password| CandidatePassword {
        password: password.clone(),
        id: CandidateId::Request,
    };
    let policy = Policy {
        limits: Limits {
            time,
            ..Limits::default()
        },
        candidates: request.password.iter().map(candidate).collect(),
        ..Policy::default()
    };
    let task = Task::Draw {
        page: request.page,
        width: request.size.width(),
        height: request.size.height(),
    };
    let exit = match run_in_child(program, task, bytes, &policy, time, is_cancelled) {
        Ok(Some(exit)) => exit,
        Ok(None) if is_cancelled() => return Err(DrawError::Cancelled),
        Ok(None) => return Err(LimitHit::Time(time).into()),
        Err(error) => return Err(DrawError::Process(error)),
    };
    match wire::read_picture(&exit.answer, request.size) {
        Some(Ok(picture)) => Ok(picture),
        Some(Err(failure)) => Err(failure.into()),
        None => Err(diagnose_exit(&exit, &policy)),
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
    let passwords: Vec<&Password> = policy.candidates.iter().map(|c| &c.password).collect();
    let document = Document::open(bytes, &passwords, &mut budget).map_err(|error| match error {
        OpenError::Locked { .. } => DrawFailure::Locked,
        OpenError::Limit(hit) => DrawFailure::Limit(hit),
        OpenError::Empty
        | OpenError::NotPdf(_)
        | OpenError::Unreadable
        | OpenError::NeedsIsolation => DrawFailure::Unreadable,
    })?;
    let picture = document.reader().draw(page, max_size, &budget);
    picture.map_err(|error| match error {
        PictureError::NoSuchPage => DrawFailure::NoSuchPage,
        PictureError::Limit(hit) => DrawFailure::Limit(hit),
        PictureError::NeedsIsolation => DrawFailure::Unreadable,
    })
}
