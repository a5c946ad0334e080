//! An open session: the way to the service, the journal, and the queue to it.

use crate::bankconnect::wire::SessionRequest;
use crate::bankconnect::{self, Client, ResponseExtras};
use crate::cli::failure::Failure;
use crate::cli::network::{self, Needs, Network, NetworkArgs};
use crate::cli::session::default_period;
use crate::dashboard::model::{Session, Start};
use crate::event_log::Log;
use crate::journal::Journal;
use crate::screen::ContentHash;
use crate::settings::resolve;
use crate::statement::DateRange;
use crate::uploads::{Meter, Post, Queue, Travel, UploadType, period_of, session_key};
use jiff::{Timestamp, ToSpan as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that an open session takes.
pub(super) struct Office {
    /// Keeps the sandbox alive, where there is one.
    _network: Network,
    pub(super) post: Arc<Post>,
    pub(super) queue: Queue,
    pub(super) session: Session,
    /// Under which the journal remembers the session, if it was created here.
    key: Option<ContentHash>,
    concurrency: usize,
    /// Where the journal is.
    folder: PathBuf,
    /// The journal's folder in a sandbox, gone with it.
    _temporary: Option<tempfile::TempDir>,
}

/// What all sessions of a run share.
pub(super) struct Terms {
    pub(super) network: NetworkArgs,
    pub(super) concurrency: usize,
    pub(super) most_bytes: u64,
    pub(super) log: Log,
}

impl Office {
    /// Opens a session: a new one, the one that the same wish opened before, or the one named.
    pub(super) async fn open(start: Start, terms: &Terms, meter: Meter) -> Result<Self, Failure> {
        let sandbox = start == Start::Sandbox;
        let network = Network::resolve(&terms.network.with_sandbox(sandbox), Needs::ApiKey)?;
        let network = network.watched(&terms.log);
        let (mut journal, temporary) = resolve::journal(sandbox)?;
        let folder = match &temporary {
            Some(folder) => folder.path().to_owned(),
            None => resolve::state_folder()?,
        };
        let (session, key) = find_session(start, &network.client, &mut journal).await?;
        let travel = Travel {
            kind: UploadType::Pdf,
            extras: ResponseExtras::default(),
            most_bytes: terms.most_bytes,
        };
        let id = session.id.clone();
        let client = network.client.clone();
        let post = Arc::new(Post::new(
            client,
            id,
            journal,
            travel,
            meter,
            terms.log.clone(),
        ));
        Ok(Self {
            queue: Queue::new(Arc::clone(&post), terms.concurrency),
            concurrency: terms.concurrency,
            _network: network,
            post,
            session,
            key,
            folder,
            _temporary: temporary,
        })
    }

    /// Where the journal is.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins a queue in the place of one that stopped.
    pub(super) fn renew_queue(&mut self) {
        self.queue = Queue::new(Arc::clone(&self.post), self.concurrency);
    }

    /// Forgets a session that takes no more uploads.
    pub(super) fn forget_session(&self) {
        if let Some(key) = self.key {
            // It would be found out again at the next upload.
            drop(self.post.journal().delete_session(key));
        }
    }
}

async fn find_session(
    start: Start,
    client: &Client,
    journal: &mut Journal,
) -> Result<(Session, Option<ContentHash>), Failure> {
    let session = |id: String, sandbox, range, expires| Session {
        id,
        sandbox,
        range,
        expires,
        can_ask: client.has_server_hash(),
    };
    match start {
        Start::Existing(id) if bankconnect::is_session_id(&id) => {
            let range = period_of(&id, client, journal).await?.unwrap_or(None);
            Ok((session(id, false, range, None), None))
        }
        Start::Existing(id) => {
            let heading = format!("{id:?} is no session id");
            Err(Failure::usage(heading, "the id that session new prints"))
        }
        Start::Sandbox => {
            let request = SessionRequest {
                link_id: "sandbox".to_owned(),
                ..SessionRequest::default()
            };
            let id = create(client, &request).await?;
            Ok((session(id, true, None, None), None))
        }
        Start::New(request) => {
            let days = request.period.days().ok().flatten();
            let range = days.map(|(from, to)| DateRange { from, to });
            // The days that are assumed move on; the session stays.
            let typed = days.filter(|days| *days != default_period());
            let bank = request.bank_name.as_deref();
            let key = session_key(client.base(), &request.link_id, typed, bank);
            if let Some(id) = journal.session_for(key)? {
                return Ok((session(id, false, range, None), Some(key)));
            }
            let id = create(client, &request).await?;
            journal.save_session(key, &id, range, Timestamp::now())?;
            let minutes = request.session_expiry.map(i64::from);
            let end = |minutes: i64| Timestamp::now().checked_add(minutes.minutes()).ok();
            Ok((session(id, false, range, minutes.and_then(end)), Some(key)))
        }
    }
}

async fn create(client: &Client, request: &SessionRequest) -> Result<String, Failure> {
    let created = client.create_session(request).await;
    let created = created.map_err(|error| network::failed("create a session", error))?;
    Ok(created.session_id.as_str().to_owned())
}
