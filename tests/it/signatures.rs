//! Digital signatures: status, coverage and trust of whole files, and what the program prints.

use crate::generator::signing::{AUTHORITIES, Signer};
use crate::generator::{self, signature_updates, signatures};
use crate::harness::TestDir;
use bankscreen::pdf::{Coverage, Defect, Limits, Signature, SignatureStatus, Trust, TrustAnchors};
use bankscreen::screen::{Code, Policy, Screening, screen};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

static CASES: LazyLock<Vec<generator::Case>> =
    LazyLock::new(|| [signatures::cases(), signature_updates::unreadable()].concat());

fn bytes(name: &str) -> Vec<u8> {
    let path = format!("signatures/{name}.pdf");
    let case = CASES.iter().find(|case| case.path == path);
    case.unwrap_or_else(|| panic!("{path}")).bytes.clone()
}

fn screened(bytes: Vec<u8>, anchors: &[&[u8]]) -> Screening {
    let policy = Policy {
        anchors: TrustAnchors::new(anchors.iter().map(|der| der.to_vec()).collect()),
        ..Policy::default()
    };
    screen(&Arc::new(bytes), &policy, &|| Duration::ZERO)
}

fn signatures_of(screening: &Screening) -> &[Signature] {
    &screening.document.as_ref().unwrap().signatures
}

fn has_finding(screening: &Screening) -> bool {
    let mut findings = screening.findings.iter();
    findings.any(|finding| finding.code == Code::SignatureBroken)
}

#[test]
fn signatures_hold_with_every_algorithm_and_in_every_kind_of_file() {
    let root = AUTHORITIES.root.certificate.as_slice();
    let authority = AUTHORITIES.authority.certificate.as_slice();
    for (name, digest) in [
        ("pkcs7", "SHA-256"),
        ("sha1_leaf_only", "SHA-1"),
        ("cades", "SHA-256"),
        ("pss", "SHA-256"),
        ("ecdsa_p256", "SHA-256"),
        ("ecdsa_p384", "SHA-384"),
        ("object_streams", "SHA-256"),
        ("encrypted", "SHA-256"),
    ] {
        let screening = screened(bytes(name), &[root, authority]);
        let expected = Signature {
            status: SignatureStatus::Valid,
            coverage: Coverage::WholeFile,
            trust: Trust::Anchored,
            organisation: Some("Example Bank Ltd".to_owned()),
            issuer: Some("Example CA 2022".to_owned()),
            signed_at: Some("2024-06-03T04:30:00Z".to_owned()),
            digest: Some(digest.to_owned()),
        };
        assert_eq!(signatures_of(&screening), [expected], "{name}");
        assert!(!has_finding(&screening), "{name}");
    }
}

#[test]
fn every_signed_byte_counts() {
    let file = bytes("pkcs7");
    let gap = {
        let contents = memchr::memmem::find(&file, b"/Contents <").unwrap() + 10;
        contents..contents + file[contents..].iter().position(|b| *b == b'>').unwrap() + 1
    };
    for index in (9..file.len()).step_by(997) {
        if gap.contains(&index) {
            continue;
        }
        let mut changed = file.clone();
        changed[index] ^= 1;
        let screening = screened(changed, &[]);
        let Some(document) = &screening.document else {
            continue;
        };
        let holds = |found: &Signature| found.status == SignatureStatus::Valid;
        assert!(!document.signatures.iter().any(holds), "{index}");
    }
}

#[test]
fn a_chain_is_trusted_if_its_anchor_is_and_all_certificates_were_valid() {
    let authorities = &*AUTHORITIES;
    let root = authorities.root.certificate.as_slice();
    let authority = authorities.authority.certificate.as_slice();
    let bank = authorities.bank.certificate.as_slice();
    let person = authorities.person.certificate.as_slice();
    let check = |name: &str, anchors: &[&[u8]], expected: Trust| {
        let screening = screened(bytes(name), anchors);
        assert_eq!(signatures_of(&screening)[0].trust, expected, "{name}");
    };
    check("pkcs7", &[], Trust::Untrusted);
    check("pkcs7", &[root], Trust::Anchored);
    check("pkcs7", &[person], Trust::Untrusted);
    check("sha1_leaf_only", &[], Trust::Incomplete);
    check("sha1_leaf_only", &[root], Trust::Incomplete);
    check("sha1_leaf_only", &[authority], Trust::Anchored);
    check("sha1_leaf_only", &[bank], Trust::Anchored);
    check("expired", &[root], Trust::Untrusted);
    check("person", &[root], Trust::Untrusted);
}

