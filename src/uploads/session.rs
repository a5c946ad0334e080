//! The session of an upload run: an existing one, the one that the same request created before, or
//! a new one.

use super::gate::ServiceGate;
use super::shared_journal::SharedJournal;
use crate::bankconnect::wire::{
    self, ApiError, ErrorCode, SessionCreated, SessionPeriod, SessionRequest, Violation,
    is_session_id,
};
use crate::bankconnect::{BaseUrl, Client};
use crate::error::AppError;
use crate::event_log::Notices;
use crate::journal::{
    Journal, JournalError, JournalReader, Locked, Recovered, SessionLock, SessionState,
};
use crate::screen::ContentHash;
use crate::statement::{DateRange, Month};
use crate::text::columns::counted;
use crate::uploads::plan::{Owner, busy_delay};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};
use std::time::Duration;
use tokio::time::sleep;

/// Maximum time that a run waits for a busy service.
pub(super) const MAX_BUSY_WAIT: Duration = Duration::from_mins(10);
/// Time between two attempts to take the right to use a session.
const LOCK_INTERVAL: Duration = Duration::from_millis(100);

/// Which session to upload to.
#[derive(Debug, Clone)]
pub(crate) enum SessionSelector {
    /// The session with this ID.
    Existing(String),
    /// The session that an equal request created before, else a new one.
    ForRequest {
        request: Box<SessionRequest>,
        period: Option<DateRange>,
        /// The key under which the journal stores the session.
        key: ContentHash,
    },
}

/// What the journal stores about the sessions of a selector, and the right to use them.
#[derive(Debug)]
pub(crate) struct KnownSessions {
    /// The session that may accept uploads; `None` if one must be created.
    pub(crate) current: Option<LockedSession>,
    /// Earlier sessions of the same request, which accept no more uploads, oldest first.
    pub(crate) ended: Vec<String>,
    /// Files that an interrupted run left without an outcome.
    pub(crate) recovered: Recovered,
    /// Prevents that another process creates a session of the same request.
    request_lock: Option<SessionLock>,
}

/// A session that no other process of this machine sends to.
#[derive(Debug)]
pub(crate) struct LockedSession {
    pub(crate) id: String,
    /// The requested period, if it is known.
    pub(crate) period: Option<DateRange>,
    /// When it expires, if this run created it with an expiry.
    pub(crate) expires: Option<Timestamp>,
    /// Whether it is proved that it belongs to this API key.
    pub(crate) is_owned: bool,
    _locks: Vec<SessionLock>,
}

/// How long to wait for a session that another process uses, and how to report it.
pub(crate) struct LockWait<'w> {
    pub(crate) max_wait: Duration,
    pub(crate) notices: &'w Notices,
}

impl SessionSelector {
    /// Selects the session of a request. `explicit_period` is `None` for the default period: it
    /// moves from day to day, and the session should be found again.
    ///
    /// # Errors
    ///
    /// If the service would reject the request.
    pub(crate) fn for_request(
        request: SessionRequest,
        explicit_period: Option<(Date, Date)>,
        base: &BaseUrl,
    ) -> Result<Self, AppError> {
        let bank = request.bank_name.clone();
        Self::with_key(request, explicit_period, bank.as_deref(), base)
    }

    /// Selects the session of a case. The bank is only named to the service: when a file of another
    /// bank is added to the case, the session remains the same.
    ///
    /// # Errors
    ///
    /// If the service would reject the request.
    pub(crate) fn for_case(
        request: SessionRequest,
        explicit_period: Option<(Date, Date)>,
        base: &BaseUrl,
    ) -> Result<Self, AppError> {
        Self::with_key(request, explicit_period, None, base)
    }

    fn with_key(
        request: SessionRequest,
        explicit_period: Option<(Date, Date)>,
        bank: Option<&str>,
        base: &BaseUrl,
    ) -> Result<Self, AppError> {
        check_request(&request)?;
        let key = session_key(base, &request.link_id, explicit_period, bank);
        let days = request.period.days().ok().flatten();
        Ok(Self::ForRequest {
            period: days.map(|(from, to)| DateRange { from, to }),
            request: Box::new(request),
            key,
        })
    }

    /// Returns the known sessions, and takes the right to use them.
    ///
    /// # Errors
    ///
    /// If another process uses the session for longer than the time to wait, or the journal fails.
    pub(crate) async fn resolve(
        &self,
        journal: &SharedJournal,
        wait: &LockWait<'_>,
    ) -> Result<KnownSessions, AppError> {
        let (id, request_lock, ended, period, is_owned) = match self {
            Self::Existing(id) => (Some(id.clone()), None, Vec::new(), None, true),
            Self::ForRequest { period, key, .. } => {
                let lock = wait.lock(journal, &format!("request {key}")).await?;
                let key = *key;
                let mut sessions = journal
                    .read(move |journal| journal.sessions_of(key))
                    .await?;
                // Only the latest can be open: a session ends before another is created.
                let current = sessions
                    .pop_if(|last| last.state == SessionState::Open && is_session_id(&last.id));
                let ended: Vec<_> = sessions.into_iter().map(|session| session.id).collect();
                recover_ended(journal, ended.clone()).await?;
                let is_owned = current.as_ref().is_none_or(|current| current.is_owned);
                let id = current.map(|current| current.id);
                (id, Some(lock), ended, *period, is_owned)
            }
        };
        let mut known = KnownSessions {
            current: None,
            ended,
            recovered: Recovered::default(),
            request_lock,
        };
        if let Some(id) = id {
            let lock = wait.lock(journal, &id).await?;
            let session = id.clone();
            let now = Timestamp::now();
            known.recovered = journal
                .run(move |journal| journal.recover(&session, now))
                .await?;
            known.current = Some(LockedSession {
                id,
                period,
                expires: None,
                is_owned,
                _locks: [Some(lock), known.request_lock.take()]
                    .into_iter()
                    .flatten()
                    .collect(),
            });
        }
        Ok(known)
    }

