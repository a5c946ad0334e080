//! Reads PDF files: pages, text, encryption and damage.
//!
//! Converts untrusted bytes to facts within [`Limits`]. This layer has no concept of banks. It
//! reads no files or clock and prints nothing. Its main type is [`Document`].
//!
//! Four engines each do what they did best in measurements. hayro-syntax reads the structure, by
//! cross-reference tables that our own code has read and checked, and from objects that our own
//! code has repaired if it would misread them. lopdf and `pdf` check passwords.
//! hayro-interpret decodes fonts whose font programs must be read, and hayro renders pages for
//! previews. Our own code inflates and interprets page content, because it can stop early.

mod catch_panic;
mod content;
mod cross_reference;
mod damage;
mod decrypt;
mod embedded_files;
mod encoded_pdf;
mod encrypt_dict;
mod encryption;
mod end_of_data;
mod fast_key;
mod file_kind;
mod filter;
mod guard;
mod incremental_updates;
mod inflate;
mod keyword_index;
mod layers;
mod limits;
mod lost_glyphs;
mod metadata;
mod object_extent;
mod object_repair;
mod object_scan;
mod open;
mod page_class;
mod password;
#[cfg(feature = "app")]
mod picture;
mod raw_stream;
mod signatures;
mod structure;
mod surface;
#[cfg(feature = "fuzzing")]
pub mod testing;
mod text;
mod trailer;

pub use damage::Damage;
pub use embedded_files::Cover;
pub(crate) use embedded_files::is_pdf;
pub use encryption::{Encryption, EncryptionStatus};
pub use file_kind::FileKind;
pub(crate) use file_kind::{is_field, listed};
pub use limits::{Budget, Engines, LimitHit, Limits};
pub use metadata::Metadata;
pub use open::{FileBytes, LockedStructure, OpenError};
pub use page_class::PageClass;
pub use password::{Password, PasswordForm};
#[cfg(feature = "app")]
pub use picture::{Picture, PictureError, PictureSize};
pub use signatures::{
    Coverage, Defect, Signature, SignatureStatus, Trust, TrustAnchors, certificates_of,
};
pub use structure::{ActiveContent, CoveringAnnotation, ImageDigest};
pub(crate) use text::is_amount;
pub use text::{Difference, Edit, EditKind, Line, PageText, Word, WordSpan, place_on_page};

use content::{Visibility, Workspace};
use cross_reference::{Check, CleanFile};
use guard::Risk;
use hayro_syntax::Pdf;
use hayro_syntax::page::Page;
use keyword_index::KeywordIndex;
use layers::Layers;
use object_scan::IrregularObjects;
use open::Opened;
use page_class::{Backgrounds, ContentRead, LostDigits};
use std::collections::HashSet;
use text::{DocumentEdits, FontJudge, TextBuffers};

/// Classifications of all pages after the first one. Each needs a new reason.
const MAX_RESTARTS: u32 = 3;

/// An open document: decrypted, with its page tree walked.
pub struct Document {
    pdf: Pdf,
    encryption: Encryption,
    damage: Vec<Damage>,
    first_revision_end: Option<usize>,
    /// If pages of the tree are missing: for each slot of the tree, the index of hayro-syntax's
    /// page.
    page_slots: Option<Vec<Option<usize>>>,
    /// The file that hayro-syntax reads, if its table could be read.
    clean: Option<CleanFile>,
}

/// A file that the guard has assessed.
struct Source<'b> {
    bytes: &'b FileBytes,
    keywords: &'b KeywordIndex<'b>,
    risk: Risk,
    irregular: IrregularObjects,
}

impl<'b> Source<'b> {
    fn of(
        keywords: &'b KeywordIndex<'b>,
        bytes: &'b FileBytes,
        budget: &Budget<'_>,
    ) -> Result<Self, LimitHit> {
        let assessment = guard::assess(keywords, budget)?;
        for damage in assessment.damage {
            budget.record_damage(damage);
        }
        Ok(Self {
            bytes,
            keywords,
            risk: assessment.risk,
            irregular: assessment.irregular,
        })
    }

