//! What a file is worth to the sandbox, where no script says so.

use crate::bankconnect::wire::ErrorCode;
use jiff::civil::Date;
use std::sync::Arc;

/// Where the mark of a PDF must stand; readers search that far.
const SIGNATURE_WITHIN: usize = 1024;

/// What was read out of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Why it is refused: a code of the upload table.
    pub refusal: Option<ErrorCode>,
    /// Pages.
    pub pages: u64,
    /// The bank's identifier, in lower case.
    pub bank: Option<String>,
    /// The period that it covers; where it is unknown, that of the session is assumed.
    pub period: Option<(Date, Date)>,
    /// The account's number.
    pub account: Option<String>,
    /// What makes it suspicious, such as `author_fraud`; never a reason to refuse.
    pub fraud: Option<String>,
}

/// Reads a file with its password, if one was given.
pub type Judge = Arc<dyn Fn(&[u8], Option<&str>) -> Judgement + Send + Sync>;

/// Takes everything that begins like a PDF.
pub(super) fn by_signature() -> Judge {
    Arc::new(|bytes, _password| {
        let head = bytes.get(..SIGNATURE_WITHIN).unwrap_or(bytes);
        let is_pdf = memchr::memmem::find(head, b"%PDF-").is_some();
        Judgement {
            refusal: (!is_pdf).then_some(ErrorCode::InvalidFileObject),
            pages: 1,
            ..Judgement::default()
        }
    })
}
