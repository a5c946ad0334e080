//! What holds of a plan whatever happens: a simulated run with arbitrary ends at arbitrary times.

use super::*;
use crate::screen::ContentHash;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::HashSet;
use std::time::Duration;

/// What chance decides of a run.
#[derive(Debug, Clone)]
struct Script {
    jobs: Vec<Job>,
    concurrency: usize,
    /// How attempts end, and after how many milliseconds; used over and over.
    ends: Vec<(AttemptResult, u64)>,
    /// After which starts which job is cancelled.
    cancels: Vec<(usize, Index)>,
    stop_after: Option<usize>,
}

fn not_taken(reason: NotProcessed, retry_after: Option<u64>) -> AttemptResult {
    AttemptResult::NotProcessed {
        reason,
        retry_after: retry_after.map(Duration::from_millis),
    }
}

fn refused(code: Option<&str>, http_status: u16) -> AttemptResult {
    AttemptResult::Rejected(Rejection {
        code: code.map(str::to_owned),
        http_status,
    })
}

fn accepted() -> AttemptResult {
    AttemptResult::Accepted {
        http_status: 200,
        receipt: Receipt::default(),
    }
}

fn end() -> impl Strategy<Value = AttemptResult> {
    let wait = proptest::option::of(0..700_000_u64);
    let lost = AttemptResult::Unknown {
        reason: UnknownReason::TimedOut,
        http_status: None,
    };
    prop_oneof![
        4 => Just(accepted()),
        4 => Just(not_taken(NotProcessed::Connect, None)),
        2 => Just(not_taken(NotProcessed::BodyCut, None)),
        2 => wait.clone().prop_map(|wait| not_taken(NotProcessed::RateLimited, wait)),
        1 => wait.prop_map(|wait| not_taken(NotProcessed::ServiceUnavailable, wait)),
        1 => Just(not_taken(NotProcessed::Cancelled, None)),
        1 => Just(not_taken(NotProcessed::FileChanged, None)),
        3 => Just(lost),
        2 => Just(refused(Some("PDF_IS_IMAGE"), 400)),
        1 => Just(refused(Some("STATEMENT_DUPLICATE"), 400)),
        1 => Just(refused(None, 401)),
    ]
}

fn script() -> impl Strategy<Value = Script> {
    let job = (0..20_u8, any::<bool>()).prop_map(|(content, prior_attempt)| Job {
        content: ContentHash::of(&[content]),
        prior_attempt: if prior_attempt {
            PriorAttempt::Unknown
        } else {
            PriorAttempt::None
        },
    });
    (
        proptest::collection::vec(job, 0..16),
        0..6_usize,
        proptest::collection::vec((end(), 0..90_000_u64), 1..12),
        proptest::collection::vec((0..20_usize, any::<Index>()), 0..3),
        proptest::option::weighted(0.2, 0..20_usize),
    )
        .prop_map(|(jobs, concurrency, ends, cancels, stop_after)| Script {
            jobs,
            concurrency,
            ends,
            cancels,
            stop_after,
        })
}

/// Performs the steps of a plan as a shell would, and checks each.
struct Run {
    script: Script,
    plan: Plan,
    now: Duration,
    under_way: Vec<(Duration, JobId, AttemptResult)>,
    starts: usize,
    over: HashSet<JobId>,
    paused_until: Duration,
}

impl Run {
    fn new(script: Script) -> Self {
        let settings = QueueLimits {
            concurrency: script.concurrency,
            ..QueueLimits::default()
        };
        Self {
            plan: Plan::new(&script.jobs, settings, || 0.5),
            script,
            now: Duration::ZERO,
            under_way: Vec::new(),
            starts: 0,
            over: HashSet::new(),
            paused_until: Duration::ZERO,
        }
    }

    /// Runs to the end, within a number of steps that only a plan that never ends exceeds.
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
            !self.over.contains(&start.job),
            "{start:?} comes after its end"
        );
        prop_assert!(self.now >= self.paused_until, "started during a pause");
        let (end, takes) = self.script.ends[self.starts % self.script.ends.len()].clone();
        self.starts += 1;
        let at = self.now + Duration::from_millis(takes);
        self.under_way.push((at, start.job, end));
        prop_assert!(self.under_way.len() <= self.script.concurrency.max(1));
        for (_, job) in self
            .script
            .cancels
            .iter()
            .filter(|(after, _)| *after == self.starts)
        {
            let job = JobId(job.index(self.script.jobs.len()));
            if self.plan.cancel(job) == CancelResult::Skipped {
                prop_assert!(self.over.insert(job));
            }
        }
        if self.script.stop_after == Some(self.starts) {
            self.plan.stop(StopReason::Cancelled);
        }
        Ok(())
    }

    fn wait(&mut self, wait: Wait) -> Result<(), TestCaseError> {
        let first = (0..self.under_way.len()).min_by_key(|at| self.under_way[*at].0);
        match (first, wait.until()) {
            (Some(at), until) if until.is_none_or(|until| self.under_way[at].0 <= until) => {
                let (at, job, end) = self.under_way.swap_remove(at);
                self.now = self.now.max(at);
                self.settle(job, &end)?;
            }
            (_, Some(until)) => {
                prop_assert!(until > self.now, "waits for what is past");
                self.now = until;
            }
            _ => prop_assert!(false, "waits for nothing"),
        }
        Ok(())
    }

    fn settle(&mut self, job: JobId, end: &AttemptResult) -> Result<(), TestCaseError> {
        if let AttemptResult::NotProcessed {
            reason: NotProcessed::RateLimited | NotProcessed::ServiceUnavailable,
            retry_after: Some(wait),
        } = end
        {
            self.paused_until = self.paused_until.max(self.now + *wait);
        }
        let certainly_not_taken = matches!(end, AttemptResult::NotProcessed { .. });
        match self.plan.settle(job, end, self.now) {
            SettleResult::RetryAt(due) => {
                prop_assert!(certainly_not_taken, "{end:?} is tried again");
                prop_assert!(due > self.now && due <= self.now + Duration::from_secs(10));
            }
            SettleResult::Finished(outcome) => {
                prop_assert!(self.over.insert(job), "{job:?} ended twice");
                let prior_attempt = self.script.jobs[job.0].prior_attempt;
                let expected = match (end, prior_attempt) {
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
            SettleResult::NotRunning => prop_assert!(false, "{job:?} was under way"),
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
    fn a_plan_ends_and_starts_nothing_that_may_have_been_taken(script in script()) {
        let mut run = Run::new(script);
        run.finish()?;
        prop_assert!(run.under_way.is_empty());
        let mut uploaded = HashSet::new();
        for (index, job) in run.script.jobs.iter().enumerate() {
            let outcome = run.plan.outcome(JobId(index));
            prop_assert!(outcome.is_some(), "job {index} has no outcome");
            if outcome.is_some_and(|outcome| outcome.kind.is_uploaded()) {
                prop_assert!(uploaded.insert(job.content), "the same bytes twice");
            }
        }
    }
}
