//! What became of a file's upload: the service's answer, and what to do about it.

use super::super::theme::Role;
use super::super::words;
use super::Page;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{Delivery, File};
use crate::report::SettledUpload;
use crate::statement::Month;
use crate::text::sanitize;
use crate::uploads::plan::{Outcome, OutcomeKind};
use ratatui::text::Line;

/// How far the upload is, or how it ended and what to do about it.
pub(super) fn outcome(page: Page, file: &File) -> Vec<Line<'static>> {
    match &file.delivery {
        Delivery::Idle => Vec::new(),
        Delivery::Queued => page.fact("Upload", Role::Plain, "queued: it waits for its turn"),
        Delivery::Sending(sent, total) => {
            let share = words::hundredths(*sent, *total);
            let sent = format!("{} of {}", words::size(*sent), words::size(*total));
            page.fact("Upload", Role::Moving, &format!("{sent} sent, {share}%"))
        }
        Delivery::Again(why) => {
            let text = format!("not taken, and tried again: {}", sanitize(why));
            page.fact("Upload", Role::Doubtful, &text)
        }
        Delivery::Ended(sent) => ended(page, sent),
    }
}

/// The key that helps, once a file has its outcome.
pub(super) fn remedy(sent: &SettledUpload) -> Option<Action> {
    match sent.outcome.kind {
        OutcomeKind::Unknown => Some(Action::Settle),
        OutcomeKind::Rejected | OutcomeKind::Skipped => Some(Action::Retry),
        OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => None,
    }
}

fn ended(page: Page, sent: &SettledUpload) -> Vec<Line<'static>> {
    let kind = sent.outcome.kind;
    let (role, sign) = page.theme.outcome(Some(kind));
    let word = words::outcome_word(kind);
    let mut head = format!("{sign} {word}");
    if let Some(code) = &sent.outcome.code {
        head = format!("{head} {}", sanitize(code.name()));
    }
    let mut lines = page.fact("Upload", role, &head);
    lines.extend(page.paragraph(Role::Plain, 2, &sanitize(&sent.message)));
    if let Some(hint) = &sent.hint {
        lines.extend(page.hint(hint));
    }
    lines.extend(page.keys(&[remedy(sent)]));
    lines
}

/// What the service said of the file, and how often it was asked, once that is over.
pub(super) fn receipt(page: Page, file: &File) -> Vec<Line<'static>> {
    let Some(sent) = file.sent() else {
        return Vec::new();
    };
    let outcome = &sent.outcome;
    let receipt = &outcome.receipt;
    let facts = [
        ("Statement", Role::Plain, receipt.statement_id.clone()),
        ("Filed as", Role::Plain, receipt.bank.clone()),
        ("Covers", Role::Plain, months(&receipt.months)),
        ("Lacks", Role::Doubtful, months(&receipt.missing_months)),
        ("Attempts", Role::Plain, Some(attempts(outcome))),
        ("Session", Role::Plain, sent.session.clone()),
        (
            "Told at",
            Role::Plain,
            Some(sent.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
        ),
    ];
    let told = facts
        .into_iter()
        .filter_map(|(label, role, text)| Some(page.fact(label, role, &sanitize(&text?))));
    told.flatten().collect()
}

/// Months as people write them, where the service wrote months.
fn months(months: &[String]) -> Option<String> {
    let read: Option<Vec<Month>> = months.iter().map(|month| Month::parse(month)).collect();
    let told = read.map_or_else(|| months.join(", "), |months| words::months(&months));
    (!told.is_empty()).then_some(told)
}

fn attempts(outcome: &Outcome) -> String {
    match (outcome.attempts, outcome.http_status) {
        (0, _) => "none made".to_owned(),
        (attempts, None) => attempts.to_string(),
        (attempts, Some(status)) => format!("{attempts}, the last answered with {status}"),
    }
}
