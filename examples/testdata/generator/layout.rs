//! Sets a statement: from a bank's design and a ledger to sheets of marks.
//!
//! A [`Design`] is plain data, so that a bank is a table to read. It says nothing of PDF: typeface
//! and file are chosen by `statement`.

use super::calendar::Day;
use super::fonts::Typeface;
use super::ledger::{Entry, Grouping, Ledger, rupees};
use super::sheet::{Mark, POINT, Sheet, Weight};
use super::writer::{PAGE_HEIGHT, PAGE_WIDTH};

/// One line of running text. `{key}` and `{key pattern}` are blanks to be filled.
#[derive(Clone, Copy)]
pub enum Line {
    /// Large, bold and centred.
    Title(&'static str),
    /// Centred.
    Centre(&'static str),
    /// From the left margin.
    Left(&'static str),
    /// Bold from the left margin.
    Bold(&'static str),
    /// Up to the right margin.
    Right(&'static str),
    /// Several texts on one line, each at its distance in points from the left margin.
    Row(&'static [(i64, &'static str)]),
    /// An empty line.
    Gap,
    /// A hairline over the whole width.
    Rule,
}

/// What a column of the table shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Serial,
    Day,
    /// The day after for every seventh entry, else the same day.
    ValueDay,
    Narration,
    Cheque,
    Kind,
    Debit,
    Credit,
    /// Debit or credit without a sign.
    Amount,
    /// `DR` or `CR` of the entry.
    Side,
    Balance,
    /// The balance followed by `Cr`.
    BalanceCr,
    /// The same text in every row.
    Fixed(&'static str),
}

/// A column of the table: heading, width in points, content.
pub type Column = (&'static str, i64, Cell);

/// The statement of one bank, with everything that is printed on it.
#[derive(Clone, Copy)]
pub struct Design {
    pub path: &'static str,
    pub note: &'static str,
    /// The identifier that is right for this statement; none for issuers that have none.
    pub bank: Option<&'static str>,
    /// The first four letters of the issuer's IFSC, which no narration shows.
    pub code: &'static str,
    pub ifsc: Option<&'static str>,
    pub account: Option<&'static str>,
    pub holder: &'static str,
    /// First and last day in ISO form.
    pub period: (&'static str, &'static str),
    /// Whether the period is printed anywhere.
    pub prints_period: bool,
    pub head: &'static [Line],
    /// Head of the second and later pages.
    pub running_head: &'static [Line],
    pub columns: &'static [Column],
    /// Pattern of the days in the table.
    pub day: &'static str,
    pub grouping: Grouping,
    pub newest_first: bool,
    /// After the table.
    pub closing: &'static [Line],
    /// At the bottom of every page.
    pub foot: &'static [Line],
    /// Red, green, blue of the column headings' background; none without.
    pub band: Option<[u8; 3]>,
    pub typeface: Typeface,
    /// Entries of the document information dictionary.
    pub info: &'static [(&'static str, &'static str)],
    /// The only other bank in the narrations, by its code; any without.
    pub counterparty: Option<&'static str>,
    /// Entries unless the case asks for another number.
    pub rows: usize,
    pub seed: u64,
}

/// What designs leave out.
pub const PLAIN: Design = Design {
    path: "",
    note: "",
    bank: None,
    code: "",
    ifsc: None,
    account: None,
    holder: "",
    period: ("2024-04-01", "2024-06-30"),
    prints_period: true,
    head: &[],
    running_head: &[],
    columns: &[],
    day: "dd/mm/yyyy",
    grouping: Grouping::Indian,
    newest_first: false,
    closing: &[],
    foot: &[],
    band: None,
    typeface: Typeface::Helvetica,
    info: &[],
    counterparty: None,
    rows: 40,
    seed: 1,
};

const MARGIN: i64 = 36 * POINT;
const TEXT_SIZE: i64 = 7500;
const TITLE_SIZE: i64 = 12 * POINT;
const LINE_HEIGHT: i64 = 10 * POINT;

/// Sets the whole statement.
pub fn sheets(design: &Design, ledger: &Ledger) -> Vec<Sheet> {
    // The number of pages stands on the pages: set once to count, and once more to print it.
    let pages = Setter::new(design, ledger, 0).run().len();
    Setter::new(design, ledger, pages).run()
}

/// How many entries, from the first on, are on the first `pages` pages before anything else.
pub fn rows_that_fit(design: &Design, ledger: &Ledger, pages: usize) -> usize {
    let mut setter = Setter::new(design, ledger, pages);
    setter.lines(design.head);
    setter.table();
    setter
        .first_entries
        .get(pages)
        .copied()
        .unwrap_or(ledger.entries.len())
}

/// Fills the blanks in a design's texts.
struct Filler<'a> {
    design: &'a Design,
    ledger: &'a Ledger,
    pages: usize,
}

impl Filler<'_> {
    fn fill(&self, text: &str, page: usize) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (blank, after) = after.split_once('}').expect("a blank is closed");
            filled += before;
            filled += &self.value(blank, page);
            rest = after;
        }
        filled + rest
    }

