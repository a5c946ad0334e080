//! Runs the actions of the key map.

use super::{
    cases, changes, forms, pickers, preview, processing, screening, send, send_cases, session,
    undo, unlock, upload,
};
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    Choice, ChoiceAction, ChoiceOption, Column, FileId, Filter, HelpPage, Level, Model, Overlay,
    SortOrder, Tab, TextInput, Undo,
};
use crate::dashboard::{CheckReason, Effect, max_detail_top};
use crate::text::columns::counted;

/// Lines that a key scrolls the detail by.
const DETAIL_STEP: isize = 3;

/// Runs an action. An action that needs a file is refused if none is selected.
pub(super) fn run(model: &mut Model, action: Action) -> Vec<Effect> {
    if action.needs_file() && !has_selected_file(model) {
        let text = format!(
            "Select a file first: {} shows the files, {} adds some",
            model.key(Action::Show(Tab::Files)),
            model.key(Action::AddFiles)
        );
        model.notify(Level::Warning, &text);
        return Vec::new();
    }
    match action {
        Action::Down => move_by(model, 1),
        Action::Up => move_by(model, -1),
        Action::PageDown => move_by(model, model.table_rows().cast_signed()),
        Action::PageUp => move_by(model, -model.table_rows().cast_signed()),
        Action::First => move_by(model, isize::MIN),
        Action::Last => move_by(model, isize::MAX),
        Action::Mark => {
            toggle_mark(model);
            move_by(model, 1);
        }
        Action::MarkRange => mark_range(model),
        Action::MarkAll => mark_all(model),
        Action::ClearMarks => clear_marks(model),
        Action::Detail if model.tab == Tab::Cases => cases::open(model),
        Action::Detail if has_selected_file(model) => {
            model.viewport.full_detail = !model.viewport.full_detail;
            model.viewport.detail_top = 0;
        }
        Action::Detail => {}
        Action::Back => return back(model),
        Action::Password => unlock::open(model),
        Action::Bank => pickers::banks(model),
        Action::Category => pickers::categories(model),
        Action::IgnoreWarning => ignore_warning(model),
        Action::MoveToCase => pickers::cases(model),
        Action::Remove => screening::remove_files(model, screening::targets(model)),
        Action::Undo => return undo::undo(model),
        Action::Preview => return preview::open(model),
        Action::PageText => return preview::request_text(model),
        Action::Upload => return ask_to_upload(model),
        Action::CancelUpload => upload::cancel(model),
        Action::Process => processing::ask(model),
        Action::Retry => send::retry(model),
        Action::ResolveUnknown => send::choose_resolution(model),
        Action::ScreenAgain => return changes::check(model, CheckReason::Command),
        Action::Session => session::choose(model),
        Action::Period => forms::period(model),
        Action::AddFiles => forms::add_files(model, ""),
        Action::WatchFolder => forms::watch_folder(model),
        Action::StopWatching => pickers::watched_folders(model),
        Action::Filter => start_filter(model),
        Action::Problems => {
            let filter = shown_filter(model);
            let (text, only_problems) = (filter.text().to_owned(), !filter.only_problems);
            if model.tab != Tab::Cases {
                show_tab(model, Tab::Files);
            }
            set_filter(model, Filter::parse(&text, only_problems));
        }
        Action::Sort => pickers::sort(model),
        Action::ReverseSort => {
            let SortOrder { column, reversed } = model.queue.sort;
            model.queue.set_sort(SortOrder {
                column,
                reversed: !reversed,
            });
        }
        Action::Copy => pickers::copy(model),
        Action::Export => pickers::export(model),
        Action::Requests => cases::show_requests(model),
        Action::Show(tab) => {
            if tab == Tab::Files {
                cases::show_all_files(model);
            }
            show_tab(model, tab);
        }
        Action::NextTab => {
            let current = Tab::ALL.iter().position(|tab| *tab == model.tab);
            let next = Tab::ALL.iter().cycle().nth(current.unwrap_or(0) + 1);
            show_tab(model, next.copied().unwrap_or(Tab::Files));
        }
        Action::Help => model.overlays.push(Overlay::Help(HelpPage::default())),
        Action::Palette => pickers::actions(model),
        Action::DetailDown => scroll_detail(model, DETAIL_STEP),
        Action::DetailUp => scroll_detail(model, -DETAIL_STEP),
        Action::Repaint => return vec![Effect::Repaint],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return upload::quit(model),
    }
    Vec::new()
}

