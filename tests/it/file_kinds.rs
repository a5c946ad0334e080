//! Files that carry a statement without being one, and files that only look edited.

use crate::generator::banks::design;
use crate::generator::object::{Body, Dict, Id, Object, name, text};
use crate::generator::statement::statement;
use crate::generator::writer::{Document, FileKind};
use crate::harness::TestDir;
use base64::Engine as _;
use serde_json::Value;

/// Screens a file and returns its record.
fn screen(file: impl AsRef<[u8]>) -> Value {
    let folder = TestDir::new();
    folder.write("a.pdf", file);
    let output = folder.run(["--check", "--format", "ndjson", "a.pdf"]);
    output.records().swap_remove(0)
}

#[track_caller]
fn assert_named(file: impl AsRef<[u8]>, message: &str, hint: &str) {
    let record = screen(file);
    let finding = &record["findings"][0];
    assert_eq!(finding["code"], "INVALID_FILE_OBJECT", "{record}");
    assert_eq!(finding["message"], message);
    assert_eq!(finding["hint"], hint);
}

fn base64_of_statement() -> String {
    let engine = base64::engine::general_purpose::STANDARD;
    let text = engine.encode(statement(design("hdfc")).bytes());
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(76)
        .map(String::from_utf8_lossy)
        .collect();
    lines.join("\r\n")
}

#[test]
fn texts_that_carry_a_statement_are_named_with_the_member() {
    let base64 = base64_of_statement();
    let decode = "Decode the text and screen the PDF, or request the PDF itself";
    let attached = "Screen the attachments with `--archive`, or save them";
    assert_named(
        &base64,
        "The file is the base64 text of a PDF, not a PDF",
        decode,
    );
    assert_named(
        format!("data:application/pdf;name=april.pdf;base64,{base64}"),
        "The file is a data URI with the base64 text of the PDF april.pdf, not a PDF",
        decode,
    );
    let mail = format!(
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: statement\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\
         Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n \
         filename=\"april.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}\r\n--x--\r\n"
    );
    let message = "The file is an e-mail with the attachment april.pdf, not a PDF";
    assert_named(&mail, message, attached);
    let message = "The file is a mailbox (mbox) with the attachment april.pdf, not a PDF";
    assert_named(
        format!("From a@example.org Mon Apr 1 10:00:00 2024\n{mail}"),
        message,
        attached,
    );
    // Without base64, the parts of the PDF are visible.
    let plain = "MIME-Version: 1.0\r\nContent-Type: application/pdf; name=april.pdf\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n=25PDF-1.4\r\n1 0 obj\r\n\
                 <</Type/Page>>\r\nendobj\r\n";
    let message = "The file is an e-mail with the attachment april.pdf, not a PDF";
    assert_named(plain, message, attached);
}

#[test]
fn other_formats_are_named_with_what_to_do() {
    let issued = "Request the PDF that the bank issued";
    let sheet = "Request the statement as a PDF; spreadsheets are not supported";
    let scan = "Request the PDF downloaded from net banking; scans and photos are not supported";
    let utf16: Vec<u8> = "\u{FEFF}Date,Narration,Balance\n01/04/2024,UPI,100\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_named(utf16, "The file is plain text (UTF-16), not a PDF", issued);
    assert_named(
        b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ",
        "The file is a macOS resource file (AppleDouble), not a PDF",
        "Screen the file of the same name without `._`; this one contains only its attributes",
    );
    assert_named(
        b"PK\x03\x04\x14\x00\x09\x00\x08\x00....april.pdf",
        "The file is a password-protected ZIP archive, not a PDF",
        "Screen the files in it with `--archive` and a password file, or extract them",
    );
    assert_named(
        b"PK\x03\x04\x14\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        "The file is an OpenDocument spreadsheet (ods), not a PDF",
        sheet,
    );
    let workbook: Vec<u8> = "Workbook\0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_named(
        [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &workbook[..]].concat(),
        "The file is an older Excel workbook (xls), not a PDF",
        sheet,
    );
    assert_named(
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "The file is a HEIC image, not a PDF",
        scan,
    );
    assert_named(
        b"RIFF\x10\0\0\0WEBPVP8 ",
        "The file is a WebP image, not a PDF",
        scan,
    );
}

/// Returns a document whose only page has one line.
fn page_with(line: &str) -> Document {
    let mut document = Document::new(11);
    let font = Dict::new()
        .with("Type", name("Font"))
        .with("Subtype", name("Type1"))
        .with("BaseFont", name("Helvetica"));
    let font = document.add_dict(font);
    let content = format!("BT /F 12 Tf 50 700 Td ({line}) Tj ET");
    let content = document.add_flate(Dict::new(), content.as_bytes());
    let resources = Dict::new().with("Font", Dict::new().with("F", font));
    document.add_page(content, resources);
    document
}