    /// Opens the file, if possible with a clean table.
    fn open(
        &self,
        candidates: &[&Password],
        check: Check,
        budget: &Budget<'_>,
    ) -> (Option<CleanFile>, Result<Opened, OpenError>) {
        let open = |clean: Option<&CleanFile>| {
            let file = clean.map_or(self.bytes, |clean| &clean.bytes);
            open::open(file, self.keywords, self.risk, candidates, budget)
        };
        let clean = self.clean(check, budget);
        let opened = open(clean.as_ref());
        let was_dropped = |clean: &CleanFile, opened: &Result<Opened, OpenError>| match opened {
            Ok(opened) => clean.was_dropped(&opened.pdf),
            Err(error) => *error == OpenError::Unreadable,
        };
        let Some(mut first) = clean else {
            return (None, opened);
        };
        if !was_dropped(&first, &opened) {
            if let Some(renamed) = with_right_types(&first, &opened) {
                let reopened = open(Some(&renamed));
                if reopened.is_ok() && !was_dropped(&renamed, &reopened) {
                    return (Some(renamed), reopened);
                }
            }
            return (Some(first), opened);
        }
        first.damage.insert(Damage::CrossReference);
        let again = match check {
            Check::Irregular => self.clean(Check::All, budget),
            Check::All => None,
        };
        if let Some(mut again) = again {
            let reopened = open(Some(&again));
            if !was_dropped(&again, &reopened) {
                if again.damage.is_empty() {
                    again.damage.insert(Damage::CrossReference);
                }
                return (Some(again), reopened);
            }
        }
        (Some(first), opened)
    }

    fn clean(&self, check: Check, budget: &Budget<'_>) -> Option<CleanFile> {
        if self.risk != Risk::Bounded && !budget.allows_unbounded_engine() {
            return None;
        }
        CleanFile::of(self.bytes, self.keywords, &self.irregular, check)
            .or_else(|| CleanFile::without_table(self.bytes, &self.irregular))
    }
}

/// Corrects the types of objects in the page tree, if hayro-syntax misses pages because of them.
fn with_right_types(clean: &CleanFile, opened: &Result<Opened, OpenError>) -> Option<CleanFile> {
    let pdf = &opened.as_ref().ok()?.pdf;
    let found = pdf.pages().len();
    let declared = structure::declared_page_count(pdf);
    if declared.is_none_or(|declared| declared == found) && !structure::has_invalid_pages(pdf) {
        return None;
    }
    let misnamed = structure::misnamed_children(pdf);
    let mut renamed = clean.with_objects(&misnamed)?;
    renamed.damage.insert(Damage::PageTree);
    (!misnamed.is_empty()).then_some(renamed)
}

impl Document {
    /// Opens a file, with the empty password or a candidate if it is encrypted.
    ///
    /// # Errors
    ///
    /// If the bytes contain no PDF or no page, no password matches, or opening exceeds the budget.
    pub fn open(
        bytes: &FileBytes,
        candidates: &[&Password],
        budget: &mut Budget<'_>,
    ) -> Result<Self, OpenError> {
        Self::open_with(bytes, candidates, Check::Irregular, budget)
    }

