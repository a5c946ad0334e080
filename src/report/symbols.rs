//! The character repertoire of text output, chosen by the locale.

use crate::text::sanitize;
use std::borrow::Cow;

/// Characters for verdicts, page maps and truncation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbols {
    /// Block elements, check marks and arrows.
    Unicode,
    /// ASCII only, for locales without UTF-8.
    Ascii,
}

impl Symbols {
    /// Returns the mark that replaces truncated text.
    pub(crate) fn ellipsis(self) -> &'static str {
        match self {
            Self::Unicode => "…",
            Self::Ascii => "...",
        }
    }

    /// Sanitizes text and replaces an ellipsis that the locale cannot display.
    pub(super) fn sanitize(self, text: &str) -> Cow<'_, str> {
        let text = sanitize(text);
        match self {
            Self::Ascii if text.contains('…') => Cow::Owned(text.replace('…', self.ellipsis())),
            _ => text,
        }
    }
}
