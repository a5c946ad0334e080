//! Streams with wrong lengths, long filter chains and parameters that require too much memory.

use super::super::filters::flate;
use super::super::object::{Body, Dict, Id, Object, array, name, text};
use super::super::writer::{Document, FileKind};
use super::{Case, case, first_page, next_id, prepend_content, sample, sample_with};

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [lengths(), filters(), parameters(), outside()]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns a stream whose dictionary may contradict its data.
pub fn stream_text(dict: &str, data: &[u8]) -> Body {
    let head = format!("<< {dict} >>\nstream\n");
    let text = [head.as_bytes(), data, b"\nendstream"];
    Body::Plain(Object::Raw(text.concat()))
}

/// Returns the compressed content of the first page and its object ID.
fn content(document: &Document) -> (Id, Vec<u8>) {
    let mut streams = document.objects.iter().filter_map(|(id, body)| match body {
        Body::Stream(_, bytes) => Some((*id, bytes.clone())),
        Body::Plain(_) => None,
    });
    streams.next().expect("pages have content")
}

/// Returns the sample with another `Length` for its content.
fn with_length(
    name: &str,
    note: &'static str,
    length: impl FnOnce(Id, &mut Document) -> String,
) -> Case {
    let mut document = sample().document();
    let (id, bytes) = content(&document);
    let length = length(id, &mut document);
    let dict = format!("/Filter /FlateDecode /Length {length}");
    document.objects.insert(id, stream_text(&dict, &bytes));
    case(name, note, document.write(FileKind::Classic)).repairable()
}

fn lengths() -> Vec<Case> {
    let fixed = |name, note, length: &str| with_length(name, note, |_, _| length.to_owned());
    let mut open = sample().document();
    let (id, bytes) = content(&open);
    let text = format!(
        "<< /Filter /FlateDecode /Length {} >>\nstream\n",
        bytes.len()
    );
    let text = [text.as_bytes(), &bytes].concat();
    open.objects.insert(id, Body::Plain(Object::Raw(text)));
    vec![
        with_length(
            "length_of_itself",
            "the length of a stream is a reference to the stream",
            |id, _| format!("{} 0 R", id.0),
        ),
        with_length(
            "length_loop",
            "the length of a stream is a reference that refers to itself",
            |_, document| {
                let own = next_id(document);
                document.add(Body::Plain(own.into()));
                format!("{} 0 R", own.0)
            },
        ),
        fixed("length_negative", "a stream of length -1", "-1"),
        fixed(
            "length_huge",
            "a stream of length 9,223,372,036,854,775,807",
            "9223372036854775807",
        ),
        fixed(
            "length_zero",
            "a stream that is not empty but claims length 0",
            "0",
        ),
        case(
            "without_endstream",
            "a stream of correct length without endstream",
            open.write(FileKind::Classic),
        )
        .any_outcome(),
    ]
}

/// Returns the sample with a stream before the content of the page.
fn before(name: &str, note: &'static str, dict: Dict, bytes: Vec<u8>) -> Case {
    sample_with(name, note, |document| {
        let stream = document.add(Body::Stream(dict, bytes));
        prepend_content(document, stream);
    })
    .any_outcome()
}

fn filters() -> Vec<Case> {
    let stacked = |count: usize, bytes: Vec<u8>| {
        let bytes = (0..count).fold(bytes, |bytes, _| flate(&bytes));
        let filters = array((0..count).map(|_| name("FlateDecode")));
        (Dict::new().with("Filter", filters), bytes)
    };
    let only = |document: &mut Document, dict: Dict, bytes: Vec<u8>| {
        let content = document.add(Body::Stream(dict, bytes));
        first_page(document).set("Contents", content);
    };
    vec![
        sample_with(
            "filters_17",
            "page content under 17 Flate filters",
            |document| {
                let (dict, bytes) = stacked(17, b"BT /F1 9 Tf 50 50 Td (seventeen) Tj ET".to_vec());
                only(document, dict, bytes);
            },
        )
        .any_outcome(),
        sample_with(
            "filters_1000",
            "page content under 1,000 unnecessary filters",
            |document| {
                let filters = array((0..1_000).map(|_| name("AHx")));
                only(document, Dict::new().with("Filter", filters), b">".to_vec());
            },
        )
        .any_outcome(),
        sample_with(
            "filter_of_itself",
            "the filter of the page's content is a reference to that stream",
            |document| {
                let own = next_id(document);
                only(document, Dict::new().with("Filter", own), flate(b"0 g"));
            },
        )
        .any_outcome(),
        before(
            "filter_unknown",
            "content under a filter that does not exist",
            Dict::new().with("Filter", name("ZipDecode")),
            b"PK\x03\x04".to_vec(),
        ),
        before(
            "filter_image",
            "content under JBIG2, which is only for images",
            Dict::new().with("Filter", name("JBIG2Decode")),
            b"\x97JB2\r\n\x1A\n\x01\x7F\xFF\xFF\xFF".to_vec(),
        ),
        before(
            "lzw_nonsense",
            "LZW codes that are not yet defined, and an EarlyChange of 7",
            Dict::new()
                .with("Filter", name("LZWDecode"))
                .with("DecodeParms", Dict::new().with("EarlyChange", 7)),
            [b"\x80\x3F\xFF\xFF".to_vec(), vec![0xFF; 4000]].concat(),
        ),
    ]
}

fn parameters() -> Vec<Case> {
    let predicted = |path, note, parameters: Dict| {
        let dict = Dict::new()
            .with("Filter", name("FlateDecode"))
            .with("DecodeParms", parameters);
        before(path, note, dict, flate(b"\x02 0 g 0 G 0 g 0 G"))
    };
    let png = |columns: i64| Dict::new().with("Predictor", 15).with("Columns", columns);
    vec![
        predicted(
            "predictor_columns_huge",
            "a predictor with rows of 2,147,483,647 samples",
            png(2_147_483_647),
        ),
        predicted(
            "predictor_overflow",
            "a predictor whose row length overflows 64 bits",
            png(i64::MAX)
                .with("Colors", i64::MAX)
                .with("BitsPerComponent", 32),
        ),
        predicted(
            "predictor_columns_zero",
            "a predictor with rows of 0 samples",
            png(0).with("Colors", 0),
        ),
        predicted(
            "predictor_columns_negative",
            "a predictor with rows of -8 samples",
            png(-8),
        ),
        predicted(
            "predictor_tiff_huge",
            "a TIFF predictor with rows of 2,147,483,647 samples of 16 bits",
            Dict::new()
                .with("Predictor", 2)
                .with("Columns", 2_147_483_647)
                .with("Colors", 32)
                .with("BitsPerComponent", 16),
        ),
    ]
}

/// Streams that depend on something outside the file.
fn outside() -> Vec<Case> {
    vec![
        sample_with(
            "external_file",
            "page content in another file on the reader's machine",
            |document| {
                let dict = Dict::new().with("F", text("/etc/hosts"));
                let stream = document.add(Body::Stream(dict, Vec::new()));
                prepend_content(document, stream);
            },
        )
        .repairable(),
        sample_with(
            "crypt_filter_alone",
            "content under a Crypt filter in a file that is not encrypted",
            |document| {
                let dict = Dict::new().with("Filter", name("Crypt"));
                let stream = document.add(Body::Stream(dict, b"0 g".to_vec()));
                prepend_content(document, stream);
            },
        )
        .any_outcome(),
    ]
}
