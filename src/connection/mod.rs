//! The connection to the service: base URL, secrets and client; or an embedded sandbox.

mod evaluator;
pub(crate) mod samples;

pub(crate) use evaluator::evaluator;

use crate::bankconnect::{self, BaseUrl, Client, Credentials, Deadlines, Secret};
use crate::error::AppError;
use crate::event_log::EventLog;
use crate::sandbox::{Sandbox, SandboxOptions, Script};
use crate::settings::{Settings, proxy, secrets};
use crate::statement::BankRegistry;
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Processing time of the embedded sandbox: long enough to see progress, short enough to try.
const SANDBOX_PROCESSING: Duration = Duration::from_secs(1);
/// The script of the embedded sandbox: sample statements for commands that need some.
const SAMPLE_SCRIPT: &str = r#"{"files": {
    "sample-savings.pdf": {"bank": "hdfc", "account": "50100000012345", "pages": 6},
    "sample-current.pdf": {"bank": "axis", "account": "924020000067890", "pages": 9,
        "processing": "BALANCE_MISMATCH"}}}"#;

/// How to reach the service.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionOptions {
    pub(crate) base_url: Option<String>,
    pub(crate) api_key_file: Option<PathBuf>,
    /// Start a sandbox for this run and use it.
    pub(crate) sandbox: bool,
}

/// The credentials that a command requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Required {
    ApiKey,
    /// Queries about sessions need the server hash too.
    ServerHash,
}

/// An open way to the service. No request was sent yet.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// Keeps the embedded sandbox running.
    _sandbox: Option<Sandbox>,
}

impl Connection {
    /// Resolves base URL and secrets, and builds the client.
    ///
    /// # Errors
    ///
    /// If a setting or secret is missing or invalid, or TLS can't be set up.
    pub(crate) fn open(
        options: &ConnectionOptions,
        settings: &Settings,
        required: Required,
    ) -> Result<Self, AppError> {
        if options.sandbox {
            return Self::open_sandbox(&settings.banks);
        }
        secrets::forbid_core_dumps()?;
        let base = secrets::base_url(options.base_url.as_deref())?;
        if !base.is_loopback() {
            proxy::check()?;
        }
        let credentials = Credentials {
            api_key: settings.api_key(options.api_key_file.as_deref())?,
            server_hash: settings.server_hash()?,
        };
        if required == Required::ServerHash && credentials.server_hash.is_none() {
            return Err(AppError::usage(
                "no server hash is configured, and the service requires one for this command",
                "set BANKSCREEN_SERVER_HASH, or server_hash_file in the config file; FinBox \
                 provides it together with the API key",
            ));
        }
        Self::new(base, credentials, None)
    }

    /// Records the client's calls in the event log.
    pub(crate) fn with_log(self, log: &EventLog) -> Self {
        Self {
            client: self.client.with_observer(log.call_observer()),
            ..self
        }
    }

    fn open_sandbox(banks: &BankRegistry) -> Result<Self, AppError> {
        let options = SandboxOptions {
            evaluator: evaluator(banks.clone()),
            banks: banks.clone(),
            script: Script::parse(SAMPLE_SCRIPT.as_bytes()).unwrap_or_default(),
            processing: SANDBOX_PROCESSING,
            ..SandboxOptions::default()
        };
        let secret =
            |text: &str| Secret::new(text).map_err(|error| AppError::internal(error.to_string()));
        let credentials = Credentials {
            api_key: secret(&options.api_key)?,
            server_hash: Some(secret(&options.server_hash)?),
        };
        let sandbox = Sandbox::start(options).map_err(|error| {
            let hint = "run bankscreen sandbox --port N, and use its base URL";
            AppError::environment("could not start the sandbox", error, hint)
        })?;
        let base = BaseUrl::parse(&sandbox.base_url())
            .map_err(|error| AppError::internal(error.to_string()))?;
        Self::new(base, credentials, Some(sandbox))
    }

    fn new(
        base: BaseUrl,
        credentials: Credentials,
        sandbox: Option<Sandbox>,
    ) -> Result<Self, AppError> {
        let client = Client::new(base, credentials, Deadlines::default()).map_err(|error| {
            let hint = "install the system's root certificates, or set SSL_CERT_FILE to a file \
                        of certificates";
            AppError::environment("could not set up TLS", error, hint)
        })?;
        Ok(Self {
            client,
            _sandbox: sandbox,
        })
    }
}

/// Returns the runtime on which calls run.
pub(crate) fn async_runtime() -> Result<Runtime, AppError> {
    bankconnect::runtime().map_err(|error| {
        let hint = "try again with fewer programs open";
        AppError::environment("could not start the network runtime", error, hint)
    })
}
