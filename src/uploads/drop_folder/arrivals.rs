//! Decides which cases are judged, and when: pure, with the time as an argument.
//!
//! A case is due once nothing in its folder has changed for the settle time, and it has other
//! statements than when it was last judged. A file that does not end as a PDF may be a copy that
//! stopped for a while, so its case waits for longer.

use super::backoff::Backoff;
use super::names::is_partial;
use super::scan::{FileStamp, Files, FolderScan, FoundFiles};
use crate::screen::cases::{Case, CaseState};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How many settle times a case waits that has a file without the end of a PDF.
const UNENDED_FACTOR: u32 = 6;

/// Returns whether a file ends as a PDF, or why it can't be read.
pub(super) type EndCheck<'c> = dyn FnMut(&Path, &FileStamp) -> io::Result<bool> + 'c;

/// What was seen of the watched folder. Times are those since the start of the watch.
#[derive(Debug)]
pub(super) struct Arrivals {
    settle: Duration,
    cases: BTreeMap<OsString, Folder>,
    /// Files that are in no case. They are screened, and reported as such.
    loose: Folder,
}

/// A case that is due, or the files that are in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    /// The name of the folder; `None` for files in none.
    pub(super) folder: Option<OsString>,
    /// Its statements.
    pub(super) statements: Files,
}

/// How the last judgement of a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CaseEnd {
    /// The service has every file that was to be sent.
    Finished,
    /// Nothing more happens before files arrive or change.
    Waiting,
    /// Something may succeed later without a new file.
    Retry,
}

/// A folder of a case.
#[derive(Debug)]
struct Folder {
    found: FoundFiles,
    /// When a change was last seen.
    changed_at: Duration,
    /// Whether all statements end as PDFs; `None` if that was not checked since the last change.
    is_ended: Option<bool>,
    /// The statements that were judged.
    judged: Option<Files>,
    /// Until when it is not judged, because it could not be resolved.
    held_until: Option<Duration>,
    /// When it is judged again without a change.
    retry_at: Option<Duration>,
    backoff: Backoff,
    end: Option<CaseEnd>,
    state: Option<CaseState>,
    /// When it is moved; `None` unless it is to be moved.
    move_at: Option<Duration>,
    /// The problem that was reported last.
    reported: Option<String>,
}

impl Folder {
    fn new(now: Duration, settle: Duration) -> Self {
        Self {
            found: FoundFiles::default(),
            changed_at: now,
            is_ended: None,
            judged: None,
            held_until: None,
            retry_at: None,
            backoff: Backoff::new(settle),
            end: None,
            state: None,
            move_at: None,
            reported: None,
        }
    }

    fn update(&mut self, found: FoundFiles, now: Duration) {
        let known = (&self.found.statements, &self.found.others);
        if (&found.statements, &found.others) != known {
            self.changed_at = now;
            self.is_ended = None;
            self.held_until = None;
        }
        self.found = found;
    }

    /// Returns whether the statements are others than those that were judged.
    fn has_changed(&self) -> bool {
        let Some(judged) = &self.judged else {
            return !self.found.statements.is_empty();
        };
        let found = &self.found.statements;
        let is_judged = |(path, stamp): (_, &FileStamp)| {
            judged
                .get(path)
                .is_some_and(|own| own.has_content_of(stamp))
        };
        let is_same = found.len() == judged.len() && found.iter().all(is_judged);
        !(found.is_empty() || is_same)
    }

    /// Returns whether the folder is to be judged at this time, if its files are complete.
    fn is_waiting(&self, now: Duration, settle: Duration) -> bool {
        let is_retried = self.retry_at.is_some_and(|at| at <= now);
        let is_held = self.held_until.is_some_and(|until| now < until);
        self.quiet(now) >= settle && !is_held && (self.has_changed() || is_retried)
    }

    /// Returns why a part of the folder can't be read, if that lasts.
    fn unreadable(&self, now: Duration, settle: Duration) -> Option<String> {
        let reason = self.found.unreadable.as_ref();
        reason.filter(|_| self.quiet(now) >= settle).cloned()
    }

