//! The journal with several processes: crashes, contention, full disks and masked account numbers.
//!
//! The other processes are this test binary, started to run a single ignored test. They print
//! events in lines that start with `@`.

use bankscreen::journal::{
    BeginResult, HistoryQuery, Intent, Journal, JournalReader, Locked, Resend,
};
use bankscreen::screen::ContentHash;
use bankscreen::uploads::plan::{Outcome, OutcomeCode, OutcomeKind, Owner, Receipt};
use jiff::Timestamp;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const ROLE: &str = "JOURNAL_TEST_ROLE";
const FOLDER: &str = "JOURNAL_TEST_FOLDER";
const FROM: &str = "JOURNAL_TEST_FROM";
const SESSION: &str = "3d0e-session";
const ACCOUNT: &str = "50100123456789";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn intent(index: usize) -> Intent {
    Intent {
        content: ContentHash::of(&index.to_le_bytes()),
        session: SESSION.to_owned(),
        name: format!("{index}.pdf"),
        bytes: 1000,
        bank: None,
        account: None,
        request: None,
        predicted: Vec::new(),
        resend: Resend::default(),
        at: at(0),
    }
}

fn open(folder: &Path) -> Journal {
    Journal::open(folder, Some(Owner::new(&[1; 32])), None).unwrap()
}

fn accepted() -> Outcome {
    Outcome {
        kind: OutcomeKind::Accepted,
        code: None,
        http_status: Some(200),
        attempts: 1,
        receipt: Receipt::default(),
    }
}

fn child_command(role: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "journal::child_process",
            "--ignored",
            "--nocapture",
        ])
        .env(ROLE, role)
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
#[ignore = "runs in a child process; started by the tests of this file"]
fn child_process() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let folder = std::env::var_os(FOLDER).unwrap();
    let folder = Path::new(&folder);
    match role.as_str() {
        "send" => send_until_killed(folder),
        "hold" => hold(folder),
        "fill" => fill(folder),
        "read" => write_then_read(folder),
        role => panic!("unknown role {role}"),
    }
}

/// Prints an event for the parent process.
fn emit(event: impl std::fmt::Display) {
    let mut out = std::io::stdout();
    writeln!(out, "@{event}").unwrap();
}

/// Records attempts until the process is killed.
fn send_until_killed(folder: &Path) {
    let mut journal = open(folder);
    let Locked::Taken(_lock) = journal.locks().take(SESSION, at(0)).unwrap() else {
        panic!("the killed process has the lock");
    };
    journal.recover(SESSION, at(0)).unwrap();
    let from: usize = std::env::var(FROM).unwrap().parse().unwrap();
    for index in from.. {
        let BeginResult::Recorded(id) = journal.begin(&intent(index)).unwrap() else {
            continue;
        };
        emit(format_args!("intended {index}"));
        journal.body_started(id).unwrap();
        emit(format_args!("sent {index}"));
        std::thread::sleep(Duration::from_millis(1));
        journal.settle(id, &accepted(), at(1)).unwrap();
        emit(format_args!("settled {index}"));
    }
}

/// Keeps the session locked until standard input ends, or prints the process that has it.
fn hold(folder: &Path) {
    let journal = open(folder);
    match journal.locks().take(SESSION, at(0)).unwrap() {
        Locked::Taken(_lock) => {
            emit(format_args!("sender {}", std::process::id()));
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        Locked::Held(holder) => {
            // A new holder needs a moment to write its record.
            let pid = holder.map_or(0, |holder| holder.pid);
            emit(format_args!("second {pid}"));
        }
    }
}

/// Writes until a file-size limit is reached, then lifts the limit and settles an open entry.
fn fill(folder: &Path) {
    let signal = std::sync::Arc::default();
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, signal).unwrap();
    let mut journal = open(folder);
    let BeginResult::Recorded(sent) = journal.begin(&intent(0)).unwrap() else {
        panic!("a new journal has an entry");
    };
    journal.body_started(sent).unwrap();
    let limit = |bytes| Rlimit {
        current: bytes,
        maximum: None,
    };
    setrlimit(Resource::Fsize, limit(Some(200 << 10))).unwrap();
    let mut index = 1;
    let error = loop {
        match journal.begin(&intent(index)) {
            Ok(_) => index += 1,
            Err(error) => break error,
        }
    };
    emit(format_args!("begun {index}"));
    emit(format_args!("error {error}"));
    assert!(journal.settle(sent, &accepted(), at(1)).is_err());
    setrlimit(Resource::Fsize, limit(None)).unwrap();
    journal.settle(sent, &accepted(), at(1)).unwrap();
}

