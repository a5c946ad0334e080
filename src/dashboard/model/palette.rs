//! The colors that the user chose for the dashboard.

use ratatui::style::Color;

/// The background of the terminal, and colors that replace those of the theme for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Palette {
    /// The background that the colors must be readable on.
    pub background: Background,
    /// The color of each role, in the order of [`ColorRole::ALL`]: one of the 16 colors of the
    /// terminal, or a 24-bit one.
    pub colors: [Option<Color>; ColorRole::ALL.len()],
}

/// The background of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// Unknown: the 16 colors of the terminal's own theme are used.
    #[default]
    Terminal,
    /// A light one, such as white.
    Light,
    /// A dark one, such as black.
    Dark,
}

impl Background {
    /// Returns the background with a name in the config file.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "terminal" => Self::Terminal,
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => return None,
        })
    }
}

/// A role of text that has a color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorRole {
    /// A key that the user can press.
    Key,
    /// Success.
    Success,
    /// Needs attention.
    Warning,
    /// Failure.
    Error,
    /// In progress.
    Progress,
    /// The sandbox badge.
    Badge,
    /// Secondary information.
    Muted,
}

impl ColorRole {
    /// All roles.
    pub const ALL: [Self; 7] = [
        Self::Key,
        Self::Success,
        Self::Warning,
        Self::Error,
        Self::Progress,
        Self::Badge,
        Self::Muted,
    ];

    /// Returns the name in the config file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Progress => "progress",
            Self::Badge => "badge",
            Self::Muted => "muted",
        }
    }
}

impl Palette {
    /// No choice by the user.
    pub const TERMINAL: Self = Self {
        background: Background::Terminal,
        colors: [None; ColorRole::ALL.len()],
    };

    /// Returns the color that the user chose for a role.
    pub fn color(&self, role: ColorRole) -> Option<Color> {
        self.colors.get(role as usize).copied().flatten()
    }

    /// Chooses the color of a role.
    pub fn set_color(&mut self, role: ColorRole, color: Color) {
        if let Some(slot) = self.colors.get_mut(role as usize) {
            *slot = Some(color);
        }
    }
}
