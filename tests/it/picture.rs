//! Pages drawn in a child of the program.

use crate::harness::project;
use bankscreen::isolation::{self, DrawError, PageRequest};
use bankscreen::pdf::{Budget, Document, FileBytes, LimitHit, Limits, Password};
use bankscreen::pdf::{PageText, Picture, PictureSize};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// More than any of these needs, on a busy machine too.
const TIME: Duration = Duration::from_secs(30);

fn bytes(case: &str) -> FileBytes {
    Arc::new(std::fs::read(project().join("testdata").join(case)).unwrap())
}

fn draw(bytes: &FileBytes, request: &PageRequest, time: Duration) -> Result<Picture, DrawError> {
    let program = Path::new(env!("CARGO_BIN_EXE_bankscreen"));
    isolation::draw_with_program(program, bytes, request, time, &|| false)
}

fn page(page: usize) -> PageRequest {
    PageRequest {
        page,
        size: PictureSize::new(900, 900),
        password: None,
    }
}

fn drawn(case: &str) -> Picture {
    draw(&bytes(case), &page(0), TIME).unwrap_or_else(|error| panic!("{case}: {error}"))
}

fn is_dark(pixel: [u8; 3]) -> bool {
    pixel.iter().all(|channel| *channel < 128)
}

/// How much of the paper is covered with black: 0 is white.
fn ink(picture: &Picture) -> f64 {
    let channels = picture.pixels().as_flattened();
    let black: u64 = channels.iter().map(|light| u64::from(255 - light)).sum();
    black as f64 / (255 * channels.len()) as f64
}

fn text(bytes: &FileBytes) -> PageText {
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, &|| Duration::ZERO);
    let document = Document::open(bytes, &[], &mut budget).unwrap();
    document.reader().text(0, &mut budget).unwrap()
}

/// Whether anything dark lies in a box, given in points from the upper left corner of the page.
fn is_marked(picture: &Picture, text: &PageText, x: [f32; 2], y: [f32; 2]) -> bool {
    let pixel = |points: f32, of: f32, pixels: u32| (points / of * pixels as f32).max(0.0) as usize;
    let column = x.map(|x| pixel(x, text.width, picture.width()));
    let row = y.map(|y| pixel(y, text.height, picture.height()));
    let rows = picture.rows().skip(row[0]).take(row[1] - row[0] + 1);
    let mut found = rows.flat_map(|row| row.iter().take(column[1] + 1).skip(column[0]));
    found.any(|pixel| is_dark(*pixel))
}

#[test]
fn words_are_drawn_where_they_are_read() {
    // Helvetica and Courier, which are not embedded; an embedded font; a rotated page.
    for case in [
        "banks/hdfc.pdf",
        "banks/uco.pdf",
        "banks/kotak.pdf",
        "pages/rotated_90.pdf",
    ] {
        let bytes = bytes(case);
        let (picture, text) = (draw(&bytes, &page(0), TIME).unwrap(), text(&bytes));
        assert_eq!(picture.width().max(picture.height()), 900, "{case}");
        let is_wide = picture.width() > picture.height();
        assert_eq!(is_wide, text.width > text.height, "{case}");
        for line in &text.lines {
            let y = [line.y - line.size * 0.6, line.y];
            for word in line.words() {
                let found = is_marked(&picture, &text, [word.x0, word.x1], y);
                let is_small = !word.text.contains(char::is_alphanumeric);
                assert!(found || is_small, "{case}: {}", word.text);
            }
        }
        assert!(!is_marked(
            &picture,
            &text,
            [0.0, 9.0],
            [0.0, text.height - 1.0]
        ));
        assert!((0.005..0.3).contains(&ink(&picture)), "{case}");
    }
}

