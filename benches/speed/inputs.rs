//! Input files: those of `testdata`, and large ones that are generated on first use.

use crate::generator::banks::design;
use crate::generator::fonts::Typeface;
use crate::generator::large;
use crate::generator::statement::statement;
use crate::generator::writer::FileKind;
use bankscreen::pdf::{Budget, Document, FileBytes, Limits, Password};
use criterion::Throughput;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Pages of the generated single statements.
pub(crate) const PAGES: usize = 26;

/// A named file.
pub(crate) struct Input {
    pub(crate) name: &'static str,
    pub(crate) bytes: FileBytes,
    /// The password, if opening the file needs one.
    pub(crate) password: Option<Password>,
}

impl Input {
    fn new(name: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            name,
            bytes: Arc::new(bytes),
            password: None,
        }
    }

    /// Reads a file of `testdata`.
    pub(crate) fn case(name: &'static str, case: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let bytes = fs::read(folder.join(case)).expect("could not read the test file");
        Self::new(name, bytes)
    }

    pub(crate) fn locked(name: &'static str, case: &str, password: &str) -> Self {
        Self {
            password: Some(Password::new(password)),
            ..Self::case(name, case)
        }
    }

    /// Opens the file.
    ///
    /// # Panics
    ///
    /// If the file is damaged or exceeds a limit.
    pub(crate) fn open(&self) -> Document {
        let limits = Limits::default();
        let passwords: Vec<_> = self.password.iter().collect();
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        Document::open(&self.bytes, &passwords, &mut budget).expect("the file opens")
    }

    /// Returns the throughput per iteration: `elements` files or pages, and this file's bytes.
    pub(crate) fn throughput(&self, elements: usize) -> Throughput {
        Throughput::ElementsAndBytes {
            elements: elements as u64,
            bytes: self.bytes.len() as u64,
        }
    }
}

/// One statement of [`PAGES`] pages, in each file structure and with an embedded font.
pub(crate) fn statements() -> Vec<Input> {
    let generated = statement(design("hdfc")).pages(PAGES).seed(1);
    let of = |name, kind| Input::new(name, generated.kind(kind).bytes());
    vec![
        of("classic", FileKind::Classic),
        of("object_streams", FileKind::ObjectStreams),
        of("linearised", FileKind::Linearised),
        Input::new(
            "embedded_font",
            generated.typeface(Typeface::Embedded).bytes(),
        ),
    ]
}

/// Ten scanned pages, 10 MB in total.
pub(crate) fn scan() -> Input {
    Input::new("scan", large::scan(10, 1_000_000, 1))
}

/// Returns whether times are measured: `cargo bench` says so, and `cargo test` does not.
pub(crate) fn is_measured() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Returns the folder of the statements among the test files.
pub(crate) fn test_files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/banks")
}

/// Returns the folder with the same files that `cargo run --example testdata -- --large` writes.
pub(crate) fn large_files() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large");
    let is_current = |(name, bytes): (String, Vec<u8>)| {
        fs::read(folder.join(name)).is_ok_and(|found| found == bytes)
    };
    // Comparing three files detects a changed generator; `complete` exists if all were written.
    if large::files().take(3).all(is_current) && folder.join("complete").exists() {
        return folder;
    }
    fs::create_dir_all(&folder).expect("could not create the folder");
    for (name, bytes) in large::files() {
        fs::write(folder.join(name), bytes).expect("could not write a large file");
    }
    fs::write(folder.join("complete"), "").expect("could not write a large file");
    folder
}
