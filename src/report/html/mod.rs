//! `html`: one self-contained web page. It loads no resources and works without scripts.
//!
//! The content security policy allows only the built-in style and script, by their hashes. If the
//! escaping ever had a defect, an injected script would still be blocked. The counts precede the
//! files, so the page is written at its end.

mod file;
mod markup;
mod summary;

use super::record::{ReportEntry, ReportSummary};
use super::{Renderer, Scope};
use base64::Engine as _;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::time::Duration;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Collects the files until the counts are final.
pub(super) struct HtmlRenderer {
    scope: Scope,
    files: Vec<u8>,
}

impl HtmlRenderer {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            scope,
            files: Vec::new(),
        }
    }

    fn write_head(&self, out: &mut dyn Write) -> io::Result<()> {
        let title = match self.scope {
            Scope::Screening => "Bank statement screening",
            Scope::Upload => "Bank statement screening and upload",
        };
        // The empty icon prevents a request for /favicon.ico.
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; \
             form-action 'none'\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n",
            hash(STYLE),
            hash(SCRIPT),
        )
    }
}

impl Renderer for HtmlRenderer {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &ReportEntry, _: &mut dyn Write) -> io::Result<()> {
        file::write(entry, &mut self.files)
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.write_head(out)?;
        summary::write_counts(summary, out)?;
        writeln!(out, "</header>\n<main>")?;
        summary::write_coverage(&summary.accounts, out)?;
        writeln!(out, "<section>\n<h2>Files</h2>")?;
        if self.files.is_empty() {
            writeln!(out, "<p class=\"none\">No files were screened.</p>")?;
        } else {
            summary::write_filter(summary, out)?;
            writeln!(out, "<ul class=\"files\">")?;
            out.write_all(&self.files)?;
            writeln!(out, "</ul>")?;
            summary::write_legend(out)?;
        }
        writeln!(out, "</section>")?;
        summary::write_codes(summary, out)?;
        writeln!(
            out,
            "</main>\n<footer>bankscreen {}. This page loads no external resources.</footer>\n\
             <script>{SCRIPT}</script>\n</body>\n</html>",
            env!("CARGO_PKG_VERSION")
        )?;
        out.flush()
    }
}

/// Returns the source expression of the content security policy that allows this text.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    let engine = base64::engine::general_purpose::STANDARD;
    format!("sha256-{}", engine.encode(digest))
}
