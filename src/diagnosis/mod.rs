//! The effective settings, where each value comes from, and any problems: what `bankscreen doctor`
//! prints.
//!
//! Nothing is sent and no secret is returned: the sources of secrets are tried and named.

mod environment;
mod paths;
mod settings;

use crate::applicant::RuleTable;
use crate::error::AppError;
use crate::settings::{Profile, Settings};
use crate::statement::BankRegistry;
use serde::Serialize;

/// Everything that `doctor` reports.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Diagnosis {
    pub(crate) sections: Vec<Section>,
    pub(crate) problems: Vec<Problem>,
}

/// A group of facts.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) facts: Vec<Fact>,
}

/// One effective value. Untrusted text, to be sanitized where it is printed.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Fact {
    pub(crate) name: String,
    /// `None` if nothing is set.
    pub(crate) value: Option<String>,
    /// A variable, a line of the config file, or `default`; `None` if there is no source.
    pub(crate) source: Option<String>,
}

impl Fact {
    fn new(name: &str, value: impl Into<String>, source: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            value: Some(value.into()),
            source: source.map(str::to_owned),
        }
    }
}

/// A problem and what the user can do about it. The field names are part of the JSON output.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "what")]
    pub(crate) message: String,
    #[serde(rename = "remedy")]
    pub(crate) hint: Option<String>,
    /// Whether it prevents uploads.
    pub(crate) stops_upload: bool,
}

impl Problem {
    fn from_error(error: &AppError) -> Self {
        let hints: Vec<_> = error.hints().collect();
        Self {
            message: error.message(),
            hint: Some(hints.join("; ")).filter(|hints| !hints.is_empty()),
            stops_upload: true,
        }
    }

    fn warning(message: String, hint: String) -> Self {
        Self {
            message,
            hint: Some(hint),
            stops_upload: false,
        }
    }
}

impl Diagnosis {
    /// Returns whether a problem prevents uploads.
    pub(crate) fn stops_uploads(&self) -> bool {
        self.problems.iter().any(|problem| problem.stops_upload)
    }

    fn add_section(&mut self, name: &'static str, facts: Vec<Fact>) {
        self.sections.push(Section { name, facts });
    }

    fn add_error(&mut self, error: &AppError) {
        self.problems.push(Problem::from_error(error));
    }
}

/// Inspects settings, folders, journal, network and terminal for a profile, and returns the profile
/// with what was found.
///
/// `check` passes the settings that are flags too to the command-line parser.
pub(crate) fn diagnose(
    profile: Option<&str>,
    check: &dyn Fn(&Profile) -> Result<(), AppError>,
) -> (Profile, Diagnosis) {
    let mut diagnosis = Diagnosis::default();
    // An unusable config file explains other problems, so it comes first.
    let mut profile = crate::settings::load(profile).unwrap_or_else(|error| {
        diagnosis.add_error(&error);
        Profile::default()
    });
    profile.project = crate::settings::find_project(&[]).unwrap_or_else(|error| {
        diagnosis.add_error(&error);
        None
    });
    let banks = match crate::settings::bank_registry() {
        Ok((banks, unusable_list)) => {
            let unusable = unusable_list.as_ref().map(|error| Problem {
                stops_upload: false,
                ..Problem::from_error(error)
            });
            diagnosis.problems.extend(unusable);
            banks
        }
        Err(error) => {
            diagnosis.add_error(&error);
            BankRegistry::default()
        }
    };
    let rules = crate::settings::rule_table(&banks).unwrap_or_else(|error| {
        diagnosis.add_error(&error);
        RuleTable::default()
    });
    let effective = Settings {
        profile,
        banks,
        rules,
    };
    settings::diagnose(&effective, check, &mut diagnosis);
    paths::diagnose(&effective.profile, &mut diagnosis);
    environment::diagnose(&effective, &mut diagnosis);
    (effective.profile, diagnosis)
}
