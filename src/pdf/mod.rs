//! What is in a PDF file: pages, words, encryption, damage.
//!
//! This layer turns untrusted bytes into facts, under [`Limits`]. It knows nothing of banks, and
//! opens, prints and times nothing itself. Its main type is [`Document`].
//!
//! Four engines do what each was measured to do best: hayro-syntax reads the structure, lopdf and
//! `pdf` check passwords and damage, hayro-interpret decodes fonts that need their programs read,
//! and draws a page with hayro when a person wants to see it.
//! Content is inflated and scanned by our own interpreter, which stops early.

mod bare;
mod claims;
mod contain;
mod content;
mod encryption;
mod filter;
mod guard;
mod images;
mod inflate;
mod limits;
mod marks;
mod metadata;
mod open;
mod page_class;
mod password;
#[cfg(feature = "app")]
mod picture;
#[cfg(feature = "fuzzing")]
pub mod probe;
mod raw_stream;
mod repair;
mod revisions;
mod signature;
mod structure;
mod text;
mod trailer;

pub use encryption::{Encryption, EncryptionStatus};
pub use images::ImageDigest;
pub use limits::{Budget, Engines, LimitHit, Limits};
pub use metadata::Metadata;
pub use page_class::PageClass;
pub use password::Password;
#[cfg(feature = "app")]
pub use picture::{Picture, PictureError, PictureSize};
pub use repair::Damage;
pub use structure::ActiveContent;
pub use text::{Line, PageText, Word};

use content::Workspace;
use hayro_syntax::Pdf;
use hayro_syntax::page::Page;
use marks::Marks;
use open::Opened;
use std::sync::Arc;
use structure::FontCopies;

/// The bytes of a file, shared with the engine that borrows from them.
pub type FileBytes = Arc<Vec<u8>>;

/// Why a file has no [`Document`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is something else; the text completes "it is …".
    #[error("it is {0}, not a PDF")]
    NotPdf(&'static str),
    /// It is a PDF, but no reader finds a page in it.
    #[error("it is damaged beyond reading")]
    Unreadable,
    /// It is encrypted, and nothing opens it.
    #[error("it is locked")]
    Locked(Encryption),
    /// Only engines that may not run here can tell more ([`Engines::Bounded`]).
    #[error("it can be read in a process of its own only")]
    Risky,
    /// Reading it would cost more than is allowed.
    #[error("{0}")]
    Limit(#[from] LimitHit),
}

/// An open document, decrypted and with its page tree walked.
pub struct Document {
    pdf: Pdf,
    encryption: Encryption,
    damage: Vec<Damage>,
    appended_updates: usize,
    /// Where pages of the tree are missing: the engine's page for each of them, if it has one.
    places: Option<Vec<Option<usize>>>,
}

impl Document {
    /// Opens a file, with the empty password or one of the candidates where it is encrypted.
    ///
    /// # Errors
    ///
    /// When the bytes hold no PDF, no page, or nothing that a password given opens, or when
    /// opening them would exceed the budget.
    pub fn open(
        bytes: &FileBytes,
        candidates: &[&Password],
        budget: &mut Budget<'_>,
    ) -> Result<Self, OpenError> {
        if bytes.is_empty() {
            return Err(OpenError::Empty);
        }
        let has_header = signature::header_offset(bytes).is_some();
        if !has_header && !signature::has_objects(bytes) {
            return Err(OpenError::NotPdf(signature::describe(bytes)));
        }
        let marks = Marks::of(bytes);
        let risk = guard::assess(&marks, budget)?;
        let Opened {
            pdf,
            encryption,
            password,
        } = open::open(bytes, &marks, risk, candidates, budget)?;
        budget.check_time()?;
        let pages = pdf.pages().len();
        if pages == 0 {
            return Err(OpenError::Unreadable);
        }
        let mut damage = Vec::new();
        if !has_header {
            damage.push(Damage::NoHeader);
        }
        if repair::end_is_missing(bytes) {
            damage.push(Damage::NoEnd);
        }
        if signature::is_disguised(bytes) {
            damage.push(Damage::Appendage);
        }
        damage.extend(trailer::damage(bytes));
        if repair::cross_reference_is_broken(bytes, pages, password.expose(), budget) {
            damage.push(Damage::CrossReference);
        }
        if !structure::has_page_tree(&pdf) || structure::has_false_pages(&pdf) {
            damage.push(Damage::PageTree);
        }
        let mut places = None;
        if let Some(announced) = structure::announced_pages(&pdf).filter(|count| *count != pages) {
            damage.push(Damage::PageCount {
                announced,
                found: pages,
            });
            places = structure::page_places(&pdf).filter(|places| places.len() == announced);
        }
        Ok(Self {
            pdf,
            encryption,
            damage,
            appended_updates: revisions::appended_updates(&marks),
            places,
        })
    }

    /// The number of pages, found by walking the page tree, missing ones included. Never zero.
    pub fn page_count(&self) -> usize {
        self.places
            .as_ref()
            .map_or(self.pdf.pages().len(), Vec::len)
    }

    /// How it is encrypted, and what opened it.
    pub fn encryption(&self) -> &Encryption {
        &self.encryption
    }

    /// What had to be repaired. Empty for a sound document.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// What the document says of its making.
    pub fn metadata(&self) -> Metadata {
        Metadata::of(&self.pdf)
    }

    /// How often it was changed by appending to it, but for signatures.
    pub fn appended_updates(&self) -> usize {
        self.appended_updates
    }

    /// Content that a viewer would execute or unpack, each kind once.
    ///
    /// # Errors
    ///
    /// When the document's time is used up.
    pub fn active_content(&self, budget: &Budget<'_>) -> Result<Vec<ActiveContent>, LimitHit> {
        structure::active_content(&self.pdf, budget)
    }

    /// Starts reading pages. One reader serves all pages, which share fonts and buffers.
    pub fn reader(&self) -> PageReader<'_> {
        PageReader {
            document: self,
            workspace: Workspace::new(structure::hidden_layers(&self.pdf)),
            font_copies: FontCopies::default(),
        }
    }
}

