//! Screens a thousand statements from disk, on one, two and all threads. Throughput in files.
//!
//! `cargo test --benches`, which only tries benchmarks, screens some test files instead: without
//! optimization, a thousand statements take minutes.

use super::inputs::{is_measured, large_files, test_files};
use bankscreen::batch::{self, Input};
use bankscreen::screen::{Code, Finding, Policy};
use criterion::{Criterion, Throughput};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const FILES: usize = 1000;
/// Files of a trial.
const TRIAL_FILES: usize = 20;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batch");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(20));
    let (folder, files) = if is_measured() {
        (large_files(), FILES)
    } else {
        (test_files(), TRIAL_FILES)
    };
    let found = batch::discover([Input::from(folder)]);
    let statements: Vec<PathBuf> = found
        .into_iter()
        .map(|input| input.path)
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| !name.as_encoded_bytes().starts_with(b"scan"))
        })
        .collect();
    let inputs: Vec<Input> = statements
        .iter()
        .cycle()
        .take(files)
        .cloned()
        .map(Input::from)
        .collect();
    let sizes = inputs.iter().filter_map(|input| input.path.metadata().ok());
    group.throughput(Throughput::ElementsAndBytes {
        elements: files as u64,
        bytes: sizes.map(|metadata| metadata.len()).sum(),
    });
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    for jobs in BTreeSet::from([1, 2, all]) {
        group.bench_function(format!("{jobs}_threads"), |bencher| {
            bencher.iter(|| screen_all(&inputs, jobs));
        });
    }
    group.finish();
}

fn screen_all(inputs: &[Input], jobs: usize) {
    let (policy, stop) = (Policy::default(), AtomicBool::new(false));
    let mut done = 0;
    // No generated statement needs an isolated process.
    let refuse = || Finding::error(Code::InternalError, "the benchmark has no isolated process");
    let run = batch::run(
        inputs,
        &policy,
        jobs,
        &stop,
        &|_, _, _, _| Err(refuse()),
        |_| {
            done += 1;
            Ok(())
        },
    );
    run.expect("the callback accepts all results");
    assert_eq!(done, inputs.len());
}
