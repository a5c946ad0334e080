//! What screening costs, part by part: `cargo bench`, or `cargo bench -- open` for one subject.
//!
//! One file a subject. The inputs are synthetic, made by the generator of the test files on first
//! use and kept below `target`. Each bench tells its throughput in what it is about, files or
//! pages, and in bytes.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where files are read"
)]
#![expect(
    clippy::expect_used,
    reason = "a bench without its input has nothing to measure"
)]

mod batch;
mod classify;
mod dashboard;
mod inputs;
mod issuer;
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
    screen::bench,
    batch::bench,
    dashboard::bench
);
criterion_main!(benches);
