//! The empty table: why it is empty, and which keys help.

use super::canvas::{draw_lines, paragraph};
use super::theme::{Role, Theme};
use crate::dashboard::keymap::{self, Action};
use crate::dashboard::layout::{split_columns, split_rows};
use crate::dashboard::model::{Model, SessionState};
use crate::text::columns::counted;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Columns of a key and the space after it.
const KEY_COLUMNS: usize = 5;

/// Draws the empty state in place of the table.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    // Narrow screens need the columns for the text.
    let margin = if area.width >= 60 { 4 } else { 1 };
    let columns = usize::from(area.width.saturating_sub(margin + 1));
    let lines = if model.queue.counts().files > 0 {
        no_match(model, theme, columns)
    } else {
        welcome(model, theme, columns)
    };
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    // Above the middle, which looks centered.
    let (_, below) = split_rows(area, area.height.saturating_sub(height) / 3);
    let (_, inside) = split_columns(below, margin);
    draw_lines(cells, inside, &lines);
}

/// Draws the empty state in place of the table of cases.
pub(super) fn draw_cases(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let columns = usize::from(area.width.saturating_sub(6));
    let cases = model.queue.listed_cases().count();
    let (title, text, actions) = if cases > 0 {
        let title = format!("None of {} matches the filter.", counted(cases, "case"));
        (title, "", [Action::Filter, Action::Problems, Action::Back])
    } else if !model.queue.cases().is_empty() {
        let title = "No case has a file.".to_owned();
        (title, "", [Action::AddFiles, Action::Undo, Action::Quit])
    } else {
        let text = "All files are of one applicant. With --cases folders, each folder is the case \
                    of one applicant, with a session of its own; --cases manifest takes the cases \
                    from a column of the manifest.";
        let title = "No cases.".to_owned();
        (title, text, [Action::NextTab, Action::Help, Action::Quit])
    };
    let mut lines = vec![Line::from(theme.span(Role::Emphasis, title))];
    lines.extend(paragraph(theme, Role::Normal, (0, columns), text));
    lines.push(Line::default());
    lines.extend(help(model, theme, &actions, columns));
    let (_, below) = split_rows(area, area.height / 4);
    let (_, inside) = split_columns(below, 4.min(area.width));
    draw_lines(cells, inside, &lines);
}

fn welcome(model: &Model, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let text = "Files are screened on this machine. Nothing leaves it until you upload.";
    let mut lines = vec![Line::from(theme.span(Role::Emphasis, "No files yet."))];
    lines.extend(paragraph(theme, Role::Normal, (0, columns), text));
    lines.push(Line::default());
    let mut actions = vec![Action::AddFiles, Action::WatchFolder];
    if matches!(model.session, SessionState::None) {
        actions.push(Action::Session);
    }
    actions.push(Action::Help);
    lines.extend(help(model, theme, &actions, columns));
    lines
}

fn no_match(model: &Model, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let files = counted(model.queue.counts().files, "file");
    let text = if model.queue.filter.text().is_empty() {
        format!("None of {files} has a problem.")
    } else {
        format!("None of {files} matches the filter.")
    };
    let title = Line::from(theme.span(Role::Emphasis, text));
    let mut lines = vec![title, Line::default()];
    let actions = [Action::Filter, Action::Problems, Action::Back];
    lines.extend(help(model, theme, &actions, columns));
    lines
}

/// Returns lines with the keys and descriptions of actions.
pub(super) fn help(
    model: &Model,
    theme: Theme,
    actions: &[Action],
    columns: usize,
) -> Vec<Line<'static>> {
    let bindings = actions.iter().filter_map(|action| keymap::binding(*action));
    let lines = bindings.flat_map(|binding| {
        let key = model.key(binding.action);
        let mut lines = paragraph(theme, Role::Normal, (KEY_COLUMNS, columns), binding.long);
        if let Some(margin) = lines.first_mut().and_then(|line| line.spans.first_mut()) {
            *margin = theme.span(Role::Key, format!("{key:>3}  "));
        }
        lines
    });
    lines.collect()
}
