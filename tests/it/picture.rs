//! Page rendering in an isolated process.

use crate::harness::project;
use bankscreen::isolation::{self, DrawError, PageRequest};
use bankscreen::pdf::{Budget, Document, FileBytes, LimitHit, Limits, Password};
use bankscreen::pdf::{PageClass, PageText, Picture, PictureSize};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Time limit that no test document reaches, even on a busy machine.
const TIME_LIMIT: Duration = Duration::from_secs(30);

fn read_document(case: &str) -> FileBytes {
    Arc::new(std::fs::read(project().join("testdata").join(case)).unwrap())
}

fn draw(
    bytes: &FileBytes,
    request: &PageRequest,
    time_limit: Duration,
) -> Result<Picture, DrawError> {
    let program = Path::new(env!("CARGO_BIN_EXE_bankscreen"));
    isolation::draw_with_program(program, bytes, request, time_limit, &|| false)
}

fn page_request(page: usize) -> PageRequest {
    PageRequest {
        page,
        size: PictureSize::new(900, 900),
        password: None,
    }
}

fn draw_first_page(case: &str) -> Picture {
    draw(&read_document(case), &page_request(0), TIME_LIMIT)
        .unwrap_or_else(|error| panic!("{case}: {error}"))
}

fn is_dark(pixel: [u8; 3]) -> bool {
    pixel.iter().all(|channel| *channel < 128)
}

/// Returns the mean darkness of a page: 0 is white, 1 is black.
fn darkness(picture: &Picture) -> f64 {
    let channels = picture.pixels().as_flattened();
    let black: u64 = channels.iter().map(|light| u64::from(255 - light)).sum();
    black as f64 / (255 * channels.len()) as f64
}

fn extract_text(bytes: &FileBytes) -> PageText {
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, &|| Duration::ZERO);
    let document = Document::open(bytes, &[], &mut budget).unwrap();
    document
        .reader()
        .text(0, PageClass::Text, &mut budget)
        .unwrap()
}

/// Whether a box contains a dark pixel. The box is in points from the upper left of the page.
fn has_dark_pixel(picture: &Picture, text: &PageText, x: [f32; 2], y: [f32; 2]) -> bool {
    let pixel = |points: f32, of: f32, pixels: u32| (points / of * pixels as f32).max(0.0) as usize;
    let column = x.map(|x| pixel(x, text.width, picture.width()));
    let row = y.map(|y| pixel(y, text.height, picture.height()));
    let rows = picture.rows().skip(row[0]).take(row[1] - row[0] + 1);
    let mut found = rows.flat_map(|row| row.iter().take(column[1] + 1).skip(column[0]));
    found.any(|pixel| is_dark(*pixel))
}

#[test]
fn rendered_words_match_extracted_positions() {
    // Helvetica and Courier (not embedded), an embedded font, a rotated page.
    for case in [
        "banks/hdfc.pdf",
        "banks/uco.pdf",
        "banks/kotak.pdf",
        "pages/rotated_90.pdf",
    ] {
        let bytes = read_document(case);
        let (picture, text) = (
            draw(&bytes, &page_request(0), TIME_LIMIT).unwrap(),
            extract_text(&bytes),
        );
        assert_eq!(picture.width().max(picture.height()), 900, "{case}");
        let is_wide = picture.width() > picture.height();
        assert_eq!(is_wide, text.width > text.height, "{case}");
        for line in &text.lines {
            let y = [line.y - line.size * 0.6, line.y];
            for word in line.words() {
                let found = has_dark_pixel(&picture, &text, [word.x0, word.x1], y);
                let is_small = !word.text.contains(char::is_alphanumeric);
                assert!(found || is_small, "{case}: {}", word.text);
            }
        }
        assert!(!has_dark_pixel(
            &picture,
            &text,
            [0.0, 9.0],
            [0.0, text.height - 1.0]
        ));
        assert!((0.005..0.3).contains(&darkness(&picture)), "{case}");
    }
}

