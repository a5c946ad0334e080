//! Resolves how the service is reached: address, credentials, ids; or a sandbox for this run.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the environment of the network is read"
)]

use super::failure::Failure;
use super::sandbox;
use crate::bankconnect::wire::ApiError;
use crate::bankconnect::{
    self, BaseUrl, Client, Credentials, Deadlines, Secret, disable_core_dumps,
};
use crate::event_log::Log;
use crate::sandbox::{Sandbox, SandboxOptions, Script};
use crate::settings;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Long enough to see progress, short enough for trying.
const SANDBOX_PROCESSING: Duration = Duration::from_secs(1);
/// A command that gives a secret may ask for a PIN or a finger first.
const SECRET_COMMAND_TIME: Duration = Duration::from_mins(2);

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct NetworkArgs {
    /// Where the service is, ending before /v1 [env: `BANKSCREEN_BASE_URL`]
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// Read the API key from FILE, which only you may read [else: `BANKSCREEN_API_KEY`]
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,

    /// Start a sandbox for this run and use it: no key, nothing leaves this machine
    #[arg(long, conflicts_with_all = ["base_url", "api_key_file"])]
    pub(crate) sandbox: bool,
}

impl NetworkArgs {
    /// The same, with a sandbox of this run or without.
    pub(crate) fn with_sandbox(&self, sandbox: bool) -> Self {
        Self {
            sandbox,
            ..self.clone()
        }
    }
}

/// The way to the service.
pub(crate) struct Network {
    pub(crate) client: Client,
    /// Lives as long as the run that uses it.
    _sandbox: Option<Sandbox>,
}

/// Whether a command asks about sessions, which takes more than the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    ApiKey,
    ServerHash,
}

/// The sources of secrets, tried as a command would try them; nothing is told of what they hold.
pub(crate) fn try_secrets(key_file: Option<PathBuf>) -> [Result<bool, Failure>; 2] {
    let args = NetworkArgs {
        base_url: None,
        api_key_file: key_file,
        sandbox: false,
    };
    let hash = server_hash().map(|hash| hash.is_some());
    [api_key(&args).map(|_key| true), hash]
}

impl Network {
    /// Resolves flags and environment, and makes a client. Nothing is sent yet.
    pub(crate) fn resolve(args: &NetworkArgs, needs: Needs) -> Result<Self, Failure> {
        if args.sandbox {
            return Self::sandbox();
        }
        disable_core_dumps().map_err(|error| {
            let heading = "core dumps can't be turned off, and the key could end in one";
            Failure::environment(heading, error, "run it where limits may be lowered")
        })?;
        let base = base_url(args.base_url.clone())?;
        let credentials = Credentials {
            api_key: api_key(args)?,
            server_hash: server_hash()?,
        };
        if needs == Needs::ServerHash && credentials.server_hash.is_none() {
            return Err(Failure::usage(
                "no server hash is configured, and the service wants one for this",
                "BANKSCREEN_SERVER_HASH, or server_hash_file in the config file; FinBox gives it \
                 together with the API key",
            ));
        }
        Self::new(base, credentials, None)
    }

    /// The same way, on which calls are written down.
    pub(crate) fn watched(self, log: &Log) -> Self {
        Self {
            client: self.client.with_observer(log.watch()),
            ..self
        }
    }

    /// A sandbox of this run, and the way to it.
    fn sandbox() -> Result<Self, Failure> {
        let settings = SandboxOptions {
            evaluator: sandbox::judge(),
            script: Script::parse(sandbox::SAMPLES.as_bytes()).unwrap_or_default(),
            processing: SANDBOX_PROCESSING,
            ..SandboxOptions::default()
        };
        let refused = |detail: String| Failure::usage(detail, "please report it");
        let key = |text: &str| Secret::new(text).map_err(|error| refused(error.to_string()));
        let credentials = Credentials {
            api_key: key(&settings.api_key)?,
            server_hash: Some(key(&settings.server_hash)?),
        };
        let sandbox = Sandbox::start(settings).map_err(|error| {
            Failure::environment(
                "the sandbox can't be started",
                error,
                "bankscreen sandbox --port",
            )
        })?;
        let base = BaseUrl::parse(&sandbox.base_url()).map_err(|e| refused(e.to_string()))?;
        Self::new(base, credentials, Some(sandbox))
    }

