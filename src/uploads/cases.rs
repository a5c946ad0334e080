//! Uploads cases: each to a session of its own, several at the same time.
//!
//! All cases share one limit on simultaneous calls, in which no case has more than its share, so a
//! slow case does not delay the others. A case whose session accepts no more uploads stops alone;
//! what concerns the API key, the network or the journal stops all.

use super::attempt::ProgressObserver;
use super::gate::ServiceGate;
use super::item::{Skipped, UploadItem};
use super::messages::skipped_record;
use super::run::{Extent, Stopped, UploadReport, UploadRun};
use super::session::SessionSelector;
use super::shared_journal::SharedJournal;
use crate::bankconnect::wire::{ApiError, ErrorCode};
use crate::error::AppError;
use crate::journal::Intent;
use crate::report::UploadRecord;
use crate::uploads::plan::{LocalCode, Outcome, OutcomeCode, QueueLimits};
use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Cases that are uploaded at the same time. Only some of them make calls; others wait for a
/// session that another process uses.
const MAX_ACTIVE_CASES: usize = 32;
/// Cases in a row whose session could not be created. After these, no other is tried.
const MAX_FAILED_SESSIONS: usize = 3;

/// A case to upload.
pub(crate) struct CaseUpload {
    /// The index of the case.
    pub(crate) case: usize,
    pub(crate) session: SessionSelector,
    /// Whether processing is started once the service has all its items.
    pub(crate) process: bool,
}

/// Receives the records of one case.
struct CaseUploadReport<'c, 'r> {
    report: &'c RefCell<&'r mut dyn UploadReport>,
    /// The sessions of the items that the service has.
    sessions: BTreeSet<String>,
    /// Items that the service does not have, or may not have.
    missing: usize,
}

impl CaseUploadReport<'_, '_> {
    /// Returns the session that has every item of the case, if one has.
    fn complete_session(&self) -> Option<&String> {
        let only = self.sessions.first().filter(|_| self.sessions.len() == 1);
        only.filter(|_| self.missing == 0)
    }
}

impl UploadReport for CaseUploadReport<'_, '_> {
    fn items(&mut self, case: usize) -> Vec<UploadItem> {
        self.report.borrow_mut().items(case)
    }

    fn skipped(&self, session: &str, case: Option<usize>) -> Vec<(Intent, Outcome)> {
        self.report.borrow().skipped(session, case)
    }

    fn settle(&mut self, item: &UploadItem, record: UploadRecord) -> Result<(), AppError> {
        let settled = record.settled();
        let uploaded = settled.filter(|settled| settled.outcome.kind.is_uploaded());
        match uploaded.and_then(|settled| settled.session.clone()) {
            Some(session) => {
                self.sessions.insert(session);
            }
            None => self.missing += 1,
        }
        self.report.borrow_mut().settle(item, record)
    }

    fn started(&mut self, item: &UploadItem) {
        self.report.borrow_mut().started(item);
    }

    fn retrying(&mut self, item: &UploadItem, reason: &'static str) {
        self.report.borrow_mut().retrying(item, reason);
    }
}

