//! Groups the files of a run into cases, one applicant each: by folder or by the manifest.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where folders of cases are recognized"
)]

use crate::applicant::{Applicants, Details};
use crate::batch::{Archives, Discovery, Input, Member, Origin, members};
use crate::error::AppError;
use crate::screen::Expected;
use crate::screen::cases::{Case, MAX_NAME_CHARS, has_counted_month};
use crate::statement::DateRange;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// How files are grouped into cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CasesBy {
    /// By the direct sub-folders of each folder given.
    Folders,
    /// By the column `case` of the manifest.
    Manifest,
}

/// The files of a run in the order in which they are screened and reported, and their cases.
#[derive(Debug)]
pub(crate) struct RunFiles {
    /// The files of a case together, in the order of the cases; files that are in none come last.
    pub(crate) inputs: Vec<Input>,
    /// `None` if the run is not grouped into cases.
    pub(crate) cases: Option<Vec<Case>>,
}

/// The hint for a name that can't be that of a case.
pub(super) const NAME_HINT: &str = "use a name of 1 to 500 characters without control characters";

/// Checks that the requested period of a run with cases has a month that the service counts.
///
/// # Errors
///
/// If it has none.
pub(crate) fn check_counted(range: Option<DateRange>) -> Result<(), AppError> {
    match range {
        Some(range) if !has_counted_month(range) => Err(no_counted_month("the period", range)),
        _ => Ok(()),
    }
}

fn no_counted_month(origin: &str, DateRange { from, to }: DateRange) -> AppError {
    AppError::usage(
        format!("{origin}: the service counts no month of {from} to {to}"),
        "use a later last day: a last month of which only days 1 to 7 are requested does not count",
    )
}

/// The cases of a run, while files and rows of a manifest are added to them.
#[derive(Debug, Default)]
pub(super) struct CaseList {
    cases: Vec<Case>,
    by_name: HashMap<String, usize>,
    /// Where the period of a case comes from, for messages.
    period_origins: HashMap<usize, String>,
}

impl CaseList {
    /// Returns the index of the case with this name, which is added if it is new. `origin`
    /// describes in messages where the name is.
    pub(super) fn index_of(&mut self, name: &str, origin: &str) -> Result<usize, AppError> {
        let case = Case::new(name)
            .map_err(|invalid| AppError::usage(format!("{origin}: {invalid}"), NAME_HINT))?;
        let next = self.cases.len();
        let index = *self.by_name.entry(case.name.clone()).or_insert(next);
        if index == next {
            self.cases.push(case);
        }
        Ok(index)
    }

    /// Sets the period of a case; `origin` describes where it is requested.
    pub(super) fn set_period(
        &mut self,
        case: usize,
        period: DateRange,
        origin: &str,
    ) -> Result<(), AppError> {
        if !has_counted_month(period) {
            return Err(no_counted_month(origin, period));
        }
        let Some(known) = self.cases.get_mut(case) else {
            return Ok(());
        };
        match known.requested {
            Some(other) if other != period => {
                let earlier = self.period_origins.get(&case).map_or("", String::as_str);
                let DateRange { from, to } = other;
                Err(AppError::usage(
                    format!(
                        "{origin}: {} to {} is another period of the case {} than {from} to {to} \
                         ({earlier})",
                        period.from, period.to, known.name
                    ),
                    "request one period per case",
                ))
            }
            Some(_) => Ok(()),
            None => {
                known.requested = Some(period);
                self.period_origins.insert(case, origin.to_owned());
                Ok(())
            }
        }
    }

    /// Adds names of cases that may have the same statements.
    pub(super) fn relate(&mut self, case: usize, names: &[String]) {
        let Some(case) = self.cases.get_mut(case) else {
            return;
        };
        for name in names {
            if !case.related.contains(name) {
                case.related.push(name.clone());
            }
        }
    }

    /// Sorts the files by case and sets what their cases request of them.
    pub(super) fn into_files(self, mut inputs: Vec<Input>) -> RunFiles {
        inputs.sort_by_key(|input| input.case.unwrap_or(usize::MAX));
        // Most files of a case have no expectations of their own, and share those of the case.
        let shared: Vec<Option<Arc<Expected>>> = self.cases.iter().map(expected).collect();
        for input in &mut inputs {
            let Some(case) = input.case else { continue };
            let requested = self.cases.get(case).and_then(|case| case.requested);
            match &mut input.expected {
                None => input.expected = shared.get(case).cloned().flatten(),
                Some(own) if own.requested_period != requested => {
                    Arc::make_mut(own).requested_period = requested;
                }
                Some(_) => {}
            }
        }
        for files in inputs.chunk_by_mut(|a, b| a.case == b.case) {
            if files.first().is_some_and(|file| file.case.is_some()) {
                share_applicants(files);
            }
        }
        RunFiles {
            inputs,
            cases: Some(self.cases),
        }
    }
}