/// Tries to open the journal for writing, then reads it.
fn write_then_read(folder: &Path) {
    let error = Journal::open(folder, None, None).unwrap_err();
    emit(format_args!("write {error}"));
    let mut reader = JournalReader::open(folder).unwrap().unwrap();
    let (entries, _) = reader.history(&HistoryQuery::default()).unwrap();
    emit(format_args!("read {}", entries.len()));
}

/// Returns the events of a process until its end.
fn events(child: Child) -> Vec<(String, String)> {
    let output = child.wait_with_output().unwrap();
    parse_events(&String::from_utf8(output.stdout).unwrap())
}

/// Parses events. A last line without a line break was cut by a kill and is ignored.
fn parse_events(text: &str) -> Vec<(String, String)> {
    let lines = text.split_inclusive('\n');
    let complete = lines.filter_map(|line| line.strip_suffix('\n'));
    complete.filter_map(parse_event).collect()
}

/// Parses one event. The test harness may have printed before it on the same line.
fn parse_event(line: &str) -> Option<(String, String)> {
    let (_, event) = line.split_once('@')?;
    let (name, value) = event.split_once(' ')?;
    Some((name.to_owned(), value.to_owned()))
}

fn outcomes(folder: &Path) -> BTreeMap<String, &'static str> {
    let Some(mut reader) = JournalReader::open(folder).unwrap() else {
        return BTreeMap::new();
    };
    let (entries, _) = reader.history(&HistoryQuery::default()).unwrap();
    let name = |settled: Option<OutcomeKind>| settled.map_or("open", OutcomeKind::name);
    entries
        .into_iter()
        .map(|entry| (entry.name, name(entry.settled.map(|s| s.outcome.kind))))
        .collect()
}

#[test]
fn a_killed_writer_loses_no_entry_and_sends_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut sent: BTreeMap<usize, usize> = BTreeMap::new();
    let mut last_event: BTreeMap<usize, String> = BTreeMap::new();
    for round in 0..40_u64 {
        let from = last_event
            .keys()
            .next_back()
            .map_or(0, |last| last.saturating_sub(3));
        let mut child = child_command("send", folder.path())
            .env(FROM, from.to_string())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        // Some processes are killed at startup, most while sending.
        while round % 5 != 0 && !text.contains("@sent") {
            assert!(output.read_line(&mut text).unwrap() > 0, "the child ended");
        }
        std::thread::sleep(Duration::from_millis(round * 7919 % 13));
        child.kill().unwrap();
        output.read_to_string(&mut text).unwrap();
        child.wait().unwrap();
        for (event, index) in parse_events(&text) {
            let index = index.parse().unwrap();
            if event == "sent" {
                *sent.entry(index).or_default() += 1;
            }
            last_event.insert(index, event);
        }
        let outcomes = outcomes(folder.path());
        for (index, event) in &last_event {
            let outcome = outcomes.get(&format!("{index}.pdf"));
            let allowed: &[&str] = match event.as_str() {
                "settled" => &["accepted"],
                // Killed before the next event was printed, or before the commit.
                "sent" => &["unknown", "accepted"],
                _ => &["skipped", "unknown"],
            };
            let is_allowed = outcome.is_some_and(|outcome| allowed.contains(outcome));
            assert!(is_allowed, "{index} was {event} and is {outcome:?}");
        }
    }
    assert!(
        sent.values().all(|times| *times == 1),
        "sent twice: {sent:?}"
    );
    let outcomes = outcomes(folder.path());
    let unknown = outcomes.values().filter(|outcome| **outcome == "unknown");
    let (sent, unknown) = (sent.len(), unknown.count());
    // Otherwise the kills were too early or too late to test anything.
    let is_significant = sent > 30 && (3..40).contains(&unknown);
    assert!(is_significant, "{sent} sent, {unknown} unknown");
}

