//! Appends events to the log file.
//!
//! Each line is appended by one write, so that several runs can share a file, and contains the
//! identifier of its run. A line that can't be written stops nothing: it is counted, and the first
//! such failure is reported.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the log file is opened"
)]

use super::counters::Counters;
use super::event::{CallEvent, Event, Level};
use super::notices::print_line;
use crate::bankconnect::CallObserver;
use crate::report::write_object;
use crate::text::sanitize;
use jiff::Timestamp;
use rustix::fs::OFlags;
use serde::Serialize;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The beginning of each line.
const LINE_START: &[u8] = b"{\"time\":\"";

/// The destination of events: a file, or nothing. Clones write to the same file.
#[derive(Clone, Default)]
pub(crate) struct EventLog(Option<Arc<Sink>>);

/// Why the log file can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EventLogError {
    /// The file could not be opened for appending.
    #[error("could not use the log file {}", path.display())]
    Open { path: PathBuf, source: io::Error },
}

struct Sink {
    /// Distinguishes the lines of this run from those of other runs in the same file.
    run_id: String,
    /// The file's name, safe to print.
    name: String,
    started: Instant,
    state: Mutex<State>,
}

struct State {
    file: File,
    lines: Lines,
    /// Whether the last line in the file may be incomplete.
    is_torn: bool,
    /// The file, if this run created it.
    created: Option<PathBuf>,
    counters: Counters,
    /// Reports the first lost line; `None` afterwards.
    on_lost_line: Option<LostLineHandler>,
}

/// What happens to lines.
enum Lines {
    /// They wait, because the inputs of the run are not known yet: the log may be one of them.
    Held(Vec<Vec<u8>>),
    /// They are appended at once.
    Appended,
    /// They are dropped, because the file is not a log.
    Dropped,
}

type LostLineHandler = Box<dyn Fn(&str) + Send>;

/// One line of the file.
#[derive(Serialize)]
struct Line<'l> {
    /// RFC 3339, UTC, with milliseconds.
    time: String,
    level: Level,
    run: &'l str,
    #[serde(flatten)]
    event: &'l Event<'l>,
}

impl EventLog {
    /// Returns a log without a file, whose events are never built.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Opens the log file; a new one is readable by its owner only. Nothing is written before
    /// [`release`](Self::release) or [`end`](Self::end).
    ///
    /// # Errors
    ///
    /// If the file can't be opened for appending.
    pub(crate) fn open(path: &Path) -> Result<Self, EventLogError> {
        let opened = open_for_append(path).map_err(|source| EventLogError::Open {
            path: path.to_owned(),
            source,
        })?;
        let on_lost_line = |text: &str| print_line(format_args!("error: {text}"));
        Ok(Self(Some(Arc::new(Sink {
            run_id: format!("{:08x}", fastrand::u32(..)),
            name: sanitize(&path.to_string_lossy()).into_owned(),
            started: now(),
            state: Mutex::new(State {
                file: opened.file,
                lines: Lines::Held(Vec::new()),
                is_torn: opened.is_torn,
                created: opened.is_new.then(|| path.to_owned()),
                counters: Counters::default(),
                on_lost_line: Some(Box::new(on_lost_line)),
            }),
        }))))
    }

    /// Replaces the way in which the first lost line is reported, if none was lost yet.
    pub(crate) fn report_lost_lines_by(&self, report: impl Fn(&str) + Send + 'static) {
        if let Some(sink) = &self.0 {
            let mut state = sink.state();
            if state.on_lost_line.is_some() {
                state.on_lost_line = Some(Box::new(report));
            }
        }
    }

    /// Appends an event, which is built only if there is a file.
    pub(crate) fn write<'e>(&self, event: impl FnOnce() -> Event<'e>) {
        let Some(sink) = &self.0 else { return };
        let event = event();
        let mut state = sink.state();
        state.counters.add(&event);
        // The time is taken under the lock, so that it never decreases from line to line.
        let line = Line {
            time: format!("{:.3}", Timestamp::now()),
            level: event.level(),
            run: &sink.run_id,
            event: &event,
        };
        let mut text = Vec::new();
        let written = write_object(&line, &mut text).and_then(|()| state.add(text));
        sink.report_lost_line(state, written);
    }

    /// Writes the lines so far, and every later one at once.
    pub(crate) fn release(&self) {
        let Some(sink) = &self.0 else { return };
        let mut state = sink.state();
        let Lines::Held(held) = &mut state.lines else {
            return;
        };
        let held = std::mem::take(held);
        state.lines = Lines::Appended;
        let written = held.into_iter().try_for_each(|line| state.append(line));
        sink.report_lost_line(state, written);
    }

    /// Drops the lines so far and every later one, because the file must not be written. A file
    /// that this run created is removed.
    pub(crate) fn discard(&self) {
        let Some(sink) = &self.0 else { return };
        let mut state = sink.state();
        state.lines = Lines::Dropped;
        if let Some(created) = state.created.take() {
            // An empty file that remains is harmless.
            let _remains = fs::remove_file(created);
        }
    }

    /// Appends the end of the run with its exit code and counters.
    pub(crate) fn end(&self, exit_code: u8) {
        let Some(sink) = &self.0 else { return };
        self.release();
        let counts = sink.state().counters.clone();
        let seconds = (sink.started.elapsed().as_secs_f64() * 1e3).round() / 1e3;
        self.write(|| Event::RunEnded {
            exit_code,
            seconds,
            counts,
        });
    }

    /// Returns an observer that appends every call of a client, except uploads, when it ends.
    pub(crate) fn call_observer(&self) -> CallObserver {
        let log = self.clone();
        CallObserver::new(move |report| log.write(|| Event::Call(CallEvent::new(report))))
    }
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventLog").field(&self.0.is_some()).finish()
    }
}

