//! Applies messages to the model. One file per concern.
//!
//! Dependencies point one way: `keys` uses `overlays`, which uses `actions`, which uses the other
//! files. Of these, `forms` and `send` use `session`, and `session` uses `screening`.

mod actions;
mod cases;
mod changes;
mod forms;
mod keys;
mod overlays;
mod pickers;
mod preview;
mod screening;
mod send;
mod send_cases;
mod session;
#[cfg(test)]
mod tests;
mod undo;
mod unlock;
mod upload;

use super::model::{File, FileId, HistoryRow, HistoryTotals, Level, Model, Tab};
use super::{DiscoveredFile, Effect, Message};
use crate::text::sanitize;
use jiff::Timestamp;

/// Returns the first effects of a run: opens the initial session, or asks which session to open.
pub fn begin(model: &mut Model) -> Vec<Effect> {
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
    let mut effects = apply(model, message);
    // Once per message: a batch of changes sorts the rows once.
    let changed = model.queue.judge_cases(model.setup.requested_period);
    if !changed.is_empty() {
        model.case_table.refresh(&model.queue);
        effects.extend(upload::recall_cases(model, &changed));
    }
    model.queue.refresh();
    if changes::are_screened(model) {
        effects.extend(actions::ask_to_upload(model));
    }
    let height = model.table_rows();
    model.queue.scroll_to_selected(height);
    model.case_table.scroll_to_selected(height);
    // Computed only while visible, since it reads all files.
    if model.tab == Tab::Coverage {
        model.queue.compute_coverage(model.setup.requested_period);
    }
    effects.extend(first_history_read(model));
    effects
}

fn apply(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => return keys::press(model, key),
        Message::Paste(text) => return keys::paste(model, &text),
        Message::Click { row, column: _ } => keys::click(model, row),
        Message::Scroll(lines) => keys::scroll(model, lines as isize),
        Message::Resized(width, height) => {
            (model.viewport.width, model.viewport.height) = (width, height);
            return preview::request_page(model);
        }
        Message::Tick(now) => tick(model, now),
        Message::FilesFound(found) => return add_files(model, found),
        Message::KnownFilesFound(files) => return undo::restore_removed(model, files),
        Message::DiscoveryFailed(why) => model.notify(Level::Error, &why),
        Message::FilesArriving(count) => model.queue.arriving = count,
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
            return effects;
        }
        Message::UploadUpdated(update) => upload::updated(model, update),
        Message::Recalled(records) => upload::recalled(model, records),
        Message::QueueStopped(why) => upload::stopped(model, &why),
        Message::Reconciled(summary) => model.notify(Level::Info, &summary),
        Message::PageRendered {
            request_id,
            picture,
        } => preview::rendered(model, request_id, picture),
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
