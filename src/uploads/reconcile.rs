//! Reconciles uploads with unknown outcome, and restores the outcomes of earlier runs.

use super::attempt::Uploader;
use super::convert::remote_statements;
use crate::bankconnect::wire::ApiError;
use crate::journal::{JournalError, Resend, Settlement, UploadEntry};
use crate::uploads::plan::{PriorAttempt, find_evidence};
use jiff::Timestamp;

/// Returns the outcome of an earlier run for a file that is therefore not sent again.
pub(crate) fn earlier_outcome(entry: UploadEntry, resend: Resend) -> Option<Settlement> {
    let is_unknown = entry.prior_attempt == PriorAttempt::Unknown && resend == Resend::Never;
    entry
        .settled
        .filter(|settled| settled.outcome.kind.is_uploaded() || is_unknown)
}

/// The result of asking the service about unknown uploads.
#[derive(Debug, Default)]
pub(crate) struct Reconciliation {
    /// The uploads that were unknown before.
    pub(crate) unknown: Vec<UploadEntry>,
    /// How many of them the service lists.
    pub(crate) found: usize,
}

impl Uploader {
    /// Asks the service about uploads with unknown outcome, if a server hash is configured, and
    /// journals those that it lists. The inner error is that of the call.
    pub(crate) async fn reconcile(&self) -> Result<Result<Reconciliation, ApiError>, JournalError> {
        let unknown = self.journal().unsettled(&self.session)?;
        if unknown.is_empty() || !self.client.has_server_hash() {
            return Ok(Ok(Reconciliation { unknown, found: 0 }));
        }
        let listed = match self.client.upload_status(&self.session).await {
            Ok(status) => remote_statements(&status),
            Err(error) => return Ok(Err(error)),
        };
        let mut found = 0;
        for entry in &unknown {
            let attempts = entry.settled.as_ref().map_or(1, |s| s.outcome.attempts);
            if let Some(outcome) = find_evidence(entry.content, attempts, &listed) {
                self.journal()
                    .resolve(entry.id, &outcome, Timestamp::now())?;
                found += 1;
            }
        }
        Ok(Ok(Reconciliation { unknown, found }))
    }
}
