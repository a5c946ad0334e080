//! Lays out a statement: turns a bank's design and a ledger into pages.
//!
//! A [`Design`] is plain data without PDF details. The PDF file is created by `statement`.

use super::calendar::Day;
use super::fonts::Typeface;
use super::ledger::{Grouping, Ledger, Transaction, rupees};
use super::sheet::{Element, POINT, Sheet, Weight};
use super::writer::{PAGE_HEIGHT, PAGE_WIDTH};

/// A line of text outside the table. `{key}` and `{key pattern}` are placeholders.
#[derive(Clone, Copy)]
pub enum Line {
    /// Large, bold, centred text.
    Title(&'static str),
    /// Centred text.
    Centre(&'static str),
    /// Left-aligned text.
    Left(&'static str),
    /// Bold, left-aligned text.
    Bold(&'static str),
    /// Right-aligned text.
    Right(&'static str),
    /// Several texts on one line, each with its offset in points from the left margin.
    Row(&'static [(i64, &'static str)]),
    /// An empty line.
    Gap,
    /// A hairline across the page.
    Rule,
}

/// The content of a table column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Serial,
    Date,
    /// The transaction date, or the next day for every seventh transaction.
    ValueDate,
    Narration,
    Cheque,
    Kind,
    Debit,
    Credit,
    /// The debit or credit amount, without a sign.
    Amount,
    /// The amount with a plus or minus sign.
    AmountSigned,
    /// The debit with a minus sign.
    DebitSigned,
    /// The credit with a plus sign.
    CreditSigned,
    /// `DR` or `CR`.
    Side,
    Balance,
    /// The balance without its sign, followed by `Cr` or `Dr`.
    BalanceSided,
    /// The balance followed by `Cr`.
    BalanceCr,
    /// The same text in every row.
    Fixed(&'static str),
}

/// How the numbers of a column are aligned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    Left,
    Centre,
    Right,
}

/// A table column: heading, width in points, content.
pub type Column = (&'static str, i64, Cell);

/// The payment references of outgoing transfers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OutgoingReferences {
    None,
    /// References that begin with the issuer's IFSC prefix.
    Issuer,
}

/// The printed form of one bank's statement.
#[derive(Clone, Copy)]
pub struct Design {
    /// The path of the case.
    pub path: &'static str,
    /// What is special about the case.
    pub note: &'static str,
    /// The bank identifier of the issuer; `None` if it has none.
    pub bank: Option<&'static str>,
    /// The first four letters of the issuer's IFSC. They occur in no narration.
    pub ifsc_prefix: &'static str,
    pub ifsc: Option<&'static str>,
    pub account: Option<&'static str>,
    pub holder: &'static str,
    /// First and last day in ISO format.
    pub period: (&'static str, &'static str),
    /// Whether the statement prints its period.
    pub prints_period: bool,
    /// The header of the first page.
    pub header: &'static [Line],
    /// The header of all other pages.
    pub running_header: &'static [Line],
    pub columns: &'static [Column],
    /// The format of the dates in the table.
    pub date_pattern: &'static str,
    pub grouping: Grouping,
    pub newest_first: bool,
    pub alignment: Alignment,
    /// The text in an amount column that a row does not use.
    pub empty_cell: &'static str,
    /// Whether pages after the first one have column headings.
    pub has_running_headings: bool,
    /// The label of a first row with the opening balance.
    pub opening_row: Option<&'static str>,
    /// The labels of rows with the balance at the end of a page and at the start of the next one.
    pub carries: Option<(&'static str, &'static str)>,
    /// The label of a last row with the sums of debits and credits.
    pub total_row: Option<&'static str>,
    /// What is subtracted from all balances, in paise.
    pub overdraft: i64,
    /// The lines after the table.
    pub closing: &'static [Line],
    /// The footer of every page.
    pub footer: &'static [Line],
    /// The background colour (RGB) of the column headings; `None` draws rules instead.
    pub heading_background: Option<[u8; 3]>,
    pub typeface: Typeface,
    /// The entries of the document information dictionary.
    pub info: &'static [(&'static str, &'static str)],
    /// The IFSC prefix of the only other bank in the narrations; `None` allows all banks.
    pub counterparty: Option<&'static str>,
    pub references: OutgoingReferences,
    /// The default number of transactions.
    pub rows: usize,
    pub seed: u64,
}

/// Default values for designs.
pub const DEFAULT_DESIGN: Design = Design {
    path: "",
    note: "",
    bank: None,
    ifsc_prefix: "",
    ifsc: None,
    account: None,
    holder: "",
    period: ("2024-04-01", "2024-06-30"),
    prints_period: true,
    header: &[],
    running_header: &[],
    columns: &[],
    date_pattern: "dd/mm/yyyy",
    grouping: Grouping::Indian,
    newest_first: false,
    alignment: Alignment::Right,
    empty_cell: "",
    has_running_headings: true,
    opening_row: None,
    carries: None,
    total_row: None,
    overdraft: 0,
    closing: &[],
    footer: &[],
    heading_background: None,
    typeface: Typeface::Helvetica,
    info: &[],
    counterparty: None,
    references: OutgoingReferences::None,
    rows: 40,
    seed: 1,
};

const MARGIN: i64 = 36 * POINT;
const TEXT_SIZE: i64 = 7500;
const TITLE_SIZE: i64 = 12 * POINT;
const LINE_HEIGHT: i64 = 10 * POINT;

/// Lays out the whole statement.
pub fn sheets(design: &Design, ledger: &Ledger) -> Vec<Sheet> {
    // Lay out twice: the first pass counts the pages, the second prints the page count.
    let pages = PageLayout::new(design, ledger, 0).run().len();
    PageLayout::new(design, ledger, pages).run()
}

/// Returns the index of the first transaction of each page, in the printed order.
pub fn first_rows(design: &Design, ledger: &Ledger) -> Vec<usize> {
    let mut layout = PageLayout::new(design, ledger, 0);
    layout.lines(design.header);
    layout.table();
    layout.first_transactions
}

/// Returns how many transactions fit on the first `pages` pages.
pub fn rows_that_fit(design: &Design, ledger: &Ledger, pages: usize) -> usize {
    let mut layout = PageLayout::new(design, ledger, pages);
    layout.lines(design.header);
    layout.table();
    layout
        .first_transactions
        .get(pages)
        .copied()
        .unwrap_or(ledger.transactions.len())
}

/// Replaces the placeholders in a design's texts.
struct Placeholders<'a> {
    design: &'a Design,
    ledger: &'a Ledger,
    pages: usize,
}

impl Placeholders<'_> {
    fn fill(&self, text: &str, page: usize) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (placeholder, after) = after.split_once('}').expect("a closing brace");
            filled += before;
            filled += &self.value(placeholder, page);
            rest = after;
        }
        filled + rest
    }

    fn value(&self, placeholder: &str, page: usize) -> String {
        let (key, pattern) = placeholder.split_once(' ').unwrap_or((placeholder, ""));
        let amount = |paise| rupees(paise, self.design.grouping);
        let (debits, credits) = self.ledger.totals();
        match key {
            "account" => self
                .design
                .account
                .expect("the design has a value")
                .to_owned(),
            "ifsc" => self.design.ifsc.expect("the design has a value").to_owned(),
            "holder" => self.design.holder.to_owned(),
            "from" => Day::from_iso(self.design.period.0).print(pattern),
            "to" => Day::from_iso(self.design.period.1).print(pattern),
            "next" => Day::from_iso(self.design.period.1).plus(1).print(pattern),
            "opening" => amount(self.ledger.opening),
            "closing" => amount(self.ledger.closing()),
            "debit_count" => self.ledger.counts().0.to_string(),
            "credit_count" => self.ledger.counts().1.to_string(),
            "debits" => amount(debits),
            "credits" => amount(credits),
            "page" => page.to_string(),
            "pages" => self.pages.to_string(),
            _ => panic!("unknown placeholder: {placeholder}"),
        }
    }
}

