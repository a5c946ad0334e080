//! Properties of a plan, checked by simulating queues with arbitrary results at arbitrary times.

use super::*;
use crate::bankconnect::wire::ErrorCode;
use crate::screen::ContentHash;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::HashSet;
use std::time::Duration;

/// The random inputs of a simulation.
#[derive(Debug, Clone)]
struct Script {
    jobs: Vec<Job>,
    concurrency: usize,
    /// Results of attempts with their durations in milliseconds, used cyclically.
    results: Vec<(AttemptResult, u64)>,
    /// Jobs to cancel, with the number of starts after which they are cancelled.
    cancels: Vec<(usize, Index)>,
    stop_after: Option<usize>,
}

fn not_processed(reason: NotProcessed, retry_after: Option<u64>) -> AttemptResult {
    AttemptResult::NotProcessed {
        reason,
        retry_after: retry_after.map(Duration::from_millis),
    }
}

fn rejected(code: Option<ErrorCode>, http_status: u16) -> AttemptResult {
    AttemptResult::Rejected(Rejection { code, http_status })
}

fn accepted() -> AttemptResult {
    AttemptResult::Accepted {
        http_status: 200,
        receipt: Receipt::default(),
    }
}

fn attempt_result() -> impl Strategy<Value = AttemptResult> {
    let wait = proptest::option::of(0..700_000_u64);
    let unknown = AttemptResult::Unknown {
        reason: UnknownReason::TimedOut,
        http_status: None,
    };
    prop_oneof![
        4 => Just(accepted()),
        4 => Just(not_processed(NotProcessed::Connect, None)),
        2 => Just(not_processed(NotProcessed::BodyCut, None)),
        2 => wait.clone().prop_map(|wait| not_processed(NotProcessed::RateLimited, wait)),
        1 => wait.prop_map(|wait| not_processed(NotProcessed::ServiceUnavailable, wait)),
        1 => Just(not_processed(NotProcessed::Cancelled, None)),
        1 => Just(not_processed(NotProcessed::FileChanged, None)),
        3 => Just(unknown),
        2 => Just(rejected(Some(ErrorCode::PdfIsImage), 400)),
        1 => Just(rejected(Some(ErrorCode::StatementDuplicate), 400)),
        1 => Just(rejected(None, 401)),
    ]
}

fn script() -> impl Strategy<Value = Script> {
    let job = (0..20_u8, any::<bool>()).prop_map(|(content, may_be_uploaded)| Job {
        content: ContentHash::of(&[content]),
        prior_attempt: if may_be_uploaded {
            PriorAttempt::Unknown
        } else {
            PriorAttempt::None
        },
    });
    (
        proptest::collection::vec(job, 0..16),
        0..6_usize,
        proptest::collection::vec((attempt_result(), 0..90_000_u64), 1..12),
        proptest::collection::vec((0..20_usize, any::<Index>()), 0..3),
        proptest::option::weighted(0.2, 0..20_usize),
    )
        .prop_map(|(jobs, concurrency, results, cancels, stop_after)| Script {
            jobs,
            concurrency,
            results,
            cancels,
            stop_after,
        })
}

/// Performs the steps of a plan as its caller would, and checks each step.
struct Simulation {
    script: Script,
    plan: Plan,
    now: Duration,
    running: Vec<(Duration, JobId, AttemptResult)>,
    starts: usize,
    finished: HashSet<JobId>,
    paused_until: Duration,
}

impl Simulation {
    fn new(script: Script) -> Self {
        let limits = QueueLimits {
            concurrency: script.concurrency,
            ..QueueLimits::default()
        };
        Self {
            plan: Plan::new(&script.jobs, limits, || 0.5),
            script,
            now: Duration::ZERO,
            running: Vec::new(),
            starts: 0,
            finished: HashSet::new(),
            paused_until: Duration::ZERO,
        }
    }

    /// Runs to the end. The number of steps is bounded, so that an endless plan fails.
    fn finish(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..20_000 {
            match self.plan.next(self.now) {
                PlanStep::Start(start) => self.start(start)?,
                PlanStep::Wait(wait) => self.wait(wait)?,
                PlanStep::Done | PlanStep::Stopped(_) => return Ok(()),
            }
        }
        Err(TestCaseError::fail("the plan does not end"))
    }

