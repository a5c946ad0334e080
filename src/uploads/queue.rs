//! Drives the plan: starts attempts, waits, settles each in the plan and in the journal, one turn
//! after the other.

use super::attempt::{Ended, Post};
use super::parcel::Parcel;
use crate::event_log::{AttemptEvent, Event, Times};
use crate::uploads::plan::{
    AttemptResult, CancelResult, Job, JobId, Outcome, OutcomeKind, Plan, PlanStep, PriorAttempt,
    QueueLimits, Receipt, Rejection, SettleResult, StartAttempt, StopReason, UnknownReason,
};
use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

/// A file that has its outcome.
pub(crate) struct Delivered {
    pub(crate) outcome: Outcome,
    pub(crate) at: Timestamp,
    /// What was said, for people.
    pub(crate) message: Option<String>,
}

/// What one turn of a queue brought.
pub(crate) enum Turn {
    /// An attempt began.
    Began(JobId),
    /// It was certainly not taken and is tried again; why.
    Again(JobId, &'static str),
    /// A parcel has its outcome.
    Ended(JobId, Delivered),
    /// Every parcel has its outcome.
    Done,
    /// The queue was stopped, and every parcel has its outcome.
    Stopped(StopReason),
}

/// An attempt that has not ended.
struct UnderWay {
    start: StartAttempt,
    began: Instant,
    /// Ends it early.
    cancel: watch::Sender<bool>,
}

/// Parcels on their way to one session.
pub(crate) struct Queue {
    post: Arc<Post>,
    parcels: Vec<Arc<Parcel>>,
    plan: Plan,
    started: Instant,
    attempts: JoinSet<Ended>,
    under_way: HashMap<Id, UnderWay>,
    /// Whether a parcel's outcome was told.
    heard: Vec<bool>,
    /// The first parcel whose outcome may not have been.
    first_left: usize,
    /// Parcels whose outcome is to be told next.
    unheard: VecDeque<JobId>,
}

impl Queue {
    /// An empty queue.
    pub(crate) fn new(post: Arc<Post>, concurrency: usize) -> Self {
        let settings = QueueLimits {
            concurrency,
            ..QueueLimits::default()
        };
        Self {
            post,
            plan: Plan::new(&[], settings, fastrand::f64),
            parcels: Vec::new(),
            started: Instant::now(),
            attempts: JoinSet::new(),
            under_way: HashMap::new(),
            heard: Vec::new(),
            first_left: 0,
            unheard: VecDeque::new(),
        }
    }

    /// Adds a parcel behind those before it.
    pub(crate) fn add(&mut self, parcel: Parcel, doubt: PriorAttempt) -> JobId {
        let job = Job {
            content: parcel.content,
            prior_attempt: doubt,
        };
        self.parcels.push(Arc::new(parcel));
        self.heard.push(false);
        let job = self.plan.add(&job);
        if self.plan.outcome(job).is_some() {
            self.unheard.push_back(job);
        }
        job
    }

    /// A parcel of the queue.
    pub(crate) fn parcel(&self, job: JobId) -> Option<&Parcel> {
        self.parcels.get(job.0).map(|parcel| &**parcel)
    }

    /// Gives up one parcel. Its attempt, if one is under way, is ended.
    pub(crate) fn cancel(&mut self, job: JobId) {
        match self.plan.cancel(job) {
            CancelResult::Skipped => self.unheard.push_back(job),
            CancelResult::Running => {
                let attempts = self.under_way.values();
                for attempt in attempts.filter(|attempt| attempt.start.job == job) {
                    attempt.cancel.send_replace(true);
                }
            }
            CancelResult::AlreadyFinished => {}
        }
    }

    /// Starts nothing more.
    pub(crate) fn stop(&mut self, stop: StopReason) {
        self.plan.stop(stop);
    }

