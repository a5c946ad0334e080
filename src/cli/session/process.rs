//! `bankscreen session process`: ends the uploads, follows processing, tells the outcome.

use super::{AboutArgs, Calls, Ended, Failure, Format, print, session_id};
use crate::bankconnect::Client;
use crate::bankconnect::wire::{
    AccountState, ApiError, ErrorCode, ProcessingState, ProgressReport, SessionReport,
};
use crate::cli::Exit;
use crate::cli::args::seconds;
use crate::cli::network::{self, Needs, Network};
use crate::cli::notice::notice;
use std::io::{self, Write};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The longest pause that the service may ask for between two questions.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);

#[derive(Debug, clap::Args)]
pub(super) struct ProcessArgs {
    #[command(flatten)]
    about: AboutArgs,

    /// How often to ask for the progress
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    every: Duration,

    /// How long to follow it
    #[arg(long, value_name = "SECONDS", default_value = "1800", value_parser = seconds)]
    wait: Duration,

    /// Leave out the progress
    #[arg(short, long)]
    quiet: bool,
}

/// Processes a session and prints what became of it.
pub(super) fn run(args: &ProcessArgs) -> Result<Exit, Failure> {
    let network = Network::resolve(&args.about.network, Needs::ServerHash)?;
    let calls = Calls::begin()?;
    let followed = calls.run(async {
        let id = session_id(&args.about, &network).await?;
        let mut following = Following {
            client: &network.client,
            args,
            seen: None,
        };
        let report = timeout(args.wait, following.follow(&id)).await;
        let report = report.map_err(|_elapsed| {
            let heading = format!("processing did not end within {} s", args.wait.as_secs());
            Failure::usage(heading, "the same command again: it goes on following")
        })?;
        let report = report.map_err(|error| network::failed("process the session", error))?;
        Ok((id, report))
    })?;
    let (id, report) = match followed {
        Ended::Done(followed) => followed,
        Ended::Interrupted(exit) => return Ok(exit),
    };
    let mut out = io::stdout().lock();
    match args.about.format {
        Format::Text => print::report(&mut out, &id, &report)?,
        Format::Json => writeln!(out, "{}", print::report_json(&id, &report))?,
    }
    out.flush()?;
    Ok(exit(&report))
}

/// Passed when every account, and every statement of it, was completed, and there is one.
fn exit(report: &SessionReport) -> Exit {
    let good = report.accounts.iter().all(|account| {
        account.state == AccountState::Completed
            && account.error.is_none()
            && account
                .statements
                .iter()
                .all(|statement| statement.state != ProcessingState::Failed)
    });
    if good && !report.accounts.is_empty() {
        Exit::Passed
    } else {
        Exit::Failed
    }
}

struct Following<'a> {
    client: &'a Client,
    args: &'a ProcessArgs,
    /// Statements done and in all, as last told.
    seen: Option<(usize, usize)>,
}

impl Following<'_> {
    /// Asks until there is a report. What the service has not taken, or does not know of, is asked
    /// again: a session can't be processed twice.
    async fn follow(&mut self, id: &str) -> Result<SessionReport, ApiError> {
        let mut stage = Stage::Begin;
        loop {
            let asked = match stage {
                Stage::Begin => self
                    .client
                    .initiate_processing(id)
                    .await
                    .map(|()| Stage::Follow),
                Stage::Follow => self
                    .client
                    .progress(id)
                    .await
                    .map(|report| self.told(&report)),
                Stage::Report => match self.client.session_report(id).await {
                    Ok(report) => return Ok(report),
                    Err(error) => Err(error),
                },
            };
            let (next, pause) = match asked {
                Ok(next) => (
                    next,
                    if next == stage {
                        self.args.every
                    } else {
                        Duration::ZERO
                    },
                ),
                Err(error) => self.after(stage, error)?,
            };
            stage = next;
            sleep(pause).await;
        }
    }

    /// What to do after an error, and how long to wait before.
    fn after(&self, stage: Stage, error: ApiError) -> Result<(Stage, Duration), ApiError> {
        let code = match &error {
            ApiError::Rejected(refusal) => refusal.code.as_ref(),
            _ => None,
        };
        let every = self.args.every;
        match code {
            Some(ErrorCode::DuplicateProcessingRequest) if stage == Stage::Begin => {
                self.tell("processing has begun already");
                return Ok((Stage::Follow, Duration::ZERO));
            }
            // The first request was lost on its way.
            Some(ErrorCode::ProcessingNotRequested) => return Ok((Stage::Begin, every)),
            _ => {}
        }
        if !error.is_retryable() {
            return Err(error);
        }
        self.tell(&format!("{error}; asking again"));
        let pause = match error {
            ApiError::Busy { retry_after, .. } => retry_after.unwrap_or(every).min(LONGEST_PAUSE),
            _ => every,
        };
        // Nobody knows whether a lost request was acted on: the progress tells.
        let next = if stage == Stage::Begin && !error.has_no_effect() {
            Stage::Follow
        } else {
            stage
        };
        Ok((next, pause.max(every)))
    }

    /// Tells the progress where it moved.
    fn told(&mut self, report: &ProgressReport) -> Stage {
        let done = report.statements.iter().filter(|statement| {
            matches!(
                statement.processing,
                ProcessingState::Completed | ProcessingState::Failed
            )
        });
        let now = (done.count(), report.statements.len());
        if self.seen.replace(now) != Some(now) {
            self.tell(&format!("{} of {} statements are processed", now.0, now.1));
        }
        match report.session {
            ProcessingState::Completed | ProcessingState::Failed => Stage::Report,
            ProcessingState::Processing | ProcessingState::Other(_) => Stage::Follow,
        }
    }

    fn tell(&self, text: &str) {
        if !self.args.quiet {
            notice(text);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    Follow,
    Report,
}
