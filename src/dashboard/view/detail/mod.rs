//! The detail of the selected file or case: upload, findings and facts, or one line on small
//! screens.

pub(super) mod case;

mod facts;
mod upload;

use super::canvas::{self, draw_line, draw_lines, inside_margins, justified};
use super::labels;
use super::status::{self, Status};
use super::theme::{Role, Theme};
use crate::dashboard::keymap::{self, Action, KeyMap};
use crate::dashboard::layout::{DetailArea, split_columns, split_rows};
use crate::dashboard::model::{File, Model, Tab};
use crate::pdf::EncryptionStatus;
use crate::report::status_name;
use crate::screen::{Code, Finding, Severity};
use crate::text::columns::{page_ranges, shorten_end, shorten_front};
use crate::text::sanitize;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Columns of the labels of facts.
const LABEL_COLUMNS: usize = 11;
/// Width below which labels have their own lines.
const MIN_COLUMNS_FOR_LABELS: usize = 34;
/// Maximum columns of the status in the heading.
const MAX_STATUS_COLUMNS: usize = 30;
/// Width from which the heading shows which lines are visible.
const MIN_COLUMNS_FOR_POSITION: usize = 50;

/// Draws the detail of the selected file.
pub(super) fn draw(model: &Model, theme: Theme, detail: DetailArea, cells: &mut Buffer) {
    let Some((_, file)) = model.queue.current() else {
        return;
    };
    if let DetailArea::Line(area) = detail {
        draw_summary(model, file, theme, inside_margins(area), cells);
    }
    draw_rule(theme, detail, cells);
    let Some((heading, body)) = split_pane(detail) else {
        return;
    };
    let lines = lines(model, file, theme, usize::from(body.width));
    let rows = usize::from(body.height);
    let top = usize::from(model.viewport.detail_top).min(lines.len().saturating_sub(rows));
    draw_lines(cells, body, lines.get(top..).unwrap_or_default());
    let position = (rows < lines.len()).then(|| {
        let last = (top + rows).min(lines.len());
        let keys = [Action::DetailUp, Action::DetailDown].map(|action| model.key(action));
        format!(
            "{}-{last} of {} lines  {}",
            top + 1,
            lines.len(),
            keys.join(" ")
        )
    });
    let status = status::of_file(model, file, theme);
    draw_heading(file, theme, (position, &status), heading, cells);
}

/// Draws the rule between the table and the detail, if both are visible.
fn draw_rule(theme: Theme, detail: DetailArea, cells: &mut Buffer) {
    match detail {
        DetailArea::None | DetailArea::Full(_) | DetailArea::Line(_) => {}
        DetailArea::Below(area) => {
            let rule = theme.symbol("─", "-").repeat(usize::from(area.width));
            draw_line(cells, area, 0, &Line::from(theme.span(Role::Muted, rule)));
        }
        DetailArea::Beside(area) => {
            let rule = Line::from(theme.span(Role::Muted, theme.symbol("│", "|")));
            for row in area.rows() {
                draw_line(cells, row, 0, &rule);
            }
        }
    }
}

/// Returns the first visible line when the detail is scrolled to its end.
pub(super) fn max_top(model: &Model, detail: DetailArea) -> u16 {
    let Some((_, body)) = split_pane(detail) else {
        return 0;
    };
    let theme = Theme::new(model.setup.appearance);
    // Wraps the text once more, which is cheap for one file.
    let lines = if model.tab == Tab::Cases {
        case::line_count(model, theme, usize::from(body.width))
    } else if let Some((_, file)) = model.queue.current() {
        lines(model, file, theme, usize::from(body.width)).len()
    } else {
        0
    };
    let lines = u16::try_from(lines).unwrap_or(u16::MAX);
    lines.saturating_sub(body.height)
}

/// Returns the areas of the heading and the body, unless the detail is one line or none.
fn split_pane(detail: DetailArea) -> Option<(Rect, Rect)> {
    let area = match detail {
        DetailArea::None | DetailArea::Line(_) => return None,
        DetailArea::Below(area) | DetailArea::Full(area) => area,
        DetailArea::Beside(area) => split_columns(area, 1).1,
    };
    let (heading, body) = split_rows(area, 1);
    let heading = match detail {
        // The rule is visible on both sides of the heading.
        DetailArea::Below(_) => inside_margins(heading),
        DetailArea::None | DetailArea::Line(_) | DetailArea::Beside(_) | DetailArea::Full(_) => {
            heading
        }
    };
    Some((heading, inside_margins(body)))
}

