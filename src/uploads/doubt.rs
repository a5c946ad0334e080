//! Uploads of which nobody knows whether the service took them.

use super::attempt::Post;
use super::translate::remote_statements;
use crate::bankconnect::wire::ApiError;
use crate::journal::{JournalError, Resend, Settlement, UploadEntry};
use crate::uploads::plan::{PriorAttempt, find_evidence};
use jiff::Timestamp;

/// What an earlier run has made of a file, if it is not sent again.
pub(crate) fn stands(found: UploadEntry, resend: Resend) -> Option<Settlement> {
    let unsure = found.prior_attempt == PriorAttempt::Unknown && resend == Resend::Never;
    let stands = |settled: &Settlement| settled.outcome.kind.is_uploaded() || unsure;
    found.settled.filter(stands)
}

/// What asking about unknown uploads came to.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The uploads that were unknown.
    pub(crate) unknown: Vec<UploadEntry>,
    /// How many of them the service has.
    pub(crate) found: usize,
}

impl Post {
    /// Asks the service about unknown uploads, where it can be asked, and writes down what it has.
    /// The inner error is the service's.
    pub(crate) async fn settle_unknown(&self) -> Result<Result<Asked, ApiError>, JournalError> {
        let unknown = self.journal().unsettled(&self.session)?;
        if unknown.is_empty() || !self.client.has_server_hash() {
            return Ok(Ok(Asked { unknown, found: 0 }));
        }
        let seen = match self.client.upload_status(&self.session).await {
            Ok(status) => remote_statements(&status),
            Err(error) => return Ok(Err(error)),
        };
        let mut found = 0;
        for entry in &unknown {
            let attempts = entry.settled.as_ref().map_or(1, |s| s.outcome.attempts);
            if let Some(proof) = find_evidence(entry.content, attempts, &seen) {
                self.journal().resolve(entry.id, &proof, Timestamp::now())?;
                found += 1;
            }
        }
        Ok(Ok(Asked { unknown, found }))
    }
}
