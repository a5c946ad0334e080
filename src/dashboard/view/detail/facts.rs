//! What the document says it is, page by page too, and how it was made.

use super::super::table::strip;
use super::super::theme::Role;
use super::super::words;
use super::Page;
use crate::dashboard::model::{File, Model};
use crate::pdf::PageClass;
use crate::screen::{AccountCoverage, CONFIDENCE_THRESHOLD, DocumentFacts, Screening};
use crate::statement::coverage::MonthCoverage;
use crate::statement::{Bank, PeriodSource};
use crate::text::columns::thousands;
use crate::text::sanitize;
use ratatui::text::{Line, Span};

/// Pages that a line of the page map holds at most.
const MAP_COLUMNS: usize = 50;
/// Page classes in the order in which they are counted.
const CLASSES: [PageClass; 7] = [
    PageClass::Text,
    PageClass::Scanned,
    PageClass::Ocr,
    PageClass::Unmapped,
    PageClass::Vector,
    PageClass::Blank,
    PageClass::Unreadable,
];

/// The lines, once the file was screened.
pub(super) fn lines(page: Page, model: &Model, file: &File) -> Vec<Line<'static>> {
    let Some(screening) = file.screening() else {
        return Vec::new();
    };
    let mut lines = vec![Line::default()];
    lines.extend(bank(page, file, screening));
    lines.extend(account(page, screening));
    lines.extend(period(page, screening));
    if let Some(account) = coverage(model, screening) {
        lines.extend(months(page, account));
    }
    if let Some(document) = &screening.document {
        lines.extend(pages(page, document));
        lines.extend(making(page, document));
    }
    if let Some(origin) = &screening.password_from {
        lines.extend(page.fact("Opened by", Role::Plain, &sanitize(origin)));
    }
    if let Some(hash) = screening.content {
        lines.extend(page.fact("SHA-256", Role::Faint, &hash.to_string()));
    }
    lines
}

fn bank(page: Page, file: &File, screening: &Screening) -> Vec<Line<'static>> {
    let issuer = screening.statement.issuer.as_ref();
    let (role, text) = match file.bank() {
        Some((bank, None)) => (
            Role::Plain,
            format!("{} ({}), as set", bank.name(), bank.id()),
        ),
        Some((bank, Some(confidence))) => {
            let share = words::percent(confidence);
            if confidence >= CONFIDENCE_THRESHOLD {
                (
                    Role::Plain,
                    format!("{} ({}) {share}", bank.name(), bank.id()),
                )
            } else {
                let text = format!("{} ({}) {share}, not sure enough", bank.name(), bank.id());
                (Role::Doubtful, text)
            }
        }
        None => (Role::Faint, "not told by anything in it".to_owned()),
    };
    let mut lines = page.fact("Bank", role, &text);
    let Some(issuer) = issuer else { return lines };
    lines.extend(page.fact("", Role::Faint, &sanitize(&issuer.evidence.join(", "))));
    if !issuer.alternatives.is_empty() {
        let others = issuer.alternatives.iter();
        let others: Vec<_> = others
            .map(|(bank, share)| format!("{} {}", bank.id(), words::percent(*share)))
            .collect();
        lines.extend(page.fact("", Role::Faint, &format!("or {}", others.join(", "))));
    }
    lines
}

fn account(page: Page, screening: &Screening) -> Vec<Line<'static>> {
    let facts = &screening.statement;
    let parts: Vec<String> = [
        facts.account.as_ref().map(|account| account.masked.clone()),
        facts.category.map(|category| category.name().to_owned()),
        facts.ifsc.as_ref().map(|code| format!("IFSC {code}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return Vec::new();
    }
    let text = parts.join(page.theme.either(" · ", ", "));
    page.fact("Account", Role::Plain, &sanitize(&text))
}

fn period(page: Page, screening: &Screening) -> Vec<Line<'static>> {
    let Some(period) = screening.statement.period else {
        return Vec::new();
    };
    let days = words::days(period.from, period.to);
    let source = match period.source {
        PeriodSource::Printed => "as printed",
        PeriodSource::Transactions => "first and last transaction seen",
    };
    page.fact("Period", Role::Plain, &format!("{days}, {source}"))
}

