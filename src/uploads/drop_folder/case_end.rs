//! Decides from the uploads of a case whether it is finished.
//!
//! A finished case is ready, and the service has every file that was to be sent. The other files of
//! a ready case have no effect on it: copies, documents that are no statements, and statements out
//! of the requested period. They belong to the case, and are moved with it. A file that could be
//! sent and was not, such as one with a warning under `--no-include-warnings`, keeps the case
//! unfinished, because somebody must still decide about it.

use super::arrivals::CaseEnd;
use crate::bankconnect::wire::ErrorCode;
use crate::report::UploadRecord;
use crate::screen::cases::CaseState;
use crate::screen::{Code, Finding, Screening, Verdict};
use crate::uploads::plan::{LocalCode, Outcome, OutcomeCode, OutcomeKind};
use std::collections::BTreeSet;

/// What decides about a case besides its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CaseTerms {
    pub(super) state: Option<CaseState>,
    /// Whether the service can be asked about unknown outcomes.
    pub(super) can_reconcile: bool,
    /// Whether the files of an expired session are sent to a new one.
    pub(super) resends_expired: bool,
    /// Whether processing could not be started, or a file changed or disappeared while the case
    /// was screened.
    pub(super) is_disturbed: bool,
}

/// Returns how a case ended whose files have these upload records.
pub(super) fn case_end<'f>(
    files: impl Iterator<Item = (Screening, Option<&'f UploadRecord>)>,
    terms: CaseTerms,
) -> CaseEnd {
    let mut sent = BTreeSet::new();
    let mut unsent = Vec::new();
    let mut is_retried = terms.is_disturbed || terms.state.is_none();
    for (screening, upload) in files {
        // It was there when the folder was listed. A network file system may be away.
        let is_unread = |finding: &Finding| finding.code == Code::MissingFileObject;
        is_retried |= screening.findings.iter().any(is_unread);
        let Some(settled) = upload.and_then(UploadRecord::settled) else {
            is_retried = true;
            continue;
        };
        if settled.outcome.kind.is_uploaded() {
            sent.extend(screening.content);
        } else {
            is_retried |= may_succeed_later(&settled.outcome, terms);
            unsent.push(screening);
        }
    }
    let has_no_effect = |screening: &Screening| {
        let is_copy = screening
            .content
            .is_some_and(|content| sent.contains(&content));
        is_copy || screening.verdict == Verdict::Fail
    };
    let is_sent = !sent.is_empty() && unsent.iter().all(has_no_effect);
    if is_retried {
        CaseEnd::Retry
    } else if is_sent && terms.state == Some(CaseState::Ready) {
        CaseEnd::Finished
    } else {
        CaseEnd::Waiting
    }
}

/// Returns whether a file that was not sent may be sent later, although nothing changes in the
/// folder.
fn may_succeed_later(outcome: &Outcome, terms: CaseTerms) -> bool {
    let code = match &outcome.code {
        Some(code) if outcome.kind != OutcomeKind::Rejected => code,
        Some(code) => return is_session_end(code) && terms.resends_expired,
        None => return false,
    };
    if outcome.kind == OutcomeKind::Unknown {
        return terms.can_reconcile;
    }
    let is_local = matches!(
        code,
        OutcomeCode::Local(
            LocalCode::Cancelled
                | LocalCode::JournalWithheld
                | LocalCode::SessionNotCreated
                | LocalCode::FileChanged
                | LocalCode::Redirected
        )
    );
    code.is_temporary() || is_local || (is_session_end(code) && terms.resends_expired)
}

