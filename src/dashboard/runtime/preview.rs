//! Draws page previews and reads the texts of pages in an isolated process. Only the latest order
//! counts.

use super::event::{Event, in_background};
use crate::batch::{self, Input};
use crate::dashboard::Message;
use crate::isolation::{self, PageRequest, TextRequest};
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
    pub(super) request_id: u64,
}

/// A page whose text is read.
pub(super) struct TextOrder {
    pub(super) input: Input,
    pub(super) request: TextRequest,
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

    /// Reads the text of a page, and cancels what is in progress.
    pub(super) fn read_text(&mut self, order: TextOrder) {
        self.cancelled.store(true, Ordering::Relaxed);
        self.cancelled = Arc::default();
        let cancelled = Arc::clone(&self.cancelled);
        let (events, max_bytes) = (self.events.clone(), self.max_bytes);
        in_background(move || {
            let text = read_text(&order, max_bytes, &cancelled);
            let request_id = order.request_id;
            drop(events.send(Message::PageTextRead { request_id, text }.into()));
        });
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

fn read_text(order: &TextOrder, max_bytes: u64, cancelled: &AtomicBool) -> Result<String, String> {
    let bytes = batch::read(&order.input, max_bytes).map_err(|error| error.to_string())?;
    let is_cancelled = || cancelled.load(Ordering::Relaxed);
    let read = isolation::read_text(&bytes, &order.request, TIMEOUT, &is_cancelled);
    read.map_err(|error| error.to_string())
}

fn draw(
    page: PageOrder,
    max_bytes: u64,
    cancelled: &AtomicBool,
) -> Result<crate::pdf::Picture, String> {
    let bytes = batch::read(&page.input, max_bytes).map_err(|error| error.to_string())?;
    let request = PageRequest {
        page: page.index,
        // Zoom and movement need no other picture.
        size: PictureSize::MAX,
        password: page.password,
    };
    let is_cancelled = || cancelled.load(Ordering::Relaxed);
    isolation::draw(&bytes, &request, TIMEOUT, &is_cancelled).map_err(|error| error.to_string())
}
