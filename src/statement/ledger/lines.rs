//! Reads the lines of a page that have amounts of money: the candidates for the rows of a table.

use super::amount::{self, Amount, Form, Side};
use super::headings::Headings;
use super::hints::Hints;
use super::label::Label;
use super::references::Reference;
use super::senders::{self, Code};
use super::summary::{MAX_LINES_BELOW, PrintedFact, SummaryLabels};
use super::words::{LineWord, LineWords};
use crate::pdf::{PageText, place_on_page};
use crate::statement::dates::{self, DateOrder};
use jiff::civil::Date;
use std::ops::Range;

/// A year with all days, for dates without a year.
const LEAP_YEAR: i16 = 2000;
/// The largest distance between an amount and its mark or sign, in ems.
const MAX_SIGN_GAP: f32 = 0.6;
/// Points by which the words of a date may stick out of the heading of their column.
const DATE_MARGIN: f32 = 14.0;
/// Numbers on a line of a table.
const MAX_TOKENS: usize = 24;
/// Layouts that are distinguished in one document.
const MAX_LAYOUTS: usize = 64;
/// The layout of lines on pages before any headings.
const NO_HEADINGS: u16 = u16::MAX;
/// A date this many lines away can belong to the row.
const MAX_DATE_LINES: usize = 3;

/// A number on a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token {
    /// The extent of the digits, in points.
    pub(super) x0: f32,
    pub(super) x1: f32,
    /// Hundredths; never negative.
    pub(super) minor: i64,
    pub(super) form: Form,
    /// The side by the word's own sign or suffix.
    pub(super) own: Option<Side>,
    /// The side that the word before names.
    pub(super) before: Option<Side>,
    /// The side that the word behind names.
    pub(super) behind: Option<Side>,
    /// Index of its column, once the columns of its table are known.
    pub(super) column: Option<u8>,
}

/// A line with at least one number.
#[derive(Debug, Clone)]
pub(super) struct MoneyLine {
    /// Index of the page in the file.
    pub(super) page: u32,
    /// The baseline, from the top of the page, in points.
    pub(super) y: f32,
    /// The left end of its first word, in points.
    pub(super) x0: f32,
    pub(super) size: f32,
    /// The place of the baseline on the page: see [`LedgerBreak::place`](super::LedgerBreak).
    pub(super) place: u16,
    /// Index of the layout of its table; `None` for a line outside of tables.
    pub(super) layout: Option<u16>,
    /// The date of its row.
    pub(super) date: Option<Date>,
    /// Month and day of the date if it has no year.
    pub(super) month_day: Option<(i8, i8)>,
    /// Whether the date is on the line itself.
    pub(super) has_own_date: bool,
    pub(super) label: Option<Label>,
    /// Its numbers from left to right, among those of the document; not empty.
    pub(super) tokens: Range<usize>,
    /// Whether a number is certainly an amount.
    has_money: bool,
    /// Payment references of the row.
    pub(super) references: Vec<Reference>,
    /// The bank that numbered the payment.
    pub(super) sender: Option<Code>,
}

impl MoneyLine {
    /// Returns its numbers among those of the document.
    pub(super) fn tokens<'t>(&self, tokens: &'t [Token]) -> &'t [Token] {
        tokens.get(self.tokens.clone()).unwrap_or_default()
    }
}

/// The lines of one page, as they were read.
#[derive(Debug, Default)]
pub(super) struct PageLines {
    lines: Vec<LineWords>,
    count: usize,
    /// The height of the page, in points.
    height: f32,
    details: Vec<Details>,
    /// The numbers of all pages so far. One vector, because a row has only a few.
    tokens: Vec<Token>,
}

/// What a line contains, before its row is known.
#[derive(Debug, Default)]
struct Details {
    is_heading: bool,
    /// Whether headings follow on the page. Then only a line with a date can be a row.
    is_above: bool,
    layout: Option<u16>,
    date: Option<Date>,
    month_day: Option<(i8, i8)>,
    label: Option<Label>,
    /// Its numbers, among those of the document.
    tokens: Range<usize>,
    /// Whether a row has the numbers or the date of the line.
    is_used: bool,
}

/// The headings of a table on a page.
struct TableStart {
    lines: Range<usize>,
    /// Index of the layout.
    layout: usize,
}

impl PageLines {
    /// Replaces the content by the lines of a page.
    pub(super) fn read(&mut self, page: &PageText) {
        self.count = page.lines.len();
        self.height = page.height;
        self.lines
            .resize_with(self.count.max(self.lines.len()), LineWords::default);
        for (words, line) in self.lines.iter_mut().zip(&page.lines) {
            words.read(line);
        }
        self.details.clear();
        self.details.resize_with(self.count, Details::default);
    }

