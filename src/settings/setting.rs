//! A setting as a file has it.

use std::fmt;

/// One setting, and its line in the config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) value: Value,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// The value of a setting. It is never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    /// A program and its arguments.
    Words(Vec<String>),
    Switch(bool),
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => out.write_str(text),
            Self::Words(words) => out.write_str(&words.join(" ")),
            Self::Switch(on) => write!(out, "{on}"),
        }
    }
}
