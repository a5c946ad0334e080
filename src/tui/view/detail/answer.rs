//! What became of a file's upload: the service's answer, and what to do about it.

use super::super::theme::Role;
use super::super::words;
use super::Page;
use crate::report::{Sent, clean};
use crate::tui::keymap::Action;
use crate::tui::model::{Delivery, File};
use crate::upload::{Outcome, OutcomeKind};
use ratatui::text::Line;

/// The lines, where the file was asked to be sent.
pub(super) fn lines(page: Page, file: &File) -> Vec<Line<'static>> {
    match &file.delivery {
        Delivery::Idle => Vec::new(),
        Delivery::Queued => page.fact("Upload", Role::Plain, "queued: it waits for its turn"),
        Delivery::Sending(sent, total) => {
            let share = words::hundredths(*sent, *total);
            let sent = format!("{} of {}", words::size(*sent), words::size(*total));
            page.fact("Upload", Role::Moving, &format!("{sent} sent, {share}%"))
        }
        Delivery::Again(why) => {
            let text = format!("not taken, and tried again: {}", clean(why));
            page.fact("Upload", Role::Doubtful, &text)
        }
        Delivery::Ended(sent) => ended(page, sent),
    }
}

/// The key that helps, once a file has its outcome.
pub(super) fn remedy(sent: &Sent) -> Option<Action> {
    match sent.outcome.as_ref().map(|outcome| outcome.kind)? {
        OutcomeKind::Unknown => Some(Action::Settle),
        OutcomeKind::Rejected | OutcomeKind::Skipped => Some(Action::Retry),
        OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => None,
    }
}

fn ended(page: Page, sent: &Sent) -> Vec<Line<'static>> {
    let kind = sent.outcome.as_ref().map(|outcome| outcome.kind);
    let (role, sign) = page.theme.outcome(kind);
    let word = kind.map_or(sent.word(), words::outcome_word);
    let code = sent.outcome.as_ref().and_then(|o| o.code.as_deref());
    let mut head = format!("{sign} {word}");
    if let Some(code) = code {
        head = format!("{head} {}", clean(code));
    }
    let mut lines = page.fact("Upload", role, &head);
    lines.extend(page.paragraph(Role::Plain, 2, &clean(&sent.told)));
    if let Some(hint) = &sent.hint {
        lines.extend(page.hint(hint));
    }
    lines.extend(page.keys(&[remedy(sent)]));
    if let Some(outcome) = &sent.outcome {
        lines.extend(receipt(page, outcome));
        let attempts = match (outcome.attempts, outcome.http_status) {
            (0, _) => "none made".to_owned(),
            (attempts, None) => attempts.to_string(),
            (attempts, Some(status)) => format!("{attempts}, the last answered with {status}"),
        };
        lines.extend(page.fact("Attempts", Role::Plain, &attempts));
    }
    if let Some(session) = &sent.session {
        lines.extend(page.fact("Session", Role::Plain, &clean(session)));
    }
    let at = sent.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    lines.extend(page.fact("At", Role::Plain, &at));
    lines
}

/// What the service says of a file that it took.
fn receipt(page: Page, outcome: &Outcome) -> Vec<Line<'static>> {
    let receipt = &outcome.receipt;
    let joined = |months: &[String]| (!months.is_empty()).then(|| months.join(", "));
    let facts = [
        ("Statement", Role::Plain, receipt.statement_id.clone()),
        ("Filed as", Role::Plain, receipt.bank.clone()),
        ("Covers", Role::Plain, joined(&receipt.months)),
        ("Lacks", Role::Doubtful, joined(&receipt.missing_months)),
    ];
    let told = facts
        .into_iter()
        .filter_map(|(label, role, text)| Some(page.fact(label, role, &clean(&text?))));
    told.flatten().collect()
}
