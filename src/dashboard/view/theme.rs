//! The theme: roles of text, and the color, weight and symbol of each.
//!
//! [`colors`] has the color of each role. Every color is accompanied by a symbol or a word with the
//! same meaning.

use super::colors;
use crate::dashboard::model::{Appearance, ColorRole, Colors, Level};
use crate::pdf::PageClass;
use crate::report::Symbols;
use crate::report::page_map::page_symbol;
use crate::screen::{Severity, Verdict};
use crate::statement::coverage::MonthCoverage;
use crate::uploads::plan::OutcomeKind;
use ratatui::style::{Modifier, Style};
use ratatui::symbols::border;
use ratatui::text::Span;
use std::borrow::Cow;

/// The meaning of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Normal text.
    Normal,
    /// Titles and names.
    Emphasis,
    /// Secondary information.
    Muted,
    /// A key that the user can press.
    Key,
    /// Success.
    Success,
    /// Needs attention.
    Warning,
    /// Failure.
    Error,
    /// In progress.
    InProgress,
    /// The sandbox badge.
    Badge,
    /// The active tab.
    Selected,
}

/// How text looks on this terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    appearance: Appearance,
}

impl Theme {
    pub(super) fn new(appearance: Appearance) -> Self {
        Self { appearance }
    }

    pub(super) fn symbols(self) -> Symbols {
        self.appearance.symbols
    }

    pub(super) fn colors(self) -> Colors {
        self.appearance.colors
    }

    pub(super) fn style(self, role: Role) -> Style {
        let (color, weight) = match role {
            Role::Normal => (None, Modifier::empty()),
            Role::Emphasis => (None, Modifier::BOLD),
            Role::Muted => (Some(ColorRole::Muted), Modifier::empty()),
            Role::Key => (Some(ColorRole::Key), Modifier::BOLD),
            Role::Success => (Some(ColorRole::Success), Modifier::empty()),
            Role::InProgress => (Some(ColorRole::Progress), Modifier::empty()),
            Role::Warning => (Some(ColorRole::Warning), Modifier::empty()),
            Role::Error => (Some(ColorRole::Error), Modifier::BOLD),
            Role::Badge => (
                Some(ColorRole::Badge),
                Modifier::BOLD.union(Modifier::REVERSED),
            ),
            Role::Selected => (None, Modifier::REVERSED),
        };
        let color = color.and_then(|role| colors::color(self.appearance, role));
        // Weights remain without colors (`NO_COLOR`).
        let style = Style::new().add_modifier(weight);
        match color {
            Some(color) => style.fg(color),
            None if role == Role::Muted => style.add_modifier(Modifier::DIM),
            None => style,
        }
    }

    pub(super) fn span<'t>(self, role: Role, text: impl Into<Cow<'t, str>>) -> Span<'t> {
        Span::styled(text, self.style(role))
    }

    /// Returns one of two symbols, depending on the locale.
    pub(super) fn symbol(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self.appearance.symbols {
            Symbols::Unicode => unicode,
            Symbols::Ascii => ascii,
        }
    }

    /// Returns the mark of truncated text, which takes one column.
    pub(super) fn ellipsis(self) -> &'static str {
        self.symbol("…", "~")
    }

    /// Returns the role, symbol and label of a verdict; `None` if the file is not screened yet.
    pub(super) fn verdict(self, verdict: Option<Verdict>) -> (Role, &'static str, &'static str) {
        match verdict {
            Some(Verdict::Pass) => (Role::Success, self.symbol("✔", "+"), "pass"),
            Some(Verdict::Warn) => (Role::Warning, self.symbol("▲", "!"), "warn"),
            Some(Verdict::Fail) => (Role::Error, self.symbol("✖", "x"), "fail"),
            None => (Role::Muted, self.symbol("…", "."), "wait"),
        }
    }

    /// Returns the role and symbol of a finding.
    pub(super) fn severity(self, severity: Severity) -> (Role, &'static str) {
        match severity {
            Severity::Error => (Role::Error, self.symbol("✖", "x")),
            Severity::Warning => (Role::Warning, self.symbol("▲", "!")),
            Severity::Note => (Role::Muted, self.symbol("·", "-")),
        }
    }

    /// Returns the role and symbol of a log line or a notice.
    pub(super) fn level(self, level: Level) -> (Role, &'static str) {
        match level {
            Level::Error => self.severity(Severity::Error),
            Level::Warning => self.severity(Severity::Warning),
            Level::Info => self.severity(Severity::Note),
        }
    }

    /// Returns the role and symbol of an outcome; `None` if an attempt is in progress.
    pub(super) fn outcome(self, kind: Option<OutcomeKind>) -> (Role, &'static str) {
        match kind {
            Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded) => {
                (Role::Success, self.symbol("✔", "+"))
            }
            Some(OutcomeKind::Rejected) => (Role::Error, self.symbol("✖", "x")),
            // Readable in every locale.
            Some(OutcomeKind::Unknown) => (Role::Warning, "?"),
            Some(OutcomeKind::Skipped) => (Role::Warning, self.symbol("▲", "!")),
            None => (Role::InProgress, self.symbol("↑", "^")),
        }
    }

    /// Returns the role and symbol of a page in a page map.
    pub(super) fn page(self, class: PageClass) -> (Role, &'static str) {
        let role = match class {
            PageClass::Text => Role::Success,
            PageClass::Blank | PageClass::Vector => Role::Muted,
            PageClass::Ocr | PageClass::Unmapped | PageClass::Scanned => Role::Warning,
            PageClass::Unreadable => Role::Error,
        };
        (role, page_symbol(class, self.appearance.symbols))
    }

    /// Returns the role and symbol of a month.
    pub(super) fn cover(self, cover: MonthCoverage) -> (Role, &'static str) {
        match cover {
            MonthCoverage::Full => (Role::Success, self.symbol("■", "#")),
            MonthCoverage::Partial => (Role::Warning, self.symbol("▒", "+")),
            MonthCoverage::Missing => (Role::Error, self.symbol("·", ".")),
        }
    }

    /// Returns the border of overlays.
    pub(super) fn border(self) -> border::Set<'static> {
        match self.appearance.symbols {
            Symbols::Unicode => border::PLAIN,
            Symbols::Ascii => border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            },
        }
    }
}