    fn value(&self, blank: &str, page: usize) -> String {
        let (key, pattern) = blank.split_once(' ').unwrap_or((blank, ""));
        let amount = |paise| rupees(paise, self.design.grouping);
        let (debits, credits) = self.ledger.totals();
        match key {
            "account" => self.design.account.expect("the design has one").to_owned(),
            "ifsc" => self.design.ifsc.expect("the design has one").to_owned(),
            "holder" => self.design.holder.to_owned(),
            "from" => Day::from_iso(self.design.period.0).print(pattern),
            "to" => Day::from_iso(self.design.period.1).print(pattern),
            "next" => Day::from_iso(self.design.period.1).plus(1).print(pattern),
            "opening" => amount(self.ledger.opening),
            "closing" => amount(self.ledger.closing()),
            "debits" => amount(debits),
            "credits" => amount(credits),
            "page" => page.to_string(),
            "pages" => self.pages.to_string(),
            _ => panic!("no such blank: {blank}"),
        }
    }
}

struct Setter<'a> {
    filler: Filler<'a>,
    design: &'a Design,
    done: Vec<Sheet>,
    sheet: Sheet,
    y: i64,
    /// For each page with entries, how many entries were set before it.
    first_entries: Vec<usize>,
}

impl<'a> Setter<'a> {
    fn new(design: &'a Design, ledger: &'a Ledger, pages: usize) -> Self {
        let filler = Filler {
            design,
            ledger,
            pages,
        };
        Self {
            filler,
            design,
            done: Vec::new(),
            sheet: Sheet::default(),
            y: top(),
            first_entries: vec![0],
        }
    }

    fn run(mut self) -> Vec<Sheet> {
        self.lines(self.design.head);
        if !self.design.columns.is_empty() {
            self.table();
        }
        let needed = LINE_HEIGHT * i64::try_from(self.design.closing.len()).expect("few lines");
        if self.y - needed < self.floor() {
            self.turn();
        }
        self.lines(self.design.closing);
        self.finish_page();
        self.done
    }

    /// The lowest baseline above the foot.
    fn floor(&self) -> i64 {
        MARGIN + LINE_HEIGHT * (i64::try_from(self.design.foot.len()).expect("few lines") + 1)
    }

    fn finish_page(&mut self) {
        self.y = self.floor() - LINE_HEIGHT;
        self.lines(self.design.foot);
        self.done.push(std::mem::take(&mut self.sheet));
    }

    fn turn(&mut self) {
        self.finish_page();
        self.y = top();
        self.lines(self.design.running_head);
    }

    fn lines(&mut self, lines: &[Line]) {
        for line in lines {
            self.line(line);
            self.y -= LINE_HEIGHT;
        }
    }

