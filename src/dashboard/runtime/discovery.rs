//! Finds files: typed paths, path completions, and new files of a watched folder.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where folders are listed and watched"
)]

use super::event::{Event, in_background};
use crate::archive::ArchiveKind;
use crate::batch::{self, Archives, Input, Member};
use crate::dashboard::Message;
use crate::pdf::Password;
use crate::screen::{Policy, archive_passwords};
use std::collections::HashMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant, SystemTime};

/// Interval at which a watched folder is scanned. Polling works on every file system, including
/// network file systems.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// A file that has not changed for this long is complete, even without the end of its format.
const STABLE_TIME: Duration = Duration::from_secs(15);
/// Maximum depth of folders in a watched folder.
const MAX_DEPTH: usize = 128;
/// Maximum number of completions.
const MAX_COMPLETIONS: usize = 200;

/// What is found at a path: PDF files, and those in archives and mails on request.
#[derive(Clone)]
pub(super) struct Search {
    with_archives: bool,
    max_bytes: u64,
    /// They open archives in locked archives.
    passwords: Vec<Password>,
}

impl Search {
    /// Returns a search. The limits and the candidate passwords of the policy are those of members.
    pub(super) fn new(with_archives: bool, policy: &Policy) -> Self {
        let passwords = || archive_passwords(policy);
        Self {
            with_archives,
            max_bytes: policy.limits.file_bytes,
            passwords: with_archives.then(passwords).unwrap_or_default(),
        }
    }

    /// Returns the archives of several searches, each of which is listed once.
    pub(super) fn archives(&self) -> Archives {
        Archives::new(self.max_bytes, self.passwords.clone())
    }

    /// Returns the files at a path; `None` if it leads to nothing.
    fn find(&self, path: PathBuf) -> Option<Vec<Input>> {
        let is_member = || self.with_archives && batch::member_of(&path).is_some();
        if !path.exists() && !is_member() {
            return None;
        }
        let archives = self.with_archives.then(|| self.archives());
        Some(batch::discover_in([Input::from(path)], archives.as_ref()))
    }

    /// Lists the files in a folder and its folders by their names. Archives are not opened.
    fn list(&self, folder: &Path, depth: usize, found: &mut Vec<Input>) {
        for member in batch::members(folder, self.with_archives) {
            match member {
                Member::File(file) => found.push(file),
                Member::Folder(folder) if depth < MAX_DEPTH => {
                    self.list(&folder, depth + 1, found);
                }
                Member::Folder(_) => {}
            }
        }
    }

    fn is_name(&self, path: &Path) -> bool {
        let extension = path.extension();
        let is_pdf = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"));
        let is_archive = || ArchiveKind::of_name(path.as_os_str().as_bytes()).is_some();
        is_pdf || self.with_archives && is_archive()
    }
}

/// Returns typed text as a path; `~` is the home folder.
fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    match (
        text.strip_prefix("~/"),
        crate::settings::environment::home(),
    ) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

/// Finds files in the background. They are added to the case with this name, if any.
pub(super) fn discover(text: String, case: Option<String>, search: Search, events: Sender<Event>) {
    in_background(move || {
        let event = match search.find(typed_path(&text)) {
            None => Message::DiscoveryFailed(format!("{text} does not exist")).into(),
            Some(found) if found.is_empty() => {
                Message::DiscoveryFailed(format!("no PDF file in {text}")).into()
            }
            Some(found) => Event::Found(found, case),
        };
        drop(events.send(event));
    });
}

/// Lists the completions of a path in the background.
pub(super) fn complete(text: String, search: Search, events: Sender<Event>) {
    in_background(move || {
        let list = completions(&text, &search);
        drop(events.send(Message::PathCompletions(text, list).into()));
    });
}

/// Returns folders, with a final `/`, and files to add whose paths begin with the typed text.
fn completions(text: &str, search: &Search) -> Vec<String> {
    let (folder, start) = text.rsplit_once('/').map_or(("", text), |(folder, start)| {
        (if folder.is_empty() { "/" } else { folder }, start)
    });
    let place = if folder.is_empty() {
        PathBuf::from(".")
    } else {
        typed_path(&format!("{folder}/"))
    };
    let Ok(entries) = fs::read_dir(place) else {
        return Vec::new();
    };
    let prefix = text.strip_suffix(start).unwrap_or_default();
    let mut list: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let hidden = name.starts_with('.') && !start.starts_with('.');
            if hidden || !name.starts_with(start) {
                return None;
            }
            let is_folder = path.is_dir();
            let end = if is_folder { "/" } else { "" };
            (is_folder || search.is_name(&path)).then(|| format!("{prefix}{name}{end}"))
        })
        .take(MAX_COMPLETIONS)
        .collect();
    list.sort();
    list
}

