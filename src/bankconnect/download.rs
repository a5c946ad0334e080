//! Downloads the reports of a session, which can be larger than other responses, to a writer.
//!
//! Insights come from the service itself. Their spreadsheet comes from a link in them, usually at
//! another origin, and is requested without credentials.

use super::base_url::is_loopback;
use super::client::{Client, ClientError, http_client};
use super::request_body::BodyProgress;
use super::transport::{self, CallContext, Deadlines, ResponseReader};
use super::wire::{ApiError, Indeterminate, NotSent, Redactor, SanitizedText, SpreadsheetLink};
use reqwest::{Method, Request, Response, StatusCode};
use std::io::{self, Write};
use tokio::time::{Instant, timeout_at};
use url::Url;

/// Maximum bytes of a report.
pub const MAX_REPORT_BYTES: u64 = 64 << 20;
/// Bytes that are redacted and written at a time.
const BLOCK_BYTES: usize = 1 << 20;
/// Bytes at the end of a block that are kept for the next one, because a secret can begin in them.
/// Longer than any secret, also in an encoded form.
const OVERLAP_BYTES: usize = 64 << 10;

/// A failed download. What was written until then is incomplete.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The request failed, or the response is incomplete or too long.
    #[error(transparent)]
    Call(#[from] ApiError),
    /// The link to the spreadsheet can't be used.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The report could not be written.
    #[error("could not write the report")]
    Write(#[source] io::Error),
}

/// Why the link to a spreadsheet can't be used. The link itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The link is not a URL.
    #[error("the link to the spreadsheet is not a valid URL")]
    Syntax,
    /// The link does not use https, or leads to this machine.
    #[error("the link to the spreadsheet does not use https, or leads to this machine")]
    Unsafe,
    /// The link leads to a redirect, which is never followed.
    #[error("the link to the spreadsheet leads to a redirect (HTTP {0})")]
    Redirected(u16),
    /// The server rejects the link.
    #[error("the link to the spreadsheet has expired or is not valid (HTTP {0})")]
    Rejected(u16),
    /// The server failed.
    #[error("the server of the spreadsheet failed (HTTP {0})")]
    ServerError(u16),
}

impl Client {
    /// Writes the insights of a processed session to `sink`, with credentials redacted. Returns
    /// the number of bytes.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call, or of the writer.
    pub async fn insights(
        &self,
        session_id: &str,
        sink: &mut dyn Write,
    ) -> Result<u64, DownloadError> {
        let request = self.session_request(Method::GET, session_id, "insights")?;
        let in_flight = self.begin(("GET", "insights"), Some(session_id));
        let progress = BodyProgress::default();
        let redactor = self.credentials.redactor(None);
        let context = self.context(&progress, &redactor, in_flight.started());
        let written = self.copy_insights(request, &context, sink).await;
        match &written {
            Err(DownloadError::Call(error)) => in_flight.end(None, Some(error)),
            Ok(_) | Err(DownloadError::Link(_) | DownloadError::Write(_)) => {
                in_flight.end(None, None);
            }
        }
        written
    }

    async fn copy_insights(
        &self,
        request: Request,
        context: &CallContext<'_>,
        sink: &mut dyn Write,
    ) -> Result<u64, DownloadError> {
        let response = transport::send(&self.http, request, context).await?;
        if !response.status().is_success() {
            let reader = ResponseReader {
                parse: |_: &[u8]| None::<()>,
                contradicts: |_| false,
            };
            let failure = transport::read(response, context, true, reader).await;
            let failure = failure.err();
            return Err(failure
                .unwrap_or_else(|| incomplete(Indeterminate::InvalidBody))
                .into());
        }
        let mut sink = RedactedSink::new(sink, context.redactor);
        let written = copy(response, context, |chunk| sink.write(chunk)).await?;
        sink.flush(0).map_err(DownloadError::Write)?;
        Ok(written)
    }

    /// Writes the spreadsheet behind a link to `sink`. Returns the number of bytes.
    ///
    /// The link is requested over https, without credentials, and redirects are not followed. Plain
    /// http is allowed only if both the service and the link are on this machine, as in a sandbox.
    ///
    /// # Errors
    ///
    /// Returns the failure of the request, or of the writer. No error contains the link.
    pub async fn spreadsheet(
        &self,
        link: &SpreadsheetLink,
        sink: &mut dyn Write,
    ) -> Result<u64, DownloadError> {
        let url = link_url(link, self.base.is_loopback())?;
        let http = http_client(&self.deadlines, is_loopback(&url)).map_err(no_tls)?;
        let progress = BodyProgress::default();
        let redactor = self.credentials.redactor(None);
        let context = self.context(&progress, &redactor, Instant::now());
        let request = Request::new(Method::GET, url);
        let response = transport::send(&http, request, &context).await?;
        let status = response.status();
        match status.as_u16() {
            200 => copy(response, &context, |chunk| sink.write_all(chunk)).await,
            code @ 300..=399 => Err(LinkError::Redirected(code).into()),
            code @ 400..=499 => Err(LinkError::Rejected(code).into()),
            code => Err(LinkError::ServerError(code).into()),
        }
    }

