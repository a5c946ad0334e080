//! Makes sense of what was typed: flags, environment and terminal resolved into values.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the environment and given files are read"
)]

use crate::batch::{self, Input, Separator};
use crate::cli::args::{ColorArg, FormatArg, ScreeningArgs};
use crate::cli::catalogue;
use crate::cli::failure::Failure;
use crate::cli::manifest;
use crate::cli::notice::notice_unless;
use crate::dashboard::model::Colors;
use crate::journal::Journal;
use crate::pdf::{Engines, Limits, Password};
use crate::report::{Format, Symbols};
use crate::screen::{CandidatePassword, Policy};
use crate::settings;
use crate::statement::custom_banks::{self, CustomBank};
use crate::statement::{Bank, DateRange, banks};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::env;
use std::fs;
use std::io::{self, IsTerminal, Read};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;
use zeroize::Zeroizing;

/// Password files larger than this are something else.
const MAX_PASSWORD_FILE: usize = 1 << 20;
/// Lists of paths larger than this are something else.
const MAX_LIST: u64 = 256 << 20;
/// Columns assumed for a terminal that does not tell.
const DEFAULT_COLUMNS: u16 = 100;

/// Paths resolved to inputs.
pub(crate) fn inputs(args: &ScreeningArgs) -> Result<Vec<Input>, Failure> {
    let takes_stdin = args.paths.iter().filter(|path| is_dash(path)).count()
        + usize::from(args.files_from.as_deref().is_some_and(is_dash));
    if takes_stdin > 1 {
        return Err(Failure::usage(
            "standard input can be used for one thing only",
            "give - once, as a PATH or for --files-from",
        ));
    }
    if args.paths.is_empty() && args.files_from.is_none() && args.manifest.is_none() {
        return Err(Failure::usage(
            "no path is given",
            "bankscreen --check PATH; see bankscreen --help",
        ));
    }
    let mut given = Vec::new();
    for path in &args.paths {
        given.push(if is_dash(path) {
            let bytes = batch::read_standard_input(args.max_file_size).map_err(|error| {
                Failure::environment("standard input can't be read", error, "give a PATH instead")
            })?;
            Input::standard_input(bytes)
        } else {
            Input::from(path.clone())
        });
    }
    if let Some(list) = &args.files_from {
        let separator = if args.null {
            Separator::Nul
        } else {
            Separator::Line
        };
        given.extend(batch::read_list(&read_list_file(list)?, separator));
    }
    let mut inputs = batch::discover(given);
    if let Some(path) = &args.manifest {
        batch::add_manifest(&mut inputs, manifest::read(path)?);
    }
    Ok(inputs)
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn read_list_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let open = || -> io::Result<Box<dyn Read>> {
        Ok(if is_dash(path) {
            Box::new(io::stdin().lock())
        } else {
            Box::new(fs::File::open(path)?)
        })
    };
    let read = || {
        let mut list = Vec::new();
        open()?.take(MAX_LIST + 1).read_to_end(&mut list)?;
        if list.len() as u64 > MAX_LIST {
            let size = format!("it is larger than {} MiB", MAX_LIST >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, size));
        }
        Ok(list)
    };
    read().map_err(|error| {
        Failure::environment(
            format!("the list {} can't be read", path.display()),
            error,
            "--files-from with a file that exists and holds paths",
        )
    })
}

/// The knobs of screening.
///
/// Candidates beyond those that are ever tried are not kept, which is said on standard error.
pub(crate) fn policy(args: &ScreeningArgs) -> Result<Policy, Failure> {
    let limits = Limits {
        file_bytes: args.max_file_size,
        pages: args.max_pages,
        time: args.time_limit,
        ..Limits::default()
    };
    let (candidates, untried) = match &args.password_file {
        Some(path) => candidates(path, limits.candidates)?,
        None => (Vec::new(), 0),
    };
    if untried > 0 {
        let most = limits.candidates;
        notice_unless(
            args.quiet,
            format_args!(
                "note: {untried} passwords of the password file are not tried: the limit is {most} \
                 a file"
            ),
        );
    }
    Ok(Policy {
        limits,
        candidates,
        untried,
        expected_bank: args
            .bank
            .as_deref()
            .map(|id| bank(id, &format!("--bank {id}")))
            .transpose()?,
        account_category: None,
        requested_period: range(args)?,
        strict: args.strict,
        engines: Engines::Bounded,
    })
}

