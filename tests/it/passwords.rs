//! Passwords as users type them and programs encode them, and encryption dictionaries with wrong
//! entries.

use crate::generator::banks::design;
use crate::generator::encrypt::{Encryptor, Placement, Scheme};
use crate::generator::object::{Dict, text};
use crate::generator::statement::statement;
use crate::generator::writer::FileKind;
use crate::harness::TestDir;
use serde_json::Value;

/// A string in the files, with what strings escape.
const PRODUCER: &str = "Writer (2.1) \\ x";

/// Returns a statement of two pages that a password locks.
fn locked(scheme: Scheme, user: &[u8], owner: &[u8], change: impl Fn(&mut Encryptor)) -> Vec<u8> {
    written(FileKind::Classic, scheme, user, owner, change)
}

fn written(
    kind: FileKind,
    scheme: Scheme,
    user: &[u8],
    owner: &[u8],
    change: impl Fn(&mut Encryptor),
) -> Vec<u8> {
    let statement = statement(design("hdfc")).pages(2);
    let mut document = statement.document();
    document.set_info(Dict::new().with("Producer", text(PRODUCER)));
    let file_id = document.file_id().to_vec();
    let mut encryptor = Encryptor::new(scheme, user, owner, &file_id, Placement::Indirect);
    change(&mut encryptor);
    document.encrypt_with(encryptor);
    document.write(kind)
}

/// Screens a file with candidate passwords, one per line, and returns its record.
fn screen(file: Vec<u8>, candidates: &str) -> Value {
    let folder = TestDir::new();
    folder.write("a.pdf", file);
    folder.write("pw.txt", candidates);
    let args = ["--check", "--format", "ndjson", "--password-file", "pw.txt"];
    let mut records = folder.run(args.iter().chain(&["a.pdf"])).records();
    records.swap_remove(0)
}

#[track_caller]
fn assert_unlocked(file: Vec<u8>, candidates: &str, method: &str) {
    let record = screen(file, candidates);
    let encryption = &record["encryption"];
    assert_eq!(encryption["status"], "unlocked", "{candidates}: {record}");
    assert_eq!(encryption["method"], method, "{candidates}");
    assert_eq!(encryption["password_from"], "password-file:1");
    assert_eq!(record["pages"]["map"], "TT", "{candidates}: {record}");
    assert_eq!(record["bank"]["id"], "hdfc");
    assert_eq!(record["verdict"], "pass", "{candidates}: {record}");
    // Strings are decrypted, too.
    assert_eq!(record["document"]["producer"], PRODUCER, "{record}");
}

#[test]
fn passwords_in_the_encodings_of_other_programs_open_files() {
    for scheme in Scheme::COMMON {
        for (candidate, stored) in [
            ("pässwört", &b"p\xE4ssw\xF6rt"[..]),
            ("pässwört", "pässwört".as_bytes()),
            ("pässwört", "pa\u{308}sswo\u{308}rt".as_bytes()),
            ("pa\u{308}sswo\u{308}rt", b"p\xE4ssw\xF6rt"),
            ("pay€now", b"pay\x80now"),
            ("pay€now", b"pay\xA0now"),
            ("pay€now", b"pay\xDBnow"),
            ("pay€now", b"pay?now"),
            ("हिन्दी-1987", "हिन्दी-1987".as_bytes()),
        ] {
            let file = locked(scheme, stored, b"owner", |_| {});
            assert_unlocked(file, candidate, scheme.method());
        }
    }
}

#[test]
fn owner_passwords_in_other_encodings_open_files() {
    for scheme in Scheme::COMMON {
        let file = locked(scheme, b"user", b"R\xFCckseite\x80", |_| {});
        assert_unlocked(file, "Rückseite€", scheme.method());
    }
}

#[test]
fn passwords_normalized_by_old_and_new_unicode_open_files() {
    for scheme in [Scheme::Aes256Draft, Scheme::Aes256] {
        for stored in ["fiA₹ x", "fi\u{1D2C}₹ x", "ﬁ\u{AD}\u{1D2C}₹\u{A0}x"] {
            let file = locked(scheme, stored.as_bytes(), b"owner", |_| {});
            assert_unlocked(file, "ﬁ\u{AD}\u{1D2C}₹\u{A0}x", "AES-256");
        }
    }
}

