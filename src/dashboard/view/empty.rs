//! What to do first, where there is nothing to show.

use super::paint::{paragraph, put_all};
use super::theme::{Role, Theme};
use crate::dashboard::keymap::{self, Action};
use crate::dashboard::layout::{split_columns, split_rows};
use crate::dashboard::model::{Model, SessionState};
use crate::text::columns::counted;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Columns of a key, and of the air behind it.
const KEY: usize = 5;

/// Draws it in place of the table.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let margin = if area.width >= 60 { 4 } else { 1 };
    let columns = usize::from(area.width.saturating_sub(margin + 1));
    let lines = if model.queue.tally().files > 0 {
        hidden(model, theme, columns)
    } else {
        welcome(model, theme, columns)
    };
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let (_, below) = split_rows(area, area.height.saturating_sub(height) / 3);
    let (_, inside) = split_columns(below, margin);
    put_all(cells, inside, &lines);
}

fn welcome(model: &Model, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let promise = "Files are screened on this machine; nothing leaves it until you upload.";
    let mut lines = vec![Line::from(theme.span(Role::Strong, "No files yet."))];
    lines.extend(paragraph(theme, Role::Plain, (0, columns), promise));
    lines.push(Line::default());
    let mut actions = vec![Action::Add, Action::Watch];
    if model.session == SessionState::None {
        actions.push(Action::Session);
    }
    actions.push(Action::Help);
    lines.extend(
        actions
            .into_iter()
            .flat_map(|action| help(theme, action, columns)),
    );
    lines
}

fn hidden(model: &Model, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let files = counted(model.queue.tally().files, "file");
    let why = if model.queue.filter.text().is_empty() {
        format!("None of {files} needs you.")
    } else {
        format!("None of {files} matches the filter.")
    };
    let actions = [Action::Filter, Action::Faults, Action::Back];
    let mut lines = vec![Line::from(theme.span(Role::Strong, why)), Line::default()];
    lines.extend(
        actions
            .into_iter()
            .flat_map(|action| help(theme, action, columns)),
    );
    lines
}

/// A key and what it does.
pub(super) fn help(theme: Theme, action: Action, columns: usize) -> Vec<Line<'static>> {
    let Some(binding) = keymap::of(action) else {
        return Vec::new();
    };
    let key = binding
        .keys
        .first()
        .map_or_else(String::new, |key| key.name());
    let mut lines = paragraph(theme, Role::Plain, (KEY, columns), binding.long);
    if let Some(margin) = lines.first_mut().and_then(|line| line.spans.first_mut()) {
        *margin = theme.span(Role::Key, format!("{key:>3}  "));
    }
    lines
}
