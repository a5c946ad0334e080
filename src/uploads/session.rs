//! The session of an upload run: an existing one, the one that the same request created before, or
//! a new one.

use crate::bankconnect::wire::{
    self, ApiError, ErrorCode, SessionPeriod, SessionRequest, Violation,
};
use crate::bankconnect::{BaseUrl, Client};
use crate::error::AppError;
use crate::event_log::Notices;
use crate::journal::{Journal, JournalError, JournalReader};
use crate::screen::ContentHash;
use crate::statement::{DateRange, Month};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, Zoned};

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

/// A session that can be uploaded to.
#[derive(Debug, Clone)]
pub(crate) struct OpenSession {
    pub(crate) id: String,
    /// The requested period, if it is known.
    pub(crate) period: Option<DateRange>,
    /// When it expires, if this program created it with an expiry.
    pub(crate) expires: Option<Timestamp>,
    /// Whether it was created just now.
    pub(crate) is_new: bool,
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
        check_request(&request)?;
        let bank = request.bank_name.as_deref();
        let key = session_key(base, &request.link_id, explicit_period, bank);
        let days = request.period.days().ok().flatten();
        Ok(Self::ForRequest {
            period: days.map(|(from, to)| DateRange { from, to }),
            request: Box::new(request),
            key,
        })
    }

    /// Returns the session, creating it if there is none yet.
    ///
    /// # Errors
    ///
    /// If the session can't be created, or the journal fails.
    pub(crate) async fn open(
        &self,
        client: &Client,
        journal: &mut Journal,
    ) -> Result<OpenSession, AppError> {
        let (request, period, key) = match self {
            Self::Existing(id) => {
                return Ok(OpenSession {
                    id: id.clone(),
                    period: None,
                    expires: None,
                    is_new: false,
                });
            }
            Self::ForRequest {
                request,
                period,
                key,
            } => (request, *period, *key),
        };
        if let Some(id) = journal.session_for(key)? {
            return Ok(OpenSession {
                id,
                period,
                expires: None,
                is_new: false,
            });
        }
        let created = client.create_session(request).await;
        let created = created.map_err(|error| AppError::call("create a session", error))?;
        let id = created.session_id.as_str().to_owned();
        let now = Timestamp::now();
        journal.save_session(key, &id, period, now)?;
        let minutes = request.session_expiry.map(i64::from);
        let expires = minutes.and_then(|minutes| now.checked_add(minutes.minutes()).ok());
        Ok(OpenSession {
            id,
            period,
            expires,
            is_new: true,
        })
    }

    /// Returns the session's ID, if it is known without asking the service.
    pub(crate) fn known_id(&self, journal: &mut JournalReader) -> Result<Option<String>, AppError> {
        Ok(match self {
            Self::Existing(id) => Some(id.clone()),
            Self::ForRequest { key, .. } => journal.session_for(*key)?,
        })
    }

    /// Returns the period of an existing session, if it is known. A warning reports a failed call.
    pub(crate) async fn existing_period(
        &self,
        client: &Client,
        journal: &Journal,
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

    /// Deletes a session that accepts no more uploads, so that the same request creates a new one.
    pub(crate) fn delete(&self, journal: &mut Journal) -> Result<(), JournalError> {
        match self {
            Self::Existing(_) => Ok(()),
            Self::ForRequest { key, .. } => journal.delete_session(*key),
        }
    }
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
    journal: &Journal,
) -> Result<Result<Option<DateRange>, ApiError>, JournalError> {
    let stored = journal.session_period(id)?;
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