#[test]
fn scans_of_every_codec_render_their_image() {
    let expected = darkness(&draw_first_page("banks/uco.pdf"));
    for scan in [
        "jpeg",
        "fax",
        "jbig2",
        "jpx",
        "flate_rgb",
        "strips",
        "inline",
        "in_form",
    ] {
        let found = darkness(&draw_first_page(&format!("pages/scan_{scan}.pdf")));
        let is_similar = (expected / 3.0..expected * 3.0).contains(&found);
        assert!(is_similar, "{scan}: {found} instead of {expected}");
    }
}

#[test]
fn a_blank_page_is_white() {
    let picture = draw_first_page("pages/blank.pdf");
    assert!(picture.pixels().iter().all(|pixel| *pixel == [255; 3]));
}

#[test]
fn an_encrypted_file_is_rendered_only_with_its_password() {
    let bytes = read_document("encrypted/user_devanagari.pdf");
    let with = |secret: Option<&str>| PageRequest {
        password: secret.map(Password::new),
        ..page_request(0)
    };
    for secret in [None, Some("wrong")] {
        let result = draw(&bytes, &with(secret), TIME_LIMIT);
        assert!(matches!(result, Err(DrawError::Locked)), "{result:?}");
    }
    let passwords = std::fs::read_to_string(project().join("testdata/passwords.txt")).unwrap();
    let is_devanagari = |c: char| ('\u{900}'..='\u{97f}').contains(&c);
    let secret = passwords.lines().find(|line| line.contains(is_devanagari));
    let picture = draw(&bytes, &with(secret), TIME_LIMIT).unwrap();
    assert!(darkness(&picture) > 0.005);
}

#[test]
fn rendering_failures_report_their_cause() {
    let (statement, nothing) = (
        read_document("banks/hdfc.pdf"),
        read_document("foreign/noise.bin.pdf"),
    );
    let result = draw(&statement, &page_request(3), TIME_LIMIT);
    assert!(matches!(result, Err(DrawError::NoSuchPage)), "{result:?}");
    let result = draw(&nothing, &page_request(0), TIME_LIMIT);
    assert!(matches!(result, Err(DrawError::Unreadable)), "{result:?}");
    let bomb = read_document("hostile/object_stream_bomb.pdf");
    let result = draw(&bomb, &page_request(0), TIME_LIMIT);
    let is_limit = matches!(result, Err(DrawError::Limit(LimitHit::StreamBytes(_))));
    assert!(is_limit, "{result:?}");
    let program = Path::new("/nonexistent");
    let result =
        isolation::draw_with_program(program, &statement, &page_request(0), TIME_LIMIT, &|| false);
    assert!(matches!(result, Err(DrawError::Process(_))), "{result:?}");
    // A program that exits immediately, and one with an invalid response.
    for program in ["/bin/false", "/bin/echo"] {
        let result = isolation::draw_with_program(
            Path::new(program),
            &statement,
            &page_request(0),
            TIME_LIMIT,
            &|| false,
        );
        assert!(matches!(result, Err(DrawError::Failed(_))), "{result:?}");
    }
}

#[test]
fn rendering_stops_when_cancelled() {
    let program = Path::new(env!("CARGO_BIN_EXE_bankscreen"));
    let bytes = read_document("hostile/pages_2500.pdf");
    let result =
        isolation::draw_with_program(program, &bytes, &page_request(0), TIME_LIMIT, &|| true);
    assert!(matches!(result, Err(DrawError::Cancelled)), "{result:?}");
}

#[test]
fn hostile_files_render_or_fail() {
    const SHORT_LIMIT: Duration = Duration::from_secs(1);
    let mut outcomes = [0, 0, 0];
    for entry in std::fs::read_dir(project().join("testdata/hostile")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = Arc::new(std::fs::read(&path).unwrap());
        match draw(&bytes, &page_request(0), SHORT_LIMIT) {
            Ok(_) => outcomes[0] += 1,
            Err(DrawError::Limit(_)) => outcomes[1] += 1,
            Err(DrawError::Process(error)) => panic!("{}: {error}", path.display()),
            Err(_) => outcomes[2] += 1,
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?}");
}
