//! Applies messages to the model. One file per concern.
//!
//! Dependencies point one way: `keys` uses `overlays`, which uses `actions`, which uses the other
//! files. Of these, `forms` and `send` use `session`, `forms`, `pickers`, `stored` and `undo` use
//! `move_files`, and `session` and `move_files` use `screening`.

mod actions;
mod cases;
mod changes;
mod forms;
mod keys;
mod move_files;
mod overlays;
mod pickers;
mod preview;
mod processing;
mod screening;
mod send;
mod send_cases;
mod session;
mod stored;
#[cfg(test)]
mod tests;
mod undo;
mod unlock;
mod upload;

use super::model::{Alerts, File, FileId, HistoryRow, HistoryTotals, Level, Model, Tab};
use super::{DiscoveredFile, Effect, Message};
use crate::text::sanitize;
use jiff::Timestamp;

/// Returns the first effects of a run: opens the initial session, or asks which session to open.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    let effects = open_first_session(model);
    stored::offer_queue(model);
    effects
}

fn open_first_session(model: &mut Model) -> Vec<Effect> {
    if !model.queue.cases().is_empty() {
        session::use_one_per_case(model);
        Vec::new()
    } else if let Some(source) = model.setup.initial_session.take() {
        session::choose_source(model, source)
    } else {
        session::choose(model);
        Vec::new()
    }
}

/// Applies a message and returns the effects to perform.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let shown = detail_subject(model);
    let before = Running::of(model);
    let mut effects = apply(model, message);
    effects.extend(alert(model, before));
    // Once per message: a batch of changes sorts the rows once.
    let changed = model.queue.judge_cases(model.setup.requested_period);
    if !changed.is_empty() {
        model.case_table.refresh(&model.queue);
        cases::leave_unlisted(model);
        effects.extend(upload::recall_cases(model, &changed));
    }
    if model.case_table.filter().only_problems {
        // The outcomes of uploads decide, too.
        model.case_table.refresh(&model.queue);
    }
    model.queue.refresh();
    if changes::are_screened(model) {
        effects.extend(actions::ask_to_upload(model));
    }
    let height = model.table_rows();
    model.queue.scroll_to_selected(height);
    model.case_table.scroll_to_selected(height);
    if detail_subject(model) != shown {
        model.viewport.detail_top = 0;
    }
    // Computed only while visible, since it reads all files.
    if model.tab == Tab::Coverage {
        model.queue.compute_coverage(model.setup.requested_period);
    }
    effects.extend(first_history_read(model));
    effects
}

/// What runs and is announced when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Running {
    uploads: bool,
    sessions: usize,
}

impl Running {
    fn of(model: &Model) -> Self {
        Self {
            uploads: model.queue.upload_totals().left() > 0,
            sessions: model.processing.running(),
        }
    }
}

/// Announces that the uploads or the processing of a session ended, if the user wants that.
fn alert(model: &Model, before: Running) -> Option<Effect> {
    let after = Running::of(model);
    let have_uploads_ended = before.uploads && !after.uploads;
    let has_processing_ended = after.sessions < before.sessions;
    let Alerts { bell, title } = model.setup.alerts;
    if !(bell || title) || !(have_uploads_ended || has_processing_ended) {
        return None;
    }
    let text = if has_processing_ended {
        "bankscreen: processing ended".to_owned()
    } else {
        let totals = model.queue.upload_totals();
        format!(
            "bankscreen: {} of {} uploaded",
            totals.uploaded, totals.requested
        )
    };
    let title = title.then_some(text);
    Some(Effect::Alert { bell, title })
}

/// Returns what the detail shows: the tab, and the selected case or file.
fn detail_subject(model: &Model) -> (Tab, Option<usize>, Option<FileId>) {
    let file = model.queue.current().map(|(id, _)| id);
    (model.tab, model.case_table.current(), file)
}

