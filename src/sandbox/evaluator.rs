//! Decides about files that the script does not list.

use crate::bankconnect::wire::ErrorCode;
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
    /// The statement period. If unknown, the session's period is assumed.
    pub period: Option<(Date, Date)>,
    /// The account number.
    pub account: Option<String>,
    /// The kind of suspected fraud, such as `author_fraud`. The file is accepted nevertheless.
    pub fraud: Option<String>,
}

/// Evaluates a file; the second argument is the password that came with the upload.
pub type Evaluator = Arc<dyn Fn(&[u8], Option<&str>) -> Evaluation + Send + Sync>;

/// Returns an evaluator that accepts every file with a PDF signature.
pub(super) fn by_signature() -> Evaluator {
    Arc::new(|bytes, _password| {
        let head = bytes.get(..SIGNATURE_WINDOW).unwrap_or(bytes);
        let is_pdf = memchr::memmem::find(head, b"%PDF-").is_some();
        Evaluation {
            rejection: (!is_pdf).then_some(ErrorCode::InvalidFileObject),
            pages: 1,
            ..Evaluation::default()
        }
    })
}
