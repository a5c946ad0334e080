//! What to do first, where there is nothing to show.

use super::paint::put_all;
use super::theme::{Role, Theme};
use crate::report::columns::counted;
use crate::tui::keymap::{self, Action};
use crate::tui::model::{Model, SessionState};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it in place of the table.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let lines = if model.queue.tally().files > 0 {
        hidden(model, theme)
    } else {
        welcome(model, theme)
    };
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let air = area.height.saturating_sub(height) / 3;
    let margin = if area.width >= 60 { 4 } else { 1 };
    let inside = Rect {
        x: area.x.saturating_add(margin).min(area.right()),
        y: area.y.saturating_add(air),
        width: area.width.saturating_sub(margin),
        height: area.height - air,
    };
    put_all(cells, inside, &lines);
}

fn welcome(model: &Model, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = vec![
        Line::from(theme.span(Role::Strong, "No files yet.")),
        Line::from(theme.span(
            Role::Plain,
            "Statements are screened on this machine; nothing leaves it until you upload.",
        )),
        Line::default(),
    ];
    let mut actions = vec![Action::Add, Action::Watch];
    if model.session == SessionState::None {
        actions.push(Action::Session);
    }
    actions.push(Action::Help);
    lines.extend(actions.into_iter().filter_map(|action| help(theme, action)));
    lines
}

fn hidden(model: &Model, theme: Theme) -> Vec<Line<'static>> {
    let files = counted(model.queue.tally().files, "file");
    let why = if model.queue.filter.text().is_empty() {
        format!("None of {files} needs you.")
    } else {
        format!("None of {files} matches the filter.")
    };
    let actions = [Action::Filter, Action::Faults, Action::Back];
    let mut lines = vec![Line::from(theme.span(Role::Strong, why)), Line::default()];
    lines.extend(actions.into_iter().filter_map(|action| help(theme, action)));
    lines
}

/// A key and what it does.
pub(super) fn help(theme: Theme, action: Action) -> Option<Line<'static>> {
    let binding = keymap::of(action)?;
    let key = binding.keys.first()?.name();
    Some(Line::from(vec![
        theme.span(Role::Key, format!("{key:>3}")),
        Span::raw("  "),
        Span::raw(binding.long),
    ]))
}