    fn start(&mut self, start: StartAttempt) -> Result<(), TestCaseError> {
        prop_assert!(
            !self.finished.contains(&start.job),
            "{start:?} after its outcome"
        );
        prop_assert!(self.now >= self.paused_until, "started during a pause");
        let results = &self.script.results;
        let (result, duration) = results[self.starts % results.len()].clone();
        self.starts += 1;
        let at = self.now + Duration::from_millis(duration);
        self.running.push((at, start.job, result));
        prop_assert!(self.running.len() <= self.script.concurrency.max(1));
        for (_, job) in self
            .script
            .cancels
            .iter()
            .filter(|(after, _)| *after == self.starts)
        {
            let job = JobId(job.index(self.script.jobs.len()));
            if self.plan.cancel(job) == CancelResult::Skipped {
                prop_assert!(self.finished.insert(job));
            }
        }
        if self.script.stop_after == Some(self.starts) {
            self.plan.stop(StopReason::Cancelled);
        }
        Ok(())
    }

    fn wait(&mut self, wait: Wait) -> Result<(), TestCaseError> {
        let first = (0..self.running.len()).min_by_key(|index| self.running[*index].0);
        match (first, wait.until()) {
            (Some(index), until) if until.is_none_or(|until| self.running[index].0 <= until) => {
                let (at, job, result) = self.running.swap_remove(index);
                self.now = self.now.max(at);
                self.settle(job, &result)?;
            }
            (_, Some(until)) => {
                prop_assert!(until > self.now, "waits for a past time");
                self.now = until;
            }
            _ => prop_assert!(false, "waits forever"),
        }
        Ok(())
    }

    fn settle(&mut self, job: JobId, result: &AttemptResult) -> Result<(), TestCaseError> {
        if let AttemptResult::NotProcessed {
            reason: NotProcessed::RateLimited | NotProcessed::ServiceUnavailable,
            retry_after: Some(wait),
        } = result
        {
            self.paused_until = self.paused_until.max(self.now + *wait);
        }
        let is_not_processed = matches!(result, AttemptResult::NotProcessed { .. });
        match self.plan.settle(job, result, self.now) {
            SettleResult::RetryAt(due) => {
                prop_assert!(is_not_processed, "{result:?} is retried");
                prop_assert!(due > self.now && due <= self.now + Duration::from_secs(10));
            }
            SettleResult::Finished(outcome) => {
                prop_assert!(self.finished.insert(job), "{job:?} has two outcomes");
                let prior_attempt = self.script.jobs[job.0].prior_attempt;
                let expected = match (result, prior_attempt) {
                    (AttemptResult::NotProcessed { .. }, PriorAttempt::None) => {
                        OutcomeKind::Skipped
                    }
                    (AttemptResult::NotProcessed { .. }, PriorAttempt::Unknown)
                    | (AttemptResult::Unknown { .. }, _) => OutcomeKind::Unknown,
                    _ => outcome.kind,
                };
                prop_assert_eq!(outcome.kind, expected);
                prop_assert_eq!(self.plan.outcome(job), Some(&outcome));
            }
            SettleResult::NotRunning => prop_assert!(false, "{job:?} was running"),
        }
        prop_assert_eq!(
            self.plan.settle(job, &accepted(), self.now),
            SettleResult::NotRunning
        );
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn plans_end_and_never_restart_a_file_that_may_be_uploaded(script in script()) {
        let mut simulation = Simulation::new(script);
        simulation.finish()?;
        prop_assert!(simulation.running.is_empty());
        let mut uploaded = HashSet::new();
        for (index, job) in simulation.script.jobs.iter().enumerate() {
            let outcome = simulation.plan.outcome(JobId(index));
            prop_assert!(outcome.is_some(), "job {index} has no outcome");
            if outcome.is_some_and(|outcome| outcome.kind.is_uploaded()) {
                prop_assert!(uploaded.insert(job.content), "the same bytes were uploaded twice");
            }
        }
    }
}
