//! Writes the synthetic test files, or compares a folder with them.
//!
//! - `cargo run --example testdata -- DIR` writes every case with an index.
//! - `cargo run --example testdata -- --check DIR` prints the files that differ and exits with 1.
//! - `cargo run --example testdata -- --large DIR` writes large files for benchmarks.
//!
//! The `generator` module creates the files.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer tool: its only output is text on the standard streams"
)]
#![expect(clippy::disallowed_methods, reason = "a shell: it writes the files")]

#[expect(dead_code, reason = "the tests use more of the generator")]
mod generator;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--check", folder] => check(Path::new(folder)),
        ["--large", folder] => write_all(Path::new(folder), generator::large::files()),
        [folder] if !folder.starts_with('-') => write_all(
            Path::new(folder),
            generator::files(generator::cases()).into_iter(),
        ),
        _ => {
            eprintln!("usage: testdata [--check | --large] DIR");
            return ExitCode::from(2);
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: could not access the files: {error}");
        ExitCode::from(2)
    })
}

/// Writes files below `folder`. Creates missing folders and replaces existing files.
fn write_all(
    folder: &Path,
    files: impl Iterator<Item = (String, Vec<u8>)>,
) -> io::Result<ExitCode> {
    for (path, bytes) in files {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(target, bytes)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints every file below `folder` that is missing, unexpected or has other content.
fn check(folder: &Path) -> io::Result<ExitCode> {
    let expected = generator::files(generator::cases());
    let mut different = Vec::new();
    for (path, bytes) in &expected {
        if fs::read(folder.join(path)).ok().as_ref() != Some(bytes) {
            different.push(path.clone());
        }
    }
    for group in expected
        .iter()
        .filter_map(|(path, _)| Path::new(path).parent())
    {
        for entry in fs::read_dir(folder.join(group)).into_iter().flatten() {
            let path = group.join(entry?.file_name());
            let is_expected = expected
                .iter()
                .any(|(expected, _)| Path::new(expected).starts_with(&path));
            if !is_expected {
                different.push(path.to_string_lossy().into_owned());
            }
        }
    }
    different.sort();
    different.dedup();
    for path in &different {
        println!("{path}");
    }
    Ok(if different.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
