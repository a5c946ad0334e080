//! The session that a run uploads to: given, remembered from the same call, or created.

use super::UploadArgs;
use crate::bankconnect::wire::{SessionPeriod, SessionRequest};
use crate::bankconnect::{self, BaseUrl, Client};
use crate::cli::failure::Failure;
use crate::cli::network;
use crate::cli::notice::notice;
use crate::cli::session::default_period;
use crate::journal::{Journal, JournalReader};
use crate::screen::{ContentHash, Policy};
use crate::statement::DateRange;
use crate::uploads::{period_of, session_key};
use jiff::Timestamp;

/// Which session is wanted.
#[derive(Debug)]
pub(super) enum Wanted {
    /// This one.
    Given(String),
    /// The one that the same call created before, else a new one.
    For {
        request: Box<SessionRequest>,
        period: DateRange,
        key: ContentHash,
    },
}

impl Wanted {
    /// From what was typed; mistakes are found before anything is sent.
    pub(super) fn resolve(
        args: &UploadArgs,
        policy: &Policy,
        base: &BaseUrl,
    ) -> Result<Self, Failure> {
        if let Some(id) = &args.sending.session_id {
            if bankconnect::is_session_id(id) {
                return Ok(Self::Given(id.clone()));
            }
            let heading = format!("--session-id {id:?} is no session id");
            return Err(Failure::usage(heading, "the id that session new prints"));
        }
        let link_id = network::link_id(args.sending.link_id.as_ref(), &args.network)?;
        let typed = args.screening.from.zip(args.screening.to);
        let bank = policy.expected_bank.map(|bank| bank.id);
        let key = session_key(base, &link_id, typed, bank);
        let (from, to) = typed.unwrap_or_else(default_period);
        let request = SessionRequest {
            link_id,
            period: SessionPeriod::between(from, to),
            bank_name: bank.map(str::to_owned),
            ..SessionRequest::default()
        };
        crate::cli::session::checked(&request)?;
        Ok(Self::For {
            request: Box::new(request),
            period: DateRange { from, to },
            key,
        })
    }

    /// The session's id.
    pub(super) async fn obtain(
        &self,
        client: &Client,
        journal: &mut Journal,
    ) -> Result<String, Failure> {
        let (request, period, key) = match self {
            Self::Given(id) => return Ok(id.clone()),
            Self::For {
                request,
                period,
                key,
            } => (request, *period, *key),
        };
        if let Some(id) = journal.session_for(key)? {
            return Ok(id);
        }
        let created = client.create_session(request).await;
        let created = created.map_err(|error| network::failed("create a session", error))?;
        let id = created.session_id.as_str().to_owned();
        journal.save_session(key, &id, Some(period), Timestamp::now())?;
        Ok(id)
    }

    /// The id, as far as it is known without asking anybody.
    pub(super) fn known(&self, journal: &mut JournalReader) -> Result<Option<String>, Failure> {
        Ok(match self {
            Self::Given(id) => Some(id.clone()),
            Self::For { key, .. } => journal.session_for(*key)?,
        })
    }

    /// The period of a session that was given: as this journal remembers it, else as the service
    /// tells it where it can be asked.
    pub(super) async fn period(
        &self,
        client: &Client,
        journal: &Journal,
    ) -> Result<Option<DateRange>, Failure> {
        let Self::Given(id) = self else {
            return Ok(None);
        };
        let period = period_of(id, client, journal).await?;
        Ok(period.unwrap_or_else(|error| {
            notice(format_args!(
                "note: the service was asked for the period of the session in vain: {error}"
            ));
            None
        }))
    }

    /// Forgets a session that takes no more uploads, so that the same call creates a new one.
    pub(super) fn forget(&self, journal: &mut Journal) -> Result<(), Failure> {
        match self {
            Self::Given(_) => Ok(()),
            Self::For { key, .. } => Ok(journal.delete_session(*key)?),
        }
    }
}
