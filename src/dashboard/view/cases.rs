//! The table of cases: accounts, months, files and what each case needs.
//!
//! The status has the most room: it is what to do. On narrow screens, the accounts are dropped
//! first, then the number of files, then the months.

use super::status::Status;
use super::theme::{Role, Theme};
use super::{canvas, empty_state, labels};
use crate::dashboard::Layout;
use crate::dashboard::keymap::{Action, KeyMap};
use crate::dashboard::layout::split_columns;
use crate::dashboard::model::{File, JudgedCase, Model, ProcessingState, visible_top};
use crate::screen::cases::{Case, CaseState, CodeEffect, code_effect};
use crate::screen::{AccountCoverage, Finding, Severity, Verdict};
use crate::statement::coverage::MonthCoverage;
use crate::statement::{Bank, Month};
use crate::text::columns::{counted, pad, shorten_end, thousands};
use crate::text::sanitize;
use crate::uploads::plan::OutcomeKind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns before the name: the cursor and a space.
const LEAD: usize = 2;
/// Columns between two table columns.
const GAP: usize = 2;
/// Columns of the names: minimum and maximum.
const NAME: (usize, usize) = (12, 28);
/// Columns of the accounts.
const ACCOUNTS: usize = 18;
/// Columns of the number of files.
const FILES: usize = 9;
/// Minimum columns of the status.
const STATUS: usize = 22;
/// Columns of a month: with its name, or with its first letter.
const MONTH: [usize; 2] = [4, 2];
/// Maximum number of months; of a longer period, the last ones are shown.
const MAX_MONTHS: usize = 12;

/// Draws the table, or how to group files into cases.
pub(super) fn draw(model: &Model, theme: Theme, layout: &Layout, cells: &mut Buffer) {
    if model.case_table.rows().is_empty() {
        empty_state::draw_cases(model, theme, layout.body, cells);
        return;
    }
    let table = Table::new(model, theme, usize::from(layout.list.width));
    let rows = layout.rows();
    if rows.y > layout.list.y {
        canvas::draw_line(cells, layout.list, 0, &table.headings());
    }
    let state = &model.case_table;
    let height = usize::from(rows.height);
    // The size of the screen may have changed since the model was updated.
    let top = visible_top(state.top, state.selected, state.rows().len(), height);
    let shown = state.rows().iter().enumerate().skip(top);
    for ((index, case), area) in shown.zip(rows.rows()) {
        let is_selected = index == state.selected;
        let row = table.row(*case, is_selected);
        canvas::draw_line(cells, area, 0, &row);
        if is_selected {
            // The status is last.
            let status = row.spans.last().map_or(0, Span::width);
            let before = u16::try_from(row.width() - status).unwrap_or(area.width);
            let (_, status) = split_columns(area, before);
            let width = u16::try_from(row.width()).unwrap_or(area.width);
            let status = status.intersection(Rect { width, ..area });
            canvas::highlight(cells, area, status);
        }
    }
}

/// The columns of the table. A width of 0 means that a column is not shown.
struct Table<'m> {
    model: &'m Model,
    theme: Theme,
    name: usize,
    accounts: usize,
    month: usize,
    months: Vec<Month>,
    files: usize,
    status: usize,
}

impl<'m> Table<'m> {
    fn new(model: &'m Model, theme: Theme, columns: usize) -> Self {
        let extent = model.case_table.extent(&model.queue);
        let all = &extent.months;
        // Of a longer period, the last ones.
        let months = all.iter().skip(all.len().saturating_sub(MAX_MONTHS));
        let mut table = Self {
            model,
            theme,
            name: NAME.0,
            accounts: ACCOUNTS,
            month: MONTH[0],
            months: months.copied().collect(),
            files: FILES,
            status: STATUS,
        };
        let steps: [fn(&mut Self); 4] = [
            |table| table.month = MONTH[1],
            |table| table.accounts = 0,
            |table| table.files = 0,
            |table| table.month = 0,
        ];
        for step in steps {
            if table.total() <= columns {
                break;
            }
            step(&mut table);
        }
        let free = columns.saturating_sub(table.total());
        let wanted = extent.name_width.clamp(NAME.0, NAME.1);
        table.name += free.min(wanted - NAME.0);
        table.status += columns.saturating_sub(table.total());
        table
    }

