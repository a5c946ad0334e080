//! Writes the files shown to a report.

use crate::cli::output::Output;
use crate::dashboard::Export;
use crate::dashboard::model::{FileId, Model};
use crate::report::{self, Entry, Scope, Style, Summary, Symbols, UploadRecord};
use std::path::Path;

/// Entries of the files asked for, as a report takes them.
pub(super) fn entries(model: &Model, files: &[FileId]) -> Vec<Entry> {
    let entry = |id: &FileId| {
        let file = model.queue.file(*id)?;
        let twin = file.twin.and_then(|twin| model.queue.file(twin));
        Some(Entry {
            name: file.name.clone(),
            bytes: file.bytes,
            screening: file.screening()?.clone(),
            duplicate_of: twin.map(|twin| twin.name.clone()),
            elapsed_ms: None,
            upload: file.sent().cloned().map(UploadRecord::Settled),
        })
    };
    files.iter().filter_map(entry).collect()
}

/// Writes a report, whole or not at all; tells what was written, or why not.
pub(super) fn write(export: &Export, entries: &[Entry]) -> Result<String, String> {
    let uploads = entries.iter().any(|entry| entry.upload.is_some());
    let scope = if uploads {
        Scope::Upload
    } else {
        Scope::Screening
    };
    let style = Style {
        color: false,
        symbols: Symbols::Unicode,
        width: None,
        name_width: 0,
        verbose: false,
        quiet: false,
    };
    let path = Path::new(&export.path);
    let write = || {
        let mut output = Output::open(Some(path))?;
        let mut renderer = report::renderer(export.format, style, scope);
        let mut summary = Summary::new();
        renderer.begin(output.writer())?;
        for entry in entries {
            summary.add(entry);
            renderer.entry(entry, output.writer())?;
        }
        renderer.end(&summary, None, output.writer())?;
        output.finish()
    };
    write()
        .map(|()| {
            let files = crate::text::columns::counted(entries.len(), "file");
            format!("{files} written to {}", export.path)
        })
        .map_err(|failure| failure.to_string())
}
