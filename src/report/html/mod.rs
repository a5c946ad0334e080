//! `html`: one self-contained web page, for readers who decide about the files without a command
//! line. It loads no resources and works without scripts.
//!
//! The content security policy allows only the built-in style and script, by their hashes. If the
//! escaping ever had a defect, an injected script would still be blocked. The counts precede the
//! files, and failed files precede the others, so the page is written at its end.

mod cases;
mod file;
mod groups;
mod markup;
mod requests;
mod summary;

use super::case_report::CaseReport;
use super::record::{ReportEntry, ReportSummary};
use super::{Renderer, ReportContext, Scope};
use crate::screen::ApplicantRequests;
use base64::Engine as _;
use groups::Groups;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::time::Duration;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The first bytes of every page, by which the program recognizes its own reports.
const PAGE_START: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
                          <meta name=\"generator\" content=\"bankscreen\">";

/// Collects the files until all are known.
pub(super) struct HtmlRenderer {
    context: ReportContext,
    groups: Groups,
    requests: ApplicantRequests,
    /// The sections of the cases.
    cases: Vec<u8>,
}

impl HtmlRenderer {
    pub(super) fn new(context: &ReportContext) -> Self {
        Self {
            context: context.clone(),
            groups: Groups::default(),
            requests: ApplicantRequests::default(),
            cases: Vec::new(),
        }
    }

    fn write_head(&self, out: &mut dyn Write) -> io::Result<()> {
        let title = match self.context.scope {
            Scope::Screening => "Bank statement screening",
            Scope::Upload => "Bank statement screening and upload",
        };
        // The empty icon prevents a request for /favicon.ico.
        write!(
            out,
            "{PAGE_START}\n\
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
        let is_duplicate = entry.duplicate_of.is_some();
        self.requests
            .add(&entry.name.text, &entry.screening, is_duplicate);
        self.groups.add(entry)
    }

    fn case(&mut self, case: &CaseReport, _: &mut dyn Write) -> io::Result<()> {
        cases::write(case, &self.context.texts, &mut self.cases)
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.write_head(out)?;
        summary::write_lead(summary, &self.groups, &self.context, out)?;
        summary::write_counts(summary, &self.groups, out)?;
        writeln!(out, "</header>\n<main>")?;
        if summary.cases.is_some() {
            // Each case asks its own applicant.
            out.write_all(&self.cases)?;
        } else if summary.files > 0 {
            let requested = self.context.requested_period;
            let needs = self.requests.needs(&summary.accounts, requested);
            requests::write(&needs, &self.context, out)?;
        }
        summary::write_coverage(&summary.accounts, out)?;
        self.groups.write(out)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{FileName, Format, Style, Symbols, renderer};
    use crate::screen::{Code, Finding, Screening};
    use crate::statement::DateRange;
    use jiff::civil::date;

    fn render(findings: impl IntoIterator<Item = Finding>) -> String {
        let context = ReportContext {
            scope: Scope::Screening,
            requested_period: Some(DateRange {
                from: date(2024, 1, 1),
                to: date(2024, 6, 30),
            }),
            day: date(2024, 7, 1),
            timings: false,
            csv_bom: false,
            texts: std::sync::Arc::default(),
        };
        let style = Style::plain(Symbols::Unicode);
        let (mut summary, mut out) = (ReportSummary::new(), Vec::new());
        let mut page = renderer(Format::Html, style, &context);
        for (index, finding) in findings.into_iter().enumerate() {
            let text = format!("folder/{index}.pdf");
            let entry = ReportEntry {
                name: FileName { text, bytes: None },
                bytes: None,
                screening: Screening::not_screened(finding),
                duplicate_of: None,
                case: None,
                elapsed_ms: None,
                upload: None,
            };
            summary.add(&entry);
            page.entry(&entry, &mut out).unwrap();
        }
        page.end(&summary, None, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Returns the part between the style and the script.
    fn body(page: &str) -> &str {
        let (_, body) = page.split_once("<body>").unwrap();
        body.split_once("<script>").unwrap().0
    }

    #[test]
    fn no_finding_leads_to_a_flag_on_the_page() {
        // Hints for the command line, which mention flags.
        let hints = Code::ALL.map(|code| {
            let hint = format!("{}; use --flag", code.explain().hint);
            Finding::error(code, "Message").with_hint(hint)
        });
        let page = render(hints);
        for code in Code::ALL {
            assert!(body(&page).contains(code.name()), "{code} is missing");
        }
        assert_eq!(body(&page).lines().find(|line| line.contains("--")), None);
    }

    #[test]
    fn requests_contain_no_codes_and_no_folders() {
        let page = render(Code::ALL.map(|code| Finding::error(code, "Message")));
        let (_, text) = page.split_once("<pre").unwrap();
        let (text, _) = text.split_once("</pre>").unwrap();
        assert!(text.contains(".pdf"), "{text}");
        assert!(!text.contains('_') && !text.contains("folder"), "{text}");
    }

    #[test]
    fn identifiers_are_unique_and_links_resolve() {
        let severities = [Finding::error, Finding::warning, Finding::note];
        let findings = severities.map(|finding| finding(Code::PdfIsImage, "Message"));
        for count in 0..=findings.len() {
            let page = render(findings.iter().take(count).cloned());
            let values = |attribute: &str| -> Vec<String> {
                let values = page.split(attribute).skip(1);
                let values = values.map(|rest| rest.split('"').next().unwrap().to_owned());
                values.collect()
            };
            let mut ids = values(" id=\"");
            let all = ids.len();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), all, "{ids:?}");
            for reference in [" href=\"#", " for=\"", " aria-labelledby=\""] {
                for target in values(reference) {
                    assert!(ids.contains(&target), "{reference}{target}");
                }
            }
        }
    }

    #[test]
    fn the_day_of_the_run_occurs_once() {
        let page = render([Finding::error(Code::EmptyFile, "Message")]);
        assert_eq!(page.matches("1 July 2024").count(), 1);
        assert_eq!(page.matches("2024-07-01").count(), 1);
    }
}
