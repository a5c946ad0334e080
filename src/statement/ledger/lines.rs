//! Reads the lines of a page that have amounts of money: the candidates for the rows of a table.

use super::amount::{self, Amount, Form, Side};
use super::headings::{Headings, MAX_LINES};
use super::label::Label;
use super::references::Reference;
use super::summary::{MAX_LINES_BELOW, PrintedFact, SummaryLabels};
use super::words::{LineWord, LineWords};
use crate::pdf::PageText;
use crate::statement::dates::{self, DateOrder};
use jiff::civil::Date;
use std::ops::Range;

/// Bytes of a line in which the date of its row begins.
const MAX_DATE_OFFSET: usize = 60;
/// Bytes before the date of a row: a serial number and its punctuation.
const MAX_SERIAL_BYTES: usize = 8;
/// Bytes before the date of a row if they are numbers.
const MAX_NUMBER_BYTES: usize = 40;
/// A year with all days, for dates without a year.
const LEAP_YEAR: i16 = 2000;
/// The largest distance between an amount and its mark or sign, in ems.
const MAX_SIGN_GAP: f32 = 0.6;
/// Points by which the words of a date may stick out of the heading of their column.
const DATE_MARGIN: f32 = 14.0;
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
}

/// A line with at least one number.
#[derive(Debug, Clone)]
pub(super) struct MoneyLine {
    /// Index of the page in the file.
    pub(super) page: u32,
    /// The baseline, from the top of the page, in points.
    pub(super) y: f32,
    pub(super) size: f32,
    /// Index of the layout of its table; `None` for a line outside of tables.
    pub(super) layout: Option<u16>,
    /// The date of its row.
    pub(super) date: Option<Date>,
    /// Month and day of the date if it has no year.
    pub(super) month_day: Option<(i8, i8)>,
    /// Whether the date is on the line itself.
    pub(super) has_own_date: bool,
    pub(super) label: Option<Label>,
    /// From left to right; not empty.
    pub(super) tokens: Vec<Token>,
    /// Payment references of the row.
    pub(super) references: Vec<Reference>,
}

/// The lines of one page, as they were read.
#[derive(Debug, Default)]
pub(super) struct PageLines {
    lines: Vec<LineWords>,
    count: usize,
    details: Vec<Details>,
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
    tokens: Vec<Token>,
}

impl PageLines {
    /// Replaces the content by the lines of a page.
    pub(super) fn read(&mut self, page: &PageText) {
        self.count = page.lines.len();
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
        let mut starts: Vec<(usize, usize, usize)> = Vec::new();
        let mut index = 0;
        while index < self.count {
            let found = may_be_heading(self.lines().get(index))
                .then(|| Headings::find(self.lines().get(index..).unwrap_or_default()))
                .flatten();
            let Some((headings, count)) = found else {
                index += 1;
                continue;
            };
            let known = layouts
                .iter()
                .position(|known| known.is_same_layout(&headings));
            let layout = known.unwrap_or_else(|| {
                layouts.push(headings);
                layouts.len() - 1
            });
            starts.push((index, count, layout));
            index += count;
        }
        let first = starts.first().map(|(index, ..)| *index);
        let mut starts = starts.into_iter().peekable();
        for index in 0..self.count {
            if let Some((_, count, layout)) = starts.next_if(|(start, ..)| *start == index) {
                current = Some(layout);
                for detail in self
                    .details
                    .iter_mut()
                    .skip(index)
                    .take(count.min(MAX_LINES))
                {
                    detail.is_heading = true;
                }
            }
            let Some(detail) = self.details.get_mut(index) else {
                break;
            };
            // Above the first headings of a page is its head, and on later pages the end of a table.
            let is_above = first.is_some_and(|first| index < first);
            detail.is_above = is_above;
            detail.layout = match current {
                Some(layout) if !is_above || !is_first_page => u16::try_from(layout).ok(),
                None if first.is_none() => Some(u16::MAX),
                _ => None,
            };
        }
        first
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
            detail.tokens = tokens(words, date_end);
            if date.is_none() && !detail.tokens.is_empty() {
                detail.month_day = month_day(words);
            }
            let first = detail.tokens.iter().find(|token| token.form == Form::Money);
            let label_end = first.map_or(f32::INFINITY, |token| token.x0);
            let narration = words
                .iter()
                .filter(|word| word.start >= date_end && word.x0 < label_end)
                .map(|word| word.text);
            detail.label = Label::find(narration);
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
            let has_money = detail.tokens.iter().any(|token| token.form == Form::Money);
            if has_money || labels.have_counts() && !detail.tokens.is_empty() {
                let is_row = detail.layout.is_some() && labels.are_balances();
                let found: Vec<_> = labels.values_behind(&detail.tokens).collect();
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
            let found: Vec<_> = labels.values_below(&detail.tokens).collect();
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
            detail.tokens.clear();
        }
    }