#[test]
fn one_of_twenty_processes_sends_to_a_session_and_all_open_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let start = |_| child_command("hold", folder.path()).spawn().unwrap();
    let mut children: Vec<_> = (0..20).map(start).collect();
    let first_events = children.iter_mut().map(|child| {
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines
            .map(Result::unwrap)
            .find_map(|line| parse_event(&line))
            .unwrap()
    });
    let events: Vec<_> = first_events.collect();
    let (senders, others): (Vec<_>, Vec<_>) =
        events.iter().partition(|(event, _)| event == "sender");
    assert_eq!(senders.len(), 1, "{events:?}");
    let named = others.iter().filter(|(_, pid)| *pid == senders[0].1);
    assert!(named.count() > 10, "{events:?}");
    for mut child in children {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}

#[test]
fn a_full_disk_prevents_new_intents_and_loses_no_entry() {
    let folder = tempfile::tempdir().unwrap();
    let events = events(child_command("fill", folder.path()).spawn().unwrap());
    let begun: usize = events[0].1.parse().unwrap();
    assert!(begun > 1);
    assert!(events[1].1.contains("journal"), "{events:?}");
    let outcomes = outcomes(folder.path());
    assert_eq!(outcomes.len(), begun);
    assert_eq!(
        outcomes["0.pdf"], "accepted",
        "settled after the limit was lifted"
    );
    assert_eq!(outcomes["1.pdf"], "skipped");
}

#[test]
fn a_read_only_folder_is_readable_but_not_writable() {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    const UNPRIVILEGED: u32 = 65_534;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("state");
    let mut journal = open(&folder);
    journal.begin(&intent(0)).unwrap();
    drop(journal);
    let mut command = child_command("read", &folder);
    // Root ignores permissions, so the child runs as another user.
    if rustix::process::geteuid().is_root() {
        for path in [parent.path().to_owned(), folder.clone()] {
            chown(path, Some(UNPRIVILEGED), None).unwrap();
        }
        for file in std::fs::read_dir(&folder).unwrap() {
            chown(file.unwrap().path(), Some(UNPRIVILEGED), None).unwrap();
        }
        command.uid(UNPRIVILEGED);
    }
    let files = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap());
    for file in files.filter(|file| file.path().is_file()) {
        let read = std::fs::Permissions::from_mode(0o400);
        std::fs::set_permissions(file.path(), read).unwrap();
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
    let events = events(command.spawn().unwrap());
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    assert!(events[0].1.contains("not usable"), "{events:?}");
    assert_eq!(events[1], ("read".to_owned(), "1".to_owned()));
}

#[test]
fn no_file_of_the_journal_contains_full_account_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let check = || {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let found = memchr::memmem::find(&bytes, ACCOUNT.as_bytes());
            assert_eq!(found, None, "{}", path.display());
        }
    };
    let mut journal = open(folder.path());
    let named = Intent {
        name: format!("statement {ACCOUNT}.pdf"),
        account: Some(ACCOUNT.to_owned()),
        ..intent(0)
    };
    let BeginResult::Recorded(id) = journal.begin(&named).unwrap() else {
        panic!("a new journal has an entry");
    };
    let mut outcome = accepted();
    outcome.code = Some(OutcomeCode::from_name(&format!("NO_{ACCOUNT}")));
    outcome.receipt.months = vec![ACCOUNT.to_owned()];
    journal.settle(id, &outcome, at(1)).unwrap();
    check();
    drop(journal);
    check();
}
