//! Finds files: typed paths, path completions, and new files of a watched folder.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where folders are listed and watched"
)]

use super::event::{Event, in_background};
use crate::batch::{self, Input};
use crate::dashboard::Message;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant, SystemTime};

/// Interval at which a watched folder is scanned. Polling works on every file system, including
/// network file systems.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// A file that has not changed for this long is complete, even without the end of a PDF.
const STABLE_TIME: Duration = Duration::from_secs(15);
/// The end marker of a PDF is in this many bytes at the end of the file.
const TAIL_BYTES: u64 = 1024;
/// Maximum number of completions.
const MAX_COMPLETIONS: usize = 200;

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
pub(super) fn discover(text: String, case: Option<String>, events: Sender<Event>) {
    in_background(move || {
        let path = typed_path(&text);
        let event = if path.exists() {
            let found = batch::discover([Input::from(path)]);
            if found.is_empty() {
                Message::DiscoveryFailed(format!("no PDF file in {text}")).into()
            } else {
                Event::Found(found, case)
            }
        } else {
            Message::DiscoveryFailed(format!("{text} does not exist")).into()
        };
        drop(events.send(event));
    });
}

/// Lists the completions of a path in the background.
pub(super) fn complete(text: String, events: Sender<Event>) {
    in_background(move || {
        let list = completions(&text);
        drop(events.send(Message::PathCompletions(text, list).into()));
    });
}

/// Returns folders, with a final `/`, and PDF files whose paths begin with the typed text.
fn completions(text: &str) -> Vec<String> {
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
            let is_pdf = path
                .extension()
                .is_some_and(|ext| ext.eq_ignore_ascii_case("pdf"));
            let end = if is_folder { "/" } else { "" };
            (is_folder || is_pdf).then(|| format!("{prefix}{name}{end}"))
        })
        .take(MAX_COMPLETIONS)
        .collect();
    list.sort();
    list
}

/// Watches a folder until the flag is set or the program ends, and reports each file when it is
/// complete.
pub(super) fn watch(id: u32, text: String, is_stopped: Arc<AtomicBool>, events: Sender<Event>) {
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
        for input in batch::discover([Input::from(self.folder.clone())]) {
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
            } else if ends_as_pdf(&input.path, size) || now.duration_since(*since) >= STABLE_TIME {
                *seen = FileState::Reported;
                complete.push(input);
            } else {
                waiting += 1;
            }
        }
        (complete, waiting)
    }
}

fn ends_as_pdf(path: &Path, size: u64) -> bool {
    let read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(size.saturating_sub(TAIL_BYTES)))?;
        let mut tail = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut tail)?;
        Ok::<_, std::io::Error>(memchr::memmem::find(&tail, b"%%EOF").is_some())
    };
    read().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_reported_once_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("april.pdf");
        let mut watch = FolderWatch {
            folder: folder.path().to_owned(),
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
            let found = completions(&format!("{base}/{text}"));
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
    }
}