    fn context<'c>(
        &'c self,
        progress: &'c BodyProgress,
        redactor: &'c Redactor,
        started: Instant,
    ) -> CallContext<'c> {
        CallContext {
            deadlines: &self.deadlines,
            progress,
            redactor,
            started,
        }
    }
}

/// Returns the URL of a link, if it may be requested.
fn link_url(link: &SpreadsheetLink, base_is_loopback: bool) -> Result<Url, LinkError> {
    let url = Url::parse(link.expose()).map_err(|_cause| LinkError::Syntax)?;
    let is_allowed = match (url.scheme(), is_loopback(&url)) {
        // A service elsewhere has no business with servers on this machine.
        ("https", is_local) => !is_local || base_is_loopback,
        ("http", is_local) => is_local && base_is_loopback,
        _ => false,
    };
    if is_allowed {
        Ok(url)
    } else {
        Err(LinkError::Unsafe)
    }
}

fn no_tls(ClientError::Tls(error): ClientError) -> ApiError {
    ApiError::NotSent {
        reason: NotSent::Tls,
        detail: SanitizedText::new(&error.to_string()),
    }
}

fn incomplete(reason: Indeterminate) -> ApiError {
    ApiError::Indeterminate {
        reason,
        http_status: Some(StatusCode::OK.as_u16()),
        // The body is personal data.
        excerpt: SanitizedText::new(""),
    }
}

/// Copies the body of a response, at most [`MAX_REPORT_BYTES`].
///
/// Each chunk has the deadline for reading, because a large report takes longer than it as a whole.
async fn copy(
    mut response: Response,
    context: &CallContext<'_>,
    mut write: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<u64, DownloadError> {
    let too_long = || incomplete(Indeterminate::TooLong);
    if response
        .content_length()
        .is_some_and(|length| length > MAX_REPORT_BYTES)
    {
        return Err(too_long().into());
    }
    let Deadlines { read, total, .. } = *context.deadlines;
    let mut written = 0;
    loop {
        let deadline = (Instant::now() + read).min(context.started + total);
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                written += chunk.len() as u64;
                if written > MAX_REPORT_BYTES {
                    return Err(too_long().into());
                }
                write(&chunk).map_err(DownloadError::Write)?;
            }
            Ok(Ok(None)) => return Ok(written),
            Ok(Err(_)) | Err(_) => return Err(incomplete(Indeterminate::Truncated).into()),
        }
    }
}

/// Redacts the credentials in a stream, also if they are split between chunks.
struct RedactedSink<'s> {
    sink: &'s mut dyn Write,
    redactor: &'s Redactor,
    buffer: Vec<u8>,
}

impl<'s> RedactedSink<'s> {
    fn new(sink: &'s mut dyn Write, redactor: &'s Redactor) -> Self {
        Self {
            sink,
            redactor,
            buffer: Vec::new(),
        }
    }

    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(chunk);
        if self.buffer.len() < BLOCK_BYTES + OVERLAP_BYTES {
            return Ok(());
        }
        self.flush(OVERLAP_BYTES)
    }

    /// Redacts the buffer and writes it, except for `kept` bytes at its end.
    fn flush(&mut self, kept: usize) -> io::Result<()> {
        self.redactor.mask_bytes(&mut self.buffer);
        let end = self.buffer.len().saturating_sub(kept);
        self.sink
            .write_all(self.buffer.get(..end).unwrap_or_default())?;
        self.buffer.drain(..end);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::parse_insights;
    use super::*;

    fn link(url: &str) -> SpreadsheetLink {
        let body = format!(r#"{{"session_id": "s", "aggregate_xlsx_report_url": "{url}"}}"#);
        let header = parse_insights(body.as_bytes()).unwrap();
        header.spreadsheet.unwrap()
    }

    #[test]
    fn links_use_https_unless_service_and_link_are_on_this_machine() {
        let check = |url: &str, from_service: bool, from_loopback: bool| {
            assert_eq!(link_url(&link(url), false).is_ok(), from_service, "{url}");
            assert_eq!(link_url(&link(url), true).is_ok(), from_loopback, "{url}");
        };
        check("https://files.example.com/1?signature=x", true, true);
        check("http://files.example.com/1", false, false);
        check("http://127.0.0.1:8080/1", false, true);
        check("https://localhost/1", false, true);
        check("file:///etc/passwd", false, false);
        check("report.xlsx", false, false);
    }

    #[test]
    fn credentials_are_redacted_across_chunks_and_blocks() {
        let redactor = Redactor::new(["canary-key"]);
        let mut text = vec![b'x'; BLOCK_BYTES - 5];
        text.extend_from_slice(b"canary-key");
        text.resize(3 * BLOCK_BYTES, b'y');
        text.extend_from_slice(b"canary-key");
        for chunk_bytes in [7, 4096, BLOCK_BYTES, 4 * BLOCK_BYTES] {
            let mut written = Vec::new();
            let mut sink = RedactedSink::new(&mut written, &redactor);
            for chunk in text.chunks(chunk_bytes) {
                sink.write(chunk).unwrap();
            }
            sink.flush(0).unwrap();
            assert_eq!(written.len(), text.len());
            assert_eq!(memchr::memmem::find(&written, b"canary"), None);
            let redacted = memchr::memmem::find_iter(&written, b"**********");
            assert_eq!(redacted.count(), 2);
        }
    }
}
