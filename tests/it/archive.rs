//! `--archive`: PDF files in archives and mails are screened and uploaded as members.

use crate::archive_files::{
    ZipEntry, ZipLock, gzip, locked_zip, mail, mailbox, overlapping_zip, tar, tar_header, zip,
    zip_of,
};
use crate::counting_server::CountingServer;
use crate::harness::{RunOutput, TestDir, project};
use crate::upload::{ACCEPT, assert_outcomes_match, outcome_names, upload};
use bankscreen::archive::{Archive, ArchiveError, ArchiveLimits, Listed, Tries};
use bankscreen::batch::{Archives, Input, discover_in, read};
use bankscreen::pdf::Password;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

const CHECK: [&str; 5] = ["--check", "--archive", "--no-state", "--format", "ndjson"];
const PDF: &str = "application/pdf";

pub(crate) fn statement(bank: &str) -> Vec<u8> {
    std::fs::read(project().join(format!("testdata/banks/{bank}.pdf"))).unwrap()
}

pub(crate) fn check(dir: &TestDir, args: &[&str]) -> RunOutput {
    dir.run(CHECK.iter().chain(args))
}

pub(crate) fn text<'r>(record: &'r Value, field: &str) -> &'r str {
    record[field].as_str().unwrap()
}

pub(crate) fn paths(output: &RunOutput) -> Vec<String> {
    let records = output.records();
    let paths = records.iter().map(|record| text(record, "path").to_owned());
    paths.collect()
}

/// The path and the first code of each record.
pub(crate) fn codes(output: &RunOutput) -> Vec<(String, String)> {
    let records = output.records();
    let code = |record: &Value| {
        let code = record["findings"][0]["code"].as_str();
        (
            text(record, "path").to_owned(),
            code.unwrap_or("-").to_owned(),
        )
    };
    records.iter().map(code).collect()
}

pub(crate) fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected.iter();
    owned
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

#[test]
fn a_member_has_the_record_of_its_file_in_every_format() {
    let (hdfc, axis) = (statement("hdfc"), statement("axis"));
    let files: [(&str, &[u8]); 2] = [("a.pdf", &hdfc), ("sub/b.PDF", &axis)];
    let dir = TestDir::new();
    dir.write("plain/a.pdf", &hdfc);
    dir.write("plain/b.pdf", &axis);
    let plain = dir.run(["--check", "--no-state", "--format", "ndjson", "plain"]);
    let attachments = files.map(|(name, bytes)| (name, PDF, bytes));
    let mail = mail("a@example.com", "Hello", &attachments);
    let archives = [
        ("in.zip", zip(&files), ["in.zip!a.pdf", "in.zip!sub/b.PDF"]),
        ("in.tar", tar(&files), ["in.tar!a.pdf", "in.tar!sub/b.PDF"]),
        (
            "in.tgz",
            gzip(&tar(&files)),
            ["in.tgz!a.pdf", "in.tgz!sub/b.PDF"],
        ),
        ("in.eml", mail.clone(), ["in.eml!a.pdf", "in.eml!sub/b.PDF"]),
        (
            "in.mbox",
            mailbox(&[mail]),
            ["in.mbox!message-1!a.pdf", "in.mbox!message-1!sub/b.PDF"],
        ),
    ];
    for (name, bytes, expected) in archives {
        dir.write(Path::new("folder").join(name), &bytes);
        // By its content, if the path is named.
        dir.write("unnamed", &bytes);
        for path in [
            format!("folder/{name}"),
            "folder".to_owned(),
            "unnamed".to_owned(),
        ] {
            let output = check(&dir, &[&path]);
            let found = paths(&output);
            let members = found.iter().map(|path| path.split_once('!').unwrap().1);
            let expected = expected.map(|path| path.split_once('!').unwrap().1);
            assert_eq!(members.collect::<Vec<_>>(), expected, "{path}");
            for (mut member, mut file) in output.records().into_iter().zip(plain.records()) {
                member["path"] = Value::Null;
                file["path"] = Value::Null;
                assert_eq!(member, file, "{path}");
            }
            assert_eq!(output.code, Some(0), "{}", output.all());
        }
        std::fs::remove_dir_all(dir.path().join("folder")).unwrap();
    }
}

