//! Draws one page of a file in the child.

use super::wire::{self, Refusal, Work};
use super::{Ended, PROGRAM, ask};
use crate::pdf::{
    Budget, Document, FileBytes, LimitHit, Limits, OpenError, Password, Picture, PictureError,
    PictureSize,
};
use crate::screen::{CandidatePassword, Policy};
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

/// A page to draw.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Which one, from 0.
    pub page: usize,
    /// The picture is as large as fits into this, with the proportions of the page.
    pub size: PictureSize,
    /// What opens the file, where the empty password does not.
    pub password: Option<Password>,
}

/// Why there is no picture of a page.
///
/// The messages complete "page 3 can't be drawn: …" and hold no text of the document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// It is encrypted, and neither the empty password nor the one given opens it.
    #[error("the file is locked, and no password that was given opens it")]
    Locked,
    /// It is no PDF, or damaged beyond reading.
    #[error("the file can't be read as a PDF")]
    Unreadable,
    /// The document ends before, or the page is missing.
    #[error("the file has no such page")]
    NoSuchPage,
    /// Time, memory or another bound does not suffice; or what the file holds can be told to exceed
    /// one before it is drawn.
    #[error("{0}")]
    Limit(#[from] LimitHit),
    /// Nobody wanted the picture any more.
    #[error("it is no longer wanted")]
    GivenUp,
    /// The process that drew it ended without an answer that makes sense.
    #[error("the process that draws it failed ({0})")]
    Failed(ExitStatus),
    /// The process could not be started or spoken to.
    #[error("the process that draws pages could not be used: {0}")]
    Process(#[from] io::Error),
}

/// Draws a page of a file within `time`, of which starting and ending the child takes a part.
///
/// Blocks until then. Once `given_up` says so, which is asked about twenty times a second, the
/// child is killed. What comes back is checked: it is no larger than asked for, and whole.
///
/// This program must be one that hands [`ARGUMENT`](super::ARGUMENT) to
/// [`run_child`](super::run_child); for others there is [`draw_by`].
///
/// # Errors
///
/// Why there is no picture.
pub fn draw(
    bytes: &FileBytes,
    request: &PageRequest,
    time: Duration,
    given_up: &dyn Fn() -> bool,
) -> Result<Picture, DrawError> {
    draw_by(Path::new(PROGRAM), bytes, request, time, given_up)
}

/// The same with the program of that path as the child: for programs that are not bankscreen.
///
/// # Errors
///
/// Why there is no picture.
pub fn draw_by(
    program: &Path,
    bytes: &FileBytes,
    request: &PageRequest,
    time: Duration,
    given_up: &dyn Fn() -> bool,
) -> Result<Picture, DrawError> {
    let candidate = |password: &Password| CandidatePassword {
        password: password.clone(),
        origin: String::new(),
    };
    let policy = Policy {
        limits: Limits {
            time,
            ..Limits::default()
        },
        candidates: request.password.iter().map(candidate).collect(),
        ..Policy::default()
    };
    let work = Work::Draw {
        page: request.page,
        width: request.size.width(),
        height: request.size.height(),
    };
    let ended = match ask(program, work, bytes, &policy, time, given_up)? {
        Some(ended) => ended,
        None if given_up() => return Err(DrawError::GivenUp),
        None => return Err(LimitHit::Time(time).into()),
    };
    match wire::read_drawn(&ended.answer, request.size) {
        Some(Ok(picture)) => Ok(picture),
        Some(Err(refusal)) => Err(refusal.into()),
        None => Err(why(&ended, &policy)),
    }
}

fn why(ended: &Ended, policy: &Policy) -> DrawError {
    match ended.limit(policy) {
        Some(hit) => hit.into(),
        None => DrawError::Failed(ended.status),
    }
}

impl From<Refusal> for DrawError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Locked => Self::Locked,
            Refusal::Unreadable => Self::Unreadable,
            Refusal::NoSuchPage => Self::NoSuchPage,
            Refusal::Limit(hit) => Self::Limit(hit),
        }
    }
}

/// The child's side.
pub(super) fn draw_here(
    bytes: &FileBytes,
    policy: &Policy,
    page: usize,
    most: PictureSize,
    spent: &dyn Fn() -> Duration,
) -> Result<Picture, Refusal> {
    let mut budget = Budget::new(&policy.limits, spent).with_engines(policy.engines);
    let passwords: Vec<&Password> = policy.candidates.iter().map(|c| &c.password).collect();
    let document = Document::open(bytes, &passwords, &mut budget).map_err(|error| match error {
        OpenError::Locked(_) => Refusal::Locked,
        OpenError::Limit(hit) => Refusal::Limit(hit),
        OpenError::Empty
        | OpenError::NotPdf(_)
        | OpenError::Unreadable
        | OpenError::NeedsIsolation => Refusal::Unreadable,
    })?;
    let drawn = document.reader().draw(page, most, &budget);
    drawn.map_err(|error| match error {
        PictureError::NoSuchPage => Refusal::NoSuchPage,
        PictureError::Limit(hit) => Refusal::Limit(hit),
        PictureError::NeedsIsolation => Refusal::Unreadable,
    })
}
