//! What was asked and answered, for people.

use crate::text::sanitize;
use jiff::Timestamp;
use std::collections::VecDeque;

/// Lines kept; older ones go.
const MOST_LINES: usize = 5000;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It went as it should.
    Info,
    /// Someone should look.
    Warning,
    /// It did not go.
    Error,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub level: Level,
    /// What, safe to show.
    pub text: String,
}

/// The latest lines.
#[derive(Debug, Default)]
pub struct Log {
    lines: VecDeque<LogLine>,
    /// Lines that were ever added.
    added: usize,
    /// Lines that are scrolled up from the latest.
    pub back: usize,
}

impl Log {
    /// Adds a line.
    pub fn add(&mut self, at: Timestamp, level: Level, text: &str) {
        if self.lines.len() == MOST_LINES {
            self.lines.pop_front();
        }
        let text = sanitize(text).into_owned();
        self.added += 1;
        self.lines.push_back(LogLine { at, level, text });
        // What is being read stays in place.
        if self.back > 0 {
            self.scroll(1);
        }
    }

    /// The lines, the latest last.
    pub fn lines(&self) -> &VecDeque<LogLine> {
        &self.lines
    }

    /// How many lines were ever added, those that have gone included.
    pub fn added(&self) -> usize {
        self.added
    }

    /// Goes so many lines back, or forth.
    pub fn scroll(&mut self, by: isize) {
        let most = self.lines.len().saturating_sub(1);
        self.back = self.back.saturating_add_signed(by).min(most);
    }
}