    /// Returns the lines with numbers, with the dates of their rows.
    pub(super) fn money_lines(
        &mut self,
        page: u32,
        layouts: &[Headings],
        order: DateOrder,
    ) -> Vec<MoneyLine> {
        let mut found = Vec::new();
        for index in 0..self.count {
            let Some(detail) = self.details.get_mut(index) else {
                break;
            };
            let reference = self
                .lines
                .get(index)
                .and_then(|line| Reference::find(line.text()));
            if detail.is_heading || detail.tokens.is_empty() {
                if let Some((_, line)) = found.last_mut() {
                    let line: &mut MoneyLine = line;
                    line.references.extend(reference);
                }
                continue;
            }
            let tokens = std::mem::take(&mut detail.tokens);
            let (own, layout, label) = (detail.date, detail.layout, detail.label);
            let month_day = detail.month_day;
            let Some(words) = self.lines.get(index) else {
                break;
            };
            found.push((
                index,
                MoneyLine {
                    page,
                    y: words.y,
                    size: words.size,
                    layout,
                    date: own,
                    month_day,
                    has_own_date: own.is_some() || month_day.is_some(),
                    label,
                    tokens,
                    references: reference.into_iter().collect(),
                },
            ));
        }
        let indices: Vec<(usize, bool)> = found
            .iter()
            .map(|(index, line)| (*index, line.has_own_date))
            .collect();
        let has_money: Vec<bool> = found
            .iter()
            .map(|(_, line)| line.tokens.iter().any(|token| token.form == Form::Money))
            .collect();
        for (position, (index, line)) in found.iter_mut().enumerate() {
            if line.has_own_date {
                continue;
            }
            let neighbour = |mut at: usize, forward: bool| loop {
                at = if forward { at + 1 } else { at.checked_sub(1)? };
                if *has_money.get(at)? {
                    return indices.get(at).map(|(index, _)| *index);
                }
            };
            let from = neighbour(position, false).map_or(0, |line| line + 1);
            let to = neighbour(position, true).unwrap_or(self.count);
            let columns = line
                .layout
                .and_then(|layout| layouts.get(usize::from(layout)));
            let column = columns.and_then(|headings| headings.date);
            if let Some(near) = self.dated_line(*index, from, to) {
                line.date = near.date;
                line.label = line.label.or(near.label);
            } else {
                line.date = column.and_then(|column| {
                    self.wrapped_date(near_lines(*index, from, to), column, order)
                });
            }
        }
        found.into_iter().map(|(_, line)| line).collect()
    }

    /// Returns the line with the date of a row whose amounts are on another line, from `from` to
    /// `to`.
    fn dated_line(&self, index: usize, from: usize, to: usize) -> Option<&Details> {
        let dated = |index: usize| self.details.get(index).filter(|line| line.date.is_some());
        let lines = near_lines(index, from, to);
        let above = (lines.start..index).rev().find_map(dated);
        above.or_else(|| (index + 1..lines.end).find_map(dated))
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
fn may_be_heading(line: Option<&LineWords>) -> bool {
    line.is_some_and(|line| {
        let text = line.text();
        text.bytes().filter(u8::is_ascii_digit).count() <= 1
            && [
                "date",
                "bal",
                "am",
                "debit",
                "credit",
                "withdr",
                "deposit",
                "particular",
            ]
            .iter()
            .any(|word| text.contains(word))
    })
}

/// Returns the date at the start of a line and the offset behind it. A serial number and a
/// transaction number can precede it.
fn row_date(text: &str, order: DateOrder) -> Option<(Date, usize)> {
    if !text
        .bytes()
        .take(MAX_NUMBER_BYTES)
        .any(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let start = (0..=MAX_DATE_OFFSET.min(text.len()))
        .rev()
        .find_map(|end| text.get(..end))?;
    let first = dates::find(start, order).next()?;
    let before = text.get(..first.range.start)?;
    let is_serial =
        before.len() <= MAX_SERIAL_BYTES && !before.bytes().any(|b| b.is_ascii_alphabetic());
    let is_number = before.len() <= MAX_NUMBER_BYTES
        && before
            .split(' ')
            .all(|word| word.is_empty() || word.contains(|c: char| c.is_ascii_digit()));
    (is_serial || is_number).then_some((first.date, first.range.end))
}

/// Returns month and day of a date without a year at the start of a line: `01 jun`, `jun 01`.
fn month_day(words: &LineWords) -> Option<(i8, i8)> {
    let (first, second) = (words.get(0)?.text, words.get(1)?.text);
    let day = dates::in_year(LEAP_YEAR, first, second.trim_end_matches(','))?;
    Some((day.month(), day.day()))
}

/// Reads the numbers behind an offset of a line.
fn tokens(words: &LineWords, from: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    for index in 0..words.len() {
        let Some(word) = words.get(index) else { break };
        if word.start < from {
            continue;
        }
        let Some(amount) = Amount::parse(word.text) else {
            continue;
        };
        let before = index.checked_sub(1).and_then(|index| words.get(index));
        let behind = words.get(index + 1);
        let sign = before.and_then(|sign| sign_before(&sign, &word, words.size));
        let (x0, x1) = digits(&word, amount);
        tokens.push(Token {
            x0,
            x1,
            minor: amount.minor,
            form: amount.form,
            own: amount.side.or(sign),
            before: before.and_then(|word| amount::side(word.text)),
            behind: behind.and_then(|word| amount::side(word.text)),
        });
    }
    tokens
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
