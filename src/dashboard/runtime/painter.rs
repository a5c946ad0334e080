//! Has pages drawn in the jail, the latest order only.

use super::event_loop::{Event, in_background};
use crate::batch::{self, Input};
use crate::dashboard::Message;
use crate::isolation::{self, PageRequest};
use crate::pdf::{Password, PictureSize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// A page that takes longer is not worth the wait.
const DEADLINE: Duration = Duration::from_secs(5);

/// Draws pages.
pub(super) struct Painter {
    events: Sender<Event>,
    most_bytes: u64,
    /// Ends the drawing under way.
    given_up: Arc<AtomicBool>,
}

/// A page to be drawn.
pub(super) struct Page {
    pub(super) input: Input,
    pub(super) index: usize,
    pub(super) password: Option<Password>,
    /// Columns and rows of cells.
    pub(super) cells: (u16, u16),
    pub(super) ticket: u64,
}

impl Painter {
    pub(super) fn new(events: Sender<Event>, most_bytes: u64) -> Self {
        Self {
            events,
            most_bytes,
            given_up: Arc::default(),
        }
    }

    /// Draws a page; what is being drawn is of no interest any more.
    pub(super) fn draw(&mut self, page: Page) {
        self.given_up.store(true, Ordering::Relaxed);
        self.given_up = Arc::default();
        let given_up = Arc::clone(&self.given_up);
        let (events, most_bytes) = (self.events.clone(), self.most_bytes);
        in_background(move || {
            let ticket = page.ticket;
            let picture = draw(page, most_bytes, &given_up);
            drop(events.send(Message::Drawn { ticket, picture }.into()));
        });
    }
}

fn draw(page: Page, most_bytes: u64, given_up: &AtomicBool) -> Result<crate::pdf::Picture, String> {
    let bytes = batch::read(&page.input, most_bytes).map_err(|error| error.to_string())?;
    let (columns, rows) = page.cells;
    let request = PageRequest {
        page: page.index,
        // A cell shows two pixels, one above the other.
        size: PictureSize::new(u32::from(columns), u32::from(rows) * 2),
        password: page.password,
    };
    let ended = || given_up.load(Ordering::Relaxed);
    isolation::draw(&bytes, &request, DEADLINE, &ended).map_err(|error| error.to_string())
}
