//! Reads `--applicant`: the details of one applicant, as TOML.

use super::user_file::SecretFile;
use crate::applicant::{Applicants, Details, Field};
use crate::error::AppError;
use crate::settings::Settings;
use crate::settings::secrets::forbid_core_dumps;
use crate::text::line_number;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use toml::{Spanned, Value};
use zeroize::Zeroizing;

/// Maximum size of the file.
const MAX_BYTES: u64 = 64 << 10;

/// Reads the details of one applicant.
///
/// # Errors
///
/// If other users can access the file, it can't be read, or a key or value is invalid. Messages
/// contain no value.
pub(super) fn read(path: &Path, settings: &Settings) -> Result<Applicants, AppError> {
    forbid_core_dumps()?;
    let hint = "set --applicant to a TOML file, such as: name = \"…\"";
    let file = SecretFile::read(path, MAX_BYTES).map_err(|error| {
        let message = format!("could not read the applicant file {}", path.display());
        AppError::environment(message, error, hint)
    })?;
    file.reject_if_shared("the applicant file", path)?;
    let text = std::str::from_utf8(&file.bytes).map_err(|error| {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        let message = format!("could not read the applicant file {}", path.display());
        AppError::environment(message, error, "save it as UTF-8 text")
    })?;
    let details = parse(text).map_err(|invalid| {
        let place = format!(
            "the applicant file {}, line {}",
            path.display(),
            invalid.line
        );
        AppError::usage(format!("{place}: {}", invalid.what), invalid.hint)
    })?;
    Ok(Applicants::new(vec![details], settings.rules.clone()))
}

/// What is wrong in the file, and where.
#[derive(Debug)]
struct Invalid {
    /// Counted from 1.
    line: usize,
    what: String,
    hint: String,
}

fn parse(text: &str) -> Result<Details, Invalid> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let line = |offset: usize| line_number(text, offset);
    let known = || Field::ALL.map(Field::column).join(", ");
    // The message of the parser may quote a value, so it is left out.
    let table: BTreeMap<String, Spanned<Value>> =
        toml::from_str(text).map_err(|error| Invalid {
            line: line(error.span().map_or(0, |span| span.start)),
            what: "not a key with a value in TOML, or a key that is set twice".to_owned(),
            hint: "write one key = \"value\" per line".to_owned(),
        })?;
    let mut details = Details::default();
    for (key, value) in table {
        let line = line(value.span().start);
        let reject = |what: String, hint: String| Invalid { line, what, hint };
        let Some(field) = Field::parse(&key) else {
            return Err(reject(
                format!("unknown key {key:?}"),
                format!("use {}", known()),
            ));
        };
        let value = match value.into_inner() {
            Value::String(text) => Zeroizing::new(text),
            Value::Integer(number) => Zeroizing::new(number.to_string()),
            Value::Datetime(date) => Zeroizing::new(date.to_string()),
            _ => {
                let what = format!("{key} is neither a text, a number nor a date");
                return Err(reject(what, format!("write {key} = \"value\"")));
            }
        };
        let set = details.set(field, &value);
        set.map_err(|invalid| reject(format!("{key}: {invalid}"), invalid.hint().to_owned()))?;
    }
    Ok(details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_numbers_and_dates_are_details() {
        let details = parse(
            "\u{FEFF}# Applicant\nname = \"Asha Rao\"\ndob = 1988-03-05\nmobile = 9876543210\n\
             incorporation = \"30/12/2011\"\n",
        );
        let details = details.unwrap();
        assert_eq!(details.get(Field::Name), Some("Asha Rao"));
        assert_eq!(details.get(Field::Dob), Some("05031988"));
        assert_eq!(details.get(Field::Mobile), Some("9876543210"));
        assert_eq!(details.get(Field::Incorporation), Some("30122011"));
        assert_eq!(details.get(Field::Pan), None);
    }

    #[test]
    fn what_is_invalid_is_reported_with_its_line_and_without_its_value() {
        for (text, line, what) in [
            (
                "name = \"A\"\nbirth = \"canary\"",
                2,
                "unknown key \"birth\"",
            ),
            ("\ndob = \"canary\"", 2, "dob: invalid date"),
            ("mobile = \"9.8E+09\"", 1, "scientific"),
            ("name = \"A\"\n\nname = \"canary\"", 3, "set twice"),
            ("name = canary", 1, "not a key with a value"),
            ("pan = true", 1, "neither a text"),
            ("account_number = 5.01e13", 1, "neither a text"),
        ] {
            let invalid = parse(text).unwrap_err();
            assert_eq!(invalid.line, line, "{text}: {invalid:?}");
            assert!(invalid.what.contains(what), "{text}: {invalid:?}");
            assert!(!format!("{invalid:?}").contains("canary"), "{invalid:?}");
        }
    }
}
