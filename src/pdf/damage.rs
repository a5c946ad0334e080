//! The kinds of damage that a readable document can have.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One kind of damage. The display form is a clause for a list of causes.
///
/// Findings list damage in the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Damage {
    /// Only readers that repair files find the objects.
    CrossReference,
    /// The page tree declares a page count that differs from its pages.
    PageCount {
        /// `/Count` of the page tree's root.
        declared: usize,
        /// Pages found by walking the tree.
        found: usize,
    },
    /// The page tree can't be walked; pages were found by searching the file for them.
    PageTree,
    /// The file has no PDF header.
    MissingHeader,
    /// The end-of-file marker is missing: the file was truncated.
    MissingEnd,
    /// Other data precedes the header or follows the end-of-file marker. There is more of it than
    /// readers skip, or it makes the file valid as another kind of file as well.
    ForeignData,
    /// The trailer has no object count (`/Size`), or an impossible one.
    ObjectCount,
    /// Objects have no end or overlap.
    Unterminated,
    /// Objects are nested deeper than readers follow.
    Nesting,
    /// Numbers are impossible for their keys: sizes, counts, ranges.
    NumberRange,
    /// Objects refer back to themselves.
    ReferenceLoop,
    /// Dictionaries have keys without values, or values without keys.
    Dictionary,
    /// The keywords around the data of streams are misspelt, missing or not on a line of their own.
    StreamBoundary,
    /// The declared lengths of streams are missing or wrong.
    StreamLength,
    /// Parts of the page content can't be decompressed.
    PageContent,
    /// The list of a page's content streams has members that are missing.
    MissingContent,
    /// Stream data is declared to be in another file.
    ExternalStream,
    /// Object streams or cross-reference streams do not match their dictionaries.
    ObjectStream,
    /// Fonts map more characters than exist.
    CharacterMap,
    /// Forms are nested deeper than [`Limits::form_depth`](super::Limits::form_depth).
    FormNesting,
}

impl Damage {
    /// Returns whether the damage is to the content of a single page.
    pub fn is_of_page(self) -> bool {
        matches!(self, Self::PageContent | Self::MissingContent)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CrossReference => "the cross-reference table is broken or truncated",
            Self::PageCount { declared, found } => {
                let pages = if *declared == 1 { "page" } else { "pages" };
                return write!(
                    f,
                    "the page tree declares {declared} {pages}, but the file contains {found}"
                );
            }
            Self::PageTree => "the page tree is broken",
            Self::MissingHeader => "the PDF header is missing",
            Self::MissingEnd => "the end-of-file marker is missing",
            Self::ForeignData => "other data precedes the header or follows the end-of-file marker",
            Self::ObjectCount => "the trailer has no valid object count",
            Self::Unterminated => "objects overlap or have no end",
            Self::Nesting => "objects are nested too deeply",
            Self::NumberRange => "numbers are out of range",
            Self::ReferenceLoop => "objects refer back to themselves",
            Self::Dictionary => "dictionaries have keys without values",
            Self::StreamBoundary => "streams are not marked as they should be",
            Self::StreamLength => "the lengths of streams are missing or wrong",
            Self::PageContent => "parts of the page content could not be decompressed",
            Self::MissingContent => "parts of the page content are missing",
            Self::ExternalStream => "stream data is stored outside the file",
            Self::ObjectStream => "object streams do not match their dictionaries",
            Self::CharacterMap => "a font maps more characters than exist",
            Self::FormNesting => "form XObjects are nested too deeply",
        })
    }
}
