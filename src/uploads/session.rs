//! Sessions as whoever sends to them finds them again.

use crate::bankconnect::wire::ApiError;
use crate::bankconnect::{BaseUrl, Client};
use crate::journal::{Journal, JournalError};
use crate::screen::ContentHash;
use crate::statement::DateRange;
use jiff::civil::Date;

/// Under which the journal remembers the session of a wish.
///
/// `typed` is the period where it was given: the period of a wish without one moves with the days,
/// and the session stays.
pub(crate) fn session_key(
    base: &BaseUrl,
    link_id: &str,
    typed: Option<(Date, Date)>,
    bank: Option<&str>,
) -> ContentHash {
    let key = format!("{:?}", (base.to_string(), link_id, typed, bank));
    ContentHash::of(key.as_bytes())
}

/// The period of a session: as this journal remembers it, else as the service tells it, where it
/// can be asked. The inner error is the service's; nothing is lost without a period.
pub(crate) async fn period_of(
    id: &str,
    client: &Client,
    journal: &Journal,
) -> Result<Result<Option<DateRange>, ApiError>, JournalError> {
    let remembered = journal.session_period(id)?;
    if remembered.is_some() || !client.has_server_hash() {
        return Ok(Ok(remembered));
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
