//! Classifies what was appended to a file after it was signed.

use super::comparison::Comparison;
use super::occupied::Occupied;
use super::revision::{PdfOf, Revision};
use crate::pdf::catch_panic::catch_panic;
use crate::pdf::cross_reference::{Entry, Table};
use crate::pdf::keyword_index::{Keyword, KeywordIndex};
use crate::pdf::limits::{Budget, LimitHit};
use crate::pdf::object_extent;
use crate::pdf::open::FileBytes;
use crate::pdf::password::Password;
use hayro_syntax::Pdf;
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

/// What follows the signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Coverage {
    /// Nothing.
    WholeFile,
    /// Further signatures, timestamps or validation data only.
    Extended,
    /// Anything else.
    ChangedAfter,
}

impl Coverage {
    /// Returns the name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::WholeFile => "whole-file",
            Self::Extended => "extended",
            Self::ChangedAfter => "changed-after",
        }
    }
}

/// A file with signatures.
pub(super) struct SignedFile<'f> {
    bytes: &'f FileBytes,
    keywords: &'f KeywordIndex<'f>,
    pdf: &'f Pdf,
    passwords: &'f [Password],
    /// The objects of signatures that are valid and whose signers are known.
    trusted: HashSet<u32>,
    /// What the pages with signatures show apart from these, once it is read.
    occupied: Option<Occupied>,
}

impl<'f> SignedFile<'f> {
    pub(super) fn new(
        bytes: &'f FileBytes,
        keywords: &'f KeywordIndex<'f>,
        pdf: &'f Pdf,
        passwords: &'f [Password],
    ) -> Self {
        Self {
            bytes,
            keywords,
            pdf,
            passwords,
            trusted: HashSet::new(),
            occupied: None,
        }
    }

    /// Adds a signature that is valid and whose signer is known. It may show itself on a page.
    pub(super) fn trust(&mut self, signature: u32) {
        self.trusted.insert(signature);
    }

    /// Classifies what follows the signed bytes, which end at an offset.
    pub(super) fn coverage(
        &mut self,
        end: usize,
        budget: &Budget<'_>,
    ) -> Result<Coverage, LimitHit> {
        let tail = self.bytes.get(end..).unwrap_or_default();
        if tail.trim_ascii().is_empty() {
            return Ok(Coverage::WholeFile);
        }
        if self.occupied.is_none() {
            self.occupied = Some(Occupied::read(self.pdf, budget)?);
        }
        let Some(comparison) = self.comparison(end) else {
            return Ok(Coverage::ChangedAfter);
        };
        let is_allowed = comparison.is_allowed()
            && !self.has_stray_objects(end, &comparison)
            && !comparison.has_filled_gaps(budget)?;
        Ok(if is_allowed {
            Coverage::Extended
        } else {
            Coverage::ChangedAfter
        })
    }

    /// Reads the file as it was signed and as it is; `None` if readers can differ in what it shows.
    fn comparison(&self, end: usize) -> Option<Comparison<'_>> {
        let signed = self.bytes.get(..end)?;
        let is_updated = memmem::rfind(self.bytes, b"startxref")? >= end;
        let mut old = Table::read(signed)?;
        let mut new = Table::read(self.bytes)?;
        let is_usable = old.verify(&KeywordIndex::new(signed)) && new.verify(self.keywords);
        if !is_usable || !is_updated || new.is_damaged || new.is_ambiguous {
            return None;
        }
        let old_pdf = needs_engine(&old).then(|| self.open(signed)).flatten();
        let old = Revision {
            bytes: signed,
            table: old,
            pdf: old_pdf.map(PdfOf::Signed),
        };
        let new = Revision {
            bytes: self.bytes,
            table: new,
            pdf: Some(PdfOf::File(self.pdf)),
        };
        let occupied = self.occupied.as_ref()?;
        Some(Comparison::new(old, new, &self.trusted, occupied))
    }

    /// Opens the file as it was signed.
    fn open(&self, signed: &[u8]) -> Option<Pdf> {
        let signed = Arc::new(signed.to_vec());
        catch_panic(|| {
            let plain = Pdf::new(Arc::clone(&signed)).ok();
            plain.or_else(|| {
                let mut passwords = self.passwords.iter();
                passwords.find_map(|password| {
                    Pdf::new_with_password(Arc::clone(&signed), password.expose()).ok()
                })
            })
        })?
    }

    /// Returns whether objects were appended that replace objects of the signed file for readers
    /// that search a file for its objects, and not for others.
    fn has_stray_objects(&self, end: usize, comparison: &Comparison<'_>) -> bool {
        let appended = self.keywords.offsets(Keyword::Obj);
        appended.filter(|offset| *offset >= end).any(|offset| {
            let head = self.bytes.get(..offset).unwrap_or_default();
            let Some((number, _)) = object_extent::id_before(head) else {
                return false;
            };
            let is_old = comparison.old.table.entries.contains_key(&number);
            let is_replaced = matches!(
                comparison.new.table.entries.get(&number),
                Some(Entry::Plain { offset, .. }) if *offset >= end
            );
            is_old && !is_replaced
        })
    }
}

/// Returns whether a file has objects in streams.
fn needs_engine(table: &Table) -> bool {
    let mut entries = table.entries.values();
    entries.any(|entry| matches!(entry, Entry::Packed { .. }))
}
