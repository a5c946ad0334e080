//! What makes two wishes for a session the same, so that the second goes on in the first's.

use crate::bankconnect::BaseUrl;
use crate::screen::ContentHash;
use jiff::civil::Date;

/// Under which the journal remembers the session of a wish.
///
/// `typed` is the period where it was given: the period of a wish without one moves with the days,
/// and the session stays.
pub(in crate::cli) fn session_key(
    base: &BaseUrl,
    link_id: &str,
    typed: Option<(Date, Date)>,
    bank: Option<&str>,
) -> ContentHash {
    let key = format!("{:?}", (base.to_string(), link_id, typed, bank));
    ContentHash::of(key.as_bytes())
}