    /// Opens a file of which a document [has lost objects](Self::has_lost_objects) again, and
    /// checks all its objects first.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn open_thoroughly(
        bytes: &FileBytes,
        candidates: &[&Password],
        budget: &mut Budget<'_>,
    ) -> Result<Self, OpenError> {
        Self::open_with(bytes, candidates, Check::All, budget)
    }

    fn open_with(
        bytes: &FileBytes,
        candidates: &[&Password],
        check: Check,
        budget: &mut Budget<'_>,
    ) -> Result<Self, OpenError> {
        if bytes.is_empty() {
            return Err(OpenError::Empty);
        }
        let has_header = file_kind::header_offset(bytes).is_some();
        if !has_header && (encoded_pdf::is_mail(bytes) || !file_kind::has_objects(bytes)) {
            return Err(OpenError::NotPdf(FileKind::detect(bytes)));
        }
        // The guard runs before any engine reads the bytes.
        let keywords = KeywordIndex::new(bytes);
        let source = Source::of(&keywords, bytes, budget)?;
        let (clean, opened) = source.open(candidates, check, budget);
        let Opened { pdf, encryption } = opened?;
        budget.check_time()?;
        let pages = pdf.pages().len();
        if pages == 0 {
            return Err(OpenError::Unreadable);
        }
        let mut damage = Vec::new();
        if !has_header {
            damage.push(Damage::MissingHeader);
        }
        if trailer::end_is_missing(bytes) {
            damage.push(Damage::MissingEnd);
        }
        if file_kind::is_disguised(bytes) {
            damage.push(Damage::ForeignData);
        }
        damage.extend(trailer::damage(bytes));
        match &clean {
            Some(clean) => damage.extend(&clean.damage),
            None => damage.push(Damage::CrossReference),
        }
        let has_others = structure::has_invalid_pages(&pdf);
        if (!structure::has_page_tree(&pdf) || has_others) && !damage.contains(&Damage::PageTree) {
            damage.push(Damage::PageTree);
        }
        let page_slots = page_slots(&pdf, has_others);
        let found = page_slots.as_ref().map_or(pages, |slots| {
            let is_complete = slots.iter().all(Option::is_some);
            // Viewers show a page as often as the tree lists it.
            if is_complete { slots.len() } else { pages }
        });
        let declared = structure::declared_page_count(&pdf);
        if let Some(declared) = declared.filter(|count| *count != found) {
            damage.push(Damage::PageCount { declared, found });
        }
        Ok(Self {
            pdf,
            encryption,
            damage,
            first_revision_end: incremental_updates::first_revision_end(&keywords),
            page_slots,
            clean,
        })
    }

    /// Returns whether an object could not be read since the document was opened, so that objects
    /// which the file does not use any more may have taken the place of others.
    pub fn has_lost_objects(&self) -> bool {
        let clean = self.clean.as_ref();
        clean.is_some_and(|clean| clean.was_dropped(&self.pdf))
    }

    /// Returns the number of pages found in the page tree, missing pages included. Never zero.
    pub fn page_count(&self) -> usize {
        self.page_slots
            .as_ref()
            .map_or(self.pdf.pages().len(), Vec::len)
    }

    /// Returns the encryption of the file, and the password that decrypted it.
    pub fn encryption(&self) -> &Encryption {
        &self.encryption
    }

    /// Damage that was repaired when the file was opened. Empty for a sound document.
    ///
    /// [`Budget::recorded_damage`] returns damage that is found later.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Returns the document information dictionary.
    pub fn metadata(&self) -> Metadata {
        Metadata::of(&self.pdf)
    }

    /// Returns the end of the file as it was before its first incremental update, except those
    /// that only add signatures; `None` without any.
    pub fn first_revision_end(&self) -> Option<usize> {
        self.first_revision_end
    }

    /// Checks the digital signatures of the file, whose bytes are those that were opened.
    ///
    /// `candidates` are the passwords with which it was opened.
    ///
    /// # Errors
    ///
    /// If the time limit or the limit on signatures is exceeded.
    pub fn signatures(
        &self,
        bytes: &FileBytes,
        candidates: &[&Password],
        anchors: &TrustAnchors,
        budget: &Budget<'_>,
    ) -> Result<Vec<Signature>, LimitHit> {
        let encryption = &self.encryption;
        let used = encryption.opened_by.and_then(|index| candidates.get(index));
        let used = used.map(|password| password.in_form(encryption.password_form));
        let passwords: Vec<Password> = used.into_iter().collect();
        signatures::check(bytes, &self.pdf, &passwords, anchors, budget)
    }

    /// Content that a viewer would execute or unpack, each kind once.
    ///
    /// # Errors
    ///
    /// If the time limit is exceeded.
    pub fn active_content(&self, budget: &Budget<'_>) -> Result<Vec<ActiveContent>, LimitHit> {
        structure::active_content(&self.pdf, budget)
    }

    /// Returns what the pages are a cover of, if they are not the content.
    pub fn cover(&self) -> Option<Cover> {
        embedded_files::cover(&self.pdf)
    }

    /// Returns the names of embedded files, PDFs first.
    pub fn embedded_files(&self) -> Vec<String> {
        embedded_files::names(&self.pdf)
    }

    /// Creates a reader for the pages. Use one reader for all pages: it caches fonts and buffers.
    pub fn reader(&self) -> PageReader<'_> {
        PageReader {
            document: self,
            workspace: Workspace::new(Layers::of(&self.pdf)),
            backgrounds: Backgrounds::default(),
            unshown_text: Vec::new(),
            content_read: ContentRead::Enough,
            early: HashSet::new(),
            has_missed_content: false,
            lacks_digits: false,
            fonts: FontJudge::default(),
            buffers: TextBuffers::default(),
            has_garbled_font: false,
            restarts: 0,
            edits: DocumentEdits::default(),
        }
    }
}

