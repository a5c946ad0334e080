//! Writes down what happens on the dashboard: what messages bring, as the model has taken it in,
//! and what it tells people.
//!
//! Attempts and calls are written down where they are made.

use super::event_loop::Event as Happened;
use crate::dashboard::model::FileId;
use crate::dashboard::{Delivered, Message, Model, Step};
use crate::event_log::{Event, Log};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// The log, and how much of what people were told it has.
pub(super) struct Record {
    log: Log,
    /// Lines of the model's own log.
    lines: usize,
}

/// What of a message is written down once the model has taken it in.
pub(super) enum Noted {
    Screened(FileId, u32, Duration),
    Ended(FileId),
    /// A step that attempts tell of.
    Step,
    Other,
}

impl Noted {
    pub(super) fn of(message: &Message) -> Self {
        match message {
            Message::Screened(done) => Self::Screened(done.file, done.round, done.elapsed),
            Message::Delivery(Delivered { file, step }) => match step {
                Step::Ended(_) => Self::Ended(*file),
                Step::Began | Step::Moved(..) | Step::Again(_) => Self::Step,
            },
            _ => Self::Other,
        }
    }
}

impl Record {
    /// A line that is lost is told on the dashboard: standard error is below it.
    pub(super) fn new(log: &Log, events: Sender<Happened>) -> Self {
        log.tell_by(move |text| drop(events.send(Happened::error(text.to_owned()))));
        Self {
            log: log.clone(),
            lines: 0,
        }
    }

    pub(super) fn found(&self, files: usize) {
        if files > 0 {
            self.log.write(|| Event::FilesFound { files });
        }
    }

    pub(super) fn signal(&self, signal: i32) {
        self.log.write(|| Event::signal(signal));
    }

    /// What people were told since.
    pub(super) fn told(&mut self, model: &Model) {
        let lines = model.log.lines();
        let new = (model.log.added() - self.lines).min(lines.len());
        self.lines = model.log.added();
        for line in lines.iter().skip(lines.len() - new) {
            let level = line.level.into();
            self.log.write(|| Event::notice(level, &line.text));
        }
    }

    /// What the model has taken in.
    pub(super) fn taken_in(&mut self, noted: &Noted, model: &Model) {
        match noted {
            Noted::Screened(id, round, elapsed) => self.screened(*id, *round, *elapsed, model),
            Noted::Ended(id) => self.ended(*id, model),
            Noted::Step | Noted::Other => {}
        }
        // What became of a file is told to people as well, and need not be here twice.
        if matches!(noted, Noted::Ended(_) | Noted::Step) {
            self.lines = model.log.added();
        } else {
            self.told(model);
        }
    }

    /// A screening that is older than the last order is not taken in.
    fn screened(&self, id: FileId, round: u32, elapsed: Duration, model: &Model) {
        let Some(file) = model.queue.file(id).filter(|file| file.round == round) else {
            return;
        };
        if let Some(screening) = file.screening() {
            let name = &file.name.text;
            self.log
                .write(|| Event::screened(name, file.bytes, screening, elapsed));
        }
    }

    fn ended(&self, id: FileId, model: &Model) {
        let Some(file) = model.queue.file(id) else {
            return;
        };
        if let Some(sent) = file.sent() {
            let content = file.screening().and_then(|screening| screening.content);
            self.log
                .write(|| Event::file_outcome(&file.name.text, content, sent));
        }
    }
}
