//! Stores recent sessions and the queue in the state folder, readable by their owner only.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the files are read and written"
)]

use super::event::{in_background, now};
use super::event_loop::EventLoop;
use crate::batch::{self, Archives, Input, Origin};
use crate::dashboard::model::{
    ChoiceAction, FileId, Overlay, RecentSession, RestoredFile, StoredCase, StoredFile,
    StoredQueue, unfinished,
};
use crate::dashboard::{DiscoveredFile, Message, update};
use crate::report::FileName;
use crate::screen::Expected;
use crate::settings::environment::state_folder;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustix::process::{Pid, getpid, test_kill_process};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, BufWriter, IntoInnerError, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

const SESSIONS_FILE: &str = "dashboard-sessions.json";
/// Start of the name of a stored queue. Each dashboard has its own.
const QUEUE_FILE: &str = "dashboard-queue";
const EXTENSION: &str = ".json";
/// Maximum size of a stored file.
const MAX_BYTES: u64 = 64 << 20;
/// Sessions that are kept.
const MAX_SESSIONS: usize = 20;
/// Time between a change of the queue and its storage.
const DELAY: Duration = Duration::from_secs(2);

/// Stores the queue of this run.
pub(super) struct QueueStore {
    folder: PathBuf,
    /// The name of the file of this run.
    name: String,
    /// The queue of the interrupted run, until the user has decided about it.
    interrupted: Option<StoredQueue>,
    /// When the queue is stored next.
    pub(super) save_at: Option<Instant>,
    state: Arc<Mutex<StoreState>>,
}

/// What the threads that store the queue share.
struct StoreState {
    /// The digest of what was stored last. A copy of it would need as much memory as the names of
    /// the queue.
    saved: u64,
    /// Whether the run has ended, after which nothing is stored.
    has_ended: bool,
}

/// What is stored of a queue.
type StoredContent = (Vec<StoredCase>, Vec<StoredFile>);

impl QueueStore {
    /// Opens the store, with the queue of an interrupted run; `None` without a state folder.
    ///
    /// A queue with cases is for a run that `accepts_cases`, and one without cases is not for a run
    /// that `has_cases`: it stays for a later start.
    pub(super) fn open(has_cases: bool, accepts_cases: bool) -> Option<Self> {
        let folder = state_folder().ok()?;
        let process = getpid().as_raw_nonzero();
        let started = Timestamp::now().as_nanosecond();
        let name = format!("{QUEUE_FILE}-{process}-{started}{EXTENSION}");
        let is_wanted = |queue: &StoredQueue| {
            if queue.cases.is_empty() {
                !has_cases
            } else {
                accepts_cases
            }
        };
        Some(Self {
            interrupted: claim_interrupted(&folder, &name, is_wanted),
            folder,
            name,
            save_at: None,
            state: Arc::new(Mutex::new(StoreState {
                saved: digest(&StoredContent::default()),
                has_ended: false,
            })),
        })
    }

    /// Returns the number of files of the interrupted run that are not uploaded, and when they were
    /// stored.
    pub(super) fn interrupted(&self) -> Option<(usize, Timestamp)> {
        let queue = self.interrupted.as_ref()?;
        let files = queue.files.iter().filter(|file| !file.uploaded).count();
        (files > 0).then_some((files, queue.saved_at))
    }

    /// Notes that the queue may have changed.
    pub(super) fn changed(&mut self) {
        if self.save_at.is_none() {
            self.save_at = now().checked_add(DELAY);
        }
    }

    /// Stores the queue in the background, if it has changed.
    fn save(&self, content: StoredContent) {
        let (folder, name) = (self.folder.clone(), self.name.clone());
        let state = Arc::clone(&self.state);
        in_background(move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let digest = digest(&content);
            if state.has_ended || state.saved == digest {
                return;
            }
            state.saved = digest;
            // Without it, the next start offers nothing; uploads are journaled in any case.
            drop(write(&folder, &name, &queue(content)));
        });
    }

    /// Ends the store. An interrupted run leaves its queue, one that the user ended does not.
    fn end(&self, content: Option<StoredContent>) {
        let queue = content.map(queue);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.has_ended = true;
        match queue {
            Some(queue) => drop(write(&self.folder, &self.name, &queue)),
            None => drop(fs::remove_file(self.folder.join(&self.name))),
        }
    }
}

