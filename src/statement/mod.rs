//! Extracts facts from the text of a document: what kind of document it is, which bank issued it,
//! for which account and which period.
//!
//! This module works on pages of words; it uses no files and no network. Names, addresses and full
//! account numbers are never stored. The main type is [`Facts`].

mod account;
pub mod banks;
pub mod coverage;
pub mod custom_banks;
mod dates;
pub mod entered_date;
mod fingerprint;
mod holder;
mod issuer;
mod kind;
mod learnt_forms;
mod ledger;
mod logo_areas;
mod logo_hash;
mod month;
mod name_hint;
mod normalize;
mod opening_date;
mod page;
mod period;
mod phrase_matcher;
mod running_lines;
mod table;

pub use account::{Account, AccountCategory, AccountKey};
pub use banks::{Bank, BankRegistry};
pub use fingerprint::Fingerprint;
pub use holder::{HolderMatch, Holders};
pub use issuer::Issuer;
pub use kind::DocumentKind;
pub use learnt_forms::{FormKey, LearntForm, LearntForms};
pub use ledger::{
    BreakKind, Continuity, DifferingEnds, Ledger, LedgerBreak, LedgerReader, Mixed, OpeningBalance,
    PageNumbers, References, RowOrder, Totals,
};
pub use logo_areas::find_logos;
pub use logo_hash::{Area, KnownLogos, LogoHash, LogoProblem, Shades};
pub use month::Month;
pub(crate) use period::day_in_words;
pub use period::{DateRange, Period, PeriodSource};
pub use running_lines::RunningLines;

use crate::pdf::{ImageDigest, Metadata, PageText};
use jiff::civil::Date;
use page::Page;
use serde::{Deserialize, Serialize};

/// The parts of a document from which [`Facts`] are extracted.
#[derive(Debug, Clone, Copy)]
pub struct DocumentContents<'c> {
    /// The first pages and the last page, in order.
    pub pages: &'c [PageText],
    /// Number of pages of the whole document.
    pub page_count: usize,
    /// The document information.
    pub metadata: &'c Metadata,
    /// Images of the first page that may be a logo: see [`is_logo_size`].
    pub images: &'c [ImageDigest],
    /// The organisations that proved by a signature that the file is theirs.
    pub signers: &'c [&'c str],
    /// The forms that earlier uploads have taught.
    pub learnt: &'c LearntForms,
}

/// The facts that were found in a document's text.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each true or not"
)]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// What kind of document it is; `None` when no text was read.
    pub kind: Option<DocumentKind>,
    /// The bank that issued it, if there is evidence for one.
    pub issuer: Option<Issuer>,
    /// Whether it names a bank that the registry does not list.
    pub is_unlisted_bank: bool,
    /// The statement period.
    pub period: Option<Period>,
    /// A printed period that most transactions contradict.
    pub contradicted_period: Option<DateRange>,
    /// The account.
    pub account: Option<Account>,
    /// The day on which the account was opened, if it is printed.
    pub account_opened: Option<Date>,
    /// The IFSC code of the account, from its labelled field.
    pub ifsc: Option<String>,
    /// The category of the account.
    pub category: Option<AccountCategory>,
    /// The form, if it can be learnt.
    pub form: Option<FormKey>,
    /// Equal for documents with the same words and the same number of pages.
    pub fingerprint: Option<Fingerprint>,
    /// Whether a signature proves that the file is as the bank that it names made it.
    pub is_signed_by_issuer: bool,
    /// Whether a digital signature is printed.
    pub claims_signature: bool,
    /// Whether the form is that of the bank and the file is from another program than those known
    /// to write this bank's statements.
    pub is_from_other_program: bool,
    /// The transactions of all pages; `None` if they were not read, or the document is no
    /// statement.
    pub ledger: Option<Ledger>,
    /// How the printed holder relates to the applicant's name. The names are not kept.
    pub holder_match: HolderMatch,
}

impl Facts {
    /// Extracts the facts from a document, with the banks of a registry.
    pub fn extract(contents: &DocumentContents<'_>, banks: &BankRegistry) -> Self {
        if contents.pages.iter().all(|page| page.lines.is_empty()) {
            return Self {
                issuer: issuer::identify(&[], &[], contents, banks).issuer,
                ..Self::default()
            };
        }
        let (pages, tables, order) = prepare(contents.pages);
        let form = FormKey::of(&pages, &tables);
        let identification = issuer::identify(&pages, &tables, contents, banks);
        let account = account::find(&pages);
        let period = period::find(&pages, &tables, order);
        Self {
            kind: Some(kind::classify(&pages, &tables, account.is_some())),
            issuer: identification.issuer,
            is_unlisted_bank: identification.is_unlisted,
            period: period.period,
            contradicted_period: period.contradicted,
            category: account::category(&pages),
            account,
            account_opened: opening_date::find(&pages, order),
            ifsc: identification.ifsc,
            form,
            fingerprint: fingerprint::compute(contents.pages, contents.page_count),
            is_signed_by_issuer: identification.is_signed,
            claims_signature: claims_signature(contents.pages),
            is_from_other_program: identification.is_other_program,
            ledger: None,
            holder_match: HolderMatch::NotCompared,
        }
    }

