//! `--archive`: passwords of locked archives and members.

use crate::archive::{check, codes, listed, pairs, paths, statement, text};
use crate::archive_files::{ZipEntry, ZipLock, locked_zip, overlapping_zip, zip, zip_of};
use crate::harness::TestDir;
use bankscreen::archive::{Archive, ArchiveError, ArchiveLimits, Tries};
use bankscreen::pdf::Password;
use std::cell::Cell;
use std::sync::Arc;

#[test]
fn locked_archives_open_with_a_candidate_password() {
    let (hdfc, axis) = (statement("hdfc"), statement("axis"));
    let files: [(&str, &[u8]); 2] = [("a.pdf", &hdfc), ("b.pdf", &axis)];
    for (lock, method) in [
        (ZipLock::ZipCrypto("right one"), "ZipCrypto"),
        (ZipLock::Aes256("right one"), "AES-256"),
    ] {
        let dir = TestDir::new();
        dir.write("in.zip", locked_zip(&files, lock));
        let locked = codes(&check(&dir, &["in.zip"]));
        let code = "PASSWORD_INCORRECT";
        assert_eq!(
            locked,
            pairs(&[("in.zip!a.pdf", code), ("in.zip!b.pdf", code)])
        );
        dir.write("wrong.txt", "wrong\nother\n");
        let wrong = check(&dir, &["--password-file", "wrong.txt", "in.zip"]);
        let message = format!(
            "The archive is encrypted with {method}; none of the 2 candidate passwords matches"
        );
        assert!(wrong.stdout.contains(&message), "{}", wrong.stdout);
        dir.write("right.txt", "wrong\n\"right one\"\n");
        let right = check(&dir, &["--password-file", "right.txt", "in.zip"]);
        assert_eq!(right.code, Some(0), "{}", right.all());
        dir.write("manifest.csv", "path,password\nin.zip,right one\n");
        let manifest = check(&dir, &["--manifest", "manifest.csv"]);
        assert_eq!(manifest.code, Some(0), "{}", manifest.all());
        // An archive in a locked one opens with the passwords of the run.
        let inner = zip(&files);
        dir.write("outer.zip", locked_zip(&[("in.zip", &inner)], lock));
        let outer = check(&dir, &["--password-file", "right.txt", "outer.zip"]);
        assert_eq!(
            paths(&outer),
            ["outer.zip!in.zip!a.pdf", "outer.zip!in.zip!b.pdf"]
        );
        assert_eq!(outer.code, Some(0), "{}", outer.all());
        let closed = codes(&check(&dir, &["outer.zip"]));
        assert_eq!(closed, pairs(&[("outer.zip!in.zip", code)]));
    }
}

#[test]
fn passwords_are_tried_on_a_limited_number_of_locked_archives() {
    let inner = zip(&[("a.pdf", b"%PDF")]);
    let names: Vec<String> = (0..25).map(|number| format!("{number}.zip")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), inner.as_slice()))
        .collect();
    let limits = ArchiveLimits::new(16 << 20);
    let locked = locked_zip(&files, ZipLock::Aes256("x"));
    let (members, problems) = listed(locked, "a.zip", &limits);
    let untried = ArchiveError::LockedArchives(20);
    let untried = problems.iter().filter(|error| **error == untried);
    assert_eq!((members, problems.len(), untried.count()), (0, 25, 5));
}

#[test]
fn passwords_are_tried_on_each_of_many_locked_members_up_to_a_limit() {
    let entry = ZipEntry::new("a.pdf", b"text", ZipLock::ZipCrypto("right"));
    let dir = TestDir::new();
    dir.write("in.zip", overlapping_zip(&entry, 4100));
    let others = |count: usize| (0..count).map(|number| format!("wrong {number}\n"));
    let first_finding = |passwords: String| {
        dir.write("passwords.txt", passwords);
        let output = check(&dir, &["--password-file", "passwords.txt", "in.zip"]);
        let records = output.records();
        assert_eq!(records.len(), 4100);
        records[4099]["findings"][0].clone()
    };
    let passwords = others(60).chain(["right\n".to_owned()]).collect();
    let finding = first_finding(passwords);
    assert_eq!(finding["code"], "LIMIT_EXCEEDED");
    assert_eq!(
        text(&finding, "message"),
        "None of the first 50 candidate passwords opens the file; further ones were not tried, \
         because the archive has many locked files"
    );
    let passwords = ["right\n".to_owned()].into_iter().chain(others(60));
    let finding = first_finding(passwords.collect());
    assert_eq!(finding["code"], "INVALID_FILE_OBJECT");
}

#[test]
fn the_time_limit_of_a_file_includes_its_passwords() {
    let entry = ZipEntry::new("a.pdf", b"%PDF", ZipLock::Aes256("right"));
    let archive = Archive::open(
        Arc::new(zip_of(&[entry])),
        b"a.zip",
        &ArchiveLimits::new(1 << 20),
    );
    let (wrong, right) = (Password::new("wrong"), Password::new("right"));
    let remaining = Cell::new(2);
    let tries = Tries {
        passwords: &[&wrong, &wrong, &right],
        may_continue: &|| remaining.replace(remaining.get() - 1) > 0,
    };
    let archive = archive.unwrap();
    let error = archive.read(0, 100, &tries).unwrap_err();
    assert_eq!(error, ArchiveError::TimeLimit);
    remaining.set(3);
    assert_eq!(archive.read(0, 100, &tries).unwrap().bytes, b"%PDF");
}
