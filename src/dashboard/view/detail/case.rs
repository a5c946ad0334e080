//! The detail of the selected case: what to ask for, what to do, accounts, files and session.

use super::super::canvas::{draw_line, draw_lines, inside_margins, truncated};
use super::super::cases::{short_account, state_role, status};
use super::super::labels;
use super::super::theme::{Role, Theme};
use super::{Pane, draw_rule, split_pane};
use crate::dashboard::keymap::Action;
use crate::dashboard::layout::DetailArea;
use crate::dashboard::model::{JudgedCase, Model};
use crate::screen::cases::Case;
use crate::text::sanitize;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::collections::BTreeSet;

/// Draws the detail of the selected case.
pub(in crate::dashboard::view) fn draw(
    model: &Model,
    theme: Theme,
    detail: DetailArea,
    cells: &mut Buffer,
) {
    let Some(index) = model.case_table.current() else {
        return;
    };
    let Some(case) = model.queue.cases().list().get(index) else {
        return;
    };
    let judged = model.queue.cases().judged(index);
    if let DetailArea::Line(area) = detail {
        let inside = inside_margins(area);
        let first = judged.and_then(|judged| judged.actions.first().cloned());
        let text = first.or_else(|| requests(model, judged).into_iter().next());
        let text = truncated(&text.unwrap_or_default(), usize::from(inside.width), theme);
        draw_line(cells, inside, 0, &Line::from(text));
    }
    draw_rule(theme, detail, cells);
    let Some((heading, body)) = split_pane(detail) else {
        return;
    };
    let found = status(model, theme, index, case);
    let name = truncated(&case.name, usize::from(heading.width) / 2, theme);
    let heading_line = Line::from(vec![
        theme.span(Role::Emphasis, format!(" {name} ")),
        Span::raw(" "),
        theme.span(
            found.role,
            format!("{} {}", found.symbol, sanitize(&found.text)),
        ),
        Span::raw(" "),
    ]);
    draw_line(cells, heading, 0, &heading_line);
    let pane = Pane {
        theme,
        columns: usize::from(body.width),
        keys: &model.setup.keys,
    };
    let lines = lines(pane, model, (index, case), judged);
    let last = lines.len().saturating_sub(usize::from(body.height));
    let top = usize::from(model.viewport.detail_top).min(last);
    draw_lines(cells, body, lines.get(top..).unwrap_or_default());
}

/// Returns the number of lines of the detail of the selected case.
pub(super) fn line_count(model: &Model, theme: Theme, columns: usize) -> usize {
    let Some(index) = model.case_table.current() else {
        return 0;
    };
    let cases = model.queue.cases();
    cases.list().get(index).map_or(0, |case| {
        let pane = Pane {
            theme,
            columns,
            keys: &model.setup.keys,
        };
        lines(pane, model, (index, case), cases.judged(index)).len()
    })
}

/// Returns what to ask the applicant for. Untrusted text.
fn requests(model: &Model, judged: Option<&JudgedCase>) -> Vec<String> {
    let english = model.setup.notes.english();
    judged.map_or_else(Vec::new, |judged| english.requests(&judged.needs))
}

fn lines(
    pane: Pane<'_>,
    model: &Model,
    (index, case): (usize, &Case),
    judged: Option<&JudgedCase>,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let actions = judged.map_or(&[][..], |judged| judged.actions.as_slice());
    lines.extend(list(pane, Role::Error, "To do", actions));
    let requests = requests(model, judged);
    lines.extend(list(pane, Role::Warning, "Ask the applicant", &requests));
    if !requests.is_empty() {
        lines.extend(pane.keys(&[Some(Action::Requests)]));
    }
    if let Some(judged) = judged {
        let (role, symbol) = state_role(judged.state, pane.theme);
        let text = format!("{symbol} {}", judged.state.name());
        lines.extend(pane.fact("State", role, &text));
    }
    let period = case.requested.or(model.setup.requested_period);
    if let Some(period) = period {
        let text = labels::days(period.from, period.to);
        lines.extend(pane.fact("Requested", Role::Normal, &text));
    }
    let mut label = "Accounts";
    for account in judged.iter().flat_map(|judged| &judged.accounts) {
        let missing = account.missing();
        let text = if missing.is_empty() {
            format!("{}, complete", short_account(account))
        } else {
            format!(
                "{}, missing {}",
                short_account(account),
                labels::months(&missing)
            )
        };
        lines.extend(pane.fact(label, Role::Normal, &text));
        label = "";
    }
    lines.extend(sessions(pane, model, index));
    lines
}

fn list(pane: Pane<'_>, role: Role, title: &'static str, texts: &[String]) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if texts.is_empty() {
        return lines;
    }
    lines.push(Line::from(pane.theme.span(role, title)));
    for text in texts {
        let mut paragraph = pane.paragraph(Role::Normal, 2, &sanitize(text));
        if let Some(first) = paragraph
            .first_mut()
            .and_then(|line| line.spans.first_mut())
        {
            *first = Span::raw(pane.theme.symbol("· ", "- "));
        }
        lines.extend(paragraph);
    }
    lines
}

/// Returns the sessions that have files of the case.
fn sessions(pane: Pane<'_>, model: &Model, case: usize) -> Vec<Line<'static>> {
    let files = model.queue.files_of_case(case);
    let ids = files.filter_map(|(_, file)| file.upload_record()?.session.clone());
    let ids: BTreeSet<String> = ids.collect();
    let mut label = "Session";
    let mut lines = Vec::new();
    for id in ids {
        lines.extend(pane.fact(label, Role::Normal, &sanitize(&id)));
        label = "";
    }
    lines
}
