//! Dispatches keys, pasted text and the mouse.

use super::{actions, forms, overlays};
use crate::dashboard::Effect;
use crate::dashboard::keymap;
use crate::dashboard::model::{Edit, Model, Tab};
use crossterm::event::KeyEvent;

/// Handles a key.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    // A notice is read when the user presses the next key.
    model.notice = None;
    if !model.overlays.is_empty() {
        return overlays::press(model, key);
    }
    if model.filter_input.is_some() {
        edit_filter(model, key);
        return Vec::new();
    }
    if model.tab == Tab::History && model.history.typing {
        return edit_history_query(model, key);
    }
    if let Some(movement) = keymap::marking_movement(key) {
        // The file that the selection leaves is marked, then the movement runs.
        actions::mark_selected(model);
        return actions::run(model, movement);
    }
    match model.setup.keys.action(key) {
        Some(action) => actions::run(model, action),
        None => Vec::new(),
    }
}

/// Inserts pasted text into the active input, or offers to add the path.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return overlays::paste(model, text);
    } else if let Some(input) = &mut model.filter_input {
        input.insert(text);
        let text = input.text();
        actions::filter_by(model, &text);
    } else if model.tab == Tab::History && model.history.typing {
        model.history.query.insert(text);
        return vec![Effect::ReadHistory(model.history.query.text())];
    } else if !text.trim().is_empty() {
        // Terminals paste the paths of files that are dropped on them, often in quotes.
        match forms::pasted_paths(text).as_slice() {
            [path] => forms::add_files(model, path),
            paths => return forms::discover(paths.to_vec(), model.open_case()),
        }
    }
    Vec::new()
}

/// Edits the filter. The table follows each change.
fn edit_filter(model: &mut Model, key: KeyEvent) {
    let Some(input) = &mut model.filter_input else {
        return;
    };
    match input.handle_key(key) {
        Edit::Accepted => model.filter_input = None,
        Edit::Cancelled => {
            model.filter_input = None;
            actions::filter_by(model, "");
        }
        Edit::Changed => {
            let text = input.text();
            actions::filter_by(model, &text);
        }
        Edit::Ignored => {}
    }
}

/// Edits the query of the history. The rows follow each change.
fn edit_history_query(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let history = &mut model.history;
    match history.query.handle_key(key) {
        Edit::Accepted => history.typing = false,
        Edit::Cancelled => {
            history.typing = false;
            history.query.clear();
        }
        Edit::Changed => {}
        Edit::Ignored => return Vec::new(),
    }
    vec![Effect::ReadHistory(history.query.text())]
}

/// Selects the clicked row of the table.
pub(super) fn click(model: &mut Model, screen_row: u16) {
    if model.overlays.is_empty()
        && let Some(row) = model.table_row_at(screen_row)
    {
        match model.tab {
            Tab::Cases => model.case_table.select(row, model.table_rows()),
            Tab::Files => model.queue.select(row, model.table_rows()),
            Tab::Coverage | Tab::Log | Tab::History => {}
        }
    }
}

/// Scrolls the active tab.
pub(super) fn scroll(model: &mut Model, lines: isize) {
    if model.overlays.is_empty() {
        actions::move_by(model, lines);
    }
}
