//! Stores what the service says about a session in the journal.

use crate::bankconnect::Client;
use crate::bankconnect::wire::Account;
use crate::cli::context::Context;
use crate::connection::ConnectionOptions;
use crate::error::AppError;
use crate::journal::Journal;
use crate::settings::environment::state_folder;
use crate::uploads::record_codes;

/// Stores the codes of accounts and statements with the uploads that they are about. A failure is
/// a warning, because the command has its answer.
pub(super) fn store(
    session: &str,
    accounts: &[Account],
    client: &Client,
    options: &ConnectionOptions,
    context: &Context,
) {
    if options.sandbox {
        return;
    }
    if let Err(error) = try_store(session, accounts, client) {
        let message = error.message();
        let text = format_args!("could not store the answer in the journal: {message}");
        context.notices.warning(text);
    }
}

fn try_store(session: &str, accounts: &[Account], client: &Client) -> Result<(), AppError> {
    let folder = state_folder()?;
    // Nothing was uploaded from here if there is no journal.
    if !crate::journal::inspect(&folder).path.exists() {
        return Ok(());
    }
    let mut journal = Journal::open(&folder, Some(client.owner()), None)?;
    record_codes(&mut journal, session, accounts)?;
    Ok(())
}
