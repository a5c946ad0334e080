//! Drives the plan: starts attempts, waits, settles each in the plan and in the journal.

use super::attempt::{Ended, Post};
use super::parcel::Parcel;
use crate::cli::interrupt::Interrupt;
use crate::upload::{
    AttemptEnd, Doubt, Job, JobId, Lost, Outcome, OutcomeKind, Plan, Receipt, Refusal, Settings,
    Settled, Start, Step, Stop,
};
use jiff::Timestamp;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

/// How long attempts under way may go on after a signal.
const GRACE: Duration = Duration::from_secs(5);

/// A file that has its outcome.
pub(super) struct Delivered {
    pub(super) outcome: Outcome,
    pub(super) at: Timestamp,
    /// What was said, for people.
    pub(super) message: Option<String>,
}

/// The queue of one run.
pub(super) struct Queue {
    post: Arc<Post>,
    parcels: Vec<Arc<Parcel>>,
    plan: Plan,
    started: Instant,
    attempts: JoinSet<Ended>,
    under_way: HashMap<Id, Start>,
    /// Set once attempts under way are to end.
    cancel: watch::Sender<bool>,
}

impl Queue {
    /// A queue of parcels, each with what earlier runs left in doubt about it.
    pub(super) fn new(post: Arc<Post>, parcels: Vec<(Parcel, Doubt)>, concurrency: usize) -> Self {
        let job = |(parcel, doubt): &(Parcel, Doubt)| Job {
            content: parcel.content,
            doubt: *doubt,
        };
        let jobs: Vec<_> = parcels.iter().map(job).collect();
        let settings = Settings {
            concurrency,
            ..Settings::default()
        };
        Self {
            post,
            plan: Plan::new(&jobs, settings, fastrand::f64),
            parcels: parcels.into_iter().map(|(p, _)| Arc::new(p)).collect(),
            started: Instant::now(),
            attempts: JoinSet::new(),
            under_way: HashMap::new(),
            cancel: watch::Sender::new(false),
        }
    }

    /// Runs to the end, and hands on every file with its outcome. Why it stopped early, if it did.
    ///
    /// A sink that fails stops the queue as a signal does; its error is given at the end.
    pub(super) async fn run(
        mut self,
        interrupt: &Interrupt,
        sink: &mut dyn FnMut(&Parcel, Delivered) -> io::Result<()>,
    ) -> io::Result<Option<Stop>> {
        let mut reported = Ok(());
        let mut handed_on = vec![false; self.parcels.len()];
        let mut grace = None;
        let stop = loop {
            let until = match self.plan.next(self.started.elapsed()) {
                Step::Start(start) => {
                    self.start(start);
                    continue;
                }
                Step::Wait(wait) => wait.until(),
                Step::Done => break None,
                Step::Stopped(stop) => break Some(stop),
            };
            let due = until.and_then(|until| self.started.checked_add(until));
            tokio::select! {
                Some(joined) = self.attempts.join_next_with_id() => {
                    let Some((job, delivered)) = self.settle(joined) else { continue };
                    if let Some(done) = handed_on.get_mut(job.0) {
                        *done = true;
                    }
                    let Some(parcel) = self.parcels.get(job.0) else { continue };
                    if let Err(error) = sink(parcel, delivered) {
                        reported = reported.and(Err(error));
                        self.plan.stop(Stop::Cancelled);
                    }
                }
                () = at(due) => {}
                _ = interrupt.came(), if grace.is_none() => {
                    self.plan.stop(Stop::Cancelled);
                    grace = Some(Instant::now() + GRACE);
                }
                () = at(grace), if grace.is_some() && !*self.cancel.borrow() => {
                    self.cancel.send_replace(true);
                }
            }
        };
        reported?;
        let ends = self.parcels.iter().zip(handed_on).enumerate();
        for (index, (parcel, _)) in ends.filter(|(_, (_, handed_on))| !handed_on) {
            if let Some(outcome) = self.plan.outcome(JobId(index)) {
                // Where that fails the run says so at its end; the report tells the outcome.
                let _noted = self.post.record_kept(parcel, outcome);
                let delivered = Delivered {
                    outcome: outcome.clone(),
                    at: Timestamp::now(),
                    message: None,
                };
                sink(parcel, delivered)?;
            }
        }
        Ok(stop)
    }

