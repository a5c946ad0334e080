//! Measures the steps of screening: `cargo bench`, or `cargo bench -- open` for one step.
//!
//! Each file measures one step. The inputs are synthetic. The generator of the test files creates
//! them on first use, in `target`. Each benchmark reports its throughput in files, pages or rows,
//! and most also in bytes.

#![expect(clippy::disallowed_methods, reason = "benchmarks read files")]
#![expect(
    clippy::expect_used,
    reason = "a benchmark can't run without its input"
)]

mod batch;
mod classify;
mod dashboard;
mod inputs;
mod issuer;
mod ledger;
mod open;
mod screen;
mod text;

#[expect(dead_code, reason = "the tests use more of the generator")]
#[path = "../../examples/testdata/generator/mod.rs"]
mod generator;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    benches,
    open::bench,
    classify::bench,
    text::bench,
    issuer::bench,
    ledger::bench,
    screen::bench,
    batch::bench,
    dashboard::bench
);
criterion_main!(benches);
