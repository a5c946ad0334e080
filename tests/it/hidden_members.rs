//! `--archive`: what an archive contains and can't be read is reported.

use crate::archive_files::{ZipEntry, ZipLock, mail, tar, zip, zip_of};
use crate::harness::TestDir;
use serde_json::Value;

/// Returns path and first finding (code, message) of each record.
fn findings(bytes: &[u8], name: &str) -> Vec<(String, String, String)> {
    let dir = TestDir::new();
    dir.write(name, bytes);
    let output = dir.run([
        "--check",
        "--archive",
        "--no-state",
        "--format",
        "ndjson",
        name,
    ]);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let records = output.records();
    let finding = |record: &Value| {
        let finding = &record["findings"][0];
        let path = text(&record["path"]);
        (path, text(&finding["code"]), text(&finding["message"]))
    };
    records.iter().map(finding).collect()
}

#[track_caller]
fn assert_reported(bytes: &[u8], name: &str, path: &str, message: &str) {
    let found = findings(bytes, name);
    let expected = (path.to_owned(), "INVALID_FILE_OBJECT".to_owned());
    let is_reported = found.iter().any(|(path, code, text)| {
        (path, code) == (&expected.0, &expected.1) && text.contains(message)
    });
    assert!(is_reported, "{found:?}");
}

#[test]
fn formats_that_are_not_read_are_named() {
    let rar = b"Rar!\x1A\x07\x01\0 april.pdf";
    let message = "The file is a RAR archive, which is not read";
    assert_reported(rar, "a.rar", "a.rar", message);
    assert_reported(&zip(&[("in", rar)]), "a.zip", "a.zip!in", message);
    assert_reported(&tar(&[("x.rar", rar)]), "a.tar", "a.tar!x.rar", message);
    let seven = b"7z\xBC\xAF\x27\x1C\0\x04";
    let letter = mail("a@example.com", "", &[("s.7z", "application/x-7z", seven)]);
    let message = "The file is a 7-Zip archive, which is not read";
    assert_reported(&letter, "a.eml", "a.eml!s.7z", message);
    let tnef = b"\x78\x9F\x3E\x22\0";
    let outlook = mail("a@example.com", "", &[("w", "application/ms-tnef", tnef)]);
    assert_reported(&outlook, "a.eml", "a.eml!w", "(winmail.dat)");
    let secure = mail(
        "a@example.com",
        "",
        &[("smime.p7m", "application/pkcs7-mime", b"\x30\x82")],
    );
    assert_reported(&secure, "a.eml", "a.eml!smime.p7m", "(S/MIME)");
    // Other files in an archive are still not listed.
    let other = findings(&zip(&[("a.txt", b"text"), ("b", b"text")]), "a.zip");
    assert_eq!(other, []);
}

#[test]
fn entries_that_the_end_record_does_not_count_are_read_and_reported() {
    let mut archive = zip(&[("a.pdf", b"one"), ("b.pdf", b"two")]);
    let end = archive.len() - 22;
    archive[end + 8] = 1;
    archive[end + 10] = 1;
    let found = findings(&archive, "a.zip");
    let paths: Vec<_> = found.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(paths, ["a.zip!a.pdf", "a.zip!b.pdf", "a.zip"]);
    let message = "its directory has more entries than it states";
    assert_reported(&archive, "a.zip", "a.zip", message);
}

#[test]
fn entries_that_the_directory_does_not_list_are_reported() {
    let (first, second) = (zip(&[("a.pdf", b"one")]), zip(&[("b.pdf", b"two")]));
    let message = "its directory does not list all of its entries";
    assert_reported(&[first, second].concat(), "a.zip", "a.zip", message);
    // A stored archive in an archive is listed, and a constant is not an entry.
    let mut stored = ZipEntry::new("in.zip", &zip(&[("b.pdf", b"two")]), ZipLock::None);
    stored.data = zip(&[("b.pdf", b"two")]);
    stored.method = 0;
    let nested = zip_of(&[stored]);
    let program = [b"MZ code PK\x03\x04 code ".as_slice(), &[0xFF; 40], &nested].concat();
    for archive in [nested, program] {
        let found = findings(&archive, "a.zip");
        let paths: Vec<_> = found.iter().map(|(path, ..)| path.as_str()).collect();
        assert_eq!(paths, ["a.zip!in.zip!b.pdf"], "{found:?}");
    }
}

#[test]
fn unreadable_members_that_may_be_pdf_files_are_reported() {
    let mut entry = ZipEntry::new("statement", b"%PDF-1.7", ZipLock::None);
    entry.method = 9;
    let message = "Deflate64 compression is not supported";
    assert_reported(&zip_of(&[entry]), "a.zip", "a.zip!statement", message);
    let entry = |name| ZipEntry::new(name, b"%PDF-1.7", ZipLock::Aes256("x"));
    let both = zip_of(&[entry("april.dat"), entry("photo.jpg")]);
    let found = findings(&both, "a.zip");
    let codes: Vec<_> = found
        .iter()
        .map(|(path, code, _)| (path.as_str(), code.as_str()))
        .collect();
    assert_eq!(codes, [("a.zip!april.dat", "PASSWORD_INCORRECT")]);
}

#[test]
fn mails_whose_parts_are_not_separated_are_reported() {
    let message = "nothing separates its parts";
    for boundary in ["", "; boundary=other"] {
        let mail = format!(
            "From: a@example.com\nMIME-Version: 1.0\n\
             Content-Type: multipart/mixed{boundary}\n\n--b\n\
             Content-Type: application/pdf\n\n%PDF-1.7\n--b--\n"
        );
        assert_reported(mail.as_bytes(), "a.eml", "a.eml", message);
    }
}
