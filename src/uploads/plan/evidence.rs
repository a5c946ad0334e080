//! Settles an unknown upload by what the service lists for its session.
//!
//! The name that a file is sent under bears the beginning of its content hash. A statement listed
//! under that name is proof that the bytes arrived. The absence of one is no proof that they did
//! not: the service may rename what it gets, and may list it late. Bank and period are no proof
//! either: a colleague may have sent another copy to the same session.

use super::attempt::Receipt;
use super::outcome::{Outcome, OutcomeKind, PriorAttempt};
use crate::screen::ContentHash;

/// Digits of the content hash in a sent name: 64 bits, no accident within one session.
const TOKEN_DIGITS: usize = 16;

/// A statement that the service lists. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteStatement {
    /// The upload's identifier.
    pub statement_id: String,
    /// The name that the service keeps of the file.
    pub file_name: String,
    /// Why the service turned it down after all, where it did.
    pub error_code: Option<String>,
    /// The bank that it is filed under.
    pub bank: Option<String>,
}

/// The name to send a file under: nothing of its own name, which may hold a person's.
pub fn upload_file_name(content: ContentHash) -> String {
    format!("{}.pdf", token(content))
}

fn token(content: ContentHash) -> String {
    let mut digits = content.to_string();
    digits.truncate(TOKEN_DIGITS);
    digits
}

/// The outcome that a session's statements prove for bytes of unknown fate; `None` without proof.
///
/// `attempts` is how many were made to send them.
pub fn find_evidence(
    content: ContentHash,
    attempts: u32,
    seen: &[RemoteStatement],
) -> Option<Outcome> {
    let token = token(content);
    let named = || seen.iter().filter(|s| s.file_name.contains(&token));
    // Of several copies, one that stands is what counts.
    let found = named()
        .find(|s| s.error_code.is_none())
        .or(named().next())?;
    let kind = match found.error_code {
        Some(_) => OutcomeKind::Rejected,
        None => OutcomeKind::Accepted,
    };
    let outcome = Outcome {
        kind,
        code: found.error_code.clone(),
        http_status: None,
        attempts,
        receipt: Receipt {
            statement_id: Some(found.statement_id.clone()),
            bank: found.bank.clone(),
            ..Receipt::default()
        },
    };
    Some(outcome.given(PriorAttempt::Unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(file_name: &str, error_code: Option<&str>) -> RemoteStatement {
        RemoteStatement {
            statement_id: "id-1".to_owned(),
            file_name: file_name.to_owned(),
            error_code: error_code.map(str::to_owned),
            bank: Some("axis".to_owned()),
        }
    }

    #[test]
    fn only_our_own_name_proves_anything() {
        let content = ContentHash::of(b"statement");
        let ours = format!("9b1c_{}", upload_file_name(content));
        let others = [sighting("9b1c_axis.pdf", None), sighting("", None)];
        assert_eq!(find_evidence(content, 1, &others), None);
        let proof = find_evidence(content, 2, &[sighting(&ours, None)]).unwrap();
        assert_eq!(proof.kind, OutcomeKind::Accepted);
        assert_eq!(proof.receipt.statement_id.as_deref(), Some("id-1"));
        let both = [
            sighting(&ours, Some("STATEMENT_DUPLICATE")),
            sighting(&ours, None),
        ];
        assert_eq!(find_evidence(content, 2, &both), Some(proof));
        let again = find_evidence(content, 2, &both[..1]).unwrap();
        assert_eq!(again.kind, OutcomeKind::AlreadyUploaded);
        let failed = find_evidence(content, 2, &[sighting(&ours, Some("PDF_IS_IMAGE"))]).unwrap();
        assert_eq!(failed.kind, OutcomeKind::Rejected);
        assert_eq!(failed.code.as_deref(), Some("PDF_IS_IMAGE"));
    }
}
