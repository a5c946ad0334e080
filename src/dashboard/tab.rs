//! The tabs of the dashboard.

/// A tab of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// The table of cases.
    Cases,
    /// The table of files.
    Files,
    /// The months that each account covers.
    Coverage,
    /// The activity log.
    Log,
    /// The history of uploads.
    History,
}

impl Tab {
    /// All tabs, in the order of their keys.
    pub const ALL: [Self; 5] = [
        Self::Cases,
        Self::Files,
        Self::Coverage,
        Self::Log,
        Self::History,
    ];

    /// Returns the title.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cases => "Cases",
            Self::Files => "Files",
            Self::Coverage => "Coverage",
            Self::Log => "Log",
            Self::History => "History",
        }
    }
}