/// Watches a folder until the flag is set or the program ends, and reports each file when it is
/// complete.
pub(super) fn watch(
    id: u32,
    text: String,
    search: Search,
    is_stopped: Arc<AtomicBool>,
    events: Sender<Event>,
) {
    in_background(move || {
        let folder = typed_path(&text);
        if !folder.is_dir() {
            let reason = format!("{text} is not a folder, and can't be watched");
            drop(events.send(Message::WatchFailed(id, reason).into()));
            return;
        }
        drop(events.send(Event::info(format!("watching {text}"))));
        let mut watch = FolderWatch {
            folder,
            search,
            known: HashMap::new(),
        };
        let mut arriving = 0;
        while !is_stopped.load(Ordering::Relaxed) {
            let (complete, waiting) = watch.scan(Instant::now());
            if !complete.is_empty() && events.send(Event::Found(complete, None)).is_err() {
                return;
            }
            if waiting != arriving {
                arriving = waiting;
                drop(events.send(Message::FilesArriving(id, arriving).into()));
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    });
}

struct FolderWatch {
    folder: PathBuf,
    search: Search,
    known: HashMap<PathBuf, FileState>,
}

/// The state of a file at the last scan.
enum FileState {
    Arriving {
        bytes: u64,
        modified: Option<SystemTime>,
        since: Instant,
    },
    Reported,
}

impl FolderWatch {
    /// Returns the files that became complete, and the number of incomplete ones.
    fn scan(&mut self, now: Instant) -> (Vec<Input>, usize) {
        let mut complete = Vec::new();
        let mut waiting = 0;
        let mut listed = Vec::new();
        self.search.list(&self.folder, 0, &mut listed);
        for input in listed {
            let Ok(found) = fs::metadata(&input.path) else {
                continue;
            };
            let (size, changed) = (found.len(), found.modified().ok());
            let seen = self
                .known
                .entry(input.path.clone())
                .or_insert(FileState::Arriving {
                    bytes: u64::MAX,
                    modified: None,
                    since: now,
                });
            let FileState::Arriving {
                bytes,
                modified,
                since,
            } = seen
            else {
                continue;
            };
            if (*bytes, *modified) != (size, changed) {
                (*bytes, *modified, *since) = (size, changed, now);
                waiting += 1;
            } else if batch::has_end(&input.path, size).unwrap_or(false)
                || now.duration_since(*since) >= STABLE_TIME
            {
                *seen = FileState::Reported;
                complete.extend(self.search.find(input.path).into_iter().flatten());
            } else {
                waiting += 1;
            }
        }
        (complete, waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(with_archives: bool) -> Search {
        Search::new(with_archives, &Policy::default())
    }

    #[test]
    fn a_file_is_reported_once_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("april.pdf");
        let mut watch = FolderWatch {
            folder: folder.path().to_owned(),
            search: search(true),
            known: HashMap::new(),
        };
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        fs::write(&path, "%PDF-1.4 half").unwrap();
        let mut scan = |seconds| {
            let (complete, waiting) = watch.scan(after(seconds));
            (complete.len(), waiting)
        };
        assert_eq!(scan(0), (0, 1));
        assert_eq!(scan(2), (0, 1));
        fs::write(&path, "%PDF-1.4 half and whole %%EOF").unwrap();
        assert_eq!(scan(4), (0, 1));
        assert_eq!(scan(6), (1, 0));
        assert_eq!(scan(8), (0, 0));
        fs::write(folder.path().join("odd.PDF"), "never ends").unwrap();
        assert_eq!(scan(10), (0, 1));
        assert_eq!(scan(24), (0, 1));
        assert_eq!(scan(25), (1, 0));
        // A mail is complete with the end of its last part, and each file in it is reported.
        let start = "From: a@example.com\nTo: b@example.com\n\
                     Content-Type: multipart/mixed; boundary=b\n\n";
        let file =
            |name| format!("--b\nContent-Disposition: attachment; filename={name}\n\n%PDF-1.4\n");
        let mail = folder.path().join("in.eml");
        let half = format!("{start}{}", file("april.pdf"));
        fs::write(&mail, &half).unwrap();
        assert_eq!(scan(30), (0, 1));
        assert_eq!(scan(32), (0, 1));
        fs::write(&mail, format!("{half}{}--b--\n", file("may.pdf"))).unwrap();
        assert_eq!(scan(34), (0, 1));
        assert_eq!(scan(36), (2, 0));
    }

    #[test]
    fn archives_are_found_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let mail = folder.path().join("in.eml");
        let text = "From: a@example.com\nTo: b@example.com\nSubject: April\n\
                    Content-Disposition: attachment; filename=april.pdf\n\n%PDF-1.4\n";
        fs::write(&mail, text).unwrap();
        let names = |with_archives, path: &str| {
            let found = search(with_archives).find(folder.path().join(path))?;
            let name = |input: &Input| input.path.strip_prefix(folder.path()).unwrap().to_owned();
            Some(found.iter().map(name).collect::<Vec<_>>())
        };
        let expected = Some(vec![PathBuf::from("in.eml!april.pdf")]);
        assert_eq!(names(true, ""), expected);
        assert_eq!(names(true, "in.eml!april.pdf"), expected);
        assert_eq!(names(false, ""), Some(Vec::new()));
        assert_eq!(names(false, "in.eml!april.pdf"), None);
        assert_eq!(names(true, "other.eml!april.pdf"), None);
    }

    #[test]
    fn completions_are_folders_and_pdf_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["april.pdf", "april.txt", "august.PDF", ".hidden.pdf"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("archive")).unwrap();
        let base = folder.path().to_str().unwrap();
        let check = |text: &str, expected: &[&str]| {
            let found = completions(&format!("{base}/{text}"), &search(false));
            let expected: Vec<_> = expected
                .iter()
                .map(|name| format!("{base}/{name}"))
                .collect();
            assert_eq!(found, expected);
        };
        check("a", &["april.pdf", "archive/", "august.PDF"]);
        check("au", &["august.PDF"]);
        check(".h", &[".hidden.pdf"]);
        check("z", &[]);
        fs::write(folder.path().join("all.zip"), "").unwrap();
        check("al", &[]);
        let found = completions(&format!("{base}/al"), &search(true));
        assert_eq!(found, [format!("{base}/all.zip")]);
    }
}
