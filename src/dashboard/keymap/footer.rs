//! The keys that the footer shows: those of the open overlay, else the most useful ones.

use super::{Action, binding};
use crate::dashboard::model::{Model, Overlay, SessionState, Tab};

/// Returns the keys and labels for the footer, the most useful first.
pub fn footer_keys(model: &Model) -> Vec<(String, &'static str)> {
    let named = |keys: &[(&str, &'static str)]| {
        keys.iter()
            .map(|(key, label)| ((*key).to_owned(), *label))
            .collect()
    };
    match model.top_overlay() {
        Some(Overlay::Picker(_)) => {
            return named(&[
                ("Enter", "choose"),
                ("Up/Down", "move"),
                ("type", "search"),
                ("Esc", "close"),
            ]);
        }
        Some(Overlay::Form(form)) => {
            let tab = if form.kind.takes_path() {
                "complete"
            } else {
                "next field"
            };
            return named(&[("Enter", "accept"), ("Tab", tab), ("Esc", "close")]);
        }
        Some(Overlay::Choice(_)) => return named(&[("Enter", "choose"), ("Esc", "close")]),
        Some(Overlay::Help(_)) => {
            let palette = model.key(Action::Palette);
            return vec![
                (palette, "search"),
                ("Up/Down".to_owned(), "scroll"),
                ("Esc".to_owned(), "close"),
            ];
        }
        Some(Overlay::Text(page)) if page.request_id.is_some() => {
            return named(&[("y", "copy"), ("arrows", "move"), ("Esc", "close")]);
        }
        Some(Overlay::Text(page)) => {
            let write = page.file_name.as_ref().map(|_| ("w", "write to a file"));
            let keys = [
                Some(("y", "copy")),
                write,
                Some(("Up/Down", "scroll")),
                Some(("Esc", "close")),
            ];
            return named(&keys.into_iter().flatten().collect::<Vec<_>>());
        }
        Some(Overlay::Preview(_)) => {
            return named(&[
                ("Space", "read on"),
                ("n/PgDn", "next"),
                ("N/PgUp", "previous"),
                ("+ - 0", "zoom"),
                ("arrows", "move"),
                ("V", "text"),
                ("Esc", "close"),
            ]);
        }
        None => {}
    }
    let shown = footer_actions(model).into_iter().filter_map(binding);
    shown
        .map(|binding| (model.key(binding.action), binding.short))
        .collect()
}

/// Returns the actions for the footer. They depend on the tab and on the selected file.
fn footer_actions(model: &Model) -> Vec<Action> {
    let mut actions = match model.tab {
        Tab::Cases => case_actions(model),
        Tab::Files => file_actions(model),
        Tab::Coverage => vec![Action::Period, Action::Export, Action::NextTab],
        Tab::Log => vec![Action::PageUp, Action::Last, Action::NextTab],
        Tab::History => vec![Action::Filter, Action::Copy, Action::NextTab],
    };
    // Always last: the footer gives the last two a high priority.
    actions.extend([Action::Help, Action::Quit]);
    actions
}

fn case_actions(model: &Model) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(case) = model.case_table.current() {
        actions.extend([Action::Detail, Action::Upload]);
        let totals = model.queue.upload_totals();
        if totals.left() > 0 {
            actions.push(Action::CancelUpload);
        }
        if totals.unknown > 0 {
            actions.push(Action::ResolveUnknown);
        }
        if totals.not_sent > 0 {
            actions.push(Action::Retry);
        }
        let mut files = model.queue.files_of_case(case);
        if files.any(|(_, file)| file.is_locked()) {
            actions.push(Action::Password);
        }
        let judged = model.queue.cases().judged(case);
        if judged.is_some_and(|judged| !judged.needs.is_empty()) {
            actions.push(Action::Requests);
        }
    }
    actions.extend([Action::Problems, Action::Filter, Action::NextTab]);
    actions
}

fn file_actions(model: &Model) -> Vec<Action> {
    let mut actions = Vec::new();
    let Some((_, file)) = model.queue.current() else {
        return vec![
            Action::AddFiles,
            Action::WatchFolder,
            Action::Session,
            Action::NextTab,
        ];
    };
    // Actions that solve a problem of the selected file come first.
    if file.is_locked() {
        actions.push(Action::Password);
    }
    if model.queue.upload_totals().left() > 0 {
        actions.push(Action::CancelUpload);
    }
    if model.queue.upload_totals().unknown > 0 {
        actions.push(Action::ResolveUnknown);
    }
    if file.screening().is_some() && file.confirmed_bank().is_none() && file.pages().is_some() {
        actions.push(Action::Bank);
    }
    if file.case.is_none() && !model.queue.cases().is_empty() {
        actions.push(Action::MoveToCase);
    }
    match model.session {
        SessionState::None => actions.push(Action::Session),
        SessionState::Planned(_)
        | SessionState::Opening(_)
        | SessionState::Open(_)
        | SessionState::PerCase { .. } => actions.push(Action::Upload),
    }
    if file.pages().is_some() {
        actions.push(Action::Preview);
    }
    actions.extend([
        Action::Mark,
        Action::Filter,
        Action::Detail,
        Action::Problems,
    ]);
    actions
}
