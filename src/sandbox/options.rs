//! Configuration of a sandbox.

use super::evaluator::{self, Evaluator};
use super::faults::FaultPlan;
use super::script::Script;
use crate::statement::BankRegistry;
use std::fmt;
use std::time::Duration;

/// Configures a sandbox.
#[derive(Clone)]
pub struct SandboxOptions {
    /// The port on 127.0.0.1; 0 selects a free port.
    pub port: u16,
    /// The API key that clients must send.
    pub api_key: String,
    /// The server hash that clients must send.
    pub server_hash: String,
    /// Fixed responses for individual files.
    pub script: Script,
    /// The faults to inject.
    pub faults: FaultPlan,
    /// Seeds fault selection and generated IDs. Equal seeds give equal runs.
    pub seed: u64,
    /// Decides whether to accept a file that the script does not list.
    pub evaluator: Evaluator,
    /// The banks whose identifiers the server accepts.
    pub banks: BankRegistry,
    /// How long processing takes.
    pub processing: Duration,
    /// The lifetime of every session; `None` uses the lifetime that the client requests.
    pub lifetime: Option<Duration>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            port: 0,
            api_key: "sandbox-key".to_owned(),
            server_hash: "sandbox-hash".to_owned(),
            script: Script::default(),
            faults: FaultPlan::default(),
            seed: 0,
            evaluator: evaluator::by_signature(),
            banks: BankRegistry::default(),
            processing: Duration::from_secs(3),
            lifetime: None,
        }
    }
}

impl fmt::Debug for SandboxOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxOptions")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
