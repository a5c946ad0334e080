//! The page preview: opening it, turning pages, zoom, and receiving pictures and texts of pages.

use crate::dashboard::model::{FileId, Level, Model, Overlay, PagePreview, TextPage};
use crate::dashboard::{Effect, preview_pixels};
use crate::pdf::Picture;
use crate::text::sanitize;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Opens the first page with a mark, else the first page, of the selected file.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some((file, pages, page)) = selected_page(model) else {
        model.show_notice(Level::Warning, "This file has no page to show");
        return Vec::new();
    };
    let preview = PagePreview::new(file, page, pages);
    model.overlays.push(Overlay::Preview(preview));
    request_page(model)
}

/// Returns the selected file, its number of pages, and the index of the page to show first.
fn selected_page(model: &Model) -> Option<(FileId, usize, usize)> {
    let (id, file) = model.queue.current()?;
    let pages = file.pages()?;
    let first = file.first_marked_page().unwrap_or(1);
    Some((id, pages, first.clamp(1, pages.max(1)) - 1))
}

/// Requests the page that the topmost preview shows.
fn request_page(model: &mut Model) -> Vec<Effect> {
    let request_id = model.next_request_id();
    let Some(Overlay::Preview(preview)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    preview.request_id = request_id;
    // The picture of another page must not remain visible.
    preview.picture = None;
    vec![Effect::RenderPage {
        file: preview.file,
        page: preview.page,
        request_id,
    }]
}

/// Keeps the visible part within the page after the size of the screen has changed.
pub(super) fn resized(model: &mut Model) {
    let available = preview_pixels(model);
    if let Some(Overlay::Preview(preview)) = model.overlays.last_mut() {
        preview.pan((0, 0), available);
    }
}

/// Requests the text of the page that is shown, else of the selected file's first one.
pub(super) fn request_text(model: &mut Model) -> Vec<Effect> {
    let shown = match model.overlays.last() {
        Some(Overlay::Preview(preview)) => Some((preview.file, preview.pages, preview.page)),
        _ => selected_page(model),
    };
    let Some((file, pages, page)) = shown else {
        model.show_notice(Level::Warning, "This file has no page to read");
        return Vec::new();
    };
    let name = model
        .queue
        .file(file)
        .map(|file| model.queue.short_name(file));
    let title = format!("{}, page {} of {pages}", name.unwrap_or_default(), page + 1);
    let request_id = model.next_request_id();
    model.overlays.push(Overlay::Text(TextPage {
        title,
        text: "Reading the text of the page".to_owned(),
        top: 0,
        left: 0,
        request_id: Some(request_id),
        file_name: None,
    }));
    vec![Effect::ReadPageText {
        file,
        page,
        columns: model.viewport.width.saturating_sub(4).max(40),
        request_id,
    }]
}

/// Shows the text of a page, unless another one is shown meanwhile.
pub(super) fn text_read(model: &mut Model, request_id: u64, text: Result<String, String>) {
    let Some(Overlay::Text(page)) = model.overlays.last_mut() else {
        return;
    };
    if page.request_id == Some(request_id) {
        page.text = match text {
            Ok(text) if text.trim().is_empty() => {
                "The page has no text that can be read.".to_owned()
            }
            Ok(text) => text,
            Err(why) => format!("The text could not be read: {why}"),
        };
    }
}

/// Handles a key in the preview: turns the page, zooms, moves, or closes it.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let available = preview_pixels(model);
    let Some(Overlay::Preview(preview)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let last = preview.pages.saturating_sub(1);
    let step = |size: u32| i32::try_from(size / 4).unwrap_or(0).max(1);
    let (across, down) = (step(available.0), step(available.1));
    let page = match key.code {
        KeyCode::Char('c') if !key.modifiers.contains(KeyModifiers::CONTROL) => return Vec::new(),
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'v' | 'c') => {
            model.overlays.pop();
            return Vec::new();
        }
        KeyCode::Char('V') => return request_text(model),
        KeyCode::Char('n') | KeyCode::PageDown => (preview.page + 1).min(last),
        KeyCode::Char('N') | KeyCode::PageUp => preview.page.saturating_sub(1),
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => last,
        // Reads on: down to the end of the page, then to the next one.
        KeyCode::Char(' ') => {
            if preview.pan((0, down.saturating_mul(3)), available) {
                return Vec::new();
            }
            (preview.page + 1).min(last)
        }
        code => {
            let by = match code {
                KeyCode::Down | KeyCode::Char('j') => (0, down),
                KeyCode::Up | KeyCode::Char('k') => (0, -down),
                KeyCode::Right | KeyCode::Char('l') => (across, 0),
                KeyCode::Left | KeyCode::Char('h') => (-across, 0),
                _ => (0, 0),
            };
            preview.pan(by, available);
            match code {
                KeyCode::Char('+' | '=') => preview.set_zoom(preview.zoom + 1, available),
                KeyCode::Char('-') => {
                    preview.set_zoom(preview.zoom.saturating_sub(1), available);
                }
                KeyCode::Char('0') => preview.set_zoom(1, available),
                _ => {}
            }
            return Vec::new();
        }
    };
    // Rendering again would only flicker.
    if page == preview.page {
        return Vec::new();
    }
    preview.page = page;
    request_page(model)
}

/// Stores a rendered page, unless a later request replaced this one. The first mark is scrolled
/// into view.
pub(super) fn rendered(model: &mut Model, request_id: u64, picture: Result<Picture, String>) {
    let available = preview_pixels(model);
    let Some(Overlay::Preview(preview)) = model.overlays.last_mut() else {
        return;
    };
    if preview.request_id != request_id {
        return;
    }
    preview.set_picture(picture.map_err(|why| sanitize(&why).into_owned()));
    let file = model.queue.file(preview.file);
    let marks = file.map_or_else(Vec::new, |file| file.page_marks(preview.page + 1));
    let place = marks.iter().find_map(|mark| mark.place);
    let row = place.and_then(|place| preview.row_of(place, available));
    if let Some(row) = row {
        let top = row.saturating_sub(available.1 / 2);
        preview.pan((0, i32::try_from(top).unwrap_or(0)), available);
    }
}
