//! Reconciles uploads with unknown outcome by asking the service.

use super::convert::remote_statements;
use super::shared_journal::SharedJournal;
use crate::bankconnect::Client;
use crate::bankconnect::wire::ApiError;
use crate::journal::{Journal, JournalError, UploadEntry};
use crate::uploads::plan::{count_unmatched, find_evidence};
use jiff::Timestamp;

/// The result of asking the service about unknown uploads.
#[derive(Debug, Default)]
pub(crate) struct Reconciliation {
    /// The uploads that were unknown before.
    pub(crate) unknown: Vec<UploadEntry>,
    /// How many of them the service lists.
    pub(crate) found: usize,
    /// How many statements the service lists for the session.
    pub(crate) listed: usize,
    /// How many of these belong to none of the uploads that the journal has of the session: the
    /// service may have renamed them, or another machine sent them.
    pub(crate) unmatched: usize,
}

/// Asks the service about uploads of a session with unknown outcome, if a server hash is
/// configured, and journals those that it lists. The inner error is that of the call.
pub(crate) async fn reconcile(
    client: &Client,
    journal: &SharedJournal,
    session: &str,
) -> Result<Result<Reconciliation, ApiError>, JournalError> {
    let key = session.to_owned();
    let unknown = journal.read(move |journal| journal.unsettled(&key)).await?;
    if unknown.is_empty() || !client.has_server_hash() {
        return Ok(Ok(Reconciliation {
            unknown,
            ..Reconciliation::default()
        }));
    }
    let listed = match client.upload_status(session).await {
        Ok(status) => remote_statements(&status),
        Err(error) => return Ok(Err(error)),
    };
    let mut resolved = Vec::new();
    for entry in &unknown {
        let attempts = entry.settled.as_ref().map_or(1, |s| s.outcome.attempts);
        let outcome = find_evidence(entry.content, attempts, &listed);
        resolved.extend(outcome.map(|outcome| (entry.id, outcome)));
    }
    let found = resolved.len();
    let key = session.to_owned();
    let sent = journal.read(move |journal| journal.entries_of(&key));
    let sent = sent.await?.into_iter().map(|entry| {
        let receipt = entry.settled.map(|settled| settled.outcome.receipt);
        (
            entry.content,
            receipt.and_then(|receipt| receipt.statement_id),
        )
    });
    let unmatched = count_unmatched(&sent.collect::<Vec<_>>(), &listed);
    let key = session.to_owned();
    let resolve = move |journal: &mut Journal| {
        // The service has answered about the session, so it belongs to this key.
        journal.claim_session(&key)?;
        for (id, outcome) in &resolved {
            journal.resolve(*id, outcome, Timestamp::now())?;
        }
        Ok(())
    };
    journal.run(resolve).await?;
    Ok(Ok(Reconciliation {
        unknown,
        found,
        listed: listed.len(),
        unmatched,
    }))
}
