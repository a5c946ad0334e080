//! Page content that is unterminated or excessively long.

use super::super::filters::flate;
use super::super::object::{Body, Dict, Id, Object, array, name, raw};
use super::super::writer::Document;
use super::compressed_data::{MIB, repeated};
use super::{
    Case, compressed_sample_with, first_page, next_id, prepend_content, prepend_operators,
    sample_with,
};

const LIMIT: &str = "LIMIT_EXCEEDED";

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [references(), floods(), unterminated(), images(), numbers()]
        .into_iter()
        .flatten()
        .collect()
}

/// Inserts a stream of repeated `unit`s before the statement. Two filters keep the file small.
fn flood(document: &mut Document, head: &[u8], unit: &[u8], length: usize) {
    let dict = Dict::new().with("Filter", array(["FlateDecode"; 2].map(name)));
    let bytes = flate(&repeated(head, unit, length));
    let stream = document.add(Body::Stream(dict, bytes));
    prepend_content(document, stream);
}

fn references() -> Vec<Case> {
    vec![
        sample_with(
            "contents_loop",
            "the array of content streams contains itself",
            |document| {
                let own = next_id(document);
                let page = first_page(document);
                let content = page.find("Contents").expect("pages have content").clone();
                document.add(Body::Plain(vec![content, own.into()].into()));
                first_page(document).set("Contents", own);
            },
        )
        .repairable(),
        sample_with(
            "references_to_each_other",
            "the content is one of two objects that refer to each other",
            |document| {
                let first = next_id(document);
                let second = Id(first.0 + 1);
                document.add(Body::Plain(second.into()));
                document.add(Body::Plain(first.into()));
                first_page(document).set("Contents", first);
            },
        )
        .any_outcome(),
        sample_with(
            "resources_loop",
            "the resources are a reference to itself",
            |document| {
                let own = next_id(document);
                document.add(Body::Plain(own.into()));
                first_page(document).set("Resources", own);
            },
        )
        .any_outcome()
        .tolerating("UNMAPPED_TEXT"),
        compressed_sample_with(
            "contents_100000",
            "a page of 100,000 content streams, all but one the same",
            |document| {
                let blank = document.add_flate(Dict::new(), b"0 g\n");
                let blanks = format!("{} 0 R ", blank.0).repeat(100_000);
                let page = first_page(document);
                let mut own = Vec::new();
                page.find("Contents")
                    .expect("pages have content")
                    .write(&mut own, None);
                page.set(
                    "Contents",
                    raw([b"[", blanks.as_bytes(), &own, b"]"].concat()),
                );
            },
        )
        .any_outcome(),
    ]
}

fn floods() -> Vec<Case> {
    vec![
        sample_with(
            "saves_3000000",
            "3,000,000 saved graphics states that nothing restores",
            |document| flood(document, b"", b"q ", 6_000_000),
        )
        .tolerating(LIMIT)
        .repairable(),
        sample_with(
            "restores_3000000",
            "3,000,000 restored graphics states that nothing saved",
            |document| flood(document, b"", b"Q ", 6_000_000),
        )
        .tolerating(LIMIT)
        .repairable(),
        sample_with(
            "operators_22000000",
            "22,000,000 operators, more than the limit of 20,000,000",
            |document| flood(document, b"", b"n ", 44_000_000),
        )
        .rejected_with(LIMIT),
        sample_with(
            "operands_3000000",
            "3,000,000 numbers and no operator",
            |document| flood(document, b"", b"7 ", 6_000_000),
        )
        .any_outcome(),
        sample_with(
            "marks_1000000",
            "1,000,000 marked-content sequences begin and none ends",
            |document| flood(document, b"", b"/P BMC ", 7_000_000),
        )
        .any_outcome(),
        sample_with(
            "text_10000000",
            "one string of 10,000,000 letters is shown",
            |document| {
                flood(document, b"BT /F1 1 Tf 0 9 Td (", b"a", 10_000_000);
                insert_operators(document, b") Tj ET\n");
            },
        )
        .any_outcome(),
        sample_with(
            "texts_1000000",
            "1,000,000 strings are shown at one position",
            |document| flood(document, b"BT /F1 1 Tf 50 50 Td ", b"(a)Tj ", 6_000_000),
        )
        .any_outcome(),
    ]
}