    fn total(&self) -> usize {
        let months = self.months.len() * self.month;
        let columns = [self.name, self.accounts, months, self.files, self.status];
        let shown = columns.into_iter().filter(|width| *width > 0);
        LEAD + shown.map(|width| width + GAP).sum::<usize>() - GAP
    }

    fn headings(&self) -> Line<'static> {
        let muted = |text: String| self.theme.span(Role::Muted, text);
        let position = format!(
            "{}/{}",
            thousands(self.model.case_table.selected + 1),
            thousands(self.model.case_table.rows().len())
        );
        let room = self.name.saturating_sub("case ".len());
        let mut spans = vec![
            Span::raw(" ".repeat(LEAD)),
            muted(pad(&format!("case {position:>room$}"), self.name + GAP)),
        ];
        if self.accounts > 0 {
            spans.push(muted(pad("accounts", self.accounts + GAP)));
        }
        if self.month > 0 {
            let letters = if self.month >= MONTH[0] { 3 } else { 1 };
            for month in &self.months {
                let name = month.first_day().map_or("?", labels::month_name);
                spans.push(muted(pad(&shorten_end(name, letters, ""), self.month)));
            }
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        if self.files > 0 {
            spans.push(muted(pad("files", self.files + GAP)));
        }
        spans.push(muted("status".to_owned()));
        Line::from(spans)
    }

    fn row(&self, index: usize, is_selected: bool) -> Line<'static> {
        let cases = self.model.queue.cases();
        let Some(case) = cases.list().get(index) else {
            return Line::default();
        };
        let judged = cases.judged(index);
        let pointer = if is_selected {
            self.theme.symbol("▸", ">")
        } else {
            " "
        };
        let name = canvas::truncated(&case.name, self.name, self.theme);
        let mut spans = vec![
            Span::raw(pad(pointer, LEAD)),
            Span::raw(pad(&name, self.name + GAP)),
        ];
        if self.accounts > 0 {
            let text = judged.map_or_else(String::new, accounts);
            let text = canvas::truncated(&text, self.accounts, self.theme);
            spans.push(Span::raw(pad(&text, self.accounts + GAP)));
        }
        if self.month > 0 {
            spans.extend(self.strip(judged));
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        if self.files > 0 {
            spans.push(Span::raw(pad(&self.file_count(index), self.files + GAP)));
        }
        let found = status(self.model, self.theme, index, case);
        let text = found.text_within(self.status);
        let text = canvas::truncated(&text, self.status, self.theme);
        spans.push(self.theme.span(found.role, text));
        Line::from(spans)
    }

    /// Returns the months of all accounts together: of each, the worst coverage counts.
    fn strip(&self, judged: Option<&JudgedCase>) -> Vec<Span<'static>> {
        let accounts = judged.map_or(&[][..], |judged| judged.accounts.as_slice());
        let cells = self.months.iter().map(|month| {
            let covers = accounts
                .iter()
                .filter_map(|account| account.coverage_of(*month));
            let worst = covers.min_by_key(|cover| match cover {
                MonthCoverage::Missing => 0,
                MonthCoverage::Partial => 1,
                MonthCoverage::Full => 2,
            });
            let (role, symbol) = match worst {
                Some(cover) => self.theme.cover(cover),
                None => (Role::Muted, " "),
            };
            self.theme.span(role, pad(symbol, self.month))
        });
        cells.collect()
    }

    /// Returns the number of files, and of those that warn or fail: `5 1▲ 1✖`.
    fn file_count(&self, case: usize) -> String {
        let (mut files, mut warn, mut fail) = (0, 0, 0);
        for (_, file) in self.model.queue.files_of_case(case) {
            files += 1;
            match file.verdict() {
                Some(Verdict::Warn) => warn += 1,
                Some(Verdict::Fail) => fail += 1,
                Some(Verdict::Pass) | None => {}
            }
        }
        let mut text = thousands(files);
        for (count, symbol) in [
            (warn, self.theme.symbol("▲", "!")),
            (fail, self.theme.symbol("✖", "x")),
        ] {
            if count > 0 {
                text = format!("{text} {count}{symbol}");
            }
        }
        text
    }
}

