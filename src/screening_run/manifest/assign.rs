//! Finds the files that a manifest names, and assigns its rows to them.
//!
//! A row of a folder holds for all files in it. Field by field, a file's own row has priority, then
//! the rows of the folders around it, the nearest first.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where folders of the manifest are recognized"
)]

use super::Manifest;
use super::row::{Row, Values};
use crate::applicant::{Applicants, Details};
use crate::batch::{Archives, Discovery, Input, Origin};
use crate::error::AppError;
use crate::screen::{CandidateId, CandidatePassword, Expected};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// Rows of folders, as levels above the file and indices of rows, the nearest folder first.
pub(super) type FolderRows = Rc<[(usize, usize)]>;

/// What the rows of a file result in.
#[derive(Debug, Clone)]
pub(super) enum Assigned {
    Screened(Option<Arc<Expected>>),
    Skipped,
}

impl Manifest {
    /// Finds the files at the given paths and then those of the rows, each once, and adds what is
    /// expected of each. Files to skip are left out.
    ///
    /// # Errors
    ///
    /// If two rows name the same file or folder with other values.
    pub(in crate::screening_run) fn discover(
        &self,
        given: Vec<Input>,
        archives: Option<&Archives>,
    ) -> Result<Vec<Input>, AppError> {
        let found = self.find(given, archives)?;
        let mut shared: HashMap<FolderRows, Assigned> = HashMap::new();
        let inputs = found.inputs.into_iter().enumerate();
        let assigned = inputs.filter_map(|(index, input)| {
            let rows = found.folders.rows_of(index);
            let assigned = match found.own_rows.get(&index).and_then(|own| own.first()) {
                Some(own) => self.merge(std::iter::once(*own).chain(indices(&rows))),
                None => shared
                    .entry(rows)
                    .or_insert_with_key(|rows| self.merge(indices(rows)))
                    .clone(),
            };
            match assigned {
                Assigned::Screened(Some(expected)) => Some(input.expecting(expected)),
                Assigned::Screened(None) => Some(input),
                Assigned::Skipped => None,
            }
        });
        Ok(assigned.collect())
    }

    /// Finds the files at the given paths and those of the rows, and the rows about each.
    pub(super) fn find(
        &self,
        given: Vec<Input>,
        archives: Option<&Archives>,
    ) -> Result<FoundFiles, AppError> {
        let mut folders = Folders::new(self, archives)?;
        let mut files = Discovery::new(archives);
        for input in given {
            files.add(input, &mut |input, index| folders.visit(input, index));
        }
        let mut own_rows: HashMap<usize, Vec<usize>> = HashMap::new();
        for (row_index, row) in self.rows.iter().enumerate() {
            // A row can name several members: those of an archive in an archive.
            let mut named = Vec::new();
            files.add(Input::from(row.path.clone()), &mut |input, index| {
                folders.visit(input, index);
                named.push(index);
            });
            if !folders.is_folder(row_index) {
                for index in named {
                    self.assign(&mut own_rows, index, row_index)?;
                }
            }
        }
        Ok(FoundFiles {
            inputs: files.into_inputs(),
            own_rows,
            folders,
        })
    }

    /// Stores that a row names a file or a folder. Another row may do so with the same values, or
    /// for another case.
    pub(super) fn assign<K: Eq + std::hash::Hash>(
        &self,
        rows: &mut HashMap<K, Vec<usize>>,
        named: K,
        row_index: usize,
    ) -> Result<(), AppError> {
        let Some(row) = self.rows.get(row_index) else {
            return Ok(());
        };
        let known_rows = rows.entry(named).or_default();
        for known in known_rows.iter().filter_map(|index| self.rows.get(*index)) {
            if known.values == row.values {
                return Ok(());
            }
            self.check_repeated(known, row)?;
        }
        known_rows.push(row_index);
        Ok(())
    }

    /// Merges rows; of each field, the first value counts.
    pub(super) fn merge(&self, rows: impl Iterator<Item = usize> + Clone) -> Assigned {
        let rows = rows.filter_map(|index| self.rows.get(index));
        if first(rows.clone(), |values| values.skip.as_ref()).is_some_and(|(_, skip)| *skip) {
            return Assigned::Skipped;
        }
        let bank = first(rows.clone(), |values| values.bank.as_ref());
        let password = first(rows.clone(), |values| values.password.as_ref());
        let category = first(rows.clone(), |values| values.account_category.as_ref());
        let period = first(rows.clone(), |values| values.period.as_ref());
        let mut details = Details::default();
        rows.for_each(|row| details.fill_from(&row.values.details));
        let expected = Expected {
            bank: bank.map(|(_, bank)| bank.clone()),
            candidate: password.map(|(row, password)| CandidatePassword {
                password: password.clone(),
                id: CandidateId::Manifest(row.line),
            }),
            account_category: category.map(|(_, category)| category.clone()),
            requested_period: period.map(|(_, period)| *period),
            applicants: (!details.is_empty())
                .then(|| Applicants::new(vec![details], self.rules.clone())),
        };
        let is_empty = expected == Expected::default();
        Assigned::Screened((!is_empty).then(|| Arc::new(expected)))
    }
}

