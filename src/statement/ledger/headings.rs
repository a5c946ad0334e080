//! Finds the column headings of a transaction table, with the positions of its money columns.

use super::words::{LineWord, LineWords};

/// Lines that headings can span.
const MAX_LINES: usize = 3;
/// Words in the headings of a table.
const MAX_WORDS: usize = 30;
/// A wider gap between words separates two headings, in ems.
const MAX_WORD_GAP: f32 = 0.9;

/// What a money column contains, according to its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MoneyHeading {
    Debit,
    Credit,
    Amount,
    Balance,
}

/// The heading of one money column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MoneyColumn {
    pub(super) heading: MoneyHeading,
    /// The extent of the heading, in points.
    pub(super) x0: f32,
    pub(super) x1: f32,
}

/// The headings of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Headings {
    /// From left to right.
    pub(super) columns: Vec<MoneyColumn>,
    /// The extent of the first heading that names a date.
    pub(super) date: Option<(f32, f32)>,
    /// Whether a column contains descriptions.
    has_text: bool,
    known: usize,
    words: usize,
    /// The right end of the last word, if it is a known one of the same line.
    last_x1: f32,
}

/// The meaning of a word in headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keyword {
    Money(MoneyHeading),
    /// `dr/cr`: the column of a mark.
    Mark,
    Date,
    Text,
    /// Usual in headings, without a meaning here.
    Filler,
}

impl Headings {
    /// Finds the headings that begin on the first of some lines. Returns the number of their lines.
    pub(super) fn find(lines: &[LineWords]) -> Option<(Self, usize)> {
        let mut headings = Self::default();
        let mut best: Option<(Self, usize)> = None;
        for (index, line) in lines.iter().take(MAX_LINES).enumerate() {
            if line.has_numbers() {
                break;
            }
            headings.add_line(line);
            if headings.words > MAX_WORDS || headings.known * 5 < headings.words * 3 {
                break;
            }
            let is_better = best.as_ref().is_none_or(|(known, _)| {
                headings.columns.len() > known.columns.len()
                    || headings.date.is_some() && known.date.is_none()
            });
            if headings.are_transactions() && is_better {
                best = Some((headings.clone(), index + 1));
            }
        }
        best
    }

    fn are_transactions(&self) -> bool {
        let has_description = self.date.is_some() || self.has_text;
        match self.columns.len() {
            0 => false,
            1 => self.date.is_some() && self.has_text,
            _ => has_description,
        }
    }

    fn add_line(&mut self, line: &LineWords) {
        self.last_x1 = f32::NEG_INFINITY;
        for word in line.iter() {
            if !word.text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
                continue;
            }
            self.words += 1;
            let Some(keyword) = keyword(word.text) else {
                self.last_x1 = f32::NEG_INFINITY;
                continue;
            };
            self.known += 1;
            self.add_word(keyword, word, line.size);
        }
    }

    fn add_word(&mut self, keyword: Keyword, word: LineWord<'_>, size: f32) {
        let joins = word.x0 - self.last_x1 <= MAX_WORD_GAP * size;
        self.last_x1 = word.x1;
        let extent = (word.x0, word.x1);
        match keyword {
            Keyword::Date => {
                let is_first = self.date.is_none_or(|(x0, _)| word.x0 < x0 - size);
                if is_first {
                    self.date = Some(extent);
                }
            }
            Keyword::Text => self.has_text = true,
            Keyword::Money(heading) => self.add_money(heading, extent, joins),
            Keyword::Filler => {
                // The rest of a heading: "withdrawal amt."
                if joins && let Some(last) = self.columns.iter_mut().find(|c| c.touches(extent)) {
                    last.extend(extent);
                }
            }
            Keyword::Mark => {}
        }
    }

    fn add_money(&mut self, heading: MoneyHeading, extent: (f32, f32), joins: bool) {
        // Above or below another line of the same heading, or directly behind it.
        let same = self
            .columns
            .iter_mut()
            .find(|column| column.overlaps(extent) || joins && column.touches(extent));
        if let Some(column) = same {
            if heading == MoneyHeading::Amount || heading == column.heading {
                column.extend(extent);
                return;
            }
            if column.heading == MoneyHeading::Amount {
                column.heading = heading;
                column.extend(extent);
                return;
            }
        }
        let column = MoneyColumn {
            heading,
            x0: extent.0,
            x1: extent.1,
        };
        let at = self.columns.partition_point(|other| other.x0 < column.x0);
        self.columns.insert(at, column);
    }

    /// Returns whether the columns are at the same positions as those of other headings.
    pub(super) fn is_same_layout(&self, other: &Self) -> bool {
        self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(|(a, b)| {
                a.heading == b.heading && (a.x0 - b.x0).abs() < 4.0 && (a.x1 - b.x1).abs() < 4.0
            })
    }
}

