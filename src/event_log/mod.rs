//! The log file: what a run did, for whoever has to explain it later. One JSON object a line.
//!
//! It is apart from what people and reports are shown: the same whatever is quiet or verbose. Each
//! line is appended by one write, so that runs can share a file, and bears the run it is of. A line
//! that can't be written stops nothing; it is counted, and the first is told.
//!
//! It decides nothing and reads nothing back. What may be told, and what is masked, is the matter
//! of [`Event`].

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the log file is opened"
)]

mod event;
mod settings;
mod tally;

pub(crate) use event::{AttemptEvent, Event, Level, Times};
pub(crate) use settings::{Settings, in_force};

use crate::bankconnect::CallObserver;
use crate::cli::Exit;
use crate::cli::failure::Failure;
use crate::cli::screening::now;
use crate::report::write_object;
use crate::text::sanitize;
use event::CallEvent;
use jiff::Timestamp;
use rustix::fs::OFlags;
use serde::Serialize;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tally::Tally;

/// What a PDF file begins with. A pattern of the shell may name a statement where the log was
/// meant, and must not spoil it.
const PDF: &[u8] = b"%PDF-";

/// Where events go: a file, or nowhere. Clones write to the same file.
#[derive(Clone, Default)]
pub(crate) struct Log(Option<Arc<Sink>>);

struct Sink {
    /// Tells the lines of this run from those of others in the same file.
    run: String,
    /// What the file is called, safe to show.
    name: String,
    began: Instant,
    state: Mutex<State>,
}

struct State {
    file: File,
    /// Whether the last line in the file may have no end.
    is_torn: bool,
    tally: Tally,
    /// Says that a line was lost; gone once it has.
    teller: Option<Teller>,
}

/// Says something to the person.
type Teller = Box<dyn Fn(&str) + Send>;

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

impl Log {
    /// A log that goes nowhere, and costs nothing.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Opens the file, which is created for its owner only where there is none. `output` is where
    /// the report goes, and can't be the same file.
    pub(crate) fn open(path: Option<&Path>, output: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::none());
        };
        if is_same(path, output) {
            return Err(Failure::usage(
                format!("--log-file and --output are both {}", path.display()),
                "two files: the report would replace the log",
            ));
        }
        let (file, is_torn) = open(path).map_err(|error| {
            Failure::environment(
                format!("the log file {} can't be used", path.display()),
                error,
                "--log-file with a file that you may write to, in a folder that exists",
            )
        })?;
        let teller = |text: &str| crate::cli::notice::progress(format_args!("error: {text}"));
        Ok(Self(Some(Arc::new(Sink {
            run: format!("{:08x}", fastrand::u32(..)),
            name: sanitize(&path.to_string_lossy()).into_owned(),
            began: now(),
            state: Mutex::new(State {
                file,
                is_torn,
                tally: Tally::default(),
                teller: Some(Box::new(teller)),
            }),
        }))))
    }

    /// Has a lost line told in another way than on standard error.
    pub(crate) fn tell_by(&self, teller: impl Fn(&str) + Send + 'static) {
        if let Some(sink) = &self.0 {
            let mut state = sink.state();
            // Whoever was told already is not told again.
            if state.teller.is_some() {
                state.teller = Some(Box::new(teller));
            }
        }
    }

    /// Writes down an event, which is made only where there is a file.
    pub(crate) fn write<'e>(&self, event: impl FnOnce() -> Event<'e>) {
        let Some(sink) = &self.0 else { return };
        let event = event();
        let mut state = sink.state();
        state.tally.add(&event);
        // Within the lock, so that times never go back from line to line.
        let line = Line {
            time: format!("{:.3}", Timestamp::now()),
            level: event.level(),
            run: &sink.run,
            event: &event,
        };
        let mut text = Vec::new();
        let written = write_object(&line, &mut text).and_then(|()| state.append(text));
        if let Err(error) = written {
            state.tally.lines_lost += 1;
            let teller = state.teller.take();
            drop(state);
            if let Some(tell) = teller {
                tell(&format!(
                    "the log file {} can't be written: {error}; the run goes on, and what can't be \
                     written is lost",
                    sink.name
                ));
            }
        }
    }

    /// Writes down the end of the run.
    pub(crate) fn end(&self, exit: Exit) {
        let Some(sink) = &self.0 else { return };
        let counts = sink.state().tally.clone();
        let seconds = (sink.began.elapsed().as_secs_f64() * 1e3).round() / 1e3;
        self.write(|| Event::RunEnded {
            exit_code: exit.code(),
            seconds,
            counts,
        });
    }

    /// Writes down calls of the client, other than uploads, as they end.
    pub(crate) fn watch(&self) -> CallObserver {
        let log = self.clone();
        CallObserver::new(move |report| log.write(|| Event::Call(CallEvent::new(report))))
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Log").field(&self.0.is_some()).finish()
    }
}