/// The days asked for: from before to, and to before today, as the service has it.
fn range(args: &ScreeningArgs) -> Result<Option<DateRange>, Failure> {
    let (Some(from), Some(to)) = (args.from, args.to) else {
        return Ok(None);
    };
    if from >= to {
        return Err(Failure::usage(
            format!("--from {from} is not before --to {to}"),
            "give the earlier day first",
        ));
    }
    let today = Timestamp::now().to_zoned(time_zone()).date();
    if to >= today {
        return Err(Failure::usage(
            format!("--to {to} is not before today, {today}"),
            "the latest day that can be asked for is yesterday",
        ));
    }
    Ok(Some(DateRange { from, to }))
}

/// Adds the banks of the user's own `banks.toml`, and those of the service's list where it was
/// read. The user's own come first.
pub(crate) fn add_banks() -> Result<(), Failure> {
    let mut added = own_banks()?;
    // Without a home there is no list either.
    if let Ok(folder) = state_folder()
        && let Some(catalogue) = catalogue::read(&folder)?
    {
        let own = |id: &str| added.iter().any(|bank: &CustomBank| bank.id == id);
        let new = catalogue.custom_banks().into_iter();
        let new: Vec<_> = new.filter(|bank| !own(&bank.id)).collect();
        added.extend(new);
    }
    custom_banks::add(added);
    Ok(())
}

fn own_banks() -> Result<Vec<CustomBank>, Failure> {
    let Some(path) = settings::folder().map(|folder| folder.join("banks.toml")) else {
        return Ok(Vec::new());
    };
    let hint = "[[bank]] with id and name, and any of aliases, ifsc, domains";
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let heading = format!("{} can't be read", path.display());
            return Err(Failure::environment(heading, error, hint));
        }
    };
    let refuse = |what: &str| Failure::usage(format!("{}: {what}", path.display()), hint);
    let file: BanksFile = toml::from_str(&text).map_err(|error| refuse(&error.to_string()))?;
    for addition in &file.bank {
        if let Some(fault) = addition.fault() {
            return Err(refuse(&format!("bank {:?}: {fault}", addition.id)));
        }
    }
    Ok(file.bank)
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BanksFile {
    #[serde(default)]
    bank: Vec<CustomBank>,
}

/// The bank with this identifier; `given` says where it was given.
pub(crate) fn bank(id: &str, given: &str) -> Result<&'static Bank, Failure> {
    banks::by_id(id).ok_or_else(|| {
        let query = [id.to_lowercase()];
        let similar: Vec<_> = banks::search(&query).map(|bank| bank.id).take(5).collect();
        let hint = if similar.is_empty() {
            "bankscreen banks lists the identifiers".to_owned()
        } else {
            format!("one of {}", similar.join(", "))
        };
        Failure::usage(format!("{given}: there is no such identifier"), hint)
    })
}

/// Reads up to `most` candidate passwords, one a line, kept exactly but for the line's end.
///
/// The second value is how many more there are.
fn candidates(path: &Path, most: usize) -> Result<(Vec<CandidatePassword>, usize), Failure> {
    let refuse = |error: io::Error, hint: &str| {
        Failure::environment(
            format!("the password file {} can't be read", path.display()),
            error,
            hint,
        )
    };
    let file = fs::File::open(path).map_err(|error| refuse(error, "check the path"))?;
    // Room for all from the start: a buffer that grows leaves copies behind that nobody wipes.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PASSWORD_FILE + 1));
    file.take(MAX_PASSWORD_FILE as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(error, "check its permissions and that its disk is there"))?;
    if bytes.len() > MAX_PASSWORD_FILE {
        let size = format!("it is larger than {} MiB", MAX_PASSWORD_FILE >> 20);
        let error = io::Error::new(io::ErrorKind::FileTooLarge, size);
        return Err(refuse(error, "a text file with one password a line"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        refuse(error, "save it as UTF-8 text, one password a line")
    })?;
    let lines = text.strip_prefix('\u{FEFF}').unwrap_or(text).lines();
    let mut lines = lines.enumerate().filter(|(_, line)| !line.is_empty());
    let candidate = |(index, line): (usize, &str)| CandidatePassword {
        password: Password::new(line),
        origin: format!("password-file:{}", index + 1),
    };
    let kept = lines.by_ref().take(most).map(candidate).collect();
    Ok((kept, lines.count()))
}

/// Screening threads.
pub(crate) fn jobs(args: &ScreeningArgs) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    args.jobs.map_or_else(cores, usize::from)
}

pub(crate) fn format(format: FormatArg) -> Format {
    match format {
        FormatArg::Text => Format::Text,
        FormatArg::Json => Format::Json,
        FormatArg::Ndjson => Format::Ndjson,
        FormatArg::Csv => Format::Csv,
        FormatArg::Sarif => Format::Sarif,
        FormatArg::Junit => Format::Junit,
        FormatArg::Github => Format::Github,
        FormatArg::Html => Format::Html,
    }
}