/// Lets the files of a case be opened with the details of all of its people: a file's own first,
/// then those of the other rows.
fn share_applicants(files: &mut [Input]) {
    let of_file = |file: &Input| file.expected.as_ref()?.applicants.clone();
    let known: Vec<Applicants> = files.iter().filter_map(of_file).collect();
    let Some(rules) = known.first().map(|applicants| applicants.rules().clone()) else {
        return;
    };
    let mut people: Vec<Details> = Vec::new();
    for details in known.iter().flat_map(Applicants::people) {
        if !people.contains(details) {
            people.push(details.clone());
        }
    }
    let everybody = Applicants::new(people.clone(), rules.clone());
    for file in files {
        let own = of_file(file);
        let own = own.as_ref().map_or(&[][..], Applicants::people);
        let applicants = if people.starts_with(own) {
            everybody.clone()
        } else {
            let others = people.iter().filter(|details| !own.contains(details));
            Applicants::new(own.iter().chain(others).cloned().collect(), rules.clone())
        };
        let mut expected = file.expected.as_deref().cloned().unwrap_or_default();
        expected.applicants = Some(applicants);
        file.expected = Some(Arc::new(expected));
    }
}

fn expected(case: &Case) -> Option<Arc<Expected>> {
    let requested_period = case.requested?;
    Some(Arc::new(Expected {
        requested_period: Some(requested_period),
        ..Expected::default()
    }))
}

/// The folders of cases, with the files in them.
#[derive(Debug, Default)]
pub(super) struct CaseFolders<'a> {
    archives: Option<&'a Archives>,
    pub(super) cases: CaseList,
    /// The folder of each case.
    pub(super) folders: Vec<PathBuf>,
    /// The files of all cases, then those that are in none.
    pub(super) inputs: Vec<Input>,
}

impl<'a> CaseFolders<'a> {
    /// Finds the files at the given paths: each direct sub-folder of a folder is a case.
    ///
    /// `visit` receives every path that leads to a file, with the index of its input.
    ///
    /// # Errors
    ///
    /// If two folders have the same name, or a name can't be that of a case.
    pub(super) fn find(
        given: Vec<Input>,
        archives: Option<&'a Archives>,
        visit: &mut dyn FnMut(&Input, usize),
    ) -> Result<Self, AppError> {
        let mut found = Self {
            archives,
            ..Self::default()
        };
        let mut loose = Vec::new();
        let mut known = HashSet::new();
        for input in given {
            let metadata = fs::metadata(&input.path);
            let is_folder = metadata.is_ok_and(|metadata| metadata.is_dir());
            if !matches!(input.origin, Origin::File) || !is_folder {
                loose.push(input);
                continue;
            }
            for member in members(&input.path, archives.is_some()) {
                match member {
                    Member::File(file) => loose.push(file),
                    Member::Folder(folder) => {
                        let place = fs::canonicalize(&folder).unwrap_or_else(|_| folder.clone());
                        if known.insert(place) {
                            found.add_case(folder, visit)?;
                        }
                    }
                }
            }
        }
        found.add_loose(loose, visit);
        Ok(found)
    }

    /// Finds the files in folders, each of which is a case, and adds `loose` ones that are in none.
    ///
    /// # Errors
    ///
    /// As [`CaseFolders::find`].
    pub(super) fn find_in(
        folders: Vec<PathBuf>,
        loose: Vec<PathBuf>,
        archives: Option<&'a Archives>,
        visit: &mut dyn FnMut(&Input, usize),
    ) -> Result<Self, AppError> {
        let mut found = Self {
            archives,
            ..Self::default()
        };
        for folder in folders {
            found.add_case(folder, visit)?;
        }
        found.add_loose(loose.into_iter().map(Input::from).collect(), visit);
        Ok(found)
    }

    fn add_case(
        &mut self,
        folder: PathBuf,
        visit: &mut dyn FnMut(&Input, usize),
    ) -> Result<(), AppError> {
        let origin = format!("the folder {}", folder.display());
        let Some(name) = folder.file_name().and_then(OsStr::to_str) else {
            let message = format!("{origin}: the name of the case is not UTF-8");
            return Err(AppError::usage(message, NAME_HINT));
        };
        let case = self.cases.index_of(name, &origin)?;
        if let Some(other) = self.folders.get(case) {
            return Err(AppError::usage(
                format!(
                    "two folders have the same name: {} and {}",
                    other.display(),
                    folder.display()
                ),
                "rename one of them: the name of a folder is that of its case",
            ));
        }
        let offset = self.inputs.len();
        let mut files = Discovery::new(self.archives);
        let path = Input::from(folder.clone());
        files.add(path, &mut |input, index| visit(input, offset + index));
        let inputs = files.into_inputs().into_iter();
        self.inputs.extend(inputs.map(|input| input.in_case(case)));
        self.folders.push(folder);
        Ok(())
    }

    /// Adds files that are in no case, unless another path leads to a file of a case.
    fn add_loose(&mut self, loose: Vec<Input>, visit: &mut dyn FnMut(&Input, usize)) {
        let in_cases: HashSet<_> = self.inputs.iter().filter_map(Input::file_id).collect();
        let offset = self.inputs.len();
        let mut files = Discovery::new(self.archives);
        for input in loose {
            let id = Discovery::id_of(&input.path);
            if !id.is_some_and(|id| in_cases.contains(&id)) {
                files.add(input, &mut |input, index| visit(input, offset + index));
            }
        }
        self.inputs.extend(files.into_inputs());
    }
}

/// Returns the names in a field of related cases: separated by semicolons or bars.
pub(super) fn related_names(field: &str) -> Vec<String> {
    let names = field.split([';', '|']).map(str::trim);
    names
        .filter(|name| !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn related_names_are_separated_by_semicolons_or_bars() {
        assert_eq!(related_names(" A 1; B|C ;; "), ["A 1", "B", "C"]);
        assert_eq!(related_names("  "), <[&str; 0]>::default());
    }
}
