//! `bankscreen doctor`: the effective settings, where each value comes from, and any problems.
//!
//! Nothing is sent and no secret is printed: the sources of secrets are tried and named.

mod environment;
mod paths;
mod print;
mod settings;

use super::args::{DoctorArgs, DoctorFormatArg};
use super::{ExitStatus, stdout};
use crate::applicant::RuleTable;
use crate::error::AppError;
use crate::report::write_object;
use crate::settings::{Profile, Settings};
use crate::statement::BankRegistry;
use serde::Serialize;
use std::io::{self, Write};

/// Everything that `doctor` reports.
#[derive(Debug, Default, Serialize)]
struct Diagnosis {
    sections: Vec<Section>,
    problems: Vec<Problem>,
}

/// A group of facts.
#[derive(Debug, Serialize)]
struct Section {
    name: &'static str,
    facts: Vec<Fact>,
}

/// One effective value. Untrusted text, to be sanitized where it is printed.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Fact {
    name: String,
    /// `None` if nothing is set.
    value: Option<String>,
    /// A variable, a line of the config file, or `default`; `None` if there is no source.
    source: Option<String>,
}

impl Fact {
    fn new(name: &str, value: impl Into<String>, source: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            value: Some(value.into()),
            source: source.map(str::to_owned),
        }
    }
}

/// A problem and what the user can do about it. The field names are part of the JSON output.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Problem {
    #[serde(rename = "what")]
    message: String,
    #[serde(rename = "remedy")]
    hint: Option<String>,
    /// Whether it prevents uploads.
    stops_upload: bool,
}

impl Problem {
    fn from_error(error: &AppError) -> Self {
        let hints: Vec<_> = error.hints().collect();
        Self {
            message: error.message(),
            hint: Some(hints.join("; ")).filter(|hints| !hints.is_empty()),
            stops_upload: true,
        }
    }

    fn warning(message: String, hint: String) -> Self {
        Self {
            message,
            hint: Some(hint),
            stops_upload: false,
        }
    }
}

impl Diagnosis {
    fn add_section(&mut self, name: &'static str, facts: Vec<Fact>) {
        self.sections.push(Section { name, facts });
    }

    fn add_error(&mut self, error: &AppError) {
        self.problems.push(Problem::from_error(error));
    }
}

/// Prints the diagnosis; the exit code is 1 if a problem prevents uploads.
pub(super) fn run(args: &DoctorArgs, profile: Option<&str>) -> Result<ExitStatus, AppError> {
    let mut diagnosis = Diagnosis::default();
    // An unusable config file explains other problems, so it comes first.
    let mut profile = crate::settings::load(profile).unwrap_or_else(|error| {
        diagnosis.add_error(&error);
        Profile::default()
    });
    profile.project = crate::settings::find_project(&[]).unwrap_or_else(|error| {
        diagnosis.add_error(&error);
        None
    });
    let banks = match crate::settings::bank_registry() {
        Ok((banks, unusable_list)) => {
            diagnosis
                .problems
                .extend(unusable_list.as_ref().map(|error| Problem {
                    stops_upload: false,
                    ..Problem::from_error(error)
                }));
            banks
        }
        Err(error) => {
            diagnosis.add_error(&error);
            BankRegistry::default()
        }
    };
    let rules = crate::settings::rule_table(&banks).unwrap_or_else(|error| {
        diagnosis.add_error(&error);
        RuleTable::default()
    });
    let effective = Settings {
        profile,
        banks,
        rules,
    };
    settings::diagnose(&effective, &mut diagnosis);
    paths::diagnose(&effective.profile, &mut diagnosis);
    environment::diagnose(&effective, &mut diagnosis);
    stdout::print(|out| match args.format {
        DoctorFormatArg::Text => print::write(&diagnosis, args.color.into(), out),
        DoctorFormatArg::Json => write_json(&effective.profile, &diagnosis, out),
    })?;
    let stopped = diagnosis
        .problems
        .iter()
        .any(|problem| problem.stops_upload);
    Ok(if stopped {
        ExitStatus::Failed
    } else {
        ExitStatus::Passed
    })
}

fn write_json(profile: &Profile, diagnosis: &Diagnosis, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "{{\"schema\":1,\"type\":\"doctor\",\"version\":\"{}\",\"profile\":",
        env!("CARGO_PKG_VERSION")
    )?;
    write_object(&profile.name, out)?;
    write!(out, ",\"findings\":")?;
    write_object(diagnosis, out)?;
    writeln!(out, "}}")
}
