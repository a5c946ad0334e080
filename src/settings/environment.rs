//! Reads environment variables and asks what the terminal is. No other module does.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the environment is read"
)]

use super::ColorChoice;
use crate::dashboard::model::Colors;
use crate::error::AppError;
use crate::report::Symbols;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

/// Columns of a terminal that does not report its width.
const DEFAULT_COLUMNS: u16 = 100;

/// Returns a variable, if it is set and not empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns a variable as text, if it is set and not blank.
///
/// # Errors
///
/// If its value is not UTF-8.
pub(crate) fn text_variable(name: &str) -> Result<Option<String>, AppError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            let message = format!("{name} is not valid UTF-8");
            Err(AppError::usage(message, "set it again, or unset it"))
        }
    }
}

/// Returns the absolute path in a variable. The XDG base directory specification ignores relative
/// paths.
fn absolute_path(name: &str) -> Option<PathBuf> {
    variable(name)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// Returns the user's home folder.
pub(crate) fn home() -> Option<PathBuf> {
    absolute_path("HOME")
}

/// Returns the folder of the config file: below `XDG_CONFIG_HOME`, else `~/.config`.
pub(crate) fn config_folder() -> Option<PathBuf> {
    let base = absolute_path("XDG_CONFIG_HOME").or_else(|| Some(home()?.join(".config")))?;
    Some(base.join("bankscreen"))
}

/// Returns the folder of the journal: `BANKSCREEN_STATE_DIR`, else below `XDG_STATE_HOME`, else
/// below `~/.local/state`.
///
/// # Errors
///
/// If none of the variables is set.
pub(crate) fn state_folder() -> Result<PathBuf, AppError> {
    if let Some(folder) = variable("BANKSCREEN_STATE_DIR") {
        return Ok(folder.into());
    }
    let state =
        absolute_path("XDG_STATE_HOME").or_else(|| home().map(|home| home.join(".local/state")));
    state.map(|state| state.join("bankscreen")).ok_or_else(|| {
        AppError::usage(
            "no folder for the journal: neither HOME nor XDG_STATE_HOME is set",
            "set BANKSCREEN_STATE_DIR to a folder for the journal",
        )
    })
}

/// Returns the user's time zone.
pub(crate) fn time_zone() -> TimeZone {
    TimeZone::system()
}

/// Returns the current day in the user's time zone.
pub(crate) fn today() -> Date {
    Timestamp::now().to_zoned(time_zone()).date()
}

/// Returns the number of cores, which is the default number of screening threads.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Returns whether the report is printed on a terminal.
pub(crate) fn report_on_terminal(output: Option<&Path>) -> bool {
    output.is_none() && io::stdout().is_terminal()
}

/// Returns whether standard error is a terminal, where progress can be shown.
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Returns whether standard input is a terminal, on which a user types.
pub(crate) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Returns whether to colour: by the flag, else by `NO_COLOR`, `CLICOLOR_FORCE` and the terminal.
pub(crate) fn color(choice: ColorChoice, output: Option<&Path>) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if variable("NO_COLOR").is_some() => false,
        ColorChoice::Auto if env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => {
            true
        }
        ColorChoice::Auto => {
            report_on_terminal(output) && env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Returns the number of colours that the terminal announces.
pub(crate) fn color_depth() -> Colors {
    let contains = |name: &str, word: &str| {
        env::var(name).is_ok_and(|value| value.to_lowercase().contains(word))
    };
    if contains("COLORTERM", "truecolor") || contains("COLORTERM", "24bit") {
        Colors::True
    } else if contains("TERM", "256color") {
        Colors::Indexed
    } else {
        Colors::Sixteen
    }
}

/// Returns the symbols that the locale can show. The first variable that is set decides, as in
/// POSIX.
pub(crate) fn locale_symbols() -> Symbols {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable)
        .map(|value| value.to_string_lossy().to_lowercase());
    match locale {
        Some(locale) if locale.contains("utf-8") || locale.contains("utf8") => Symbols::Unicode,
        Some(_) => Symbols::Ascii,
        // Services and containers usually set no locale, and their logs are UTF-8.
        None => Symbols::Unicode,
    }
}

/// Returns the width of the terminal on which the report is printed.
pub(crate) fn columns(output: Option<&Path>) -> Option<usize> {
    report_on_terminal(output).then(|| {
        let columns = terminal_size::terminal_size().map_or(DEFAULT_COLUMNS, |(width, _)| width.0);
        usize::from(columns)
    })
}

/// Returns why the dashboard can't be shown, if it can't.
pub(crate) fn dashboard_obstacle() -> Option<&'static str> {
    if !io::stdout().is_terminal() {
        return Some("standard output is not a terminal");
    }
    if env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb") {
        return Some("TERM names a terminal that can't position the cursor");
    }
    None
}

/// Returns whether the terminal is connected over SSH.
pub(crate) fn is_remote() -> bool {
    variable("SSH_CONNECTION").is_some()
}

/// Returns whether a dropped connection would end the program.
pub(crate) fn ends_with_connection() -> bool {
    is_remote() && env::var_os("TMUX").is_none() && env::var_os("STY").is_none()
}