    fn line(&mut self, line: &Line) {
        let page = self.done.len() + 1;
        let filled = |text: &str| self.filler.fill(text, page);
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
        let mut order: Vec<&Entry> = self.filler.ledger.entries.iter().collect();
        if self.design.newest_first {
            order.reverse();
        }
        for (serial, entry) in order.into_iter().enumerate() {
            let cells: Vec<Vec<String>> = self
                .design
                .columns
                .iter()
                .map(|column| self.cell(column, serial, entry))
                .collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
            let height = LINE_HEIGHT * i64::try_from(height).expect("few lines");
            if self.y - height < self.floor() {
                self.turn();
                self.headings();
                self.first_entries.push(serial);
            }
            self.row(&cells, Weight::Regular);
            self.y -= height + LINE_HEIGHT / 5;
        }
        self.sheet.rule(
            (MARGIN, self.y + 7 * POINT),
            (self.right(), self.y + 7 * POINT),
        );
        self.y -= LINE_HEIGHT / 2;
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

    /// The column headings, on their band of colour where the design has one.
    fn headings(&mut self) {
        let cells: Vec<Vec<String>> = self
            .design
            .columns
            .iter()
            .map(|(heading, ..)| heading.split('\n').map(str::to_owned).collect())
            .collect();
        let lines =
            i64::try_from(cells.iter().map(Vec::len).max().unwrap_or(1)).expect("few lines");
        let (high, low) = (
            self.y + 8 * POINT,
            self.y - LINE_HEIGHT * (lines - 1) - 3 * POINT,
        );
        if let Some(colour) = self.design.band {
            let size = (self.right() - MARGIN, high - low);
            self.sheet.marks.push(Mark::Panel {
                corner: (MARGIN, low),
                size,
                colour,
            });
        } else {
            self.sheet.rule((MARGIN, high), (self.right(), high));
            self.sheet.rule((MARGIN, low), (self.right(), low));
        }
        self.row(&cells, Weight::Bold);
        self.y -= LINE_HEIGHT * lines + 2 * POINT;
    }

    fn row(&mut self, cells: &[Vec<String>], weight: Weight) {
        let mut left = MARGIN;
        for ((_, width, cell), lines) in self.design.columns.iter().zip(cells) {
            let mut y = self.y;
            for text in lines {
                // Bold letters of base-14 faces are some 7 % wider than the regular ones.
                let share = if weight == Weight::Bold { 107 } else { 100 };
                let text_width = self.design.typeface.width(text, TEXT_SIZE) * share / 100;
                let slack = width * POINT - text_width;
                let x = if is_amount(*cell) {
                    left + slack - 3 * POINT
                } else {
                    left + 2 * POINT
                };
                self.sheet.text(x.max(left), y, TEXT_SIZE, weight, text);
                y -= LINE_HEIGHT;
            }
            left += width * POINT;
        }
    }

    /// The lines of one cell; only narrations are ever broken.
    fn cell(&self, (_, width, cell): &Column, serial: usize, entry: &Entry) -> Vec<String> {
        let amount = |paise: i64| {
            if paise == 0 {
                String::new()
            } else {
                rupees(paise, self.design.grouping)
            }
        };
        let balance = || rupees(entry.balance, self.design.grouping);
        let text = match cell {
            Cell::Narration => return self.wrap(&entry.narration, width * POINT - 4 * POINT),
            Cell::Serial => (serial + 1).to_string(),
            Cell::Day => entry.day.print(self.design.day),
            Cell::ValueDay => {
                let later = i64::from(serial % 7 == 3);
                entry.day.plus(later).print(self.design.day)
            }
            Cell::Cheque => entry.cheque.clone(),
            Cell::Kind => entry.kind.to_owned(),
            Cell::Debit => amount(entry.debit),
            Cell::Credit => amount(entry.credit),
            Cell::Amount => amount(entry.debit + entry.credit),
            Cell::Side => if entry.debit > 0 { "DR" } else { "CR" }.to_owned(),
            Cell::Balance => balance(),
            Cell::BalanceCr => balance() + " Cr",
            Cell::Fixed(text) => (*text).to_owned(),
        };
        vec![text]
    }

    /// Breaks where the column ends, in the middle of words, as banks' programs do.
    fn wrap(&self, text: &str, width: i64) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut used = 0;
        for character in text.chars() {
            let own = self
                .design
                .typeface
                .width(character.encode_utf8(&mut [0; 4]), TEXT_SIZE);
            if used + own > width {
                lines.push(String::new());
                used = 0;
            }
            used += own;
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
        Cell::Debit | Cell::Credit | Cell::Amount | Cell::Balance | Cell::BalanceCr
    )
}
