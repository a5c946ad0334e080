//! One file of the page: verdict, bank, pages, what is wrong, and what else is known.

use super::markup::{class_name, escape, strip};
use crate::pdf::{EncryptionStatus, PageClass};
use crate::report::columns::{counted, page_ranges};
use crate::report::record::status_name;
use crate::report::told::{Told, told};
use crate::report::{Entry, Sent};
use crate::screen::{Screening, Verdict};
use crate::statement::{Category, PeriodSource};
use crate::uploads::plan::OutcomeKind;
use std::io::{self, Write};

/// Writes a list item.
pub(super) fn write(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let screening = &entry.screening;
    let verdict = screening.verdict.name();
    let sign = match screening.verdict {
        Verdict::Pass => "✔",
        Verdict::Warn => "▲",
        Verdict::Fail => "✖",
    };
    writeln!(
        out,
        "<li class=\"file {verdict}\">\n<div class=\"head\">\
         <span class=\"badge {verdict}\">{sign} {verdict}</span>\
         <span class=\"name\"><bdi>{}</bdi>{}</span>\
         <span class=\"bank\">{}</span><span class=\"pages\">{}</span></div>",
        escape(&entry.name.text),
        sent(entry),
        bank(screening),
        pages(screening),
    )?;
    let told = told(entry);
    if !told.is_empty() {
        writeln!(out, "<ul class=\"told\">")?;
        told.iter().try_for_each(|told| finding(told, out))?;
        writeln!(out, "</ul>")?;
    }
    details(entry, out)?;
    writeln!(out, "</li>")
}

/// What became of the upload, in a word.
fn sent(entry: &Entry) -> String {
    let word = entry.upload.as_ref().map(Sent::word);
    let class = match entry.upload.as_ref().and_then(|sent| sent.outcome.as_ref()) {
        Some(outcome) if outcome.kind.is_uploaded() => "pass",
        Some(outcome) if outcome.kind == OutcomeKind::Skipped => "warn",
        Some(_) => "fail",
        None => "note",
    };
    word.map_or_else(String::new, |word| {
        format!(" <span class=\"badge sent {class}\">{word}</span>")
    })
}

fn bank(screening: &Screening) -> String {
    screening.statement.issuer.as_ref().map_or_else(
        || "no bank told".to_owned(),
        |issuer| {
            let percent = (issuer.confidence * 100.0).floor();
            format!("<b>{}</b> {percent:.0}&nbsp;%", escape(issuer.bank.name))
        },
    )
}

fn pages(screening: &Screening) -> String {
    let encryption = screening.encryption.as_ref();
    let locked = encryption.is_some_and(|found| found.status == EncryptionStatus::Locked);
    match &screening.document {
        Some(document) => format!(
            "<span>{}</span>{}",
            counted(document.page_count, "page"),
            strip(&document.pages, &classes(&document.pages)),
        ),
        None if locked => "<span>locked</span>".to_owned(),
        None => "<span>no pages</span>".to_owned(),
    }
}

/// `2 text (pages 1-2), 1 scanned (page 3)`: what the strip shows, for those who can't see it.
fn classes(pages: &[PageClass]) -> String {
    let words = PageClass::ALL.into_iter().filter_map(|class| {
        let numbered = pages.iter().enumerate();
        let found: Vec<usize> = numbered
            .filter(|(_, page)| **page == class)
            .map(|(index, _)| index + 1)
            .collect();
        let words = format!(
            "{} {} ({})",
            found.len(),
            class_name(class),
            page_ranges(&found)
        );
        (!found.is_empty()).then_some(words)
    });
    words.collect::<Vec<_>>().join(", ")
}

fn finding(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<li class=\"{}\"><code>{}</code><div><p>{}</p>",
        told.severity.name(),
        told.rule,
        escape(&told.message)
    )?;
    if let Some(hint) = &told.hint {
        write!(out, "<p class=\"hint\">{}</p>", escape(hint))?;
    }
    writeln!(out, "</div></li>")
}

fn details(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = [of_upload(entry), of_statement(entry), of_document(entry)].concat();
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

/// What is known, with what it is called.
type Rows = Vec<(&'static str, String)>;

fn of_upload(entry: &Entry) -> Rows {
    let upload = entry.upload.iter().flat_map(|sent| {
        let session = sent.session.clone().map(|id| ("Session", id));
        let told = Some(("Upload", format!("{}: {}", sent.word(), sent.told)));
        told.into_iter().chain(session)
    });
    upload.collect()
}

fn of_statement(entry: &Entry) -> Rows {
    let facts = &entry.screening.statement;
    let mut rows = Vec::new();
    rows.extend(facts.period.map(|period| {
        let seen = match period.source {
            PeriodSource::Printed => "",
            PeriodSource::Transactions => " (first and last transaction seen)",
        };
        ("Period", format!("{} to {}{seen}", period.from, period.to))
    }));
    let account = facts.account.as_ref();
    rows.extend(account.map(|account| ("Account", account.masked.clone())));
    rows.extend(facts.ifsc.clone().map(|ifsc| ("IFSC", ifsc)));
    let category = facts.category.map(Category::name);
    rows.extend(category.map(|name| ("Category", name.to_owned())));
    let evidence = facts.issuer.as_ref().map(|issuer| &issuer.evidence);
    rows.extend(evidence.map(|evidence| ("Told by", evidence.join(", "))));
    rows
}

fn of_document(entry: &Entry) -> Rows {
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
    let encryption = encryption.filter(|found| found.status != EncryptionStatus::None);
    rows.extend(encryption.map(|found| {
        let from = screening.password_from.as_deref();
        let words = [
            Some(status_name(found.status)),
            found.method.as_deref(),
            from,
        ];
        let words: Vec<_> = words.into_iter().flatten().collect();
        ("Encryption", words.join(", "))
    }));
    let copy = entry.duplicate_of.as_ref();
    rows.extend(copy.map(|name| ("Copy of", name.text.clone())));
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