#[test]
fn archives_in_archives_are_screened_up_to_a_depth() {
    let hdfc = statement("hdfc");
    let inner = zip(&[("b.pdf", &hdfc)]);
    let letter = mail(
        "a@example.com",
        "Hello",
        &[("inner.zip", "application/zip", &inner)],
    );
    let forwarded = mail(
        "b@example.com",
        "Fwd",
        &[("m.eml", "message/rfc822", &letter)],
    );
    let dir = TestDir::new();
    dir.write("in.mbox", mailbox(std::slice::from_ref(&forwarded)));
    dir.write(
        "mails.zip",
        zip(&[
            ("m.eml", &letter),
            ("t.tar.gz", &gzip(&tar(&[("c.pdf", &hdfc)]))),
        ]),
    );
    let deep = zip(&[("in.mbox", &mailbox(&[forwarded]))]);
    dir.write("deep.zip", deep);
    let output = check(&dir, &["--files-only", "in.mbox", "mails.zip", "deep.zip"]);
    let expected = pairs(&[
        ("in.mbox!message-1!m.eml!inner.zip!b.pdf", "-"),
        ("mails.zip!m.eml!inner.zip!b.pdf", "-"),
        ("mails.zip!t.tar.gz!c.pdf", "-"),
        (
            "deep.zip!in.mbox!message-1!m.eml!inner.zip",
            "LIMIT_EXCEEDED",
        ),
    ]);
    assert_eq!(codes(&output), expected);
}

#[test]
fn without_the_flag_folders_have_pdf_files_only() {
    let dir = TestDir::new();
    dir.write("in/a.zip", zip(&[("b.pdf", &statement("hdfc"))]));
    dir.copy("banks/axis.pdf", "in/axis.pdf");
    let output = dir.run(["--check", "--format", "ndjson", "in", "in/a.zip"]);
    let expected = pairs(&[("in/axis.pdf", "-"), ("in/a.zip", "INVALID_FILE_OBJECT")]);
    assert_eq!(codes(&output), expected);
    assert!(output.stdout.contains("--archive"), "{}", output.stdout);
    let dashboard = dir.run(["--serve-stdio", "--archive"]);
    assert_eq!(dashboard.code, Some(2));
}

#[test]
fn only_pdf_files_by_name_or_content_are_members() {
    let hdfc = statement("hdfc");
    let dir = TestDir::new();
    dir.write(
        "in.zip",
        zip(&[
            ("readme.txt", b"text"),
            ("photo.jpg", b"\xFF\xD8\xFF"),
            ("statement", &hdfc),
            ("broken.pdf", b"no"),
            ("._a.pdf", b"\x00\x05\x16\x07attributes"),
            ("folder.pdf/", b""),
        ]),
    );
    dir.write(
        "newsletter.eml",
        mail("a@example.com", "No attachment", &[]),
    );
    dir.write(
        "in.docx",
        zip(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"")]),
    );
    let output = check(&dir, &["in.zip", "newsletter.eml", "in.docx"]);
    let expected = pairs(&[
        ("in.zip!statement", "-"),
        ("in.zip!broken.pdf", "INVALID_FILE_OBJECT"),
        ("in.docx", "INVALID_FILE_OBJECT"),
    ]);
    assert_eq!(codes(&output), expected);
    assert_eq!(output.stderr, "note: no PDF file in newsletter.eml\n");
    let alone = check(&dir, &["newsletter.eml"]);
    assert_eq!(alone.code, Some(2));
    assert!(
        alone.stderr.contains("no file to screen"),
        "{}",
        alone.stderr
    );
}