/// Draws the name on the left, and the visible lines and the status on the right.
fn draw_heading(
    file: &File,
    theme: Theme,
    (position, status): (Option<String>, &Status),
    area: Rect,
    cells: &mut Buffer,
) {
    let columns = usize::from(area.width);
    let text = shorten_end(&status.text, MAX_STATUS_COLUMNS, theme.ellipsis());
    let status = theme.span(status.role, format!(" {} {text} ", status.symbol));
    let position = position.filter(|_| columns >= MIN_COLUMNS_FOR_POSITION);
    let position = position.map(|text| theme.span(Role::Muted, format!(" {text} ")));
    let right = Line::from(position.into_iter().chain([status]).collect::<Vec<_>>());
    let right_columns = right.width();
    let room = columns.saturating_sub(right_columns + 3);
    let name = shorten_front(file.display_name(), room, theme.ellipsis());
    let name = Line::from(theme.span(Role::Emphasis, format!(" {name} ")));
    draw_line(cells, area, 0, &name);
    let left_columns = columns.saturating_sub(right_columns);
    let left_columns = u16::try_from(left_columns).unwrap_or(u16::MAX);
    let (_, end) = split_columns(area, left_columns);
    draw_line(cells, end, 0, &right);
}

fn lines(model: &Model, file: &File, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let pane = Pane {
        theme,
        columns,
        keys: &model.setup.keys,
    };
    let mut lines = pane.properties(file);
    lines.extend(upload::status(pane, model, file));
    if let Some(screening) = file.screening() {
        let mut findings: Vec<&Finding> = screening.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in findings {
            lines.extend(pane.finding(finding));
        }
    } else {
        lines.push(Line::from(theme.span(Role::Muted, "Not screened yet")));
    }
    lines.extend(upload::receipt(pane, model, file));
    lines.extend(facts::lines(pane, model, file));
    lines
}

/// Draws the most important information about a file in one line.
fn draw_summary(model: &Model, file: &File, theme: Theme, area: Rect, cells: &mut Buffer) {
    let columns = usize::from(area.width);
    let summary = Summary::of(model, file, theme);
    let Summary { role, symbol, .. } = summary;
    let mut left = vec![theme.span(role, format!("{symbol} {}", summary.label))];
    if !summary.text.is_empty() {
        left.push(Span::raw("  "));
        left.push(theme.span(Role::Normal, sanitize(&summary.text).into_owned()));
    }
    let mut right = Vec::new();
    let remedy = summary
        .key
        .and_then(|action| label_and_key(&model.setup.keys, action));
    if let Some((label, key)) = remedy {
        right.push(Span::raw("  "));
        right.push(theme.span(Role::Key, key));
        right.push(Span::raw(format!(" {label}")));
    }
    let line = justified(theme, Line::from(left), Line::from(right), columns);
    draw_line(cells, area, 0, &line);
}

/// The most important information about a file: its outcome, else its worst finding, else its bank
/// and statement period.
struct Summary<'f> {
    role: Role,
    symbol: &'static str,
    /// An outcome, a finding code or the status.
    label: Cow<'static, str>,
    /// Untrusted text.
    text: Cow<'f, str>,
    /// The action that helps most.
    key: Option<Action>,
}

impl<'f> Summary<'f> {
    fn of(model: &Model, file: &'f File, theme: Theme) -> Self {
        if let Some(record) = file.upload_record() {
            let kind = record.outcome.kind;
            let (role, symbol) = theme.outcome(Some(kind));
            return Self {
                role,
                symbol,
                label: kind.name().into(),
                text: Cow::Borrowed(&record.message),
                key: upload::remedy(kind),
            };
        }
        let findings = file.screening().map(|found| found.findings.as_slice());
        // Reversed, since `max_by_key` returns the last of equal findings and the first is wanted.
        let findings = findings.unwrap_or_default().iter().rev();
        let worst = findings.max_by_key(|finding| finding.severity);
        if let Some(finding) = worst.filter(|finding| finding.severity > Severity::Note) {
            let (role, symbol) = theme.severity(finding.severity);
            return Self {
                role,
                symbol,
                label: finding.code.name().into(),
                text: Cow::Borrowed(&finding.message),
                key: remedy(finding.code),
            };
        }
        let status = status::of_file(model, file, theme);
        let period = file.screening().and_then(|found| found.statement.period);
        let text = match (file.bank(), period) {
            (Some((bank, _)), Some(period)) => {
                format!("{}  {}", bank.name(), labels::period(&period))
            }
            (Some((bank, _)), None) => bank.name().to_owned(),
            (None, _) => String::new(),
        };
        Self {
            role: status.role,
            symbol: status.symbol,
            label: status.text.into(),
            text: Cow::Owned(text),
            key: Some(Action::Detail),
        }
    }
}

/// Returns the action that helps most against a finding.
fn remedy(code: Code) -> Option<Action> {
    match code {
        Code::PasswordIncorrect => Some(Action::Password),
        Code::BankNameUndetected | Code::BankNameMismatch | Code::BankUncertain => {
            Some(Action::Bank)
        }
        Code::PdfIsImage
        | Code::PartlyScanned
        | Code::OcrTextLayer
        | Code::UnmappedText
        | Code::StatementUnsupportedFormat
        | Code::StatementNoTransactions
        | Code::BalanceMismatch
        | Code::MissingTransactions
        | Code::TotalsMismatch
        | Code::PeriodMismatch
        | Code::MixedStatements
        | Code::ReferenceDates
        | Code::HolderMismatch
        | Code::SignatureBroken
        | Code::EditedPdf
        | Code::RemadePdf
        | Code::DamagedPdf
        | Code::ActiveContent
        | Code::FlaggedByService => Some(Action::Preview),
        Code::OutOfDateRange | Code::PartialPeriod => Some(Action::Period),
        Code::MissingMonths | Code::IncompleteMonths => Some(Action::AddFiles),
        Code::InvalidAccountCategory => Some(Action::Category),
        Code::MissingFileObject
        | Code::EmptyFile
        | Code::InvalidFileObject
        | Code::StatementDuplicate
        | Code::StatementTooManyPages
        | Code::FileTooLarge
        | Code::LimitExceeded => Some(Action::Remove),
        Code::OverlappingPeriod | Code::StatementInOtherCase | Code::InternalError => None,
    }
}