impl Sink {
    /// Locks the state. A panic in another thread leaves whole lines only.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a line that could not be written, and reports the first.
    fn report_lost_line(&self, mut state: MutexGuard<'_, State>, written: io::Result<()>) {
        let Err(error) = written else { return };
        state.counters.lines_lost += 1;
        let report = state.on_lost_line.take();
        drop(state);
        if let Some(report) = report {
            report(&format!(
                "could not write to the log file {}: {error}; the run continues, and further lost \
                 lines are only counted",
                self.name
            ));
        }
    }
}

impl State {
    /// Holds, appends or drops a line.
    fn add(&mut self, line: Vec<u8>) -> io::Result<()> {
        match &mut self.lines {
            Lines::Held(held) => {
                held.push(line);
                Ok(())
            }
            Lines::Appended => self.append(line),
            Lines::Dropped => Ok(()),
        }
    }

    /// Appends a line by one write. An incomplete line before it is ended first.
    fn append(&mut self, mut line: Vec<u8>) -> io::Result<()> {
        if self.is_torn {
            line.insert(0, b'\n');
        }
        line.push(b'\n');
        let written = loop {
            match self.file.write(&line) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => break written?,
            }
        };
        self.is_torn = written < line.len() && (written > 0 || self.is_torn);
        if written < line.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

struct OpenedFile {
    file: File,
    /// Whether the file did not exist before.
    is_new: bool,
    /// Whether the last line is incomplete.
    is_torn: bool,
}

/// Opens a file for appending.
fn open_for_append(path: &Path) -> io::Result<OpenedFile> {
    // A pipe without a reader is rejected, and a full one loses a line: neither may block an
    // upload. Regular files ignore the flag.
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let mut options = OpenOptions::new();
    options.append(true).mode(0o600).custom_flags(nonblocking);
    let (file, is_new) = match options.clone().create_new(true).open(path) {
        Ok(file) => (file, true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (options.open(path)?, false),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    let is_torn = metadata.is_file() && metadata.len() > 0 && is_torn(path)?;
    Ok(OpenedFile {
        file,
        is_new,
        is_torn,
    })
}

/// Returns whether the last line of a file is incomplete. A file that can't be read is accepted
/// unchecked.
fn is_torn(path: &Path) -> io::Result<bool> {
    let Ok(mut existing) = File::open(path) else {
        return Ok(false);
    };
    let mut last = [0];
    existing.seek(SeekFrom::End(-1))?;
    existing.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Returns whether a file with this beginning is an event log.
pub(crate) fn is_event_log(head: &[u8]) -> bool {
    // A first line that was cut off has a part of the time only.
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_whole = memchr::memmem::find(first, b"\"event\":\"").is_some();
    first.starts_with(LINE_START) && (is_whole || first.len() == head.len())
}

fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_line_is_ended_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "{\"time\":\"2026-").unwrap();
        let log = EventLog::open(&path).unwrap();
        log.release();
        log.write(|| Event::FilesFound { files: 1 });
        log.write(|| Event::FilesFound { files: 2 });
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (3, "{\"time\":\"2026-"));
        assert!(lines[2].contains("\"files\":2"));
    }

    #[test]
    fn logs_are_recognized_by_their_first_line() {
        assert!(is_event_log(b"{\"time\":\"2026-"));
        assert!(is_event_log(b"{\"time\":\"x\",\"event\":\"run_began\"}\n{"));
        assert!(!is_event_log(
            b"{\"time\":\"x\",\"msg\":\"of another program\"}\n"
        ));
        assert!(!is_event_log(b"secret\n"));
    }

    #[test]
    fn lines_are_held_until_they_may_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = EventLog::open(&path).unwrap();
        log.write(|| Event::FilesFound { files: 1 });
        assert_eq!(fs::read(&path).unwrap(), b"");
        log.release();
        assert!(fs::read_to_string(&path).unwrap().contains("\"files\":1"));
        let dropped = EventLog::open(&folder.path().join("other")).unwrap();
        dropped.write(|| Event::FilesFound { files: 1 });
        dropped.discard();
        dropped.end(2);
        assert!(!folder.path().join("other").exists());
    }

    #[test]
    fn lost_lines_are_reported_once_and_all_counted() {
        let log = EventLog::open(Path::new("/dev/full")).unwrap();
        log.release();
        let reports = Arc::new(Mutex::new(Vec::new()));
        let sender = Arc::clone(&reports);
        log.report_lost_lines_by(move |why| sender.lock().unwrap().push(why.to_owned()));
        for files in 0..3 {
            log.write(|| Event::FilesFound { files });
        }
        assert_eq!(reports.lock().unwrap().len(), 1);
        let sink = log.0.as_ref().unwrap();
        assert_eq!(sink.state().counters.lines_lost, 3);
    }
}