#[test]
fn a_person_is_never_named() {
    for name in ["person", "visible_signature"] {
        let screening = screened(bytes(name), &[]);
        let json = serde_json::to_string(&screening).unwrap();
        assert!(!json.contains("ROHAN"), "{json}");
        let last = signatures_of(&screening).last().unwrap();
        assert_eq!((&last.organisation, &last.issuer), (&None, &None));
    }
}

#[test]
fn further_signatures_timestamps_and_validation_data_are_no_change() {
    for (name, count) in [
        ("signed_twice", 2),
        ("signed_twice_with_metadata", 2),
        ("timestamped", 2),
        ("validation_data", 1),
        ("rewritten_objects", 2),
        ("separate_widget", 2),
    ] {
        let screening = screened(bytes(name), &[]);
        let found = signatures_of(&screening);
        assert_eq!(found.len(), count, "{name}");
        assert!(
            found
                .iter()
                .all(|found| found.status == SignatureStatus::Valid)
        );
        assert_eq!(found[0].coverage, Coverage::Extended, "{name}");
        assert!(!has_finding(&screening), "{name}");
    }
}

#[test]
fn a_visible_signature_is_no_change_if_its_signer_is_known() {
    let person = AUTHORITIES.person.certificate.as_slice();
    let bank = AUTHORITIES.bank_p256.certificate.as_slice();
    for (name, signer) in [
        ("visible_signature", person),
        ("visible_separate_widget", bank),
    ] {
        let screening = screened(bytes(name), &[signer]);
        let coverage = signatures_of(&screening)[0].coverage;
        assert_eq!(coverage, Coverage::Extended, "{name}");
        assert!(!has_finding(&screening), "{name}");
    }
}

#[test]
fn a_known_signature_allows_no_other_picture() {
    let root = AUTHORITIES.root.certificate.as_slice();
    for name in ["recycled_signature", "replaced_appearance"] {
        let screening = screened(bytes(name), &[root]);
        let found = signatures_of(&screening);
        assert_eq!(found[0].trust, Trust::Anchored, "{name}");
        assert_eq!(found[0].coverage, Coverage::ChangedAfter, "{name}");
        assert!(has_finding(&screening), "{name}");
    }
    // The signature that shows itself is none of them.
    let signed_twice = signatures_of(&screened(bytes("replaced_appearance"), &[root]))[1].clone();
    assert_eq!(signed_twice.coverage, Coverage::ChangedAfter);
}

#[test]
fn attacks_and_changes_are_errors() {
    let valid = SignatureStatus::Valid;
    for (name, status, coverage) in [
        (
            "content_changed",
            SignatureStatus::Broken(Defect::Content),
            Coverage::WholeFile,
        ),
        (
            "truncated_range",
            SignatureStatus::Broken(Defect::Truncated),
            Coverage::ChangedAfter,
        ),
        ("incremental_saving", valid, Coverage::ChangedAfter),
        ("incremental_without_table", valid, Coverage::ChangedAfter),
        (
            "wrapping",
            SignatureStatus::Broken(Defect::Range),
            Coverage::ChangedAfter,
        ),
        ("shadow_replace", valid, Coverage::ChangedAfter),
        ("shadow_hide", valid, Coverage::ChangedAfter),
        ("visible_signature", valid, Coverage::ChangedAfter),
        ("recycled_signature", valid, Coverage::ChangedAfter),
        ("replaced_appearance", valid, Coverage::ChangedAfter),
        (
            "no_range",
            SignatureStatus::Broken(Defect::Range),
            Coverage::ChangedAfter,
        ),
        (
            "repeated_contents",
            SignatureStatus::Broken(Defect::Range),
            Coverage::ChangedAfter,
        ),
        ("metadata_only", valid, Coverage::ChangedAfter),
        ("visible_separate_widget", valid, Coverage::ChangedAfter),
        ("appended_encrypt", valid, Coverage::ChangedAfter),
        ("repeated_keys", valid, Coverage::ChangedAfter),
        ("exponent", valid, Coverage::ChangedAfter),
        ("field_action", valid, Coverage::ChangedAfter),
        ("reused_number", valid, Coverage::ChangedAfter),
        ("filled_gap", valid, Coverage::ChangedAfter),
        ("page_as_stream", valid, Coverage::ChangedAfter),
        ("reordered_annotations", valid, Coverage::ChangedAfter),
        ("encryption_removed", valid, Coverage::ChangedAfter),
        ("repeated_member", valid, Coverage::ChangedAfter),
        ("replaced_metadata", valid, Coverage::ChangedAfter),
        ("other_generation", valid, Coverage::ChangedAfter),
    ] {
        let screening = screened(bytes(name), &[]);
        let found = &signatures_of(&screening)[0];
        assert_eq!((found.status, found.coverage), (status, coverage), "{name}");
        assert!(has_finding(&screening), "{name}");
    }
}

