//! Screens files in the background.

use super::event::{Event, in_background};
use crate::batch::{self, Input};
use crate::dashboard::model::FileId;
use crate::dashboard::{Message, ScreenedFile, ScreeningRequest};
use crate::isolation;
use crate::screen::{PeriodOrigin, Policy};
use crate::statement::DateRange;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

/// Orders of at most this many files follow an edit by the user and get one thread, beside the
/// screening in progress.
const SMALL_ORDER: usize = 8;

/// Screens files on threads.
pub(super) struct Screener {
    policy: Arc<Policy>,
    jobs: usize,
    /// Cancels the screening under the current policy.
    stop: Arc<AtomicBool>,
    events: Sender<Event>,
}

impl Screener {
    pub(super) fn new(policy: Policy, jobs: usize, events: Sender<Event>) -> Self {
        Self {
            policy: Arc::new(policy),
            jobs,
            stop: Arc::new(AtomicBool::new(false)),
            events,
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
                inputs_to_screen.push(input.clone().expecting(Arc::new(order.expected)));
            }
        }
        let jobs = if inputs_to_screen.len() <= SMALL_ORDER {
            1
        } else {
            self.jobs
        };
        let (policy, stop) = (Arc::clone(&self.policy), Arc::clone(&self.stop));
        let events = self.events.clone();
        in_background(move || run(&inputs_to_screen, &ids, &policy, jobs, &stop, &events));
    }
}

fn run(
    inputs: &[Input],
    ids: &[(FileId, u32)],
    policy: &Policy,
    jobs: usize,
    stop: &AtomicBool,
    events: &Sender<Event>,
) {
    let done = batch::run(inputs, policy, jobs, stop, &isolation::screen, |screened| {
        if let Some((file, request_id)) = ids.get(screened.index) {
            let finished = ScreenedFile {
                file: *file,
                request_id: *request_id,
                bytes: screened.bytes,
                screening: screened.screening,
                elapsed: screened.elapsed,
            };
            // If the receiver is gone, the program is ending.
            drop(events.send(Message::Screened(Box::new(finished)).into()));
        }
        Ok(())
    });
    if let Err(error) = done {
        drop(events.send(Event::error(format!("could not start screening: {error}"))));
    }
}