/// Returns the first value of a field, with its row.
pub(super) fn first<'r, T: 'r>(
    mut rows: impl Iterator<Item = &'r Row>,
    value: impl Fn(&'r Values) -> Option<&'r T>,
) -> Option<(&'r Row, &'r T)> {
    rows.find_map(|row| Some((row, value(&row.values)?)))
}

/// The files of a run, with the rows about each.
pub(super) struct FoundFiles {
    pub(super) inputs: Vec<Input>,
    /// The rows that name a file itself, by its index.
    pub(super) own_rows: HashMap<usize, Vec<usize>>,
    pub(super) folders: Folders,
}

pub(super) fn indices(rows: &FolderRows) -> impl Iterator<Item = usize> + Clone {
    rows.iter().map(|(_, index)| *index)
}

/// The rows that name folders, and the files in these folders. Archives count as folders.
pub(super) struct Folders {
    /// By the folder without links.
    rows: HashMap<PathBuf, Vec<usize>>,
    /// For each row, whether it names a folder.
    is_folder: Vec<bool>,
    /// The rows of folders as paths name them.
    known: HashMap<PathBuf, FolderRows>,
    /// By the index of an input.
    by_input: HashMap<usize, FolderRows>,
    none: FolderRows,
}

impl Folders {
    pub(super) fn new(manifest: &Manifest, archives: Option<&Archives>) -> Result<Self, AppError> {
        let mut folders = Self {
            rows: HashMap::new(),
            is_folder: Vec::with_capacity(manifest.rows.len()),
            known: HashMap::new(),
            by_input: HashMap::new(),
            none: Rc::new([]),
        };
        for (index, row) in manifest.rows.iter().enumerate() {
            let is_folder = fs::metadata(&row.path).is_ok_and(|metadata| metadata.is_dir())
                || archives.is_some_and(|archives| archives.is_archive(&row.path));
            folders.is_folder.push(is_folder);
            if is_folder {
                manifest.assign(&mut folders.rows, without_links(&row.path), index)?;
            }
        }
        Ok(folders)
    }

    pub(super) fn is_folder(&self, row_index: usize) -> bool {
        self.is_folder.get(row_index).copied().unwrap_or(false)
    }

    /// Adds the folders on a path that leads to an input.
    pub(super) fn visit(&mut self, input: &Input, index: usize) {
        if self.rows.is_empty() || input.file_path().is_none() {
            return;
        }
        let path = input.archive_path().unwrap_or(&input.path);
        let folder = match (&input.origin, path.parent()) {
            _ if input.archive_path().is_some() => path,
            // A folder that could not be searched.
            (Origin::Unreadable(..), _) | (_, None) => input.path.as_path(),
            (_, Some(folder)) => folder,
        };
        let rows = if let Some(rows) = self.known.get(folder) {
            Rc::clone(rows)
        } else {
            let rows = self.find(folder);
            self.known.insert(folder.to_owned(), Rc::clone(&rows));
            rows
        };
        if rows.is_empty() {
            return;
        }
        match self.by_input.entry(index) {
            Entry::Vacant(new) => {
                new.insert(rows);
            }
            Entry::Occupied(mut earlier) if *earlier.get() != rows => {
                // Several paths lead to the file.
                let mut all: Vec<_> = earlier.get().iter().chain(rows.iter()).copied().collect();
                all.sort_by_key(|(levels, _)| *levels);
                earlier.insert(all.into());
            }
            Entry::Occupied(_) => {}
        }
    }

    pub(super) fn find(&self, folder: &Path) -> FolderRows {
        let folder = without_links(folder);
        let around = folder.ancestors().enumerate();
        let rows = around.flat_map(|(levels, folder)| {
            let rows = self.rows.get(folder).into_iter().flatten();
            rows.map(move |row| (levels, *row))
        });
        rows.collect()
    }

    pub(super) fn rows_of(&self, input: usize) -> FolderRows {
        Rc::clone(self.by_input.get(&input).unwrap_or(&self.none))
    }
}

/// Returns the path of a folder without links, or at least an absolute one.
fn without_links(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    fs::canonicalize(folder)
        .or_else(|_| std::path::absolute(folder))
        .unwrap_or_else(|_| folder.to_owned())
}
