//! What each code means and what to do about it, for documents and for reports that explain codes.

use super::finding::{Code, Severity};

/// What there is to know of a code, whatever the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// How much it weighs in most files; a finding may weigh less.
    pub severity: Severity,
    /// When it is given.
    pub when: &'static str,
    /// What a person can do about it.
    pub hint: &'static str,
}

impl Code {
    /// When the code is given, and what to do about it; the README's table holds the same words.
    pub fn explain(self) -> Explanation {
        self.of_unreadable()
            .or_else(|| self.of_the_bank())
            .or_else(|| self.of_the_period())
            .unwrap_or_else(|| self.of_the_document())
    }

    /// Codes of files of which nothing, or no text, can be read.
    fn of_unreadable(self) -> Option<Explanation> {
        Some(match self {
            Self::MissingFileObject => error(
                "no regular file is there",
                "check the path and its permissions",
            ),
            Self::EmptyFile => error("the file has no bytes", "ask for it again"),
            Self::InvalidFileObject => error(
                "no PDF (the message says what it is), or damaged beyond reading",
                "ask for the PDF that the bank issued",
            ),
            Self::PasswordIncorrect => error(
                "a password is needed, and none given is right",
                "put candidates into a file for `--password-file`",
            ),
            Self::PdfIsImage => error(
                "no page has usable text",
                "ask for the PDF from net banking",
            ),
            Self::StatementTooManyPages => error(
                "more pages than `--max-pages`",
                "split it, or raise the limit",
            ),
            Self::FileTooLarge => error(
                "more bytes than `--max-file-size`",
                "make sure it is a statement, or raise the limit",
            ),
            Self::LimitExceeded => error(
                "screening stopped at a limit of time, memory or size",
                "look at it by hand",
            ),
            Self::InternalError => error(
                "the screener failed on this file; others are not affected",
                "please report it",
            ),
            _ => return None,
        })
    }

    /// Codes of the bank and the account.
    fn of_the_bank(self) -> Option<Explanation> {
        Some(match self {
            Self::BankNameUndetected => error(
                "no bank can be told; a note where one is given",
                "name it with `--bank` or in a manifest",
            ),
            Self::BankNameMismatch => error(
                "it is, with confidence, from another bank than the one given",
                "correct the bank, or ask for the right statement",
            ),
            Self::BankUncertain => warning(
                "a bank is likely, but not sure",
                "name it with `--bank` or in a manifest",
            ),
            Self::InvalidAccountCategory => error(
                "the account category given is none of `SAVINGS`, `CURRENT`, `OVERDRAFT`",
                "correct it in the manifest",
            ),
            _ => return None,
        })
    }

    /// Codes of the days covered, alone and beside other files.
    fn of_the_period(self) -> Option<Explanation> {
        Some(match self {
            Self::OutOfDateRange => error(
                "the period printed does not touch the range asked for",
                "ask for the months that are wanted",
            ),
            Self::PartialPeriod => warning(
                "its period covers the range asked for only in part",
                "make sure that other files cover the rest",
            ),
            Self::MissingMonths => warning(
                "over all files of the account, months are missing; told at its last file",
                "ask for these months",
            ),
            Self::OverlappingPeriod => Explanation {
                severity: Severity::Note,
                ..error(
                    "its period overlaps that of another file of the account",
                    "nothing; the service merges them",
                )
            },
            Self::StatementDuplicate => error(
                "the same bytes, or the same text and pages, as an earlier file of this run",
                "leave one out",
            ),
            _ => return None,
        })
    }

    /// Codes of what the document is, and of how it was made.
    fn of_the_document(self) -> Explanation {
        match self {
            Self::PartlyScanned => warning(
                "some pages show images or drawn shapes and no text",
                "ask for the PDF from net banking",
            ),
            Self::OcrTextLayer => warning(
                "text comes from OCR under a scan",
                "reckon with wrong digits, or ask for the original",
            ),
            Self::UnmappedText => warning(
                "text is shown that does not map to characters",
                "ask for the original PDF",
            ),
            Self::EditedPdf => warning(
                "it was made or saved with an editor, changed after it was made, or has a page of \
                 another size, or a second copy of a font on one page alone",
                "compare it with the original",
            ),
            Self::DamagedPdf => warning(
                "readable only after repair, or it holds what no writer writes: loops, numbers \
                 that can't be true, something behind its end",
                "ask for it again; pages may be missing",
            ),
            Self::ActiveContent => warning(
                "scripts, programs or files inside",
                "make sure where it comes from",
            ),
            _ => error(
                "it is no statement of a bank account; the message says what it seems to be. A \
                 warning where that is in doubt",
                "ask for the account statement",
            ),
        }
    }
}

fn error(when: &'static str, hint: &'static str) -> Explanation {
    Explanation {
        severity: Severity::Error,
        when,
        hint,
    }
}

fn warning(when: &'static str, hint: &'static str) -> Explanation {
    Explanation {
        severity: Severity::Warning,
        ..error(when, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_has_a_meaning_of_its_own() {
        let whens: HashSet<_> = Code::ALL.iter().map(|code| code.explain().when).collect();
        assert_eq!(whens.len(), Code::ALL.len());
        let unsupported = Code::StatementUnsupportedFormat.explain();
        assert!(unsupported.when.starts_with("it is no statement"));
    }
}
