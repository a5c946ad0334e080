//! Finding codes: name, origin, usual severity, meaning and hint, defined once.
//!
//! The guide's table and the SARIF rules show these texts; the HTML report shows the meaning.

use super::finding::Severity;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The general explanation of a finding code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// The severity in most files; a finding can be less severe.
    pub severity: Severity,
    /// The condition under which the code is reported, without flags.
    pub when: &'static str,
    /// What the user of the command line can do, as an imperative. See [`Code::advice`] for other
    /// readers.
    pub hint: &'static str,
}

/// Who defines a code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The service rejects an upload with this code.
    Service,
    /// Only bankscreen reports this code.
    Bankscreen,
}

macro_rules! codes {
    (
        $(
            $variant:ident $name:literal $origin:ident $severity:ident:
                $when:literal, $hint:literal;
        )+
    ) => {
        /// The subject of a finding. If the service has a code for it, this is the service's code.
        ///
        /// Names are part of the output contract: they do not change, and a name is never used
        /// again with another meaning.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!($when, ".")] $variant,)+
        }

        impl Code {
            /// All codes, in the order of the guide's table.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// Returns the code in reports, in upper snake case.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Returns the code with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|code| code.name() == name)
            }

            /// Returns the meaning of the code and what to do about it.
            pub fn explain(self) -> Explanation {
                match self {
                    $(Self::$variant => Explanation {
                        severity: Severity::$severity,
                        when: $when,
                        hint: $hint,
                    },)+
                }
            }

            fn origin(self) -> Origin {
                match self {
                    $(Self::$variant => Origin::$origin,)+
                }
            }
        }
    };
}

