//! Keys in the views.

use super::{delivery, forms, lists, overlays, session, told, work};
use crate::dashboard::keymap::{self, Action};
use crate::dashboard::model::{Column, Field, FileId, Filter, Level, Model, Tab};
use crate::dashboard::{Effect, most_detail_top};
use crossterm::event::KeyEvent;

/// Takes in a key.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    model.notice = None;
    if !model.overlays.is_empty() {
        return overlays::press(model, key);
    }
    if model.filter_line.is_some() {
        return type_filter(model, key);
    }
    if model.tab == Tab::History && model.history.typing {
        return lists::type_query(model, key);
    }
    if let Some(action) = keymap::marks_on_the_way(key) {
        mark(model, true);
        return run(model, action);
    }
    match keymap::action(key) {
        Some(action) => run(model, action),
        None => Vec::new(),
    }
}

/// Does what a key does.
pub(super) fn run(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Down => go(model, 1),
        Action::Up => go(model, -1),
        Action::PageDown => go(model, model.table_rows().cast_signed()),
        Action::PageUp => go(model, -model.table_rows().cast_signed()),
        Action::First => go(model, isize::MIN),
        Action::Last => go(model, isize::MAX),
        Action::Show(tab) => show(model, tab),
        Action::NextTab => {
            let place = Tab::ALL
                .iter()
                .position(|tab| *tab == model.tab)
                .unwrap_or(0);
            let next = Tab::ALL.iter().cycle().nth(place + 1).copied();
            show(model, next.unwrap_or(Tab::Queue))
        }
        Action::Help => overlays::help(model, "Help: every key"),
        Action::Palette => overlays::help(model, "Run a command"),
        Action::Repaint => vec![Effect::Repaint],
        Action::Suspend => vec![Effect::Suspend],
        Action::Quit => delivery::quit(model),
        Action::Session => session::ask(model),
        Action::Filter => begin_filter(model),
        Action::Back => back(model),
        Action::Copy => overlays::copy(model),
        Action::Upload => delivery::upload(model),
        Action::Retry => delivery::retry(model),
        Action::Settle => delivery::ask_to_settle(model),
        Action::Range => forms::range(model),
        Action::Add => forms::add(model),
        Action::Watch => forms::watch(model),
        Action::Export => overlays::export(model),
        Action::Faults => {
            let filter = Filter::parse(model.queue.filter.text(), !model.queue.filter.faults);
            model.queue.show(filter, model.queue.order);
            show(model, Tab::Queue)
        }
        Action::Sort => overlays::sort(model),
        Action::Reverse => {
            let (column, backwards) = model.queue.order;
            model
                .queue
                .show(model.queue.filter.clone(), (column, !backwards));
            Vec::new()
        }
        Action::MarkAll => {
            for id in model.queue.rows().to_vec() {
                model.queue.change(id, |file| file.marked = true);
            }
            Vec::new()
        }
        Action::ClearMarks => {
            let marked: Vec<FileId> = model.queue.marked().map(|(id, _)| id).collect();
            for id in marked {
                model.queue.change(id, |file| file.marked = false);
            }
            model.queue.anchor = None;
            Vec::new()
        }
        _ => with_file(model, action),
    }
}

/// Does what needs a file under the cursor.
fn with_file(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.tab != Tab::Queue || model.queue.current().is_none() {
        return told(
            model,
            Level::Warning,
            "that is for a file: 1 shows the queue, a adds files",
        );
    }
    match action {
        Action::Mark => {
            mark(model, false);
            go(model, 1)
        }
        Action::MarkRange => mark_range(model),
        Action::Detail => {
            model.screen.detail = !model.screen.detail;
            model.screen.detail_top = 0;
            Vec::new()
        }
        Action::Password => forms::password(model),
        Action::Bank => overlays::banks(model),
        Action::Category => overlays::categories(model),
        Action::Ignore => overlays::warnings(model),
        Action::Drop => work::drop_files(model),
        Action::Page => overlays::page(model),
        Action::Cancel => delivery::cancel(model),
        _ => Vec::new(),
    }
}

fn show(model: &mut Model, tab: Tab) -> Vec<Effect> {
    model.tab = tab;
    model.screen.detail = false;
    Vec::new()
}

