//! Reads and proves the transactions of one file from the words of its pages. Throughput in pages.

use super::inputs::statements;
use super::text;
use bankscreen::pdf::PageText;
use bankscreen::statement::{Ledger, LedgerReader};
use criterion::Criterion;
use std::hint::black_box;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ledger");
    for input in statements().into_iter().take(1) {
        let document = input.open();
        let pages: Vec<PageText> = (0..document.page_count())
            .map(|page| text::read(&document, page))
            .collect();
        group.throughput(input.throughput(pages.len()));
        group.bench_function(input.name, |bencher| {
            bencher.iter(|| read(black_box(&pages)));
        });
    }
    group.finish();
}

fn read(pages: &[PageText]) -> Ledger {
    let mut reader = LedgerReader::new(pages.iter().take(2));
    let mut count = 0;
    for page in pages {
        reader.add_page(count, page);
        count += 1;
    }
    let ledger = reader.finish(count, None);
    ledger.expect("a generated statement has transactions")
}