/// Returns a digest of what is stored, which is equal for equal content.
fn digest(content: &StoredContent) -> u64 {
    struct Digest(DefaultHasher);
    impl io::Write for Digest {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Hasher::write(&mut self.0, bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut digest = Digest(DefaultHasher::new());
    // Neither the values nor the digest can fail.
    drop(serde_json::to_writer(&mut digest, content));
    digest.0.finish()
}

/// Returns the queue of this process.
fn queue((cases, files): StoredContent) -> StoredQueue {
    StoredQueue {
        process: getpid().as_raw_nonzero().get(),
        saved_at: Timestamp::now(),
        cases,
        files,
    }
}

/// Returns the latest queue of an interrupted run that is wanted, and makes its file that of this
/// run. Another dashboard that starts at the same time can't rename it, too, so that it is offered
/// once.
fn claim_interrupted(
    folder: &Path,
    own_name: &str,
    is_wanted: impl Fn(&StoredQueue) -> bool,
) -> Option<StoredQueue> {
    let is_running = |queue: &StoredQueue| {
        // In a container, processes of several runs may have the same ID.
        let process = Pid::from_raw(queue.process).filter(|process| *process != getpid());
        process.is_some_and(|process| test_kill_process(process).is_ok())
    };
    let entries = fs::read_dir(folder).ok()?.flatten();
    let stored = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        if !name.starts_with(QUEUE_FILE) || !name.ends_with(EXTENSION) {
            return None;
        }
        let queue: StoredQueue = read(&folder.join(&name))?;
        (is_wanted(&queue) && !is_running(&queue)).then_some((name, queue))
    });
    let mut stored: Vec<_> = stored.collect();
    stored.sort_by_key(|(_, queue)| Reverse(queue.saved_at));
    let own = folder.join(own_name);
    let mut stored = stored.into_iter();
    stored.find_map(|(name, queue)| {
        let claimed = fs::rename(folder.join(name), &own);
        claimed.is_ok().then_some(queue)
    })
}

impl EventLoop {
    /// Stores the queue if that is due.
    pub(super) fn store_queue(&mut self) {
        let store = self.queue_store.as_ref();
        let is_due = store.is_some_and(|store| store.save_at.is_some_and(|at| at <= now()));
        if !is_due || self.is_queue_offered() {
            return;
        }
        let content = self.stored_content();
        if let Some(store) = &mut self.queue_store {
            store.save_at = None;
            store.save(content);
        }
    }

    /// Stores the queue of an interrupted run, or removes that of one that the user ended.
    pub(super) fn end_store(&self, is_interrupted: bool) {
        // An offer that was not answered stays for the next start.
        if is_interrupted && self.is_queue_offered() {
            return;
        }
        let content = is_interrupted.then(|| self.stored_content());
        if let Some(store) = &self.queue_store {
            store.end(content.filter(|(_, files)| !files.is_empty()));
        }
    }

    /// Returns whether the user has not decided about the queue of an interrupted run.
    fn is_queue_offered(&self) -> bool {
        self.model.overlays.iter().any(|overlay| match overlay {
            Overlay::Choice(choice) => {
                let mut options = choice.options.iter();
                options.any(|option| option.action == ChoiceAction::RestoreQueue)
            }
            _ => false,
        })
    }

    /// Returns what to store.
    fn stored_content(&self) -> StoredContent {
        let inputs = &self.inputs.list;
        let cases = self.model.queue.cases().list();
        let mut used = BTreeSet::new();
        let files = unfinished(&self.model.queue).filter_map(|(id, file)| {
            let input = inputs.get(id.index())?;
            let is_file = matches!(input.origin, Origin::File | Origin::Member(_));
            let path = std::path::absolute(&input.path).ok().filter(|_| is_file)?;
            let bytes = path.as_os_str().as_bytes();
            let is_text = std::str::from_utf8(bytes).is_ok();
            used.extend(file.case);
            let case = file.case.and_then(|case| cases.get(case));
            Some(StoredFile {
                case: case.map(|case| case.name.clone()),
                path: path.to_string_lossy().into_owned(),
                path_bytes: (!is_text).then(|| STANDARD.encode(bytes)),
                ..StoredFile::choices_of(file)
            })
        });
        let files = files.collect();
        let used = used.iter().filter_map(|case| cases.get(*case));
        (used.map(StoredCase::of).collect(), files)
    }