#[test]
fn scans_of_all_codecs_show_their_image() {
    let expected = ink(&drawn("banks/uco.pdf"));
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
        let found = ink(&drawn(&format!("pages/scan_{scan}.pdf")));
        let is_like = (expected / 3.0..expected * 3.0).contains(&found);
        assert!(is_like, "{scan}: {found} instead of {expected}");
    }
}

#[test]
fn a_blank_page_is_white() {
    let picture = drawn("pages/blank.pdf");
    assert!(picture.pixels().iter().all(|pixel| *pixel == [255; 3]));
}

#[test]
fn a_locked_file_is_drawn_with_its_password_only() {
    let bytes = bytes("encrypted/user_devanagari.pdf");
    let with = |secret: Option<&str>| PageRequest {
        password: secret.map(Password::new),
        ..page(0)
    };
    for secret in [None, Some("wrong")] {
        let refused = draw(&bytes, &with(secret), TIME);
        assert!(matches!(refused, Err(DrawError::Locked)), "{refused:?}");
    }
    let passwords = std::fs::read_to_string(project().join("testdata/passwords.txt")).unwrap();
    let is_devanagari = |c: char| ('\u{900}'..='\u{97f}').contains(&c);
    let secret = passwords.lines().find(|line| line.contains(is_devanagari));
    let picture = draw(&bytes, &with(secret), TIME).unwrap();
    assert!(ink(&picture) > 0.005);
}

#[test]
fn what_can_not_be_drawn_says_why() {
    let (statement, nothing) = (bytes("banks/hdfc.pdf"), bytes("foreign/noise.bin.pdf"));
    let refused = draw(&statement, &page(3), TIME);
    assert!(matches!(refused, Err(DrawError::NoSuchPage)), "{refused:?}");
    let refused = draw(&nothing, &page(0), TIME);
    assert!(matches!(refused, Err(DrawError::Unreadable)), "{refused:?}");
    let bomb = bytes("hostile/object_stream_bomb.pdf");
    let refused = draw(&bomb, &page(0), TIME);
    let is_limit = matches!(refused, Err(DrawError::Limit(LimitHit::StreamBytes(_))));
    assert!(is_limit, "{refused:?}");
    let program = Path::new("/nonexistent");
    let refused = isolation::draw_with_program(program, &statement, &page(0), TIME, &|| false);
    assert!(matches!(refused, Err(DrawError::Process(_))), "{refused:?}");
    // A program that ends at once, and one that answers with something else.
    for program in ["/bin/false", "/bin/echo"] {
        let refused =
            isolation::draw_with_program(Path::new(program), &statement, &page(0), TIME, &|| false);
        assert!(matches!(refused, Err(DrawError::Failed(_))), "{refused:?}");
    }
}

#[test]
fn a_picture_that_nobody_wants_any_more_is_given_up() {
    let started = Instant::now();
    let program = Path::new(env!("CARGO_BIN_EXE_bankscreen"));
    let bytes = bytes("hostile/pages_2500.pdf");
    let refused = isolation::draw_with_program(program, &bytes, &page(0), TIME, &|| true);
    assert!(matches!(refused, Err(DrawError::Cancelled)), "{refused:?}");
    assert!(started.elapsed() < TIME / 2);
}

#[test]
fn hostile_files_give_a_picture_or_an_error_in_time() {
    const ALLOWED: Duration = Duration::from_secs(1);
    let mut outcomes = [0, 0, 0];
    for entry in std::fs::read_dir(project().join("testdata/hostile")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = Arc::new(std::fs::read(&path).unwrap());
        let started = Instant::now();
        let drawn = draw(&bytes, &page(0), ALLOWED);
        let took = started.elapsed();
        assert!(took < ALLOWED * 10, "{} took {took:?}", path.display());
        match drawn {
            Ok(_) => outcomes[0] += 1,
            Err(DrawError::Limit(_)) => outcomes[1] += 1,
            Err(DrawError::Process(error)) => panic!("{}: {error}", path.display()),
            Err(_) => outcomes[2] += 1,
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?}");
}
