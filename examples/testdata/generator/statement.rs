//! Makes a statement file of a design: so many rows or pages, this typeface, that kind of file.

use super::calendar::Day;
use super::fonts::{Fonts, Typeface};
use super::layout::{self, Design};
use super::ledger::{Ledger, Terms};
use super::object::{Dict, text};
use super::sheet::Sheet;
use super::writer::{Document, FileKind};
use super::{Case, Encryption, Truth};

/// A statement to be made.
#[derive(Clone, Copy)]
pub struct Statement {
    design: Design,
    pages: Option<usize>,
    kind: FileKind,
}

/// Starts a statement of the given design, with its own number of rows and typeface.
pub fn statement(design: &Design) -> Statement {
    Statement {
        design: *design,
        pages: None,
        kind: FileKind::Classic,
    }
}

impl Statement {
    /// Asks for a number of entries.
    #[must_use]
    pub fn rows(mut self, rows: usize) -> Self {
        self.design.rows = rows;
        self
    }

    /// Asks for a number of pages, as full as they get.
    #[must_use]
    pub fn pages(mut self, pages: usize) -> Self {
        self.pages = Some(pages);
        self
    }

    /// Draws other transactions.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.design.seed = seed;
        self
    }

    /// Has every transfer come from, or go to, one bank by its IFSC letters.
    #[must_use]
    pub fn counterparty(mut self, code: &'static str) -> Self {
        self.design.counterparty = Some(code);
        self
    }

    /// Names another holder.
    #[must_use]
    pub fn holder(mut self, holder: &'static str) -> Self {
        self.design.holder = holder;
        self
    }

    /// Sets the text in another typeface.
    #[must_use]
    pub fn typeface(mut self, typeface: Typeface) -> Self {
        self.design.typeface = typeface;
        self
    }

    /// Writes another kind of file.
    #[must_use]
    pub fn kind(mut self, kind: FileKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the pages.
    pub fn sheets(&self) -> Vec<Sheet> {
        let set = |rows| layout::sheets(&self.design, &self.ledger(rows));
        let Some(pages) = self.pages else {
            return set(self.design.rows);
        };
        // No page holds more than a line each 10 points; what follows the table needs room too.
        let most = self.ledger(84 * pages);
        let fits = layout::rows_that_fit(&self.design, &most, pages);
        let mut rows = fits.saturating_sub(self.design.closing.len() + 1).max(1);
        loop {
            let sheets = set(rows);
            if sheets.len() <= pages || rows == 1 {
                return sheets;
            }
            rows -= 1;
        }
    }

    fn ledger(&self, rows: usize) -> Ledger {
        Ledger::draw(&Terms {
            seed: self.design.seed,
            from: Day::from_iso(self.design.period.0),
            to: Day::from_iso(self.design.period.1),
            rows,
            issuer: self.design.code,
            counterparty: self.design.counterparty,
        })
    }

    /// The document, for cases that go on working on it.
    pub fn document(&self) -> Document {
        let mut document = Document::new(self.design.seed);
        let fonts = Fonts::install(&mut document, self.design.typeface);
        for sheet in self.sheets() {
            let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
            document.add_page(content, fonts.resources());
        }
        self.set_info(&mut document);
        document
    }

    /// Adds the document information that the design asks for.
    pub fn set_info(&self, document: &mut Document) {
        if !self.design.info.is_empty() {
            let info = self.design.info.iter();
            document.set_info(info.fold(Dict::new(), |dict, (key, value)| {
                dict.with(key, text(value))
            }));
        }
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        self.document().write(self.kind)
    }

    /// What is true of the statement as long as all its pages are readable text.
    pub fn truth(&self) -> Truth {
        Truth {
            map: "T".repeat(self.sheets().len()),
            map_known: true,
            encryption: Encryption::None,
            bank: self.design.bank,
            period: self.design.prints_period.then_some(self.design.period),
            account: self.design.account,
            ifsc: self.design.ifsc,
            codes: Vec::new(),
            tolerated: Vec::new(),
        }
    }

    /// The file with the truth, under the design's own path.
    pub fn case(&self) -> Case {
        Case {
            path: self.design.path.to_owned(),
            note: self.design.note,
            bytes: self.bytes(),
            truth: self.truth(),
        }
    }
}