    /// Returns the lines from top to bottom.
    pub(super) fn lines(&self) -> &[LineWords] {
        self.lines.get(..self.count).unwrap_or_default()
    }

    /// Marks the headings and the lines of the tables, and appends new layouts.
    ///
    /// A table continues on a page without headings in the layout of the page before. Returns the
    /// index of the first line of headings.
    pub(super) fn find_tables(
        &mut self,
        layouts: &mut Vec<Headings>,
        is_first_page: bool,
    ) -> Option<usize> {
        let mut current = layouts.len().checked_sub(1);
        let tables = self.find_headings(layouts);
        let first = tables.first().map(|table| table.lines.start);
        let mut tables = tables.into_iter().peekable();
        for (index, detail) in self.details.iter_mut().enumerate() {
            if let Some(table) = tables.next_if(|table| table.lines.end <= index) {
                current = Some(table.layout);
            }
            detail.is_heading = tables
                .peek()
                .is_some_and(|table| table.lines.contains(&index));
            // Above the first headings of a page is its head, and on later pages the end of a
            // table.
            detail.is_above = first.is_some_and(|first| index < first);
            detail.layout = match current {
                Some(layout) if !detail.is_above || !is_first_page => u16::try_from(layout).ok(),
                None if first.is_none() => Some(NO_HEADINGS),
                _ => None,
            };
        }
        first
    }

    /// Finds the headings of the page, from top to bottom.
    fn find_headings(&self, layouts: &mut Vec<Headings>) -> Vec<TableStart> {
        let mut found = Vec::new();
        let mut index = 0;
        while let Some(lines) = self.lines().get(index..).filter(|lines| !lines.is_empty()) {
            let may_begin = lines.first().is_some_and(may_be_heading);
            let Some((headings, count)) = may_begin.then(|| Headings::find(lines)).flatten() else {
                index += 1;
                continue;
            };
            let known = layouts
                .iter()
                .position(|known| known.is_same_layout(&headings));
            let layout = known.unwrap_or_else(|| {
                if layouts.len() < MAX_LAYOUTS {
                    layouts.push(headings);
                }
                layouts.len() - 1
            });
            let lines = index..index + count;
            index = lines.end;
            found.push(TableStart { lines, layout });
        }
        found
    }

    /// Reads the numbers, dates and labels of all lines.
    pub(super) fn read_numbers(&mut self, order: DateOrder) {
        for (words, detail) in self.lines.iter().zip(&mut self.details) {
            if detail.is_heading {
                continue;
            }
            let date = row_date(words.text(), order);
            let date_end = date.map_or(0, |(_, end)| end);
            detail.date = date.map(|(date, _)| date);
            if detail.is_above && detail.date.is_none() {
                detail.layout = None;
            }
            detail.tokens = push_tokens(words, date_end, &mut self.tokens);
            if date.is_none() && !detail.tokens.is_empty() {
                detail.month_day = month_day(words);
            }
            let tokens = self.tokens.get(detail.tokens.clone()).unwrap_or_default();
            let first = tokens.iter().find(|token| token.form == Form::Money);
            let label_end = first.map_or(f32::INFINITY, |token| token.x0);
            let narration = words.iter().skip_while(|word| word.start < date_end);
            let narration = narration.take_while(|word| word.x0 < label_end);
            let may_have_label = words.may_contain(Hints::LABELS);
            let label = may_have_label.then(|| Label::find(narration.map(|word| word.text)));
            detail.label = label.flatten();
        }
    }

    /// Finds the printed sums and balances, and removes their lines from the table.
    ///
    /// An opening or closing balance in a table stays there, because it can be a row.
    pub(super) fn take_summary(&mut self, page: u32, facts: &mut Vec<PrintedFact>) {
        for index in 0..self.count {
            let (Some(words), Some(detail)) = (self.lines.get(index), self.details.get(index))
            else {
                break;
            };
            if detail.is_heading || detail.date.is_some() {
                continue;
            }
            let labels = SummaryLabels::find(words);
            let tokens = self.tokens_of(detail);
            let has_money = has_money(tokens);
            if has_money || labels.have_counts() && !detail.tokens.is_empty() {
                let is_row = detail.layout.is_some() && labels.are_balances();
                let found: Vec<_> = labels.values_behind(tokens).collect();
                if !is_row && !found.is_empty() {
                    facts.extend(found.into_iter().map(|(fact, value)| PrintedFact {
                        page,
                        fact,
                        value,
                        is_certain: !fact.is_balance(),
                        rows: None,
                    }));
                    self.clear_row(index);
                }
            } else if labels.are_headings() {
                self.take_values_below(page, index, &labels, facts);
            }
        }
    }