/// The state of the layout: the finished pages and the current position.
struct PageLayout<'a> {
    placeholders: Placeholders<'a>,
    design: &'a Design,
    finished: Vec<Sheet>,
    sheet: Sheet,
    /// The baseline of the next line.
    y: i64,
    /// The index of the first transaction on each page of the table.
    first_transactions: Vec<usize>,
}

impl<'a> PageLayout<'a> {
    fn new(design: &'a Design, ledger: &'a Ledger, pages: usize) -> Self {
        let placeholders = Placeholders {
            design,
            ledger,
            pages,
        };
        Self {
            placeholders,
            design,
            finished: Vec::new(),
            sheet: Sheet::default(),
            y: top(),
            first_transactions: vec![0],
        }
    }

    fn run(mut self) -> Vec<Sheet> {
        self.lines(self.design.header);
        if !self.design.columns.is_empty() {
            self.table();
        }
        let needed = LINE_HEIGHT * i64::try_from(self.design.closing.len()).expect("few lines");
        if self.y - needed < self.floor() {
            self.start_next_page();
        }
        self.lines(self.design.closing);
        self.finish_page();
        self.finished
    }

    /// Returns the lowest baseline above the footer.
    fn floor(&self) -> i64 {
        MARGIN + LINE_HEIGHT * (i64::try_from(self.design.footer.len()).expect("few lines") + 1)
    }

