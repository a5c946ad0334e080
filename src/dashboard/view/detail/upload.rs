//! The upload of a file: its progress, its outcome, and the data that the service returned.

use super::super::labels;
use super::super::theme::Role;
use super::Pane;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{File, Ineligible, Model, UploadState};
use crate::report::SettledUpload;
use crate::statement::Month;
use crate::text::sanitize;
use crate::uploads::plan::{Outcome, OutcomeKind};
use ratatui::text::Line;

/// Returns the progress or the outcome of the upload; before it, whether the settings exclude the
/// file.
pub(super) fn status(pane: Pane<'_>, model: &Model, file: &File) -> Vec<Line<'static>> {
    match &file.upload {
        UploadState::NotRequested => match file.check_eligibility(model.setup.include_warnings) {
            Err(Ineligible::HasWarnings) => {
                let text = "not eligible: the setting include_warnings = false excludes files \
                                with warnings";
                pane.fact("Upload", Role::Warning, text)
            }
            Err(_) | Ok(_) => Vec::new(),
        },
        UploadState::Queued => pane.fact("Upload", Role::Normal, "queued"),
        UploadState::Sending { sent, total } => {
            let percent = labels::percent_of(*sent, *total);
            let (sent, total) = (labels::size(*sent), labels::size(*total));
            let text = format!("{sent} of {total} sent, {percent} %");
            pane.fact("Upload", Role::InProgress, &text)
        }
        UploadState::Retrying(why) => {
            let text = format!("attempt failed, retrying: {}", sanitize(why));
            pane.fact("Upload", Role::Warning, &text)
        }
        UploadState::Finished(record) => finished(pane, record),
    }
}

/// Returns the action that helps after an outcome.
pub(super) fn remedy(kind: OutcomeKind) -> Option<Action> {
    match kind {
        OutcomeKind::Unknown => Some(Action::ResolveUnknown),
        OutcomeKind::Rejected | OutcomeKind::Skipped => Some(Action::Retry),
        // The service has the file.
        OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => None,
    }
}

fn finished(pane: Pane<'_>, record: &SettledUpload) -> Vec<Line<'static>> {
    let outcome = &record.outcome;
    let (role, symbol) = pane.theme.outcome(Some(outcome.kind));
    let mut text = format!("{symbol} {}", outcome.kind.name());
    if let Some(code) = &outcome.code {
        text = format!("{text} {}", sanitize(code.name()));
    }
    let mut lines = pane.fact("Upload", role, &text);
    lines.extend(pane.paragraph(Role::Normal, 2, &sanitize(&record.message)));
    if let Some(hint) = &record.hint {
        lines.extend(pane.hint(hint));
    }
    lines.extend(pane.keys(&[remedy(outcome.kind)]));
    lines
}

/// Returns the data that the service returned, and the attempts, once the upload has an outcome.
pub(super) fn receipt(pane: Pane<'_>, model: &Model, file: &File) -> Vec<Line<'static>> {
    let Some(record) = file.upload_record() else {
        return Vec::new();
    };
    let outcome = &record.outcome;
    let receipt = &outcome.receipt;
    let time = record.at.to_zoned(model.setup.time_zone.clone());
    let time = time.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let facts = [
        ("Statement", Role::Normal, receipt.statement_id.clone()),
        ("Filed as", Role::Normal, receipt.bank.clone()),
        ("Covers", Role::Normal, months(&receipt.months)),
        ("Missing", Role::Warning, months(&receipt.missing_months)),
        ("Attempts", Role::Normal, Some(attempts(outcome))),
        ("Session", Role::Normal, record.session.clone()),
        ("Finished", Role::Normal, Some(time)),
    ];
    let answer = receipt.answer.as_ref().map(|answer| {
        let role = if answer.is_fraud {
            Role::Warning
        } else {
            Role::Normal
        };
        ("Answer", role, Some(answer.line()))
    });
    let lines = facts
        .into_iter()
        .chain(answer)
        .filter_map(|(label, role, text)| Some(pane.fact(label, role, &sanitize(&text?))));
    lines.flatten().collect()
}

/// Formats the service's months, or returns them unchanged if they can't be parsed.
fn months(months: &[String]) -> Option<String> {
    let parsed: Option<Vec<Month>> = months.iter().map(|month| Month::parse(month)).collect();
    let text = parsed.map_or_else(|| months.join(", "), |months| labels::months(&months));
    (!text.is_empty()).then_some(text)
}

fn attempts(outcome: &Outcome) -> String {
    match (outcome.attempts, outcome.http_status) {
        (0, _) => "none".to_owned(),
        (attempts, None) => attempts.to_string(),
        (attempts, Some(status)) => format!("{attempts}, last HTTP status {status}"),
    }
}
