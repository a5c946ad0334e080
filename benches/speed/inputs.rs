//! The files that are read: those of `testdata`, and large ones that are made on first use.

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

/// Pages of the statement that single files are measured on.
pub(crate) const PAGES: usize = 26;

/// A named file.
pub(crate) struct Input {
    pub(crate) name: &'static str,
    pub(crate) bytes: FileBytes,
    /// What opens it, where that is not nothing.
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

    /// A file of `testdata`.
    pub(crate) fn case(name: &'static str, case: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let bytes = fs::read(folder.join(case)).expect("a file of testdata");
        Self::new(name, bytes)
    }

    pub(crate) fn locked(name: &'static str, case: &str, password: &str) -> Self {
        Self {
            password: Some(Password::new(password)),
            ..Self::case(name, case)
        }
    }

    /// Opens it; it is sound and within all limits.
    pub(crate) fn open(&self) -> Document {
        let limits = Limits::default();
        let passwords: Vec<_> = self.password.iter().collect();
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        Document::open(&self.bytes, &passwords, &mut budget).expect("it opens")
    }

    /// So many files or pages, and the bytes of this one.
    pub(crate) fn throughput(&self, elements: usize) -> Throughput {
        Throughput::ElementsAndBytes {
            elements: elements as u64,
            bytes: self.bytes.len() as u64,
        }
    }
}

/// A statement of [`PAGES`] pages in each kind of file and of font.
pub(crate) fn statements() -> Vec<Input> {
    let made = statement(design("hdfc")).pages(PAGES).seed(1);
    let of = |name, kind| Input::new(name, made.kind(kind).bytes());
    vec![
        of("classic", FileKind::Classic),
        of("object_streams", FileKind::ObjectStreams),
        of("linearised", FileKind::Linearised),
        Input::new("embedded_font", made.typeface(Typeface::Embedded).bytes()),
    ]
}

/// Ten pages that are pictures, 10 MB in all.
pub(crate) fn scan() -> Input {
    Input::new("scan", large::scan(10, 1_000_000, 1))
}

/// The folder of all large files, as `cargo run --example testdata -- --large` writes them.
pub(crate) fn large_files() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large");
    let is_current = |(name, bytes): (String, Vec<u8>)| {
        fs::read(folder.join(name)).is_ok_and(|found| found == bytes)
    };
    // The generator may have changed since; the last file is there when all are.
    if large::files().take(3).all(is_current) && folder.join("complete").exists() {
        return folder;
    }
    fs::create_dir_all(&folder).expect("a folder below target");
    for (name, bytes) in large::files() {
        fs::write(folder.join(name), bytes).expect("room for the large files");
    }
    fs::write(folder.join("complete"), "").expect("room for the large files");
    folder
}