    fn finish_page(&mut self) {
        self.y = self.floor() - LINE_HEIGHT;
        self.lines(self.design.footer);
        self.finished.push(std::mem::take(&mut self.sheet));
    }

    fn start_next_page(&mut self) {
        self.finish_page();
        self.y = top();
        self.lines(self.design.running_header);
    }

    fn lines(&mut self, lines: &[Line]) {
        for line in lines {
            self.line(line);
            self.y -= LINE_HEIGHT;
        }
    }

    fn line(&mut self, line: &Line) {
        let page = self.finished.len() + 1;
        let filled = |text: &str| self.placeholders.fill(text, page);
        let width = |text: &str, size| self.design.typeface.width(text, size);
        let right = PAGE_WIDTH * POINT - MARGIN;
        let centred = |text: &str, size| (PAGE_WIDTH * POINT - width(text, size)) / 2;
        let y = self.y;
        match *line {
            Line::Title(text) => {
                let text = filled(text);
                let x = centred(&text, TITLE_SIZE).max(MARGIN);
                self.y -= LINE_HEIGHT / 2;
                self.sheet.text(x, y, TITLE_SIZE, Weight::Bold, &text);
            }
            Line::Centre(text) => {
                let text = filled(text);
                let x = centred(&text, TEXT_SIZE);
                self.sheet.text(x, y, TEXT_SIZE, Weight::Regular, &text);
            }
            Line::Left(text) => {
                let text = filled(text);
                self.sheet
                    .text(MARGIN, y, TEXT_SIZE, Weight::Regular, &text);
            }
            Line::Bold(text) => {
                let text = filled(text);
                self.sheet.text(MARGIN, y, TEXT_SIZE, Weight::Bold, &text);
            }
            Line::Right(text) => {
                let text = filled(text);
                let x = right - width(&text, TEXT_SIZE);
                self.sheet.text(x, y, TEXT_SIZE, Weight::Regular, &text);
            }
            Line::Row(texts) => {
                for (x, text) in texts {
                    let text = filled(text);
                    self.sheet
                        .text(MARGIN + x * POINT, y, TEXT_SIZE, Weight::Regular, &text);
                }
            }
            Line::Gap => {}
            Line::Rule => self.sheet.rule((MARGIN, y), (right, y)),
        }
    }

