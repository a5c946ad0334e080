//! Keys and pasted text in overlays.

use super::{actions, forms, move_files, preview, processing, screening, send, session, stored};
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    ChoiceAction, Edit, Level, Model, Overlay, PickerAction, SessionSource,
};
use crate::dashboard::{Effect, max_help_top};
use crate::text::sanitize;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Items that a page key moves by in a picker.
const PICKER_PAGE: isize = 10;
/// Lines that a page key moves by in a text.
const TEXT_PAGE: usize = 10;
/// Characters that one key moves a text to the side.
const TEXT_STEP: usize = 16;

/// Handles a key in the topmost overlay.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match model.overlays.last() {
        Some(Overlay::Picker(_)) => press_in_picker(model, key),
        Some(Overlay::Form(_)) => forms::press(model, key),
        Some(Overlay::Choice(_)) => press_in_choice(model, key),
        Some(Overlay::Preview(_)) => preview::press(model, key),
        Some(Overlay::Text(_)) => press_in_text(model, key),
        Some(Overlay::Help(_)) => press_in_help(model, key),
        None => Vec::new(),
    }
}

/// Inserts pasted text into the input of the topmost overlay.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            picker.query.insert(text);
            picker.search();
        }
        Some(Overlay::Form(_)) => return forms::paste(model, text),
        Some(Overlay::Choice(_) | Overlay::Preview(_) | Overlay::Text(_) | Overlay::Help(_))
        | None => {}
    }
    Vec::new()
}

fn press_in_picker(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Picker(picker)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let by = match key.code {
        KeyCode::Down => 1,
        KeyCode::Up => -1,
        KeyCode::PageDown => PICKER_PAGE,
        KeyCode::PageUp => -PICKER_PAGE,
        _ => 0,
    };
    if by != 0 {
        picker.move_selection(by);
        return Vec::new();
    }
    match picker.query.handle_key(key) {
        Edit::Accepted => return run_selected_item(model),
        Edit::Cancelled => drop(model.overlays.pop()),
        Edit::Changed => picker.search(),
        Edit::Ignored => {}
    }
    Vec::new()
}

/// Closes the picker and runs its selected item.
fn run_selected_item(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Picker(picker)) = model.overlays.last() else {
        return Vec::new();
    };
    // Without a match, Enter keeps the picker open for another query.
    let Some(item) = picker.current().cloned() else {
        return Vec::new();
    };
    model.overlays.pop();
    match item.action {
        // A search can find what was not meant.
        PickerAction::Run(Action::Remove) => {
            actions::ask_to_remove(model);
            Vec::new()
        }
        PickerAction::Run(action) => actions::run(model, action),
        PickerAction::SetBank(bank) => screening::set_bank(model, bank.as_ref()),
        PickerAction::SetCategory(category) => screening::set_category(model, category),
        PickerAction::ToggleWarning { code, is_ignored } => {
            screening::toggle_warning(model, code, is_ignored);
            Vec::new()
        }
        PickerAction::MoveToCase(case) => {
            let files = screening::targets(model);
            if let Some(case) = case {
                return move_files::move_to(model, files, case);
            }
            forms::new_case(model, files);
            Vec::new()
        }
        PickerAction::Sort(column) => {
            actions::sort_by(model, column);
            Vec::new()
        }
        PickerAction::ExportAs(format) => {
            forms::export(model, format);
            Vec::new()
        }
        PickerAction::UseSession(recent) => stored::use_recent(model, recent),
        PickerAction::StopWatching(id) => {
            if let Some(folder) = model.watched.remove(id) {
                let text = format!("No longer watching {}", sanitize(&folder.path));
                model.notify(Level::Info, &text);
            }
            vec![Effect::StopWatching(id)]
        }
        PickerAction::CopyDetail => {
            model.show_notice(Level::Info, format!("Copied: {}", sanitize(&item.detail)));
            vec![Effect::CopyToClipboard(item.detail)]
        }
    }
}

/// Scrolls or closes the help, or opens the list of commands, which finds one by its name.
fn press_in_help(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if model.setup.keys.action(key) == Some(Action::Palette) {
        model.overlays.pop();
        return actions::run(model, Action::Palette);
    }
    let last = max_help_top(model);
    let Some(Overlay::Help(page)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    match key.code {
        KeyCode::Down | KeyCode::Char('j') => page.top = (page.top + 1).min(last),
        KeyCode::Up | KeyCode::Char('k') => page.top = page.top.saturating_sub(1),
        KeyCode::PageDown | KeyCode::Char(' ') => page.top = (page.top + TEXT_PAGE).min(last),
        KeyCode::PageUp => page.top = page.top.saturating_sub(TEXT_PAGE),
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | '?') => {
            model.overlays.pop();
        }
        _ => {}
    }
    Vec::new()
}