    fn new(
        base: BaseUrl,
        credentials: Credentials,
        sandbox: Option<Sandbox>,
    ) -> Result<Self, Failure> {
        let client = Client::new(base, credentials, Deadlines::default()).map_err(|error| {
            let hint = "install the system's root certificates, or name a file of them in \
                        SSL_CERT_FILE";
            Failure::environment("the network can't be used", error, hint)
        })?;
        Ok(Self {
            client,
            _sandbox: sandbox,
        })
    }
}

/// A variable that is set to something.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            let heading = format!("{name} is no UTF-8 text");
            Err(Failure::usage(heading, "set it again, or unset it"))
        }
    }
}

fn secret(name: &str) -> Result<Option<Secret>, Failure> {
    let Some(text) = variable(name)?.map(Zeroizing::new) else {
        return Ok(None);
    };
    let secret = Secret::new(&text).map_err(|error| {
        let heading = format!("{name} can't be used");
        Failure::environment(
            heading,
            error,
            "copy it again, whole and without anything around it",
        )
    })?;
    Ok(Some(secret))
}

/// The API key: the file where one is named, else the environment, else the command of the
/// profile.
fn api_key(args: &NetworkArgs) -> Result<Secret, Failure> {
    if let Some(path) = &args.api_key_file {
        return from_file(path, "key");
    }
    if let Some(key) = secret("BANKSCREEN_API_KEY")? {
        return Ok(key);
    }
    if let Some(key) = from_command("api_key_command", "key")? {
        return Ok(key);
    }
    Err(Failure::usage(
        "no API key is configured",
        "BANKSCREEN_API_KEY, --api-key-file FILE, or api_key_command in the config file; --sandbox \
         needs none",
    ))
}

/// The server hash: the environment, else the file or command of the profile.
fn server_hash() -> Result<Option<Secret>, Failure> {
    if let Some(hash) = secret("BANKSCREEN_SERVER_HASH")? {
        return Ok(Some(hash));
    }
    match settings::in_force().path("server_hash_file") {
        Some(path) => from_file(&path, "server hash").map(Some),
        None => from_command("server_hash_command", "server hash"),
    }
}

fn from_file(path: &Path, what: &str) -> Result<Secret, Failure> {
    bankconnect::secret_from_file(path).map_err(|error| {
        let heading = format!("the {what} file {} can't be used", path.display());
        let hint = format!("a file of yours with mode 600 that holds the {what}");
        Failure::environment(heading, error, hint)
    })
}

fn from_command(setting: &str, what: &str) -> Result<Option<Secret>, Failure> {
    let Some(command) = settings::in_force().command(setting) else {
        return Ok(None);
    };
    let secret = bankconnect::secret_from_command(&command, SECRET_COMMAND_TIME);
    secret.map(Some).map_err(|error| {
        let heading = format!("{setting} gave no {what}");
        let hint = format!("the command by hand: it must print the {what}, and nothing else");
        Failure::environment(heading, error, hint)
    })
}

/// Where the service is: the flag, else the environment, else where it is for everybody.
pub(crate) fn base_url(flag: Option<String>) -> Result<BaseUrl, Failure> {
    let given = match flag {
        Some(url) => Some(url),
        None => variable("BANKSCREEN_BASE_URL")?,
    };
    BaseUrl::parse(given.as_deref().unwrap_or(BaseUrl::PRODUCTION)).map_err(|error| {
        // The text is not repeated: it could hold a password.
        let hint = format!("a URL such as {}", BaseUrl::PRODUCTION);
        Failure::environment("the base URL can't be used", error, hint)
    })
}

/// The link id: the flag, else the environment.
pub(crate) fn link_id(flag: Option<&String>, args: &NetworkArgs) -> Result<String, Failure> {
    let given = match flag {
        Some(id) => Some(id.clone()),
        None => variable("BANKSCREEN_LINK_ID")?,
    };
    let given = given.or_else(|| args.sandbox.then(|| "sandbox".to_owned()));
    given.ok_or_else(|| {
        Failure::usage(
            "no link id is given",
            "--link-id ID: your own name for the customer, such as the number of the application",
        )
    })
}

/// A call that did not succeed, as a failure of the command.
pub(crate) fn failed(doing: &str, error: ApiError) -> Failure {
    let advice = error.hint();
    Failure::environment(format!("could not {doing}"), error, advice)
}
