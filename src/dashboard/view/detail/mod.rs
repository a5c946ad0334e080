//! All that is known of the file under the cursor: what is wrong first, then facts.

mod answer;
mod facts;

pub(super) use facts::class_word;

use super::paint::{self, indented, put, put_all};
use super::theme::{Role, Theme};
use super::words;
use crate::dashboard::keymap::{self, Action};
use crate::dashboard::layout::{Detail, split_columns, split_rows};
use crate::dashboard::model::{File, Model};
use crate::pdf::EncryptionStatus;
use crate::report::status_name;
use crate::screen::{Code, Finding, Severity};
use crate::text::columns::{page_ranges, shorten_front};
use crate::text::sanitize;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Columns of the labels of facts.
const LABEL: usize = 11;
/// Columns below which labels have lines of their own.
const ROOM_FOR_LABELS: usize = 36;

/// Draws it where the layout has room for it.
pub(super) fn draw(model: &Model, theme: Theme, detail: Detail, cells: &mut Buffer) {
    let Some((_, file)) = model.queue.current() else {
        return;
    };
    match detail {
        Detail::None | Detail::Whole(_) => {}
        Detail::Line(area) => one_line(file, theme, indented(area), cells),
        Detail::Below(area) => {
            let sign = theme.either("─", "-").repeat(usize::from(area.width));
            put(cells, area, 0, &Line::from(theme.span(Role::Faint, sign)));
        }
        Detail::Beside(area) => {
            let rule = Line::from(theme.span(Role::Faint, theme.either("│", "|")));
            for row in area.rows() {
                put(cells, row, 0, &rule);
            }
        }
    }
    let Some((head, text)) = pane(detail) else {
        return;
    };
    let lines = lines(model, file, theme, usize::from(text.width));
    let rows = usize::from(text.height);
    let top = usize::from(model.screen.detail_top).min(lines.len().saturating_sub(rows));
    put_all(cells, text, lines.get(top..).unwrap_or_default());
    let seen = (rows < lines.len()).then(|| {
        let last = (top + rows).min(lines.len());
        format!("{}-{last} of {} lines", top + 1, lines.len())
    });
    heading(file, theme, seen, head, cells);
}

/// Lines that the detail can be scrolled down until its last is at the end of the screen.
pub(super) fn most_top(model: &Model, detail: Detail) -> u16 {
    let (Some((_, file)), Some((_, text))) = (model.queue.current(), pane(detail)) else {
        return 0;
    };
    let theme = Theme::new(model.setup.look);
    let lines = lines(model, file, theme, usize::from(text.width)).len();
    let rows = u16::try_from(lines).unwrap_or(u16::MAX);
    rows.saturating_sub(text.height)
}

/// Where the heading and the text of the detail are, if it has more than a line.
fn pane(detail: Detail) -> Option<(Rect, Rect)> {
    let area = match detail {
        Detail::None | Detail::Line(_) => return None,
        Detail::Below(area) | Detail::Whole(area) => area,
        Detail::Beside(area) => split_columns(area, 1).1,
    };
    let (head, text) = split_rows(area, 1);
    // A rule goes on at both sides of what stands in it.
    let head = match detail {
        Detail::Below(_) => indented(head),
        _ => head,
    };
    Some((head, indented(text)))
}

/// The name at the left, the verdict at the right, and how much of the detail is seen.
fn heading(file: &File, theme: Theme, seen: Option<String>, area: Rect, cells: &mut Buffer) {
    let columns = usize::from(area.width);
    let (role, sign, word) = theme.verdict(file.verdict());
    let verdict = theme.span(role, format!(" {sign} {word} "));
    let seen = seen.filter(|_| columns >= 50);
    let seen = seen.map(|seen| theme.span(Role::Faint, format!(" {seen} ")));
    let right = Line::from(seen.into_iter().chain([verdict]).collect::<Vec<_>>());
    let right_columns = right.width();
    let room = columns.saturating_sub(right_columns + 3);
    let name = format!(" {} ", shorten_front(&file.shown, room, theme.cut()));
    let name = Line::from(theme.span(Role::Strong, name));
    put(cells, area, 0, &name);
    let left = columns.saturating_sub(right_columns);
    let (_, end) = split_columns(area, u16::try_from(left).unwrap_or(u16::MAX));
    put(cells, end, 0, &right);
}