#[test]
fn candidates_with_spaces_and_quotation_marks_are_tried_literally_and_trimmed() {
    for scheme in Scheme::COMMON {
        let method = scheme.method();
        for candidate in [
            " RAJE1503\t",
            "\"RAJE1503\"",
            "“ RAJE1503 ” ",
            "\u{A0}RAJE1503",
        ] {
            assert_unlocked(
                locked(scheme, b"RAJE1503", b"owner", |_| {}),
                candidate,
                method,
            );
            let literal = locked(scheme, candidate.as_bytes(), b"owner", |_| {});
            assert_unlocked(literal, candidate, method);
        }
        let record = screen(locked(scheme, b"RAJE1503", b"owner", |_| {}), "'RAJE1503");
        assert_eq!(record["encryption"]["status"], "locked");
    }
}

#[test]
fn wrong_key_lengths_are_corrected() {
    for length in [1024, 128, 40, 16, 5, 0] {
        for scheme in [Scheme::Rc4With128Bits, Scheme::Aes128, Scheme::Aes256] {
            for user in [&b"RAJE1503"[..], b""] {
                let file = locked(scheme, user, b"owner", |encryptor| {
                    encryptor.dict.set("Length", length);
                });
                if !user.is_empty() {
                    assert_unlocked(file.clone(), "RAJE1503", scheme.method());
                    assert_unlocked(file, "owner", scheme.method());
                    continue;
                }
                let record = screen(file, "none");
                assert_eq!(record["encryption"]["status"], "open", "{length}");
                assert_eq!(record["encryption"]["method"], scheme.method(), "{length}");
                assert_eq!(record["pages"]["map"], "TT", "{length}: {record}");
            }
        }
    }
}

#[test]
fn gcm_mode_is_read() {
    for kind in [FileKind::Classic, FileKind::ObjectStreams] {
        let file = written(kind, Scheme::Aes256Gcm, b"RAJE1503", b"owner", |_| {});
        assert_unlocked(file.clone(), "RAJE1503", "AES-256-GCM");
        assert_unlocked(file.clone(), "owner", "AES-256-GCM");
        let record = screen(file, "wrong");
        assert_eq!(record["encryption"]["method"], "AES-256-GCM");
        assert_eq!(record["findings"][0]["code"], "PASSWORD_INCORRECT");
    }
}

#[test]
fn object_streams_are_decrypted_whatever_the_encoding_of_the_password() {
    for scheme in Scheme::COMMON {
        let stored = b"p\xE4ssw\xF6rt";
        let file = written(FileKind::ObjectStreams, scheme, stored, b"owner", |_| {});
        assert_unlocked(file, "pässwört", scheme.method());
    }
}

#[test]
fn pages_of_locked_files_are_counted_unless_the_page_tree_is_encrypted() {
    for scheme in Scheme::COMMON.into_iter().chain([Scheme::Aes256Gcm]) {
        let record = screen(locked(scheme, b"user", b"owner", |_| {}), "wrong");
        assert_eq!(record["document"]["pages"], 2, "{record}");
        assert_eq!(record["document"]["producer"], Value::Null);
        assert_eq!(record["pages"], Value::Null);
        let findings = record["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{record}");
        let packed = written(FileKind::ObjectStreams, scheme, b"user", b"owner", |_| {});
        assert_eq!(screen(packed, "wrong")["document"], Value::Null);
    }
}

#[test]
fn unknown_revisions_are_reported_as_unsupported() {
    let file = locked(Scheme::Aes256, b"user", b"owner", |encryptor| {
        encryptor.dict.set("V", 9);
        encryptor.dict.set("R", 11);
    });
    let finding = &screen(file, "user")["findings"][0];
    assert_eq!(
        finding["message"],
        "Encrypted with an unsupported method (revision 11)"
    );
    assert_eq!(
        finding["hint"],
        "Request a copy that opens without a password"
    );
}