#[test]
fn names_of_members_are_distinct_and_never_written() {
    let banks = ["hdfc", "axis", "sbi", "icici", "kotak"].map(statement);
    let names = [
        "../up.pdf",
        "/abs.pdf",
        "a.pdf",
        "a.pdf",
        "\u{1b}[31mred.pdf",
    ];
    let files: Vec<(&str, &[u8])> = names
        .into_iter()
        .zip(banks.iter().map(Vec::as_slice))
        .collect();
    let dir = TestDir::new();
    dir.write("work/in.zip", zip(&files));
    let mut command = dir.command(CHECK.iter().chain(&["in.zip"]));
    command.current_dir(dir.path().join("work"));
    let output = RunOutput::new(command.output().unwrap());
    let expected = [
        "in.zip!../up.pdf",
        "in.zip!/abs.pdf",
        "in.zip!a.pdf",
        "in.zip!a (2).pdf",
        "in.zip!\u{1b}[31mred.pdf",
    ];
    assert_eq!(paths(&output), expected);
    let text = dir.run(["--check", "--archive", "work/in.zip"]);
    assert!(!text.stdout.contains("\u{1b}[31m"), "{}", text.stdout);
    let left = |folder: &str| std::fs::read_dir(dir.path().join(folder)).unwrap().count();
    assert_eq!((left("."), left("work")), (1, 1));
    assert!(!Path::new("/abs.pdf").exists());
}

#[test]
fn damaged_archives_are_findings_and_other_files_go_on() {
    let hdfc = statement("hdfc");
    let whole = zip(&[("a.pdf", &hdfc)]);
    let dir = TestDir::new();
    dir.write("1.zip", &whole[..whole.len() - 30]);
    dir.write("2.zip", b"PK\x03\x04");
    dir.write("3.tar", [tar_header("a.pdf", 600), vec![0; 512]].concat());
    dir.write("4.tgz", &gzip(&tar(&[("a.pdf", &hdfc)]))[..200]);
    dir.write("5.eml", b"not a mail");
    dir.write("6.zip", b"");
    let mut changed = whole.clone();
    changed[60] ^= 0xFF;
    dir.write("7.zip", changed);
    let mut method = ZipEntry::new("a.pdf", &hdfc, ZipLock::None);
    method.method = 9;
    dir.write("8.zip", zip_of(&[method]));
    dir.write("9.zip", &hdfc);
    dir.write("91.pdf", &whole);
    let output = check(&dir, &["."]);
    let code = "INVALID_FILE_OBJECT";
    let expected = [
        ("./1.zip", code),
        ("./2.zip", code),
        ("./3.tar", code),
        ("./4.tgz", code),
        ("./5.eml", code),
        ("./6.zip", code),
        ("./7.zip!a.pdf", code),
        ("./8.zip!a.pdf", code),
        // A PDF file under the name of an archive, and the other way round.
        ("./9.zip", "-"),
        ("./91.pdf!a.pdf", "STATEMENT_DUPLICATE"),
    ];
    assert_eq!(codes(&output), pairs(&expected));
    assert!(
        output
            .stdout
            .contains("Deflate64 compression is not supported")
    );
}

#[test]
fn members_above_the_limit_are_findings_of_their_own() {
    let (hdfc, axis) = (statement("hdfc"), statement("axis"));
    let limit = hdfc.len().min(axis.len());
    let (small, large) = if hdfc.len() < axis.len() {
        ("hdfc.pdf", "axis.pdf")
    } else {
        ("axis.pdf", "hdfc.pdf")
    };
    let files: [(&str, &[u8]); 2] = [("hdfc.pdf", &hdfc), ("axis.pdf", &axis)];
    let attachments = files.map(|(name, bytes)| (name, PDF, bytes));
    let dir = TestDir::new();
    dir.write("in.zip", zip(&files));
    dir.write("in.tar", tar(&files));
    dir.write("in.eml", mail("a@example.com", "Hello", &attachments));
    for archive in ["in.zip", "in.tar", "in.eml"] {
        let output = check(&dir, &["--max-file-size", &limit.to_string(), archive]);
        let mut found = codes(&output);
        found.sort();
        let mut expected = vec![
            (format!("{archive}!{large}"), "FILE_TOO_LARGE".to_owned()),
            (format!("{archive}!{small}"), "-".to_owned()),
        ];
        expected.sort();
        assert_eq!(found, expected);
    }
}

