//! `bankscreen session`: create one, follow its journey, ask about it, process it.

mod link;
mod new;
mod print;
mod process;
mod sample;
mod status;

pub(crate) use new::{checked, default_period};

use super::Exit;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::network::{Network, NetworkArgs};
use crate::bankconnect;
use crate::event_log::Log;
use clap::{Subcommand, ValueEnum};
use tokio::runtime::Runtime;

#[derive(Debug, clap::Args)]
pub(crate) struct SessionArgs {
    #[command(subcommand)]
    command: SessionCommand,
}

#[derive(Debug, Subcommand)]
enum SessionCommand {
    /// Create a session and print its id and the address of its journey
    New(new::NewArgs),
    /// Create a session for a customer's own uploads, and wait for the end of the journey
    Link(link::LinkArgs),
    /// Tell what was uploaded: accounts, statements, missing months
    Status(AboutArgs),
    /// End the uploads, process them, and tell the outcome by the exit code
    Process(process::ProcessArgs),
}

/// What every question about a session needs.
#[derive(Debug, clap::Args)]
struct AboutArgs {
    /// The session
    #[arg(long, value_name = "ID", required_unless_present = "sandbox")]
    session_id: Option<String>,

    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// JSON, one object a line
    Json,
}

/// Runs one of the commands.
pub(crate) fn run(args: &SessionArgs) -> Result<Exit, Failure> {
    match &args.command {
        SessionCommand::New(args) => new::run(args),
        SessionCommand::Link(args) => link::run(args),
        SessionCommand::Status(args) => status::run(args),
        SessionCommand::Process(args) => process::run(args),
    }
}

/// Where the calls of a command run, until they end or a signal comes.
struct Calls {
    runtime: Runtime,
    interrupt: Interrupt,
}

impl Calls {
    fn begin() -> Result<Self, Failure> {
        let refuse = |what: &'static str| {
            move |error| Failure::environment(what, error, "run it again, with fewer programs open")
        };
        Ok(Self {
            runtime: bankconnect::runtime().map_err(refuse("the network can't be used"))?,
            interrupt: Interrupt::watch(&Log::none())
                .map_err(refuse("signals can't be watched"))?,
        })
    }

    /// What the calls came to, or the exit that a signal asks for.
    fn run<T>(&self, calls: impl Future<Output = Result<T, Failure>>) -> Result<Ended<T>, Failure> {
        self.runtime.block_on(async {
            tokio::select! {
                done = calls => done.map(Ended::Done),
                signal = self.interrupt.came() => Ok(Ended::Interrupted(Exit::Interrupted(signal))),
            }
        })
    }
}

enum Ended<T> {
    Done(T),
    Interrupted(Exit),
}

/// The session that a question is about. In a sandbox of this run there is none yet: samples are
/// then uploaded into a new one.
async fn session_id(args: &AboutArgs, network: &Network) -> Result<String, Failure> {
    match &args.session_id {
        Some(id) => Ok(id.clone()),
        None => sample::upload(&network.client).await,
    }
}
