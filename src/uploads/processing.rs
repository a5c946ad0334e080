//! Processing of a session: started once, followed until the service has a report.

use crate::bankconnect::Client;
use crate::bankconnect::wire::{
    Account, AccountState, ApiError, ErrorCode, ProcessingState, ProgressReport, SessionReport,
};
use crate::journal::{Journal, JournalError};
use std::time::Duration;
use tokio::time::sleep;

/// Maximum pause between two queries, whatever the service asks for.
const MAX_PAUSE: Duration = Duration::from_mins(2);

/// What happens while a session is processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProcessingStep {
    /// Processing was started before.
    AlreadyStarted,
    /// The number of statements that are processed, and of all.
    Progress(usize, usize),
    /// A query failed, and is repeated; why.
    Retrying(String),
}

/// Processing of one session, driven by queries.
pub(crate) struct Processing<'a> {
    client: &'a Client,
    /// Pause between two queries.
    every: Duration,
    report: Box<dyn FnMut(ProcessingStep) + 'a>,
    /// Processed and all statements, as last reported.
    progress: Option<(usize, usize)>,
}

/// What to ask the service next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Progress,
    Report,
}

impl<'a> Processing<'a> {
    /// Creates a processing that queries the service at this interval and reports each step.
    pub(crate) fn new(
        client: &'a Client,
        every: Duration,
        report: impl FnMut(ProcessingStep) + 'a,
    ) -> Self {
        Self {
            client,
            every,
            report: Box::new(report),
            progress: None,
        }
    }

    /// Queries the service until there is a report. A start request that the service did not
    /// receive is repeated; a session can't be processed twice.
    ///
    /// # Errors
    ///
    /// The first answer that no later query can change.
    pub(crate) async fn run(mut self, id: &str) -> Result<SessionReport, ApiError> {
        let mut stage = Stage::Start;
        loop {
            let response = match stage {
                Stage::Start => {
                    let started = self.client.initiate_processing(id).await;
                    started.map(|()| Stage::Progress)
                }
                Stage::Progress => {
                    let progress = self.client.progress(id).await;
                    progress.map(|report| self.report_progress(&report))
                }
                Stage::Report => match self.client.session_report(id).await {
                    Ok(report) => return Ok(report),
                    Err(error) => Err(error),
                },
            };
            let (next, pause) = match response {
                Ok(next) if next == stage => (next, self.every),
                Ok(next) => (next, Duration::ZERO),
                Err(error) => self.after_error(stage, error)?,
            };
            stage = next;
            sleep(pause).await;
        }
    }

    /// Returns the next stage after an error and the pause before it.
    fn after_error(
        &mut self,
        stage: Stage,
        error: ApiError,
    ) -> Result<(Stage, Duration), ApiError> {
        let code = match &error {
            ApiError::Rejected(response) => response.code.as_ref(),
            _ => None,
        };
        let every = self.every;
        match code {
            Some(ErrorCode::DuplicateProcessingRequest) if stage == Stage::Start => {
                (self.report)(ProcessingStep::AlreadyStarted);
                return Ok((Stage::Progress, Duration::ZERO));
            }
            // The first start request was lost on its way.
            Some(ErrorCode::ProcessingNotRequested) => return Ok((Stage::Start, every)),
            _ => {}
        }
        if !error.is_retryable() {
            return Err(error);
        }
        (self.report)(ProcessingStep::Retrying(error.to_string()));
        let pause = match error {
            ApiError::Busy { retry_after, .. } => retry_after.unwrap_or(every).min(MAX_PAUSE),
            _ => every,
        };
        // A start request without an answer may have been processed: the progress shows it.
        let next = if stage == Stage::Start && !error.has_no_effect() {
            Stage::Progress
        } else {
            stage
        };
        Ok((next, pause.max(every)))
    }

    /// Reports the progress if it has changed, and returns the next stage.
    fn report_progress(&mut self, report: &ProgressReport) -> Stage {
        let processed = report.statements.iter().filter(|statement| {
            matches!(
                statement.processing,
                ProcessingState::Completed | ProcessingState::Failed
            )
        });
        let now = (processed.count(), report.statements.len());
        if self.progress.replace(now) != Some(now) {
            (self.report)(ProcessingStep::Progress(now.0, now.1));
        }
        match report.session {
            ProcessingState::Completed | ProcessingState::Failed => Stage::Report,
            ProcessingState::Processing | ProcessingState::Other(_) => Stage::Progress,
        }
    }
}

/// Returns whether there is an account, and every account and statement was completed.
pub(crate) fn is_completed(report: &SessionReport) -> bool {
    let completed = report.accounts.iter().all(|account| {
        account.state == AccountState::Completed
            && account.error.is_none()
            && account
                .statements
                .iter()
                .all(|statement| statement.state != ProcessingState::Failed)
    });
    completed && !report.accounts.is_empty()
}

/// Stores the codes of accounts and statements with the uploads that they are about.
///
/// # Errors
///
/// If the journal can't be written.
pub(crate) fn record_codes(
    journal: &mut Journal,
    session: &str,
    accounts: &[Account],
) -> Result<(), JournalError> {
    let codes = accounts.iter().flat_map(|account| {
        account.statements.iter().filter_map(|statement| {
            let id = statement.statement_id.as_ref()?.as_str();
            let errors = [&account.error, &statement.error].into_iter().flatten();
            Some((id, errors.map(|error| error.code.name()).collect()))
        })
    });
    let codes: Vec<(&str, Vec<&str>)> = codes.collect();
    journal.group(|journal| {
        // The service has answered about the session, so it belongs to this key.
        journal.claim_session(session)?;
        journal.record_later_codes(session, codes)
    })
}
