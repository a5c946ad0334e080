//! Screens files that arrive on standard input, for a program that keeps this one running.

use super::cases::NAME_HINT;
use super::frames::{self, FrameError, FrameHeader};
use super::policy::find_bank;
use super::run::elapsed_ms;
use crate::batch::{self, BatchError, Input, Intake, Origin, Screened};
use crate::error::AppError;
use crate::event_log::{Event, EventLog};
use crate::interrupt::Interrupt;
use crate::isolation;
use crate::output::StandardOutput;
use crate::report::{FileName, ReportEntry, answer};
use crate::screen::cases::Case;
use crate::screen::{Expected, Policy};
use crate::statement::BankRegistry;
use serde_json::Value;
use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Files that are in progress or wait, per screening thread: one each.
const FILES_PER_JOB: usize = 2;

/// How files are served.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServeOptions {
    /// Number of screening threads.
    pub(crate) jobs: usize,
    /// Adds the time per file to records.
    pub(crate) timings: bool,
}

/// A request as it waits for its answer.
struct Request {
    id: Value,
    case: Option<Arc<str>>,
}

/// Files between standard input and the screening threads.
type Requests = Intake<Request>;

/// Standard output, which the screening threads and the reader of requests share.
type Output = Arc<Mutex<StandardOutput>>;

/// Answers requests until standard input ends or a signal arrives. Each file is judged by itself.
///
/// Requests are read ahead of the screening threads, but only one per thread, and only as many
/// bytes as the threads would hold of the largest files.
///
/// Returns the number of requests that were not answered, which is 0 without a signal.
///
/// # Errors
///
/// If a frame is malformed; the requests before it are answered. If standard output can't be
/// written, or no thread can be started.
pub(crate) fn serve(
    policy: &Policy,
    options: ServeOptions,
    interrupt: &Interrupt,
    log: &EventLog,
) -> Result<usize, AppError> {
    let limit = policy.limits.file_bytes;
    let jobs = options.jobs;
    let max_bytes = limit.saturating_mul(jobs as u64);
    let requests = Arc::new(Requests::new(jobs.saturating_mul(FILES_PER_JOB), max_bytes));
    let output = Output::new(Mutex::new(StandardOutput));
    let source = RequestSource {
        requests: Arc::clone(&requests),
        output: Arc::clone(&output),
        banks: policy.banks.clone(),
        limit,
    };
    let ended = source.start()?;
    let screen = &isolation::screen;
    let screened = batch::run_intake(
        &requests,
        policy,
        jobs,
        interrupt.flag(),
        screen,
        |request, input, screened| {
            let entry = entry(request, input, screened, options, log);
            let mut out = output.lock().unwrap_or_else(PoisonError::into_inner);
            answer::write_record(&request.id, &entry, &mut *out)
        },
    );
    screened.map_err(|error| match error {
        BatchError::Output(error) => AppError::standard_output(error),
        error => error.into(),
    })?;
    if interrupt.signal().is_some() {
        return Ok(requests.unanswered());
    }
    // The intake has ended, so the source has reported why.
    ended.recv().unwrap_or(Ok(()))?;
    Ok(0)
}

/// Converts a result to the entry of a report.
fn entry(
    request: &Request,
    input: &Input,
    screened: Screened,
    options: ServeOptions,
    log: &EventLog,
) -> ReportEntry {
    let entry = ReportEntry {
        name: FileName::of(&input.path),
        bytes: screened.bytes,
        elapsed_ms: options.timings.then(|| elapsed_ms(screened.elapsed)),
        screening: screened.screening,
        duplicate_of: None,
        case: request.case.clone(),
        upload: None,
    };
    log.write(|| {
        let (name, bytes) = (&entry.name.text, entry.bytes);
        Event::screened(name, bytes, &entry.screening, screened.elapsed)
    });
    entry
}

/// Reads requests from standard input.
struct RequestSource {
    requests: Arc<Requests>,
    output: Output,
    banks: BankRegistry,
    /// Maximum size of a file in bytes.
    limit: u64,
}

impl RequestSource {
    /// Starts reading on a thread. It is not joined: a signal does not end a read.
    ///
    /// The receiver returns the outcome once all requests were read.
    fn start(self) -> Result<Receiver<Result<(), AppError>>, AppError> {
        let (sender, receiver) = mpsc::channel();
        let reader = thread::Builder::new().name("requests".to_owned());
        let started = reader.spawn(move || {
            let outcome = self.read_all(&mut io::stdin().lock());
            // The receiver is gone if a signal has ended the run.
            drop(sender.send(outcome));
            self.requests.complete();
        });
        started.map_err(|error| {
            AppError::environment("could not read requests", error, "use a smaller --jobs")
        })?;
        Ok(receiver)
    }

    fn read_all(&self, stream: &mut impl Read) -> Result<(), AppError> {
        let mut number = 0_u64;
        loop {
            number += 1;
            let malformed = |error: FrameError| {
                let hint = "send a 4-byte big-endian length, a JSON object with id, name and \
                            bytes, and that many bytes";
                AppError::environment(format!("request {number} is malformed"), error, hint)
            };
            let Some(header) = frames::read_header(stream).map_err(malformed)? else {
                return Ok(());
            };
            let expected = match self.expected(&header) {
                Ok(expected) => expected,
                Err(error) => {
                    frames::skip_file(stream, header.bytes).map_err(malformed)?;
                    self.reject(&header.id, &error)?;
                    continue;
                }
            };
            // A file that is not kept takes no memory.
            let kept = if header.bytes > self.limit {
                0
            } else {
                header.bytes
            };
            if !self.requests.reserve(kept) {
                return Ok(());
            }
            let origin = self.read_file(stream, header.bytes).map_err(|error| {
                self.requests.withdraw(kept);
                malformed(error)
            })?;
            let mut input = Input::streamed(&header.name, origin);
            if let Some(expected) = expected {
                input = input.expecting(Arc::new(expected));
            }
            let case = header.case_name().map(Into::into);
            let id = header.id;
            self.requests.add(input, kept, Request { id, case });
        }
    }

    /// Returns what is expected of the file of a request.
    ///
    /// # Errors
    ///
    /// If the bank is unknown, or the case has a name that is not allowed.
    fn expected(&self, header: &FrameHeader) -> Result<Option<Expected>, AppError> {
        if let Some(case) = header.case_name() {
            Case::new(case).map_err(|invalid| AppError::usage(invalid.to_string(), NAME_HINT))?;
        }
        let Some(id) = &header.bank else {
            return Ok(None);
        };
        let bank = Some(find_bank(&self.banks, id, &format!("bank {id}"))?);
        Ok(Some(Expected {
            bank,
            ..Expected::default()
        }))
    }

    fn read_file(&self, stream: &mut impl Read, bytes: u64) -> Result<Origin, FrameError> {
        if bytes > self.limit {
            frames::skip_file(stream, bytes)?;
            return Ok(Origin::TooLarge(bytes));
        }
        let file = frames::read_file(stream, bytes)?;
        Ok(Origin::StandardInput(Arc::new(file)))
    }

    /// Answers a request that can't be done.
    fn reject(&self, id: &Value, error: &AppError) -> Result<(), AppError> {
        let hint = error.hints().next();
        let mut out = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        answer::write_error(id, (&error.message(), hint.as_deref()), &mut *out)
            .map_err(AppError::standard_output)
    }
}
