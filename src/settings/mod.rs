//! Settings: flags override environment variables, which override the config file, which overrides
//! the defaults.
//!
//! [`Settings`] is resolved once per run and passed to whatever needs it; nothing here is global.
//! Settings that are flags too become arguments ([`argv`]), so that only the command-line parser
//! interprets them. [`environment`] is the only module that reads environment variables, and
//! [`secrets`] the only one that reads keys.

pub(crate) mod argv;
pub(crate) mod bank_list_cache;
mod config_folder;
mod custom_banks;
mod dashboard;
pub(crate) mod effective;
pub(crate) mod environment;
mod file;
mod keys;
mod logos;
mod note_texts;
mod owned_file;
mod password_rules;
mod profile;
pub(crate) mod proxy;
mod screening;
pub(crate) mod secrets;
mod setting;
mod source;
mod trust_anchors;

pub(crate) use custom_banks::bank_registry;
pub(crate) use keys::{KEYS, Key, ValueKind, similar};
pub(crate) use logos::{LOGOS, known_logos};
pub(crate) use note_texts::note_languages;
pub(crate) use password_rules::{PASSWORD_RULES, rule_table};
pub(crate) use profile::{Profile, load};
pub(crate) use screening::{find_project, names as screening_keys};
pub(crate) use setting::{Setting, Value};
pub(crate) use trust_anchors::{TRUST_ANCHORS, trust_anchors};

use crate::applicant::RuleTable;
use crate::dashboard::model::Colors;
use crate::report::Symbols;
use crate::statement::BankRegistry;

/// Whether output is coloured, from `--color` or the config file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    Always,
    Never,
}

/// The effective settings of a run that are not flags.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) profile: Profile,
    /// The built-in banks and the custom ones.
    pub(crate) banks: BankRegistry,
    /// The rules by which passwords are derived: the built-in ones and the user's own.
    pub(crate) rules: RuleTable,
}

impl Settings {
    /// Returns the symbols that the locale can show, unless the config file chooses them.
    pub(crate) fn symbols(&self) -> Symbols {
        match self.profile.text("symbols") {
            Some("unicode") => Symbols::Unicode,
            Some("ascii") => Symbols::Ascii,
            _ => environment::locale_symbols(),
        }
    }

    /// Returns whether the dashboard captures the mouse. If not, the terminal selects text with it.
    pub(crate) fn mouse(&self) -> bool {
        self.profile.switch("mouse").unwrap_or(false)
    }

    /// Returns whether files with warnings are uploaded.
    pub(crate) fn include_warnings(&self) -> bool {
        self.profile.switch("include_warnings").unwrap_or(true)
    }

    /// Returns the colours that the terminal announces, if colours are enabled.
    pub(crate) fn terminal_colors(choice: ColorChoice) -> Colors {
        if environment::color(choice, None) {
            environment::color_depth()
        } else {
            Colors::None
        }
    }
}
