//! Where the service is, and the secrets for it: API key and server hash.
//!
//! Flags name files only. Secrets come from a file, the environment or a command of the config
//! file, and are never printed.

use super::{Settings, environment};
use crate::bankconnect::{self, BaseUrl, Secret};
use crate::error::AppError;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Time limit of a command that prints a secret; it may ask for a PIN or a fingerprint first.
const SECRET_COMMAND_TIMEOUT: Duration = Duration::from_mins(2);

/// Prevents core dumps, which could contain a secret. Call it before a secret is read.
///
/// # Errors
///
/// If the operating system rejects the limit.
pub(crate) fn forbid_core_dumps() -> Result<(), AppError> {
    bankconnect::disable_core_dumps().map_err(|error| {
        let message = "could not disable core dumps, which could contain a secret";
        AppError::environment(
            message,
            error,
            "run it where resource limits can be lowered",
        )
    })
}

impl Settings {
    /// Returns the API key: from the file, else the environment, else the command of the profile.
    ///
    /// # Errors
    ///
    /// If no source is configured, or the source fails or yields no valid key.
    pub(crate) fn api_key(&self, file: Option<&Path>) -> Result<Secret, AppError> {
        if let Some(path) = file {
            return from_file(path, "API key");
        }
        if let Some(key) = from_variable("BANKSCREEN_API_KEY")? {
            return Ok(key);
        }
        if let Some(key) = self.run_command("api_key_command", "API key")? {
            return Ok(key);
        }
        Err(AppError::usage(
            "no API key is configured",
            "set BANKSCREEN_API_KEY, --api-key-file, or api_key_command in the config file; \
             --sandbox needs no key",
        ))
    }

    /// Returns whether a source of an API key is configured, without using it: a command may ask
    /// for a PIN.
    pub(crate) fn has_api_key(&self, file: Option<&Path>) -> bool {
        let variable = from_variable("BANKSCREEN_API_KEY");
        let is_set = !matches!(variable, Ok(None));
        file.is_some() || is_set || self.profile.command("api_key_command").is_some()
    }

    /// Returns whether a server hash is configured, without asking a command for it.
    pub(crate) fn has_server_hash(&self) -> bool {
        let variable = from_variable("BANKSCREEN_SERVER_HASH");
        !matches!(variable, Ok(None))
            || self.profile.path("server_hash_file").is_some()
            || self.profile.command("server_hash_command").is_some()
    }

    /// Returns the server hash, if one is configured: from the environment, else the file or
    /// command of the profile.
    ///
    /// # Errors
    ///
    /// If the source fails or yields no valid hash.
    pub(crate) fn server_hash(&self) -> Result<Option<Secret>, AppError> {
        if let Some(hash) = from_variable("BANKSCREEN_SERVER_HASH")? {
            return Ok(Some(hash));
        }
        match self.profile.path("server_hash_file") {
            Some(path) => from_file(&path, "server hash").map(Some),
            None => self.run_command("server_hash_command", "server hash"),
        }
    }

    fn run_command(&self, setting: &str, what: &str) -> Result<Option<Secret>, AppError> {
        let Some(command) = self.profile.command(setting) else {
            return Ok(None);
        };
        let secret = bankconnect::secret_from_command(&command, SECRET_COMMAND_TIMEOUT);
        secret.map(Some).map_err(|error| {
            let message = format!("{setting} did not provide the {what}");
            let hint =
                format!("run the command by hand: it must print the {what} and nothing else");
            AppError::environment(message, error, hint)
        })
    }
}

fn from_variable(name: &str) -> Result<Option<Secret>, AppError> {
    let Some(text) = environment::text_variable(name)?.map(Zeroizing::new) else {
        return Ok(None);
    };
    let secret = Secret::new(&text).map_err(|error| {
        let message = format!("{name} is invalid");
        AppError::environment(
            message,
            error,
            "copy the whole secret again, without quotes",
        )
    })?;
    Ok(Some(secret))
}

fn from_file(path: &Path, what: &str) -> Result<Secret, AppError> {
    bankconnect::secret_from_file(path).map_err(|error| {
        let message = format!("could not read the {what} from {}", path.display());
        let hint = format!("use a file with mode 600 that you own and that contains the {what}");
        AppError::environment(message, error, hint)
    })
}

/// Returns the base URL: the flag, else the environment, else the production service.
///
/// # Errors
///
/// If it is not a valid base URL. Its text is not repeated, because it could contain a password.
pub(crate) fn base_url(flag: Option<&str>) -> Result<BaseUrl, AppError> {
    let text = match flag {
        Some(url) => Some(url.to_owned()),
        None => environment::text_variable("BANKSCREEN_BASE_URL")?,
    };
    let url = text.as_deref().unwrap_or(BaseUrl::PRODUCTION);
    BaseUrl::parse(url).map_err(invalid_base_url)
}

/// Returns the error of an invalid base URL.
pub(crate) fn invalid_base_url(error: bankconnect::BaseUrlError) -> AppError {
    let hint = format!("use a URL such as {}", BaseUrl::PRODUCTION);
    AppError::environment("the base URL is invalid", error, hint)
}

/// Returns the link ID: the flag, else the environment, else `sandbox` in a sandbox.
///
/// # Errors
///
/// If none is configured.
pub(crate) fn link_id(flag: Option<&str>, in_sandbox: bool) -> Result<String, AppError> {
    let id = match flag {
        Some(id) => Some(id.to_owned()),
        None => environment::text_variable("BANKSCREEN_LINK_ID")?,
    };
    let id = id.or_else(|| in_sandbox.then(|| "sandbox".to_owned()));
    id.ok_or_else(|| {
        AppError::usage(
            "no link ID is configured",
            "set --link-id to your own name for the applicant, such as the application number",
        )
    })
}
