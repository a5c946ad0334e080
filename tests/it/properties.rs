//! Properties of screening and of response parsing that hold for every input.

use bankscreen::bankconnect::wire::{self, ApiResponse, ResponseHead};
use bankscreen::pdf::Password;
use bankscreen::screen::{CandidateId, CandidatePassword, Policy, Screening, Verdict, screen};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn screened(bytes: Vec<u8>, policy: &Policy) -> Screening {
    screen(&Arc::new(bytes), policy, &|| Duration::ZERO)
}

/// A statement with some of its bytes changed, and maybe truncated.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let folder = crate::harness::project().join("testdata");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let seeds = [
        "banks/hdfc.pdf",
        "structure/object_streams.pdf",
        "structure/hybrid.pdf",
        "encrypted/owner_rc4_40.pdf",
        "pages/nested_forms.pdf",
        "pages/type3_mapped.pdf",
        "pages/scan_inline.pdf",
    ]
    .map(read);
    let seed = proptest::sample::select(seeds.to_vec());
    let edits = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..20);
    let cut = any::<proptest::sample::Index>();
    (seed, edits, cut, any::<bool>()).prop_map(|(mut bytes, edits, cut, cuts)| {
        for (index, value) in edits {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    })
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn screening_is_total_and_deterministic(bytes in mutated()) {
        let policy = Policy::default();
        let first = screened(bytes.clone(), &policy);
        prop_assert_eq!(screened(bytes, &policy), first);
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn any_bytes_get_a_verdict(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let screening = screened(bytes, &Policy::default());
        prop_assert_eq!(screening.verdict, Verdict::Fail);
        prop_assert!(!screening.findings.is_empty());
    }

    #[test]
    fn any_bytes_after_a_header_get_a_verdict(
        tail in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        let screening = screened([b"%PDF-1.7\n".as_slice(), &tail].concat(), &Policy::default());
        prop_assert_eq!(screening.verdict, Verdict::Fail);
    }

    #[test]
    fn screening_and_policy_do_not_print_passwords(secret in "[!-~]{6,24}") {
        let folder = crate::harness::project().join("testdata");
        let bytes = std::fs::read(folder.join("encrypted/user_rc4_40.pdf")).unwrap();
        let candidate = CandidatePassword {
            password: Password::new(secret.clone()),
            id: CandidateId::PasswordFile(1),
        };
        let policy = Policy { candidates: vec![candidate], ..Policy::default() };
        let printed = format!("{:?} {policy:?}", screened(bytes, &policy));
        prop_assert!(!printed.contains(&secret));
    }
}

/// Bodies that look like responses, with parts replaced by arbitrary text.
fn response_body() -> impl Strategy<Value = Vec<u8>> {
    let texts = [
        r#"{"statement_id": "s", "status": 1, "months": ["2024-04"], "bank_name": "?"}"#,
        r#"{"error": {"code": "?", "message": "?"}, "session_id": "?"}"#,
        r#"{"upload_status": "?", "accounts": [{"account_status": "?", "error_code": "?",
            "account_number": "?", "statements": [{"statement_status": "?"}]}]}"#,
        r#"{"session_progress": "?", "progress": [{"message": "?"}]}"#,
        r#"{"banks": [{"name": "?", "npci_code": "?"}]}"#,
        "?",
    ];
    let text = proptest::sample::select(texts.to_vec());
    (text, any::<String>(), any::<bool>()).prop_map(|(text, anything, raw)| {
        let anything = if raw {
            anything
        } else {
            serde_json::json!(anything).to_string()
        };
        let anything = anything.trim_matches('"');
        text.replace('?', anything).into_bytes()
    })
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn any_response_is_parsed_into_sanitized_text(
        status in 100_u16..600,
        body in prop_oneof![response_body(), proptest::collection::vec(any::<u8>(), 0..300)],
    ) {
        let head = ResponseHead { status, ..ResponseHead::default() };
        let response = ApiResponse { head: &head, body: &body };
        let outcome = response.read(wire::parse_upload, |_| false);
        let shown = format!(
            "{outcome:?}{:?}{:?}{:?}{:?}{:?}",
            response.read(wire::parse_upload_status, |_| false),
            response.read(wire::parse_progress, |_| false),
            response.read(wire::parse_session_report, |_| false),
            response.read(wire::parse_session_created, |_| false),
            response.read(wire::parse_bank_list, |_| false),
        );
        prop_assert!(!shown.chars().any(char::is_control), "{}", shown);
        prop_assert_eq!(&outcome, &response.read(wire::parse_upload, |_| false));
        prop_assert!(outcome.is_err() || (200..300).contains(&status));
    }
}
