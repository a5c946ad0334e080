//! Options of `bankscreen sandbox`.

use super::values::seconds;
use crate::sandbox::FaultPlan;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SandboxArgs {
    /// Port on 127.0.0.1 [default: a free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(in crate::cli) port: u16,

    /// JSON file with answers by file name or SHA-256
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) script: Option<PathBuf>,

    /// Inject a fault: NAME:RATE into a share of the uploads, NAME:RATE:any of all calls
    #[arg(long = "fault", value_name = "NAME:RATE", long_help = fault_help())]
    pub(in crate::cli) faults: Vec<String>,

    /// Seed for the choice of calls that fail
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,

    /// Duration of processing
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    pub(in crate::cli) processing: Duration,

    /// Lifetime of sessions, regardless of the request
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) lifetime: Option<Duration>,
}

fn fault_help() -> String {
    let names = FaultPlan::names();
    format!(
        "Inject a fault: NAME:RATE into a share of the uploads, NAME:RATE:any of all calls\n\n\
         Names: {names}"
    )
}
