//! Draws page previews in an isolated process. Only the latest order counts.

use super::event::{Event, in_background};
use crate::batch::{self, Input};
use crate::dashboard::Message;
use crate::isolation::{self, PageRequest};
use crate::pdf::{Password, PictureSize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// Time limit for drawing a page.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Draws one page at a time.
pub(super) struct PagePreview {
    events: Sender<Event>,
    max_bytes: u64,
    /// Cancels the drawing in progress.
    cancelled: Arc<AtomicBool>,
}

/// A page to draw.
pub(super) struct PageOrder {
    pub(super) input: Input,
    pub(super) index: usize,
    pub(super) password: Option<Password>,
    /// Columns and rows of terminal cells.
    pub(super) cells: (u16, u16),
    pub(super) request_id: u64,
}

impl PagePreview {
    pub(super) fn new(events: Sender<Event>, max_bytes: u64) -> Self {
        Self {
            events,
            max_bytes,
            cancelled: Arc::default(),
        }
    }

    /// Draws a page, and cancels the drawing in progress.
    pub(super) fn draw(&mut self, page: PageOrder) {
        self.cancelled.store(true, Ordering::Relaxed);
        self.cancelled = Arc::default();
        let cancelled = Arc::clone(&self.cancelled);
        let (events, max_bytes) = (self.events.clone(), self.max_bytes);
        in_background(move || {
            let request_id = page.request_id;
            let picture = draw(page, max_bytes, &cancelled);
            drop(
                events.send(
                    Message::PageRendered {
                        request_id,
                        picture,
                    }
                    .into(),
                ),
            );
        });
    }
}

fn draw(
    page: PageOrder,
    max_bytes: u64,
    cancelled: &AtomicBool,
) -> Result<crate::pdf::Picture, String> {
    let bytes = batch::read(&page.input, max_bytes).map_err(|error| error.to_string())?;
    let (columns, rows) = page.cells;
    let request = PageRequest {
        page: page.index,
        // A cell shows two pixels above each other.
        size: PictureSize::new(u32::from(columns), u32::from(rows) * 2),
        password: page.password,
    };
    let is_cancelled = || cancelled.load(Ordering::Relaxed);
    isolation::draw(&bytes, &request, TIMEOUT, &is_cancelled).map_err(|error| error.to_string())
}