    fn table(&mut self) {
        self.headings();
        let ledger = self.placeholders.ledger;
        let mut order: Vec<&Transaction> = ledger.transactions.iter().collect();
        if self.design.newest_first {
            order.reverse();
        }
        if let Some(label) = self.design.opening_row {
            self.labelled_row(label, &[(Cell::Balance, ledger.opening)]);
        }
        let mut balance = ledger.opening;
        for (serial, transaction) in order.into_iter().enumerate() {
            let cells: Vec<Vec<String>> = self
                .design
                .columns
                .iter()
                .map(|column| self.cell(column, serial, transaction))
                .collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
            let height = LINE_HEIGHT * i64::try_from(height).expect("few lines");
            let carry = if self.design.carries.is_some() {
                LINE_HEIGHT * 2
            } else {
                0
            };
            if self.y - height - carry < self.floor() {
                if let Some((label, _)) = self.design.carries {
                    self.labelled_row(label, &[(Cell::Balance, balance)]);
                }
                self.start_next_page();
                if self.design.has_running_headings {
                    self.headings();
                }
                if let Some((_, label)) = self.design.carries {
                    self.labelled_row(label, &[(Cell::Balance, balance)]);
                }
                self.first_transactions.push(serial);
            }
            balance = transaction.balance;
            self.row(&cells, Weight::Regular);
            self.y -= height + LINE_HEIGHT / 5;
        }
        if let Some(label) = self.design.total_row {
            let (debits, credits) = ledger.totals();
            self.labelled_row(label, &[(Cell::Debit, debits), (Cell::Credit, credits)]);
        }
        self.sheet.rule(
            (MARGIN, self.y + 7 * POINT),
            (self.right(), self.y + 7 * POINT),
        );
        self.y -= LINE_HEIGHT / 2;
    }

    /// Adds a row that is no transaction: a label in the column of narrations, and numbers.
    fn labelled_row(&mut self, label: &str, numbers: &[(Cell, i64)]) {
        let cells: Vec<Vec<String>> = self
            .design
            .columns
            .iter()
            .map(|(_, _, cell)| {
                let number = numbers.iter().find(|(wanted, _)| wanted == cell);
                match (cell, number) {
                    (Cell::Narration, _) => vec![label.to_owned()],
                    (_, Some((_, paise))) => vec![rupees(*paise, self.design.grouping)],
                    _ => Vec::new(),
                }
            })
            .collect();
        self.row(&cells, Weight::Regular);
        self.y -= LINE_HEIGHT + LINE_HEIGHT / 5;
    }

    fn right(&self) -> i64 {
        MARGIN
            + POINT
                * self
                    .design
                    .columns
                    .iter()
                    .map(|(_, width, _)| width)
                    .sum::<i64>()
    }

    /// Adds the column headings with their background colour, or between two rules.
    fn headings(&mut self) {
        let cells: Vec<Vec<String>> = self
            .design
            .columns
            .iter()
            .map(|(heading, ..)| heading.split('\n').map(str::to_owned).collect())
            .collect();
        let lines =
            i64::try_from(cells.iter().map(Vec::len).max().unwrap_or(1)).expect("few lines");
        let (top, bottom) = (
            self.y + 8 * POINT,
            self.y - LINE_HEIGHT * (lines - 1) - 3 * POINT,
        );
        if let Some(colour) = self.design.heading_background {
            let size = (self.right() - MARGIN, top - bottom);
            self.sheet.elements.push(Element::Panel {
                corner: (MARGIN, bottom),
                size,
                colour,
            });
        } else {
            self.sheet.rule((MARGIN, top), (self.right(), top));
            self.sheet.rule((MARGIN, bottom), (self.right(), bottom));
        }
        self.row(&cells, Weight::Bold);
        self.y -= LINE_HEIGHT * lines + 2 * POINT;
    }