/// Asks whether to upload what is shown. Files that changed meanwhile are screened again first.
pub(super) fn ask_to_upload(model: &mut Model) -> Vec<Effect> {
    let saved_calls = if model.tab == Tab::Cases {
        send_cases::upload(model)
    } else {
        send::upload(model)
    };
    let mut effects = changes::check(model, CheckReason::Upload);
    effects.extend(saved_calls);
    effects
}

/// Returns whether the files are shown and one is selected.
pub(super) fn has_selected_file(model: &Model) -> bool {
    model.tab == Tab::Files && model.queue.current().is_some()
}

pub(super) fn show_tab(model: &mut Model, tab: Tab) {
    model.tab = tab;
    model.viewport.full_detail = false;
}

/// Moves the selection, or scrolls a view without one.
pub(super) fn move_by(model: &mut Model, by: isize) {
    match model.tab {
        Tab::Cases => {
            let row = model.case_table.selected.saturating_add_signed(by);
            model.case_table.select(row, model.table_rows());
        }
        Tab::Files if model.viewport.full_detail => scroll_detail(model, by),
        Tab::Files => {
            let row = model.queue.selected.saturating_add_signed(by);
            model.queue.select(row, model.table_rows());
        }
        Tab::Coverage => {
            let max = model.queue.coverage().len().saturating_sub(1);
            let top = model.viewport.coverage_top.saturating_add_signed(by);
            model.viewport.coverage_top = top.min(max);
        }
        // The log scrolls back from its latest line, which is at the bottom.
        Tab::Log => model.log.scroll(by.saturating_neg()),
        Tab::History => {
            let max = model.history.rows.len().saturating_sub(1);
            model.history.selected = model.history.selected.saturating_add_signed(by).min(max);
        }
    }
}

/// Scrolls the detail of the selected file or case down by a number of lines; up if negative.
fn scroll_detail(model: &mut Model, by: isize) {
    let top = isize::try_from(model.viewport.detail_top).unwrap_or(0);
    let max = isize::try_from(max_detail_top(model)).unwrap_or(0);
    let top = top.saturating_add(by).clamp(0, max);
    model.viewport.detail_top = u16::try_from(top).unwrap_or(0);
}

/// Marks the selected file.
pub(super) fn mark_selected(model: &mut Model) {
    set_mark(model, |_| true);
}

fn toggle_mark(model: &mut Model) {
    set_mark(model, |marked| !marked);
}

fn set_mark(model: &mut Model, mark: impl FnOnce(bool) -> bool) {
    let Some((id, file)) = model.queue.current() else {
        return;
    };
    let marked = mark(file.marked);
    mark_files(model, vec![id], marked);
    model.queue.mark_anchor = Some(model.queue.selected);
}

/// Marks or unmarks files.
fn mark_files(model: &mut Model, mut files: Vec<FileId>, marked: bool) {
    let is_other = |id: &FileId| {
        model
            .queue
            .file(*id)
            .is_some_and(|file| file.marked != marked)
    };
    files.retain(is_other);
    let before = files.iter().map(|id| (*id, !marked)).collect();
    for id in files {
        model.queue.change(id, |file| file.marked = marked);
    }
    model.remember(Undo::Marked(before));
}

