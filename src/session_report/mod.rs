//! Saves the insights of a processed session, or their spreadsheet.
//!
//! Both are personal data. They are written to a private file only, and nothing of them is printed.

mod destination;

use crate::bankconnect::wire::{
    ApiError, Indeterminate, InsightsHeader, SpreadsheetLink, ZIP_TAIL_BYTES, is_zip,
    parse_insights,
};
use crate::bankconnect::{Client, DownloadError, LinkError, MAX_REPORT_BYTES};
use crate::error::AppError;
use crate::output::OutputGuard;
use destination::ReportFile;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;

/// What is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    /// The insights as the service returned them.
    Json,
    /// The spreadsheet to which the insights link.
    Spreadsheet,
}

/// What is saved, and where.
#[derive(Debug, Clone)]
pub(crate) struct ReportOptions {
    pub(crate) format: ReportFormat,
    /// The file; `-` is standard output.
    pub(crate) output: PathBuf,
    /// Whether an existing file is replaced, and a terminal written to.
    pub(crate) force: bool,
}

/// A report whose destination is open.
pub(crate) struct SessionReport {
    format: ReportFormat,
    file: ReportFile,
}

/// A report that was saved.
pub(crate) struct SavedReport {
    pub(crate) bytes: u64,
    pub(crate) is_standard_output: bool,
}

impl SessionReport {
    /// Checks and opens the destination.
    ///
    /// # Errors
    ///
    /// If it is a terminal or an existing file without force, a file that this program uses, or
    /// can't be written.
    pub(crate) fn open(options: &ReportOptions, guard: OutputGuard) -> Result<Self, AppError> {
        Ok(Self {
            format: options.format,
            file: ReportFile::open(options, guard)?,
        })
    }

    /// Downloads the report of the session `id`.
    ///
    /// # Errors
    ///
    /// If the service has none, its answer is incomplete, or it can't be written.
    pub(crate) async fn download(&mut self, client: &Client, id: &str) -> Result<(), AppError> {
        let download = Download { client, id };
        match self.format {
            ReportFormat::Json => download.insights(&mut self.file).await,
            ReportFormat::Spreadsheet => download.spreadsheet(&mut self.file).await,
        }
    }

    /// Makes the complete report appear at the destination.
    ///
    /// # Errors
    ///
    /// If it can't be written, or another program has created the file in the meantime.
    pub(crate) fn save(mut self) -> Result<SavedReport, AppError> {
        let saved = SavedReport {
            bytes: self.file.bytes()?,
            is_standard_output: self.file.is_standard_output(),
        };
        self.file.finish()?;
        Ok(saved)
    }
}

/// The downloads of one session.
struct Download<'a> {
    client: &'a Client,
    id: &'a str,
}

impl Download<'_> {
    /// Writes the insights as the service returned them.
    async fn insights(&self, file: &mut ReportFile) -> Result<(), AppError> {
        let downloaded = self.client.insights(self.id, file.content()).await;
        downloaded.map_err(|error| insights_error(error, file))?;
        rewind(file)?;
        self.header(BufReader::new(file.content()))?;
        Ok(())
    }

    /// Writes the spreadsheet to which the insights link. The insights are not kept.
    async fn spreadsheet(&self, file: &mut ReportFile) -> Result<(), AppError> {
        let link = self.spreadsheet_link(file).await?;
        let downloaded = self.client.spreadsheet(&link, file.content()).await;
        downloaded.map_err(|error| spreadsheet_error(error, file))?;
        if is_spreadsheet(file.content()).map_err(|error| file.error(error))? {
            return Ok(());
        }
        Err(AppError::network(
            "the link to the spreadsheet leads to another kind of file, or to an incomplete one",
            "run the same command again, or use --format json",
        ))
    }

    async fn spreadsheet_link(&self, file: &ReportFile) -> Result<SpreadsheetLink, AppError> {
        let mut insights = Cursor::new(Vec::new());
        let downloaded = self.client.insights(self.id, &mut insights).await;
        downloaded.map_err(|error| insights_error(error, file))?;
        let header = self.header(Cursor::new(insights.get_ref().as_slice()))?;
        header.spreadsheet.ok_or_else(|| {
            AppError::network(
                "the service provides no link to a spreadsheet of this session",
                "use --format json, or ask FinBox to enable spreadsheets",
            )
        })
    }

    /// Parses complete insights of this session.
    fn header(&self, insights: impl io::BufRead) -> Result<InsightsHeader, AppError> {
        let header = parse_insights(insights).ok_or_else(|| {
            AppError::network(
                "the service's answer is not a complete report; nothing was saved",
                "check the base URL, and run the same command again",
            )
        })?;
        match &header.session_id {
            Some(id) if id.as_str() != self.id => Err(AppError::network(
                format!("the service's answer is about another session, {id}; nothing was saved"),
                "report it to FinBox",
            )),
            _ => Ok(header),
        }
    }
}

const RETRY: &str = "run the same command again; nothing was saved";

fn insights_error(error: DownloadError, file: &ReportFile) -> AppError {
    match error {
        DownloadError::Call(error) => call_error("download the report", error),
        error => spreadsheet_error(error, file),
    }
}

fn spreadsheet_error(error: DownloadError, file: &ReportFile) -> AppError {
    match error {
        DownloadError::Write(error) => file.error(error),
        DownloadError::Call(error @ ApiError::NotSent { .. }) => {
            let hint = "check the connection and the proxy; the spreadsheet is on another host \
                        than the service";
            AppError::call("download the spreadsheet", error).with_hint(hint)
        }
        DownloadError::Call(error) => call_error("download the spreadsheet", error),
        DownloadError::Link(error) => {
            let message = format!("could not download the spreadsheet: {error}");
            AppError::network(message, link_hint(error))
        }
    }
}

/// Returns the error of a failed call. A download changes nothing, so it can always be repeated.
fn call_error(action: &str, error: ApiError) -> AppError {
    let reason = match &error {
        ApiError::Indeterminate { reason, .. } => Some(*reason),
        _ => None,
    };
    let error = AppError::call(action, error);
    match reason {
        Some(Indeterminate::TooLong) => error.with_hint(format!(
            "download it with another program; bankscreen saves at most {} MiB",
            MAX_REPORT_BYTES >> 20
        )),
        Some(_) => error.with_hint(RETRY),
        None => error,
    }
}

fn link_hint(error: LinkError) -> &'static str {
    match error {
        LinkError::Rejected(_) => "run the same command again: it requests a new link",
        LinkError::ServerError(_) => RETRY,
        LinkError::Syntax | LinkError::Unsafe | LinkError::Redirected(_) => {
            "use --format json, and report the problem to FinBox"
        }
    }
}

/// Moves to the start of the content.
fn rewind(file: &mut ReportFile) -> Result<(), AppError> {
    let moved = file.content().seek(SeekFrom::Start(0));
    moved.map(drop).map_err(|error| file.error(error))
}

/// Returns whether the content is a complete spreadsheet, by its start and its end.
fn is_spreadsheet<C: Read + Seek + ?Sized>(content: &mut C) -> io::Result<bool> {
    let mut start = Vec::new();
    content.seek(SeekFrom::Start(0))?;
    (&mut *content).take(4).read_to_end(&mut start)?;
    let bytes = content.seek(SeekFrom::End(0))?;
    let mut tail = Vec::new();
    content.seek(SeekFrom::Start(bytes.saturating_sub(ZIP_TAIL_BYTES)))?;
    content.read_to_end(&mut tail)?;
    Ok(is_zip(&start, &tail))
}
