//! The activity log.

use crate::text::sanitize;
use jiff::Timestamp;
use std::collections::VecDeque;

/// Maximum number of lines. The oldest line is dropped first.
const MAX_LINES: usize = 5000;

/// Severity of a log line or a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Success or neutral information.
    Info,
    /// Something needs attention.
    Warning,
    /// Something failed.
    Error,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Time of the event.
    pub at: Timestamp,
    /// Severity.
    pub level: Level,
    /// Sanitized text.
    pub text: String,
}

/// The latest lines of the activity log.
#[derive(Debug, Default)]
pub struct ActivityLog {
    lines: VecDeque<LogLine>,
    total_added: usize,
    /// Number of lines scrolled back from the latest.
    pub scrolled_back: usize,
}

impl ActivityLog {
    /// Appends a line.
    pub fn add(&mut self, at: Timestamp, level: Level, text: &str) {
        // A run over days must not grow without limit.
        if self.lines.len() == MAX_LINES {
            self.lines.pop_front();
        }
        let text = sanitize(text).into_owned();
        self.total_added += 1;
        self.lines.push_back(LogLine { at, level, text });
        // Keep the visible lines in place while the user reads older ones.
        if self.scrolled_back > 0 {
            self.scroll(1);
        }
    }

    /// Returns the lines, the latest last.
    pub fn lines(&self) -> &VecDeque<LogLine> {
        &self.lines
    }

    /// Returns the number of lines ever added, including dropped ones.
    pub fn added(&self) -> usize {
        self.total_added
    }

    /// Scrolls back by a number of lines; forward if negative.
    pub fn scroll(&mut self, by: isize) {
        let max = self.lines.len().saturating_sub(1);
        self.scrolled_back = self.scrolled_back.saturating_add_signed(by).min(max);
    }
}