/// Moves the cursor of what is shown.
fn go(model: &mut Model, by: isize) -> Vec<Effect> {
    match model.tab {
        Tab::Queue if model.screen.detail => {
            let top = isize::try_from(model.screen.detail_top).unwrap_or(0);
            let most = isize::try_from(most_detail_top(model)).unwrap_or(0);
            let top = top.saturating_add(by).clamp(0, most);
            model.screen.detail_top = u16::try_from(top).unwrap_or(0);
        }
        Tab::Queue => {
            let row = model.queue.selected.saturating_add_signed(by);
            model.queue.select(row, model.table_rows());
        }
        Tab::Coverage => {
            let most = model.queue.coverage().len().saturating_sub(1);
            model.screen.coverage_top = model
                .screen
                .coverage_top
                .saturating_add_signed(by)
                .min(most);
        }
        Tab::Log => model.log.scroll(by.saturating_neg()),
        Tab::History => {
            let most = model.history.rows.len().saturating_sub(1);
            model.history.selected = model.history.selected.saturating_add_signed(by).min(most);
        }
    }
    Vec::new()
}

/// Marks the file under the cursor, or turns its mark round.
fn mark(model: &mut Model, on: bool) {
    let Some((id, _)) = model.queue.current() else {
        return;
    };
    model
        .queue
        .change(id, |file| file.marked = on || !file.marked);
    model.queue.anchor = Some(model.queue.selected);
}

fn mark_range(model: &mut Model) -> Vec<Effect> {
    let here = model.queue.selected;
    let from = model.queue.anchor.unwrap_or(here);
    let range = from.min(here)..=from.max(here);
    let rows = model.queue.rows().get(range).unwrap_or_default().to_vec();
    for id in rows {
        model.queue.change(id, |file| file.marked = true);
    }
    model.queue.anchor = Some(here);
    Vec::new()
}

/// Closes what is open: the detail, then the filter.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.screen.detail {
        model.screen.detail = false;
    } else if model.tab == Tab::History && !model.history.query.is_empty() {
        model.history.query.clear();
        return vec![Effect::ReadHistory(String::new())];
    } else if !model.queue.filter.is_open() {
        model.queue.show(Filter::default(), model.queue.order);
    } else if model.tab != Tab::Queue {
        return show(model, Tab::Queue);
    }
    Vec::new()
}

fn begin_filter(model: &mut Model) -> Vec<Effect> {
    if model.tab == Tab::History {
        model.history.typing = true;
        return Vec::new();
    }
    model.tab = Tab::Queue;
    model.filter_line = Some(Field::new(model.queue.filter.text()));
    Vec::new()
}

/// The table follows the filter while it is typed.
fn type_filter(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(line) = &mut model.filter_line else {
        return Vec::new();
    };
    match overlays::edit(line, key) {
        overlays::Edit::Done => model.filter_line = None,
        overlays::Edit::Closed => {
            model.filter_line = None;
            apply_filter(model, "");
        }
        overlays::Edit::Typed => {
            let text = line.text();
            apply_filter(model, &text);
        }
        overlays::Edit::Other => {}
    }
    Vec::new()
}

/// Puts a filter in force.
pub(super) fn apply_filter(model: &mut Model, text: &str) {
    let filter = Filter::parse(text, model.queue.filter.faults);
    model.queue.show(filter, model.queue.order);
}

/// Puts the cursor on what was clicked.
pub(super) fn click(model: &mut Model, row: u16, _column: u16) -> Vec<Effect> {
    if model.overlays.is_empty()
        && model.tab == Tab::Queue
        && let Some(row) = model.table_row_at(row)
    {
        model.queue.select(row, model.table_rows());
    }
    Vec::new()
}

/// Moves by the wheel.
pub(super) fn scroll(model: &mut Model, lines: isize) -> Vec<Effect> {
    if model.overlays.is_empty() {
        return go(model, lines);
    }
    Vec::new()
}

/// Orders the table, the other way round where it is ordered so already.
pub(super) fn sort_by(model: &mut Model, column: Column) -> Vec<Effect> {
    let (before, backwards) = model.queue.order;
    let backwards = before == column && !backwards;
    model
        .queue
        .show(model.queue.filter.clone(), (column, backwards));
    Vec::new()
}
