//! `bankscreen session link`: creates a session whose journey returns here, and waits for that.

use super::new::{self, RequestArgs};
use super::{Calls, Ended, Failure, Format};
use crate::bankconnect::{JourneyEnd, RedirectListener};
use crate::cli::Exit;
use crate::cli::args::seconds;
use crate::cli::network::{Needs, Network};
use crate::cli::notice::notice;
use crate::report::SCHEMA;
use serde_json::json;
use std::io::{self, Write};
use std::time::Duration;
use tokio::time::timeout;

#[derive(Debug, clap::Args)]
pub(super) struct LinkArgs {
    #[command(flatten)]
    session: RequestArgs,

    /// How long to wait for the end of the journey
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    wait: Duration,
}

/// Creates a session, shows its journey, and waits for the browser to return.
pub(super) fn run(args: &LinkArgs) -> Result<Exit, Failure> {
    let mut request = new::request(&args.session)?;
    new::checked(&request)?;
    let network = Network::resolve(&args.session.network, Needs::ApiKey)?;
    let calls = Calls::begin()?;
    let landed = calls.run(async {
        let refuse = |error| {
            let heading = "no page can be opened for the browser to return to";
            Failure::environment(heading, error, "bankscreen session new --redirect-url URL")
        };
        let landing = RedirectListener::bind().await.map_err(refuse)?;
        request.redirect_url = Some(landing.url().map_err(refuse)?);
        let created = new::create(&network, &request).await?;
        new::show(&args.session, &request, &created)?;
        if args.session.format() == Format::Text {
            notice("waiting for the end of the journey; it must end in a browser on this machine");
        }
        let landed = timeout(args.wait, landing.wait(created.session_id.as_str())).await;
        let landed = landed.map_err(|_elapsed| {
            let heading = format!("the journey did not end within {} s", args.wait.as_secs());
            Failure::usage(heading, "a longer --wait; the session may still be open")
        })?;
        Ok((created, landed.map_err(refuse)?))
    })?;
    let (created, landed) = match landed {
        Ended::Done(done) => done,
        Ended::Interrupted(exit) => return Ok(exit),
    };
    let (word, exit) = match landed {
        JourneyEnd::Finished(_) => ("finished", Exit::Passed),
        JourneyEnd::Cancelled => ("left", Exit::Failed),
    };
    let mut out = io::stdout().lock();
    match args.session.format() {
        Format::Text => writeln!(out, "journey    {word}")?,
        Format::Json => {
            let line = json!({
                "schema": SCHEMA, "type": "journey",
                "session_id": created.session_id, "outcome": word,
            });
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(exit)
}