    /// Ends the attempts under way, each with a truthful outcome.
    pub(crate) fn abort(&self) {
        #[expect(
            clippy::iter_over_hash_type,
            reason = "all are ended, in whatever order"
        )]
        for attempt in self.under_way.values() {
            attempt.cancel.send_replace(true);
        }
    }

    /// Waits for the next thing to tell of. May be dropped while it waits, and called again.
    pub(crate) async fn turn(&mut self) -> Turn {
        loop {
            if let Some(turn) = self.unheard.pop_front().and_then(|job| self.tell(job)) {
                return turn;
            }
            let step = self.plan.next(self.started.elapsed());
            let until = match step {
                PlanStep::Start(start) => {
                    self.start(start);
                    return Turn::Began(start.job);
                }
                PlanStep::Wait(wait) => wait.until(),
                PlanStep::Done => return self.next_left().unwrap_or(Turn::Done),
                PlanStep::Stopped(reason) => {
                    return self.next_left().unwrap_or_else(|| {
                        self.post.log.write(|| Event::queue_stopped(&reason));
                        Turn::Stopped(reason)
                    });
                }
            };
            let due = until.and_then(|until| self.started.checked_add(until));
            tokio::select! {
                Some(joined) = self.attempts.join_next_with_id() => {
                    if let Some(turn) = self.settle(joined) {
                        return turn;
                    }
                }
                () = at(due) => {}
            }
        }
    }

    /// The next parcel whose outcome nobody was told: the queue stopped before it was its turn.
    fn next_left(&mut self) -> Option<Turn> {
        while let Some(heard) = self.heard.get(self.first_left) {
            if !heard {
                return self.tell(JobId(self.first_left));
            }
            self.first_left += 1;
        }
        None
    }

    /// A parcel that has its outcome without an attempt having told it.
    fn tell(&mut self, job: JobId) -> Option<Turn> {
        let outcome = self.plan.outcome(job)?.clone();
        if let Some(parcel) = self.parcels.get(job.0) {
            // Where that fails the run says so at its end; the outcome is told all the same.
            let _noted = self.post.record_skipped(parcel, &outcome);
        }
        *self.heard.get_mut(job.0)? = true;
        let delivered = Delivered {
            outcome,
            at: Timestamp::now(),
            message: None,
        };
        Some(Turn::Ended(job, delivered))
    }

    fn start(&mut self, start: StartAttempt) {
        let Some(parcel) = self.parcels.get(start.job.0) else {
            return;
        };
        let post = Arc::clone(&self.post);
        post.log.write(|| {
            let what = (parcel.bytes, parcel.bank);
            let (name, session) = (&parcel.name, &post.session);
            Event::attempt_began(name, parcel.content, session, what, start.attempt)
        });
        let cancel = watch::Sender::new(false);
        let attempt = post.attempt(Arc::clone(parcel), cancel.subscribe());
        let task = self.attempts.spawn(attempt);
        let attempt = UnderWay {
            start,
            began: Instant::now(),
            cancel,
        };
        self.under_way.insert(task.id(), attempt);
    }

    /// Writes down how an attempt ended.
    fn log(&self, attempt: &UnderWay, ended: &Ended, settled: &SettleResult) {
        let Some(parcel) = self.parcels.get(attempt.start.job.0) else {
            return;
        };
        let wait = match settled {
            SettleResult::RetryAt(due) => Some(due.saturating_sub(self.started.elapsed())),
            SettleResult::Finished(_) | SettleResult::NotRunning => None,
        };
        let post = &self.post;
        post.log.write(|| {
            let times = Times {
                elapsed: attempt.began.elapsed(),
                wait,
            };
            let file = (parcel.name.as_str(), parcel.content);
            let end = (&ended.end, ended.message.as_deref());
            let number = attempt.start.attempt;
            let event = AttemptEvent::new(file, &post.session, number, end, &times);
            Event::AttemptEnded(event)
        });
    }

    /// Settles an attempt in the plan and in the journal.
    fn settle(&mut self, joined: Result<(Id, Ended), JoinError>) -> Option<Turn> {
        let (id, ended) = joined.unwrap_or_else(|error| (error.id(), broke_down()));
        let attempt = self.under_way.remove(&id)?;
        let start = attempt.start;
        let settled = self
            .plan
            .settle(start.job, &ended.end, self.started.elapsed());
        self.log(&attempt, &ended, &settled);
        let Ended {
            end,
            entry,
            message,
            redirected,
        } = ended;
        if redirected {
            self.plan.stop(StopReason::Rejected(redirect(&end)));
        }
        let (mut outcome, is_last) = match settled {
            SettleResult::RetryAt(_) => (put_off(&end, start.attempt), false),
            SettleResult::Finished(outcome) => (outcome, true),
            SettleResult::NotRunning => return None,
        };
        let at = Timestamp::now();
        if entry.is_none()
            && is_last
            && let Some(parcel) = self.parcels.get(start.job.0)
            && self.post.record_skipped(parcel, &outcome).is_err()
        {
            self.plan.stop(StopReason::JournalUnavailable);
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
                    self.plan.stop(StopReason::JournalUnavailable);
                }
            }
        }
        if outcome.code.as_deref() == Some(StopReason::JournalUnavailable.code().as_ref()) {
            self.plan.stop(StopReason::JournalUnavailable);
        }
        let delivered = Delivered {
            outcome,
            at,
            message,
        };
        if !is_last {
            return Some(Turn::Again(start.job, why_again(&end)));
        }
        *self.heard.get_mut(start.job.0)? = true;
        Some(Turn::Ended(start.job, delivered))
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
        end: AttemptResult::Unknown {
            reason: UnknownReason::ConnectionLost,
            http_status: None,
        },
        entry: None,
        message: Some("the program failed on this file; please report it".to_owned()),
        redirected: false,
    }
}

/// What stops a queue whose service redirects: every further answer would be as little use.
fn redirect(end: &AttemptResult) -> Rejection {
    let http_status = match end {
        AttemptResult::Unknown { http_status, .. } => *http_status,
        _ => None,
    };
    Rejection {
        code: Some("REDIRECTED".to_owned()),
        http_status: http_status.unwrap_or(300),
    }
}

/// Why another attempt follows, as a code.
fn why_again(end: &AttemptResult) -> &'static str {
    match end {
        AttemptResult::NotProcessed { reason, .. } => reason.code(),
        _ => "",
    }
}

/// The outcome of an attempt after which another follows.
fn put_off(end: &AttemptResult, attempts: u32) -> Outcome {
    let reason = match end {
        AttemptResult::NotProcessed { reason, .. } => Some(reason),
        _ => None,
    };
    Outcome {
        kind: OutcomeKind::Skipped,
        code: reason.map(|reason| reason.code().to_owned()),
        http_status: reason.and_then(|reason| reason.http_status()),
        attempts,
        receipt: Receipt::default(),
    }
}
