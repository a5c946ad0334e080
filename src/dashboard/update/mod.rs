//! What a message changes. One file a concern.

mod delivery;
mod forms;
mod keys;
mod lists;
mod overlays;
mod session;
#[cfg(test)]
mod tests;
mod work;

use super::model::{File, FileId, Level, Model, Overlay, Tab};
use super::{Effect, Found, Message};
use crate::text::sanitize;
use jiff::Timestamp;

/// What is to be done before anything has happened: opens the session that was asked for, else
/// asks where to send.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    match model.setup.start.take() {
        Some(start) => session::open(model, start),
        None => session::ask(model),
    }
}

/// Takes in a message, and gives what is to be done outside.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = match message {
        Message::Key(key) => keys::press(model, key),
        Message::Paste(text) => overlays::paste(model, &text),
        Message::Click { row, column } => keys::click(model, row, column),
        Message::Scroll(lines) => keys::scroll(model, lines as isize),
        Message::Resized(width, height) => resize(model, width, height),
        Message::Now(now) => tick(model, now),
        Message::Found(found) => add(model, found),
        Message::NotFound(why) => told(model, Level::Error, &why),
        Message::Arriving(count) => {
            model.queue.arriving = count;
            Vec::new()
        }
        Message::Completions(typed, list) => forms::complete(model, &typed, list),
        Message::Screened(finished) => work::screened(model, *finished),
        Message::Opened(opened) => session::opened(model, opened),
        Message::Delivery(delivered) => delivery::delivered(model, delivered),
        Message::Stopped(why) => delivery::stopped(model, &why),
        Message::Settled(what) => told(model, Level::Info, &what),
        Message::Drawn { ticket, picture } => overlays::drawn(model, ticket, picture),
        Message::History(read) => lists::history(model, read),
        Message::Log(level, text) => {
            model.log.add(model.screen.now, level, &text);
            Vec::new()
        }
        Message::Notice(level, text) => told(model, level, &text),
        Message::Ending(why) => {
            model.screen.ending = true;
            told(model, Level::Warning, &why)
        }
    };
    model.queue.refresh();
    let height = model.table_rows();
    model.queue.keep_in_view(height);
    if model.tab == Tab::Coverage {
        model.queue.cover(model.setup.range);
    }
    effects.extend(first_look_at_history(model));
    effects
}

/// Says something to the person and to the log.
fn told(model: &mut Model, level: Level, text: &str) -> Vec<Effect> {
    model.log.add(model.screen.now, level, text);
    model.tell(level, sanitize(text));
    Vec::new()
}

/// A page is drawn for the size of the screen.
fn resize(model: &mut Model, width: u16, height: u16) -> Vec<Effect> {
    (model.screen.width, model.screen.height) = (width, height);
    if matches!(model.top(), Some(Overlay::Page(_))) {
        return overlays::draw_page(model);
    }
    Vec::new()
}

fn tick(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let before = model.screen.now;
    model.screen.now = now;
    delivery::measure(model, now);
    session::warn_of_the_end(model, before, now);
    Vec::new()
}

/// Adds files and has them screened.
fn add(model: &mut Model, found: Vec<Found>) -> Vec<Effect> {
    let ids: Vec<FileId> = found
        .into_iter()
        .map(|found| {
            model
                .queue
                .add(File::new(found.name, found.bytes, found.expected))
        })
        .collect();
    work::screen(model, ids)
}

/// The history is read when it is first shown.
fn first_look_at_history(model: &mut Model) -> Option<Effect> {
    let wanted = model.tab == Tab::History && !model.history.read;
    wanted.then(|| {
        model.history.read = true;
        Effect::ReadHistory(model.history.query.text())
    })
}
