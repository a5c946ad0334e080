//! The session that the dashboard uploads to: connection, journal and upload driver.

use crate::bankconnect::wire::is_session_id;
use crate::bankconnect::{Client, ResponseExtras};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::dashboard::keymap::KeyMap;
use crate::dashboard::model::{Session, SessionName, SessionSource};
use crate::error::AppError;
use crate::event_log::EventLog;
use crate::event_log::Notices;
use crate::journal::{JournalError, Recovered};
use crate::settings::Settings;
use crate::uploads::plan::PriorAttempt;
use crate::uploads::{
    Driver, EarlierQuery, EarlierUpload, JournalFolder, LockWait, ProgressObserver,
    SessionSelector, UploadItem, UploadOptions, UploadType, Uploader, default_period,
    session_period, session_request,
};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The link ID of sandbox sessions.
const SANDBOX_LINK_ID: &str = "sandbox";

/// Everything that belongs to an open session.
pub(super) struct ActiveSession {
    /// Keeps an embedded sandbox running.
    _connection: Connection,
    pub(super) uploader: Arc<Uploader>,
    pub(super) driver: Driver,
    pub(super) session: Session,
    /// What an interrupted run left open in the session.
    pub(super) recovered: Recovered,
    /// Earlier sessions of the same request, which accept no more uploads.
    ended: Vec<String>,
    selector: SessionSelector,
    concurrency: usize,
    journal: JournalFolder,
}

/// Options that all sessions of a run share.
pub(super) struct SessionOptions {
    pub(super) connection: ConnectionOptions,
    pub(super) settings: Settings,
    pub(super) concurrency: usize,
    /// The keys of the dashboard, for hints.
    pub(super) keys: KeyMap,
    /// Encoding of files in requests.
    pub(super) upload_type: UploadType,
    /// Maximum file size, as in screening.
    pub(super) max_bytes: u64,
    pub(super) log: EventLog,
    /// Shows messages in the dashboard.
    pub(super) notices: Notices,
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
        let reference = match &start {
            SessionSource::New(request) => Some(request.link_id.clone()),
            SessionSource::Sandbox(_) | SessionSource::Existing(_) => None,
        };
        let connection = ConnectionOptions {
            sandbox,
            ..options.connection.clone()
        };
        let connection = Connection::open(&connection, &options.settings, Required::ApiKey)?;
        let connection = connection.with_log(&options.log);
        let client = connection.client.clone();
        let notices = &options.notices;
        let journal = JournalFolder::open(sandbox, client.owner(), notices)?;
        let selector = select(start, &client)?;
        let wait = LockWait {
            // The user decides whether to wait.
            max_wait: Duration::ZERO,
            notices,
        };
        let known = selector.resolve(&journal.journal, &wait).await?;
        let (recovered, ended) = (known.recovered, known.ended.clone());
        let locked = selector
            .open(known, &client, &journal.journal, &wait, None)
            .await?;
        let requested_period = match &selector {
            // Without its period, the session is still usable.
            SessionSelector::Existing(id) => session_period(id, &client, &journal.journal)
                .await?
                .unwrap_or(None),
            SessionSelector::ForRequest { .. } => locked.period,
        };
        let session = Session {
            name: SessionName {
                id: locked.id.clone(),
                reference,
            },
            sandbox,
            requested_period,
            expires: locked.expires,
            has_server_hash: client.has_server_hash(),
        };
        let uploader = Arc::new(Uploader::new(
            client,
            locked,
            journal.journal.clone(),
            UploadOptions {
                upload_type: options.upload_type,
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
            recovered,
            ended,
            selector,
            journal,
        })
    }

    /// Returns the folder of the journal.
    pub(super) fn journal_folder(&self) -> &Path {
        self.journal.path()
    }

    /// Returns what identifies the session in counts of saved calls.
    pub(super) fn scope(&self) -> String {
        self.selector.scope()
    }

    /// Returns the earlier upload for which a file is not sent, or what is known of prior attempts.
    pub(super) async fn earlier(
        &self,
        item: &UploadItem,
    ) -> Result<Result<PriorAttempt, EarlierUpload>, JournalError> {
        let query = EarlierQuery::new(item, Some(&self.uploader.client));
        let current = Some(self.session.name.id.as_str());
        let journal = &self.journal.journal;
        let answers = EarlierQuery::ask_all(vec![query], journal, current, &self.ended).await?;
        Ok(answers.into_iter().next().unwrap_or(Ok(PriorAttempt::None)))
    }

    /// Replaces a driver that has stopped.
    pub(super) fn renew_driver(&mut self) {
        self.driver = Driver::new(Arc::clone(&self.uploader), self.concurrency);
    }

    /// Stores that the session accepts no more uploads.
    pub(super) async fn end(&self) {
        // If this fails, the next upload finds out again that the session has ended.
        let ended = self
            .selector
            .end(&self.uploader.session, &self.uploader.journal);
        drop(ended.await);
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
