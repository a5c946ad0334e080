//! The findings for people.

use super::{Fact, Findings};
use crate::cli::args::ColorArg;
use crate::settings::resolve;
use crate::text::columns::pad;
use crate::text::sanitize;
use std::io::{self, Write};

/// Writes section by section, then the problems.
pub(super) fn write(findings: &Findings, color: ColorArg, out: &mut dyn Write) -> io::Result<()> {
    let color = resolve::color(color, None);
    let paint = |sgr: &str, text: &str| {
        if color {
            format!("\x1b[{sgr}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    let facts = || findings.sections.iter().flat_map(|section| &section.facts);
    let width = facts()
        .map(|fact| sanitize(&fact.name).chars().count())
        .max();
    let width = width.unwrap_or(0);
    for section in &findings.sections {
        writeln!(out, "{}", paint("1", section.name))?;
        for fact in &section.facts {
            writeln!(out, "{}", line(fact, width, &paint))?;
        }
        writeln!(out)?;
    }
    if findings.problems.is_empty() {
        return writeln!(
            out,
            "{} nothing stands in the way of an upload",
            paint("32", "ok:")
        );
    }
    for problem in &findings.problems {
        let (word, sgr) = if problem.stops_upload {
            ("problem:", "31")
        } else {
            ("warning:", "33")
        };
        writeln!(out, "{} {}", paint(sgr, word), sanitize(&problem.what))?;
        if let Some(remedy) = &problem.remedy {
            writeln!(out, "  try: {}", sanitize(remedy))?;
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