fn is_session_end(code: &OutcomeCode) -> bool {
    matches!(
        code,
        OutcomeCode::Service(
            ErrorCode::SessionExpired | ErrorCode::SessionNotFound | ErrorCode::SessionDeleted
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::ContentHash;
    use crate::uploads::{Skipped, skipped_record};

    const TERMS: CaseTerms = CaseTerms {
        state: Some(CaseState::Ready),
        can_reconcile: false,
        resends_expired: false,
        is_disturbed: false,
    };

    fn file(content: u8, verdict: Verdict) -> Screening {
        let finding = Finding::error(Code::OutOfDateRange, "none");
        Screening {
            content: Some(ContentHash::of(&[content])),
            verdict,
            ..Screening::not_screened(finding)
        }
    }

    fn record(kind: OutcomeKind, code: Option<OutcomeCode>) -> UploadRecord {
        let code = code.unwrap_or_else(|| LocalCode::Cancelled.into());
        let mut settled = skipped_record(Skipped {
            code,
            message: String::new(),
            hint: None,
        });
        settled.outcome.kind = kind;
        settled.into()
    }

    #[track_caller]
    fn check(files: &[(Screening, Option<UploadRecord>)], terms: CaseTerms, expected: CaseEnd) {
        let files = files
            .iter()
            .map(|(screening, upload)| (screening.clone(), upload.as_ref()));
        assert_eq!(case_end(files, terms), expected);
    }

    #[test]
    fn a_ready_case_is_finished_once_the_service_has_what_was_to_be_sent() {
        let accepted = || {
            let record = record(OutcomeKind::Accepted, None);
            (file(1, Verdict::Pass), Some(record))
        };
        let skipped = |content, verdict, code: Code| {
            let record = record(OutcomeKind::Skipped, Some(code.into()));
            (file(content, verdict), Some(record))
        };
        check(&[accepted()], TERMS, CaseEnd::Finished);
        let copy = skipped(1, Verdict::Pass, Code::StatementDuplicate);
        let other = skipped(2, Verdict::Fail, Code::StatementUnsupportedFormat);
        check(&[accepted(), copy, other], TERMS, CaseEnd::Finished);
        let warned = || skipped(3, Verdict::Warn, Code::BankUncertain);
        check(&[accepted(), warned()], TERMS, CaseEnd::Waiting);
        check(&[warned()], TERMS, CaseEnd::Waiting);
        check(&[], TERMS, CaseEnd::Waiting);
        let incomplete = CaseTerms {
            state: Some(CaseState::Incomplete),
            ..TERMS
        };
        check(&[accepted()], incomplete, CaseEnd::Waiting);
        check(
            &[accepted(), (file(4, Verdict::Pass), None)],
            TERMS,
            CaseEnd::Retry,
        );
    }

    #[test]
    fn a_case_whose_files_went_away_is_judged_again() {
        let accepted = || {
            let record = record(OutcomeKind::Accepted, None);
            (file(1, Verdict::Pass), Some(record))
        };
        let disturbed = CaseTerms {
            is_disturbed: true,
            ..TERMS
        };
        check(&[accepted()], disturbed, CaseEnd::Retry);
        let missing = Finding::error(Code::MissingFileObject, "File not found");
        let skipped = record(OutcomeKind::Skipped, Some(Code::MissingFileObject.into()));
        let unread = (Screening::not_screened(missing), Some(skipped));
        check(&[accepted(), unread], TERMS, CaseEnd::Retry);
    }

    #[test]
    fn only_what_may_succeed_is_tried_again() {
        let one = |kind, code: OutcomeCode, terms, expected| {
            let record = record(kind, Some(code));
            check(&[(file(1, Verdict::Pass), Some(record))], terms, expected);
        };
        let (retry, wait) = (CaseEnd::Retry, CaseEnd::Waiting);
        let expiring = CaseTerms {
            resends_expired: true,
            ..TERMS
        };
        let reconciling = CaseTerms {
            can_reconcile: true,
            ..TERMS
        };
        let skipped = OutcomeKind::Skipped;
        one(skipped, LocalCode::ServiceUnreachable.into(), TERMS, retry);
        one(skipped, LocalCode::SessionNotCreated.into(), TERMS, retry);
        one(skipped, LocalCode::CaseNotReady.into(), TERMS, wait);
        one(skipped, ErrorCode::SessionExpired.into(), TERMS, wait);
        one(skipped, ErrorCode::SessionExpired.into(), expiring, retry);
        let unknown = OutcomeKind::Unknown;
        one(unknown, LocalCode::ResponseLost.into(), TERMS, wait);
        one(unknown, LocalCode::ResponseLost.into(), reconciling, retry);
        let rejected = OutcomeKind::Rejected;
        one(rejected, ErrorCode::PdfIsImage.into(), reconciling, wait);
        one(rejected, ErrorCode::SessionExpired.into(), expiring, retry);
    }
}
