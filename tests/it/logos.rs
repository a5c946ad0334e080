//! Logos on page 1 that identify a bank if nothing else does.

use crate::generator::banks::design;
use crate::generator::filters::flate;
use crate::generator::fonts::Fonts;
use crate::generator::layout::{Design, Line};
use crate::generator::object::{Body, Dict, name};
use crate::generator::random::Random;
use crate::generator::statement::statement;
use crate::generator::writer::{Document, FileKind};
use crate::harness::TestDir;
use jpeg_encoder::{ColorType, Encoder};

const TABLE: &str = ".config/bankscreen/logos.tsv";
/// The proportions of all logos.
const ASPECT: f64 = 2.5;

/// Where the text of the statements begins, in percent of the page from its top.
const TEXT_TOP: u32 = 13;

/// Each pixel is the average of so many points in each direction.
const POINTS: usize = 4;

/// A rectangle in a square of side 1, and its shade.
type Mark = ([f64; 4], u8);

/// How a logo is stored.
#[derive(Clone, Copy)]
enum Form {
    Drawn,
    /// The width in pixels.
    Flate(usize),
    /// The width in pixels, and the quality in percent.
    Jpeg(usize, u8),
}

/// Returns the marks of one of several logos.
fn logo(number: u64) -> Vec<Mark> {
    let mut random = Random::new(number);
    let mut percent = |low, high| random.between(low, high) as f64 / 100.0;
    // Separate marks would be separate logos.
    let mut mark = || {
        let (x, width, height) = (percent(0, 80), percent(5, 18), percent(20, 95));
        ([x, 0.0, width, height], (percent(0, 60) * 255.0) as u8)
    };
    // All have the same size.
    let sides = [([0.0, 0.0, 0.05, 1.0], 0), ([0.0, 0.0, 1.0, 0.1], 60)];
    (0..14).map(|_| mark()).chain(sides).collect()
}

fn drawn(marks: &[Mark], (x, y): (f64, f64), width: f64) -> String {
    let height = width / ASPECT;
    let rectangle = |([left, bottom, wide, high], shade): &Mark| {
        let grey = f64::from(*shade) / 255.0;
        let (left, bottom) = (x + left * width, y + bottom * height);
        let (wide, high) = (wide * width, high * height);
        format!("{grey:.3} g {left:.3} {bottom:.3} {wide:.3} {high:.3} re f\n")
    };
    marks.iter().map(rectangle).collect()
}

/// Returns the height in pixels, and the shades row by row from the top.
fn pixels(marks: &[Mark], width: usize) -> (usize, Vec<u8>) {
    let height = (width as f64 / ASPECT) as usize;
    let shade_at = |x: f64, y: f64| {
        let is_inside = |([left, bottom, wide, high], _): &&Mark| {
            (*left..left + wide).contains(&x) && (*bottom..bottom + high).contains(&y)
        };
        let top = marks.iter().rev().find(is_inside);
        top.map_or(255, |(_, shade)| u32::from(*shade))
    };
    let shade = |index: usize| {
        let points = (0..POINTS * POINTS).map(|point| {
            let offset = |part: usize| (part as f64 + 0.5) / POINTS as f64;
            let x = (index % width) as f64 + offset(point % POINTS);
            let y = (index / width) as f64 + offset(point / POINTS);
            shade_at(x / width as f64, 1.0 - y / height as f64)
        });
        (points.sum::<u32>() / (POINTS * POINTS) as u32) as u8
    };
    (height, (0..width * height).map(shade).collect())
}

