//! `bankscreen doctor`: what is in force, where it comes from, and what is wrong with it.
//!
//! Nothing is sent, and no secret is shown: sources of secrets are tried, and told by their names.

mod places;
mod print;
mod settings;
mod surroundings;

use super::Exit;
use super::args::{DoctorArgs, DoctorFormatArg};
use super::failure::Failure;
use crate::report::write_object;
use crate::settings::Profile;
use serde::Serialize;
use std::io::{self, Write};

/// What was found.
#[derive(Debug, Default, Serialize)]
struct Findings {
    sections: Vec<Section>,
    problems: Vec<Problem>,
}

/// What belongs together.
#[derive(Debug, Serialize)]
struct Section {
    name: &'static str,
    facts: Vec<Fact>,
}

/// One thing in force. Untrusted text, to be cleaned where it is shown.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Fact {
    name: String,
    /// `None` where nothing is set.
    value: Option<String>,
    /// A variable, a line of the config file, `default`; `None` where that says nothing.
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

/// Something that is wrong, and what to do about it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Problem {
    what: String,
    remedy: Option<String>,
    /// Whether an upload could not be done.
    stops_upload: bool,
}

impl Problem {
    fn of(failure: &Failure) -> Self {
        Self {
            what: failure.what(),
            remedy: failure.remedy(),
            stops_upload: true,
        }
    }

    fn harmless(what: String, remedy: String) -> Self {
        Self {
            what,
            remedy: Some(remedy),
            stops_upload: false,
        }
    }
}

impl Findings {
    fn section(&mut self, name: &'static str, facts: Vec<Fact>) {
        self.sections.push(Section { name, facts });
    }

    fn fail(&mut self, failure: &Failure) {
        self.problems.push(Problem::of(failure));
    }
}

/// Tells what is in force; 1 where something would stop an upload.
pub(super) fn run(args: &DoctorArgs, profile: Option<&str>) -> Result<Exit, Failure> {
    let mut findings = Findings::default();
    // What keeps the settings from being read is the first thing to tell, not the last.
    let profile = crate::settings::load(profile).unwrap_or_else(|failure| {
        findings.fail(&failure);
        Profile::default()
    });
    if let Err(failure) = crate::settings::resolve::add_banks() {
        findings.fail(&failure);
    }
    settings::tell(&profile, &mut findings);
    places::tell(&profile, &mut findings);
    surroundings::tell(&profile, &mut findings);
    let mut out = io::stdout().lock();
    match args.format {
        DoctorFormatArg::Text => print::write(&findings, args.color, &mut out)?,
        DoctorFormatArg::Json => {
            write!(
                out,
                "{{\"schema\":1,\"type\":\"doctor\",\"version\":\"{}\",\"profile\":",
                env!("CARGO_PKG_VERSION")
            )?;
            write_object(&profile.name, &mut out)?;
            write!(out, ",\"findings\":")?;
            write_object(&findings, &mut out)?;
            writeln!(out, "}}")?;
        }
    }
    let stopped = findings.problems.iter().any(|problem| problem.stops_upload);
    Ok(if stopped { Exit::Failed } else { Exit::Passed })
}
