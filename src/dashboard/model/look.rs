//! Signs and colours: decided once, where the terminal is known.

use crate::report::Symbols;

/// How the dashboard looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Which signs the locale can show.
    pub symbols: Symbols,
    /// Which colours the terminal can show and the person wants.
    pub colors: Colors,
    /// Whether a dropped connection would end the program: it runs over SSH, in no multiplexer.
    pub fragile: bool,
}

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// None: bold, faint and reversed text only.
    None,
    /// The sixteen that every theme has.
    Sixteen,
    /// Those, and 256 for pictures.
    Indexed,
    /// Those, and any for pictures.
    True,
}
