//! The promise of a watch: files that arrive in any way are each sent once, and none before it is
//! complete, while the watch is killed and restarted and a dashboard uploads to another session.

use crate::case_files::CustomerAccount;
use crate::case_server::{CaseServer, Faults};
use crate::drop_folders::Watch;
use crate::harness::TestDir;
use crate::pty::Terminal;
use crate::upload::{HASH, KEY};
use rustix::process::Signal;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// The number of files that arrive: 24, or the number in this variable.
const ARRIVALS: &str = "BANKSCREEN_TEST_ARRIVALS";
const FILES_PER_CASE: usize = 4;
/// Cases whose files arrive at the same time.
const WRITERS: usize = 8;
const SETTLE: f64 = 1.5;
/// What follows the end marker of each statement. A copy that stops before it is a whole statement
/// with other bytes, which nothing but its later change shows to be incomplete.
const TRAILER: &str = "% appended by the program that sent the statement\n%%EOF\n";

/// Returns a part of the settle time.
fn settle(part: f64) -> Duration {
    Duration::from_secs_f64(SETTLE * part)
}

fn hash(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// Writes a file in two pieces, with a pause between them.
fn write_slowly(path: &Path, (first, second): (&[u8], &[u8]), pause: Duration) {
    let mut file = File::create(path).unwrap();
    file.write_all(first).unwrap();
    thread::sleep(pause);
    file.write_all(second).unwrap();
}

/// Lets a file arrive in one of seven ways.
fn arrive(way: usize, path: &Path, bytes: &[u8], outside: &Path) {
    let temporary = |extension: &str| {
        let name = path.file_name().unwrap().to_str().unwrap();
        path.with_file_name(format!("{name}.{extension}"))
    };
    let halves = bytes.split_at(bytes.len() / 2);
    match way % 7 {
        // At once.
        0 => fs::write(path, bytes).unwrap(),
        // A slow copy.
        1 => {
            let pieces = bytes.split_at(bytes.len() - TRAILER.len());
            write_slowly(path, pieces, settle(0.25));
        }
        // A download under a temporary name.
        2 => {
            write_slowly(&temporary("part"), halves, settle(0.7));
            fs::rename(temporary("part"), path).unwrap();
        }
        // A copy that stops for longer than the settle time.
        3 => write_slowly(path, halves, settle(2.0)),
        // Complete on arrival.
        4 => {
            fs::write(outside, bytes).unwrap();
            fs::rename(outside, path).unwrap();
        }
        // Its space is reserved first, and its modification time is that of the original.
        5 => {
            let mut file = File::create(path).unwrap();
            file.set_len(bytes.len() as u64).unwrap();
            thread::sleep(settle(1.5));
            file.seek(SeekFrom::Start(0)).unwrap();
            file.write_all(bytes).unwrap();
            let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            file.set_modified(old).unwrap();
        }
        // Under a name that the user corrects, with a lock beside it.
        _ => {
            let lock = path.with_file_name("~$lock.pdf");
            fs::write(&lock, "lock").unwrap();
            fs::write(temporary("tmp.pdf"), bytes).unwrap();
            thread::sleep(settle(0.3));
            fs::rename(temporary("tmp.pdf"), path).unwrap();
            fs::remove_file(lock).unwrap();
        }
    }
}

/// Lets the files of all cases arrive, and counts those that have.
fn arrive_all(dir: &Path, cases: &[Vec<Vec<u8>>], arrived: &AtomicUsize) {
    let next = Mutex::new(cases.iter().enumerate());
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let next = &next;
            scope.spawn(move || {
                let outside = dir.join(format!("outside-{writer}"));
                loop {
                    let Some((index, files)) = next.lock().unwrap().next() else {
                        break;
                    };
                    let folder = dir.join(format!("in/case {index:03}"));
                    fs::create_dir(&folder).unwrap();
                    for (number, bytes) in files.iter().enumerate() {
                        let path = folder.join(format!("{number}.pdf"));
                        arrive(index + number, &path, bytes, &outside);
                        arrived.fetch_add(1, Ordering::Relaxed);
                    }
                    if index % 3 == 0 {
                        fs::write(folder.join("0 (copy).pdf"), &files[0]).unwrap();
                    }
                }
            });
        }
    });
}

/// Starts a dashboard, and uploads its file to a session of its own.
fn upload_by_hand(dir: &TestDir, server: &CaseServer) -> Terminal {
    let args = [
        "branch",
        "--link-id",
        "branch",
        "--from",
        "2024-01-01",
        "--to",
        "2024-01-31",
    ];
    let mut command = dir.command(args);
    command
        .env("TERM", "xterm-256color")
        .env("BANKSCREEN_BASE_URL", server.base_url())
        .env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_SERVER_HASH", HASH);
    let mut terminal = Terminal::start(&command, 100, 28);
    terminal.wait_for("1 ready");
    terminal.wait_for("u uploads");
    terminal.type_text("u\r");
    terminal.wait_for("accepted");
    terminal
}