/// Returns a statement that names no bank, with marks at a place of page 1, in points.
fn with_logo(marks: &[Mark], form: Form, place: (f64, f64), width: f64) -> Vec<u8> {
    let original = *design("shared_form");
    let header = [&[Line::Gap; 9], original.header].concat();
    let design: &'static Design = Box::leak(Box::new(Design {
        header: header.leak(),
        ..original
    }));
    let mut document = Document::new(1);
    let fonts = Fonts::install(&mut document, design.typeface);
    let (image, mut content) = match form {
        Form::Drawn => (None, drawn(marks, place, width)),
        Form::Flate(_) | Form::Jpeg(..) => {
            let (image, height) = (image(marks, form), width / ASPECT);
            let (x, y) = place;
            let content = format!("q {width} 0 0 {height} {x} {y} cm /Logo Do Q\n");
            (Some(document.add(image)), content)
        }
    };
    for sheet in statement(design).sheets() {
        let mut resources = fonts.resources();
        if let Some(image) = image {
            resources = resources.with("XObject", Dict::new().with("Logo", image));
        }
        let text = sheet.operators(&fonts);
        let content = [
            std::mem::take(&mut content).into_bytes(),
            b"0 g ".to_vec(),
            text,
        ]
        .concat();
        let content = document.add_flate(Dict::new(), &content);
        document.add_page(content, resources);
    }
    document.write(FileKind::Classic)
}

fn image(marks: &[Mark], form: Form) -> Body {
    let (width, filter) = match form {
        Form::Drawn => unreachable!("not an image"),
        Form::Flate(width) => (width, "FlateDecode"),
        Form::Jpeg(width, _) => (width, "DCTDecode"),
    };
    let (height, shades) = pixels(marks, width);
    let data = if let Form::Jpeg(_, quality) = form {
        let mut data = Vec::new();
        let (width, height) = (width as u16, height as u16);
        Encoder::new(&mut data, quality)
            .encode(&shades, width, height, ColorType::Luma)
            .unwrap();
        data
    } else {
        flate(&shades)
    };
    let dict = Dict::new()
        .with("Type", name("XObject"))
        .with("Subtype", name("Image"))
        .with("Width", width)
        .with("Height", height)
        .with("ColorSpace", name("DeviceGray"))
        .with("BitsPerComponent", 8)
        .with("Filter", name(filter));
    Body::Stream(dict, data)
}

/// Returns the hashes that `forms logos` prints for the areas above the text of a file.
fn hashes(dir: &TestDir, file: &str) -> Vec<String> {
    let run = dir.run(["forms", "logos", file]);
    let hash = |line: &str| {
        let (hash, place) = line.split_once("  left ")?;
        let (_, top) = place.split_once("top ")?;
        let top: u32 = top.split(' ').next()?.parse().ok()?;
        (top < TEXT_TOP).then(|| hash.to_owned())
    };
    run.stdout.lines().filter_map(hash).collect()
}

/// Returns the identifier and the evidence of the bank.
fn bank(dir: &TestDir, file: &str) -> Option<(String, String)> {
    let run = dir.run(["--check", "--format", "ndjson", file]);
    let bank = run.records()[0]["bank"].clone();
    let id = bank["id"].as_str()?.to_owned();
    Some((id, bank["evidence"].to_string()))
}

#[test]
fn a_logo_of_the_table_is_found_at_any_size_and_in_any_form() {
    let dir = TestDir::new();
    let marks = logo(1);
    dir.write(
        "a.pdf",
        with_logo(&marks, Form::Drawn, (36.0, 750.0), 120.0),
    );
    let [hash] = &hashes(&dir, "a.pdf")[..] else {
        panic!("one area above the text may be a logo");
    };
    assert_eq!(bank(&dir, "a.pdf"), None);
    dir.write(TABLE, format!("# ours\naxis\t{hash}\n"));
    let found = Some(("axis".to_owned(), "[\"logo\"]".to_owned()));
    assert_eq!(bank(&dir, "a.pdf"), found);
    for (form, place, width) in [
        (Form::Drawn, (400.0, 760.0), 75.0),
        (Form::Flate(360), (36.0, 750.0), 140.0),
        (Form::Flate(150), (50.0, 755.0), 100.0),
        (Form::Jpeg(300, 60), (300.0, 750.0), 120.0),
        (Form::Jpeg(500, 35), (37.5, 761.0), 90.0),
    ] {
        dir.write("b.pdf", with_logo(&marks, form, place, width));
        assert_eq!(bank(&dir, "b.pdf"), found, "{place:?} {width}");
    }
}

