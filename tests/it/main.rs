//! Integration tests: the program as users and scripts meet it, and the library on whole files.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read files, start programs and measure time"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod bankconnect;
mod check;
mod corpus;
mod counting_server;
mod dashboard;
mod expectations;
mod formats;
mod harness;
mod history;
mod inputs;
mod jail;
mod journal;
mod overlays;
mod properties;
mod raw_server;
mod readers;
mod sandbox;
mod session;
mod tidy;
mod upload;
mod view;
mod view_rules;

#[expect(dead_code, reason = "the tests use a part of the generator only")]
#[path = "../../examples/testdata/generator/mod.rs"]
mod generator;