/// Lists accounts: `hdfc 5678, sbi 9911`.
fn accounts(judged: &JudgedCase) -> String {
    let names = judged.accounts.iter().map(short_account);
    names.collect::<Vec<_>>().join(", ")
}

/// Returns the bank and the last digits of an account. Untrusted text.
pub(super) fn short_account(account: &AccountCoverage) -> String {
    let bank = account.bank.as_ref().map_or("-", Bank::id);
    let digits = account.account.trim_start_matches(['X', 'x', '*']);
    format!("{bank} {}", sanitize(digits))
}

/// Returns the status of a case: its upload once that was requested, else what it needs.
pub(super) fn status(model: &Model, theme: Theme, index: usize, case: &Case) -> Status {
    let files: Vec<&File> = model
        .queue
        .files_of_case(index)
        .map(|(_, file)| file)
        .collect();
    if let Some(status) = upload_status(model, &files, theme) {
        return status;
    }
    let Some(judged) = model.queue.cases().judged(index) else {
        let screened = files.iter().filter(|file| file.screening().is_some());
        let text = format!("screening {} of {}", screened.count(), files.len());
        return Status::new(Role::Muted, theme.symbol("…", "."), text);
    };
    if let Some(status) = processing(model, &files, theme) {
        return status;
    }
    let keys = &model.setup.keys;
    let (role, symbol) = state_role(judged.state, theme);
    let uploaded = files.iter().filter(|file| is_uploaded(file)).count();
    let text = match (judged.state, uploaded) {
        (CaseState::Ready, 0) if model.queue.totals_of_case(index).0.eligible == 0 => {
            let text = "ready, but no file to send";
            return Status::new(Role::Warning, theme.symbol("▲", "!"), text);
        }
        (CaseState::Ready, 0) => "ready".to_owned(),
        (CaseState::Ready, _) => {
            let is_new = |file: &&&File| !is_uploaded(file) && file.check_eligibility(true).is_ok();
            let new = files.iter().filter(is_new).count();
            if new > 0 {
                let text = format!("{uploaded} uploaded, {new} new");
                return Status::new(Role::Warning, theme.symbol("▲", "!"), text);
            }
            format!("uploaded ({})", counted(uploaded, "file"))
        }
        (CaseState::Incomplete | CaseState::Blocked, 0) => {
            let (text, short) = need(keys, &files, judged, case);
            return Status::new(role, symbol, text).with_short(short);
        }
        (CaseState::Incomplete | CaseState::Blocked, _) => {
            let (text, _) = need(keys, &files, judged, case);
            let status = Status::new(role, symbol, format!("{uploaded} uploaded; {text}"));
            return status.with_short(format!("{uploaded} sent; {}", judged.state.name()));
        }
    };
    Status::new(role, symbol, text)
}

/// Returns how far the processing of a case is, if it was started.
fn processing(model: &Model, files: &[&File], theme: Theme) -> Option<Status> {
    let mut sessions = files
        .iter()
        .filter_map(|file| file.upload_record()?.session.as_deref());
    let state = sessions.find_map(|session| model.processing.state(session))?;
    let (role, symbol, text) = match state {
        ProcessingState::Started | ProcessingState::Retrying(_) => (
            Role::InProgress,
            theme.symbol("↑", "^"),
            "processing".to_owned(),
        ),
        ProcessingState::Progress(done, all) => {
            let text = format!("processing, {done} of {all}");
            (Role::InProgress, theme.symbol("↑", "^"), text)
        }
        ProcessingState::Completed(_) => (
            Role::Success,
            theme.symbol("✔", "+"),
            "processed".to_owned(),
        ),
        ProcessingState::Failed(what) => (
            Role::Error,
            theme.symbol("✖", "x"),
            format!("failed, {}", sanitize(what)),
        ),
        ProcessingState::Stopped(_) => return None,
    };
    Some(Status::new(role, symbol, text))
}