impl Sink {
    /// A panic elsewhere leaves the file as it is: lines are whole or absent.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Appends a line by one write. What is left of one that was cut gets an end first, so that no
    /// other is glued to it.
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

/// Opens for appending, and tells whether the last line has no end.
fn open(path: &Path) -> io::Result<(File, bool)> {
    // A pipe without a reader is refused, and one that is full loses a line: neither may hold an
    // upload up. For files the flag means nothing.
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(nonblocking)
        .open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.len() == 0 {
        return Ok((file, false));
    }
    // A file that can be written and not read is taken as it is.
    let Ok(mut before) = File::open(path) else {
        return Ok((file, false));
    };
    let mut beginning = Vec::new();
    (&mut before)
        .take(PDF.len() as u64)
        .read_to_end(&mut beginning)?;
    if beginning == PDF {
        let what = "it is a PDF file, which a log would spoil";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let mut last = [0];
    before.seek(SeekFrom::End(-1))?;
    before.read_exact(&mut last)?;
    Ok((file, last != *b"\n"))
}

/// Whether the report would replace the log.
fn is_same(path: &Path, output: Option<&Path>) -> bool {
    let Some(output) = output else { return false };
    // Of files that are not there yet, folder and name tell.
    let named = |path: &Path| {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        Some((fs::canonicalize(folder).ok()?, path.file_name()?.to_owned()))
    };
    let place = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    let is_device = fs::metadata(path).is_ok_and(|found| !found.is_file());
    match (place(path), place(output)) {
        (Ok(one), Ok(other)) => one == other && !is_device,
        _ => named(path).is_some_and(|one| named(output) == Some(one)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_gets_an_end_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "{\"time\":\"2026-").unwrap();
        let log = Log::open(Some(&path), None).unwrap();
        log.write(|| Event::FilesFound { files: 1 });
        log.write(|| Event::FilesFound { files: 2 });
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (3, "{\"time\":\"2026-"));
        assert!(lines[2].contains("\"files\":2"));
    }

    #[test]
    fn a_statement_is_no_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("april.pdf");
        fs::write(&path, "%PDF-1.4\n").unwrap();
        let failure = Log::open(Some(&path), None).unwrap_err();
        assert!(failure.to_string().contains("PDF"), "{failure}");
        assert_eq!(fs::read(&path).unwrap(), b"%PDF-1.4\n");
    }

    #[test]
    fn lost_lines_are_told_once_and_counted() {
        let log = Log::open(Some(Path::new("/dev/full")), None).unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        log.tell_by(move |why| heard.lock().unwrap().push(why.to_owned()));
        for files in 0..3 {
            log.write(|| Event::FilesFound { files });
        }
        assert_eq!(told.lock().unwrap().len(), 1);
        let sink = log.0.as_ref().unwrap();
        assert_eq!(sink.state().tally.lines_lost, 3);
    }
}