/// Reads pages of one document, by their index from 0.
pub struct PageReader<'d> {
    document: &'d Document,
    workspace: Workspace,
    font_copies: FontCopies,
}

impl<'d> PageReader<'d> {
    fn page(&self, index: usize) -> Option<&'d Page<'d>> {
        let document = self.document;
        let index = match &document.places {
            Some(places) => places.get(index).copied().flatten()?,
            None => index,
        };
        document.pdf.pages().get(index)
    }

    /// The shorter and the longer side of a page, in whole points.
    pub fn size(&self, index: usize) -> Option<(u32, u32)> {
        let (width, height) = self.page(index)?.base_dimensions();
        let (short, long) = (width.min(height), width.max(height));
        Some((short.round() as u32, long.round() as u32))
    }

    /// Whether a page has the same font in two copies, as a page has that was written to twice.
    pub fn has_font_twice(&mut self, index: usize) -> bool {
        let page = self.page(index);
        page.is_some_and(|page| self.font_copies.are_on(page))
    }

    /// Classifies a page; a page that does not exist is unreadable.
    ///
    /// # Errors
    ///
    /// When the document's budget is used up.
    pub fn classify(
        &mut self,
        index: usize,
        budget: &mut Budget<'_>,
    ) -> Result<PageClass, LimitHit> {
        match self.page(index) {
            Some(page) => {
                page_class::classify(&self.document.pdf, page, &mut self.workspace, budget)
            }
            None => Ok(PageClass::Unreadable),
        }
    }

    /// The digests of a page's images of wanted widths and heights, in pixels.
    ///
    /// # Errors
    ///
    /// When the document's budget is used up.
    pub fn image_digests(
        &self,
        index: usize,
        wanted: &dyn Fn(u32, u32) -> bool,
        budget: &mut Budget<'_>,
    ) -> Result<Vec<ImageDigest>, LimitHit> {
        match self.page(index) {
            Some(page) => images::digests(page, wanted, budget),
            None => Ok(Vec::new()),
        }
    }

    /// Reads the words of a page; a page that does not exist has none.
    ///
    /// # Errors
    ///
    /// When the document's budget is used up.
    pub fn text(&mut self, index: usize, budget: &mut Budget<'_>) -> Result<PageText, LimitHit> {
        match self.page(index) {
            Some(page) => text::extract(page, &mut self.workspace, budget),
            None => Ok(PageText::default()),
        }
    }

    /// Draws a page as viewers show it, on white, as large as fits into `most`.
    ///
    /// # Errors
    ///
    /// When there is no such page, the time is used up, or this process may not run the engine,
    /// which nothing can stop.
    #[cfg(feature = "app")]
    pub fn draw(
        &self,
        index: usize,
        most: PictureSize,
        budget: &Budget<'_>,
    ) -> Result<Picture, PictureError> {
        let page = self.page(index).ok_or(PictureError::NoSuchPage)?;
        budget.check_time()?;
        if !budget.may_run_any_engine() {
            return Err(PictureError::Risky);
        }
        Ok(picture::draw(page, most))
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("pages", &self.page_count())
            .field("encryption", &self.encryption)
            .field("damage", &self.damage)
            .finish_non_exhaustive()
    }
}
