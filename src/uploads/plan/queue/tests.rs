//! Tests of a plan, one situation each.

use super::super::attempt::{Rejection, UnknownReason};
use super::super::code::LocalCode;
use super::*;

const CONNECT: AttemptResult = AttemptResult::NotProcessed {
    reason: NotProcessed::Connect,
    retry_after: None,
};
const RESPONSE_LOST: AttemptResult = AttemptResult::Unknown {
    reason: UnknownReason::ConnectionLost,
    http_status: None,
};

fn plan(jobs: u8, concurrency: usize) -> Plan {
    let job = |byte| Job {
        content: ContentHash::of(&[byte]),
        prior_attempt: PriorAttempt::None,
    };
    let jobs: Vec<_> = (0..jobs).map(job).collect();
    let limits = QueueLimits {
        concurrency,
        ..QueueLimits::default()
    };
    Plan::new(&jobs, limits, || 0.0)
}

fn busy(seconds: u64) -> AttemptResult {
    AttemptResult::NotProcessed {
        reason: NotProcessed::RateLimited,
        retry_after: Some(Duration::from_secs(seconds)),
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Starts all attempts that may start at a time.
fn start_all(plan: &mut Plan, now: Duration) -> Vec<JobId> {
    let mut jobs = Vec::new();
    while let PlanStep::Start(start) = plan.next(now) {
        jobs.push(start.job);
    }
    jobs
}

fn codes(plan: &Plan) -> Vec<&str> {
    let outcomes = (0..).map_while(|index| plan.outcome(JobId(index)));
    outcomes
        .map(|o| o.code.as_ref().map_or("-", OutcomeCode::name))
        .collect()
}

#[test]
fn a_requested_wait_pauses_all_jobs() {
    let mut plan = plan(6, 3);
    assert_eq!(start_all(&mut plan, seconds(0)).len(), 3);
    plan.settle(JobId(1), &busy(30), seconds(1));
    assert_eq!(
        plan.next(seconds(30)),
        PlanStep::Wait(Wait::RetryAfter(seconds(31)))
    );
    let next = start_all(&mut plan, seconds(31));
    assert_eq!(
        next,
        [JobId(1)],
        "the retry starts first; two attempts are still running"
    );
}

#[test]
fn a_requested_wait_beyond_the_limit_stops_the_queue() {
    let mut plan = plan(3, 1);
    assert_eq!(start_all(&mut plan, seconds(0)).len(), 1);
    plan.settle(JobId(0), &busy(3600), seconds(1));
    assert_eq!(plan.next(seconds(1)), PlanStep::Stopped(StopReason::Busy));
    assert_eq!(codes(&plan), ["RATE_LIMITED"; 3]);
}

#[test]
fn rejected_credentials_and_sessions_stop_the_queue() {
    let check = |code: Option<ErrorCode>, http_status, skipped| {
        let mut plan = plan(3, 1);
        assert_eq!(start_all(&mut plan, seconds(0)).len(), 1);
        let rejection = Rejection { code, http_status };
        let result = AttemptResult::Rejected(rejection.clone());
        plan.settle(JobId(0), &result, seconds(1));
        let stop = StopReason::Rejected(rejection);
        assert_eq!(plan.next(seconds(1)), PlanStep::Stopped(stop));
        assert_eq!(plan.outcome(JobId(0)).unwrap().kind, OutcomeKind::Skipped);
        let last = plan.outcome(JobId(2)).unwrap();
        assert_eq!(
            (last.kind, last.code.as_ref().map(OutcomeCode::name)),
            (OutcomeKind::Skipped, Some(skipped))
        );
    };
    check(None, 401, "HTTP_401");
    let trial = ErrorCode::TrialPeriodExpired;
    check(Some(trial), 402, "TRIAL_PERIOD_EXPIRED");
    check(Some(ErrorCode::InvalidApiKey), 403, "INVALID_API_KEY");
    check(Some(ErrorCode::SessionExpired), 400, "SESSION_EXPIRED");
}

#[test]
fn an_unreachable_service_is_probed_by_one_file_at_a_time() {
    let mut plan = plan(20, 8);
    let mut now = seconds(0);
    for job in start_all(&mut plan, now) {
        plan.settle(job, &CONNECT, now);
    }
    for _ in 0..2 {
        let PlanStep::Wait(Wait::Unreachable(Some(until))) = plan.next(now) else {
            panic!("the breaker is closed");
        };
        now = until;
        let probes = start_all(&mut plan, now);
        assert_eq!(probes.len(), 1);
        assert_eq!(plan.next(now), PlanStep::Wait(Wait::Unreachable(None)));
        plan.settle(probes[0], &CONNECT, now);
    }
    now += seconds(15);
    // The service was never reached, so the shorter limit applies.
    assert_eq!(plan.next(now), PlanStep::Stopped(StopReason::Unreachable));
    assert_eq!(codes(&plan), ["SERVICE_UNREACHABLE"; 20]);
}

#[test]
fn one_contact_closes_the_breaker() {
    let mut plan = plan(20, 8);
    for job in start_all(&mut plan, seconds(0)) {
        plan.settle(job, &CONNECT, seconds(0));
    }
    let probes = start_all(&mut plan, seconds(15));
    plan.settle(probes[0], &RESPONSE_LOST, seconds(16));
    assert_eq!(start_all(&mut plan, seconds(16)).len(), 8);
}

#[test]
fn a_file_whose_body_is_cut_repeatedly_is_skipped() {
    let mut plan = plan(1, 1);
    let cut = AttemptResult::NotProcessed {
        reason: NotProcessed::BodyCut,
        retry_after: None,
    };
    for attempt in 1..=4 {
        let now = seconds(60 * attempt);
        assert_eq!(start_all(&mut plan, now), [JobId(0)]);
        plan.settle(JobId(0), &cut, now);
    }
    assert_eq!(plan.next(seconds(300)), PlanStep::Done);
    let outcome = plan.outcome(JobId(0)).unwrap();
    assert_eq!((outcome.kind, outcome.attempts), (OutcomeKind::Skipped, 4));
    assert_eq!(outcome.code, Some(LocalCode::BodyNotSent.into()));
}

#[test]
fn consecutive_unknown_outcomes_stop_the_queue() {
    let mut plan = plan(40, 1);
    let mut now = seconds(0);
    while let PlanStep::Start(start) = plan.next(now) {
        plan.settle(start.job, &RESPONSE_LOST, now);
        now += seconds(1);
    }
    assert_eq!(plan.next(now), PlanStep::Stopped(StopReason::ResponsesLost));
    let lost = codes(&plan)
        .into_iter()
        .filter(|code| *code == "ANSWER_LOST");
    assert_eq!(lost.count(), 10);
}

#[test]
fn jobs_can_be_cancelled_before_and_during_their_attempt() {
    let mut plan = plan(3, 1);
    assert_eq!(start_all(&mut plan, seconds(0)), [JobId(0)]);
    assert_eq!(plan.cancel(JobId(1)), CancelResult::Skipped);
    assert_eq!(plan.cancel(JobId(0)), CancelResult::Running);
    // Without the cancellation this result would lead to a retry.
    let settled = plan.settle(JobId(0), &CONNECT, seconds(1));
    assert!(
        matches!(settled, SettleResult::Finished(outcome) if outcome.kind == OutcomeKind::Skipped)
    );
    assert_eq!(plan.cancel(JobId(0)), CancelResult::AlreadyFinished);
    assert_eq!(start_all(&mut plan, seconds(1)), [JobId(2)]);
}

#[test]
fn a_job_with_the_same_bytes_is_skipped() {
    let job = Job {
        content: ContentHash::of(b"statement"),
        prior_attempt: PriorAttempt::None,
    };
    let mut plan = Plan::new(&[job, job], QueueLimits::default(), || 0.0);
    assert_eq!(start_all(&mut plan, seconds(0)), [JobId(0)]);
    assert_eq!(plan.outcome(JobId(1)).unwrap().kind, OutcomeKind::Skipped);
}
