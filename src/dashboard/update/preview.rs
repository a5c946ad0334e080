//! The page preview: opening it, turning pages, and receiving rendered pages.

use crate::dashboard::Effect;
use crate::dashboard::model::{Level, Model, Overlay, PagePreview};
use crate::pdf::Picture;
use crate::text::sanitize;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Opens the page with the first balance that does not follow, else the first page, of the selected
/// file.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let current = model.queue.current();
    let Some((file, pages, first_break)) = current.and_then(|(id, file)| {
        let first_break = file.breaks().first().map(|found| found.page as usize);
        Some((id, file.pages()?, first_break))
    }) else {
        model.show_notice(Level::Warning, "This file has no page to show");
        return Vec::new();
    };
    let page = first_break.unwrap_or(1).clamp(1, pages.max(1)) - 1;
    model.overlays.push(Overlay::Preview(PagePreview {
        file,
        page,
        pages,
        request_id: 0,
        picture: None,
    }));
    request_page(model)
}

/// Requests the page that the topmost preview shows, at the size of the screen.
pub(super) fn request_page(model: &mut Model) -> Vec<Effect> {
    let request_id = model.next_request_id();
    let (width, height) = (model.viewport.width, model.viewport.height);
    let Some(Overlay::Preview(preview)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    preview.request_id = request_id;
    // The picture of another page or size must not remain visible.
    preview.picture = None;
    vec![Effect::RenderPage {
        file: preview.file,
        page: preview.page,
        // Without the frame and the footer.
        cells: (
            width.saturating_sub(2).max(1),
            height.saturating_sub(3).max(1),
        ),
        request_id,
    }]
}

/// Handles a key in the preview: turns the page or closes the preview.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Preview(preview)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let last = preview.pages.saturating_sub(1);
    let page = match key.code {
        KeyCode::Char('n' | 'j' | ' ') | KeyCode::PageDown | KeyCode::Down | KeyCode::Right => {
            (preview.page + 1).min(last)
        }
        KeyCode::Char('N' | 'k') | KeyCode::PageUp | KeyCode::Up | KeyCode::Left => {
            preview.page.saturating_sub(1)
        }
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => last,
        KeyCode::Char('c') if !key.modifiers.contains(KeyModifiers::CONTROL) => return Vec::new(),
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'v' | 'c') => {
            model.overlays.pop();
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    // Rendering again would only flicker.
    if page == preview.page {
        return Vec::new();
    }
    preview.page = page;
    request_page(model)
}

/// Stores a rendered page, unless a later request replaced this one.
pub(super) fn rendered(model: &mut Model, request_id: u64, picture: Result<Picture, String>) {
    if let Some(Overlay::Preview(preview)) = model.overlays.last_mut()
        && preview.request_id == request_id
    {
        preview.picture = Some(picture.map_err(|why| sanitize(&why).into_owned()));
    }
}
