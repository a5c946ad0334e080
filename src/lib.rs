//! bankscreen
pub mod batch;
pub mod cli;
pub mod pdf;
pub mod report;
pub mod screen;
pub mod statement;
