//! Cases in a manifest: its column `case`, or rows that describe folders of cases.

use super::assign::{Assigned, Folders, FoundFiles, first, indices};
use super::columns::Column;
use super::row::Row;
use super::{Manifest, Place};
use crate::batch::{Archives, Discovery, Input, absolute, member_of};
use crate::error::AppError;
use crate::screening_run::cases::{CaseFolders, CaseList, RunFiles};
use std::collections::{BTreeSet, HashMap};

impl Manifest {
    fn place(&self, row: &Row, column: Column) -> Place<'_> {
        Place {
            manifest: &self.path,
            line: row.line,
            column: Some(column.name()),
        }
    }

    /// Checks a second row about the same file or folder, which has other values.
    ///
    /// A file can be in several cases: under the same path only if the cases are related.
    pub(super) fn check_repeated(&self, known: &Row, row: &Row) -> Result<(), AppError> {
        let place = self.place(row, Column::Path);
        let line = known.line;
        let cases = known.values.case.as_ref().zip(row.values.case.as_ref());
        let Some((first, second)) = cases.filter(|(first, second)| first != second) else {
            let what = format!("line {line} names the same path with other values");
            return Err(place.reject(&what, "keep one of the two rows, or make them equal"));
        };
        let is_same_path = absolute(&known.path) == absolute(&row.path);
        if !is_same_path || self.are_related(first, second) {
            return Ok(());
        }
        let what = format!("line {line} names the same path in the case {first}");
        Err(place.reject(
            &what,
            "keep the file in one case, or name the other case in the column related",
        ))
    }

    /// Returns whether a row declares that two cases are related.
    fn are_related(&self, first: &str, second: &str) -> bool {
        let declares = |row: &Row, case: &str, other: &str| {
            let related = row.values.related.as_ref();
            row.values.case.as_deref() == Some(case)
                && related.is_some_and(|names| names.iter().any(|name| name == other))
        };
        let mut rows = self.rows.iter();
        rows.any(|row| declares(row, first, second) || declares(row, second, first))
    }

    /// Finds the files as [`Manifest::discover`], grouped by the column `case`.
    ///
    /// # Errors
    ///
    /// If there is no such column, two rows contradict each other, or a case has two periods.
    pub(in crate::screening_run) fn discover_cases(
        &self,
        given: Vec<Input>,
        archives: Option<&Archives>,
    ) -> Result<RunFiles, AppError> {
        if !self.has_case_column {
            return Err(AppError::usage(
                format!("the manifest {} has no column case", self.path.display()),
                "add the column, or use --cases folders",
            ));
        }
        let mut cases = CaseList::default();
        let counted = self.rows.iter().filter(|row| row.values.skip != Some(true));
        for row in counted {
            if let Some(name) = &row.values.case {
                let origin = self.place(row, Column::Case).to_string();
                let case = cases.index_of(name, &origin)?;
                self.describe(&mut cases, case, std::iter::once(row))?;
            }
        }
        let found = self.find(given, archives)?;
        let mut inputs = Vec::new();
        for (index, input) in found.inputs.iter().enumerate() {
            for (case, rows) in self.rows_by_case(index, &found) {
                let Some((assigned, rows)) = self.assigned(&rows) else {
                    continue;
                };
                let mut input = assigned_to(input.clone(), assigned);
                if let Some(name) = case {
                    let origin = self.path.display().to_string();
                    let case = cases.index_of(name, &origin)?;
                    self.describe(&mut cases, case, rows.iter().copied())?;
                    // A second row can name the file by another path.
                    let is_file = input.file_id().is_some() && input.archive_path().is_none();
                    let own = rows
                        .iter()
                        .find(|row| Discovery::id_of(&row.path) == input.file_id());
                    if let Some(own) = own.filter(|_| is_file) {
                        input.path.clone_from(&own.path);
                    }
                    input = input.in_case(case);
                }
                inputs.push(input);
            }
        }
        Ok(cases.into_files(inputs))
    }

    /// Returns the cases of a file, each with the rows about it; one without a case if it is in
    /// none. The file's own rows decide, else those of the nearest folder with a case.
    fn rows_by_case(&self, index: usize, found: &FoundFiles) -> Vec<(Option<&str>, Vec<usize>)> {
        let case_of = |row: usize| self.rows.get(row)?.values.case.as_deref();
        let own = found.own_rows.get(&index).map_or(&[][..], Vec::as_slice);
        let folder_rows = found.folders.rows_of(index);
        // Levels above the file, of which the first with a case decides.
        let mut levels = vec![own.to_vec()];
        let mut previous = None;
        for (level, row) in folder_rows.iter() {
            if previous == Some(*level)
                && let Some(last) = levels.last_mut()
            {
                last.push(*row);
            } else {
                levels.push(vec![*row]);
            }
            previous = Some(*level);
        }
        let mut deciding = levels.iter();
        let deciding = deciding.find(|rows| rows.iter().any(|row| case_of(*row).is_some()));
        let Some(deciding) = deciding else {
            return vec![(None, levels.concat())];
        };
        let names: BTreeSet<&str> = deciding.iter().filter_map(|row| case_of(*row)).collect();
        let cases = names.into_iter().map(|name| {
            let is_of_another = |row: &usize| {
                deciding.contains(row) && case_of(*row).is_some_and(|other| other != name)
            };
            let rows = levels.concat().into_iter();
            let rows = rows.filter(|row| !is_of_another(row)).collect();
            (Some(name), rows)
        });
        cases.collect()
    }

    /// Merges the rows about a file; `None` if it is to be skipped.
    fn assigned(&self, rows: &[usize]) -> Option<(Assigned, Vec<&Row>)> {
        let assigned = self.merge(rows.iter().copied());
        let rows = rows.iter().filter_map(|index| self.rows.get(*index));
        (!matches!(assigned, Assigned::Skipped)).then(|| (assigned, rows.collect()))
    }

    /// Adds to a case what is in the rows about one of its files.
    fn describe<'r>(
        &self,
        cases: &mut CaseList,
        case: usize,
        rows: impl Iterator<Item = &'r Row> + Clone,
    ) -> Result<(), AppError> {
        if let Some((row, period)) = first(rows.clone(), |values| values.period.as_ref()) {
            let origin = self.place(row, Column::From).to_string();
            cases.set_period(case, *period, &origin)?;
        }
        for names in rows.filter_map(|row| row.values.related.as_ref()) {
            cases.relate(case, names);
        }
        Ok(())
    }

    /// Checks that there is no column `case`, because folders name the cases.
    ///
    /// # Errors
    ///
    /// If there is one.
    pub(in crate::screening_run) fn check_without_cases(&self) -> Result<(), AppError> {
        if self.has_case_column {
            return Err(AppError::usage(
                format!("the manifest {} has a column case", self.path.display()),
                "remove the column, or use --cases manifest",
            ));
        }
        Ok(())
    }

    /// Groups the files that `find` returns by folder. Rows only describe these files.
    ///
    /// # Errors
    ///
    /// If two folders have the same name, two rows contradict each other, or a case has two
    /// periods.
    pub(in crate::screening_run) fn describe_folders<'a>(
        &self,
        archives: Option<&'a Archives>,
        find: impl FnOnce(&mut dyn FnMut(&Input, usize)) -> Result<CaseFolders<'a>, AppError>,
    ) -> Result<RunFiles, AppError> {
        let mut folders = Folders::new(self, archives)?;
        let visit = &mut |input: &Input, index| folders.visit(input, index);
        let CaseFolders {
            mut cases,
            folders: case_folders,
            inputs,
            ..
        } = find(visit)?;
        let own_rows = self.rows_of_files(&inputs, &folders)?;
        // A folder without a file can have a row, too.
        for (case, folder) in case_folders.iter().enumerate() {
            let rows = folders.find(folder);
            let rows = indices(&rows).filter_map(|index| self.rows.get(index));
            self.describe(&mut cases, case, rows)?;
        }
        let mut assigned_inputs = Vec::new();
        for (index, input) in inputs.into_iter().enumerate() {
            let own = own_rows.get(&index).map_or(&[][..], Vec::as_slice);
            let folder_rows = folders.rows_of(index);
            let rows: Vec<usize> = own.iter().copied().chain(indices(&folder_rows)).collect();
            let Some((assigned, rows)) = self.assigned(&rows) else {
                continue;
            };
            if let Some(case) = input.case {
                self.describe(&mut cases, case, rows.into_iter())?;
            }
            assigned_inputs.push(assigned_to(input, assigned));
        }
        Ok(cases.into_files(assigned_inputs))
    }

    /// Returns the rows that name a file itself, by the index of its input.
    fn rows_of_files(
        &self,
        inputs: &[Input],
        folders: &Folders,
    ) -> Result<HashMap<usize, Vec<usize>>, AppError> {
        let mut by_id: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, input) in inputs.iter().enumerate() {
            if let Some(id) = input.file_id() {
                // Members have the identity of their archive.
                let name = input.member_name().map(<[u8]>::to_vec);
                by_id.entry((id, name)).or_default().push(index);
            }
        }
        let mut own_rows = HashMap::new();
        let rows = self.rows.iter().enumerate();
        for (row_index, row) in rows.filter(|(index, _)| !folders.is_folder(*index)) {
            let file = Discovery::id_of(&row.path).map(|id| (id, None));
            let member = || member_of(&row.path).map(|(id, name)| (id, Some(name)));
            let key = file.or_else(member);
            let named = key.and_then(|key| by_id.get(&key)).into_iter().flatten();
            for index in named {
                self.assign(&mut own_rows, *index, row_index)?;
            }
        }
        Ok(own_rows)
    }
}

fn assigned_to(input: Input, assigned: Assigned) -> Input {
    match assigned {
        Assigned::Screened(Some(expected)) => input.expecting(expected),
        Assigned::Screened(None) | Assigned::Skipped => input,
    }
}