/// The months of the account that the file is of.
fn coverage<'m>(model: &'m Model, screening: &Screening) -> Option<&'m AccountCoverage> {
    let account = screening.statement.account.as_ref()?;
    let bank = screening
        .statement
        .issuer
        .as_ref()
        .map(|issuer| issuer.bank.id());
    let mut accounts = model.queue.coverage().iter();
    accounts.find(|covered| {
        covered.account == account.masked && covered.bank.as_ref().map(Bank::id) == bank
    })
}

fn months(page: Page, account: &AccountCoverage) -> Vec<Line<'static>> {
    let Some(((first, _), (last, _))) = account.months.first().zip(account.months.last()) else {
        return Vec::new();
    };
    let text = format!("{} – {}", words::month(*first), words::month(*last));
    let mut lines = page.fact("Months", Role::Faint, &text);
    if let Some(line) = lines.last_mut() {
        line.spans.push(Span::raw(" "));
        let signs = account.months.iter().map(|(_, cover)| {
            let (role, sign) = page.theme.cover(*cover);
            page.theme.span(role, sign)
        });
        line.spans.extend(signs);
    }
    let told = [
        ("missing", Role::Bad, account.missing()),
        (
            "in part",
            Role::Doubtful,
            account.months_with(MonthCoverage::Partial),
        ),
    ];
    for (word, role, months) in told.into_iter().filter(|(.., months)| !months.is_empty()) {
        let text = format!("{word} {}", words::months(&months));
        lines.extend(page.fact("", role, &text));
    }
    lines
}

fn pages(page: Page, document: &DocumentFacts) -> Vec<Line<'static>> {
    let count = |class| {
        document
            .pages
            .iter()
            .filter(|found| **found == class)
            .count()
    };
    let counts: Vec<_> = CLASSES
        .into_iter()
        .map(|class| (class, count(class)))
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| {
            let (_, sign) = page.theme.page(class);
            format!("{} {sign} {}", thousands(count), class_word(class))
        })
        .collect();
    let all = thousands(document.page_count);
    let text = match counts.as_slice() {
        [] => all,
        [one] if document.pages.len() == document.page_count => one.clone(),
        counts => format!("{all}: {}", counts.join(", ")),
    };
    let mut lines = page.fact("Pages", Role::Plain, &text);
    let margin = if page.columns < super::ROOM_FOR_LABELS {
        2
    } else {
        super::LABEL
    };
    let columns = page.columns.saturating_sub(margin).clamp(1, MAP_COLUMNS);
    // Tens are easier to count.
    let columns = if columns >= 10 {
        columns / 10 * 10
    } else {
        columns
    };
    for row in document.pages.chunks(columns) {
        let mut spans = vec![Span::raw(" ".repeat(margin))];
        spans.extend(strip(row, columns, page.theme));
        lines.push(Line::from(spans));
    }
    lines
}

/// A class of pages, as people call it.
pub(in crate::dashboard::view) fn class_word(class: PageClass) -> &'static str {
    match class {
        PageClass::Text => "text",
        PageClass::Scanned => "scanned",
        PageClass::Ocr => "OCR layer",
        PageClass::Unmapped => "unmapped text",
        PageClass::Vector => "drawn",
        PageClass::Blank => "blank",
        PageClass::Unreadable => "unreadable",
    }
}

fn making(page: Page, document: &DocumentFacts) -> Vec<Line<'static>> {
    let metadata = &document.metadata;
    let facts = [
        ("Producer", &metadata.producer),
        ("Creator", &metadata.creator),
        ("Created", &metadata.created),
        ("Modified", &metadata.modified),
    ];
    let told = facts.into_iter().filter_map(|(label, text)| {
        let text = text.as_deref()?;
        Some(page.fact(label, Role::Plain, &sanitize(text)))
    });
    told.flatten().collect()
}
