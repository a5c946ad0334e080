//! `bankscreen upload`: screens, uploads what passes, and reports what became of every file.

mod bar;
mod delivery;
mod desk;
mod session;

use super::Exit;
use super::args::ScreeningArgs;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::network::{self, Needs, Network, NetworkArgs};
use super::notice::{notice, notice_unless};
use super::output::Output;
use super::screening::Run;
use super::session::default_period;
use crate::bankconnect::{self, ResponseExtras};
use crate::event_log::Log;
use crate::journal::{self, Resend};
use crate::report::{Scope, Summary};
use crate::screen::{Code, Policy};
use crate::settings::resolve;
use crate::statement::DateRange;
use crate::uploads::plan::OutcomeKind;
use crate::uploads::{Parcel, Rules, UploadType, earlier as sent_earlier, planned, stands};
use delivery::{Delivery, Done};
use desk::Desk;
use jiff::Timestamp;
use session::Wanted;
use tokio::runtime::Runtime;

#[derive(Debug, clap::Args)]
pub(crate) struct UploadArgs {
    #[command(flatten)]
    screening: ScreeningArgs,

    #[command(flatten)]
    sending: SendingArgs,

    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field a flag, as typed; methods turn them into values"
)]
struct SendingArgs {
    /// Your own name for the customer [env: `BANKSCREEN_LINK_ID`]. The same call goes on in the
    /// session that it created before
    #[arg(long, value_name = "ID", conflicts_with = "session_id")]
    link_id: Option<String>,

    /// UploadRequest to this session; else one is created
    #[arg(long, value_name = "ID")]
    session_id: Option<String>,

    /// Uploads at a time
    #[arg(long, value_name = "N", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=64))]
    concurrency: u16,

    /// How files travel
    #[arg(long, value_enum, default_value_t = UploadType::Pdf)]
    upload_type: UploadType,

    /// Ask the service for what the statement says of its holder; it is not shown here
    #[arg(long)]
    identity: bool,

    /// Ask the service for the progress of its statements with each answer
    #[arg(long)]
    progress: bool,

    /// UploadRequest files with warnings too, which is the default
    #[arg(long, overrides_with = "no_include_warnings")]
    include_warnings: bool,

    /// Leave out files with warnings
    #[arg(long)]
    no_include_warnings: bool,

    /// Send files again of which nobody knows whether the service has them
    #[arg(long)]
    resend_unknown: bool,

    /// Let the service tell the bank where it is not certain, instead of holding the file back
    #[arg(long)]
    bankless: bool,

    /// Show what would be sent, and stop there
    #[arg(long)]
    dry_run: bool,
}

impl UploadArgs {
    pub(super) fn screening(&self) -> &ScreeningArgs {
        &self.screening
    }
}

impl SendingArgs {
    fn extras(&self) -> ResponseExtras {
        ResponseExtras {
            identity: self.identity,
            progress: self.progress,
        }
    }

    fn resend(&self) -> Resend {
        if self.resend_unknown {
            Resend::Unknown
        } else {
            Resend::Never
        }
    }

    fn rules(&self) -> Rules {
        Rules {
            warnings: !self.no_include_warnings,
            bankless: self.bankless,
            resend: self.resend(),
        }
    }
}

/// Screens, uploads and reports.
pub(super) fn run(args: &UploadArgs, log: &Log) -> Result<Exit, Failure> {
    let screening = &args.screening;
    let mut policy = policy(args)?;
    let inputs = resolve::inputs(screening)?;
    let mut output = Output::open(screening.output.as_deref())?;
    let office = if args.sending.dry_run {
        None
    } else {
        Some(Office::open(args, &mut policy, log)?)
    };
    let interrupt = Interrupt::watch(log)
        .map_err(|error| Failure::environment("signals can't be watched", error, "run it again"))?;
    let mut run = Run::new(screening, &inputs, &policy, Scope::Upload, log);
    let bankless = args.sending.bankless;
    let jobs = resolve::jobs(screening);
    run.screen(jobs, interrupt.flag(), &mut output, &|screening| {
        if bankless {
            screening.downgrade_to_note(Code::BankNameUndetected, &policy);
        }
    })?;
    let mut desk = Desk::new(run, output);
    let parcels = desk.sort(&inputs, &policy, args.sending.rules());
    let Some(office) = office else {
        plan(args, &policy, &parcels, &mut desk)?;
        let (summary, lacks_paths) = desk.close(screening.output.as_deref())?;
        return Ok(exit(&summary, lacks_paths, &interrupt));
    };
    let Office {
        network,
        wanted,
        journal,
        runtime,
        _folder,
    } = office;
    let delivery = Delivery {
        args,
        client: network.client.clone(),
        wanted,
        interrupt: &interrupt,
        log,
    };
    let Done { post, failure } = runtime.block_on(delivery.run(journal, parcels, &mut desk))?;
    let (summary, lacks_paths) = desk.close(screening.output.as_deref())?;
    let recorded = post.journal().record_run(&journal::RunSummary {
        at: Timestamp::now(),
        files: summary.files,
        failed: summary.verdicts.fail,
        calls_saved: summary.calls_saved,
    });
    let ended = exit(&summary, lacks_paths, &interrupt);
    match failure {
        Some(failure) if !matches!(ended, Exit::Interrupted(_)) => return Ok(failure.report()),
        _ => {}
    }
    recorded?;
    Ok(ended)
}