    /// Takes the values of a line of labels from one of the lines below.
    fn take_values_below(
        &mut self,
        page: u32,
        index: usize,
        labels: &SummaryLabels,
        facts: &mut Vec<PrintedFact>,
    ) {
        for below in index + 1..=index + MAX_LINES_BELOW {
            let Some(detail) = self
                .details
                .get(below)
                .filter(|detail| detail.date.is_none())
            else {
                return;
            };
            let found: Vec<_> = labels.values_below(self.tokens_of(detail)).collect();
            if !found.is_empty() {
                let found = found.into_iter();
                facts.extend(found.map(|(fact, value)| PrintedFact::certain(page, fact, value)));
                self.clear_row(below);
                return;
            }
        }
    }

    fn clear_row(&mut self, index: usize) {
        if let Some(detail) = self.details.get_mut(index) {
            detail.tokens = 0..0;
        }
    }

    /// Returns the numbers of the document so far.
    pub(super) fn into_tokens(self) -> Vec<Token> {
        self.tokens
    }

    fn tokens_of(&self, detail: &Details) -> &[Token] {
        self.tokens.get(detail.tokens.clone()).unwrap_or_default()
    }

    /// Returns the lines with numbers, with the dates of their rows.
    pub(super) fn money_lines(
        &mut self,
        page: u32,
        layouts: &[Headings],
        order: DateOrder,
    ) -> Vec<MoneyLine> {
        let mut found = self.take_money_lines(page);
        let money: Vec<Option<usize>> = found
            .iter()
            .map(|(index, line)| line.has_money.then_some(*index))
            .collect();
        let mut before = None;
        for (position, (index, line)) in found.iter_mut().enumerate() {
            let from = before.map_or(0, |before: usize| before + 1);
            before = money.get(position).copied().flatten().or(before);
            if line.has_own_date {
                continue;
            }
            let next = money.iter().skip(position + 1).flatten().next();
            let lines = near_lines(*index, from, next.copied().unwrap_or(self.count));
            let near = self.dated_line(*index, lines.clone());
            if let Some(near) = near.and_then(|near| self.details.get_mut(near)) {
                near.is_used = true;
                line.date = near.date;
                line.label = line.label.or(near.label);
            } else {
                let headings = line
                    .layout
                    .and_then(|layout| layouts.get(usize::from(layout)));
                let column = headings.and_then(|headings| headings.date);
                line.date = column.and_then(|column| self.wrapped_date(lines, column, order));
            }
        }
        found.into_iter().map(|(_, line)| line).collect()
    }

    /// Returns the lines in a table that begin with a date and belong to no row: their left ends
    /// and baselines.
    pub(super) fn unused_dates(&self) -> impl Iterator<Item = (f32, f32)> + '_ {
        let lines = self.lines.iter().zip(&self.details);
        let unused = lines.filter(|(_, detail)| {
            detail.date.is_some()
                && detail.layout.is_some()
                && !detail.is_used
                && !detail.is_heading
        });
        unused.map(|(words, _)| (words.x0(), words.y))
    }

    /// Takes the lines with numbers, with their indices. References on other lines belong to the
    /// line above.
    fn take_money_lines(&mut self, page: u32) -> Vec<(usize, MoneyLine)> {
        let mut found: Vec<(usize, MoneyLine)> = Vec::new();
        for (index, (words, detail)) in self.lines.iter().zip(&mut self.details).enumerate() {
            let may_refer = words.may_contain(Hints::REFERENCES);
            let reference = may_refer.then(|| Reference::find(words.text())).flatten();
            let sender = may_refer.then(|| senders::find(words.text())).flatten();
            if detail.is_heading || detail.tokens.is_empty() {
                if let Some((_, line)) = found.last_mut() {
                    line.references.extend(reference);
                    line.sender = line.sender.or(sender);
                }
                continue;
            }
            detail.is_used = true;
            let line = MoneyLine {
                page,
                y: words.y,
                x0: words.x0(),
                size: words.size,
                place: place_on_page(words.y, self.height),
                layout: detail.layout,
                date: detail.date,
                month_day: detail.month_day,
                has_own_date: detail.date.is_some() || detail.month_day.is_some(),
                label: detail.label,
                tokens: detail.tokens.clone(),
                has_money: has_money(self.tokens.get(detail.tokens.clone()).unwrap_or_default()),
                references: reference.into_iter().collect(),
                sender,
            };
            found.push((index, line));
        }
        found
    }

    /// Returns the index of the line with the date of a row whose amounts are on another line.
    fn dated_line(&self, index: usize, lines: Range<usize>) -> Option<usize> {
        let is_dated = |index: &usize| {
            let detail = self.details.get(*index);
            detail.is_some_and(|detail| detail.date.is_some())
        };
        let above = (lines.start..index).rev().find(is_dated);
        above.or_else(|| (index + 1..lines.end).find(is_dated))
    }

    /// Parses a date that is broken over several lines of its column.
    fn wrapped_date(
        &self,
        lines: Range<usize>,
        (x0, x1): (f32, f32),
        order: DateOrder,
    ) -> Option<Date> {
        let mut text = String::new();
        for line in self.lines.get(lines)? {
            for word in line.iter() {
                if word.x0 >= x0 - DATE_MARGIN && word.x1 <= x1 + DATE_MARGIN {
                    if !text.is_empty() && !text.ends_with(['-', '/', '.']) {
                        text.push(' ');
                    }
                    text.push_str(word.text);
                }
            }
        }
        dates::find(&text, order).next().map(|found| found.date)
    }
}