impl MoneyColumn {
    fn overlaps(&self, (x0, x1): (f32, f32)) -> bool {
        self.x0 < x1 && self.x1 > x0
    }

    /// Whether the extent begins directly behind the column's.
    fn touches(&self, (x0, _): (f32, f32)) -> bool {
        x0 >= self.x0 && x0 - self.x1 < 8.0
    }

    fn extend(&mut self, (x0, x1): (f32, f32)) {
        self.x0 = self.x0.min(x0);
        self.x1 = self.x1.max(x1);
    }

    /// Returns the distance of an extent from the heading: by edges and centres, because columns
    /// are aligned to the left, to the right or in the middle.
    pub(super) fn distance(&self, x0: f32, x1: f32) -> f32 {
        let edges = [
            (self.x0 - x0).abs(),
            (self.x1 - x1).abs(),
            ((self.x0 + self.x1 - x0 - x1) / 2.0).abs(),
        ];
        edges.into_iter().fold(f32::INFINITY, f32::min)
    }
}

/// Returns the meaning of a word in headings.
fn keyword(word: &str) -> Option<Keyword> {
    let mut found: Option<Keyword> = None;
    for part in word.split(|c: char| !c.is_ascii_alphanumeric()) {
        if part.is_empty() {
            continue;
        }
        let keyword = part_keyword(part)?;
        found = Some(match (found, keyword) {
            (Some(Keyword::Money(a)), Keyword::Money(b)) if are_opposite(a, b) => Keyword::Mark,
            (Some(first), Keyword::Filler | Keyword::Text)
            | (Some(first @ Keyword::Money(_)), _) => first,
            (_, keyword) => keyword,
        });
    }
    found
}

fn are_opposite(a: MoneyHeading, b: MoneyHeading) -> bool {
    matches!(
        (a, b),
        (MoneyHeading::Debit, MoneyHeading::Credit) | (MoneyHeading::Credit, MoneyHeading::Debit)
    )
}

fn part_keyword(word: &str) -> Option<Keyword> {
    Some(match word {
        "date" | "dt" | "dated" => Keyword::Date,
        "particulars" | "particular" | "description" | "narration" | "details" | "remarks"
        | "transaction" | "transactions" | "detail" | "naration" => Keyword::Text,
        "withdrawal" | "withdrawals" | "debit" | "debits" | "dr" | "withdraw" | "payments"
        | "paid" | "out" | "outflow" | "withdrawl" | "withdrawls" => {
            Keyword::Money(MoneyHeading::Debit)
        }
        "deposit" | "deposits" | "credit" | "credits" | "cr" | "receipts" | "inflow" => {
            Keyword::Money(MoneyHeading::Credit)
        }
        "amount" | "amt" | "amounts" => Keyword::Money(MoneyHeading::Amount),
        "balance" | "bal" | "balances" => Keyword::Money(MoneyHeading::Balance),
        "txn" | "tran" | "trans" | "value" | "val" | "post" | "posting" | "no" | "nos" | "sl"
        | "s" | "sr" | "sno" | "serial" | "number" | "num" | "chq" | "cheque" | "ch" | "ref"
        | "reference" | "instrument" | "instr" | "instrmnt" | "id" | "type" | "mode" | "branch"
        | "br" | "init" | "code" | "inr" | "rs" | "in" | "of" | "the" | "and" | "running"
        | "closing" | "available" | "ledger" | "time" | "utr" | "channel" | "category" | "sol"
        | "teller" | "entry" | "book" | "currency" | "brn" | "line" | "indicator" => {
            Keyword::Filler
        }
        _ => return None,
    })
}
