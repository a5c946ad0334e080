//! The diagnosis as text.

use super::{Diagnosis, Fact};
use crate::settings::{ColorChoice, environment};
use crate::text::columns::pad;
use crate::text::sanitize;
use std::io::{self, Write};

/// Writes the sections, then the problems.
pub(super) fn write(
    diagnosis: &Diagnosis,
    color: ColorChoice,
    out: &mut dyn Write,
) -> io::Result<()> {
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