/// Returns a slot for every page that viewers show, if hayro-syntax found others or more.
///
/// With a slot for every declared page, the pages that were found keep their numbers. `has_others`
/// is whether hayro-syntax took other objects for pages.
fn page_slots(pdf: &Pdf, has_others: bool) -> Option<Vec<Option<usize>>> {
    let declared = structure::declared_page_count(pdf);
    if !has_others && declared.is_none_or(|declared| declared == pdf.pages().len()) {
        return None;
    }
    let slots = structure::page_slots(pdf)?;
    if declared == Some(slots.len()) {
        return Some(slots);
    }
    let present: Vec<_> = slots.into_iter().flatten().map(Some).collect();
    (has_others && !present.is_empty()).then_some(present)
}

/// Reads pages of one document, by their index from 0.
pub struct PageReader<'d> {
    document: &'d Document,
    workspace: Workspace,
    backgrounds: Backgrounds,
    unshown_text: Vec<usize>,
    content_read: ContentRead,
    /// Pages that were classified by the start of their content.
    early: HashSet<usize>,
    /// Whether the text of such a page has an inline image over or below it that is as large as a
    /// scan, or many glyphs without text.
    has_missed_content: bool,
    /// Whether a classified page lacks digits.
    lacks_digits: bool,
    fonts: FontJudge,
    buffers: TextBuffers,
    /// Whether a font was found to be garbled since the pages were classified.
    has_garbled_font: bool,
    restarts: u32,
    edits: DocumentEdits,
}

impl<'d> PageReader<'d> {
    fn page(&self, index: usize) -> Option<&'d Page<'d>> {
        let document = self.document;
        let index = match &document.page_slots {
            Some(slots) => slots.get(index).copied().flatten()?,
            None => index,
        };
        document.pdf.pages().get(index)
    }

    /// Classifies a page; a missing page is [`PageClass::Unreadable`].
    ///
    /// Other pages can show that the image behind little text is a background and not a scan: see
    /// [`Self::text_over_backgrounds`].
    ///
    /// # Errors
    ///
    /// If the budget is exceeded.
    pub fn classify(
        &mut self,
        index: usize,
        budget: &mut Budget<'_>,
    ) -> Result<PageClass, LimitHit> {
        let Some(page) = self.page(index) else {
            return Ok(PageClass::Unreadable);
        };
        let pdf = &self.document.pdf;
        budget.start_page(index);
        let mut classified =
            page_class::classify(pdf, page, self.content_read, &mut self.workspace, budget)?;
        // A short page cannot show it on its own.
        self.lacks_digits |= classified.lost_digits == LostDigits::Certain;
        if self.lacks_digits && classified.lost_digits == LostDigits::Possible {
            classified.class = PageClass::Unmapped;
        }
        if classified.is_early {
            self.early.insert(index);
        }
        self.backgrounds.add(index, &classified);
        let shows_nothing = classified.class == PageClass::Blank;
        if shows_nothing && classified.has_unshown_text {
            self.unshown_text.push(index);
        }
        Ok(classified.class)
    }