    /// Returns the time without a change.
    fn quiet(&self, now: Duration) -> Duration {
        now.saturating_sub(self.changed_at)
    }

    /// Returns whether the files are complete, as far as their ends show.
    ///
    /// # Errors
    ///
    /// The reason why a file can't be read.
    fn is_complete(
        &mut self,
        now: Duration,
        settle: Duration,
        check: &mut EndCheck<'_>,
    ) -> Result<bool, String> {
        let is_ended = match self.is_ended {
            Some(is_ended) => is_ended,
            None => self.check_ends(check)?,
        };
        self.is_ended = Some(is_ended);
        Ok(is_ended || self.quiet(now) >= settle.saturating_mul(UNENDED_FACTOR))
    }

    fn check_ends(&self, check: &mut EndCheck<'_>) -> Result<bool, String> {
        let mut all = true;
        for (path, stamp) in &self.found.statements {
            all &= check(path, stamp)
                .map_err(|error| format!("could not read {}: {error}", path.display()))?;
        }
        Ok(all)
    }

    /// Returns whether a problem is another than the one that was reported last.
    fn is_new_problem(&mut self, problem: &str) -> bool {
        let is_new = self.reported.as_deref() != Some(problem);
        self.reported = Some(problem.to_owned());
        is_new
    }
}

impl Arrivals {
    /// Returns a folder of which nothing is known. `settle` is the time without a change after
    /// which files are complete.
    pub(super) fn new(settle: Duration) -> Self {
        Self {
            settle,
            cases: BTreeMap::new(),
            loose: Folder::new(Duration::ZERO, settle),
        }
    }

    /// Adds a listing. Cases that are not in it are forgotten.
    pub(super) fn update(&mut self, scan: FolderScan, now: Duration) {
        let FolderScan { mut cases, loose } = scan;
        self.cases.retain(|name, _| cases.contains_key(name));
        self.loose.update(loose, now);
        while let Some((name, found)) = cases.pop_first() {
            let folder = self.cases.entry(name);
            let folder = folder.or_insert_with(|| Folder::new(now, self.settle));
            folder.update(found, now);
        }
    }

    /// Returns whether no case is known.
    pub(super) fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Returns the cases to judge, at most `limit`, and problems that were not reported yet.
    ///
    /// Cases that failed less often come first, so that none keeps the others waiting. A case that
    /// can't be read or named delays no other.
    pub(super) fn due(
        &mut self,
        now: Duration,
        limit: usize,
        check: &mut EndCheck<'_>,
    ) -> (Vec<Due>, Vec<String>) {
        let mut problems = Vec::new();
        let mut waiting = Vec::new();
        let mut names = BTreeSet::new();
        for (name, folder) in &mut self.cases {
            let problem = match usable_name(name) {
                // The name is trimmed, so two folders can have that of one case.
                Ok(case) if !names.insert(case.name.clone()) => {
                    Some(format!("another folder is also case {}", case.name))
                }
                Ok(_) => folder.unreadable(now, self.settle),
                Err(reason) => Some(reason),
            };
            let Some(problem) = problem else {
                if folder.is_waiting(now, self.settle) {
                    waiting.push((folder.backoff.failures(), Some(name.clone())));
                }
                continue;
            };
            if folder.is_new_problem(&problem) {
                problems.push(format!("folder {}: {problem}", name.display()));
            }
        }
        if let Some(reason) = self.loose.unreadable(now, self.settle) {
            if self.loose.is_new_problem(&reason) {
                problems.push(reason);
            }
        } else if self.loose.is_waiting(now, self.settle) {
            waiting.push((u32::MAX, None));
        }
        waiting.sort_by_key(|(failures, _)| *failures);
        let mut due = Vec::new();
        for (_, name) in waiting {
            let folder = match &name {
                Some(name) => self.cases.get_mut(name),
                None => Some(&mut self.loose),
            };
            let Some(folder) = folder.filter(|_| due.len() < limit) else {
                break;
            };
            match folder.is_complete(now, self.settle, check) {
                Ok(true) => due.push(Due {
                    statements: folder.found.statements.clone(),
                    folder: name,
                }),
                Err(problem) if folder.is_new_problem(&problem) => problems.push(problem),
                Ok(false) | Err(_) => {}
            }
        }
        (due, problems)
    }

