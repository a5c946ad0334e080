//! Decides about files that the script does not list.

use crate::bankconnect::wire::ErrorCode;
use crate::statement::AccountKey;
use jiff::civil::Date;
use std::sync::Arc;

/// PDF readers search this many bytes for the file signature.
const SIGNATURE_WINDOW: usize = 1024;

/// What an evaluator found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// The error code with which the service rejects the file; `None` accepts it.
    pub rejection: Option<ErrorCode>,
    /// The page count.
    pub pages: u64,
    /// The bank's identifier, in lower case.
    pub bank: Option<String>,
    /// The statement period.
    pub period: EvaluatedPeriod,
    /// The account number, complete or masked.
    pub account: Option<String>,
    /// Distinguishes accounts with equal masked numbers.
    pub account_key: Option<AccountKey>,
    /// The kind of suspected fraud, such as `author_fraud`. The file is accepted nevertheless.
    pub fraud: Option<String>,
}

/// The period that a statement covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EvaluatedPeriod {
    /// Unknown: the file covers no day that is known.
    #[default]
    Unknown,
    /// The first and the last day.
    Days(Date, Date),
    /// The period of the session, for files whose content does not matter.
    Session,
}

impl EvaluatedPeriod {
    /// Returns the first and the last day, in a session with this period.
    pub(super) fn days(self, session: (Date, Date)) -> Option<(Date, Date)> {
        match self {
            Self::Unknown => None,
            Self::Days(from, to) => Some((from, to)),
            Self::Session => Some(session),
        }
    }
}

/// Evaluates a file; the second argument is the password that came with the upload.
pub type Evaluator = Arc<dyn Fn(&[u8], Option<&str>) -> Evaluation + Send + Sync>;

/// Returns an evaluator that accepts every file with a PDF signature, as a statement of the
/// session's period.
pub(super) fn by_signature() -> Evaluator {
    Arc::new(|bytes, _password| {
        let head = bytes.get(..SIGNATURE_WINDOW).unwrap_or(bytes);
        let is_pdf = memchr::memmem::find(head, b"%PDF-").is_some();
        Evaluation {
            rejection: (!is_pdf).then_some(ErrorCode::InvalidFileObject),
            pages: 1,
            period: EvaluatedPeriod::Session,
            ..Evaluation::default()
        }
    })
}
