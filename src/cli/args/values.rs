//! Parsers of option values.

use crate::screen::Code;
use crate::settings::{ColorChoice, similar};
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
pub(super) fn date(text: &str) -> Result<Date, String> {
    let parsed = Date::strptime("%d/%m/%Y", text).or_else(|_| text.parse());
    parsed.map_err(|_cause| "invalid date; expected DD/MM/YYYY or YYYY-MM-DD".to_owned())
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
        assert!(date("04-01-2026").is_err() && date("31/02/2026").is_err());
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("100M"), Ok(100 << 20));
        assert_eq!(size("1024"), Ok(1024));
        assert_eq!(size("2gib"), Ok(2 << 30));
        assert!(size("0").is_err() && size("5 parsecs").is_err() && size("-1").is_err());
    }
}
