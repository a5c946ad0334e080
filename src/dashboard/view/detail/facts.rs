//! The facts of a file: bank, account, statement period, months, pages and metadata.

use super::super::labels;
use super::super::table::page_map;
use super::super::theme::Role;
use super::Pane;
use crate::dashboard::model::{File, Model};
use crate::pdf::{PageClass, Signature};
use crate::report::{ledger, signatures};
use crate::screen::{AccountCoverage, CONFIDENCE_THRESHOLD, DocumentFacts, Screening};
use crate::statement::coverage::MonthCoverage;
use crate::statement::{Bank, Ledger, PeriodSource, Totals};
use crate::text::columns::{counted, thousands};
use crate::text::sanitize;
use ratatui::text::{Line, Span};

/// Broken balances that are listed.
const MAX_BREAKS: usize = 8;
/// Maximum number of pages per line of the page map.
const MAX_MAP_COLUMNS: usize = 50;
/// Page classes, in display order.
const PAGE_CLASSES: [PageClass; 7] = [
    PageClass::Text,
    PageClass::Scanned,
    PageClass::Ocr,
    PageClass::Unmapped,
    PageClass::Vector,
    PageClass::Blank,
    PageClass::Unreadable,
];

/// Returns the facts, once the file is screened.
pub(super) fn lines(pane: Pane<'_>, model: &Model, file: &File) -> Vec<Line<'static>> {
    let Some(screening) = file.screening() else {
        return Vec::new();
    };
    let mut lines = vec![Line::default()];
    lines.extend(case(pane, model, file));
    lines.extend(bank(pane, file, screening));
    lines.extend(account(pane, screening));
    lines.extend(period(pane, screening));
    if let Some(ledger) = &screening.statement.ledger {
        lines.extend(transactions(pane, ledger, model.setup.show_amounts));
    }
    if let Some(account) = coverage(model, screening) {
        lines.extend(months(pane, account));
    }
    if let Some(document) = &screening.document {
        lines.extend(
            document
                .signatures
                .iter()
                .flat_map(|found| signature(pane, found)),
        );
        lines.extend(pages(pane, document));
        lines.extend(metadata(pane, document));
    }
    if let Some(candidate) = &screening.password_from {
        lines.extend(pane.fact("Opened by", Role::Normal, &candidate.to_string()));
    }
    if let Some(hash) = screening.content {
        lines.extend(pane.fact("SHA-256", Role::Muted, &hash.to_string()));
    }
    lines
}

/// Returns the case of a file and its state, if files are grouped into cases.
fn case(pane: Pane<'_>, model: &Model, file: &File) -> Vec<Line<'static>> {
    let cases = model.queue.cases();
    if cases.is_empty() {
        return Vec::new();
    }
    let Some(index) = file.case else {
        return pane.fact("Case", Role::Warning, "None: the file is screened only");
    };
    let name = cases.list().get(index).map_or("", |case| &case.name);
    let state = match cases.judged(index) {
        Some(judged) => judged.state.name(),
        None => "not screened yet",
    };
    let text = format!("{}, {state}", sanitize(name));
    pane.fact("Case", Role::Normal, &text)
}

fn bank(pane: Pane<'_>, file: &File, screening: &Screening) -> Vec<Line<'static>> {
    let (role, text) = match file.bank() {
        Some((bank, None)) => (
            Role::Normal,
            format!("{} ({}), as set", bank.name(), bank.id()),
        ),
        Some((bank, Some(confidence))) => {
            let percent = labels::percent(confidence);
            let text = format!("{} ({}), confidence {percent} %", bank.name(), bank.id());
            if confidence >= CONFIDENCE_THRESHOLD {
                (Role::Normal, text)
            } else {
                let threshold = labels::percent(CONFIDENCE_THRESHOLD);
                let text = format!("Likely {text}, below the threshold of {threshold} %");
                (Role::Warning, text)
            }
        }
        None => (Role::Muted, "Not detected".to_owned()),
    };
    let mut lines = pane.fact("Bank", role, &text);
    let Some(issuer) = &screening.statement.issuer else {
        return lines;
    };
    // Several pages may have the same evidence.
    let mut evidence: Vec<&str> = Vec::new();
    for found in &issuer.evidence {
        if !evidence.contains(&&**found) {
            evidence.push(found);
        }
    }
    let evidence = sanitize(&evidence.join(", ")).into_owned();
    lines.extend(pane.fact("", Role::Muted, &evidence));
    if !issuer.alternatives.is_empty() {
        let alternatives = issuer.alternatives.iter();
        let alternatives: Vec<_> = alternatives
            .map(|(bank, confidence)| format!("{} {} %", bank.id(), labels::percent(*confidence)))
            .collect();
        let text = format!("or {}", alternatives.join(", "));
        lines.extend(pane.fact("", Role::Muted, &text));
    }
    lines
}

fn account(pane: Pane<'_>, screening: &Screening) -> Vec<Line<'static>> {
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
    let text = parts.join(pane.theme.symbol(" · ", ", "));
    pane.fact("Account", Role::Normal, &sanitize(&text))
}

fn period(pane: Pane<'_>, screening: &Screening) -> Vec<Line<'static>> {
    let Some(period) = screening.statement.period else {
        return Vec::new();
    };
    let days = labels::days(period.from, period.to);
    let source = match period.source {
        PeriodSource::Printed => "as printed",
        PeriodSource::Transactions => "from the first and last transaction found",
        PeriodSource::Partial => "from the transactions of some pages",
    };
    pane.fact("Period", Role::Normal, &format!("{days}, {source}"))
}

fn transactions(pane: Pane<'_>, ledger: &Ledger, show_amounts: bool) -> Vec<Line<'static>> {
    let role = if ledger.broken == 0 && ledger.totals != Totals::Differ {
        Role::Normal
    } else {
        Role::Warning
    };
    let mut lines = pane.fact("Rows", role, &ledger::describe(ledger));
    for found in ledger.breaks.iter().take(MAX_BREAKS) {
        let text = format!("{}: {}", found.location(), found.kind.in_words());
        lines.extend(pane.fact("", Role::Warning, &text));
        if show_amounts {
            let text = ledger::describe_amounts(found);
            lines.extend(pane.fact("", Role::Muted, &text));
        }
    }
    let more = ledger.breaks.len().saturating_sub(MAX_BREAKS);
    if more > 0 {
        let text = format!("and {}", counted(more, "more row"));
        lines.extend(pane.fact("", Role::Muted, &text));
    }
    lines
}

/// Returns the coverage of the account of the file.
fn coverage<'m>(model: &'m Model, screening: &Screening) -> Option<&'m AccountCoverage> {
    let account = screening.statement.account.as_ref()?;
    let issuer = screening.statement.issuer.as_ref();
    let bank = issuer.map(|issuer| issuer.bank.id());
    let mut accounts = model.queue.coverage().iter().map(|(_, account)| account);
    accounts.find(|covered| {
        // Two banks may have the same last digits, so the bank must match too.
        covered.account == account.masked && covered.bank.as_ref().map(Bank::id) == bank
    })
}

fn months(pane: Pane<'_>, account: &AccountCoverage) -> Vec<Line<'static>> {
    let Some(((first, _), (last, _))) = account.months.first().zip(account.months.last()) else {
        return Vec::new();
    };
    let text = format!("{} – {}", labels::month(*first), labels::month(*last));
    let mut lines = pane.fact("Months", Role::Muted, &text);
    if let Some(line) = lines.last_mut() {
        line.spans.push(Span::raw(" "));
        let symbols = account.months.iter().map(|(_, cover)| {
            let (role, symbol) = pane.theme.cover(*cover);
            pane.theme.span(role, symbol)
        });
        line.spans.extend(symbols);
    }
    let lists = [
        ("missing", Role::Error, account.missing()),
        (
            "partial",
            Role::Warning,
            account.months_with(MonthCoverage::Partial),
        ),
    ];
    for (label, role, months) in lists.into_iter().filter(|(.., months)| !months.is_empty()) {
        let text = format!("{label} {}", labels::months(&months));
        lines.extend(pane.fact("", role, &text));
    }
    lines
}

fn signature(pane: Pane<'_>, signature: &Signature) -> Vec<Line<'static>> {
    let role = if signature.is_violated() {
        Role::Error
    } else {
        Role::Normal
    };
    let mut lines = pane.fact("Signature", role, &signatures::describe(signature));
    let signer = signatures::describe_signer(signature);
    lines.extend(pane.fact("", Role::Muted, &signer));
    lines
}

/// Returns the page counts by class, and the page map.
fn pages(pane: Pane<'_>, document: &DocumentFacts) -> Vec<Line<'static>> {
    let count = |class| {
        let pages = document.pages.iter();
        pages.filter(|page| **page == class).count()
    };
    let counts: Vec<_> = PAGE_CLASSES
        .into_iter()
        .map(|class| (class, count(class)))
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| {
            let (_, letter) = pane.theme.page(class);
            format!(
                "{} {letter} {}",
                thousands(count),
                labels::page_class(class)
            )
        })
        .collect();
    let total = thousands(document.page_count);
    let text = match counts.as_slice() {
        [] => total,
        // If all pages have the same class, the total would only repeat the count.
        [one] if document.pages.len() == document.page_count => one.clone(),
        counts => format!("{total}: {}", counts.join(", ")),
    };
    let mut lines = pane.fact("Pages", Role::Normal, &text);
    let margin = pane.fact_margin();
    let columns = pane.columns.saturating_sub(margin);
    let columns = columns.clamp(1, MAX_MAP_COLUMNS);
    // A multiple of ten, so that pages are easy to count.
    let columns = if columns >= 10 {
        columns / 10 * 10
    } else {
        columns
    };
    for row in document.pages.chunks(columns) {
        let mut spans = vec![Span::raw(" ".repeat(margin))];
        spans.extend(page_map(row, columns, pane.theme));
        lines.push(Line::from(spans));
    }
    lines
}

fn metadata(pane: Pane<'_>, document: &DocumentFacts) -> Vec<Line<'static>> {
    let metadata = &document.metadata;
    let facts = [
        ("Producer", &metadata.producer),
        ("Creator", &metadata.creator),
        ("Created", &metadata.created),
        ("Modified", &metadata.modified),
    ];
    let lines = facts.into_iter().filter_map(|(label, text)| {
        let text = text.as_deref()?;
        Some(pane.fact(label, Role::Normal, &sanitize(text)))
    });
    lines.flatten().collect()
}