    /// Creates a session and stores it, if none is known.
    ///
    /// # Errors
    ///
    /// If the session can't be created, or the journal fails.
    pub(crate) async fn open(
        &self,
        known: KnownSessions,
        client: &Client,
        journal: &SharedJournal,
        wait: &LockWait<'_>,
        gate: Option<&ServiceGate>,
    ) -> Result<LockedSession, AppError> {
        if let Some(current) = known.current {
            return Ok(current);
        }
        let Self::ForRequest {
            request,
            period,
            key,
        } = self
        else {
            return Err(AppError::internal("an existing session is not known"));
        };
        let (period, key) = (*period, *key);
        let created = create_session(request, client, journal, wait.notices, gate).await?;
        if let Some(note) = period.and_then(|period| ignored_month_note(period.to)) {
            wait.notices.note(note);
        }
        let id = created.session_id.as_str().to_owned();
        let now = Timestamp::now();
        let link = ContentHash::of(request.link_id.as_bytes());
        let session = id.clone();
        journal
            .run(move |journal| journal.save_session((key, link), &session, period, now))
            .await?;
        let lock = wait.lock(journal, &id).await?;
        let minutes = request.session_expiry.map(i64::from);
        let expires = minutes.and_then(|minutes| now.checked_add(minutes.minutes()).ok());
        Ok(LockedSession {
            id,
            period,
            expires,
            is_owned: true,
            _locks: known.request_lock.into_iter().chain([lock]).collect(),
        })
    }

    /// Returns what identifies the session before it is created.
    pub(crate) fn scope(&self) -> String {
        match self {
            Self::Existing(id) => id.clone(),
            Self::ForRequest { key, .. } => key.to_string(),
        }
    }

    /// Returns the IDs of the sessions that are known without asking the service, the latest last.
    pub(crate) fn known_ids(
        &self,
        journal: &JournalReader,
        owner: Option<Owner>,
    ) -> Result<Vec<String>, AppError> {
        Ok(match self {
            Self::Existing(id) => vec![id.clone()],
            Self::ForRequest { key, .. } => {
                let sessions = journal.sessions_of(*key, owner)?;
                sessions.into_iter().map(|session| session.id).collect()
            }
        })
    }

    /// Returns the period of an existing session, if it is known. A warning reports a failed call.
    pub(crate) async fn existing_period(
        &self,
        client: &Client,
        journal: &SharedJournal,
        notices: &Notices,
    ) -> Result<Option<DateRange>, AppError> {
        let Self::Existing(id) = self else {
            return Ok(None);
        };
        let period = session_period(id, client, journal).await?;
        Ok(period.unwrap_or_else(|error| {
            notices.warning(format_args!("could not get the session's period: {error}"));
            None
        }))
    }

    /// Stores that a session accepts no more uploads, so that the same request creates a new one.
    pub(crate) async fn end(
        &self,
        session: &LockedSession,
        journal: &SharedJournal,
    ) -> Result<(), JournalError> {
        let id = session.id.clone();
        match self {
            Self::ForRequest { key, .. } if !session.is_owned => {
                // It may belong to another key, whose uploads are none of this one.
                let (key, now) = (*key, Timestamp::now());
                journal
                    .run(move |journal| journal.disclaim_session(key, &id, now))
                    .await
            }
            _ => journal.run(move |journal| journal.end_session(&id)).await,
        }
    }
}

impl LockWait<'_> {
    /// Takes the right to use a session, and waits while another process has it.
    async fn lock(&self, journal: &SharedJournal, name: &str) -> Result<SessionLock, AppError> {
        let mut attempts = self.max_wait.as_millis() / LOCK_INTERVAL.as_millis();
        let mut has_reported = false;
        loop {
            let holder = match journal.locks().take(name, Timestamp::now())? {
                Locked::Taken(lock) => return Ok(lock),
                Locked::Held(holder) => holder,
            };
            let by = holder.map_or_else(|| "another process".to_owned(), |by| by.to_string());
            if attempts == 0 {
                let message = format!("the session is in use by {by}");
                let hint = "run the same command again when that process has ended";
                return Err(AppError::unavailable(message, hint));
            }
            if !has_reported {
                self.notices
                    .note(format_args!("waiting for the session, which {by} uses"));
                has_reported = true;
            }
            attempts -= 1;
            sleep(LOCK_INTERVAL).await;
        }
    }
}