/// Scrolls, copies, writes or closes a text.
fn press_in_text(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Text(page)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    // The view shows the last line at the latest.
    let last = page.text.lines().count().saturating_sub(1);
    match key.code {
        KeyCode::Down | KeyCode::Char('j') => page.top = (page.top + 1).min(last),
        KeyCode::Up | KeyCode::Char('k') => page.top = page.top.saturating_sub(1),
        KeyCode::PageDown => page.top = (page.top + TEXT_PAGE).min(last),
        KeyCode::PageUp => page.top = page.top.saturating_sub(TEXT_PAGE),
        KeyCode::Right if page.request_id.is_some() => {
            let longest = page.text.lines().map(|line| line.chars().count()).max();
            let last = longest.unwrap_or_default().saturating_sub(TEXT_STEP);
            page.left = (page.left + TEXT_STEP).min(last);
        }
        KeyCode::Left => page.left = page.left.saturating_sub(TEXT_STEP),
        KeyCode::Char('y') => {
            let text = page.text.clone();
            let what = if page.request_id.is_some() {
                "Copied the text"
            } else {
                "Copied the message"
            };
            model.overlays.pop();
            model.show_notice(Level::Info, what);
            return vec![Effect::CopyToClipboard(text)];
        }
        KeyCode::Char('w') => {
            if let Some(name) = page.file_name.clone() {
                let text = page.text.clone();
                forms::write_message(model, text, &name);
            }
        }
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'Q') => {
            model.overlays.pop();
        }
        _ => {}
    }
    Vec::new()
}

fn press_in_choice(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Choice(choice)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let last = choice.options.len().saturating_sub(1);
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let mut options = choice.options.iter();
    let action = match key.code {
        // A second Ctrl-C confirms the question whether to quit.
        KeyCode::Char('c') if ctrl => {
            if options.any(|option| option.action == ChoiceAction::QuitNow) {
                Some(ChoiceAction::QuitNow)
            } else {
                Some(ChoiceAction::Dismiss)
            }
        }
        KeyCode::Esc => Some(ChoiceAction::Dismiss),
        KeyCode::Enter => {
            let option = options.nth(choice.selected);
            option.map(|option| option.action.clone())
        }
        KeyCode::Char(c) if !ctrl => {
            let option = options.find(|option| option.key == c);
            option.map(|option| option.action.clone())
        }
        KeyCode::Down | KeyCode::Tab => {
            choice.selected = (choice.selected + 1).min(last);
            None
        }
        KeyCode::Up | KeyCode::BackTab => {
            choice.selected = choice.selected.saturating_sub(1);
            None
        }
        _ => None,
    };
    let Some(action) = action else {
        return Vec::new();
    };
    model.overlays.pop();
    match action {
        ChoiceAction::Dismiss => Vec::new(),
        ChoiceAction::FinishAndQuit => vec![Effect::Quit {
            finish_uploads: true,
        }],
        ChoiceAction::QuitNow => vec![Effect::Quit {
            finish_uploads: false,
        }],
        ChoiceAction::Reconcile => vec![send::reconcile(model)],
        ChoiceAction::Send(order) => send::send(model, order),
        ChoiceAction::Process(requests) => processing::start(model, requests),
        ChoiceAction::AskToResend => {
            send::ask_to_resend(model);
            Vec::new()
        }
        ChoiceAction::CancelUploads(files) => vec![Effect::CancelUploads(files)],
        ChoiceAction::StopCases => vec![Effect::StopCases],
        ChoiceAction::Remove(files) => {
            screening::remove_files(model, files);
            Vec::new()
        }
        ChoiceAction::RestoreQueue => vec![Effect::RestoreQueue],
        ChoiceAction::RecentSessions => {
            stored::choose_recent(model);
            Vec::new()
        }
        ChoiceAction::OpenSandbox => {
            let source = SessionSource::Sandbox(model.setup.requested_period);
            session::choose_source(model, source)
        }
        ChoiceAction::NewSession => {
            forms::new_session(model);
            Vec::new()
        }
        ChoiceAction::ExistingSession => {
            forms::existing_session(model);
            Vec::new()
        }
    }
}
