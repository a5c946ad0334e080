//! What a document says it is: whose statement, of which account, for when. Knows pages of words,
//! not files or uploads.
//!
//! Names, addresses and full account numbers are read past: nothing here keeps them.

mod account;
pub mod banks;
pub mod coverage;
pub mod custom_banks;
mod dates;
mod fingerprint;
mod issuer;
mod kind;
mod month;
mod normalize;
mod page;
mod period;
mod phrase_matcher;
mod table;

pub use account::{Account, AccountCategory, AccountKey};
pub use banks::Bank;
pub use fingerprint::Fingerprint;
pub use issuer::Issuer;
pub use kind::DocumentKind;
pub use month::Month;
pub use period::{DateRange, Period, PeriodSource};

use crate::pdf::{ImageDigest, Metadata, PageText};
use page::Page;
use serde::{Deserialize, Serialize};

/// What was read of a document, from which its facts are told.
#[derive(Debug, Clone, Copy)]
pub struct DocumentContents<'s> {
    /// The first pages and the last, in order.
    pub pages: &'s [PageText],
    /// Pages of the whole document.
    pub page_count: usize,
    /// What it says of its making.
    pub metadata: &'s Metadata,
    /// Images of the first page that may be a logo: see [`is_logo_size`].
    pub images: &'s [ImageDigest],
}

/// What was read from a document's text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// What the document is; `None` where no text was read.
    pub kind: Option<DocumentKind>,
    /// The bank that issued it, if anything points to one.
    pub issuer: Option<Issuer>,
    /// The days it covers.
    pub period: Option<Period>,
    /// The account it is of.
    pub account: Option<Account>,
    /// The IFSC of the account, from its labelled field.
    pub ifsc: Option<String>,
    /// The kind of account.
    pub category: Option<AccountCategory>,
    /// Tells whether another document says the same.
    pub fingerprint: Option<Fingerprint>,
}

impl Facts {
    /// Whether the pages read are enough to see that it is a statement.
    pub fn is_statement(&self) -> bool {
        self.kind == Some(DocumentKind::Statement)
    }

    /// Reads the facts from what was read of a document.
    pub fn read(source: &DocumentContents<'_>) -> Self {
        if source.pages.iter().all(|page| page.lines.is_empty()) {
            let issuer = issuer::recognise(&[], &[], source.metadata, source.images);
            return Self {
                issuer: issuer.issuer,
                ..Self::default()
            };
        }
        let mut pages: Vec<Page> = source.pages.iter().map(Page::of).collect();
        let texts = pages.iter().flat_map(|page| &page.lines);
        let order = dates::order(texts.map(|line| line.text.as_str()));
        let tables: Vec<_> = pages
            .iter_mut()
            .map(|page| table::find(page, order))
            .collect();
        let issuer = issuer::recognise(&pages, &tables, source.metadata, source.images);
        let account = account::find(&pages);
        Self {
            kind: Some(kind::classify(&pages, &tables, account.is_some())),
            issuer: issuer.issuer,
            period: period::find(&pages, &tables, order),
            category: account::category(&pages),
            account,
            ifsc: issuer.ifsc,
            fingerprint: fingerprint::of(source.pages, source.page_count),
        }
    }
}

/// Whether an image of this size, in pixels, may be a bank's logo.
pub fn is_logo_size(width: u32, height: u32) -> bool {
    issuer::logos::has_size_of_one(width, height)
}