/// Embeds a statement in a document, unpacked.
fn embed(document: &mut Document, file_name: &str) {
    let bytes = statement(design("sbi")).bytes();
    let file = document.add(Body::Stream(
        Dict::new().with("Type", name("EmbeddedFile")),
        bytes,
    ));
    let specification = Dict::new()
        .with("Type", name("Filespec"))
        .with("UF", text(file_name))
        .with("EF", Dict::new().with("F", file));
    let specification = document.add_dict(specification);
    let names: Vec<Object> = vec![text(file_name), specification.into()];
    let leaf = document.add_dict(Dict::new().with("Names", names));
    let tree = Dict::new().with("Kids", vec![Object::from(leaf)]);
    document
        .catalog_mut()
        .set("Names", Dict::new().with("EmbeddedFiles", tree));
}

#[track_caller]
fn assert_elsewhere(document: &mut Document, code: &str, message: &str) {
    let record = screen(document.write(FileKind::Classic));
    let finding = &record["findings"][0];
    assert_eq!(finding["code"], code, "{record}");
    assert_eq!(finding["message"], message);
    assert!(!record.to_string().contains("without a list"), "{record}");
}

#[test]
fn a_portfolio_is_named_with_the_embedded_statement() {
    let message = "The file is a PDF portfolio; the statement may be embedded: april.pdf";
    let collection = || Dict::new().with("Type", name("Collection"));
    let mut cover = page_with("For the best experience, open this portfolio in Acrobat");
    cover.catalog_mut().set("Collection", collection());
    embed(&mut cover, "april.pdf");
    assert_elsewhere(&mut cover, "STATEMENT_UNSUPPORTED_FORMAT", message);
    let mut blank = page_with("");
    blank.catalog_mut().set("Collection", collection());
    embed(&mut blank, "april.pdf");
    assert_elsewhere(&mut blank, "PDF_IS_IMAGE", message);
    let mut letter = page_with("Dear customer, please find your statement attached");
    embed(&mut letter, "april.pdf");
    let message = "Not a bank statement; the file looks like a document without a list of \
                   transactions, but the statement may be embedded: april.pdf";
    let record = screen(letter.write(FileKind::Classic));
    assert_eq!(record["findings"][0]["message"], message, "{record}");
}

#[test]
fn a_form_that_only_some_viewers_show_is_named() {
    let message = "The file is a dynamic XFA form; its pages only ask to open it in another viewer";
    let form = |document: &mut Document| {
        let template = document.add_flate(Dict::new(), b"<xdp:xdp/>");
        document
            .catalog_mut()
            .set("AcroForm", Dict::new().with("XFA", template));
    };
    let mut waiting = page_with("Please wait... If this message is not eventually replaced");
    form(&mut waiting);
    assert_elsewhere(&mut waiting, "STATEMENT_UNSUPPORTED_FORMAT", message);
    let mut declared = page_with("Veuillez patienter");
    form(&mut declared);
    declared
        .catalog_mut()
        .set("NeedsRendering", Object::Bool(true));
    assert_elsewhere(&mut declared, "STATEMENT_UNSUPPORTED_FORMAT", message);
    let mut shown = page_with("Application for a locker");
    form(&mut shown);
    let record = screen(shown.write(FileKind::Classic));
    assert!(!record.to_string().contains("XFA"), "{record}");
    // The pages of a statement count, whatever else is in the file.
    let mut with_form = statement(design("hdfc")).document();
    form(&mut with_form);
    assert_eq!(
        screen(with_form.write(FileKind::Classic))["verdict"],
        "pass"
    );
}

#[test]
fn attachments_and_hybrid_files_do_not_look_edited() {
    let codes = |file: Vec<u8>| -> Vec<String> {
        let record = screen(file);
        let findings = record["findings"].as_array().unwrap();
        let codes = findings
            .iter()
            .map(|finding| finding["code"].as_str().unwrap());
        codes.map(str::to_owned).collect()
    };
    let mut attached = statement(design("axis")).document();
    embed(&mut attached, "april.pdf");
    assert_eq!(codes(attached.write(FileKind::Classic)), ["ACTIVE_CONTENT"]);
    let mut titled = statement(design("axis")).document();
    titled.add_dict(Dict::new().with("Note", text("the keyword\nstartxref\n12\n%%EOF\n")));
    assert_eq!(codes(titled.write(FileKind::Classic)), [""; 0]);
    let mut hybrid = statement(design("axis")).document();
    assert_eq!(codes(hybrid.write(FileKind::Hybrid)), [""; 0]);
    let mut changed = statement(design("axis")).document();
    embed(&mut changed, "april.pdf");
    let mut file = changed.write(FileKind::Classic);
    changed.append_update(&mut file, &[Id(1)]);
    // An update that changes no page.
    assert_eq!(codes(file), ["ACTIVE_CONTENT"]);
}