    fn start(&mut self, start: Start) {
        let Some(parcel) = self.parcels.get(start.job.0) else {
            return;
        };
        let post = Arc::clone(&self.post);
        let attempt = post.attempt(Arc::clone(parcel), self.cancel.subscribe());
        let task = self.attempts.spawn(attempt);
        self.under_way.insert(task.id(), start);
    }

    /// Settles an attempt in the plan and in the journal; gives the file if that is its end.
    fn settle(&mut self, joined: Result<(Id, Ended), JoinError>) -> Option<(JobId, Delivered)> {
        let (id, ended) = joined.unwrap_or_else(|error| (error.id(), broke_down()));
        let start = self.under_way.remove(&id)?;
        let Ended {
            end,
            entry,
            message,
            redirected,
        } = ended;
        let settled = self.plan.settle(start.job, &end, self.started.elapsed());
        if redirected {
            self.plan.stop(Stop::Refused(redirect(&end)));
        }
        let (mut outcome, is_last) = match settled {
            Settled::Again(_) => (put_off(&end, start.attempt), false),
            Settled::Ended(outcome) => (outcome, true),
            Settled::NotUnderWay => return None,
        };
        let at = Timestamp::now();
        if entry.is_none()
            && is_last
            && let Some(parcel) = self.parcels.get(start.job.0)
            && self.post.record_kept(parcel, &outcome).is_err()
        {
            self.plan.stop(Stop::Journal);
        }
        if let Some(entry) = entry {
            let mut journal = self.post.journal();
            // A disk may have been full for a moment only.
            let written = journal
                .settle(entry, &outcome, at)
                .or_else(|_| journal.settle(entry, &outcome, at));
            match written {
                Ok(stands) => outcome = stands,
                Err(error) => {
                    self.post.note_broken(error);
                    self.plan.stop(Stop::Journal);
                }
            }
        }
        if outcome.code.as_deref() == Some(Stop::Journal.code().as_ref()) {
            self.plan.stop(Stop::Journal);
        }
        let delivered = Delivered {
            outcome,
            at,
            message,
        };
        is_last.then_some((start.job, delivered))
    }
}

/// Waits for a moment, or for ever.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// An attempt that panicked: nobody knows how far it had come.
fn broke_down() -> Ended {
    Ended {
        end: AttemptEnd::Unknown {
            why: Lost::Connection,
            http_status: None,
        },
        entry: None,
        message: Some("the program failed on this file; please report it".to_owned()),
        redirected: false,
    }
}

/// What stops a queue whose service redirects: every further answer would be as little use.
fn redirect(end: &AttemptEnd) -> Refusal {
    let http_status = match end {
        AttemptEnd::Unknown { http_status, .. } => *http_status,
        AttemptEnd::NotTaken { .. } | AttemptEnd::Answered(_) => None,
    };
    Refusal {
        code: Some("REDIRECTED".to_owned()),
        http_status: http_status.unwrap_or(300),
    }
}

/// The outcome of an attempt after which another follows.
fn put_off(end: &AttemptEnd, attempts: u32) -> Outcome {
    let why = match end {
        AttemptEnd::NotTaken { why, .. } => Some(why),
        AttemptEnd::Answered(_) | AttemptEnd::Unknown { .. } => None,
    };
    Outcome {
        kind: OutcomeKind::Skipped,
        code: why.map(|why| why.code().to_owned()),
        http_status: why.and_then(|why| why.http_status()),
        attempts,
        receipt: Receipt::default(),
    }
}