pub(crate) fn listed(
    bytes: Vec<u8>,
    name: &str,
    limits: &ArchiveLimits,
) -> (usize, Vec<ArchiveError>) {
    let archive = Archive::open(Arc::new(bytes), name.as_bytes(), limits).unwrap();
    let mut problems = Vec::new();
    let mut members = 0;
    for listed in archive.list(limits, &[]).entries {
        match listed {
            Listed::Pdf(_) => members += 1,
            Listed::Problem(problem) => problems.push(problem.error),
        }
    }
    (members, problems)
}

#[test]
fn bombs_end_at_a_limit() {
    let limits = ArchiveLimits {
        total_bytes: 64 << 20,
        members: 500,
        ..ArchiveLimits::new(16 << 20)
    };
    // Many entries with the same data of ten megabytes.
    let zeros = vec![0; 10 << 20];
    let entry = ZipEntry::new("a.pdf", &zeros, ZipLock::None);
    let overlapping = overlapping_zip(&entry, 100);
    assert!(overlapping.len() < 30_000);
    let (members, problems) = listed(overlapping, "a.zip", &limits);
    assert_eq!(
        (members, problems),
        (6, vec![ArchiveError::Total(64 << 20)])
    );
    // Entries that share data which is large and inflates to nothing: empty blocks.
    let mut empty = ZipEntry::new("a.pdf", b"", ZipLock::None);
    empty.data = [0, 0, 0, 0xFF, 0xFF].repeat(2 << 20);
    let (members, problems) = listed(overlapping_zip(&empty, 100), "a.zip", &limits);
    assert_eq!(
        (members, problems),
        (6, vec![ArchiveError::Total(64 << 20)])
    );
    // An entry that is larger than it declares.
    let mut lying = ZipEntry::new("a.pdf", &zeros, ZipLock::None);
    lying.size = 1000;
    let archive = Archive::open(Arc::new(zip_of(&[lying])), b"a.zip", &limits).unwrap();
    let error = archive.read(0, 16 << 20, &Tries::of(&[])).unwrap_err();
    assert!(
        error.to_string().contains("larger than it declares"),
        "{error}"
    );
    // Archives in archives, as in 42.zip.
    let mut nested = zip(&[("a.pdf", b"%PDF")]);
    for depth in 0..10 {
        let names: Vec<String> = (0..8)
            .map(|number| format!("{depth}{number}.zip"))
            .collect();
        let files: Vec<(&str, &[u8])> = names
            .iter()
            .map(|name| (name.as_str(), nested.as_slice()))
            .collect();
        nested = zip(&files);
    }
    let (members, problems) = listed(nested, "a.zip", &limits);
    assert_eq!(members, 0);
    assert!(
        problems.contains(&ArchiveError::Members(500)),
        "{problems:?}"
    );
    assert!(problems.contains(&ArchiveError::Depth(4)), "{problems:?}");
    // A huge size in a header, a gzip file of zeros, and many small members.
    let huge = [tar_header("a.pdf", 7 << 30), vec![0; 2048]].concat();
    let (members, problems) = listed(huge, "a.tar", &limits);
    assert_eq!((members, problems.len()), (0, 1));
    let zeros = gzip(&vec![0; 300 << 20]);
    let opened = Archive::open(Arc::new(zeros), b"a.tgz", &limits);
    assert!(matches!(opened, Err(ArchiveError::TooLarge { .. })));
    let many = tar_header("a.pdf", 0).repeat(2000);
    let (members, problems) = listed(many, "a.tar", &limits);
    assert_eq!((members, problems), (500, vec![ArchiveError::Members(500)]));
}