    /// Returns whether the pages after the first ones are needed to identify the bank.
    pub fn needs_bank(&self) -> bool {
        let is_certain = |issuer: &Issuer| issuer.confidence >= issuer::ENOUGH_CONFIDENCE;
        self.can_have_bank() && !self.issuer.as_ref().is_some_and(is_certain)
    }

    /// Returns whether the document can be a statement, and is not that of an unlisted bank.
    fn can_have_bank(&self) -> bool {
        let is_other = matches!(self.kind, Some(DocumentKind::Other(_)) | None);
        !is_other && !self.is_unlisted_bank
    }

    /// Identifies the bank again, with the running lines of all pages after the first.
    pub fn add_running_lines(
        &mut self,
        running: RunningLines,
        contents: &DocumentContents<'_>,
        banks: &BankRegistry,
    ) {
        let running = running.finish();
        if running.0.lines.is_empty() && running.1.is_empty() {
            return;
        }
        let (mut pages, mut tables, _) = prepare(contents.pages);
        let identification =
            issuer::identify_again(&mut pages, &mut tables, running, contents, banks);
        self.issuer = identification.issuer;
        self.is_unlisted_bank = identification.is_unlisted;
        self.ifsc = identification.ifsc;
        self.is_signed_by_issuer = identification.is_signed;
        self.is_from_other_program = identification.is_other_program;
    }

    /// Returns whether nothing identifies the bank of a document that can be a statement.
    pub fn lacks_bank(&self) -> bool {
        self.can_have_bank() && self.issuer.is_none()
    }

    /// Identifies the bank by the hashes of what may be logos on the first page.
    pub fn add_logos(&mut self, hashes: &[LogoHash], known: &KnownLogos, banks: &BankRegistry) {
        if self.lacks_bank() {
            let bank = known.bank(hashes, banks);
            self.issuer = bank.and_then(|bank| issuer::by_logo(bank, banks));
        }
    }

    /// Adds the transactions of all pages, and what they show of the document.
    ///
    /// A document whose balances follow from one another is a statement whatever its headings. If
    /// no period is printed, it is that of all transactions. References of outgoing transfers
    /// support a bank of which printed evidence is weak.
    pub fn add_ledger(&mut self, ledger: Option<Ledger>, banks: &BankRegistry) {
        let kind = self.kind.take();
        self.kind = kind.map(|kind| kind::confirm(kind, ledger.as_ref()));
        if matches!(self.kind, Some(DocumentKind::Other(_)) | None) {
            return;
        }
        let days = ledger.as_ref().and_then(|ledger| ledger.days);
        let is_printed = self
            .period
            .is_some_and(|period| period.source == PeriodSource::Printed);
        if let Some(DateRange { from, to }) = days.filter(|_| !is_printed) {
            self.period = Some(Period {
                from,
                to,
                source: PeriodSource::Transactions,
            });
        }
        let sender = ledger.as_ref().and_then(|ledger| ledger.sender.as_deref());
        if let Some(code) = sender.filter(|_| !self.is_unlisted_bank) {
            self.issuer = issuer::add_sender(self.issuer.take(), code, banks);
        }
        self.ledger = ledger;
    }

    /// Returns the days of the statement period if it is printed.
    pub fn printed_period(&self) -> Option<DateRange> {
        let period = self.period?;
        (period.source == PeriodSource::Printed).then(|| period.days())
    }

    /// Records that the transactions of some pages were not read.
    pub(crate) fn set_partial(&mut self) {
        if let Some(period) = &mut self.period
            && period.source == PeriodSource::Transactions
        {
            period.source = PeriodSource::Partial;
        }
    }

    /// Returns whether the pages that were read are those of a bank statement.
    pub fn is_statement(&self) -> bool {
        self.kind == Some(DocumentKind::Statement)
    }

    /// Replaces the banks by those of a registry that have the same identifiers.
    ///
    /// Facts that come from another process need this, because only their identifiers can be
    /// trusted. Returns `None` when the registry has no bank with one of the identifiers.
    pub fn resolve_banks(mut self, banks: &BankRegistry) -> Option<Self> {
        if let Some(issuer) = self.issuer {
            self.issuer = Some(issuer.resolve_banks(banks)?);
        }
        Some(self)
    }
}

/// Prepares pages and finds their tables, with the order of day and month in their dates.
fn prepare(pages: &[PageText]) -> (Vec<Page>, Vec<table::Table>, dates::DateOrder) {
    let mut pages: Vec<Page> = pages.iter().map(Page::new).collect();
    let lines = pages.iter().flat_map(|page| &page.lines);
    let order = dates::detect_order(lines.map(|line| line.text.as_str()));
    let tables = pages
        .iter_mut()
        .map(|page| table::find(page, order))
        .collect();
    (pages, tables, order)
}

/// Words that name the signer of a document.
const SIGNATURE_CLAIM: &str = "digitally signed by";

/// Returns whether a digital signature is printed.
fn claims_signature(pages: &[PageText]) -> bool {
    let mut lines = pages.iter().flat_map(|page| &page.lines);
    lines.any(|line| line.text().to_lowercase().contains(SIGNATURE_CLAIM))
}

/// Returns whether an image of this size, in pixels, may be a bank's logo.
pub fn is_logo_size(width: u32, height: u32) -> bool {
    issuer::logos::has_known_size(width, height)
}
