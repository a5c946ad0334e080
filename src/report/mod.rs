//! Puts screenings into the formats that people and programs read. One renderer a file.
//!
//! Renderers are given entries in input order, one by one, and write to any sink. They know no
//! paths, only names; the same entries give the same bytes.

mod clean;
pub(crate) mod columns;
mod coverage;
mod csv;
mod github;
mod html;
mod json;
mod junit;
mod record;
mod sarif;
mod sent;
pub(crate) mod strip;
mod text;
mod told;

pub use clean::clean;
pub use record::{Entry, Name, SCHEMA, Summary};
pub use sent::{Outcomes, Sent};
pub use text::{Style, Symbols};
#[cfg(feature = "app")]
pub(crate) use {
    csv::{defuse, write_row},
    json::write_object,
    record::status_name,
};

use std::io::{self, Write};
use std::time::Duration;

/// The JSON Schema (2020-12) of what [`Format::Json`] and [`Format::Ndjson`] print.
pub const JSON_SCHEMA: &str = include_str!("record.schema.json");

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object with all files.
    Json,
    /// One object a line.
    Ndjson,
    /// One row a file.
    Csv,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// `JUnit` XML, one test case a file.
    Junit,
    /// Workflow commands of GitHub Actions, one annotation a finding.
    Github,
    /// One page for a browser.
    Html,
}

impl Format {
    /// Its name, which ends the names of its files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Html => "html",
        }
    }
}

/// Writes one report, entry by entry.
pub trait Renderer: Send {
    /// Writes what stands before the first entry.
    ///
    /// # Errors
    ///
    /// When the sink can't be written to.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// Writes one file's entry.
    ///
    /// # Errors
    ///
    /// When the sink can't be written to.
    fn entry(&mut self, entry: &Entry, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what stands behind the last entry. `elapsed` is the time that the run took.
    ///
    /// # Errors
    ///
    /// When the sink can't be written to.
    fn end(
        &mut self,
        summary: &Summary,
        elapsed: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()>;
}

/// What the entries of a report tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Screenings.
    Screening,
    /// Screenings, and what became of each upload.
    Upload,
}

/// Makes the renderer of a format. `style` is for people's formats only.
pub fn renderer(format: Format, style: Style, scope: Scope) -> Box<dyn Renderer> {
    match format {
        Format::Text => Box::new(text::Text::new(style)),
        Format::Json => Box::new(json::Json::default()),
        Format::Ndjson => Box::new(json::Ndjson),
        Format::Csv => Box::new(csv::Csv { scope }),
        Format::Sarif => Box::new(sarif::Sarif::new(scope)),
        Format::Junit => Box::new(junit::Junit::new(scope)),
        Format::Github => Box::new(github::Github),
        Format::Html => Box::new(html::Html::new(scope)),
    }
}