/// Inserts operators between the prepended content and the statement.
fn insert_operators(document: &mut Document, operators: &[u8]) {
    let stream = document.add_flate(Dict::new(), operators);
    let page = first_page(document);
    let Some(Object::Array(parts)) = page.find("Contents") else {
        panic!("the content is an array");
    };
    let mut parts = parts.clone();
    parts.insert(1, stream.into());
    page.set("Contents", parts);
}

fn unterminated() -> Vec<Case> {
    let endless = |name, note, head: &[u8], unit: &[u8]| {
        sample_with(name, note, |document| {
            flood(document, head, unit, 10 * MIB);
        })
        .any_outcome()
    };
    vec![
        endless(
            "string_unended",
            "a string of 10 MiB that never ends",
            b"BT /F1 9 Tf (",
            b"A",
        ),
        endless(
            "hexadecimal_unended",
            "a hexadecimal string of 10 MiB that never ends",
            b"BT /F1 9 Tf <",
            b"41",
        ),
        endless("name_unended", "a name of 10 MiB", b"/", b"A"),
        endless("comment_unended", "a comment of 10 MiB", b"%", b"A"),
        endless("operator_unended", "an operator of 10 MiB", b"", b"A"),
        endless(
            "escapes_unended",
            "a string of 10 MiB of escapes",
            b"(",
            b"\\777",
        ),
        sample_with(
            "array_unended",
            "an array begins before the statement and never ends",
            |document| prepend_operators(document, b"BT /F1 9 Tf [ (a) 1 2 "),
        )
        .any_outcome(),
        sample_with(
            "text_object_unended",
            "10,000 nested text objects begin",
            |document| flood(document, b"", b"BT ", 30_000),
        )
        .any_outcome(),
    ]
}

fn images() -> Vec<Case> {
    let before = |name, note, operators: &[u8]| {
        sample_with(name, note, |document| {
            prepend_operators(document, operators);
        })
        .any_outcome()
    };
    vec![
        before(
            "inline_image_unended",
            "an inline image without EI",
            b"q 9 0 0 9 0 0 cm BI /W 10 /H 10 /BPC 8 /CS /G ID \x01\x02\x03 ",
        ),
        before(
            "inline_image_huge",
            "an inline image of 65,535 by 65,535 with one byte of data",
            b"q 9 0 0 9 0 0 cm BI /W 65535 /H 65535 /BPC 16 /CS /CMYK ID \x01 EI Q\n",
        ),
        before(
            "inline_image_without_data",
            "an inline image that is cut off in its dictionary",
            b"q BI /W 10 /H ",
        ),
        sample_with(
            "inline_images_200000",
            "200,000 inline images of one pixel",
            |document| {
                flood(
                    document,
                    b"",
                    b"BI/W 1/H 1/BPC 8/CS/G ID \x01 EI ",
                    6_200_000,
                );
            },
        )
        .any_outcome(),
    ]
}

fn numbers() -> Vec<Case> {
    let before = |name, note, operators: &[u8]| {
        sample_with(name, note, |document| {
            prepend_operators(document, operators);
        })
        .any_outcome()
    };
    let digits = ["1".repeat(40_000), " 0 0 1 0 0 cm\n".to_owned()].concat();
    let growing = b"99999999 0 0 99999999 99999999 99999999 cm\n".repeat(50);
    let shrinking = b"0.00000001 0 0 0.00000001 0 0 cm\n".repeat(50);
    vec![
        before(
            "number_of_40000_digits",
            "a number of 40,000 digits",
            digits.as_bytes(),
        ),
        before(
            "matrix_infinite",
            "a matrix that overflows to infinity",
            &growing,
        ),
        before(
            "matrix_vanishing",
            "a matrix that underflows to zero",
            &shrinking,
        ),
        before(
            "matrix_not_a_number",
            "invalid numbers: NaN, inf, 1e999, --5, +-.",
            b"NaN inf 1e999 --5 +-. . cm\n0 0 0 0 0 0 cm\n",
        ),
    ]
}
