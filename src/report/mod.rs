//! Renders screenings in the report formats, one renderer per file.
//!
//! Renderers receive entries one by one in input order and write to any sink. They handle names,
//! never paths. Equal entries and an equal [`ReportContext`] give equal bytes.

#[cfg(feature = "app")]
pub(crate) mod answer;
mod case_report;
mod case_table;
mod coverage;
mod csv;
mod diagnostic;
mod github;
mod html;
mod json;
mod junit;
pub(crate) mod ledger;
mod metrics;
pub(crate) mod page_map;
#[cfg(feature = "app")]
mod recognize;
mod record;
mod sarif;
pub(crate) mod signatures;
mod statistics;
mod symbols;
mod text;
mod upload_record;

pub use case_report::{CaseCounts, CaseReport, CaseUploads};
pub use record::{FileName, ReportEntry, ReportSummary, SCHEMA};
pub use symbols::Symbols;
pub use text::Style;
pub use upload_record::{OutcomeCounts, SettledUpload, UploadRecord};
#[cfg(feature = "app")]
pub(crate) use {
    csv::{answer_cells, answer_header, escape_cell, write_row},
    json::write_object,
    recognize::is_own_report,
    record::status_name,
};

use crate::screen::notes::NoteTexts;
use crate::statement::DateRange;
use jiff::civil::Date;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// The JSON Schema (2020-12) of [`Format::Json`] and [`Format::Ndjson`].
pub const JSON_SCHEMA: &str = include_str!("record.schema.json");

/// A report format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text for a terminal.
    Text,
    /// One JSON object with all files.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// One row per file.
    Csv,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// `JUnit` XML, one test case per file.
    Junit,
    /// Workflow commands of GitHub Actions, one annotation per finding.
    Github,
    /// One web page.
    Html,
}

impl Format {
    /// Returns the name of the format, which is also the extension of its files.
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
    /// Writes the part before the first entry.
    ///
    /// # Errors
    ///
    /// Returns an error if writing to the sink fails.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// Writes the entry of one file.
    ///
    /// # Errors
    ///
    /// Returns an error if writing to the sink fails.
    fn entry(&mut self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()>;

    /// Writes an overview of all cases, before the first entry of a run with cases.
    ///
    /// # Errors
    ///
    /// Returns an error if writing to the sink fails.
    fn overview(&mut self, _cases: &[CaseReport], _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes the line of a case, after the entries of its files.
    ///
    /// # Errors
    ///
    /// Returns an error if writing to the sink fails.
    fn case(&mut self, case: &CaseReport, out: &mut dyn Write) -> io::Result<()>;

    /// Writes the part after the last entry. `elapsed` is the duration of the run.
    ///
    /// # Errors
    ///
    /// Returns an error if writing to the sink fails.
    fn end(
        &mut self,
        summary: &ReportSummary,
        elapsed: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()>;
}

/// What the entries of a report contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Screenings.
    Screening,
    /// Screenings and uploads.
    Upload,
}

/// What a report is about and what it contains, in addition to its entries.
///
/// Equal for all reports of a run. Renderers use the parts that their format shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportContext {
    /// What the entries contain.
    pub scope: Scope,
    /// The period that the files are judged by; `None` if none is requested.
    pub requested_period: Option<DateRange>,
    /// The day of the run in the user's time zone. Only [`Format::Html`] shows it.
    pub day: Date,
    /// Whether the entries contain the duration of the screening.
    pub timings: bool,
    /// Whether [`Format::Csv`] starts with a byte order mark.
    pub csv_bom: bool,
    /// The words of requests to applicants. Only [`Format::Html`] uses them: cases have theirs.
    pub texts: Arc<NoteTexts>,
}

/// Returns the renderer of a format. Only [`Format::Text`] uses `style`.
pub fn renderer(format: Format, style: Style, context: &ReportContext) -> Box<dyn Renderer> {
    let scope = context.scope;
    match format {
        Format::Text => Box::new(text::TextRenderer::new(style)),
        Format::Json => Box::new(json::JsonRenderer::default()),
        Format::Ndjson => Box::new(json::NdjsonRenderer),
        Format::Csv => Box::new(csv::CsvRenderer::new(context)),
        Format::Sarif => Box::new(sarif::SarifRenderer::new(scope)),
        Format::Junit => Box::new(junit::JunitRenderer::new(scope)),
        Format::Github => Box::new(github::GithubRenderer),
        Format::Html => Box::new(html::HtmlRenderer::new(context)),
    }
}

/// Returns the renderer of counts and durations in the text format of Prometheus.
pub fn metrics_renderer() -> Box<dyn Renderer> {
    Box::new(metrics::MetricsRenderer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::columns::assert_agrees;
    use crate::uploads::plan::OutcomeKind;

    /// Returns the end of a report about `count` files, each with a page and a saved call.
    fn end_of_report(format: Format, count: usize, outcomes: Option<OutcomeCounts>) -> String {
        let mut summary = ReportSummary::new();
        (summary.files, summary.pages) = (count, count);
        (summary.verdicts.warn, summary.calls_saved) = (count, count);
        summary.outcomes = outcomes;
        let style = Style {
            name_width: 8,
            ..Style::plain(Symbols::Ascii)
        };
        let mut text = Vec::new();
        let context = ReportContext {
            scope: Scope::Upload,
            requested_period: None,
            day: jiff::civil::date(2026, 11, 29),
            timings: false,
            csv_bom: false,
            texts: Arc::default(),
        };
        let mut renderer = renderer(format, style, &context);
        renderer.end(&summary, None, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_end_of_a_report_agrees_with_its_counts() {
        for format in [Format::Text, Format::Github] {
            assert_agrees(|count| {
                end_of_report(format, count, None).replace("::notice title=bankscreen::", "")
            });
        }
        let none = end_of_report(Format::Text, 0, Some(OutcomeCounts::default()));
        assert_eq!(
            none,
            "  0 files, 0 pages: 0 pass, 0 warn, 0 fail.\n  Uploads: none.\n"
        );
        let two = OutcomeCounts::from([OutcomeKind::Unknown, OutcomeKind::Skipped]);
        let two = end_of_report(Format::Text, 2, Some(two));
        assert!(two.ends_with("Uploads: 1 unknown, 1 skipped.\n"), "{two}");
    }
}
