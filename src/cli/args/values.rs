//! Parsers of option values.

use crate::screen::Code;
use crate::settings::{ColorChoice, similar};
use crate::statement::entered_date::{self, InvalidDate, Notation};
use clap::ValueEnum;
use jiff::civil::Date;
use std::time::Duration;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ColorArg {
    /// On a terminal, unless NO_COLOR is set
    #[value(help = "On a terminal, unless NO_COLOR is set")]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<ColorArg> for ColorChoice {
    fn from(arg: ColorArg) -> Self {
        match arg {
            ColorArg::Auto => Self::Auto,
            ColorArg::Always => Self::Always,
            ColorArg::Never => Self::Never,
        }
    }
}

/// Parses a size from 1 byte to 1024 GiB: a number, or one with K, M or G.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.get(digits.len()..).unwrap_or_default();
    let factor = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        _ => return Err(format!("unknown unit {unit:?}; use K, M or G")),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_cause| "expected a whole number".to_owned())?;
    number
        .checked_mul(factor)
        .filter(|bytes| (1..=1 << 40).contains(bytes))
        .ok_or_else(|| "expected 1 byte to 1024G".to_owned())
}

/// Parses a number of seconds from 0.001 to 86,400 (one day).
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_cause| "expected a number of seconds".to_owned())?;
    if !(0.001..=86_400.0).contains(&seconds) {
        return Err("expected 0.001 to 86400".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// Parses a date in one of two notations.
pub(super) fn date(text: &str) -> Result<Date, InvalidDate> {
    entered_date::parse(text, Notation::Slashes)
}

/// Parses a page count from 1.
pub(super) fn pages(text: &str) -> Result<usize, String> {
    let pages = text.parse().ok().filter(|pages| *pages > 0);
    pages.ok_or_else(|| "expected a whole number from 1".to_owned())
}

/// Parses a number of screening threads.
pub(super) fn threads(text: &str) -> Result<u16, String> {
    number_up_to(1024, text)
}

/// Parses a number of simultaneous uploads.
pub(super) fn uploads(text: &str) -> Result<u16, String> {
    number_up_to(64, text)
}

fn number_up_to(max: u16, text: &str) -> Result<u16, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| format!("expected a whole number from 1 to {max}"))
}

/// Parses a link ID, which is not trimmed.
pub(super) fn link_id(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("expected a name that is not empty, such as the application number".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// Parses a session ID, so that a malformed one is rejected before any secret is read.
pub(super) fn session_id(text: &str) -> Result<String, String> {
    if crate::bankconnect::wire::is_session_id(text) {
        Ok(text.to_owned())
    } else {
        Err("not a session ID; use the ID that session new prints".to_owned())
    }
}

/// Codes that say that a file could not be judged, which no user can ignore.
const NOT_IGNORABLE: [Code; 7] = [
    Code::MissingFileObject,
    Code::EmptyFile,
    Code::InvalidFileObject,
    Code::PasswordIncorrect,
    Code::FileTooLarge,
    Code::LimitExceeded,
    Code::InternalError,
];

/// Parses a finding code in any letter case.
pub(super) fn code(text: &str) -> Result<Code, String> {
    Code::from_name(&text.trim().to_ascii_uppercase()).ok_or_else(|| {
        let names = Code::ALL.map(Code::name);
        match similar(text, names.into_iter()) {
            Some(name) => format!("unknown code; did you mean {name}?"),
            None => "unknown code; bankscreen --explain CODE explains each".to_owned(),
        }
    })
}

/// Parses the code of a finding that can be ignored.
pub(super) fn ignorable_code(text: &str) -> Result<Code, String> {
    let code = code(text)?;
    if NOT_IGNORABLE.contains(&code) {
        return Err(format!(
            "{code} can't be ignored: such a file could not be judged"
        ));
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_two_notations() {
        let day = jiff::civil::date(2026, 4, 1);
        assert_eq!(date("01/04/2026"), Ok(day));
        assert_eq!(date("2026-04-01"), Ok(day));
        assert_eq!(date("04-01-2026"), Err(InvalidDate::Notation));
        let why = date("31/02/2026").unwrap_err().to_string();
        assert_eq!(why, "February has no day 31");
    }

    #[test]
    fn counts_are_positive_and_a_link_id_is_not_blank() {
        assert_eq!((pages("1"), pages("2000")), (Ok(1), Ok(2000)));
        assert_eq!((threads("1024"), uploads("64")), (Ok(1024), Ok(64)));
        for invalid in ["0", "-1", "", "x", "1.5"] {
            assert!(pages(invalid).is_err(), "{invalid}");
            assert!(threads(invalid).is_err() && uploads(invalid).is_err());
        }
        assert!(threads("1025").is_err() && uploads("65").is_err());
        assert_eq!(link_id(" loan 7 "), Ok(" loan 7 ".to_owned()));
        assert!(link_id("").is_err() && link_id(" \t").is_err());
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("100M"), Ok(100 << 20));
        assert_eq!(size("1024"), Ok(1024));
        assert_eq!(size("2gib"), Ok(2 << 30));
        assert!(size("0").is_err() && size("5 parsecs").is_err() && size("-1").is_err());
    }
}
