//! Extracts the words of the first page. Throughput in pages.

use super::inputs::{Input, statements};
use bankscreen::pdf::{Budget, Document, Limits, PageClass, PageText};
use criterion::{Criterion, Throughput};
use std::hint::black_box;
use std::time::Duration;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("text");
    let mut inputs = statements();
    inputs.extend([
        Input::case("ocr", "pages/ocr.pdf"),
        Input::case("type3", "pages/type3_mapped.pdf"),
    ]);
    for input in inputs {
        let document = input.open();
        group.throughput(Throughput::Elements(1));
        group.bench_function(input.name, |bencher| {
            bencher.iter(|| read(black_box(&document), 0));
        });
    }
    group.finish();
}

/// Extracts the words of one page.
pub(crate) fn read(document: &Document, page: usize) -> PageText {
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, &|| Duration::ZERO);
    let text = document.reader().text(page, PageClass::Text, &mut budget);
    text.expect("the file is within all limits")
}
