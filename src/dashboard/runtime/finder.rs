//! Finds files: what was typed, how a path may go on, what arrives in a watched folder.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where folders are listed and watched"
)]

use super::event_loop::{Event, in_background};
use crate::batch::{self, Input};
use crate::dashboard::Message;
use crate::settings;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant, SystemTime};

/// How often a watched folder is looked into. Asking works on every file system, network ones too.
const LOOK_UP: Duration = Duration::from_secs(2);
/// A file that has not grown for so long is whole, even if it does not end as a PDF should.
const SETTLED: Duration = Duration::from_secs(15);
/// Bytes at the end of a file in which a PDF ends.
const TAIL: u64 = 1024;
/// Entries of a folder that a path may go on with.
const MOST_COMPLETIONS: usize = 200;

/// What was typed, as a path: `~` is the person's own folder.
fn typed(text: &str) -> PathBuf {
    let text = text.trim();
    match (text.strip_prefix("~/"), settings::home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

/// Looks for files in the background.
pub(super) fn discover(text: String, events: Sender<Event>) {
    in_background(move || {
        let path = typed(&text);
        let event = if path.exists() {
            let found = batch::discover([Input::from(path)]);
            if found.is_empty() {
                Message::NotFound(format!("there is no PDF file in {text}")).into()
            } else {
                Event::Found(found)
            }
        } else {
            Message::NotFound(format!("{text}: there is no such file or folder")).into()
        };
        drop(events.send(event));
    });
}

/// Lists how a path may go on, in the background.
pub(super) fn complete(text: String, events: Sender<Event>) {
    in_background(move || {
        let list = completions(&text);
        drop(events.send(Message::Completions(text, list).into()));
    });
}

/// Paths that begin as typed; folders end with `/`. Only folders and PDF files are of use.
fn completions(text: &str) -> Vec<String> {
    let (folder, start) = text.rsplit_once('/').map_or(("", text), |(folder, start)| {
        (if folder.is_empty() { "/" } else { folder }, start)
    });
    let place = if folder.is_empty() {
        PathBuf::from(".")
    } else {
        typed(&format!("{folder}/"))
    };
    let Ok(entries) = fs::read_dir(place) else {
        return Vec::new();
    };
    let before = text.strip_suffix(start).unwrap_or_default();
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
            (is_folder || is_pdf).then(|| format!("{before}{name}{end}"))
        })
        .take(MOST_COMPLETIONS)
        .collect();
    list.sort();
    list
}

/// Watches a folder for as long as the program lives, and hands on each file once it is whole.
pub(super) fn watch(text: String, events: Sender<Event>) {
    in_background(move || {
        let folder = typed(&text);
        if !folder.is_dir() {
            let why = format!("{text}: there is no such folder to watch");
            drop(events.send(Message::NotFound(why).into()));
            return;
        }
        drop(events.send(Event::info(format!("watching {text}"))));
        let mut watch = Watch {
            folder,
            known: HashMap::new(),
        };
        let mut arriving = 0;
        loop {
            let (whole, waiting) = watch.look(Instant::now());
            if !whole.is_empty() && events.send(Event::Found(whole)).is_err() {
                return;
            }
            if waiting != arriving {
                arriving = waiting;
                drop(events.send(Message::Arriving(arriving).into()));
            }
            std::thread::sleep(LOOK_UP);
        }
    });
}

struct Watch {
    folder: PathBuf,
    known: HashMap<PathBuf, Seen>,
}

/// How a file was when it was last looked at.
enum Seen {
    Arriving {
        bytes: u64,
        modified: Option<SystemTime>,
        since: Instant,
    },
    HandedOn,
}

impl Watch {
    /// Files that are whole since the last look, and the number of those that are not.
    fn look(&mut self, now: Instant) -> (Vec<Input>, usize) {
        let mut whole = Vec::new();
        let mut waiting = 0;
        for input in batch::discover([Input::from(self.folder.clone())]) {
            let Ok(found) = fs::metadata(&input.path) else {
                continue;
            };
            let (size, changed) = (found.len(), found.modified().ok());
            let seen = self
                .known
                .entry(input.path.clone())
                .or_insert(Seen::Arriving {
                    bytes: u64::MAX,
                    modified: None,
                    since: now,
                });
            let Seen::Arriving {
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
            } else if ends_as_pdf(&input.path, size) || now.duration_since(*since) >= SETTLED {
                *seen = Seen::HandedOn;
                whole.push(input);
            } else {
                waiting += 1;
            }
        }
        (whole, waiting)
    }
}

fn ends_as_pdf(path: &Path, size: u64) -> bool {
    let read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        Ok::<_, std::io::Error>(memchr::memmem::find(&tail, b"%%EOF").is_some())
    };
    read().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_handed_on_once_and_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("april.pdf");
        let mut watch = Watch {
            folder: folder.path().to_owned(),
            known: HashMap::new(),
        };
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        fs::write(&path, "%PDF-1.4 half").unwrap();
        let mut look = |seconds| {
            let (whole, waiting) = watch.look(after(seconds));
            (whole.len(), waiting)
        };
        assert_eq!(look(0), (0, 1));
        assert_eq!(look(2), (0, 1));
        fs::write(&path, "%PDF-1.4 half and whole %%EOF").unwrap();
        assert_eq!(look(4), (0, 1));
        assert_eq!(look(6), (1, 0));
        assert_eq!(look(8), (0, 0));
        fs::write(folder.path().join("odd.PDF"), "never ends").unwrap();
        assert_eq!(look(10), (0, 1));
        assert_eq!(look(24), (0, 1));
        assert_eq!(look(25), (1, 0));
    }

    #[test]
    fn a_path_goes_on_with_folders_and_pdf_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["april.pdf", "april.txt", "august.PDF", ".hidden.pdf"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("archive")).unwrap();
        let base = folder.path().to_str().unwrap();
        let check = |typed: &str, expected: &[&str]| {
            let found = completions(&format!("{base}/{typed}"));
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
