//! What a document says it is: whose statement. Knows pages of words, not files or uploads.

pub mod banks;
mod issuer;

pub use banks::Bank;
pub use issuer::{Issuer, IssuerEvidence};

use crate::pdf::PageText;
use serde::{Deserialize, Serialize};

/// What was read from a document's text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The bank that issued it, if anything points to one.
    pub issuer: Option<Issuer>,
    /// The IFSC of the account, from its labelled field.
    pub ifsc: Option<String>,
}

impl Facts {
    /// Reads the facts from the first pages and the last, in order.
    pub fn read(pages: &[PageText]) -> Self {
        let IssuerEvidence { issuer, ifsc } = issuer::recognise(pages);
        Self { issuer, ifsc }
    }
}
