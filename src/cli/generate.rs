//! `bankscreen schema`, `completions`, `man` and `--explain`: generated from the definitions.
//! that the command-line parser and the checks use.

use super::args::definition;
use super::{ExitStatus, stdout};
use crate::error::AppError;
use crate::report::JSON_SCHEMA;
use crate::screen::Code;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::{self, Write};

/// The name of the installed program.
const NAME: &str = "bankscreen";

/// Prints the JSON Schema of records and summaries.
pub(super) fn schema() -> Result<ExitStatus, AppError> {
    print(JSON_SCHEMA.as_bytes())
}

/// Prints what a finding code means and what to do about it.
pub(super) fn explanation(code: Code) -> Result<ExitStatus, AppError> {
    let explanation = code.explain();
    let source = if code.is_service_code() {
        "The service rejects an upload with this code."
    } else {
        "Only bankscreen reports this code."
    };
    let text = format!(
        "{code} ({})\n\n{}.\n{source}\n\nWhat to do: {}.\n",
        explanation.severity.name(),
        explanation.when,
        explanation.hint,
    );
    print(without_backticks(&text).as_bytes())
}

/// Removes the marks of code, which a terminal does not render.
fn without_backticks(text: &str) -> String {
    text.replace('`', "")
}

/// Prints a completion script, to be saved where the shell looks for it.
pub(super) fn completions(shell: Shell) -> Result<ExitStatus, AppError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definition(), NAME, &mut script);
    print(&script)
}

/// Prints one page: the program, then every command with its flags, then the examples.
pub(super) fn man() -> Result<ExitStatus, AppError> {
    print(&manual_page().map_err(AppError::standard_output)?)
}

fn manual_page() -> io::Result<Vec<u8>> {
    let mut command = definition();
    command.build();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for command in described(&command) {
        let mut sections = Vec::new();
        let man = Man::new(command.clone());
        man.render_synopsis_section(&mut sections)?;
        man.render_description_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        let sections = String::from_utf8_lossy(&sections).replace("\n.SH ", "\n.SS ");
        let sections = sections.replacen(".SH ", ".SS ", 1);
        let heading = command.get_bin_name().unwrap_or(NAME).to_uppercase();
        write!(page, ".SH {}\n{sections}", verbatim(&heading))?;
        if let Some(examples) = command.get_after_long_help() {
            write!(page, ".SS NOTES\n{}", unfilled(&examples.to_string()))?;
        }
    }
    if let Some(examples) = command.get_after_long_help() {
        write!(page, ".SH NOTES\n{}", unfilled(&examples.to_string()))?;
    }
    Ok(page)
}

/// Returns all subcommands except hidden ones and help, each before its own subcommands.
fn described(command: &Command) -> Vec<&Command> {
    let below = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help");
    below
        .flat_map(|command| [vec![command], described(command)].concat())
        .collect()
}

/// Formats lines that are not joined to paragraphs.
fn unfilled(text: &str) -> String {
    format!(".nf\n{}\n.fi\n", verbatim(text))
}

/// Escapes text so that a formatter shows it unchanged.
fn verbatim(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let lines = escaped.lines().map(|line| {
        let is_request = line.starts_with(['.', '\'']);
        if is_request {
            format!("\\&{line}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn print(document: &[u8]) -> Result<ExitStatus, AppError> {
    stdout::print(|out| out.write_all(document))?;
    Ok(ExitStatus::Passed)
}