/// Returns the label of an action and the name of its key.
fn label_and_key(keys: &KeyMap, action: Action) -> Option<(&'static str, String)> {
    let binding = keymap::binding(action)?;
    Some((binding.short, keys.name(action)))
}

/// The theme, the width and the keys of the detail.
#[derive(Debug, Clone, Copy)]
struct Pane<'k> {
    theme: Theme,
    columns: usize,
    keys: &'k KeyMap,
}

impl Pane<'_> {
    /// Returns size, PDF version, encryption and mark.
    fn properties(self, file: &File) -> Vec<Line<'static>> {
        let mut parts: Vec<String> = file.bytes.map(labels::size).into_iter().collect();
        if let Some(screening) = file.screening() {
            if let Some(document) = &screening.document {
                parts.push(format!("PDF {}", sanitize(&document.metadata.version)));
            }
            if let Some(found) = &screening.encryption
                && found.status != EncryptionStatus::None
            {
                parts.extend(found.method.as_deref().map(canvas::sanitized));
                parts.push(status_name(found.status).to_owned());
            }
        }
        if file.marked {
            parts.push(format!("{} marked", self.theme.symbol("●", "*")));
        }
        let text = parts.join(self.theme.symbol(" · ", ", "));
        self.paragraph(Role::Muted, 0, &text)
    }

    /// Returns the code, message, hint and keys of a finding.
    fn finding(self, finding: &Finding) -> Vec<Line<'static>> {
        let (role, symbol) = self.theme.severity(finding.severity);
        let code = format!("{symbol} {}", finding.code.name());
        let mut lines = vec![Line::from(self.theme.span(role, code))];
        let mut message = canvas::sanitized(&finding.message);
        if !finding.pages.is_empty() {
            message = format!("{message} ({})", page_ranges(&finding.pages));
        }
        lines.extend(self.paragraph(Role::Normal, 2, &message));
        if let Some(hint) = &finding.hint {
            lines.extend(self.hint(hint));
        }
        let remedy = remedy(finding.code);
        match finding.severity {
            Severity::Error => lines.extend(self.keys(&[remedy])),
            Severity::Warning => lines.extend(self.keys(&[remedy, Some(Action::IgnoreWarning)])),
            // Notes need no action.
            Severity::Note => {}
        }
        lines
    }

    fn hint(self, hint: &str) -> Vec<Line<'static>> {
        let mut lines = self.paragraph(Role::Muted, 4, &sanitize(hint));
        if let Some(first) = lines.first_mut().and_then(|line| line.spans.first_mut()) {
            *first = Span::raw(self.theme.symbol("  → ", "  > "));
        }
        lines
    }

    /// Returns a line with the keys of actions, if there are any.
    fn keys(self, actions: &[Option<Action>]) -> Option<Line<'static>> {
        let keys = actions.iter().flatten().copied();
        let mut spans = vec![Span::raw("    ")];
        for (label, key) in keys.filter_map(|action| label_and_key(self.keys, action)) {
            spans.push(self.theme.span(Role::Key, key));
            spans.push(Span::raw(format!(" {label}  ")));
        }
        (spans.len() > 1).then(|| Line::from(spans))
    }

    fn paragraph(self, role: Role, margin: usize, text: &str) -> Vec<Line<'static>> {
        canvas::paragraph(self.theme, role, (margin, self.columns), text)
    }

    /// Returns the columns before the text of a fact.
    fn fact_margin(self) -> usize {
        if self.columns < MIN_COLUMNS_FOR_LABELS {
            2
        } else {
            LABEL_COLUMNS
        }
    }

    /// Returns a label with a text beside it, or below it on narrow screens.
    fn fact(self, label: &'static str, role: Role, text: &str) -> Vec<Line<'static>> {
        let label = self.theme.span(Role::Muted, label);
        let mut lines = self.paragraph(role, self.fact_margin(), text);
        if self.columns < MIN_COLUMNS_FOR_LABELS {
            lines.insert(0, Line::from(label));
        } else if let Some(first) = lines.first_mut().and_then(|line| line.spans.first_mut()) {
            let gap = " ".repeat(LABEL_COLUMNS.saturating_sub(label.content.width()));
            *first = Span::styled(format!("{}{gap}", label.content), label.style);
        }
        lines
    }
}
