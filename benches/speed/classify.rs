//! Classifies the pages of one file. Throughput in pages.

use super::inputs::{Input, scan, statements};
use bankscreen::pdf::{Budget, Document, Limits};
use criterion::Criterion;
use std::hint::black_box;
use std::time::Duration;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("classify");
    let mut inputs = statements();
    inputs.push(scan());
    inputs.extend([
        Input::case("blank", "pages/blank.pdf"),
        Input::case("mixed", "pages/mixed.pdf"),
        Input::case("nested_forms", "pages/nested_forms.pdf"),
        Input::case("ocr", "pages/ocr.pdf"),
        Input::case("outlines", "pages/outlines.pdf"),
        Input::case("unmapped", "pages/cid_unmapped.pdf"),
    ]);
    for input in inputs {
        let document = input.open();
        group.throughput(input.throughput(document.page_count()));
        group.bench_function(input.name, |bencher| {
            bencher.iter(|| classify_all(black_box(&document)));
        });
    }
    group.finish();
}

fn classify_all(document: &Document) {
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, &|| Duration::ZERO);
    let mut reader = document.reader();
    for index in 0..document.page_count() {
        let class = reader.classify(index, &mut budget);
        black_box(class.expect("the file is within all limits"));
    }
}
