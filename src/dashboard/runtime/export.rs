//! Writes what the dashboard shows to files: reports, and messages to applicants.

use crate::dashboard::ExportRequest;
use crate::dashboard::model::{FileId, Model};
use crate::error::AppError;
use crate::output::{OutputGuard, OutputKind, ReportOutput};
use crate::report::{
    CaseCounts, CaseReport, ReportContext, ReportEntry, ReportSummary, Scope, Style, Symbols,
};
use crate::screen::Policy;
use crate::screen::cases::Judgement;
use crate::screen::notes::NoteTexts;
use crate::settings::environment::today;
use crate::statement::DateRange;
use crate::text::columns::counted;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

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

/// Returns the lines of cases that are judged. `entries` has the files of each case together.
pub(super) fn case_reports(
    model: &Model,
    cases: &[usize],
    entries: &[ReportEntry],
) -> Vec<CaseReport> {
    let queue = &model.queue;
    let groups = entries.chunk_by(|one, other| one.case == other.case);
    let groups = groups.filter_map(|group| Some((group.first()?.case.as_deref()?, group)));
    let groups: HashMap<&str, &[ReportEntry]> = groups.collect();
    let report = |case: &usize| {
        let own = queue.cases().list().get(*case)?;
        let judged = queue.cases().judged(*case)?;
        let entries = groups.get(own.name.as_str()).copied().unwrap_or_default();
        let entries = entries.iter();
        let judgement = Judgement {
            state: judged.state,
            needs: judged.needs.clone(),
            actions: judged.actions.clone(),
        };
        let texts = model.setup.notes.english();
        let accounts = judged.accounts.clone();
        let mut report = CaseReport::new(&own.name, entries.clone(), accounts, judgement, texts);
        entries.for_each(|entry| report.add_upload(entry));
        Some(report)
    };
    cases.iter().filter_map(report).collect()
}

/// What a report consists of.
pub(super) struct ReportContent {
    pub(super) entries: Vec<ReportEntry>,
    pub(super) cases: Vec<CaseReport>,
    pub(super) requested_period: Option<DateRange>,
    /// The words of requests to applicants.
    pub(super) texts: Arc<NoteTexts>,
}

/// Writes a report atomically, and returns a summary.
///
/// # Errors
///
/// If the file is one that the dashboard uses, has other content, or can't be written.
pub(super) fn write(
    export: &ExportRequest,
    report: &ReportContent,
    guard: &mut OutputGuard,
) -> Result<String, AppError> {
    let ReportContent { entries, cases, .. } = report;
    let uploads = entries.iter().any(|entry| entry.upload.is_some());
    let scope = if uploads {
        Scope::Upload
    } else {
        Scope::Screening
    };
    let style = Style::plain(Symbols::Unicode);
    let context = ReportContext {
        scope,
        requested_period: report.requested_period,
        day: today(),
        timings: false,
        csv_bom: false,
        texts: Arc::clone(&report.texts),
    };
    let path = file_path(&export.path)?;
    let mut output = ReportOutput::open("the report", Some(path), guard)?;
    let mut renderer = crate::report::renderer(export.format, style, &context);
    let mut summary = ReportSummary::new();
    let mut write = || {
        renderer.begin(output.writer())?;
        if !cases.is_empty() {
            let mut counts = CaseCounts::default();
            for case in cases {
                counts.add(case.state);
            }
            summary.cases = Some(counts);
            renderer.overview(cases, output.writer())?;
        }
        let mut cases = cases.iter().peekable();
        for group in entries.chunk_by(|one, other| one.case == other.case) {
            for entry in group {
                summary.add(entry);
                renderer.entry(entry, output.writer())?;
            }
            let name = group.first().and_then(|entry| entry.case.as_deref());
            if let Some(case) = cases.next_if(|case| Some(case.name.as_str()) == name) {
                renderer.case(case, output.writer())?;
            }
        }
        // Cases without a file.
        for case in cases {
            renderer.case(case, output.writer())?;
        }
        renderer.end(&summary, None, output.writer())
    };
    let written = write();
    written.map_err(|error| output.error(error))?;
    output.finish()?;
    let mut text = counted(entries.len(), "file");
    if !cases.is_empty() {
        text = format!("{} with {text}", counted(cases.len(), "case"));
    }
    Ok(format!("{text} written to {}", export.path))
}

/// Writes a message to an applicant to a new file, which only its owner can read.
///
/// # Errors
///
/// If the file exists and is not empty, is one that the dashboard uses, or can't be written.
pub(super) fn write_message(
    path: &str,
    text: &str,
    guard: &mut OutputGuard,
) -> Result<String, AppError> {
    let file = file_path(path)?;
    let kind = OutputKind::Download;
    let mut output = ReportOutput::open_as("the message", Some(file), kind, guard)?;
    let written = writeln!(output.writer(), "{}", text.trim_end());
    written.map_err(|error| output.error(error))?;
    output.finish()?;
    Ok(format!("Message written to {path}"))
}

/// Returns a typed path, unless it is standard output, which has the dashboard.
fn file_path(path: &str) -> Result<&Path, AppError> {
    if path.trim() == "-" {
        let hint = "type the name of a file, such as report.csv";
        return Err(AppError::usage("the dashboard uses the terminal", hint));
    }
    Ok(Path::new(path))
}
