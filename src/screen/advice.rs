//! Advice on findings for readers without a command line: what the lender's staff can do, and what
//! to ask the applicant for.
//!
//! One table for both, so that a page and the message to an applicant agree. The hints of findings
//! are for users of the command line and mention its flags; these texts do not.

use super::code::Code;

/// What the applicant can send to resolve a problem, in the order in which requests are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Request {
    /// The password of a locked file, or an unlocked copy.
    Password,
    /// The bank's own PDF in place of scans, photos and printed copies.
    Original,
    /// A PDF in place of a file of another kind, or of a damaged one.
    Pdf,
    /// The same file again, because it arrived empty.
    Again,
    /// The same file again, because pages are damaged.
    AllPages,
    /// An account statement in place of another document.
    Statement,
    /// A statement of the requested period.
    OtherPeriod,
    /// The statements of the months that no file covers.
    Months,
}

impl Request {
    /// All requests, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Password,
        Self::Original,
        Self::Pdf,
        Self::Again,
        Self::AllPages,
        Self::Statement,
        Self::OtherPeriod,
        Self::Months,
    ];

    /// Returns what is requested, for one file or for several.
    pub(super) fn object(self, files: usize) -> &'static str {
        let (one, several) = match self {
            Self::Password => (
                "the password, or a copy of the file that opens without a password",
                "the passwords, or copies of the files that open without a password",
            ),
            Self::Original => (
                "the original PDF downloaded from net banking; scans, photos and printed copies \
                 cannot be used",
                "the original PDFs downloaded from net banking; scans, photos and printed copies \
                 cannot be used",
            ),
            Self::Pdf => (
                "the statement as a PDF, newly downloaded from net banking",
                "the statements as PDFs, newly downloaded from net banking",
            ),
            Self::Again | Self::AllPages => (
                "the file again, newly downloaded from net banking",
                "the files again, newly downloaded from net banking",
            ),
            Self::Statement => (
                "the account statement, which lists all transactions with the balance",
                "the account statements, which list all transactions with the balance",
            ),
            Self::OtherPeriod => (
                "the statement of the requested period",
                "the statements of the requested period",
            ),
            Self::Months => (
                "the statement of this month",
                "the statements of these months",
            ),
        };
        if files == 1 { one } else { several }
    }
}

/// The advice on a finding code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What the staff does; `None` if they only pass the request on.
    staff: Option<&'static str>,
    /// What the applicant is asked for; `None` if only the staff can resolve the finding.
    pub request: Option<Request>,
}

impl Advice {
    const fn ask(request: Request) -> Self {
        Self {
            staff: None,
            request: Some(request),
        }
    }

    const fn staff(text: &'static str) -> Self {
        Self {
            staff: Some(text),
            request: None,
        }
    }

    const fn or_ask(self, request: Request) -> Self {
        Self {
            request: Some(request),
            ..self
        }
    }

    /// Returns what the staff can do, as an imperative without a final period.
    pub fn hint(self) -> String {
        match (self.staff, self.request) {
            (Some(text), _) => text.to_owned(),
            (None, Some(Request::Months)) => {
                format!("Ask the customer for {}", Request::Months.object(2))
            }
            (None, Some(request)) => format!("Ask the customer for {}", request.object(1)),
            (None, None) => String::new(),
        }
    }
}

impl Code {
    /// Returns the advice on a warning or error with this code.
    pub fn advice(self) -> Advice {
        match self {
            Self::MissingFileObject => {
                Advice::staff("Check that the file still exists and that you may open it")
            }
            Self::EmptyFile => Advice::ask(Request::Again),
            Self::InvalidFileObject => Advice::ask(Request::Pdf),
            Self::PasswordIncorrect => Advice::ask(Request::Password),
            Self::PdfIsImage | Self::PartlyScanned | Self::UnmappedText | Self::RemadePdf => {
                Advice::ask(Request::Original)
            }
            Self::OcrTextLayer => Advice::staff(
                "Do not rely on the digits of a scan; ask the customer for the original PDF \
                 downloaded from net banking",
            )
            .or_ask(Request::Original),
            Self::BankNameUndetected | Self::BankUncertain => {
                Advice::staff("Find out which bank issued the statement, and have the bank set")
            }
            Self::BankNameMismatch => Advice::staff(
                "Check which bank is right: have the expected bank corrected, or ask the customer \
                 for the statement of that bank",
            ),
            Self::StatementUnsupportedFormat => Advice::staff(
                "Open the file; if it is not an account statement, ask the customer for one",
            )
            .or_ask(Request::Statement),
            Self::OutOfDateRange => Advice::ask(Request::OtherPeriod),
            Self::StatementDuplicate => Advice::staff("No action needed; one copy is enough"),
            Self::InvalidAccountCategory => {
                Advice::staff("Have the account category corrected in the list of files")
            }
            Self::StatementTooManyPages => Advice::staff(
                "Check that the file is a single statement; if it is, have the limit raised or \
                 the file split by period",
            ),
            Self::FileTooLarge => {
                Advice::staff("Check that the file is a statement; if it is, have the limit raised")
            }
            Self::PartialPeriod => {
                Advice::staff("Check that other files of the account cover the rest")
            }
            Self::IncompleteMonths => Advice::staff(
                "Ask the customer whether the account was used in these months; otherwise the \
                 statement is not complete",
            ),
            Self::MissingMonths => Advice::ask(Request::Months),
            Self::StatementNoTransactions => Advice::staff(
                "Open the file; if it lists no transactions, ask the customer for a statement of \
                 another period",
            ),
            Self::MissingTransactions => Advice::staff(
                "Check these pages; ask the customer for the complete statement, newly downloaded \
                 from net banking",
            ),
            Self::BalanceMismatch
            | Self::TotalsMismatch
            | Self::PeriodMismatch
            | Self::MixedStatements
            | Self::ReferenceDates
            | Self::SignatureBroken
            | Self::EditedPdf
            | Self::FlaggedByService => Advice::staff(
                "Compare the file with one that the customer downloads from net banking in your \
                 presence, or ask the bank",
            ),
            Self::StatementInOtherCase => Advice::staff(
                "Find out which application the statement belongs to; if it belongs to both, have \
                 the cases declared as related",
            ),
            Self::HolderMismatch => Advice::staff(
                "Compare the account holder on the first page with the applicant; ask the customer \
                 for a statement of an own account if they differ",
            ),
            Self::DamagedPdf => Advice::staff(
                "Check that no page is missing; otherwise ask the customer for the file again",
            )
            .or_ask(Request::AllPages),
            Self::ActiveContent => Advice::staff(
                "Find out where the file comes from before you open it; statements need no active \
                 content",
            ),
            Self::OverlappingPeriod => Advice::staff("No action needed; the service merges them"),
            Self::LimitExceeded => Advice::staff("Have the file inspected by your technical team"),
            Self::InternalError => Advice::staff("Report the problem to your technical team"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_an_imperative_without_flags() {
        for code in Code::ALL {
            let hint = code.advice().hint();
            assert!(hint.starts_with(char::is_uppercase), "{code}: {hint}");
            assert!(
                !hint.ends_with('.') && !hint.contains("--"),
                "{code}: {hint}"
            );
            assert!(!hint.contains('`') && !hint.contains('_'), "{code}: {hint}");
        }
    }

    #[test]
    fn what_is_requested_differs_between_one_file_and_several() {
        for request in Request::ALL {
            assert_ne!(request.object(1), request.object(2));
        }
    }
}
