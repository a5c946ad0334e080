//! Screens one file and hashes it. Throughput in pages.

use super::inputs::{Input, PAGES, scan, statements};
use bankscreen::screen::{ContentHash, Policy, screen};
use criterion::Criterion;
use std::hint::black_box;
use std::time::Duration;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("screen");
    let policy = Policy::default();
    let mut inputs: Vec<_> = statements()
        .into_iter()
        .map(|input| (input, PAGES))
        .collect();
    inputs.push((scan(), 10));
    inputs.extend([
        (Input::case("one_page", "banks/cosmos.pdf"), 1),
        (Input::case("locked", "encrypted/user_aes_128.pdf"), 1),
        (Input::case("no_pdf", "foreign/photo.jpg.pdf"), 1),
    ]);
    for (input, pages) in inputs {
        group.throughput(input.throughput(pages));
        group.bench_function(input.name, |bencher| {
            bencher.iter(|| {
                let bytes = black_box(&input.bytes);
                let screening = screen(bytes, &policy, &|| Duration::ZERO);
                (screening, ContentHash::of(bytes))
            });
        });
    }
    group.finish();
}
