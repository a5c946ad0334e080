//! Single situations of a queue, one after the other.

use super::*;
use crate::uploads::plan::{Rejection, UnknownReason};

const CONNECT: AttemptResult = AttemptResult::NotProcessed {
    reason: NotProcessed::Connect,
    retry_after: None,
};
const LOST: AttemptResult = AttemptResult::Unknown {
    reason: UnknownReason::ConnectionLost,
    http_status: None,
};

fn plan(jobs: u8, concurrency: usize) -> Plan {
    let job = |byte| Job {
        content: ContentHash::of(&[byte]),
        prior_attempt: PriorAttempt::None,
    };
    let jobs: Vec<_> = (0..jobs).map(job).collect();
    let settings = QueueLimits {
        concurrency,
        ..QueueLimits::default()
    };
    Plan::new(&jobs, settings, || 0.0)
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

/// Starts what may be started at a time.
fn started(plan: &mut Plan, now: Duration) -> Vec<JobId> {
    let mut jobs = Vec::new();
    while let PlanStep::Start(start) = plan.next(now) {
        jobs.push(start.job);
    }
    jobs
}

fn codes(plan: &Plan) -> Vec<&str> {
    let outcomes = (0..).map_while(|index| plan.outcome(JobId(index)));
    outcomes.map(|o| o.code.as_deref().unwrap_or("-")).collect()
}

#[test]
fn a_plea_to_wait_holds_every_worker() {
    let mut plan = plan(6, 3);
    assert_eq!(started(&mut plan, seconds(0)).len(), 3);
    plan.settle(JobId(1), &busy(30), seconds(1));
    assert_eq!(
        plan.next(seconds(30)),
        PlanStep::Wait(Wait::RetryAfter(seconds(31)))
    );
    let next = started(&mut plan, seconds(31));
    assert_eq!(
        next,
        [JobId(1)],
        "the file put off goes first, two are still under way"
    );
}

#[test]
fn a_plea_beyond_all_patience_stops_the_queue() {
    let mut plan = plan(3, 1);
    assert_eq!(started(&mut plan, seconds(0)).len(), 1);
    plan.settle(JobId(0), &busy(3600), seconds(1));
    assert_eq!(plan.next(seconds(1)), PlanStep::Stopped(StopReason::Busy));
    assert_eq!(codes(&plan), ["RATE_LIMITED"; 3]);
}

#[test]
fn credentials_and_sessions_that_are_refused_stop_the_queue() {
    let check = |code: Option<&str>, http_status, skipped| {
        let mut plan = plan(3, 1);
        assert_eq!(started(&mut plan, seconds(0)).len(), 1);
        let refusal = Rejection {
            code: code.map(str::to_owned),
            http_status,
        };
        let end = AttemptResult::Rejected(refusal.clone());
        plan.settle(JobId(0), &end, seconds(1));
        let stop = StopReason::Rejected(refusal);
        assert_eq!(plan.next(seconds(1)), PlanStep::Stopped(stop));
        assert_eq!(plan.outcome(JobId(0)).unwrap().kind, OutcomeKind::Rejected);
        let last = plan.outcome(JobId(2)).unwrap();
        assert_eq!(
            (last.kind, last.code.as_deref()),
            (OutcomeKind::Skipped, Some(skipped))
        );
    };
    check(None, 401, "HTTP_401");
    check(Some("TRIAL_PERIOD_EXPIRED"), 402, "TRIAL_PERIOD_EXPIRED");
    check(Some("INVALID_API_KEY"), 403, "INVALID_API_KEY");
    check(Some("SESSION_EXPIRED"), 400, "SESSION_EXPIRED");
}

#[test]
fn a_service_that_is_down_is_asked_by_one_file_at_a_time_until_it_is_back() {
    let mut plan = plan(20, 8);
    let mut now = seconds(0);
    for job in started(&mut plan, now) {
        plan.settle(job, &CONNECT, now);
    }
    for _ in 0..2 {
        let PlanStep::Wait(Wait::Unreachable(Some(until))) = plan.next(now) else {
            panic!("the breaker is closed");
        };
        now = until;
        let probes = started(&mut plan, now);
        assert_eq!(probes.len(), 1);
        assert_eq!(plan.next(now), PlanStep::Wait(Wait::Unreachable(None)));
        plan.settle(probes[0], &CONNECT, now);
    }
    now += seconds(15);
    // Late, but within the patience: it was never reached before.
    assert_eq!(plan.next(now), PlanStep::Stopped(StopReason::Unreachable));
    assert_eq!(codes(&plan), ["SERVICE_UNREACHABLE"; 20]);
}

#[test]
fn one_success_closes_the_breaker() {
    let mut plan = plan(20, 8);
    for job in started(&mut plan, seconds(0)) {
        plan.settle(job, &CONNECT, seconds(0));
    }
    let probes = started(&mut plan, seconds(15));
    plan.settle(probes[0], &LOST, seconds(16));
    assert_eq!(started(&mut plan, seconds(16)).len(), 8);
}

#[test]
fn a_body_cut_every_time_is_given_up_and_skipped() {
    let mut plan = plan(1, 1);
    let cut = AttemptResult::NotProcessed {
        reason: NotProcessed::BodyCut,
        retry_after: None,
    };
    for attempt in 1..=4 {
        let now = seconds(60 * attempt);
        assert_eq!(started(&mut plan, now), [JobId(0)]);
        plan.settle(JobId(0), &cut, now);
    }
    assert_eq!(plan.next(seconds(300)), PlanStep::Done);
    let outcome = plan.outcome(JobId(0)).unwrap();
    assert_eq!((outcome.kind, outcome.attempts), (OutcomeKind::Skipped, 4));
    assert_eq!(codes(&plan), ["BODY_NOT_SENT"]);
}

#[test]
fn a_service_that_loses_every_answer_gets_no_more_files() {
    let mut plan = plan(40, 1);
    let mut now = seconds(0);
    while let PlanStep::Start(start) = plan.next(now) {
        plan.settle(start.job, &LOST, now);
        now += seconds(1);
    }
    assert_eq!(plan.next(now), PlanStep::Stopped(StopReason::AnswersLost));
    let lost = codes(&plan)
        .into_iter()
        .filter(|code| *code == "ANSWER_LOST");
    assert_eq!(lost.count(), 10);
}

#[test]
fn files_can_be_cancelled_before_and_during_their_attempt() {
    let mut plan = plan(3, 1);
    assert_eq!(started(&mut plan, seconds(0)), [JobId(0)]);
    assert_eq!(plan.cancel(JobId(1)), CancelResult::Skipped);
    assert_eq!(plan.cancel(JobId(0)), CancelResult::Running);
    // Aborted before its end, it would be tried again, had nobody cancelled it.
    let ended = plan.settle(JobId(0), &CONNECT, seconds(1));
    assert!(
        matches!(ended, SettleResult::Finished(outcome) if outcome.kind == OutcomeKind::Skipped)
    );
    assert_eq!(plan.cancel(JobId(0)), CancelResult::AlreadyFinished);
    assert_eq!(started(&mut plan, seconds(1)), [JobId(2)]);
}

#[test]
fn the_same_bytes_are_one_file() {
    let job = Job {
        content: ContentHash::of(b"twin"),
        prior_attempt: PriorAttempt::None,
    };
    let mut plan = Plan::new(&[job, job], QueueLimits::default(), || 0.0);
    assert_eq!(started(&mut plan, seconds(0)), [JobId(0)]);
    assert_eq!(plan.outcome(JobId(1)).unwrap().kind, OutcomeKind::Skipped);
}
