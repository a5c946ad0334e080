//! Uploads of which nobody knows whether the service took them.

use super::attempt::Post;
use super::translate::sightings;
use crate::bankconnect::wire::ApiError;
use crate::journal::{Entry, JournalError, Resend, Settlement};
use crate::uploads::plan::{Doubt, proof_among};
use jiff::Timestamp;

/// What an earlier run has made of a file, if it is not sent again.
pub(crate) fn stands(found: Entry, resend: Resend) -> Option<Settlement> {
    let unsure = found.doubt == Doubt::Open && resend == Resend::Never;
    let stands = |settled: &Settlement| settled.outcome.kind.is_uploaded() || unsure;
    found.settled.filter(stands)
}

/// What asking about unknown uploads came to.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The uploads that were unknown.
    pub(crate) unknown: Vec<Entry>,
    /// How many of them the service has.
    pub(crate) found: usize,
}

impl Post {
    /// Asks the service about unknown uploads, where it can be asked, and writes down what it has.
    /// The inner error is the service's.
    pub(crate) async fn settle_unknown(&self) -> Result<Result<Asked, ApiError>, JournalError> {
        let unknown = self.journal().unsettled(&self.session)?;
        if unknown.is_empty() || !self.client.can_ask() {
            return Ok(Ok(Asked { unknown, found: 0 }));
        }
        let seen = match self.client.upload_status(&self.session).await {
            Ok(status) => sightings(&status),
            Err(error) => return Ok(Err(error)),
        };
        let mut found = 0;
        for entry in &unknown {
            let attempts = entry.settled.as_ref().map_or(1, |s| s.outcome.attempts);
            if let Some(proof) = proof_among(entry.content, attempts, &seen) {
                self.journal().resolve(entry.id, &proof, Timestamp::now())?;
                found += 1;
            }
        }
        Ok(Ok(Asked { unknown, found }))
    }
}
