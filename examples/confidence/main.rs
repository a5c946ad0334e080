//! Prints the reliability table of the confidence: screens changed copies of the synthetic
//! statements, and counts for each range of confidence how many name the right bank.
//!
//! `cargo run --release --example confidence -- [COPIES [FOLDER]]`
//!
//! `COPIES` is the number of changed copies of each statement. Copies for which a wrong bank is
//! printed are written to `FOLDER`. A bank for a statement whose bank has no identifier counts as
//! wrong. Exits with 1 if any bank is wrong.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a developer tool: it prints, and panics on any failure"
)]

mod changes;

#[expect(dead_code, reason = "only the statements of banks are used")]
#[path = "../testdata/generator/mod.rs"]
mod generator;

use bankscreen::screen::{CONFIDENCE_THRESHOLD, Policy, screen};
use bankscreen::statement::Issuer;
use generator::banks::designs;
use generator::statement::statement;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Copies of each statement by default.
const COPIES: u64 = 100;
/// The upper ends of the ranges of confidence.
const BINS: [f32; 7] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.985, 1.0];

/// The statements in one range of confidence.
#[derive(Default)]
struct Bin {
    files: usize,
    right: usize,
    /// The sum of the confidences.
    confidence: f32,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let copies = arguments
        .next()
        .map_or(COPIES, |text| text.parse().unwrap());
    let folder = arguments.next();
    let policy = Policy::default();
    let mut bins: [Bin; BINS.len()] = std::array::from_fn(|_| Bin::default());
    let (mut silent, mut unlisted) = (0, 0);
    for original in designs() {
        for copy in 0..copies {
            let design = changes::changed(original, copy);
            let bytes = Arc::new(statement(&design).bytes());
            let screening = screen(&bytes, &policy, &|| Duration::ZERO);
            let Some(issuer) = screening.statement.issuer else {
                silent += usize::from(original.bank.is_some());
                unlisted += usize::from(original.bank.is_none());
                continue;
            };
            let is_right = Some(issuer.bank.id()) == original.bank;
            if !is_right {
                println!("wrong: {} {copy}: {}", original.path, in_words(&issuer));
                if let Some(folder) = &folder {
                    let name = original.path.replace('/', "-");
                    std::fs::write(format!("{folder}/{copy}-{name}"), &*bytes).unwrap();
                }
            }
            let bin = BINS
                .iter()
                .position(|end| issuer.confidence < *end)
                .unwrap();
            bins[bin].files += 1;
            bins[bin].right += usize::from(is_right);
            bins[bin].confidence += issuer.confidence;
        }
    }
    print(&bins, silent, unlisted)
}

fn in_words(issuer: &Issuer) -> String {
    let evidence = issuer.evidence.join("; ");
    format!(
        "{} ({:.3}): {evidence}",
        issuer.bank.id(),
        issuer.confidence
    )
}

fn print(bins: &[Bin], silent: usize, unlisted: usize) -> ExitCode {
    println!("confidence         files    right    share right  mean confidence");
    let mut start = 0.0;
    for (bin, end) in bins.iter().zip(BINS) {
        if bin.files > 0 {
            let share = |count: f32| count / bin.files as f32;
            println!(
                "{start:.3} to {end:.3} {:>8} {:>8} {:>14.4} {:>16.4}",
                bin.files,
                bin.right,
                share(bin.right as f32),
                share(bin.confidence)
            );
        }
        start = end;
    }
    let above = |is_detected: bool| {
        let first = BINS.iter().position(|end| *end > CONFIDENCE_THRESHOLD);
        let (likely, detected) = bins.split_at(first.unwrap());
        let bins = if is_detected { detected } else { likely };
        let files: usize = bins.iter().map(|bin| bin.files).sum();
        let right: usize = bins.iter().map(|bin| bin.right).sum();
        (files, right)
    };
    let (detected, right) = above(true);
    let (likely, likely_right) = above(false);
    let listed = detected + likely + silent;
    println!("{listed} statements of listed banks, or with a bank: {silent} without a bank");
    println!("detected: {right} of {detected} right; likely: {likely_right} of {likely} right");
    println!("{unlisted} statements of other banks without a bank");
    if right + likely_right < detected + likely {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