#[test]
fn unsupported_signatures_are_no_finding() {
    for name in ["unknown_form", "attributes_signed_in_other_order"] {
        let screening = screened(bytes(name), &[]);
        let status = signatures_of(&screening)[0].status;
        assert_eq!(status, SignatureStatus::Unsupported, "{name}");
        assert!(!has_finding(&screening), "{name}");
    }
    let screening = screened(bytes("attributes_stored_in_other_order"), &[]);
    assert_eq!(signatures_of(&screening)[0].status, SignatureStatus::Valid);
}

#[test]
fn a_signature_beyond_the_limit_is_not_judged() {
    let policy = Policy {
        limits: Limits {
            signature_bytes: 1_000,
            ..Limits::default()
        },
        ..Policy::default()
    };
    let screening = screen(&Arc::new(bytes("pkcs7")), &policy, &|| Duration::ZERO);
    let status = signatures_of(&screening)[0].status;
    assert_eq!(status, SignatureStatus::Unsupported);
    assert!(!has_finding(&screening));
}

#[test]
fn the_number_of_signatures_is_limited() {
    let policy = Policy {
        limits: Limits {
            signatures: 1,
            ..Limits::default()
        },
        ..Policy::default()
    };
    let screening = screen(&Arc::new(bytes("signed_twice")), &policy, &|| {
        Duration::ZERO
    });
    let codes: Vec<_> = screening.findings.iter().map(|found| found.code).collect();
    assert!(codes.contains(&Code::LimitExceeded), "{codes:?}");
}

#[test]
fn anchors_come_from_the_config_folder() {
    let dir = TestDir::new();
    dir.write("signed.pdf", bytes("sha1_leaf_only"));
    let check = |expected: &str| {
        let run = dir.run(["--check", "signed.pdf", "-v"]);
        let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("Signed by Example Bank Ltd, valid, whole file"),
            "{text}"
        );
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("revocation not checked"), "{text}");
    };
    check("certificates incomplete");
    let folder = dir.path().join(".config/bankscreen/trust_anchors");
    std::fs::create_dir_all(&folder).unwrap();
    let pem = pem(&AUTHORITIES.authority.certificate);
    std::fs::write(folder.join("own.pem"), pem).unwrap();
    check("certificates trusted at that time");
    std::fs::write(folder.join("wrong.pem"), "no certificate").unwrap();
    let run = dir.run(["--check", "signed.pdf"]);
    assert!(
        run.stderr.contains("wrong.pem: not a certificate in PEM"),
        "{}",
        run.stderr
    );
    assert_eq!(run.code, Some(2));
}

/// Encodes a certificate in PEM.
fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let digits = base64::engine::general_purpose::STANDARD.encode(der);
    format!("A comment\n-----BEGIN CERTIFICATE-----\n{digits}\n-----END CERTIFICATE-----\n")
}

/// Returns the codes about copies and edits, and the detected bank with its evidence.
fn judged(signer: &Signer, anchors: &[&[u8]]) -> (Vec<Code>, Option<String>) {
    let screening = screened(signatures::signed_copy(signer), anchors);
    let codes = screening.findings.iter().map(|finding| finding.code);
    let about_origin = [Code::EditedPdf, Code::RemadePdf];
    let codes = codes.filter(|code| about_origin.contains(code)).collect();
    let issuer = screening.statement.issuer;
    let evidence =
        issuer.map(|issuer| format!("{}: {}", issuer.bank.id(), issuer.evidence.join(", ")));
    (codes, evidence)
}

#[test]
fn only_the_signature_of_the_bank_that_the_file_names_speaks_for_it() {
    let authorities = &*AUTHORITIES;
    let root = authorities.root.certificate.as_slice();
    let person = authorities.person.certificate.as_slice();
    let both = vec![Code::EditedPdf, Code::RemadePdf];

    let (codes, issuer) = judged(&authorities.federal, &[root]);
    assert_eq!(codes, []);
    let issuer = issuer.unwrap();
    assert!(issuer.starts_with("federal: ") && issuer.ends_with("digital signature"));

    let (codes, issuer) = judged(&authorities.federal, &[]);
    assert_eq!(codes, both, "without an anchor");
    assert!(!issuer.unwrap().contains("digital signature"));

    assert_eq!(judged(&authorities.person, &[person]).0, both);
    assert_eq!(
        judged(&authorities.bank, &[root]).0,
        both,
        "not a bank of the list"
    );
    assert_eq!(judged(&authorities.hdfc, &[root]).0, both, "another bank");
}