/// Creates a session. A busy service is asked again for some time.
async fn create_session(
    request: &SessionRequest,
    client: &Client,
    journal: &SharedJournal,
    notices: &Notices,
    gate: Option<&ServiceGate>,
) -> Result<SessionCreated, AppError> {
    let mut waited = Duration::ZERO;
    let mut refusals = 0;
    loop {
        let permit = match gate {
            Some(gate) => Some(gate.enter().await.map_err(|_closed| stopped())?),
            None => None,
        };
        let created = client.create_session(request).await;
        drop(permit);
        let error = match created {
            Ok(created) => return Ok(created),
            Err(error) => error,
        };
        if let ApiError::Busy { retry_after, .. } = &error {
            refusals += 1;
            let wait = retry_after.unwrap_or_else(|| busy_delay(refusals, fastrand::f64()));
            waited = waited.saturating_add(wait);
            let all_waited = gate.is_some_and(|gate| gate.pause_for(wait));
            if waited <= MAX_BUSY_WAIT && !all_waited {
                let seconds = counted(usize::try_from(wait.as_secs()).unwrap_or(0), "second");
                notices.note(format_args!("the service is busy; waiting {seconds}"));
                sleep(wait).await;
                continue;
            }
            remember_wait(journal, wait).await?;
        }
        return Err(AppError::call("create a session", error));
    }
}

/// Returns the error of a session that is not created because all runs were stopped.
fn stopped() -> AppError {
    AppError::unavailable(
        "the upload was stopped",
        "run the same command again; it resumes",
    )
}

/// Journals how long the service asked to wait, so that the next run sends nothing before.
pub(crate) async fn remember_wait(
    journal: &SharedJournal,
    wait: Duration,
) -> Result<(), JournalError> {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    let until = Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX);
    journal.run(move |journal| journal.set_wait(until)).await
}

/// Settles what an interrupted run left open in sessions that have ended since.
async fn recover_ended(journal: &SharedJournal, ended: Vec<String>) -> Result<(), JournalError> {
    let recover = move |journal: &mut Journal| {
        let now = Timestamp::now();
        for session in &ended {
            // A session that another process uses is settled by that process.
            if let Locked::Taken(_lock) = journal.locks().take(session, now)? {
                journal.recover(session, now)?;
            }
        }
        Ok(())
    };
    journal.run(recover).await
}

/// Derives the key under which the journal stores the session of a request. Stored keys depend on
/// this format.
fn session_key(
    base: &BaseUrl,
    link_id: &str,
    explicit_period: Option<(Date, Date)>,
    bank: Option<&str>,
) -> ContentHash {
    let key = format!("{:?}", (base.to_string(), link_id, explicit_period, bank));
    ContentHash::of(key.as_bytes())
}

/// Returns the period of a session: from the journal, else from the service if a server hash is
/// configured. The inner error is that of the call.
pub(crate) async fn session_period(
    id: &str,
    client: &Client,
    journal: &SharedJournal,
) -> Result<Result<Option<DateRange>, ApiError>, JournalError> {
    let session = id.to_owned();
    let stored = journal
        .read(move |journal| journal.session_period(&session))
        .await?;
    if stored.is_some() || !client.has_server_hash() {
        return Ok(Ok(stored));
    }
    let status = match client.upload_status(id).await {
        Ok(status) => status,
        Err(error) => return Ok(Err(error)),
    };
    Ok(Ok(match status.period {
        (Some(from), Some(to)) if from <= to => Some(DateRange { from, to }),
        _ => None,
    }))
}

/// Returns the period of a session for which none was given.
pub(crate) fn default_period() -> (Date, Date) {
    wire::default_period(Zoned::now().date())
}

/// Returns a note about a session that ends in the first week of a month, which the service then
/// does not consider.
pub(crate) fn ignored_month_note(to: Date) -> Option<String> {
    let month = Month::ignored_at_end(to)?;
    Some(format!(
        "the requested period ends on {to}, in the first 7 days of a month; the service ignores \
         {month}"
    ))
}

/// Checks a request by the service's own rules, before a key is read or a connection is opened.
///
/// # Errors
///
/// The first violated rule.
pub(crate) fn check_request(request: &SessionRequest) -> Result<(), AppError> {
    request.check().map_err(|violation: Violation| {
        let hint = violation.code.hint().unwrap_or_default();
        let message = match violation.code {
            ErrorCode::InvalidRequest => violation.message,
            code => format!("{}: {} ({code})", violation.field, violation.message),
        };
        AppError::usage(message, hint)
    })
}

/// Returns the request of a session with this period.
pub(crate) fn session_request(
    link_id: String,
    (from, to): (Date, Date),
    bank: Option<&str>,
) -> SessionRequest {
    SessionRequest {
        link_id,
        period: SessionPeriod::between(from, to),
        bank_name: bank.map(str::to_owned),
        ..SessionRequest::default()
    }
}
