//! Describes a digital signature in one line.

use crate::pdf::{Coverage, Signature, SignatureStatus, Trust};
use crate::text::sanitize;

/// Describes what a signature proves, and what is known about the signer:
/// `Signed by Example Bank Ltd, valid, whole file`.
pub(crate) fn describe(signature: &Signature) -> String {
    let signer = signature.organisation.as_deref();
    let signer = signer.map_or("an unnamed signer".into(), sanitize);
    let status = match signature.status {
        SignatureStatus::Valid => "valid",
        SignatureStatus::Broken(_) => "broken",
        SignatureStatus::Unsupported => "not supported",
    };
    let coverage = match signature.coverage {
        Coverage::WholeFile => "whole file",
        Coverage::Extended => "only signatures follow",
        Coverage::ChangedAfter => "changed after signing",
    };
    match signature.status {
        // What a broken signature covers proves nothing.
        SignatureStatus::Broken(_) => format!("Signed by {signer}, {status}"),
        _ => format!("Signed by {signer}, {status}, {coverage}"),
    }
}

/// Describes the signer's certificate and the time of the signature. Certificates are judged at
/// that time, and revoked ones are not noticed.
pub(crate) fn describe_signer(signature: &Signature) -> String {
    let mut parts = Vec::new();
    let issuer = signature.issuer.as_deref();
    parts.extend(issuer.map(|issuer| format!("issued by {}", sanitize(issuer))));
    let time = signature.signed_at.as_deref();
    parts.extend(time.map(|time| format!("signed at {}", sanitize(time))));
    parts.push(
        match signature.trust {
            Trust::Anchored => "certificates trusted at that time",
            Trust::Untrusted => "certificates not trusted",
            Trust::Incomplete => "certificates incomplete",
        }
        .to_owned(),
    );
    parts.push("revocation not checked".to_owned());
    parts.extend(signature.digest.clone());
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::Defect;

    #[test]
    fn a_signature_is_described_by_signer_status_and_coverage() {
        let signature = Signature {
            status: SignatureStatus::Valid,
            coverage: Coverage::WholeFile,
            trust: Trust::Anchored,
            organisation: Some("Example Bank\u{1b}[1m Ltd".to_owned()),
            issuer: Some("Example CA 2022".to_owned()),
            signed_at: Some("2025-01-24T10:00:00+05:30".to_owned()),
            digest: Some("SHA-256".to_owned()),
        };
        assert!(describe(&signature).starts_with("Signed by Example Bank"));
        assert!(describe(&signature).ends_with(" Ltd, valid, whole file"));
        assert!(!describe(&signature).contains('\u{1b}'));
        assert_eq!(
            describe_signer(&signature),
            "issued by Example CA 2022, signed at 2025-01-24T10:00:00+05:30, certificates trusted \
             at that time, revocation not checked, SHA-256"
        );
        let broken = Signature {
            status: SignatureStatus::Broken(Defect::Range),
            organisation: None,
            ..signature
        };
        assert_eq!(describe(&broken), "Signed by an unnamed signer, broken");
    }
}
