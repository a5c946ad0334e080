//! `bankscreen session report`: saves the insights of a processed session, or their spreadsheet.
//!
//! Both are personal data. They are written to a private file only, and nothing of them is printed.

use super::report_file::ReportFile;
use super::{Completion, InterruptibleCalls, samples};
use crate::bankconnect::wire::{
    ApiError, Indeterminate, InsightsHeader, SpreadsheetLink, ZIP_TAIL_BYTES, is_zip,
    parse_insights,
};
use crate::bankconnect::{Client, DownloadError, LinkError, MAX_REPORT_BYTES};
use crate::cli::ExitStatus;
use crate::cli::args::{ReportArgs, ReportFormatArg};
use crate::cli::context::Context;
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::error::AppError;
use crate::text::columns::thousands;
use crate::text::sanitize;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

/// Downloads the report and saves it.
pub(super) fn run(args: &ReportArgs, context: &Context) -> Result<ExitStatus, AppError> {
    // Opened first, so that an unusable path is reported before a key is read.
    let mut file = ReportFile::open(args, context)?;
    let options = ConnectionOptions::from(&args.connection);
    let connection = Connection::open(&options, &context.settings, Required::ServerHash)?;
    let calls = InterruptibleCalls::new(context)?;
    let completion = calls.run(async {
        let client = &connection.client;
        let id = match &args.session_id {
            Some(id) => id.clone(),
            None => samples::process(client).await?,
        };
        let download = Download { client, id: &id };
        match args.format {
            ReportFormatArg::Json => download.insights(&mut file).await?,
            ReportFormatArg::Xlsx => download.spreadsheet(&mut file).await?,
        }
        Ok(id)
    })?;
    let id = match completion {
        Completion::Done(id) => id,
        Completion::Interrupted(status) => return Ok(status),
    };
    let bytes = file.bytes()?;
    let path = args.output.to_string_lossy();
    let is_printed = file.is_standard_output();
    file.finish()?;
    if !is_printed {
        context.notices.info(format_args!(
            "saved the report of session {} to {} ({} bytes, with personal data)",
            sanitize(&id),
            sanitize(&path),
            thousands(usize::try_from(bytes).unwrap_or(usize::MAX))
        ));
    }
    Ok(ExitStatus::Passed)
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