fn lines(model: &Model, file: &File, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let page = Page { theme, columns };
    let mut lines = page.about(file);
    lines.extend(answer::outcome(page, file));
    if let Some(screening) = file.screening() {
        let mut findings: Vec<&Finding> = screening.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in findings {
            lines.extend(page.finding(finding));
        }
    } else {
        lines.push(page.plain(Role::Faint, "waits to be screened"));
    }
    lines.extend(answer::receipt(page, file));
    lines.extend(facts::lines(page, model, file));
    lines
}

/// The one line that a small screen has room for: the worst that is known of the file.
fn one_line(file: &File, theme: Theme, area: Rect, cells: &mut Buffer) {
    let columns = usize::from(area.width);
    let Worst {
        role,
        sign,
        word,
        told,
        remedy,
    } = worst(file, theme);
    let key = remedy.and_then(keymap::of).and_then(|binding| {
        let key = binding.keys.first()?.name();
        Some(vec![
            Span::raw("  "),
            theme.span(Role::Key, key),
            Span::raw(format!(" {}", binding.short)),
        ])
    });
    let mut left = vec![theme.span(role, format!("{sign} {word}"))];
    if !told.is_empty() {
        left.push(Span::raw("  "));
        left.push(theme.span(Role::Plain, sanitize(&told).into_owned()));
    }
    let (left, right) = (Line::from(left), Line::from(key.unwrap_or_default()));
    put(cells, area, 0, &paint::apart(theme, left, right, columns));
}

/// The worst that is known of a file, in few words.
struct Worst<'f> {
    role: Role,
    sign: &'static str,
    /// A code, an outcome or a verdict.
    word: &'static str,
    /// What that means for this file. Untrusted text.
    told: Cow<'f, str>,
    /// What helps.
    remedy: Option<Action>,
}

fn worst(file: &File, theme: Theme) -> Worst<'_> {
    if let Some(sent) = file.sent() {
        let kind = sent.outcome.kind;
        let (role, sign) = theme.outcome(Some(kind));
        return Worst {
            role,
            sign,
            word: words::outcome_word(kind),
            told: Cow::Borrowed(&sent.message),
            remedy: answer::remedy(sent),
        };
    }
    let findings = file.screening().map(|found| found.findings.as_slice());
    let findings = findings.unwrap_or_default().iter().rev();
    let worst = findings.max_by_key(|finding| finding.severity);
    if let Some(finding) = worst.filter(|finding| finding.severity > Severity::Note) {
        let (role, sign) = theme.severity(finding.severity);
        return Worst {
            role,
            sign,
            word: finding.code.name(),
            told: Cow::Borrowed(&finding.message),
            remedy: remedy(finding.code),
        };
    }
    let (role, sign, word) = theme.verdict(file.verdict());
    let period = file.screening().and_then(|found| found.statement.period);
    let told = match (file.bank(), period) {
        (Some((bank, _)), Some(days)) => format!("{}  {}", bank.name(), words::period(&days)),
        (Some((bank, _)), None) => bank.name().to_owned(),
        (None, _) => String::new(),
    };
    Worst {
        role,
        sign,
        word,
        told: Cow::Owned(told),
        remedy: Some(Action::Detail),
    }
}

/// The key that helps most against a finding.
fn remedy(code: Code) -> Option<Action> {
    Some(match code {
        Code::PasswordIncorrect => Action::Password,
        Code::BankNameUndetected | Code::BankNameMismatch | Code::BankUncertain => Action::Bank,
        Code::PdfIsImage
        | Code::PartlyScanned
        | Code::OcrTextLayer
        | Code::UnmappedText
        | Code::StatementUnsupportedFormat
        | Code::EditedPdf
        | Code::DamagedPdf
        | Code::ActiveContent => Action::Page,
        Code::OutOfDateRange | Code::PartialPeriod => Action::Range,
        Code::MissingMonths => Action::Add,
        Code::InvalidAccountCategory => Action::Category,
        Code::MissingFileObject
        | Code::EmptyFile
        | Code::InvalidFileObject
        | Code::StatementDuplicate
        | Code::StatementTooManyPages
        | Code::FileTooLarge
        | Code::LimitExceeded => Action::Drop,
        Code::OverlappingPeriod | Code::InternalError => return None,
    })
}

