//! Finds the cases of files that are added on the dashboard, by the folders that they are in.

use crate::batch::Input;
use crate::screen::cases::Case;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The case of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CaseOfFile {
    /// A case of the queue, by its index.
    Known(usize),
    /// A case that the queue does not have, by its name.
    New(String),
    /// None.
    None,
}

/// The folders of cases.
///
/// A folder belongs to a case if it contains files of this case and of no other one. If it has the
/// name of the case, the folders beside it are cases, too, as with `--cases folders`.
pub(super) struct CaseFolders {
    /// The case of each folder; `None` if files of several cases are in it.
    owners: HashMap<PathBuf, Option<usize>>,
    /// The folders whose direct sub-folders are cases.
    roots: HashSet<PathBuf>,
    /// The index of each case by its name.
    names: HashMap<String, usize>,
}

impl CaseFolders {
    /// Finds the folders of the files that the cases have.
    pub(super) fn new<'i>(cases: &[Case], inputs: impl IntoIterator<Item = &'i Input>) -> Self {
        let names = cases.iter().enumerate();
        let mut folders = Self {
            owners: HashMap::new(),
            roots: HashSet::new(),
            names: names
                .map(|(index, case)| (case.name.clone(), index))
                .collect(),
        };
        for input in inputs {
            let case = input
                .case
                .and_then(|index| Some((index, cases.get(index)?)));
            if let Some((index, case)) = case
                && let Some(path) = input.file_path()
                && let Ok(path) = std::path::absolute(path)
            {
                folders.add(&path, index, &case.name);
            }
        }
        folders
    }

    fn add(&mut self, path: &Path, case: usize, name: &str) {
        let Some(folder) = path.parent() else { return };
        let mut ancestors = folder.ancestors();
        let named = ancestors.find(|ancestor| ancestor.file_name() == Some(OsStr::new(name)));
        if let Some(root) = named.and_then(Path::parent) {
            self.roots.insert(root.to_owned());
        }
        let folder = named.unwrap_or(folder).to_owned();
        let owner = self.owners.entry(folder).or_insert(Some(case));
        if *owner != Some(case) {
            *owner = None;
        }
    }

    /// Returns the case of a file. The deepest folder decides.
    pub(super) fn find(&self, path: &Path) -> CaseOfFile {
        let Ok(path) = std::path::absolute(path) else {
            return CaseOfFile::None;
        };
        for folder in path.ancestors().skip(1) {
            if let Some(owner) = self.owners.get(folder) {
                return owner.map_or(CaseOfFile::None, CaseOfFile::Known);
            }
            let is_case = folder
                .parent()
                .is_some_and(|root| self.roots.contains(root));
            let name = folder.file_name().filter(|_| is_case);
            if let Some(name) = name.and_then(OsStr::to_str) {
                let known = self.names.get(name);
                let new = || CaseOfFile::New(name.to_owned());
                return known.map_or_else(new, |index| CaseOfFile::Known(*index));
            }
        }
        CaseOfFile::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(files: &[(&str, usize)]) -> CaseFolders {
        let cases = ["Asha", "Ben", "Chitra"].map(|name| Case::new(name).unwrap());
        let inputs = files
            .iter()
            .map(|(path, case)| Input::from(PathBuf::from(path)).in_case(*case));
        CaseFolders::new(&cases, &inputs.collect::<Vec<_>>())
    }

    #[test]
    fn a_file_belongs_to_the_case_of_its_folder() {
        let folders = folders(&[("/in/Asha/a.pdf", 0), ("/in/Ben/deep/b.pdf", 1)]);
        let find = |path| folders.find(Path::new(path));
        assert_eq!(find("/in/Asha/new.pdf"), CaseOfFile::Known(0));
        assert_eq!(find("/in/Asha/sub/new.pdf"), CaseOfFile::Known(0));
        assert_eq!(find("/in/Ben/new.pdf"), CaseOfFile::Known(1));
        assert_eq!(
            find("/in/Chitra/new.pdf"),
            CaseOfFile::Known(2),
            "a case without a file"
        );
        let new = CaseOfFile::New("Dev".to_owned());
        assert_eq!(find("/in/Dev/sub/new.pdf"), new);
        assert_eq!(find("/in/new.pdf"), CaseOfFile::None);
        assert_eq!(find("/other/Asha/new.pdf"), CaseOfFile::None);
    }

    #[test]
    fn a_folder_with_files_of_two_cases_belongs_to_none() {
        let folders = folders(&[("/in/a.pdf", 0), ("/in/b.pdf", 1), ("/in/c/c.pdf", 2)]);
        let find = |path| folders.find(Path::new(path));
        assert_eq!(find("/in/new.pdf"), CaseOfFile::None);
        assert_eq!(find("/in/c/new.pdf"), CaseOfFile::Known(2));
        assert_eq!(find("/in/d/new.pdf"), CaseOfFile::None);
    }
}
