//! A dry run: what would be sent, with the outcomes that the journal has of earlier runs.

use super::case_queue::session_of_case;
use super::earlier::{EarlierQuery, EarlierUpload};
use super::item::UploadItem;
use super::messages::{earlier_record, planned_record};
use super::ordered_report::OrderedReport;
use super::run::UploadReport as _;
use super::session::SessionSelector;
use super::target::SessionChoice;
use crate::bankconnect::{BaseUrl, Client};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::error::AppError;
use crate::journal::{JournalError, JournalReader};
use crate::screen::Policy;
use crate::settings::{Settings, environment, secrets};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What the journal stores about the sessions that uploads would go to.
pub(crate) struct EarlierUploads {
    journal: JournalReader,
    base: BaseUrl,
    /// Refusals count only if the API key is known.
    client: Option<Client>,
}

impl EarlierUploads {
    /// Opens the journal; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the base URL is invalid, or the journal can't be read.
    pub(crate) fn open(
        options: &ConnectionOptions,
        settings: &Settings,
    ) -> Result<Option<Self>, AppError> {
        if options.sandbox {
            return Ok(None);
        }
        let base = secrets::base_url(options.base_url.as_deref())?;
        let folder = environment::state_folder()?;
        let Some(journal) = JournalReader::open_unchanged(&folder)? else {
            return Ok(None);
        };
        // A dry run needs no key. Without one, the uploads of all keys are shown.
        let connection = Connection::open(options, settings, Required::ApiKey).ok();
        let client = connection.map(|connection| connection.client);
        Ok(Some(Self {
            journal,
            base,
            client,
        }))
    }

    /// Returns the known sessions of a request; the last of them would be used.
    fn sessions(&self, session: Option<&SessionSelector>) -> Result<Vec<String>, AppError> {
        let owner = self.client.as_ref().map(Client::owner);
        let known = session.map(|session| session.known_ids(&self.journal, owner));
        Ok(known.transpose()?.unwrap_or_default())
    }

    fn find(
        &self,
        item: &UploadItem,
        sessions: &[String],
    ) -> Result<Option<EarlierUpload>, JournalError> {
        let (current, ended) = match sessions.split_last() {
            Some((current, ended)) => (Some(current.as_str()), ended),
            None => (None, [].as_slice()),
        };
        let owner = self.client.as_ref().map(Client::owner);
        let query = EarlierQuery::new(item, self.client.as_ref());
        let answer = query.answer(current, ended, |content, session| {
            self.journal.find(content, session, owner)
        })?;
        Ok(answer.err())
    }
}

/// Reports what would be sent, with the outcomes of earlier runs. `choice` is the session of files
/// without a case.
///
/// # Errors
///
/// If a session's request is invalid, or the journal can't be read.
pub(crate) fn plan_uploads(
    earlier: Option<&EarlierUploads>,
    choice: &SessionChoice,
    policy: &Policy,
    report: &mut OrderedReport<'_>,
) -> Result<(), AppError> {
    let mut sessions: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
    for position in report.positions_to_send() {
        let Some(item) = report.item(position) else {
            continue;
        };
        let case = item.input.case;
        let found = match earlier {
            Some(earlier) => {
                let known = match sessions.entry(case) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        let base = &earlier.base;
                        let session = match case {
                            Some(case) => {
                                let requested = policy.requested_period;
                                session_of_case(case, report, requested, base).map(Some)
                            }
                            None => choice.planned(policy, base),
                        };
                        new.insert(earlier.sessions(session?.as_ref())?)
                    }
                };
                earlier.find(&item, known)?
            }
            None => None,
        };
        let record = match found {
            Some(found) => earlier_record(found).into(),
            None => planned_record(&item),
        };
        report.settle(&item, record)?;
    }
    Ok(())
}