/// A page of text of so many columns.
#[derive(Debug, Clone, Copy)]
struct Page {
    theme: Theme,
    columns: usize,
}

impl Page {
    fn plain(self, role: Role, text: &str) -> Line<'static> {
        Line::from(self.theme.span(role, text.to_owned()))
    }

    /// Size, version, encryption.
    fn about(self, file: &File) -> Vec<Line<'static>> {
        let mut parts: Vec<String> = file.bytes.map(words::size).into_iter().collect();
        if let Some(screening) = file.screening() {
            if let Some(document) = &screening.document {
                parts.push(format!("PDF {}", sanitize(&document.metadata.version)));
            }
            if let Some(found) = &screening.encryption
                && found.status != EncryptionStatus::None
            {
                parts.extend(found.method.as_deref().map(paint::safe));
                parts.push(status_name(found.status).to_owned());
            }
        }
        if file.marked {
            parts.push(format!("{} marked", self.theme.either("●", "*")));
        }
        let text = parts.join(self.theme.either(" · ", ", "));
        paint::paragraph(self.theme, Role::Faint, (0, self.columns), &text)
    }

    /// What is wrong, what to do about it, and which key does that.
    fn finding(self, finding: &Finding) -> Vec<Line<'static>> {
        let (role, sign) = self.theme.severity(finding.severity);
        let head = format!("{sign} {}", finding.code.name());
        let mut lines = vec![Line::from(self.theme.span(role, head))];
        let mut message = paint::safe(&finding.message);
        if !finding.pages.is_empty() {
            message = format!("{message} ({})", page_ranges(&finding.pages));
        }
        lines.extend(self.paragraph(Role::Plain, 2, &message));
        if let Some(hint) = &finding.hint {
            lines.extend(self.hint(hint));
        }
        if finding.severity > Severity::Note {
            let ignorable = finding.severity == Severity::Warning;
            let ignore = ignorable.then_some(Action::Ignore);
            lines.extend(self.keys(&[remedy(finding.code), ignore]));
        }
        lines
    }

    fn hint(self, hint: &str) -> Vec<Line<'static>> {
        let mut lines = self.paragraph(Role::Faint, 4, &sanitize(hint));
        if let Some(first) = lines.first_mut().and_then(|line| line.spans.first_mut()) {
            *first = Span::raw(self.theme.either("  → ", "  > "));
        }
        lines
    }

    /// Keys that help, in one line.
    fn keys(self, actions: &[Option<Action>]) -> Option<Line<'static>> {
        let bindings = actions.iter().flatten().filter_map(|a| keymap::of(*a));
        let mut spans = vec![Span::raw("    ")];
        for binding in bindings {
            let Some(key) = binding.keys.first() else {
                continue;
            };
            spans.push(self.theme.span(Role::Key, key.name()));
            spans.push(Span::raw(format!(" {}  ", binding.short)));
        }
        (spans.len() > 1).then(|| Line::from(spans))
    }

    fn paragraph(self, role: Role, margin: usize, text: &str) -> Vec<Line<'static>> {
        paint::paragraph(self.theme, role, (margin, self.columns), text)
    }

    /// A label, and what it labels beside it, or below where there is little room.
    fn fact(self, label: &'static str, role: Role, text: &str) -> Vec<Line<'static>> {
        let label = self.theme.span(Role::Faint, label);
        if self.columns < ROOM_FOR_LABELS {
            let mut lines = vec![Line::from(label)];
            lines.extend(self.paragraph(role, 2, text));
            return lines;
        }
        let mut lines = self.paragraph(role, LABEL, text);
        if let Some(first) = lines.first_mut().and_then(|line| line.spans.first_mut()) {
            let gap = " ".repeat(LABEL.saturating_sub(label.content.width()));
            *first = Span::styled(format!("{}{gap}", label.content), label.style);
        }
        lines
    }
}