    /// Records that a case could not be resolved, which is tried again later. Returns whether the
    /// problem was not reported yet.
    pub(super) fn hold(&mut self, due: &Due, problem: &str, now: Duration) -> bool {
        let Some(folder) = self.folder_mut(due) else {
            return false;
        };
        folder.held_until = Some(now + folder.backoff.next_delay());
        folder.is_new_problem(problem)
    }

    fn folder_mut(&mut self, due: &Due) -> Option<&mut Folder> {
        match &due.folder {
            Some(name) => self.cases.get_mut(name),
            None => Some(&mut self.loose),
        }
    }

    /// Records that a case was judged, and returns when it is judged again without a change.
    pub(super) fn judged(
        &mut self,
        due: &Due,
        state: Option<CaseState>,
        end: CaseEnd,
        now: Duration,
    ) -> Option<Duration> {
        let folder = self.folder_mut(due)?;
        folder.judged = Some(due.statements.clone());
        folder.held_until = None;
        (folder.state, folder.end, folder.reported) = (state, Some(end), None);
        if end != CaseEnd::Retry {
            folder.backoff.reset();
            folder.retry_at = None;
            folder.move_at = (end == CaseEnd::Finished).then_some(now);
            return None;
        }
        let delay = folder.backoff.next_delay();
        folder.retry_at = Some(now + delay);
        folder.move_at = None;
        Some(delay)
    }

    /// Judges all cases again that are not finished, because what they are judged by has changed.
    pub(super) fn judge_unfinished(&mut self) {
        let folders = self.cases.values_mut();
        for folder in folders.filter(|folder| folder.end != Some(CaseEnd::Finished)) {
            (folder.judged, folder.held_until, folder.reported) = (None, None, None);
        }
        self.loose.held_until = None;
    }

    /// Returns the finished cases to move at this time, with their files.
    pub(super) fn to_move(&self, now: Duration) -> Vec<(OsString, Files)> {
        let is_due = |folder: &Folder| {
            let is_quiet = folder.quiet(now) >= self.settle;
            // What could not be listed, or is still arriving, would be moved without being sent.
            let others = &mut folder.found.others.keys();
            let is_arriving = others.any(|path| path.file_name().is_some_and(is_partial));
            let is_settled = is_quiet && !folder.has_changed() && !is_arriving;
            let is_whole = folder.found.unreadable.is_none();
            folder.move_at.is_some_and(|at| at <= now) && is_settled && is_whole
        };
        let due = self.cases.iter().filter(|(_, folder)| is_due(folder));
        let due = due.map(|(name, folder)| {
            let mut files = folder.found.statements.clone();
            files.extend(folder.found.others.clone());
            (name.clone(), files)
        });
        due.collect()
    }

    /// Forgets a case that was moved.
    pub(super) fn moved(&mut self, name: &OsStr) {
        self.cases.remove(name);
    }

    /// Records that a case could not be moved, which is tried again later. Returns whether the
    /// problem was not reported yet.
    pub(super) fn not_moved(&mut self, name: &OsStr, problem: &str, now: Duration) -> bool {
        let Some(folder) = self.cases.get_mut(name) else {
            return false;
        };
        folder.move_at = Some(now + folder.backoff.next_delay());
        folder.is_new_problem(problem)
    }

    /// Returns the state of each case as it was last judged.
    pub(super) fn states(&self) -> impl Iterator<Item = CaseState> {
        self.cases.values().filter_map(|folder| folder.state)
    }

    /// Returns the names of the cases.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = self.cases.keys();
        let names = names.filter_map(|name| usable_name(name).ok());
        names.map(|case| case.name).collect()
    }
}