fn apply(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => return keys::press(model, key),
        Message::Paste(text) => return keys::paste(model, &text),
        Message::Click { row, column: _ } => keys::click(model, row),
        Message::Scroll(lines) => keys::scroll(model, lines as isize),
        Message::Resized(width, height) => {
            (model.viewport.width, model.viewport.height) = (width, height);
            preview::resized(model);
        }
        Message::Tick(now) => tick(model, now),
        Message::CaseFound(case) => cases::found(model, case),
        Message::FilesFound(found) => return add_files(model, found),
        Message::KnownFilesFound(files) => return undo::restore_removed(model, files),
        Message::QueueRestored { files, missing } => {
            return stored::restored(model, files, missing);
        }
        Message::DiscoveryFailed(why) => model.notify(Level::Error, &why),
        Message::FilesArriving(folder, count) => model.watched.set_arriving(folder, count),
        Message::WatchFailed(folder, why) => {
            model.watched.remove(folder);
            model.notify(Level::Error, &why);
        }
        Message::PathCompletions(typed, list) => forms::set_completions(model, &typed, list),
        Message::Screened(screened) => {
            let id = screened.file;
            let mut effects = screening::screened(model, *screened);
            effects.extend(upload::recall(model, [id]));
            changes::screened(model, id);
            return effects;
        }
        Message::FilesChecked { changed, reason } => {
            return changes::checked(model, &changed, reason);
        }
        Message::SessionOpened(opened) => {
            let before = model.setup.requested_period;
            let mut effects = session::opened(model, opened);
            let is_same_period = model.setup.requested_period == before;
            effects.extend(upload::recall_all(model));
            effects.extend(send::send_pending(model, is_same_period));
            effects.extend(stored::recent(model));
            return effects;
        }
        Message::UploadUpdated(update) => upload::updated(model, update),
        Message::Recalled(records) => upload::recalled(model, records),
        Message::CallsSaved(count) => model.calls_saved += count,
        Message::QueueStopped(why) => upload::stopped(model, &why),
        Message::Reconciled(summary) => model.notify(Level::Info, &summary),
        Message::ProcessingUpdated(update) => processing::updated(model, update),
        Message::PageRendered {
            request_id,
            picture,
        } => preview::rendered(model, request_id, picture),
        Message::PageTextRead { request_id, text } => preview::text_read(model, request_id, text),
        Message::HistoryRead(read) => history_read(model, read),
        Message::Log(level, text) => model.log.add(model.now, level, &text),
        Message::Notice(level, text) => model.notify(level, &text),
        Message::ShuttingDown(why) => {
            model.shutting_down = true;
            model.notify(Level::Warning, &why);
        }
    }
    Vec::new()
}

fn tick(model: &mut Model, now: Timestamp) {
    let before = model.now;
    model.now = now;
    upload::sample_transfer_rate(model, now);
    session::warn_of_expiry(model, before, now);
}

/// Adds files and requests their screening.
fn add_files(model: &mut Model, found: Vec<DiscoveredFile>) -> Vec<Effect> {
    let ids: Vec<FileId> = found
        .into_iter()
        .map(|found| {
            model
                .queue
                .add(File::new(found.name, found.bytes, found.expected).in_case(found.case))
        })
        .collect();
    screening::screen(model, ids)
}

fn history_read(model: &mut Model, read: Result<(Vec<HistoryRow>, HistoryTotals), String>) {
    let history = &mut model.history;
    match read {
        Ok((rows, totals)) => {
            history.selected = history.selected.min(rows.len().saturating_sub(1));
            history.rows = rows;
            history.totals = totals;
            history.error = None;
        }
        Err(why) => history.error = Some(sanitize(&why).into_owned()),
    }
}

/// Reads the history when its tab is shown for the first time.
fn first_history_read(model: &mut Model) -> Option<Effect> {
    let is_due = model.tab == Tab::History && !model.history.requested;
    is_due.then(|| {
        model.history.requested = true;
        Effect::ReadHistory(model.history.query.text())
    })
}