/// Returns the number of files that were accepted for cases of the watch.
fn sent(server: &CaseServer) -> usize {
    let accepted = server.accepted();
    accepted.keys().filter(|(case, _)| case != "branch").count()
}

/// Returns the number of files that a kill left with an unknown outcome. The service may have them,
/// so a watch never sends them again.
fn unknown(dir: &TestDir) -> usize {
    let output = dir.run(["history", "--outcome", "unknown", "--format", "ndjson"]);
    let entries = output.stdout.lines();
    entries.filter(|line| line.contains("\"unknown\"")).count()
}

#[test]
fn files_that_arrive_in_pieces_are_each_sent_once_and_none_early() {
    let count = std::env::var(ARRIVALS).map_or(24, |count| count.parse().unwrap());
    let dir = TestDir::new();
    fs::create_dir(dir.path().join("in")).unwrap();
    let account = |seed: usize| CustomerAccount::new("hdfc", u64::try_from(seed).unwrap());
    let cases = (0..count / FILES_PER_CASE).map(|case| {
        let mut files = account(case + 1).months(&[1, 2, 3, 4]);
        for file in &mut files {
            file.extend_from_slice(TRAILER.as_bytes());
        }
        files
    });
    let cases: Vec<_> = cases.collect();
    let mut expected: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (index, files) in cases.iter().enumerate() {
        let keys = files
            .iter()
            .map(|bytes| (format!("case {index:03}"), hash(bytes)));
        expected.extend(keys.map(|key| (key, 1)));
    }
    let by_hand = &account(cases.len() + 1).months(&[1])[0];
    dir.write("branch/january.pdf", by_hand);
    let server = CaseServer::start(Faults {
        busy: 23,
        delay: Duration::from_millis(2),
        ..Faults::default()
    });
    let watch = || Watch::start(&dir, &server, SETTLE, &["--jobs", "1"]);
    let arrived = AtomicUsize::new(0);
    let last = thread::scope(|scope| {
        scope.spawn(|| arrive_all(dir.path(), &cases, &arrived));
        let first = watch();
        first.wait("a third of the uploads", || sent(&server) >= count / 3);
        first.kill();
        let second = watch();
        let mut dashboard = upload_by_hand(&dir, &server);
        second.wait("two thirds of the uploads", || {
            sent(&server) >= count * 2 / 3
        });
        let (code, messages) = second.end(Signal::TERM);
        assert_eq!(code, Some(143), "{messages}");
        let third = watch();
        third.wait("all uploads", || sent(&server) + unknown(&dir) >= count);
        dashboard.type_text("q");
        dashboard.wait_for_exit();
        third
    });
    assert_eq!(arrived.load(Ordering::Relaxed), count);
    // What would be sent again would be sent now.
    thread::sleep(settle(4.0));
    let (code, messages) = last.end(Signal::TERM);
    assert_eq!(code, Some(143), "{messages}");
    expected.insert(("branch".to_owned(), hash(by_hand)), 1);
    // Of at most four simultaneous uploads, a kill can leave some that never arrived.
    let accepted = server.accepted();
    let mut missing = expected.clone();
    missing.retain(|key, _| !accepted.contains_key(key));
    assert!(missing.len() <= unknown(&dir).min(4), "{missing:?}");
    expected.retain(|key, _| !missing.contains_key(key));
    assert_eq!(accepted, expected, "each file once, and none early");
    let unfinished: BTreeSet<_> = missing.into_keys().map(|(case, _)| case).collect();
    // The folder is as it was: one more watch finishes every case, and moves it.
    let last = Watch::start(&dir, &server, SETTLE, &["--move-done", "done"]);
    let is_empty = || fs::read_dir(dir.path().join("in")).unwrap().count() == unfinished.len();
    last.wait("all cases to be moved", is_empty);
    let (code, messages) = last.end(Signal::TERM);
    assert_eq!(code, Some(143), "{messages}");
    assert_eq!(server.accepted(), expected);
    let moved = |index: usize| dir.path().join(format!("done/case {index:03}"));
    for (index, files) in cases.iter().enumerate() {
        if unfinished.contains(&format!("case {index:03}")) {
            continue;
        }
        let found: BTreeSet<PathBuf> = fs::read_dir(moved(index))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        let copies = usize::from(index % 3 == 0);
        assert_eq!(found.len(), FILES_PER_CASE + copies, "{found:?}");
        for (number, bytes) in files.iter().enumerate() {
            let path = moved(index).join(format!("{number}.pdf"));
            assert_eq!(&fs::read(path).unwrap(), bytes);
        }
    }
}
