//! Where uploads go: the service, the session and the journal.

use super::identity_file::IdentityFile;
use super::journal_folder::JournalFolder;
use super::session::{SessionSelector, default_period, session_request};
use crate::bankconnect::BaseUrl;
use crate::connection::{Connection, ConnectionOptions, Required, async_runtime};
use crate::error::AppError;
use crate::event_log::{EventLog, Notices};
use crate::screen::{PeriodOrigin, Policy};
use crate::settings::{Settings, secrets};
use crate::statement::{Bank, DateRange};
use jiff::civil::Date;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The session of a run, as the user requests it.
pub(crate) struct SessionChoice {
    /// An existing session.
    pub(crate) session_id: Option<String>,
    /// Otherwise the lender's own name for the applicant.
    pub(crate) link_id: Option<String>,
    /// First and last day, if they are given.
    pub(crate) period: Option<(Date, Date)>,
    pub(crate) is_sandbox: bool,
}

impl SessionChoice {
    /// Selects the session.
    ///
    /// # Errors
    ///
    /// If neither a session nor a link ID is given, or the service would reject the request.
    fn select(&self, policy: &Policy, base: &BaseUrl) -> Result<SessionSelector, AppError> {
        if let Some(id) = &self.session_id {
            return Ok(SessionSelector::Existing(id.clone()));
        }
        let link_id = secrets::link_id(self.link_id.as_deref(), self.is_sandbox)?;
        let period = self.period.unwrap_or_else(default_period);
        let bank = policy.expected_bank.as_ref().map(Bank::id);
        let request = session_request(link_id, period, bank);
        SessionSelector::for_request(request, self.period, base)
    }

    /// Returns the session that uploads would go to; `None` if it would be a new one.
    ///
    /// # Errors
    ///
    /// If the given session can't be used.
    pub(super) fn planned(
        &self,
        policy: &Policy,
        base: &BaseUrl,
    ) -> Result<Option<SessionSelector>, AppError> {
        match self.select(policy, base) {
            Ok(session) => Ok(Some(session)),
            // Without a link ID, the session would be a new one.
            Err(_) if self.session_id.is_none() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What uploads need: opened before the long screening, so that a missing setting is reported
/// immediately.
pub(crate) struct UploadTarget {
    pub(crate) connection: Connection,
    /// `None` if each case has its own.
    pub(crate) session: Option<SessionSelector>,
    pub(crate) journal: JournalFolder,
    pub(crate) identities: Option<Arc<IdentityFile>>,
    pub(crate) runtime: Runtime,
}

impl UploadTarget {
    /// Opens the connection and the journal. `choice` is the session of the run, `None` if each
    /// case has its own; its period becomes the requested one of the policy. `processes` requires
    /// the server hash.
    ///
    /// # Errors
    ///
    /// If a setting is missing or invalid, the session can't be used, or the journal can't be
    /// opened.
    pub(crate) fn open(
        options: &ConnectionOptions,
        choice: Option<&SessionChoice>,
        processes: bool,
        policy: &mut Policy,
        (settings, notices, log): (&Settings, &Notices, &EventLog),
    ) -> Result<Self, AppError> {
        if !options.sandbox {
            // Invalid arguments are reported before a command for the API key runs.
            let base = secrets::base_url(options.base_url.as_deref())?;
            choice
                .map(|choice| choice.select(policy, &base))
                .transpose()?;
        }
        let required = if processes {
            Required::ServerHash
        } else {
            Required::ApiKey
        };
        let connection = Connection::open(options, settings, required)?.with_log(log);
        let client = &connection.client;
        let session = choice.map(|choice| choice.select(policy, client.base()));
        let session = session.transpose()?;
        let journal = JournalFolder::open(options.sandbox, client.owner(), notices)?;
        let runtime = async_runtime()?;
        if let Some(session) = &session
            && policy.requested_period.is_none()
        {
            let period = session.existing_period(client, &journal.journal, notices);
            policy.requested_period = runtime.block_on(period)?;
            policy.period_origin = PeriodOrigin::Session;
        }
        if options.sandbox
            && choice.is_some_and(|choice| choice.period.is_none())
            && let Some(DateRange { from, to }) = policy.requested_period
        {
            // Files at hand for a trial are often older.
            notices.note(format_args!(
                "the sandbox session requires {from} to {to}; set other days with --from and --to"
            ));
        }
        Ok(Self {
            connection,
            session,
            journal,
            identities: None,
            runtime,
        })
    }

    /// Keeps the identities that the service returns in a private file, if one is given.
    ///
    /// # Errors
    ///
    /// If the file can't be used.
    pub(crate) fn keeping_identities(mut self, path: Option<&Path>) -> Result<Self, AppError> {
        self.identities = path.map(IdentityFile::open).transpose()?.map(Arc::new);
        Ok(self)
    }
}
