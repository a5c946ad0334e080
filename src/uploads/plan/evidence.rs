//! Settles unknown outcomes by the statements that the service lists for a session.
//!
//! The file name of an upload contains the beginning of the content hash. A listed statement with
//! that name proves that the bytes arrived. Its absence proves nothing: the service may rename
//! files, and may list them late. A matching bank and period prove nothing either, because another
//! user may have uploaded a different copy into the same session.

use super::attempt::Receipt;
use super::outcome::{Outcome, OutcomeKind, PriorAttempt};
use crate::bankconnect::wire::ErrorCode;
use crate::screen::ContentHash;
use std::collections::HashSet;

/// Hex digits of the content hash in a file name: 64 bits, unique within a session.
const TOKEN_DIGITS: usize = 16;

/// A statement that the service lists. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteStatement {
    /// The service's ID of the upload.
    pub statement_id: String,
    /// The file name that the service stores.
    pub file_name: String,
    /// The error code, if the service rejected the statement after the upload.
    pub error_code: Option<ErrorCode>,
    /// The bank that the service assigned.
    pub bank: Option<String>,
}

/// Returns the file name for an upload.
///
/// It contains nothing of the original name, which may contain the name of the account holder.
pub fn upload_file_name(content: ContentHash) -> String {
    format!("{}.pdf", token(content))
}

fn token(content: ContentHash) -> String {
    let mut digits = content.to_string();
    digits.truncate(TOKEN_DIGITS);
    digits
}

/// Returns the number of listed statements that belong to none of these uploads, each with the
/// statement ID that the service gave it, if its answer is known.
pub fn count_unmatched(
    uploads: &[(ContentHash, Option<String>)],
    statements: &[RemoteStatement],
) -> usize {
    let ids: HashSet<&str> = uploads.iter().filter_map(|(_, id)| id.as_deref()).collect();
    let tokens: Vec<String> = uploads.iter().map(|(content, _)| token(*content)).collect();
    let is_known = |statement: &&RemoteStatement| {
        let name = &statement.file_name;
        let mut tokens = tokens.iter();
        ids.contains(statement.statement_id.as_str())
            || tokens.any(|token| name.contains(token.as_str()))
    };
    statements.len() - statements.iter().filter(is_known).count()
}

/// Returns the outcome that the listed statements prove for a file; `None` without evidence.
///
/// `attempts` is the number of attempts that were made to upload the file.
pub fn find_evidence(
    content: ContentHash,
    attempts: u32,
    statements: &[RemoteStatement],
) -> Option<Outcome> {
    let token = token(content);
    // `contains`, because the service may add a prefix to the file name.
    let matching = || statements.iter().filter(|s| s.file_name.contains(&token));
    // If there are several copies, one without an error decides.
    let statement = matching()
        .find(|s| s.error_code.is_none())
        .or(matching().next())?;
    let kind = match statement.error_code {
        Some(_) => OutcomeKind::Rejected,
        None => OutcomeKind::Accepted,
    };
    let outcome = Outcome {
        kind,
        code: statement.error_code.clone().map(Into::into),
        http_status: None,
        attempts,
        receipt: Receipt {
            statement_id: Some(statement.statement_id.clone()),
            bank: statement.bank.clone(),
            ..Receipt::default()
        },
    };
    Some(outcome.given(PriorAttempt::Unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(file_name: &str, error_code: Option<ErrorCode>) -> RemoteStatement {
        RemoteStatement {
            statement_id: "id-1".to_owned(),
            file_name: file_name.to_owned(),
            error_code,
            bank: Some("axis".to_owned()),
        }
    }

    #[test]
    fn only_the_file_name_of_the_upload_is_evidence() {
        let content = ContentHash::of(b"statement");
        let matching = format!("9b1c_{}", upload_file_name(content));
        let others = [statement("9b1c_axis.pdf", None), statement("", None)];
        assert_eq!(find_evidence(content, 1, &others), None);
        let accepted = find_evidence(content, 2, &[statement(&matching, None)]).unwrap();
        assert_eq!(accepted.kind, OutcomeKind::Accepted);
        assert_eq!(accepted.receipt.statement_id.as_deref(), Some("id-1"));
        let both = [
            statement(&matching, Some(ErrorCode::StatementDuplicate)),
            statement(&matching, None),
        ];
        assert_eq!(find_evidence(content, 2, &both), Some(accepted));
        let duplicate = find_evidence(content, 2, &both[..1]).unwrap();
        assert_eq!(duplicate.kind, OutcomeKind::AlreadyUploaded);
        let image = [statement(&matching, Some(ErrorCode::PdfIsImage))];
        let rejected = find_evidence(content, 2, &image).unwrap();
        assert_eq!(rejected.kind, OutcomeKind::Rejected);
        assert_eq!(rejected.code, Some(ErrorCode::PdfIsImage.into()));
    }

    #[test]
    fn a_statement_belongs_to_an_upload_by_its_name_or_its_id() {
        let content = ContentHash::of(b"statement");
        let named = statement(&upload_file_name(content), None);
        let renamed = statement("axis.pdf", None);
        let listed = [named, renamed];
        assert_eq!(count_unmatched(&[], &listed), 2);
        assert_eq!(count_unmatched(&[(content, None)], &listed), 1);
        let answered = (content, Some("id-1".to_owned()));
        assert_eq!(count_unmatched(&[answered], &listed), 0);
    }
}
