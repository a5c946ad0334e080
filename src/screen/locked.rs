//! The finding about a file that no password opens, and what was tried on it.

use super::passwords::TriedCounts;
use super::{Code, Finding, Policy};
use crate::pdf::Encryption;
use crate::text::columns::{counted, thousands};

/// Hint if no details of the applicant are known.
const ADD_PASSWORD: &str = "Add the password to a --password-file; banks often use the customer \
                            ID, or letters of the name with the date of birth";
/// Hint if passwords were derived.
const CHECK_DETAILS: &str = "Check the applicant's details; bankscreen banks ID shows how a bank \
                             forms its passwords. Or add the password to a --password-file";

/// Returns the finding about a locked file.
pub(super) fn locked(encryption: &Encryption, tried: TriedCounts, policy: &Policy) -> Finding {
    if let (None, Some(revision)) = (&encryption.method, encryption.revision) {
        let message = format!("Encrypted with an unsupported method (revision {revision})");
        return Finding::error(Code::PasswordIncorrect, message)
            .with_hint("Request a copy that opens without a password");
    }
    let method = encryption.method.as_deref().unwrap_or("an unknown method");
    let uses_password = encryption.revision.is_some() || encryption.method.is_none();
    if !uses_password {
        return Finding::error(
            Code::PasswordIncorrect,
            format!("Encrypted by a security handler without passwords ({method})"),
        )
        .with_hint("Request a copy that is not encrypted for a certificate");
    }
    let supplied = policy.candidates.len() + policy.untried;
    let outcome = outcome(tried, supplied, policy.applicants.is_some());
    let hint = if tried.derived > 0 {
        CHECK_DETAILS
    } else {
        ADD_PASSWORD
    };
    Finding::error(
        Code::PasswordIncorrect,
        format!("Encrypted with {method}; {outcome}"),
    )
    .with_hint(hint)
}

/// Describes what was tried; `supplied` includes passwords beyond the limit.
fn outcome(tried: TriedCounts, supplied: usize, has_details: bool) -> String {
    // More candidates than the limit are not tried, and then a match may have been missed.
    let untried = supplied.saturating_sub(tried.supplied);
    let mut outcome = match (tried.supplied, tried.derived) {
        (0, 0) => "no password supplied".to_owned(),
        (1, 0) if untried == 0 => "the candidate password does not match".to_owned(),
        (count, 0) => {
            let first = if untried > 0 { "first " } else { "" };
            let tried = counted(count, "candidate password");
            format!("none of the {first}{tried} matches")
        }
        (count, derived) => {
            let derived = counted(derived, "password");
            let supplied = match count {
                0 => String::new(),
                count => format!(" and {}", counted(count, "candidate password")),
            };
            format!("no match among {derived} formed from the applicant's details{supplied}")
        }
    };
    if untried > 0 {
        outcome = format!(
            "{outcome}; {} more not tried because of the limit",
            thousands(untried)
        );
    }
    if has_details && tried.derived == 0 {
        outcome.push_str("; no password follows from the applicant's details");
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applicant::{Applicants, RuleTable};
    use crate::pdf::{EncryptionStatus, Password};
    use crate::screen::{CandidateId, CandidatePassword};
    use crate::text::columns::assert_agrees;

    fn message(supplied: usize, derived: usize, untried: usize, has_details: bool) -> String {
        let encryption = Encryption {
            status: EncryptionStatus::Locked,
            method: Some("AES-256".to_owned()),
            revision: Some(6),
            ..Encryption::NONE
        };
        let candidate = |line| CandidatePassword {
            password: Password::new("x"),
            id: CandidateId::PasswordFile(line),
        };
        let policy = Policy {
            candidates: (0..supplied).map(candidate).collect(),
            untried,
            applicants: has_details.then(|| Applicants::new(Vec::new(), RuleTable::default())),
            ..Policy::default()
        };
        locked(&encryption, TriedCounts { supplied, derived }, &policy).message
    }

    #[test]
    fn the_message_agrees_with_the_numbers_of_passwords() {
        assert_agrees(|count| message(count, 0, 0, false));
        assert_agrees(|count| message(1, 0, count, false));
        assert_agrees(|count| message(count.max(1), 0, 1, false));
        assert_agrees(|count| message(count, 1, 0, true));
        assert_agrees(|count| message(2, count, 3, true));
    }

    #[test]
    fn the_message_states_whether_details_were_tried() {
        let check = |text: String, expected: &str| {
            assert_eq!(text, format!("Encrypted with AES-256; {expected}"));
        };
        check(
            message(0, 41, 0, true),
            "no match among 41 passwords formed from the applicant's details",
        );
        check(
            message(3, 41, 0, true),
            "no match among 41 passwords formed from the applicant's details and 3 candidate \
             passwords",
        );
        check(
            message(0, 0, 0, true),
            "no password supplied; no password follows from the applicant's details",
        );
        check(message(0, 0, 0, false), "no password supplied");
    }
}
