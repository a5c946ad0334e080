//! `bankscreen [PATH]...`: the dashboard on a terminal.
//!
//! This runs [`crate::dashboard`]: it feeds messages in, performs the effects that come out, and draws.
//! Whatever takes time has a thread, and answers by message.

mod event_loop;
mod events;
mod export;
mod finder;
mod leaving;
mod mailroom;
mod office;
mod pace;
mod painter;
mod past;
mod perform;
mod record;
mod screener;
mod terminal;

use crate::bankconnect::wire::{SessionPeriod, SessionRequest};
use crate::cli::Exit;
use crate::cli::args::ScreeningArgs;
use crate::cli::failure::Failure;
use crate::cli::network::{self, NetworkArgs};
use crate::cli::session::default_period;
use crate::dashboard::Setup;
use crate::dashboard::model::{Look, Start};
use crate::event_log::Log;
use crate::settings;
use crate::settings::resolve;
use crate::statement::DateRange;
use event_loop::Runtime;
use jiff::Zoned;

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Dashboard")]
pub(crate) struct DashboardArgs {
    /// Your own name for the customer [env: `BANKSCREEN_LINK_ID`]. Opens the session of that name
    #[arg(long, value_name = "ID", conflicts_with_all = ["session_id", "check"])]
    link_id: Option<String>,

    /// Upload to this session
    #[arg(long, value_name = "ID", conflicts_with = "check")]
    session_id: Option<String>,

    /// Uploads at a time
    #[arg(long, value_name = "N", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=64))]
    concurrency: u16,

    /// Use the mouse; selecting text then takes Shift in most terminals
    #[arg(long, conflicts_with = "check")]
    mouse: bool,

    #[command(flatten)]
    network: NetworkArgs,
}

/// Runs the dashboard until the person leaves.
pub(crate) fn run(
    screening: &ScreeningArgs,
    args: &DashboardArgs,
    log: &Log,
) -> Result<Exit, Failure> {
    if let Some(why) = resolve::no_dashboard() {
        return Err(Failure::usage(
            format!("the dashboard needs a terminal: {why}"),
            "screen without it: bankscreen --check PATH",
        ));
    }
    let policy = resolve::policy(screening)?;
    let inputs = if resolve::names_inputs(screening) {
        resolve::inputs(screening)?
    } else {
        Vec::new()
    };
    let range = policy.requested_period;
    let start = start(args, range)?;
    let setup = Setup {
        look: Look {
            symbols: resolve::symbols(),
            colors: resolve::colors(screening.color),
            fragile: resolve::is_fragile(),
        },
        profile: settings::in_force().name.clone(),
        range,
        strict: policy.strict,
        today: Zoned::now().date(),
        start,
        link_id: network::link_id(args.link_id.as_ref(), &args.network).unwrap_or_default(),
    };
    Runtime::start(screening, args, policy, setup, log)?.run(inputs)
}

/// The session that was asked for by flags.
fn start(args: &DashboardArgs, range: Option<DateRange>) -> Result<Option<Start>, Failure> {
    if args.network.sandbox {
        return Ok(Some(Start::Sandbox));
    }
    if let Some(id) = &args.session_id {
        if crate::bankconnect::is_session_id(id) {
            return Ok(Some(Start::Existing(id.clone())));
        }
        let heading = format!("--session-id {id:?} is no session id");
        return Err(Failure::usage(heading, "the id that session new prints"));
    }
    let Some(link_id) = &args.link_id else {
        return Ok(None);
    };
    let (from, to) = range.map_or_else(default_period, |range| (range.from, range.to));
    let request = SessionRequest {
        link_id: link_id.clone(),
        period: SessionPeriod::between(from, to),
        ..SessionRequest::default()
    };
    crate::cli::session::checked(&request)?;
    Ok(Some(Start::New(Box::new(request))))
}
