//! The session that the dashboard uploads to: connection, journal and upload driver.

use crate::bankconnect::{Client, ResponseExtras, is_session_id};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::dashboard::model::{Session, SessionSource};
use crate::error::AppError;
use crate::event_log::EventLog;
use crate::journal::Journal;
use crate::settings::Settings;
use crate::uploads::{
    Driver, JournalFolder, ProgressObserver, SessionSelector, UploadOptions, UploadType, Uploader,
    default_period, session_period, session_request,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The link ID of sandbox sessions.
const SANDBOX_LINK_ID: &str = "sandbox";

/// Everything that belongs to an open session.
pub(super) struct ActiveSession {
    /// Keeps an embedded sandbox running.
    _connection: Connection,
    pub(super) uploader: Arc<Uploader>,
    pub(super) driver: Driver,
    pub(super) session: Session,
    selector: SessionSelector,
    concurrency: usize,
    journal_folder: PathBuf,
    /// The journal's folder in a sandbox, deleted with the session.
    _temporary: Option<TempDir>,
}

/// Options that all sessions of a run share.
pub(super) struct SessionOptions {
    pub(super) connection: ConnectionOptions,
    pub(super) settings: Settings,
    pub(super) concurrency: usize,
    /// Maximum file size, as in screening.
    pub(super) max_bytes: u64,
    pub(super) log: EventLog,
}

impl ActiveSession {
    /// Opens the requested session: an existing one, the one that the same request created before,
    /// or a new one.
    pub(super) async fn open(
        start: SessionSource,
        options: &SessionOptions,
        progress: ProgressObserver,
    ) -> Result<Self, AppError> {
        let sandbox = matches!(start, SessionSource::Sandbox(_));
        let connection = ConnectionOptions {
            sandbox,
            ..options.connection.clone()
        };
        let connection = Connection::open(&connection, &options.settings, Required::ApiKey)?;
        let connection = connection.with_log(&options.log);
        let client = connection.client.clone();
        let journal = JournalFolder::open(sandbox)?;
        let journal_folder = journal.path().to_owned();
        let (mut journal, temporary) = journal.into_parts();
        let selector = select(start, &client)?;
        let session = open_session(&selector, sandbox, &client, &mut journal).await?;
        let uploader = Arc::new(Uploader::new(
            client,
            session.id.clone(),
            journal,
            UploadOptions {
                upload_type: UploadType::Pdf,
                extras: ResponseExtras::default(),
                max_bytes: options.max_bytes,
            },
            progress,
            options.log.clone(),
        ));
        Ok(Self {
            driver: Driver::new(Arc::clone(&uploader), options.concurrency),
            concurrency: options.concurrency,
            _connection: connection,
            uploader,
            session,
            selector,
            journal_folder,
            _temporary: temporary,
        })
    }

    /// Returns the folder of the journal.
    pub(super) fn journal_folder(&self) -> &Path {
        &self.journal_folder
    }

    /// Replaces a driver that has stopped.
    pub(super) fn renew_driver(&mut self) {
        self.driver = Driver::new(Arc::clone(&self.uploader), self.concurrency);
    }

    /// Deletes a session that accepts no more uploads from the journal.
    pub(super) fn delete_from_journal(&self) {
        // If this fails, the next upload finds out again that the session has ended.
        drop(self.selector.delete(&mut self.uploader.journal()));
    }
}

fn select(start: SessionSource, client: &Client) -> Result<SessionSelector, AppError> {
    match start {
        SessionSource::Existing(id) if is_session_id(&id) => Ok(SessionSelector::Existing(id)),
        SessionSource::Existing(id) => Err(AppError::usage(
            format!("{id:?} is not a session ID"),
            "use the ID that session new prints",
        )),
        SessionSource::Sandbox(period) => {
            let explicit = period.map(|period| (period.from, period.to));
            let days = explicit.unwrap_or_else(default_period);
            let request = session_request(SANDBOX_LINK_ID.to_owned(), days, None);
            SessionSelector::for_request(request, explicit, client.base())
        }
        SessionSource::New(request) => {
            let days = request.period.days().ok().flatten();
            let explicit = days.filter(|days| *days != default_period());
            SessionSelector::for_request(*request, explicit, client.base())
        }
    }
}

async fn open_session(
    selector: &SessionSelector,
    sandbox: bool,
    client: &Client,
    journal: &mut Journal,
) -> Result<Session, AppError> {
    let opened = selector.open(client, journal).await?;
    let range = match selector {
        // Without its period, the session is still usable.
        SessionSelector::Existing(id) => session_period(id, client, journal).await?.unwrap_or(None),
        SessionSelector::ForRequest { .. } => opened.period,
    };
    Ok(Session {
        id: opened.id,
        sandbox,
        requested_period: range,
        expires: opened.expires,
        has_server_hash: client.has_server_hash(),
    })
}
