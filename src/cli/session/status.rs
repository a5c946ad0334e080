//! `bankscreen session status`: what was uploaded into a session.

use super::{AboutArgs, Calls, Ended, Failure, Format, print, session_id};
use crate::cli::Exit;
use crate::cli::network::{self, Needs, Network};
use std::io::{self, Write};

/// Asks and prints.
pub(super) fn run(args: &AboutArgs) -> Result<Exit, Failure> {
    let network = Network::resolve(&args.network, Needs::ServerHash)?;
    let calls = Calls::begin()?;
    let asked = calls.run(async {
        let id = session_id(args, &network).await?;
        let status = network.client.upload_status(&id).await;
        let status = status.map_err(|error| network::failed("ask about the session", error))?;
        Ok((id, status))
    })?;
    let (id, status) = match asked {
        Ended::Done(asked) => asked,
        Ended::Interrupted(exit) => return Ok(exit),
    };
    let mut out = io::stdout().lock();
    match args.format {
        Format::Text => print::status(&mut out, &id, &status)?,
        Format::Json => writeln!(out, "{}", print::status_json(&id, &status))?,
    }
    out.flush()?;
    Ok(Exit::Passed)
}
