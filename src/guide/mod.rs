//! The documents besides the README: every command in them is run by the tests.

#![allow(clippy::doc_markdown, reason = "the documents name products, too")]
#![allow(
    rustdoc::invalid_codeblock_attributes,
    reason = "what the tests expect of a block stands behind its language"
)]

#[doc = include_str!("cookbook.md")]
pub mod cookbook {}

#[doc = include_str!("pipelines.md")]
pub mod pipelines {}

#[doc = include_str!("settings.md")]
pub mod settings {}
