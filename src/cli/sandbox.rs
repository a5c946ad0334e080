//! `bankscreen sandbox`: serves the API on loopback until it is interrupted.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the script is read"
)]

use super::Exit;
use super::args::seconds;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::notice::notice;
use crate::bankconnect::wire::ErrorCode;
use crate::batch::{self, Input};
use crate::event_log::Log;
use crate::isolation;
use crate::pdf::Password;
use crate::sandbox::{Evaluation, Evaluator, FaultPlan, Sandbox, SandboxOptions, Script};
use crate::screen::{CONFIDENCE_THRESHOLD, CandidatePassword, Code, Policy, Screening, Severity};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

/// The script of the embedded sandbox: samples, so that there is something to see.
pub(crate) const SAMPLES: &str = r#"{"files": {
    "sample-savings.pdf": {"bank": "hdfc", "account": "50100000012345", "pages": 6},
    "sample-current.pdf": {"bank": "axis", "account": "924020000067890", "pages": 9,
        "processing": "BALANCE_MISMATCH"}}}"#;
/// How often the wait looks up whether a signal came.
const LOOK_UP: Duration = Duration::from_millis(50);

#[derive(Debug, clap::Args)]
pub(crate) struct SandboxArgs {
    /// The port on 127.0.0.1 [default: a free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,

    /// Answers by file name or SHA-256, in JSON
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,

    /// Fail on purpose: NAME:RATE hits that part of the uploads, NAME:RATE:any of all calls
    #[arg(long = "fault", value_name = "NAME:RATE", long_help = fault_help())]
    faults: Vec<String>,

    /// Decides which calls the faults hit
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// How long processing takes
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    processing: Duration,

    /// How long sessions last, whatever was asked for
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    lifetime: Option<Duration>,
}

fn fault_help() -> String {
    let names = FaultPlan::names();
    format!(
        "Fail on purpose: NAME:RATE hits that part of the uploads, NAME:RATE:any of all calls\n\n\
         Names: {names}"
    )
}

/// Serves until a signal comes.
pub(crate) fn run(args: &SandboxArgs) -> Result<Exit, Failure> {
    let settings = settings(args)?;
    let (key, hash) = (settings.api_key.clone(), settings.server_hash.clone());
    let interrupt = Interrupt::watch(&Log::none())
        .map_err(|error| Failure::environment("signals can't be watched", error, "run it again"))?;
    let sandbox = Sandbox::start(settings).map_err(|error| {
        let heading = format!("port {} can't be used", args.port);
        Failure::environment(heading, error, "another --port, or none for a free one")
    })?;
    let base = sandbox.base_url();
    let mut out = io::stdout().lock();
    write!(
        out,
        "export BANKSCREEN_BASE_URL={base}\nexport BANKSCREEN_API_KEY={key}\n\
         export BANKSCREEN_SERVER_HASH={hash}\nexport BANKSCREEN_LINK_ID=sandbox\n"
    )?;
    out.flush()?;
    notice(format_args!(
        "the sandbox shows what it receives at {}; Ctrl-C ends it",
        sandbox.page_url()
    ));
    loop {
        if let Some(signal) = interrupt.signal() {
            return Ok(Exit::Interrupted(signal));
        }
        thread::sleep(LOOK_UP);
    }
}

fn settings(args: &SandboxArgs) -> Result<SandboxOptions, Failure> {
    let script = match &args.script {
        None => Script::default(),
        Some(path) => {
            let refuse = |error: Box<dyn std::error::Error + Send + Sync>| {
                let heading = format!("the script {} can't be used", path.display());
                let hint = r#"JSON such as {"files": {"scan.pdf": {"code": "PDF_IS_IMAGE"}}}"#;
                Failure::environment(heading, error, hint)
            };
            let json = fs::read(path).map_err(|error| refuse(error.into()))?;
            Script::parse(&json).map_err(|error| refuse(error.into()))?
        }
    };
    let faults = FaultPlan::parse(&args.faults).map_err(|error| {
        Failure::environment(
            "--fault can't be used",
            error,
            "--fault reset-after-body:0.1",
        )
    })?;
    Ok(SandboxOptions {
        port: args.port,
        script,
        faults,
        seed: args.seed,
        evaluator: judge(),
        processing: args.processing,
        lifetime: args.lifetime,
        ..SandboxOptions::default()
    })
}

/// Judges a file by screening it.
pub(crate) fn judge() -> Evaluator {
    Arc::new(|bytes, password| {
        let candidates = password.map(|password| CandidatePassword {
            password: Password::new(password),
            origin: "pdf_password".to_owned(),
        });
        let policy = Policy {
            candidates: candidates.into_iter().collect(),
            ..Policy::default()
        };
        let mut judgement = None;
        let inputs = [Input::standard_input(bytes.to_vec())];
        let never = AtomicBool::new(false);
        let run = batch::run(
            &inputs,
            &policy,
            1,
            &never,
            &isolation::screen,
            |screened| {
                judgement = Some(judgement_of(&screened.screening));
                Ok(())
            },
        );
        let failed = Evaluation {
            rejection: Some(ErrorCode::InvalidFileObject),
            ..Evaluation::default()
        };
        run.ok().and(judgement).unwrap_or(failed)
    })
}

/// What the service would say of a screened file.
fn judgement_of(screening: &Screening) -> Evaluation {
    let errors = screening
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error);
    // Banks and periods are judged against what the session wants, not here.
    let of_file = errors.filter(|f| f.code != Code::BankNameUndetected);
    let mut codes = of_file.map(|finding| ErrorCode::from_name(finding.code.name()));
    let issuer = screening.statement.issuer.as_ref();
    let bank = issuer.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD);
    Evaluation {
        rejection: codes.find(|code| !matches!(code, ErrorCode::Other(_))),
        pages: screening
            .document
            .as_ref()
            .map_or(0, |document| document.page_count as u64),
        bank: bank.map(|issuer| issuer.bank.id.to_owned()),
        ..Evaluation::default()
    }
}