/// Returns the lines around a line that can have its date.
fn near_lines(index: usize, from: usize, to: usize) -> Range<usize> {
    from.max(index.saturating_sub(MAX_DATE_LINES))..to.min(index + MAX_DATE_LINES + 1)
}

/// Whether a line can be a part of headings: a cheap filter.
fn may_be_heading(line: &LineWords) -> bool {
    line.may_contain(Hints::HEADINGS) && !line.has_numbers() && line.contains(Hints::HEADINGS)
}

/// Returns the date at the start of a line and the offset behind it. A serial number and a
/// transaction number can precede it.
fn row_date(text: &str, order: DateOrder) -> Option<(Date, usize)> {
    // Most lines begin with a description.
    let mut first = text.bytes().take_while(|byte| *byte != b' ');
    if !first.any(|byte| byte.is_ascii_digit()) && !dates::begins_with_month(text) {
        return None;
    }
    let found = dates::of_row(text, order, true)?;
    Some((found.date, found.range.end))
}

/// Returns month and day of a date without a year at the start of a line: `01 jun`, `jun 01`.
fn month_day(words: &LineWords) -> Option<(i8, i8)> {
    let (first, second) = (words.get(0)?.text, words.get(1)?.text);
    let day = dates::in_year(LEAP_YEAR, first, second.trim_end_matches(','))?;
    Some((day.month(), day.day()))
}

fn has_money(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.form == Form::Money)
}

/// Reads the numbers behind an offset of a line, adds them to others, and returns their range.
fn push_tokens(words: &LineWords, from: usize, tokens: &mut Vec<Token>) -> Range<usize> {
    let start = tokens.len();
    for index in words.possible_numbers(from) {
        let Some(word) = words.get(index) else { break };
        let Some(amount) = Amount::parse(word.text) else {
            continue;
        };
        let before = index.checked_sub(1).and_then(|index| words.get(index));
        let behind = words.get(index + 1);
        let sign = before.and_then(|sign| sign_before(&sign, &word, words.size));
        let (x0, x1) = digits(&word, amount);
        // No row has so many numbers.
        if tokens.len() - start >= MAX_TOKENS {
            tokens.truncate(start);
            break;
        }
        tokens.push(Token {
            x0,
            x1,
            minor: amount.minor,
            form: amount.form,
            own: amount.side.or(sign),
            before: before.and_then(|word| amount::side(word.text)),
            behind: behind.and_then(|word| amount::side(word.text)),
            column: None,
        });
    }
    start..tokens.len()
}

/// Returns the side by a sign that is a word of its own, directly before a number.
fn sign_before(sign: &LineWord<'_>, word: &LineWord<'_>, size: f32) -> Option<Side> {
    if word.x0 - sign.x1 > MAX_SIGN_GAP * size {
        return None;
    }
    match sign.text {
        "-" => Some(Side::Debit),
        "+" => Some(Side::Credit),
        _ => None,
    }
}

/// Returns the extent of the digits of a word, as if all characters had the same width.
fn digits(word: &LineWord<'_>, amount: Amount) -> (f32, f32) {
    let (before, behind) = amount.around;
    let share = (word.x1 - word.x0) / word.text.len().max(1) as f32;
    (
        word.x0 + share * before as f32,
        word.x1 - share * behind as f32,
    )
}
