//! `html`: one page for a browser, whole in itself: it loads nothing, and runs without scripts.
//!
//! The policy in its head lets only the style and the script run that are written here, by their
//! hashes: were there ever a hole in the escaping, no script could come through it. The counts
//! stand above the files, so the page is written at its end.

mod file;
mod markup;
mod totals;

use super::record::{Entry, Summary};
use super::{Renderer, Scope};
use base64::Engine as _;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::time::Duration;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Holds the files until the counts are known.
pub(super) struct Html {
    scope: Scope,
    files: Vec<u8>,
}

impl Html {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            scope,
            files: Vec::new(),
        }
    }

    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        let title = match self.scope {
            Scope::Screening => "Bank statements, screened",
            Scope::Upload => "Bank statements, screened for upload",
        };
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

impl Renderer for Html {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, _: &mut dyn Write) -> io::Result<()> {
        file::write(entry, &mut self.files)
    }

    fn end(
        &mut self,
        summary: &Summary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.head(out)?;
        totals::write(summary, out)?;
        writeln!(out, "</header>\n<main>")?;
        totals::coverage(&summary.accounts, out)?;
        writeln!(out, "<section>\n<h2>Files</h2>")?;
        if self.files.is_empty() {
            writeln!(out, "<p class=\"none\">There was no file to screen.</p>")?;
        } else {
            totals::tools(summary, out)?;
            writeln!(out, "<ul class=\"files\">")?;
            out.write_all(&self.files)?;
            writeln!(out, "</ul>")?;
            totals::legend(out)?;
        }
        writeln!(out, "</section>")?;
        totals::codes(summary, out)?;
        writeln!(
            out,
            "</main>\n<footer>bankscreen {}. This page loads nothing from anywhere.</footer>\n\
             <script>{SCRIPT}</script>\n</body>\n</html>",
            env!("CARGO_PKG_VERSION")
        )?;
        out.flush()
    }
}

/// A source of the content security policy: what has this hash may run.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    let engine = base64::engine::general_purpose::STANDARD;
    format!("sha256-{}", engine.encode(digest))
}