    /// Returns the classified pages that are [`PageClass::Text`] after all, because the image
    /// behind their text is also behind a page that is full of text.
    pub fn text_over_backgrounds(&self) -> impl Iterator<Item = usize> + '_ {
        self.backgrounds.text_pages()
    }

    /// Returns the classified pages that show nothing but have text: off the page, or in a layer
    /// that is off.
    pub fn unshown_text_pages(&self) -> &[usize] {
        &self.unshown_text
    }

    /// Returns the digests of a page's images whose width and height, in pixels, pass `filter`.
    ///
    /// # Errors
    ///
    /// If the time limit is exceeded.
    pub fn image_digests(
        &self,
        index: usize,
        filter: &dyn Fn(u32, u32) -> bool,
        budget: &mut Budget<'_>,
    ) -> Result<Vec<ImageDigest>, LimitHit> {
        match self.page(index) {
            Some(page) => structure::image_digests(page, filter, budget),
            None => Ok(Vec::new()),
        }
    }

    /// Reads the words of a page of a class; a missing page has none.
    ///
    /// The words of a text page are the visible ones, those of an [`PageClass::Ocr`] page the
    /// invisible ones.
    ///
    /// # Errors
    ///
    /// If the budget is exceeded.
    pub fn text(
        &mut self,
        index: usize,
        class: PageClass,
        budget: &mut Budget<'_>,
    ) -> Result<PageText, LimitHit> {
        let layer = match class {
            PageClass::Ocr => Visibility::Invisible,
            _ => Visibility::Visible,
        };
        let Some(page) = self.page(index) else {
            return Ok(PageText::default());
        };
        budget.start_page(index);
        let workspace = &mut self.workspace;
        let (fonts, buffers) = (&mut self.fonts, &mut self.buffers);
        let extracted = text::extract(page, layer, fonts, workspace, buffers, budget)?;
        let has_large_image = extracted.inline_images >= page_class::MIN_SCAN_PERCENT;
        self.has_missed_content |=
            (has_large_image || extracted.has_lost_glyphs) && self.early.contains(&index);
        self.has_garbled_font |= extracted.has_garbled_font;
        self.edits.set(index, extracted.edits);
        Ok(extracted.text)
    }

    /// Takes the text of a page that is not used any more, to reuse its memory.
    pub fn recycle(&mut self, page: PageText) {
        self.buffers.recycle(page);
    }

    /// Returns how an amount on a row of a page differs in form from its column, if one does.
    /// `place` is the distance of the row's baseline from the top of the page, as a share of the
    /// page's height. By itself this is no sign of editing.
    ///
    /// # Errors
    ///
    /// If the budget is exceeded.
    pub fn odd_number(
        &mut self,
        index: usize,
        place: f32,
        budget: &mut Budget<'_>,
    ) -> Result<Option<Difference>, LimitHit> {
        let Some(page) = self.page(index) else {
            return Ok(None);
        };
        budget.start_page(index);
        text::odd_number(page, place, &mut self.workspace, budget)
    }

    /// Returns the signs that pages whose text was read were edited, by page and line.
    pub fn edits(&self) -> Vec<Edit> {
        self.edits.found()
    }

    /// Prepares another classification of all pages, if the text of a page showed that the last
    /// one missed an image, glyphs without text or a garbled font. Returns whether it did.
    pub fn restart_classification(&mut self) -> bool {
        let has_missed_content = std::mem::take(&mut self.has_missed_content);
        let has_garbled_font = std::mem::take(&mut self.has_garbled_font);
        if !has_missed_content && !has_garbled_font || self.restarts >= MAX_RESTARTS {
            return false;
        }
        self.restarts += 1;
        if has_missed_content {
            self.content_read = ContentRead::All;
        }
        self.fonts.restart();
        self.early.clear();
        self.backgrounds = Backgrounds::default();
        self.unshown_text.clear();
        true
    }

    /// Renders a page on white, as viewers show it, in the largest size within `max_size`.
    ///
    /// # Errors
    ///
    /// If the page is missing, the time limit is exceeded, or the budget forbids the engine, which
    /// nothing can interrupt.
    #[cfg(feature = "app")]
    pub fn draw(
        &self,
        index: usize,
        max_size: PictureSize,
        budget: &Budget<'_>,
    ) -> Result<Picture, PictureError> {
        let page = self.page(index).ok_or(PictureError::NoSuchPage)?;
        budget.check_time()?;
        if !budget.request_unbounded_engine() {
            return Err(PictureError::NeedsIsolation);
        }
        Ok(picture::draw(page, max_size))
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
