//! Screens files in the background, and notices those that changed since.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the stamps of files are read"
)]

use super::event::{Event, in_background};
use crate::batch::{self, Input, Screened};
use crate::dashboard::model::{FileId, FileStamp};
use crate::dashboard::{CheckReason, Message, ScreenedFile, ScreeningRequest};
use crate::isolation;
use crate::screen::cases::{Case, Shared, StatementIdentity};
use crate::screen::{PeriodOrigin, Policy, Screening};
use crate::screening_run::CaseMemory;
use crate::statement::DateRange;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

/// Orders of at most this many files follow an edit by the user and get one thread, beside the
/// screening in progress.
const SMALL_ORDER: usize = 8;

/// Screens files on threads.
pub(super) struct Screener {
    policy: Arc<Policy>,
    jobs: usize,
    /// The cases of earlier runs, with those of this one; `None` if files are in no cases.
    earlier: Option<Arc<EarlierCases>>,
    /// Cancels the screening under the current policy.
    stop: Arc<AtomicBool>,
    events: Sender<Event>,
}

impl Screener {
    pub(super) fn new(
        policy: Policy,
        jobs: usize,
        cases: Vec<Case>,
        events: Sender<Event>,
    ) -> Self {
        Self {
            policy: Arc::new(policy),
            jobs,
            earlier: EarlierCases::load(cases).map(Arc::new),
            stop: Arc::new(AtomicBool::new(false)),
            events,
        }
    }

    /// Compares the files of this case, too, with the cases of earlier runs.
    pub(super) fn add_case(&mut self, case: &Case) {
        match &self.earlier {
            Some(earlier) => earlier.add(case),
            None => self.earlier = EarlierCases::load(vec![case.clone()]).map(Arc::new),
        }
    }

    /// Returns the current policy.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Sets the requested period. The screening in progress is cancelled: the model orders it
    /// again.
    pub(super) fn set_period(&mut self, range: DateRange, origin: PeriodOrigin) {
        self.cancel();
        self.stop = Arc::new(AtomicBool::new(false));
        let mut policy = Policy::clone(&self.policy);
        policy.requested_period = Some(range);
        policy.period_origin = origin;
        self.policy = Arc::new(policy);
    }

    /// Cancels the screening in progress.
    pub(super) fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Screens files. Each is reported as soon as it and those before it are done.
    pub(super) fn screen(&self, orders: Vec<ScreeningRequest>, inputs: &[Input]) {
        let mut ids = Vec::with_capacity(orders.len());
        let mut inputs_to_screen = Vec::with_capacity(orders.len());
        for order in orders {
            if let Some(input) = inputs.get(order.file.index()) {
                ids.push((order.file, order.request_id));
                inputs_to_screen.push(input.clone().expecting(order.expected));
            }
        }
        let jobs = if inputs_to_screen.len() <= SMALL_ORDER {
            1
        } else {
            self.jobs
        };
        let order = Order {
            inputs: inputs_to_screen,
            ids,
            policy: Arc::clone(&self.policy),
            earlier: self.earlier.clone(),
            jobs,
            stop: Arc::clone(&self.stop),
        };
        let events = self.events.clone();
        in_background(move || order.run(&events));
    }
}

/// Compares files with their stamps in the background.
pub(super) fn check(
    files: Vec<(FileId, FileStamp)>,
    inputs: &[Input],
    reason: CheckReason,
    events: Sender<Event>,
) {
    let files = files.into_iter().filter_map(|(id, known)| {
        let input = inputs.get(id.index())?;
        Some((id, known, input.clone()))
    });
    let files: Vec<_> = files.collect();
    in_background(move || {
        let changed = files
            .iter()
            .filter(|(_, known, input)| stamp(input) != Some(*known));
        let changed = changed.map(|(id, ..)| *id).collect();
        drop(events.send(Message::FilesChecked { changed, reason }.into()));
    });
}

/// Returns the stamp of a file; `None` if it does not exist any more.
fn stamp(input: &Input) -> Option<FileStamp> {
    let found = fs::metadata(input.file_path()?).ok()?;
    Some(FileStamp {
        bytes: found.len(),
        modified: found.modified().ok(),
    })
}

/// The cases of earlier runs, which may have the same statements.
struct EarlierCases(Mutex<(CaseMemory, Vec<Case>)>);

impl EarlierCases {
    fn load(cases: Vec<Case>) -> Option<Self> {
        if cases.is_empty() {
            return None;
        }
        Some(Self(Mutex::new((CaseMemory::load(None)?, cases))))
    }

    /// Adds a case to those of this run, unless it is among them.
    fn add(&self, case: &Case) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, cases) = &mut *known;
        if cases.iter().all(|known| known.name != case.name) {
            cases.push(case.clone());
        }
    }

    /// Returns what a file shares with an unrelated case of an earlier run.
    fn shared(&self, input: &Input, screening: &Screening) -> Option<Shared> {
        let identity = StatementIdentity::of(screening)?;
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (memory, cases) = &*known;
        memory.shared(&identity, cases.get(input.case?)?, cases)
    }
}

/// Files to screen.
struct Order {
    inputs: Vec<Input>,
    ids: Vec<(FileId, u32)>,
    policy: Arc<Policy>,
    earlier: Option<Arc<EarlierCases>>,
    jobs: usize,
    stop: Arc<AtomicBool>,
}

impl Order {
    fn run(self, events: &Sender<Event>) {
        let Self {
            inputs,
            ids,
            policy,
            earlier,
            jobs,
            stop,
        } = self;
        // Before they are read: a change in between is then noticed.
        let stamps: Vec<Option<FileStamp>> = inputs.iter().map(stamp).collect();
        let report = |screened: Screened| {
            let file = ids.get(screened.index).zip(inputs.get(screened.index));
            let Some(((file, request_id), input)) = file else {
                return Ok(());
            };
            let shared = earlier.as_ref();
            let shared = shared.and_then(|earlier| earlier.shared(input, &screened.screening));
            let finished = ScreenedFile {
                file: *file,
                request_id: *request_id,
                bytes: screened.bytes,
                screening: screened.screening,
                shared_before: shared,
                stamp: stamps.get(screened.index).copied().flatten(),
                elapsed: screened.elapsed,
            };
            // If the receiver is gone, the program is ending.
            drop(events.send(Message::Screened(Box::new(finished)).into()));
            Ok(())
        };
        let done = batch::run(&inputs, &policy, jobs, &stop, &isolation::screen, report);
        if let Err(error) = done {
            drop(events.send(Event::error(format!("could not start screening: {error}"))));
        }
    }
}
