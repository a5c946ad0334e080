//! A file with settings during parsing.

use crate::error::AppError;
use crate::text::line_number;
use std::ops::Range;
use std::path::Path;
use toml::de::DeTable;

/// A config file during parsing.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) text: &'s str,
    pub(super) path: &'s Path,
}

impl<'s> Source<'s> {
    /// Parses the text.
    pub(super) fn table(&self) -> Result<toml::Spanned<DeTable<'s>>, AppError> {
        DeTable::parse(self.text).map_err(|error| {
            let location = self.location(error.span().unwrap_or_default());
            // The error's full text would repeat the line.
            let message = format!("{location}: {}", error.message());
            AppError::usage(message, "write TOML, such as: jobs = 4")
        })
    }

    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        line_number(self.text, span.start)
    }

    pub(super) fn location(&self, span: Range<usize>) -> String {
        format!("{} line {}", self.path.display(), self.line(&span))
    }
}