#[test]
fn other_pictures_are_not_taken_for_the_logo() {
    let dir = TestDir::new();
    let place = (36.0, 750.0);
    dir.write("a.pdf", with_logo(&logo(1), Form::Drawn, place, 120.0));
    let hash = hashes(&dir, "a.pdf").remove(0);
    dir.write(TABLE, format!("axis\t{hash}\n"));
    for number in 2..8 {
        dir.write(
            "b.pdf",
            with_logo(&logo(number), Form::Jpeg(300, 70), place, 120.0),
        );
        assert_eq!(hashes(&dir, "b.pdf").len(), 1, "{number}");
        assert_eq!(bank(&dir, "b.pdf"), None, "{number}");
    }
    let rule = vec![([0.0, 0.4, 1.0, 0.2], 0)];
    let frame = vec![([0.0, 0.0, 1.0, 1.0], 0), ([0.02, 0.05, 0.96, 0.9], 255)];
    for marks in [Vec::new(), rule, frame] {
        dir.write("b.pdf", with_logo(&marks, Form::Flate(300), place, 120.0));
        assert_eq!(hashes(&dir, "b.pdf"), [""; 0]);
        assert_eq!(bank(&dir, "b.pdf"), None);
    }
}

#[test]
fn a_logo_never_contradicts_what_is_printed() {
    let dir = TestDir::new();
    let sheet = |header: &'static [Line]| {
        let design: &'static Design = Box::leak(Box::new(Design {
            header,
            ..*design("shared_form")
        }));
        let mut document = Document::new(1);
        let fonts = Fonts::install(&mut document, design.typeface);
        let text = statement(design).sheets().remove(0).operators(&fonts);
        let logo = drawn(&logo(1), (400.0, 750.0), 120.0).into_bytes();
        let content = [logo, b"0 g ".to_vec(), text].concat();
        let content = document.add_flate(Dict::new(), &content);
        document.add_page(content, fonts.resources());
        document.write(FileKind::Classic)
    };
    dir.write("a.pdf", sheet(&[Line::Left("Statement"), Line::Gap]));
    let rows = hashes(&dir, "a.pdf");
    let rows: Vec<_> = rows.iter().map(|hash| format!("axis\t{hash}")).collect();
    dir.write(TABLE, rows.join("\n"));
    assert_eq!(bank(&dir, "a.pdf").unwrap().0, "axis");
    dir.write("b.pdf", sheet(&[Line::Left("HDFC BANK"), Line::Gap]));
    assert_eq!(bank(&dir, "b.pdf").unwrap().0, "hdfc");
    let unlisted = &[Line::Left("SOMETOWN NAGARIK SAHAKARI BANK LTD"), Line::Gap];
    dir.write("c.pdf", sheet(unlisted));
    assert_eq!(bank(&dir, "c.pdf"), None);
}

#[test]
fn invalid_tables_and_files_are_errors() {
    let dir = TestDir::new();
    dir.copy("banks/shared_form.pdf", "a.pdf");
    for (row, what) in [
        ("axis 00", "line 1: not a bank and a hash"),
        ("nobank\t00/1", "line 1: unknown bank identifier"),
        ("axis\t00/1", "line 1: not a hash"),
    ] {
        dir.write(TABLE, row);
        let run = dir.run(["--check", "a.pdf"]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(what), "{}", run.stderr);
    }
    dir.copy("encrypted/user_rc4_128.pdf", "locked.pdf");
    for file in ["missing.pdf", "locked.pdf", TABLE] {
        let run = dir.run(["forms", "logos", file]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(file), "{}", run.stderr);
    }
}
