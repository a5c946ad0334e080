//! Stores what the service says about a session in the journal.

use crate::bankconnect::Client;
use crate::bankconnect::wire::Account;
use crate::cli::context::Context;
use crate::connection::ConnectionOptions;
use crate::error::AppError;
use crate::journal::Journal;
use crate::settings::environment::state_folder;

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
    let codes = accounts.iter().flat_map(|account| {
        account.statements.iter().filter_map(|statement| {
            let id = statement.statement_id.as_ref()?.as_str();
            let errors = [&account.error, &statement.error].into_iter().flatten();
            Some((id, errors.map(|error| error.code.name()).collect()))
        })
    });
    let codes: Vec<(&str, Vec<&str>)> = codes.collect();
    journal.group(|journal| {
        // The service has answered about the session, so it belongs to this key.
        journal.claim_session(session)?;
        journal.record_later_codes(session, codes)
    })?;
    Ok(())
}
