//! Builds a statement file from a design, with options such as page count, typeface and file kind.

use super::calendar::Day;
use super::fonts::{Fonts, Typeface};
use super::layout::{self, Design, OutgoingReferences};
use super::ledger::{Change, Ledger, LedgerSpec};
use super::object::{Dict, text};
use super::sheet::Sheet;
use super::writer::{Document, FileKind};
use super::{Case, Encryption, GroundTruth};

/// A builder for a statement file.
#[derive(Clone, Copy)]
pub struct Statement {
    design: Design,
    pages: Option<usize>,
    kind: FileKind,
    change: Option<Change>,
}

/// Creates a builder with the design's row count and typeface.
pub fn statement(design: &Design) -> Statement {
    Statement {
        design: *design,
        pages: None,
        kind: FileKind::Classic,
        change: None,
    }
}

impl Statement {
    /// Sets the number of transactions.
    #[must_use]
    pub fn rows(mut self, rows: usize) -> Self {
        self.design.rows = rows;
        self
    }

    /// Sets the number of pages and fills them with transactions.
    #[must_use]
    pub fn pages(mut self, pages: usize) -> Self {
        self.pages = Some(pages);
        self
    }

    /// Sets the seed of the transactions.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.design.seed = seed;
        self
    }

    /// Restricts all transfers to one other bank, given by its IFSC prefix.
    #[must_use]
    pub fn counterparty(mut self, code: &'static str) -> Self {
        self.design.counterparty = Some(code);
        self
    }

    /// Sets the account holder.
    #[must_use]
    pub fn holder(mut self, holder: &'static str) -> Self {
        self.design.holder = holder;
        self
    }

    /// Sets the typeface.
    #[must_use]
    pub fn typeface(mut self, typeface: Typeface) -> Self {
        self.design.typeface = typeface;
        self
    }

    /// Sets the file kind.
    #[must_use]
    pub fn kind(mut self, kind: FileKind) -> Self {
        self.kind = kind;
        self
    }

    /// Changes the transactions after the pages are filled.
    #[must_use]
    pub fn change(mut self, change: Change) -> Self {
        self.change = Some(change);
        self
    }

    /// Returns the indices, in the printed order, of the first transactions of the pages, and the
    /// number of transactions.
    pub fn places(&self) -> (Vec<usize>, usize) {
        let rows = self.row_count();
        (layout::first_rows(&self.design, &self.ledger(rows)), rows)
    }

    /// Lays out the pages.
    pub fn sheets(&self) -> Vec<Sheet> {
        let mut ledger = self.ledger(self.row_count());
        if let Some(change) = self.change {
            ledger.change(change);
        }
        layout::sheets(&self.design, &ledger)
    }

    /// Returns the number of transactions that fill the pages.
    fn row_count(&self) -> usize {
        let lay_out = |rows| layout::sheets(&self.design, &self.ledger(rows));
        let Some(pages) = self.pages else {
            return self.design.rows;
        };
        // A page of 842 points holds at most 84 lines of 10 points.
        let longest = self.ledger(84 * pages);
        let fits = layout::rows_that_fit(&self.design, &longest, pages);
        // The lines after the table need space too.
        let mut rows = fits.saturating_sub(self.design.closing.len() + 1).max(1);
        while rows > 1 && lay_out(rows).len() > pages {
            rows -= 1;
        }
        rows
    }

    fn ledger(&self, rows: usize) -> Ledger {
        let mut ledger = Ledger::draw(&LedgerSpec {
            seed: self.design.seed,
            from: Day::from_iso(self.design.period.0),
            to: Day::from_iso(self.design.period.1),
            rows,
            issuer: self.design.ifsc_prefix,
            counterparty: self.design.counterparty,
            has_own_references: self.design.references == OutgoingReferences::Issuer,
        });
        ledger.lower(self.design.overdraft);
        ledger
    }

    /// Returns the document, for cases that modify it.
    pub fn document(&self) -> Document {
        self.document_of(&self.sheets())
    }

    /// Returns a document of these pages.
    pub fn document_of(&self, sheets: &[Sheet]) -> Document {
        let mut document = Document::new(self.design.seed);
        let fonts = Fonts::install(&mut document, self.design.typeface);
        for sheet in sheets {
            let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
            document.add_page(content, fonts.resources());
        }
        self.set_info(&mut document);
        document
    }

    /// Adds the design's document information dictionary.
    pub fn set_info(&self, document: &mut Document) {
        if !self.design.info.is_empty() {
            let info = self.design.info.iter();
            document.set_info(info.fold(Dict::new(), |dict, (key, value)| {
                dict.with(key, text(value))
            }));
        }
    }

    /// Returns the file.
    pub fn bytes(&self) -> Vec<u8> {
        self.document().write(self.kind)
    }

    /// Returns the ground truth for a file in which all pages are readable text.
    pub fn truth(&self) -> GroundTruth {
        GroundTruth {
            map: "T".repeat(self.sheets().len()),
            map_known: true,
            encryption: Encryption::None,
            bank: self.design.bank,
            period: self.design.prints_period.then_some(self.design.period),
            account: self.design.account,
            ifsc: self.design.ifsc,
            codes: self
                .is_printed()
                .then_some("REMADE_PDF")
                .into_iter()
                .collect(),
            tolerated: Vec::new(),
        }
    }

    /// Returns whether the metadata says that the bank's program did not write the file.
    fn is_printed(&self) -> bool {
        let mut info = self.design.info.iter();
        let programs = ["Skia/PDF", "Example Writer"];
        info.any(|(_, value)| programs.iter().any(|program| value.starts_with(program)))
    }

    /// Returns the file and its ground truth under the design's path.
    pub fn case(&self) -> Case {
        Case {
            path: self.design.path.to_owned(),
            note: self.design.note,
            bytes: self.bytes(),
            truth: self.truth(),
        }
    }
}
