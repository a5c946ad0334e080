//! Writes the dashboard's events to the event log: results after the model has accepted them, and
//! messages to the user.
//!
//! Attempts and calls are logged where they are made.

use super::event::Event as LoopEvent;
use crate::dashboard::model::FileId;
use crate::dashboard::{Message, Model, UploadProgress, UploadUpdate};
use crate::event_log::{Event, EventLog};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// The event log, and how many lines of the model's log it contains.
pub(super) struct DashboardLog {
    log: EventLog,
    lines: usize,
}

/// What to log after the model has accepted a message.
pub(super) enum LoggedMessage {
    Screened(FileId, u32, Duration),
    Ended(FileId),
    /// Progress that attempts log themselves.
    Step,
    Other,
}

impl LoggedMessage {
    pub(super) fn of(message: &Message) -> Self {
        match message {
            Message::Screened(done) => Self::Screened(done.file, done.request_id, done.elapsed),
            Message::UploadUpdated(UploadUpdate { file, progress }) => match progress {
                UploadProgress::Finished(_) => Self::Ended(*file),
                UploadProgress::Started
                | UploadProgress::BytesSent { .. }
                | UploadProgress::Retrying(_) => Self::Step,
            },
            Message::Key(_)
            | Message::Paste(_)
            | Message::Click { .. }
            | Message::Scroll(_)
            | Message::Resized(..)
            | Message::Tick(_)
            | Message::CaseFound(_)
            | Message::FilesFound(_)
            | Message::KnownFilesFound(_)
            | Message::QueueRestored { .. }
            | Message::DiscoveryFailed(_)
            | Message::FilesArriving(..)
            | Message::WatchFailed(..)
            | Message::PathCompletions(..)
            | Message::FilesChecked { .. }
            | Message::SessionOpened(_)
            | Message::Recalled(_)
            | Message::CallsSaved(_)
            | Message::QueueStopped(_)
            | Message::Reconciled(_)
            | Message::ProcessingUpdated(_)
            | Message::PageRendered { .. }
            | Message::PageTextRead { .. }
            | Message::HistoryRead(_)
            | Message::Log(..)
            | Message::Notice(..)
            | Message::ShuttingDown(_) => Self::Other,
        }
    }
}

impl DashboardLog {
    /// Lost lines are reported on the dashboard, which covers standard error.
    pub(super) fn new(log: &EventLog, events: Sender<LoopEvent>) -> Self {
        log.report_lost_lines_by(move |text| drop(events.send(LoopEvent::error(text.to_owned()))));
        Self {
            log: log.clone(),
            lines: 0,
        }
    }

    pub(super) fn files_found(&self, files: usize) {
        if files > 0 {
            self.log.write(|| Event::FilesFound { files });
        }
    }

    pub(super) fn signal(&self, signal: i32) {
        self.log.write(|| Event::signal(signal));
    }

    /// Logs the messages that were shown since the last call.
    pub(super) fn log_notices(&mut self, model: &Model) {
        let lines = model.log.lines();
        let new = (model.log.added() - self.lines).min(lines.len());
        self.lines = model.log.added();
        for line in lines.iter().skip(lines.len() - new) {
            let level = line.level.into();
            self.log.write(|| Event::notice(level, &line.text));
        }
    }

    /// Logs a message that the model has accepted.
    pub(super) fn log_accepted(&mut self, message: &LoggedMessage, model: &Model) {
        match message {
            LoggedMessage::Screened(id, request_id, elapsed) => {
                self.screened(*id, *request_id, *elapsed, model);
            }
            LoggedMessage::Ended(id) => self.ended(*id, model),
            LoggedMessage::Step | LoggedMessage::Other => {}
        }
        // The outcome of a file is shown as a message too, which would be a duplicate here.
        if matches!(message, LoggedMessage::Ended(_) | LoggedMessage::Step) {
            self.lines = model.log.added();
        } else {
            self.log_notices(model);
        }
    }

    /// Logs a screening, unless a newer order has replaced it.
    fn screened(&self, id: FileId, request_id: u32, elapsed: Duration, model: &Model) {
        let Some(file) = model
            .queue
            .file(id)
            .filter(|file| file.request_id == request_id)
        else {
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
        if let Some(sent) = file.upload_record() {
            let content = file.screening().and_then(|screening| screening.content);
            self.log
                .write(|| Event::file_outcome(&file.name.text, content, sent));
        }
    }
}
