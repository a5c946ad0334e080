//! Detects bank, period, account and document kind from words. Throughput in files.

use super::inputs::{Input, statements};
use super::text;
use bankscreen::statement::{BankRegistry, DocumentContents, Facts, LearntForms};
use criterion::{Criterion, Throughput};
use std::hint::black_box;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("issuer");
    let banks = BankRegistry::default();
    let mut inputs = statements();
    inputs.truncate(1);
    inputs.extend([
        Input::case("by_name", "banks/sbi.pdf"),
        Input::case("by_host", "banks/shgbnk.pdf"),
        Input::case("not_listed", "banks/unlisted.pdf"),
        Input::case("no_statement", "not_statements/brochure.pdf"),
    ]);
    for input in inputs {
        let document = input.open();
        let last = document.page_count() - 1;
        let mut pages = vec![0, 1, last];
        pages.dedup();
        pages.retain(|page| *page <= last);
        let pages: Vec<_> = pages
            .iter()
            .map(|page| text::read(&document, *page))
            .collect();
        let metadata = document.metadata();
        let contents = DocumentContents {
            pages: &pages,
            page_count: document.page_count(),
            metadata: &metadata,
            images: &[],
            signers: &[],
            learnt: &LearntForms::default(),
        };
        group.throughput(Throughput::Elements(1));
        group.bench_function(input.name, |bencher| {
            bencher.iter(|| Facts::extract(black_box(&contents), &banks));
        });
    }
    group.finish();
}
