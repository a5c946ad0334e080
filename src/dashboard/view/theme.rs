//! Roles of text, and the colour, weight and sign of each.
//!
//! Colours are the sixteen that every theme defines, by name, and never black, white or a grey:
//! what is readable on dark and on light is for the terminal's theme to say. No colour tells
//! anything that a sign or a word does not tell too. Cyan stands for good, since red and green are
//! alike to many, and the blue of many terminals can hardly be read on black.

use crate::dashboard::model::{Colors, Level, Look};
use crate::pdf::PageClass;
use crate::report::Symbols;
use crate::report::page_map::page_symbol;
use crate::screen::{Severity, Verdict};
use crate::statement::coverage::MonthCoverage;
use crate::uploads::plan::OutcomeKind;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;
use ratatui::text::Span;
use std::borrow::Cow;

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Text as it is.
    Plain,
    /// What is looked for first.
    Strong,
    /// What may be read past.
    Faint,
    /// A key that can be pressed.
    Key,
    /// It went as it should.
    Good,
    /// Someone should look.
    Doubtful,
    /// It did not go.
    Bad,
    /// It is on its way.
    Moving,
    /// Must not be overlooked.
    Badge,
    /// Under the cursor.
    Selected,
}

/// How text looks on this terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    look: Look,
}

impl Theme {
    pub(super) fn new(look: Look) -> Self {
        Self { look }
    }

    pub(super) fn symbols(self) -> Symbols {
        self.look.symbols
    }

    pub(super) fn colors(self) -> Colors {
        self.look.colors
    }

    pub(super) fn style(self, role: Role) -> Style {
        let (color, weight) = match role {
            Role::Plain => (None, Modifier::empty()),
            Role::Strong => (None, Modifier::BOLD),
            Role::Faint => (None, Modifier::DIM),
            Role::Key => (Some(Color::Cyan), Modifier::BOLD),
            Role::Good | Role::Moving => (Some(Color::Cyan), Modifier::empty()),
            Role::Doubtful => (Some(Color::Yellow), Modifier::empty()),
            Role::Bad => (Some(Color::Red), Modifier::BOLD),
            Role::Badge => (
                Some(Color::Magenta),
                Modifier::BOLD.union(Modifier::REVERSED),
            ),
            Role::Selected => (None, Modifier::REVERSED),
        };
        let style = Style::new().add_modifier(weight);
        match color.filter(|_| self.look.colors != Colors::None) {
            Some(color) => style.fg(color),
            None => style,
        }
    }

    pub(super) fn span<'t>(self, role: Role, text: impl Into<Cow<'t, str>>) -> Span<'t> {
        Span::styled(text, self.style(role))
    }

    /// One of two signs, by what the locale can show.
    pub(super) fn either(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self.look.symbols {
            Symbols::Unicode => unicode,
            Symbols::Ascii => ascii,
        }
    }

    /// Stands for what was cut off: one column.
    pub(super) fn cut(self) -> &'static str {
        self.either("…", "~")
    }

    /// The role, sign and word of a verdict; without one, the file waits to be screened.
    pub(super) fn verdict(self, verdict: Option<Verdict>) -> (Role, &'static str, &'static str) {
        match verdict {
            Some(Verdict::Pass) => (Role::Good, self.either("✔", "+"), "pass"),
            Some(Verdict::Warn) => (Role::Doubtful, self.either("▲", "!"), "warn"),
            Some(Verdict::Fail) => (Role::Bad, self.either("✖", "x"), "fail"),
            None => (Role::Faint, self.either("…", "."), "wait"),
        }
    }

    /// The role and sign of a finding.
    pub(super) fn severity(self, severity: Severity) -> (Role, &'static str) {
        match severity {
            Severity::Error => (Role::Bad, self.either("✖", "x")),
            Severity::Warning => (Role::Doubtful, self.either("▲", "!")),
            Severity::Note => (Role::Faint, self.either("·", "-")),
        }
    }

    /// The role and sign of a line of the log, or of a notice.
    pub(super) fn level(self, level: Level) -> (Role, &'static str) {
        match level {
            Level::Error => self.severity(Severity::Error),
            Level::Warning => self.severity(Severity::Warning),
            Level::Info => self.severity(Severity::Note),
        }
    }

    /// The role and sign of an outcome; without one, it is being sent.
    pub(super) fn outcome(self, kind: Option<OutcomeKind>) -> (Role, &'static str) {
        match kind {
            Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded) => {
                (Role::Good, self.either("✔", "+"))
            }
            Some(OutcomeKind::Rejected) => (Role::Bad, self.either("✖", "x")),
            Some(OutcomeKind::Unknown) => (Role::Doubtful, "?"),
            Some(OutcomeKind::Skipped) => (Role::Doubtful, self.either("▲", "!")),
            None => (Role::Moving, self.either("↑", "^")),
        }
    }

    /// The role and sign of a page in a strip.
    pub(super) fn page(self, class: PageClass) -> (Role, &'static str) {
        let role = match class {
            PageClass::Text => Role::Good,
            PageClass::Blank | PageClass::Vector => Role::Faint,
            PageClass::Ocr | PageClass::Unmapped | PageClass::Scanned => Role::Doubtful,
            PageClass::Unreadable => Role::Bad,
        };
        (role, page_symbol(class, self.look.symbols))
    }

    /// The role and sign of a month.
    pub(super) fn cover(self, cover: MonthCoverage) -> (Role, &'static str) {
        match cover {
            MonthCoverage::Full => (Role::Good, self.either("■", "#")),
            MonthCoverage::Partial => (Role::Doubtful, self.either("▒", "+")),
            MonthCoverage::Missing => (Role::Bad, self.either("·", ".")),
        }
    }

    /// The frame of what lies over the views.
    pub(super) fn border(self) -> border::Set<'static> {
        match self.look.symbols {
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