/// Tells what would become of the parcels, by what the journal knows of earlier runs.
fn plan(
    args: &UploadArgs,
    policy: &Policy,
    parcels: &[Parcel],
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let mut earlier = earlier(args, policy)?;
    for parcel in parcels {
        let found = match &mut earlier {
            Some((journal, session)) => journal.find(parcel.content, session)?,
            None => None,
        };
        let session = found.as_ref().map(|found| found.session.clone());
        let stands = found.and_then(|found| stands(found, parcel.resend));
        let sent = match stands.zip(session) {
            Some((settled, session)) => sent_earlier(settled, &session).into(),
            None => planned(parcel),
        };
        desk.settle(parcel, sent)?;
    }
    Ok(())
}

/// The journal and the session that uploads would go to, where there are any yet.
fn earlier(
    args: &UploadArgs,
    policy: &Policy,
) -> Result<Option<(journal::JournalReader, String)>, Failure> {
    if args.network.sandbox {
        return Ok(None);
    }
    let base = network::base_url(args.network.base_url.clone())?;
    let wanted = match Wanted::resolve(args, policy, &base) {
        Ok(wanted) => wanted,
        // Without a link id the session would be a new one.
        Err(_) if args.sending.session_id.is_none() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let folder = resolve::state_folder()?;
    let Some(mut journal) = journal::JournalReader::open(&folder, Timestamp::now())? else {
        return Ok(None);
    };
    let session = wanted.known(&mut journal)?;
    Ok(session.map(|session| (journal, session)))
}

/// The way to the service, and the journal: opened before the long screening, so that what is
/// missing is told at once.
struct Office {
    network: Network,
    wanted: Wanted,
    journal: journal::Journal,
    runtime: Runtime,
    /// The journal's folder in a sandbox, gone with the run.
    _folder: Option<tempfile::TempDir>,
}

impl Office {
    fn open(args: &UploadArgs, policy: &mut Policy, log: &Log) -> Result<Self, Failure> {
        let network = Network::resolve(&args.network, Needs::ApiKey)?.watched(log);
        let client = &network.client;
        let wanted = Wanted::resolve(args, policy, client.base())?;
        let (journal, folder) = resolve::journal(args.network.sandbox)?;
        let runtime = bankconnect::runtime().map_err(|error| {
            let hint = "it again, with fewer programs open";
            Failure::environment("the network can't be used", error, hint)
        })?;
        if policy.requested_period.is_none() {
            policy.requested_period = runtime.block_on(wanted.period(client, &journal))?;
        }
        let left = journal.recovered().unknown;
        if left > 0 {
            notice_unless(
                args.screening.quiet,
                format_args!(
                    "note: an earlier run was cut off; of {left} files nobody knows yet whether \
                     they were taken"
                ),
            );
        }
        Ok(Self {
            network,
            wanted,
            journal,
            runtime,
            _folder: folder,
        })
    }
}

/// The knobs of screening. A session to be created has a period, which then is asked for as well;
/// in a sandbox every file may be tried, however old.
fn policy(args: &UploadArgs) -> Result<Policy, Failure> {
    let mut policy = resolve::policy(&args.screening)?;
    let creates = args.sending.session_id.is_none() && !args.network.sandbox;
    if policy.requested_period.is_none() && creates {
        let (from, to) = default_period();
        policy.requested_period = Some(DateRange { from, to });
    }
    Ok(policy)
}

fn exit(summary: &Summary, lacks_paths: bool, interrupt: &Interrupt) -> Exit {
    if let Some(signal) = interrupt.signal() {
        notice("interrupted: the same call again goes on where this one stopped");
        return Exit::Interrupted(signal);
    }
    if lacks_paths {
        return Exit::NotDone;
    }
    let outcomes = summary.outcomes.unwrap_or_default();
    let kinds = OutcomeKind::ALL.iter().filter(|kind| kind.is_uploaded());
    let uploaded: usize = kinds.map(|kind| outcomes.of(*kind)).sum();
    if uploaded + outcomes.planned() == summary.files {
        Exit::Passed
    } else {
        Exit::Failed
    }
}