    fn row(&mut self, cells: &[Vec<String>], weight: Weight) {
        let mut left = MARGIN;
        for ((_, width, cell), lines) in self.design.columns.iter().zip(cells) {
            let mut y = self.y;
            for text in lines {
                // Bold letters of the base-14 fonts are about 7 % wider than the regular ones.
                let percent = if weight == Weight::Bold { 107 } else { 100 };
                let text_width = self.design.typeface.width(text, TEXT_SIZE) * percent / 100;
                let slack = width * POINT - text_width;
                let x = match self.design.alignment {
                    Alignment::Right if is_amount(*cell) => left + slack - 3 * POINT,
                    Alignment::Centre if is_amount(*cell) => left + slack / 2,
                    _ => left + 2 * POINT,
                };
                self.sheet.text(x.max(left), y, TEXT_SIZE, weight, text);
                y -= LINE_HEIGHT;
            }
            left += width * POINT;
        }
    }

    /// Returns the lines of one cell. Only narrations wrap.
    fn cell(
        &self,
        (_, width, cell): &Column,
        serial: usize,
        transaction: &Transaction,
    ) -> Vec<String> {
        let amount = |paise: i64| {
            if paise == 0 {
                self.design.empty_cell.to_owned()
            } else {
                rupees(paise, self.design.grouping)
            }
        };
        let signed = |sign: char, paise: i64| {
            if paise == 0 {
                amount(paise)
            } else {
                format!("{sign}{}", amount(paise))
            }
        };
        let balance = || rupees(transaction.balance, self.design.grouping);
        let text = match cell {
            Cell::Narration => {
                return self.wrap(&transaction.narration, width * POINT - 4 * POINT);
            }
            Cell::Serial => (serial + 1).to_string(),
            Cell::Date => {
                let date = transaction.date.print(self.design.date_pattern);
                return date.split('\n').map(str::to_owned).collect();
            }
            Cell::ValueDate => {
                let delay = i64::from(serial % 7 == 3);
                transaction.date.plus(delay).print(self.design.date_pattern)
            }
            Cell::Cheque => transaction.cheque.clone(),
            Cell::Kind => transaction.kind.to_owned(),
            Cell::Debit => amount(transaction.debit),
            Cell::Credit => amount(transaction.credit),
            Cell::Amount => amount(transaction.debit + transaction.credit),
            Cell::AmountSigned => {
                let sign = if transaction.debit > 0 { '-' } else { '+' };
                format!("{sign}{}", amount(transaction.debit + transaction.credit))
            }
            Cell::DebitSigned => signed('-', transaction.debit),
            Cell::CreditSigned => signed('+', transaction.credit),
            Cell::BalanceSided => {
                let side = if transaction.balance < 0 { "Dr" } else { "Cr" };
                let balance = rupees(transaction.balance.abs(), self.design.grouping);
                format!("{balance} {side}")
            }
            Cell::Side => if transaction.debit > 0 { "DR" } else { "CR" }.to_owned(),
            Cell::Balance => balance(),
            Cell::BalanceCr => balance() + " Cr",
            Cell::Fixed(text) => (*text).to_owned(),
        };
        vec![text]
    }

    /// Wraps text at the column width, even within words, as bank systems do.
    fn wrap(&self, text: &str, width: i64) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut used = 0;
        for character in text.chars() {
            let advance = self
                .design
                .typeface
                .width(character.encode_utf8(&mut [0; 4]), TEXT_SIZE);
            if used + advance > width {
                lines.push(String::new());
                used = 0;
            }
            used += advance;
            lines
                .last_mut()
                .expect("there is always a line")
                .push(character);
        }
        lines
    }
}

fn top() -> i64 {
    PAGE_HEIGHT * POINT - MARGIN
}

fn is_amount(cell: Cell) -> bool {
    matches!(
        cell,
        Cell::Debit
            | Cell::Credit
            | Cell::Amount
            | Cell::AmountSigned
            | Cell::DebitSigned
            | Cell::CreditSigned
            | Cell::Balance
            | Cell::BalanceCr
            | Cell::BalanceSided
    )
}