codes! {
    MissingFileObject "MISSING_FILE_OBJECT" Bankscreen Error:
        "There is no regular file at the path, or it cannot be read",
        "Check the path and its permissions";
    EmptyFile "EMPTY_FILE" Service Error:
        "The file has no bytes",
        "Request the file again";
    InvalidFileObject "INVALID_FILE_OBJECT" Service Error:
        "Not a PDF (the message names the file type), or damaged beyond repair",
        "Request the PDF that the bank issued";
    PasswordIncorrect "PASSWORD_INCORRECT" Service Error:
        "The file is encrypted, and no candidate password matches",
        "Add candidate passwords to a file for `--password-file`";
    PdfIsImage "PDF_IS_IMAGE" Service Error:
        "No page has usable text",
        "Request the PDF downloaded from net banking";
    BankNameUndetected "BANK_NAME_UNDETECTED" Service Error:
        "The bank could not be identified; a note if the expected bank is set",
        "Set the bank with `--bank` or in a manifest";
    BankNameMismatch "BANK_NAME_MISMATCH" Service Error:
        "The detected bank is not the expected bank",
        "Correct the expected bank, or request the right statement";
    StatementUnsupportedFormat "STATEMENT_UNSUPPORTED_FORMAT" Service Error:
        "Not a bank statement (the message names the likely kind of document); a warning if this \
         is uncertain",
        "Request the account statement";
    StatementNoTransactions "STATEMENT_NO_TRANSACTIONS" Service Warning:
        "The form of a statement without any transaction",
        "Request a statement of a period with transactions";
    OutOfDateRange "OUT_OF_DATE_RANGE" Service Error:
        "The printed statement period is outside the requested period",
        "Request a statement that covers the requested period";
    StatementDuplicate "STATEMENT_DUPLICATE" Service Error:
        "Same bytes, or same text and page count, as an earlier file of this run",
        "Remove one of the two files";
    InvalidAccountCategory "INVALID_ACCOUNT_CATEGORY" Service Error:
        "The account category is not `SAVINGS`, `CURRENT` or `OVERDRAFT`",
        "Correct the account category in the manifest";
    StatementTooManyPages "STATEMENT_TOO_MANY_PAGES" Bankscreen Error:
        "More pages than the limit",
        "Split the file by period, or raise the limit with `--max-pages`";
    FileTooLarge "FILE_TOO_LARGE" Bankscreen Error:
        "More bytes than the limit",
        "Check that the file is a statement, or raise the limit with `--max-file-size`";
    PartlyScanned "PARTLY_SCANNED" Bankscreen Warning:
        "Some pages have images or drawn shapes and no text",
        "Request the PDF downloaded from net banking";
    OcrTextLayer "OCR_TEXT_LAYER" Bankscreen Warning:
        "Text comes from OCR under a scan",
        "Expect wrong digits, or request the PDF downloaded from net banking";
    UnmappedText "UNMAPPED_TEXT" Bankscreen Warning:
        "Text does not map to characters",
        "Request the original PDF";
    PartialPeriod "PARTIAL_PERIOD" Bankscreen Warning:
        "The printed statement period covers only part of the requested period",
        "Check that other files cover the rest";
    MissingMonths "MISSING_MONTHS" Bankscreen Warning:
        "No file of the account covers some requested months; reported for the last file of the \
         account",
        "Request statements for these months";
    IncompleteMonths "INCOMPLETE_MONTHS" Service Warning:
        "No file of the account has a transaction in some requested months, although they are \
         covered; reported for the last file of the account",
        "Check these months; the service can refuse the report";
    BankUncertain "BANK_UNCERTAIN" Bankscreen Warning:
        "A bank is likely, but its confidence is below the threshold",
        "Set the bank with `--bank` or in a manifest";
    BalanceMismatch "BALANCE_MISMATCH" Bankscreen Warning:
        "A balance does not follow from the amounts, rows are in a wrong order, or two files \
         differ in the same days",
        "Compare these rows with a statement from net banking";
    MissingTransactions "MISSING_TRANSACTIONS" Bankscreen Warning:
        "Rows or pages are missing: the balance jumps, page numbers have a hole, or the next file \
         begins with another balance",
        "Request the complete statement as the bank issued it";
    TotalsMismatch "TOTALS_MISMATCH" Bankscreen Warning:
        "Printed totals, counts, opening or closing balance differ from the rows",
        "Compare the file with a statement from net banking";
    PeriodMismatch "PERIOD_MISMATCH" Bankscreen Warning:
        "Transactions are outside of the printed statement period",
        "Compare the period with a statement from net banking";
    MixedStatements "MIXED_STATEMENTS" Bankscreen Warning:
        "Pages of another account are inside a statement; a note if whole statements follow one \
         another",
        "Request one file per account";
    ReferenceDates "REFERENCE_DATES" Bankscreen Warning:
        "Most payment references that contain a date disagree with the date of their row",
        "Compare the dates with a statement from net banking";
    HolderMismatch "HOLDER_MISMATCH" Bankscreen Warning:
        "The account holder that the statement prints shares no name with the applicant",
        "Check whose account it is, or correct the applicant's name";
    SignatureBroken "SIGNATURE_BROKEN" Bankscreen Error:
        "A digital signature does not hold, or the file was changed after it",
        "Request the file as the bank sent it";
    EditedPdf "EDITED_PDF" Bankscreen Warning:
        "Signs that content was changed after the bank wrote it, each with its page",
        "Compare the file with the original";
    RemadePdf "REMADE_PDF" Bankscreen Note:
        "A copy that was printed or saved again with other software, so that the evidence of the \
         original is lost",
        "Request the original if you need proof";
    DamagedPdf "DAMAGED_PDF" Bankscreen Warning:
        "Readable only after repair, or with content that no PDF writer produces: loops, \
         impossible numbers, data after the end",
        "Request the file again; pages may be missing";
    ActiveContent "ACTIVE_CONTENT" Bankscreen Warning:
        "Contains scripts, programs or embedded files",
        "Check where the file comes from";
    OverlappingPeriod "OVERLAPPING_PERIOD" Bankscreen Note:
        "The statement period overlaps that of another file of the account",
        "No action needed; the service merges them";
    StatementInOtherCase "STATEMENT_IN_OTHER_CASE" Bankscreen Warning:
        "The same statement or account is in another case, of this run or an earlier one, that is \
         not `related`",
        "Find out which case the statement belongs to, or name the other case in the column \
         `related` of a manifest";
    FlaggedByService "FLAGGED_BY_SERVICE" Bankscreen Warning:
        "The service accepted the file and suspects fraud; reported after the upload",
        "Compare the file with the original";
    LimitExceeded "LIMIT_EXCEEDED" Bankscreen Error:
        "Screening stopped at a time, memory or size limit",
        "Inspect the file manually";
    InternalError "INTERNAL_ERROR" Bankscreen Error:
        "bankscreen failed on this file; other files are not affected",
        "Report the problem";
}

impl Code {
    /// Returns whether the service rejects an upload with this code.
    pub fn is_service_code(self) -> bool {
        self.origin() == Origin::Service
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_upper_snake_case() {
        let mut names = HashSet::new();
        for name in Code::ALL.map(Code::name) {
            assert!(name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'));
            assert!(names.insert(name), "{name} is used twice");
        }
    }

    #[test]
    fn explanations_are_unique_fragments() {
        let mut conditions = HashSet::new();
        for explanation in Code::ALL.map(Code::explain) {
            assert!(conditions.insert(explanation.when), "{explanation:?}");
            assert!(!explanation.when.contains("--"), "{explanation:?}");
            for text in [explanation.when, explanation.hint] {
                assert!(!text.ends_with('.'), "{text}");
            }
        }
    }
}