/// Marks the rows from the anchor to the selected one.
fn mark_range(model: &mut Model) {
    let selected = model.queue.selected;
    let anchor = model.queue.mark_anchor.unwrap_or(selected);
    let range = anchor.min(selected)..=anchor.max(selected);
    let rows = model.queue.rows().get(range).unwrap_or_default().to_vec();
    mark_files(model, rows, true);
    model.queue.mark_anchor = Some(selected);
}

fn mark_all(model: &mut Model) {
    let rows = model.queue.rows().to_vec();
    mark_files(model, rows, true);
}

fn clear_marks(model: &mut Model) {
    let marked: Vec<FileId> = model.queue.marked().map(|(id, _)| id).collect();
    mark_files(model, marked, false);
    model.queue.mark_anchor = None;
}

/// Asks whether to remove the target files.
pub(super) fn ask_to_remove(model: &mut Model) {
    let files = screening::targets(model);
    if files.is_empty() {
        model.show_notice(Level::Info, "No file to remove");
        return;
    }
    let count = counted(files.len(), "file");
    let remove = format!("Remove {count}");
    model.overlays.push(Overlay::Choice(Choice {
        title: "Remove".to_owned(),
        text: format!("Remove {count} from the queue? Nothing is deleted."),
        options: vec![
            ChoiceOption::new('n', "Keep", ChoiceAction::Dismiss),
            ChoiceOption::new('y', remove, ChoiceAction::Remove(files)),
        ],
        selected: 0,
    }));
}

/// Closes the detail; else clears the query or the filter; else closes the case; else returns to
/// the first tab.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.viewport.full_detail {
        model.viewport.full_detail = false;
    } else if model.tab == Tab::History && !model.history.query.is_empty() {
        model.history.query.clear();
        return vec![Effect::ReadHistory(String::new())];
    } else if matches!(model.tab, Tab::Cases | Tab::Files) && !shown_filter(model).is_empty() {
        set_filter(model, Filter::default());
    } else if model.tab == Tab::Files && model.queue.filter.case.is_some() {
        cases::close(model);
    } else if model.tab != model.home_tab() {
        show_tab(model, model.home_tab());
    }
    Vec::new()
}

fn start_filter(model: &mut Model) {
    if model.tab == Tab::History {
        model.history.typing = true;
    } else {
        if model.tab != Tab::Cases {
            show_tab(model, Tab::Files);
        }
        model.filter_input = Some(TextInput::new(shown_filter(model).text()));
    }
}

/// Filters the table that is shown by typed text.
pub(super) fn filter_by(model: &mut Model, text: &str) {
    let only_problems = shown_filter(model).only_problems;
    set_filter(model, Filter::parse(text, only_problems));
}

/// Returns the filter of the table that is shown.
fn shown_filter(model: &Model) -> &Filter {
    if model.tab == Tab::Cases {
        model.case_table.filter()
    } else {
        &model.queue.filter
    }
}

/// Sets the filter of the table that is shown. The open case stays open.
fn set_filter(model: &mut Model, filter: Filter) {
    if model.tab == Tab::Cases {
        model.case_table.set_filter(filter, &model.queue);
    } else {
        let case = model.queue.filter.case;
        model.queue.set_filter(filter.in_case(case));
    }
}

/// Sorts the table by a column; reverses the order if it is sorted by it already.
pub(super) fn sort_by(model: &mut Model, column: Column) {
    let current = model.queue.sort;
    let reversed = current.column == column && !current.reversed;
    model.queue.set_sort(SortOrder { column, reversed });
}

/// Ignores the only warning of the selected file, or opens a picker of its warnings.
fn ignore_warning(model: &mut Model) {
    let warnings = screening::warnings(model);
    match warnings.as_slice() {
        [] => {
            let text = "No warning to ignore; errors can't be ignored";
            model.show_notice(Level::Info, text);
        }
        [(code, is_ignored)] => screening::toggle_warning(model, *code, *is_ignored),
        _ => pickers::warnings(model, &warnings),
    }
}
