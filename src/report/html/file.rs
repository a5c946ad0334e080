//! One file of the page: verdict, bank, page map, diagnostics and details.

use super::markup::{class_name, escape, page_map};
use crate::pdf::{EncryptionStatus, PageClass};
use crate::report::ReportEntry;
use crate::report::diagnostic::{Diagnostic, diagnostics};
use crate::report::record::status_name;
use crate::screen::{Screening, Verdict};
use crate::statement::{AccountCategory, PeriodSource};
use crate::text::columns::{counted, page_ranges};
use crate::uploads::plan::OutcomeKind;
use std::io::{self, Write};

/// Writes the list item of one file.
pub(super) fn write(entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
    let screening = &entry.screening;
    let verdict = screening.verdict.name();
    let symbol = match screening.verdict {
        Verdict::Pass => "✔",
        Verdict::Warn => "▲",
        Verdict::Fail => "✖",
    };
    writeln!(
        out,
        "<li class=\"file {verdict}\">\n<div class=\"head\">\
         <span class=\"badge {verdict}\">{symbol} {verdict}</span>\
         <span class=\"name\"><bdi>{}</bdi>{}</span>\
         <span class=\"bank\">{}</span><span class=\"pages\">{}</span></div>",
        escape(&entry.name.text),
        outcome_badge(entry),
        bank(screening),
        pages(screening),
    )?;
    let diagnostics = diagnostics(entry);
    if !diagnostics.is_empty() {
        writeln!(out, "<ul class=\"diagnostics\">")?;
        for diagnostic in &diagnostics {
            write_diagnostic(diagnostic, out)?;
        }
        writeln!(out, "</ul>")?;
    }
    write_details(entry, out)?;
    writeln!(out, "</li>")
}

/// Returns a badge with the upload outcome; nothing if the run uploads nothing.
fn outcome_badge(entry: &ReportEntry) -> String {
    let Some(upload) = &entry.upload else {
        return String::new();
    };
    let class = match upload.kind() {
        Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded) => "pass",
        Some(OutcomeKind::Skipped) => "warn",
        Some(OutcomeKind::Rejected | OutcomeKind::Unknown) => "fail",
        None => "note",
    };
    let name = upload.outcome_name();
    format!(" <span class=\"badge outcome {class}\">{name}</span>")
}

fn bank(screening: &Screening) -> String {
    screening.statement.issuer.as_ref().map_or_else(
        || "bank not detected".to_owned(),
        |issuer| {
            let percent = (issuer.confidence * 100.0).floor();
            format!("<b>{}</b> {percent:.0}&nbsp;%", escape(issuer.bank.name()))
        },
    )
}

fn pages(screening: &Screening) -> String {
    let encryption = screening.encryption.as_ref();
    let locked = encryption.is_some_and(|encryption| encryption.status == EncryptionStatus::Locked);
    match &screening.document {
        Some(document) => format!(
            "<span>{}</span>{}",
            counted(document.page_count, "page"),
            page_map(&document.pages, &describe_classes(&document.pages)),
        ),
        None if locked => "<span>locked</span>".to_owned(),
        None => "<span>no pages</span>".to_owned(),
    }
}

/// Describes the page map for screen readers: `2 text (pages 1-2), 1 scanned (page 3)`.
fn describe_classes(pages: &[PageClass]) -> String {
    let parts = PageClass::ALL.into_iter().filter_map(|class| {
        let numbered = pages.iter().enumerate();
        let members: Vec<usize> = numbered
            .filter(|(_, page)| **page == class)
            .map(|(index, _)| index + 1)
            .collect();
        let part = format!(
            "{} {} ({})",
            members.len(),
            class_name(class),
            page_ranges(&members)
        );
        (!members.is_empty()).then_some(part)
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn write_diagnostic(diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<li class=\"{}\"><code>{}</code><div><p>{}</p>",
        diagnostic.severity.name(),
        diagnostic.rule.name(),
        escape(&diagnostic.message)
    )?;
    if let Some(hint) = &diagnostic.hint {
        write!(out, "<p class=\"hint\">{}</p>", escape(hint))?;
    }
    writeln!(out, "</div></li>")
}

fn write_details(entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = [
        upload_rows(entry),
        statement_rows(entry),
        document_rows(entry),
    ]
    .concat();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details><summary>Details</summary><dl>")?;
    for (label, value) in rows {
        writeln!(
            out,
            "<dt>{label}</dt><dd><bdi>{}</bdi></dd>",
            escape(&value)
        )?;
    }
    writeln!(out, "</dl></details>")
}

/// Labels and values.
type Rows = Vec<(&'static str, String)>;

fn upload_rows(entry: &ReportEntry) -> Rows {
    let Some(upload) = &entry.upload else {
        return Vec::new();
    };
    let message = format!("{}: {}", upload.outcome_name(), upload.message());
    let session = upload.settled().and_then(|settled| settled.session.clone());
    let mut rows = vec![("Upload", message)];
    rows.extend(session.map(|id| ("Session", id)));
    rows.extend(upload.answer().map(|answer| ("Answer", answer.line())));
    rows
}

fn statement_rows(entry: &ReportEntry) -> Rows {
    let facts = &entry.screening.statement;
    let mut rows = Vec::new();
    rows.extend(facts.period.map(|period| {
        let source = match period.source {
            PeriodSource::Printed => "",
            PeriodSource::Transactions => " (first and last transaction)",
        };
        (
            "Period",
            format!("{} to {}{source}", period.from, period.to),
        )
    }));
    let account = facts.account.as_ref();
    rows.extend(account.map(|account| ("Account", account.masked.clone())));
    rows.extend(facts.ifsc.clone().map(|ifsc| ("IFSC", ifsc)));
    let category = facts.category.map(AccountCategory::name);
    rows.extend(category.map(|name| ("Category", name.to_owned())));
    let evidence = facts.issuer.as_ref().map(|issuer| &issuer.evidence);
    rows.extend(evidence.map(|evidence| ("Evidence", evidence.join(", "))));
    rows
}

fn document_rows(entry: &ReportEntry) -> Rows {
    let screening = &entry.screening;
    let mut rows = Vec::new();
    if let Some(document) = &screening.document {
        let metadata = &document.metadata;
        rows.push(("PDF version", metadata.version.clone()));
        for (label, value) in [
            ("Producer", &metadata.producer),
            ("Creator", &metadata.creator),
            ("Created", &metadata.created),
            ("Modified", &metadata.modified),
        ] {
            rows.extend(value.clone().map(|value| (label, value)));
        }
    }
    let encryption = screening.encryption.as_ref();
    let encryption = encryption.filter(|encryption| encryption.status != EncryptionStatus::None);
    rows.extend(encryption.map(|encryption| {
        let password_from = screening.password_from.map(|id| id.to_string());
        let parts = [
            Some(status_name(encryption.status)),
            encryption.method.as_deref(),
            password_from.as_deref(),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        ("Encryption", parts.join(", "))
    }));
    let duplicate_of = entry.duplicate_of.as_ref();
    rows.extend(duplicate_of.map(|name| ("Duplicate of", name.text.clone())));
    rows.extend(entry.bytes.map(|bytes| ("Bytes", bytes.to_string())));
    let content = screening.content;
    rows.extend(content.map(|hash| ("SHA-256", hash.to_string())));
    rows.extend(
        entry
            .elapsed_ms
            .map(|ms| ("Screened in", format!("{ms:.1} ms"))),
    );
    rows
}
