//! `bankscreen sandbox`: serves the API on loopback until a signal.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the script is read"
)]

use super::args::SandboxArgs;
use super::context::Context;
use super::{ExitStatus, stdout};
use crate::connection::evaluator;
use crate::error::AppError;
use crate::interrupt::Interrupt;
use crate::sandbox::{FaultPlan, Sandbox, SandboxOptions, Script};
use crate::statement::BankRegistry;
use std::error::Error;
use std::fs;
use std::thread;
use std::time::Duration;

/// Interval at which the wait checks for a signal.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Serves until a signal is received.
pub(super) fn run(args: &SandboxArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let options = options(args, &context.settings.banks)?;
    let (key, hash) = (options.api_key.clone(), options.server_hash.clone());
    let interrupt = Interrupt::watch(&context.log)?;
    let sandbox = Sandbox::start(options).map_err(|error| {
        let message = format!("could not listen on port {}", args.port);
        AppError::environment(message, error, "use another --port, or none for a free one")
    })?;
    let base = sandbox.base_url();
    stdout::print(|out| {
        write!(
            out,
            "export BANKSCREEN_BASE_URL={base}\nexport BANKSCREEN_API_KEY={key}\n\
             export BANKSCREEN_SERVER_HASH={hash}\nexport BANKSCREEN_LINK_ID=sandbox\n"
        )
    })?;
    context.notices.info(format_args!(
        "the sandbox shows its requests at {}; press Ctrl-C to stop it",
        sandbox.page_url()
    ));
    loop {
        if let Some(signal) = interrupt.signal() {
            return Ok(ExitStatus::Interrupted(signal));
        }
        thread::sleep(POLL_INTERVAL);
    }
}

fn options(args: &SandboxArgs, banks: &BankRegistry) -> Result<SandboxOptions, AppError> {
    let script = match &args.script {
        None => Script::default(),
        Some(path) => {
            let reject = |error: Box<dyn Error + Send + Sync>| {
                let message = format!("could not use the script {}", path.display());
                let hint =
                    r#"write JSON such as {"files": {"scan.pdf": {"code": "PDF_IS_IMAGE"}}}"#;
                AppError::environment(message, error, hint)
            };
            let json = fs::read(path).map_err(|error| reject(error.into()))?;
            Script::parse(&json).map_err(|error| reject(error.into()))?
        }
    };
    let faults = FaultPlan::parse(&args.faults).map_err(|error| {
        let hint = "use --fault NAME:RATE, such as --fault reset-after-body:0.1";
        AppError::environment("invalid --fault", error, hint)
    })?;
    Ok(SandboxOptions {
        port: args.port,
        script,
        faults,
        seed: args.seed,
        evaluator: evaluator(banks.clone()),
        banks: banks.clone(),
        processing: args.processing,
        lifetime: args.lifetime,
        ..SandboxOptions::default()
    })
}
