//! Exports the visible files as a report.

use crate::dashboard::ExportRequest;
use crate::dashboard::model::{FileId, Model};
use crate::error::AppError;
use crate::output::{OutputGuard, ReportOutput};
use crate::report::{self, ReportContext, ReportEntry, ReportSummary, Scope, Style, Symbols};
use crate::screen::Policy;
use crate::settings::environment::today;
use crate::statement::DateRange;
use crate::text::columns::counted;
use std::path::Path;

/// Returns the report entries of the requested files.
pub(super) fn entries(model: &Model, files: &[FileId], policy: &Policy) -> Vec<ReportEntry> {
    let entry = |id: &FileId| {
        let file = model.queue.file(*id)?;
        let original = file.duplicate_of.and_then(|id| model.queue.file(id));
        let case = file
            .case
            .and_then(|case| model.queue.cases().list().get(case));
        let mut entry = ReportEntry {
            name: file.name.clone(),
            bytes: file.bytes,
            screening: file.screening()?.clone(),
            case: case.map(|case| case.name.as_str().into()),
            duplicate_of: original.map(|original| original.name.clone()),
            elapsed_ms: None,
            upload: None,
        };
        if let Some(record) = file.upload_record() {
            entry.set_upload(record.clone().into(), policy);
        }
        Some(entry)
    };
    files.iter().filter_map(entry).collect()
}

/// Writes a report atomically, and returns a summary.
///
/// # Errors
///
/// If the file is one that the dashboard uses, has other content, or can't be written.
pub(super) fn write(
    export: &ExportRequest,
    entries: &[ReportEntry],
    requested_period: Option<DateRange>,
    guard: &mut OutputGuard,
) -> Result<String, AppError> {
    let uploads = entries.iter().any(|entry| entry.upload.is_some());
    let scope = if uploads {
        Scope::Upload
    } else {
        Scope::Screening
    };
    let style = Style::plain(Symbols::Unicode);
    let context = ReportContext {
        scope,
        requested_period,
        day: today(),
        timings: false,
        csv_bom: false,
        texts: std::sync::Arc::default(),
    };
    let path = Path::new(&export.path);
    let mut output = ReportOutput::open("the report", Some(path), guard)?;
    let mut renderer = report::renderer(export.format, style, &context);
    let mut summary = ReportSummary::new();
    let mut write = || {
        renderer.begin(output.writer())?;
        for entry in entries {
            summary.add(entry);
            renderer.entry(entry, output.writer())?;
        }
        renderer.end(&summary, None, output.writer())
    };
    let written = write();
    written.map_err(|error| output.error(error))?;
    output.finish()?;
    let files = counted(entries.len(), "file");
    Ok(format!("{files} written to {}", export.path))
}