#[test]
fn members_belong_to_the_case_of_their_folder() {
    let (hdfc, axis) = (statement("hdfc"), statement("axis"));
    let dir = TestDir::new();
    dir.write(
        "in/Asha/mail.eml",
        mail("a@example.com", "", &[("a.pdf", PDF, &hdfc)]),
    );
    dir.write("in/Ben/in.zip", zip(&[("Chitra/b.pdf", &axis)]));
    dir.write("in/loose.zip", zip(&[("c.pdf", &statement("sbi"))]));
    dir.write("in/Dev/photo.zip", zip(&[("photo.jpg", b"\xFF\xD8\xFF")]));
    let args = ["--cases", "folders", "in", "in/Ben/in.zip"];
    let output = check(&dir, &args);
    let cases: Vec<_> = output
        .records()
        .iter()
        .map(|record| (text(record, "path").to_owned(), record["case"].clone()))
        .collect();
    let expected = [
        ("in/Asha/mail.eml!a.pdf", Value::from("Asha")),
        ("in/Ben/in.zip!Chitra/b.pdf", Value::from("Ben")),
        ("in/loose.zip!c.pdf", Value::Null),
    ];
    let expected = expected.map(|(path, case)| (path.to_owned(), case));
    assert_eq!(cases, expected, "{}", output.all());
    assert!(output.stdout.contains(r#""name":"Dev""#) || output.stdout.contains("Dev"));
    dir.write(
        "manifest.csv",
        "path,bank\nin/Asha/mail.eml,hdfc\nin/Ben/in.zip!Chitra/b.pdf,sbi\n",
    );
    let described = check(
        &dir,
        &["--cases", "folders", "--manifest", "manifest.csv", "in"],
    );
    let found = codes(&described);
    assert_eq!(found[0].1, "-", "{}", described.all());
    assert_eq!(found[1].1, "BANK_NAME_MISMATCH", "{}", described.all());
}

#[test]
fn a_row_of_the_manifest_names_an_archive_or_a_member() {
    let (hdfc, axis) = (statement("hdfc"), statement("axis"));
    let dir = TestDir::new();
    dir.write("in.zip", zip(&[("a.pdf", &hdfc), ("b.pdf", &axis)]));
    dir.write(
        "manifest.csv",
        "path,bank,case\nin.zip,hdfc,One\nin.zip!b.pdf,axis,Two\n",
    );
    let output = check(&dir, &["--manifest", "manifest.csv", "--cases", "manifest"]);
    let cases: Vec<_> = output
        .records()
        .iter()
        .map(|record| {
            (
                text(record, "path").to_owned(),
                text(record, "case").to_owned(),
            )
        })
        .collect();
    assert_eq!(
        cases,
        pairs(&[("in.zip!a.pdf", "One"), ("in.zip!b.pdf", "Two")])
    );
    assert!(
        !output.stdout.contains("BANK_NAME_MISMATCH"),
        "{}",
        output.all()
    );
    // A member alone, by the path that reports show.
    let alone = check(&dir, &["in.zip!b.pdf"]);
    assert_eq!(paths(&alone), ["in.zip!b.pdf"]);
    let missing = check(&dir, &["in.zip!c.pdf"]);
    assert_eq!(missing.code, Some(2));
}

#[test]
fn a_row_of_the_manifest_names_an_office_document() {
    let dir = TestDir::new();
    let members: [(&str, &[u8]); 2] =
        [("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"")];
    dir.write("in.docx", zip(&members));
    dir.write("manifest.csv", "path,case\nin.docx,One\n");
    let output = check(&dir, &["--manifest", "manifest.csv", "--cases", "manifest"]);
    let records = output.records();
    assert_eq!(text(&records[0], "case"), "One", "{}", output.all());
    assert_eq!(codes(&output), pairs(&[("in.docx", "INVALID_FILE_OBJECT")]));
}

#[test]
fn standard_input_is_an_archive_or_one_pdf() {
    let hdfc = statement("hdfc");
    let dir = TestDir::new();
    for (bytes, expected) in [
        (tar(&[("a.pdf", &hdfc)]), "-!a.pdf"),
        (
            mail("a@example.com", "", &[("a.pdf", PDF, &hdfc)]),
            "-!a.pdf",
        ),
        (hdfc.clone(), "-"),
    ] {
        let output = dir.run_with_input(CHECK.iter().chain(&["-"]), &bytes);
        assert_eq!(paths(&output), [expected]);
        assert_eq!(output.code, Some(0), "{}", output.all());
    }
}

#[test]
fn an_output_never_replaces_an_archive() {
    let dir = TestDir::new();
    let bytes = zip(&[("a.pdf", &statement("hdfc"))]);
    dir.write("in.zip", &bytes);
    let output = check(&dir, &["--force", "--output", "in.zip", "in.zip"]);
    assert_eq!(output.code, Some(2));
    assert_eq!(std::fs::read(dir.path().join("in.zip")).unwrap(), bytes);
}

#[test]
fn members_are_uploaded_as_their_own_bytes_and_once() {
    let (hdfc, axis) = (statement("hdfc"), statement("axis"));
    let server = CountingServer::start([ACCEPT, ACCEPT]);
    let dir = TestDir::new();
    dir.write(
        "in.zip",
        locked_zip(&[("a.pdf", &hdfc)], ZipLock::Aes256("secret")),
    );
    dir.write(
        "in.eml",
        mail("a@example.com", "", &[("b.pdf", PDF, &axis)]),
    );
    dir.write("passwords.txt", "wrong\nsecret\n");
    let args = [
        "--session-id",
        "s-1",
        "--archive",
        "--password-file",
        "passwords.txt",
        "in.zip",
        "in.eml",
    ];
    let first = upload(&dir, &server.base_url(), &args);
    assert_eq!(
        outcome_names(&first),
        ["accepted", "accepted"],
        "{}",
        first.all()
    );
    assert_outcomes_match(&first, &server);
    let sent: BTreeSet<String> = server.accepted().into_keys().collect();
    let own = [&hdfc, &axis].map(|bytes| bankscreen::screen::ContentHash::of(bytes).to_string());
    assert_eq!(sent, BTreeSet::from(own));
    let second = upload(&dir, &server.base_url(), &args);
    assert_eq!(
        outcome_names(&second),
        ["already-uploaded", "already-uploaded"]
    );
}

#[test]
fn members_of_locked_archives_in_others_are_uploaded() {
    let bytes = ["hdfc", "axis", "sbi", "icici"].map(statement);
    let [hdfc, axis, sbi, icici] = &bytes;
    let aes = |bytes: &[u8], password| locked_zip(&[("a.pdf", bytes)], ZipLock::Aes256(password));
    let attached = [aes(hdfc, "first"), aes(axis, "second")];
    let inner = zip(&[("c.pdf", sbi)]);
    let server = CountingServer::start([ACCEPT; 4]);
    let dir = TestDir::new();
    let zips = [
        ("april.zip", "application/zip", attached[0].as_slice()),
        ("may.zip", "application/zip", attached[1].as_slice()),
    ];
    dir.write("in.eml", mail("a@example.com", "", &zips));
    dir.write(
        "outer.zip",
        locked_zip(&[("in.zip", &inner)], ZipLock::Aes256("first")),
    );
    dir.write("last.zip", aes(icici, "second"));
    dir.write("passwords.txt", "wrong\nfirst\nsecond\n");
    let args = [
        "--session-id",
        "s-1",
        "--archive",
        "--password-file",
        "passwords.txt",
        "in.eml",
        "outer.zip",
        "last.zip",
    ];
    let output = upload(&dir, &server.base_url(), &args);
    assert_eq!(outcome_names(&output), ["accepted"; 4], "{}", output.all());
    assert_outcomes_match(&output, &server);
}

#[test]
fn an_archive_in_two_folders_has_the_path_of_each() {
    let dir = TestDir::new();
    let hdfc = statement("hdfc");
    let path = dir.write("asha/joint.zip", zip(&[("a.pdf", &hdfc)]));
    let archives = Archives::new(1 << 20, Vec::new());
    let linked = path.with_file_name("linked.zip");
    std::fs::hard_link(&path, &linked).unwrap();
    for path in [path, linked] {
        let found = discover_in([Input::from(path.clone())], Some(&archives));
        let expected = format!("{}!a.pdf", path.display());
        assert_eq!(found[0].path.to_str(), Some(expected.as_str()));
    }
}

#[test]
fn a_member_is_not_read_from_an_archive_that_has_changed() {
    let (hdfc, axis) = (statement("hdfc"), statement("axis"));
    let dir = TestDir::new();
    let path = dir.write("in.zip", zip(&[("a.pdf", &hdfc)]));
    let archives = Archives::new(1 << 20, Vec::new());
    let inputs = discover_in([Input::from(path.clone())], Some(&archives));
    assert_eq!(read(&inputs[0], 1 << 20).unwrap().as_slice(), hdfc);
    std::fs::write(&path, zip(&[("other.pdf", &axis)])).unwrap();
    assert!(read(&inputs[0], 1 << 20).is_err());
}

#[test]
fn the_text_of_a_mail_leads_to_the_password() {
    let locked = crate::generator::applicants::locked_statements(1);
    let file = locked.into_iter().next().unwrap();
    let dir = TestDir::new();
    let text = "The password is the first four letters of your name and your date of birth.";
    dir.write(
        "in.eml",
        mail("alerts@hdfcbank.net", text, &[("a.pdf", PDF, &file.bytes)]),
    );
    let header = crate::generator::applicants::MANIFEST_HEADER;
    let row = file.applicant.manifest_row("in.eml");
    dir.write("manifest.csv", format!("{header}\n{row}\n"));
    let output = check(&dir, &["--manifest", "manifest.csv"]);
    let record = &output.records()[0];
    let opened_by = record["encryption"]["password_from"].as_str().unwrap();
    assert!(opened_by.starts_with("rule:"), "{}", output.all());
}

/// Archives of all formats, with some bytes changed, and maybe truncated.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let pdf = b"%PDF-1.7 not a statement".as_slice();
    let inner = zip(&[("a.pdf", pdf), ("b/c.pdf", pdf)]);
    let letter = mail("a@hdfcbank.net", "password: PAN", &[("a.zip", PDF, &inner)]);
    let seeds = [
        inner.clone(),
        locked_zip(&[("a.pdf", pdf)], ZipLock::ZipCrypto("x")),
        locked_zip(&[("a.pdf", pdf)], ZipLock::Aes256("x")),
        tar(&[("a.pdf", pdf), ("in.zip", &inner)]),
        mailbox(&[letter.clone(), letter.clone()]),
        letter,
    ];
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12);
    let cut = any::<prop::sample::Index>();
    (
        prop::sample::select(seeds.to_vec()),
        edits,
        cut,
        any::<bool>(),
    )
        .prop_map(|(mut bytes, edits, cut, cuts)| {
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

fn read_everything(bytes: &[u8]) -> usize {
    let limits = ArchiveLimits::new(1 << 20);
    let password = Password::new("x");
    let mut names = BTreeSet::new();
    for name in ["a.zip", "a.tar", "a.tgz", "a.eml", "a.mbox", "a"] {
        let bytes = Arc::new(bytes.to_vec());
        let Ok(archive) = Archive::open(bytes, name.as_bytes(), &limits) else {
            continue;
        };
        names.clear();
        for listed in archive.list(&limits, &[&password]).entries {
            if let Listed::Pdf(member) = listed {
                if let [index] = member.indices.as_slice() {
                    let read = archive.read(*index, 1 << 20, &Tries::of(&[&password]));
                    assert!(read.map_or(0, |content| content.bytes.len()) <= 1 << 20);
                }
                assert!(names.insert(member.name), "a name occurs twice");
            }
        }
    }
    names.len()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn damaged_archives_never_panic(bytes in mutated()) {
        read_everything(&bytes);
    }

    #[test]
    fn any_bytes_behind_a_magic_number_never_panic(
        magic in prop::sample::select(vec!["PK\x03\x04", "From a\nTo: ", "\u{1f}\u{8b}", "To: "]),
        tail in proptest::collection::vec(any::<u8>(), 0..1000),
    ) {
        read_everything(&[magic.as_bytes(), &tail].concat());
    }
}