/// Whether the report is read on a terminal.
pub(crate) fn reads_on_terminal(output: Option<&Path>) -> bool {
    output.is_none() && io::stdout().is_terminal()
}

/// Whether to colour: the flag, else `NO_COLOR`, `CLICOLOR_FORCE` and the terminal.
pub(crate) fn color(choice: ColorArg, output: Option<&Path>) -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto if set("NO_COLOR") => false,
        ColorArg::Auto if env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorArg::Auto => {
            reads_on_terminal(output) && env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Signs that the locale can show, unless settings say so: the first variable that is set decides,
/// as in POSIX.
pub(crate) fn symbols() -> Symbols {
    match settings::in_force().text("symbols") {
        Some("unicode") => return Symbols::Unicode,
        Some("ascii") => return Symbols::Ascii,
        _ => {}
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(env::var_os)
        .find(|value| !value.is_empty());
    let locale = locale.map(|value| value.to_string_lossy().to_lowercase());
    match locale {
        Some(locale) if locale.contains("utf-8") || locale.contains("utf8") => Symbols::Unicode,
        Some(_) => Symbols::Ascii,
        // No locale at all is usual in services and containers, whose logs are UTF-8.
        None => Symbols::Unicode,
    }
}

/// Whether the dashboard takes the mouse; else the terminal keeps it, to select text with.
pub(crate) fn mouse() -> bool {
    settings::in_force().switch("mouse").unwrap_or(false)
}

/// Columns of the terminal that the report is read on.
pub(crate) fn columns(output: Option<&Path>) -> Option<usize> {
    reads_on_terminal(output).then(|| {
        let columns = terminal_size::terminal_size().map_or(DEFAULT_COLUMNS, |(width, _)| width.0);
        usize::from(columns)
    })
}

/// Whether someone watches standard error.
pub(crate) fn shows_progress(args: &ScreeningArgs) -> bool {
    !args.quiet && io::stderr().is_terminal()
}

/// Where the journal is: `BANKSCREEN_STATE_DIR`, else `bankscreen` in the user's state folder.
pub(crate) fn state_folder() -> Result<PathBuf, Failure> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folder) = set("BANKSCREEN_STATE_DIR") {
        return Ok(folder.into());
    }
    // The XDG specification has relative paths ignored.
    let absolute = |name: &str| {
        set(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    state.map(|state| state.join("bankscreen")).ok_or_else(|| {
        Failure::usage(
            "there is no place for the journal: neither HOME nor XDG_STATE_HOME is set",
            "BANKSCREEN_STATE_DIR with the folder to keep it in",
        )
    })
}

/// The time zone that people read times in.
pub(crate) fn time_zone() -> TimeZone {
    TimeZone::system()
}

/// Opens the journal: the user's, or one that goes with the sandbox of this run.
pub(crate) fn journal(sandbox: bool) -> Result<(Journal, Option<tempfile::TempDir>), Failure> {
    let temporary = sandbox.then(tempfile::tempdir).transpose();
    let temporary = temporary.map_err(|error| {
        let heading = "there is no place for the journal of the sandbox";
        Failure::environment(heading, error, "TMPDIR with a folder that you may write to")
    })?;
    let folder = match &temporary {
        Some(folder) => folder.path().to_owned(),
        None => state_folder()?,
    };
    let journal = Journal::open(&folder, Timestamp::now())?;
    Ok((journal, temporary))
}

/// Why the dashboard can't be shown here, if it can't.
pub(crate) fn no_dashboard() -> Option<&'static str> {
    if !io::stdout().is_terminal() {
        return Some("standard output is none");
    }
    if env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb") {
        return Some("TERM says that this one can't place the cursor");
    }
    None
}

/// Whether anything to screen was named.
pub(crate) fn names_inputs(args: &ScreeningArgs) -> bool {
    !args.paths.is_empty() || args.files_from.is_some() || args.manifest.is_some()
}

/// Colours that the terminal says it can show, if colours are wanted.
pub(crate) fn colors(choice: ColorArg) -> Colors {
    if !color(choice, None) {
        return Colors::None;
    }
    let says = |name: &str, word: &str| {
        env::var(name).is_ok_and(|value| value.to_lowercase().contains(word))
    };
    if says("COLORTERM", "truecolor") || says("COLORTERM", "24bit") {
        Colors::True
    } else if says("TERM", "256color") {
        Colors::Indexed
    } else {
        Colors::Sixteen
    }
}

/// Whether the terminal is on another machine.
pub(crate) fn is_remote() -> bool {
    env::var_os("SSH_CONNECTION").is_some_and(|value| !value.is_empty())
}

/// Whether a dropped connection would end the program.
pub(crate) fn is_fragile() -> bool {
    is_remote() && env::var_os("TMUX").is_none() && env::var_os("STY").is_none()
}
