//! Uploads of earlier runs, for which a file is not sent again.

use super::item::UploadItem;
use super::shared_journal::SharedJournal;
use crate::bankconnect::Client;
use crate::journal::{Journal, JournalError, Resend, Settlement, UploadEntry};
use crate::screen::ContentHash;
use crate::uploads::plan::{PriorAttempt, RequestDigest};

/// The upload of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EarlierUpload {
    pub(crate) settlement: Settlement,
    pub(crate) session: String,
    /// Whether the session accepts no more uploads.
    pub(crate) has_ended: bool,
    pub(crate) reason: EarlierReason,
}

/// Why a file is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlierReason {
    /// The service has it.
    Uploaded,
    /// The service may have it.
    Unknown,
    /// The service refused the same request.
    Refused,
}

/// What an earlier upload of a file must match to forbid another one.
pub(crate) struct EarlierQuery {
    content: ContentHash,
    resend: Resend,
    /// `None` if the API key is not known: refusals then don't count.
    request: Option<RequestDigest>,
}

impl EarlierQuery {
    pub(crate) fn new(item: &UploadItem, client: Option<&Client>) -> Self {
        let request = client.and_then(|client| item.intent(client, "").request);
        Self {
            content: item.content,
            resend: item.resend,
            request,
        }
    }

    /// Asks a shared journal about several files; see [`EarlierQuery::answer`].
    pub(crate) async fn ask_all(
        queries: Vec<Self>,
        journal: &SharedJournal,
        current: Option<&str>,
        ended: &[String],
    ) -> Result<Vec<Result<PriorAttempt, EarlierUpload>>, JournalError> {
        let (current, ended) = (current.map(str::to_owned), ended.to_vec());
        let ask = move |journal: &mut Journal| {
            let find = |content, session: &str| journal.find(content, session);
            let answers = queries
                .iter()
                .map(|query| query.answer(current.as_deref(), &ended, find));
            answers.collect()
        };
        journal.read(ask).await
    }

    /// Returns the earlier upload for which the file is not sent, or what is known of prior
    /// attempts in the current session.
    ///
    /// `find` returns the entry of a file in a session. `ended` are the earlier sessions of the
    /// same request, oldest first.
    pub(crate) fn answer(
        &self,
        current: Option<&str>,
        ended: &[String],
        find: impl Fn(ContentHash, &str) -> Result<Option<UploadEntry>, JournalError>,
    ) -> Result<Result<PriorAttempt, EarlierUpload>, JournalError> {
        let mut prior_attempt = PriorAttempt::None;
        let sessions = current.map(|id| (id, false)).into_iter();
        let sessions = sessions.chain(ended.iter().rev().map(|id| (id.as_str(), true)));
        for (session, has_ended) in sessions {
            let Some(entry) = find(self.content, session)? else {
                continue;
            };
            if !has_ended {
                prior_attempt = entry.prior_attempt;
            }
            let reason = self.reason(&entry, has_ended);
            if let (Some(settlement), Some(reason)) = (entry.settled, reason) {
                return Ok(Err(EarlierUpload {
                    settlement,
                    session: session.to_owned(),
                    has_ended,
                    reason,
                }));
            }
        }
        Ok(Ok(prior_attempt))
    }

    fn reason(&self, entry: &UploadEntry, has_ended: bool) -> Option<EarlierReason> {
        let settled = entry.settled.as_ref()?;
        let Resend {
            unknown,
            refused,
            expired,
        } = self.resend;
        // A file of an ended session goes to another one, where it can't be a duplicate.
        let may_move = has_ended && expired;
        if settled.outcome.kind.is_uploaded() {
            (!may_move).then_some(EarlierReason::Uploaded)
        } else if entry.prior_attempt == PriorAttempt::Unknown {
            (!may_move && !unknown).then_some(EarlierReason::Unknown)
        } else {
            let is_refused = !has_ended && !refused && entry.refused(self.request);
            is_refused.then_some(EarlierReason::Refused)
        }
    }
}