/// Returns the case of a folder.
///
/// # Errors
///
/// Why the name of the folder can't be that of a case.
fn usable_name(folder: &OsStr) -> Result<Case, String> {
    let name = folder.to_str();
    let name = name.ok_or_else(|| "the name of the case is not UTF-8".to_owned())?;
    Case::new(name).map_err(|invalid| invalid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(10);

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    /// Returns a listing of one case with files of these names, sizes and modification times.
    fn listing(case: &str, files: &[(&str, u64, i64)]) -> FolderScan {
        let mut found = FoundFiles::default();
        for (name, bytes, modified) in files {
            let stamp = FileStamp::new(*bytes, *modified);
            let files = match Path::new(name).extension() {
                Some(extension) if extension == "pdf" => &mut found.statements,
                _ => &mut found.others,
            };
            files.insert(name.into(), stamp);
        }
        FolderScan {
            cases: [(case.into(), found)].into(),
            loose: FoundFiles::default(),
        }
    }

    fn due(arrivals: &mut Arrivals, now: u64) -> usize {
        let (due, problems) = arrivals.due(seconds(now), 9, &mut |_, _| Ok(true));
        assert_eq!(problems, [""; 0]);
        due.len()
    }

    fn judge(arrivals: &mut Arrivals, now: u64, end: CaseEnd) {
        let (due, _) = arrivals.due(seconds(now), 9, &mut |_, _| Ok(true));
        let state = Some(CaseState::Ready);
        arrivals.judged(&due[0], state, end, seconds(now));
    }

    #[test]
    fn a_case_is_due_when_nothing_in_its_folder_changes() {
        let mut arrivals = Arrivals::new(SETTLE);
        arrivals.update(listing("A", &[("a.pdf", 5, 0)]), seconds(0));
        assert_eq!(due(&mut arrivals, 9), 0);
        // It grows, then another file arrives under a temporary name.
        arrivals.update(listing("A", &[("a.pdf", 9, 8)]), seconds(9));
        assert_eq!(due(&mut arrivals, 18), 0);
        let files = [("a.pdf", 9, 8), ("b.pdf.part", 1, 17)];
        arrivals.update(listing("A", &files), seconds(18));
        assert_eq!(due(&mut arrivals, 27), 0);
        assert_eq!(due(&mut arrivals, 28), 1);
        judge(&mut arrivals, 28, CaseEnd::Waiting);
        assert_eq!(due(&mut arrivals, 1000), 0, "nothing has changed");
        // A file that is no statement changes nothing, and a later statement does.
        let files = [("a.pdf", 9, 8), ("notes.txt", 1, 40)];
        arrivals.update(listing("A", &files), seconds(1000));
        assert_eq!(due(&mut arrivals, 1010), 0);
        let files = [("a.pdf", 9, 8), ("b.pdf", 1, 41)];
        arrivals.update(listing("A", &files), seconds(1010));
        assert_eq!(due(&mut arrivals, 1020), 1);
    }

    #[test]
    fn an_empty_folder_waits_for_files() {
        let mut arrivals = Arrivals::new(SETTLE);
        arrivals.update(listing("A", &[]), seconds(0));
        assert_eq!(due(&mut arrivals, 100), 0);
    }

    #[test]
    fn a_file_without_its_end_waits_for_longer() {
        let mut arrivals = Arrivals::new(SETTLE);
        arrivals.update(listing("A", &[("a.pdf", 5, 0)]), seconds(0));
        let mut due_at = |now| {
            let (due, _) = arrivals.due(seconds(now), 9, &mut |_, _| Ok(false));
            due.len()
        };
        assert_eq!([due_at(10), due_at(59), due_at(60)], [0, 0, 1]);
    }

    #[test]
    fn an_unreadable_case_is_reported_once_and_delays_no_other() {
        let mut arrivals = Arrivals::new(SETTLE);
        let mut scan = listing("A", &[("a.pdf", 5, 0)]);
        scan.cases.extend(listing("B", &[("b.pdf", 5, 0)]).cases);
        arrivals.update(scan, seconds(0));
        let mut check = |path: &Path, _: &FileStamp| match path.to_str() {
            Some("a.pdf") => Err(io::ErrorKind::PermissionDenied.into()),
            _ => Ok(true),
        };
        let (due, problems) = arrivals.due(seconds(10), 9, &mut check);
        assert_eq!((due.len(), problems.len()), (1, 1), "{problems:?}");
        assert_eq!(arrivals.due(seconds(12), 9, &mut check).1.len(), 0);
        // Nothing in a folder can be listed.
        let mut scan = listing("C", &[]);
        let found = scan.cases.values_mut().next().unwrap();
        found.unreadable = Some("denied".to_owned());
        arrivals.update(scan, seconds(20));
        assert_eq!(arrivals.due(seconds(29), 9, &mut check).1.len(), 0);
        let (due, problems) = arrivals.due(seconds(30), 9, &mut check);
        assert_eq!(
            (due.len(), problems),
            (0, vec!["folder C: denied".to_owned()])
        );
    }

    #[test]
    fn names_that_can_not_be_that_of_a_case_are_reported() {
        let mut arrivals = Arrivals::new(SETTLE);
        let mut scan = listing("A", &[("a.pdf", 5, 0)]);
        for name in ["A ", "line\nbreak"] {
            scan.cases.extend(listing(name, &[("b.pdf", 5, 0)]).cases);
        }
        arrivals.update(scan, seconds(0));
        let (due, problems) = arrivals.due(seconds(10), 9, &mut |_, _| Ok(true));
        assert_eq!((due.len(), problems.len()), (1, 2), "{problems:?}");
    }

    #[test]
    fn a_failed_case_is_tried_again_later_and_a_finished_one_is_moved() {
        let mut arrivals = Arrivals::new(SETTLE);
        arrivals.update(listing("A", &[("a.pdf", 5, 0)]), seconds(0));
        judge(&mut arrivals, 10, CaseEnd::Retry);
        assert_eq!([due(&mut arrivals, 19), due(&mut arrivals, 20)], [0, 1]);
        judge(&mut arrivals, 20, CaseEnd::Retry);
        assert_eq!([due(&mut arrivals, 39), due(&mut arrivals, 40)], [0, 1]);
        judge(&mut arrivals, 40, CaseEnd::Finished);
        assert_eq!(due(&mut arrivals, 1000), 0);
        assert_eq!(arrivals.to_move(seconds(40)).len(), 1);
        let mut fail = |now| arrivals.not_moved("A".as_ref(), "full", seconds(now));
        assert_eq!([fail(40), fail(40)], [true, false]);
        assert_eq!(arrivals.to_move(seconds(59)).len(), 0);
        assert_eq!(arrivals.to_move(seconds(60)).len(), 1);
        // A later file is judged first.
        let files = [("a.pdf", 5, 0), ("b.pdf", 5, 0)];
        arrivals.update(listing("A", &files), seconds(60));
        assert_eq!(arrivals.to_move(seconds(70)).len(), 0);
        assert_eq!(due(&mut arrivals, 70), 1);
    }

    #[test]
    fn a_case_that_always_fails_does_not_keep_the_others_waiting() {
        let mut arrivals = Arrivals::new(SETTLE);
        let mut scan = listing("A", &[("a.pdf", 5, 0)]);
        scan.cases.extend(listing("B", &[("b.pdf", 5, 0)]).cases);
        arrivals.update(scan, seconds(0));
        let mut probe = |now| {
            let (due, _) = arrivals.due(seconds(now), 1, &mut |_, _| Ok(true));
            arrivals.judged(&due[0], None, CaseEnd::Retry, seconds(now));
            due[0].folder.clone().unwrap()
        };
        let probed = [10, 20, 30, 40].map(&mut probe);
        assert_eq!(probed, ["A", "B", "A", "B"]);
    }

    #[test]
    fn other_passwords_judge_unfinished_cases_again() {
        let mut arrivals = Arrivals::new(SETTLE);
        arrivals.update(listing("A", &[("a.pdf", 5, 0)]), seconds(0));
        judge(&mut arrivals, 10, CaseEnd::Waiting);
        arrivals.judge_unfinished();
        assert_eq!(due(&mut arrivals, 11), 1);
        judge(&mut arrivals, 11, CaseEnd::Finished);
        arrivals.judge_unfinished();
        assert_eq!(due(&mut arrivals, 12), 0);
    }
}