/// Returns the role and symbol of a state.
pub(super) fn state_role(state: CaseState, theme: Theme) -> (Role, &'static str) {
    match state {
        CaseState::Ready => (Role::Success, theme.symbol("✔", "+")),
        CaseState::Incomplete => (Role::Warning, theme.symbol("▲", "!")),
        CaseState::Blocked => (Role::Error, theme.symbol("✖", "x")),
    }
}

/// Returns how far the uploads of a case are, unless all that were requested succeeded.
fn upload_status(model: &Model, files: &[&File], theme: Theme) -> Option<Status> {
    let count = |kind: fn(OutcomeKind) -> bool| {
        let outcomes = files.iter().filter_map(|file| file.outcome());
        outcomes.filter(|outcome| kind(*outcome)).count()
    };
    let left = files.iter().filter(|file| file.is_uploading()).count();
    let unknown = count(|kind| kind == OutcomeKind::Unknown);
    let not_sent = count(|kind| matches!(kind, OutcomeKind::Rejected | OutcomeKind::Skipped));
    if left > 0 {
        let (symbol, text) = (theme.symbol("↑", "^"), format!("uploading, {left} left"));
        return Some(Status::new(Role::InProgress, symbol, text));
    }
    if unknown > 0 {
        let key = model.key(Action::ResolveUnknown);
        let text = format!("{unknown} unknown ({key} resolves)");
        let status = Status::new(Role::Warning, "?", text);
        return Some(status.with_short(format!("{unknown} unknown ({key})")));
    }
    if not_sent > 0 {
        let key = model.key(Action::Retry);
        let text = format!("{not_sent} not sent ({key} retries)");
        let status = Status::new(Role::Error, theme.symbol("✖", "x"), text);
        return Some(status.with_short(format!("{not_sent} not sent ({key})")));
    }
    None
}

fn is_uploaded(file: &File) -> bool {
    file.outcome().is_some_and(OutcomeKind::is_uploaded)
}

/// Returns the most important thing that a case needs, in full and for a narrow column.
fn need(keys: &KeyMap, files: &[&File], judged: &JudgedCase, case: &Case) -> (String, String) {
    let same = |text: String| (text.clone(), text);
    let locked = files.iter().filter(|file| file.is_locked()).count();
    if locked > 0 {
        return same(format!(
            "{} ({})",
            counted(locked, "password"),
            keys.name(Action::Password)
        ));
    }
    // What decides about the state comes first. Another document in the folder changes nothing.
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    let deciding = match judged.state {
        CaseState::Blocked => {
            let blocking = problem(files, |found| {
                code_effect(found.code) == CodeEffect::Blocked
            });
            blocking.or_else(|| problem(files, is_error))
        }
        CaseState::Ready | CaseState::Incomplete => problem(files, |found| {
            code_effect(found.code) == CodeEffect::Incomplete
        }),
    };
    if let Some(deciding) = deciding {
        return deciding;
    }
    let missing = judged.accounts.iter().find_map(|account| {
        let missing = account.missing();
        (!missing.is_empty()).then(|| (account, labels::months(&missing)))
    });
    match missing {
        Some((account, months)) if judged.accounts.len() > 1 => {
            let text = format!("{months} missing ({})", short_account(account));
            (text, format!("{months} missing"))
        }
        Some((_, months)) => same(format!("{months} missing")),
        None if files.is_empty() => same("no file".to_owned()),
        None => problem(files, is_error).unwrap_or_else(|| {
            let text = "no statement".to_owned();
            match case.requested {
                Some(_) => ("no statement of the period".to_owned(), text),
                None => same(text),
            }
        }),
    }
}

/// Returns the first finding of a kind in a case, with and without its file. Notes and duplicates
/// are no problems.
fn problem(files: &[&File], is_it: impl Fn(&Finding) -> bool) -> Option<(String, String)> {
    let mut originals = files.iter().filter(|file| file.duplicate_of.is_none());
    originals.find_map(|file| {
        let mut findings = file.screening()?.findings.iter();
        let found = findings.find(|found| found.severity > Severity::Note && is_it(found))?;
        let name = file.display_name().rsplit('/').next().unwrap_or_default();
        let label = labels::finding(found.code);
        Some((format!("{label}: {name}"), label.to_owned()))
    })
}
