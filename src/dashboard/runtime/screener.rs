//! Screens files in the background, as they are ordered.

use super::event_loop::{Event, in_background};
use crate::batch::{self, Input};
use crate::dashboard::model::FileId;
use crate::dashboard::{Finished, Message, Order};
use crate::isolation;
use crate::screen::Policy;
use crate::statement::DateRange;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

/// Orders of at most so many files are what a person has just mended: one thread does, beside
/// whatever is under way.
const FEW: usize = 8;

/// Screens files on threads.
pub(super) struct Screener {
    policy: Arc<Policy>,
    jobs: usize,
    /// Ends what was begun under the policy.
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

    /// The policy in force.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Screens by these days from now on. What is under way by others is dropped: the model orders
    /// it anew.
    pub(super) fn use_range(&mut self, range: DateRange) {
        self.end();
        self.stop = Arc::new(AtomicBool::new(false));
        let mut policy = Policy::clone(&self.policy);
        policy.requested_period = Some(range);
        self.policy = Arc::new(policy);
    }

    /// Begins nothing more, and drops what is under way.
    pub(super) fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Screens files; each is told of as soon as it and those before it are done.
    pub(super) fn screen(&self, orders: Vec<Order>, inputs: &[Input]) {
        let mut marks = Vec::with_capacity(orders.len());
        let mut ordered = Vec::with_capacity(orders.len());
        for order in orders {
            if let Some(input) = inputs.get(order.file.index()) {
                marks.push((order.file, order.round));
                ordered.push(input.clone().expecting(Arc::new(order.expected)));
            }
        }
        let jobs = if ordered.len() <= FEW { 1 } else { self.jobs };
        let (policy, stop) = (Arc::clone(&self.policy), Arc::clone(&self.stop));
        let events = self.events.clone();
        in_background(move || run(&ordered, &marks, &policy, jobs, &stop, &events));
    }
}

fn run(
    inputs: &[Input],
    marks: &[(FileId, u32)],
    policy: &Policy,
    jobs: usize,
    stop: &AtomicBool,
    events: &Sender<Event>,
) {
    let done = batch::run(inputs, policy, jobs, stop, &isolation::screen, |screened| {
        if let Some((file, round)) = marks.get(screened.index) {
            let finished = Finished {
                file: *file,
                round: *round,
                bytes: screened.bytes,
                screening: screened.screening,
                elapsed: screened.elapsed,
            };
            // Where nobody listens any more, the program is ending.
            drop(events.send(Message::Screened(Box::new(finished)).into()));
        }
        Ok(())
    });
    if let Err(error) = done {
        drop(events.send(Event::error(format!("screening could not start: {error}"))));
    }
}
