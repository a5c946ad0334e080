//! Outcomes of the files of cases in the journal, before this run sends anything.

use super::active_session::SessionOptions;
use super::upload_worker::recalled;
use crate::bankconnect::BaseUrl;
use crate::connection::{Connection, Required};
use crate::dashboard::model::FileId;
use crate::error::AppError;
use crate::journal::JournalReader;
use crate::report::SettledUpload;
use crate::screen::cases::Case;
use crate::screen::{AccountCoverage, ContentHash};
use crate::settings::{environment::state_folder, secrets};
use crate::statement::DateRange;
use crate::uploads::case_session;
use crate::uploads::plan::Owner;

/// The files of a case to look up.
pub(super) struct CaseRecall {
    pub(super) case: Case,
    /// The months that its accounts cover.
    pub(super) accounts: Vec<AccountCoverage>,
    /// The requested period of cases without one.
    pub(super) requested: Option<DateRange>,
    pub(super) files: Vec<(FileId, ContentHash)>,
}

/// The journal of earlier runs, opened without changing it.
pub(super) struct EarlierUploads {
    journal: JournalReader,
    base: BaseUrl,
    /// `None` without a key: then the uploads of all keys count.
    owner: Option<Owner>,
}

impl EarlierUploads {
    /// Opens the journal; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it can't be read, or the base URL is invalid.
    pub(super) fn open(options: &SessionOptions) -> Result<Option<Self>, AppError> {
        let base = secrets::base_url(options.connection.base_url.as_deref())?;
        let Some(journal) = JournalReader::open_unchanged(&state_folder()?)? else {
            return Ok(None);
        };
        let connection = Connection::open(&options.connection, &options.settings, Required::ApiKey);
        let owner = connection.ok().map(|connection| connection.client.owner());
        Ok(Some(Self {
            journal,
            base,
            owner,
        }))
    }

    /// Returns the outcomes of the files of a case, the latest session first.
    ///
    /// # Errors
    ///
    /// If the journal can't be read.
    pub(super) fn find(
        &self,
        recall: &CaseRecall,
    ) -> Result<Vec<(FileId, SettledUpload)>, AppError> {
        let CaseRecall {
            case,
            accounts,
            requested,
            files,
        } = recall;
        let session = case_session(case, accounts, *requested, &self.base)?;
        let sessions = session.known_ids(&self.journal, self.owner)?;
        let mut found = Vec::new();
        for (id, content) in files {
            for session in sessions.iter().rev() {
                let entry = self.journal.find(*content, session, self.owner)?;
                let settled = entry.and_then(|entry| entry.settled);
                if let Some(record) = settled.and_then(|settled| recalled(settled, session)) {
                    found.push((*id, record));
                    break;
                }
            }
        }
        Ok(found)
    }
}
