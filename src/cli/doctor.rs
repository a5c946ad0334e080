//! `bankscreen doctor`: prints the effective settings, their sources, and any problems.

use super::args::{self, DoctorArgs, DoctorFormatArg};
use super::{ExitStatus, stdout};
use crate::diagnosis::{Diagnosis, Fact, diagnose};
use crate::error::AppError;
use crate::report::write_object;
use crate::settings::{ColorChoice, Profile, argv, environment};
use crate::text::columns::pad;
use crate::text::sanitize;
use std::ffi::OsString;
use std::io::{self, Write};

/// Prints the diagnosis; the exit code is 1 if a problem prevents uploads.
pub(super) fn run(args: &DoctorArgs, profile: Option<&str>) -> Result<ExitStatus, AppError> {
    let (profile, diagnosis) = diagnose(profile, &check_arguments);
    stdout::print(|out| match args.format {
        DoctorFormatArg::Text => write(&diagnosis, args.color.into(), out),
        DoctorFormatArg::Json => write_json(&profile, &diagnosis, out),
    })?;
    Ok(if diagnosis.stops_uploads() {
        ExitStatus::Failed
    } else {
        ExitStatus::Passed
    })
}

/// Parses the settings as the arguments that they stand for.
fn check_arguments(profile: &Profile) -> Result<(), AppError> {
    let mut root = args::definition();
    root.build();
    for command in ["upload", "--check"] {
        let args: Vec<OsString> = ["bankscreen", command, "-"].map(OsString::from).into();
        if let Ok(matches) = args::definition().try_get_matches_from(&args) {
            let args = argv::with_settings(&args, &root, &matches, profile);
            let parsed = args::definition().try_get_matches_from(args);
            parsed.map_err(|error| argv::invalid_setting(&error, profile))?;
        }
    }
    Ok(())
}

/// Writes the sections, then the problems.
fn write(diagnosis: &Diagnosis, color: ColorChoice, out: &mut dyn Write) -> io::Result<()> {
    let color = environment::color(color, None);
    let paint = |sgr: &str, text: &str| {
        if color {
            format!("\x1b[{sgr}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    let facts = || diagnosis.sections.iter().flat_map(|section| &section.facts);
    let width = facts()
        .map(|fact| sanitize(&fact.name).chars().count())
        .max();
    let width = width.unwrap_or(0);
    for section in &diagnosis.sections {
        writeln!(out, "{}", paint("1", section.name))?;
        for fact in &section.facts {
            writeln!(out, "{}", line(fact, width, &paint))?;
        }
        writeln!(out)?;
    }
    if diagnosis.problems.is_empty() {
        return writeln!(out, "{} no problem prevents uploads", paint("32", "ok:"));
    }
    for problem in &diagnosis.problems {
        let (label, sgr) = if problem.stops_upload {
            ("problem:", "31")
        } else {
            ("warning:", "33")
        };
        writeln!(out, "{} {}", paint(sgr, label), sanitize(&problem.message))?;
        if let Some(hint) = &problem.hint {
            writeln!(out, "  hint: {}", sanitize(hint))?;
        }
    }
    Ok(())
}

fn line(fact: &Fact, width: usize, paint: &dyn Fn(&str, &str) -> String) -> String {
    let value = fact.value.as_deref().map_or_else(|| "-".into(), sanitize);
    let source = fact.source.as_deref().map_or_else(String::new, |source| {
        paint("2", &format!("  ({})", sanitize(source)))
    });
    format!("  {}  {value}{source}", pad(&sanitize(&fact.name), width))
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