impl UploadRun<'_> {
    /// Uploads cases, each to its own session; `report` then has the record of every item. Returns
    /// the errors for which cases were stopped.
    ///
    /// # Errors
    ///
    /// If the journal or the report fails.
    pub(crate) async fn run_cases(
        &self,
        journal: &SharedJournal,
        cases: Vec<CaseUpload>,
        observer: &dyn Fn() -> ProgressObserver,
        report: &mut dyn UploadReport,
    ) -> Result<Vec<AppError>, AppError> {
        let gate = ServiceGate::new(
            self.concurrency,
            QueueLimits::default().max_consecutive_unknown,
        );
        let share = self.concurrency.div_ceil(cases.len().max(1));
        let report = RefCell::new(report);
        let mut waiting: VecDeque<CaseUpload> = cases.into();
        let mut active = Vec::new();
        let mut ends = Ends::default();
        loop {
            while !gate.is_closed() && active.len() < MAX_ACTIVE_CASES {
                let Some(upload) = waiting.pop_front() else {
                    break;
                };
                let run = self.for_case(upload.case, share, gate.clone());
                let observer = observer();
                let mut report = CaseUploadReport {
                    report: &report,
                    sessions: BTreeSet::new(),
                    missing: 0,
                };
                let gate = gate.clone();
                active.push(Box::pin(async move {
                    let items = report.items(upload.case);
                    let session = &upload.session;
                    let ended = run
                        .run(journal, session, items, observer, &mut report)
                        .await;
                    let session = report.complete_session().filter(|_| upload.process);
                    match (ended, session) {
                        (Ok(None), Some(session)) => Ok(run.start_processing(session, &gate).await),
                        (ended, _) => ended,
                    }
                }));
            }
            if active.is_empty() {
                break;
            }
            if ends.add(next_output(&mut active).await) {
                gate.close();
            }
        }
        drop(active);
        let Ends {
            code,
            errors,
            failure,
            ..
        } = ends;
        if let Some(error) = failure {
            return Err(error);
        }
        let code = code.unwrap_or_else(|| LocalCode::Cancelled.into());
        let report = report.into_inner();
        for upload in waiting {
            for item in report.items(upload.case) {
                report.settle(&item, not_sent(code.clone()))?;
            }
        }
        Ok(errors)
    }
}

impl UploadRun<'_> {
    /// Starts processing of a session, and returns why that failed. A session that is processed
    /// already is left as it is.
    async fn start_processing(&self, session: &str, gate: &ServiceGate) -> Option<Stopped> {
        let Ok(_permit) = gate.enter().await else {
            return None;
        };
        if self.interrupt.signal().is_some() {
            return None;
        }
        let error = match self.client.initiate_processing(session).await {
            Ok(()) => return None,
            Err(ApiError::Rejected(response))
                if response.code == Some(ErrorCode::DuplicateProcessingRequest) =>
            {
                return None;
            }
            Err(error) => error,
        };
        let action = format!("start processing of session {session}");
        Some(Stopped {
            code: LocalCode::Cancelled.into(),
            error: Some(AppError::call(&action, error)),
            extent: Extent::Session,
        })
    }
}

/// How the cases ended so far.
#[derive(Default)]
struct Ends {
    /// The code of the files that are not sent because all cases were stopped.
    code: Option<OutcomeCode>,
    errors: Vec<AppError>,
    /// The first error of the journal or the report.
    failure: Option<AppError>,
    failed_sessions: usize,
}

impl Ends {
    /// Adds the end of a case. Returns whether the others are stopped as well.
    fn add(&mut self, end: Result<Option<Stopped>, AppError>) -> bool {
        let stopped = match end {
            Ok(None) => {
                self.failed_sessions = 0;
                return false;
            }
            Ok(Some(stopped)) => stopped,
            Err(error) => {
                self.failure.get_or_insert(error);
                return true;
            }
        };
        self.failed_sessions = if stopped.extent == Extent::SessionFailure {
            self.failed_sessions + 1
        } else {
            0
        };
        // The reason that stops all cases is that of each of them.
        let is_repeated = stopped.extent == Extent::All && self.code.is_some();
        self.errors.extend(stopped.error.filter(|_| !is_repeated));
        let stops_all =
            stopped.extent == Extent::All || self.failed_sessions >= MAX_FAILED_SESSIONS;
        if stops_all {
            self.code.get_or_insert(stopped.code);
        }
        stops_all
    }
}

fn not_sent(code: OutcomeCode) -> UploadRecord {
    let skipped = Skipped {
        code,
        message: "not sent".to_owned(),
        hint: None,
    };
    skipped_record(skipped).into()
}

/// Waits for the first of several futures to end, and removes it.
async fn next_output<T>(active: &mut Vec<Pin<Box<impl Future<Output = T>>>>) -> T {
    poll_fn(|context| {
        for index in 0..active.len() {
            let Some(future) = active.get_mut(index) else {
                break;
            };
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                drop(active.swap_remove(index));
                return Poll::Ready(output);
            }
        }
        Poll::Pending
    })
    .await
}
