//! Writes the synthetic test files, or checks that a folder still holds exactly them.
//!
//! `cargo run --example testdata -- DIR` writes every case with an index, `-- --check DIR` names
//! the files that differ and exits 1, `-- --large DIR` writes large files for measuring speed. All
//! substance is in `generator`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers, without a report of its own"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the files are written"
)]

#[expect(dead_code, reason = "the tests use more of the generator")]
mod generator;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--check", folder] => check(Path::new(folder)),
        ["--large", folder] => write_all(Path::new(folder), generator::large::files()),
        [folder] if !folder.starts_with('-') => {
            write_all(Path::new(folder), generator::files().into_iter())
        }
        _ => {
            eprintln!("usage: testdata [--check | --large] DIR");
            return ExitCode::from(2);
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("could not finish: {error}");
        ExitCode::from(2)
    })
}

/// Writes files below `folder`, creating what is missing and replacing what is there.
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

/// Names every file below `folder` that is missing, unknown or not what would be written now.
fn check(folder: &Path) -> io::Result<ExitCode> {
    let expected = generator::files();
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
            let known = expected
                .iter()
                .any(|(known, _)| Path::new(known).starts_with(&path));
            if !known {
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
