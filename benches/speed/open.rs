//! Opens files: guard, structure, encryption, damage. Throughput in files.

use super::inputs::{Input, scan, statements};
use bankscreen::pdf::{Budget, Document, Limits};
use criterion::{Criterion, Throughput};
use std::hint::black_box;
use std::time::Duration;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open");
    let mut inputs = statements();
    inputs.push(scan());
    inputs.extend([
        Input::case("cut_tail", "structure/tail_cut.pdf"),
        Input::case(
            "cut_object_streams",
            "structure/tail_cut_object_streams.pdf",
        ),
        Input::case("lost_cross_reference", "structure/startxref_nowhere.pdf"),
        Input::case("open_aes_256", "encrypted/owner_aes_256_r6.pdf"),
        Input::locked(
            "locked_rc4_128",
            "encrypted/user_rc4_128.pdf",
            "20518@120491",
        ),
    ]);
    for input in inputs {
        group.throughput(input.throughput(1));
        group.bench_function(input.name, |bencher| {
            bencher.iter(|| black_box(input.open()).page_count());
        });
    }
    // Only the encryption dictionary is read, so a throughput in bytes would be meaningless.
    let locked = Input::case("locked_aes_256", "encrypted/user_aes_256_r6.pdf");
    group.throughput(Throughput::Elements(1));
    group.bench_function(locked.name, |bencher| bencher.iter(|| is_locked(&locked)));
    group.finish();
}

/// Opens a file that no password matches.
fn is_locked(input: &Input) -> bool {
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, &|| Duration::ZERO);
    Document::open(black_box(&input.bytes), &[], &mut budget).is_err()
}
