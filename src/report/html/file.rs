//! One file of the page: verdict, name, page map, facts, diagnostics and details.

use super::super::{ledger, signatures};
use super::markup::{class_name, escape, page_map};
use crate::pdf::{EncryptionStatus, PageClass};
use crate::report::ReportEntry;
use crate::report::diagnostic::{Diagnostic, diagnostics};
use crate::report::record::status_name;
use crate::screen::{CONFIDENCE_THRESHOLD, Screening, Severity, Verdict};
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
         <span class=\"badge {verdict}\"><span aria-hidden=\"true\">{symbol}</span> {verdict}\
         </span><span class=\"name\">{}{}</span><span class=\"pages\">{}</span></div>",
        name(&entry.name.text),
        outcome_badge(entry),
        pages(screening),
    )?;
    let facts = facts(screening);
    if !facts.is_empty() {
        writeln!(out, "<p class=\"facts\">{}</p>", facts.join(" · "))?;
    }
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

/// Returns the name with its folder, which is less important.
fn name(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, base)) => format!(
            "<bdi><span class=\"folder\">{}/</span>{}</bdi>",
            escape(folder),
            escape(base)
        ),
        None => format!("<bdi>{}</bdi>", escape(path)),
    }
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

/// Returns bank, account and period, as far as they are known.
fn facts(screening: &Screening) -> Vec<String> {
    let facts = &screening.statement;
    let bank = facts.issuer.as_ref().map(|issuer| {
        let likely = if issuer.confidence < CONFIDENCE_THRESHOLD {
            "likely "
        } else {
            ""
        };
        format!("{likely}<b>{}</b>", escape(issuer.bank.name()))
    });
    let account = facts.account.as_ref();
    let account = account.map(|account| format!("account {}", escape(&account.masked)));
    let period = facts.period.map(|period| {
        let days = period.days().in_words();
        match period.source {
            PeriodSource::Printed => days,
            PeriodSource::Transactions => format!("transactions from {days}"),
            PeriodSource::Partial => format!("transactions of some pages from {days}"),
        }
    });
    [bank, account, period].into_iter().flatten().collect()
}

fn pages(screening: &Screening) -> String {
    let encryption = screening.encryption.as_ref();
    let locked = encryption.is_some_and(|encryption| encryption.status == EncryptionStatus::Locked);
    match &screening.document {
        Some(document) if locked => {
            format!(
                "<span>{}, locked</span>",
                counted(document.page_count, "page")
            )
        }
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

/// Writes a diagnostic with advice in place of its hint, which is for the command line.
fn write_diagnostic(diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
    let severity = diagnostic.severity.name();
    write!(
        out,
        "<li class=\"{severity}\"><p><span class=\"sr\">{severity}: </span>{}</p>",
        escape(&diagnostic.message)
    )?;
    if diagnostic.severity > Severity::Note {
        let advice = diagnostic.rule.advice();
        write!(out, "<p class=\"hint\">{}</p>", escape(&advice))?;
    }
    writeln!(out, "<code>{}</code></li>", diagnostic.rule.name())
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
    rows.extend(facts.ifsc.clone().map(|ifsc| ("IFSC", ifsc)));
    let category = facts.category.map(AccountCategory::name);
    rows.extend(category.map(|name| ("Category", name.to_owned())));
    let ledger = facts.ledger.as_ref();
    rows.extend(ledger.map(|ledger| ("Transactions", ledger::describe(ledger))));
    if let Some(issuer) = &facts.issuer {
        // Rounded down, because 99.9 % must not be displayed as 100 %.
        let percent = (issuer.confidence * 100.0).floor();
        rows.push(("Bank confidence", format!("{percent:.0} %")));
        rows.push(("Evidence", issuer.evidence.join(", ")));
    }
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
    let document = screening.document.as_ref();
    for signature in document
        .into_iter()
        .flat_map(|document| &document.signatures)
    {
        rows.push(("Signature", signatures::describe(signature)));
        rows.push(("Signer", signatures::describe_signer(signature)));
    }
    let encryption = screening.encryption.as_ref();
    let encryption = encryption.filter(|encryption| encryption.status != EncryptionStatus::None);
    rows.extend(encryption.map(|encryption| {
        let password_from = screening.password_from.as_ref().map(ToString::to_string);
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