    /// Adds the files of the interrupted run that are still there.
    pub(super) fn restore_queue(&mut self) {
        let store = self.queue_store.as_mut();
        let Some(queue) = store.and_then(|store| store.interrupted.take()) else {
            return;
        };
        let cases = queue.cases.into_iter().filter_map(StoredCase::case);
        for case in cases.collect::<Vec<_>>() {
            self.add_case(case);
        }
        // Members of archives can be in the queue, whether this run searches archives or not.
        let archives = self.search.archives();
        let (mut found, mut restored, mut missing) = (Vec::new(), Vec::new(), 0);
        for stored in queue.files {
            let discovered = path(&stored).and_then(|path| stored_input(path, &archives));
            let Some(mut input) = discovered else {
                missing += 1;
                continue;
            };
            let cases = self.model.queue.cases().list().iter().enumerate();
            let mut cases = cases.filter(|(_, case)| Some(&case.name) == stored.case.as_ref());
            let case = cases.next();
            let file = DiscoveredFile {
                name: FileName::of(&input.path),
                bytes: None,
                case: case.map(|(index, _)| index),
                expected: Arc::new(Expected {
                    requested_period: case.and_then(|(_, case)| case.requested),
                    ..Expected::default()
                }),
            };
            input.case = file.case;
            let next = FileId(u32::try_from(self.inputs.list.len()).unwrap_or(u32::MAX));
            let id = match self.inputs.add(input) {
                Ok(()) => {
                    found.push(file);
                    next
                }
                Err(known) => known,
            };
            restored.push(RestoredFile { file: id, stored });
        }
        self.frames.request(false);
        self.events_log.files_found(found.len());
        // The first screening would be replaced by the one with the restored choices.
        drop(update(&mut self.model, Message::FilesFound(found)));
        let message = Message::QueueRestored {
            files: restored,
            missing,
        };
        for effect in update(&mut self.model, message) {
            // Restored files only cause screening, which can't fail here.
            drop(self.perform(effect));
        }
    }
}

/// Returns the input of a stored path; `None` if the file is gone.
fn stored_input(path: PathBuf, archives: &Archives) -> Option<Input> {
    if path.is_file() {
        return batch::discover([Input::from(path)]).into_iter().next();
    }
    // The path of a member can be the start of others: those in a nested archive.
    batch::member_of(&path)?;
    let members = batch::discover_in([Input::from(path.clone())], Some(archives));
    members.into_iter().find(|input| input.path == path)
}

fn path(stored: &StoredFile) -> Option<PathBuf> {
    match &stored.path_bytes {
        Some(encoded) => {
            let bytes = STANDARD.decode(encoded).ok()?;
            Some(PathBuf::from(OsStr::from_bytes(&bytes)))
        }
        None => Some(PathBuf::from(&stored.path)),
    }
}

/// Returns the recent sessions, the latest first.
pub(super) fn recent_sessions() -> Vec<RecentSession> {
    let folder = state_folder().ok();
    let sessions = folder.and_then(|folder| read(&folder.join(SESSIONS_FILE)));
    sessions.unwrap_or_default()
}

/// Adds a session to the recent ones in the background.
pub(super) fn remember_session(recent: RecentSession) {
    in_background(move || {
        let Ok(folder) = state_folder() else { return };
        let mut sessions = recent_sessions();
        sessions.retain(|known| known.reference != recent.reference);
        sessions.insert(0, recent);
        sessions.truncate(MAX_SESSIONS);
        // Without it, the user types the reference again.
        drop(write(&folder, SESSIONS_FILE, &sessions));
    });
}

/// Reads a stored file; `None` if there is none or it is invalid.
fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Writes a file atomically, readable by its owner only.
fn write(folder: &Path, name: &str, content: &impl Serialize) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut file = BufWriter::new(NamedTempFile::new_in(folder)?);
    serde_json::to_writer(&mut file, content)?;
    let file = file.into_inner().map_err(IntoInnerError::into_error)?;
    file.persist(folder.join(name))
        .map_err(|error| error.error)?;
    Ok(())
}
